"""Tensors joined along an axis, and cut apart, by PyTorch's names."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..base.shapes import axis as axis_of
from ..graph.apply import join, look, look_each
from ..graph.promote import cast
from ..graph.value import Value, wrap
from ..ops import join as op
from ..ops.index import Slice
from .inplace import into
from .shape import atleast_1d, atleast_2d, atleast_3d, plan, reshape, unsqueeze
from .spelling import numpy_spelling

# ---------------------------------------------------------------------- joined


def cat(tensors: Any, dim: int = 0, *, axis: int | None = None, out: Any = None) -> Any:
    """The tensors one after the other along an axis; different dtypes meet in their common one.

    >>> torch.cat([torch.zeros(1, 2), torch.ones(2, 2)])
    tensor([[0., 0.],
            [1., 1.],
            [1., 1.]])
    """
    try:
        arrays = [] if isinstance(tensors, Value) else [p.array for p in tensors]
        first = arrays[0]
    except (AttributeError, IndexError):
        raise no_tensors(tensors, "cat") from None
    ndim, kind = first.ndim, first.dtype
    for x in arrays:
        if x.dtype is not kind or x.ndim != ndim or not ndim:
            tensors = alike(tensors, dim)
            arrays = [p.array for p in tensors]
            ndim = arrays[0].ndim
            break
    dim = dim if axis is None else axis
    d = dim if 0 <= dim < ndim else axis_of(dim, ndim)
    try:
        y = join(catting(d), tensors, arrays)
    except ValueError:
        raise RuntimeError(unequal([x.shape for x in arrays], d)) from None
    return y if out is None else into(out, y)


concat = concatenate = cat
catting, stacking = lru_cache(maxsize=64)(op.Cat), lru_cache(maxsize=64)(op.Stack)


def no_tensors(tensors: Any, function: str) -> Exception:
    """The error for something that is no list of tensors."""
    if isinstance(tensors, Value):
        return TypeError(f"{function}(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    for i, p in enumerate(tensors):
        if not isinstance(p, Value):
            return TypeError(f"expected Tensor as element {i} in argument 0, but got {type(p).__name__}")
    if function == "cat":
        return ValueError("torch.cat(): expected a non-empty list of Tensors")
    return RuntimeError(f"{function} expects a non-empty TensorList")


def alike(parts: Any, dim: int) -> list[Any]:
    """Parts in one dtype that can be joined; empty vectors, which join anything, fall away."""
    common = dtypes.of(parts[0].array)
    for i, p in enumerate(parts):
        if not p.array.ndim:
            raise RuntimeError(
                message(
                    f"zero-dimensional tensor (at position {i}) cannot be concatenated",
                    "it has no axis to be joined along",
                    "torch.stack([...]), which makes a new axis",
                )
            )
        common = dtypes.promote(common, dtypes.of(p.array))
    full = [p for p in parts if p.array.shape != (0,)] or list(parts[:1])
    ndim = full[0].array.ndim
    for i, p in enumerate(full):
        if p.array.ndim != ndim:
            raise RuntimeError(
                message(
                    f"Tensors must have same number of dimensions: got {ndim} and {p.array.ndim}",
                    f"tensor 0 has shape {list(full[0].array.shape)}, tensor {i} {list(p.array.shape)}",
                    "x.unsqueeze(dim) for an axis of size 1 that is missing",
                )
            )
    return [cast(p, common) for p in full]


def unequal(shapes: list[tuple[int, ...]], dim: int) -> str:
    """The message for parts whose sizes differ along another axis than the one they are joined along."""
    first = shapes[0]
    for i, s in enumerate(shapes):
        for d, (n, m) in enumerate(zip(first, s)):
            if d != dim and n != m:
                return message(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {n} but got size {m} for tensor "
                    f"number {i} in the list.",
                    f"the shapes are {' and '.join(str(list(s)) for s in shapes[:4])}{' …' * (len(shapes) > 4)}",
                    f"torch.cat([...], dim={d})" if first[:d] + first[d + 1 :] == s[:d] + s[d + 1 :] else "",
                )
    return f"tensors of shapes {shapes} cannot be joined along dimension {dim}"


def stack(tensors: Any, dim: int = 0, *, axis: int | None = None, out: Any = None) -> Any:
    """The tensors, all of one shape, one after the other along a new axis.

    >>> torch.stack([torch.zeros(2), torch.ones(2)], dim=1)
    tensor([[0., 1.],
            [0., 1.]])
    """
    try:
        arrays = [] if isinstance(tensors, Value) else [p.array for p in tensors]
        first = arrays[0]
    except (AttributeError, IndexError):
        raise no_tensors(tensors, "stack") from None
    shape, kind = first.shape, first.dtype
    dim = dim if axis is None else axis
    d = dim if 0 <= dim <= len(shape) else axis_of(dim, len(shape) + 1)
    for i, x in enumerate(arrays):
        if x.shape != shape:
            raise RuntimeError(
                message(
                    f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 and {list(x.shape)} at "
                    f"entry {i}",
                    "every slice along the new axis has the same shape",
                    "torch.cat([...]) joins along an axis that exists; torch.nn.utils.rnn.pad_sequence makes lengths equal",
                )
            )
        if x.dtype is not kind:
            return cat([unsqueeze(p, d) for p in tensors], d, out=out)
    y = join(stacking(d), tensors, arrays)
    return y if out is None else into(out, y)


def some(tensors: Any, function: str) -> tuple[Any, ...]:
    """The given tensors, at least one."""
    given = () if isinstance(tensors, Value) else tuple(tensors)
    if not given or not all(isinstance(x, Value) for x in given):
        raise no_tensors(tensors, function)
    return given


def hstack(tensors: Any, *, out: Any = None) -> Any:
    """Joined side by side: along axis 1, vectors along their only one."""
    parts = atleast_1d(some(tensors, "hstack"))
    return cat(parts, 0 if parts[0].array.ndim == 1 else 1, out=out)


def vstack(tensors: Any, *, out: Any = None) -> Any:
    """Joined one below the other, vectors as rows."""
    return cat(atleast_2d(some(tensors, "vstack")), 0, out=out)


def dstack(tensors: Any, *, out: Any = None) -> Any:
    """Joined one behind the other, along axis 2."""
    return cat(atleast_3d(some(tensors, "dstack")), 2, out=out)


def column_stack(tensors: Any, *, out: Any = None) -> Any:
    """Joined side by side, vectors as columns.

    >>> torch.column_stack([torch.tensor([1, 2]), torch.tensor([3, 4])])
    tensor([[1, 3],
            [2, 4]])
    """
    return cat([x if x.array.ndim > 1 else reshape(x, x.array.size, 1) for x in some(tensors, "column_stack")], 1, out=out)


row_stack = vstack


def block_diag(*tensors: Any) -> Any:
    """The matrices along the diagonal of one that is zero elsewhere.

    >>> torch.block_diag(torch.tensor([[1, 2]]), torch.tensor([3]))
    tensor([[1, 2, 0],
            [0, 0, 3]])
    """
    for i, x in enumerate(tensors):
        if x.array.ndim > 2:
            raise RuntimeError(
                f"torch.block_diag: Input tensors must have 2 or fewer dimensions. Input {i} has {x.array.ndim} dimensions"
            )
    if not tensors:
        return wrap(np.zeros((1, 0), dtypes.Defaults.dtype.numpy))
    common = dtypes.of(tensors[0].array)
    for x in tensors:
        common = dtypes.promote(common, dtypes.of(x.array))
    blocks = [cast(atleast_2d(x), common) for x in tensors]
    return join(op.block_diag, blocks, [b.array for b in blocks])


# ---------------------------------------------------------------------- cut apart


def unbind(input: Any, dim: int = 0, *, axis: int | None = None) -> tuple[Any, ...]:
    """The slices along an axis, which is left out: views.

    >>> torch.tensor([[1, 2], [3, 4]]).unbind()
    (tensor([1, 2]), tensor([3, 4]))
    """
    shape = input.array.shape
    if not shape:
        raise IndexError(axis_error(dim))
    d = axis_of(dim if axis is None else axis, len(shape))
    return look_each(unbinding(d, shape[d]), input)


def axis_error(dim: int) -> str:
    return message(f"Dimension specified as {dim} but tensor has no dimensions", "a single number cannot be cut apart")


unbinding, splitting = plan(op.Unbind), plan(op.Split)
split_by_sizes = plan(op.SplitWithSizes)


def rows(input: Any) -> Any:
    """``iter(x)``: the slices along the first axis."""
    if not input.array.ndim:
        raise TypeError("iteration over a 0-d tensor")
    return iter(unbind(input))


def split(tensor: Any, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None) -> tuple[Any, ...]:
    """Pieces of ``split_size`` entries along an axis (the last may be shorter), or of the listed sizes: views.

    >>> torch.arange(5).split(2), torch.arange(5).split([1, 4])
    ((tensor([0, 1]), tensor([2, 3]), tensor([4])), (tensor([0]), tensor([1, 2, 3, 4])))
    """
    shape = tensor.array.shape
    if not shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    d = axis_of(dim, len(shape))
    n, size = shape[d], split_size if split_size_or_sections is None else split_size_or_sections
    if isinstance(size, Value) or not isinstance(size, (int, np.integer)):
        return split_with_sizes(tensor, size, d)
    if size < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={size}")
    if size == 0 and n:
        raise RuntimeError(
            f"split_size can only be 0 if dimension size is 0, but got dimension size of {n}"
        )
    sizes = (size,) * (n // size) + ((n % size,) if n % size else ()) if n else (0,)
    return look_each(splitting(d, sizes), tensor)


def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> tuple[Any, ...]:
    """Pieces of the listed sizes along an axis: views."""
    d = axis_of(dim, input.array.ndim)
    if not input.array.ndim:
        raise RuntimeError(message("split expects at least a 1-dimensional tensor", "a number cannot be cut"))
    n, wanted = input.array.shape[d], tuple([int(s) for s in split_sizes])
    if sum(wanted) != n or min(wanted, default=0) < 0:
        raise RuntimeError(
            message(
                f"split_with_sizes expects split_sizes to sum exactly to {n} (input tensor's size at dimension {dim}), but "
                f"got split_sizes={list(wanted)}"
                if min(wanted, default=0) >= 0
                else f"split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes={list(wanted)}",
                f"they sum to {sum(wanted)}, and every entry belongs to one piece",
            )
        )
    return look_each(split_by_sizes(d, wanted), input)


@numpy_spelling
def chunk(input: Any, chunks: int, dim: int = 0) -> tuple[Any, ...]:
    """At most ``chunks`` pieces along an axis, all but the last of the same size ⌈n / chunks⌉: views.

    >>> torch.arange(5).chunk(3)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    if not input.array.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if chunks < 1:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    n = input.array.shape[axis_of(dim, input.array.ndim)]
    if n == 0:
        return split_with_sizes(input, (0,) * chunks, dim)
    return split(input, -(-n // chunks), dim)


@numpy_spelling
def tensor_split(input: Any, indices_or_sections: Any = None, dim: int = 0, *, sections: Any = None, indices: Any = None) -> Any:
    """Pieces of sizes as equal as can be, or cut before each of the listed indices: views.

    >>> torch.arange(5).tensor_split(2), torch.arange(5).tensor_split((1, 3))
    ((tensor([0, 1, 2]), tensor([3, 4])), (tensor([0]), tensor([1, 2]), tensor([3, 4])))
    """
    if not input.array.ndim:
        raise RuntimeError("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims")
    d = axis_of(dim, input.array.ndim)
    cuts: Any = next((c for c in (indices_or_sections, sections, indices) if c is not None), None)
    n = input.array.shape[d]
    if isinstance(cuts, Value):
        if cuts.array.dtype.char not in "lq":
            raise RuntimeError(
                "tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
                f"{dtypes.title(dtypes.of(cuts.array))}"
            )
        cuts = cuts.array.tolist()
    if isinstance(cuts, (int, np.integer)):
        if cuts <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {cuts}")
        cuts = [i * (n // cuts) + min(i, n % cuts) for i in range(1, int(cuts))]
    edges = [None, *cuts, None]
    return tuple([look(Slice(d, a, b, None), input) for a, b in zip(edges, edges[1:])])


def split_along(name: str, needs: int, dim: int, vector_dim: int | None = None) -> Any:
    """``hsplit``, ``vsplit``, ``dsplit``: `tensor_split` along a fixed axis."""

    def function(input: Any, indices_or_sections: Any) -> tuple[Any, ...]:
        ndim = input.array.ndim
        if ndim < needs:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {needs} dimension, but got a tensor with "
                f"{ndim} dimensions!"
            )
        d = vector_dim if ndim == 1 and vector_dim is not None else dim
        cuts = indices_or_sections
        if isinstance(cuts, int) and cuts > 0 and input.array.shape[d] % cuts:
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {d}, but the size of the dimension "
                f"{input.array.shape[d]} is not divisible by the split_size {cuts}!"
            )
        return tensor_split(input, cuts, d)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`tensor_split` along axis {dim}{', vectors along their only one' if vector_dim == 0 else ''}."
    return function


hsplit = split_along("hsplit", 1, 1, 0)
vsplit = split_along("vsplit", 2, 0)
dsplit = split_along("dsplit", 3, 2)
