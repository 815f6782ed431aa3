"""The normal distribution's functions on arrays, right far out in its tails too."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from .special import erf_near_zero, erfc, erfcx_positive, erfinv, exp_of_minus_square, in_float64, piecewise


@in_float64
def erfcx(x: np.ndarray) -> np.ndarray:
    """e^(x²) erfc x; for negative x by erfc x = 2 − erfc(−x)"""
    return piecewise(
        x,
        (np.abs(x) < 1, lambda x: np.exp(x * x) * (1 - erf_near_zero(x))),
        (x > 1e8, lambda x: 1 / (sqrt(pi) * x)),
        (x >= 1, erfcx_positive),
        (x < -27, lambda x: np.full_like(x, np.inf)),
        (x <= -1, lambda x: 2 / exp_of_minus_square(x) - erfcx_positive(-x)),
    )


@in_float64
def log_ndtr(x: np.ndarray) -> np.ndarray:
    """ln Φ(x) = ln ½ erfc(−x/√2), where Φ would be too small as −x²/2 + ln ½ erfcx(−x/√2)"""
    t = x / sqrt(2)
    return piecewise(
        x,
        (x == -np.inf, lambda x: x),
        (x < -1, lambda x: np.log(erfcx(-x / sqrt(2)) / 2) - x * x / 2),
        (t == t, lambda x: np.log1p(-erfc(x / sqrt(2)) / 2)),
    )


@in_float64
def ndtri(p: np.ndarray) -> np.ndarray:
    """The x with Φ(x) = p: √2 · erfinv(2p − 1) in the middle, in the tails Newton's method on ln Φ."""
    return piecewise(
        p,
        (p == 0, lambda p: np.full_like(p, -np.inf)),
        (p == 1, lambda p: np.full_like(p, np.inf)),
        ((p > 0.1) & (p < 0.9), lambda p: sqrt(2) * erfinv(2 * p - 1)),
        ((p > 0) & (p <= 0.1), tail),
        ((p >= 0.9) & (p < 1), lambda p: -tail(1 - p)),
    )


def tail(p: np.ndarray) -> np.ndarray:
    """ndtri for small p, begun at −√(−2 ln p − ln(−4π ln p)), to which it tends as p falls (Φ(x) ~ e^(−x²/2) / (|x| √2π))."""
    wanted = np.log(p)
    x = -np.sqrt(np.maximum(-2 * wanted - np.log(-4 * pi * wanted), 0.5))
    for _ in range(5):
        x -= (log_ndtr(x) - wanted) * erfcx(-x / sqrt(2)) * sqrt(pi / 2)
    return x
