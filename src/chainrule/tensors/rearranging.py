"""Entries in other places, by PyTorch's names: flipped, rolled, turned, repeated, padded; triangles and diagonals."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.dtypes import title
from ..base.errors import message
from ..base.layout import check_layout
from ..base.shapes import axis
from ..graph.apply import look, plain
from ..graph.value import Value, wrap
from ..ops import arrange, scatter
from ..ops import pad as padding
from ..ops import shape as op
from ..ops.kernels import memory
from .coerce import listed, number, sizes
from .inplace import into
from .shape import expand, plan, reshape, unsqueeze
from .spelling import numpy_spelling

# ---------------------------------------------------------------------- in another order


def distinct(dims: tuple[int, ...], ndim: int) -> tuple[int, ...]:
    """Axes as non-negative numbers, none of them twice."""
    found = tuple([axis(d, ndim) for d in dims])
    if len(set(found)) < len(found):
        raise RuntimeError(f"dim {next(d for d in found if found.count(d) > 1)} appears multiple times in the list of dims")
    return found


def flip(input: Any, *dims: Any, **named: Any) -> Any:
    """The entries in reverse order along the given axes: a copy.

    >>> torch.tensor([[1, 2], [3, 4]]).flip(0)
    tensor([[3, 4],
            [1, 2]])
    """
    along = listed(dims, named, "dims", "flip")
    places = distinct(along, input.array.ndim)
    return plain(arrange.Flip(places if input.array.ndim else ()), input)


def fliplr(input: Any) -> Any:
    """The columns in reverse order."""
    if input.array.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return flip(input, 1)


def flipud(input: Any) -> Any:
    """The rows in reverse order."""
    if input.array.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return flip(input, 0)


def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """``k`` quarter turns in the plane of two axes, from the first towards the second.

    >>> torch.tensor([[1, 2], [3, 4]]).rot90()
    tensor([[2, 4],
            [1, 3]])
    """
    ndim, plane = input.array.ndim, tuple(dims)
    if len(plane) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(plane)}")
    if ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {ndim}")
    first, second = axis(plane[0], ndim), axis(plane[1], ndim)
    if first == second:
        raise RuntimeError(f"expected rotation dims to be different, but got dim0 = {plane[0]} and dim1 = {plane[1]}")
    return plain(arrange.Rot90(k % 4, (first, second)), input)


def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """Every entry moved ``shifts`` places along the axes, those that fall off coming back at the other end.

    >>> torch.tensor([1, 2, 3]).roll(1)
    tensor([3, 1, 2])
    """
    by, along = sizes((shifts,)), () if dims is None else sizes((dims,))
    if not by:
        raise RuntimeError("`shifts` required")
    if len(along) != len(by) and (along or len(by) != 1):
        raise RuntimeError(f"shifts and dimensions must align. shifts: {len(by)}, dims:{len(along)}")
    return plain(arrange.Roll(by, tuple([axis(d, input.array.ndim) for d in along])), input)


# ---------------------------------------------------------------------- repeated


def repeat(input: Any, *repeats: Any, **named: Any) -> Any:
    """The tensor as a tile, laid ``repeats`` times along each axis: a copy.

    >>> torch.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    times, shape = listed(repeats, named, "repeats", "repeat"), input.array.shape
    if len(times) < len(shape):
        raise RuntimeError(
            message(
                "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
                f"repeats {list(times)}, shape {list(shape)}: every axis needs its number of times",
                "x.tile(...), which leaves the axes in front alone",
            )
        )
    full = (1,) * (len(times) - len(shape)) + shape
    if min(times, default=0) < 0:
        grown = [n * k for n, k in zip(full, times)]
        raise RuntimeError(f"Trying to create tensor with negative dimension {min(grown)}: {grown}")
    return plain(arrange.Repeat(times), input)


def tile(input: Any, *dims: Any, **named: Any) -> Any:
    """Like `repeat`, but fewer numbers than axes speak about the last axes."""
    times = listed(dims, named, "dims", "tile")
    return repeat(input, *(1,) * (input.array.ndim - len(times)), *times)


@numpy_spelling
def repeat_interleave(input: Any = None, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None) -> Any:
    """Each entry (each slice along ``dim``) several times in a row.

    >>> torch.tensor([1, 2]).repeat_interleave(2), torch.tensor([1, 2]).repeat_interleave(torch.tensor([1, 2]))
    (tensor([1, 1, 2, 2]), tensor([1, 2, 2]))
    """
    if repeats is None or input is None:  # repeat_interleave(counts): the index of each slot
        input = repeats if input is None else input
        return wrap(np.repeat(np.arange(input.array.size), counts(input.array)))
    if dim is None:
        input, dim = reshape(input, -1), 0
    d = axis(dim, input.array.ndim)
    if isinstance(repeats, Value) and repeats.array.size == 1:
        repeats = int(counts(repeats.array).reshape(-1)[0])
    if not isinstance(repeats, Value):
        if repeats < 0:
            raise RuntimeError("Repeats must be non-negative")
        shape = input.array.shape
        spread = expand(unsqueeze(input, d + 1), *shape[: d + 1], int(repeats), *shape[d + 1 :])
        return reshape(plain(op.contiguous, spread), *shape[:d], shape[d] * int(repeats), *shape[d + 1 :])
    n, times = input.array.shape[d], repeats.array
    if times.size != n:
        raise RuntimeError(
            message(
                f"repeats must have the same size as input along dim, but got repeats.size(0) = {times.size} and "
                f"input.size({d}) = {n}"
            )
        )
    where = np.repeat(np.arange(n), counts(times))
    if output_size is not None and output_size != where.size:
        raise RuntimeError(f"allocated size does not match required size: {output_size} and {where.size}")
    return plain(scatter.IndexSelect(d), input, where)


def counts(times: np.ndarray) -> np.ndarray:
    if times.dtype.kind not in "iu":
        raise RuntimeError("repeats has to be Long or Int tensor")
    if times.size and times.min() < 0:
        raise RuntimeError("repeats can not be negative")
    return times


# ---------------------------------------------------------------------- triangles and diagonals


def tril(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The entries on and below a diagonal, 0 above it.

    >>> torch.ones(2, 2).tril()
    tensor([[1., 0.],
            [1., 1.]])
    """
    return into(out, plain(arrange.Tril(triangle(input, "tril", diagonal)), input))


def triu(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """The entries on and above a diagonal, 0 below it."""
    return into(out, plain(arrange.Triu(triangle(input, "triu", diagonal)), input))


def triangle(input: Any, name: str, diagonal: int) -> int:
    if input.array.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")
    return int(diagonal)


def triangle_indices(name: str, find: Any) -> Any:
    """``tril_indices`` and ``triu_indices``."""

    def function(row: int, col: int, offset: int = 0, *, dtype: Any = dtypes.int64, device: Any = "cpu", layout: Any = None) -> Any:
        for side, n in (("row", row), ("col", col)):
            if n < 0:
                raise RuntimeError(f"{side} must be non-negative, got{n}")
        if dtype.rank != 1:
            raise NotImplementedError(f'"{name}" not implemented for \'{title(dtype)}\'')
        devices.check(device)
        check_layout(layout)
        return wrap(np.array(find(row, offset, col)).astype(dtype.numpy, copy=False))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Row and column numbers of the entries that `{name[:4]}` keeps of a row × col matrix: [2, count]."
    return function


tril_indices = triangle_indices("tril_indices", np.tril_indices)
triu_indices = triangle_indices("triu_indices", np.triu_indices)


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """y[…, i] = x[…, i, i + offset], the two axes given by ``dim1`` and ``dim2``: a view.

    >>> torch.tensor([[1, 2], [3, 4]]).diagonal()
    tensor([1, 4])
    """
    return look(diagonals(input.array.ndim, offset, dim1, dim2), input)


@plan
def diagonals(ndim: int, offset: int, dim1: int, dim2: int) -> op.Diagonal:
    return op.Diagonal(offset, *two_axes(ndim, dim1, dim2))


def two_axes(ndim: int, dim1: int, dim2: int) -> tuple[int, int]:
    first, second = axis(dim1, ndim), axis(dim2, ndim)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return first, second


def diag(input: Any, diagonal: int = 0, *, out: Any = None) -> Any:
    """A vector as the diagonal of a matrix, or the diagonal of a matrix as a vector.

    >>> torch.diag(torch.tensor([1, 2])), torch.diag(torch.tensor([[1, 2], [3, 4]]))
    (tensor([[1, 0],
            [0, 2]]), tensor([1, 4]))
    """
    ndim = input.array.ndim
    if ndim not in (1, 2):
        raise RuntimeError(
            message(f"diag(): Supports 1D or 2D tensors. Got {ndim}D", instead="torch.diag_embed, torch.diagonal")
        )
    return into(out, diag_embed(input, diagonal) if ndim == 1 else plain(op.DiagonalCopy(diagonal, 0, 1), input))


def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """y[…, i, i + offset] = x[…, i], 0 elsewhere: the last axis becomes a diagonal of axes ``dim1`` and ``dim2``."""
    shape = input.array.shape
    if not shape:
        axis(dim1, 0)
    first, second = two_axes(len(shape) + 1, dim1, dim2)
    full = list(shape[:-1])
    for d in sorted((first, second)):
        full.insert(d, shape[-1] + abs(offset))
    return plain(op.DiagEmbed(tuple(full), offset, first, second), input)


def diagflat(input: Any, offset: int = 0) -> Any:
    """All entries, in one row, as the diagonal of a matrix."""
    return diag_embed(reshape(input, -1), offset)


# ---------------------------------------------------------------------- windows and strides


def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """Windows of ``size`` entries along an axis, each ``step`` further, as a new last axis: a view.

    >>> torch.arange(5).unfold(0, 3, 2)
    tensor([[0, 1, 2],
            [2, 3, 4]])
    """
    if not input.array.ndim:
        return unfold(reshape(input, 1), dimension, size, step)[0] if size < 2 else unfold(reshape(input, 1), dimension, size, step)
    d = axis(dimension, input.array.ndim)
    n = input.array.shape[d]
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if size > n:
        raise RuntimeError(f"maximum size for tensor at dimension {d} is {n} but size is {size}")
    return look(op.Unfold(d, size, step), input)


def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """The tensor's memory read with any shape and strides (in entries): y[i, j] = memory[offset + i·stride[0] + j·stride[1]].

    >>> torch.arange(5).as_strided((3, 2), (1, 2))
    tensor([[0, 2],
            [1, 3],
            [2, 4]])
    """
    x = input.array
    shape, steps = sizes((size,)), sizes((stride,))
    if len(shape) != len(steps):
        raise RuntimeError("mismatch in length of strides and shape")
    if min(steps, default=0) < 0:
        raise RuntimeError(f"as_strided: Negative strides are not supported at the moment, got strides: {list(steps)}")
    here = memory.offset(x)
    start = here if storage_offset is None else storage_offset
    room = memory.own_memory(x).size
    needed = start + 1 + sum((n - 1) * s for n, s in zip(shape, steps)) if prod(shape) else 0
    if needed > room or start < 0:
        raise RuntimeError(
            message(
                f"setStorage: sizes {list(shape)}, strides {list(steps)}, storage offset {start}, and itemsize {x.itemsize} "
                f"requiring a storage size of {needed * x.itemsize} are out of bounds for storage of size {room * x.itemsize}",
                f"the last entry would be number {needed - 1} of a memory that holds {room}",
            )
        )
    layout = (x.shape, tuple([s // x.itemsize for s in x.strides]), here)
    return look(op.AsStrided(shape, steps, start, layout), input)


# ---------------------------------------------------------------------- padded


def pad(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    """New entries at both ends of the last axes: ``pad = (before last, after last, before second-last, …)``.

    ``mode`` "constant" puts ``value`` there (default 0; negative widths take entries away), "reflect" mirrors the tensor at
    its border, "replicate" repeats the border, "circular" goes round.

    >>> pad(torch.tensor([[1, 2, 3]]), (2, 1), mode="reflect")
    tensor([[3, 2, 1, 2, 3, 2]])
    """
    widths, shape = sizes((pad,)), input.array.shape
    if len(widths) % 2:
        raise RuntimeError(message("Padding length must be divisible by 2", f"pad = {widths}: two widths for each axis"))
    if len(widths) > 2 * len(shape):
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got padding length "
            f"{len(widths)} and input of dimension {len(shape)}"
        )
    n = len(widths) // 2
    pads = ((0, 0),) * (len(shape) - n) + tuple([(widths[2 * i], widths[2 * i + 1]) for i in reversed(range(n))])
    if mode == "constant":
        for size, (a, b) in zip(shape, pads):
            if size + a + b < 0 or a < -size or b < -size:
                raise RuntimeError(
                    message("narrow(): length must be non-negative.", f"widths {(a, b)} take more than the {size} entries there are")
                )
        return plain(padding.ConstantPadNd(pads, 0 if value is None else number(value)), input)
    check_border(shape, n, mode, value, pads)
    cut = tuple([(min(a, 0), min(b, 0)) for a, b in pads])
    if any(c != (0, 0) for c in cut):
        input = plain(padding.ConstantPadNd(cut, 0), input)
    return plain(padding.Pad(mode, tuple([(max(a, 0), max(b, 0)) for a, b in pads])), input)


def check_border(shape: tuple[int, ...], n: int, mode: str, value: Any, pads: Any) -> None:
    """Refuse to continue a tensor at its border where that has no meaning."""
    if mode not in padding.BORDERS:
        raise NotImplementedError(
            message(f"Unrecognised padding mode {mode}", instead="'constant', 'reflect', 'replicate' or 'circular'")
        )
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if n > 3 or len(shape) not in (n + 1, n + 2):
        raise NotImplementedError(
            message(
                f"Padding size {2 * n} is not supported for {len(shape)}D input tensor.",
                f"mode {mode!r} pads the last 1, 2 or 3 axes behind one or two others (channels, batch)",
                "x.unsqueeze(0)",
            )
        )
    for d, (size, (a, b)) in enumerate(zip(shape, pads)):
        if mode == "reflect" and (a >= size or b >= size):
            raise RuntimeError(
                f"Argument #4: Padding size should be less than the corresponding input dimension, but got: padding ({a}, {b}) "
                f"at dimension {d} of input {list(shape)}"
            )
        if mode == "circular" and (a > size or b > size):
            raise RuntimeError("Padding value causes wrapping around more than once.")
        if size == 0 and d >= len(shape) - n:
            raise RuntimeError(
                f"Expected {n + 1}D or {n + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions "
                f"for input, but got: {list(shape)}"
            )
