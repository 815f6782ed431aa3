"""Convolution of stride 1 without columns: machine code that reads each tap where it stands.

A few samples of an image are laid out as one line for each channel, with the zeros of the padding between the rows; those
behind a row are also those before the next. What tap t sees at place i is then x̂[c, i + offset(t)] for *every* i at once,
so the three products of a convolution are loops over a table of offsets, one entry for each channel and tap:

    y[o, i] = Σ_ct w[o, ct] x̂[i + offset(ct)]        ∂L/∂w[o, ct] = Σ_i g[o, i] x̂[i + offset(ct)]

and ∂L/∂x is the first of them again, of g with the kernels turned around (`correlation`). Places between the rows are computed too, and
left out. Sums are held in registers, 6 channels by 4 vectors, so that every number loaded is used several times.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...base.threads import cores, parallel
from ...native import KINDS, Kernel, kernels, parameters
from ...native.loops import Lanes, Type
from .columns import scratch
from .windows import Sizes, Windows

OUTS, VECTORS = 6, 4  # of a block of results: with the vectors of x̂ and one of weights, 29 of 32 registers
OUTS_W, TAPS_W = 6, 4  # of a block of weights' gradients: more of g, whose vectors are aligned
CHUNK_BYTES = 1 << 20  # of lines at a time, which stay in the second-level cache
HELD, HELD_BYTES = 64, 32 << 20  # of each thread's memory for lines that is used again
NEAR_BYTES = 96 << 10  # of what is read again at once, close to the first-level cache
LEAST_WORK = 1 << 20  # multiply-adds below which columns are as fast


def suits(x: np.ndarray, weight: np.ndarray, win: Windows, groups: int, places: int) -> bool:
    """Whether machine code can do it, and gains by it."""
    return (
        x.dtype == weight.dtype
        and x.dtype.char in KINDS
        and not win.pointwise
        and max(win.stride) == 1
        and min(weight.shape[0] // groups, 4) == 4
        and x.shape[0] * places * weight.size >= LEAST_WORK
        and kernels.ready()
    )


class Line(NamedTuple):
    """How samples are laid out: the extents of a sample with the zeros that it shares, and the offset of each tap."""

    extents: Sizes
    steps: Sizes  # from one entry to the next, along each axis
    front: int  # zeros before the first sample
    taps: np.ndarray

    @property
    def plane(self) -> int:
        return prod(self.extents)


@lru_cache(maxsize=256)
def line_of(win: Windows) -> Line:
    extents = tuple(
        max(n + max(p, q), m) for n, p, q, m in zip(win.size, win.before, win.after, win.out, strict=True)
    )
    steps = tuple(prod(extents[i + 1 :]) for i in range(len(extents)))
    front = sum(p * s for p, s in zip(win.before, steps, strict=True))
    taps = [
        sum(d * t * s for t, d, s in zip(tap, win.dilation, steps, strict=True)) for tap in product(*map(range, win.kernel))
    ]
    return Line(extents, steps, front, np.array(taps, np.int64))


def chunks(first: int, last: int, bytes_each: int, room: int = CHUNK_BYTES) -> Iterator[slice]:
    step = max(1, room // max(bytes_each, 1))
    for start in range(first, last, step):
        yield slice(start, min(start + step, last))


# ---------------------------------------------------------------------- the three products


def correlate(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, groups: int) -> np.ndarray:
    """y = w ⋆ x̂ + b. Shapes: x (N, C, *size), weight (O, C / groups, *kernel), bias (O,), y (N, O, *places)."""
    y = np.empty((len(x), len(weight), *win.out), x.dtype)
    line, kind = line_of(win), x.dtype.char
    _, width = KINDS[kind]
    channels, outs = weight.shape[1], len(weight) // groups
    rows = -(-outs // OUTS) * OUTS
    packed = np.zeros((groups, rows, channels * win.taps), x.dtype)
    packed[:, :outs] = weight.reshape(groups, outs, -1)
    packed = np.ascontiguousarray(packed.reshape(groups, rows // OUTS, OUTS, -1).swapaxes(2, 3))
    shift = np.zeros((groups, rows), x.dtype)
    if bias is not None:
        shift[:, :outs] = bias.reshape(groups, outs)
    multiply, move = correlator(kind), mover(kind)

    def task(start: int, stop: int) -> None:
        results = scratch(x.dtype)
        for part in chunks(start, stop, (x.shape[1] + rows) * line.plane * x.itemsize):
            samples = part.stop - part.start
            padded, offsets = laid_out(x[part], line, move)
            span = samples * line.plane
            reach = -(-span // (width * VECTORS)) * width * VECTORS
            found = results((rows, reach))
            for group in range(groups):
                here = offsets[group * channels * win.taps : (group + 1) * channels * win.taps]
                multiply(padded, packed[group], here, shift[group], found, here.size, reach, rows)
                target = y[part, group * outs : (group + 1) * outs]
                copy(move, found, (line.plane, reach, *line.steps), target, target.shape)

    parallel(task, len(x), y.size * channels * win.taps / 8)
    return y


def weight_gradient(g: np.ndarray, x: np.ndarray, win: Windows, groups: int) -> np.ndarray:
    """∂L/∂w = Σ over samples and places of g x̂. The samples are added up in eight parts, however many threads there are."""
    line, kind = line_of(win), x.dtype.char
    _, width = KINDS[kind]
    channels, outs = x.shape[1] // groups, g.shape[1] // groups
    count = channels * win.taps
    rows, columns = -(-outs // OUTS_W) * OUTS_W, -(-count // TAPS_W) * TAPS_W
    shares = min(len(x), max(8, cores()) if rows * columns * groups < 1 << 18 else cores())
    ends = [len(x) * i // shares for i in range(shares + 1)]
    partial = np.zeros((shares, groups, rows, columns), x.dtype)
    multiply, move = weigher(kind), mover(kind)

    def task(first: int, last: int) -> None:
        for share in range(first, last):
            for part in chunks(ends[share], ends[share + 1], 8 * line.plane * x.itemsize, NEAR_BYTES):
                samples = part.stop - part.start
                padded, offsets = laid_out(x[part], line, move)
                span = -(-samples * line.plane // width) * width
                spread = rooms.zeros(("g", line.extents, samples, outs, win.out), (rows, span), x.dtype)
                for group in range(groups):
                    here = g[part, group * outs : (group + 1) * outs]
                    back = (line.plane, span, *line.steps)
                    copy_into(move, here, spread, back)
                    table = np.zeros(columns, np.int64)
                    table[:count] = offsets[group * count : (group + 1) * count]
                    multiply(spread, padded, table, partial[share, group], columns, span, rows)

    parallel(task, shares, g.size * count / 8)
    dw = np.add.reduce(partial, 0)[:, :outs, :count]
    return np.ascontiguousarray(dw.reshape(groups * outs, channels, *win.kernel))


class Rooms(threading.local):
    """Memory of each thread that starts as zeros and is used again, for lines of one layout at a time."""

    def __init__(self) -> None:
        self.held: dict[Any, np.ndarray] = {}

    def zeros(self, layout: Any, shape: Sizes, dtype: np.dtype) -> np.ndarray:
        """What was written before has to be where it will be written again, so ``layout`` must say all that decides that."""
        key = (layout, shape, dtype.char)
        found = self.held.get(key)
        if found is None:
            found = np.zeros(shape, dtype)
            if found.nbytes <= HELD_BYTES:
                while len(self.held) >= HELD or self.bytes() + found.nbytes > HELD_BYTES:
                    del self.held[next(iter(self.held))]  # the oldest
                self.held[key] = found
        return found

    def bytes(self) -> int:
        return sum(room.nbytes for room in self.held.values())


rooms = Rooms()


def laid_out(x: np.ndarray, line: Line, move: Kernel) -> tuple[np.ndarray, np.ndarray]:
    """Samples as one line for each channel, and the offset of each channel and tap, counted from the array's first entry."""
    samples, channels, *size = x.shape
    span = samples * line.plane
    tail = 1024 + int(line.taps[-1]) + line.front
    layout = ("x", line.extents, line.front, samples, channels, tuple(size))
    padded = rooms.zeros(layout, (line.front + channels * span + tail,), x.dtype)
    body = padded[line.front : line.front + channels * span]
    copy_into(move, x, body, (line.plane, span, *line.steps))
    offsets = (np.arange(channels)[:, None] * span + line.taps).reshape(-1)
    return padded, offsets


def copy_into(move: Kernel, x: np.ndarray, body: np.ndarray, steps: Sizes) -> None:
    """x[n, c, …], of any strides but along the last axis, to where ``steps`` say, counted in entries."""
    if x.strides[-1] != x.itemsize or any(s % x.itemsize for s in x.strides):
        x = np.ascontiguousarray(x)
    source = tuple(s // x.itemsize for s in x.strides)
    strides(move, x, source, body, steps, x.shape)


def copy(move: Kernel, found: np.ndarray, steps: Sizes, y: np.ndarray, shape: Sizes) -> None:
    """From where ``steps`` say to y[n, o, …]."""
    strides(move, found, steps, y, tuple(s // y.itemsize for s in y.strides), shape)


def strides(move: Kernel, source: np.ndarray, source_steps: Sizes, target: np.ndarray, steps: Sizes, shape: Sizes) -> None:
    """Copy an array of up to five axes, the last of them contiguous."""
    lead = (1,) * (5 - len(shape))
    none = (0,) * len(lead)
    table = np.array([*lead, *shape, *none, *source_steps, *none, *steps], np.int64)
    move(source, target, table)


# ---------------------------------------------------------------------- the loops


@cache
def correlator(char: str) -> Kernel:
    """y[o, i] = b[o] + Σ_ct w[o // 6, ct, o % 6] · x[i + offsets[ct]], for ``reach`` places, a multiple of four vectors."""
    kind, width = KINDS[char]

    def correlate(k, x, w, offsets, b, y, count, reach, outs):  # type: ignore[no-untyped-def]
        for i in k.range(0, reach, width * VECTORS):
            for o in k.range(0, outs, OUTS):
                sums = [
                    [k.variable(k.spread(b[o + r], width), Type(kind, width)) for _ in range(VECTORS)] for r in range(OUTS)
                ]
                for ct in k.range(count):
                    at = offsets[ct] + i
                    seen = [x[Lanes(at + v * width, width)] for v in range(VECTORS)]
                    weights = o * count + ct * OUTS
                    for r in range(OUTS):
                        weight = k.spread(w[weights + r], width)
                        for v in range(VECTORS):
                            sums[r][v].value = k.fma(weight, seen[v], sums[r][v].value)
                for r in range(OUTS):
                    for v in range(VECTORS):
                        y[Lanes((o + r) * reach + i + v * width, width)] = sums[r][v].value

    names = parameters(f"{kind}*: x w", "i64*: offsets", f"{kind}*: b y", "i64: count reach outs", pieces=False)
    return Kernel(correlate, names, f"correlate_{kind}")


@cache
def weigher(char: str) -> Kernel:
    """dw[o, ct] += Σ_i g[o, i] · x[i + offsets[ct]]"""
    kind, width = KINDS[char]

    def weigh(k, g, x, offsets, dw, count, span, outs):  # type: ignore[no-untyped-def]
        for o in k.range(0, outs, OUTS_W):
            for ct in k.range(0, count, TAPS_W):
                reads = [offsets[ct + j] for j in range(TAPS_W)]
                sums = [[k.variable(0, Type(kind, width)) for _ in range(TAPS_W)] for _ in range(OUTS_W)]
                for i in k.vectors(span, width):
                    upstream = [g[i + (o + r) * span] for r in range(OUTS_W)]
                    for j in range(TAPS_W):
                        seen = x[i + reads[j]]
                        for r in range(OUTS_W):
                            sums[r][j].value = k.fma(upstream[r], seen, sums[r][j].value)
                for r in range(OUTS_W):
                    for j in range(TAPS_W):
                        place = (o + r) * count + ct + j
                        dw[place] = dw[place] + k.lanes_to_one("sum", sums[r][j].value)

    names = parameters(f"{kind}*: g x", "i64*: offsets", f"{kind}*: dw", "i64: count span outs", pieces=False)
    return Kernel(weigh, names, f"weigh_{kind}")


@cache
def mover(char: str) -> Kernel:
    """Copy an array of five axes; ``table`` holds its sizes, and the steps in the source and in the target."""
    kind, width = KINDS[char]

    def move(k, source, target, table):  # type: ignore[no-untyped-def]
        sizes, reads, writes = ([table[5 * part + axis] for axis in range(5)] for part in range(3))

        def along(axis, read, write):  # type: ignore[no-untyped-def]
            if axis == 4:
                for i in k.vectors(sizes[4], width):
                    target[i + write] = source[i + read]
                return
            for i in k.range(sizes[axis]):
                along(axis + 1, read + i * reads[axis], write + i * writes[axis])

        along(0, k.value(0, Type("i64")), k.value(0, Type("i64")))

    names = parameters(f"{kind}*: source target", "i64*: table", pieces=False)
    return Kernel(move, names, f"move_{kind}", strided=("source", "target"))
