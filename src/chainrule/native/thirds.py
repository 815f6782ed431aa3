"""A float32 as three bfloat16, for tile registers, and which sums of their products may have lost something (see `amx`).

    x = x₁ + x₂ + x₃   exactly

Two numbers share 32 bits in a tile: what one row of A and one column of B hold side by side are added up together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .cutting import LANES, LARGE, MOST, parts
from .loops import INDEX, Buffer, Builder, Lanes, Type, Value
from .tile_order import Load, schedule

SAFE, FINITE = 2.0**-100, 2.0**48  # numbers, and products of them, that lose nothing; numbers whose products have a finite sum
SMALL, EACH = 2.0**-80, 2.0**-101  # of a sum; how much one product may lose, times the largest number, and a last bit's 2⁻²⁴
NONE, HUGE = 2.0**-90, 2.0**40  # products, and numbers, where a sum of 0 is doubted

Tile = tuple[Buffer, Value, int | Value]  # memory, where in it, and how many entries a row is behind the other
Place = Callable[[int, int, Value], Tile]  # of a part, of the first or second 16 lines, at a step


def side_by_side(k: Builder, x: Value, y: Value) -> Iterator[Value]:
    """For each of the three parts, that of x in the lower half of each word and that of y in the upper."""
    for first, second in zip(parts(k, x), parts(k, y), strict=True):
        yield k.bits("f32", (first >> 16) & 0xFFFF | second)


class Extremes:
    """The largest of some numbers and the smallest but 0, to eight bits."""

    def __init__(self, k: Builder) -> None:
        wide = Type("i32", LANES)
        self.k, self.top, self.low = k, k.variable(0, wide), k.variable(MOST, wide)

    def note(self, *vectors: Value) -> None:
        k = self.k
        for x in vectors:
            size = k.bits("i32", x) & 0x7FFF0000
            self.top.value = k.where(size > self.top.value, size, self.top.value)
            after = size + MOST  # so that 0 comes last
            self.low.value = k.where(after < self.low.value, after, self.low.value)

    def found(self) -> Sizes:
        k = self.k
        top, least = self.top.value, self.low.value - MOST
        top = k.where(top > LARGE, LARGE, top)  # what is not a number would hide others
        least = k.where((least < 1) | (least > LARGE), LARGE, least)  # nothing but 0: infinity
        return Sizes(k.lanes_to_one("largest", k.bits("f32", top)), -k.lanes_to_one("largest", -k.bits("f32", least)))


class Sizes(NamedTuple):
    """The largest of some numbers, and the smallest but 0."""

    top: Value
    low: Value


class Doubt:
    """Which sums of ``terms`` products are no ordinary numbers, or may have lost something: `amx` says why."""

    def __init__(self, k: Builder, a: Sizes, b: Sizes, terms: Value) -> None:
        self.k = k
        most = k.where(a.top > b.top, a.top, b.top)
        ordinary = (a.low >= SAFE) & (b.low >= SAFE) & (most < FINITE)
        ordinary = ordinary & (a.low * b.low >= k.where(most > 1.0, most, 1.0) * SAFE)
        zero = (a.top > 0) & (b.top > 0) & ((a.top * b.top < NONE) | (most > HUGE))
        lost = most * (k.to("f32", terms) * EACH)
        high = k.bits("i32", k.where(lost > SMALL, lost, SMALL))
        self.low = k.spread(k.where(zero, k.value(-1, high.type), 0), LANES)
        self.high = k.spread(k.where(ordinary, k.value(-1, high.type), high), LANES)
        self.odd = k.variable(k.emit("first", Type("i1", LANES), k.value(0, INDEX)), Type("i1", LANES))

    def look(self, x: Value, mask: Value | None = None) -> None:
        size = self.k.bits("i32", x) & 0x7FFFFFFF
        odd = (size >= LARGE) | ((size < self.high) & (size > self.low))
        self.odd.value = self.odd.value | (odd if mask is None else odd & mask)

    def found(self) -> Value:
        """1 if there was one, else 0."""
        return self.k.where(self.k.any(self.odd.value), self.k.value(1.0, Type("f32")), 0.0)


def add_up(k: Builder, rows: int, steps: Value, a: Place, b: Place, soon: Callable[[int, Value], None] | None = None) -> None:
    """The products of so many tiles of A's rows with two of B's columns, added to tile registers 0 to 3, step by step.

    ``soon(n, step)`` writes what is done before the n-th product of a step.
    """
    before, said = schedule(rows, 2)

    def load(x: Load, step: Value) -> None:
        further, place = divmod(x.place, 6)
        data, at, row = (a if x.matrix == "a" else b)(*divmod(place, 2), step + further if further else step)
        k.emit("tile", INDEX, at, k.value(row, INDEX) * 4, data=("load", x.register, data))

    for x in before:
        load(x, k.value(0, INDEX))
    for step in k.range(steps):
        count = 0
        for y in said:
            if isinstance(y, Load):
                load(y, step)
                continue
            if soon is not None:
                soon(count, step)
            k.emit("tile", INDEX, data=("product", *y))
            count += 1


def put_words(k: Builder, room: Buffer, at: Value, apart: int | Value, x: Value, y: Value, mask: Value | None = None) -> None:
    """The parts of two vectors, each part so many entries behind the other."""
    for n, words in enumerate(side_by_side(k, x, y)):
        room[Lanes(at + n * apart if n else at, LANES, mask)] = words
