"""``a · b + c`` rounded once, as a processor's fused multiply-add does it; NumPy has no such function.

PyTorch's compiled loops use the instruction wherever a product is added to something (on processors that have it:
AVX2 and later, ARM). Rounded twice, about half of the results differ in their last bit. Here the exact value is
kept as a sum of floats and rounded at the end.

The trick is rounding *to odd*: of the two floats around the exact value take the one whose last bit is 1. Whatever
is rounded to nearest afterwards, with at least two bits fewer, is then rounded as the exact value would have been
(Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

SPLITTER = 2.0**27 + 1  # cuts a float64 into halves of 26 bits, whose products are exact (Veltkamp, Dekker)


def fma32(a: np.ndarray, b: np.float32, c: np.float32, unit: bool = False) -> np.ndarray:
    """``a · b + c`` in float32, rounded once; a of any shape. ``unit``: a holds multiples of 2⁻²⁴ in [0, 1).

    >>> a = np.float32([0.1])
    >>> fma32(a, np.float32(10), np.float32(-1)), a * np.float32(10) - np.float32(1)
    (array([1.4901161e-08], dtype=float32), array([0.], dtype=float32))
    """
    if c == 0:
        return a * b
    wide = a.astype(np.float64)
    wide *= float(b)  # exact: 24 + 24 bits fit into 53
    if unit and 2.0**-22 * abs(b) <= abs(c) <= 8 * abs(b):
        wide += float(c)  # exact too: multiples of 2⁻⁴⁸ |b| below 2⁴ |b|
        return wide.astype(np.float32)
    total, error = two_sum(wide, float(c))
    return (to_odd(total, error) if error.any() else total).astype(np.float32)


def fma64(a: np.ndarray, b: float, c: float) -> np.ndarray:
    """``a · b + c`` in float64, rounded once; a of any shape, 0 or of magnitude 2⁻¹⁰⁰ … 2¹⁰⁰.

    With |b| or |c| outside 2⁻⁴⁰⁰ … 2⁴⁰⁰ it is rounded twice: the parts would leave the range of a float64.

    >>> float(fma64(np.array([0.1]), 10.0, -1.0)[0])  # 0.1 is a little more than a tenth
    5.551115123125783e-17
    """
    small, large = 2.0**-400, 2.0**400
    if c == 0 or abs(math.frexp(b)[0]) == 0.5 or not small < abs(b) < large or not small < abs(c) < large:
        return a * b + c
    product, rest = two_product(a, b)
    high, low = two_sum(rest, c)
    total, error = two_sum(product, high)
    return total + to_odd(*two_sum(low, error))


def two_sum(a: np.ndarray, b: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """``a + b`` as the rounded sum and what rounding took off, exactly (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a: np.ndarray, b: float) -> tuple[np.ndarray, np.ndarray]:
    """``a · b`` as the rounded product and what rounding took off, exactly (Dekker)."""
    shifted = a * SPLITTER
    a_high = shifted - (shifted - a)
    a_low = a - a_high
    b_high = b * SPLITTER - (b * SPLITTER - b)
    b_low = b - b_high
    product = a * b
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def to_odd(total: np.ndarray, error: np.ndarray) -> np.ndarray:
    """``total + error``, where total is that sum rounded to nearest, rounded to odd instead.

    One step up in magnitude is one step up in the bits, whatever the sign.
    """
    bits = total.view(np.int64)
    step = np.where((error > 0) == (total > 0), 1, -1)
    even = (error != 0) & ((bits & 1) == 0)
    return (bits + step * even).view(np.float64)


def by_libm(function: Callable[[float], float], x: np.ndarray) -> np.ndarray:
    """A function of ``math`` on each entry of x, shape (n,), for float64 results that are to be PyTorch's to the bit.

    NumPy's own logarithms and exponentials use vector instructions, and differ in the last bit of one in 300.

    >>> by_libm(math.log1p, np.array([0.0, 1.0])).tolist()
    [0.0, 0.6931471805599453]
    """
    try:
        return np.fromiter(map(function, x.tolist()), np.float64, x.size)
    except OverflowError:  # where Python raises, the C library's answer is infinity, as is NumPy's
        with np.errstate(over="ignore"):
            return getattr(np, function.__name__)(x)
