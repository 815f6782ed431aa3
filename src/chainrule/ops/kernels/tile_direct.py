"""Convolution of stride 1 by tile registers: what the loops of `tile_taps` are told.

As `direct` does it with vectors, for many channels: a sample is laid out as one line for each channel, and what a tap sees is
offset by as much for every place.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ...base.threads import cores
from ...native import amx, kernels
from ...native.aligned import empty
from ...native.cutting import LANES, PAIRS, ROWS, SIDE, TILE, UNIT
from . import tile_taps
from .direct import Line, along_rows, five, line_of, rooms, steps_of, up
from .tile_taps import Backward, Forward, Weights
from .windows import Sizes, Windows

LEAST_WORK = 1 << 22  # multiply-adds
WASTE, LESS_WASTE = 2.1, 1.35  # how many times the work may be done, in tiles that are not full: of y, and of ∂L/∂w
MOST_ROOM = 1 << 20  # entries of working memory with which ∂L/∂w is as fast as by vectors
PIECES, PARTS = 8, 16
TOGETHER = 1024  # places over which ∂L/∂w is summed up before it is stored
F32 = np.dtype(np.float32)


def suits(x: np.ndarray, weight: np.ndarray, win: Windows, groups: int, turned: bool = False) -> bool:
    """Whether tile registers can make y of x, and gain by it."""
    outs, channels = weight.shape[:2][::-1] if turned else weight.shape[:2]
    waste = up(channels, PAIRS) * up(outs, ROWS) / (channels * outs)
    return waste <= WASTE and weight.dtype == F32 and able(x, outs * channels, win, groups)


def weighs(g: np.ndarray, x: np.ndarray, win: Windows, groups: int) -> bool:
    """Whether they can make ∂L/∂w, and gain by it."""
    outs, channels = g.shape[1], x.shape[1]
    waste = up(channels, ROWS) * up(outs, SIDE) / (channels * outs)
    return waste <= LESS_WASTE and channels >= SIDE and g.dtype == F32 and able(x, outs * channels, win, groups)


def able(x: np.ndarray, weights: int, win: Windows, groups: int) -> bool:
    work = x.shape[0] * win.places * weights * win.taps
    return groups == 1 and x.dtype == F32 and max(win.stride) == 1 and work >= LEAST_WORK and kernels.ready() and amx.allowed()


class Plan(NamedTuple):
    """What depends on the shapes alone."""

    pieces: int
    told: Any
    table: np.ndarray


def correlate(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, win: Windows, turned: bool = False) -> np.ndarray | None:
    """y = w ⋆ x̂ + b, or None if sums are to be made by vectors."""
    x, weight = along_rows(x), np.ascontiguousarray(weight)
    plan, cut = correlation_plan(x.shape, x.strides, weight.shape, win, turned)
    told = plan.told
    room = rooms.get(told.room * cores(), F32)
    parts = empty(((told.units * told.all_steps + 1) * UNIT,), F32)
    sizes, doubts = np.empty(2 * told.units, F32), np.empty(plan.pieces, F32)
    tile_taps.cutter().share(cut.pieces, weight, parts, sizes, cut.table)
    if bias is None:
        bias = np.zeros(told.outs, F32)
    y = empty((len(x), told.outs, *win.out), F32)
    tile_taps.correlator().share(plan.pieces, x, parts, sizes, np.ascontiguousarray(bias), y, doubts, room, plan.table)
    return None if np.add.reduce(doubts) else y


def gradients(g: np.ndarray, x: np.ndarray, win: Windows) -> tuple[np.ndarray, np.ndarray] | None:
    """∂L/∂w = Σ g x̂ and ∂L/∂b = Σ g, over samples and places, or None if sums are to be made by vectors."""
    x, g = along_rows(x), np.ascontiguousarray(g)
    plan, finish = weight_plan(x.shape, x.strides, g.shape[1], win)
    told = plan.told
    if told.room > MOST_ROOM:
        return None
    tiles = empty((told.shares * told.units * told.pairs * 4 * TILE,), F32)
    shifts, sizes, doubts = np.zeros(told.shares * told.units * SIDE, F32), np.empty(4 * plan.pieces, F32), np.empty(finish.pieces, F32)
    room = rooms.get(told.room * cores(), F32)
    tile_taps.weigher().share(plan.pieces, g, x, tiles, shifts, sizes, room, plan.table)
    dw, db = empty((told.outs, told.channels, *win.kernel), F32), np.empty(told.outs, F32)
    tile_taps.finisher().share(finish.pieces, tiles, shifts, sizes, dw, db, doubts, room, finish.table)
    return None if np.add.reduce(doubts) else (dw, db)


# ---------------------------------------------------------------------- how the work is cut


@lru_cache(maxsize=256)
def correlation_plan(shape: Sizes, strides: Sizes, weight: Sizes, win: Windows, turned: bool) -> tuple[Plan, Plan]:
    samples, line = shape[0], line_of(win)
    taps = win.taps
    outs, channels = (weight[1], weight[0]) if turned else weight[:2]
    units, steps = -(-outs // SIDE), -(-channels // PAIRS)
    last = last_place(win, line)
    each = fewest(line.plane, last, samples)
    parts = min(-(-samples // each), PARTS)
    blocks = min(units, -(-PIECES // parts))
    step = -(-units // blocks) * SIDE
    blocks = -(-outs // step)
    reach = up((each - 1) * line.plane + last, SIDE)
    pitch = odd(line.front + reach + int(line.taps[-1]))
    results = steps * 3 * ROWS * pitch
    told = Forward(
        samples, each, parts, blocks, step, outs, units, channels, steps, taps * steps, channels * taps, line.plane, last, line.front,
        pitch, results, reach, room=results + step * reach,
    )  # fmt: skip
    offsets = (line.taps[:, None] + np.arange(steps) * (3 * ROWS * pitch)).reshape(-1)
    fives = [
        *x_steps(shape, strides, line, pitch),
        five((samples, outs, *win.out), 1), five(steps_of((samples, outs, *win.out)), 0), five((line.plane, reach, *line.steps), 0),
    ]  # fmt: skip
    table = np.concatenate([told, *fives, offsets, offsets[-1:]]).astype(np.int64)
    way = (taps - 1, taps, weight[1] * taps, -1) if turned else (0, weight[1] * taps, taps, 1)
    cut = Weights(way[0], outs, channels, taps, *way[1:], steps)
    return Plan(parts * blocks, told, table), Plan(units, cut, np.array([*cut, *range(LANES)], np.int64))


@lru_cache(maxsize=256)
def weight_plan(shape: Sizes, strides: Sizes, outs: int, win: Windows) -> tuple[Plan, Plan]:
    samples, channels, line = shape[0], shape[1], line_of(win)
    last, groups = last_place(win, line), -(-channels // ROWS)
    each = max(1, min(-(-samples // PIECES), TOGETHER // line.plane))
    units, steps, columns = -(-outs // SIDE), -(-((each - 1) * line.plane + last) // PAIRS), groups * win.taps  # of tiles of ∂L/∂w
    pairs = -(-columns // 2)
    weights = columns * ROWS * outs
    shares = min(samples, 8 if weights < 1 << 18 else 4 if weights < 1 << 20 else 2)
    blocks = min(units, -(-PIECES // shares))
    step = -(-units // blocks)
    blocks = -(-units // step)
    long = up(max(line.front + each * line.plane, (steps + 1) * PAIRS) + int(line.taps[-1]) + ROWS, ROWS) + ROWS
    wide = up(max(each * line.plane, steps * PAIRS), ROWS)
    sizes = (ROWS * long, ROWS * wide, LANES * long, (groups * 3 + 1) * LANES * long, (step * steps + 1) * UNIT)
    lines, upstream, by_place, words, parts, room = np.cumsum([0, *sizes]).tolist()
    told = Backward(
        samples, each, shares, blocks, step, outs, units, channels, steps, pairs, line.plane, last, line.front, long,
        lines, upstream, by_place, words, parts, room,
    )  # fmt: skip
    column = np.arange(2 * pairs)
    column[columns:] = 0
    offsets = (column // win.taps * (3 * long) + line.taps[column % win.taps]) * LANES
    fives = [
        *x_steps(shape, strides, line, long),
        five((samples, outs, *win.out), 1), five(steps_of((samples, outs, *win.out)), 0), five((line.plane, wide, *line.steps), 0),
    ]  # fmt: skip
    table = np.concatenate([told, *fives, offsets]).astype(np.int64)
    terms = samples * win.places
    finish = np.array([shares, units, pairs, outs, channels, win.taps, shares * blocks, terms], np.int64)
    return Plan(shares * blocks, told, table), Plan(-(-outs // ROWS), None, finish)


def last_place(win: Windows, line: Line) -> int:
    """Behind the last of a sample's places."""
    return sum((m - 1) * s for m, s in zip(win.out, line.steps, strict=True)) + 1


def fewest(plane: int, last: int, samples: int) -> int:
    """How many samples at a time leave few of 32 places unused: one, unless they are small."""
    return min(range(1, max(1, min(samples // PIECES, 256 // plane)) + 1), key=lambda n: (-(-((n - 1) * plane + last) // SIDE) / n, n))


def odd(entries: int) -> int:
    """So many, or some more: an odd number of lines of the cache, so that rows of a tile do not meet in one place of it."""
    return (-(-entries // LANES) | 1) * LANES


def x_steps(shape: Sizes, strides: Sizes, line: Line, pitch: int) -> list[Sizes]:
    """Sizes and steps of x, and the steps of its lines."""
    steps = five(tuple(s // F32.itemsize for s in strides), 0)
    return [five(shape, 1), steps, five((line.plane, pitch, *line.steps), 0)]
