"""Activation functions, each by its formula."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.op import Elementwise
from .logic import where
from .scalar import exp

ZERO = {c: np.zeros((), c) for c in "bBhHiIlLqQfdg"}  # 0-dim arrays: ufuncs take them twice as fast as Python's 0


class Sigmoid(Elementwise):
    """y = 1 / (1 + e⁻ˣ)"""

    floating = True

    def forward(self, x: Any) -> Any:
        return 1 / (1 + exp(-x))  # e⁻ˣ may overflow to ∞, and then 1/∞ = 0 is right

    def compute(self, x: Any) -> Any:
        if x.ndim == 0:
            return self.forward(x)
        t = np.negative(x)
        np.exp(t, t)
        t += 1
        return np.reciprocal(t, t)

    def d_x(self, y: Any) -> Any:
        return y * (1 - y)


class Relu(Elementwise):
    """y = max(x, 0), with derivative 0 at 0"""

    def forward(self, x: Any) -> Any:
        return where(x <= 0, 0, x)

    def compute(self, x: Any) -> Any:
        return np.maximum(x, ZERO[x.dtype.char])

    def pull_x(self, g: Any, y: Any) -> Any:
        return where(y > 0, g, 0)

    def check_dtype(self, common: Any) -> None:
        if common.rank == 0:
            raise RuntimeError("Boolean inputs not supported for relu")
        if common.rank == 3:
            raise NotImplementedError(message("clamp is not supported for complex types", "complex numbers have no order"))


class Clamp(Elementwise):
    """y = x, but at least ``low`` and at most ``high``; where both hold, the gradient passes (at the bounds too)"""

    fields = ("low", "high")
    torch_name = "ClampBackward1"

    def forward(self, x: Any) -> Any:
        y = x if self.low is None else where(x < self.low, self.low, x)
        return y if self.high is None else where(y > self.high, self.high, y)

    def compute(self, x: Any) -> Any:
        low, high = self.low, self.high
        y = x if low is None else np.maximum(x, np.array(low, x.dtype))
        return y if high is None else np.minimum(y, np.array(high, x.dtype))

    def pull_x(self, g: Any, x: Any) -> Any:
        low, high = self.low, self.high
        if low is None:
            return where(x <= high, g, 0)
        return where(x >= low, g, 0) if high is None else where((x >= low) & (x <= high), g, 0)

    def check_dtype(self, common: Any) -> None:
        if common.rank == 3:
            raise NotImplementedError(message("clamp is not supported for complex types", "complex numbers have no order"))


sigmoid, relu = Sigmoid(), Relu()
