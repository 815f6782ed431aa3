"""The last four k of a product, by vectors.

    C[i, j] += Σₖ A[i, k] · B[k, j]

Tile registers take 32 k at a time, so of 100 the last four would cost them a quarter of their work.
"""

from __future__ import annotations

from .cutting import LANES, PAIRS, SIDE
from .gemm import Matrix
from .loops import Builder, Lanes, Type, Value

FEW = 4
Run = tuple[Value, Value]  # the first of them, and how many there are


def few(inner: int, b_turned: bool) -> int:
    """How many k at the end are left to vectors; of B these are to be rows.

    >>> few(100, False), few(100, True), few(96, False)
    (4, 0, 0)
    """
    return FEW if inner % PAIRS == FEW and inner > PAIRS and not b_turned else 0


def add(k: Builder, a: Matrix, b: Matrix, c: Matrix, p: Value, rows: Run, columns: Run) -> None:
    """The sums over these k, from ``p`` on, to rows and up to 32 columns of C."""
    (i, left), (j, width) = rows, columns
    a, b = a.from_(i, p), b.from_(p, j)
    there = {v: k.emit("first", Type("i1", LANES), width - v) for v in range(0, SIDE, LANES)}
    found = {v: [b.data[Lanes(b.at(q, v), LANES, mask)] for q in range(FEW)] for v, mask in there.items()}
    for r in k.range(left):
        numbers = [k.spread(a.entry(r, q), LANES) for q in range(FEW)]
        for v, mask in there.items():
            at = Lanes(c.at(i + r, j + v), LANES, mask)
            total = c.data[at]
            for x, y in zip(numbers, found[v], strict=True):
                total = k.fma(x, y, total)
            c.data[at] = total
