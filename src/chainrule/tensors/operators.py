"""The operators of a tensor: + − * / // % ** & | ^ ~ << >> and the comparisons, each one call into the hot path."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.dtypes import of
from ..base.errors import message
from ..graph.apply import FLOATS, apply, binary, by_heart, careful, unary
from ..graph.op import Op
from ..graph.value import Value
from ..ops import arithmetic as op
from ..ops import division, logic, powers
from . import arithmetic as named
from . import pointwise
from .inplace import check_writable, write
from .logic import compare

OPERANDS = (Value, int, float, complex, np.generic, np.ndarray)  # with anything else, Python asks the other operand


def infix(operation: Op, numbers: Callable[[Any, Any], Any] | None = None) -> Callable[..., Any]:
    """The method for ``self + other`` and its like; ``numbers`` is what the operator means for numbers that are real."""
    return by_heart(operation, numbers, asked)


def asked(operation: Op, a: Any, b: Any) -> Any:
    """`binary`, or word to Python that the other operand may know what to do."""
    try:
        return binary(operation, a, b)
    except TypeError:
        if isinstance(b, OPERANDS):
            raise
        return NotImplemented


def reflected(operation: Op) -> Callable[..., Any]:
    """The method for ``other + self`` and its like, where ``other`` is no tensor."""

    def method(self: Any, other: Any) -> Any:
        return careful(operation, other, self) if isinstance(other, OPERANDS) else NotImplemented

    return method


def relation(operation: Op) -> Callable[..., Any]:
    """The method for ``self < other`` and its like."""

    def method(self: Any, other: Any) -> Any:
        return compare(operation, self, other) if isinstance(other, OPERANDS) else NotImplemented

    return method


def assigning(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method for ``self += other`` and its like."""

    def method(self: Any, other: Any) -> Any:
        check_writable(self)
        return write(self, function(self, other))

    return method


class Operators:
    """What Python's operators mean for tensors; the named functions in `arithmetic` and `logic` say it in words."""

    array: np.ndarray
    node: Any
    version: list[int]
    _base: Any

    __array_priority__ = 1000  # NumPy arrays leave mixed operations to us

    __add__ = __radd__ = infix(op.add, operator.add)
    __sub__, __rsub__ = infix(op.sub, operator.sub), infix(op.rsub, op.rsub.forward)
    __mul__ = __rmul__ = infix(op.mul, operator.mul)
    __truediv__ = infix(op.div, operator.truediv)
    __floordiv__, __rfloordiv__ = infix(division.floor_divide), reflected(division.floor_divide)
    __rmod__, __rpow__ = reflected(division.remainder), reflected(powers.power_of_number)

    __and__ = __rand__ = infix(logic.bitwise_and)
    __or__ = __ror__ = infix(logic.bitwise_or)
    __xor__ = __rxor__ = infix(logic.bitwise_xor)
    __lshift__, __rlshift__ = infix(logic.left_shift), reflected(logic.left_shift)
    __rshift__, __rrshift__ = infix(logic.right_shift), reflected(logic.right_shift)

    __eq__, __ne__ = relation(logic.eq), relation(logic.ne)  # type: ignore[assignment]
    __lt__, __le__, __gt__, __ge__ = map(relation, (logic.lt, logic.le, logic.gt, logic.ge))

    __iadd__ = named.augmented(operator.iadd, named.add, named.add_)
    __isub__ = named.augmented(operator.isub, named.sub, named.sub_)
    __imul__, __itruediv__ = named.augmented(operator.imul, named.mul, named.mul_), named.div_
    __ifloordiv__, __imod__, __ipow__ = map(assigning, (named.floor_divide, named.remainder, named.pow))
    __iand__, __ior__, __ixor__ = map(assigning, (__and__, __or__, __xor__))
    __ilshift__, __irshift__ = assigning(__lshift__), assigning(__rshift__)

    __pos__, __abs__ = named.positive, pointwise.abs

    def __rtruediv__(self, other: Any) -> Any:
        return binary(op.mul, unary(op.reciprocal, self), other) if isinstance(other, OPERANDS) else NotImplemented

    def __mod__(self, other: Any) -> Any:
        return named.remainder(self, other) if isinstance(other, OPERANDS) else NotImplemented

    def __pow__(self, exponent: Any) -> Any:
        if type(exponent) is int and exponent == 2 and self.array.dtype in FLOATS:
            return unary(powers.square, self)
        return named.pow(self, exponent) if isinstance(exponent, OPERANDS) else NotImplemented

    def __neg__(self) -> Any:
        return unary(op.neg, self)

    def __invert__(self) -> Any:
        if self.array.dtype.kind not in "bui":
            raise TypeError(
                message(
                    "~ (operator.invert) is only implemented on integer and Boolean-type tensors",
                    f"this tensor holds {of(self.array)}",
                    "~(x > 0), or -x",
                )
            )
        return apply(logic.bitwise_not, self)
