"""A tensor with a region of it replaced, and entries gathered into others, by PyTorch's names."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base.errors import message
from ..base.shapes import axis
from ..graph.promote import known_as
from ..graph.value import wrap
from .coerce import sizes, tensor_like
from .inplace import into
from .rearranging import as_strided, diagonal

# ---------------------------------------------------------------------- a region replaced


def replaced(x: Any, region: Any, src: Any, name: str) -> Any:
    """A copy of x in which ``src`` stands where ``region`` of the copy is."""
    y = x.clone()
    here = region(y)
    if here.array.shape != src.array.shape:
        raise RuntimeError(
            message(
                "expected src to have a size equal to the slice of self. "
                f"src size = {list(src.array.shape)}, slice size = {list(here.array.shape)}",
                "what is put in takes the place of what is there, entry by entry",
                "src.expand_as(...) of the slice's size",
            )
        )
    here.copy_(src)
    return known_as(y, name)


def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """The input with ``src`` where ``input.select(dim, index)`` is.

    >>> torch.select_scatter(torch.zeros(2, 2), torch.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    x = tensor_like(input, "input", "select_scatter")
    return replaced(
        x, lambda y: y.select(dim, index), tensor_like(src, "src", "select_scatter"), "SelectScatterBackward0"
    )


def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """The input with ``src`` where the entries ``start:end:step`` along ``dim`` are.

    >>> torch.slice_scatter(torch.zeros(4), torch.ones(2), 0, 1, 3)
    tensor([0., 1., 1., 0.])
    """
    x = tensor_like(input, "input", "slice_scatter")
    place = (*[slice(None)] * axis(dim, x.array.ndim), slice(start, end, step))
    return replaced(x, lambda y: y[place], tensor_like(src, "src", "slice_scatter"), "SliceScatterBackward0")


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The input with ``src`` on a diagonal.

    >>> torch.diagonal_scatter(torch.zeros(2, 2), torch.ones(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    x = tensor_like(input, "input", "diagonal_scatter")
    return replaced(x, lambda y: diagonal(y, offset, dim1, dim2), src, "DiagonalScatterBackward0")


def as_strided_scatter(input: Any, src: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """The input with ``src`` where ``input.as_strided(size, stride, storage_offset)`` is.

    >>> torch.as_strided_scatter(torch.zeros(4), torch.ones(2), (2,), (2,), 1)
    tensor([0., 1., 0., 1.])
    """
    x = tensor_like(input, "input", "as_strided_scatter")
    return replaced(x, lambda y: as_strided(y, size, stride, storage_offset), src, "AsStridedScatterBackward0")


# ---------------------------------------------------------------------- entries brought together

REDUCTIONS = ("prod", "mean", "amax", "amin")


def index_reduce(
    input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True, out: Any = None
) -> Any:
    """The input with the slices of ``source`` multiplied (averaged, …) into those that ``index`` names along ``dim``.

    >>> torch.ones(2).index_reduce(0, torch.tensor([0, 0]), torch.tensor([2., 3.]), "prod")
    tensor([6., 1.])
    """
    x = tensor_like(input, "input", "index_reduce")
    if reduce not in REDUCTIONS:
        raise RuntimeError(f"index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got {reduce}.")
    d = axis(dim, x.array.ndim)
    if not x.array.ndim:
        row = index_reduce(x.reshape(1), 0, index, source.reshape(-1), reduce, include_self=include_self)
        return into(out, row.reshape(()))
    if index.array.size != source.array.shape[d]:
        raise RuntimeError(
            f"index_reduce_(): Number of indices ({index.array.size}) should be equal to source.size(dim): "
            f"({source.array.shape[d]}), for dim: {d}"
        )
    places = index.reshape([-1 if i == d else 1 for i in range(x.array.ndim)]).expand(source.array.shape)
    y = x.scatter_reduce(d, places, source, reduce, include_self=include_self)
    return into(out, known_as(y, "IndexReduceBackward0"))


def segment_reduce(
    data: Any, reduce: str, *, lengths: Any = None, indices: Any = None, offsets: Any = None, axis: int = 0,
    unsafe: bool = False, initial: Any = None,
) -> Any:  # fmt: skip
    """The sum (mean, max, min, prod) of each of the segments into which ``lengths`` or ``offsets`` cut the first axis.

    >>> torch.segment_reduce(torch.arange(6.), "sum", lengths=torch.tensor([2, 4]))
    tensor([ 1., 14.])
    """
    from .joining import stack

    if reduce not in EMPTY:
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    if lengths is None and offsets is None:
        raise RuntimeError("segment_reduce(): Either lengths or offsets must be defined.")
    if axis != 0 or (lengths if offsets is None else offsets).array.ndim != 1:
        raise NotImplementedError(
            message(
                "segment_reduce(): only segments along the first axis are implemented",
                f"axis is {axis}",
                "data.movedim(axis, 0)",
            )
        )
    ends = np.cumsum(lengths.array) if offsets is None else offsets.array[1:]
    begins = np.concatenate([[0], ends[:-1]]) if offsets is None else offsets.array[:-1]
    if not unsafe and (ends[-1] if ends.size else 0) != data.array.shape[0]:
        raise RuntimeError(
            message(
                "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.",
                f"they sum to {ends[-1] if ends.size else 0}, and data has {data.array.shape[0]} entries",
            )
        )
    return stack([segment(data[int(a) : int(b)], reduce, initial) for a, b in zip(begins, ends)])


EMPTY = {"sum": 0.0, "prod": 1.0, "mean": float("nan"), "max": -float("inf"), "min": float("inf")}


def segment(x: Any, reduce: str, initial: Any) -> Any:
    """One segment reduced, beginning from ``initial``."""
    if not x.array.shape[0]:
        return x.new_full(x.array.shape[1:], EMPTY[reduce] if initial is None else initial)
    if reduce == "mean":
        return x.mean(0) if initial is None else (x.sum(0) + initial) / x.array.shape[0]
    y = {"sum": x.sum, "prod": x.prod, "max": x.amax, "min": x.amin}[reduce](0)
    if initial is None:
        return y
    return {"sum": y.add, "prod": y.mul, "max": y.clamp_min, "min": y.clamp_max}[reduce](initial)


# ---------------------------------------------------------------------- the rest


def sum_to_size(self: Any, *size: Any) -> Any:
    """The sum over the axes along which a tensor of this size would be stretched to this one's.

    >>> torch.ones(2, 3).sum_to_size(3)
    tensor([2., 2., 2.])
    """
    wanted, here = sizes(size), self.array.shape
    lead = len(here) - len(wanted)
    if lead < 0 or any(n not in (1, m) for n, m in zip(wanted, here[lead:])):
        raise RuntimeError(
            message(
                f"size {{{list(wanted)}}} is not expandable to size {{{list(here)}}}.",
                "each axis must have the size it has here, or 1, counted from the last",
            )
        )
    if wanted == here:
        return self
    over = tuple(i for i, n in enumerate(here) if i < lead or wanted[i - lead] == 1 and n != 1)
    return (self.sum(over, keepdim=True) if over else self).reshape(wanted)


def nonzero_static(input: Any, *, size: int, fill_value: int = -1, out: Any = None) -> Any:
    """`nonzero`, with as many rows as asked for: cut off, or filled up.

    >>> torch.nonzero_static(torch.tensor([1, 0, 2]), size=3)
    tensor([[ 0],
            [ 2],
            [-1]])
    """
    if size < 0:
        raise RuntimeError(f"nonzero_static: 'size' must be an non-negative integer, got {size}")
    found = np.argwhere(tensor_like(input, "input", "nonzero_static").array)[:size]
    y = np.full((size, found.shape[1]), fill_value, np.int64)
    y[: len(found)] = found
    return into(out, wrap(y))


def renorm(input: Any, p: float, dim: int, maxnorm: float, *, out: Any = None) -> Any:
    """The input with each slice along ``dim`` that is longer than ``maxnorm`` (in the p-norm) made that long.

    >>> torch.renorm(torch.tensor([[3., 4.], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    from .logic import where

    x = tensor_like(input, "input", "renorm")
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if x.array.ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {x.array.ndim} dimensions")
    d = axis(dim, x.array.ndim)
    size = x.norm(p, [i for i in range(x.array.ndim) if i != d], keepdim=True)
    long = size.array > maxnorm
    factor = where(wrap(long), maxnorm / (where(wrap(long), size, 1.0) + 1e-7), 1.0)
    return into(out, known_as(x * factor, "RenormBackward0"))


def norm_except_dim(v: Any, pow: int = 2, dim: int = 0) -> Any:
    """The norm of each slice along ``dim``, as a tensor that meets v; of all of v for ``dim`` −1.

    >>> torch.norm_except_dim(torch.tensor([[3., 4.], [0., 2.]]), 2, 0)
    tensor([[5.],
            [2.]])
    """
    if dim == -1:
        return v.norm(pow)
    d = axis(dim, v.array.ndim)
    shape = v.array.shape
    return (
        v.movedim(d, 0)
        .reshape(shape[d], prod(shape) // max(shape[d], 1))
        .norm(pow, 1)
        .reshape([n if i == d else 1 for i, n in enumerate(shape)])
    )
