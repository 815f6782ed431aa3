"""Losses as single ops: how far a prediction is from its target, and which way to go.

Each says its loss for one entry and how fast that changes; ``reduction`` averages, sums, or leaves the entries as they are.
"""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

import numpy as np

from ..graph import large
from ..graph.op import Op
from .activations import relu, sigmoid
from .logic import where
from .reduce import add_all
from .scalar import exp, log, log1p, sign

REDUCTIONS = ("mean", "sum", "none")


def reduce(loss: np.ndarray, reduction: str) -> Any:
    """The mean, the sum, or all of the losses."""
    if reduction == "none":
        return loss
    total = add_all(loss)
    return total / loss.size if reduction == "mean" else total


def spread(g: Any, reduction: str, shape: tuple[int, ...]) -> Any:
    """The upstream gradient of each entry's loss, given that of the reduced one."""
    return g * (1 / (prod(shape) or float("nan"))) if reduction == "mean" else g


def square(d: Any) -> Any:
    return d * d


class MseLoss(Op):
    """y = mean (or sum, or nothing) of (a − b)², a and b of one shape"""

    fields = ("reduction",)

    def forward(self, a: Any, b: Any) -> Any:
        if a.size >= large.MANY:
            return reduce(large.entries(self, "square", lambda op, a, b: square(a - b), a, b), self.reduction)
        d = a - b
        if self.reduction == "none":
            return d * d
        total = add_all(np.multiply(d, d, d) if type(d) is np.ndarray else d * d)
        return total / a.size if self.reduction == "mean" else total

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        g = g * (2 / (prod(a.shape) or float("nan"))) if self.reduction == "mean" else g + g
        if type(a) is np.ndarray and a.size >= large.MANY and type(g) in (np.ndarray, a.dtype.type):
            return large.entries(self, "slope", lambda op, a, b, g: (a - b) * g, a, b, np.asarray(g))
        return (a - b) * g

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return -self.pull_a(g, a, b)


class Deviation(Op, abstract=True):
    """y = mean (or sum, or nothing) of f(a − b), a and b of one shape"""

    fields: ClassVar[tuple[str, ...]] = ("reduction",)

    def each(self, d: Any) -> Any:
        """f(d)"""
        raise NotImplementedError

    def slope(self, d: Any) -> Any:
        """f′(d)"""
        raise NotImplementedError

    def forward(self, a: Any, b: Any) -> Any:
        return reduce(large.entries(self, "each", lambda op, a, b: op.each(a - b), a, b), self.reduction)

    compute = forward

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        g = spread(g, self.reduction, a.shape)
        if type(a) is np.ndarray and type(g) in (np.ndarray, a.dtype.type):
            return large.entries(self, "slope", lambda op, a, b, g: op.slope(a - b) * g, a, b, np.asarray(g))
        return self.slope(a - b) * g

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return -self.pull_a(g, a, b)


class L1Loss(Deviation):
    """y = mean (or sum, or nothing) of |a − b|, with derivative 0 where they are equal"""

    def each(self, d: Any) -> Any:
        return abs(d)

    def slope(self, d: Any) -> Any:
        return sign(d)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return {"mean": "MeanBackward0", "sum": "SumBackward0"}.get(self.reduction, "AbsBackward0")


class SmoothL1Loss(Deviation):
    """y = mean (or …) of d²/2β where |d| < β, else |d| − β/2, with d = a − b"""

    fields = ("reduction", "beta")

    def each(self, d: Any) -> Any:
        size = abs(d)
        return where(size < self.beta, d * d * (0.5 / self.beta), size - 0.5 * self.beta)

    def slope(self, d: Any) -> Any:
        return where(abs(d) < self.beta, d / self.beta, sign(d))


class HuberLoss(Deviation):
    """y = mean (or …) of d²/2 where |d| ≤ δ, else δ·(|d| − δ/2), with d = a − b"""

    fields = ("reduction", "delta")

    def each(self, d: Any) -> Any:
        size = abs(d)
        return where(size <= self.delta, d * d * 0.5, (size - 0.5 * self.delta) * self.delta)

    def slope(self, d: Any) -> Any:
        return where(abs(d) <= self.delta, d, sign(d) * self.delta)


class BinaryCrossEntropy(Op):
    """y = mean (or …) of −w·(t ln p + (1 − t) ln(1 − p)), p a probability; logarithms count as −100 at least"""

    fields = ("reduction",)

    def forward(self, p: Any, t: Any, w: Any = None) -> Any:
        loss = (t - 1) * np.maximum(np.log1p(-p), -100) - t * np.maximum(np.log(p), -100)
        return reduce(loss if w is None else loss * w, self.reduction)

    def pull_p(self, g: Any, p: Any, t: Any, w: Any) -> Any:
        spread_out = p * (1 - p)
        slope = (p - t) / where(spread_out < 1e-12, 1e-12, spread_out)
        return times(slope, w) * spread(g, self.reduction, p.shape)

    def pull_t(self, g: Any, p: Any, w: Any) -> Any:
        return times(log(1 - p) - log(p), w) * spread(g, self.reduction, p.shape)


class BinaryCrossEntropyWithLogits(Op):
    """y = mean (or …) of w·((1 − t)·x + c·ln(1 + e⁻ˣ)) with c = 1 + (v − 1)·t: the cross-entropy of σ(x), v weighing t = 1"""

    fields = ("reduction",)

    def forward(self, x: Any, t: Any, w: Any = None, v: Any = None) -> Any:
        if v is None:
            loss = large.entries(self, "each", lambda op, x, t: (1 - t) * x + surprise(x), x, t)
        else:
            loss = (1 - t) * x + surprise(x) * positives(t, v)
        return reduce(times(loss, w), self.reduction)

    def pull_x(self, g: Any, x: Any, t: Any, w: Any, v: Any) -> Any:
        if type(x) is np.ndarray and type(g) in (np.ndarray, x.dtype.type) and w is None and v is None:
            upstream = np.asarray(spread(g, self.reduction, x.shape))
            return large.entries(self, "slope", lambda op, x, t, g: (sigmoid(x) - t) * g, x, t, upstream)
        slope = sigmoid(x) - t if v is None else (1 - t) - positives(t, v) * sigmoid(-x)
        return times(slope, w) * spread(g, self.reduction, x.shape)

    def pull_t(self, g: Any, x: Any, w: Any, v: Any) -> Any:
        slope = -x if v is None else (v - 1) * log(1 + exp(-x)) - x
        return times(slope, w) * spread(g, self.reduction, x.shape)


def surprise(x: Any) -> Any:
    """ln(1 + e⁻ˣ) without overflow."""
    return log1p(exp(-abs(x))) + relu(-x)


def positives(t: Any, v: Any) -> Any:
    """1 + (v − 1)·t: the weight of the part of the loss that a target of 1 has; None for 1."""
    return None if v is None else (v - 1) * t + 1


def times(x: Any, weight: Any) -> Any:
    return x if weight is None else x * weight


class KlDiv(Op):
    """y = mean (or …) of t·(ln t − x), x being log-probabilities; with ``log_target`` of eᵗ·(t − x)"""

    fields = ("reduction", "log_target")

    def forward(self, x: Any, t: Any) -> Any:
        if self.log_target:
            return reduce(np.exp(t) * (t - x), self.reduction)
        safe = np.where(t > 0, t, 1)  # 0 · ln 0 = 0
        loss = np.where(t >= 0, t * np.log(safe), np.nan).astype(x.dtype) - t * x
        return reduce(loss, self.reduction)

    def pull_x(self, g: Any, x: Any, t: Any) -> Any:
        return -(exp(t) if self.log_target else t) * spread(g, self.reduction, x.shape)

    def pull_t(self, g: Any, x: Any, t: Any) -> Any:
        slope = exp(t) * (t - x + 1) if self.log_target else log(t) + 1 - x
        return slope * spread(g, self.reduction, x.shape)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        each = "MulBackward0" if self.log_target else "SubBackward0"
        return {"mean": "MeanBackward0", "sum": "SumBackward0"}.get(self.reduction, each)


class SoftMarginLoss(Op):
    """y = mean (or …) of ln(1 + e^(−t·x)), t being ±1"""

    fields = ("reduction",)

    def forward(self, x: Any, t: Any) -> Any:
        return reduce(surprise(t * x), self.reduction)

    def pull_x(self, g: Any, x: Any, t: Any) -> Any:
        return -t * sigmoid(-t * x) * spread(g, self.reduction, x.shape)


mse = {r: MseLoss(r) for r in REDUCTIONS}
l1 = {r: L1Loss(r) for r in REDUCTIONS}
