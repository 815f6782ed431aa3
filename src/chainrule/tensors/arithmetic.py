"""Arithmetic on tensors by PyTorch's names, and the operators + − * / ** that call it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.apply import apply, binary, careful, unary
from ..graph.value import Value
from ..ops import arithmetic as op
from ..ops import logic
from .coerce import number, operand
from .inplace import into, write
from .logic import NUMBERS, compare

OPERANDS = (Value, *NUMBERS, np.ndarray)


def add(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """y = input + alpha · other, entry by entry after broadcasting.

    >>> torch.add(torch.tensor([1., 2.]), torch.tensor([10.]), alpha=2)
    tensor([21., 22.])
    """
    if alpha != 1:
        other = other * alpha
    y = binary(op.add, input, other) if isinstance(input, Value) else careful(op.add, input, other)
    return y if out is None else into(out, y)


def sub(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """y = input − alpha · other, entry by entry after broadcasting.

    >>> torch.sub(torch.tensor([1., 2.]), 1)
    tensor([0., 1.])
    """
    if alpha != 1:
        other = other * alpha
    y = binary(op.sub, input, other) if isinstance(input, Value) else careful(op.sub, input, other)
    return y if out is None else into(out, y)


def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Any:
    """y = other − alpha · input."""
    return binary(op.rsub, input * alpha if alpha != 1 else input, other)


def mul(input: Any, other: Any, *, out: Any = None) -> Any:
    """y = input · other, entry by entry after broadcasting.

    >>> torch.mul(torch.tensor([1., 2.]), torch.tensor([[3.], [4.]]))
    tensor([[3., 6.],
            [4., 8.]])
    """
    y = binary(op.mul, input, other) if isinstance(input, Value) else careful(op.mul, input, other)
    return y if out is None else into(out, y)


def neg(input: Any, *, out: Any = None) -> Any:
    """y = −input."""
    return into(out, unary(op.neg, input))


def pow(input: Any, exponent: Any, *, out: Any = None) -> Any:
    """y = inputᵉ; ``exponent`` is a number or a tensor, ``input`` may be a number if the exponent is a tensor.

    Integers stay integers, and then a negative exponent is an error, as in PyTorch.

    >>> torch.pow(torch.tensor([1., 2., 3.]), 2)
    tensor([1., 4., 9.])
    """
    exponent = operand(exponent)
    if isinstance(exponent, Value):
        y = binary(op.power, input, exponent) if isinstance(input, Value) else careful(op.power, input, exponent)
    else:
        y = power_of(input, number(exponent))
    return y if out is None else into(out, y)


def power_of(x: Any, p: Any) -> Any:
    """xᵖ for a Python number p."""
    if x.array.dtype.kind in "bui":
        if isinstance(p, float):
            x = x * 1.0
        elif p < 0:
            raise RuntimeError("Integers to negative integer powers are not allowed.")
        elif x.array.dtype.kind == "b":
            x = x * 1
    return unary(SQUARE if p == 2 else op.Pow(p), x)


SQUARE = op.Pow(2)


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Any:
    """y = input / other; ``rounding_mode`` "trunc" rounds the quotient towards zero, "floor" down.

    Integers divide to the default floating dtype, unless a rounding mode is given.

    >>> torch.div(torch.tensor([7, -7]), 2), torch.div(torch.tensor([7, -7]), 2, rounding_mode="floor")
    (tensor([ 3.5000, -3.5000]), tensor([ 3, -4]))
    """
    if rounding_mode is None:
        y = binary(op.div, input, other) if isinstance(input, Value) else careful(op.div, input, other)
    elif rounding_mode in ("floor", "trunc"):
        rounded = op.floor_divide if rounding_mode == "floor" else op.trunc_divide
        y = careful(rounded, input, other)
    else:
        raise RuntimeError(
            f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
        )
    return y if out is None else into(out, y)


# ---------------------------------------------------------------------- operators


class Operators:
    """The operators of a tensor. Each is one call into the hot path; the named functions above say what they mean."""

    array: np.ndarray
    node: Any
    version: list[int]
    _base: Any

    __array_priority__ = 1000  # NumPy arrays leave mixed operations to us

    def __add__(self, other: Any) -> Any:
        return binary(op.add, self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return binary(op.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return binary(op.rsub, self, other)

    def __mul__(self, other: Any) -> Any:
        return binary(op.mul, self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return binary(op.div, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return careful(op.mul, unary(op.reciprocal, self), other)

    def __floordiv__(self, other: Any) -> Any:
        return careful(op.floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return careful(op.floor_divide, other, self)

    def __mod__(self, other: Any) -> Any:
        return careful(op.remainder, self, other)

    def __rmod__(self, other: Any) -> Any:
        return careful(op.remainder, other, self)

    def __pow__(self, exponent: Any) -> Any:
        return pow(self, exponent)

    def __rpow__(self, base: Any) -> Any:
        return careful(op.power, base, self)

    def __neg__(self) -> Any:
        return unary(op.neg, self)  # type: ignore[arg-type]

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return unary(op.absolute, self)  # type: ignore[arg-type]

    def __eq__(self, other: Any) -> Any:
        return compare(logic.eq, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        return compare(logic.ne, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __lt__(self, other: Any) -> Any:
        return compare(logic.lt, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __le__(self, other: Any) -> Any:
        return compare(logic.le, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __gt__(self, other: Any) -> Any:
        return compare(logic.gt, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __ge__(self, other: Any) -> Any:
        return compare(logic.ge, self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __and__(self, other: Any) -> Any:
        return careful(logic.bitwise_and, self, other)

    def __or__(self, other: Any) -> Any:
        return careful(logic.bitwise_or, self, other)

    def __xor__(self, other: Any) -> Any:
        return careful(logic.bitwise_xor, self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __lshift__(self, other: Any) -> Any:
        return careful(logic.left_shift, self, other)

    def __rlshift__(self, other: Any) -> Any:
        return careful(logic.left_shift, other, self)

    def __rshift__(self, other: Any) -> Any:
        return careful(logic.right_shift, self, other)

    def __rrshift__(self, other: Any) -> Any:
        return careful(logic.right_shift, other, self)

    def __invert__(self) -> Any:
        return apply(logic.bitwise_not, self)

    def __iadd__(self, other: Any) -> Any:
        return update(np.add, add, self, other)

    def __isub__(self, other: Any) -> Any:
        return update(np.subtract, sub, self, other)

    def __imul__(self, other: Any) -> Any:
        return update(np.multiply, mul, self, other)

    def __itruediv__(self, other: Any) -> Any:
        return write(self, div(self, other))

    def __ifloordiv__(self, other: Any) -> Any:
        return write(self, self // other)

    def __imod__(self, other: Any) -> Any:
        return write(self, self % other)

    def __ipow__(self, exponent: Any) -> Any:
        return write(self, pow(self, exponent))


def update(ufunc: np.ufunc, function: Any, target: Any, other: Any) -> Any:
    """target = function(target, other) in place; straight into its memory where no history is involved."""
    x = target.array
    if not modes.grad and isinstance(other, Value):
        y = other.array
        if x.dtype is y.dtype and (y.ndim == 0 or x.shape == y.shape) and x.dtype.char in "fdl":
            ufunc(x, y, x)
            target.version[0] += 1
            return target
    return write(target, function(target, other))
