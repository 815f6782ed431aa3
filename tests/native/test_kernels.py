"""What has machine code of its own, held to the NumPy way of doing the same: convolution, pooling, norms, recurrent layers, updates."""

import numpy as np
import pytest

import chainrule
from chainrule.base import threads
from chainrule.native import kernels
from chainrule.nn import functional as F
from chainrule.ops import stable
from chainrule.ops.kernels import direct, planes, recurrent, rows, softmax_rows, tile_direct, tiles
from chainrule.optim import machine

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
KINDS = [chainrule.float32, chainrule.float64]


def both(monkeypatch, module, name, program, without=lambda *_: False):
    """The results of a program with machine code and without, having made sure that there is a difference."""
    asked = []
    original = getattr(module, name)
    monkeypatch.setattr(module, name, lambda *args: asked.append(bool(found := original(*args))) or found)
    with_code = program()
    monkeypatch.setattr(module, name, without)
    assert any(asked), "no machine code ran"
    return with_code, program()


def close(pair, kind):
    tight = 3e-6 if kind is chainrule.float32 else 1e-13
    for a, b in zip(*pair, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=0, atol=tight * max(np.abs(b).max(), 1))


def run(function, *shapes, kind):
    """A function's value on normal numbers, and its gradients along a direction."""
    chainrule.manual_seed(0)
    inputs = [chainrule.randn(*shape, dtype=kind).requires_grad_() for shape in shapes]
    y = function(*inputs)
    y.backward(chainrule.randn(*y.shape, dtype=kind))
    return [y.detach().numpy(), *(x.grad.numpy() for x in inputs)]


CONVOLUTIONS = {
    "one channel": ((6, 1, 28, 28), (32, 1, 3, 3), {"padding": 1}),
    "many": ((9, 32, 14, 14), (64, 32, 3, 3), {"padding": 1}),
    "no padding": ((2, 8, 20, 21), (12, 8, 5, 3), {}),
    "dilated, uneven padding": ((8, 3, 15, 17), (16, 3, 5, 3), {"padding": (2, 0), "dilation": (1, 2)}),
    "padding wider than the kernel": ((3, 4, 6, 6), (8, 4, 2, 2), {"padding": 2}),
    "groups": ((4, 8, 12, 12), (16, 4, 3, 3), {"padding": 1, "groups": 2}),
    "one axis": ((5, 8, 50), (12, 8, 4), {"padding": 2}),
    "three axes": ((3, 4, 5, 6, 7), (7, 4, 2, 3, 2), {"padding": 1}),
    "tiny images": ((40, 16, 2, 3), (24, 16, 3, 3), {"padding": 1}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution(name, kind, monkeypatch):
    x, w, options = CONVOLUTIONS[name]
    monkeypatch.setattr(direct, "LEAST_WORK", 0)
    monkeypatch.setattr(tile_direct, "LEAST_WORK", 1 << 60)  # tests/ops/kernels has tests of its own for tile registers
    function = {3: F.conv1d, 4: F.conv2d, 5: F.conv3d}[len(x)]
    close(both(monkeypatch, direct, "suits", lambda: run(lambda *a: function(*a, **options), x, w, (w[0],), kind=kind)), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_convolutions_of_several_sizes_in_turn_do_not_disturb_each_other(kind, monkeypatch):
    """Lines are laid out in memory that is used again, whose gaps must have stayed zero."""
    monkeypatch.setattr(direct, "LEAST_WORK", 0)

    def program():
        found = []
        for samples, size in ((5, 9), (2, 9), (5, 7), (13, 9), (5, 9)):
            found += run(lambda x, w: F.conv2d(x, w, padding=1), (samples, 4, size, size), (8, 4, 3, 3), kind=kind)
        return found

    close(both(monkeypatch, direct, "suits", program), kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "tile"), [((4, 5, 28, 28), 2), ((4, 5, 29, 31), 2), ((3, 2, 9, 75), 2), ((3, 2, 9, 75), (3, 1)), ((2, 3, 9, 12), 3), ((2, 3, 9, 12), (1, 2)), ((3, 2, 101), 4)])
def test_max_pooling(shape, tile, kind, monkeypatch):
    monkeypatch.setattr(tiles, "LEAST", 0)
    pool = F.max_pool2d if len(shape) == 4 else F.max_pool1d

    def program():
        chainrule.manual_seed(0)
        x = chainrule.randint(-3, 3, shape).to(kind)  # many ties
        x.view(-1)[7] = float("nan")
        x.requires_grad_()
        y, places = pool(x, tile, return_indices=True)
        z = pool(x, tile)
        z.backward(chainrule.arange(1.0, z.numel() + 1, dtype=kind).reshape(z.shape))
        return y.detach().numpy(), places.numpy(), z.detach().numpy(), x.grad.numpy()

    for a, b in zip(*both(monkeypatch, tiles, "suits", program), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(9, 5, 7, 3), (2, 3, 4, 4), (4, 40, 101), (70, 1, 18), (1, 6, 5, 5)])
def test_batch_norm(shape, kind, monkeypatch):
    monkeypatch.setattr(planes, "LEAST", 0)
    c = shape[1:2]
    mean, var = chainrule.linspace(-1, 2, *c, dtype=kind), chainrule.linspace(0.5, 3, *c, dtype=kind)

    def program():
        trained = run(lambda x, w, b: F.batch_norm(x * 3 + 50, None, None, w, b, training=True), shape, c, c, kind=kind)
        given = run(lambda x, w, b: F.batch_norm(x, mean, var, w, b), shape, c, c, kind=kind)
        return [*trained, *given, *run(lambda x: F.batch_norm(x, None, None, training=True), shape, kind=kind)]

    a, b = both(monkeypatch, planes, "suits", program)
    for found, expected in zip(a, b, strict=True):
        assert found.dtype == expected.dtype
        bound = (1e-5 if kind is chainrule.float32 else 1e-13) * max(np.abs(expected).max(), 1)
        np.testing.assert_allclose(found, expected, rtol=0, atol=bound)


@pytest.mark.parametrize("shapes", [((9, 32, 14, 14), (64, 32, 3, 3)), ((5, 128, 9, 9), (300, 128, 3, 3)), ((1, 16, 40, 40), (24, 16, 3, 3))])
def test_results_do_not_depend_on_the_number_of_threads(shapes):
    def program():
        return run(lambda x, w, b: F.batch_norm(F.conv2d(x, w, b, padding=1), None, None, training=True), *shapes, shapes[1][:1], kind=KINDS[0])

    before, found = threads.cores(), []
    try:
        for count in (1, 2, 3):
            threads.use_cores(count)
            found.append(program())
    finally:
        threads.use_cores(before)
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(700, 128), (12, 64, 100), (100, 257)])
def test_layer_norm(shape, kind, monkeypatch):
    n = shape[-1:]
    programs = [
        lambda: run(lambda x, w, b: F.layer_norm(x, n, w, b), shape, n, n, kind=kind),
        lambda: run(lambda x: F.layer_norm(x, n), shape, kind=kind),
        lambda: run(lambda x, w: F.rms_norm(x, n, w), shape, n, kind=kind),
    ]
    suits = rows.suits
    for program in programs:
        monkeypatch.setattr(rows, "suits", suits)
        close(both(monkeypatch, rows, "suits", program), kind)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("shape", [(700, 64), (12, 64, 100), (40, 1000), (1, 8000)])
def test_softmax(name, shape, monkeypatch):
    monkeypatch.setattr(softmax_rows, "LEAST", 0)
    monkeypatch.setattr(stable, "LARGE", 0)
    program = lambda: run(lambda x: getattr(F, name)(5 * x, -1), shape, kind=chainrule.float32)  # noqa: E731
    close(both(monkeypatch, softmax_rows, "suits", program), chainrule.float32)


def test_softmax_of_masked_rows(monkeypatch):
    """Entries of −∞ get nothing, a row of nothing else is NaN, and so is one with a NaN."""
    monkeypatch.setattr(stable, "LARGE", 0)
    monkeypatch.setattr(softmax_rows, "LEAST", 0)

    def program():
        x = chainrule.randn(40, 70, generator=chainrule.Generator().manual_seed(0))
        x[0], x[1, 3], x[2, 5:] = float("-inf"), float("nan"), float("-inf")
        x.requires_grad_()
        y = x.softmax(-1) + x.log_softmax(-1).exp()
        y.backward(chainrule.ones_like(y).cumsum(0))
        return y.detach().numpy(), x.grad.numpy()

    for a, b in zip(*both(monkeypatch, softmax_rows, "suits", program), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-6, atol=2e-6)


RECURRENT = {"LSTM": {}, "GRU": {}, "RNN": {}, "relu": {"nonlinearity": "relu"}}


@pytest.mark.parametrize("which", [(0,), (1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize(("steps", "batch", "inputs", "hidden"), [(5, 32, 6, 32), (7, 19, 13, 37), (3, 1, 8, 600), (1, 70, 5, 16)])
@pytest.mark.parametrize("kind", RECURRENT)
def test_recurrent_layers(kind, steps, batch, inputs, hidden, which, monkeypatch):
    """With the loss depending on the states, the last state, the last cell, and all of them."""
    chainrule.manual_seed(1)
    layer = getattr(chainrule.nn, "RNN" if kind == "relu" else kind)(inputs, hidden, **RECURRENT[kind])
    which = tuple(i for i in which if i < 2 or kind == "LSTM") or (1,)

    def program():
        layer.zero_grad()
        chainrule.manual_seed(2)
        x, h, c = (chainrule.randn(*s, requires_grad=True) for s in ((steps, batch, inputs), (1, batch, hidden), (1, batch, hidden)))
        y, last = layer(x, (h, c) if kind == "LSTM" else h)
        outputs = (y, *last) if kind == "LSTM" else (y, last)
        sum((outputs[i] * chainrule.randn(*outputs[i].shape)).sum() for i in which).backward()
        given = (x, h, c) if kind == "LSTM" else (x, h)
        return [*(o.detach().numpy() for o in outputs), *(p.grad.numpy() for p in (*given, *layer.parameters()))]

    close(both(monkeypatch, recurrent, "suits", program), chainrule.float32)


UPDATES = [
    ("Adam", {}), ("Adam", {"weight_decay": 0.1, "betas": (0.5, 0.9), "eps": 1e-3}), ("AdamW", {"weight_decay": 0.3, "lr": 0.1}),
    ("SGD", {"lr": 0.1}), ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}), ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1}),
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "settings"), UPDATES)
def test_updates(name, settings, kind, monkeypatch):
    def program():
        chainrule.manual_seed(0)
        w = chainrule.randn(300, 100, dtype=kind, requires_grad=True)
        optimizer = getattr(chainrule.optim, name)([w], **settings)
        for _ in range(4):
            optimizer.zero_grad()
            ((w**2).sum() + w.sin().sum()).backward()
            optimizer.step()
        return [w.detach().numpy(), *(v.numpy() for v in optimizer.state[w].values())]

    close(both(monkeypatch, machine.Places, "update", program), kind)
