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


@cache
def adder(kind: str) -> Kernel:
    def add(k, x, y, z, n, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.entries_of(piece, STEP, n, WIDTHS[kind]):
            for a in (x, y):
                k.prefetch(a, i.start + SOON)
            z[i] = x[i] + y[i]

    return Kernel(add, parameters(f"{kind}*: x y z", "i64: n"), f"add_{kind}")


def add(x: np.ndarray, y: np.ndarray, out: np.ndarray | None = None) -> np.ndarray | None:
    """x + y for arrays of one shape, in order in memory, into ``out`` if given (which may be x or y); None where there is no
    machine code.

    >>> add(np.arange(3.0), np.ones(3)).tolist()
    [1.0, 2.0, 3.0]
    """
    if x.dtype not in KINDS or not ready():
        return None
    z = empty(x.shape, x.dtype) if out is None else out
    adder(KINDS[x.dtype]).share(-(-x.size // STEP), x, y, z, x.size)
    return z
