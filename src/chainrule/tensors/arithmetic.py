"""Arithmetic on tensors by PyTorch's names: + − × ÷, powers, remainders, and what takes two or three operands."""

from __future__ import annotations

from collections.abc import Callable
from operator import iadd, imul, isub, itruediv
from sys import getrefcount
from types import FunctionType
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..base.modes import modes
from ..graph import apply as hot
from ..graph.apply import FLOATS, apply, binary, careful, unary
from ..graph.op import Op
from ..graph.promote import cast
from ..graph.value import Value
from ..graph.writes import UNSHARED, noted
from ..ops import arithmetic as op
from ..ops import choice, division, powers
from .coerce import number, operand, tensor_like
from .inplace import check_writable, into, write
from .pointwise import made, named

ndarray = np.ndarray
COUNTED = FLOATS | {np.dtype(np.int64)}


def add(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """y = input + alpha · other, entry by entry after broadcasting.

    >>> torch.add(torch.tensor([1., 2.]), torch.tensor([10.]), alpha=2)
    tensor([21., 22.])
    """
    if alpha != 1 or alpha is True:
        other = scaled(input, other, alpha)
    y = binary(op.add, input, other) if isinstance(input, Value) else careful(op.add, input, other)
    return y if out is None else into(out, y)


def sub(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """y = input − alpha · other, entry by entry after broadcasting.

    >>> torch.sub(torch.tensor([1., 2.]), 1)
    tensor([0., 1.])
    """
    if alpha != 1 or alpha is True:
        op.sub.check_operands((input, other))
        other = scaled(input, other, alpha)
    y = binary(op.sub, input, other) if isinstance(input, Value) else careful(op.sub, input, other)
    return y if out is None else into(out, y)


def scaled(input: Any, other: Any, alpha: Any) -> Any:
    """other · alpha, where alpha may only be a fraction if one of the operands is."""
    kinds = [dtypes.of(x.array).rank if isinstance(x, Value) else dtypes.of_scalar(x).rank for x in (input, other)]
    if isinstance(alpha, bool) and max(kinds) > 0:
        raise RuntimeError(message("Boolean alpha only supported for Boolean results.", instead="alpha=1"))
    if isinstance(alpha, float) and max(kinds) < 2:
        raise RuntimeError(
            message(
                "For integral input tensors, argument alpha must not be a floating point number.",
                f"alpha is {alpha}, and the result would keep the integers' dtype",
                "x.float()",
            )
        )
    if isinstance(input, Value) and isinstance(other, Value) and other.array.dtype is not input.array.dtype:
        other = cast(other, result_type(input, other))  # the product has the digits of the sum
    if isinstance(other, bool) and isinstance(alpha, bool):
        return other and alpha
    if isinstance(other, Value) and other.array.dtype.kind == "b" and not isinstance(input, Value):
        return other * alpha
    if isinstance(other, Value) and other.array.dtype.kind == "b":
        return other if alpha else mul(other, False)
    return other * alpha


def result_type(*values: Any) -> Any:
    """The dtype that an operation between tensors gives."""
    whole = [dtypes.of(v.array) for v in values if v.array.ndim]
    return dtypes.result_type(whole, [dtypes.of(v.array) for v in values if not v.array.ndim], [])


def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """y = other − alpha · input."""
    if alpha != 1 or alpha is True:
        op.sub.check_operands((input, other))
        input = scaled(other, input, alpha)
    return binary(op.rsub, input, other)


def mul(input: Any, other: Any, *, out: Any = None) -> Any:
    """y = input · other, entry by entry after broadcasting.

    >>> torch.mul(torch.tensor([1., 2.]), torch.tensor([[3.], [4.]]))
    tensor([[3., 6.],
            [4., 8.]])
    """
    y = binary(op.mul, input, other) if isinstance(input, Value) else careful(op.mul, input, other)
    return y if out is None else into(out, y)


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """y = input / other; ``rounding_mode`` "trunc" rounds the quotient towards zero, "floor" down.

    Integers divide to the default floating dtype, unless a rounding mode is given.

    >>> torch.div(torch.tensor([7, -7]), 2), torch.div(torch.tensor([7, -7]), 2, rounding_mode="floor")
    (tensor([ 3.5000, -3.5000]), tensor([ 3, -4]))
    """
    if rounding_mode is None:
        y = binary(op.div, input, other) if isinstance(input, Value) else careful(op.div, input, other)
    elif rounding_mode in ("floor", "trunc"):
        y = careful(division.div_floor if rounding_mode == "floor" else division.div_trunc, input, other)
    else:
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return y if out is None else into(out, y)


def true_divide(input: Any, other: Any, *, out: Any = None) -> Any:
    """y = input / other; another name of :func:`div` without a rounding mode."""
    return div(input, other, out=out)


def neg(input: Any, *, out: Any = None) -> Any:
    """y = −input

    >>> torch.neg(torch.tensor([1., -2.]))
    tensor([-1.,  2.])
    """
    y = unary(op.neg, tensor_like(input, "input", "neg"))
    return y if out is None else into(out, y)


def positive(input: Any) -> Any:
    """The tensor itself."""
    if tensor_like(input, "input", "positive").array.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


subtract, multiply, divide, negative = sub, mul, div, neg


# ---------------------------------------------------------------------- powers


def pow(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """y = inputᵉ; ``exponent`` is a number or a tensor, ``input`` may be a number if the exponent is a tensor.

    Integers stay integers, and then a negative exponent is an error, as in PyTorch.

    >>> torch.pow(torch.tensor([1., 2., 3.]), 2)
    tensor([1., 4., 9.])
    """
    exponent = operand(exponent)
    if isinstance(exponent, Value):
        y = (
            binary(powers.power, input, exponent)
            if isinstance(input, Value)
            else careful(powers.power_of_number, input, exponent)
        )
    else:
        y = power_of(tensor_like(input, "input", "pow"), number(exponent))
    return y if out is None else into(out, y)


def power_of(x: Any, p: Any) -> Any:
    """xᵖ for a Python number p."""
    if x.array.dtype.kind in "bui":
        if isinstance(p, float):
            x = x * 1.0
        elif p < 0:
            raise RuntimeError(
                message(
                    "Integers to negative integer powers are not allowed.",
                    "the result would be a fraction",
                    "x.float() ** -1    (or x ** -1.0)",
                )
            )
        elif x.array.dtype.kind == "b":
            x = x * 1
    if isinstance(p, complex) and x.array.dtype.kind != "c":
        return careful(powers.power, x, p)
    return unary(powers.square if p == 2 else powers.Pow(p), x)


def float_power(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """y = inputᵉ in double precision, whatever the dtypes of the operands.

    >>> torch.float_power(torch.tensor([2, 3]), -1)
    tensor([0.5000, 0.3333], dtype=torch.float64)
    """
    kind = dtypes.complex128 if any(holds_complex(x) for x in (input, exponent)) else dtypes.float64
    x, p = (cast(v, kind) if isinstance(v, Value) else v for v in (input, exponent))
    return into(out, pow(x, p) if isinstance(x, Value) else careful(powers.power_of_number, x, p))


def float_power_(input: Any, exponent: Any) -> Any:
    """`float_power` in place: only for tensors that are in double precision already."""
    kind = dtypes.complex128 if any(holds_complex(x) for x in (input, exponent)) else dtypes.float64
    here = dtypes.of(input.array)
    if here is not kind:
        raise RuntimeError(
            message(
                f"the base given to float_power_ has dtype {dtypes.title(here)} but the operation's result requires dtype "
                f"{dtypes.title(kind)}",
                "an in-place operation keeps the dtype of its tensor",
                "x.float_power(exponent)",
            )
        )
    return write(input, pow(input, exponent))


def holds_complex(x: Any) -> bool:
    return x.array.dtype.kind == "c" if isinstance(x, Value) else isinstance(x, complex)


# ---------------------------------------------------------------------- division with remainder


def floor_divide(input: Any, other: Any, *, out: Any = None) -> Any:
    """y = ⌊input / other⌋

    >>> torch.floor_divide(torch.tensor([7, -7]), 2)
    tensor([ 3, -4])
    """
    return into(out, careful(division.floor_divide, input, other))


def remainder(input: Any, other: Any, *, out: Any = None) -> Any:
    """y = input − other · ⌊input / other⌋, which has the sign of ``other``.

    >>> torch.remainder(torch.tensor([7, -7]), 3)
    tensor([1, 2])
    """
    return into(
        out, careful(division.remainder if isinstance(other, Value) else division.remainder_by_number, input, other)
    )


def fmod(input: Any, other: Any, *, out: Any = None) -> Any:
    """y = input − other · trunc(input / other), which has the sign of ``input``.

    >>> torch.fmod(torch.tensor([7, -7]), 3)
    tensor([ 1, -1])
    """
    tensor_like(input, "input", "fmod")
    return into(out, careful(division.fmod if isinstance(other, Value) else division.fmod_by_number, input, other))


# ---------------------------------------------------------------------- two operands


def of_two(operation: Op, name: str) -> Callable[..., Any]:
    """The function by PyTorch's name that belongs to an op of two tensors."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        y = binary(operation, tensor_like(input, "input", name), tensor_like(other, "other", name, 2))
        return y if out is None else into(out, y)

    return named(function, name, operation.__doc__)


def with_numbers(operation: Op, number_first: Op, number_second: Op, name: str) -> Callable[..., Any]:
    """The function by PyTorch's name that belongs to an op of two operands, one of which may be a number.

    PyTorch's names of the graph's nodes tell the three cases apart, so there is an op for each.
    """

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        if not isinstance(input, Value) and not isinstance(other, Value):
            tensor_like(input, "input", name)
        a, b = operand(input), operand(other)
        op = number_first if not isinstance(a, Value) else number_second if not isinstance(b, Value) else operation
        return into(out, careful(op, a, b))

    return named(function, name, operation.__doc__)


maximum, minimum = of_two(choice.maximum, "maximum"), of_two(choice.minimum, "minimum")
fmax, fmin = of_two(choice.fmax, "fmax"), of_two(choice.fmin, "fmin")
hypot, atan2 = of_two(powers.hypot, "hypot"), of_two(powers.atan2, "atan2")
arctan2 = of_two(powers.atan2, "arctan2")
logaddexp, logaddexp2 = of_two(powers.logaddexp, "logaddexp"), of_two(powers.logaddexp2, "logaddexp2")
ldexp, nextafter = of_two(powers.ldexp, "ldexp"), of_two(choice.nextafter, "nextafter")
gcd, lcm = of_two(division.gcd, "gcd"), of_two(division.lcm, "lcm")
copysign = with_numbers(op.copysign, op.copysign, op.copysign_of_number, "copysign")
xlogy = with_numbers(powers.xlogy, powers.number_log, powers.log_number, "xlogy")


def heaviside(input: Any, values: Any, *, out: Any = None) -> Any:
    """y = 0 where input < 0, 1 where input > 0, and ``values`` where input = 0.

    >>> torch.heaviside(torch.tensor([-1., 0., 2.]), torch.tensor([0.5]))
    tensor([0.0000, 0.5000, 1.0000])
    """
    a, b = tensor_like(input, "input", "heaviside").array, tensor_like(values, "values", "heaviside", 2).array
    if "c" in (a.dtype.kind, b.dtype.kind):
        raise RuntimeError("heaviside is not yet implemented for complex tensors.")
    if a.dtype != b.dtype:
        raise RuntimeError(
            message(
                "heaviside is not yet implemented for tensors with different dtypes.",
                f"input holds {dtypes.of(a)}, values {dtypes.of(b)}",
                "torch.heaviside(x, values.to(x.dtype))",
            )
        )
    return into(out, apply(choice.heaviside, input, values))


# ---------------------------------------------------------------------- three operands


def lerp(input: Any, end: Any, weight: Any, *, out: Any = None) -> Any:
    """y = input + weight · (end − input): from input at weight 0 to end at weight 1.

    >>> torch.lerp(torch.tensor([0., 10.]), torch.tensor([10., 20.]), 0.5)
    tensor([ 5., 15.])
    """
    tensor_like(input, "input", "lerp")
    for x, name in ((tensor_like(end, "end", "lerp", 2), "end"), (weight, "weight")):
        if isinstance(x, Value) and x.array.dtype != input.array.dtype:
            here, there = dtypes.of(input.array), dtypes.of(x.array)
            raise RuntimeError(
                message(
                    f"expected dtype {here.alias} for `{name}` but got dtype {there.alias}",
                    instead=f"{name}.to(x.dtype)",
                )
            )
    if isinstance(weight, Value):
        return into(out, apply(op.lerp, input, end, weight))
    return into(out, binary(made(op.LerpBy, weight), input, end))


def addcmul(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Any:
    """y = input + value · tensor1 · tensor2

    >>> torch.addcmul(torch.tensor([1.]), torch.tensor([2.]), torch.tensor([3.]), value=0.5)
    tensor([4.])
    """
    return into(out, of_three(made(op.AddCMul, value), "addcmul", input, tensor1, tensor2))


def addcdiv(input: Any, tensor1: Any, tensor2: Any, *, value: Any = 1, out: Any = None) -> Any:
    """y = input + value · tensor1 / tensor2

    >>> torch.addcdiv(torch.tensor([1.]), torch.tensor([2.]), torch.tensor([4.]))
    tensor([1.5000])
    """
    if all(x.array.dtype.kind in "bui" for x in (tensor1, tensor2)):
        raise RuntimeError(
            message(
                "Integer division with addcdiv is no longer supported",
                "whether its quotient is to be rounded is not clear",
                "input + value * torch.div(tensor1, tensor2, rounding_mode='trunc')    (or the true quotient, without)",
            )
        )
    return into(out, of_three(made(op.AddCDiv, value), "addcdiv", input, tensor1, tensor2))


def of_three(operation: Op, name: str, *tensors: Any) -> Any:
    """An op of three tensors, brought to one dtype where theirs differ."""
    for x, argument in zip(tensors, ("input", "tensor1", "tensor2")):
        tensor_like(x, argument, name)
    kind = tensors[0].array.dtype
    return (apply if all(x.array.dtype is kind for x in tensors) else careful)(operation, *tensors)


# ---------------------------------------------------------------------- in place


def update(target: Any, other: Any, change: Callable[[Any, Any], Any], function: Any, otherwise: Any = None) -> Any:
    """target = function(target, other) in place; by ``change``, Python's own operator, where no history is involved."""
    if hot.watched and otherwise is not None:
        return otherwise(target, other)
    x, recording = target.array, modes.grad
    kind = x.dtype
    if recording and (target.node is not None or target._base is not None):
        plain = False
    elif isinstance(other, Value):
        y = other.array
        plain = kind is y.dtype and kind in COUNTED and (not y.ndim or x.shape == y.shape)
        plain = plain and not (recording and other.node is not None)
    else:
        y = other
        plain = (type(y) is float or type(y) is int) and kind in FLOATS
    if not plain:
        check_writable(target)
        return write(target, function(target, other))
    if x.ndim:
        change(x, y if type(y) is ndarray else np.array(y, kind))
    else:  # arithmetic on scalars is several times quicker than on 0-dim arrays
        x[()] = change(x[()], y[()] if type(y) is ndarray else y)
    cell = target.version
    cell[0] += 1
    if getrefcount(cell) > UNSHARED:
        noted(cell)
    return target


def augmented(change: Callable[[Any, Any], Any], function: Any, named: Any) -> Callable[[Any, Any], Any]:
    """`update` as the method of an operator such as ``+=``, which says no more than that; while somebody watches, ``named``."""
    return FunctionType(update.__code__, update.__globals__, f"__{change.__name__}__", (change, function, named))


def add_(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """input += alpha · other"""
    plainly = alpha == 1 and alpha is not True
    return update(input, other if plainly else scaled(input, other, alpha), iadd, add)


def sub_(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """input −= alpha · other"""
    if alpha != 1 or alpha is True:
        op.sub.check_operands((input, other))
        other = scaled(input, other, alpha)
    return update(input, other, isub, sub)


def mul_(input: Any, other: Any) -> Any:
    """input *= other"""
    return update(input, other, imul, mul)


def div_(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """input /= other"""
    if rounding_mode is None and input.array.dtype.char in "fd":
        return update(input, other, itruediv, div)
    check_writable(input)
    return write(input, div(input, other, rounding_mode=rounding_mode))
