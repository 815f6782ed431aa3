"""Entries by index: ``x[key]``, ``x[key] = value``, and the functions that pick and put by index arrays and masks."""

from __future__ import annotations

from operator import index as as_int
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..base.modes import modes
from ..graph.apply import plain, record
from ..graph.promote import as_array, cast
from ..graph.value import Value, wrap
from ..ops import index as op
from . import shape as shapes
from .inplace import adopt, check_writable, write

BASIC = (int, slice, type(None), type(...))


def getitem(input: Any, key: Any) -> Any:
    """``x[key]``. Ints, slices, None and ... give a view; index arrays and masks a copy."""
    kind = type(key)
    try:
        if kind is int:
            if input.array.ndim == 0:
                raise IndexError(no_axes(input))
            return plain(op.Select(0, key), input)
        if kind is slice and input.array.ndim:
            return plain(op.Slice(0, forwards(key)), input)
        basic, pattern, indices = parse(input.array, key)
    except IndexError as e:
        raise IndexError(reworded(e, input.array, key)) from None
    if basic is not None:
        try:
            input = plain(op.Basic(basic), input)
        except IndexError as e:
            raise IndexError(reworded(e, input.array, key)) from None
    if not indices:
        return input
    try:
        return plain(op.Index(pattern, len(indices)), input, *indices)
    except IndexError as e:
        raise IndexError(reworded(e, input.array, key)) from None


def forwards(key: slice) -> slice:
    """A slice that walks forwards; backwards ones are PyTorch's error too."""
    step = key.step
    if step is not None and as_int(step) <= 0:
        raise ValueError(
            message("step must be greater than zero", f"the slice has step {step}", "x.flip(0) for the reverse order")
        )
    if type(key.start) in (int, type(None)) and type(key.stop) in (int, type(None)):
        return key
    return slice(*[None if s is None else as_int(s) for s in (key.start, key.stop, key.step)])


def parse(x: np.ndarray, key: Any) -> tuple[Any, tuple[bool, ...], list[Any]]:
    """A key taken apart: its basic part (None if it does nothing), then where index arrays stand, and the arrays.

    PyTorch applies ints, slices, None and ... first, and index arrays to what is left. So an int next to index arrays
    takes its axis away, where NumPy would broadcast it with them.
    """
    parts = key if type(key) is tuple else (key,)
    parts = [p if type(p) in BASIC else as_part(p) for p in parts]
    if all(type(p) in BASIC for p in parts):
        return tuple([forwards(p) if type(p) is slice else p for p in parts]), (), []
    basic: list[Any] = []
    pattern: list[bool] = []
    indices: list[Any] = []
    used = sum(axes_used(p) for p in parts)
    if used > x.ndim:
        raise IndexError(too_many(x, used))
    for p in parts:
        if p is ...:
            rest = x.ndim - used
            basic += [op.WHOLE] * rest
            pattern += [False] * rest
        elif type(p) in BASIC:
            basic.append(forwards(p) if type(p) is slice else p)
            if type(p) is not int:
                pattern.append(False)
        else:
            indices.append(p)
            n = axes_used(p)
            basic += [op.WHOLE] * n
            pattern.append(True)
    while pattern and not pattern[-1]:
        pattern.pop()
    nothing = all(type(b) is slice and b == op.WHOLE for b in basic)
    return (None if nothing else tuple(basic)), tuple(pattern), indices


def as_part(p: Any) -> Any:
    """One part of a key that is no plain int or slice: an int for a 0-dim integer, otherwise an index array or mask."""
    if isinstance(p, Value):
        array = p.array
        if array.ndim == 0 and array.dtype.kind in "iu" and array.dtype.char != "B":
            return int(array)
    elif isinstance(p, (bool, np.bool_)):
        array = p = np.array(p)
    elif isinstance(p, (list, tuple, range, np.ndarray)):
        array = p = to_index(p)
    elif hasattr(p, "__index__"):
        return as_int(p)
    else:
        raise TypeError(
            message(
                f"only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
                f"{type(p).__name__})",
            )
        )
    if array.dtype.kind == "b" or array.dtype.char in "lqi":
        return p
    if array.dtype.char == "B":
        return wrap(array.astype(bool)) if isinstance(p, Value) else array.astype(bool)
    raise IndexError(
        message(
            "tensors used as indices must be long, int, byte or bool tensors",
            f"this one holds {dtypes.of(array)}",
            "x[index.long()]",
        )
    )


def to_index(p: Any) -> np.ndarray:
    """An index array from a list (an empty one picks nothing) or from NumPy."""
    if isinstance(p, np.ndarray):
        return p
    array = np.asarray([q.array if isinstance(q, Value) else q for q in p])
    return array if array.size else array.astype(np.int64)


def axes_used(p: Any) -> int:
    """How many axes of the tensor one part of a key speaks about."""
    if p is None or p is ...:
        return 0
    if type(p) in BASIC:
        return 1
    array = p.array if isinstance(p, Value) else p
    return array.ndim if array.dtype.kind == "b" else 1


def no_axes(input: Any) -> str:
    return message(
        "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor "
        "to a number",
        "a tensor without dimensions has no entries to choose from",
        "x.item()",
    )


def too_many(x: np.ndarray, used: int) -> str:
    return message(
        f"too many indices for tensor of dimension {x.ndim}",
        f"the key speaks about {used} axes, the shape is {list(x.shape)}",
    )


def reworded(e: IndexError, x: np.ndarray, key: Any) -> str:
    """NumPy's index error in PyTorch's words."""
    text = str(e)
    if text.startswith("too many indices"):
        return too_many(x, sum(axes_used(p) for p in (key if isinstance(key, tuple) else (key,)) if not isinstance(p, list)))
    if "out of bounds for axis" in text:
        text = text.replace("for axis", "for dimension")
        return message(text, f"the tensor's shape is {list(x.shape)}; valid are 0 … size − 1, and −size … −1 from the end")
    return text


# ---------------------------------------------------------------------- writing


def setitem(input: Any, key: Any, value: Any) -> None:
    """``x[key] = value``: entries change in place; gradients flow to ``value``, and to x where it was not written."""
    check_writable(input)
    x = input.array
    try:
        if type(key) in BASIC:
            basic, pattern, indices = key, (), []
        else:
            basic, pattern, indices = parse(x, key)
        part = input if basic is None else getitem(input, basic)
        inner = inside(pattern, indices)
    except IndexError as e:
        raise IndexError(reworded(e, x, key)) from None
    value = as_value(value, x)
    if not indices:
        write(part, fitted(value, part.array.shape))
        return
    try:
        part.array[inner] = value.array
    except IndexError as e:
        raise IndexError(reworded(e, x, key)) from None
    except ValueError:
        raise RuntimeError(unfit(value, part.array[inner].shape)) from None
    part.version[0] += 1
    if modes.grad:
        t = wrap(part.array)
        inputs = (part, value, *indices)
        record(op.IndexPut(pattern, False, len(indices)), inputs, [getattr(i, "array", i) for i in inputs], t)
        adopt(part, t.node)


def inside(pattern: tuple[bool, ...], indices: list[Any]) -> tuple[Any, ...]:
    """NumPy's key for index arrays at the places a pattern names."""
    turn = iter(indices)
    return tuple([getattr(i := next(turn), "array", i) if here else op.WHOLE for here in pattern])


def as_value(value: Any, x: np.ndarray) -> Any:
    """What is to be written into ``x``, as a tensor of its dtype."""
    if isinstance(value, Value):
        return value if value.array.dtype is x.dtype else cast(value, dtypes.of(x))
    if isinstance(value, (int, float, complex)):
        return wrap(as_array(value, x.dtype))
    return wrap(np.asarray(value).astype(x.dtype))


def fitted(value: Any, shape: tuple[int, ...]) -> Any:
    """A value stretched to the shape of the region it is written to; axes of size 1 in front fall away."""
    v = value.array
    if v.shape == shape:
        return value
    extra = v.ndim - len(shape)
    if extra > 0 and v.shape[:extra] == (1,) * extra:
        value = shapes.reshape(value, v.shape[extra:])
    return shapes.expand(value, shape)


def unfit(value: Any, shape: tuple[int, ...]) -> str:
    return message(
        f"shape mismatch: value tensor of shape {list(value.array.shape)} cannot be broadcast to indexing result of shape "
        f"{list(shape)}",
        "what is written must have the shape of what it replaces, or sizes of 1 that repeat",
    )
