"""Arrays and numbers within a reading."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..program import Input
from ..symbolic import Sym, Unreadable


def refuse(why: str) -> Any:
    raise Unreadable(why)


def array(x: Sym, entries: np.ndarray) -> Sym:
    """Entries that are the same in every step, such as 0, 1, 2, …"""
    program = x.program
    key = (entries.tobytes(), entries.shape, entries.dtype.char)
    found = program.fixed.get(key)
    if found is None:
        found = program.fixed[key] = program.add("input", (), entries.shape, entries.dtype, Input(entries))
        program.inputs.append(found)
    return Sym(program, found)
