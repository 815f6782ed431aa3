"""Convolution as a product of matrices, and its transpose as a convolution of what is spread out:

    y[n, o, i] = Σ_{c, t} w[o, c, t] · x̂[n, c, s·i + d·t]          Y = W X, with the columns X that windows read
    dx = the same with w read backwards, its channels exchanged, on dy with s − 1 zeros between its entries
    dw = dY Xᵀ
"""

from __future__ import annotations

from math import prod
from typing import Any

from ..registry import joint
from ..symbolic import Sym
from .constants import refuse
from .windows import MOST, Pads, Sizes, columns, flipped, padded, places, spread

MOST_WORK = 1 << 24  # multiplications, beyond which the kernels of `ops`, which threads share, are quicker


def by_channel(y: Sym, groups: int) -> Sym:
    """(N, O, *places) as matrices (O, N · places), one for each group."""
    n, o, *out = y.shape
    rows = y.swapaxes(0, 1).reshape((o, -1))
    return rows if groups == 1 else rows.reshape((groups, o // groups, -1))


def convolved(w: Sym, cols: Sym, groups: int, samples: int, out: Sizes) -> Sym:
    """Y = W X, as (N, O, *places)."""
    o = w.shape[0]
    matrix = w.reshape((o, -1) if groups == 1 else (groups, o // groups, -1))
    return (matrix @ cols).reshape((o, samples, *out)).swapaxes(0, 1)


def transposed(g: Sym, w: Sym, stride: Sizes, pads: Pads, dilation: Sizes, groups: int, size: Sizes) -> Sym:
    """dx of size (N, C, *size) where dy is g."""
    axes, o, inner, *taps = len(size), *w.shape
    spans = [d * (k - 1) for d, k in zip(dilation, taps)]
    wide = spread(g, stride)
    around = tuple((r - a, n + a - m) for r, (a, _), n, m in zip(spans, pads, size, wide.shape[2:]))
    backwards = flipped(w, axes).reshape((groups, o // groups, inner, *taps))
    exchanged = backwards.swapaxes(1, 2).reshape((groups * inner, o // groups, *taps))
    cols = columns(padded(wide, around), tuple(taps), (1,) * axes, dilation, groups)
    return convolved(exchanged, cols, groups, g.shape[0], size)


def weights(g: Sym, cols: Sym, groups: int, shape: Sizes) -> Sym:
    """dw = dY Xᵀ"""
    return (by_channel(g, groups) @ cols.mT).reshape(shape)


def shifted(y: Sym, b: Any) -> Sym:
    """y + b[o]"""
    return y if b is None else y + b.reshape((-1, *[1] * (y.ndim - 2)))


def sums(g: Sym) -> Sym:
    """db[o] = Σ dy"""
    return g.sum((0, *range(2, g.ndim)))


@joint("Convolution")
class ConvolutionReading:
    """Y = W X"""

    @staticmethod
    def forward(op: Any, x: Sym, w: Sym, b: Any = None) -> Any:
        taps = w.shape[2:]
        wide = padded(x, op.pads)
        cols = columns(wide, taps, op.stride, op.dilation, op.groups)
        back = w.shape[0] * prod(taps) * x.shape[0] * prod(x.shape[2:])  # entries of the columns on the way back
        if w.shape[0] * cols.size > MOST_WORK or back > MOST:
            refuse("so large a convolution")
        out = places(wide.shape[2:], taps, op.stride, op.dilation)
        return shifted(convolved(w, cols, op.groups, x.shape[0], out), b), (x.shape, w, cols)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        shape, w, cols = kept
        ways = (
            lambda: transposed(g, w, op.stride, op.pads, op.dilation, op.groups, shape[2:]),
            lambda: weights(g, cols, op.groups, w.shape),
            lambda: sums(g),
        )
        return [way() if need else None for need, way in zip(needs, ways)]


@joint("ConvolutionTranspose")
class TransposeReading:
    """What a convolution does on its way back, and the other way round."""

    @staticmethod
    def forward(op: Any, x: Sym, w: Sym, b: Any = None) -> Any:
        taps, old = w.shape[2:], x.shape[2:]
        size = tuple(
            (m - 1) * s - 2 * p + d * (k - 1) + e + 1
            for m, s, p, d, k, e in zip(old, op.stride, op.padding, op.dilation, taps, op.extra)
        )
        pads = tuple((p, p) for p in op.padding)
        wide = tuple(n + 2 * p for n, p in zip(size, op.padding))
        if places(wide, taps, op.stride, op.dilation) != old:
            refuse("room for a window more at the end")
        if prod(w.shape) * x.shape[0] * prod(old) > MOST_WORK:
            refuse("so large a convolution")
        y = transposed(x, w, op.stride, pads, op.dilation, op.groups, size)
        return shifted(y, b), (x, w, pads)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        x, w, pads = kept
        cols = columns(padded(g, pads), w.shape[2:], op.stride, op.dilation, op.groups)
        ways = (
            lambda: convolved(w, cols, op.groups, x.shape[0], x.shape[2:]),
            lambda: weights(x, cols, op.groups, w.shape),
            lambda: sums(g),
        )
        return [way() if need else None for need, way in zip(needs, ways)]
