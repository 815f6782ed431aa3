"""Shapes by PyTorch's names: the same entries seen under another shape.

What a call means for a tensor of a given shape is worked out once and remembered (``lru_cache``): a plan is the op.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from operator import index as as_int
from typing import Any

import numpy as np

from ..base import shapes
from ..base.errors import message
from ..base.shapes import Shape, resolve
from ..base.shapes import axis as axis_of
from ..graph.apply import look, plain
from ..graph.value import Value
from ..ops import shape as op
from . import coerce
from .coerce import listed, sizes
from .spelling import numpy_spelling

plan = lru_cache(maxsize=4096, typed=True)

# ---------------------------------------------------------------------- another shape


def reshape(input: Any, *shape: Any, **named: Any) -> Any:
    """The same entries in the same order under another shape; one size may be -1. A view where strides allow it.

    >>> torch.arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    x = input.array
    reshaping = to_shape(listed(shape, named, "shape", "reshape") if named else sizes(shape), x.size)
    if x.flags.c_contiguous:
        return look(reshaping, input)
    if viewable(x, reshaping.shape):
        return look(op.ReshapeAlias(reshaping.shape), input)
    return plain(op.ReshapeCopy(reshaping.shape), input)


def view(input: Any, *shape: Any, **named: Any) -> Any:
    """The same memory under another shape (one size may be -1), or its bytes read as another dtype.

    >>> torch.arange(6).view(3, 2)
    tensor([[0, 1],
            [2, 3],
            [4, 5]])
    """
    x = input.array
    if named:
        return view_as_dtype(input, named["dtype"]) if "dtype" in named else view(input, listed(shape, named, "size", "view"))
    if len(shape) < 2 and not (shape and isinstance(shape[0], (int, tuple, list, Value))):
        return view_as_dtype(input, *shape)
    reshaping = to_shape(sizes(shape), x.size)
    if not (x.flags.c_contiguous or viewable(x, reshaping.shape)):
        raise RuntimeError(not_viewable(x, reshaping.shape))
    return look(reshaping, input)


@plan
def to_shape(shape: Shape, numel: int) -> op.Reshape:
    return op.Reshape(resolve(shape, numel))


def viewable(x: np.ndarray, shape: Shape) -> bool:
    """Whether strides exist that show ``x`` under another shape without a copy."""
    try:
        x.reshape(shape, copy=False)
    except ValueError:
        return False
    return True


def not_viewable(x: np.ndarray, shape: Shape) -> str:
    return message(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
        "contiguous subspaces). Use .reshape(...) instead.",
        f"shape {list(x.shape)} with strides {[s // x.itemsize for s in x.strides]} lies in memory in an order that no "
        f"strides for shape {list(shape)} can follow",
        f"x.reshape({', '.join(map(str, shape))}), which copies where it must, or x.contiguous().view(...)",
    )


def view_as_dtype(input: Any, dtype: Any = None) -> Any:
    from .convert import view_as_dtype

    return view_as_dtype(input, dtype)


def view_as(input: Any, other: Any) -> Any:
    """``input.view(other.size())``"""
    return view(input, other.array.shape)


def reshape_as(input: Any, other: Any) -> Any:
    """``input.reshape(other.size())``"""
    return reshape(input, other.array.shape)


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from ``start_dim`` to ``end_dim`` run together into one.

    >>> torch.zeros(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """
    shape = input.array.shape
    flat = flattened(shape, start_dim, end_dim)
    return input if flat == shape else reshape(input, flat)


@plan
def flattened(shape: Shape, start_dim: int, end_dim: int) -> Shape:
    first, last = axis_of(start_dim, len(shape)), axis_of(end_dim, len(shape))
    if first > last:
        raise RuntimeError(
            message(
                "flatten() has invalid args: start_dim cannot come after end_dim",
                f"start_dim={start_dim} is axis {first}, end_dim={end_dim} is axis {last}",
            )
        )
    return (*shape[:first], prod(shape[first : last + 1]), *shape[last + 1 :])


def ravel(input: Any) -> Any:
    """All entries in one row; a view where that can be."""
    if input.array.ndim == 1 and not input.array.flags.c_contiguous:
        return input.contiguous()
    return reshape(input, -1) if input.array.size else reshape(input, 0)


@numpy_spelling
def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """One axis cut into several, of the given sizes (one may be -1).

    >>> torch.zeros(2, 12).unflatten(1, (3, -1)).shape
    torch.Size([2, 3, 4])
    """
    shape = input.array.shape
    d = axis_of(dim, len(shape))
    pieces = coerce.sizes((sizes,))
    known = prod(n for n in pieces if n != -1)
    if not pieces:
        raise RuntimeError("unflatten: sizes must be non-empty")
    if pieces.count(-1) > 1:
        raise RuntimeError("only one dimension can be inferred")
    if known != shape[d] if -1 not in pieces else not known or shape[d] % known:
        raise RuntimeError(
            message(
                f"unflatten: Provided sizes {list(pieces)} don't multiply up to the size of dim {d} ({shape[d]}) in the "
                "input tensor"
            )
        )
    return reshape(input, (*shape[:d], *[shape[d] // known if n == -1 else n for n in pieces], *shape[d + 1 :]))


def squeeze(input: Any, dim: Any = None, *, axis: Any = None) -> Any:
    """Axes of size 1 left out: all of them, or those named by ``dim``.

    >>> torch.zeros(2, 1, 3).squeeze(1).shape
    torch.Size([2, 3])
    """
    dim = axis if dim is None else dim
    return look(squeezing(input.array.shape, tuple(dim) if type(dim) is list else dim), input)


@plan
def squeezing(shape: Shape, dim: Any) -> op.Squeeze:
    if dim is None:
        dims: Any = range(len(shape))
    else:
        dims = [axis_of(d, len(shape)) for d in (dim if isinstance(dim, tuple) else (as_int(dim),))]
        if len(set(dims)) < len(dims):
            raise RuntimeError(f"dim {next(d for d in dims if dims.count(d) > 1)} appears multiple times in the list of dims")
    return op.Squeeze(tuple([n for i, n in enumerate(shape) if n != 1 or i not in dims]), dim)


def unsqueeze(input: Any, dim: Any = None, *, axis: Any = None) -> Any:
    """A new axis of size 1 at ``dim``.

    >>> torch.zeros(3).unsqueeze(1).shape
    torch.Size([3, 1])
    """
    return look(unsqueezing(input.array.shape, axis if dim is None else dim), input)


@plan
def unsqueezing(shape: Shape, dim: int) -> op.Unsqueeze:
    d = axis_of(as_int(dim), len(shape) + 1)
    return op.Unsqueeze((*shape[:d], 1, *shape[d:]))


def atleast(input: tuple[Any, ...], grown: Any) -> Any:
    """Each of the given tensors with the axes it lacks; one alone as it is, several as a tuple."""
    several = len(input) != 1 or isinstance(input[0], (tuple, list))
    given = input[0] if len(input) == 1 and several else input
    found = tuple([grown(x) for x in given])
    return found if several else found[0]


def atleast_1d(*tensors: Any) -> Any:
    """Single numbers as vectors of one entry.

    >>> torch.atleast_1d(torch.tensor(5))
    tensor([5])
    """
    return atleast(tensors, lambda x: x if x.array.ndim else reshape(x, 1))


def atleast_2d(*tensors: Any) -> Any:
    """Numbers and vectors as a matrix of one row."""
    return atleast(tensors, lambda x: x if x.array.ndim > 1 else unsqueeze(atleast_1d(x), 0))


def atleast_3d(*tensors: Any) -> Any:
    """Tensors of fewer than three axes with axes of size 1: [n] becomes [1, n, 1], [n, m] becomes [n, m, 1]."""
    return atleast(tensors, lambda x: x if x.array.ndim > 2 else unsqueeze(atleast_2d(x), -1))


# ---------------------------------------------------------------------- repeated without copying


def expand(input: Any, *size: Any, **named: Any) -> Any:
    """Axes of size 1 repeated to the given sizes (-1 keeps one), new ones in front; no memory is copied.

    >>> torch.tensor([[1], [2]]).expand(2, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return look(expanding(input.array.shape, listed(size, named, "size", "expand") if named else sizes(size)), input)


@plan
def expanding(here: Shape, wanted: Shape) -> op.Expand:
    lead = len(wanted) - len(here)
    if lead < 0:
        raise RuntimeError(
            message(
                f"expand(torch.FloatTensor{{{list(here)}}}, size={list(wanted)}): the number of sizes provided "
                f"({len(wanted)}) must be greater or equal to the number of dimensions in the tensor ({len(here)})"
            )
        )
    full = list(wanted)
    for i, n in enumerate(wanted):
        now = here[i - lead] if i >= lead else 1
        if n == -1 and i >= lead:
            full[i] = now
        elif n < 0 and now == 1:
            raise RuntimeError(
                message(
                    f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {i}",
                    "-1 keeps the size of an axis, and a new axis has none" if n == -1 else "a size counts entries",
                )
            )
        elif now not in (1, n):
            raise RuntimeError(
                message(
                    f"The expanded size of the tensor ({n}) must match the existing size ({now}) at non-singleton "
                    f"dimension {i}.  Target sizes: {list(wanted)}.  Tensor sizes: {list(here)}",
                    "only axes of size 1 can be repeated without copying",
                    "x.repeat(...) or x.repeat_interleave(...) for a copy with repeated entries",
                )
            )
    return op.Expand(tuple(full))


def expand_as(input: Any, other: Any) -> Any:
    """``input.expand(other.size())``"""
    return expand(input, other.array.shape)


def broadcast_to(input: Any, size: Any) -> Any:
    """The tensor as it is seen when it meets one of shape ``size``."""
    return expand(input, size)


def broadcast_shapes(*shapes_: Any) -> Any:
    """The common shape of tensors of these shapes.

    >>> torch.broadcast_shapes((2, 1), (3,))
    torch.Size([2, 3])
    """
    from .size import Size

    given = [(s,) if isinstance(s, int) else tuple(s) for s in shapes_]
    for s in given:
        if any(n < 0 for n in s):
            raise RuntimeError(f"Trying to create tensor with negative dimension ({min(s)}): ({min(s)})")
    return Size(shapes.broadcast(*given))


def broadcast_tensors(*tensors: Any) -> tuple[Any, ...]:
    """All tensors expanded to their common shape."""
    given = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    full = shapes.broadcast(*[x.array.shape for x in given])
    return tuple([expand(x, full) for x in given])
