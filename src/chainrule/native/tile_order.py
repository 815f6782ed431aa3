"""In which order tile registers are loaded and multiplied: 32 k of two rows and columns of tiles, in three parts (`amx`)."""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from typing import NamedTuple

ORDER = [(2, 0), (1, 0), (0, 0), (0, 2), (0, 1), (1, 1)]  # which part of A meets which of B: one is loaded anew each time


class Load(NamedTuple):
    """The tile at a place of a matrix's parts, for a register."""

    matrix: str
    register: int
    place: int


@cache
def schedule(rows: int, columns: int) -> tuple[list[Load], list[Load | tuple[int, int, int]]]:
    """What is loaded before the first step, and what each step does: products of registers (c, a, b), and loads; of so many tiles.

    A register is loaded for its next use right after its last one, so that the processor, which holds few tiles besides these,
    need not wait. So a step loads what the next one begins with.
    """
    squares = [(r, v) for r in range(rows) for v in range(columns)]
    uses = []
    for part_a, part_b in ORDER:
        squares.sort(key=itemgetter(1, 0) if part_a == 0 else itemgetter(0, 1))  # first those whose register is loaded next
        uses += [(2 * r + v, Load("a", 4 + r, 2 * part_a + r), Load("b", 6 + v, 2 * part_b + v)) for r, v in squares]
    after: list[list[Load]] = [[] for _ in range(2 * len(uses) + 1)]  # each use
    held: dict[int, Load] = {}
    last: dict[int, int] = {}
    again = [(c, a._replace(place=a.place + 6), b._replace(place=b.place + 6)) for c, a, b in uses]
    for at, (_, *loads) in enumerate(uses + again, 1):
        for load in loads:
            if held.get(load.register) != load:
                after[last.get(load.register, 0)].append(load)
            held[load.register], last[load.register] = load, at
    step: list[Load | tuple[int, int, int]] = []
    for (c, a, b), loads in zip(uses, after[1:]):
        step += [(c, a.register, b.register), *loads]
    return after[0], step
