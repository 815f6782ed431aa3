"""Convolution over any number of spatial axes, its two adjoints, and unfold/fold.

    y[n, o, i] = b[o] + Σ_{c, t} w[o, c, t] · x̂[n, c, s·i + d·t]          (x̂ is x with zeros around it)

where i runs over places and t over taps. Written as matrices: the entries that the kernel sees at each place are one
*column* of X (channels × taps rows, one column per place), and then

    y = W X        ∂L/∂W = G Xᵀ        ∂L/∂X = Wᵀ G, whose columns are added back where they were read

with G = ∂L/∂y. Transposed convolution is the last of these three used as a forward pass. X holds every entry as many
times as there are taps, so it is never whole in memory: it is made for a few samples (or, of a large image, a few rows
of places) at a time, of a size that stays in the cache, and made again in the backward pass.

Layout: the columns of all samples of a chunk stand side by side, (channels × taps, samples × places), so that copying
them moves whole rows of the image. The alternative (places first, channels last) was measured 10 % faster at 14 × 14,
but up to four times slower for few channels, and its results would have to be transposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...base.errors import ShapeError, message
from .precision import halves
from .threads import parallel
from .windows import Padding, Sizes, Windows, check_moves, resolve, spread, times, window_view, windows

COLUMN_BYTES = 1 << 20  # of X at a time: half of a second-level cache, the rest of which holds W, G and the result

Needs = tuple[bool, ...]


class Kept(NamedTuple):
    """What the backward pass of a convolution needs."""

    x: np.ndarray
    weight: np.ndarray
    win: Windows
    groups: int


@halves
def conv(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[np.ndarray, Kept]:
    """y[n, o, i] = b[o] + Σ_{c, t} w[o, c, t] · x̂[n, c, s·i + d·t]

    Shapes: x (N, C, *size), weight (O, C / groups, *kernel), bias (O,), y (N, O, *places). Output channels fall into
    ``groups`` blocks, each of which sees one block of input channels.

    >>> y, kept = conv(np.ones((1, 1, 4)), np.ones((1, 1, 3)), padding=1)
    >>> y.tolist()
    [[[2.0, 3.0, 3.0, 2.0]]]
    >>> dx, dw, db = conv_backward(np.ones_like(y), kept)
    >>> dx.tolist(), dw.tolist(), db.tolist()
    ([[[2.0, 3.0, 3.0, 2.0]]], [[[3.0, 4.0, 3.0]]], [4.0])
    """
    check_conv(x, weight, bias, groups)
    win = windows(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    return correlate(x, weight, bias, win, groups), Kept(x, weight, win, groups)


@halves
def conv_backward(g: np.ndarray, kept: Kept, needs: Needs = (True, True, True)) -> tuple[np.ndarray | None, ...]:
    """∂L/∂x, ∂L/∂weight and ∂L/∂bias of `conv`, given g = ∂L/∂y."""
    x, weight, win, groups = kept
    return (
        input_gradient(g, weight, win, groups) if needs[0] else None,
        weight_gradient(g, x, win, groups) if needs[1] else None,
        bias_gradient(g) if needs[2] else None,
    )


@halves
def conv_transpose(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> tuple[np.ndarray, Kept]:
    """ŷ[n, o, s·i + d·t] = Σ_c w[c, o, t] · x[n, c, i], summed over all (i, t) that meet; y is ŷ less its padding, + b

    The adjoint of `conv`: it spreads each entry where `conv` would have gathered it. ``output_padding`` adds entries at
    the end that `conv` with this stride would have left out.

    Shapes: x (N, C, *size), weight (C, O / groups, *kernel), bias (O,), y (N, O, *larger).

    >>> y, _ = conv_transpose(np.ones((1, 1, 2)), np.ones((1, 1, 3)), stride=2)
    >>> y.tolist()
    [[[1.0, 1.0, 2.0, 1.0, 1.0]]]
    """
    check_conv_transpose(x, weight, bias, groups)
    win = spread_windows(x.shape[1:], weight.shape[2:], stride, padding, output_padding, dilation)
    y = input_gradient(x, weight, win, groups)
    if bias is not None:
        y += bias.reshape(-1, *[1] * len(win.size))
    return y, Kept(x, weight, win, groups)


@halves
def conv_transpose_backward(g: np.ndarray, kept: Kept, needs: Needs = (True, True, True)) -> tuple[Any, ...]:
    """∂L/∂x, ∂L/∂weight and ∂L/∂bias of `conv_transpose`; x and g have changed the parts they play in `conv`."""
    x, weight, win, groups = kept
    return (
        correlate(g, weight, None, win, groups) if needs[0] else None,
        weight_gradient(x, g, win, groups) if needs[1] else None,
        bias_gradient(g) if needs[2] else None,
    )


@halves
def unfold(
    x: np.ndarray,
    kernel: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: Padding = 0,
    stride: int | Sequence[int] = 1,
) -> tuple[np.ndarray, Windows]:
    """X[n, (c, t), i] = x̂[n, c, s·i + d·t]: the columns of each sample (im2col)

    Shapes: x (N, C, *size), X (N, C · taps, places).

    >>> unfold(np.arange(4.0).reshape(1, 1, 1, 4), (1, 2))[0].tolist()
    [[[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]]
    """
    win = windows(x.shape[2:], kernel, stride, padding, dilation)
    columns = window_view(surround(x, win), win)
    return columns.reshape(x.shape[0], x.shape[1] * win.taps, win.places), win


@halves
def fold(columns: np.ndarray, win: Windows) -> np.ndarray:
    """x[n, c, j] = Σ X[n, (c, t), i] over all places i and taps t that read entry j (col2im): the adjoint of `unfold`.

    Shapes: X (N, C · taps, places), x (N, C, *size).

    >>> fold(np.ones((1, 2, 3)), windows((1, 4), (1, 2))).tolist()
    [[[[1.0, 2.0, 2.0, 1.0]]]]
    """
    samples, rows, _ = columns.shape
    channels = rows // win.taps
    padded = np.zeros((samples, channels, *win.padded), columns.dtype)
    add_back(padded, columns.reshape(samples, channels, *win.kernel, *win.out), win, (0, win.out[0]))
    return np.ascontiguousarray(padded[(..., *win.inside)])


# The three products. Each shares its samples between the cores and walks through them chunk by chunk.


def correlate(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, groups: int) -> np.ndarray:
    """y = W X + b"""
    samples, outs = x.shape[0], weight.shape[0]
    dtype = np.result_type(x, weight)
    y = np.empty((samples, outs, *win.out), dtype)
    w = weight.reshape(groups, outs // groups, -1)
    by_group = grouped(y, groups)
    shift = None if bias is None else bias.reshape(groups, -1, *[1] * (1 + len(win.out)))

    def pointwise(start: int, stop: int) -> None:
        rows = x[start:stop].reshape(stop - start, groups, -1, win.places)
        np.matmul(w, rows, out=y[start:stop].reshape(stop - start, groups, -1, win.places))
        if shift is not None:
            by_group[:, :, start:stop] += shift

    def through_columns(start: int, stop: int) -> None:
        columns, product = scratch(dtype), scratch(dtype)
        for rows, part, matrix in column_blocks(x, win, groups, start, stop, columns):
            result = product((*w.shape[:2], matrix.shape[2]))
            np.matmul(w, matrix, out=result)
            target = by_group[:, :, part, rows[0] : rows[1]]
            if shift is None:
                np.copyto(target, result.reshape(target.shape))
            else:
                np.add(result.reshape(target.shape), shift, out=target)

    parallel(pointwise if win.pointwise else through_columns, samples, work(y, w))
    return y


def input_gradient(g: np.ndarray, weight: np.ndarray, win: Windows, groups: int) -> np.ndarray:
    """∂L/∂x = the columns of Wᵀ G, each entry added back where it was read"""
    samples, channels = g.shape[0], weight.shape[1] * groups
    dtype = np.result_type(g, weight)
    dx = np.empty((samples, channels, *win.size), dtype)
    w_t = weight.reshape(groups, weight.shape[0] // groups, -1).mT
    into, out_of = grouped(dx, groups), grouped(g, groups)

    def pointwise(start: int, stop: int) -> None:
        rows = g[start:stop].reshape(stop - start, groups, -1, win.places)
        np.matmul(w_t, rows, out=dx[start:stop].reshape(stop - start, groups, -1, win.places))

    def through_columns(start: int, stop: int) -> None:
        columns, upstream, border = scratch(dtype), scratch(dtype), scratch(dtype)
        per_place = channels * win.taps * dtype.itemsize
        for part in sample_blocks(start, stop, per_place * win.places):
            target = into[:, :, part]
            padded = border((*target.shape[:3], *win.padded)) if win.pads else target
            padded.fill(0)
            for rows in row_blocks(win, per_place * (part.stop - part.start)):
                upstream_rows = as_matrix(out_of[:, :, part, rows[0] : rows[1]], upstream)
                matrix = columns((groups, w_t.shape[1], upstream_rows.shape[2]))
                np.matmul(w_t, upstream_rows, out=matrix)
                shape = (*target.shape[:2], *win.kernel, target.shape[2], rows[1] - rows[0], *win.out[1:])
                add_back(padded, np.moveaxis(matrix.reshape(shape), 2 + len(win.kernel), 2), win, rows)
            if win.pads:
                np.copyto(target, padded[(..., *win.inside)])

    parallel(pointwise if win.pointwise else through_columns, samples, work(g, w_t))
    return dx


def weight_gradient(g: np.ndarray, x: np.ndarray, win: Windows, groups: int) -> np.ndarray:
    """∂L/∂W = G Xᵀ, summed over the chunks"""
    outs, channels = g.shape[1], x.shape[1]
    dtype = np.result_type(g, x)
    shape = (groups, outs // groups, channels // groups * win.taps)
    out_of = grouped(g, groups)

    def task(start: int, stop: int) -> np.ndarray:
        columns, upstream = scratch(dtype), scratch(dtype)
        total, product = np.zeros(shape, dtype), np.empty(shape, dtype)
        for rows, part, matrix in column_blocks(x, win, groups, start, stop, columns, 2 * total.nbytes):
            np.matmul(as_matrix(out_of[:, :, part, rows[0] : rows[1]], upstream), matrix.mT, out=product)
            np.add(total, product, out=total)
        return total

    parts = parallel(task, x.shape[0], g.size * shape[2] / 8)
    for part in parts[1:]:
        parts[0] += part
    return parts[0].reshape(outs, channels // groups, *win.kernel)


def bias_gradient(g: np.ndarray) -> np.ndarray:
    """∂L/∂b[o] = Σ_{n, i} g[n, o, i]; along the places first, which are next to each other"""
    return g.reshape(*g.shape[:2], prod(g.shape[2:])).sum(2).sum(0)


# Columns, chunk by chunk.


def column_blocks(
    x: np.ndarray, win: Windows, groups: int, start: int, stop: int, room: Callable, bytes_at_least: int = 0
) -> Iterator[tuple[tuple[int, int], slice, np.ndarray]]:
    """For each chunk: its rows of places, its samples, and its X of shape (groups, channels / groups · taps, columns)."""
    into = grouped(x, groups)
    per_place = x.shape[1] * win.taps * x.itemsize
    budget = max(COLUMN_BYTES, bytes_at_least)
    border = scratch(x.dtype, zero=True)
    for part in sample_blocks(start, stop, per_place * win.places, budget):
        padded = into[:, :, part]
        if win.pads:
            padded = border((*padded.shape[:3], *win.padded))
            np.copyto(padded[(..., *win.inside)], into[:, :, part])
        view = np.moveaxis(window_view(padded, win), 2, 2 + len(win.kernel))  # samples behind the taps
        place = (slice(None),) * (3 + len(win.kernel))
        for rows in row_blocks(win, per_place * (part.stop - part.start), budget):
            seen = view[(*place, slice(*rows))]
            yield rows, part, as_matrix(seen, room, 2 + len(win.kernel))


def sample_blocks(start: int, stop: int, bytes_each: int, budget: int = COLUMN_BYTES) -> Iterator[slice]:
    """Runs of samples whose columns fit the budget; at least one at a time."""
    step = max(1, budget // max(bytes_each, 1))
    for first in range(start, stop, step):
        yield slice(first, min(first + step, stop))


def row_blocks(win: Windows, bytes_each_place: int, budget: int = COLUMN_BYTES) -> Iterator[tuple[int, int]]:
    """Runs of rows of places whose columns fit the budget; at least one row at a time."""
    step = max(1, budget // max(bytes_each_place * prod(win.out[1:]), 1))
    for first in range(0, win.out[0], step):
        yield first, min(first + step, win.out[0])


def add_back(padded: np.ndarray, columns: np.ndarray, win: Windows, rows: tuple[int, int]) -> None:
    """padded[…, s·i + d·t] += columns[…, t, i]: tap by tap, for within one tap no two places meet.

    Shapes: padded (A, B, …, *padded), columns (A, B, …, *kernel, *places)
    """
    places = (slice(None),) * len(win.kernel)
    for tap in win.all_taps():
        target = padded[(..., *win.reads(tap, rows))]
        np.add(target, columns[(..., *tap, *places)], out=target)


def grouped(x: np.ndarray, groups: int) -> np.ndarray:
    """A view (groups, channels / groups, samples, *size) onto an array (samples, channels, *size)."""
    split = x.reshape(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
    return np.moveaxis(split, 0, 2)


def as_matrix(x: np.ndarray, room: Callable, lead: int = 2) -> np.ndarray:
    """``x`` as (groups, rows, columns): axes up to ``lead`` are rows, the others columns; copied unless it is so stored."""
    shape = (x.shape[0], prod(x.shape[1:lead]), prod(x.shape[lead:]))
    if x.flags.c_contiguous:
        return x.reshape(shape)
    copy = room(x.shape)
    np.copyto(copy, x)
    return copy.reshape(shape)


def scratch(dtype: Any, zero: bool = False) -> Callable[[Sizes], np.ndarray]:
    """Memory to write into again and again: each call gives the same memory, in the asked shape.

    With ``zero`` it starts as zeros, and what a call leaves untouched stays zero as long as the shape stays the same.
    """
    held: list[np.ndarray] = []

    def room(shape: Sizes) -> np.ndarray:
        if not held or held[0].size < prod(shape) or (zero and held[0].size != prod(shape)):
            held[:] = [(np.zeros if zero else np.empty)(prod(shape), dtype)]
        return held[0][: prod(shape)].reshape(shape)

    return room


def work(y: np.ndarray, w: np.ndarray) -> float:
    """Multiply-adds of a product, in the unit of `parallel` (a BLAS does about eight while memory moves an entry)."""
    return y.size * w.shape[-1] * w.shape[-2] / max(y.shape[1], 1) * w.shape[0] / 8 if y.size else 0.0
