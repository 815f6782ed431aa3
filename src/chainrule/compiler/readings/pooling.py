"""Pooling and other sizes: the largest entry of each window; means and interpolations, which are a matrix along each axis."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...ops.activations import relu
from ...ops.choice import maximum
from ...ops.image import taps
from ...ops.kernels.lines import pooling_lines
from ...ops.kernels.pool import averaging, divisor_of
from ...ops.logic import where
from ..registry import joint, op
from ..symbolic import Sym, broadcast
from .constants import array, refuse
from .windows import Sizes, padded, put_back, taps_of

MOST_TAPS, MOST_WEIGHTS = 16, 1 << 16
MOST_READ = 1 << 20  # entries that overlapping windows read
MOST_NEXT = 1 << 16  # entries that windows side by side read, one by one
LOWEST = -float("inf")


def batch(op: Any, x: Sym) -> Sym:
    """x with an axis of samples."""
    return x if x.ndim == op.axes + 2 else x.reshape((1, *x.shape))


# ---------------------------------------------------------------------- the largest


@joint("MaxPool")
class MaxPoolReading:
    """y = max_t x[s·i + d·t − p]; of equal entries the first gets the gradient, and the first that is no number"""

    @staticmethod
    def forward(op: Any, x: Sym) -> Any:
        shape, x = x.shape, batch(op, x)
        lines = pooling_lines(x.shape[2:], op.kernel, op.stride, op.padding, op.dilation, op.ceil)
        if prod(op.kernel) > MOST_TAPS or prod(line.out for line in lines) == 0:
            refuse("such windows")
        if x.size > MOST_NEXT and np.dtype(x.dtype).char in "fd":
            refuse("so many entries, which the kernels of `ops` read as vectors")
        if not side_by_side(op) and x.size * prod(op.kernel) > MOST_READ:
            refuse("so many entries that windows share")
        pads = tuple((n.padding, max((n.out - 1) * n.stride + n.reach - n.size - n.padding, 0)) for n in lines)
        wide = padded(x, pads, LOWEST)
        out = tuple(line.out for line in lines)
        seen = taps_of(wide, op.kernel, op.stride, op.dilation, out)
        y = seen[0]
        for other in seen[1:]:
            y = maximum(y, other)
        result = y if len(shape) == op.axes + 2 else y.reshape(y.shape[1:])
        return result, (shape, seen, y, pads, wide.shape[2:])

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        shape, seen, y, pads, size = kept
        g = batch(op, g)
        if side_by_side(op):
            back = tiled(g, first_of(seen, y), op.kernel, size)
        else:
            back = put_back(shared(g, seen, y), op.kernel, op.stride, op.dilation, size)
        return [padded(back, tuple((-a, -b) for a, b in pads)).reshape(shape)]


@joint("RectifiedMaxPool")
class RectifiedMaxPoolReading:
    """The same of max(x, 0)."""

    @staticmethod
    def forward(op: Any, x: Sym) -> Any:
        rectified = relu(x)
        y, kept = MaxPoolReading.forward(op, rectified)
        return y, (rectified, kept)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        rectified, inner = kept
        return [where(rectified <= 0, 0, dx) for dx in MaxPoolReading.pull(op, g, inner, needs)]


def side_by_side(op: Any) -> bool:
    return op.stride == op.kernel and set(op.dilation) == {1}


def largest(x: Sym, y: Sym) -> Any:
    """Whether an entry is its window's largest, or no number."""
    return (x == y) | (x != x)


def shared(g: Sym, seen: list[Sym], y: Sym) -> list[Any]:
    """The gradient for each tap: g at the first of the largest."""
    parts: list[Any] = []
    free: Any = None
    for x in seen:
        hit = largest(x, y)
        parts.append(where(hit if free is None else hit & free, g, 0.0))
        free = ~hit if free is None else free & ~hit
    return parts


def first_of(seen: list[Sym], y: Sym) -> Any:
    """The number of the tap that reads the first of the largest."""
    found: Any = float(len(seen) - 1)
    for t, x in reversed(list(enumerate(seen[:-1]))):
        found = where(largest(x, y), float(t), found)
    return found


def tiled(g: Sym, first: Any, taps: Sizes, size: Sizes) -> Sym:
    """The same where windows lie side by side: each entry looks whether it is its window's first, (N, C, *size)."""
    out = g.shape[2:]
    if prod(taps) == 1:
        return padded(g, tuple((0, n - m) for n, m in zip(size, out)))
    apart = tuple(part for m in out for part in (m, 1))
    numbers = np.arange(prod(taps), dtype=g.dtype).reshape([part for k in taps for part in (1, k)])
    lead = g.shape[:2]
    mine = array(g, numbers) == first.reshape((*lead, *apart))
    whole = where(mine, g.reshape((*lead, *apart)), 0.0).reshape((*lead, *[m * k for m, k in zip(out, taps)]))
    return padded(whole, tuple((0, n - m * k) for n, m, k in zip(size, out, taps)))


# ---------------------------------------------------------------------- a matrix along each axis


def along_axes(x: Sym, matrices: list[np.ndarray]) -> Sym:
    """y[…, i, j] = Σ A[i, k] B[j, l] x[…, k, l]"""
    for d, matrix in enumerate(matrices, x.ndim - len(matrices)):
        if matrix.size > MOST_WEIGHTS:
            refuse("such sizes")
        x = (x.swapaxes(d, -1) @ array(x, matrix.T.astype(x.dtype))).swapaxes(d, -1)
    return x


def back_along_axes(g: Sym, matrices: list[np.ndarray]) -> Sym:
    return along_axes(g, [m.T for m in matrices])


@joint("AdaptiveAvgPool")
class AdaptiveAvgPoolReading:
    """The mean over as even a part of each axis as there is."""

    @staticmethod
    def forward(op: Any, x: Sym) -> Any:
        size = x.shape[x.ndim - op.axes :]
        if set(op.out) == {1}:
            return x.mean(tuple(range(x.ndim - op.axes, x.ndim)), keepdims=True), (x.shape, None)
        matrices = [averaging((n,), (m,)) for n, m in zip(size, op.out)]
        return along_axes(x, matrices), (x.shape, matrices)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        shape, matrices = kept
        if matrices is None:
            return [broadcast(g * (1 / prod(shape[len(shape) - op.axes :])), shape)]
        return [back_along_axes(g, matrices)]


@joint("AvgPool")
class AvgPoolReading:
    """The sum of each window, by the number of its entries."""

    @staticmethod
    def forward(op: Any, x: Sym) -> Any:
        size = x.shape[x.ndim - op.axes :]
        lines = pooling_lines(size, op.kernel, op.stride, op.padding, (1,) * op.axes, op.ceil)
        matrices = []
        for line in lines:
            start = np.arange(line.out)[:, None] * line.stride - line.padding
            entry = np.arange(line.size)
            matrices.append(((entry >= start) & (entry < start + line.kernel)).astype(x.dtype))
        counts = np.asarray(divisor_of(lines, op.counts_padding, op.divisor, x.dtype), x.dtype)
        share: Any = float(1 / counts) if counts.ndim == 0 else array(x, 1 / counts)
        return along_axes(x, matrices) * share, (matrices, share)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        matrices, share = kept
        return [back_along_axes(g * share, matrices)]


def interpolating(op: Any, old: tuple[int, ...]) -> list[np.ndarray]:
    """What each new entry takes of each old one, along each axis."""
    found = []
    for n, m, s in zip(old, op.size, op.scales or (None,) * len(old)):
        index, weights = taps(op.mode, int(n), m, op.align, s, op.smooth)
        matrix = np.zeros((m, n))
        np.add.at(matrix, (np.arange(m)[:, None], index), weights)
        found.append(matrix)
    return found


@op("Upsample")
def upsample(op: Any, x: Sym) -> Any:
    """Along each axis, every new entry is a weighted mean of the nearest."""
    return along_axes(x, interpolating(op, x.shape[2:]))


@op("UpsampleGradient")
def upsample_gradient(op: Any, g: Sym) -> Any:
    """The same matrices, transposed."""
    return back_along_axes(g, interpolating(op, op.old))
