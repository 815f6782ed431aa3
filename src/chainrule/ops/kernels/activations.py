"""Activation functions on arrays, with few temporaries."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from math import pi, sqrt

import numpy as np

from . import special
from .erf import each_part, erf_of
from .erf import erf as fast_erf

Kernel = Callable[..., np.ndarray]
ONE = {c: np.ones((), c) for c in "fdFD"}  # 0-dim arrays: on small arrays they halve the time of an operation


def with_axes(kernel: Kernel) -> Kernel:
    """Let a kernel that works in place take 0-dim arrays, which NumPy's operations turn into numbers."""

    @wraps(kernel)
    def wrapper(*xs: np.ndarray) -> np.ndarray:
        return kernel(*xs) if xs[0].ndim else kernel(*[x.reshape(1) for x in xs]).reshape(())

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


def erf(x: np.ndarray) -> np.ndarray:
    """erf x; of float32 arrays by the quicker way, of float64 ones by the exact way"""
    return fast_erf(x) if x.dtype.char == "f" else special.erf(x)


@with_axes
def gelu(x: np.ndarray) -> np.ndarray:
    """x Φ(x) = x/2 · (1 + erf(x / √2))"""
    y = np.empty(x.shape, x.dtype)

    def part(x: np.ndarray, y: np.ndarray) -> None:
        erf_of(x, sqrt(0.5), y)
        y += ONE[y.dtype.char]
        y *= x
        y *= x.dtype.type(0.5)

    each_part(part, x, y, passes=20)
    return y


@with_axes
def gelu_slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Φ(x) + x φ(x), with Φ(x) = y / x and φ(x) = e^(−x²/2) / √(2π)"""
    slope = np.square(x)
    slope *= x.dtype.type(-0.5)
    np.exp(slope, slope)
    slope *= x.dtype.type(1 / sqrt(2 * pi))
    slope *= x
    share = y / x
    share[x == 0] = 0.5
    slope += share
    return slope
