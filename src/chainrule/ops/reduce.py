"""Reductions: many entries become one. ``dims`` are sorted non-negative axes, or None for all of them."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..graph.op import Op
from ..graph.value import Value
from .shape import expand

add_up = np.add.reduce


class Sum(Op):
    """y = Σ x over the given axes"""

    fields = ("dims", "keepdim")
    symbol = "Σ"
    slow = "eE"

    def forward(self, x: Any) -> Any:
        if x.dtype.kind in "bui":
            return add_up(x, self.dims, np.int64, None, self.keepdim)
        return add_up(x, self.dims, None, None, self.keepdim)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return spread(g, x_shape, self.dims, self.keepdim)

    @property
    def torch_name(self) -> str:
        return "SumBackward0" if self.dims is None else "SumBackward1"


class Mean(Op):
    """y = (1/N) Σ x over the given axes, N entries each"""

    fields = ("dims", "keepdim")

    def forward(self, x: Any) -> Any:
        if self.dims is None and not self.keepdim:
            return add_up(x, None) / x.size
        n = x.size if self.dims is None else prod(x.shape[d] for d in self.dims)
        return add_up(x, self.dims, None, None, self.keepdim) / n

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        n = prod(x_shape) if self.dims is None else prod([x_shape[d] for d in self.dims])
        return spread(g / n, x_shape, self.dims, self.keepdim)

    @property
    def torch_name(self) -> str:
        return "MeanBackward0" if self.dims is None else "MeanBackward1"


def sum_over(x: Any, dims: tuple[int, ...]) -> Any:
    """Σ x over some axes, on an array without the detour over an op."""
    return add_up(x, dims) if type(x) is np.ndarray else Sum(dims, False)(x)


def spread(g: Any, shape: tuple[int, ...], dims: tuple[int, ...] | None, keepdim: bool) -> Any:
    """Repeat a reduced gradient along the axes that were summed away, without copying it."""
    if isinstance(g, Value):
        if dims is not None and not keepdim:
            g = g.reshape(tuple(1 if d in dims else n for d, n in enumerate(shape)))
        return expand(g, shape)
    if dims is None:
        if prod(shape) > 4096:  # one number seen from every place; below that, filling memory is quicker
            return np.ndarray(shape, g.dtype, np.asarray(g), 0, (0,) * len(shape))
        full = np.empty(shape, g.dtype)
        full.fill(g)
        return full
    if not keepdim:
        g = np.expand_dims(g, dims)
    return np.broadcast_to(g, shape)


total, mean = Sum(None, False), Mean(None, False)
