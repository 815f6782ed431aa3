"""Activation functions on arrays, with few temporaries."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import pi, sqrt

import numpy as np

from .special import erfc

Kernel = Callable[[np.ndarray], np.ndarray]


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
    t += 1
    return np.reciprocal(t, t)


@with_axes
def silu(x: np.ndarray) -> np.ndarray:
    """x / (1 + e⁻ˣ)"""
    t = np.negative(x)
    np.exp(t, t)
    t += 1
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
# As 0-dim arrays: on small arrays they halve the time of an operation with a Python number.
TAIL = [
    np.array(c, np.float32)
    for c in (
        0.0002025363, 0.0961806700, 0.1260253936, -0.0134648019, 0.3420786560, -0.3231402338, 0.3695085347, -0.0973907858
    )
]  # fmt: skip
MINUS_HALF, QUARTER, ONE, ZERO = (np.array(c, np.float32) for c in (-0.5, 0.25, 1.0, 0.0))
FAR = np.array(50, np.float32)  # Φ(−50) is 0 in float64 too, and 0 · ∞ must not come up


def tail(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Φ(−a) and e^(−a²/2), for a ≥ 0."""
    if a.dtype.char == "d":
        return erfc(a * sqrt(0.5)) / 2, np.exp(a * a / -2)
    bell = np.square(a)
    bell *= MINUS_HALF
    np.exp(bell, bell)
    t = a * QUARTER
    t += ONE
    np.reciprocal(t, t)
    y = t * TAIL[-1]
    for c in TAIL[-2:0:-1]:
        y += c
        y *= t
    y += TAIL[0]
    y *= bell
    return y, bell


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
