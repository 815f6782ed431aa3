"""Many entries sent to one place, and what becomes of them there: their sum, product, mean, largest or smallest."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Op
from ..graph.value import Value, wrap
from .index import array_of
from .scatter import Gather, MaskedFill, ScatterValue, Spread, along, corner, masked_zero, picked

AT = {"prod": np.multiply.at, "amax": np.maximum.at, "amin": np.minimum.at}


class ScatterReduce(Op):
    """y[index[i, j, …], j, …] = the ``reduce`` of x there (if ``include_self``) and of all src[i, j, …] sent there

    (here for dim 0). Elsewhere y = x. ``reduce`` is one of sum, prod, mean, amax, amin; equal extremes share the gradient.
    """

    fields = ("dim", "reduce", "include_self")
    slow = ""

    def forward(self, x: Any, index: Any, src: Any) -> Any:
        y, src = x.copy(), src[corner(index.shape)]
        key = along(index, self.dim)
        if not self.include_self and index.size:
            y[key] = self.neutral(x.dtype)
        if self.reduce in AT:
            AT[self.reduce](y, key, src)
            return y
        y += Spread(self.dim, x.shape).forward(src, index)
        if self.reduce == "mean":
            n = self.count(index, x.shape, np.int64)
            return (y // n).astype(x.dtype) if x.dtype.kind in "iu" else y / n.astype(x.dtype)
        return y

    def neutral(self, kind: np.dtype) -> Any:
        """What changes nothing when it is reduced with something."""
        if self.reduce in ("sum", "mean", "prod"):
            return int(self.reduce == "prod")
        if kind.kind in "fV":
            return -np.inf if self.reduce == "amax" else np.inf
        info = np.iinfo(kind)
        return info.min if self.reduce == "amax" else info.max

    def count(self, index: Any, shape: tuple[int, ...], kind: Any) -> np.ndarray:
        """How many entries meet in each place, at least one."""
        sent = Spread(self.dim, shape).forward(np.ones(index.shape, kind), index)
        return np.maximum(sent + 1 if self.include_self else sent, 1)

    def pull_x(self, g: Any, x: Any, index: Any, src: Any, y: Any) -> Any:
        d, x_ = self.local(g, x, index, src, y), array_of(x)
        if self.reduce == "prod":
            d = d * self.others(x, index, src, own=True)
        elif self.reduce in ("amax", "amin"):
            d = masked_zero(d, array_of(y) != x_)
        return d if self.include_self else ScatterValue(self.dim, 0)(d, index)

    def pull_src(self, g: Any, x: Any, index: Any, src: Any, y: Any, src_shape: Any) -> Any:
        d = self.local(g, x, index, src, y)
        if self.reduce == "prod":
            d = picked(d, index, self.dim, index.shape) * self.others(x, index, src, own=False)
            return d if index.shape == src_shape else padded(d, src_shape)
        if self.reduce in ("amax", "amin"):
            there = Gather(self.dim).forward(array_of(y), index) != array_of(src)[corner(index.shape)]
            d = masked_zero(Gather(self.dim)(d, index), there)
            return d if index.shape == src_shape else padded(d, src_shape)
        return picked(d, index, self.dim, src_shape)

    def local(self, g: Any, x: Any, index: Any, src: Any, y: Any) -> Any:
        """g, divided among those that share it: all of them for a mean, the equal ones for an extreme."""
        shape, kind = array_of(x).shape, array_of(g).dtype
        if self.reduce == "mean":
            return g / constant(self.count(index, shape, kind), g)
        if self.reduce in ("amax", "amin"):
            y_, x_, src_ = array_of(y), array_of(x), array_of(src)[corner(index.shape)]
            here = Gather(self.dim).forward(y_, index) == src_
            winners = Spread(self.dim, shape).forward(here.astype(kind), index)
            if self.include_self:
                winners = winners + (x_ == y_)
            return g / constant(np.maximum(winners, 1), g)
        return g

    def others(self, x: Any, index: Any, src: Any, own: bool) -> Any:
        """The product of all that meet in a place but the entry itself: y / entry, and for entries that are 0 the rest."""
        first = x if self.include_self else ScatterValue(self.dim, 1)(x, index)
        part = src if index.shape == tuple(src.shape) else src[corner(index.shape)]
        x0, s0 = array_of(first) == 0, array_of(part) == 0
        zeros = Spread(self.dim, x0.shape).forward(s0.astype(np.int64), index) + x0
        product = ScatterReduce(self.dim, "prod", True)(MaskedFill(1)(first, x0), index, MaskedFill(1)(part, s0))
        mine, is_zero = (first, x0) if own else (part, s0)
        if not own:
            product, zeros = Gather(self.dim)(product, index), Gather(self.dim).forward(zeros, index)
        rest = product / MaskedFill(1)(mine, is_zero)
        return masked_zero(rest, zeros - is_zero > 0)


def constant(x: np.ndarray, like: Any) -> Any:
    """An array that carries no gradient, as what ``like`` is."""
    x = x.astype(array_of(like).dtype, copy=False)
    return wrap(x) if isinstance(like, Value) else x


def padded(d: Any, shape: tuple[int, ...]) -> Any:
    from .index import Place

    return Place(corner(array_of(d).shape), shape)(d)
