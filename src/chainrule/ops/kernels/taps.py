"""The loops of a convolution of stride 1, whose taps are offsets into lines (see `direct`).

    y[o, i] = b[o] + Σ_ct w[o, ct] x̂[i + offset(ct)]        ∂L/∂w[ct, o] = Σ_i x̂[i + offset(ct)] g[i, o]

A piece is some samples, one group and some of its output channels. Its lines are laid out in the thread's working memory, which
stays in the cache, and so is what is made of them. Sums are held in registers, two dozen vectors: for y, of places; for
∂L/∂w, of output channels, to which end g is turned around on its way in, and ∂L/∂b summed up.

What depends on the shapes alone is in a table: the numbers named here, sizes and steps along five axes, offsets.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from ...native import KINDS, Kernel, parameters
from ...native.gemm import Matrix, turned
from ...native.loops import Buffer, Builder, Lanes, Type, Value, Variable

AHEAD = 256  # entries
AXES = 5  # samples, channels, and up to three axes of places


class Forward(NamedTuple):
    """What `correlator` is told, followed by sizes and steps of x, steps of its lines, the same of y, and the offsets."""

    samples: int
    each: int  # samples of a piece
    groups: int
    blocks: int  # of the output channels of a group
    rows: int  # of the weights of a group: its output channels, and some to fill up
    step: int  # rows of a block
    terms: int  # of a sum: channels times taps
    span: int  # places of a sample, with those between the rows
    front: int  # where the first entry of x is laid out
    results: int  # where what is found begins
    reach: int  # from one of its rows to the next
    room: int  # entries of working memory of each thread


class Backward(NamedTuple):
    """What `weigher` is told, followed by sizes and steps of x, steps of its lines, the offsets, and where places are."""

    samples: int
    each: int  # samples at a time
    shares: int
    groups: int
    blocks: int
    outs: int  # output channels of a group
    step: int  # those of a block
    bases: int  # rows of taps, with some to fill up
    places: int  # of a sample
    front: int
    upstream: int  # where what is turned around begins
    room: int


class Place(NamedTuple):
    """Where entries of an array are: the first of them, and the steps from one to the next along each axis."""

    data: Buffer
    start: Value
    steps: list[Value]


def fives(table: Buffer, start: int, count: int) -> list[list[Value]]:
    return [[table[start + AXES * part + axis] for axis in range(AXES)] for part in range(count)]


def copy(k: Builder, source: Place, target: Place, sizes: list[Value], width: int, ahead: int = 0) -> None:
    """Copy five axes, the last of them contiguous in both; memory is asked for what is so many entries ahead in the target."""

    def along(axis: int, read: Value, write: Value) -> None:
        if axis == AXES - 1:
            for at in k.vectors(sizes[axis], width):
                if ahead:
                    k.prefetch(target.data, at.start + write + ahead)
                target.data[at + write] = source.data[at + read]
            return
        for i in k.range(sizes[axis]):
            along(axis + 1, read + i * source.steps[axis], write + i * target.steps[axis])

    along(0, source.start, target.start)


def clear(k: Builder, room: Buffer, start: Value, count: Value, width: int) -> None:
    """``count`` is a multiple of ``width``."""
    for i in k.range(0, count, width):
        room[Lanes(start + i, width)] = 0


@cache
def correlator(char: str, outs: int, vectors: int) -> Kernel:
    """y[o, i] = b[o] + Σ_ct w[o // outs, ct, o % outs] · x̂[i + offsets[ct]], so many outs by vectors of places at a time."""
    kind, width = KINDS[char]

    def correlate(k, x, w, b, y, room, table, piece, thread):  # type: ignore[no-untyped-def]
        told: Any = Forward(*[table[i] for i in range(len(Forward._fields))])
        sizes, reads, lays, y_sizes, writes, rests = fives(table, len(told), 6)
        part, group, block = piece // (told.groups * told.blocks), piece // told.blocks % told.groups, piece % told.blocks
        first, start, lines = part * told.each, block * told.step, thread * told.room
        here, results = k.smaller(told.each, told.samples - first), lines + told.results
        clear(k, room, lines, told.results, width)
        source = Place(x, first * reads[0] + group * sizes[1] * reads[1], reads)
        copy(k, source, Place(room, lines + told.front, lays), [here, *sizes[1:]], width)
        for i in k.range(0, here * told.span, width * vectors):
            for o in k.range(start, k.smaller(start + told.step, told.rows), outs):
                row = group * told.rows + o
                sums = [[k.variable(k.spread(b[row + r], width), Type(kind, width)) for _ in range(vectors)] for r in range(outs)]
                for ct in k.range(told.terms):
                    at, weights = table[ct + (len(told) + 6 * AXES)] + lines + i, row * told.terms + ct * outs
                    seen = [room[Lanes(at + v * width, width)] for v in range(vectors)]
                    for r in range(outs):
                        weight = k.spread(w[weights + r], width)
                        for v in range(vectors):
                            sums[r][v].value = k.fma(weight, seen[v], sums[r][v].value)
                for r in range(outs):
                    for v in range(vectors):
                        room[Lanes(results + (o - start + r) * told.reach + i + v * width, width)] = sums[r][v].value
        target = Place(y, first * writes[0] + (group * y_sizes[1] + start) * writes[1], writes)
        there = [here, k.smaller(told.step, y_sizes[1] - start), *y_sizes[2:]]
        copy(k, Place(room, results, rests), target, there, width, AHEAD)

    names = parameters(f"{kind}*: x w b y room", "i64*: table")
    return Kernel(correlate, names, f"correlate_{kind}_{outs}_{vectors}", strided=("x",))


@cache
def weigher(char: str, lanes: int, vectors: int, bases: int, wide: int) -> Kernel:
    """dw[ct, o] = Σ_i x̂[i + offsets[ct]] · g[i, o], and db[o] = Σ_i g[i, o], for each share of the samples.

    A tile is ``bases`` rows of ``wide`` taps that stand side by side, by so many vectors of channels o.
    """
    kind, width = KINDS[char]
    span = lanes * vectors

    def weigh(k, g, x, dw, db, room, table, piece, thread):  # type: ignore[no-untyped-def]
        told: Any = Backward(*[table[i] for i in range(len(Backward._fields))])
        sizes, reads, lays = fives(table, len(told), 3)
        share, group, block = piece // (told.groups * told.blocks), piece // told.blocks % told.groups, piece % told.blocks
        start, outs, lines = block * told.step, told.blocks * told.step, thread * told.room
        clear(k, room, lines, told.upstream, width)
        first, last = told.samples * share // told.shares, told.samples * (share + 1) // told.shares
        column = (share * told.groups + group) * outs + start
        for q in k.range((last - first + told.each - 1) // told.each):
            n = first + q * told.each
            here = k.smaller(told.each, last - n)
            source = Place(x, n * reads[0] + group * sizes[1] * reads[1], reads)
            copy(k, source, Place(room, lines + told.front, lays), [here, *sizes[1:]], width)
            for o in k.range(0, k.smaller(told.step, told.outs - start), span):
                upstream = lines + told.upstream + o * told.each * told.places
                for v in range(vectors):
                    total = k.variable(0, Type(kind, lanes))
                    for s in k.range(here):
                        plane = ((n + s) * told.groups + group) * told.outs
                        rows = [(plane + k.smaller(start + o + v * lanes + r, told.outs - 1)) * told.places for r in range(lanes)]
                        target = Matrix(room, span, 1, upstream + s * told.places * span + v * lanes)
                        turn(k, g, rows, told.places, target, total)
                    at = Lanes(column + o + v * lanes, lanes)
                    db[at] = db[at] + total.value
                at = ((share * told.groups + group) * told.bases * wide) * outs + start + o
                turned_around, found = Matrix(room, span, 1, upstream), Matrix(dw, outs, 1, at)
                for base in k.range(0, told.bases, bases):
                    tile(k, told, table, turned_around, lines, here * told.places, base, found)

    def tile(k, told, table, g, lines, count, base, target):  # type: ignore[no-untyped-def]
        """Some rows of taps, summed over places."""
        offsets = len(told) + 3 * AXES
        reads = [lines + table[base + (offsets + r)] for r in range(bases)]
        sums = [[k.variable(0, Type(kind, lanes)) for _ in range(vectors)] for _ in range(bases * wide)]
        for i in k.range(count):
            at = table[offsets + told.bases + i]
            upstream = [g.data[Lanes(g.at(i, v * lanes), lanes)] for v in range(vectors)]
            for r, row in enumerate(sums):
                seen = k.spread(g.data[reads[r // wide] + at + r % wide], lanes)
                for total, y in zip(row, upstream, strict=True):
                    total.value = k.fma(seen, y, total.value)
        for r, row in enumerate(sums):
            for v, total in enumerate(row):
                place = Lanes(target.at(base * wide + r, v * lanes), lanes)
                target.data[place] = target.data[place] + total.value

    names = parameters(f"{kind}*: g x dw db room", "i64*: table")
    return Kernel(weigh, names, f"weigh_{kind}_{lanes}_{vectors}_{bases}_{wide}", strided=("x",))


def turn(k: Builder, g: Buffer, rows: list[Value], count: Value, target: Matrix, total: Variable) -> None:
    """Each channel's places as a column of the target, and their sum.

    What is written beyond the last place is written again, by the next sample or panel, or it is at the end of the memory.
    """
    lanes = len(rows)
    for i in k.vectors(count, lanes):
        lines = turned(k, [g[i + row] for row in rows])
        for r, line in enumerate(lines):
            target.data[Lanes(target.at(i.start + r, 0), lanes)] = line
        while len(lines) > 1:
            lines = [a + b for a, b in zip(lines[::2], lines[1::2], strict=True)]
        total.value = total.value + lines[0]
