"""Special functions of one real number on arrays, to the last digits of float64.

No tables of fitted constants: each function is a series, a recurrence into the range where an asymptotic series holds,
or a trapezoidal sum, which for smooth decaying or periodic integrands converges faster than any power of the step.
float32 arrays are computed in float64 and rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from math import comb, cos, factorial, log, pi, sin, sqrt
from typing import Any

import numpy as np

Kernel = Callable[..., Any]
EULER = 0.57721566490153286061  # γ = lim Σ 1/k − ln n


def in_float64(kernel: Kernel) -> Kernel:
    """Compute in float64, round to the dtype that came in; 0-dim arrays and empty ones included."""

    @wraps(kernel)
    def wrapper(*args: Any) -> Any:
        *attributes, x = args
        x = np.asarray(x)
        y = kernel(*attributes, np.atleast_1d(x.astype(np.float64, copy=False)))
        return y.reshape(x.shape).astype(x.dtype, copy=False)

    return wrapper


def piecewise(x: np.ndarray, *pieces: tuple[np.ndarray, Kernel]) -> np.ndarray:
    """Each entry by the first piece whose condition holds for it; NaN where none does."""
    y = np.full(x.shape, np.nan)
    left = np.ones(x.shape, bool)
    for condition, kernel in pieces:
        here = condition & left
        if here.any():
            y[here] = kernel(x[here])
            left &= ~here
    return y


def polynomial(coefficients: list[float], x: np.ndarray) -> np.ndarray:
    """c₀ + c₁x + c₂x² + …, by Horner's rule."""
    y = np.full(x.shape, coefficients[-1])
    for c in coefficients[-2::-1]:
        y *= x
        y += c
    return y


# ---------------------------------------------------------------------- the error function

ERF_SERIES = [2 / sqrt(pi) * (-1) ** n / (factorial(n) * (2 * n + 1)) for n in range(20)]


def erf_near_zero(x: np.ndarray) -> np.ndarray:
    """erf x = 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), for |x| ≤ 1"""
    return x * polynomial(ERF_SERIES, x * x)


def erfc_positive(x: np.ndarray) -> np.ndarray:
    """erfc x for x ≥ 1"""
    return exp_of_minus_square(x) * erfcx_positive(x)


def erfcx_positive(x: np.ndarray) -> np.ndarray:
    """e^(x²) erfc x for x ≥ 1, from erfc x = (2x/π) ∫₀^∞ e^(−x²−t²) / (x² + t²) dt.

    The trapezoidal sum with step h misses the integral by the pole at t = ix, which contributes 2 / (1 − e^(2πx/h));
    far up, at x > π/h, it does so no longer.
    """
    h = 0.5
    square = x * x
    total = 0.5 / square
    for k in range(1, 14):
        t = (k * h) ** 2
        total += np.exp(-t) / (square + t)
    pole = np.where(x < 6, 2 / (1 - np.exp(2 * pi / h * x)) / exp_of_minus_square(x), 0)
    return 2 * h / pi * x * total + pole


def exp_of_minus_square(x: np.ndarray) -> np.ndarray:
    """e^(−x²) to full precision: the rounding error of x² alone would be x² times as large in the result."""
    high = x.astype(np.float32).astype(np.float64)  # its square is exact
    return np.exp(-high * high) * np.exp((high - x) * (high + x))


@in_float64
def erf(x: np.ndarray) -> np.ndarray:
    """erf x = 2/√π ∫₀ˣ e^(−t²) dt"""
    a = np.abs(x)
    return piecewise(
        x, (a <= 1, erf_near_zero), (a < 6, lambda x: np.copysign(1 - erfc_positive(np.abs(x)), x)), (a >= 6, np.sign)
    )


@in_float64
def erfc(x: np.ndarray) -> np.ndarray:
    """erfc x = 1 − erf x, without the loss of digits where erf x is near 1"""
    return piecewise(
        x,
        (np.abs(x) < 1, lambda x: 1 - erf_near_zero(x)),
        (x >= 27, np.zeros_like),
        (x >= 1, erfc_positive),
        (x <= -6, lambda x: np.full_like(x, 2.0)),
        (x <= -1, lambda x: 2 - erfc_positive(-x)),
    )


@in_float64
def erfinv(x: np.ndarray) -> np.ndarray:
    """The y with erf y = x, by Halley's method from a closed formula that is right to three digits."""
    a = np.abs(x)
    gap = 1 - a  # exact where it matters, near 1
    with np.errstate(all="ignore"):
        w = np.log(gap * (1 + a))
        m = 2 / (pi * 0.147) + w / 2
        y = np.sqrt(np.sqrt(m * m - w / 0.147) - m)  # Winitzki 2008
        for _ in range(3):
            error = np.where(a < 0.5, erf(y) - a, gap - erfc(y))
            step = error / (2 / sqrt(pi) * exp_of_minus_square(y))
            y = np.where(error == 0, y, y - step / (1 + y * step))
    y = np.where(a == 1, np.inf, y)
    return np.copysign(np.where(a > 1, np.nan, y), x)


# ---------------------------------------------------------------------- the gamma function


@cache
def bernoulli(n: int) -> float:
    """The Bernoulli number Bₙ, from Σ_{k ≤ n} C(n + 1, k) B_k = 0."""
    from fractions import Fraction

    numbers = [Fraction(1)]
    for m in range(1, n + 1):
        numbers.append(-sum((comb(m + 1, k) * numbers[k] for k in range(m)), Fraction(0)) / (m + 1))
    return float(numbers[n])


@cache
def lgamma_series() -> list[float]:
    """ln Γ(2 + z) / z = 1 − γ + Σ_{k ≥ 2} (−1)ᵏ (ζ(k) − 1) zᵏ⁻¹ / k"""
    return [1 - EULER] + [(-1) ** k * float(hurwitz_zeta(k, np.array(2.0))) / k for k in range(2, 32)]


def lgamma_positive(x: np.ndarray) -> np.ndarray:
    """ln Γ for x > 0: the series about 2, to which Γ(x + 1) = x Γ(x) leads, or Stirling's for large x."""
    return piecewise(
        x, (x < 0.5, lgamma_small), (x < 1.5, lgamma_near_one), (x < 10, lgamma_middle), (x >= 10, stirling)
    )


def lgamma_near_two(z: np.ndarray) -> np.ndarray:
    return z * polynomial(lgamma_series(), z)


def lgamma_small(x: np.ndarray) -> np.ndarray:
    return lgamma_near_two(x) - np.log1p(x) - np.log(x)


def lgamma_near_one(x: np.ndarray) -> np.ndarray:
    return lgamma_near_two(x - 1) - np.log1p(x - 1)


def lgamma_middle(x: np.ndarray) -> np.ndarray:
    product = np.ones_like(x)
    x = x.copy()
    while (large := x >= 2.5).any():
        x[large] -= 1
        product[large] *= x[large]
    return lgamma_near_two(x - 2) + np.log(product)


def stirling(x: np.ndarray) -> np.ndarray:
    """ln Γ(x) = (x − ½) ln x − x + ½ ln 2π + Σ B₂ₖ / (2k (2k − 1) x²ᵏ⁻¹)"""
    u = 1 / x
    tail = polynomial([bernoulli(2 * k) / (2 * k * (2 * k - 1)) for k in range(1, 9)], u * u) * u
    return np.where(x == np.inf, np.inf, (x - 0.5) * (np.log(x) - 1) - 0.5 + log(2 * pi) / 2 + tail)


def sin_pi(x: np.ndarray) -> np.ndarray:
    """sin πx up to sign, with the whole periods taken out before π is multiplied."""
    return np.sin(pi * (x - np.rint(x)))


@in_float64
def lgamma(x: np.ndarray) -> np.ndarray:
    """ln |Γ(x)|; ∞ at 0 and the negative integers. Negative x by Γ(x) Γ(1 − x) = π / sin πx."""
    return piecewise(
        x,
        (np.isinf(x) | ((x <= 0) & (x == np.floor(x))), lambda x: np.full_like(x, np.inf)),
        (x > 0, lgamma_positive),
        (x < 0, lambda x: np.log(pi / np.abs(sin_pi(x))) - lgamma_positive(1 - x)),
    )


@in_float64
def digamma(x: np.ndarray) -> np.ndarray:
    """ψ(x) = d/dx ln Γ(x); −∞ at +0, ∞ at −0, NaN at the other poles, the negative integers."""
    return piecewise(
        x,
        (x == 0, lambda x: np.copysign(np.inf, -x)),
        (x > 0, digamma_positive),
        ((x < 0) & (x != np.floor(x)), lambda x: digamma_positive(1 - x) - pi / np.tan(pi * (x - np.rint(x)))),
    )


def digamma_positive(x: np.ndarray) -> np.ndarray:
    """ψ(x) = ln x − 1/(2x) − Σ B₂ₖ / (2k x²ᵏ) for x ≥ 10, where ψ(x + 1) = ψ(x) + 1/x leads"""
    x = x.copy()
    shift = np.zeros_like(x)
    while (small := x < 10).any():
        shift[small] += 1 / x[small]
        x[small] += 1
    u = 1 / (x * x)
    tail = polynomial([bernoulli(2 * k) / (2 * k) for k in range(1, 9)], u) * u
    return np.log(x) - 0.5 / x - tail - shift


@in_float64
def hurwitz_zeta(s: int, x: np.ndarray) -> np.ndarray:
    """ζ(s, x) = Σ_{k ≥ 0} (x + k)⁻ˢ for a whole s > 1: terms up to x + k ≥ 10 + s/2, Euler–Maclaurin for the rest."""
    pole = (x <= 0) & (x == np.floor(x))
    given, x = x, np.where(pole | ~np.isfinite(x), 10.0, x)
    total = np.zeros_like(x)
    while (small := x < 10 + s / 2).any():
        total[small] += x[small] ** -float(s)
        x[small] += 1
    total += x ** (1 - float(s)) / (s - 1) + x ** -float(s) / 2
    factor, power = float(s), x ** (-s - 1.0)
    for k in range(1, 12):
        total += bernoulli(2 * k) / factorial(2 * k) * factor * power
        factor *= (s + 2 * k - 1) * (s + 2 * k)
        power /= x * x
    return np.where(pole, np.inf, np.where(np.isfinite(given), total, 1 / given))


@in_float64
def polygamma(n: int, x: np.ndarray) -> np.ndarray:
    """ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x), for n ≥ 1"""
    sign = 1.0 if n % 2 else -1.0
    if n > 1:
        return sign * factorial(n) * hurwitz_zeta(n + 1, x)
    return piecewise(
        x,
        (x == np.inf, np.zeros_like),
        (x > 0, lambda x: hurwitz_zeta(2, x)),
        (x <= 0, lambda x: (pi / sin_pi(x)) ** 2 - hurwitz_zeta(2, 1 - x)),
    )


# ---------------------------------------------------------------------- Bessel functions

QUARTER = 16  # angles in a quarter of the circle; a power of 2, so that the weights are exact
ANGLES = [pi * k / (2 * QUARTER) for k in range(QUARTER)]  # without the last, π/2, where cos θ = 0


def bessel(order: int, x: np.ndarray) -> np.ndarray:
    """e^(−|x|) Iₙ(x) for n = 0, 1: I₀ is the mean of cosh(x cos θ) over the circle, I₁ of cos θ · sinh(x cos θ)."""
    a = np.abs(x)
    y = piecewise(a, (a <= 30, lambda a: bessel_mean(order, a)), (a > 30, lambda a: bessel_large(order, a)))
    return np.copysign(y, x) if order else y


def bessel_mean(order: int, a: np.ndarray) -> np.ndarray:
    total = np.zeros_like(a) if order else 0.5 / QUARTER * np.exp(-a)
    for angle in ANGLES:
        c, weight = cos(angle), (0.25 if angle == 0 else 0.5) / QUARTER
        grown, shrunk = np.exp(-2 * sin(angle / 2) ** 2 * a), np.expm1(-2 * c * a)  # e^(a (c − 1)), e^(−2ac) − 1
        total += -weight * c * grown * shrunk if order else weight * grown * (2 + shrunk)
    return total


def bessel_large(order: int, a: np.ndarray) -> np.ndarray:
    """1/√(2πa) · Σ (−1)ᵏ (4n² − 1²)(4n² − 3²) … / (k! (8a)ᵏ)"""
    total = term = np.ones_like(a)
    for k in range(1, 25):
        term = term * ((2 * k - 1) ** 2 - 4 * order) / (8 * k * a)
        total = total + term
    return total / np.sqrt(2 * pi * a)


@in_float64
def i0(x: np.ndarray) -> np.ndarray:
    """The modified Bessel function I₀(x)"""
    return np.exp(np.abs(x) / 2) * bessel(0, x) * np.exp(np.abs(x) / 2)


@in_float64
def i1(x: np.ndarray) -> np.ndarray:
    """The modified Bessel function I₁(x), the derivative of I₀"""
    return np.exp(np.abs(x) / 2) * bessel(1, x) * np.exp(np.abs(x) / 2)
