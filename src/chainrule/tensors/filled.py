"""New tensors filled with given values: zeros, ones, one number, equal steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..base.layout import check_layout, copy_in_format, laid_out_like, preserve_format
from ..graph.promote import as_array
from ..graph.value import wrap
from ..native import aligned
from ..ops.kernels import spacing
from ..ops.kernels.memory import onto
from .coerce import number, require_floating, sizes, tensor_like
from .inplace import into


def finish(array: np.ndarray, out: Any = None, *, requires_grad: bool = False, device: Any = None, layout: Any = None,
           pin_memory: bool = False, **unknown: Any) -> Any:  # fmt: skip
    """A new tensor around an array that nobody else holds, with the options that all functions here share."""
    if device is not None:
        devices.check(device)
    if layout is not None or pin_memory:
        check_layout(layout, pin_memory)
    if unknown:
        raise TypeError(
            message(
                f"got an unexpected keyword argument '{next(iter(unknown))}'",
                instead="dtype=, device=, requires_grad=, layout=, pin_memory= or out=",
            )
        )
    t = wrap(array)
    if out is not None:
        return into(out, t)
    if requires_grad:
        require_floating(array, "Only Tensors of floating point and complex dtype can require gradients")
        t.requires_grad_()
    return t


def zeros(*size: Any, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """A tensor of zeros of the given shape.

    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return finish(aligned.zeros(extent(size, options), dtypes.numpy_of(dtype)), out, **options)


def ones(*size: Any, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """A tensor of ones of the given shape.

    >>> torch.ones(3)
    tensor([1., 1., 1.])
    """
    return finish(aligned.full(extent(size, options), dtypes.numpy_of(dtype), 1), out, **options)


def empty(*size: Any, out: Any = None, dtype: Any = None, memory_format: Any = None, **options: Any) -> Any:
    """A tensor of the given shape whose entries are whatever was in memory."""
    x = aligned.empty(extent(size, options), dtypes.numpy_of(dtype))
    return finish(x if memory_format is None else copy_in_format(x, memory_format), out, **options)


def empty_strided(size: Any, stride: Any, *, dtype: Any = None, **options: Any) -> Any:
    """A tensor of the given shape and strides (in entries) whose entries are whatever was in memory."""
    shape, steps, kind = extent((size,), {}), sizes((stride,)), dtypes.numpy_of(dtype)
    if len(shape) != len(steps):
        raise RuntimeError("mismatch in length of strides and shape")
    room = 1 + sum((n - 1) * s for n, s in zip(shape, steps)) if math.prod(shape) else 0
    return finish(onto(np.empty(room, kind), shape, tuple([s * kind.itemsize for s in steps])), **options)


def extent(size: tuple[Any, ...], options: dict[str, Any]) -> tuple[int, ...]:
    """The shape in ``zeros(2, 3)``, ``zeros((2, 3))`` or ``zeros(size=(2, 3))``; sizes count, so none is negative."""
    if not size and "size" in options:
        size = (options.pop("size"),)
    if not size:
        raise TypeError(message('missing 1 required positional arguments: "size"', instead="torch.zeros(()) for a single number"))
    shape = sizes(size)
    for n in shape:
        if n < 0:
            raise RuntimeError(
                message(f"Trying to create tensor with negative dimension {n}: {list(shape)}", "a size counts entries")
            )
    return shape


def full(size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """A tensor of the given shape, every entry ``fill_value``; its dtype is that of the value unless given.

    >>> torch.full((2, 2), 3.5)
    tensor([[3.5000, 3.5000],
            [3.5000, 3.5000]])
    """
    if isinstance(size, int):
        raise TypeError(
            message("full(): argument 'size' (position 1) must be tuple of ints, not int", instead=f"torch.full(({size},), …)")
        )
    value = number(fill_value)
    kind = dtypes.of_scalar(value).numpy if dtype is None else dtypes.numpy_of(dtype)
    return finish(aligned.full(extent((size,), {}), kind, as_array(value, kind)), out, **options)


def like(input: Any, dtype: Any, order: Any, make: Any = aligned.empty) -> np.ndarray:
    """An array of the shape of another, of its dtype unless told, in its order in memory unless told."""
    x = tensor_like(input).array
    kind = x.dtype if dtype is None else dtypes.numpy_of(dtype)
    if order in (None, preserve_format):
        return laid_out_like(x, lambda shape: make(shape, kind))
    return copy_in_format(make(x.shape, kind), order)


def zeros_like(input: Any, *, dtype: Any = None, memory_format: Any = None, **options: Any) -> Any:
    """A tensor of zeros with the shape (and unless given, the dtype) of another."""
    return finish(like(input, dtype, memory_format, aligned.zeros), **options)


def ones_like(input: Any, *, dtype: Any = None, memory_format: Any = None, **options: Any) -> Any:
    """A tensor of ones with the shape (and unless given, the dtype) of another."""
    return finish(like(input, dtype, memory_format, np.ones), **options)


def empty_like(input: Any, *, dtype: Any = None, memory_format: Any = None, **options: Any) -> Any:
    """A tensor of the shape (and unless given, the dtype) of another, its entries whatever was in memory."""
    return finish(like(input, dtype, memory_format), **options)


def full_like(input: Any, fill_value: Any, *, dtype: Any = None, memory_format: Any = None, **options: Any) -> Any:
    """A tensor of the shape (and unless given, the dtype) of another, every entry ``fill_value``."""
    x = like(input, dtype, memory_format)
    x[...] = as_array(number(fill_value), x.dtype)
    return finish(x, **options)


def scalar_tensor(s: Any, *, dtype: Any = None, **options: Any) -> Any:
    """A tensor without dimensions that holds one number, in the default dtype unless told."""
    return finish(as_array(number(s), dtypes.numpy_of(dtype)), **options)


# ---------------------------------------------------------------------- of another tensor's dtype


def new_zeros(self: Any, *size: Any, dtype: Any = None, **options: Any) -> Any:
    """A tensor of zeros of the given shape, in this tensor's dtype unless told."""
    return finish(aligned.zeros(extent(size, options), kind_of(self, dtype)), **options)


def new_ones(self: Any, *size: Any, dtype: Any = None, **options: Any) -> Any:
    """A tensor of ones of the given shape, in this tensor's dtype unless told."""
    return finish(aligned.full(extent(size, options), kind_of(self, dtype), 1), **options)


def new_empty(self: Any, *size: Any, dtype: Any = None, **options: Any) -> Any:
    """A tensor of the given shape, in this tensor's dtype unless told, its entries whatever was in memory."""
    return finish(aligned.empty(extent(size, options), kind_of(self, dtype)), **options)


def new_empty_strided(self: Any, size: Any, stride: Any, dtype: Any = None, **options: Any) -> Any:
    """`empty_strided` in this tensor's dtype unless told."""
    return empty_strided(size, stride, dtype=kind_of(self, dtype), **options)


def new_full(self: Any, size: Any, fill_value: Any, *, dtype: Any = None, **options: Any) -> Any:
    """A tensor of the given shape, every entry ``fill_value``, in this tensor's dtype unless told."""
    kind = kind_of(self, dtype)
    return finish(aligned.full(extent((size,), {}), kind, as_array(number(fill_value), kind)), **options)


def kind_of(self: Any, dtype: Any) -> np.dtype:
    return self.array.dtype if dtype is None else dtypes.numpy_of(dtype)


# ---------------------------------------------------------------------- in equal steps


def arange(start: Any = None, end: Any = None, step: Any = 1, *, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """start, start + step, … below ``end``: y[i] = start + i · step, ⌈(end − start) / step⌉ entries.

    >>> torch.arange(5), torch.arange(1, 2.5, 0.5)
    (tensor([0, 1, 2, 3, 4]), tensor([1.0000, 1.5000, 2.0000]))
    """
    if end is None:
        start, end = 0, start
    elif start is None:
        start = 0
    if dtype is None and type(start) is int and type(end) is int and type(step) is int and (end - start) * step > 0:
        return finish(np.arange(start, end, step, dtype=np.int64), out, **options)
    start, end, step, kind = walk("arange", start, end, step, dtype)
    if kind.kind == "b":
        raise NotImplementedError("\"arange_cpu\" not implemented for 'Bool'")
    if kind.kind in "iu":
        if kind == np.int64:  # PyTorch counts the entries of other integers before it cuts the fractions off
            start, end, step = int(start), int(end), int(step)
        count = max(math.ceil((end - start) / step), 0)
        return finish((int(start) + int(step) * np.arange(count)).astype(kind, copy=False), out, **options)
    return finish(spacing.arange(start, step, math.ceil((end - start) / step), kind), out, **options)


def range_(start: Any = 0, end: Any = None, step: Any = 1, *, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """start, start + step, … up to and including ``end``. (`arange`, which leaves the end out, is the one to use.)"""
    import warnings

    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with Python's "
        "range builtin. Instead, use torch.arange, which produces values in [start, end).",
        UserWarning,
        stacklevel=2,
    )
    kind = dtypes.Defaults.dtype if dtype is None else dtype
    if end is None:
        start, end = 0, start
    start, end, step, _ = walk("range", start, end, step, kind)
    count = math.floor((end - start) / step) + 1
    return finish(spacing.arange(start, step, count, dtypes.numpy_of(kind)), out, **options)


def walk(function: str, start: Any, end: Any, step: Any, dtype: Any) -> tuple[Any, Any, Any, np.dtype]:
    """Start, end and step as numbers that make sense together, and the dtype they ask for."""
    found = [number(n) for n in (start, end, step)]
    for name, n in zip(("start", "end", "step"), found):
        if not isinstance(n, (int, float)):
            raise TypeError(f"{function}(): argument '{name}' must be Number, not {type(n).__name__}")
    start, end, step = found
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError(
            message(
                "upper bound and lower bound inconsistent with step sign",
                f"stepping by {step} from {start} never reaches {end}",
                f"torch.{function}({start}, {end}, {-step})",
            )
        )
    if dtype is not None:
        return start, end, step, dtypes.numpy_of(dtype)
    whole = all(isinstance(n, int) for n in found)
    return start, end, step, np.dtype(np.int64) if whole else dtypes.Defaults.dtype.numpy


def linspace(start: Any, end: Any, steps: int, *, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """``steps`` numbers at equal distances, from ``start`` to ``end``, both included.

    >>> torch.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    return finish(spaced(number(start), number(end), steps, dtype), out, **options)


def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, out: Any = None, dtype: Any = None,
             **options: Any) -> Any:  # fmt: skip
    """``steps`` powers of ``base``, their exponents at equal distances from ``start`` to ``end``.

    >>> torch.logspace(0, 2, 3)
    tensor([  1.,  10., 100.])
    """
    kind = dtypes.numpy_of(dtype)
    exponents = spaced(number(start), number(end), steps, None if kind.kind in "iu" else dtype)
    wide = exponents.astype(np.float64 if kind.kind != "c" else np.complex128)
    return finish(np.power(float(base), wide).astype(kind), out, **options)


def spaced(start: Any, end: Any, steps: int, dtype: Any) -> np.ndarray:
    """The array of a `linspace`."""
    kind = dtypes.numpy_of(dtype)
    if dtype is None and (isinstance(start, complex) or isinstance(end, complex)):
        kind = dtypes.Defaults.dtype.to_complex().numpy
    if steps < 0:
        raise RuntimeError(message("number of steps must be non-negative", f"steps = {steps}"))
    return spacing.linspace(start, end, steps, kind)


def eye(n: int, m: int | None = None, *, out: Any = None, dtype: Any = None, **options: Any) -> Any:
    """The n × m matrix with ones on its diagonal and zeros elsewhere.

    >>> torch.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    for name, count in (("n", n), ("m", m)):
        if count is not None and count < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {count}")
    return finish(np.eye(n, m, dtype=dtypes.numpy_of(dtype)), out, **options)
