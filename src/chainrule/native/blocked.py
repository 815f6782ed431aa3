"""Large matrix products: blocks of both matrices are copied to where a tile finds them in the nearest cache.

    C[i, j] (+)= bias[j] + Σₖ A[i, k] · B[k, j]

A block of B, some hundred k by some hundred columns, is copied into the second-level cache, as panels as wide as a tile. Then a
few rows of A at a time are copied into the first-level cache and multiplied with all panels. So C is read and written along its
rows, and memory in long runs (after Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008). A piece is
a rectangle of one C; an entry is the same sum however many pieces there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from .compiled import Kernel, parameters
from .gemm import WIDTHS, Matrix, heights, register_tile, tile, turned
from .loops import BYTES, INDEX, Buffer, Builder, Lanes, Type, Value

DEPTH = {"f32": 384, "f64": 256}  # of a block of B
BLOCK_BYTES = 2048  # of a row of it
CHUNK = 4  # panels that are filled at once: runs of 512 bytes of B
GROUP = 4  # tiles of a transposed A that are copied at once: runs of 224 bytes
LINE = 16  # entries between the columns of a transposed tile
GAP = 16  # between the rows of a tile, so that they do not meet in the same sets of the cache
SIZES = "m n inner a_step b_step c_step row_step column_step row_splits column_splits accumulate biased room_size"
Function = Callable[[Builder, Value], Value]


def room_size(kind: str) -> int:
    """Entries of working memory that a thread needs."""
    return tiles_size(kind) + DEPTH[kind] * BLOCK_BYTES // BYTES[kind]


def tiles_size(kind: str) -> int:
    rows, _ = tile()
    return max(-(-rows * (DEPTH[kind] + GAP) // LINE) * LINE, GROUP * DEPTH[kind] * LINE)


def longest(kind: str) -> int:
    """How long the columns of a transposed B may be for a panel of them to find room whole."""
    return DEPTH[kind] * BLOCK_BYTES // BYTES[kind] // (tile()[1] * WIDTHS[kind])


@cache
def product(kind: str, a_turned: bool, b_turned: bool, function: Function | None = None, in_place: bool = False) -> Kernel:
    """C = A B, of matrices by rows or, ``turned``, by columns; ``function`` is applied to every entry of the result."""

    def gemm(k: Builder, *arguments: Any) -> None:
        piece = Piece(k, dict(zip(declared, arguments, strict=True)), kind, a_turned, b_turned, function)
        (piece.emit_in_place if in_place else piece.emit)()

    declared = parameters(f"{kind}*: a b c bias room", "i64*: a_starts b_starts c_starts", f"i64: {SIZES}")
    name = f"{'small_' if in_place else ''}gemm_{kind}_{'nt'[a_turned]}{'nt'[b_turned]}"
    return Kernel(gemm, declared, f"{name}_{function.__name__}" if function else name)


class Block(NamedTuple):
    """A block of B: k from ``p`` on, columns from ``j`` on."""

    p: Value
    depth: Value
    j: Value
    width: Value
    adding: Value  # 1 where C holds sums already
    shifting: Value  # 1 where the bias is to be added


class Panel(NamedTuple):
    """The columns of a block that a tile takes: which of them there are, and what is added."""

    vectors: Callable[[Value], list[Value]]  # of B, for a k
    j: Value
    there: list[Value]  # masks, one for each vector
    added: list[Value]  # the same where C holds sums already, else nothing
    bias: list[Value]


class Piece:
    """Emits what is done for one piece."""

    def __init__(
        self, k: Builder, given: dict[str, Any], kind: str, a_turned: bool, b_turned: bool, function: Function | None
    ) -> None:
        self.k, self.given, self.kind, self.function = k, given, kind, function
        self.lanes, self.depth = WIDTHS[kind], DEPTH[kind]
        self.rows, self.vectors = tile()
        self.span = self.vectors * self.lanes
        self.a_turned, self.b_turned = a_turned, b_turned
        self.group = GROUP * self.rows if a_turned else self.rows
        batch = given["piece"] // (given["row_splits"] * given["column_splits"])
        self.a, self.b, self.c = (Matrix(given[x], given[f"{x}_step"], 1, given[f"{x}_starts"][batch]) for x in "abc")
        self.a, self.b = self.a.T if a_turned else self.a, self.b.T if b_turned else self.b
        self.room: Buffer = given["room"]
        self.tiles = given["thread"] * given["room_size"]
        self.panels = self.tiles + tiles_size(kind)

    def first(self, n: Value) -> Value:
        """The mask of the first n lanes."""
        return self.k.emit("first", Type("i1", self.lanes), n)

    def least(self, n: Value, most: int) -> Value:
        return self.k.smaller(n, self.k.value(most, INDEX))

    def rectangle(self) -> tuple[Value, Value, Value, Value]:
        """The rows and columns of C that are this piece: first and last of each."""
        k, given = self.k, self.given
        part = given["piece"] % (given["row_splits"] * given["column_splits"])
        i = part // given["column_splits"] * given["row_step"]
        j = part % given["column_splits"] * given["column_step"]
        return i, k.smaller(given["m"], i + given["row_step"]), j, k.smaller(given["n"], j + given["column_step"])

    def emit(self) -> None:
        """Block by block."""
        k, given = self.k, self.given
        i, i_end, j, j_end = self.rectangle()
        for p, depth in self.parts(k.value(0, INDEX), given["inner"], self.depth, 1):
            adding, shifting = k.where(p < 1, given["accumulate"], 1), k.where(p < 1, given["biased"], 0)
            for j_here, width in self.parts(j, j_end, BLOCK_BYTES // BYTES[self.kind], self.span):
                block = Block(p, depth, j_here, width, adding, shifting)
                self.pack_b(block)
                for i_here in k.range(i, i_end, self.group):
                    left = self.least(i_end - i_here, self.group)
                    self.pack_a(block, i_here, left)
                    for start in k.range(0, left, self.rows):
                        self.packed_row(block, i_here, start, left - start)

    def emit_in_place(self) -> None:
        """Small matrices: A is read where it stands, and B too unless it is transposed."""
        k, given = self.k, self.given
        i_first, i_end, j, j_end = self.rectangle()
        everything = Block(k.value(0, INDEX), given["inner"], j, j_end - j, given["accumulate"], given["biased"])
        for at in k.range(0, everything.width, self.span):
            block = everything._replace(j=j + at, width=self.least(everything.width - at, self.span))
            if self.b_turned:
                self.pack_b(block)
                b = Matrix(self.room, self.span, 1, self.panels)
            else:
                b = self.b.from_(0, block.j)
            for i in k.range(i_first, i_end, self.rows):
                left = i_end - i
                for count in heights(self.k, left, self.rows):
                    for number in self.numbers(i, left, count):
                        for panel in self.panel(block, b, k.value(0, INDEX), not self.b_turned):
                            self.next_sums(panel, i, count)
                            self.tile(number, panel, i, left, count, block.depth, None)
                if self.function is not None:
                    self.apply(block, i, self.least(left, self.rows))

    def numbers(self, i: Value, left: Value, count: int) -> Iterator[Callable[[int, Value], Value]]:
        """How a tile of so many rows finds its numbers of A: beyond the last row, that one again.

        Of a transposed A, the rows of a whole tile lie side by side, so one register and a distance each say where. (A register
        for each of them are more than there are: these products took 1.7 times as long.)
        """
        k, a = self.k, self.a
        for _ in k.when(left >= count) if self.a_turned else ():
            yield lambda r, p: a.data[a.at(i, p) + r]
        for _ in k.when(left < count) if self.a_turned else [None]:
            starts = [a.at(i + k.smaller(k.value(r, INDEX), left - 1), 0) for r in range(count)]
            yield lambda r, p, starts=starts: a.data[starts[r] + p * a.column]  # type: ignore[misc]

    def parts(self, first: Value, last: Value, most: int | Value, unit: int) -> Iterator[tuple[Value, Value]]:
        """Parts of a range, about alike, each a multiple of the unit but the last."""
        k, size = self.k, last - first
        count = (size + (most - 1)) // most
        step = (size + (count * unit - 1)) // (k.where(count < 1, 1, count) * unit) * unit
        for q in k.range(count):
            at = first + q * step
            yield at, k.smaller(last - at, step)

    def packed_row(self, block: Block, i: Value, start: Value, left: Value) -> None:
        """A tile's rows of what has been packed of A, those that begin at ``start``, times all panels."""
        k = self.k
        if self.a_turned:
            a = Matrix(self.room, 1, LINE, self.tiles + start // self.rows * (self.depth * LINE))
        else:
            a = Matrix(self.room, self.depth + GAP, 1, self.tiles)
        for at in k.range(0, block.width, self.span):
            b = Matrix(self.room, self.span, 1, self.panels + at * block.depth)
            soon = self.next_rows(block, i, at // self.span)
            for count in heights(self.k, left, self.rows):
                for panel in self.panel(block, b, at, False):
                    self.tile(a.entry, panel, i + start, left, count, block.depth, soon)
        if self.function is not None:
            self.apply(block, i + start, self.least(left, self.rows))

    def next_rows(self, block: Block, i: Value, panel: Value) -> Callable[[Value], None] | None:
        """Ask for the rows of A that come next, two while a panel is multiplied; of a transposed A they come with their like."""
        if self.a_turned:
            return None
        starts = [self.a.at(i + self.rows + 2 * panel + r, block.p) for r in range(2)]

        def soon(p: Value) -> None:
            for start in starts:
                self.k.prefetch(self.a.data, start + p)

        return soon

    def next_sums(self, panel: Panel, i: Value, count: int) -> None:
        """Ask for the rows of C that come next."""
        for r in range(count):
            for v in range(len(panel.there)):
                self.k.prefetch(self.c.data, self.c.at(i + (self.rows + r), panel.j + v * self.lanes))

    def panel(self, block: Block, b: Matrix, at: Value, masked: bool) -> Iterator[Panel]:
        """The columns from ``at`` on that a tile takes, as one vector or two."""
        k, lanes, width, j = self.k, self.lanes, block.width - at, block.j + at

        def masks(n: Value) -> list[Value]:
            return [self.first(n - v * lanes if v else n) for v in range(vectors)]

        for vectors in range(1, self.vectors + 1):
            more, fewer = width > (vectors - 1) * lanes, width <= vectors * lanes
            for _ in k.when(more if vectors == self.vectors else more & fewer):
                there = masks(width)
                shifts = [self.given["bias"][Lanes(j + v * lanes, lanes, x)] for v, x in enumerate(masks(width * block.shifting))]

                def some(p: Value, there: list[Value] = there) -> list[Value]:
                    return [b.data[Lanes(b.at(p, v * lanes), lanes, mask if masked else None)] for v, mask in enumerate(there)]

                yield Panel(some, j, there, masks(width * block.adding), shifts)

    def tile(
        self,
        number: Callable[[int, Value], Value],
        panel: Panel,
        i: Value,
        left: Value,
        count: int,
        depth: Value,
        soon: Callable[[Value], None] | None,
    ) -> None:
        """So many rows of A times a panel, of which those are stored that there are."""
        k, lanes, c = self.k, self.lanes, self.c
        sums = register_tile(k, self.kind, number, panel.vectors, depth, (count, len(panel.there)), soon)
        for r, row in enumerate(sums):
            for _ in k.when(left > r) if r else [None]:
                for v, total in enumerate(row):
                    at = c.at(i + r if r else i, panel.j + v * lanes)
                    y = total.value + panel.bias[v] + c.data[Lanes(at, lanes, panel.added[v])]
                    c.data[Lanes(at, lanes, panel.there[v])] = y

    def apply(self, block: Block, i: Value, count: Value) -> None:
        """The function on the entries of a row of tiles, once their sums are whole."""
        k, c = self.k, self.c
        assert self.function is not None
        for _ in k.when(block.p + block.depth >= self.given["inner"]):
            for r in k.range(count):
                for j in k.vectors(block.width, self.lanes):
                    at = Lanes(c.at(i + r, block.j + j.start), self.lanes, j.mask)
                    c.data[at] = self.function(k, c.data[at])

    def pack_a(self, block: Block, i: Value, count: Value) -> None:
        """Rows i and on; beyond the last, that one again."""
        k, lanes, room, a, p = self.k, self.lanes, self.room, self.a, block.p
        if not self.a_turned:
            for r in k.range(self.rows):
                row = i + k.smaller(r, count - 1)
                for some in k.vectors(block.depth, lanes):
                    room[some + (self.tiles + r * (self.depth + GAP))] = a.data[Lanes(a.at(row, p + some.start), lanes, some.mask)]
            return
        for start in k.range(0, count, self.rows):
            target = self.tiles + start // self.rows * (self.depth * LINE)
            there = self.least(count - start, self.rows)
            masks = {v: self.first(there - v) for v in range(0, self.rows, lanes)}
            for q in k.range(block.depth):
                for v, mask in masks.items():
                    room[Lanes(target + q * LINE + v, lanes)] = a.data[Lanes(a.at(i + start + v, p + q), lanes, mask)]

    def pack_b(self, block: Block) -> None:
        """The block as panels, one after the other; the last is filled up with zeros."""
        k, lanes, span = self.k, self.lanes, self.span
        b, depth, width = self.b.from_(block.p, block.j), block.depth, block.width
        if not self.b_turned:
            for at in k.range(0, width, CHUNK * span):
                for q in k.range(depth):
                    for v in range(0, CHUNK * span, lanes):
                        target = self.panels + (at + v // span * span) * depth + q * span + v % span
                        self.room[Lanes(target, lanes)] = b.data[Lanes(b.at(q, at + v), lanes, self.first(width - at - v))]
            return
        for at in k.range(0, width, lanes):
            start = self.panels + at // span * span * depth + at % span
            for some in k.vectors(depth, lanes):
                columns = [b.at(some.start, k.smaller(at + v, width - 1)) for v in range(lanes)]
                lines = turned(k, [b.data[Lanes(column, lanes, some.mask)] for column in columns])
                for r, line in enumerate(lines):
                    for _ in [None] if some.mask is None else k.when(some.start + r < depth):
                        self.room[Lanes(start + (some.start + r) * span, lanes)] = line
