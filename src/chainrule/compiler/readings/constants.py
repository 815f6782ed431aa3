"""Arrays and numbers within a reading."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..program import layout
from ..symbolic import Sym, Unreadable, fixed


def refuse(why: str) -> Any:
    raise Unreadable(why)


def limited(x: Sym, low: int, high: int, ignored: int | None = None) -> None:
    """The program is only for whole numbers from low to below high, and the one that is ignored."""
    if layout(x.node).base.kind == "input" and x.dtype.char == "l":
        x.program.limits[x.node, low, high, ignored] = None


def array(x: Sym, entries: np.ndarray) -> Sym:
    """Entries that are the same in every step, such as 0, 1, 2, …"""
    return fixed(x.program, entries)
