"""Gradients written where they will be needed are the gradients that there would be else, and nothing is joined."""

import threading

import numpy as np
import pytest

import chainrule
from chainrule.graph import destinations
from chainrule.native import kernels
from chainrule.ops import attention, join, matmul

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
BATCH, LENGTH, HEADS, WIDTH = 6, 64, 4, 64


def tensors():
    rng = np.random.default_rng(0)
    x = chainrule.tensor(rng.standard_normal((BATCH, LENGTH, 3 * WIDTH)).astype(np.float32), requires_grad=True)
    return x, chainrule.tensor(rng.standard_normal((BATCH, LENGTH, WIDTH)).astype(np.float32))


def heads(part):
    return part.view(BATCH, LENGTH, HEADS, WIDTH // HEADS).transpose(1, 2)


def attended(q, k, v):
    y = chainrule.softmax(q @ k.transpose(-2, -1), -1) @ v
    return y.transpose(1, 2).contiguous().view(BATCH, LENGTH, WIDTH)


def plain(y):
    return attended(*map(heads, y.split(WIDTH, 2)))


def twice(y):
    q, k, v = map(heads, y.split(WIDTH, 2))
    return attended(q, k, v) + attended(k, q, v)


def a_part_that_is_used_elsewhere(y):
    q, k, v = y.split(WIDTH, 2)
    return attended(heads(q), heads(k), heads(v)) + q


def a_part_that_nobody_uses(y):
    q, k, _ = map(heads, y.split(WIDTH, 2))
    return attended(q, k, q)


def stacked(y):
    return attended(*map(heads, y.view(BATCH, LENGTH, 3, WIDTH).unbind(2)))


def permuted(y):
    return attended(*y.view(BATCH, LENGTH, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4).unbind(0))


def apart(y):
    return attended(heads(y[..., :WIDTH] * 1), heads(y[..., WIDTH : 2 * WIDTH] * 2), heads(y[..., 2 * WIDTH :] * 3))


def hooked(y):
    q, k, v = y.split(WIDTH, 2)
    q.register_hook(lambda g: 2 * g)
    q, k, v = map(heads, (q, k, v))
    k.register_hook(lambda g: 3 * g)
    v.retain_grad()
    return attended(q, k, v)


CASES = [plain, twice, a_part_that_is_used_elsewhere, a_part_that_nobody_uses, stacked, permuted, apart, hooked]


def gradient(case, **options):
    x, w = tensors()
    (case(x * 1) * w).sum().backward(**options)
    return x.grad.numpy()


@pytest.fixture
def joined(monkeypatch):
    """How often parts of a gradient were joined, a list that grows."""
    calls = []
    for op in (join.Cat, join.Stack):
        compute = op.compute
        monkeypatch.setattr(op, "compute", lambda self, *parts, compute=compute: calls.append(1) or compute(self, *parts))
    return calls


@pytest.mark.parametrize("case", CASES)
def test_the_same_gradients(case, monkeypatch):
    here = gradient(case)
    assert not destinations.wholes
    monkeypatch.setattr(matmul, "destination", lambda *_: None)
    np.testing.assert_allclose(here, gradient(case), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", [plain, stacked])
def test_nothing_is_joined_or_copied(case, joined, monkeypatch):
    gradient(case)
    assert not joined
    monkeypatch.setattr(matmul, "destination", lambda *_: None)
    gradient(case)
    assert len(joined) == 1


@pytest.mark.parametrize("case", [twice, a_part_that_is_used_elsewhere, a_part_that_nobody_uses])
def test_what_went_another_way_is_joined(case, joined):
    gradient(case)
    assert len(joined) == 1


def test_the_gradient_of_a_view_of_it_all_is_in_order():
    """Through a transposition, a product's gradient comes out in order: no copy is made of it when it is reshaped."""
    x, w = tensors()
    y = chainrule.zeros(BATCH, LENGTH, WIDTH, requires_grad=True)
    seen = []
    z = y * 1
    z.register_hook(lambda g: seen.append(g.is_contiguous()))
    q = heads(z)
    (q @ q.detach().transpose(-2, -1)).sum().backward()
    assert seen == [True]


def test_two_passes_over_one_graph():
    x, w = tensors()
    loss = (plain(x * 1) * w).sum()
    loss.backward(retain_graph=True)
    first = x.grad.numpy().copy()
    loss.backward()
    np.testing.assert_allclose(x.grad.numpy(), 2 * first, rtol=1e-6)


def test_gradients_asked_for_are_in_order():
    x, w = tensors()
    q, k, v = map(heads, (x * 1).split(WIDTH, 2))
    found = chainrule.autograd.grad((attended(q, k, v) * w).sum(), (q, v))
    assert all(g.is_contiguous() for g in found) and not destinations.wholes


def test_higher_derivatives_go_their_own_way():
    x, w = tensors()
    (g,) = chainrule.autograd.grad((plain(x) * w).sum(), x, create_graph=True)
    np.testing.assert_allclose(g.detach().numpy(), gradient(plain), rtol=1e-4, atol=1e-5)
    g.square().sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


def test_a_pass_that_fails_leaves_nothing():
    x, w = tensors()

    def fail(_):
        raise RuntimeError("as it was told")

    y = x * 1
    q, k, v = y.split(WIDTH, 2)
    q.register_hook(fail)
    with pytest.raises(RuntimeError, match="as it was told"):
        (attended(*map(heads, (q, k, v))) * w).sum().backward()
    assert not destinations.wholes


def test_passes_over_one_graph_in_several_threads():
    x, w = tensors()
    y = x * 1
    loss = (plain(y) * w).sum()
    expected = gradient(plain)
    found, errors = [], []
    y.register_hook(lambda g: found.append(g.numpy().copy()))

    def run():
        try:
            loss.backward(retain_graph=True)
        except Exception as error:  # would else be lost in the thread
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors and len(found) == 4
    for g in found:
        np.testing.assert_allclose(g, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_attention_of_several_heads(batch_first, masked, joined, monkeypatch):
    chainrule.manual_seed(0)
    model = chainrule.nn.MultiheadAttention(64, 4, batch_first=batch_first)
    x = chainrule.randn(16, 32, 64)
    hidden = chainrule.rand(16, 32) > 0.8 if masked else None
    if masked and not batch_first:
        hidden = hidden.T.contiguous()

    def gradients(needed):
        model.zero_grad()
        y = model(x, x, x, key_padding_mask=hidden, need_weights=needed)[0]
        (y * y).sum().backward()
        return y.detach().numpy(), *(p.grad.numpy() for p in model.parameters())

    found = gradients(False)
    assert not joined and not destinations.wholes
    by_hand = gradients(True)
    for a, b in zip(found, by_hand, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-4)
    monkeypatch.setattr(attention, "destination", lambda *_: None)
    for a, b in zip(found, gradients(False), strict=True):
        np.testing.assert_array_equal(a, b)
    assert joined


def test_samples_that_lie_one_after_the_other_are_multiplied_in_that_order():
    """With ``batch_first``, neither what attention is given nor what it gives is copied into another order; the numbers are those
    of other layouts."""
    chainrule.manual_seed(0)
    model = chainrule.nn.MultiheadAttention(64, 4, batch_first=True)
    inputs = [chainrule.randn(6, 33, 64).requires_grad_() for _ in range(3)]
    for given in (inputs[:1] * 3, [inputs[0], inputs[1], inputs[1]], inputs):
        y = model(*given, need_weights=False)[0]
        assert y.is_contiguous()
        y.backward(chainrule.ones_like(y))
        found = [y, *[x.grad for x in given], model.in_proj_weight.grad]
        others = [x.detach().transpose(0, 1).contiguous().requires_grad_() for x in inputs]
        others = [others[next(i for i, z in enumerate(inputs) if z is x)] for x in given]
        for p in model.parameters():
            p.grad = None
        model.batch_first = False
        z = model(*others, need_weights=False)[0]
        z.backward(chainrule.ones_like(z))
        model.batch_first = True
        expected = [z.transpose(0, 1), *[x.grad.transpose(0, 1) for x in others], model.in_proj_weight.grad]
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=2e-4, atol=2e-5)
        for x in (*inputs, *model.parameters()):
            x.grad = None
