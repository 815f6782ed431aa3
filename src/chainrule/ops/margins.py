"""Hinge losses over the scores of a sample: every wrong class should score less than the right ones by a margin."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..graph.op import Op
from .logic import where
from .losses import reduce
from .reduce import add_up


class MarginLoss(Op, abstract=True):
    """A loss for each row of scores x (N, C), averaged over the rows, summed, or left as it is."""

    fields: ClassVar[tuple[str, ...]] = ("reduction",)

    def spread(self, g: Any, samples: int) -> Any:
        """The upstream gradient of each row, as a column."""
        if self.reduction == "none":
            return g.reshape(-1, 1)
        return g / samples if self.reduction == "mean" else g


class MultiMarginLoss(MarginLoss):
    """y = mean (or …) over rows of Σ_{c ≠ t} w[t] · max(0, margin − x[t] + x[c])ᵖ / C"""

    fields = ("p", "margin", "reduction")

    def forward(self, x: Any, t: Any, w: Any = None) -> Any:
        hinge = np.maximum(self.gaps(x, t), 0) ** self.p
        return reduce(add_up(hinge * self.scale(x, t, w), 1), self.reduction)

    def gaps(self, x: Any, t: Any) -> Any:
        """margin − x[t] + x[c], and a negative number for the class t itself."""
        n = np.arange(len(t))
        right = x[n, t].reshape(-1, 1)
        own = np.zeros(x.shape, bool)
        own[n, t] = True
        return where(own, -1, x - right + self.margin)

    def scale(self, x: Any, t: Any, w: Any) -> Any:
        kind = getattr(x, "array", x).dtype
        each = np.full((len(t), 1), 1 / x.shape[1], kind)
        return each if w is None else each * getattr(w, "array", w)[t].reshape(-1, 1)

    def pull_x(self, g: Any, x: Any, t: Any, w: Any) -> Any:
        gap = self.gaps(x, t)
        slope = where(gap > 0, 1, 0) if self.p == 1 else where(gap > 0, 2 * gap, 0)
        each = slope * self.scale(x, t, w) * self.spread(g, len(t))
        own = np.zeros(x.shape, getattr(x, "array", x).dtype)
        own[np.arange(len(t)), t] = 1
        return each - own * each.sum(1, keepdims=True)


class MultilabelMarginLoss(MarginLoss):
    """y = mean (or …) over rows of Σ max(0, 1 − x[t] + x[c]) / C over the labels t of a row and the classes c that are none"""

    def forward(self, x: Any, t: Any) -> Any:
        return reduce(add_up(np.maximum(self.gaps(x, t), 0), (1, 2)) / x.shape[1], self.reduction)

    def gaps(self, x: Any, t: Any) -> Any:
        """[n, i, c]: 1 − x[t_i] + x[c], and 0 where t_i is no label, or c is one."""
        chosen, others = self.pairs(t)
        n = np.arange(len(t))[:, None]
        gap = 1 - x[n, np.maximum(t, 0)].reshape(*t.shape, 1) + x.reshape(x.shape[0], 1, x.shape[1])
        return where(chosen[:, :, None] & others[:, None, :], gap, 0)

    def pairs(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which entries of a target are labels, and which classes are none."""
        chosen = np.logical_and.accumulate(t >= 0, 1)
        others = np.ones(t.shape, bool)
        rows = np.broadcast_to(np.arange(len(t))[:, None], t.shape)
        others[rows[chosen], t[chosen]] = False
        return chosen, others

    def pull_x(self, g: Any, t: Any, x: Any) -> Any:
        kind = getattr(x, "array", x).dtype
        active = getattr(self.gaps(x, t), "array", self.gaps(x, t)) > 0
        slope = add_up(active, 1).astype(kind)  # each class is pushed down once for each label it comes too close to
        np.subtract.at(slope, (np.arange(len(t))[:, None], np.maximum(t, 0)), add_up(active, 2).astype(kind))
        return self.spread(g, len(t)) * (slope / x.shape[1])
