"""How far two arrays are apart in units in the last place: how many numbers of their format lie between them."""

from __future__ import annotations

import numpy as np


def ulps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """For each entry, the number of steps from one floating-point number to the next that lead from a to b.

    Floating-point numbers of one sign are ordered as their bits are, read as integers.

    >>> one = np.float32(1)
    >>> ulps(np.array([one, -one, 0], np.float32), np.array([np.nextafter(one, 2 * one), one, -0.0], np.float32)).tolist()
    [1, 2130706432, 0]
    """
    if a.dtype.kind == "c":
        parts = [ulps(x.copy(), y.copy()) for x, y in ((a.real, b.real), (a.imag, b.imag))]
        return np.maximum(*parts)
    if a.dtype.kind in "biu":
        return np.abs(a.astype(np.int64) - b.astype(np.int64))
    return distance(places(a), places(b))


def places(x: np.ndarray) -> np.ndarray:
    """The place of each number among all of its format, 0 for zero."""
    bits = np.array(x, order="C").view(f"i{x.dtype.itemsize}").astype(np.int64)
    least = -(1 << (8 * x.dtype.itemsize - 1))
    return np.where(bits < 0, least - bits, bits)


def distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|a − b|, at most the largest integer: between double-precision numbers of two signs there may be more."""
    wide = np.abs(a.astype(np.float64) - b.astype(np.float64))
    with np.errstate(over="ignore"):
        return np.where(wide < 2**62, np.abs(a - b), np.iinfo(np.int64).max)
