"""Comparisons, truth, and choosing by a condition, by PyTorch's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..base.shapes import broadcast
from ..graph.apply import apply, careful, plain
from ..graph.op import Op
from ..graph.value import Value, wrap
from ..ops import logic as op
from .coerce import operand, tensor_like
from .inplace import into
from .pointwise import named


def compare(relation: Op, a: Any, b: Any) -> Any:
    """A truth value for each pair of entries; no history, as it is constant almost everywhere."""
    x = a.array
    if isinstance(b, Value):
        y = b.array
        if x.dtype is not y.dtype:
            return careful(relation, a, b)
    elif (type(b) is float or type(b) is int) and x.dtype.char in "fd":
        y = np.array(b, x.dtype)
    elif isinstance(b, np.ndarray):
        return careful(relation, a, wrap(b))
    else:
        return careful(relation, a, b)
    if x.dtype.char in relation.slow:
        return careful(relation, a, b)
    try:
        return wrap(relation.compute(x, y))
    except ValueError:
        broadcast(x.shape, y.shape)  # says which sizes do not meet
        raise


def comparison(relation: Op) -> Callable[..., Any]:
    """The function by PyTorch's name that belongs to a relation."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        y = compare(relation, tensor_like(input, "input", function.__name__), other)
        return y if out is None else into(out, y)

    return named(function, type(relation).__name__.lower(), relation.__doc__)


eq, ne = comparison(op.eq), comparison(op.ne)
lt, le, gt, ge = comparison(op.lt), comparison(op.le), comparison(op.gt), comparison(op.ge)
not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge


def truth(relation: Op, name: str) -> Callable[..., Any]:
    """The function that belongs to a logical connective; any number but 0 counts as true."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        y = plain(relation, tensor_like(input, "input", name), tensor_like(other, "other", name, 2))
        return y if out is None else into(out, y)

    return named(function, name, relation.__doc__)


logical_and, logical_or = truth(op.logical_and, "logical_and"), truth(op.logical_or, "logical_or")
logical_xor = truth(op.logical_xor, "logical_xor")


def logical_not(input: Any, *, out: Any = None) -> Any:
    """y = 1 where input = 0

    >>> torch.logical_not(torch.tensor([0., 2.]))
    tensor([ True, False])
    """
    return into(out, plain(op.logical_not, tensor_like(input, "input", "logical_not")))


def bitwise(operation: Op, name: str) -> Callable[..., Any]:
    """The function that belongs to an op on bits; one of the operands may be a number."""

    def function(input: Any, other: Any, *, out: Any = None) -> Any:
        y = careful(operation, operand(input), operand(other))
        return y if out is None else into(out, y)

    return named(function, name, operation.__doc__)


bitwise_and, bitwise_or = bitwise(op.bitwise_and, "bitwise_and"), bitwise(op.bitwise_or, "bitwise_or")
bitwise_xor = bitwise(op.bitwise_xor, "bitwise_xor")
bitwise_left_shift = bitwise(op.left_shift, "bitwise_left_shift")
bitwise_right_shift = bitwise(op.right_shift, "bitwise_right_shift")


def bitwise_not(input: Any, *, out: Any = None) -> Any:
    """y = the bits that input lacks; for truth values, the opposite

    >>> torch.bitwise_not(torch.tensor([True, False]))
    tensor([False,  True])
    """
    return into(out, apply(op.bitwise_not, input))


# ---------------------------------------------------------------------- choosing


def as_condition(x: Any) -> Any:
    """Bytes as truth values, as PyTorch still takes them; an error for other numbers."""
    if x.array.dtype.char != "B":
        raise RuntimeError(
            message(
                "where expected condition to be a boolean tensor, but got a tensor with dtype "
                f"{dtypes.title(dtypes.of(x.array))}",
                "a number is not a condition until it is compared with something",
                "torch.where(x != 0, a, b)    (or whichever comparison is meant)",
            )
        )
    return wrap(x.array != 0)


def where(condition: Any, input: Any = None, other: Any = None, *, out: Any = None) -> Any:
    """y = input where the condition holds, else other; with the condition alone, the indices where it holds.

    >>> x = torch.tensor([-1., 2.])
    >>> torch.where(x > 0, x, 0.)
    tensor([0., 2.])
    """
    tensor_like(condition, "condition", "where")
    if input is None and other is None:
        return tuple(wrap(i) for i in condition.array.nonzero())
    if condition.array.dtype.char != "?":
        condition = as_condition(condition)
    if isinstance(input, Value):
        x = input.array
        if isinstance(other, Value):
            alike = x.dtype is other.array.dtype and x.dtype.char not in op.where.slow
        elif alike := x.dtype.char in "fd" and (type(other) is float or type(other) is int):
            other = np.array(other, x.dtype)
        y = (plain if alike else careful)(op.where, condition, input, operand(other) if not alike else other)
    elif isinstance(other, Value):
        y = careful(op.where, condition, operand(input), other)
    else:
        common = dtypes.result_type([], [], [input, other]).numpy
        y = plain(op.where, condition, np.array(input, common), np.array(other, common))
    return y if out is None else into(out, y)


# ---------------------------------------------------------------------- nearly or exactly the same


def isclose(input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """y = 1 where |input − other| ≤ atol + rtol · |other|, or where both are the same infinity.

    >>> torch.isclose(torch.tensor([1., 1.]), torch.tensor([1.000001, 1.1]))
    tensor([ True, False])
    """
    a, b = tensor_like(input, "input", "isclose").array, tensor_like(other, "other", "isclose", 2).array
    if a.dtype != b.dtype:
        raise RuntimeError(
            message(
                f"{dtypes.title(dtypes.of(a))} did not match {dtypes.title(dtypes.of(b))}",
                "two numbers are compared in the precision of both",
                "torch.isclose(x, y.to(x.dtype))",
            )
        )
    if rtol < 0 or atol < 0:
        name, value = ("rtol", rtol) if rtol < 0 else ("atol", atol)
        raise RuntimeError(f"{name} must be greater than or equal to zero, but got {value}")
    broadcast(a.shape, b.shape)
    same = a == b
    if a.dtype.kind != "b" or atol or rtol:
        wide = a.astype(np.float64) if a.dtype.kind in "iub" else a
        gap = np.abs(wide - b)
        same = same | (np.isfinite(gap) & (gap <= atol + np.abs(rtol * b)))
    if equal_nan and a.dtype.kind in "fcV":
        same = same | (np.isnan(a) & np.isnan(b))
    return wrap(same)


def allclose(input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether |input − other| ≤ atol + rtol · |other| for all entries.

    >>> torch.allclose(torch.tensor([1., 2.]), torch.tensor([1., 2.0000001]))
    True
    """
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def equal(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape and the same entries.

    >>> torch.equal(torch.tensor([1, 2]), torch.tensor([1, 2]))
    True
    """
    a, b = tensor_like(input, "input", "equal").array, tensor_like(other, "other", "equal", 2).array
    return a.shape == b.shape and bool((a == b).all())
