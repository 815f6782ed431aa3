"""What the latest backward pass let go of, where it is little: for those who look at a graph afterwards.

A pass frees what nodes kept for their rules. Of a small graph it is put by instead until the next pass, so that
``explain(loss)`` works after ``loss.backward()`` too; and each small leaf remembers its entries, which steps write over.
The graph is spent all the same: its nodes are FREED, and a second pass is refused.

One pass is put by, `ROOM` bytes at most: a thousand losses in a list hold no more of what their nodes kept than one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..native.aligned import owner
from .value import Node, Value

ROOM = 1 << 16  # bytes that are put by, at most
PLAIN = (bool, int, float, complex, str, slice, type, np.generic, np.dtype, Node)


class Latest:
    """The latest pass of all threads: what its nodes had kept, how much room was left, the ticks of where it began."""

    __slots__ = ("entries", "room", "roots")

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.entries: list[tuple[Node, Any]] = []
        self.room = ROOM
        self.roots: tuple[int, ...] = ()

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Passes within are for those who look, and change nothing of what they look at."""
        before = self.entries, self.room, self.roots
        try:
            yield
        finally:
            self.entries, self.room, self.roots = before


latest = Latest()


def weight(kept: Any) -> int:
    """The bytes that something kept holds on to: of a view, those of all the memory it looks into.

    >>> weight(np.zeros((100, 8))[:2]), weight((np.zeros(3), None, [1, 2]))
    (6400, 24)
    """
    if isinstance(kept, np.ndarray):
        return kept.nbytes if kept.base is None else owner(kept).nbytes
    if isinstance(kept, (tuple, list)):
        total = 0
        for each in kept:  # most are arrays, of which each call costs as much as all else
            total += each.nbytes if type(each) is np.ndarray and each.base is None else weight(each)
        return total
    if isinstance(kept, Value):
        return weight(kept.array)
    return 0 if kept is None or isinstance(kept, PLAIN) else ROOM  # of anything else, who knows
