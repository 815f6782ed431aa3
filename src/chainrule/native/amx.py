"""Matrix products of float32 by the processor's tile registers (Intel's AMX), where it has them.

    C[i, j] (+)= bias[j] + Σₖ A[i, k] · B[k, j]

A tile register holds 16 rows of 64 bytes. One instruction multiplies a tile of bfloat16, 16 × 32, with one of 32 × 16 and adds
the sums to 16 × 16 numbers of float32: sixteen times the multiplications that vectors do in that time. A bfloat16 has 8 of the 24
bits of a float32; so each number is cut into three of them,

    x = x₁ + x₂ + x₃   exactly,   |x₂| < 2⁻⁷ |x|,  |x₃| ≤ 2⁻¹⁶ |x|
    x · y = x₁y₁ + x₁y₂ + x₂y₁ + x₂y₂ + x₁y₃ + x₃y₁ + (less than 2⁻²² of it: as much as float32 rounds away)

and six of the nine products are made. They are exact, and 32 of them are added up before a sum is rounded to C's, so that the
result is closer to the true one than that of loops in float32 (Henry, Tang, Heinecke, Leveraging the bfloat16 Artificial
Intelligence Datatype For Higher-Precision Computations, 2019; Intel Architecture Instruction Set Extensions, AMX).

The instruction takes numbers below 2⁻¹²⁶ for 0, and infinity has no three parts. So the largest number of each 32 rows or
columns is known, and the smallest but 0. Mostly they say that nothing can be lost: then sums go from the registers straight to
C. Otherwise sums that are no ordinary numbers, or nearly that small, are computed once more by the loops for vectors, tile by
tile. How small is nearly: of a number below 2⁻¹¹⁰ a part is lost, which is times what it meets; so the limit grows with the
largest number of these rows and columns.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from . import machine
from .blocked import SIZES, Block, Function, Piece
from .compiled import Kernel, parameters
from .gemm import Index, Matrix, plus, register_tile, times, turned
from .loops import INDEX, Buffer, Builder, Lanes, Type, Value

ROWS = LANES = 16  # of a tile
PAIRS = 32  # k that one instruction takes: 16 of them beside 16 others
SIDE = 2 * ROWS  # rows and columns of C that are held in registers: four tiles
TILE = 256  # entries of 4 bytes of a tile
UNIT = 6 * TILE  # of 32 rows or columns times 32 k in three parts
DEPTH = 512  # k of a block
HELD = 192  # units of a block that stays in the second-level cache, while the other matrix passes by
SOON = 2 * PAIRS  # k after those that are cut, whose numbers are asked of memory where they lie in short runs
PASSING = (SIDE, 4 * SIDE)  # rows or columns of the other that are cut at a time: enough for long runs of memory, if k is across them
SMALL, LARGE = 47 << 23, 255 << 23  # the bits of 2⁻⁸⁰, and of infinity
TINY, HUGE = 2.0**-90, 2.0**40  # products, and numbers, where a sum of 0 is doubted
LOST = 92 << 23  # in bits: 512 products lose less than 2⁻¹¹⁶ times the largest number, which is a last bit of 2⁻⁹² times it
SAFE, FINITE = 2.0**-100, 2.0**58  # numbers not below it, nor their products, lose nothing; products below its square add up
UPPER = -(1 << 16)  # the bits of a float32 that a bfloat16 has
AGAIN = 8  # rows that the loops for vectors take at a time
ORDER = [(2, 0), (1, 0), (0, 0), (0, 2), (0, 1), (1, 1)]  # which part of A meets which of B: one is loaded anew each time


@cache
def allowed() -> bool:
    """Whether the processor has tile registers for bfloat16, and the system lets this process use them."""
    known = machine.processor()
    if sys.platform != "linux" or platform.machine() != "x86_64" or " amx_tile" not in known or " amx_bf16" not in known:
        return False
    arch_prctl, ask, tile_data = 158, 0x1023, 18
    return ctypes.CDLL(None).syscall(arch_prctl, ask, tile_data) == 0


def room_size() -> int:
    """Entries of working memory that a thread needs."""
    return SIDE * SIDE + 2 * HELD * UNIT + DEPTH * SIDE + 4 * HELD


@cache
def product(a_turned: bool, b_turned: bool, function: Function | None = None) -> Kernel:
    """C = A B, of matrices by rows or, ``turned``, by columns; ``function`` is applied to every entry of the result."""

    def gemm(k: Builder, *arguments: Any) -> None:
        Tiles(k, dict(zip(declared, arguments, strict=True)), "f32", a_turned, b_turned, function).emit()

    declared = parameters("f32*: a b c bias room", "i64*: a_starts b_starts c_starts", f"i64: {SIZES}")
    name = f"tiles_{'nt'[a_turned]}{'nt'[b_turned]}"
    return Kernel(gemm, declared, f"{name}_{function.__name__}" if function else name)


@cache
def schedule(rows: int) -> tuple[list[Load], list[Load | tuple[int, int, int]]]:
    """What is loaded before the first step, and what each step does: products of registers (c, a, b), and loads.

    A register is loaded for its next use right after its last one, so that the processor, which holds few tiles besides these,
    need not wait. So a step loads what the next one begins with.
    """
    squares = [(r, v) for r in range(rows) for v in (0, 1)]
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


class Load(NamedTuple):
    """The tile at a place of a matrix's parts, for a register."""

    matrix: str
    register: int
    place: int


class Tiles(Piece):
    """Emits what is done for one piece.

    Working memory: four tiles of C, A in parts, B in parts, a panel of B as it is, the largest and smallest numbers of A and of B.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.span = SIDE
        self.parts_a = self.tiles + SIDE * SIDE
        self.parts_b = self.parts_a + HELD * UNIT
        self.whole_b = self.parts_b + HELD * UNIT
        self.sizes_a = self.whole_b + DEPTH * SIDE
        self.sizes_b = self.sizes_a + 2 * HELD

    def emit(self) -> None:
        k, given = self.k, self.given
        i, i_end, j, j_end = self.rectangle()
        stays = i_end - i < j_end - j  # which is held: the matrix that is smaller here
        k.emit("tile", INDEX, data=("config",))
        for p, depth in self.parts(k.value(0, INDEX), given["inner"], DEPTH, PAIRS):
            adding, shifting = k.where(p < 1, given["accumulate"], 1), k.where(p < 1, given["biased"], 0)
            most = k.value(HELD, INDEX) // self.steps(depth) * SIDE
            height = k.where(stays, self.even(i_end - i, most), PASSING[self.a_turned])
            width = k.where(stays, PASSING[not self.b_turned], self.even(j_end - j, most))
            down, right = (i_end - i + height - 1) // height, (j_end - j + width - 1) // width
            for outer in k.range(k.where(stays, down, right)):
                for inner in k.range(k.where(stays, right, down)):
                    i_here, j_here = i + k.where(stays, outer, inner) * height, j + k.where(stays, inner, outer) * width
                    tall, wide = k.smaller(i_end - i_here, height), k.smaller(j_end - j_here, width)
                    block = Block(p, depth, j_here, wide, adding, shifting)
                    first = inner < 1
                    for _ in k.when(first | ~stays):
                        self.cut_a(block, i_here, tall)
                        self.look(block, self.parts_a, tall, self.sizes_a, 1)
                    for _ in k.when(first | stays):
                        self.cut_b(block)
                        self.look(block, self.parts_b, block.width, self.sizes_b, LANES)
                    self.squares(block, i_here, tall)
        k.emit("tile", INDEX, data=("release",))

    def even(self, size: Value, most: Value) -> Value:
        """Of how many rows or columns each of the fewest equal blocks is."""
        count = (size + most - 1) // most
        return (size + count * SIDE - 1) // (count * SIDE) * SIDE

    def squares(self, block: Block, i: Value, height: Value) -> None:
        """The rows and columns that are in parts."""
        k = self.k
        for r in k.range(0, height, SIDE):
            left = self.least(height - r, SIDE)
            for v in k.range(0, block.width, SIDE):
                here = block._replace(j=block.j + v, width=self.least(block.width - v, SIDE))
                self.square(here, i + r, left, r // SIDE, v // SIDE)
            if self.function is not None:
                self.apply(block, i + r, left)

    def square(self, block: Block, i: Value, left: Value, r: Value, v: Value) -> None:
        """Up to 32 rows and columns of C: those of the r-th and v-th that are in parts."""
        k, steps = self.k, self.steps(block.depth)
        a, b = self.parts_a + r * (steps * UNIT), self.parts_b + v * (steps * UNIT)
        sizes_a, sizes_b = self.sizes(self.sizes_a, r), self.sizes(self.sizes_b, v)
        straight = (left > SIDE - 1) & (block.width > SIDE - 1) & self.ordinary(sizes_a, sizes_b) & (block.adding + block.shifting < 2)
        for rows in (1, 2):
            for _ in k.when(left > ROWS if rows == 2 else left <= ROWS):
                self.multiply(block, i, left, a, b, rows, straight)
        for _ in k.when(~straight):
            self.put(block, i, left, *self.doubtful(sizes_a[0], sizes_b[0]))

    def multiply(self, block: Block, i: Value, left: Value, a: Value, b: Value, rows: int, straight: Value) -> None:
        """The products of what begins at a and at b, so many rows of two tiles each, to C or to working memory."""
        k, steps = self.k, self.steps(block.depth)
        starts, tiles = {"a": a, "b": b}, range(2 * rows)
        before, said = schedule(rows)
        each = (left + steps - 1) // steps

        def place(c: int) -> Value:
            return self.c.at(i + c // 2 * ROWS, block.j + c % 2 * LANES)

        def tile(word: str, register: int, data: Buffer, at: Value, step: Index) -> None:
            k.emit("tile", INDEX, at, k.value(step, INDEX) * 4, data=(word, register, data))

        def load(x: Load, step: Index) -> None:
            tile("load", x.register, self.room, plus(starts[x.matrix], times(step, UNIT)) + x.place * TILE, LANES)

        for c in tiles:
            k.emit("tile", INDEX, data=("zero", c))
        if rows == 2:
            for _ in k.when(straight & (block.adding > 0)):
                for c in tiles:
                    tile("load", c, self.c.data, place(c), self.c.row)
            for _ in k.when(straight & (block.shifting > 0)):
                for c in tiles:
                    tile("load", c, self.given["bias"], block.j + c % 2 * LANES, 0)
        for x in before:
            load(x, 0)
        for step in k.range(steps):
            for r in k.range(step * each, k.smaller(left, (step + 1) * each)):  # C, which is written to afterwards
                for v in (0, LANES):
                    k.prefetch(self.c.data, self.c.at(i + r, block.j + v))
            for y in said:
                if isinstance(y, Load):
                    load(y, step)
                else:
                    k.emit("tile", INDEX, data=("product", *y))
        if rows == 2:
            for _ in k.when(straight):
                for c in tiles:
                    tile("store", c, self.c.data, place(c), self.c.row)
        for _ in k.when(~straight):
            for c in tiles:
                tile("store", c, self.room, self.tiles + self.place(k.value(c // 2 * ROWS, INDEX), c % 2), LANES)

    def place(self, r: Value, v: int) -> Value:
        """Where columns of a row are among four tiles."""
        return r // ROWS * (2 * TILE) + (r % ROWS * LANES + v * TILE)

    def look(self, block: Block, parts: Value, count: Value, found: Value, unit: int) -> None:
        """The largest number of each 32 rows, or of columns, of which 16 lie side by side, and the smallest but 0; to eight bits."""
        k, steps = self.k, self.steps(block.depth)
        most = (1 << 31) - 1
        for at in k.range(0, count, SIDE):
            there = (self.least(count - at, SIDE) + (unit - 1)) // unit * unit
            top, low = k.variable(0, Type("i32", LANES)), k.variable(most, Type("i32", LANES))
            for step in k.range(steps):
                first = self.unit(parts, at, step, steps)
                for n in k.range(there):
                    both = k.bits("i32", self.room[Lanes(first + n * LANES, LANES)])
                    for size in (both & 0x7FFF0000, (both << 16) & 0x7FFF0000):
                        top.value = k.where(size > top.value, size, top.value)
                        after = size + most  # beyond the largest integer the smallest follow: 0 comes last
                        low.value = k.where(after < low.value, after, low.value)
            known = k.where(top.value > LARGE, LARGE, top.value)  # what is not a number would hide others
            least = low.value - most
            least = k.bits("f32", k.where((least < 1) | (least > LARGE), LARGE, least))  # nothing but 0: infinity
            self.room[found + at // SIDE * 2] = k.lanes_to_one("largest", k.bits("f32", known))
            self.room[found + at // SIDE * 2 + 1] = -k.lanes_to_one("largest", -least)

    def sizes(self, found: Value, n: Value) -> tuple[Value, Value]:
        """The largest and the smallest number of the n-th rows or columns."""
        return self.room[found + n * 2], self.room[found + n * 2 + 1]

    def ordinary(self, a: tuple[Value, Value], b: tuple[Value, Value]) -> Value:
        """Whether no sum of these rows and columns can have lost anything.

        All numbers that are not taken for 0 have three parts, and what those are times what they meet is at least as much more
        than 2⁻¹²⁶, or than a number that was taken for 0 times the largest, as float32 has digits.
        """
        k = self.k
        most = k.where(a[0] > b[0], a[0], b[0])
        return (a[1] >= SAFE) & (b[1] >= SAFE) & (a[1] * b[1] >= k.where(most > 1.0, most, 1.0) * SAFE) & (most < FINITE)

    def doubtful(self, a: Value, b: Value) -> tuple[Value, Value]:
        """The bits between which sums of rows and columns may have lost something whose largest numbers are a and b.

        0 is mostly what it says, but not where all products are tiny, or where a number taken for 0 meets a huge one.
        """
        k = self.k
        most = k.where(a > b, a, b)
        size = k.bits("i32", most) - LOST
        zero = (a > 0) & (b > 0) & ((a * b < TINY) | (most > HUGE))
        return k.where(zero, k.value(-1, size.type), 0), k.where(size > SMALL, size, SMALL)

    def odd(self, x: Value, low: Value, high: Value) -> Value:
        """Where a sum is no ordinary number, or may have lost something."""
        size = self.k.bits("i32", x) & 0x7FFFFFFF
        return (size >= LARGE) | ((size < high) & (size > low))

    def again(self, block: Block, i: Value, left: Value) -> None:
        """The same sums by the loops for vectors."""
        k, b = self.k, self.b.from_(block.p, block.j)
        if self.b_turned:
            for j in k.range(block.width):
                for p in k.range(block.depth):
                    self.room[self.whole_b + p * SIDE + j] = b.entry(p, j)
            b = Matrix(self.room, SIDE, 1, self.whole_b)
        there = [self.first(block.width - v) for v in range(0, SIDE, LANES)]
        for first in k.range(0, left, AGAIN):
            starts = [self.a.at(i + k.smaller(first + r, left - 1), block.p) for r in range(AGAIN)]

            def number(r: int, p: Value, starts: list[Value] = starts) -> Value:
                return self.a.data[starts[r] + p * self.a.column]

            def vectors(p: Value) -> list[Value]:
                return [b.data[Lanes(b.at(p, v * LANES), LANES, mask)] for v, mask in enumerate(there)]

            for r, row in enumerate(register_tile(k, "f32", number, vectors, block.depth, (AGAIN, 2))):
                for v, total in enumerate(row):
                    self.room[Lanes(self.tiles + self.place(first + r, v), LANES)] = total.value

    def put(self, block: Block, i: Value, left: Value, low: Value, high: Value) -> None:
        """The sums to C, once they have been looked at."""
        k, c, bias = self.k, self.c, self.given["bias"]
        places = range(0, SIDE, LANES)
        there = [self.first(block.width - v) for v in places]
        adding = [self.first((block.width - v) * block.adding) for v in places]
        shifts = [bias[Lanes(block.j + v, LANES, self.first((block.width - v) * block.shifting))] for v in places]
        made = k.variable(0, INDEX)  # once is enough
        for r in k.range(left):
            seen = [Lanes(self.tiles + self.place(r, v // LANES), LANES) for v in places]
            odd = [self.odd(self.room[at], low, high) & mask for at, mask in zip(seen, there, strict=True)]
            for _ in k.when(k.any(odd[0] | odd[1]) & (made.value < 1)):
                self.again(block, i, left)
                made.value = 1
            for n, at in enumerate(seen):
                target = c.at(i + r, block.j + n * LANES)
                before = c.data[Lanes(target, LANES, adding[n])]
                c.data[Lanes(target, LANES, there[n])] = self.room[at] + shifts[n] + before

    def cut_a(self, block: Block, i: Value, height: Value) -> None:
        """Rows i and on in parts, k beside k + 16; rows beyond the last are anything."""
        k, a, steps = self.k, self.a, self.steps(block.depth)
        if self.a_turned:  # a run of rows after the other
            for step in k.range(steps):
                here, p = block.depth - step * PAIRS, block.p + step * PAIRS
                for r in k.range(0, height, ROWS):

                    def column(half: Value, n: int, r: Value = r, p: Value = p, here: Value = here) -> Value:
                        k.prefetch(a.data, a.at(i + r, p + half + n + SOON))
                        return a.data[Lanes(a.at(i + r, p + half + n), ROWS, self.first(k.where(here > half + n, height - r, 0)))]

                    self.cut_turned(self.unit(self.parts_a, r, step, steps), column)
            return
        for r in k.range(0, height, SIDE):
            left = self.least(height - r, SIDE)
            for step in k.range(steps):
                here, p = block.depth - step * PAIRS, block.p + step * PAIRS
                there = [self.first(here - v) for v in (0, ROWS)]
                target = self.unit(self.parts_a, r, step, steps)
                for row in k.range(left):
                    start = a.at(i + r + row, p)
                    x, y = (a.data[Lanes(start + v * ROWS, ROWS, mask)] for v, mask in enumerate(there))
                    self.cut(target + row * LANES, x, y)

    def cut_b(self, block: Block) -> None:
        """The block in parts, panel by panel; columns beyond the last are anything."""
        k, b, width, steps = self.k, self.b.from_(block.p, block.j), block.width, self.steps(block.depth)
        if self.b_turned:  # 16 columns from end to end
            for j in k.range(0, width, LANES):
                columns = [b.at(0, k.smaller(j + n, width - 1)) for n in range(LANES)]
                for step in k.range(steps):

                    def row(half: Value, n: int, columns: list[Value] = columns, p: Value = step * PAIRS) -> Value:
                        return b.data[Lanes(columns[n] + p + half, ROWS, self.first(block.depth - p - half))]

                    self.cut_turned(self.unit(self.parts_b, j, step, steps), row)
            return
        for step in k.range(steps):
            for q in k.range(ROWS):
                here, p = block.depth - step * PAIRS - q, step * PAIRS + q
                for j in k.range(0, width, LANES):
                    masks = [self.first(k.where(here > v, width - j, 0)) for v in (0, ROWS)]
                    for v in (0, ROWS):
                        k.prefetch(b.data, b.at(p + v + SOON, j))
                    x, y = (b.data[Lanes(b.at(p + v * ROWS, j), LANES, mask)] for v, mask in enumerate(masks))
                    self.cut(self.unit(self.parts_b, j, step, steps) + q * LANES, x, y)

    def unit(self, parts: Value, at: Value, step: Value, steps: Value) -> Value:
        """Where the tile of 16 rows or columns begins, from ``at`` on, at a step."""
        return parts + ((at // SIDE * steps + step) * UNIT + at % SIDE // ROWS * TILE)

    def steps(self, depth: Value) -> Value:
        """How many times 32 k there are."""
        return (depth + (PAIRS - 1)) // PAIRS

    def cut_turned(self, target: Value, line: Callable[[Value, int], Value]) -> None:
        """The transpose of 16 lines of 16, and of 16 others, ``line(0 or 16, n)``, side by side in parts."""
        k, room, squares = self.k, self.room, self.tiles  # where no tile of C is kept at this time
        for half in k.range(0, PAIRS, ROWS):
            for n, x in enumerate(turned(k, [line(half, n) for n in range(ROWS)])):
                room[Lanes(squares + (half + n) * LANES, LANES)] = x
        for row in k.range(ROWS):
            x, y = (room[Lanes(squares + (row + half) * LANES, LANES)] for half in (0, ROWS))
            self.cut(target + row * LANES, x, y)

    def cut(self, target: Value, x: Value, y: Value) -> None:
        """The three parts of x and y side by side, each part to a tile of its own."""
        for part, (low, high) in enumerate(zip(self.parts_of(x), self.parts_of(y), strict=True)):
            both = (low >> 16) & 0xFFFF | high
            self.room[Lanes(target + 2 * part * TILE, LANES)] = self.k.bits("f32", both)

    def parts_of(self, x: Value) -> list[Value]:
        """x₁, x₂, x₃ as bits: the upper halves, the lower ones being 0."""
        k = self.k
        one = k.bits("i32", x) & UPPER
        rest = x - k.bits("f32", one)
        two = k.bits("i32", rest) + 0x8000 & UPPER
        return [one, two, k.bits("i32", rest - k.bits("f32", two)) & UPPER]  # there is more only of numbers below 2⁻¹²⁶
