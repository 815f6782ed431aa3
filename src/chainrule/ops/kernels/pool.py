"""Pooling: the largest or the mean entry of each window, over any number of spatial axes.

Both are taken along the last axis first, then along the one before it, and so on: a k × k window costs k + k steps,
not k², each of them on whole rows. Of equal entries the first in reading order wins, as in PyTorch: within a row the
earlier column, then of the rows' winners the earlier row. For each axis one small number per place, the winning tap, is
kept; the backward pass sends the gradient back along the axes in opposite order.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...base.errors import ShapeError, message
from ...base.threads import parallel
from ...native.aligned import empty
from . import tiles
from .along import at, best_along, last_nan_or_largest, rank_nan_highest, send_back, sum_along
from .lines import Line, adaptive_bounds, counts, pooling_lines
from .precision import halves
from .windows import Sizes, spread

CHUNK_BYTES = 1 << 20  # of the input at a time; with less, threads wait for each other at the interpreter's lock
FEW_PLACES = 64  # up to which means are taken by one matrix product over whole planes

Numbers = int | Sequence[int]


class MaxKept(NamedTuple):
    """Where each largest entry was found: the winning tap, along each axis; None where there is but one tap."""

    lines: tuple[Line, ...]
    choices: tuple[np.ndarray | None, ...]
    shape: Sizes


class Rectified(NamedTuple):
    """What the pool kept, and where its largest entry is below 0."""

    pooled: Any
    nothing: np.ndarray


class AvgKept(NamedTuple):
    lines: tuple[Line, ...]
    divisor: np.ndarray | float
    shape: Sizes


@halves
def max_pool(
    x: np.ndarray,
    kernel: Numbers,
    stride: Numbers | None = None,
    padding: Numbers = 0,
    dilation: Numbers = 1,
    ceil_mode: bool = False,
) -> tuple[np.ndarray, MaxKept | tiles.Kept]:
    """y[n, c, i] = max_t x[n, c, s·i + d·t − p]

    Shapes: x (N, C, *size), y (N, C, *places). The stride is the kernel's size unless given.

    >>> y, kept = max_pool(np.array([[[1.0, 3.0, 2.0, 2.0]]]), 2)
    >>> y.tolist(), max_indices(kept).tolist()
    ([[[3.0, 2.0]]], [[[1, 2]]])
    >>> max_pool_backward(np.array([[[10.0, 20.0]]]), kept).tolist()
    [[[0.0, 10.0, 20.0, 0.0]]]
    """
    lines = read_lines(x, kernel, stride, padding, dilation, ceil_mode)
    if tiles.suits(x, lines):
        return tiles.forward(x, lines)
    outs = tuple(line.out for line in lines)
    y = empty((*x.shape[:2], *outs), x.dtype)
    planes, result = flat(x, lines), y.reshape(-1, *outs)
    choices = tuple(room_for_choice(planes, lines, axis) for axis in range(len(lines)))

    def task(start: int, stop: int) -> None:
        for part in chunks(planes, start, stop):
            best = planes[part]
            chosen = [c if c is None else c[part] for c in choices]
            target = result[part]
            for axis in reversed(range(len(lines))):
                out = target if axis == 0 else empty((*best.shape[: axis + 1], *outs[axis:]), x.dtype)
                best_along(best, axis + 1, lines[axis], chosen[axis], out)
                best = out
            if x.dtype.kind == "f" and np.isnan(target.max(initial=-np.inf)):
                rank_nan_highest(planes[part], lines, chosen)

    parallel(task, planes.shape[0], 3 * x.size)
    return y, MaxKept(lines, choices, x.shape)


@halves
def max_pool_backward(g: np.ndarray, kept: MaxKept | tiles.Kept) -> np.ndarray:
    """∂L/∂x of `max_pool`: each upstream gradient goes to where the largest entry was."""
    if isinstance(kept, tiles.Kept):
        return tiles.backward(g, kept)
    lines, choices, shape = kept
    dx = empty(shape, g.dtype)
    planes, upstream = flat(dx, lines), flat(g, lines)

    def task(start: int, stop: int) -> None:
        for part in chunks(planes, start, stop):
            gradient, target = upstream[part], planes[part]
            for axis, (line, choice) in enumerate(zip(lines, choices, strict=True)):
                last = axis == len(lines) - 1
                to = (*gradient.shape[: axis + 1], line.size, *gradient.shape[axis + 2 :])
                out = target if last else empty(to, g.dtype)
                send_back(gradient, None if choice is None else choice[part], axis + 1, line, out)
                gradient = out

    parallel(task, planes.shape[0], 3 * dx.size)
    return dx


@halves
def rectified_max_pool(
    x: np.ndarray,
    kernel: Numbers,
    stride: Numbers | None = None,
    padding: Numbers = 0,
    dilation: Numbers = 1,
    ceil_mode: bool = False,
) -> tuple[np.ndarray, tiles.Kept | Rectified]:
    """y[n, c, i] = max(max_t x[n, c, s·i + d·t − p], 0)

    >>> y, kept = rectified_max_pool(np.array([[[1.0, 3.0, -2.0, -1.0]]]), 2)
    >>> y.tolist(), rectified_max_pool_backward(np.array([[[10.0, 20.0]]]), kept).tolist()
    ([[[3.0, 0.0]]], [[[0.0, 10.0, 0.0, 0.0]]])
    """
    lines = read_lines(x, kernel, stride, padding, dilation, ceil_mode)
    if tiles.suits(x, lines):
        return tiles.forward(x, lines, rectified=True)
    y, kept = max_pool(x, kernel, stride, padding, dilation, ceil_mode)
    y = np.maximum(y.dtype.type(0), y)
    return y, Rectified(kept, y <= 0)


@halves
def rectified_max_pool_backward(g: np.ndarray, kept: tiles.Kept | Rectified) -> np.ndarray:
    """∂L/∂x of `rectified_max_pool`: nothing where the largest entry was below 0."""
    if isinstance(kept, tiles.Kept):
        return tiles.backward(g, kept)
    return max_pool_backward(np.where(kept.nothing, g.dtype.type(0), g), kept.pooled)


def max_indices(kept: MaxKept | tiles.Kept | tuple[np.ndarray, Sizes]) -> np.ndarray:
    """Where each largest entry stands in its plane, counted in reading order (PyTorch's ``return_indices``).

    Shapes: (N, C, *places), integers.
    """
    if isinstance(kept, tiles.Kept):
        return tiles.indices(kept)
    if not isinstance(kept, MaxKept):
        return kept[0]
    lines, choices, shape = kept
    outs = tuple(line.out for line in lines)
    planes = prod(shape[:2])
    index = np.zeros((planes, *outs), np.int64)
    chosen: list[np.ndarray] = []  # along each axis so far, the entry that won, as an index into the choices
    for axis, (line, choice) in enumerate(zip(lines, choices, strict=True)):
        starts = np.arange(line.out) * line.stride - line.padding
        entry = np.broadcast_to(starts.reshape(-1, *[1] * (len(lines) - axis - 1)), (planes, *outs))
        if choice is not None:
            at = [np.arange(planes).reshape(-1, *[1] * len(lines)), *chosen]
            behind = [np.arange(n).reshape(-1, *[1] * (len(outs) - axis - i - 1)) for i, n in enumerate(outs[axis:])]
            entry = entry + choice[(*at, *behind)].astype(np.int64) * line.dilation
        chosen.append(entry)
        index = index * line.size + entry
    return index.reshape(*shape[:2], *outs)


@halves
def avg_pool(
    x: np.ndarray,
    kernel: Numbers,
    stride: Numbers | None = None,
    padding: Numbers = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[np.ndarray, AvgKept]:
    """y[n, c, i] = Σ_t x[n, c, s·i + t − p] / k

    k is the number of entries in the window: with the padding in it if ``count_include_pad``, or ``divisor_override``.

    Shapes: x (N, C, *size), y (N, C, *places).

    >>> y, kept = avg_pool(np.array([[[1.0, 3.0, 2.0, 4.0]]]), 2)
    >>> y.tolist(), avg_pool_backward(np.ones_like(y), kept).tolist()
    ([[[2.0, 3.0]]], [[[0.5, 0.5, 0.5, 0.5]]])
    """
    lines = read_lines(x, kernel, stride, padding, 1, ceil_mode)
    if divisor_override == 0:
        raise ShapeError(message("divisor must be not zero", "the sum over each window is divided by it"))
    divisor = divisor_of(lines, count_include_pad, divisor_override, x.dtype)
    outs = tuple(line.out for line in lines)
    y = empty((*x.shape[:2], *outs), x.dtype)
    planes, result = flat(x, lines), y.reshape(-1, *outs)

    def task(start: int, stop: int) -> None:
        for part in chunks(planes, start, stop):
            total = planes[part]
            for axis in reversed(range(len(lines))):
                out = result[part] if axis == 0 else empty((*total.shape[: axis + 1], *outs[axis:]), x.dtype)
                sum_along(total, axis + 1, lines[axis], out)
                total = out
            np.divide(total, divisor, out=total, casting="unsafe")

    parallel(task, planes.shape[0], 2 * x.size)
    return y, AvgKept(lines, divisor, x.shape)


@halves
def avg_pool_backward(g: np.ndarray, kept: AvgKept) -> np.ndarray:
    """∂L/∂x of `avg_pool`: each upstream gradient is shared out equally over its window."""
    lines, divisor, shape = kept
    dx = empty(shape, g.dtype)
    planes, upstream = flat(dx, lines), flat(g, lines)

    def task(start: int, stop: int) -> None:
        for part in chunks(planes, start, stop):
            gradient = upstream[part] / divisor
            for axis, line in enumerate(lines):
                to = (*gradient.shape[: axis + 1], line.size, *gradient.shape[axis + 2 :])
                out = planes[part] if axis == len(lines) - 1 else empty(to, g.dtype)
                send_back(gradient, None, axis + 1, line, out)
                gradient = out

    parallel(task, planes.shape[0], 2 * dx.size)
    return dx


@halves
def adaptive_avg_pool(x: np.ndarray, out: Numbers) -> tuple[np.ndarray, Sizes]:
    """y[n, c, i] = the mean of x[n, c, j] over ⌊i·size/out⌋ ≤ j < ⌈(i + 1)·size/out⌉

    Shapes: x (N, C, *size), y (N, C, *out).

    >>> y, kept = adaptive_avg_pool(np.array([[[1.0, 3.0, 2.0]]]), 2)
    >>> y.tolist(), adaptive_avg_pool_backward(np.ones_like(y), kept).tolist()
    ([[[2.0, 2.5]]], [[[0.5, 1.0, 0.5]]])
    """
    outs = read_outs(x, out, "adaptive_avg_pool")
    if prod(outs) <= FEW_PLACES:
        means = averaging(x.shape[2:], outs).astype(x.dtype)
        y = x.reshape(prod(x.shape[:2]), -1) @ means.T
        if np.isfinite(y).all():  # an infinite entry times a weight of 0 spoils places that do not read it
            return y.reshape(*x.shape[:2], *outs), x.shape
    y = x
    for axis in reversed(range(2, x.ndim)):
        means = empty((*y.shape[:axis], outs[axis - 2], *y.shape[axis + 1 :]), x.dtype)
        for i, (start, stop) in enumerate(adaptive_bounds(y.shape[axis], outs[axis - 2])):
            np.add.reduce(y[at(axis, slice(start, stop))], axis, out=means[at(axis, i)])
            np.divide(means[at(axis, i)], stop - start, out=means[at(axis, i)], casting="unsafe")
        y = means
    return y, x.shape


@halves
def adaptive_avg_pool_backward(g: np.ndarray, kept: Sizes) -> np.ndarray:
    """∂L/∂x of `adaptive_avg_pool`."""
    if prod(g.shape[2:]) <= FEW_PLACES:
        dx = g.reshape(prod(g.shape[:2]), -1) @ averaging(kept[2:], g.shape[2:]).astype(g.dtype)
        if np.isfinite(dx).all():
            return dx.reshape(kept)
    for axis in range(2, g.ndim):
        dx = np.zeros((*g.shape[:axis], kept[axis], *g.shape[axis + 1 :]), g.dtype)
        for i, (start, stop) in enumerate(adaptive_bounds(kept[axis], g.shape[axis])):
            dx[at(axis, slice(start, stop))] += np.expand_dims(g[at(axis, i)] / (stop - start), axis)
        g = dx
    return g


@lru_cache(maxsize=64)
def averaging(size: Sizes, outs: Sizes) -> np.ndarray:
    """The matrix that takes a plane to its means: (places, entries)."""
    matrix: np.ndarray = np.ones((1, 1))
    for n, m in zip(size, outs, strict=True):
        line = np.zeros((m, n))
        for i, (start, stop) in enumerate(adaptive_bounds(n, m)):
            line[i, start:stop] = 1 / (stop - start)
        matrix = np.kron(matrix, line)
    matrix.flags.writeable = False
    return matrix


@halves
def adaptive_max_pool(x: np.ndarray, out: Numbers) -> tuple[np.ndarray, MaxKept | tiles.Kept | tuple[np.ndarray, Sizes]]:
    """y[n, c, i] = the largest x[n, c, j] with ⌊i·size/out⌋ ≤ j < ⌈(i + 1)·size/out⌉

    Where the sizes divide it is `max_pool`; else the indices of the largest entries are kept, and the shape of x.

    >>> y, kept = adaptive_max_pool(np.array([[[1.0, 3.0, 2.0]]]), 2)
    >>> y.tolist(), max_indices(kept).tolist()
    ([[[3.0, 3.0]]], [[[1, 1]]])
    """
    outs = read_outs(x, out, "adaptive_max_pool")
    if prod(outs) and not any(n % m for n, m in zip(x.shape[2:], outs, strict=True)):
        return max_pool(x, tuple(n // m for n, m in zip(x.shape[2:], outs, strict=True)))
    y, index = x, np.arange(prod(x.shape[2:])).reshape(x.shape[2:])
    for axis in reversed(range(2, x.ndim)):
        shape = (*y.shape[:axis], outs[axis - 2], *y.shape[axis + 1 :])
        largest, where = empty(shape, x.dtype), empty(shape, np.dtype(np.int64))
        index = np.broadcast_to(index, y.shape)
        for i, (start, stop) in enumerate(adaptive_bounds(y.shape[axis], outs[axis - 2])):
            best = last_nan_or_largest(y[at(axis, slice(start, stop))], axis) + start
            largest[at(axis, i)] = np.take_along_axis(y, best, axis).squeeze(axis)
            where[at(axis, i)] = np.take_along_axis(index, best, axis).squeeze(axis)
        y, index = largest, where
    return y, (np.broadcast_to(index, y.shape), x.shape)


@halves
def adaptive_max_pool_backward(g: np.ndarray, kept: MaxKept | tiles.Kept | tuple[np.ndarray, Sizes]) -> np.ndarray:
    """∂L/∂x of `adaptive_max_pool`: windows may overlap, so one entry may collect several upstream gradients."""
    if isinstance(kept, MaxKept | tiles.Kept):
        return max_pool_backward(g, kept)
    index, shape = kept
    planes, places = prod(shape[:2]), prod(shape[2:])
    flat_index = index.reshape(planes, -1) + np.arange(0, planes * places, max(places, 1))[:planes, None]
    total = np.bincount(flat_index.ravel(), g.ravel(), planes * places)
    return total.reshape(shape).astype(g.dtype)


def flat(x: np.ndarray, lines: tuple[Line, ...]) -> np.ndarray:
    """All planes in a row: (N · C, *size)."""
    return x.reshape(prod(x.shape[:2]), *x.shape[2:])


def chunks(planes: np.ndarray, start: int, stop: int) -> list[slice]:
    """Runs of planes that fit the cache."""
    step = max(1, CHUNK_BYTES // max(planes[:1].nbytes, 1))
    return [slice(first, min(first + step, stop)) for first in range(start, stop, step)]


def room_for_choice(planes: np.ndarray, lines: tuple[Line, ...], axis: int) -> np.ndarray | None:
    """One small number per window along an axis; the axes behind it are pooled already, those before it not yet."""
    if lines[axis].kernel == 1:
        return None
    shape = (*planes.shape[: axis + 2], *[line.out for line in lines[axis + 1 :]])
    shape = (*shape[: axis + 1], lines[axis].out, *shape[axis + 2 :])
    return empty(shape, np.dtype(np.uint8 if lines[axis].kernel < 256 else np.int64))


def divisor_of(lines: tuple[Line, ...], padding_too: bool, override: int | None, dtype: np.dtype) -> Any:
    """What the sum of each window is divided by: one number where it is the same for all."""
    if override is not None:
        return override
    if all(line.full for line in lines):
        return prod(line.kernel for line in lines)
    divisor = np.ones((), dtype)
    for line in lines:
        divisor = divisor[..., None] * np.array(counts(line, padding_too), dtype)
    return divisor


def read_lines(
    x: np.ndarray, kernel: Numbers, stride: Numbers | None, padding: Numbers, dilation: Numbers, ceil_mode: bool
) -> tuple[Line, ...]:
    axes = x.ndim - 2
    kernel = spread(kernel, axes, "kernel_size")
    stride = kernel if stride is None else spread(stride, axes, "stride")
    padding, dilation = spread(padding, axes, "padding"), spread(dilation, axes, "dilation")
    return pooling_lines(x.shape[2:], kernel, stride, padding, dilation, bool(ceil_mode))


def read_outs(x: np.ndarray, out: Numbers, name: str) -> Sizes:
    outs = spread(out, x.ndim - 2, "output_size")
    if min(outs) < 0:
        raise ShapeError(
            message(f"{name}{len(outs)}d: elements of output_size must be greater than or equal to 0 but received {outs}")
        )
    if 0 in x.shape[2:]:
        raise ShapeError(
            message(
                f"{name}{len(outs)}d(): Expected input to have non-zero size for non-batch dimensions, but input has "
                f"sizes {list(x.shape)}",
                "there is nothing to take a mean or a largest entry of",
            )
        )
    return outs
