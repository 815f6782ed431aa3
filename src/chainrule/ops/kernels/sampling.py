"""Images read at any points, between entries by their bilinear mean, as machine code; outside they are 0.

    y[n, c, i] = Σ w_k x[n, c, corner_k]        over the four entries around point i

Shapes: x (N, C, H, W), px and py (N, M), coordinates in [−1, 1]; y and its gradient g (N, C, M).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ...native import KINDS, Kernel, kernels, parameters

LEAST = 1 << 10  # points from which it pays


def suits(x: np.ndarray, grid: np.ndarray) -> bool:
    return x.ndim == 4 and x.dtype.char in KINDS and grid.dtype == x.dtype and grid.size >= LEAST and x.size > 0 and kernels.ready()


def sample(x: np.ndarray, grid: np.ndarray, align: bool) -> np.ndarray:
    """y for a grid (N, …, 2)."""
    n, channels, height, width = x.shape
    y = np.empty((n, channels, *grid.shape[1:-1]), x.dtype)
    points = grid.size // (2 * n)
    reader(x.dtype.char).share(n, np.ascontiguousarray(x), *split(grid), y, *numbers(x, points, align))
    return y


def sample_back(g: np.ndarray, x: np.ndarray, grid: np.ndarray, align: bool) -> tuple[np.ndarray, np.ndarray]:
    """∂L/∂x and ∂L/∂grid."""
    n, _, height, width = x.shape
    dx, (px, py) = np.zeros(x.shape, x.dtype), split(grid)
    dpx, dpy = np.empty_like(px), np.empty_like(py)
    points = grid.size // (2 * n)
    writer(x.dtype.char).share(
        n, np.ascontiguousarray(g), np.ascontiguousarray(x), px, py, dx, dpx, dpy, *numbers(x, points, align)
    )
    return dx, np.stack([dpx, dpy], -1).reshape(grid.shape)


def split(grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.ascontiguousarray(grid[..., 0]), np.ascontiguousarray(grid[..., 1])


def numbers(x: np.ndarray, points: int, align: bool) -> tuple[Any, ...]:
    """Sizes, and how a coordinate p becomes a place: ((p + 1) a − b) / 2"""
    _, channels, height, width = x.shape
    less = int(align)
    return channels, height, width, points, float(width - less), float(height - less), float(1 - less)


NUMBERS = ("i64: channels height width points",)


class Corners:
    """The four entries around a point: where they are, how much each counts (0 outside), and the point's place among them."""

    def __init__(self, k: Any, px: Any, py: Any, height: Any, width: Any, a: Any, c: Any, b: Any) -> None:
        kind = px.type.kind
        x, y = ((px + 1.0) * a - b) * 0.5, ((py + 1.0) * c - b) * 0.5
        left, top = k.floor(x), k.floor(y)
        self.right, self.down = x - left, y - top  # how far to the right and down
        columns = [self.side(k, left + float(i), k.to(kind, width)) for i in (0, 1)]
        rows = [self.side(k, top + float(i), k.to(kind, height)) for i in (0, 1)]
        self.places = [r * width + q for r, _ in rows for q, _ in columns]
        self.inside = [r & q for _, r in rows for _, q in columns]
        shares = [u * v for u in (1.0 - self.down, self.down) for v in (1.0 - self.right, self.right)]
        self.weights = [k.where(i, w, 0.0) for i, w in zip(self.inside, shares, strict=True)]

    def side(self, k: Any, place: Any, size: Any) -> tuple[Any, Any]:
        inside = (place >= 0.0) & (place < size)
        return k.to("i64", k.where(inside, place, 0.0)), inside


@cache
def reader(char: str) -> Kernel:
    kind, lanes = KINDS[char]

    def read(k, x, px, py, y, channels, height, width, points, a, c, b, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.vectors(points, lanes):
            at = i + piece * points
            corners = Corners(k, px[at], py[at], height, width, a, c, b)
            for channel in k.range(channels):
                plane = piece * channels + channel
                start = plane * height * width
                total: Any = 0.0
                for place, weight in zip(corners.places, corners.weights, strict=True):
                    total = x[place + start] * weight + total
                y[i + plane * points] = total

    return Kernel(read, parameters(f"{kind}*: x px py y", *NUMBERS, f"{kind}: a c b"), f"sample_{kind}")


@cache
def writer(char: str) -> Kernel:
    kind, lanes = KINDS[char]

    def write(k, g, x, px, py, dx, dpx, dpy, channels, height, width, points, a, c, b, piece, thread):  # type: ignore[no-untyped-def]
        first = piece * points
        for i in k.vectors(points, lanes):
            at = i + first
            corners = Corners(k, px[at], py[at], height, width, a, c, b)
            across, along = (k.variable(k.spread(k.value(0.0, a.type), lanes), corners.right.type) for _ in "xy")
            for channel in k.range(channels):
                plane = piece * channels + channel
                start = plane * height * width
                v = [k.where(m, x[p + start], 0.0) for p, m in zip(corners.places, corners.inside, strict=True)]
                upstream = g[i + plane * points]
                across.value = across.value + upstream * ((v[1] - v[0]) * (1.0 - corners.down) + (v[3] - v[2]) * corners.down)
                along.value = along.value + upstream * ((v[2] - v[0]) * (1.0 - corners.right) + (v[3] - v[1]) * corners.right)
            dpx[at] = across.value * (a * 0.5)
            dpy[at] = along.value * (c * 0.5)
        for i in k.range(points):
            corners = Corners(k, px[first + i], py[first + i], height, width, a, c, b)
            for channel in k.range(channels):
                plane = piece * channels + channel
                start, upstream = plane * height * width, g[plane * points + i]
                for place, weight in zip(corners.places, corners.weights, strict=True):
                    dx[place + start] = dx[place + start] + weight * upstream

    arrays = f"{kind}*: g x px py dx dpx dpy"
    return Kernel(write, parameters(arrays, *NUMBERS, f"{kind}: a c b"), f"sample_back_{kind}")
