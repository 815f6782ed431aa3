"""``torch.autograd.graph``: hooks on what nodes keep, on gradients that come together, places in the graph."""

import weakref

import numpy as np
import pytest

import chainrule as cr
from tests.every_op.cases import CASES, Fixed
from tests.every_op.derivatives import gradients, leaves, results
from tests.every_op.draws import seeded


def ones(t=cr, *shape):
    return t.ones(*(shape or (2,)), requires_grad=True)


# ---------------------------------------------------------------------- saved-tensor hooks


USES = {
    "a product": lambda t, x: x * x,
    "a product with itself and a number": lambda t, x: x * 3,
    "a result": lambda t, x: x.exp(),
    "nothing": lambda t, x: x.sum(),
    "a power": lambda t, x: x**2,
    "a view": lambda t, x: x.reshape(2, 1) * 2,
    "two in a row": lambda t, x: x.sin().tanh(),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_the_hooks_see_what_torch_keeps(use):
    torch = pytest.importorskip("torch")

    def seen(t):
        x, log = t.tensor([1.0, 2.0], requires_grad=True), []

        def pack(kept):
            log.append(("pack", kept.tolist(), kept.requires_grad, t.is_grad_enabled()))
            return kept

        def unpack(kept):
            log.append(("unpack", kept.tolist()))
            return kept

        with t.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = use(t, x)
        y.sum().backward()
        return log, x.grad.tolist()

    (ours, slope), (theirs, their_slope) = seen(cr), seen(torch)
    assert [e[0] for e in ours] == [e[0] for e in theirs] and slope == pytest.approx(their_slope)
    for a, b in zip(ours, theirs):
        assert a[2:] == b[2:] and a[1] == pytest.approx(b[1], rel=1e-5)


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_op_finds_what_was_packed(name):
    program, *inputs = CASES[name][0]
    rng = seeded(name)
    arrays = [rng.standard_normal(i) if isinstance(i, tuple) else i(rng) for i in inputs]
    still = tuple(k for k, i in enumerate(inputs) if isinstance(i, Fixed))

    def slopes():
        cr.manual_seed(0)
        values = leaves(arrays, still)
        outputs = results(lambda *x: program(cr, *x), values)
        found = gradients(values, outputs, [np.ones_like(y.array) for y in outputs])
        return [None if g is None else np.asarray(g).tolist() for g in found]

    expected = slopes()
    with cr.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone(), lambda t: t):
        assert str(slopes()) == str(expected)


def test_second_derivatives_go_through_what_is_unpacked():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    with cr.autograd.graph.saved_tensors_hooks(lambda t: t.detach().clone(), lambda t: t):
        y = (x.exp() * x).sum()
    (slope,) = cr.autograd.grad(y, x, create_graph=True)
    (bend,) = cr.autograd.grad(slope.sum(), x)
    assert bend.tolist() == pytest.approx(((x + 2) * x.exp()).tolist())


def test_what_is_not_kept_is_freed():
    x = ones(cr, 1000)
    with cr.autograd.graph.saved_tensors_hooks(lambda t: t.shape, lambda shape: cr.ones(shape)):
        y = x * 2
        array = weakref.ref(y.array)
        z = (y * y).sum()
    del y
    assert array() is None
    z.backward()
    assert x.grad[0].item() == 4  # 2 y · 2, with y = 1


def test_writes_are_not_noticed_once_packed():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    with cr.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), lambda t: t):
        y = x * 2
        z = y * y
        y.mul_(3)
    z.sum().backward()
    assert x.grad.tolist() == [8, 16]


def test_an_operation_in_place_keeps_what_it_overwrites():
    x, w = cr.tensor([1.0, 2.0], requires_grad=True), cr.tensor([3.0, 4.0], requires_grad=True)
    with cr.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        y = x * 1
        y.mul_(w)
    y.sum().backward()
    assert w.grad.tolist() == [1, 2] and x.grad.tolist() == [3, 4]


def test_the_innermost_hooks_are_used():
    log, hooks = [], cr.autograd.graph.saved_tensors_hooks
    with hooks(lambda t: log.append("outer") or t, lambda t: t):
        with hooks(lambda t: log.append("inner") or t, lambda t: t):
            ones().exp()
        ones().exp()
    ones().exp()
    assert log == ["inner", "outer"]


def test_a_custom_function_saves_through_them():
    class Square(cr.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    x, log = cr.tensor([1.0, 2.0], requires_grad=True), []
    with cr.autograd.graph.saved_tensors_hooks(lambda t: log.append(t.tolist()) or "packed", lambda name: cr.tensor([10.0, 20.0])):
        y = Square.apply(x)
    y.sum().backward()
    assert log == [[1, 2]] and x.grad.tolist() == [20, 40]


def test_wrong_hooks():
    hooks = cr.autograd.graph.saved_tensors_hooks
    with pytest.raises(RuntimeError, match="A saved tensor pack hook is modifying its input in place"):
        with hooks(lambda t: t.mul_(2), lambda t: t):
            (ones() * 1).exp()
    with hooks(lambda t: t, lambda t: 3):
        y = ones().exp()
    with pytest.raises(TypeError, match="Output of saved tensor unpack_hook expected to be a Tensor but got result of type int"):
        y.sum().backward()
    with cr.autograd.graph.disable_saved_tensors_hooks("not here"):
        with pytest.raises(RuntimeError, match="not here"):
            hooks(lambda t: t, lambda t: t).__enter__()
    with hooks(lambda t: t, lambda t: t), pytest.raises(RuntimeError, match="nor here"):
        cr.autograd.graph.disable_saved_tensors_hooks("nor here").__enter__()
    (ones() * ones()).sum().backward()  # all is as before


def test_saving_on_the_cpu_changes_nothing():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    with cr.autograd.graph.save_on_cpu(pin_memory=True):
        (x * x).sum().backward()
    assert x.grad.tolist() == [2, 4]


def test_mutation_of_what_was_saved():
    x = ones(cr, 2)
    with cr.autograd.graph.allow_mutation_on_saved_tensors():
        y = x.clone()
        z = (y**2).sum()
        y.sin_()
        with pytest.raises(RuntimeError, match="contexts cannot be nested"):
            cr.autograd.graph.allow_mutation_on_saved_tensors().__enter__()
    z.backward()
    assert x.grad.tolist() == [2, 2]


# ---------------------------------------------------------------------- gradients that come together


def test_a_hook_for_several_gradients():
    torch = pytest.importorskip("torch")

    def seen(t):
        a, b, c = ones(t), ones(t), ones(t)
        log = []
        handle = t.autograd.graph.register_multi_grad_hook(
            (a, b, c), lambda gradients: log.append([None if g is None else g.tolist() for g in gradients])
        )
        (a * b).sum().backward()
        (a + c).sum().backward()
        (a * b * c).sum().backward(inputs=[a, c])
        handle.remove()
        (a * b).sum().backward()
        return log

    assert seen(cr) == seen(torch)


def test_a_hook_for_the_first_gradient():
    a, b = ones(), ones()
    log = []
    cr.autograd.graph.register_multi_grad_hook((a, b), lambda g: log.append(g.tolist()), mode="any")
    loss = (a * b).sum()
    loss.backward(retain_graph=True)
    loss.backward()
    assert log == [[1, 1], [1, 1]]


def test_wrong_multi_grad_hooks():
    with pytest.raises(ValueError, match=r"Expects mode to be one of \('all', 'any'\) but got some"):
        cr.autograd.graph.register_multi_grad_hook((ones(),), print, mode="some")
    with pytest.raises(AssertionError, match="Expected gradient function to be set"):
        cr.autograd.graph.register_multi_grad_hook((cr.ones(1),), print)


# ---------------------------------------------------------------------- places in the graph


def test_gradient_edges_stand_for_tensors():
    x = cr.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = (y * y).sum()
    at = cr.autograd.graph.get_gradient_edge
    edges = at(x), at(y), at(z)
    assert edges[1].node is y.grad_fn and edges[1].output_nr == 0
    assert [g.tolist() for g in cr.autograd.grad(z, edges[:2], retain_graph=True)] == [[8, 16], [4, 8]]
    assert cr.autograd.grad(edges[2], x, retain_graph=True)[0].tolist() == [8, 16]
    cr.autograd.backward(edges[2], inputs=edges[0])
    assert x.grad.tolist() == [8, 16]
    values, _ = cr.tensor([3.0, 1.0], requires_grad=True).mul(1).sort()
    first, second = cr.split(values * 1, 1)
    assert at(second).output_nr == second.output_nr
    assert cr.autograd.grad((first + second * 2).sum(), at(second))[0].tolist() == [2]
    with pytest.raises(RuntimeError, match="It is not possible to get the gradient edge for a Tensor that does not require"):
        at(cr.ones(1))


def test_an_edge_made_by_hand_says_too_little():
    y = ones() * 2
    edge = cr.autograd.graph.GradientEdge(y.grad_fn, 0)
    with pytest.raises(RuntimeError, match="does not say what its output looks like"):
        cr.autograd.grad(edge, y)


def test_gradients_for_a_dictionary():
    a, b = ones(), ones()
    found = cr.autograd.grad((a * b * 2).sum(), {"a": a, "b": b})
    assert {name: g.tolist() for name, g in found.items()} == {"a": [2, 2], "b": [2, 2]}
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated"):
        cr.autograd.grad((a * 2).sum(), a, only_inputs=False)


def test_versions_can_be_counted_by_hand():
    x = cr.ones(2)
    cr.autograd.graph.increment_version(x)
    cr.autograd.graph.increment_version([x, x])
    assert x._version == 3
    with pytest.raises(RuntimeError, match=r"increment_version expect a Iterable\[Tensor\] as input"):
        cr.autograd.graph.increment_version(3)
