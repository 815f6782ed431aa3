"""Matrix products of arrays: small ones by NumPy, large ones and many together shared between the cores (`native.blas`)."""

from __future__ import annotations

import numpy as np

from ...base.threads import one_blas_thread
from ...native import blas

LEAST = blas.LEAST


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b for two matrices. ``dot`` has half the overhead of the matmul ufunc."""
    work = a.size * b.shape[1]
    if work <= LEAST:
        return a.dot(b)
    found = blas.product(a, b) if work >= blas.SHARED and a.shape[1] == b.shape[0] else None
    if found is not None:
        return found
    with one_blas_thread:
        return a.dot(b)


def matmul(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a b for matrices with leading axes."""
    if a.ndim > 2 and a.shape[:-2] == b.shape[:-2] and a.size * b.shape[-1] >= blas.SHARED and a.shape[-1] == b.shape[-2]:
        found = blas.product(a, b)
        if found is not None:
            return found
    return a @ b
