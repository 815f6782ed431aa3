"""Matrix products as loops that keep a tile of the result in registers.

    C[i, j] (+)= Σₖ A[i, k] · B[k, j]

A tile is a few rows by a few vectors of columns. For each k it takes one load for each vector of B and one number of A for
each row, spread over the lanes, and multiplies every one with every other: with 14 rows and 2 vectors, 28 products for 16 loads.

`emit_small` writes a product into a kernel that is being built:

>>> from chainrule.native import kernel
>>> @kernel(x="f32*", w="f32*", y="f32*")
... def affine(k, x, w, y):
...     emit_small(k, Matrix(x, 3), Matrix(w, 2), Matrix(y, 2), 4, 2, 3)
>>> import numpy as np
>>> x, w, y = np.ones((4, 3), np.float32), np.ones((3, 2), np.float32), np.empty((4, 2), np.float32)
>>> affine(x, w, y)
>>> y[0].tolist()
[3.0, 3.0]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from . import machine
from .loops import INDEX, WIDTH, Buffer, Builder, Lanes, Type, Value, Variable

WIDTHS = {"f32": WIDTH, "f64": WIDTH // 2}
Index = Any  # an int, or a Value that is one
Epilogue = Callable[[Builder, Value, Index, Lanes], Value]


class Matrix(NamedTuple):
    """Entry (i, j) is ``data[start + i · row + j · column]``; steps and start are ints, or values of the kernel."""

    data: Buffer
    row: Index
    column: Index = 1
    start: Index = 0

    @property
    def T(self) -> Matrix:
        return Matrix(self.data, self.column, self.row, self.start)

    def at(self, i: Index, j: Index) -> Index:
        return plus(plus(self.start, times(i, self.row)), times(j, self.column))

    def entry(self, i: Index, j: Index) -> Value:
        return self.data[self.at(i, j)]

    def from_(self, i: Index, j: Index) -> Matrix:
        """The matrix whose first entry is (i, j) of this one."""
        return Matrix(self.data, self.row, self.column, self.at(i, j))


def plus(a: Index, b: Index) -> Index:
    if isinstance(a, int) and not isinstance(b, int):
        a, b = b, a
    return a if isinstance(b, int) and b == 0 else a + b


def times(a: Index, b: Index) -> Index:
    if isinstance(a, int) and not isinstance(b, int):
        a, b = b, a
    return a if isinstance(b, int) and b == 1 else 0 if isinstance(b, int) and b == 0 else a * b


@cache
def tile() -> tuple[int, int]:
    """The rows of a tile and its vectors: as many as the registers hold."""
    return (14, 2) if " avx512f" in machine.processor() else (6, 1)


def emit_small(
    k: Builder,
    a: Matrix,
    b: Matrix,
    c: Matrix,
    m: int,
    n: int,
    inner: Index,
    *,
    accumulate: bool = False,
    epilogue: Epilogue | None = None,
    room: tuple[Buffer, Index] | None = None,
) -> None:
    """C = A B or, with ``accumulate``, C += A B, for m × inner and inner × n matrices; m and n are known now.

    A may have any steps. One step of C is 1. B with columns next to each other is read where it stands; otherwise (the
    transpose of a matrix held by rows) 32 columns at a time are laid out anew in ``room``: a buffer and where to begin in
    it, with `room_for` entries. Nothing outside the matrices is read or written.

    ``epilogue(k, x, i, j)`` makes of the sums x of row i and columns j (`Lanes`, so ``bias[j]`` is the bias) what is stored.
    A C by columns is computed as Cᵀ = Bᵀ Aᵀ, without an epilogue; the same is then asked of A as of B else.
    """
    if one(c.row) and not one(c.column):
        if epilogue is not None:
            raise ValueError("an epilogue needs a result whose columns are next to each other")
        return emit_small(k, b.T, a.T, c.T, n, m, inner, accumulate=accumulate, room=room)
    if not one(c.column):
        raise ValueError("the result needs a step of 1")
    if not one(b.column) and (room is None or not one(b.row)):
        raise ValueError(f"a B of steps ({b.row}, {b.column}) needs room, and one step of 1")
    kind = a.data.kind
    rows, vectors = tile()
    lanes = WIDTHS[kind]

    def panel(j: Index, width: int) -> None:
        here = b.from_(0, j)
        if room is not None and not one(b.column):
            here = Matrix(room[0], -(-width // lanes) * lanes, 1, room[1])
            pack_turned(k, b.from_(0, j), here, inner, width)
        for i, count in spans(k, m, rows, 1, accumulate):
            size = (count, -(-width // lanes))
            sums = register_tile(k, kind, a.from_(i, 0).entry, seen(k, here, width, here.data is b.data), inner, size)
            put(k, sums, c, i, j, width, accumulate, epilogue)

    for j, width in spans(k, n, vectors * lanes, lanes, accumulate):
        panel(j, width)
    return None


def room_for(m: int, n: int, inner: int, kind: str = "f32") -> int:
    """How many entries of room `emit_small` may need."""
    return inner * min(max(m, n) + WIDTHS[kind], tile()[1] * WIDTHS[kind])


def one(step: Index) -> bool:
    return isinstance(step, int) and step == 1


def spans(k: Builder, size: int, step: int, unit: int, once: bool) -> Iterator[tuple[Index, int]]:
    """A loop over equal steps: where each begins and how long it is, a multiple of the unit and at most ``step``.

    The last begins earlier where it would reach beyond the end, so that the body is emitted once: for LLVM a second one is as
    much to do. Where that made an eighth more units, or each may be visited only ``once``, whole steps and the rest.
    """
    count = -(-size // step)
    even = -(-size // count // unit) * unit
    if count > 1 and not once and 8 * count * even <= 9 * -(-size // unit) * unit:
        for i in k.range(0, size, even):
            yield (i if size % even == 0 else k.smaller(i, k.value(size - even, INDEX))), even
        return
    whole = size // step * step
    if whole == step:
        yield 0, step
    elif whole:
        for i in k.range(0, whole, step):
            yield i, step
    if size > whole:
        yield whole, size - whole


def columns(k: Builder, start: Index, width: int, lanes: int) -> list[Lanes]:
    """Vectors of ``width`` columns, the last of them with a mask if need be."""
    found = []
    for v in range(0, width, lanes):
        left = width - v
        mask = None if left >= lanes else k.emit("first", Type("i1", lanes), k.value(left, Type("i64")))
        found.append(Lanes(plus(start, v), lanes, mask))
    return found


def heights(k: Builder, left: Value, most: int) -> Iterator[int]:
    """How many rows a tile has, where so many are left: the least that is enough of a few."""
    low = 0
    for count in (4, 8, most) if most > 8 else (most,):
        for _ in k.when(left > low if count == most else (left > low) & (left <= count)):
            yield count
        low = count


def seen(k: Builder, b: Matrix, width: int, masked: bool = True) -> Callable[[Index], list[Value]]:
    """How a tile sees B: for each k, vectors of the first columns; ``masked``: nothing is read beyond them."""
    lanes = WIDTHS[b.data.kind]
    reach = width if masked else -(-width // lanes) * lanes
    return lambda p: [b.data[at] for at in columns(k, b.at(p, 0), reach, lanes)]


def register_tile(
    k: Builder,
    kind: str,
    number: Callable[[int, Index], Value],
    vectors: Callable[[Index], list[Value]],
    inner: Index,
    shape: tuple[int, int],
    soon: Callable[[Value], None] | None = None,
) -> list[list[Variable]]:
    """Σₖ A[r, k] · B[k, …] as variables that live in registers, for so many rows r and vectors of columns.

    ``number(r, k)`` is the number of A, ``vectors(k)`` are those of B; ``soon(k)`` writes what is done besides.
    """
    lanes = WIDTHS[kind]
    rows, count = shape
    sums = [[k.variable(0, Type(kind, lanes)) for _ in range(count)] for _ in range(rows)]
    for p in k.range(inner):
        if soon is not None:
            soon(p)
        row_of_b = vectors(p)
        for r, row in enumerate(sums):
            x = k.spread(number(r, p), lanes)
            for total, y in zip(row, row_of_b, strict=True):
                total.value = k.fma(x, y, total.value)
    return sums


def put(
    k: Builder, sums: list[list[Variable]], c: Matrix, i: Index, j: Index, width: int, accumulate: bool, epilogue: Epilogue | None
) -> None:
    """Store a tile."""
    lanes = WIDTHS[c.data.kind]
    for r, row in enumerate(sums):
        i_here = plus(i, r)
        for total, at, place in zip(
            row, columns(k, c.at(i_here, j), width, lanes), columns(k, j, width, lanes), strict=True
        ):
            value = total.value
            if accumulate:
                value = c.data[at] + value
            c.data[at] = epilogue(k, value, i_here, place) if epilogue else value


def pack_turned(k: Builder, b: Matrix, room: Matrix, inner: int, width: int) -> None:
    """room[p, j] = B[p, j] for a B whose rows are next to each other: squares of it are turned in registers."""
    lanes = WIDTHS[b.data.kind]
    for v in range(0, width, lanes):
        for at in blocks(k, inner, lanes):
            lines = []
            for j in range(v, v + lanes):
                start = b.at(at.start, min(j, width - 1))  # beyond the last column, that one again
                lines.append(b.data[Lanes(start, lanes, at.mask)])
            for r, line in enumerate(turned(k, lines)):
                target = room.at(plus(at.start, r), v)
                if at.mask is None:
                    room.data[Lanes(target, lanes)] = line
                    continue
                for _ in k.when(at.start + r < inner):
                    room.data[Lanes(target, lanes)] = line


def blocks(k: Builder, size: Index, lanes: int) -> Iterator[Lanes]:
    """Vectors that cover so many entries. Where it is known that they fill one, the last is a whole one too, which begins earlier."""
    if not isinstance(size, int) or size < lanes:
        yield from k.vectors(size, lanes)
        return
    for i in k.range(0, size, lanes):
        yield Lanes(k.smaller(i, k.value(size - lanes, INDEX)) if size % lanes else i, lanes)


def turned(k: Builder, lines: list[Value]) -> list[Value]:
    """The transpose of a square of vectors: as often as halving goes, the first half of them is interleaved with the second."""
    for _ in range(len(lines).bit_length() - 1):
        lines = interleaved(k, lines)
    return lines


def interleaved(k: Builder, lines: list[Value]) -> list[Value]:
    """Of each vector of the first half and its fellow of the second, their entries in turn, as two vectors."""
    n = len(lines)
    low = tuple(x for i in range(n // 2) for x in (i, n + i))
    high = tuple(x + n // 2 for x in low)
    return [k.shuffle(a, b, picks) for a, b in zip(lines[: n // 2], lines[n // 2 :], strict=True) for picks in (low, high)]


def together(k: Builder, lines: list[Value]) -> Value:
    """The sums of 2, 4, 8 … vectors, of at least as many lanes, each in the lane that is its number."""
    n, count = lines[0].type.lanes, len(lines)
    low = tuple(x for i in range(n // 2) for x in (i, n + i))
    high = tuple(x + n // 2 for x in low)
    while len(lines) > 1:
        half = len(lines) // 2
        lines = [k.shuffle(a, b, low) + k.shuffle(a, b, high) for a, b in zip(lines[:half], lines[half:], strict=True)]
    (whole,) = lines
    while n > count:
        n //= 2
        whole = k.shuffle(whole, whole, tuple(range(n))) + k.shuffle(whole, whole, tuple(range(n, 2 * n)))
    return whole
