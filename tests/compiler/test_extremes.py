"""Compiled steps that are given infinite entries, or nothing that counts, give what eager steps give."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.native import kernels
from chainrule.native.machine import processor
from chainrule.nn import functional as F

pytestmark = [
    pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here"),
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]
INF, NAN = float("inf"), float("nan")


def back(loss_of):
    """A step that gives a loss and its gradient."""

    def step(x, *given):
        loss = loss_of(x, *given)
        loss.backward()
        grad, x.grad = x.grad, None
        return loss, grad

    return step


def same_after(function, given, extreme):
    """What a step compiled on ordinary numbers makes of others, written in their place, is what Python makes of them."""
    step = torch.compile(function)
    for _ in range(4):
        step(*given)
    before = step.recordings
    assert step.compiled
    with torch.no_grad():
        for x, new in zip(given, extreme, strict=True):
            x.copy_(new)
    expected = [t.detach().numpy().copy() for t in function(*given)]
    found = [t.detach().numpy() for t in step(*given)]
    assert step.recordings == before
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    return found


@pytest.mark.parametrize("name", ["logsumexp", "log_softmax", "softmax", "amax", "amin"])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_infinite_entries(name, kind):
    def f(x):
        return (getattr(x, name)(1),)

    row = [[INF, 100.0, 2.0], [INF, -INF, 2.0], [-INF] * 3, [-INF, 1.0, -INF], [NAN, 1.0, INF], [3e38, -3e38, 1.0]]
    extreme = torch.tensor(row, dtype=getattr(torch, kind))
    same_after(f, [torch.ones_like(extreme)], [extreme])


def test_the_gradient_of_a_sum_of_exponentials():
    rows = [[INF, 1.0, 2.0], [-INF] * 3, [-INF, 1.0, 2.0], [NAN, 1.0, 2.0]]
    x, extreme = torch.randn(4, 3, requires_grad=True), torch.tensor(rows)
    _, grad = same_after(back(lambda x: x.logsumexp(1).sum()), [x], [extreme])
    np.testing.assert_allclose(grad[0], [NAN, 0.0, 0.0])


@pytest.mark.parametrize(("smoothing", "weighted"), [(0.0, False), (0.1, False), (0.0, True)])
def test_where_no_target_counts_nothing_goes_back(smoothing, weighted):
    weight = torch.rand(5) if weighted else None
    x = torch.randn(3, 5, requires_grad=True)
    function = back(lambda x, t: F.cross_entropy(x, t, weight, label_smoothing=smoothing))
    loss, grad = same_after(function, [x, torch.tensor([0, 4, 2])], [torch.randn(3, 5), torch.full((3,), -100)])
    assert np.isnan(loss)
    assert not grad.any()


X86 = pytest.mark.skipif(not processor().startswith("x86_64"), reason="only there tiny numbers are taken for 0")


def adam_on(eps):
    """A step whose gradients are 0 when ``x`` is, and the means that Adam keeps."""
    w, x = torch.ones(16, 8, requires_grad=True), torch.ones(4, 8)
    optimizer = torch.optim.Adam([w], lr=0.01, eps=eps)

    def step():
        optimizer.zero_grad()
        loss = (x @ w.T).square().sum()
        loss.backward()
        optimizer.step()
        return loss

    return step, w, x, optimizer.state[w]


@X86
@pytest.mark.parametrize("eps", [1e-8, 0.0])
def test_a_mean_that_shrinks_becomes_zero_where_that_changes_no_parameter(eps):
    found = []
    for compiled in (True, False):
        function, w, x, state = adam_on(eps)
        step = torch.compile(function) if compiled else function
        for i in range(900):  # by then, 0.9ⁿ is what float32 can tell from 0, but not as a normal number
            step()
            if i == 2:
                x.zero_()
        found.append((w.detach().numpy().copy(), state["exp_avg"].numpy().copy()))
    (mine, mean), (theirs, tiny) = found
    assert (tiny != 0).all() and (mean == 0).all() == bool(eps)
    np.testing.assert_allclose(mine, theirs, rtol=1e-5)
    assert np.float32(1e-40) * np.float32(0.5) != 0  # elsewhere tiny numbers are what they were
