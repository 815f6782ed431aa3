"""Arrays and the memory they look into."""

from __future__ import annotations

import numpy as np

from ...native.aligned import owner as owner

strided = np.lib.stride_tricks.as_strided


def onto(x: np.ndarray, shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    """An array onto the memory of another, with its own shape and strides (in bytes).

    >>> onto(np.arange(3), (2, 2), (8, 8)).tolist()
    [[0, 1], [1, 2]]
    """
    if x.flags.c_contiguous and x.dtype.kind != "V":
        return np.ndarray(shape, x.dtype, x, 0, strides)  # many times quicker than as_strided
    return strided(x, shape, strides)


def own_memory(x: np.ndarray) -> np.ndarray:
    """All the memory that ``x`` looks into, as a vector of its dtype."""
    root = owner(x)
    line = root.transpose(sorted(range(root.ndim), key=lambda d: -root.strides[d]))  # its axes may lie in any order
    return line.reshape(-1).view(x.dtype) if line.flags.c_contiguous else x.reshape(-1)


def offset(x: np.ndarray) -> int:
    """How many entries before the first of ``x`` its memory begins."""
    return (x.__array_interface__["data"][0] - own_memory(x).__array_interface__["data"][0]) // x.itemsize
