"""Negative log-likelihood of classes, and cross-entropy: the same of scores, in one op that keeps nothing twice."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.op import Joint, Op
from ..graph.value import Value
from .kernels import loss as kernel
from .reduce import add_all
from .stable import LogSoftmax

add_up, highest, lowest = np.add.reduce, np.maximum.reduce, np.minimum.reduce
SMALL = 8192  # scores: up to here the shortest program wins, beyond it the one with the fewest passes over memory


class NllLoss(Op):
    """y = mean (or …) of −w[t] · x[n, t], t being the class of sample n; or, ``even``, of −Σ_c w[c] · x[n, c]

    The mean divides by Σ w[t]. Samples of class ``ignore`` do not count. Shapes: x (N, C, …) or (C,), t (N, …) or ().
    """

    fields = ("reduction", "ignore", "even")

    def __init__(self, reduction: str, ignore: int = -100, even: bool = False) -> None:
        self.reduction, self.ignore, self.even = reduction, ignore, even

    def forward(self, x: Any, target: Any, weight: Any = None) -> Any:
        at = 0 if x.ndim == 1 else 1
        if self.even:
            c, total = self.slopes(x.shape, x.dtype, target, weight)
            loss = add_up(c * x, at)
        else:
            t, share, total = self.shares(x.shape, x.dtype, target, weight)
            if x.ndim == 2:
                picked = x[np.arange(len(t)), t]
            else:
                picked = np.take_along_axis(x, np.expand_dims(t, at), at).reshape(t.shape)
            loss = -(share * picked)
        if self.reduction == "none":
            return loss
        y = add_all(loss)
        return y / total if self.reduction == "mean" else y

    def pull_x(self, g: Any, target: Any, weight: Any, x_shape: Any) -> Any:
        kind = (g.array if isinstance(g, Value) else g).dtype
        c, total = self.slopes(x_shape, kind, target, weight)
        if self.reduction == "none":
            at = 0 if len(x_shape) == 1 else 1
            return g.reshape((*x_shape[:at], 1, *x_shape[at + 1 :])) * c
        return (g / (total or 1) if self.reduction == "mean" else g) * c  # of no samples at all there is no gradient

    def slopes(self, shape: tuple[int, ...], kind: Any, target: Any, weight: Any) -> tuple[np.ndarray, Any]:
        """∂(loss of a sample)/∂x for each entry, and Σ w[t]."""
        at = 0 if len(shape) == 1 else 1
        t, share, total = self.shares(shape, kind, target, weight)
        c = np.zeros(shape, kind)
        if self.even:
            w = np.ones(shape[at], kind) if weight is None else np.asarray(getattr(weight, "array", weight), kind)
            counts = target.reshape(t.shape) != self.ignore
            c -= w.reshape(-1, *[1] * (len(shape) - at - 1)) * np.expand_dims(counts, at)
        else:
            np.put_along_axis(c, np.expand_dims(t, at), -(np.expand_dims(share, at) if share.ndim else share), at)
        return c, total

    def shares(self, shape: tuple[int, ...], kind: Any, target: Any, weight: Any) -> tuple[np.ndarray, np.ndarray, Any]:
        """The class of each sample (0 where it does not count), its weight w[t] (0 there too), and Σ w[t]."""
        at = 0 if len(shape) == 1 else 1
        t = target.reshape(shape[:at] + shape[at + 1 :])
        if weight is None and t.size and t.dtype.char == "l" and lowest(t, None) >= 0 and self.ignore < 0:  # all count
            return t, kind.type(1), kind.type(t.size)
        counts = t != self.ignore
        t = np.where(counts, t, 0).astype(np.int64)
        w = np.ones(shape[at], kind) if weight is None else np.asarray(getattr(weight, "array", weight), kind)
        share = np.where(counts, w[t], np.zeros((), kind))
        return t, share, add_all(share)


class NllLoss2d(NllLoss):
    """`NllLoss` where each sample has several places, and a class at each"""

    torch_name = "NllLoss2DBackward0"


class CrossEntropy(Joint):
    """y = mean (or …) of −w[t] · ln softmax(x)[t], t being the class of a sample, its classes along axis 1

    With smoothing ε, the share ε of each target goes evenly to all C classes. Instead of a class, the target may give a
    probability to each: −Σ_c w[c] q[c] ln softmax(x)[c].
    """

    fields = ("reduction", "ignore", "smoothing", "probable")

    def __init__(self, reduction: str, ignore: int, smoothing: float, probable: bool) -> None:
        self.reduction, self.ignore, self.smoothing, self.probable = reduction, ignore, smoothing, probable

    def forward(self, x: Any, target: Any, weight: Any = None) -> tuple[Any, Any]:
        if x.ndim == 1 and target.shape == (1,):
            target = target.reshape(())
        how = self.ignore, self.reduction, self.smoothing, modes.grad
        return kernel.cross_entropy(x, target, weight, *how)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return (*kernel.cross_entropy_backward(np.asarray(g), kept, needs[:2]), None)

    def formula(self, x: Any, target: Any, weight: Any = None) -> Any:
        at = 0 if x.ndim == 1 else 1
        logp = LogSoftmax.along(at)(x)
        if self.probable:
            return self.of_probabilities(logp, target, weight, at)
        loss = NllLoss(self.reduction, self.ignore)(logp, target, weight)
        if not self.smoothing:
            return loss
        even = NllLoss(self.reduction, self.ignore, True)(logp, target, weight)
        return loss * (1 - self.smoothing) + even * (self.smoothing / x.shape[at])

    def of_probabilities(self, logp: Any, q: Any, weight: Any, at: int) -> Any:
        """−Σ_c w[c] q[c] ln softmax(x)[c], after smoothing."""
        if self.smoothing:
            q = q * (1 - self.smoothing) + self.smoothing / logp.shape[at]
        if weight is not None:
            q = q * weight.reshape(-1, *[1] * (logp.ndim - at - 1))
        each = -(logp * q).sum(at)
        if self.reduction == "none":
            return each
        total = each.sum()
        return total / (each.array.size or float("nan")) if self.reduction == "mean" else total

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        if self.probable:
            return "DivBackward1" if self.reduction == "mean" else "NegBackward0"
        return "AddBackward0" if self.smoothing else "NllLossBackward0"


class BriefCrossEntropy(CrossEntropy):
    """The mean of −ln softmax(x)[t] = ln Σ eᶻ − z[t] with z = x − max x, for few scores (N, C) and classes that all count"""

    torch_name = "NllLossBackward0"

    def forward(self, x: Any, target: Any, weight: Any = None) -> tuple[Any, Any]:
        n, classes = x.shape
        top = highest(x.T.copy(), 0) if n > classes else highest(x, 1)  # along the longer axis it takes a third of the time
        z = np.subtract(x, top.reshape(n, 1), order="C")
        at = np.arange(0, z.size, classes) + target
        picked = z.take(at)
        np.exp(z, z)
        s = add_up(z, 1, None, None, True)
        return add_all(np.log(s)[:, 0] - picked) / n, (z, s, at)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        e, s, at = kept
        scale = g / len(at)
        d = e * (scale / s)
        d.reshape(-1)[at] -= scale
        return d, None


def is_brief(x: np.ndarray, target: np.ndarray) -> bool:
    """Whether `BriefCrossEntropy` serves."""
    if x.ndim != 2 or not 0 < x.size <= SMALL or x.dtype.char not in "fd":
        return False
    n, classes = x.shape
    return target.shape == (n,) and target.dtype.char == "l" and lowest(target) >= 0 and highest(target) < classes


class CrossEntropy2d(CrossEntropy):
    """`CrossEntropy` where each sample has several places, and a class at each."""

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        found = super().torch_name
        return "NllLoss2DBackward0" if found == "NllLossBackward0" else found


@lru_cache(maxsize=256)
def cross_entropy(reduction: str, ignore: int, smoothing: float, probable: bool, places: bool) -> CrossEntropy:
    """The op for these settings."""
    return (CrossEntropy2d if places else CrossEntropy)(reduction, ignore, smoothing, probable)


brief = BriefCrossEntropy("mean", -100, 0.0, False)
