"""Entries and rows at places that an index array names, as machine code: picked, put, added.

    rows:     y[n, q] = x[i[n], q]        y[o, i[n], q] += x[o, n, q]        or each row of x to several places, one after the other
    entries:  y[o, n, q] = x[o, i[o, n, q], q]        y[o, i[o, n, q], q] = x[o, n, q], or += x[o, n, q]

Shapes: x and y are seen as (outer, along the axis, inner). Entries that meet in one place are added in the order in which
they are named, by one thread: each has a part of the places (rows), or of the outer axis.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import numpy as np

from ...native import KINDS, Kernel, kernels, parameters

LEAST, PARTS = 1 << 12, 4  # entries from which it pays; parts that threads share
MANY = 1 << 15  # entries from which picking rows pays


def suits(y: np.ndarray, x: Any, index: np.ndarray) -> bool:
    """Whether there is machine code for these: much to do, in float32 or float64, and addresses in range from 0."""
    return (
        index.size > 0
        and x.size >= LEAST
        and y.dtype.char in KINDS
        and x.dtype == y.dtype
        and index.dtype.char == "l"
        and index.dtype.itemsize == 8
        and y.flags.c_contiguous
        and kernels.ready()
    )


def in_range(index: np.ndarray, count: int) -> bool:
    return bool(np.minimum.reduce(index, None) >= 0 and np.maximum.reduce(index, None) < count)


def add_rows(y: np.ndarray, rows: np.ndarray, x: np.ndarray, dim: int = 0, repeat: int = 1) -> bool:
    """y[…, rows[n], …] += x[…, n // repeat, …] at an axis, where there is machine code for it; says whether it was done."""
    if rows.ndim != 1 or x.shape != (*y.shape[:dim], rows.size // repeat, *y.shape[dim + 1 :]) or not suits(y, x, rows):
        return False
    if not in_range(rows, y.shape[dim]):
        return False
    outer, count, inner = prod(y.shape[:dim]), y.shape[dim], prod(y.shape[dim + 1 :])
    parts = min(PARTS, count)
    each = -(-count // parts)
    adder(y.dtype.char, inner == 1).share(
        parts, np.ascontiguousarray(rows), np.ascontiguousarray(x), y, outer, count, x.shape[dim], repeat, inner, each
    )
    return True


def rows_at(x: np.ndarray, index: np.ndarray) -> np.ndarray | None:
    """y[…, :] = x[index[…], :] for a matrix x; None where NumPy is as good."""
    n = x.shape[1]
    if index.size * n < MANY or x.dtype.char not in KINDS or index.dtype.char != "l" or index.dtype.itemsize != 8:
        return None
    if not (x.flags.c_contiguous and index.flags.c_contiguous and kernels.ready() and in_range(index, len(x))):
        return None
    y = np.empty((*index.shape, n), x.dtype)
    each = max(MANY // (4 * n), 1)
    looker(x.dtype.char).share(-(-index.size // each), index, x, y, index.size, n, each)
    return y


def along(what: str, x: np.ndarray, index: np.ndarray, y: np.ndarray, dim: int) -> bool:
    """Pick, put or add entries along an axis: ``what`` is "gather", "put" or "add"; says whether it was done.

    ``index`` has the shape of y when gathering and of x otherwise; the other of the two may differ from it along ``dim``.
    """
    source, few, many = (x, y, x) if what == "gather" else (x, x, y)
    others = [(n, m) for d, (n, m) in enumerate(zip(index.shape, many.shape)) if d != dim % many.ndim]
    if index.ndim != many.ndim or any(n != m for n, m in others) or few.shape != index.shape:
        return False
    if not suits(y, few, index) or source.dtype != y.dtype or not in_range(index, many.shape[dim]):
        return False
    dim %= many.ndim
    outer, inner = prod(many.shape[:dim]), prod(many.shape[dim + 1 :])
    parts = min(4 * PARTS, outer)
    each = -(-outer // parts)
    mover(what, y.dtype.char, inner == 1).share(
        -(-outer // each), np.ascontiguousarray(index), np.ascontiguousarray(source), y,
        outer, many.shape[dim], index.shape[dim], inner, each,
    )  # fmt: skip
    return True


@cache
def adder(char: str, single: bool) -> Kernel:
    kind, width = KINDS[char]

    def add(k, rows, x, y, outer, count, n, repeat, inner, each, piece, thread):  # type: ignore[no-untyped-def]
        first = piece * each
        last = first + each
        for o in k.range(outer):
            for i in k.range(n):
                source = (o * n + i) * inner
                for place in k.range(i * repeat, (i + 1) * repeat):
                    row = rows[place]
                    for _ in k.when((row >= first) & (row < last)):
                        to = (o * count + row) * inner
                        if single:
                            y[to] = y[to] + x[source]
                        else:
                            for q in k.vectors(inner, width):
                                y[q + to] = y[q + to] + x[q + source]

    kinds = parameters("i64*: rows", f"{kind}*: x y", "i64: outer count n repeat inner each")
    return Kernel(add, kinds, f"add_rows_{kind}{'_single' * single}")


@cache
def looker(char: str) -> Kernel:
    kind, width = KINDS[char]

    def look(k, rows, x, y, count, n, each, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.rows_of(piece, each, count):
            start, to = rows[i] * n, i * n
            for q in k.vectors(n, width):
                k.prefetch(y, q.start + to + n)
                y[q + to] = x[q + start]

    return Kernel(look, parameters("i64*: rows", f"{kind}*: x y", "i64: count n each"), f"rows_at_{kind}")


@cache
def mover(what: str, char: str, single: bool) -> Kernel:
    kind, _ = KINDS[char]

    def moved(x: Any, y: Any, here: Any, there: Any) -> None:
        if what == "gather":
            y[here] = x[there]
        else:
            y[there] = y[there] + x[here] if what == "add" else x[here]

    def move(k, index, x, y, outer, count, n, inner, each, piece, thread):  # type: ignore[no-untyped-def]
        for o in k.rows_of(piece, each, outer):
            if single:
                start, before = o * n, o * count
                for i in k.range(start, start + n):
                    moved(x, y, i, before + index[i])
            else:
                for i in k.range(n):
                    start, before = (o * n + i) * inner, o * count
                    for q in k.range(inner):
                        moved(x, y, start + q, (before + index[start + q]) * inner + q)

    kinds = parameters("i64*: index", f"{kind}*: x y", "i64: outer count n inner each")
    return Kernel(move, kinds, f"{what}_{kind}{'_single' * single}")
