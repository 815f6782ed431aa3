"""``x[key]`` and ``x[key] = value``: reading and writing entries."""

from __future__ import annotations

from functools import lru_cache
from operator import index as as_int
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import title
from ..base.errors import message
from ..base.modes import modes
from ..base.shapes import axis
from ..graph.apply import look, plain, record
from ..graph.promote import as_array, cast
from ..graph.value import Value, wrap
from ..graph.writes import wrote
from ..ops import index as op
from . import shape as shapes
from .inplace import adopt, check_writable, copy_, write
from .keys import as_part, axes_used, is_plain, parse, reworded, too_many

selecting, slicing = lru_cache(maxsize=4096)(op.Select), lru_cache(maxsize=4096)(op.Slice)


def getitem(input: Any, key: Any) -> Any:
    """``x[key]``. Ints, slices, None and ... give a view; index arrays and masks a copy."""
    kind = type(key)
    try:
        if kind is int:
            if input.array.ndim:
                return look(selecting(0, key), input)
        elif kind is tuple:
            if is_plain(key):
                return look(op.Basic(key if ... in key else (*key, ...)), input)
        elif kind is slice:
            start, stop = key.start, key.stop
            if key.step is None and (type(start) is int or start is None) and (type(stop) is int or stop is None):
                if input.array.ndim:
                    return look(slicing(0, start, stop, None), input)
        elif isinstance(key, Value) and key.array.ndim and key.array.dtype.char in "l?" and input.array.ndim:
            return plain(FIRST, input, key)
        basic, pattern, indices = parse(input.array, key)
        if basic:
            input = look(op.Basic(basic), input)
        if indices:
            input = plain(op.Index(pattern), input, *indices)
        return input
    except IndexError as e:
        raise reworded(e, input.array, key) from None


FIRST = op.Index((True,))


# ---------------------------------------------------------------------- writing


def setitem(input: Any, key: Any, value: Any) -> None:
    """``x[key] = value``: entries change in place; gradients flow to ``value``, and to x where it was not written."""
    if (not modes.grad or input.node is None and input._base is None) and written(input, key, value):
        return
    check_writable(input)
    x = input.array
    try:
        basic, pattern, indices = (key, (), []) if type(key) is int and x.ndim else parse(x, key)
        part = getitem(input, basic) if basic != () else input
        if not indices:
            value = as_value(value, x, convert=True)
            if key is ...:
                copy_(input, fitted(value, x.shape))
                return
            write(part, value if value.array.shape == part.array.shape else fitted(value, part.array.shape))
            return
        put(part, pattern, indices, as_value(value, x), accumulate=False)
    except IndexError as e:
        raise reworded(e, x, key) from None


def written(input: Any, key: Any, value: Any) -> bool:
    """Write as NumPy does, where nothing is to be recorded and NumPy means the same; whether that was done."""
    x, kind = input.array, type(value)
    if isinstance(value, Value):
        if value.array.dtype is not x.dtype or value.node is not None and modes.grad:
            return False
        value = value.array
    elif kind is not float and kind is not int and kind is not bool or x.dtype.char not in "fd":
        return False
    kind = type(key)
    if isinstance(key, Value):
        key = key.array
        if not key.ndim or key.dtype.char not in "l?":
            return False
    elif kind is not int and not is_plain(key if kind is tuple else (key,)):
        return False
    if not x.flags.c_contiguous and 0 in x.strides:
        return False
    try:
        x[key] = value
    except (IndexError, ValueError):
        return False  # what is wrong is said on the careful way
    wrote(input, 2)
    return True


def put(part: Any, pattern: tuple[bool, ...], indices: list[Any], value: Any, accumulate: bool) -> None:
    """Write a value at index arrays, in place, and record it as an `IndexPut`."""
    x, v = part.array, value.array
    writing = op.IndexPut(pattern, accumulate)
    inputs = (part, value, *indices)
    arrays = [i.array if isinstance(i, Value) else i for i in inputs]
    try:
        writing.into(x, v, *arrays[2:])
    except (ValueError, TypeError):
        raise RuntimeError(
            message(
                f"shape mismatch: value tensor of shape {list(v.shape)} cannot be broadcast to indexing result of shape "
                f"{list(x[writing.key(arrays[2:])].shape)}",
                "what is written has the shape of what it replaces, or sizes of 1, which repeat",
            )
        ) from None
    wrote(part, 2)
    if modes.grad:
        t = wrap(x)
        record(writing, inputs, arrays, t)
        if t.node is not None:
            adopt(part, t.node)


def index_put_(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """``input[indices] = values``, or with ``accumulate`` that much more, once for each time an entry is named.

    >>> torch.zeros(2).index_put_((torch.tensor([1, 1]),), torch.tensor(1.), accumulate=True)
    tensor([0., 2.])
    """
    check_writable(input)
    pattern, arrays = places(input, indices, values)
    try:
        put(input, pattern, arrays, as_value(values, input.array), bool(accumulate))
    except IndexError as e:
        raise reworded(e, input.array, tuple(arrays)) from None
    return input


def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """The same as `index_put_`, in a new tensor."""
    pattern, arrays = places(input, indices, values)
    writing = op.IndexPut(pattern, bool(accumulate))
    try:
        return plain(writing, input, as_value(values, input.array), *arrays)
    except IndexError as e:
        raise reworded(e, input.array, tuple(arrays)) from None
    except (ValueError, TypeError):
        raise RuntimeError(f"shape mismatch: value tensor of shape {list(values.shape)} cannot be broadcast to indexing result") from None


def places(input: Any, indices: Any, values: Any) -> tuple[tuple[bool, ...], list[Any]]:
    """The pattern and the index arrays of an index_put; None stands for a whole axis."""
    if not isinstance(values, Value):
        raise TypeError(f"index_put(): argument 'values' (position 2) must be Tensor, not {type(values).__name__}")
    parts = [None if i is None else i if isinstance(i, Value) and not i.array.ndim else as_part(i) for i in indices]
    used = sum(1 if p is None else axes_used(p) for p in parts)
    if used > input.array.ndim:
        raise IndexError(too_many(input.array, used))
    return tuple([p is not None for p in parts]), [p for p in parts if p is not None]


def as_value(value: Any, x: np.ndarray, convert: bool = False) -> Any:
    """What is to be written into ``x``, as a tensor of its dtype."""
    if isinstance(value, Value):
        v = value.array
        if v.dtype is x.dtype or v.dtype == x.dtype:
            return value
        here, there = dtypes.of(x), dtypes.of(v)
        if convert:
            return cast(value, here)
        raise RuntimeError(
            message(
                f"Index put requires the source and destination dtypes match, got {title(here)} for the destination and "
                f"{title(there)} for the source.",
                "",
                f"x[i] = value.to({here!r})",
            )
        )
    if isinstance(value, (int, float, np.generic)):
        return wrap(as_array(value.item() if isinstance(value, np.generic) else value, x.dtype))
    if isinstance(value, complex):
        if x.dtype.kind != "c":
            raise RuntimeError(f"value cannot be converted to type {dtypes.of(x).alias} without overflow")
        return wrap(np.array(value, x.dtype))
    kind = type(value)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    raise TypeError(
        message(f"can't assign a {name} to a torch.{title(dtypes.of(x))}Tensor", instead="x[i] = torch.tensor(value)")
    )


def fitted(value: Any, shape: tuple[int, ...]) -> Any:
    """A value stretched to the shape of the region it is written to; axes of size 1 in front fall away."""
    v = value.array
    extra = v.ndim - len(shape)
    if extra > 0 and v.shape[:extra] == (1,) * extra:
        value = shapes.reshape(value, v.shape[extra:])
    return shapes.expand(value, shape)


# ---------------------------------------------------------------------- by name


def select(input: Any, dim: int, index: int) -> Any:
    """The slice at one index along an axis, which is left out: a view.

    >>> torch.tensor([[1, 2], [3, 4]]).select(1, 0)
    tensor([1, 3])
    """
    shape = input.array.shape
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d, i = axis(as_int(dim), len(shape)), as_int(index)
    if not -shape[d] <= i < shape[d]:
        raise IndexError(f"select(): index {i} out of range for tensor of size {list(shape)} at dimension {d}")
    return look(selecting(d, i), input)


def narrow(input: Any, dim: int, start: Any, length: int) -> Any:
    """``length`` entries along an axis from ``start`` on: a view.

    >>> torch.arange(5).narrow(0, 1, 3)
    tensor([1, 2, 3])
    """
    shape = input.array.shape
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    d, first, count = axis(as_int(dim), len(shape)), as_int(start), as_int(length)
    n = shape[d]
    if count < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -n <= first <= n:
        raise IndexError(f"start out of range (expected to be in range of [{-n}, {n}], but got {first})")
    first += n if first < 0 else 0
    if first + count > n:
        raise RuntimeError(
            message(
                f"start ({first}) + length ({count}) exceeds dimension size ({n}).",
                instead=f"x[{':, ' * d}{first}:], which takes what there is",
            )
        )
    return look(slicing(d, first, first + count, None), input)
