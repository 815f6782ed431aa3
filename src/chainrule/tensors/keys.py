"""What a key says: ``x[key]`` taken apart as PyTorch does it, and what can be wrong with it.

Ints, slices, None and ... come first, and give a view; then index arrays and masks pick from that view. So an int next to
index arrays takes its axis away, where NumPy would broadcast it with them.
"""

from __future__ import annotations

from operator import index as as_int
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..graph.value import Value, wrap

WHOLE = slice(None)
NOTHING = type(None)
BASIC = (int, slice, NOTHING, type(...))

def is_plain(key: tuple[Any, ...]) -> bool:
    """Whether a key holds nothing but ints, None, at most one ... and slices of ints that walk forwards."""
    dots = False
    for p in key:
        kind = type(p)
        if kind is slice:
            if p.step is not None and (type(p.step) is not int or p.step < 1):
                return False
            if type(p.start) not in INTS or type(p.stop) not in INTS:
                return False
        elif p is ...:
            if dots:
                return False
            dots = True
        elif kind is not int and p is not None:
            return False
    return True


INTS = (int, NOTHING)


def parse(x: np.ndarray, key: Any) -> tuple[tuple[Any, ...], tuple[bool, ...], list[Any]]:
    """A key's basic part (empty if it does nothing), then where index arrays stand in what is left, and the arrays."""
    parts = [p if type(p) in BASIC else as_part(p) for p in listed(key)]
    plain_parts = [type(p) in BASIC for p in parts]
    basic: list[Any] = []
    if all(plain_parts):
        if not x.ndim and any(type(p) in (int, slice) for p in parts):
            raise IndexError(no_axes(x, key))
        basic = [forwards(p) if type(p) is slice else p for p in parts]
        return tuple(basic if ... in parts else [*basic, ...]), (), []  # with ..., NumPy gives a view of single entries too
    used = sum(map(axes_used, parts))
    if used > x.ndim:
        raise IndexError(too_many(x, used))
    pattern: list[bool] = []
    indices: list[Any] = []
    for p, is_plain in zip(parts, plain_parts):
        if p is ...:
            basic += [WHOLE] * (x.ndim - used)
            pattern += [False] * (x.ndim - used)
            used = x.ndim  # a second ... stands for nothing
        elif is_plain:
            basic.append(forwards(p) if type(p) is slice else p)
            if type(p) is not int:
                pattern.append(False)
        else:
            indices.append(p)
            basic += [WHOLE] * axes_used(p)
            pattern.append(True)
    check_masks(x, basic, parts)
    while not pattern[-1]:
        pattern.pop()
    nothing = all(type(b) is slice and b == WHOLE for b in basic)
    return (() if nothing else tuple(basic)), tuple(pattern), indices


def listed(key: Any) -> Any:
    """The parts of a key. A short list that holds more than numbers counts as a tuple, as in PyTorch."""
    if type(key) is tuple:
        return (*[p for p in key if p is not ...], ...) if sum(p is ... for p in key) > 1 else key
    if type(key) is list and len(key) < 32 and any(isinstance(p, (Value, list, tuple, slice, NOTHING, type(...))) for p in key):
        return key
    return (key,)


def as_part(p: Any) -> Any:
    """One part of a key that is no plain int or slice: an int for a 0-dim integer, otherwise an index array or mask."""
    if isinstance(p, Value):
        array = p.array
        if not array.ndim and array.dtype.kind in "iu" and array.dtype.char != "B":
            return int(array)
    elif isinstance(p, (bool, np.bool_)):
        array = p = np.array(p)
    elif isinstance(p, (list, tuple, range, np.ndarray)):
        array = p = to_index(p)
        if not array.ndim and array.dtype.kind in "iu":
            return int(array)
    elif hasattr(p, "__index__"):
        return as_int(p)
    else:
        raise (TypeError if isinstance(p, str) else IndexError)(
            message(
                "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got "
                f"{type(p).__name__})",
                f"{p!r} says neither which entry nor which region",
                "x[int(i)]" if isinstance(p, float) else "",
            )
        )
    if array.dtype.char in "?lqi":
        return p
    if array.dtype.char == "B":
        return wrap(array.astype(bool)) if isinstance(p, Value) else array.astype(bool)
    raise IndexError(
        message(
            "tensors used as indices must be long, int, byte or bool tensors",
            f"this one holds {dtypes.of(array)}",
            "x[i.long()]",
        )
    )


def to_index(p: Any) -> np.ndarray:
    """An index array from a list (an empty one picks nothing) or from NumPy."""
    array = p if isinstance(p, np.ndarray) else np.asarray([q.array if isinstance(q, Value) else q for q in p])
    return array if array.size else array.astype(np.int64)


def axes_used(p: Any) -> int:
    """How many axes of the tensor one part of a key speaks about."""
    if p is None or p is ...:
        return 0
    if type(p) in BASIC:
        return 1
    array = p.array if isinstance(p, Value) else p
    return array.ndim if array.dtype.kind == "b" else 1


def forwards(key: slice) -> slice:
    """A slice with plain ints that walks forwards; walking backwards is an error, as in PyTorch."""
    start, stop, step = [None if s is None else as_int(s) for s in (key.start, key.stop, key.step)]
    if step is not None and step <= 0:
        raise ValueError(
            message(
                "step must be greater than zero" if step else "slice step cannot be zero",
                f"the slice has step {step}",
                "x.flip(0) for the reverse order" if step else "",
            )
        )
    return slice(start, stop, step)


# ---------------------------------------------------------------------- what can be wrong with a key


def check_masks(x: np.ndarray, basic: list[Any], parts: list[Any]) -> None:
    """Refuse a mask whose shape is not that of the axes it speaks about."""
    d = 0
    kept = [n for n, b in zip(x.shape, [b for b in basic if b is not None])]
    for p in parts:
        n = axes_used(p) if p is not ... else x.ndim - sum(map(axes_used, parts))
        array = None if p is ... or type(p) in BASIC else p.array if isinstance(p, Value) else p
        if array is not None and array.dtype.kind == "b" and array.shape != tuple(kept[d : d + n]):
            at = next(i for i, m in enumerate(array.shape) if m != kept[d + i])
            raise IndexError(
                message(
                    f"The shape of the mask {list(array.shape)} at index {at} does not match the shape of the indexed tensor "
                    f"{list(x.shape)} at index {d + at}",
                    "a mask says of every entry whether it is picked",
                )
            )
        d += n


def no_axes(x: np.ndarray, key: Any) -> str:
    if isinstance(key, slice):
        return message("slice() cannot be applied to a 0-dim tensor.", "a tensor without dimensions has no range of entries")
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


def reworded(e: IndexError, x: np.ndarray, key: Any) -> IndexError:
    """NumPy's index errors in PyTorch's words."""
    text = str(e)
    if text.startswith("too many indices for array"):
        return IndexError(too_many(x, sum(axes_used(p) if type(p) in BASIC else axes_used(as_part(p)) for p in listed(key))))
    if "is out of bounds for axis" in text:
        what = text.replace("for axis", "for dimension")
        return IndexError(message(what, f"the shape is {list(x.shape)}; the first entry is 0, the last −1 or size − 1"))
    if text.startswith("shape mismatch: indexing arrays"):
        arrays = [as_part(p) for p in listed(key) if type(p) not in BASIC]
        found = [list((a.array if isinstance(a, Value) else a).shape) for a in arrays if type(a) is not int]
        return IndexError(
            message(
                f"shape mismatch: indexing tensors could not be broadcast together with shapes {', '.join(map(str, found))}",
                "index tensors are paired entry by entry",
                "i[:, None] and j to pick every row with every column",
            )
        )
    if text.startswith("boolean index did not match"):
        mask = next(a for a in map(as_part, listed(key)) if type(a) not in BASIC)
        check_masks(x, [WHOLE] * x.ndim, [mask])
    return e
