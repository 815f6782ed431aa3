"""``x[key]`` and ``x[key] = value``.

A key is taken apart as PyTorch does it: ints, slices, None and ... first, which give a view; then index arrays and masks,
which pick from that view. So an int next to index arrays takes its axis away, where NumPy would broadcast it with them.
"""

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
from ..ops import index as op
from . import shape as shapes
from .inplace import adopt, check_writable, write

BASIC = (int, slice, type(None), type(...))
NOTHING = type(None)

selecting = lru_cache(maxsize=4096)(op.Select)


@lru_cache(maxsize=4096)
def slicing(dim: int, start: Any, stop: Any, step: Any) -> op.Slice:
    return op.Slice(dim, slice(start, stop, step))


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
            input = plain(op.Index(pattern, len(indices)), input, *indices)
        return input
    except IndexError as e:
        raise reworded(e, input.array, key) from None


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


INTS = (int, type(None))
FIRST = op.Index((True,), 1)


# ---------------------------------------------------------------------- taking a key apart


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
            basic += [op.WHOLE] * (x.ndim - used)
            pattern += [False] * (x.ndim - used)
            used = x.ndim  # a second ... stands for nothing
        elif is_plain:
            basic.append(forwards(p) if type(p) is slice else p)
            if type(p) is not int:
                pattern.append(False)
        else:
            indices.append(p)
            basic += [op.WHOLE] * axes_used(p)
            pattern.append(True)
    check_masks(x, basic, parts)
    while not pattern[-1]:
        pattern.pop()
    nothing = all(type(b) is slice and b == op.WHOLE for b in basic)
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
        check_masks(x, [op.WHOLE] * x.ndim, [mask])
    return e


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
    input.version[0] += 1
    return True


def put(part: Any, pattern: tuple[bool, ...], indices: list[Any], value: Any, accumulate: bool) -> None:
    """Write a value at index arrays, in place, and record it as an `IndexPut`."""
    x, v = part.array, value.array
    writing = op.IndexPut(pattern, accumulate, len(indices))
    inputs = (part, value, *indices)
    arrays = [i.array if isinstance(i, Value) else i for i in inputs]
    try:
        writing.into(x, v, *arrays[2:])
    except ValueError:
        raise RuntimeError(
            message(
                f"shape mismatch: value tensor of shape {list(v.shape)} cannot be broadcast to indexing result of shape "
                f"{list(x[writing.key(arrays[2:])].shape)}",
                "what is written has the shape of what it replaces, or sizes of 1, which repeat",
            )
        ) from None
    part.version[0] += 1
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
    writing = op.IndexPut(pattern, bool(accumulate), len(arrays))
    try:
        return plain(writing, input, as_value(values, input.array), *arrays)
    except IndexError as e:
        raise reworded(e, input.array, tuple(arrays)) from None


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
