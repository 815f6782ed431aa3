"""Matrix products of arrays by our own loops (`blocked`), shared by the team.

Everything that depends on the shapes and strides alone is decided once for each of them: which code, how the product is cut
into pieces, and most of the words that the pieces are told. The threads' working memory is kept for the next product.

Other machine code can call these products too. `prepared` says which function to call, ``code``, as f(words, piece, thread)
for each of ``pieces`` pieces, in any order, by any threads (`team.run`). The words, of 8 bytes each, are the addresses of A, B, C, a
row to add (or anything, if there is none) and the working memory of all threads, ``threads · each_room(kind)`` entries that
begin at a multiple of 64 bytes; then `Prepared.words`.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..base.threads import cores
from . import amx, blocked, cutting, remainder
from .address import FIELDS, address, word
from .aligned import empty
from .compiled import ready
from .gemm import WIDTHS, tile
from .loops import BYTES
from .team import team

KINDS = {np.dtype(np.float32): "f32", np.dtype(np.float64): "f64"}
PAGE = 2 << 20  # a huge page, which the system gives when asked for several together
SHARED = 250  # cycles for each row that is written by several threads: the cache lines where they meet go back and forth
LONG = 1 << 28  # multiply-adds from which pieces are halved, for a core that is taken away in between
TILED = 1 << 22  # multiply-adds of one product from which tile registers gain
NEAR = 1 << 17  # entries of a B that may be read where it stands
AFTER = 5 + 3 + len(blocked.SIZES.split()) + len(amx.MORE.split()) - 3  # which word is the function that finishes entries; two follow
HEAD, ARRAYS = struct.Struct("=5Q"), 0b1111 if FIELDS else 0  # of the words: which are arrays
Shape = tuple[int, ...]


class Room(NamedTuple):
    """Working memory: where it begins, how many entries each of the threads has, and what keeps it."""

    address: int
    each: int
    threads: int
    memory: np.ndarray


class Rooms(threading.local):
    """Working memory for the jobs of this thread, by kind."""

    def __init__(self) -> None:
        self.held: dict[str, Room] = {}

    def get(self, kind: str, threads: int) -> Room:
        found = self.held.get(kind)
        if found is None or found.threads != threads:
            each = each_room(kind)
            memory = np.empty(threads * each * BYTES[kind] + PAGE, np.uint8)
            found = self.held[kind] = Room(-(-address(memory) // PAGE) * PAGE, each, threads, memory)
        return found


def each_room(kind: str) -> int:
    """Entries that a thread has: half a page, or several halves."""
    size = max(blocked.room_size(kind), amx.room_size() if kind == "f32" and amx.allowed() else 0)
    return -(-2 * size * BYTES[kind] // PAGE) * PAGE // 2 // BYTES[kind]


rooms = Rooms()


class Cut(NamedTuple):
    """How each matrix is cut: pieces of so many rows and columns, and how many there are of them."""

    row_step: int
    column_step: int
    row_splits: int
    column_splits: int


def cut(batch: int, m: int, n: int, unit: tuple[int, int], cost: Callable[[int, int], float], threads: int) -> Cut:
    """The cut that takes least time, in cycles: ``cost(rows, columns)`` of a piece, and some for rows that are shared."""
    rows, span = unit
    found = []
    for ways in {1, threads, 2 * threads} if batch < 2 * threads else {1}:
        for row_splits in [r for r in range(1, ways + 1) if ways % r == 0]:
            row_step = -(-m // row_splits // rows) * rows
            column_step = -(-n // (ways // row_splits) // span) * span
            here = Cut(row_step, column_step, -(-m // row_step), -(-n // column_step))
            high, wide = min(row_step, m), min(column_step, n)
            each = cost(high, wide) + 500 + SHARED * high * (here.column_splits > 1)
            pieces = batch * here.row_splits * here.column_splits
            found.append((-(-pieces // threads) * each * (1 + 0.04 * (each > LONG / 64)), here))
    return min(found)[1]


def by_vectors(inner: int, lanes: int) -> Callable[[int, int], float]:
    """The cycles of a piece: two products each, and some for vectors that are copied."""

    def cost(high: int, wide: int) -> float:
        high, wide = -(-high // 4) * 4, -(-wide // lanes) * lanes
        return inner / lanes * (high * wide / 2 + 6 * high + 6 * wide)

    return cost


def by_tiles(inner: int) -> Callable[[int, int], float]:
    """The cycles of a piece: six products of 16 cycles each and a third of that for what is loaded, cut and put."""

    def cost(high: int, wide: int) -> float:
        steps, side = -(-inner // cutting.PAIRS), cutting.ROWS
        return steps * (128 * -(-high // side) * -(-wide // side) + 32 * (high + wide))

    return cost


def depth_of(inner: int, m: int, n: int) -> int:
    """How many k a block of m × n sums may have: all of them, where one matrix is held whole. It does not depend on the pieces.

    >>> depth_of(784, 500, 100), depth_of(1024, 256, 4096)
    (1024, 512)
    """
    units = -(-inner // cutting.PAIRS) * -(-min(m, n) // cutting.SIDE)
    return amx.DEEP if inner <= amx.DEEP and units <= amx.HELD else amx.DEPTH


class Prepared(NamedTuple):
    """All but the addresses of the arrays; to be kept as long as the code may run."""

    kind: str
    shape: Shape
    code: int
    pieces: int
    words: bytes
    in_runs: bool  # whether entries can be finished by other code as they are made
    keep: tuple[Any, ...]


@lru_cache(maxsize=2048)
def prepared(
    dtype: np.dtype,
    a: tuple[Shape, Shape],
    b: tuple[Shape, Shape],
    function: Callable[..., Any] | None,
    biased: bool,
    threads: int,
    c: Shape | None = None,
) -> Prepared | None:
    """For arrays of these shapes and strides; None where the loops can't read them. ``c``: the strides of the result, whose
    rows are in order, unless all of it is."""
    kind, lead, in_runs = KINDS[dtype], a[0][:-2], False
    if min(len(a[0]), len(b[0])) < 2 or a[0][-1] != b[0][-2] or lead != b[0][:-2] or not ready():
        return None
    read_a, read_b = order(*a, dtype.itemsize), order(*b, dtype.itemsize)
    (m, inner), n = a[0][-2:], b[0][-1]
    shape = (*lead, m, n)
    batch = int(np.prod(lead))
    if read_a is None or read_b is None or not batch * m * n * inner:
        return None
    if kind == "f32" and min(m, n) >= cutting.ROWS and m * n * inner >= TILED and amx.allowed():
        crossed = amx.crosses(m, n, inner, read_a[0], read_b[0])
        few = remainder.few(inner, read_b[0])
        m, n = (n, m) if crossed else (m, n)
        pieces = cut(batch, m, n, (cutting.SIDE, cutting.SIDE), by_tiles(inner), threads)
        in_runs = not crossed and not lead and inner - few <= amx.DEPTH
        depth = depth_of(inner - few, m, n)
        kernel, more = amx.product(function), [read_a[0], read_b[0], crossed, depth, few, 0, 0, 0]
    else:
        in_place = n * inner <= NEAR and (m <= 64 or n <= WIDTHS[kind] or m * n * inner <= 1 << 18)
        in_place = in_place and (not read_b[0] or inner <= blocked.longest(kind))
        kernel, more = blocked.product(kind, read_a[0], read_b[0], function, in_place), []
        rows, vectors = tile()
        pieces = cut(batch, m, n, (rows, vectors * WIDTHS[kind]), by_vectors(inner, WIDTHS[kind]), threads)
    kernel.load()
    to = np.empty(shape, dtype).strides if c is None else c
    tables = [starts(lead, x, dtype.itemsize) for x in (a[1], b[1], to)]
    c_step = to[-2] // dtype.itemsize
    numbers = (*map(address, tables), m, n, inner, read_a[1], read_b[1], c_step, *pieces, 0, biased, each_room(kind), *more)
    words = struct.pack(f"={len(numbers)}q", *numbers)
    return Prepared(kind, shape, kernel.piece, batch * pieces.row_splits * pieces.column_splits, words, in_runs, (kernel, tables))


def order(shape: Shape, strides: Shape, size: int) -> tuple[bool, int] | None:
    """Whether a matrix is held by columns, and the distance of its rows or columns; None where neither lie in order.

    >>> order((5, 3), (24, 8), 8), order((3, 5), (8, 24), 8), order((5, 3), (48, 16), 8)
    ((False, 3), (True, 3), None)
    """
    rows, columns = strides[-2:]
    m, n = shape[-2:]
    if any(s % size for s in strides):
        return None
    if columns == size and (rows >= n * size or m == 1):
        return False, max(rows // size, n, 1)
    if rows == size and (columns >= m * size or n == 1):
        return True, max(columns // size, m, 1)
    return None


def starts(lead: Shape, strides: Shape, size: int) -> np.ndarray:
    """Where each of many matrices begins, counted in entries."""
    found: Any = np.zeros((), np.int64)
    for n, stride in zip(lead, strides):
        found = np.add.outer(found, np.arange(n) * (stride // size))
    return np.ascontiguousarray(np.reshape(found, -1), np.int64)


def row(x: np.ndarray, dtype: np.dtype, n: int) -> bool:
    return isinstance(x, np.ndarray) and x.dtype == dtype and x.shape == (n,) and x.flags.c_contiguous


def product(
    a: np.ndarray,
    b: np.ndarray,
    bias: np.ndarray | None = None,
    function: Callable[..., Any] | None = None,
    out: np.ndarray | None = None,
) -> np.ndarray | None:
    """function(a @ b + bias) for matrices or equally many of them, (…, m, k) and (…, k, n); None where loops can't read
    them.

    ``function(k, x)`` is written on lanes, such as ``lambda k, x: k.maximum(x, 0.0)``; the bias is one row. ``out`` is where
    to put the result, if its rows or its columns are in order there.
    """
    if type(a) is not np.ndarray or type(b) is not np.ndarray:  # a stand-in that records what is done with it
        return None
    dtype = a.dtype
    if dtype not in KINDS or b.dtype != dtype or (bias is not None and not row(bias, dtype, b.shape[-1])):
        return None
    if out is not None and out.strides[-1] != dtype.itemsize:
        if out.strides[-2] != dtype.itemsize or bias is not None:
            return None
        found = product(b.mT, a.mT, None, function, out.mT)
        return found if found is None else found.mT
    to = None if out is None else out.strides
    told = prepared(dtype, (a.shape, a.strides), (b.shape, b.strides), function, bias is not None, (crew := cores()), to)
    if told is None:
        return None
    c = empty(told.shape, dtype) if out is None else out
    head = HEAD.pack(word(a), word(b), word(c), word(c if bias is None else bias), rooms.get(told.kind, crew).address)
    team().share(told.code, head + told.words, told.pieces, ARRAYS)
    return c
