"""Softmax and log-softmax of rows as machine code: the passes over a row find it in the first-level cache.

Shapes: all arrays (rows, n), float32; `softmax` says the formulas.
"""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any

import numpy as np

from ...native import Kernel, kernels, parameters
from ...native.aligned import empty
from ...native.vecmath import decay, exp, log

LEAST, PIECES, WIDTH = 1 << 12, 32, 16  # entries from which it pays; pieces; lanes


def suits(x: np.ndarray, axis: int) -> bool:
    """Whether rows lie one behind the other, neither tiny nor larger than the cache, and are enough to do."""
    if x.size < LEAST or x.dtype.char != "f" or axis % x.ndim != x.ndim - 1:
        return False
    return 16 <= x.shape[-1] <= 1 << 13 and kernels.ready()


def run(name: str, *arrays: np.ndarray) -> np.ndarray:
    """One of the kernels below on arrays of one shape."""
    arrays = tuple(np.ascontiguousarray(a) for a in arrays)
    result = empty(arrays[0].shape, arrays[0].dtype)
    n = result.shape[-1]
    rows = prod(result.shape[:-1])
    each = -(-rows // PIECES)
    compiled(name).share(-(-rows // each), *arrays, result, rows, n, each)
    return result


def largest(k: Any, x: Any, n: Any, at: Any) -> Any:
    """The largest entry of a row, for all lanes."""
    top = k.extreme("largest", 4)
    for i in k.vectors(n, WIDTH, 4):
        entries = x[i + at]
        top.add(entries if i.mask is None else k.where(i.mask, entries, float("-inf")))
    return k.spread(top.total(), WIDTH)


def exponentials(k: Any, x: Any, y: Any, n: Any, at: Any, exp: Any = exp) -> tuple[Any, Any]:
    """y = e^(x − m) for a row; m, and the sum of them. Meanwhile memory is asked for the next row."""
    top, total = largest(k, x, n, at), k.sum(4)
    for i in k.vectors(n, WIDTH, 4):
        e = exp(k, x[i + at] - top)
        k.prefetch(x, i.start + at + n)
        y[i + at] = e
        total.add(k.keep(e, i.mask))
    return top, total


def softmax(k, x, y, rows, n, each, piece, thread):  # type: ignore[no-untyped-def]
    for row in k.rows_of(piece, each, rows):
        at = row * n
        _top, total = exponentials(k, x, y, n, at)
        share = k.spread(1.0 / total.total())
        for i in k.vectors(n, WIDTH, 2):
            y[i + at] = y[i + at] * share


def softmax_back(k, g, y, dx, rows, n, each, piece, thread):  # type: ignore[no-untyped-def]
    for row in k.rows_of(piece, each, rows):
        at = row * n
        along = k.sum(2)
        for i in k.vectors(n, WIDTH, 2):
            along.add_product(g[i + at], y[i + at])
        mean = k.spread(along.total())
        for i in k.vectors(n, WIDTH, 2):
            dx[i + at] = y[i + at] * (g[i + at] - mean)


def log_softmax(k, x, y, rows, n, each, piece, thread):  # type: ignore[no-untyped-def]
    for row in k.rows_of(piece, each, rows):
        at = row * n
        top, total = largest(k, x, n, at), k.sum(4)
        for i in k.vectors(n, WIDTH, 4):
            total.add(k.keep(decay(k, x[i + at] - top), i.mask))
            k.prefetch(x, i.start + at + n)
        size = log(k, k.spread(total.total()))
        for i in k.vectors(n, WIDTH, 2):
            y[i + at] = x[i + at] - top - size


def log_softmax_back(k, g, y, dx, rows, n, each, piece, thread):  # type: ignore[no-untyped-def]
    for row in k.rows_of(piece, each, rows):
        at = row * n
        total = k.sum(2)
        for i in k.vectors(n, WIDTH, 2):
            total.add(g[i + at])
        upstream = k.spread(total.total())
        for i in k.vectors(n, WIDTH, 2):
            dx[i + at] = g[i + at] - exp(k, y[i + at]) * upstream


def cross_entropy(k, x, t, weighs, each_dx, loss, dx, rows, n, each, piece, thread):  # type: ignore[no-untyped-def]
    """−weighs · log softmax(x)[t], and softmax(x) less 1 at t, times ``each_dx``; rows that weigh nothing get zeros."""
    for row in k.rows_of(piece, each, rows):
        at = row * n
        top, total = exponentials(k, x, dx, n, at, decay)
        whole, spot = total.total(), at + t[row]
        weight, back = weighs[row], each_dx[row]
        size = k.lanes_to_one("largest", log(k, k.spread(whole)) - (k.spread(x[spot]) - top))
        loss[row] = k.where(weight == 0.0, 0.0, weight * size)
        share = k.spread(back / whole)
        counts = k.spread(back) != 0.0
        for i in k.vectors(n, WIDTH, 2):
            dx[i + at] = k.where(counts, dx[i + at] * share, 0.0)
        dx[spot] = dx[spot] - back


PROGRAMS = {f.__name__: f for f in (softmax, softmax_back, log_softmax, log_softmax_back)}


def loss_of_classes(x: np.ndarray, t: np.ndarray, weighs: np.ndarray, each_dx: np.ndarray, dx: np.ndarray) -> np.ndarray:
    """The loss of each row of scores x (rows, n) for the classes t, all of them within range; the gradient into ``dx``."""
    rows, n = x.shape
    loss = np.empty(rows, x.dtype)
    each = -(-rows // PIECES)
    crossing().share(-(-rows // each), x, np.ascontiguousarray(t, np.int64), weighs, each_dx, loss, dx, rows, n, each)
    return loss


@cache
def crossing() -> Kernel:
    names = parameters("f32*: x", "i64*: t", "f32*: weighs each_dx loss dx", "i64: rows n each")
    return Kernel(cross_entropy, names)


@cache
def compiled(name: str) -> Kernel:
    arrays = "g y dx" if name.endswith("back") else "x y"
    return Kernel(PROGRAMS[name], parameters(f"f32*: {arrays}", "i64: rows n each"))
