"""Products of a large matrix and a vector: the matrix is read once, by all cores, at the speed of memory.

    y[i] = b + Σⱼ A[i, j] x[j]        z[j] = Σᵢ g[i] A[i, j]

For y, 16 rows at a time keep a vector of sums each, and those are added up together at the end. For z, some rows give a
partial sum, and the partial sums are added up afterwards; which rows depends on the shape alone.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .compiled import Kernel, parameters, ready
from .gemm import WIDTHS, together
from .loops import INDEX, Lanes, Type, Value

KINDS = {np.dtype(np.float32): "f32", np.dtype(np.float64): "f64"}
PIECE_BYTES = 1 << 18  # of the matrix, for y
PART_BYTES, PARTS = 1 << 19, 64  # of the matrix, for a partial sum of z; and how many of these at most
SUM_BYTES = 1 << 16  # of a matrix that has just been written, for the sums of its columns
WAYS, VECTORS = 2, 4  # rows in turn, and vectors of columns, that z is summed in


@cache
def across(kind: str) -> Kernel:
    """y[i] = b + Σⱼ A[i, j] x[j]"""
    lanes = WIDTHS[kind]

    def across(k, a, x, b, y, m, n, a_step, rows, piece, thread):  # type: ignore[no-untyped-def]
        last = k.smaller(m, piece * rows + rows)
        shift = k.spread(b[0], lanes)
        for i in k.range(piece * rows, last, lanes):
            left = last - i
            starts = [(i + k.smaller(k.value(r, INDEX), left - 1)) * a_step for r in range(lanes)]
            sums = [k.variable(0, Type(kind, lanes)) for _ in range(lanes)]
            for j in k.vectors(n, lanes):
                seen = x[j]
                for total, start in zip(sums, starts, strict=True):
                    total.value = k.fma(a[j + start], seen, total.value)
            y[Lanes(i, lanes, k.emit("first", Type("i1", lanes), left))] = together(k, [s.value for s in sums]) + shift

    return Kernel(across, parameters(f"{kind}*: a x b y", "i64: m n a_step rows"), f"across_{kind}", ("a",))


@cache
def down(kind: str) -> Kernel:
    """z[piece, j] = Σᵢ g[i] A[i, j] over the rows of a piece"""
    lanes = WIDTHS[kind]

    def down(k, a, g, z, m, n, a_step, rows, piece, thread):  # type: ignore[no-untyped-def]
        first = piece * rows
        last = k.smaller(m, first + rows)
        even = first + (last - first) // WAYS * WAYS
        for j in k.range(0, n, VECTORS * lanes):
            masks = [k.emit("first", Type("i1", lanes), n - j - v * lanes) for v in range(VECTORS)]
            sums = [[k.variable(0, Type(kind, lanes)) for _ in range(VECTORS)] for _ in range(WAYS)]

            def add(i: Value, total: list, masks=masks, j=j) -> None:  # type: ignore[no-untyped-def, type-arg]
                upstream = k.spread(g[i], lanes)
                for v, mask in enumerate(masks):
                    at = Lanes(i * a_step + j + v * lanes, lanes, mask)
                    total[v].value = k.fma(upstream, a[at], total[v].value)

            for i in k.range(first, even, WAYS):
                for way in range(WAYS):
                    add(i + way, sums[way])
            for i in k.range(even, last):
                add(i, sums[0])
            for v, mask in enumerate(masks):
                whole = sums[0][v].value
                for other in sums[1:]:
                    whole = whole + other[v].value
                z[Lanes(piece * n + j + v * lanes, lanes, mask)] = whole

    return Kernel(down, parameters(f"{kind}*: a g z", "i64: m n a_step rows"), f"down_{kind}", ("a",))


@cache
def sums(kind: str) -> Kernel:
    """z[piece, j] = Σᵢ A[i, j] over the rows of a piece, several rows at a time"""
    lanes, ways = WIDTHS[kind], 8

    def sums(k, a, z, m, n, a_step, rows, piece, thread):  # type: ignore[no-untyped-def]
        first, to = piece * rows, piece * n
        last = k.smaller(m, first + rows)
        even = first + (last - first) // ways * ways
        for j in k.vectors(n, lanes):
            z[j + to] = k.spread(k.value(0.0, Type(kind)), lanes)
        for start, stop, step in ((first, even, ways), (even, last, 1)):
            for i in k.range(start, stop, step):
                for j in k.vectors(n, lanes):
                    z[j + to] = sum((a[j + (i + way) * a_step] for way in range(step)), z[j + to])

    return Kernel(sums, parameters(f"{kind}*: a z", "i64: m n a_step rows"), f"sums_{kind}", ("a",))


def by_rows(a: np.ndarray) -> bool:
    return a.strides[1] == a.itemsize and a.strides[0] >= a.shape[1] * a.itemsize and not a.strides[0] % a.itemsize


def suits(a: np.ndarray, x: np.ndarray) -> bool:
    if not (isinstance(a, np.ndarray) and isinstance(x, np.ndarray)):
        return False
    return a.ndim == 2 and x.ndim == 1 and a.dtype in KINDS and a.dtype == x.dtype and bool(a.size) and ready()


def one(bias: np.ndarray, dtype: np.dtype) -> bool:
    return isinstance(bias, np.ndarray) and bias.shape == (1,) and bias.dtype == dtype


def times(a: np.ndarray, x: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray | None:
    """A x, plus the one entry of ``bias``; None where the loops can't read the matrix. Shapes: A (m, n), x (n,), result (m,).

    >>> times(np.arange(6.0).reshape(2, 3), np.array([1.0, 0.0, 2.0]), np.array([10.0]))
    array([14., 23.])
    """
    if not suits(a, x) or a.shape[1] != x.size or (bias is not None and not one(bias, a.dtype)):
        return None
    if not by_rows(a):
        found = rows_times(x, a.T) if by_rows(a.T) else None
        return found if found is None or bias is None else found + bias
    (m, n), kind, size = a.shape, KINDS[a.dtype], a.itemsize
    y = np.empty(m, a.dtype)
    shift = np.zeros(1, a.dtype) if bias is None else bias
    rows = max(PIECE_BYTES // (n * size) // 16 * 16, 16)
    across(kind).share(-(-m // rows), a, np.ascontiguousarray(x), shift, y, m, n, a.strides[0] // size, rows)
    return y


def rows_times(g: np.ndarray, a: np.ndarray) -> np.ndarray | None:
    """g A, for as many numbers g as A has rows; None where the loops can't read the matrix.

    >>> rows_times(np.array([1.0, 2.0]), np.arange(6.0).reshape(2, 3))
    array([ 6.,  9., 12.])
    """
    if not suits(a, g) or a.shape[0] != g.size:
        return None
    if not by_rows(a):
        return times(a.T, g) if by_rows(a.T) else None
    (m, n), kind, size = a.shape, KINDS[a.dtype], a.itemsize
    rows = max(PART_BYTES // (n * size), -(-m // PARTS), 1)
    parts = np.empty((-(-m // rows), n), a.dtype)
    down(kind).share(len(parts), a, np.ascontiguousarray(g), parts, m, n, a.strides[0] // size, rows)
    return np.add.reduce(parts, 0)


def column_sums(a: np.ndarray) -> np.ndarray | None:
    """Σᵢ A[i, j]; None where the loops can't read the matrix.

    >>> column_sums(np.arange(6.0).reshape(2, 3))
    array([3., 5., 7.])
    """
    if not (a.dtype in KINDS and a.size and by_rows(a) and ready()):
        return None
    (m, n), kind, size = a.shape, KINDS[a.dtype], a.itemsize
    rows = max(SUM_BYTES // (n * size), -(-m // PARTS), 1)
    z, count, add = np.empty(n, a.dtype), -(-m // rows), sums(kind)
    parts = z if count == 1 else np.empty((count, n), a.dtype)
    add.share(count, a, parts, m, n, a.strides[0] // size, rows)
    if count > 1:
        add.share(1, parts, z, count, n, n, count)  # NumPy takes 15 µs here, where large arrays have had the cache
    return z
