"""Ops that put entries in other places: flip, roll, turn, repeat, cut out a triangle."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..base.layout import in_order
from ..graph.op import Op


class Flip(Op):
    """y[i] = x[n − 1 − i] along each of the given axes"""

    fields = ("dims",)
    slow = ""

    def forward(self, x: Any) -> Any:
        key = [slice(None)] * x.ndim
        for d in self.dims:
            key[d] = slice(None, None, -1)
        return x[tuple(key)].copy()

    def pull_x(self, g: Any) -> Any:
        return self(g)


class Roll(Op):
    """y[(i + shift) mod n] = x[i] along each of the given axes; without axes, in the order of the entries"""

    fields = ("shifts", "dims")
    slow = ""

    def forward(self, x: Any) -> Any:
        return np.roll(in_order(x), self.shifts if self.dims else self.shifts[0], self.dims or None)

    def pull_x(self, g: Any) -> Any:
        return Roll(tuple([-s for s in self.shifts]), self.dims)(g)


class Rot90(Op):
    """k quarter turns in the plane of two axes, from the first towards the second"""

    fields = ("k", "dims")
    slow = ""

    def forward(self, x: Any) -> Any:
        return np.rot90(x, self.k, self.dims).copy()

    def pull_x(self, g: Any) -> Any:
        return Rot90(-self.k, self.dims)(g)


class Repeat(Op):
    """y = x, over and over again: ``times[d]`` times along axis d"""

    fields = ("times",)
    slow = ""

    def forward(self, x: Any) -> Any:
        return in_order(np.tile(x, self.times))

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        lead = len(self.times) - len(x_shape)
        apart: list[int] = []
        for times, n in zip(self.times, (1,) * lead + x_shape):
            apart += (times, n)
        return g.reshape(tuple(apart)).sum(tuple(range(0, len(apart), 2))).reshape(x_shape)


@lru_cache(maxsize=16)
def lower(n: int, m: int, diagonal: int) -> np.ndarray:
    """True where j − i ≤ diagonal; kept, because attention asks for the same mask again and again."""
    return np.tri(n, m, diagonal, bool)


class Tril(Op):
    """y[i, j] = x[i, j] where j − i ≤ diagonal, else 0"""

    fields = ("diagonal",)
    slow = ""

    def forward(self, x: Any) -> Any:
        return np.where(lower(*x.shape[-2:], self.diagonal), x, x.dtype.type(0))

    def pull_x(self, g: Any) -> Any:
        return self(g)


class Triu(Op):
    """y[i, j] = x[i, j] where j − i ≥ diagonal, else 0"""

    fields = ("diagonal",)
    slow = ""

    def forward(self, x: Any) -> Any:
        return np.where(lower(*x.shape[-2:], self.diagonal - 1), x.dtype.type(0), x)

    def pull_x(self, g: Any) -> Any:
        return self(g)
