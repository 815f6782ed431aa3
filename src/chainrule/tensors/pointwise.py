"""Functions of one entry by PyTorch's names: exp, sin, sigmoid, clamp and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..graph.apply import unary
from ..graph.op import Op
from ..graph.promote import cast
from ..graph.value import Value
from ..ops import activations, arithmetic, scalar
from .coerce import number, tensor_like
from .inplace import into


def function_of(op: Op, name: str = "") -> Callable[..., Any]:
    """The function by PyTorch's name that belongs to an op of one input."""
    name = name or type(op).__name__.lower()

    def function(input: Any, *, out: Any = None) -> Any:
        if not isinstance(input, Value):
            tensor_like(input, "input", name)
        y = unary(op, input)
        return y if out is None else into(out, y)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = op.__doc__
    return function


exp, log, sqrt = function_of(scalar.exp), function_of(scalar.log), function_of(scalar.sqrt)
sin, cos, tanh = function_of(scalar.sin), function_of(scalar.cos), function_of(scalar.tanh)
sign = function_of(scalar.sign)
abs, reciprocal = function_of(arithmetic.absolute, "abs"), function_of(arithmetic.reciprocal)
square = function_of(arithmetic.Pow(2), "square")
sigmoid, relu = function_of(activations.sigmoid), function_of(activations.relu)


def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """y = input, but at least ``min`` and at most ``max``.

    >>> torch.clamp(torch.tensor([-1., 0.5, 3.]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    tensor_like(input, "input", "clamp")
    if min is None and max is None:
        raise RuntimeError(
            message("torch.clamp: At least one of 'min' or 'max' must not be None", "there is no bound to keep to")
        )
    low, high = number(min), number(max)
    bounds = [b for b in (low, high) if b is not None]
    x = input.array
    if x.dtype.char not in "fd":
        input = cast(input, dtypes.result_type([dtypes.of(x)], [], bounds))
    y = unary(activations.Clamp(low, high), input)
    return y if out is None else into(out, y)


def clip(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """Another name of :func:`clamp`."""
    return clamp(input, min, max, out=out)


def isnan(input: Any) -> Any:
    """y = 1 where the entry is not a number."""
    from ..graph.value import wrap

    return wrap(np.isnan(tensor_like(input, "input", "isnan").array))
