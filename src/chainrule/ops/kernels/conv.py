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
from .windows import Padding, Sizes, Windows, all_reads, check_moves, resolve, spread, times, window_view, windows

COLUMN_BYTES = 1 << 20  # of X and Y at a time: half of a second-level cache; the rest holds W and the image

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
        rows = x[start:stop].reshape(stop - start, groups, w.shape[2], win.places)
        np.matmul(w, rows, out=y[start:stop].reshape(stop - start, *w.shape[:2], win.places))
        if shift is not None:
            by_group[:, :, start:stop] += shift

    def through_columns(start: int, stop: int) -> None:
        columns, product = scratch(dtype), scratch(dtype)
        for rows, part, matrix in column_blocks(x, win, groups, outs, start, stop, columns):
            result = product((*w.shape[:2], matrix.shape[2]))
            np.matmul(w, matrix, out=result)
            target = by_group[:, :, part, rows[0] : rows[1]]
            if shift is None:
                np.copyto(target, result.reshape(target.shape))
            else:
                np.add(result.reshape(target.shape), shift, out=target)

    parallel(pointwise if win.pointwise else through_columns, samples, y.size * w.shape[2] / 8)
    return y


def input_gradient(g: np.ndarray, weight: np.ndarray, win: Windows, groups: int) -> np.ndarray:
    """∂L/∂x: a convolution with the kernels turned round where that is possible and cheaper, else through columns.

    With stride 1, entry j was read by tap t at place j − d·t, so ∂L/∂x[j] = Σ_t w[t] g[j − d·t] is itself a
    convolution. Its columns are those of g; adding columns of x back costs about twice as much as copying.
    """
    if max(win.stride) == 1 and weight.shape[0] <= 2 * weight.shape[1] * groups and not win.pointwise:
        turned = facing_back(win)
        if turned is not None:
            return correlate(g, turn_round(weight, groups), None, turned, groups)
    return add_columns_back(g, weight, win, groups)


def facing_back(win: Windows) -> Windows | None:
    """The windows of the same kernel over the places, whose places are the entries; None where padding is too wide."""
    reach = [d * (k - 1) for d, k in zip(win.dilation, win.kernel, strict=True)]
    before = tuple(r - p for r, p in zip(reach, win.before, strict=True))
    after = tuple(n + r - m - p for n, r, m, p in zip(win.size, reach, win.out, before, strict=True))
    if min(before + after) < 0:
        return None
    return win._replace(size=win.out, out=win.size, before=before, after=after)


def turn_round(weight: np.ndarray, groups: int) -> np.ndarray:
    """w[c, o, −t]: input and output channels exchanged within each group, taps in opposite order."""
    split = weight.reshape(groups, weight.shape[0] // groups, *weight.shape[1:]).swapaxes(1, 2)
    back = np.flip(split, tuple(range(3, split.ndim)))
    return back.reshape(weight.shape[1] * groups, weight.shape[0] // groups, *weight.shape[2:])


def add_columns_back(g: np.ndarray, weight: np.ndarray, win: Windows, groups: int) -> np.ndarray:
    """∂L/∂x = the columns of Wᵀ G, each entry added back where it was read"""
    samples, channels = g.shape[0], weight.shape[1] * groups
    dtype = np.result_type(g, weight)
    dx = np.empty((samples, channels, *win.size), dtype)
    w_t = weight.reshape(groups, weight.shape[0] // groups, -1).mT
    into, out_of = grouped(dx, groups), grouped(g, groups)
    axes = len(win.kernel)
    order = (0, 1, 2 + axes, *range(2, 2 + axes), *range(3 + axes, 3 + 2 * axes))  # samples before the taps

    def pointwise(start: int, stop: int) -> None:
        rows = g[start:stop].reshape(stop - start, groups, w_t.shape[2], win.places)
        np.matmul(w_t, rows, out=dx[start:stop].reshape(stop - start, *w_t.shape[:2], win.places))

    def through_columns(start: int, stop: int) -> None:
        columns, upstream, border = scratch(dtype), scratch(dtype), scratch(dtype)
        per_place = (channels * win.taps + g.shape[1]) * dtype.itemsize
        for part in sample_blocks(start, stop, per_place * win.places):
            target = into[:, :, part]
            padded = border((*target.shape[:3], *win.padded)) if win.pads else target
            padded.fill(0)
            for rows in row_blocks(win, per_place * (part.stop - part.start)):
                upstream_rows = as_matrix(out_of[:, :, part, rows[0] : rows[1]], upstream)
                matrix = columns((groups, w_t.shape[1], upstream_rows.shape[2]))
                np.matmul(w_t, upstream_rows, out=matrix)
                shape = (*target.shape[:2], *win.kernel, target.shape[2], rows[1] - rows[0], *win.out[1:])
                add_back(padded, matrix.reshape(shape).transpose(order), win, rows)
            if win.pads:
                np.copyto(target, padded[(..., *win.inside)])

    parallel(pointwise if win.pointwise else through_columns, samples, g.size * w_t.shape[1] / 8)
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
        for rows, part, matrix in column_blocks(x, win, groups, outs, start, stop, columns, 2 * total.nbytes):
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


def spread_windows(
    x_shape: Sizes, kernel: Sizes, stride: Any, padding: Any, output_padding: Any, dilation: Any
) -> Windows:
    """The windows over the *output* of a transposed convolution, whose places are the entries of its input."""
    axes = len(kernel)
    stride, dilation = spread(stride, axes, "stride"), spread(dilation, axes, "dilation")
    extra = spread(output_padding, axes, "output_padding")
    before, after = resolve(padding, kernel, stride, dilation)
    check_moves(stride, dilation, before, after)
    check_extra(extra, stride, dilation)
    places = x_shape[1:]
    size = tuple(
        (m - 1) * s - p - q + d * (k - 1) + e + 1
        for m, s, p, q, d, k, e in zip(places, stride, before, after, dilation, kernel, extra, strict=True)
    )
    if min(size) < 1:
        raise ShapeError(
            message(
                f"Given input size per channel: ({times(places)}). Calculated output size per channel: "
                f"({times(size)}). Output size is too small",
                f"padding={list(before)} is taken off each side of the output",
                "padding=0",
            )
        )
    return Windows(size, kernel, stride, dilation, before, after, places)


# Columns, chunk by chunk.


def column_blocks(
    x: np.ndarray,
    win: Windows,
    groups: int,
    outs: int,
    start: int,
    stop: int,
    room: Callable[[Sizes], np.ndarray],
    bytes_at_least: int = 0,
) -> Iterator[tuple[tuple[int, int], slice, np.ndarray]]:
    """For each chunk: its rows of places, its samples, and its X of shape (groups, channels / groups · taps, columns)."""
    into = grouped(x, groups)
    per_place = (x.shape[1] * win.taps + outs) * x.itemsize
    budget = max(COLUMN_BYTES, bytes_at_least)
    border = scratch(x.dtype, zero=True)
    axes = len(win.kernel)
    order = (0, 1, *range(3, 3 + axes), 2, *range(3 + axes, 3 + 2 * axes))  # samples behind the taps
    place = (slice(None),) * (3 + axes)
    for part in sample_blocks(start, stop, per_place * win.places, budget):
        padded = into[:, :, part]
        if win.pads:
            padded = border((*padded.shape[:3], *win.padded))
            np.copyto(padded[(..., *win.inside)], into[:, :, part])
        view = window_view(padded, win).transpose(order)
        for rows in row_blocks(win, per_place * (part.stop - part.start), budget):
            yield rows, part, as_matrix(view[(*place, slice(*rows))], room, 2 + axes)


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
    for tap, reads in all_reads(win, rows):
        target = padded[reads]
        np.add(target, columns[(..., *tap, *places)], out=target)


def grouped(x: np.ndarray, groups: int) -> np.ndarray:
    """A view (groups, channels / groups, samples, *size) onto an array (samples, channels, *size)."""
    split = x.reshape(x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])
    return split.transpose(1, 2, 0, *range(3, split.ndim))


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


def surround(x: np.ndarray, win: Windows) -> np.ndarray:
    """x̂: x with its zeros around it; x itself where there are none."""
    if not win.pads:
        return x
    padded = np.zeros((*x.shape[: -len(win.size)], *win.padded), x.dtype)
    padded[(..., *win.inside)] = x
    return padded


# What is checked, in PyTorch's words.


def check_conv(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, groups: int) -> None:
    check_dims(x, weight, "conv")
    check_groups(weight, groups)
    if x.shape[1] != weight.shape[1] * groups:
        raise ShapeError(
            message(
                f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
                f"{weight.shape[1] * groups} channels, but got {x.shape[1]} channels instead",
                f"each of the {groups} groups of kernels sees {weight.shape[1]} input channels",
                f"in_channels={x.shape[1]}" if groups == 1 else "",
            )
        )
    check_bias(weight, bias, weight.shape[0], transposed=0)


def check_conv_transpose(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, groups: int) -> None:
    check_dims(x, weight, "conv_transpose")
    check_groups(weight, groups)
    if x.shape[1] != weight.shape[0]:
        raise ShapeError(
            message(
                f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
                f"{weight.shape[0]} channels, but got {x.shape[1]} channels instead",
                "the weight of a transposed convolution is (in_channels, out_channels / groups, *kernel)",
                f"in_channels={x.shape[1]}",
            )
        )
    check_bias(weight, bias, weight.shape[1] * groups, transposed=1)


def check_extra(extra: Sizes, stride: Sizes, dilation: Sizes) -> None:
    if min(extra) < 0:
        raise ShapeError(message("negative output_padding is not supported", f"got output_padding={list(extra)}"))
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ShapeError(
            message(
                "output padding must be smaller than either stride or dilation, but got output_padding="
                f"{list(extra)}, stride={list(stride)}, dilation={list(dilation)}",
                "it makes up for the entries that a convolution with this stride leaves out at the end",
                f"output_padding={[max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]} at most",
            )
        )


def check_dims(x: np.ndarray, weight: np.ndarray, name: str) -> None:
    axes = weight.ndim - 2
    if axes < 1 or x.ndim != weight.ndim:
        raise ShapeError(
            message(
                f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to {name}{axes}d, but got input of "
                f"size: {list(x.shape)}",
                f"a weight of size {list(weight.shape)} moves along {axes} axes of (samples, channels, *size)",
            )
        )


def check_groups(weight: np.ndarray, groups: int) -> None:
    if groups < 1:
        raise ShapeError(message("non-positive groups is not supported", f"got groups={groups}", "groups=1"))
    if weight.shape[0] % groups or weight.shape[0] == 0:
        raise ShapeError(
            message(
                f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
                f"size [{list(weight.shape)}] instead",
                "every group has the same number of kernels",
            )
        )


def check_bias(weight: np.ndarray, bias: np.ndarray | None, channels: int, transposed: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ShapeError(
            message(
                f"Given transposed={transposed}, weight of size {list(weight.shape)}, expected bias to be 1-dimensional "
                f"with {channels} elements, but got bias of size {list(bias.shape)} instead",
                "one number is added to each output channel",
            )
        )
