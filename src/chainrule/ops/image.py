"""Ops on images: other sizes, sampling at any point, channels exchanged for places."""

from __future__ import annotations

from functools import lru_cache
from math import floor
from typing import Any

import numpy as np

from ..base.shapes import Shape
from ..graph.op import Op
from ..graph.value import wrap
from .composed import Composed
from .kernels import sampling

Taps = tuple[np.ndarray, np.ndarray]  # which entries each new entry reads, (out, K), and their weights, (out, K)


# ---------------------------------------------------------------------- other sizes


class Upsample(Op):
    """y = x at other sizes: along each axis, every new entry is a weighted mean of the entries nearest to it

    Shapes: x (N, C, *old), y (N, C, *size). ``scales`` are old over new sizes as asked for, or None for as they are.
    """

    fields = ("mode", "size", "align", "scales", "smooth")

    def __init__(self, mode: str, size: Shape, align: bool, scales: Any, smooth: bool) -> None:
        self.mode, self.size, self.align, self.scales, self.smooth = mode, size, align, scales, smooth

    def forward(self, x: Any) -> Any:
        for d, (index, weights) in enumerate(self.taps(x.shape[2:])):
            axis = d + 2
            if self.mode.startswith("nearest"):
                x = x.take(index[:, 0], axis)
                continue
            shape = (-1, *[1] * (x.ndim - axis - 1))
            total = x.take(index[:, 0], axis) * weights[:, 0].astype(x.dtype).reshape(shape)
            for k in range(1, index.shape[1]):
                total += x.take(index[:, k], axis) * weights[:, k].astype(x.dtype).reshape(shape)
            x = total
        return x

    def taps(self, old: Shape) -> list[Taps]:
        scales = self.scales or (None,) * len(old)
        return [
            taps(self.mode, int(n), m, self.align, s, self.smooth) for n, m, s in zip(old, self.size, scales)
        ]

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        fields: Any = (*self.attributes(), tuple(x_shape[2:]))
        return UpsampleGradient(*fields)(g)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        kind = {"nearest": "Nearest", "nearest-exact": "NearestExact"}.get(self.mode, self.mode.capitalize())
        return f"Upsample{kind}{len(self.size)}D{'Aa' * self.smooth}Backward0"


class UpsampleGradient(Op):
    """x = each entry of y added, with its weight, to the entries that it was a mean of"""

    fields = (*Upsample.fields, "old")

    def __init__(self, mode: str, size: Shape, align: bool, scales: Any, smooth: bool, old: Shape) -> None:
        self.mode, self.size, self.align, self.scales, self.smooth, self.old = mode, size, align, scales, smooth, old

    def forward(self, g: Any) -> Any:
        for d, (index, weights) in enumerate(Upsample.taps(self, self.old)):  # type: ignore[arg-type]
            matrix = np.zeros((len(index), self.old[d]), np.float64)
            np.add.at(matrix, (np.arange(len(index))[:, None], index), weights)
            g = (g.swapaxes(d + 2, -1) @ matrix.astype(g.dtype)).swapaxes(d + 2, -1)
        return np.ascontiguousarray(g)

    def pull_g(self, h: Any) -> Any:
        return Upsample(self.mode, self.size, self.align, self.scales, self.smooth)(h)


@lru_cache(maxsize=128)
def taps(mode: str, old: int, new: int, align: bool, scale: float | None, smooth: bool) -> Taps:
    """Along one axis: what each new entry reads, and how much of it."""
    if align:
        step = (old - 1) / (new - 1) if new > 1 else 0.0
    else:
        step = old / new if scale is None else 1 / scale
    i = np.arange(new)
    if mode.startswith("nearest"):
        half = np.float32(0.5 if mode == "nearest-exact" else 0)
        places = np.floor((i.astype(np.float32) + half) * np.float32(step)).astype(np.int64)
        return np.minimum(places, old - 1)[:, None], np.ones((new, 1))
    if smooth:
        return smooth_taps(mode, old, new, step)
    if mode == "bicubic":
        at = i * step if align else (i + 0.5) * step - 0.5
        first = np.floor(at)
        index = np.clip(first.astype(np.int64)[:, None] + np.arange(-1, 3), 0, old - 1)
        return index, cubic(at[:, None] - first[:, None] - np.arange(-1, 3), -0.75)
    at = i * step if align else np.maximum((i + 0.5) * step - 0.5, 0)
    first = np.minimum(at.astype(np.int64), old - 1)
    part = np.minimum(at - first, 1)
    return np.stack([first, np.minimum(first + 1, old - 1)], 1), np.stack([1 - part, part], 1)


def cubic(t: np.ndarray, a: float) -> np.ndarray:
    """The weight of an entry at distance t in cubic convolution (Keys, 1981)."""
    t = np.abs(t)
    near = ((a + 2) * t - (a + 3)) * t * t + 1
    far = a * (((t - 5) * t + 8) * t - 4)
    return np.where(t <= 1, near, np.where(t < 2, far, 0))


def triangle(t: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(t), 0)


def lanczos(t: np.ndarray) -> np.ndarray:
    return np.where(np.abs(t) < 3, np.sinc(t) * np.sinc(t / 3), 0)


FILTERS = {"bilinear": (2, triangle), "bicubic": (4, lambda t: cubic(t, -0.5)), "lanczos": (6, lanczos)}


def smooth_taps(mode: str, old: int, new: int, step: float) -> Taps:
    """`taps` with the filter widened when shrinking, so that every old entry counts (antialiasing)."""
    width, weight = FILTERS[mode]
    stretch = max(step, 1.0)
    reach = width / 2 * stretch
    most = int(np.ceil(reach)) * 2 + 1
    index, weights = np.zeros((new, most), np.int64), np.zeros((new, most))
    for i in range(new):
        centre = step * (i + 0.5)
        first = max(floor(centre - reach + 0.5), 0)
        count = min(floor(centre + reach + 0.5), old) - first
        w = weight((np.arange(count) + first - centre + 0.5) / stretch)
        index[i, :count], weights[i, :count] = first + np.arange(count), w / w.sum()
    return index, weights


# ---------------------------------------------------------------------- channels and places


class PixelShuffle(Composed):
    """y[…, c, r·i + s, r·j + t] = x[…, c·r² + r·s + t, i, j]: channels become places"""

    fields = ("factor",)

    def formula(self, x: Any) -> Any:
        r = self.factor
        *lead, channels, height, width = x.shape
        n = len(lead)
        y = x.reshape(*lead, channels // r**2, r, r, height, width)
        y = y.permute(*range(n), n, n + 3, n + 1, n + 4, n + 2)
        return y.reshape(*lead, channels // r**2, height * r, width * r)


class PixelUnshuffle(Composed):
    """The inverse of `PixelShuffle`: places become channels"""

    fields = ("factor",)

    def formula(self, x: Any) -> Any:
        r = self.factor
        *lead, channels, height, width = x.shape
        n = len(lead)
        y = x.reshape(*lead, channels, height // r, r, width // r, r)
        y = y.permute(*range(n), n, n + 2, n + 4, n + 1, n + 3)
        return y.reshape(*lead, channels * r**2, height // r, width // r)


class ChannelShuffle(Composed):
    """y[n, c·g + k] = x[n, k·(C/g) + c]: the channels of g groups dealt out in turn"""

    fields = ("groups",)

    def formula(self, x: Any) -> Any:
        n, channels, *rest = x.shape
        return x.reshape(n, self.groups, channels // self.groups, *rest).transpose(1, 2).reshape(n, channels, *rest)


# ---------------------------------------------------------------------- at any point


class GridSampler(Composed):
    """y[n, c, i] = x[n, c] at the point grid[n, i], between entries by their weighted mean

    Shapes: x (N, C, *size), grid (N, *out, k) with k = 2 or 3 coordinates, last axis of x first, in [−1, 1] over x.
    """

    fields = ("mode", "padding", "align")

    def forward(self, x: Any, grid: Any) -> tuple[Any, Any]:
        if self.mode == "bilinear" and self.padding == "zeros" and sampling.suits(x, grid):
            return sampling.sample(x, grid, self.align), (x, grid)
        return super().forward(x, grid)

    compute = forward

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        if len(kept) != 2:
            return super().pullback(g, kept, needs)
        x, grid = kept
        return sampling.sample_back(g, x, grid, self.align)

    def formula(self, x: Any, grid: Any) -> Any:
        size = x.shape[2:]
        k = len(size)
        points = [self.unnormalized(grid[..., k - 1 - d], n) for d, n in enumerate(size)]
        if self.mode == "nearest":
            corners = [([np.rint(p.array).astype(np.int64)], [None]) for p in map(self.bordered, points, size)]
        elif self.mode == "bicubic":
            corners = [self.four(p) for p in points]
        else:
            corners = [self.two(p) for p in map(self.bordered, points, size)]
        total = None
        for choice in np.ndindex(*[len(places) for places, _ in corners]):
            index = [corners[d][0][j] for d, j in enumerate(choice)]
            part = self.entries(x, index, size)
            for d, j in enumerate(choice):
                weight = corners[d][1][j]
                if weight is not None:
                    part = part * weight.unsqueeze(1)
            total = part if total is None else total + part
        return total

    def unnormalized(self, p: Any, n: int) -> Any:
        """From [−1, 1] to places: −1 and 1 are the centres of the first and last entries if aligned, else their outer edges."""
        return (p + 1) * ((n - 1) / 2) if self.align else ((p + 1) * n - 1) * 0.5

    def bordered(self, p: Any, n: int) -> Any:
        """Places outside brought inside, by clipping or by reflection; zeros are dealt with when entries are read."""
        if self.padding == "border":
            return p.clamp(0, n - 1)
        if self.padding == "reflection":
            low, high = (0, 2 * (n - 1)) if self.align else (-1, 2 * n - 1)
            return self.reflected(p, low, high).clamp(0, n - 1)
        return p

    def reflected(self, p: Any, twice_low: int, twice_high: int) -> Any:
        """p folded back and forth between two edges, given as twice their places."""
        if twice_low == twice_high:
            return p * 0
        low, span = twice_low / 2, (twice_high - twice_low) / 2
        away = (p - low).abs()
        flips = np.floor(away.array / span)
        rest = away - flips.astype(away.array.dtype) * span
        odd = flips % 2 == 1
        sign = np.where(odd, -1, 1).astype(away.array.dtype)
        return rest * sign + np.where(odd, span + low, low).astype(away.array.dtype)

    def two(self, p: Any) -> tuple[list[Any], list[Any]]:
        """The entries on both sides of a point, and their weights."""
        first = np.floor(p.array)
        part = p - first
        return [first.astype(np.int64), first.astype(np.int64) + 1], [1 - part, part]

    def four(self, p: Any) -> tuple[list[Any], list[Any]]:
        """The two entries on each side of a point, and their weights in cubic convolution."""
        a = -0.75
        first = np.floor(p.array)
        t = p - first
        far, near = (lambda s: ((s - 5) * s + 8) * s * a - 4 * a), (lambda s: ((a + 2) * s - (a + 3)) * s * s + 1)
        base = first.astype(np.int64)
        return [base - 1, base, base + 1, base + 2], [far(t + 1), near(t), near(1 - t), far(2 - t)]

    def entries(self, x: Any, index: list[np.ndarray], size: Shape) -> Any:
        """x[n, c, index…], (N, C, *out); zero outside, or what the padding says where points themselves were not moved."""
        kind = x.array.dtype
        inside = np.ones(index[0].shape, bool)
        flat = np.zeros(index[0].shape, np.int64)
        for i, n in zip(index, size):
            if self.mode == "bicubic" and self.padding != "zeros":
                i = np.rint(self.bordered(wrap(i.astype(np.float64)), n).array).astype(np.int64)
            inside &= (i >= 0) & (i < n)
            flat = flat * n + np.clip(i, 0, n - 1)
        samples, channels = x.shape[:2]
        rows = np.broadcast_to(flat.reshape(samples, 1, -1), (samples, channels, flat[0].size))
        found = x.reshape(samples, channels, -1).gather(2, wrap(np.ascontiguousarray(rows)))
        found = found.reshape(samples, channels, *flat.shape[1:])
        return found if inside.all() else found * inside[:, None].astype(kind)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return "GridSampler2DBackward0"


class GridSampler3D(GridSampler):
    """`GridSampler` in volumes"""

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return "GridSampler3DBackward0"


class AffineGridGenerator(Composed):
    """y[n, i] = θ[n] (p_i, 1): where each point p of a grid over [−1, 1] goes under an affine map"""

    fields = ("size", "align")

    def formula(self, theta: Any) -> Any:
        kind = theta.array.dtype
        axes = [self.line(n).astype(kind) for n in self.size[2:]]
        points = np.meshgrid(*axes, indexing="ij")[::-1]
        base = np.stack([*points, np.ones_like(points[0])], -1).reshape(1, -1, len(axes) + 1)
        y = wrap(np.broadcast_to(base, (self.size[0], *base.shape[1:])).copy()) @ theta.mT
        return y.reshape(self.size[0], *self.size[2:], len(axes))

    def line(self, n: int) -> np.ndarray:
        if n <= 1:
            return np.zeros(n)
        line = np.linspace(-1, 1, n)
        return line if self.align else line * (n - 1) / n
