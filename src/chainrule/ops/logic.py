"""Comparisons, truth, and choosing between two values by a condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Elementwise


class Comparison(Elementwise, abstract=True):
    """A truth value for each pair of entries; constant almost everywhere, so it carries no gradient."""

    differentiable = False
    slow = "eE"

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)


class Eq(Comparison):
    """y = 1 where a = b"""

    symbol = "="
    compute = np.equal


class Ne(Comparison):
    """y = 1 where a ≠ b"""

    symbol = "≠"
    compute = np.not_equal


class Lt(Comparison):
    """y = 1 where a < b"""

    symbol = "<"
    compute = np.less


class Le(Comparison):
    """y = 1 where a ≤ b"""

    symbol = "≤"
    compute = np.less_equal


class Gt(Comparison):
    """y = 1 where a > b"""

    symbol = ">"
    compute = np.greater


class Ge(Comparison):
    """y = 1 where a ≥ b"""

    symbol = "≥"
    compute = np.greater_equal


class Where(Elementwise):
    """y = a where the condition holds, else b"""

    apart = (0,)
    compute = np.where

    def forward(self, condition: Any, a: Any, b: Any) -> Any:
        return self(condition, a, b)

    def d_a(self, condition: Any) -> Any:
        return condition

    def d_b(self, condition: Any) -> Any:
        return ~condition


eq, ne, lt, le, gt, ge, where = Eq(), Ne(), Lt(), Le(), Gt(), Ge(), Where()
