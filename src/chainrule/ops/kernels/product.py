"""Matrix products of arrays: small ones by NumPy, large ones and many together by loops of our own (`native.multiply`, and
`native.lines` where one of the two is a vector).
"""

from __future__ import annotations

import numpy as np

from ...base.threads import one_blas_thread
from ...graph.large import native

LEAST = 1 << 18  # multiply-adds from which OpenBLAS uses its own threads
ALONE = 1 << 20  # from which sharing is worth its few microseconds
LINES = 1 << 19  # the same of a matrix and a vector
SUM, FEW = 1 << 12, 1 << 14  # a sum longer than this is cut into several, where results are fewer than this


def dot(a: np.ndarray, b: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """a b for two matrices, plus a row to each row. ``dot`` has half the overhead of the matmul ufunc."""
    work = a.size * b.shape[1]
    found = large(a, b, bias) if work > LINES else None
    if found is not None:
        return found
    if work <= LEAST:
        y = a.dot(b)
    else:
        with one_blas_thread:
            y = a.dot(b)
    if bias is not None:
        y += bias
    return y


def large(a: np.ndarray, b: np.ndarray, bias: np.ndarray | None) -> np.ndarray | None:
    """a b + bias shared by all cores; None where that can't be done."""
    lines, multiply, _ = native()
    (m, inner), n = a.shape, b.shape[1]
    if n == 1:
        found = lines.times(a, b.reshape(-1), bias)
        return found if found is None else found.reshape(m, 1)
    if m == 1 and bias is None:
        found = lines.rows_times(a.reshape(-1), b)
        return found if found is None else found.reshape(1, n)
    if m * inner * n < ALONE:
        return None
    if inner >= 2 * SUM and m * n <= FEW and bias is None:
        return long_sum(a, b)
    return multiply.product(a, b, bias)


def long_sum(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """a b for few long rows and columns: parts of the sum are products of their own, and added up."""
    multiply = native().multiply
    parts = a.shape[1] // SUM
    reach = parts * SUM
    of_a = a[:, :reach].reshape(len(a), parts, SUM).swapaxes(0, 1)
    of_b = b[:reach].reshape(parts, SUM, b.shape[1])
    found = multiply.product(of_a, of_b)
    if found is None:
        return None
    y = np.add.reduce(found, 0)
    if reach < a.shape[1]:
        y += a[:, reach:].dot(b[reach:])
    return y


def matmul(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """a b for matrices with leading axes, in ``out`` if that is given."""
    work = a.shape[-2] * a.shape[-1] * b.shape[-1]
    if a.ndim > 2 and a.size * b.shape[-1] >= ALONE and a.shape[:-2] == b.shape[:-2]:
        found = native().multiply.product(a, b, out=out)
        if found is not None:
            return found
    if work <= LEAST or a.ndim == b.ndim == 2:
        return a @ b if out is None else np.matmul(a, b, out)
    with one_blas_thread:
        return np.matmul(a, b, out)


def matrix_vector(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """a x"""
    if a.size > LINES:
        found = native().lines.times(a, x)
        if found is not None:
            return found
    return a.dot(x)


def vector_matrix(g: np.ndarray, a: np.ndarray) -> np.ndarray:
    """g a"""
    if a.size > LINES:
        found = native().lines.rows_times(g, a)
        if found is not None:
            return found
    return g.dot(a)
