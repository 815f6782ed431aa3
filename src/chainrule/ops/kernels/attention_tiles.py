"""Attention as machine code: tiles of queries by keys that stay in the cache.

A piece takes one head and ``QUERIES`` of its queries, laid out along the lanes, so that what softmax adds up over the keys is
added up from vector to vector. Keys and values come ``KEYS`` at a time. The largest score m and the sum s of each query are
brought up to date with each tile (Milakov and Gimelshein 2018, Dao et al. 2022):

    m′ = max(m, max S)        s′ = s e^(m − m′) + Σ e^(S − m′)        y′ = y e^(m − m′) + e^(S − m′) V

The backward pass takes one head as a piece, and makes the scores again. Arrays may have any steps between heads and rows.
"""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...base.threads import cores
from ...native import Kernel, kernels, parameters
from ...native.aligned import empty
from ...native.gemm import Matrix, emit_small, pack_turned
from ...native.loops import WIDTH, Builder, Lanes, Type, Value
from ...native.multiply import starts
from ...native.vecmath import decay

F32 = np.dtype(np.float32)
Spaces = tuple[np.ndarray | None, ...]  # for each of ∂L/∂q, ∂L/∂k and ∂L/∂v, where to put it
LEAST, MOST_WIDE = 1 << 18, 256  # multiply-adds from which it pays; entries of a query at most
SIZES = (16, 32, 64)  # of a tile
WIDE = Type("f32", WIDTH)
NOTHING = float("-inf")


class Tile(NamedTuple):
    """What the code is made for: entries of queries and of values, queries and keys at a time, and what hides keys.

    ``mask``: "" for none, "each" for a number per query and key, "key" for one that all queries share.
    """

    e: int
    f: int
    queries: int
    keys: int
    causal: bool
    mask: str


class Layout(NamedTuple):
    """Heads of an array (heads, rows, entries): where each begins, and the step between rows."""

    array: np.ndarray
    starts: np.ndarray
    row: int


def suits(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> bool:
    """Whether there is enough to do, of a kind that there is code for."""
    work = prod(q.shape) * k.shape[-2]
    wide = max(q.shape[-1], v.shape[-1])
    return work >= LEAST and 8 <= wide <= MOST_WIDE and q.dtype == k.dtype == v.dtype == np.float32 and kernels.ready()


def tile_for(q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool, mask: np.ndarray | None) -> Tile:
    queries, keys = (next((s for s in SIZES if s >= a.shape[-2]), SIZES[-1]) for a in (q, k))
    kind = "" if mask is None else "key" if mask.shape[-2] == 1 else "each"
    return Tile(q.shape[-1], v.shape[-1], queries, keys, causal, kind)


def layout(a: np.ndarray) -> Layout:
    """The heads of an array; of a copy, where the entries of a row don't lie next to each other."""
    size = a.itemsize
    if a.strides[-1] != size and a.shape[-1] > 1 or any(s % size for s in a.strides):
        a = np.ascontiguousarray(a)
    return Layout(a, heads_of(a.shape[:-2], a.strides[:-2], size), a.strides[-2] // size)


@lru_cache(maxsize=256)
def heads_of(lead: tuple[int, ...], strides: tuple[int, ...], size: int) -> np.ndarray:
    return starts(lead, strides, size)


def by_positions(lead: tuple[int, ...], rows: int, entries: int, like: np.ndarray) -> np.ndarray:
    """A new array (…, heads, rows, entries) that lies in memory as (…, rows, heads, entries), as what goes on with it has it; or as
    (rows, samples, heads, entries), if that is how another lies."""
    if len(lead) != 2:
        return empty((*lead, rows, entries), F32)
    samples, heads = lead
    if 0 < like.strides[0] < like.strides[2] and samples > 1:
        return empty((rows, samples, heads, entries), F32).transpose(1, 2, 0, 3)
    return empty((samples, rows, heads, entries), F32).swapaxes(1, 2)


class Mask(NamedTuple):
    """Numbers to add to the scores Sᵀ (heads, keys, queries), with the steps between heads and keys."""

    array: np.ndarray
    head: int
    key: int


def mask_for(mask: np.ndarray | None) -> Mask:
    """A mask (1 or heads, 1 or L, 1 or S) as the code reads it."""
    if mask is None:
        return Mask(np.empty(1, np.float32), 0, 0)
    turned = np.ascontiguousarray(mask.swapaxes(-1, -2), np.float32)
    heads, keys, queries = turned.shape
    return Mask(turned, keys * queries if heads > 1 else 0, queries if keys > 1 else 0)


def forward(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None, causal: bool, scale: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, and the largest score and 1 / s of each query. Shapes: q (…, L, E), k (…, S, E), v (…, S, F), y (…, L, F)."""
    tile = tile_for(q, k, v, causal, mask)
    lead, queries, keys = q.shape[:-2], q.shape[-2], k.shape[-2]
    y = by_positions(lead, queries, tile.f, q)
    largest, inverse = empty((2, *lead, queries), F32)
    across = -(-queries // tile.queries)
    given = [layout(a) for a in (q, k, v, y)]
    numbers = mask_for(mask)
    arrays = [x for a in given for x in (a.array, a.starts)]
    steps = [a.row for a in given]
    code = attending(tile)
    code.share(
        prod(lead) * across, *arrays, numbers.array, largest, inverse, room(tile), queries, keys, across, *steps,
        numbers.head, numbers.key, tile_room(tile), scale,
    )  # fmt: skip
    return y, largest, inverse


def backward(
    g: np.ndarray, q: np.ndarray, k: np.ndarray, v: np.ndarray, y: np.ndarray, mask: np.ndarray | None, causal: bool, scale: float,
    largest: np.ndarray, inverse: np.ndarray, spaces: Spaces,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """∂L/∂q, ∂L/∂k and ∂L/∂v, in these spaces if there are such, with entries of a row next to each other."""
    tile = tile_for(q, k, v, causal, mask)
    lead, queries, keys = q.shape[:-2], q.shape[-2], k.shape[-2]
    results = [
        space if space is not None and space.strides[-1] == space.itemsize else by_positions(lead, a.shape[-2], a.shape[-1], a)
        for space, a in zip(spaces, (q, k, v))
    ]
    given = [layout(a) for a in (g, q, k, v, y, *results)]
    numbers = mask_for(mask)
    arrays = [x for a in given for x in (a.array, a.starts)]
    steps = [a.row for a in given]
    going_back(tile).share(
        prod(lead), *arrays, numbers.array, largest, inverse, room(tile), queries, keys, *steps, numbers.head, numbers.key,
        tile_room(tile), scale,
    )  # fmt: skip
    return tuple(results)  # type: ignore[return-value]


# ---------------------------------------------------------------------- working memory


class Rooms:
    """Where the parts of a piece's working memory begin."""

    def __init__(self, tile: Tile, k: Builder | None = None, room: Any = None, base: Any = 0) -> None:
        self.size, self.k, self.room, self.base = 0, k, room, base
        e, f, queries, keys = (-(-n // WIDTH) * WIDTH for n in tile[:4])
        self.q, self.q_turned = self.take(queries, e), self.take(e, queries)
        self.g, self.g_turned = self.take(queries, f), self.take(f, queries)
        self.keys, self.values = self.take(keys, e), self.take(keys, f)
        self.scores, self.slopes = self.take(keys, queries), self.take(keys, queries)
        self.sums, self.dq = self.take(queries, f), self.take(queries, e)
        self.product = self.take(keys, max(e, f))
        self.top, self.total, self.factor = (self.take(1, queries) for _ in range(3))

    def take(self, rows: int, columns: int) -> Matrix:
        start, self.size = self.size, self.size + rows * columns
        return Matrix(self.room, columns, 1, self.base + start)


@cache
def tile_room(tile: Tile) -> int:
    """The entries of a thread's working memory, a whole number of pages."""
    return -(-Rooms(tile).size // 1024) * 1024


held = threading.local()


def room(tile: Tile) -> np.ndarray:
    """Working memory for all threads, kept for the next job of this one."""
    size = cores() * tile_room(tile)
    found: np.ndarray | None = getattr(held, "room", None)
    if found is None or found.size < size:
        found = held.room = empty((size,), F32)
    return found


# ---------------------------------------------------------------------- steps


def fetch(k: Builder, source: Any, start: Value, step: Value, count: Value, to: Matrix, rows: int, n: int, factor: Any = None) -> None:
    """Copy so many rows of n entries, times a factor for all or ``factor(row)``, and make the others zero."""
    for row in k.range(count):
        by = factor(row) if callable(factor) else factor
        for i in k.vectors(n, WIDTH):
            x = source[i + (start + row * step)]
            to.data[i + to.at(row, 0)] = x if by is None else x * k.spread(by, WIDTH)
    nothing = k.spread(k.value(0.0, Type("f32")), WIDTH)
    for row in k.range(count, rows):
        for i in k.vectors(n, WIDTH):
            to.data[i + to.at(row, 0)] = nothing


def clear(k: Builder, to: Matrix, rows: int) -> None:
    nothing = k.spread(k.value(0.0, Type("f32")), WIDTH)
    for i in k.range(0, rows * to.row, WIDTH):
        to.data[Lanes(i + to.start, WIDTH)] = nothing


def seen(k: Builder, tile: Tile, at: Hidden, key: Value, i: int, scores: Value) -> Value:
    """The scores of a key for the queries of vector i, with what the mask adds, and −∞ where they may not look."""
    if tile.mask == "key":
        scores = scores + k.spread(at.mask[at.mask_start + (at.first_key + key) * at.key_step], WIDTH)
    elif tile.mask:
        left = at.queries - at.first_query - i
        line = at.mask_start + (at.first_key + key) * at.key_step + at.first_query + i
        scores = scores + at.mask[Lanes(line, WIDTH, k.emit("first", Type("i1", WIDTH), left))]
    if tile.causal:
        before = at.first_key + key - at.first_query - i  # so many of these queries come before the key
        scores = k.where(k.emit("first", Type("i1", WIDTH), before), NOTHING, scores)
    return scores


class Hidden(NamedTuple):
    """Which tile this is, and where the numbers of its mask are."""

    mask: Any
    mask_start: Value
    key_step: Value
    queries: Value
    first_query: Value
    first_key: Value


def last_key(k: Builder, tile: Tile, keys: Value, first: Value) -> Value:
    """How many keys the queries of a tile can see."""
    return k.smaller(keys, first + tile.queries) if tile.causal else keys


@cache
def attending(tile: Tile) -> Kernel:
    def attention_forward(  # type: ignore[no-untyped-def]
        k, q, q_starts, keys, k_starts, values, v_starts, y, y_starts, mask, largest, inverse, room, queries, count, across,
        q_row, k_row, v_row, y_row, mask_head, mask_key, each, scale, piece, thread,
    ):  # fmt: skip
        at = Rooms(tile, k, room, thread * each)
        head = piece // across
        first = (piece - head * across) * tile.queries
        here = k.smaller(k.value(tile.queries, piece.type), queries - first)
        fetch(k, q, q_starts[head] + first * q_row, q_row, here, at.q, tile.queries, tile.e, scale)
        pack_turned(k, at.q.T, at.q_turned, tile.e, tile.queries)
        clear(k, at.sums, tile.queries)
        for i in range(0, tile.queries, WIDTH):
            room[Lanes(at.top.at(0, i), WIDTH)] = k.spread(k.value(NOTHING, Type("f32")), WIDTH)
            room[Lanes(at.total.at(0, i), WIDTH)] = k.spread(k.value(0.0, Type("f32")), WIDTH)
        visible = last_key(k, tile, count, first)
        for start in k.range(0, visible, tile.keys):
            n = k.smaller(k.value(tile.keys, start.type), visible - start)
            fetch(k, keys, k_starts[head] + start * k_row, k_row, n, at.keys, tile.keys, tile.e)
            fetch(k, values, v_starts[head] + start * v_row, v_row, n, at.values, tile.keys, tile.f)
            emit_small(k, at.keys, at.q_turned, at.scores, tile.keys, tile.queries, tile.e)
            spot = Hidden(mask, head * mask_head, mask_key, queries, first, start)
            for i in range(0, tile.queries, WIDTH):
                old = room[Lanes(at.top.at(0, i), WIDTH)]
                top = k.variable(old, WIDE)
                for j in k.range(n):
                    place = Lanes(at.scores.at(j, i), WIDTH)
                    s = room[place]
                    if tile.mask or tile.causal:
                        s = seen(k, tile, spot, j, i, s)
                        room[place] = s
                    top.value = k.where(s > top.value, s, top.value)
                largest_yet = top.value
                safe = k.where(largest_yet == NOTHING, 0.0, largest_yet)
                factor = decay(k, old - safe)
                total = k.variable(room[Lanes(at.total.at(0, i), WIDTH)] * factor, WIDE)
                for j in k.range(n):
                    place = Lanes(at.scores.at(j, i), WIDTH)
                    share = decay(k, room[place] - safe)
                    room[place] = share
                    total.value = total.value + share
                room[Lanes(at.top.at(0, i), WIDTH)] = largest_yet
                room[Lanes(at.total.at(0, i), WIDTH)] = total.value
                room[Lanes(at.factor.at(0, i), WIDTH)] = factor
            for row in k.range(0, k.where(start > 0, here, 0)):
                by = k.spread(room[at.factor.at(0, row)], WIDTH)
                for i in k.vectors(tile.f, WIDTH):
                    line = i + at.sums.at(row, 0)
                    room[line] = room[line] * by
            emit_small(k, at.scores.T, at.values, at.sums, tile.queries, tile.f, n, accumulate=True)
        for i in range(0, tile.queries, WIDTH):
            total, top = room[Lanes(at.total.at(0, i), WIDTH)], room[Lanes(at.top.at(0, i), WIDTH)]
            room[Lanes(at.total.at(0, i), WIDTH)] = 1.0 / k.where(total == 0.0, 1.0, total)
            room[Lanes(at.top.at(0, i), WIDTH)] = k.where(top == NOTHING, 0.0, top)
        for row in k.range(here):
            by = room[at.total.at(0, row)]
            spot = head * queries + first + row
            inverse[spot] = by
            largest[spot] = room[at.top.at(0, row)]
            line = y_starts[head] + (first + row) * y_row
            for i in k.vectors(tile.f, WIDTH):
                y[i + line] = room[i + at.sums.at(row, 0)] * k.spread(by, WIDTH)

    arrays = parameters("f32*: q", "i64*: q_starts", "f32*: keys", "i64*: k_starts", "f32*: values", "i64*: v_starts", pieces=False)
    arrays |= parameters("f32*: y", "i64*: y_starts", "f32*: mask largest inverse room", pieces=False)
    sizes = "i64: queries count across q_row k_row v_row y_row mask_head mask_key each"
    kinds = arrays | parameters(sizes, "f32: scale")
    return Kernel(attention_forward, kinds, strided=("q", "keys", "values", "y"))


@cache
def going_back(tile: Tile) -> Kernel:
    def attention_backward(  # type: ignore[no-untyped-def]
        k, g, g_starts, q, q_starts, keys, k_starts, values, v_starts, y, y_starts, dq, dq_starts, dk, dk_starts, dv, dv_starts,
        mask, largest, inverse, room, queries, count, g_row, q_row, k_row, v_row, y_row, dq_row, dk_row, dv_row, mask_head,
        mask_key, each, scale, head, thread,
    ):  # fmt: skip
        at = Rooms(tile, k, room, thread * each)
        nothing, infinity = (k.spread(k.value(x, Type("f32")), WIDTH) for x in (0.0, -NOTHING))
        for row in k.range(count):
            for to, begin, step, n in ((dk, dk_starts, dk_row, tile.e), (dv, dv_starts, dv_row, tile.f)):
                for i in k.vectors(n, WIDTH):
                    to[i + (begin[head] + row * step)] = nothing
        for first in k.range(0, queries, tile.queries):
            here = k.smaller(k.value(tile.queries, first.type), queries - first)
            of_head = head * queries + first
            fetch(k, q, q_starts[head] + first * q_row, q_row, here, at.q, tile.queries, tile.e, scale)
            upstream = g_starts[head] + first * g_row
            fetch(k, g, upstream, g_row, here, at.g, tile.queries, tile.f, lambda row, at=of_head: inverse[at + row])
            pack_turned(k, at.q.T, at.q_turned, tile.e, tile.queries)
            pack_turned(k, at.g.T, at.g_turned, tile.f, tile.queries)
            clear(k, at.dq, tile.queries)
            for i in range(0, tile.queries, WIDTH):
                room[Lanes(at.factor.at(0, i), WIDTH)] = nothing
                room[Lanes(at.top.at(0, i), WIDTH)] = infinity  # of queries that fill up the tile: e to the score less it is 0
            for row in k.range(here):
                line = y_starts[head] + (first + row) * y_row
                along = k.sum(1)
                for i in k.vectors(tile.f, WIDTH):
                    along.add(k.keep(room[i + at.g.at(row, 0)] * y[i + line], i.mask))
                room[at.factor.at(0, row)] = along.total()
                room[at.top.at(0, row)] = largest[of_head + row]
            visible = last_key(k, tile, count, first)
            for start in k.range(0, visible, tile.keys):
                n = k.smaller(k.value(tile.keys, start.type), visible - start)
                fetch(k, keys, k_starts[head] + start * k_row, k_row, n, at.keys, tile.keys, tile.e)
                fetch(k, values, v_starts[head] + start * v_row, v_row, n, at.values, tile.keys, tile.f)
                emit_small(k, at.keys, at.q_turned, at.scores, tile.keys, tile.queries, tile.e)
                emit_small(k, at.values, at.g_turned, at.slopes, tile.keys, tile.queries, tile.f)
                spot = Hidden(mask, head * mask_head, mask_key, queries, first, start)
                for i in range(0, tile.queries, WIDTH):
                    top, mean = (room[Lanes(x.at(0, i), WIDTH)] for x in (at.top, at.factor))
                    for j in k.range(n):
                        share = decay(k, seen(k, tile, spot, j, i, room[Lanes(at.scores.at(j, i), WIDTH)]) - top)
                        room[Lanes(at.scores.at(j, i), WIDTH)] = share
                        place = Lanes(at.slopes.at(j, i), WIDTH)
                        room[place] = share * (room[place] - mean)
                for weights, other, to, begin, step, size in (
                    (at.scores, at.g, dv, dv_starts, dv_row, tile.f), (at.slopes, at.q, dk, dk_starts, dk_row, tile.e),
                ):  # fmt: skip
                    emit_small(k, weights, other, at.product, tile.keys, size, tile.queries)
                    for row in k.range(n):
                        line = begin[head] + (start + row) * step
                        for i in k.vectors(size, WIDTH):
                            to[i + line] = to[i + line] + room[i + at.product.at(row, 0)]
                emit_small(k, at.slopes.T, at.keys, at.dq, tile.queries, tile.e, n, accumulate=True)
            for row in k.range(here):
                line = dq_starts[head] + (first + row) * dq_row
                for i in k.vectors(tile.e, WIDTH):
                    dq[i + line] = room[i + at.dq.at(row, 0)] * k.spread(scale, WIDTH)

    names = ("g", "q", "keys", "values", "y", "dq", "dk", "dv")
    begins = ("g_starts", "q_starts", "k_starts", "v_starts", "y_starts", "dq_starts", "dk_starts", "dv_starts")
    kinds = {x: kind for pair in zip(names, begins) for x, kind in zip(pair, ("f32*", "i64*"))}
    sizes = "i64: queries count g_row q_row k_row v_row y_row dq_row dk_row dv_row mask_head mask_key each"
    kinds |= parameters("f32*: mask largest inverse room", sizes, "f32: scale")
    return Kernel(attention_backward, kinds, strided=names)
