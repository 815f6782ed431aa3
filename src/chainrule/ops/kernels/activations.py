"""Activation functions on arrays, with few temporaries."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import pi, sqrt

import numpy as np

from . import special
from .bits import selected

Kernel = Callable[[np.ndarray], np.ndarray]
ONE = {c: np.ones((), c) for c in "fdFD"}  # 0-dim arrays: on small arrays they halve the time of an operation


def with_axes(kernel: Kernel) -> Kernel:
    """Let a kernel that works in place take 0-dim arrays, which NumPy's operations turn into numbers."""

    @wraps(kernel)
    def wrapper(x: np.ndarray) -> np.ndarray:
        return kernel(x) if x.ndim else kernel(x.reshape(1)).reshape(())

    return wrapper


@with_axes
def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e⁻ˣ); e⁻ˣ may overflow to ∞, and then 1/∞ = 0 is right"""
    t = np.negative(x)
    np.exp(t, t)
    t += ONE[t.dtype.char]
    return np.reciprocal(t, t)


@with_axes
def silu(x: np.ndarray) -> np.ndarray:
    """x / (1 + e⁻ˣ)"""
    t = np.negative(x)
    np.exp(t, t)
    t += ONE[t.dtype.char]
    return np.divide(x, t, t)


@with_axes
def mish(x: np.ndarray) -> np.ndarray:
    """x tanh ln(1 + eˣ) = x n / (n + 2) with n = eˣ (eˣ + 2)"""
    e = np.exp(np.minimum(x, 30))
    n = (e + 2) * e
    return x * (n / (n + 2))


@with_axes
def gelu_tanh(x: np.ndarray) -> np.ndarray:
    """x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))"""
    t = np.square(x)
    t *= 0.044715 * sqrt(2 / pi)
    t += sqrt(2 / pi)
    t *= x
    np.tanh(t, t)
    t += 1
    t *= x
    t *= 0.5
    return t


# Φ(−a) e^(a²/2) = Σ cₖ tᵏ with t = 1 / (1 + a/4), fitted for a ≥ 0 to 2.6e-8 · (1 + a²) of its size.
TAIL = [
    np.array(c, np.float32)
    for c in (
        0.0002025363, 0.0961806700, 0.1260253936, -0.0134648019,
        0.3420786560, -0.3231402338, 0.3695085347, -0.0973907858,
    )
]  # fmt: skip
MINUS_HALF, QUARTER, ZERO = (np.array(c, np.float32) for c in (-0.5, 0.25, 0.0))
MINUS_TWO, ROOT_2, SPLIT = (np.array(c, np.float32) for c in (-2.0, sqrt(2), 0.75))
SERIES = [np.array(c, np.float32) for c in special.ERF_SERIES[:8]]
FAR = np.array(50, np.float32)  # Φ(−50) is 0 in float64 too, and 0 · ∞ must not come up


def tail(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Φ(−a) and e^(−a²/2), for a ≥ 0."""
    if a.dtype.char == "d":
        return special.erfc(a * sqrt(0.5)) / 2, np.exp(a * a / -2)
    bell = np.square(a)
    bell *= MINUS_HALF
    np.exp(bell, bell)
    t = a * QUARTER
    t += ONE["f"]
    np.reciprocal(t, t)
    y = t * TAIL[-1]
    for c in TAIL[-2:0:-1]:
        y += c
        y *= t
    y += TAIL[0]
    y *= bell
    return y, bell


@with_axes
def erf(x: np.ndarray) -> np.ndarray:
    """erf x = 1 − 2 Φ(−√2 x), by its series where that would lose digits; float64 as in `special`"""
    if x.dtype.char != "f":
        return special.erf(x)
    a = np.minimum(np.abs(x), FAR)
    y, _ = tail(a * ROOT_2)
    y *= MINUS_TWO
    y += ONE["f"]
    np.copysign(y, x, y)
    near = np.less(a, SPLIT)
    if not near.any():
        return y
    square = np.square(np.minimum(a, SPLIT))
    series = square * SERIES[-1]
    for c in SERIES[-2:0:-1]:
        series += c
        series *= square
    series += SERIES[0]
    series *= x
    return selected(near, series, y)


@with_axes
def gelu(x: np.ndarray) -> np.ndarray:
    """x Φ(x), as max(x, 0) − |x| Φ(−|x|): no digits are lost for negative x"""
    a = np.minimum(np.abs(x), FAR)
    y, _ = tail(a)
    y *= a
    return np.subtract(np.maximum(ZERO, x, dtype=x.dtype), y, y)


@with_axes
def gelu_slope(x: np.ndarray) -> np.ndarray:
    """Φ(x) + x φ(x), with φ(x) = e^(−x²/2) / √(2π)"""
    y, bell = tail(np.abs(x))
    np.copysign(y, x, y)
    np.subtract(~np.signbit(x), y, y)  # Φ(x) is Φ(−|x|), or 1 minus that
    bell *= 1 / sqrt(2 * pi)
    bell *= x
    y += bell
    return y
