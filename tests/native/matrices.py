"""Matrices in memory that ends where none may be touched, and what a product of them must come to."""

import ctypes
import mmap
import os

import numpy as np

DTYPES = {"f32": np.float32, "f64": np.float64}
TIGHT = {"f32": 2e-6, "f64": 4e-15}
held = []  # memory with guards is kept until the end: arrays may still look at it


def guarded(x: np.ndarray, front: bool = False) -> np.ndarray:
    """A copy, held by rows, that ends where memory that may not be touched begins; or begins where it ends."""
    if os.name == "nt":
        return x.copy()
    page = mmap.PAGESIZE
    size = -(-x.nbytes // page) * page
    memory = mmap.mmap(-1, size + page)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    assert protect(ctypes.c_void_p(address if front else address + size), page, 0) == 0
    start = page if front else size - x.nbytes
    copy = np.frombuffer(memory, x.dtype, x.size, start).reshape(x.shape)
    copy[...] = x
    held.append(memory)
    return copy


def laid_out(x: np.ndarray, turned: bool, front: bool = False) -> np.ndarray:
    """The same matrix, its columns next to each other if ``turned``, with forbidden memory beside it."""
    return guarded(x.T, front).T if turned else guarded(x, front)


def matrices(m, n, inner, kind, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(DTYPES[kind]) for shape in ((m, inner), (inner, n), (m, n))]


def close(y, a, b, kind, start=0.0):
    scale = np.abs(a).astype(float) @ np.abs(b) + np.abs(start)
    assert (np.abs(y - (a.astype(float) @ b + start)) <= TIGHT[kind] * scale + 1e-30).all()


def stack(x, turned, front):
    """Matrices one behind the other, each by columns if ``turned``, with forbidden memory beside them."""
    return guarded(x.mT, front).mT if turned else guarded(x, front)
