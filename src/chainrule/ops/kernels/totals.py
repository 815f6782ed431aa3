"""Sums, largest entries and running sums of rows as machine code: one pass, no temporaries.

    Σ x        Σ x²        Σ |x|        max x        y[i] = x[0] + … + x[i]

Shapes: x (rows, n), seen from an array whose last axes are reduced; for sums over the first axes or over some in the middle,
x (outer, n, inner). Sums are taken lane by lane, running sums in float64, as
PyTorch's are.
"""

from __future__ import annotations

from functools import cache
from math import prod

import numpy as np

from ...graph import large
from ...native import KINDS, Kernel, kernels, parameters
from ...native.aligned import empty
from ...native.loops import Type

LEAST, LINE = 1 << 13, 1 << 12  # entries from which it pays; entries of a row that are added in one go


def reduced(what: str, x: np.ndarray, dims: tuple[int, ...] | None, keepdim: bool) -> np.ndarray | None:
    """The reduction of the last axes, or of all, or a sum over others that follow each other; None where NumPy is as good."""
    if x.size < LEAST or x.dtype.char not in KINDS or not x.flags.c_contiguous or not kernels.ready():
        return None
    count = x.ndim if dims is None else len(dims)
    if dims is not None and what == "sum" and 0 < count < x.ndim and tuple(sorted(dims)) == tuple(range(count)):
        return large.sum_ahead(x, count).reshape((1,) * (count * keepdim) + x.shape[count:])
    if dims is not None and what == "sum" and count and 0 < dims[0] and dims[0] + count - 1 == dims[-1] < x.ndim - 1:
        y = sum_between(x.reshape(prod(x.shape[: dims[0]]), -1, prod(x.shape[dims[-1] + 1 :])))
        return None if y is None else y.reshape((*x.shape[: dims[0]], *(1,) * (count * keepdim), *x.shape[dims[-1] + 1 :]))
    if not count or dims is not None and tuple(sorted(dims)) != tuple(range(x.ndim - count, x.ndim)):
        return None
    n = prod(x.shape[x.ndim - count :])
    if n < 4 or n > 1 << 20 and what == "largest":
        return None
    y = rows_of(what, x.reshape(-1, n))
    shape = (*x.shape[: x.ndim - count], *(1,) * count) if keepdim else x.shape[: x.ndim - count]
    return y.reshape(shape)


def rows_of(what: str, x: np.ndarray) -> np.ndarray:
    """The reduction of each row; long rows are cut, and the parts of their sums added pairwise."""
    rows, n = x.shape
    if n > 2 * LINE and what != "largest":
        whole = n - n % LINE
        parts = [rows_of(what, np.ascontiguousarray(x[:, :whole]).reshape(-1, LINE)).reshape(rows, -1)]
        if whole < n:
            parts.append(rows_of(what, np.ascontiguousarray(x[:, whole:])).reshape(rows, 1))
        return np.add.reduce(np.concatenate(parts, 1), 1)
    y = np.empty(rows, x.dtype)
    each = max(1 << 14, -(-x.size // 64)) // n or 1
    reducer(what, x.dtype.char).share(-(-rows // each), x, y, rows, n, each)
    return y


@cache
def reducer(what: str, char: str) -> Kernel:
    kind, width = KINDS[char]

    def total(k, x, y, rows, n, each, piece, thread):  # type: ignore[no-untyped-def]
        for row in k.rows_of(piece, each, rows):
            at = row * n
            if what == "largest":
                top = k.extreme("largest", 4, width, kind)
                for i in k.vectors(n, width, 4):
                    entry = x[i + at]
                    top.add(entry if i.mask is None else k.where(i.mask, entry, float("-inf")))
                y[row] = top.total()
            else:
                sums = k.sum(4, width, kind)
                for i in k.vectors(n, width, 4):
                    entry = x[i + at]  # 0 in the lanes that a mask leaves out
                    if what == "squares":
                        sums.add_product(entry, entry)
                    else:
                        sums.add(k.abs(entry) if what == "sizes" else entry)
                y[row] = sums.total()

    return Kernel(total, parameters(f"{kind}*: x y", "i64: rows n each"), f"{what}_{kind}")


def sum_between(x: np.ndarray) -> np.ndarray | None:
    """Σ over the middle axis of (outer, n, inner); NumPy is slow where the lines that it adds up are many, and short."""
    outer, n, inner = x.shape
    if outer * n < 512 and x.size < 1 << 17:
        return None
    y = empty((outer, inner), x.dtype)
    each = max(1, (1 << 14) // max(n * inner, 1))
    between(x.dtype.char).share(-(-outer // each), x, y, outer, n, inner, each)
    return y


@cache
def between(char: str) -> Kernel:
    kind, width = KINDS[char]

    def add(k, x, y, outer, n, inner, each, piece, thread):  # type: ignore[no-untyped-def]
        for o in k.rows_of(piece, each, outer):
            for j in k.vectors(inner, width, 4):
                sums = k.variable(0, Type(kind, width))
                for i in k.range(n):
                    sums.value = sums.value + x[j + (o * n + i) * inner]
                y[j + o * inner] = sums.value

    return Kernel(add, parameters(f"{kind}*: x y", "i64: outer n inner each"), f"between_{kind}")


def running(x: np.ndarray, dim: int) -> np.ndarray | None:
    """The running sums along an axis, which inner axes may follow; None where NumPy is as good."""
    if x.size < LEAST or x.dtype.char not in KINDS or not kernels.ready():
        return None
    x = np.ascontiguousarray(x)
    outer, n, inner = prod(x.shape[:dim]), x.shape[dim], prod(x.shape[dim + 1 :])
    y = empty(x.shape, x.dtype)
    each = -(-outer // 16)
    runner(x.dtype.char, inner == 1).share(-(-outer // each), x, y, outer, n, inner, each)
    return y


@cache
def runner(char: str, single: bool) -> Kernel:
    kind, _ = KINDS[char]
    lanes = 8

    def run(k, x, y, outer, n, inner, each, piece, thread):  # type: ignore[no-untyped-def]
        for o in k.rows_of(piece, each, outer):
            start = o * n * inner
            if single:
                total = k.variable(0, Type("f64"))
                for i in k.range(start, start + n):
                    total.value = total.value + (x[i] if kind == "f64" else k.to("f64", x[i]))
                    y[i] = total.value if kind == "f64" else k.to(kind, total.value)
            else:
                for q in k.vectors(inner, lanes):
                    sums = k.variable(0, Type("f64", lanes))
                    for i in k.range(n):
                        here = q + (start + i * inner)
                        sums.value = sums.value + (x[here] if kind == "f64" else k.to("f64", x[here]))
                        y[here] = sums.value if kind == "f64" else k.to(kind, sums.value)

    return Kernel(run, parameters(f"{kind}*: x y", "i64: outer n inner each"), f"running_{kind}{'_single' * single}")
