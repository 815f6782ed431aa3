"""Padding: new entries at both ends of axes, of one value, or taken from the entries that are there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Op
from ..native.aligned import empty


class ConstantPadNd(Op):
    """y = x with ``value`` put before and after it along each axis; a negative width takes entries away"""

    fields = ("pads", "value")
    slow = ""

    def forward(self, x: Any) -> Any:
        shape = tuple([n + a + b for n, (a, b) in zip(x.shape, self.pads)])
        y = np.full(shape, self.value, x.dtype) if self.value else np.zeros(shape, x.dtype)
        here = tuple([slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape, self.pads)])
        there = tuple([slice(max(a, 0), n - max(b, 0)) for n, (a, b) in zip(shape, self.pads)])
        y[there] = x[here]
        return y

    def pull_x(self, g: Any) -> Any:
        return ConstantPadNd(tuple([(-a, -b) for a, b in self.pads]), 0)(g)


# What stands before and after x along an axis of n entries, as slices of x: mode -> (n, before, after) -> the two.
BORDERS = {
    "reflect": lambda n, a, b: (slice(a, 0, -1), slice(n - 2, n - 2 - b if n - 2 - b >= 0 else None, -1)),
    "replicate": lambda n, a, b: (slice(0, 1), slice(n - 1, n)),
    "circular": lambda n, a, b: (slice(n - a, n), slice(0, b)),
}
NAMES = {"reflect": "ReflectionPad{}DBackward0", "replicate": "ReplicationPad{}DBackward0", "circular": "torch::autograd::CopySlices"}


class Pad(Op):
    """y = x, continued at both ends of each axis by its own entries: mirrored, repeated, or going round"""

    fields = ("mode", "pads")
    slow = ""

    def forward(self, x: Any) -> Any:
        for d, (a, b) in enumerate(self.pads):
            if a or b:
                x = self.along(x, d, a, b)
        return x

    def along(self, x: np.ndarray, d: int, a: int, b: int) -> np.ndarray:
        """One axis padded."""
        n, whole = x.shape[d], (slice(None),) * d
        y = empty((*x.shape[:d], n + a + b, *x.shape[d + 1 :]), x.dtype)
        y[(*whole, slice(a, a + n))] = x
        before, after = BORDERS[self.mode](n, a, b)
        if a:
            y[(*whole, slice(0, a))] = x[(*whole, before)]
        if b:
            y[(*whole, slice(a + n, None))] = x[(*whole, after)]
        return y

    def pull_x(self, g: Any) -> Any:
        return PadBack(self.mode, self.pads)(g)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return NAMES[self.mode].format(sum(1 for p in self.pads if p != (0, 0)) or 1)


class PadBack(Op):
    """The inner part of x, its borders added to the entries they had been taken from"""

    fields = ("mode", "pads")
    slow = ""

    def forward(self, x: Any) -> Any:
        for d, (a, b) in reversed(list(enumerate(self.pads))):
            if a or b:
                x = self.along(x, d, a, b)
        return x

    def along(self, x: np.ndarray, d: int, a: int, b: int) -> np.ndarray:
        """One axis folded back."""
        whole = (slice(None),) * d
        n = x.shape[d] - a - b
        y = x[(*whole, slice(a, a + n))].copy()
        for width, border, source in zip((a, b), (slice(0, a), slice(a + n, None)), BORDERS[self.mode](n, a, b)):
            if width:
                found = x[(*whole, border)]
                y[(*whole, source)] += found.sum(d, keepdims=True) if self.mode == "replicate" else found
        return y

    def pull_x(self, g: Any) -> Any:
        return Pad(self.mode, self.pads)(g)
