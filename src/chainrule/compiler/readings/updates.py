"""Optimizers' rules that are written for arrays in memory."""

from __future__ import annotations

from typing import Any

from ...ops.choice import maximum, minimum
from ...ops.logic import where
from ...ops.scalar import sign
from ..registry import update
from ..symbolic import Sym


@update("Rprop")
def rprop(p: Sym, g: Sym, s: dict[str, Sym], group: Any, t: Any) -> Sym:
    """A step of a size of its own for each entry: η₊ times as large where g keeps its sign, η₋ times where it turned."""
    (less, more), (low, high) = group["etas"], group["step_sizes"]
    size, before = s["step_size"], s["prev"]
    turned = g * before
    factor = where(turned > 0, more, where(turned < 0, less, 1.0))
    size.into(minimum(maximum(size * factor, low), high))
    g = where(turned < 0, 0.0, g)
    before.into(g)
    return sign(g) * size
