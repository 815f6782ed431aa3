"""The loops of a convolution of stride 1 by the processor's tile registers (`native.amx`), whose taps are offsets into lines.

What `taps` does with vectors, for many channels. A number is cut into three bfloat16 once, where the lines are laid out, and read
as often as there are taps and output channels: a tile is 16 places, or channels, from any place on.

    y[o, i] = b[o] + Σ_ct w[o, ct] x̂[i + offset(ct)]        32 channels c of one tap are a step
    ∂L/∂w[o, ct] = Σ_i g[o, i] x̂[i + offset(ct)]            32 places i are a step

Sums that tile registers can't be trusted with (`thirds.Doubt`) are counted, and the caller does without tiles then.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from ...native import Kernel, parameters
from ...native.cutting import LANES, PAIRS, ROWS, SIDE, TILE, UNIT
from ...native.gemm import turned
from ...native.loops import INDEX, Buffer, Builder, Lanes, Type, Value
from ...native.thirds import Doubt, Extremes, Sizes, add_up, put_words
from .taps import AHEAD, AXES, Place, clear, copy, fives


class Weights(NamedTuple):
    """What `cutter` is told of a matrix for each tap: rows and columns, and the steps between them and the taps; then 0 … 15."""

    start: int
    rows: int
    columns: int
    taps: int
    row: int
    column: int
    tap: int
    steps: int  # of 32 columns


class Forward(NamedTuple):
    """What `correlator` is told, followed by sizes and steps of x, steps of its lines, the same of y, and where each step's tiles are."""

    samples: int
    each: int  # samples at a time
    parts: int  # of the samples
    blocks: int  # of the output channels
    step: int  # output channels of a block, a multiple of 32
    outs: int
    units: int  # 32 output channels each, of all blocks
    channels: int
    steps: int  # of 32 channels
    all_steps: int  # times taps
    terms: int  # of a sum
    span: int  # places of a sample, with those between the rows
    last: int  # of these, up to the last that counts
    front: int  # where the first entry of x is laid out
    pitch: int  # from one pair of channels to the next
    results: int
    reach: int
    room: int


class Backward(NamedTuple):
    """What `weigher` is told, followed by sizes and steps of x, steps of its lines, the same of g, and where the pairs of tiles are."""

    samples: int
    each: int  # samples at a time
    shares: int
    blocks: int  # of the output channels
    step: int  # units of a block
    outs: int
    units: int  # 32 output channels each
    channels: int
    steps: int  # of 32 places
    pairs: int  # of tiles of x: 16 channels, as one tap sees them
    span: int
    last: int
    front: int
    long: int  # places of x that are laid out
    lines: int  # where x is laid out line by line
    upstream: int  # where g is
    columns: int  # where x is place by place
    words: int  # its parts
    parts: int  # those of g
    room: int


def leading(k: Builder, n: Any) -> Value:
    return k.emit("first", Type("i1", LANES), k.value(n, INDEX))


def each_row(k: Builder, place: Place, target: Place, sizes: list[Value]) -> Iterator[tuple[Value, Value, Value]]:
    """Rows of the last three axes: where one begins in either, and how long it is."""
    for i in k.range(sizes[2]):
        for j in k.range(sizes[3]):
            read, write = (p.start + i * p.steps[2] + j * p.steps[3] for p in (place, target))
            yield read, write, sizes[4]


@cache
def cutter() -> Kernel:
    """The parts of the weights, 32 rows to a piece, and how large these are."""

    def cut(k, w, parts, sizes, table, piece, thread):  # type: ignore[no-untyped-def]
        told: Any = Weights(*[table[i] for i in range(len(Weights._fields))])
        extremes, wide = Extremes(k), Type("i64", LANES)
        lanes = table[Lanes(len(told), LANES)] * k.value(told.column, wide)
        for tap in k.range(told.taps):
            for step in k.range(told.steps):
                target = ((piece * told.taps + tap) * told.steps + step) * UNIT
                left = [told.columns - step * PAIRS - v for v in (0, ROWS)]
                for r in k.range(SIDE):
                    row = told.start + k.smaller(piece * SIDE + r, told.rows - 1) * told.row + tap * told.tap
                    both = []
                    for v, there in zip((0, ROWS), left, strict=True):  # beyond the last column that one again
                        start = row + (step * PAIRS + v) * told.column
                        last = row + (told.columns - 1) * told.column
                        at, limit = (k.value(start, wide) + lanes, k.value(last, wide))
                        inside = leading(k, there)
                        both.append(k.keep(w[k.where(inside, at, limit)], inside))
                    extremes.note(*both)
                    put_words(k, parts, target + r * LANES, 2 * TILE, *both)
        sizes[piece * 2], sizes[piece * 2 + 1] = extremes.found()

    return Kernel(cut, parameters("f32*: w parts sizes", "i64*: table"), "tiles_weights")


@cache
def correlator() -> Kernel:
    """y[o, i] = b[o] + Σ_ct w[o, ct] · x̂[i + offset(ct)], some samples and output channels to a piece."""

    def correlate(k, x, w, sizes, b, y, doubts, room, table, piece, thread):  # type: ignore[no-untyped-def]
        told: Any = Forward(*[table[i] for i in range(len(Forward._fields))])
        x_sizes, reads, lays, y_sizes, writes, rests = fives(table, len(told), 6)
        part, block = piece // told.blocks, piece % told.blocks
        start, lines, results = block * told.step, thread * told.room, thread * told.room + told.results
        end = k.smaller(start + told.step, told.outs)
        first, last = told.samples * part // told.parts, told.samples * (part + 1) // told.parts
        weights, odd = known(k, sizes, told.units), k.variable(0, Type("f32"))
        clear(k, room, lines, told.results, LANES)
        k.emit("tile", INDEX, data=("config",))
        for n in k.range((last - first + told.each - 1) // told.each):
            s = first + n * told.each
            here = k.smaller(told.each, last - s)
            seen = lay_pairs(k, Place(x, s * reads[0], reads), Place(room, lines + told.front, lays), [here, *x_sizes[1:]], told)
            products(k, told, table, w, room, (lines, results), (start, end), here)
            doubt = Doubt(k, seen, weights, told.terms)
            sums, target = Place(room, results, rests), Place(y, s * writes[0] + start * writes[1], writes)
            put_rows(k, sums, target, [here, end - start, *y_sizes[2:]], b, start, doubt)
            odd.value = odd.value + doubt.found()
        k.emit("tile", INDEX, data=("release",))
        doubts[piece] = odd.value

    def products(k, told, table, w, room, places, outs, here):  # type: ignore[no-untyped-def]
        """32 output channels by 32 places at a time."""
        lines, results = places
        start, end = outs
        for i in k.range(0, (here - 1) * told.span + told.last, SIDE):
            for o in k.range(start, end, SIDE):
                unit = o // SIDE * told.all_steps

                def a(part: int, r: int, step: Value, unit: Value = unit) -> tuple[Buffer, Value, int]:
                    return w, (unit + step) * UNIT + (2 * part + r) * TILE, LANES

                def b(part: int, v: int, step: Value, i: Value = i) -> tuple[Buffer, Value, Value]:
                    return room, table[step + (len(told) + 6 * AXES)] + lines + i + part * ROWS * told.pitch + v * LANES, told.pitch

                for count in (1, 2):
                    for _ in k.when(end - o <= ROWS if count == 1 else end - o > ROWS):
                        for n in range(2 * count):
                            k.emit("tile", INDEX, data=("zero", n))
                        add_up(k, count, told.all_steps, a, b)
                        for n in range(2 * count):
                            at = results + (o - start + n // 2 * ROWS) * told.reach + i + n % 2 * LANES
                            k.emit("tile", INDEX, at, told.reach * 4, data=("store", n, room))

    names = parameters("f32*: x w sizes b y doubts room", "i64*: table")
    return Kernel(correlate, names, "tiles_correlate", strided=("x",))


def put_rows(k: Builder, sums: Place, target: Place, sizes: list[Value], shifts: Buffer, start: Value, doubt: Doubt) -> None:
    """The sums, once they have been looked at, each row of them where it belongs; what is shifted are output channels."""
    for s in k.range(sizes[0]):
        for o in k.range(sizes[1]):
            shift = k.spread(shifts[start + o], LANES)
            source, to = (p._replace(start=p.start + s * p.steps[0] + o * p.steps[1]) for p in (sums, target))
            for read, write, n in each_row(k, source, to, sizes):
                for at in k.vectors(n, LANES):
                    k.prefetch(to.data, at.start + write + AHEAD)
                    found = source.data[at + read]
                    doubt.look(found, at.mask)
                    to.data[at + write] = found + shift


def lay_pairs(k: Builder, source: Place, target: Place, sizes: list[Value], told: Any) -> Sizes:
    """Channels c and c + 16 of each 32 side by side, in three parts, as lines of places; and how large they are."""
    extremes, none = Extremes(k), k.value(0, INDEX)
    for s in k.range(sizes[0]):
        for step in k.range(told.steps):
            for r in k.range(k.smaller(told.channels - step * PAIRS, k.value(ROWS, INDEX))):
                c = step * PAIRS + r
                both = [Place(source.data, source.start + s * source.steps[0] + (c + v) * source.steps[1], source.steps) for v in (0, ROWS)]
                to = Place(target.data, target.start + s * target.steps[0] + (step * (3 * ROWS) + r) * told.pitch, target.steps)
                second = k.where(c + ROWS < told.channels, 1, none)
                for (read, write, n), other in zip_rows(k, both, to, sizes):
                    for at in k.range(0, n, LANES):
                        mask, masked = leading(k, n - at), leading(k, (n - at) * second)
                        x, z = source.data[Lanes(read + at, LANES, mask)], source.data[Lanes(other + at, LANES, masked)]
                        extremes.note(x, z)
                        put_words(k, target.data, write + at, told.pitch * ROWS, x, z, mask)
    return extremes.found()


def zip_rows(k: Builder, both: list[Place], target: Place, sizes: list[Value]) -> Iterator[tuple[tuple[Value, Value, Value], Value]]:
    for read, write, n in each_row(k, both[0], target, sizes):
        yield (read, write, n), read - both[0].start + both[1].start


def known(k: Builder, sizes: Buffer, count: Value) -> Sizes:
    """The largest and the smallest of all."""
    top, low = k.variable(sizes[0], Type("f32")), k.variable(sizes[1], Type("f32"))
    for n in k.range(1, count):
        x, y = sizes[n * 2], sizes[n * 2 + 1]
        top.value = k.where(x > top.value, x, top.value)
        low.value = k.where(y < low.value, y, low.value)
    return Sizes(top.value, low.value)


@cache
def weigher() -> Kernel:
    """dw[pair, o, c] = Σ_i g[o, i] · x̂[c, i + offset] in tiles, and db[o] = Σ_i g[o, i], for each share of the samples."""

    def weigh(k, g, x, dw, db, sizes, room, table, piece, thread):  # type: ignore[no-untyped-def]
        told: Any = Backward(*[table[i] for i in range(len(Backward._fields))])
        x_sizes, reads, lays, g_sizes, g_reads, g_lays = fives(table, len(told), 6)
        offsets, lines = len(told) + 6 * AXES, thread * told.room
        share, block = piece // told.blocks, piece % told.blocks
        start = block * told.step
        stop = k.smaller(start + told.step, told.units)
        begin, end = told.samples * share // told.shares, told.samples * (share + 1) // told.shares
        seen, upstream = Extremes(k), Extremes(k)
        clear(k, room, lines, told.columns, LANES)
        k.emit("tile", INDEX, data=("config",))
        for q in k.range((end - begin + told.each - 1) // told.each):
            n = begin + q * told.each
            here = k.smaller(told.each, end - n)
            for _ in k.when(here < told.each):
                clear(k, room, lines, told.columns, LANES)
            lay_columns(k, Place(x, n * reads[0], reads), lays, [here, *x_sizes[1:]], told, room, lines, seen)
            total = Place(db, (share * told.units + start) * SIDE, [])
            lay_lines(k, Place(g, n * g_reads[0], g_reads), g_lays, [here, *g_sizes[1:]], told, room, lines, (start, stop), total, upstream)
            for unit in k.range(start, stop):
                for pair in k.range(told.pairs):
                    at = ((share * told.units + unit) * told.pairs + pair) * (4 * TILE)
                    for v in range(4):
                        k.emit("tile", INDEX, data=("zero", v))
                    for _ in k.when(q > 0):
                        for v in range(4):
                            k.emit("tile", INDEX, at + v * TILE, k.value(LANES, INDEX) * 4, data=("load", v, dw))
                    own = lines + told.parts + (unit - start) * told.steps * UNIT
                    theirs = [table[pair * 2 + (offsets + v)] + lines + told.words for v in (0, 1)]

                    def a(part: int, r: int, step: Value, own: Value = own) -> tuple[Buffer, Value, int]:
                        return room, own + step * UNIT + (2 * part + r) * TILE, LANES

                    def b(part: int, v: int, step: Value, theirs: list[Value] = theirs) -> tuple[Buffer, Value, int]:
                        return room, theirs[v] + step * (PAIRS * LANES) + part * told.long * LANES, LANES

                    add_up(k, 2, told.steps, a, b)
                    for v in range(4):
                        k.emit("tile", INDEX, at + v * TILE, k.value(LANES, INDEX) * 4, data=("store", v, dw))
        k.emit("tile", INDEX, data=("release",))
        for n, of in enumerate((seen, upstream)):
            sizes[piece * 4 + 2 * n], sizes[piece * 4 + 2 * n + 1] = of.found()

    names = parameters("f32*: g x dw db sizes room", "i64*: table")
    return Kernel(weigh, names, "tiles_weigh", strided=("x",))


def lay_columns(
    k: Builder, source: Place, lays: list[Value], sizes: list[Value], told: Any, room: Buffer, lines: Value, seen: Extremes
) -> None:
    """16 channels of a place in a row, with those 16 places further side by side, in three parts."""
    for group in k.range((told.channels + (ROWS - 1)) // ROWS):
        left = k.smaller(told.channels - group * ROWS, k.value(ROWS, INDEX))
        here = Place(source.data, source.start + group * ROWS * source.steps[1], source.steps)
        copy(k, here, Place(room, lines + told.lines + told.front, lays), [sizes[0], left, *sizes[2:]], LANES)
        for i in k.range(0, told.long, LANES):
            rows = turned(k, [room[Lanes(lines + told.lines + r * told.long + i, LANES)] for r in range(LANES)])
            for r, row in enumerate(rows):
                room[Lanes(lines + told.columns + (i + r) * LANES, LANES)] = row
        for i in k.range(0, told.long - ROWS):
            x, y = (room[Lanes(lines + told.columns + (i + v) * LANES, LANES)] for v in (0, ROWS))
            seen.note(x)
            put_words(k, room, lines + told.words + (group * 3 * told.long + i) * LANES, told.long * LANES, x, y)


def lay_lines(
    k: Builder,
    source: Place,
    lays: list[Value],
    sizes: list[Value],
    told: Any,
    room: Buffer,
    lines: Value,
    units: tuple[Value, Value],
    total: Place,
    seen: Extremes,
) -> None:
    """Places i and i + 16 of each 32 side by side, in three parts, as tiles of 16 output channels; and the sums of all places."""
    start, stop = units
    for half in k.range(start * 2, k.smaller(stop * 2, (told.outs + (ROWS - 1)) // ROWS)):
        left = k.smaller(told.outs - half * ROWS, k.value(ROWS, INDEX))
        here = Place(source.data, source.start + half * ROWS * source.steps[1], source.steps)
        copy(k, here, Place(room, lines + told.upstream, lays), [sizes[0], left, *sizes[2:]], LANES)
        clear(k, room, lines + told.columns, k.value(TILE, INDEX), LANES)
        target = lines + told.parts + (half // 2 - start) * told.steps * UNIT + half % 2 * TILE
        for step in k.range(told.steps):
            for r in k.range(left):  # tile by tile: from step to step a row would come to two places of the nearest cache only
                line, at = lines + told.upstream + r * lays[1] + step * PAIRS, Lanes(lines + told.columns + r * LANES, LANES)
                x, y = (room[Lanes(line + v, LANES)] for v in (0, ROWS))
                room[at] = room[at] + (x + y)
                seen.note(x, y)
                put_words(k, room, target + step * UNIT + r * LANES, 2 * TILE, x, y)
        for r in k.range(left):
            at = total.start + (half - start * 2) * ROWS + r
            total.data[at] = total.data[at] + k.lanes_to_one("sum", room[Lanes(lines + told.columns + r * LANES, LANES)])


@cache
def finisher() -> Kernel:
    """dw[o, c, t] and db[o] of the shares' sums, 16 output channels to a piece."""

    def finish(k, tiles, shifts, sizes, dw, db, doubts, room, table, piece, thread):  # type: ignore[no-untyped-def]
        shares, units, pairs, outs, channels, taps, count, terms = (table[i] for i in range(8))
        a, b = (known_of(k, sizes, count, n) for n in (0, 1))
        doubt, apart, at = Doubt(k, a, b, terms), units * pairs * (4 * TILE), thread * (taps * LANES)
        for r in k.range(k.smaller(outs - piece * ROWS, k.value(ROWS, INDEX))):
            o = piece * ROWS + r
            shift = k.variable(0, Type("f32"))
            for share in k.range(shares):
                shift.value = shift.value + shifts[share * units * SIDE + o]
            db[o] = shift.value
            for group in k.range((channels + (LANES - 1)) // LANES):
                left = k.smaller(channels - group * LANES, k.value(LANES, INDEX))
                for tap in k.range(taps):
                    column = group * taps + tap
                    where = (piece // 2 * pairs + column // 2) * (4 * TILE) + (piece % 2 * 2 + column % 2) * TILE + r * LANES
                    total = k.variable(0, Type("f32", LANES))
                    for share in k.range(shares):
                        total.value = total.value + tiles[Lanes(where + share * apart, LANES)]
                    doubt.look(total.value, leading(k, left))
                    room[Lanes(at + tap * LANES, LANES)] = total.value
                for c in k.range(left):
                    for tap in k.range(taps):
                        dw[(o * channels + group * LANES + c) * taps + tap] = room[at + tap * LANES + c]
        doubts[piece] = doubt.found()

    return Kernel(finish, parameters("f32*: tiles shifts sizes dw db doubts room", "i64*: table"), "tiles_finish")


def known_of(k: Builder, sizes: Buffer, count: Value, n: int) -> Sizes:
    top, low = k.variable(sizes[2 * n], Type("f32")), k.variable(sizes[2 * n + 1], Type("f32"))
    for i in k.range(1, count):
        x, y = sizes[i * 4 + 2 * n], sizes[i * 4 + (2 * n + 1)]
        top.value = k.where(x > top.value, x, top.value)
        low.value = k.where(y < low.value, y, low.value)
    return Sizes(top.value, low.value)
