"""Numbers in equal steps, rounded where PyTorch rounds them, so that the last digits agree too.

PyTorch's loops are compiled to fused multiply-adds (one rounding for a + b · c). Its ``arange`` works in blocks of 32
bytes: the first number of a block is rounded to the dtype, the others are counted from it; the last, incomplete pair of
blocks is computed number by number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BLOCK = 32  # bytes
PART = 1 << 14  # numbers made at a time: the temporaries stay in the cache


def arange(start: float, step: float, count: int, kind: np.dtype) -> np.ndarray:
    """y[i] = start + i · step

    >>> arange(0.0, 0.1, 3, np.dtype(np.float64)).tolist()
    [0.0, 0.1, 0.2]
    """
    i = np.arange(count)
    if kind.char not in "fd":
        return (start + i * step).astype(kind)
    size = BLOCK // kind.itemsize
    whole = count // (2 * size) * (2 * size)
    y = fused(start, i.astype(np.float64), step).astype(kind)
    if whole:
        first = y[: whole : size].astype(np.float64)
        y[:whole] = fused(np.repeat(first, size), (i[:whole] % size).astype(np.float64), step)
    return y


def linspace(start: complex, end: complex, count: int, kind: np.dtype) -> np.ndarray:
    """y[i] = start + i · (end − start) / (count − 1), counted from the nearer end

    >>> linspace(0, 1, 5, np.dtype(np.float32)).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if count == 1:
        return np.full(1, start).astype(kind)
    half = count // 2
    up, down = np.arange(half), np.arange(count - half - 1, -1, -1)
    y = np.empty(count, kind)
    if kind.kind in "iu":
        step = (float(end.real) - float(start.real)) / max(count - 1, 1)
        y[:half], y[half:] = start + step * up, end - step * down
        return y
    first, last = kind.type(start), kind.type(end)
    step = (last - first) / kind.type(max(count - 1, 1))
    if kind.char not in "fd":
        y[:half], y[half:] = first + step * up.astype(kind), last - step * down.astype(kind)
        return y
    for part in (slice(i, min(i + PART, half)) for i in range(0, half, PART)):
        y[part] = fused(float(first), up[part].astype(np.float64), float(step), kind)
    for i in range(0, count - half, PART):
        y[half + i : half + i + PART] = fused(float(last), down[i : i + PART].astype(np.float64), -float(step), kind)
    return y


def fused(a: float | np.ndarray, b: np.ndarray, c: float, kind: Any = None) -> np.ndarray:
    """a + b · c with one rounding: the errors of the product and of the sum, which are doubles themselves, are added last.

    Of float32 numbers (``kind``) the product is exact in float64, and the error of the sum too small to be seen.
    (The algorithms of Dekker, 1971, for the product, and of Knuth, The Art of Computer Programming II, for the sum.)
    """
    product = b * c
    if kind == np.float32:
        product += a
        return product
    b_high, c_high = high_half(b), high_half(np.float64(c))
    b_low, c_low = b - b_high, c - c_high
    product_error = ((b_high * c_high - product) + b_high * c_low + b_low * c_high) + b_low * c_low
    total = a + product
    back = total - a
    total_error = (a - (total - back)) + (product - back)
    return total + (total_error + product_error)


def high_half(x: np.ndarray | np.float64) -> np.ndarray | np.float64:
    """The upper 26 bits of a double."""
    shifted = x * 134217729.0  # 2²⁷ + 1
    return shifted - (shifted - x)
