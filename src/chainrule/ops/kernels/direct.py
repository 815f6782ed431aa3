"""Convolution of stride 1 without columns: machine code that reads each tap where it stands.

A few samples of an image are laid out as one line for each channel, with the zeros of the padding between the rows; those
behind a row are also those before the next. What tap t sees at place i is then x̂[c, i + offset(t)] for *every* i at once,
so the three products of a convolution are loops over a table of offsets, one entry for each channel and tap (`taps`):

    y[o, i] = Σ_ct w[o, ct] x̂[i + offset(ct)]        ∂L/∂w[o, ct] = Σ_i g[o, i] x̂[i + offset(ct)]

and ∂L/∂x is the first of them again, of g with the kernels turned around (`correlation`). There places between the rows are
computed too, and left out. Here is what the loops are told: how the work is cut into pieces, and where everything is.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...base.threads import cores
from ...native import KINDS, Kernel, kernels
from ...native.aligned import empty
from ...native.gemm import tile
from .taps import AXES, Backward, Forward, correlator, weigher
from .windows import Sizes, Windows

MOST_TAPS = 14  # side by side that share an address: with two vectors each, their sums fill the registers
CHUNK_BYTES = 1 << 18  # of a piece's lines and results, which stay in the second-level cache beside what they are copied from and to
HELD_BYTES = 32 << 20  # of working memory that is used again
NEAR_PLACES = 2048  # of g at a time: they stay in the second-level cache, and sums are stored seldom
PIECES = 8  # in which the gradients of many weights are summed up
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


# ---------------------------------------------------------------------- the three products


def correlate(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, groups: int) -> np.ndarray:
    """y = w ⋆ x̂ + b. Shapes: x (N, C, *size), weight (O, C / groups, *kernel), bias (O,), y (N, O, *places)."""
    x = along_rows(x)
    plan = correlation_plan(x.dtype.char, x.shape, x.strides, weight.shape, win, groups, cores())
    told, outs = plan.told, weight.shape[0] // groups
    packed = np.zeros((groups, told.rows // plan.tile, told.terms, plan.tile), x.dtype)
    split = weight.reshape(groups, outs, -1)
    whole = outs // plan.tile
    packed[:, :whole] = split[:, : whole * plan.tile].reshape(groups, whole, plan.tile, told.terms).swapaxes(2, 3)
    if told.rows > outs:
        packed[:, -1, :, : outs - whole * plan.tile] = split[:, whole * plan.tile :].swapaxes(1, 2)
    shift = np.zeros((groups, told.rows), x.dtype)
    if bias is not None:
        shift[:, :outs] = bias.reshape(groups, outs)
    y = empty((len(x), len(weight), *win.out), x.dtype)
    plan.kernel.share(plan.pieces, x, packed, shift, y, rooms.get(told.room * cores(), x.dtype), plan.table)
    return y


def gradients(g: np.ndarray, x: np.ndarray, win: Windows, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """∂L/∂w = Σ g x̂ and ∂L/∂b = Σ g, over samples and places: in a few parts, however many threads there are."""
    x, g = along_rows(x), np.ascontiguousarray(g)
    channels, outs = x.shape[1] // groups, g.shape[1] // groups
    plan = weight_plan(x.dtype.char, x.shape, x.strides, g.shape[1], win, groups)
    told, taps = plan.told, channels * win.taps
    dw = np.zeros((told.shares, groups, told.bases * plan.tile, told.blocks * told.step), x.dtype)
    db = np.zeros((told.shares, groups, told.blocks * told.step), x.dtype)
    plan.kernel.share(plan.pieces, g, x, dw, db, rooms.get(told.room * cores(), x.dtype), plan.table)
    weights = np.ascontiguousarray(np.add.reduce(dw, 0)[:, :taps, :outs].swapaxes(1, 2))
    return weights.reshape(groups * outs, channels, *win.kernel), np.add.reduce(db, 0)[:, :outs].reshape(-1)


# ---------------------------------------------------------------------- how the work is cut


class Plan(NamedTuple):
    """What depends on the shapes alone."""

    kernel: Kernel
    tile: int  # output channels, or taps side by side
    pieces: int
    told: Any
    table: np.ndarray


def most_sums() -> int:
    """Vectors of sums that registers hold, beside what is multiplied; processors of shorter vectors have half as many registers."""
    return 24 if tile()[0] > 6 else 6


@lru_cache(maxsize=256)
def correlation_plan(
    char: str, shape: Sizes, strides: Sizes, weight: Sizes, win: Windows, groups: int, threads: int
) -> Plan:
    """Pieces of a few samples, of which the vectors have little to compute in vain; of some channels if samples are few."""
    samples, line, width, size = shape[0], line_of(win), KINDS[char][1], np.dtype(char).itemsize
    channels, outs = weight[1], weight[0] // groups
    high = min((t for t in (8, 6, 4) if t <= most_sums()), key=lambda t: up(outs, t))
    rows, wide = up(outs, high), width * (most_sums() // high)
    most = max(1, min(CHUNK_BYTES // ((channels + rows) * line.plane * size), -(-samples // (4 * threads))))
    each = min(range(-(-most // 2), most + 1), key=lambda n: -(-samples // n // threads) * up(n * line.plane, wide))
    parts, reach = -(-samples // each), up(each * line.plane, wide)
    step = up(-(-rows // -(-2 * threads // (parts * groups))), high)
    results = up(line.front + (channels - 1) * each * line.plane + reach + int(line.taps[-1]), width)
    told = Forward(
        samples, each, groups, -(-rows // step), rows, step, channels * win.taps, line.plane, line.front, results, reach,
        room=results + step * reach,
    )  # fmt: skip
    fives = [
        *lines_of(shape, strides, channels, each, line, size),
        five((samples, outs, *win.out), 1), five(steps_of((samples, weight[0], *win.out)), 0), five((line.plane, reach, *line.steps), 0),
    ]  # fmt: skip
    table = np.concatenate([told, *fives, offsets_of(channels, each, line)]).astype(np.int64)
    return Plan(correlator(char, high, wide // width), high, parts * groups * told.blocks, told, table)


@lru_cache(maxsize=256)
def weight_plan(char: str, shape: Sizes, strides: Sizes, all_outs: int, win: Windows, groups: int) -> Plan:
    """Pieces of a share of the samples, and of some channels if weights are many and shares therefore few."""
    samples, line, width, size = shape[0], line_of(win), KINDS[char][1], np.dtype(char).itemsize
    channels, outs = shape[1] // groups, all_outs // groups
    lanes = min(width, 1 << (outs - 1).bit_length())
    vectors = 1 if outs <= lanes else 2
    wide = max(n for n in range(1, MOST_TAPS + 1) if win.kernel[-1] % n == 0) if win.dilation[-1] == 1 else 1
    count = channels * win.taps // wide
    bases = min(range(max(1, most_sums() // 2 // wide), 0, -1), key=lambda b: up(count, b) * (1 + 0.1 / b))
    weights = groups * count * wide * outs
    shares = min(samples, 8 if weights < 1 << 18 else 4 if weights < 1 << 20 else 2)
    step = up(-(-outs // max(1, PIECES // (shares * groups))), lanes * vectors)
    each = max(1, min(samples // shares, NEAR_PLACES // win.places))
    upstream = up(line.front + channels * each * line.plane + int(line.taps[-1]) + 1, width)
    told = Backward(
        samples, each, shares, groups, -(-outs // step), outs, step, up(count, bases), win.places, line.front, upstream,
        room=up(upstream + step * each * win.places + lanes * lanes * vectors, width),
    )  # fmt: skip
    offsets = np.zeros(told.bases, np.int64)
    offsets[:count] = offsets_of(channels, each, line)[::wide]
    where: Any = np.ix_(*[np.arange(n) * s for n, s in zip((each, *win.out), (line.plane, *line.steps), strict=True)])
    table = np.concatenate([told, *lines_of(shape, strides, channels, each, line, size), offsets, sum(where).reshape(-1)])
    return Plan(weigher(char, lanes, vectors, bases, wide), wide, shares * groups * told.blocks, told, table.astype(np.int64))


def lines_of(shape: Sizes, strides: Sizes, channels: int, each: int, line: Line, size: int) -> list[Sizes]:
    """Sizes and steps of x, and the steps of the lines of so many samples."""
    steps = five(tuple(s // size for s in strides), 0)
    return [five((shape[0], channels, *shape[2:]), 1), steps, five((line.plane, each * line.plane, *line.steps), 0)]


def offsets_of(channels: int, each: int, line: Line) -> np.ndarray:
    return (np.arange(channels)[:, None] * (each * line.plane) + line.taps).reshape(-1)


def up(n: int, unit: int) -> int:
    """The least multiple that is not below."""
    return -(-n // unit) * unit


def five(numbers: Sizes, filler: int) -> Sizes:
    """Samples, channels, and three axes of places, of which the first may be missing."""
    return (*numbers[:2], *[filler] * (AXES - len(numbers)), *numbers[2:])


def steps_of(shape: Sizes) -> Sizes:
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


def along_rows(x: np.ndarray) -> np.ndarray:
    """x, or a copy whose entries of a row are next to each other."""
    if x.strides[-1] != x.itemsize or any(s % x.itemsize for s in x.strides):
        return np.ascontiguousarray(x)
    return x


class Rooms(threading.local):
    """The working memory of jobs of this thread, of each kind of number: what was last asked for, if that is not too much."""

    def __init__(self) -> None:
        self.held: dict[str, np.ndarray] = {}

    def get(self, entries: int, dtype: np.dtype) -> np.ndarray:
        found = self.held.get(dtype.char)
        if found is None or found.size < entries:
            found = empty((entries,), dtype)
            if found.nbytes <= HELD_BYTES:
                self.held[dtype.char] = found
        return found


rooms = Rooms()
