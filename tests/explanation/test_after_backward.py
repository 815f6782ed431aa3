"""`explain` and `draw` after ``loss.backward()``: the same text as before it, also after steps, or a reason; never another number."""

import gc
import weakref

import numpy as np
import pytest

import chainrule as torch
from chainrule import nn
from chainrule.base.errors import GradientError
from chainrule.graph.spent import ROOM, latest, weight
from chainrule.nn import functional as F


def neuron():
    x, y = torch.tensor(1.0), torch.tensor(2.0)
    return x, y, torch.tensor(1.0, requires_grad=True)


def test_the_documents_neuron():
    x, y, w = neuron()
    y_hat = w * x
    loss = (y_hat - y) ** 2
    before, drawn = str(torch.explain(loss)), str(torch.draw(loss))
    loss.backward()
    assert str(torch.explain(loss)) == before and str(torch.draw(loss)) == drawn
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
    assert w.item() == pytest.approx(1.2)
    assert str(torch.explain(loss)) == before and "w                = 1   (parameter)" in before
    assert str(torch.draw(loss)) == drawn and w.grad.item() == 0


def test_the_graph_is_spent_all_the_same():
    x, y, w = neuron()
    loss = (w * x - y) ** 2
    loss.backward()
    torch.explain(loss)
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        loss.backward()
    with pytest.raises(RuntimeError, match="directly access saved tensors after they have already been freed"):
        loss.grad_fn._saved_self  # noqa: B018


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_a_network_after_a_step(optimizer):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LayerNorm(4), nn.Linear(4, 2))
    x, t = torch.randn(5, 3), torch.tensor([0, 1, 0, 1, 1])
    steps = optimizer(model.parameters(), lr=0.1)
    for _ in range(2):
        steps.zero_grad()
        loss = F.cross_entropy(model(x), t)
        before, entry = str(torch.explain(loss)), str(torch.explain(loss, wrt=model[3].weight[1, 3]))
        loss.backward()
        gradient = model[0].weight.grad.numpy().copy()
        steps.step()
        told = torch.explain(loss)
        assert str(told) == before and str(torch.explain(loss, wrt=model[3].weight[1, 3])) == entry
        np.testing.assert_allclose(told.gradients["model[0].weight"].numpy(), gradient, rtol=1e-5, atol=1e-7)


def test_a_function_of_the_programs_own():
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            return g * 3 * ctx.saved_tensors[0] ** 2

    w = torch.tensor(2.0, requires_grad=True)
    loss = Cube.apply(w) * 5
    before = str(torch.explain(loss))
    loss.backward()
    with torch.no_grad():
        w.zero_()
    assert str(torch.explain(loss)) == before and torch.explain(loss).gradients["w"].item() == 60


def test_parameters_by_parts_and_without_a_variable():
    torch.manual_seed(0)
    w = torch.randn(3, 2, requires_grad=True)
    x = torch.randn(4, 2, requires_grad=True)
    loss = (x @ w.T + w[:, 0]).exp().sum()
    before = torch.explain(loss).gradients
    loss.backward()
    with torch.no_grad():
        w *= 3
        x.data = torch.zeros(4, 2)
    after = torch.explain(loss).gradients
    assert [a.tolist() for a in after.values()] == [b.tolist() for b in before.values()]
    np.testing.assert_allclose(after["x"].numpy(), x.grad.numpy(), rtol=1e-6)


@pytest.mark.parametrize("leaf", [
    lambda: torch.randn(4, 3).T,  # not in the order of its memory
    lambda: torch.randn(6, 4)[::2, :],  # beside other entries
    lambda: torch.randn(3, 4).double(),
])
def test_leaves_of_any_layout(leaf):
    torch.manual_seed(0)
    w = leaf().requires_grad_()
    loss = ((torch.ones(2, 3, dtype=w.dtype) @ w).exp() * w[0]).sum() + (w * w).sum()
    before = str(torch.explain(loss))
    loss.backward()
    with torch.no_grad():
        w += 1
    if w.is_contiguous() or w.T.is_contiguous():
        assert str(torch.explain(loss)) == before
    else:
        with pytest.raises(GradientError, match=r"a parameter of shape \[3, 4\] has been written over since"):
            torch.explain(loss)


def test_what_else_was_written_over_is_refused_with_its_line():
    x, y, w = neuron()
    loss = (w * x - y) ** 2
    loss.backward()
    x.add_(1)
    with pytest.raises(GradientError, match=r"(?s)modified by an inplace operation.*`x` was kept by MulBackward0.*x\.add_\(1\)"):
        torch.explain(loss)


def test_a_result_that_was_written_over_shows_what_it_was():
    x, y, w = neuron()
    y_hat = w * x
    loss = (y_hat - y) ** 2
    before = str(torch.explain(loss))
    with torch.no_grad():
        y_hat.mul_(7)
    assert str(torch.explain(loss)) == before
    loss.backward()
    assert str(torch.explain(loss)) == before


def test_a_parameter_used_before_and_after_a_step():
    x, y, w = neuron()
    h = (w * x) ** 2
    h.backward()
    with torch.no_grad():
        w -= 0.1
    later = h + w
    with pytest.raises(GradientError, match="a parameter of shape .. has been written over since MulBackward0 computed with it"):
        torch.explain(later)
    fresh = (w * x) ** 2
    assert torch.explain(fresh).gradients["w"].item() == pytest.approx(1.8)


def test_a_graph_that_was_kept_shows_the_parameters_as_they_were():
    x, y, w = neuron()
    loss = (w * x - y) ** 2
    before = str(torch.explain(loss))
    loss.backward(retain_graph=True)
    with torch.no_grad():
        w += 5
    assert str(torch.explain(loss)) == before


def test_the_next_pass_takes_its_place():
    x, y, w = neuron()
    first, second = (w * x - y) ** 2, (w * x) ** 2
    first.backward()
    second.backward()
    assert torch.explain(second).gradients["w"].item() == 2
    with pytest.raises(GradientError, match=r"(?s)has been freed.*only the graph of the latest loss.backward\(\) is put by"):
        torch.explain(first)
    third = (w * x - y) ** 2
    torch.autograd.grad(third, w)
    for loss in (second, third):
        with pytest.raises(GradientError, match="has been freed"):
            torch.explain(loss)


def test_looking_is_no_pass():
    x, y, w = neuron()
    loss = ((w * x - y) ** 2).reshape(1).sum()
    loss.backward()
    torch.explain(loss, wrt=(w, ())).paths  # noqa: B018
    assert latest.entries and torch.explain(loss).gradients["w"].item() == -2


@pytest.mark.parametrize(("width", "rows"), [(8, 5000), (100, 2)])
def test_a_large_graph_says_so(width, rows):
    layer = nn.Linear(width, width)
    loss = layer(torch.randn(rows, width)).pow(2).mean()
    loss.backward()
    assert sum(weight(kept) for _, kept in latest.entries) <= ROOM
    with pytest.raises(GradientError, match=r"(?s)64 KB in all and 16 KB a parameter, and this one is larger .*retain_graph=True"):
        torch.explain(loss)


def test_a_small_view_of_large_memory_is_not_held():
    data = torch.zeros(100_000)
    w = torch.ones(2, requires_grad=True)
    (w * data[:2]).sum().backward()
    assert weight(data.array[:2]) == 400_000 > ROOM and not latest.entries


def test_losses_in_a_list_hold_no_more_than_one_pass():
    gc.collect()
    w = torch.ones(500, requires_grad=True)
    losses, kept = [], []
    for _ in range(50):
        h = w.exp()
        kept.append(weakref.ref(h.array))
        losses.append(h.sum())
        del h
        losses[-1].backward()
    assert sum(array() is not None for array in kept) == 1
    assert sum(weight(kept) for _, kept in latest.entries) <= ROOM


def test_the_entries_of_a_leaf_cost_little():
    w = torch.ones(100_000, requires_grad=True)
    (w * 2).sum().backward()
    assert not w.node.was
    np.testing.assert_array_equal(w.grad.numpy(), 2)


def test_a_pass_from_several_losses():
    """The pass begins at both: the later one's leaves are as old as the earlier one's."""
    x = torch.tensor([1.0, 2.0])
    a, b = (torch.tensor(1.0, requires_grad=True) for _ in range(2))
    first, second = (a * x).sum(), (b * x + b).sum()
    before = [str(torch.explain(first)), str(torch.explain(second))]
    torch.autograd.backward([first, second])
    with torch.no_grad():
        a -= a.grad
        b -= b.grad
    assert [str(torch.explain(first)), str(torch.explain(second))] == before
