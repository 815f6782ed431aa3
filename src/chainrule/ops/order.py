"""Ops that choose entries by their order: the values at places that were found by sorting or searching."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.layout import in_order
from ..graph.op import Op


class Chosen(Op):
    """y[i] = x[places[i]] along one axis, each place at most once; an axis with one place each can be dropped

    A number without axes is its own only entry.
    """

    fields = ("dim", "keepdim", "torch_name")
    slow = ""

    def forward(self, x: Any, places: Any) -> Any:
        if not x.ndim:
            return x.copy()
        y = in_order(np.take_along_axis(x, places, self.dim))
        return y if self.keepdim else y.squeeze(self.dim)

    def pull_x(self, g: Any, places: Any, x_shape: Any) -> Any:
        if not x_shape:
            return g
        return Returned(self.dim, x_shape[self.dim])(g if self.keepdim else g.reshape(places.shape), places)


class Returned(Op):
    """y[places[i]] = x[i] along one axis of the given size, zero elsewhere"""

    fields = ("dim", "size")
    slow = ""

    def forward(self, x: Any, places: Any) -> Any:
        shape = list(np.shape(x))
        shape[self.dim] = self.size
        y = np.zeros(shape, x.dtype)
        np.put_along_axis(y, places, x, self.dim)
        return y

    def pull_x(self, g: Any, places: Any) -> Any:
        return Chosen(self.dim, True, "GatherBackward0")(g, places)


class Reached(Op):
    """y[i] = x[places[i]] along one axis, where a place may be the answer for several i; a number is its own only entry"""

    fields = ("dim", "torch_name")
    slow = ""

    def forward(self, x: Any, places: Any) -> Any:
        return in_order(np.take_along_axis(x, places, self.dim)) if x.ndim else x.copy()

    def pull_x(self, g: Any, places: Any, x_shape: Any) -> Any:
        if not x_shape:
            return g
        return Gathered(self.dim, x_shape[self.dim])(g, places)


class Gathered(Op):
    """y[places[i]] = Σ x[i] along one axis of the given size"""

    fields = ("dim", "size")
    slow = ""

    def forward(self, x: Any, places: Any) -> Any:
        shape = list(x.shape)
        shape[self.dim] = self.size
        y = np.zeros(shape, x.dtype)
        where = list(np.ogrid[tuple(slice(n) for n in places.shape)])
        where[self.dim] = places
        np.add.at(y, tuple(where), x)
        return y

    def pull_x(self, g: Any, places: Any) -> Any:
        return Reached(self.dim, "GatherBackward0")(g, places)


def order(x: np.ndarray, dim: int, descending: bool) -> np.ndarray:
    """The places of the entries in sorted order; equal ones keep theirs, and those that are not a number count as largest."""
    if x.dtype.kind == "V":  # whose NaN NumPy would not put last
        x = x.astype(np.float32)
    if not descending:
        return np.argsort(x, dim, kind="stable")
    back = (*[slice(None)] * dim, slice(None, None, -1))
    return (x.shape[dim] - 1 - np.argsort(x[back], dim, kind="stable"))[back]
