"""Matrix products of arrays: small ones by NumPy, large ones and many together by loops of our own (`native.multiply`)."""

from __future__ import annotations

import numpy as np

from ...base.threads import one_blas_thread
from ...native import multiply

LEAST = 1 << 18  # multiply-adds from which OpenBLAS uses its own threads
ALONE = 1 << 20  # of one product from which sharing it is worth its few microseconds


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b for two matrices. ``dot`` has half the overhead of the matmul ufunc."""
    work = a.size * b.shape[1]
    if work <= LEAST or type(a) is not np.ndarray:
        return a.dot(b)
    found = multiply.product(a, b) if work >= ALONE else None
    if found is not None:
        return found
    with one_blas_thread:
        return a.dot(b)


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b for matrices with leading axes."""
    work = a.shape[-2] * a.shape[-1] * b.shape[-1]
    if a.ndim > 2 and a.size * b.shape[-1] >= ALONE and a.shape[:-2] == b.shape[:-2]:
        found = multiply.product(a, b)
        if found is not None:
            return found
    if work <= LEAST or a.ndim == b.ndim == 2:
        return a @ b
    with one_blas_thread:
        return a @ b
