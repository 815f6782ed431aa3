"""A blueprint: what running a program takes besides its machine code. Where values lie, and what is done in which order.

It is made of integers, so that it can be kept on disk beside the code (`native.notes`): a warm start then needs neither
groups nor loops nor IR. Values are told by their numbers (`Program.numbered`), memory by its place in the table that the
code is given, or by how many bytes from the start of the machine's own.
"""

from __future__ import annotations

from typing import NamedTuple

ALIGN = 64  # bytes: where values begin
SEGMENT = -1  # stands in the order for a segment of machine code
TEAM, JOB, NUMBERS, HISTORY, LAST, FIRST = range(6)  # places in the table: what all code is given, and the first of memory
Tuples = list[tuple[int, ...]]


class Blueprint(NamedTuple):
    """Each field is a list of tuples of integers, of as many as `WIDTHS` says."""

    sizes: Tuples  # (bytes of memory, places in the table, work, letter of the dtype of what the history keeps or 0)
    order: Tuples  # (what is done, whether the team shares it): SEGMENT, or a value that Python's code computes
    own: Tuples  # (value, byte)
    table: Tuples  # (place, byte): what the table says of the machine's own memory
    outside: Tuples  # (value, place): inputs and results of calls, whose addresses come later
    homes: Tuples  # (value, input): values that are computed where they are to be left
    copies: Tuples  # (input, value): what is copied at the very end
    products: Tuples  # (value, places of: code, what it is told, pieces; the two matrices, the result; whether a loop takes it)
    ends: Tuples  # (position in the order, result of a call that nobody needs afterwards)

    def rows(self) -> list[list[int]]:
        return [[n for t in field for n in t] for field in self]

    @classmethod
    def of_rows(cls, rows: list[list[int]]) -> Blueprint:
        return cls(*[list(zip(*[iter(row)] * width, strict=True)) for row, width in zip(rows, WIDTHS, strict=True)])


WIDTHS = (4, 2, 2, 2, 2, 2, 2, 8, 2)
