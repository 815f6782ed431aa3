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

One matrix, or as much of it as the second-level cache holds, is cut into parts first, and stays. Of the other a strip after the
other passes by: while tile registers multiply one, which leaves the vector units idle, the next one is cut (`cutting`).

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
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from . import machine, remainder
from .blocked import SIZES, Block, Function, Piece
from .compiled import Kernel, parameters
from .cutting import LANES, LARGE, PAIRS, ROWS, SIDE, STRIP, TILE, UNIT, Cutting, Depth, Lines, Strip
from .finishing import BROAD, Finishing
from .gemm import Index, Matrix, interleaved, register_tile
from .loops import INDEX, Buffer, Builder, Lanes, Type, Value
from .tile_order import Load, schedule

DEPTH, DEEP = 512, 1024  # k of a block: half a strip of 32 lines, or all of it where what stays is small
HELD = 192  # units of the matrix that stays
SMALL = 47 << 23  # the bits of 2⁻⁸⁰
TINY, HUGE = 2.0**-90, 2.0**40  # products, and numbers, where a sum of 0 is doubted
LOST = 91 << 23  # in bits: 1024 products lose less than 2⁻¹¹⁵ times the largest number, which is a last bit of 2⁻⁹¹ times it
SAFE, FINITE = 2.0**-100, 2.0**58  # numbers, and products of them, that lose nothing; numbers whose products have a finite sum
THIRDS = 3  # of the products of a step, between which something is cut: a processor looks 500 instructions ahead
AGAIN = 4  # rows that the loops for vectors take at a time
MORE = "a_turned b_turned crossed depth few after context flushed"
PLACES = {  # entries of a thread's working memory
    "sums": SIDE * SIDE,  # four tiles of C
    "runs": 2 * SIDE * (BROAD + LANES),  # of C: the one that is being finished, and the one that is multiplied
    "squares": 2 * TILE,  # which are being transposed
    "held": HELD * UNIT,
    "strips": 2 * STRIP * UNIT,  # the one that is multiplied, and the next
    "whole_b": DEEP * SIDE,  # a panel of B as it is
    "extremes": HELD * SIDE,  # lane by lane, of what is being cut
    "sizes_held": 2 * HELD,  # the largest and the smallest number of each 32 rows or columns
    "sizes_strip": 2 * STRIP,
}


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
    return sum(PLACES.values())


@cache
def product(function: Function | None = None) -> Kernel:
    """C = A B, with ``function`` applied to every entry of the result.

    Whether the matrices are held by rows or, ``turned``, by columns, is told each time: LLVM takes a tenth of a second for this code.
    So is whether tile registers make Cᵀ = Bᵀ Aᵀ instead (``crossed``, see `crosses`); sizes and pieces are then those of Cᵀ.
    """

    def gemm(k: Builder, *arguments: Any) -> None:
        Tiles(k, dict(zip(declared, arguments, strict=True)), function).emit()

    declared = parameters("f32*: a b c bias room", "i64*: a_starts b_starts c_starts", f"i64: {SIZES} {MORE}")
    return Kernel(gemm, declared, f"tiles_{function.__name__}" if function else "tiles")


def crosses(m: int, n: int, inner: int, a_turned: bool, b_turned: bool) -> bool:
    """Whether there is less to do for Cᵀ: what runs across the tiles costs more to be cut, and so does turning Cᵀ."""
    straight, across = (m * (1 + a) + n * (1 + b) for a, b in ((a_turned, b_turned), (not a_turned, not b_turned)))
    return across * inner + m * n * -(-inner // DEPTH) < straight * inner


class Square(NamedTuple):
    """Up to 32 rows and columns of C, or of Cᵀ, and what they are made of."""

    block: Block
    i: Value
    left: Value  # rows that there are
    parts: dict[str, Value]  # of A and B: where they begin
    sizes: dict[str, tuple[Value, Value]]  # their largest and smallest numbers
    ordinary: Value  # whether no sum can have lost anything
    straight: Value  # whether the sums go to C as they are


class Tiles(Piece):
    """Emits what is done for one piece."""

    def __init__(self, k: Builder, given: dict[str, Any], function: Function | None) -> None:
        super().__init__(k, given, "f32", False, False, function)
        turned = [given[f"{x}_turned"] > 0 for x in "ab"]
        (a, a_turned), (b, b_turned) = ((self.either_way(x, t), t) for x, t in zip((self.a, self.b), turned, strict=True))
        self.crossed = crossed = given["crossed"] > 0
        self.as_given = a, b
        self.finishing = Finishing(k, given)
        self.inner = given["inner"] - given["few"]
        self.a, self.b = self.one_of(crossed, b.T, a), self.one_of(crossed, a.T, b)
        self.turned = {"a": k.where(crossed, ~b_turned, a_turned), "b": k.where(crossed, ~a_turned, b_turned)}
        self.span, self.at, here = SIDE, dict[str, Value](), self.tiles
        for name, size in PLACES.items():
            self.at[name], here = here, here + size

    def either_way(self, x: Matrix, turned: Value) -> Matrix:
        """A matrix by rows as it is, or turned."""
        return x._replace(row=self.k.where(turned, 1, x.row), column=self.k.where(turned, x.row, 1))

    def one_of(self, first: Value, x: Matrix, y: Matrix) -> Matrix:
        """The first of two matrices, or the other."""
        k = self.k
        return Matrix(k.either(first, x.data, y.data), *[k.where(first, *both) for both in zip(x[1:], y[1:], strict=True)])

    def emit(self) -> None:
        k, given = self.k, self.given
        i, i_end, j, j_end = self.rectangle()
        sizes = i_end - i, j_end - j
        a_stays = self.a_stays(*[(size + (SIDE - 1)) // SIDE for size in sizes]) & ~self.finishing.needed
        stays, passes = k.where(a_stays, *sizes), k.where(a_stays, *sizes[::-1])
        k.emit("tiny", INDEX, given["flushed"], data="are 0")
        k.emit("tile", INDEX, data=("config",))
        for p, count in self.parts(k.value(0, INDEX), self.inner, given["depth"], PAIRS):
            depth = Depth(p, count, (count + (PAIRS - 1)) // PAIRS)
            block = Block(p, count, j, sizes[1], k.where(p < 1, given["accumulate"], 1), k.where(p < 1, given["biased"], 0))
            held_most = k.value(HELD, INDEX) // depth.steps * SIDE
            held_most = k.where(self.finishing.needed, k.smaller(held_most, k.value(BROAD, INDEX)), held_most)
            for at, some in self.parts(k.value(0, INDEX), stays, held_most, SIDE):
                held = Strip(k.where(a_stays, i, j) + at, some, self.at["held"])
                self.pass_by(block, depth, a_stays, held, Strip(k.where(a_stays, j, i), passes, self.at["strips"]))
        k.emit("tile", INDEX, data=("release",))
        k.emit("tiny", INDEX, data="count")

    def a_stays(self, a: Value, b: Value) -> Value:
        """Whether it is less work to hold A, of so many times 32 rows and columns: held is cut once, but while nothing is multiplied."""
        k = self.k
        most = k.value(HELD * PAIRS, INDEX) // k.smaller(self.inner + (PAIRS - 1), self.given["depth"])
        work_a, work_b = k.where(self.turned["a"], 2, k.value(1, INDEX)), 2
        return (a + most - 1) // most * b * (2 * work_b) + a * (3 * work_a) < (b + most - 1) // most * a * (2 * work_a) + b * (3 * work_b)

    def pass_by(self, block: Block, depth: Depth, a_stays: Value, held: Strip, other: Strip) -> None:
        """What is held times the other matrix, strip by strip.

        Two turns come before the first strip is there: what is held is cut, and that strip; products are made as well, of nothing.
        """
        k = self.k
        fits = k.where(self.along(~a_stays), k.value(STRIP // 2, INDEX), STRIP) // depth.steps * SIDE  # across lines in longer runs
        width = k.where(fits > SIDE, fits, SIDE)

        def strip(turn: Value) -> Strip:
            left = other.size - turn * width
            parts = other.parts + (turn + 2) % 2 * (STRIP * UNIT)
            return Strip(other.at + turn * width, k.where(left > 0, k.smaller(left, width), 0), parts)

        for turn in k.range(-2, (other.size + width - 1) // width):
            begins, here, there = turn < -1, strip(turn), strip(turn + 1)
            soon = Strip(*[k.where(begins, x, y) for x, y in zip(held, there, strict=True)])
            groups = [k.where(turn < 0, 1, (x.size + (SIDE - 1)) // SIDE) for x in (here, held)]
            cutting = Cutting(self.lines(begins == a_stays), soon, depth, groups[0] * groups[1] * depth.steps * THIRDS)
            for down in k.range(k.where(a_stays, groups[1], groups[0])):
                in_memory, self.c = self.c, self.c_of(here.at + down * SIDE, held.at)
                for along in k.range(k.where(a_stays, *groups)):  # so that rows of C are written in runs
                    n, m = k.where(a_stays, along, down), k.where(a_stays, down, along)
                    square = self.square(block, depth, a_stays, (here, n, "sizes_strip"), (held, m, "sizes_held"))
                    self.multiply(square._replace(straight=square.straight & (turn > -1)), depth, cutting, (held.at, held.size))
                    for _ in k.when(~square.straight & (turn > -1)):
                        self.put(square)
                    whole = (block.p + block.depth >= self.inner) & (turn > -1)
                    for _ in k.when(whole & (self.given["few"] > 0)):
                        inside, row, left = self.in_c(square)
                        remainder.add(k, *self.as_given, self.c, self.inner, (row, left), (inside.j, inside.width))
                    if self.function is not None:
                        for _ in k.when(turn > -1):
                            self.apply(*self.in_c(square))
                for _ in k.when(turn > -1):
                    self.finishing.begin(here.at + down * SIDE, self.least(here.size - down * SIDE, SIDE))
                self.c = in_memory
            cutting.sizes(k.where(begins, self.at["sizes_held"], self.at["sizes_strip"]))
        self.finishing.rest(self.c_of(self.finishing.row.value, held.at), (held.at, held.size))

    def c_of(self, i: Value, j: Value) -> Matrix:
        """C, or where a run of its rows, from ``i`` on, waits to be finished: each second run in the same place."""
        there = self.at["runs"] - i // (2 * SIDE) * (2 * SIDE) * self.c.row - j
        return self.c._replace(start=self.k.where(self.finishing.needed, there, self.c.start))

    def along(self, of_a: Value) -> Value:
        """Whether memory runs along k, in A or in B."""
        return self.k.where(of_a, ~self.turned["a"], self.turned["b"])

    def lines(self, of_a: Value) -> Lines:
        """What is cut: the rows of A, or the columns of B."""
        x = self.one_of(of_a, self.a, self.b.T)
        return Lines(self.k, x, of_a, self.along(of_a), self.room, self.at["squares"], self.at["extremes"])

    def square(self, block: Block, depth: Depth, a_stays: Value, *of: tuple[Strip, Value, str]) -> Square:
        """Of the n-th 32 lines of a strip that passes by and the m-th of what is held."""
        k, zero = self.k, self.k.value(0, INDEX)
        found = []
        for strip, n, place in of:
            done, known = n * SIDE, [self.room[self.at[place] + n * 2 + v] for v in (0, 1)]
            found.append((strip.at + done, self.least(strip.size - done, SIDE), depth.unit(strip.parts, n, zero), *known))
        (i, left, a, *sizes_a), (j, width, b, *sizes_b) = (
            [k.where(passes, x, y) for x, y in zip(*found, strict=True)] for passes in (~a_stays, a_stays)
        )
        whole = (left > SIDE - 1) & (width > SIDE - 1) & (block.adding + block.shifting < 2)
        extremes = {"a": (sizes_a[0], sizes_a[1]), "b": (sizes_b[0], sizes_b[1])}
        ordinary = self.ordinary(*extremes.values())
        return Square(
            block._replace(j=j, width=width), i, left, {"a": a, "b": b}, extremes, ordinary, whole & ordinary & ~self.crossed
        )

    def in_c(self, it: Square) -> tuple[Block, Value, Value]:
        """The columns, the first row and the rows of C that a square is."""
        k, block = self.k, it.block
        j, width, i, left = [
            k.where(self.crossed, *both) for both in ((it.i, block.j), (it.left, block.width), (block.j, it.i), (block.width, it.left))
        ]
        return block._replace(j=j, width=width), i, left

    def multiply(self, it: Square, depth: Depth, cutting: Cutting, columns: tuple[Value, Value]) -> None:
        """The products, to C or to working memory; while they are made, the next strip is cut, and something of a run is finished."""
        k, c, block, waiting = self.k, self.c, it.block, self.c_of(self.finishing.row.value, columns[0])
        in_c, i, height = self.in_c(it)
        height = k.where(self.finishing.needed, 0, height)
        rows = (height + depth.steps - 1) // depth.steps
        places = [c.at(it.i + n // 2 * ROWS, block.j + n % 2 * LANES) for n in range(4)]

        def tile(word: str, register: int, data: Buffer, at: Value, step: Index) -> None:
            k.emit("tile", INDEX, at, k.value(step, INDEX) * 4, data=(word, register, data))

        for n in range(4):
            k.emit("tile", INDEX, data=("zero", n))
        for _ in k.when(it.straight & (block.adding > 0)):
            for n, place in enumerate(places):
                tile("load", n, c.data, place, c.row)
        for _ in k.when(it.straight & (block.shifting > 0)):
            for n in range(4):
                tile("load", n, self.given["bias"], block.j + n % 2 * LANES, 0)
        self.carry_out(schedule(2, 2)[0], it.parts)
        high, wide = it.left > ROWS, block.width > LANES
        shapes = [((1, 2), ~high), ((2, 1), high & ~wide), ((2, 2), high & wide)]
        for step in k.range(depth.steps):
            parts = {name: start + step * UNIT for name, start in it.parts.items()}
            for r in k.range(step * rows, k.smaller(height, (step + 1) * rows)):  # C, which is written to afterwards
                for v in (0, LANES, SIDE - 1):
                    k.prefetch(c.data, c.at(i + r, in_c.j + v))
            for third in k.range(THIRDS):
                cutting.some()
                self.finishing.some(waiting, columns, step * THIRDS + third, depth.steps * THIRDS)
                for n in range(THIRDS):
                    for _ in k.when(third == n):
                        for tiles, so in shapes:
                            for _ in k.when(so):
                                said = schedule(*tiles)[1]
                                self.carry_out(said[n * len(said) // THIRDS : (n + 1) * len(said) // THIRDS], parts)
        for _ in k.when(it.straight):
            for n, place in enumerate(places):
                tile("store", n, c.data, place, c.row)
        for _ in k.when(~it.straight):
            for n in range(4):
                tile("store", n, self.room, self.at["sums"] + self.place(k.value(n // 2 * ROWS, INDEX), n % 2), LANES)

    def carry_out(self, said: Sequence[Load | tuple[int, int, int]], parts: dict[str, Value]) -> None:
        """Products of tile registers, and loads of what begins there."""
        k = self.k
        for y in said:
            if isinstance(y, Load):
                k.emit("tile", INDEX, parts[y.matrix] + y.place * TILE, k.value(LANES * 4, INDEX), data=("load", y.register, self.room))
            else:
                k.emit("tile", INDEX, data=("product", *y))

    def place(self, r: Value, v: int) -> Value:
        """Where columns of a row are among four tiles."""
        return r // ROWS * (2 * TILE) + (r % ROWS * LANES + v * TILE)

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

    def again(self, it: Square) -> None:
        """The same sums by the loops for vectors."""
        k, block = self.k, it.block
        b, turned, whole = self.b.from_(block.p, block.j), self.turned["b"], self.at["whole_b"]
        for j in k.range(k.where(turned, block.width, 0)):
            for p in k.range(block.depth):
                self.room[whole + p * SIDE + j] = b.entry(p, j)
        b = Matrix(k.either(turned, self.room, b.data), k.where(turned, SIDE, b.row), 1, k.where(turned, whole, b.start))
        there = [self.first(block.width - v) for v in range(0, SIDE, LANES)]
        for first in k.range(0, it.left, AGAIN):
            starts = [self.a.at(it.i + k.smaller(first + r, it.left - 1), block.p) for r in range(AGAIN)]

            def number(r: int, p: Value, starts: list[Value] = starts) -> Value:
                return self.a.data[starts[r] + p * self.a.column]

            def vectors(p: Value) -> list[Value]:
                return [b.data[Lanes(b.at(p, v * LANES), LANES, mask)] for v, mask in enumerate(there)]

            for r, row in enumerate(register_tile(k, "f32", number, vectors, block.depth, (AGAIN, 2))):
                for v, total in enumerate(row):
                    self.room[Lanes(self.at["sums"] + self.place(first + r, v), LANES)] = total.value

    def put(self, it: Square) -> None:
        """The sums to C, once they have been looked at, and turned if they are those of Cᵀ."""
        k, c, bias = self.k, self.c, self.given["bias"]
        for _ in k.when(~it.ordinary):
            self.look(it)
        for tile in k.range(k.where(self.crossed, 4, k.value(0, INDEX))):
            self.turn(tile)
        block, i, left = self.in_c(it)
        places = range(0, SIDE, LANES)
        there = [self.first(block.width - v) for v in places]
        adding = [self.first((block.width - v) * block.adding) for v in places]
        shifts = [bias[Lanes(block.j + v, LANES, self.first((block.width - v) * block.shifting))] for v in places]
        for r in k.range(left):
            for n, v in enumerate(places):
                target = c.at(i + r, block.j + v)
                place = k.where(self.crossed, self.place(k.value(v, INDEX), 0) + r // LANES * TILE + r % LANES * LANES, self.place(r, n))
                before = c.data[Lanes(target, LANES, adding[n])]
                c.data[Lanes(target, LANES, there[n])] = self.room[Lanes(self.at["sums"] + place, LANES)] + shifts[n] + before

    def look(self, it: Square) -> None:
        """Compute sums anew if one of them is odd."""
        k, low, high = self.k, *self.doubtful(it.sizes["a"][0], it.sizes["b"][0])
        odd = k.variable(self.first(k.value(0, INDEX)), Type("i1", LANES))
        for r in k.range(it.left):
            for v in (0, LANES):
                x = self.room[Lanes(self.at["sums"] + self.place(r, v // LANES), LANES)]
                odd.value = odd.value | self.odd(x, low, high) & self.first(it.block.width - v)
        for _ in k.when(k.any(odd.value)):
            self.again(it)

    def turn(self, tile: Value) -> None:
        """One of four tiles of sums, its columns for its rows, as `turned` does it; in a loop, since LLVM thinks long about shuffles."""
        k, places = self.k, [Lanes(self.at["sums"] + tile * TILE + r * LANES, LANES) for r in range(ROWS)]
        lines = [k.variable(self.room[place], Type("f32", LANES)) for place in places]
        for _ in k.range(ROWS.bit_length() - 1):
            for line, x in zip(lines, interleaved(k, [line.value for line in lines]), strict=True):
                line.value = x
        for place, line in zip(places, lines, strict=True):
            self.room[place] = line.value
