"""Single passes over memory, by all cores: each thread takes the part that it had of the arrays before.

    z[i] = x[i] + y[i]
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .aligned import empty
from .compiled import Kernel, parameters, ready
from .gemm import WIDTHS
from .multiply import KINDS

STEP = 1 << 14  # entries in a piece
SOON = 256  # entries ahead of those that are added, which are asked of memory
BEYOND = 1 << 25  # bytes of a result from which it is written past the caches, where the next loop would not find it anyway


@cache
def adder(kind: str, past: bool) -> Kernel:
    """The loop; with ``past``, for a new z that is too large for the caches, written past them."""

    def add(k, x, y, z, n, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.entries_of(piece, STEP, n, WIDTHS[kind]):
            for a in (x, y):
                k.prefetch(a, i.start + SOON)
            if past:
                k.stream(z, i, x[i] + y[i])
            else:
                z[i] = x[i] + y[i]
        if past:
            k.settle()

    return Kernel(add, parameters(f"{kind}*: x y z", "i64: n"), f"add_{kind}{'_streaming' * past}")


def add(x: np.ndarray, y: np.ndarray, out: np.ndarray | None = None) -> np.ndarray | None:
    """x + y for arrays of one shape, in order in memory, into ``out`` if given (which may be x or y); None where there is no
    machine code.

    >>> add(np.arange(3.0), np.ones(3)).tolist()
    [1.0, 2.0, 3.0]
    """
    if x.dtype not in KINDS or not ready():
        return None
    z = empty(x.shape, x.dtype) if out is None else out
    adder(KINDS[x.dtype], out is None and z.nbytes >= BEYOND).share(-(-x.size // STEP), x, y, z, x.size)
    return z
