"""Copies of large arrays whose entries lie apart, shared by all cores.

    y[o, m, i, q] = x[o, m, i, q]

Axes that follow each other in memory are seen as one. Of those that remain there may be four, and along the last one entries lie
next to each other, in runs: an array whose axes in front were exchanged, or a part of a larger one.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from ...native import KINDS, Kernel, kernels, parameters
from ...native.aligned import empty

LEAST, STEP, RUN = 1 << 15, 1 << 14, 8  # entries from which it pays, of a piece, and of a run at least


class Runs(NamedTuple):
    """An array as (outer, middle, inner, run), and the steps in front of the runs, in entries."""

    outer: int
    middle: int
    inner: int
    run: int
    outer_step: int
    middle_step: int
    inner_step: int


def copy(x: np.ndarray) -> np.ndarray:
    """The same entries in memory of their own, in order.

    >>> copy(np.arange(6).reshape(2, 3).T).flags.c_contiguous
    True
    """
    if x.size < LEAST or x.dtype.char not in KINDS or (runs := runs_of(x.shape, x.strides, x.itemsize)) is None:
        return x.copy()
    if not kernels.ready():
        return x.copy()
    y = empty(x.shape, x.dtype)
    each = STEP // (runs.inner * runs.run) or 1
    copier(x.dtype.char).share(-(-runs.outer * runs.middle // each), x, y, *runs, each)
    return y


@lru_cache(maxsize=512)
def runs_of(shape: tuple[int, ...], strides: tuple[int, ...], size: int) -> Runs | None:
    """How an array of entries of so many bytes is gone through; None if it has no runs worth it, or too many axes.

    >>> runs_of((8, 4, 64, 32), (32768, 128, 512, 4), 4)  # (samples, positions, heads, entries), two axes exchanged
    Runs(outer=8, middle=4, inner=64, run=32, outer_step=8192, middle_step=32, inner_step=128)
    """
    axes: list[tuple[int, int]] = []  # the last one first
    for n, step in zip(reversed(shape), reversed(strides)):
        if axes and step == axes[-1][0] * axes[-1][1]:
            axes[-1] = n * axes[-1][0], axes[-1][1]
        elif n != 1:
            axes.append((n, step))
    if not 2 <= len(axes) <= 4 or axes[0][0] < RUN or axes[0][1] != size or any(step % size for _, step in axes):
        return None
    if len(axes) == 2:
        axes.insert(1, (1, 0))  # pieces are cut along the two in front
    (run, _), (inner, last), (middle, second), (outer, first) = axes + [(1, 0)] * (4 - len(axes))
    return Runs(outer, middle, inner, run, first // size, second // size, last // size)


@cache
def copier(char: str) -> Kernel:
    kind, width = KINDS[char]
    soon = 4 * width

    def copy(k, x, y, outer, middle, inner, run, outer_step, middle_step, inner_step, each, piece, thread):  # type: ignore[no-untyped-def]
        for line in k.rows_of(piece, each, outer * middle):
            o = line // middle
            start = o * outer_step + (line - o * middle) * middle_step
            for i in k.range(inner):
                to = (line * inner + i) * run
                for q in k.vectors(run, width):
                    k.prefetch(y, q.start + to + soon)
                    y[q + to] = x[q + (start + i * inner_step)]

    sizes = "i64: outer middle inner run outer_step middle_step inner_step each"
    return Kernel(copy, parameters(f"{kind}*: x y", sizes), f"copy_{kind}", strided=("x",))
