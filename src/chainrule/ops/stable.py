"""Softmax and its logarithm as single ops: written out in exponentials they would overflow, and take three passes more."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..graph.op import Op
from .kernels import softmax as kernel
from .kernels import softmax_rows
from .scalar import exp

LARGE = 1 << 15  # entries from which the kernels' cutting into blocks pays
add_up, highest, subtract = np.add.reduce, np.maximum.reduce, np.subtract


def below_highest(x: Any, dim: int) -> Any:
    """x without its largest entry along an axis, in the order of reading."""
    return subtract(x, highest(x, dim, None, None, True), None, order="C") if x.size else np.empty(x.shape, x.dtype)


def much(x: np.ndarray, dim: int) -> bool:
    """Whether it is enough for the kernels; of rows that machine code takes less is."""
    return x.size >= LARGE or softmax_rows.suits(x, dim)


class Along(Op, abstract=True):
    """An op along one axis, a non-negative number."""

    fields = ("dim",)

    def __init_subclass__(cls, abstract: bool = False, **kw: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kw)
        cls.along = staticmethod(lru_cache(maxsize=64)(cls))  # one instance for each axis


class Softmax(Along):
    """y = eˣ / Σ eˣ along an axis; with the largest entry taken off first, nothing overflows"""

    def forward(self, x: Any) -> Any:
        y = below_highest(x, self.dim)
        np.exp(y, y)
        y /= add_up(y, self.dim, None, None, True)
        return y

    def compute(self, x: Any) -> Any:
        return kernel.softmax(x, self.dim)[0] if much(x, self.dim) else self.forward(x)

    def pull_x(self, g: Any, y: Any) -> Any:
        if type(y) is np.ndarray and type(g) is np.ndarray and much(y, self.dim):
            return kernel.softmax_backward(g, y, self.dim)
        h = g * y
        return h - y * h.sum(self.dim, keepdims=True)


class LogSoftmax(Along):
    """y = x − ln Σ eˣ along an axis"""

    def forward(self, x: Any) -> Any:
        y = below_highest(x, self.dim)
        y -= np.log(add_up(np.exp(y), self.dim, None, None, True))
        return y

    def compute(self, x: Any) -> Any:
        return kernel.log_softmax(x, self.dim)[0] if much(x, self.dim) else self.forward(x)

    def pull_x(self, g: Any, y: Any) -> Any:
        if type(y) is np.ndarray and type(g) is np.ndarray and much(y, self.dim):
            return kernel.log_softmax_backward(g, y, self.dim)
        return g - exp(y) * g.sum(self.dim, keepdims=True)
