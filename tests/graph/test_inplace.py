"""Writing into tensors and views of them: histories as in PyTorch; what may not be written into."""

import random

import numpy as np
import pytest

import chainrule
from chainrule import tensor

VIEWS = [
    lambda x: x[0], lambda x: x[-1:], lambda x: x.t() if x.dim() == 2 else x, lambda x: x.reshape(-1),
    lambda x: x.unsqueeze(0), lambda x: x[1:] if x.dim() and x.shape[0] > 1 else x[:], lambda x: x[..., 0] if x.dim() else x,
    lambda x: x[::2], lambda x: x.view_as(x), lambda x: x.diagonal() if x.dim() == 2 else x, lambda x: x.squeeze(),
    lambda x: x.detach(), lambda x: x.narrow(0, 0, 1),
]  # fmt: skip
WRITES = [
    lambda x: x.mul_(2), lambda x: x.add_(1.5), lambda x: x.sin_(), lambda x: x.zero_(), lambda x: x.fill_(0.3),
    lambda x: x.exp_(), lambda x: x.__setitem__(0, 2.0), lambda x: x.__setitem__(slice(0, 1), x[-1:] * 3),
    lambda x: x.pow_(2), lambda x: x.neg_(), lambda x: x.__iadd__(x.sum()), lambda x: x.tanh_(),
]  # fmt: skip
READS = [lambda x: x * 2, lambda x: x.sin(), lambda x: x.clone(), lambda x: x.sum() + x, lambda x: x * x]


def random_program(lib, seed, data):
    """A few views, writes and reads in random order: (all tensors, gradients of the two leaves)."""
    choose = random.Random(seed)
    leaves = [lib.tensor(data, requires_grad=True), lib.tensor(data[0] * 0.5, requires_grad=True)]
    tensors = [leaves[0] * 1, lib.tensor(data * 0.3), leaves[1] * 1]
    for _ in range(choose.randint(3, 9)):
        x = choose.choice(tensors)
        kind = choose.choice("vviiirc")
        if kind == "v":
            tensors.append(choose.choice(VIEWS)(x))
        elif kind == "i":
            choose.choice(WRITES)(x)
        elif kind == "r":
            tensors.append(choose.choice(READS)(x))
        else:
            y = choose.choice(tensors)
            x.copy_(y if y.shape == x.shape else y.sum())
    loss = sum((i + 1) * t.sum() for i, t in enumerate(tensors))
    loss.backward()
    return [t.detach().numpy() for t in tensors], [w.grad for w in leaves]


@pytest.mark.parametrize("start", range(0, 240, 40))
def test_random_programs_like_torch(start):
    torch = pytest.importorskip("torch")
    compared = 0
    for seed in range(start, start + 40):
        data = np.random.default_rng(seed).standard_normal((3, 3))
        try:
            values, gradients = random_program(torch, seed, data)
        except (RuntimeError, IndexError):
            continue  # where PyTorch refuses, so may we; x.mul_(x), for one, is possible here and not there
        ours, our_gradients = random_program(chainrule, seed, data)
        for a, b in zip(ours, values, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, err_msg=f"seed {seed}")
        for a, b in zip(our_gradients, gradients, strict=True):
            assert (a is None) == (b is None), f"seed {seed}"
            if a is not None:
                np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-10, err_msg=f"seed {seed}")
        compared += 1
    assert compared > 10


def test_a_write_into_a_view_changes_the_history_of_its_base():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    base = x * 1
    view = base[1:]
    view.mul_(10)
    assert base.tolist() == [1.0, 20.0, 30.0]
    assert base.grad_fn.name().endswith("CopySlices")
    (base * chainrule.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [1.0, 20.0, 30.0]


def test_a_write_into_the_base_changes_the_history_of_its_views():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    base = x * 1
    view, other = base[1:], base[:1]
    base.mul_(base)
    (view.sum() * 10 + other.sum()).backward()
    assert x.grad.tolist() == [2.0, 40.0, 60.0]


def test_a_write_into_one_view_changes_those_that_overlap():
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    base = x * 1
    left, right = base[:2], base[1:]
    left.zero_()
    (right * 5).sum().backward()
    assert right.tolist() == [0.0, 3.0] and x.grad.tolist() == [0.0, 0.0, 5.0]


def test_a_buffer_filled_row_by_row():
    """The usual way to collect results: a plain tensor takes on a history by what is written into it."""
    w = tensor(2.0, requires_grad=True)
    table = chainrule.zeros(3, 2)
    for i in range(3):
        table[i] = w**i
    assert table.requires_grad
    table.sum().backward()
    assert w.grad.item() == 2 * (0 + 1 + 2 * 2)


def test_copy_cuts_the_old_history_and_keeps_requires_grad():
    x = tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.copy_(tensor([5.0, 6.0]))
    assert y.requires_grad and y.grad_fn.name() == "torch::autograd::CopyBackwards"
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_copy_from_a_leaf():
    x, y = tensor([1.0, 2.0], requires_grad=True), chainrule.zeros(2, 2)
    y.copy_(x)
    (y * tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    assert x.grad.tolist() == [4.0, 6.0]


def test_second_derivatives_through_a_write():
    x = tensor([0.5, 1.5], dtype=chainrule.float64, requires_grad=True)

    def function(x):
        y = x * x
        y[0] *= y[1]
        y[1:].exp_()
        return y

    assert chainrule.autograd.gradcheck(function, x) and chainrule.autograd.gradgradcheck(function, x)


def test_a_leaf_may_not_be_written_into():
    w = tensor([1.0, 2.0], requires_grad=True)
    for write in (lambda: w.add_(1), lambda: w.__iadd__(1), lambda: w.copy_(tensor([1.0, 2.0])), lambda: w.zero_()):
        with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
            write()
    for write in (lambda: w[0].add_(1), lambda: w.view(2).mul_(2), lambda: w[:1].zero_()):
        with pytest.raises(RuntimeError, match="a view of a leaf Variable that requires grad is being used in an in-place"):
            write()
    assert w.tolist() == [1.0, 2.0] and w._version == 0
    with chainrule.no_grad():
        w.add_(1)
        w[0] = 7.0
    assert w.tolist() == [7.0, 3.0] and w.is_leaf and w.requires_grad


def test_the_text_for_a_leaf_says_what_to_write_instead():
    w = tensor([1.0], requires_grad=True)
    with pytest.raises(RuntimeError) as error:
        w -= 0.1
    assert "  instead: with torch.no_grad(): w -= 0.1    (or an optimizer" in str(error.value)


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (lambda x: x.add_(chainrule.ones(2, 3)), r"output with shape \[3\] doesn't match the broadcast shape \[2, 3\]"),
        (lambda x: x.copy_(chainrule.ones(2)), "The expanded size of the tensor \\(3\\) must match the existing size \\(2\\)"),
        (lambda x: x.long().add_(0.5), "result type Float can't be cast to the desired output type Long"),
        (lambda x: x.expand(2, 3).add_(1), "more than one element of the written-to tensor refers to a single memory location"),
    ],
)
def test_writes_that_do_not_fit(write, text):
    with pytest.raises(RuntimeError, match=text):
        write(chainrule.ones(3))


def test_out():
    x, y = tensor([1.0, 2.0]), chainrule.empty(0)
    assert chainrule.exp(x, out=y) is y and y.shape == (2,)
    with pytest.raises(RuntimeError, match=r"functions with out=... arguments don't support automatic differentiation"):
        chainrule.exp(x.clone().requires_grad_(), out=y)
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        chainrule.exp(x, out=chainrule.empty(2, dtype=chainrule.int64))
