"""The three matrix products of a convolution: the result, and the gradients of its input and of its weights.

With X the columns of x (see `columns`), W the weights as a matrix and G = ∂L/∂y,

    y = W X        ∂L/∂W = G Xᵀ        ∂L/∂X = Wᵀ G, whose columns are added back where they were read

Each is linear in both of its arguments, and the gradients of one are the other two: transposed convolution is the last
of them used as a forward pass. All share their samples between the cores and walk through them chunk by chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from ...base.threads import parallel
from ...native.aligned import empty
from . import direct, tile_direct
from .columns import (
    add_back,
    as_matrix,
    column_blocks,
    grouped,
    patch_blocks,
    row_blocks,
    sample_blocks,
    scratch,
)
from .windows import Windows

Span = tuple[int, int]  # the samples of one thread: first, and behind the last
MANY_CHANNELS = 16  # from which on patches are faster than columns; both were measured on images of 4² to 56² pixels


def correlate(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, groups: int) -> np.ndarray:
    """y = W X + b

    Shapes: x (N, C, *size), weight (O, C / groups, *kernel), bias (O,), y (N, O, *places).
    """
    found = tile_direct.correlate(x, weight, bias, win) if tile_direct.suits(x, weight, win, groups) else None
    if found is not None:
        return found
    if direct.suits(x, weight, win, groups, win.places):
        return direct.correlate(x, weight, bias, win, groups)
    y = empty((x.shape[0], weight.shape[0], *win.out), np.result_type(x, weight))
    by: Callable[..., None] = through_columns
    if win.pointwise:
        by = pointwise
    elif groups == 1 and x.shape[1] >= MANY_CHANNELS:
        by = through_patches
    work = y.size * prod(weight.shape[1:]) / 8
    parallel(lambda start, stop: by(x, weight, bias, win, groups, y, (start, stop)), x.shape[0], work)
    return y


def pointwise(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, groups: int, y: np.ndarray, span: Span
) -> None:
    """A kernel of one tap: x is its own X."""
    part, samples = slice(*span), span[1] - span[0]
    w = weight.reshape(groups, weight.shape[0] // groups, -1)
    result = y[part].reshape(samples, *w.shape[:2], win.places)
    np.matmul(w, x[part].reshape(samples, groups, w.shape[2], win.places), out=result)
    if bias is not None:
        result += bias.reshape(groups, -1, 1)


def through_columns(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, groups: int, y: np.ndarray, span: Span
) -> None:
    w = weight.reshape(groups, weight.shape[0] // groups, -1)
    shift = None if bias is None else bias.reshape(groups, -1, *[1] * (1 + len(win.out)))
    columns, product, into = scratch(y.dtype), scratch(y.dtype), grouped(y, groups)
    for part, rows, matrix in column_blocks(x, win, groups, weight.shape[0], span, columns):
        result = np.matmul(w, matrix, out=product((*w.shape[:2], matrix.shape[2])))
        put(into[:, :, part, rows], result.reshape(into[:, :, part, rows].shape), shift)


def through_patches(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, _: int, y: np.ndarray, span: Span
) -> None:
    outs, axes = weight.shape[0], len(win.kernel)
    w = np.ascontiguousarray(weight.transpose(*range(2, 2 + axes), 1, 0)).reshape(-1, outs)
    patches, product = scratch(y.dtype), scratch(y.dtype)
    pixels = y.transpose(0, *range(2, 2 + axes), 1)
    for part, rows, matrix in patch_blocks(x, win, outs, span, patches):
        result = np.matmul(matrix, w, out=product((len(matrix), outs)))
        put(pixels[part, rows], result.reshape(pixels[part, rows].shape), bias)


def put(target: np.ndarray, result: np.ndarray, shift: np.ndarray | None) -> None:
    """Copy into place; the bias is added on the way, where it costs nothing."""
    if shift is None:
        np.copyto(target, result)
    else:
        np.add(result, shift, out=target)


def input_gradient(g: np.ndarray, weight: np.ndarray, win: Windows, groups: int) -> np.ndarray:
    """∂L/∂x: a convolution with the kernels turned round where that is possible and cheaper, else through columns.

    With stride 1, entry j was read by tap t at place j − d·t, so ∂L/∂x[j] = Σ_t w[t] g[j − d·t] is itself a
    convolution. Its columns are those of g; adding columns of x back costs about twice as much as copying.
    """
    turned = facing_back(win) if max(win.stride) == 1 or win.pointwise else None
    if turned is not None:
        if tile_direct.suits(g, weight, turned, groups, turned=True):
            found = tile_direct.correlate(g, weight, None, turned, turned=True)
            if found is not None:
                return found
        back = turn_round(weight, groups)
        if direct.suits(g, back, turned, groups, turned.places):
            return direct.correlate(g, back, None, turned, groups)
        if win.pointwise or weight.shape[0] <= 2 * weight.shape[1] * groups:
            return correlate(g, back, None, turned, groups)
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
    dtype = np.result_type(g, weight)
    dx = empty((g.shape[0], weight.shape[1] * groups, *win.size), dtype)
    w_t = weight.reshape(groups, weight.shape[0] // groups, -1).mT
    into, out_of = grouped(dx, groups), grouped(g, groups)
    axes = len(win.kernel)
    order = (0, 1, 2 + axes, *range(2, 2 + axes), *range(3 + axes, 3 + 2 * axes))  # samples before the taps
    per_place = (dx.shape[1] * win.taps + g.shape[1]) * dtype.itemsize

    def task(start: int, stop: int) -> None:
        columns, upstream, border = scratch(dtype), scratch(dtype), scratch(dtype)
        for part in sample_blocks((start, stop), per_place * win.places):
            target = into[:, :, part]
            padded = border((*target.shape[:3], *win.padded)) if win.pads else target
            padded.fill(0)
            for rows in row_blocks(win, per_place * (part.stop - part.start)):
                g_rows = as_matrix(out_of[:, :, part, rows], upstream)
                matrix = np.matmul(w_t, g_rows, out=columns((*w_t.shape[:2], g_rows.shape[2])))
                shape = (*target.shape[:2], *win.kernel, target.shape[2], rows.stop - rows.start, *win.out[1:])
                add_back(padded, matrix.reshape(shape).transpose(order), win, rows)
            if win.pads:
                np.copyto(target, padded[win.inside])

    parallel(task, g.shape[0], g.size * w_t.shape[1] / 8)
    return dx


def parameter_gradients(
    g: np.ndarray, x: np.ndarray, win: Windows, groups: int, needs: tuple[bool, ...]
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """∂L/∂W and ∂L/∂b, each if needed; machine code finds both on one way through g."""
    found = by_lines(g, x, win, groups) if all(needs) else None
    if found is not None:
        return found
    return weight_gradient(g, x, win, groups) if needs[0] else None, bias_gradient(g) if needs[1] else None


def by_lines(g: np.ndarray, x: np.ndarray, win: Windows, groups: int) -> tuple[np.ndarray, np.ndarray] | None:
    """∂L/∂W and ∂L/∂b by machine code, if it suits: by tile registers or, where those lose something, by vectors."""
    found = tile_direct.gradients(g, x, win) if tile_direct.weighs(g, x, win, groups) else None
    if found is not None:
        return found
    weight = np.broadcast_to(x.dtype.type(0), (g.shape[1], x.shape[1] // groups, *win.kernel))
    return direct.gradients(g, x, win, groups) if direct.suits(g, weight, win, groups, win.places) else None


def weight_gradient(g: np.ndarray, x: np.ndarray, win: Windows, groups: int) -> np.ndarray:
    """∂L/∂W = G Xᵀ, summed over the chunks; the transpose of it where patches are used

    Shapes: g (N, O, *places), x (N, C, *size), ∂L/∂W (O, C / groups, *kernel).
    """
    found = by_lines(g, x, win, groups)
    if found is not None:
        return found[0]
    outs, channels = g.shape[1], x.shape[1] // groups
    axes = len(win.kernel)
    patches = groups == 1 and channels >= MANY_CHANNELS // 2
    by = weight_gradient_of_patches if patches else weight_gradient_of_columns
    parts = parallel(
        lambda start, stop: by(g, x, win, groups, (start, stop)), x.shape[0], g.size * channels * win.taps / 8
    )
    for part in parts[1:]:
        parts[0] += part
    if patches:
        turned = parts[0].reshape(*win.kernel, channels, outs).transpose(axes + 1, axes, *range(axes))
        return np.ascontiguousarray(turned)
    return parts[0].reshape(outs, channels, *win.kernel)


def weight_gradient_of_columns(g: np.ndarray, x: np.ndarray, win: Windows, groups: int, span: Span) -> np.ndarray:
    columns, upstream, out_of = scratch(x.dtype), scratch(g.dtype), grouped(g, groups)
    shape = (groups, g.shape[1] // groups, x.shape[1] // groups * win.taps)
    total, product = np.zeros(shape, g.dtype), empty(shape, g.dtype)
    for part, rows, matrix in column_blocks(x, win, groups, g.shape[1], span, columns, 2 * total.nbytes):
        np.matmul(as_matrix(out_of[:, :, part, rows], upstream), matrix.mT, out=product)
        np.add(total, product, out=total)
    return total


def weight_gradient_of_patches(g: np.ndarray, x: np.ndarray, win: Windows, _: int, span: Span) -> np.ndarray:
    patches, upstream = scratch(x.dtype), scratch(g.dtype)
    pixels = g.transpose(0, *range(2, g.ndim), 1)
    total, product = np.zeros((2, x.shape[1] * win.taps, g.shape[1]), g.dtype)
    for part, rows, matrix in patch_blocks(x, win, g.shape[1], span, patches, 2 * total.nbytes):
        here = pixels[part, rows]
        g_rows = upstream(here.shape)
        np.copyto(g_rows, here)
        np.matmul(matrix.T, g_rows.reshape(len(matrix), -1), out=product)
        np.add(total, product, out=total)
    return total


def bias_gradient(g: np.ndarray) -> np.ndarray:
    """∂L/∂b[o] = Σ_{n, i} g[n, o, i]; along the places first, which are next to each other"""
    return g.reshape(*g.shape[:2], prod(g.shape[2:])).sum(2).sum(0)
