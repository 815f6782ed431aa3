"""Max pooling of windows that tile the plane, as machine code: each entry is read and written once.

The loop over a row of windows has the window's taps written out. Windows two wide are read as vectors whose lanes are sorted
into first and second entries. The first of equal entries wins, a NaN over everything; which tap won is kept, one byte for
each window. With ``rectified``, 0 wins over what is negative: then it was none of the taps.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import NamedTuple

import numpy as np

from ...native import KINDS, Kernel, kernels, parameters
from ...native.aligned import empty
from ...native.loops import Buffer, Builder, Lanes, Type, Value
from .lines import Line

LINE, AHEAD = 16, 256
LEAST, MOST_TAPS, PIECES, NONE = 1 << 14, 16, 32, 255


class Kept(NamedTuple):
    choice: np.ndarray  # the tap that won, counted in reading order, (planes, *places)
    tile: tuple[int, int]
    shape: tuple[int, ...]


def suits(x: np.ndarray, lines: tuple[Line, ...]) -> bool:
    """Whether the windows tile rows and columns, the last of which may be left over."""
    return (
        len(lines) <= 2
        and x.size >= LEAST
        and x.dtype.char in KINDS
        and all(n.stride == n.kernel and not n.padding and n.dilation == 1 and n.out * n.stride <= n.size for n in lines)
        and 1 < prod(n.kernel for n in lines) <= MOST_TAPS
        and kernels.ready()
    )


def forward(x: np.ndarray, lines: tuple[Line, ...], rectified: bool = False) -> tuple[np.ndarray, Kept]:
    tall, wide = (1, lines[0].kernel) if len(lines) == 1 else (lines[0].kernel, lines[1].kernel)
    outs = tuple(n.out for n in lines)
    y = empty((*x.shape[:2], *outs), x.dtype)
    choice = empty(y.shape, np.dtype(np.uint8))
    planes, each = sizes(x)
    rows = outs[0] if len(lines) == 2 else 1
    height = x.shape[2] if len(lines) == 2 else 1
    x = np.ascontiguousarray(x)
    pool(x.dtype.char, tall, wide, rectified).share(-(-planes // each), x, y, choice, planes, each, rows, outs[-1], height, x.shape[-1])
    return y, Kept(choice, (tall, wide), x.shape)


def backward(g: np.ndarray, kept: Kept) -> np.ndarray:
    choice, (tall, wide), shape = kept
    outs = g.shape[2:]
    rows, height = (outs[0], shape[2]) if len(outs) == 2 else (1, 1)
    covered = rows * tall == height and outs[-1] * wide == shape[-1]
    dx = (np.empty if covered else np.zeros)(shape, g.dtype)
    planes, each = sizes(dx)
    g = np.ascontiguousarray(g)
    spread(g.dtype.char, tall, wide).share(-(-planes // each), g, dx, choice, planes, each, rows, outs[-1], height, shape[-1])
    return dx


def indices(kept: Kept) -> np.ndarray:
    """Where each largest entry stands in its plane, counted in reading order."""
    (tall, wide), width = kept.tile, kept.shape[-1]
    outs = kept.choice.shape[2:]
    down, right = np.divmod(kept.choice.astype(np.int64), wide)
    across = np.arange(outs[-1]) * wide + right
    if len(outs) == 1:
        return across
    return (np.arange(outs[0])[:, None] * tall + down) * width + across


def sizes(x: np.ndarray) -> tuple[int, int]:
    """The number of planes, and how many of them make a piece."""
    planes = prod(x.shape[:2])
    return planes, max(1, planes // PIECES)


SIZES = "i64: planes each rows columns height width"


@cache
def pool(char: str, tall: int, wide: int, rectified: bool = False) -> Kernel:
    kind, width = KINDS[char]
    lanes = width if wide <= 2 else 1

    def pool(k, x, y, choice, planes, each, rows, columns, height, width, piece, thread):  # type: ignore[no-untyped-def]
        for plane in k.rows_of(piece, each, planes):
            for row in k.range(rows):
                at, start = (plane * rows + row) * columns, (plane * height + row * tall) * width
                for column in k.vectors(columns, lanes):
                    best, which = None, k.value(0, Type("i32", lanes))
                    for tap, entry in enumerate(e for r in range(tall) for e in read(k, x, start + width * r, column, columns, wide)):
                        if best is None:
                            best = entry
                            continue
                        wins = (entry > best) | (entry != entry)
                        best = k.where(wins, entry, best)
                        which = k.where(wins, k.value(tap, Type("i32", lanes)), which)
                    assert best is not None
                    if rectified:
                        which = k.where(best <= 0, k.value(NONE, which.type), which)
                        best = k.where(best < 0, 0, best)
                    y[column + at] = best
                    choice[column + at] = k.to("i8", which)

    return Kernel(pool, parameters(f"{kind}*: x y", "i8*: choice", SIZES), f"{'rectified_' * rectified}pool_{kind}_{tall}_{wide}")


@cache
def spread(char: str, tall: int, wide: int) -> Kernel:
    kind, width = KINDS[char]
    lanes = width if wide <= 2 else 1

    def spread(k, g, dx, choice, planes, each, rows, columns, height, width, piece, thread):  # type: ignore[no-untyped-def]
        for plane in k.rows_of(piece, each, planes):
            for row in k.range(rows):
                at, start = (plane * rows + row) * columns, (plane * height + row * tall) * width
                for column in k.vectors(columns, lanes):
                    upstream, which = g[column + at], k.to("i32", choice[column + at])
                    for r in range(tall):
                        for line in range(0, lanes * wide, LINE):  # rows are written one behind the other
                            k.prefetch(dx, start + width * r + column.start * wide + (AHEAD + line))
                        entries = [k.where(which == r * wide + t, upstream, 0) for t in range(wide)]
                        write(k, dx, start + width * r, column, columns, entries)

    return Kernel(spread, parameters(f"{kind}*: g dx", "i8*: choice", SIZES), f"spread_{kind}_{tall}_{wide}")


def read(k: Builder, x: Buffer, start: Value, column: Lanes, columns: Value, wide: int) -> list[Value]:
    """A row's entries in these columns of windows: the first of each window, the second of each, …"""
    if column.width == 1 or wide == 1:
        return [x[Lanes(column.start * wide + start + t, column.width, column.mask)] for t in range(wide)]
    a, b = (x[at] for at in halves(k, start, column, columns))
    return [k.shuffle(a, b, tuple(range(t, 2 * column.width, 2))) for t in range(2)]


def write(k: Builder, x: Buffer, start: Value, column: Lanes, columns: Value, entries: list[Value]) -> None:
    """The other way."""
    if column.width == 1 or len(entries) == 1:
        for t, entry in enumerate(entries):
            x[Lanes(column.start * len(entries) + start + t, column.width, column.mask)] = entry
        return
    for half, at in enumerate(halves(k, start, column, columns)):
        first = half * column.width // 2
        x[at] = k.shuffle(entries[0], entries[1], tuple(i + t for i in range(first, first + column.width // 2) for t in (0, column.width)))


def halves(k: Builder, start: Value, column: Lanes, columns: Value) -> list[Lanes]:
    """Where the entries of these windows, two of each, are in a row."""
    found = []
    for first in (0, column.width):
        mask = None
        if column.mask is not None:
            mask = k.emit("first", Type("i1", column.width), (columns - column.start) * 2 - first)
        found.append(Lanes(column.start * 2 + start + first, column.width, mask))
    return found
