"""Normalization: x̂ = (x − μ) · r with r = 1 / √(σ² + ε), y = w x̂ + b, and on the way back with h = w g

    dx = r (h − mean h − x̂ · mean(h x̂)),  dw = Σ g x̂,  db = Σ g
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...ops.scalar import sqrt
from ..registry import joint
from ..symbolic import Sym


class Kept(NamedTuple):
    hat: Sym  # x̂, in the shape in which it was normalized
    r: Sym
    w: Any
    dims: tuple[int, ...]  # over which the statistics were taken
    shape: tuple[int, ...]  # of x
    wide: tuple[int, ...]  # the shape in which weight and bias meet x
    centred: bool


def standardized(x: Sym, dims: tuple[int, ...], eps: float, centred: bool = True) -> tuple[Sym, Sym, Any, Sym]:
    """x̂, r, μ and σ²"""
    mean = x.mean(dims, keepdims=True) if centred else None
    c = x if mean is None else x - mean
    var = (c * c).mean(dims, keepdims=True)
    r = 1 / sqrt(var + eps)
    return c * r, r, mean, var


def scaled(x: Sym, w: Any, b: Any, wide: tuple[int, ...]) -> Sym:
    """w x + b"""
    x = x if w is None else x * w.reshape(wide)
    return x if b is None else x + b.reshape(wide)


def back(g: Sym, kept: Kept) -> Sym:
    """dx"""
    h = g if kept.w is None else g * kept.w.reshape(kept.wide)
    h = h.reshape(kept.hat.shape)
    d = h - kept.hat * (h * kept.hat).mean(kept.dims, keepdims=True)
    if kept.centred:
        d = d - h.mean(kept.dims, keepdims=True)
    return (d * kept.r).reshape(kept.shape)


def gradients(g: Sym, kept: Kept, over: tuple[int, ...], needs: Any) -> list[Any]:
    """dx, dw, db, the latter summed over the axes along which weight and bias are repeated."""
    ways = (
        lambda: back(g, kept),
        lambda: (g * kept.hat.reshape(kept.shape)).sum(over),
        lambda: g.sum(over),
    )
    return [way() if need else None for need, way in zip(needs, ways)]


@joint("NativeLayerNorm")
class LayerNormReading:
    """μ and σ² over the last axes."""

    @staticmethod
    def forward(op: Any, x: Sym, w: Any = None, b: Any = None) -> Any:
        n = x.ndim
        dims = tuple(range(n - op.axes, n))
        hat, r, _, _ = standardized(x, dims, op.eps)
        wide = x.shape[n - op.axes :]
        return scaled(hat, w, b, wide), Kept(hat, r, w, dims, x.shape, wide, True)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Kept, needs: Any) -> list[Any]:
        return gradients(g, kept, tuple(range(g.ndim - op.axes)), needs)


@joint("RmsNorm")
class RmsNormReading:
    """r = 1 / √(mean x² + ε) over the last axes."""

    @staticmethod
    def forward(op: Any, x: Sym, w: Any = None) -> Any:
        n = x.ndim
        dims = tuple(range(n - op.axes, n))
        eps = float(np.finfo(x.dtype).eps) if op.eps is None else op.eps
        hat, r, _, _ = standardized(x, dims, eps, centred=False)
        wide = x.shape[n - op.axes :]
        return scaled(hat, w, None, wide), Kept(hat, r, w, dims, x.shape, wide, False)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Kept, needs: Any) -> list[Any]:
        return gradients(g, kept, tuple(range(g.ndim - op.axes)), needs)


@joint("NativeGroupNorm", "InstanceNorm")
class GroupNormReading:
    """μ and σ² over a group of the channels, and all places, of each sample."""

    @staticmethod
    def forward(op: Any, x: Sym, w: Any = None, b: Any = None) -> Any:
        shape = x.shape
        rows = x.reshape(shape[0], op.groups, prod(shape[1:]) // op.groups)
        hat, r, _, _ = standardized(rows, (2,), op.eps)
        wide = (shape[1], *[1] * (len(shape) - 2))
        return scaled(hat.reshape(shape), w, b, wide), Kept(hat, r, w, (2,), shape, wide, True)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Kept, needs: Any) -> list[Any]:
        return gradients(g, kept, (0, *range(2, g.ndim)), needs)


@joint("NativeBatchNorm")
class BatchNormReading:
    """μ and σ² over all samples and places of each channel, which are results too."""

    @staticmethod
    def forward(op: Any, x: Sym, w: Any = None, b: Any = None) -> Any:
        dims = (0, *range(2, x.ndim))
        hat, r, mean, var = standardized(x, dims, op.eps)
        wide = (x.shape[1], *[1] * (x.ndim - 2))
        flat = (x.shape[1],)
        y = scaled(hat, w, b, wide)
        return (y, mean.reshape(flat), var.reshape(flat)), Kept(hat, r, w, dims, x.shape, wide, True)

    @staticmethod
    def pull(op: Any, g: list[Any], kept: Kept, needs: Any) -> list[Any]:
        return gradients(g[0], kept, (0, *range(2, g[0].ndim)), needs)


@joint("BatchNormWithStatistics", "InstanceNormWithStatistics")
class StatisticsReading:
    """μ and σ² are given: dx = g w r."""

    @staticmethod
    def forward(op: Any, x: Sym, mean: Sym, var: Sym, w: Any = None, b: Any = None) -> Any:
        wide = (x.shape[1], *[1] * (x.ndim - 2))
        r = (1 / sqrt(var + op.eps)).reshape(wide)
        hat = (x - mean.reshape(wide)) * r
        return scaled(hat, w, b, wide), (hat, r, w, wide)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        hat, r, w, wide = kept
        over = (0, *range(2, g.ndim))
        d = None
        if needs[0]:
            d = g * r if w is None else g * (r * w.reshape(wide))
        found = [d, None, None, None, None]
        if len(needs) > 3 and needs[3]:
            found[3] = (g * hat).sum(over)
        if len(needs) > 4 and needs[4]:
            found[4] = g.sum(over)
        return found[: len(needs)]
