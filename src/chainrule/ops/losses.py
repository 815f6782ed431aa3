"""Losses as single ops: how far a prediction is from its target, and which way to go."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..graph.op import Op

add_up = np.add.reduce


class MseLoss(Op):
    """y = mean (or sum, or nothing) of (a − b)², a and b of one shape"""

    fields = ("reduction",)

    def forward(self, a: Any, b: Any) -> Any:
        d = a - b
        if self.reduction == "none":
            return d * d
        square = np.multiply(d, d, d) if type(d) is np.ndarray else d * d
        total = add_up(square, None)
        return total / a.size if self.reduction == "mean" else total

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        if self.reduction == "none":
            return (a - b) * (g + g)
        return (a - b) * (g * (2 / prod(a.shape)) if self.reduction == "mean" else g + g)

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return -self.pull_a(g, a, b)


mse = {r: MseLoss(r) for r in ("mean", "sum", "none")}
