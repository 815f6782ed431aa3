"""In-place writes: counted in a cell that all views of the same memory share, their lines remembered where it matters.

A cell is ``[count]``, or ``[count, place]`` once entries were written over that somebody else holds on to: a node that
kept them for its derivative, or a view. In a usual training step nobody does any more when a weight is written to, and
then a write costs an addition and a look at a reference count.
"""

from __future__ import annotations

from sys import _getframe, getrefcount
from types import FrameType
from typing import Any

from ..base.trail import OURS


def wrote(target: Any, depth: int = 1) -> None:
    """Count a write into a tensor; remember the program's line if the old entries may be missed.

    (Not in views of plain data, which are often written to in loops, and whose cell has several holders anyway.)

    ``depth``: how many calls of the library's are known to lie between the program and this one, at least.
    """
    cell = target.version
    cell[0] += 1
    if getrefcount(cell) > UNSHARED and (target._base is None or target.node is not None):
        noted(cell, depth + 1)


def noted(cell: list[Any], depth: int = 1) -> None:
    """Remember the line of the program that is writing now. (Looking at a frame costs more than all else here: begin far out.)"""
    frame: FrameType | None = _getframe(depth + 1)
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    cell[1:] = ((frame.f_code, frame.f_lasti) if frame is not None else None,)


def last_write(cell: list[Any]) -> Any:
    """The place of the last write that was remembered, or None."""
    return cell[1] if len(cell) > 1 else None


def calibrate() -> int:
    """How many references a cell has in `wrote` when one tensor holds it; interpreters differ in what they count."""

    class Holder:
        version = None

    def count(cell: list[int]) -> int:
        return getrefcount(cell)

    holder = Holder()
    holder.version = [0]  # type: ignore[assignment]
    return count(holder.version)  # type: ignore[arg-type]


UNSHARED = calibrate()
