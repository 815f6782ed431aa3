"""The error function, and GELU, the Gaussian error linear unit, which weighs x by the chance that a normal draw is less.

    gelu(x) = x Φ(x)        Φ(x) = ½ (1 + erf(x/√2))        gelu′(x) = Φ(x) + x φ(x)

Here erf is for speed, on large arrays and in their own precision; `special.erf` is the exact one. NumPy has a fast tanh
in every precision, so

    erf(x) = tanh(x R(x²))

where R, fitted once to artanh(erf(x)) / x, is a quotient of two polynomials: of degree 3 for float32, 8 for float64.
Both polynomials are evaluated by one matrix product of their coefficients with the powers of x².
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import pi, sqrt
from typing import Any, NamedTuple

import numpy as np

from ...base.threads import parallel
from .precision import halves

ENTRIES = 1 << 15  # at a time: few enough that the powers stay in the cache
ENTRIES_SHARED = 1 << 17  # where threads share the work; with fewer they would wait for the interpreter's lock


class Fit(NamedTuple):
    """R(u) = Σ pₖ uᵏ / Σ qₖ uᵏ for u up to ``limit``, beyond which erf is ±1 to the last digit."""

    above: tuple[float, ...]
    below: tuple[float, ...]
    limit: float


# Weighted least squares with Lawson's weights, in 50 digits; the largest relative errors of erf are 3.3e-9 and 1.6e-16.
FITS = {
    "f": Fit(
        (1.128379170806461817887, 0.2798080573247404926709, 0.0426473152677473690103, 0.002178361672130183670284),
        (1.0, 0.1568936662077554906398, 0.02369050069896312212065, 0.0003249414475175052624082),
        16.0,
    ),
    "d": Fit(
        (1.128379167095512393674, 0.4874331395075595819967, 0.1372441872989549908952, 0.02397623033076298864025,
         0.003018075490883130211362, 0.0002565710593700524628987, 0.00001457155496552186601617,
         4.344417780418694254765e-7, 2.703129816862873038651e-9),
        (1.0, 0.3408965243444959530162, 0.09076608436493909826077, 0.01356760278303682319204,
         0.001576897226594077324895, 0.0001111574941968701566602, 0.000005420147152954793449318,
         8.840448424717973187059e-8, 1.439371674374850654396e-10),
        36.0,
    ),
}  # fmt: skip


class Kept(NamedTuple):
    """x, and Φ(x); of the approximation ½ (1 + tanh …) instead."""

    x: np.ndarray
    phi: np.ndarray


@halves
def erf(x: np.ndarray) -> np.ndarray:
    """erf x = 2/√π ∫₀ˣ e^(−t²) dt

    >>> erf(np.array([0.0, 1.0, np.inf])).round(6).tolist()
    [0.0, 0.842701, 1.0]
    """
    y = np.empty(x.shape, x.dtype)
    each_part(lambda x, y: erf_of(x, 1.0, y), x, y, passes=20)
    return y


@halves
def gelu(x: np.ndarray, approximate: str = "none") -> tuple[np.ndarray, Kept]:
    """y = x Φ(x); with ``approximate="tanh"``, Φ(x) ≈ ½ (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks, Gimpel 2016)

    >>> gelu(np.array([-1.0, 0.0, 1.0]))[0].round(4).tolist()
    [-0.1587, 0.0, 0.8413]
    """
    y, phi = np.empty(x.shape, x.dtype), np.empty(x.shape, x.dtype)

    def task(x: np.ndarray, y: np.ndarray, phi: np.ndarray) -> None:
        if approximate == "tanh":
            np.multiply(x, x, out=phi)
            phi *= x.dtype.type(TANH_SCALE * 0.044715)
            phi += x.dtype.type(TANH_SCALE)
            phi *= x
            np.tanh(phi, out=phi)
        else:
            erf_of(x, sqrt(0.5), phi)
        phi += 1
        phi *= x.dtype.type(0.5)
        np.multiply(x, phi, out=y)

    each_part(task, x, y, phi, passes=20)
    return y, Kept(x, phi)


@halves
def gelu_backward(g: np.ndarray, kept: Kept, approximate: str = "none") -> np.ndarray:
    """∂L/∂x = g (Φ(x) + x φ(x)); of the approximation, with t = tanh(a), g (½ (1 + t) + ½ x (1 − t²) a′(x))

    >>> y, kept = gelu(np.array([0.0, 1.0]))
    >>> gelu_backward(np.ones(2), kept).round(4).tolist()
    [0.5, 1.0833]
    """
    dx = np.empty(g.shape, g.dtype)

    def exact(g: np.ndarray, x: np.ndarray, phi: np.ndarray, dx: np.ndarray) -> None:
        np.multiply(x, x, out=dx)
        dx *= x.dtype.type(-0.5)
        np.exp(dx, out=dx)
        dx *= x.dtype.type(1 / sqrt(2 * pi))
        dx *= x
        dx += phi
        dx *= g

    def by_tanh(g: np.ndarray, x: np.ndarray, phi: np.ndarray, dx: np.ndarray) -> None:
        slope = np.multiply(x, x, out=dx)  # a′ = √(2/π) (1 + 3 · 0.044715 x²)
        slope *= x.dtype.type(2 * TANH_SCALE * 3 * 0.044715)
        slope += x.dtype.type(2 * TANH_SCALE)
        slope *= x
        bend = 1 - phi  # ½ (1 − t²) = 2 Φ (1 − Φ), the 2 of which is in the slope
        bend *= phi
        slope *= bend
        slope += phi
        slope *= g

    each_part(by_tanh if approximate == "tanh" else exact, g, kept.x, kept.phi, dx, passes=8)
    return dx


TANH_SCALE = sqrt(2 / pi)


def erf_of(x: np.ndarray, scale: float, y: np.ndarray) -> None:
    """erf(scale · x) into y, of vectors that fit the cache."""
    coefficients, limit = scaled(x.dtype.char, scale)
    powers = np.empty((coefficients.shape[1], len(x)), x.dtype)
    powers[0] = 1
    np.multiply(x, x, out=powers[1])
    np.minimum(powers[1], limit, out=powers[1])
    for k in range(2, len(powers)):
        np.multiply(powers[k // 2], powers[k - k // 2], out=powers[k])
    above, below = coefficients @ powers
    np.divide(above, below, out=y)
    np.multiply(y, x, out=y)
    np.tanh(y, out=y)


@cache
def scaled(kind: str, scale: float) -> tuple[np.ndarray, Any]:
    """The coefficients of scale · R(scale² u), above and below, and the largest u."""
    fit, dtype = FITS[kind], np.dtype(kind)
    above = [scale ** (2 * k + 1) * p for k, p in enumerate(fit.above)]
    below = [scale ** (2 * k) * q for k, q in enumerate(fit.below)]
    return np.array([above, below], dtype), dtype.type(fit.limit / scale**2)


def each_part(task: Callable[..., Any], *arrays: np.ndarray, passes: int) -> None:
    """Call the task with matching parts of arrays of one shape, as vectors; those to write into must be contiguous."""
    vectors = [np.ascontiguousarray(a).reshape(-1) for a in arrays]
    size = vectors[0].size
    many = size >= 8 * ENTRIES_SHARED
    step = ENTRIES_SHARED if many else ENTRIES

    def share(start: int, stop: int) -> None:
        for first in range(start, stop, step):
            task(*[v[first : min(first + step, stop)] for v in vectors])

    with np.errstate(all="ignore"):
        parallel(share, size, size * passes / 4 if many else 0)
