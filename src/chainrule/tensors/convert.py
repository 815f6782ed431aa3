"""From one form to another: dtypes, devices, copies, memory layout, Python objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..base.shapes import axis
from ..graph.apply import plain
from ..graph.promote import cast
from ..graph.value import Value
from ..ops import shape as op


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """The same entries in memory of their own; gradients flow through.

    >>> x = torch.ones(2); y = x.clone(); y[0] = 5; x
    tensor([1., 1.])
    """
    return plain(op.clone, input)


def contiguous(input: Any, memory_format: Any = None) -> Any:
    """The tensor itself if its entries lie in memory in order, otherwise a copy of which that holds."""
    if input.array.flags.c_contiguous:
        return input
    return plain(op.contiguous, input)


def to(input: Any, *args: Any, **kwargs: Any) -> Any:
    """The tensor in another dtype, on another device, or both: ``x.to(torch.float64)``, ``x.to("cpu")``, ``x.to(other)``.

    The tensor itself where nothing changes, unless ``copy=True``.

    >>> torch.tensor([1, 2]).to(torch.float32)
    tensor([1., 2.])
    """
    dtype, copy = destination(*args, **kwargs)
    if dtype is None or dtypes.of(input.array) is dtype:
        return clone(input) if copy else input
    return cast(input, dtype)


def destination(*args: Any, **kwargs: Any) -> tuple[Any, bool]:
    """What ``to(…)`` was asked for: a dtype or None, and whether to copy in any case."""
    dtype, device, copy = kwargs.pop("dtype", None), kwargs.pop("device", None), kwargs.pop("copy", False)
    other = kwargs.pop("other", None)
    rest = list(args)
    kwargs.pop("non_blocking", None)
    kwargs.pop("memory_format", None)
    if kwargs:
        raise TypeError(f"to() got an unexpected keyword argument '{next(iter(kwargs))}'")
    if rest and isinstance(rest[0], Value):
        other = rest.pop(0)
    elif rest and isinstance(rest[0], (dtypes.dtype, type)):
        dtype = rest.pop(0)
    elif rest:
        device = rest.pop(0)
        if rest and isinstance(rest[0], (dtypes.dtype, type)):
            dtype = rest.pop(0)
    if len(rest) > 2:
        raise TypeError(f"to() received too many arguments: {args}")
    if len(rest) == 2:
        copy = rest[1]
    if other is not None:
        dtype = dtypes.of(other.array)
    if device is not None:
        devices.check(device)
    return (as_dtype(dtype) if dtype is not None else None), bool(copy)


def as_dtype(kind: Any) -> dtypes.dtype:
    """A chainrule dtype for a chainrule dtype, ``float``, ``int``, ``bool`` or ``complex``."""
    if isinstance(kind, dtypes.dtype):
        return kind
    if kind in (float, int, bool, complex):
        return dtypes.FROM_NUMPY[np.dtype(kind)]
    raise TypeError(
        message(f"to(): argument 'dtype' must be torch.dtype, not {kind!r}", instead="x.to(torch.float32), x.to('cpu')")
    )


def conversion(name: str, kind: dtypes.dtype) -> Any:
    """The method that converts to one dtype."""

    def method(input: Any, memory_format: Any = None) -> Any:
        return cast(input, kind)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"The tensor in dtype ``torch.{kind.name}``; itself if that is its dtype."
    return method


float_ = conversion("float", dtypes.float32)
double = conversion("double", dtypes.float64)
half = conversion("half", dtypes.float16)
bfloat16 = conversion("bfloat16", dtypes.bfloat16)
long = conversion("long", dtypes.int64)
int_ = conversion("int", dtypes.int32)
short = conversion("short", dtypes.int16)
char = conversion("char", dtypes.int8)
byte = conversion("byte", dtypes.uint8)
bool_ = conversion("bool", dtypes.bool_)
cfloat = conversion("cfloat", dtypes.complex64)
cdouble = conversion("cdouble", dtypes.complex128)


NAMES = {
    "FloatTensor": dtypes.float32, "DoubleTensor": dtypes.float64, "HalfTensor": dtypes.float16,
    "BFloat16Tensor": dtypes.bfloat16, "LongTensor": dtypes.int64, "IntTensor": dtypes.int32, "ShortTensor": dtypes.int16,
    "CharTensor": dtypes.int8, "ByteTensor": dtypes.uint8, "BoolTensor": dtypes.bool_,
    "ComplexFloatTensor": dtypes.complex64, "ComplexDoubleTensor": dtypes.complex128,
}  # fmt: skip
TYPE_NAMES = {kind: f"torch.{name}" for name, kind in NAMES.items()}


def type_(input: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type, such as ``"torch.FloatTensor"``; with ``dtype``, the tensor converted to it."""
    if dtype is None:
        kind = dtypes.of(input.array)
        return TYPE_NAMES.get(kind, f"torch.{kind.name.capitalize()}Tensor")
    if isinstance(dtype, str):
        found = NAMES.get(dtype.removeprefix("torch."))
        if found is None:
            raise ValueError(message(f"invalid type: '{dtype}'", instead="x.type(torch.float32)"))
        return cast(input, found)
    return cast(input, getattr(dtype, "legacy_dtype", None) or as_dtype(dtype))


def type_as(input: Any, other: Any) -> Any:
    """The tensor in the dtype of another."""
    return cast(input, dtypes.of(other.array))


def data_ptr(input: Any) -> int:
    """The address of the first entry."""
    return input.array.__array_interface__["data"][0] if input.array.size else 0


def stride(input: Any, dim: int | None = None) -> Any:
    """How many entries apart neighbours along each axis (or one) lie in memory."""
    x = input.array
    steps = tuple([s // x.itemsize for s in x.strides])
    return steps if dim is None else steps[axis(dim, x.ndim)]


def is_contiguous(input: Any, memory_format: Any = None) -> bool:
    """Whether the entries lie in memory one after the other, in order."""
    return input.array.flags.c_contiguous


def element_size(input: Any) -> int:
    """Bytes for one entry."""
    return input.array.itemsize


class Conversions:
    """The methods whose names are those of Python's own types: kept apart so that they shadow nothing in `Tensor`."""

    float, double, half, bfloat16 = float_, double, half, bfloat16
    long, int, short, char, byte, bool = long, int_, short, char, byte, bool_
    cfloat, cdouble = cfloat, cdouble
    type = type_
