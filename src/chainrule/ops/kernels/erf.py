"""The error function for speed, on large arrays and in their own precision; `special.erf` is the exact one.

    erf(x) = 2/√π ∫₀ˣ e^(−t²) dt = tanh(x R(x²))

where R, fitted once to artanh(erf(x)) / x, is a quotient of two polynomials: of degree 3 for float32, 8 for float64. NumPy
has a fast tanh in every precision. Both polynomials are evaluated by one matrix product of their coefficients with the
powers of x².
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
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


@halves
def erf(x: np.ndarray) -> np.ndarray:
    """erf x = 2/√π ∫₀ˣ e^(−t²) dt

    >>> erf(np.array([0.0, 1.0, np.inf])).round(6).tolist()
    [0.0, 0.842701, 1.0]
    """
    y = np.empty(x.shape, x.dtype)
    each_part(lambda x, y: erf_of(x, 1.0, y), x, y, passes=20)
    return y


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
