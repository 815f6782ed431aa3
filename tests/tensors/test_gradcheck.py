"""gradcheck finds wrong gradients, and lets right ones pass."""

import pytest

import chainrule
from chainrule import tensor
from chainrule.autograd import Function, gradcheck, gradgradcheck


def double(*entries):
    return tensor(list(entries), dtype=chainrule.float64, requires_grad=True)


class Cube(Function):
    """y = x³ with the derivative that ``slope`` says."""

    slope = staticmethod(lambda x: 3 * x * x)

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @classmethod
    def backward(cls, ctx, g):
        (x,) = ctx.saved_tensors
        return g * cls.slope(x)


class TwiceTooLarge(Cube):
    slope = staticmethod(lambda x: 6 * x * x)


class CutOff(Cube):
    slope = staticmethod(lambda x: 3 * (x * x).detach())


def test_right_gradients_pass():
    x, y = double(0.5, -1.5), double(2.0, 3.0)
    assert gradcheck(Cube.apply, x)
    assert gradcheck(lambda x, y: (x * y, x / y), (x, y))
    assert gradcheck(lambda x: x.sum() * 2, [x])
    assert gradgradcheck(Cube.apply, x)


def test_a_wrong_gradient_is_found():
    x = double(1.0, 2.0)
    with pytest.raises(RuntimeError) as error:
        gradcheck(TwiceTooLarge.apply, x)
    text = str(error.value)
    assert text.startswith("Jacobian mismatch for output 0 with respect to input 0,\nnumerical:tensor([[")
    assert "why: the largest difference is at input entry 1, output entry 1: 24 by the rule, 12 by finite differences" in text
    assert gradcheck(TwiceTooLarge.apply, x, raise_exception=False) is False


def test_a_wrong_second_derivative_is_found():
    x = double(1.0, 2.0)
    assert gradcheck(CutOff.apply, x)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradgradcheck(CutOff.apply, x)
    assert gradgradcheck(CutOff.apply, x, raise_exception=False) is False


def test_the_output_and_the_input_at_fault_are_named():
    x, y = double(1.0), double(2.0)
    with pytest.raises(RuntimeError, match="output 1 with respect to input 1"):
        gradcheck(lambda x, y: (x * y, x * TwiceTooLarge.apply(y)), (x, y))


def test_tolerances():
    x = double(1.0)
    assert gradcheck(TwiceTooLarge.apply, x, atol=10.0)
    assert gradcheck(TwiceTooLarge.apply, x, rtol=1.1)


def test_inputs_are_put_back():
    x = double(1.0, 2.0)
    gradcheck(Cube.apply, x)
    assert x.tolist() == [1.0, 2.0] and x.grad is None and x._version == 0


def test_inputs_that_need_no_gradient_are_left_alone():
    assert gradcheck(lambda x, n, flag: x**n, (double(1.5), 3, True))
    with pytest.raises(ValueError, match="gradcheck expects at least one input tensor to require gradient"):
        gradcheck(lambda x: x, tensor([1.0], dtype=chainrule.float64))


def test_single_precision_is_warned_about():
    x = tensor([1.0], requires_grad=True)
    with pytest.warns(UserWarning, match="Input #0 requires gradient and is not a double precision floating point"):
        gradcheck(lambda x: x * 2, x, eps=1e-2, atol=1e-2)


def test_a_strided_input():
    x = tensor([[1.0, 2.0], [3.0, 4.0]], dtype=chainrule.float64)
    view = x.t().requires_grad_()
    assert gradcheck(lambda v: (v**2).sum(0), view)


def test_complex_inputs_and_outputs():
    z = tensor([1 + 2j, -0.5 + 1j], dtype=chainrule.complex128, requires_grad=True)
    assert gradcheck(lambda z: z.abs(), z)
    assert gradcheck(lambda z: z * z, z)
    assert gradcheck(lambda z: z.conj() * (2 + 1j), z)
    assert gradcheck(lambda x: chainrule.complex(x, x * x), double(1.0, 2.0))


def test_a_function_that_does_not_depend_on_its_input():
    assert gradcheck(lambda x, y: y * 2, (double(1.0), double(2.0)))


# ---------------------------------------------------------------------- what else can be asked for


def test_fast_mode_sees_the_same_in_one_direction():
    x = double(1.0, 2.0)
    assert gradcheck(Cube.apply, x, fast_mode=True)
    assert gradcheck(lambda z: z * z, tensor([1 + 2j], dtype=chainrule.complex128, requires_grad=True), fast_mode=True)
    with pytest.raises(RuntimeError, match=r"(?s)numerical:.*fast mode\). Entry by entry:.*24 by the rule"):
        gradcheck(TwiceTooLarge.apply, x, fast_mode=True)


def test_a_backward_that_changes_from_call_to_call():
    calls = []

    class Drifting(Cube):
        @classmethod
        def backward(cls, ctx, g):
            calls.append(1)
            (x,) = ctx.saved_tensors
            return g * (3 * x * x + 1e-8 * len(calls))

    x = double(1.0, 2.0)
    with pytest.raises(RuntimeError, match="Backward is not reentrant.*The tolerance for nondeterminism was 0.0"):
        gradcheck(Drifting.apply, x)
    assert gradcheck(Drifting.apply, x, nondet_tol=1e-6)


def test_a_backward_without_an_upstream_gradient():
    class Constant(Cube):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2

        @classmethod
        def backward(cls, ctx, g):
            return tensor([2.0, 2.0], dtype=chainrule.float64) if g is None else g * 2

    class Failing(Constant):
        @classmethod
        def backward(cls, ctx, g):
            return g * 2

    x = double(1.0, 2.0)
    with pytest.raises(RuntimeError, match="Expected all input grads to be undefined or zero"):
        gradcheck(Constant.apply, x)
    assert gradcheck(Constant.apply, x, check_undefined_grad=False)
    with pytest.raises(RuntimeError, match="Expected backward function to handle undefined output grads"):
        gradcheck(Failing.apply, x)


def test_forward_differentiation_and_batches():
    x, y = double(1.0, 2.0), double(3.0, -1.0)
    how = {"check_forward_ad": True, "check_batched_grad": True, "check_grad_dtypes": True}
    assert gradcheck(lambda x, y: (x * y.sin(), x.sum() * y), (x, y), **how)
    with pytest.raises(RuntimeError, match="Jacobian computed with forward mode mismatch for output 0 with respect to input 0"):
        gradcheck(TwiceTooLarge.apply, x, check_forward_ad=True, check_backward_ad=False)


def test_what_cannot_be_checked():
    x = double(1.0)
    with pytest.raises(AssertionError, match="Expected at least one of check_forward_ad or check_backward_ad to be True"):
        gradcheck(Cube.apply, x, check_backward_ad=False)
    with pytest.raises(RuntimeError, match="The 0th input has a dimension with stride 0"):
        gradcheck(Cube.apply, x.expand(3))
    with pytest.raises(RuntimeError, match="Numerical gradient for function expected to be zero"):
        gradcheck(lambda x: x.detach() * 2, x)
