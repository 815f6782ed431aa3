"""Running sums, products and extremes along one axis."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base.layout import in_order
from ..graph.op import Op
from ..graph.value import Value
from .arrange import Flip
from .join import Cat
from .kernels import totals
from .matmul import conj
from .scalar import exp


def flipped(x: Any, dim: int) -> Any:
    """The entries in reverse order along one axis."""
    if isinstance(x, Value):
        return Flip((dim,))(x)
    return x[(*[slice(None)] * dim, slice(None, None, -1))]


class CumSum(Op):
    """y[i] = x[0] + … + x[i] along one axis"""

    fields = ("dim",)
    torch_name = "CumsumBackward0"

    def forward(self, x: Any) -> Any:
        if (y := totals.running(x, self.dim)) is not None:
            return y
        return in_order(np.add.accumulate(x, self.dim, np.int64 if x.dtype.kind in "bui" else None))

    def pull_x(self, g: Any) -> Any:
        return flipped(self(flipped(g, self.dim)), self.dim)


class CumProd(Op):
    """y[i] = x[0] · … · x[i] along one axis"""

    fields = ("dim",)
    torch_name = "CumprodBackward0"

    def forward(self, x: Any) -> Any:
        return in_order(np.multiply.accumulate(x, self.dim, np.int64 if x.dtype.kind in "bui" else None))

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:
        raw = x.array if isinstance(x, Value) else x
        if np.all(raw != 0):
            return flipped(CumSum(self.dim)(flipped(g * conj(y), self.dim)), self.dim) / conj(x)
        return self.with_zeros(g, conj(x))

    def with_zeros(self, g: Any, x: Any) -> Any:
        """∂L/∂x[k] = Σ_{i≥k} g[i] · Π_{j≤i, j≠k} x[j], one k at a time."""
        d, n = self.dim, x.shape[self.dim]
        lead = (slice(None),) * d
        found = []
        for k in range(n):
            tail = [x[(*lead, slice(k + 1, None))]] if k + 1 < n else []
            one = x[(*lead, slice(k, k + 1))] * 0 + 1
            running = self(Cat(d)(*([x[(*lead, slice(0, k))]] if k else []), one, *tail))
            part = (g * running)[(*lead, slice(k, None))]
            found.append(part.sum((d,)).reshape(one.shape))
        return Cat(d)(*found)


class LogCumSumExp(Op):
    """y[i] = ln(eˣ⁰ + … + eˣⁱ) along one axis"""

    fields = ("dim",)
    torch_name = "LogcumsumexpBackward0"

    def forward(self, x: Any) -> Any:
        if x.dtype.kind == "c":
            if not x.size:
                return x.copy()
            top = np.maximum.accumulate(x.real, self.dim)
            lines = np.moveaxis(x, self.dim, 0)
            found: list[Any] = []
            for i in range(len(lines)):  # ln(eᵃ + eᵇ) with the larger real part taken out
                a, b = (found[-1], lines[i]) if i else (lines[0], -np.inf)
                m = np.moveaxis(top, self.dim, 0)[i]
                found.append(np.log(np.exp(a - m) + np.exp(b - m)) + m)
            return in_order(np.moveaxis(np.array(found).reshape(lines.shape), 0, self.dim))
        return in_order(np.logaddexp.accumulate(x, self.dim))

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:
        if not prod(y.shape):
            return g
        d, x, y = self.dim, conj(x), conj(y)
        top = (y.array if isinstance(y, Value) else y).max(d, keepdims=True)
        return exp(x - top) * flipped(CumSum(d)(flipped(g * exp(top - y), d)), d)
