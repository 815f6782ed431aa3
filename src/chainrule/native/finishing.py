"""What other machine code does with a product's entries, some rows of them at a time, while the next ones are made.

    function(context, c, i, i_end, j, j_end, thread)

``c`` is where entry (0, 0) of C would lie, rows as far apart as the product was told. A run, 32 rows of a block of C, waits in
working memory until the next run is multiplied; a piece of a row of it is finished now and then between instructions on tiles, which
leave most of the processor idle. A row after the other: whatever else the function reads and writes in the same order, such as an
optimizer's state, the processor then fetches ahead of it. (Squares of 32 × 32 instead, in the order in which they are made, took
the update of Adam nearly twice as long.)
"""

from __future__ import annotations

from typing import Any

from .cutting import LANES, SIDE
from .gemm import Matrix
from .loops import INDEX, Builder, Value

TIMES = 8  # that something is finished while 32 × 32 entries are made, if that often
BROAD = 1024  # columns of a run, at most


def run_row(n: int) -> int:
    """Entries between the rows of a run: an odd number of lines of the cache, so that they do not meet in the same sets of it.

    >>> run_row(784), run_row(4096)
    (816, 1040)
    """
    return min(-(-n // SIDE) * SIDE, BROAD) + LANES


class Finishing:
    """The run that waits: its rows from ``row`` on, of which ``done`` columns are finished."""

    def __init__(self, k: Builder, given: dict[str, Any]) -> None:
        self.k, self.given, self.needed = k, given, given["after"] > 0
        self.row, self.end, self.done = (k.variable(0, INDEX) for _ in range(3))

    def begin(self, i: Value, left: Value) -> None:
        """Let these rows wait; those before are done."""
        self.row.value, self.end.value, self.done.value = i, i + self.k.where(self.needed, left, 0), 0

    def some(self, c: Matrix, columns: tuple[Value, Value], slot: Value, slots: Value) -> None:
        """Now, the n-th time of so many while 32 × 32 entries are made, a part of the run, so that all is finished with the next one.

        A row is finished in several pieces, or several rows at once.
        """
        k, (j, width), row = self.k, columns, self.row.value
        gap = slots // TIMES
        gap = k.where(gap < 1, 1, gap)
        for _ in k.when((row < self.end.value) & (slot % gap < 1)):
            times = (width + (SIDE - 1)) // SIDE * (slots // gap)  # until the next run is there
            pieces, rows = k.where(times < SIDE, 1, times // SIDE), k.value(SIDE - 1, INDEX) // times + 1
            first, vectors = self.done.value, (width + (LANES - 1)) // LANES
            last = k.smaller(first + (vectors + (pieces - 1)) // pieces * LANES, width)
            rows_end = k.smaller(row + rows, self.end.value)
            self.finish(c, row, rows_end, j + first, j + last)
            over = last >= width
            self.row.value, self.done.value = k.where(over, rows_end, row), k.where(over, 0, last)

    def rest(self, c: Matrix, columns: tuple[Value, Value]) -> None:
        """All of the run."""
        for _ in self.k.when(self.row.value < self.end.value):
            self.finish(c, self.row.value, self.end.value, columns[0], columns[0] + columns[1])
            self.row.value = self.end.value

    def finish(self, c: Matrix, *where: Value) -> None:
        numbers = self.given["context"], c.start, *where, self.given["thread"]
        self.k.emit("call", INDEX, self.given["after"], *numbers, data=c.data)
