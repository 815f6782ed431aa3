"""What was kept for a derivative and has been written over is noticed, and named."""

import pytest

import chainrule
from chainrule import tensor
from chainrule.base.errors import GradientError
from chainrule.graph.op import Joint

MODIFIED = "one of the variables needed for gradient computation has been modified by an inplace operation: "


def leaf(*entries: float):
    return tensor(list(entries), requires_grad=True)


def refused(y) -> str:
    with pytest.raises(GradientError) as error:
        y.sum().backward()
    assert isinstance(error.value, RuntimeError)
    return str(error.value)


def test_the_text():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y**3
    y.add_(1)
    text = refused(z)
    assert text.startswith(
        MODIFIED + "[torch.FloatTensor [2]], which is output 0 of MulBackward0, is at version 1; expected version 0 instead. Hint: "
    )
    assert "why: `y` was kept by PowBackward0 in line 27 of" in text and "`z = y**3`, whose derivative needs it as it was" in text
    assert "it was written over in line 28 of" in text and "`y.add_(1)`\n  instead: y = y.add(1)\n" in text
    assert text.endswith("(E003: chainrule why E003)")
    assert x.grad is None


def test_a_leaf_changed_under_no_grad():
    w = leaf(1.0, 2.0)
    y = w**2
    with chainrule.no_grad():
        w -= 0.1
    assert refused(y).startswith(MODIFIED + "[torch.FloatTensor [2]] is at version 1; expected version 0 instead.")


def test_the_result_that_a_rule_names():
    y = leaf(1.0, 2.0).exp()
    y.mul_(2)
    assert "[torch.FloatTensor [2]], which is output 0 of ExpBackward0, is at version 1" in refused(y)


def test_the_operand_that_was_changed_is_the_one_that_is_named():
    x, w = tensor([[1.0, 2.0]], requires_grad=True) * 1, tensor([[1.0], [2.0], [3.0]], requires_grad=True) * 1
    y = x * w
    w.zero_()
    assert "[torch.FloatTensor [3, 1]], which is output 0 of MulBackward0" in refused(y)


def test_a_write_through_a_view_counts():
    x = leaf(1.0, 2.0) * 1
    y = x * x
    x[0] = 5.0
    assert "modified by an inplace operation" in refused(y)
    x = leaf(1.0, 2.0) * 1
    view = x[:1]
    y = view**2
    x.zero_()
    assert view._version == x._version == 1
    assert "modified by an inplace operation" in refused(y)


def test_a_write_into_a_detached_alias_counts_and_into_data_does_not():
    x = leaf(1.0, 2.0)
    y = x**2
    x.detach().zero_()
    assert "is at version 1" in refused(y)
    y = x**2
    x.data.fill_(7.0)
    y.sum().backward()
    assert x.grad.tolist() == [14.0, 14.0]


def test_a_write_that_no_rule_minds():
    x = leaf(1.0, 2.0)
    y = x * 2
    z = y + 1
    y.zero_()  # the rule of + names nothing
    z.sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_an_operand_without_history_is_watched_too():
    x, data = leaf(1.0, 2.0), tensor([3.0, 4.0])
    y = x * data
    data.add_(1)
    assert "[torch.FloatTensor [2]] is at version 1" in refused(y)


def test_a_module_that_kept_its_weight():
    """The fused op of a layer watches its weight like any other."""
    layer = chainrule.nn.Linear(3, 2)
    x = chainrule.ones(1, 3, requires_grad=True)
    y, before = layer(x), layer.weight._version
    with chainrule.no_grad():
        layer.weight.mul_(2)
    assert f"[torch.FloatTensor [2, 3]] is at version {before + 1}; expected version {before}" in refused(y)


def test_what_a_joint_op_kept():
    x = chainrule.ones(2, 3, requires_grad=True) * 1
    y = chainrule.nn.functional.cross_entropy(x, tensor([0, 1]))
    x.add_(1)
    assert "modified by an inplace operation" in refused(y)


def test_the_second_derivative_watches_what_the_first_read():
    """The recorded pass reads w again: a write between the two passes is an error, as one before the first would be."""
    w = leaf(1.0, 2.0)
    (slope,) = chainrule.autograd.grad((w**3).sum(), w, create_graph=True)
    with chainrule.no_grad():
        w.add_(1)
    assert "modified by an inplace operation: [torch.FloatTensor [2]] is at version 1" in refused(slope)


def test_the_second_derivative_of_a_joint_op_watches_its_inputs():
    class Cube(Joint):
        """y = x³"""

        def forward(self, x):
            return x**3, 3 * x**2

        def pullback(self, g, kept, needs):
            return (g * kept,)

        def formula(self, x):
            return x * x * x

    w = leaf(1.0, 2.0)
    y = Cube()(w)
    assert chainrule.autograd.grad(y.sum(), w, retain_graph=True)[0].tolist() == [3.0, 12.0]
    (slope,) = chainrule.autograd.grad(y.sum(), w, create_graph=True)
    assert chainrule.autograd.grad(slope.sum(), w, retain_graph=True)[0].tolist() == [6.0, 12.0]
    with chainrule.no_grad():
        w.add_(1)
    assert "modified by an inplace operation" in refused(slope)


def test_what_was_saved_by_a_function_of_the_programs_own():
    class Square(chainrule.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    x = leaf(1.0, 2.0) * 1
    y = Square.apply(x)
    x.add_(1)
    assert "[torch.FloatTensor [2]], which is output 0 of MulBackward0, is at version 1; expected version 0" in refused(y)


def test_versions_count():
    x = tensor([1.0, 2.0])
    assert x._version == 0
    x.add_(1)
    x[0] = 3
    x.view(2, 1).mul_(2)
    assert x._version == 3 and x.detach()._version == 3 and x.clone()._version == 0


@pytest.mark.parametrize("write", ["mul_", "sin_", "exp_", "pow_", "sigmoid_", "div_"])
def test_an_operation_in_place_keeps_what_its_own_derivative_needs(write):
    """y.sin_() needs y as it was: it keeps a copy, and is no obstacle to itself."""
    x = tensor([0.5, 1.5], dtype=chainrule.float64, requires_grad=True)

    def function(x):
        y = x * 1
        return getattr(y, write)(*([y] if write in ("mul_", "div_") else [3] if write == "pow_" else []))

    assert chainrule.autograd.gradcheck(function, x)


def test_an_operand_overwritten_by_the_product():
    w, data = leaf(2.0, 3.0), tensor([5.0, 7.0])
    data *= w  # the gradient of w needs the old entries of data
    data.sum().backward()
    assert w.grad.tolist() == [5.0, 7.0]
