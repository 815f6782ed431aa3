"""Products of matrices."""

from __future__ import annotations

from typing import Any

from ..registry import op
from ..symbolic import Sym


@op("Linear")
def linear(op: Any, x: Sym, w: Sym, b: Sym) -> Sym:
    """y = x wᵀ + b"""
    return x @ w.T + b


@op("LinearNoBias")
def linear_without_bias(op: Any, x: Sym, w: Sym) -> Sym:
    """y = x wᵀ"""
    return x @ w.T
