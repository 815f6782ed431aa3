"""Tangents that travel with tensors: the same as PyTorch's, from the same program."""

import pytest

import chainrule as cr


def tangent(t, function, *pairs):
    forward = t.autograd.forward_ad
    with forward.dual_level():
        duals = [forward.make_dual(x, v) for x, v in pairs]
        found = forward.unpack_dual(function(*duals))
    return found.primal.tolist(), None if found.tangent is None else found.tangent.tolist()


def pair(t, *entries):
    return t.tensor(entries, dtype=t.float64), t.arange(1, len(entries) + 1, dtype=t.float64)


USES = {
    "a function": lambda t: tangent(t, lambda x: x.sin() * x, pair(t, 1.0, 2.0)),
    "two inputs": lambda t: tangent(t, lambda x, y: x * y.exp(), pair(t, 1.0, 2.0), pair(t, 0.5, -1.0)),
    "a reduction": lambda t: tangent(t, lambda x: (x**3).sum(), pair(t, 1.0, 2.0)),
    "a matrix": lambda t: tangent(t, lambda x: t.outer(x, x) @ x, pair(t, 1.0, 2.0)),
    "no dependence": lambda t: tangent(t, lambda x: t.ones(2), pair(t, 1.0, 2.0)),
    "itself": lambda t: tangent(t, lambda x: x, pair(t, 1.0, 2.0)),
    "cut off": lambda t: tangent(t, lambda x: x.detach() * 2, pair(t, 1.0, 2.0)),
}


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # PyTorch about itself
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_tangents(use):
    torch = pytest.importorskip("torch")
    (ours, slope), (theirs, their_slope) = use(cr), use(torch)
    assert ours == pytest.approx(theirs)
    assert slope is their_slope is None or cr.tensor(slope).flatten().tolist() == pytest.approx(torch.tensor(their_slope).flatten().tolist())


def test_a_tangent_of_parameters():
    layer, forward = cr.nn.Linear(2, 1), cr.autograd.forward_ad
    x = cr.tensor([1.0, 2.0])
    with forward.dual_level():
        for name, p in list(layer.named_parameters()):
            delattr(layer, name)
            setattr(layer, name, forward.make_dual(p.detach(), cr.ones_like(p)))
        assert forward.unpack_dual(layer(x)).tangent.tolist() == [4]  # 1 + 2 for the weights, 1 for the bias


def test_a_tangent_can_be_differentiated():
    x, forward = cr.tensor([1.0, 2.0], requires_grad=True), cr.autograd.forward_ad
    with forward.dual_level():
        y = (forward.make_dual(x, cr.tensor([1.0, 10.0])) ** 3).sum()
        primal, slope = forward.unpack_dual(y)
        slope.backward()
    assert primal.requires_grad and slope.item() == 123 and x.grad.tolist() == [6, 120]
    with forward.dual_level():
        primal, slope = forward.unpack_dual(forward.make_dual(x.detach(), cr.ones(2)).exp())
    assert not primal.requires_grad and not slope.requires_grad


def test_levels():
    forward = cr.autograd.forward_ad
    assert forward.enter_dual_level() == 0
    with pytest.raises(RuntimeError, match="Nested forward mode AD is not supported at the moment"):
        forward.enter_dual_level()
    dual = forward.make_dual(cr.ones(2), cr.ones(2))
    forward.exit_dual_level()
    assert forward.unpack_dual(dual).tangent is None
    with pytest.raises(RuntimeError, match="Dual level must be a positive number"):
        forward.exit_dual_level()
    with pytest.raises(RuntimeError, match="no level exists, make sure to enter_dual_level"):
        forward.make_dual(cr.ones(2), cr.ones(2))


def test_wrong_tangents():
    forward = cr.autograd.forward_ad
    with forward.dual_level():
        with pytest.raises(RuntimeError, match=r"Tensor is of size \[2\] while the given forward gradient is of size \[3\]"):
            forward.make_dual(cr.ones(2), cr.ones(3))
        with pytest.raises(ValueError, match="Expected primal to be floating point or complex, but got: torch.int64"):
            forward.make_dual(cr.ones(2).long(), cr.ones(2))
        with pytest.raises(TypeError, match="Expected tangent to be a Tensor, but got float"):
            forward.make_dual(cr.ones(2), 1.0)
        dual = forward.make_dual(cr.ones(2), cr.ones(2))
        with pytest.raises(RuntimeError, match="already has a forward gradient at the same level 0"):
            forward.make_dual(dual, cr.ones(2))
