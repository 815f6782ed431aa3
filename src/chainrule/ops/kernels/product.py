"""Matrix products of arrays: small ones by NumPy, large ones and many together shared between the cores (`native.blas`)."""

from __future__ import annotations

import numpy as np

from ...base.threads import one_blas_thread
from ...native import blas

LEAST = blas.LEAST


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b for two matrices. ``dot`` has half the overhead of the matmul ufunc."""
    work = a.size * b.shape[1]
    if work <= LEAST or type(a) is not np.ndarray:
        return a.dot(b)
    found = blas.product(a, b) if work >= blas.SHARED and a.shape[1] == b.shape[0] else None
    if found is not None:
        return found
    with one_blas_thread:
        return a.dot(b)


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b for matrices with leading axes.

    Small ones are not shared: each call of OpenBLAS takes a lock for its working memory, for which threads would queue.
    """
    work = a.shape[-2] * a.shape[-1] * b.shape[-1]
    if a.ndim > 2 and work > LEAST and a.shape[:-2] == b.shape[:-2] and a.shape[-1] == b.shape[-2]:
        found = blas.product(a, b)
        if found is not None:
            return found
    if work <= LEAST or a.ndim == b.ndim == 2:
        return a @ b
    with one_blas_thread:
        return a @ b
