"""Walk through an array in blocks that stay in the cache, each of which has whole lines along one axis.

Softmax and its kin reduce along an axis and then use the result on every entry of it. Of an array (outer, n, inner),
n being that axis, a block comes in one of two layouts:

- *rows*: (m, n), where each line is contiguous in memory;
- *columns*: (n, …), where the lines stand side by side, so that a reduction adds or compares whole rows of them.

NumPy reduces columns at memory speed but needs about 60 ns to find the largest entry of a row, whatever its length. So
short lines are copied to columns, which for 10 classes is eight times faster, and for long ones `largest` goes by way
of ``argmax``, which takes a third of the time of ``max``.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import NamedTuple

import numpy as np

from ...base.threads import parallel

BLOCK_BYTES = 1 << 19  # shorter steps would have the threads wait for each other at the interpreter's lock
SHORT = 32  # lines up to this length are copied to columns


class Lines(NamedTuple):
    """An array seen as (outer, n, inner), and how its blocks are laid out."""

    outer: int
    n: int
    inner: int
    rows: bool

    @property
    def axis(self) -> int:
        """The axis of a block along which its lines run."""
        return 1 if self.rows else 0

    def view(self, x: np.ndarray, block: tuple[slice, slice]) -> np.ndarray:
        """One block of an array of any shape with these outer, n and inner sizes: (m, n) or (n, outer, inner)."""
        x = x.reshape(self.outer, self.n, self.inner)
        return x[block[0], :, 0] if self.rows else x[block[0], :, block[1]].transpose(1, 0, 2)

    def each(self, x: np.ndarray, block: tuple[slice, slice]) -> np.ndarray:
        """The block's part of an array that has one entry per line, as a vector."""
        return x.reshape(self.outer, self.inner)[block].reshape(-1)

    def put_each(self, x: np.ndarray, block: tuple[slice, slice], values: np.ndarray) -> None:
        """Write into the block's part of such an array."""
        part = x.reshape(self.outer, self.inner)[block]
        part[...] = values.reshape(part.shape)


def lines_of(shape: tuple[int, ...], axis: int) -> Lines:
    """
    >>> lines_of((4, 100), -1)
    Lines(outer=4, n=100, inner=1, rows=True)
    >>> lines_of((4, 3, 5, 5), 1)
    Lines(outer=4, n=3, inner=25, rows=False)
    """
    axis %= len(shape)
    inner = prod(shape[axis + 1 :])
    return Lines(prod(shape[:axis]), shape[axis], inner, inner == 1 and shape[axis] > SHORT)


def each_block(task: Callable[[tuple[slice, slice]], None], lines: Lines, itemsize: int, passes: int) -> None:
    """Call the task with every block, shared between the cores; ``passes`` is how often it goes over a block."""
    outer, n, inner, _ = lines
    line_bytes = max(n * itemsize, 1)
    wide = max(1, BLOCK_BYTES // line_bytes)  # lines in a block
    step_outer, step_inner = max(1, wide // max(inner, 1)), min(inner, wide)
    by_outer = outer >= inner or outer >= 8

    def share(start: int, stop: int) -> None:
        outers, inners = ((start, stop), (0, inner)) if by_outer else ((0, outer), (start, stop))
        for i in range(*outers, step_outer):
            for j in range(*inners, max(step_inner, 1)):
                task((slice(i, min(i + step_outer, outers[1])), slice(j, min(j + step_inner, inners[1]))))

    parallel(share, outer if by_outer else inner, outer * n * inner * passes / 4)


def largest(x: np.ndarray, axis: int) -> np.ndarray:
    """The largest entry of each line of a block, NaN if there is one; the axis stays, with size 1."""
    if axis == 0:
        return np.maximum.reduce(x, 0, keepdims=True)
    return x[np.arange(x.shape[0]), x.argmax(1)][:, None]


def total(x: np.ndarray, axis: int) -> np.ndarray:
    """The sum of each line of a block; the axis stays. ``einsum`` keeps several running sums, in one register each."""
    if axis == 0:
        return np.add.reduce(x, 0, keepdims=True)
    return np.einsum("ij->i", x)[:, None]


def total_of_product(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
    """The sum of x · y along each line of a block; the axis stays."""
    if axis == 0:
        return np.add.reduce(x * y, 0, keepdims=True)
    return np.einsum("ij,ij->i", x, y)[:, None]
