"""From one form to another: copies, dtypes, devices, real and complex."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.dtypes import title
from ..base.errors import message
from ..base.layout import in_format, preserve_format
from ..graph.apply import look, plain
from ..graph.promote import cast
from ..graph.value import Value, wrap
from ..ops import complex as complex_op
from ..ops import shape as op
from .inplace import into

# ---------------------------------------------------------------------- copies


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """The same entries in memory of their own; gradients flow through.

    >>> x = torch.ones(2); y = x.clone(); y[0] = 5; x
    tensor([1., 1.])
    """
    return plain(op.clone if memory_format is None else op.CloneAs(memory_format), input)


def contiguous(input: Any, memory_format: Any = None) -> Any:
    """The tensor itself if its entries lie in memory in order, otherwise a copy of which that holds."""
    if memory_format is None:
        return input if input.array.flags.c_contiguous else plain(op.contiguous, input)
    return input if in_format(input.array, memory_format) else plain(op.CloneAs(memory_format), input)


# ---------------------------------------------------------------------- dtypes and devices


def to(input: Any, *args: Any, **kwargs: Any) -> Any:
    """The tensor in another dtype, on another device, or both: ``x.to(torch.float64)``, ``x.to("cpu")``, ``x.to(other)``.

    The tensor itself where nothing changes, unless ``copy=True``.

    >>> torch.tensor([1, 2]).to(torch.float32)
    tensor([1., 2.])
    """
    if len(args) == 1 and not kwargs and type(args[0]) is dtypes.dtype:
        return cast(input, args[0])
    order = kwargs.pop("memory_format", None)
    dtype, copy = destination(*args, **kwargs)
    if dtype is None or dtypes.of(input.array) is dtype:
        result = clone(input) if copy else input
    else:
        result = cast(input, dtype)
    return result if order in (None, preserve_format) else contiguous(result, order)


def destination(*args: Any, dtype: Any = None, device: Any = None, other: Any = None, non_blocking: bool = False,
                copy: bool = False) -> tuple[Any, bool]:  # fmt: skip
    """What ``to(…)`` was asked for: a dtype or None, and whether to copy in any case."""
    rest = list(args)
    if rest and isinstance(rest[0], Value):
        other = rest.pop(0)
    elif rest and not is_dtype(rest[0]):
        device = rest.pop(0)
    if rest and is_dtype(rest[0]):
        dtype = rest.pop(0)
    if len(rest) > 2 or any(not isinstance(r, bool) for r in rest):
        raise TypeError(
            message(
                f"to() received an invalid combination of arguments - got ({', '.join(type(a).__name__ for a in args)})",
                instead="x.to(dtype), x.to(device), x.to(device, dtype) or x.to(other), then non_blocking=… and copy=…",
            )
        )
    if other is not None:
        dtype = dtypes.of(other.array)
    if device is not None:
        if not isinstance(device, (str, int, devices.device)):
            raise TypeError(f"to(): argument 'device' must be torch.device, not {type(device).__name__}")
        devices.check(device)
    return None if dtype is None else as_dtype(dtype), copy or (len(rest) == 2 and rest[1])


def is_dtype(x: Any) -> bool:
    return isinstance(x, dtypes.dtype) or x in (float, int, bool, complex)


def as_dtype(kind: Any) -> dtypes.dtype:
    """A dtype for a dtype, or for Python's ``float``, ``int``, ``bool`` or ``complex``."""
    if isinstance(kind, dtypes.dtype):
        return kind
    if kind in (float, int, bool, complex):
        return dtypes.FROM_NUMPY[np.dtype(kind)]
    raise TypeError(message(f"dtype must be torch.dtype, not {type(kind).__name__}", instead="x.to(torch.float32)"))


def conversion(name: str, kind: dtypes.dtype) -> Any:
    """The method that converts to one dtype."""

    def method(input: Any, memory_format: Any = None) -> Any:
        return cast(input, kind) if memory_format is None else to(input, kind, memory_format=memory_format)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"The tensor in dtype ``torch.{kind.name}``; itself if that is its dtype."
    return method


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
            if dtype.startswith("torch.cuda."):
                devices.check("cuda")
            raise ValueError(message(f"invalid type: '{dtype}'", instead="x.type(torch.float32)"))
        return cast(input, found)
    return cast(input, as_dtype(getattr(dtype, "legacy_dtype", dtype)))


def type_as(input: Any, other: Any) -> Any:
    """The tensor in the dtype of another."""
    return cast(input, dtypes.of(other.array))


def complex_(real: Any, imag: Any, *, out: Any = None) -> Any:
    """y = real + i · imag

    >>> torch.complex(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor([1.+3.j, 2.+4.j])
    """
    a, b = dtypes.of(real.array), dtypes.of(imag.array)
    for kind in (a, b):
        if kind not in (dtypes.float32, dtypes.float64):
            raise RuntimeError(
                message(
                    f"Expected both inputs to be Half, Float or Double tensors but got {title(a)} and {title(b)}",
                    "there are complex numbers of 32-bit and of 64-bit reals",
                    "x.float()",
                )
            )
    if a is not b:
        raise RuntimeError(f"Expected object of scalar type {title(a)} but got scalar type {title(b)} for second argument")
    return into(out, plain(complex_op.complex_, real, imag))


def real(input: Any) -> Any:
    """The real part: a view of complex numbers, real ones as they are."""
    return look(complex_op.real, input) if input.array.dtype.kind == "c" else input


def imag(input: Any) -> Any:
    """The imaginary part of complex numbers: a view."""
    if input.array.dtype.kind != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return look(complex_op.imag, input)


def cpu(input: Any, memory_format: Any = None) -> Any:
    """The tensor itself: everything is on the CPU."""
    return input if memory_format is None else to(input, memory_format=memory_format)


def cuda(input: Any, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Any:
    """There is no GPU here: an error that says so."""
    return to(input, devices.device("cuda" if device is None else device), memory_format=memory_format)


def view_as_dtype(input: Any, dtype: Any) -> Any:
    """The same bytes read as numbers of another dtype; without history, as bits have no derivative."""
    if not isinstance(dtype, dtypes.dtype):
        raise TypeError(
            message(
                f"view() received an invalid combination of arguments - got ({'' if dtype is None else type(dtype).__name__}), "
                "but expected one of: (torch.dtype dtype), (tuple of ints size)",
                instead="x.view(2, -1), x.view(torch.int32)",
            )
        )
    x, kind = input.array, dtype.numpy
    if x.dtype == kind:
        return look(op.Reshape(x.shape), input)
    old, new = x.itemsize, kind.itemsize
    if old != new:
        if not x.ndim:
            raise RuntimeError("self.dim() cannot be 0 to view " + sizes_differ(x, dtype))
        if x.strides[-1] != old and x.shape[-1] != 1:
            raise RuntimeError("self.stride(-1) must be 1 to view " + sizes_differ(x, dtype) + f", but got {x.strides[-1] // old}")
        if old < new and x.shape[-1] * old % new:
            raise RuntimeError(
                f"self.size(-1) must be divisible by {new // old} to view " + sizes_differ(x, dtype) + f", but got {x.shape[-1]}"
            )
    result = wrap(x.view(kind))
    result.version = input.version
    return result


def sizes_differ(x: np.ndarray, dtype: dtypes.dtype) -> str:
    return f"{title(dtypes.of(x))} as {title(dtype)} (different element sizes)"


# ---------------------------------------------------------------------- names that are Python's own


class Conversions:
    """The methods whose names are those of Python's own types: kept apart so that they shadow nothing in `Tensor`."""

    float, double = conversion("float", dtypes.float32), conversion("double", dtypes.float64)
    half, bfloat16 = conversion("half", dtypes.float16), conversion("bfloat16", dtypes.bfloat16)
    long, int = conversion("long", dtypes.int64), conversion("int", dtypes.int32)
    short, char = conversion("short", dtypes.int16), conversion("char", dtypes.int8)
    byte, bool = conversion("byte", dtypes.uint8), conversion("bool", dtypes.bool_)
    cfloat, cdouble = conversion("cfloat", dtypes.complex64), conversion("cdouble", dtypes.complex128)
    chalf = conversion("chalf", dtypes.complex64)
    type = type_
