"""Matrices of float32 in three parts, each of bfloat16, as tile registers take them.

The lines of a matrix are the rows of A, and the columns of B: both run along k. 32 lines by 32 k are a unit: for each of the
three parts two tiles of 16 lines. A tile of A has a line in each row, one of B in each column; what lies side by side in 32 bits
are k and k + 16.

Cutting is done in small items, so that it can be done between products: tile registers are busy with one for 16 cycles, in which
the vector units have nothing else to do. An item is a few pairs of vectors where memory runs as the tiles do. Where it runs across
them, 16 lines by 32 k are transposed in two items and cut in two more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .gemm import Matrix, turned
from .loops import INDEX, Buffer, Builder, Lanes, Type, Value

ROWS = LANES = 16  # of a tile
PAIRS = 32  # k that one instruction takes: 16 of them beside 16 others
SIDE = 2 * ROWS  # lines of a unit
TILE = 256  # entries of 4 bytes of a tile
UNIT = 6 * TILE
STRIP = 32  # units of a strip, at most
SOON = PAIRS  # k after those that are cut, whose numbers are asked of memory
FEW = 4  # pairs of vectors that an item cuts
STAGES = 4  # items of a square that is transposed
LARGE = 255 << 23  # the bits of infinity
MOST = (1 << 31) - 1  # the largest integer: beyond it the smallest follow
UPPER = -(1 << 16)  # the bits of a float32 that a bfloat16 has


class Strip(NamedTuple):
    """Lines of a matrix, and where their parts go."""

    at: Value
    size: Value
    parts: Value


class Depth(NamedTuple):
    """Some of all k."""

    p: Value
    size: Value
    steps: Value  # of 32 k

    def unit(self, parts: Value, group: Value, step: Value) -> Value:
        """Where the unit of the group-th 32 lines begins."""
        return parts + (group * self.steps + step) * UNIT


Pairs = Iterator[tuple[Value, Value, Value]]  # where to, and two vectors that are to lie side by side


class Lines:
    """A matrix, entry (line, k) of which is ``x.entry(line, k)``.

    ``down``: a tile has a line in each row, else in each column. ``along``: memory runs along k, else across the lines. Both are
    known only when the code runs: it is the same for A and B, however they lie.
    """

    def __init__(self, k: Builder, x: Matrix, down: Value, along: Value, room: Buffer, squares: Value, extremes: Value) -> None:
        self.k, self.x, self.along, self.room, self.squares, self.extremes = k, x, along, room, squares, extremes
        self.alike = down == along  # memory runs as the tiles do

    def counts(self, groups: Value, steps: Value) -> list[Value]:
        """How many items there are: innermost first, so that memory is read in order."""
        k, alike = self.k, self.alike
        few, stages, halves = k.value(SIDE // FEW, INDEX), k.value(STAGES, INDEX), groups * 2
        along = k.where(alike, few, stages), steps, k.where(alike, groups, halves)
        across = k.where(alike, groups, stages), k.where(alike, few, halves), steps
        return [k.where(self.along, *both) for both in zip(along, across, strict=True)]

    def cut(self, strip: Strip, depth: Depth, n: list[Value]) -> None:
        """One item."""
        k, along, alike = self.k, self.along, self.alike
        for _ in k.when(alike & along):
            self.put(n[2], self.line(strip, depth, *n))
        for _ in k.when(alike & ~along):
            self.put(n[0], self.pair(strip, depth, *n))
        for _ in k.when(~alike):
            step, half = k.where(along, n[1], n[2]), k.where(along, n[2], n[1])
            self.put(half // 2, self.transposed(strip, depth, n[0], step, half))

    def line(self, strip: Strip, depth: Depth, some: Value, step: Value, group: Value) -> Pairs:
        """32 k of a few lines; beyond the last line that one again."""
        k, x, done = self.k, self.x._replace(column=1), step * PAIRS
        masks = [self.first(depth.size - done - v) for v in (0, ROWS)]
        soon = k.where(step + 2 < depth.steps, 2 * SOON, x.row * SIDE - (depth.steps - 2) * SOON)
        first, target = group * SIDE + some * FEW, depth.unit(strip.parts, group, step) + some * (FEW * LANES)
        for n in k.range(FEW):
            start = x.at(strip.at + k.smaller(first + n, strip.size - 1), depth.p + done)
            for v in (0, LANES):
                k.prefetch(x.data, start + soon + v)
            both = [x.data[Lanes(start + v, LANES, mask)] for v, mask in zip((0, ROWS), masks, strict=True)]
            yield target + n * LANES, *both

    def pair(self, strip: Strip, depth: Depth, group: Value, some: Value, step: Value) -> Pairs:
        """A few k, and those 16 further, of 32 lines; beyond the last line 0."""
        k, x, first = self.k, self.x._replace(row=1), group * SIDE
        left, target = strip.size - first, depth.unit(strip.parts, group, step)
        for row in k.range(some * (FEW // 2), (some + 1) * (FEW // 2)):
            done = step * PAIRS + row
            starts = [x.at(strip.at + first, depth.p + done + v) for v in (0, ROWS)]
            there = [k.where(done + v < depth.size, left, 0) for v in (0, ROWS)]
            soon = [k.where(done + (v + SOON) < depth.size, x.column * SOON, 0) for v in (0, ROWS)]  # not what others write to
            for end in (0, LANES, SIDE - 1):  # they may begin within a line of the cache
                for start, further in zip(starts, soon, strict=True):
                    k.prefetch(x.data, start + further + end)
            for v in k.range(0, SIDE, LANES):
                both = [x.data[Lanes(start + v, LANES, self.first(reach - v))] for start, reach in zip(starts, there, strict=True)]
                yield target + row * LANES + v * (TILE // LANES), both[0], both[1]

    def transposed(self, strip: Strip, depth: Depth, stage: Value, step: Value, half: Value) -> Pairs:
        """A part of the work on 32 k of 16 lines: beyond the last line that one again, or 0.

        Beyond the last k there is 0 if memory runs along k; else the last one again, which is so of A only, and meets B's 0.
        """
        k, x, room, along, at = self.k, self.x, self.room, self.along, half * LANES
        for _ in k.when(stage < 2):
            done = step * PAIRS + stage * ROWS
            lines, left = strip.size - at, depth.size - done
            square, start = self.squares + stage * TILE, x.at(strip.at + at, depth.p + done)
            mask, last, run = self.first(k.where(along, left, lines)), k.where(along, lines, left) - 1, k.where(along, x.row, x.column)
            soon = k.where(along, 2 * SOON, k.where(left >= SOON + ROWS, x.column * SOON, 0))
            for n in k.range(ROWS):
                here = start + k.smaller(n, last) * run
                k.prefetch(x.data, here + soon)
                room[Lanes(square + n * LANES, LANES)] = x.data[Lanes(here, LANES, mask)]
            places = [Lanes(square + n * LANES, LANES) for n in range(ROWS)]
            for place, y in zip(places, turned(k, [room[place] for place in places]), strict=True):
                room[place] = y
        target, count = depth.unit(strip.parts, half // 2, step) + half % 2 * TILE, ROWS // 2
        for row in k.range((stage - 2) * count, k.where(stage > 1, stage - 1, stage - 2) * count):
            first, second = (room[Lanes(self.squares + (row + v) * LANES, LANES)] for v in (0, ROWS))
            yield target + row * LANES, first, second

    def first(self, n: Value) -> Value:
        return self.k.emit("first", Type("i1", LANES), n)

    def put(self, group: Value, pairs: Pairs) -> None:
        """The three parts of pairs of vectors side by side, each part to a tile of its own; and how large they are."""
        k, room = self.k, self.room
        at = [Lanes(self.extremes + group * SIDE + v, LANES) for v in (0, LANES)]
        top, low = (k.variable(k.bits("i32", room[where]), Type("i32", LANES)) for where in at)
        for target, x, y in pairs:
            for part, (first, second) in enumerate(zip(parts(k, x), parts(k, y), strict=True)):
                both = (first >> 16) & 0xFFFF | second
                room[Lanes(target + 2 * part * TILE, LANES)] = k.bits("f32", both)
            for z in (x, y):
                size = k.bits("i32", z) & 0x7FFF0000
                top.value = k.where(size > top.value, size, top.value)
                after = size + MOST  # so that 0 comes last
                low.value = k.where(after < low.value, after, low.value)
        for where, bits in zip(at, (top, low), strict=True):
            room[where] = k.bits("f32", bits.value)


def parts(k: Builder, x: Value) -> list[Value]:
    """x₁, x₂, x₃ as bits: the upper halves, the lower ones being 0."""
    one = k.bits("i32", x) & UPPER
    rest = x - k.bits("f32", one)
    two = k.bits("i32", rest) + 0x8000 & UPPER
    return [one, two, k.bits("i32", rest - k.bits("f32", two)) & UPPER]  # there is more only of numbers below 2⁻¹²⁶


class Cutting:
    """What is left to be cut of a strip, item by item."""

    def __init__(self, lines: Lines, strip: Strip, depth: Depth, times: Value) -> None:
        """`some` will be called so many times."""
        self.k, self.lines, self.strip, self.depth = lines.k, lines, strip, depth
        k = self.k
        self.groups = (strip.size + (SIDE - 1)) // SIDE
        self.counts = lines.counts(self.groups, depth.steps)
        self.total = self.counts[0] * self.counts[1] * self.counts[2]
        self.times, self.credit = times, k.variable(0, INDEX)
        self.at = [k.variable(0, INDEX) for _ in range(3)]
        for group in k.range(self.groups):
            for v, bits in ((0, 0), (LANES, MOST)):
                lines.room[Lanes(lines.extremes + group * SIDE + v, LANES)] = k.bits("f32", k.value(bits, Type("i32", LANES)))

    def some(self) -> None:
        """A few items more: as many each time as makes all in the end."""
        k, credit = self.k, self.credit.value + self.total
        count = credit // self.times
        self.credit.value = credit - count * self.times
        for _ in k.range(count):
            now = [x.value for x in self.at]
            self.lines.cut(self.strip, self.depth, now)
            more: int | Value = 1
            for x, n, count_here in zip(self.at, now, self.counts, strict=True):
                following = n + more
                end = following >= count_here
                x.value, more = k.where(end, 0, following), k.where(end, k.value(1, INDEX), 0)

    def sizes(self, found: Value) -> None:
        """The largest number of each 32 lines, and the smallest but 0, to eight bits."""
        k, room = self.k, self.lines.room
        for group in k.range(self.groups):
            start = self.lines.extremes + group * SIDE
            top, low = (k.bits("i32", room[Lanes(start + v, LANES)]) for v in (0, LANES))
            known = k.where(top > LARGE, LARGE, top)  # what is not a number would hide others
            least = low - MOST
            least = k.bits("f32", k.where((least < 1) | (least > LARGE), LARGE, least))  # nothing but 0: infinity
            room[found + group * 2] = k.lanes_to_one("largest", k.bits("f32", known))
            room[found + group * 2 + 1] = -k.lanes_to_one("largest", -least)
