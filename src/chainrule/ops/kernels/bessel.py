"""Bessel functions of orders 0 and 1 of the first and second kind, the modified ones of the second kind, and Airy's.

Each is an integral whose integrand is smooth and periodic, or falls off doubly exponentially: trapezoidal sums are then
exact to the last digits. Where the integrand oscillates or narrows too much, for large x, stand Hankel's asymptotic
series (Abramowitz and Stegun, 1964, 9.2 and 9.7; NIST's Digital Library of Mathematical Functions, chapters 9 and 10).
"""

from __future__ import annotations

from functools import cache
from math import factorial, gamma, pi, sin, sqrt

import numpy as np

from .special import EULER, bessel, in_float64, piecewise, polynomial

LARGE = 25.0  # from here on Hankel's series is exact to the last digit
HALF_TURN = 64
ANGLES = np.array(
    [pi * (j + 0.5) / HALF_TURN for j in range(HALF_TURN // 2)]
)  # the quarter of the circle that says all


# ---------------------------------------------------------------------- the first and second kind, J and Y


def mean_over_circle(weights: np.ndarray, wave: np.ufunc, x: np.ndarray) -> np.ndarray:
    """The mean of weight(θ) · wave(x sin θ) over the circle, for an integrand that is alike in the four quarters."""
    total = np.zeros_like(x)
    for angle, weight in zip(ANGLES, weights):
        total += weight * wave(x * sin(angle))
    return total * (2 / HALF_TURN)


@cache
def neumann(order: int) -> np.ndarray:
    """The weights over the circle of Neumann's series for Y (Abramowitz and Stegun 9.1.88).

    The series is Σ cₖ J₂ₖ (J₂ₖ₊₁ for order 1), and Jₙ(x) the mean of cos nθ · cos(x sin θ), for odd n of the sines: so the
    sum over k is taken once, of the weights.
    """
    if order == 0:
        return sum(-2 * (-1) ** k / k * np.cos(2 * k * ANGLES) for k in range(1, 33))  # type: ignore[return-value]
    terms = [-((-1) ** k) * (2 * k + 1) / (k * (k + 1)) * np.sin((2 * k + 1) * ANGLES) for k in range(1, 33)]
    return sum(terms)  # type: ignore[return-value]


def hankel(order: float, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P and Q with Jₙ = √(2/πx) (P cos χ − Q sin χ) and Yₙ = √(2/πx) (P sin χ + Q cos χ), χ = x − (n/2 + ¼) π."""
    even, odd, term = np.ones_like(x), np.zeros_like(x), np.ones_like(x)
    for k in range(1, 27):
        term = term * (4 * order * order - (2 * k - 1) ** 2) / (8 * k * x)
        if k % 2:
            odd += term if k % 4 == 1 else -term
        else:
            even += term if k % 4 == 0 else -term
    return even, odd


def far(kind: str, order: int, x: np.ndarray) -> np.ndarray:
    """J or Y for large x. The phase χ is taken by the addition theorem, so that x keeps all of its digits."""
    p, q = hankel(order, x)
    s, c = np.sin(x), np.cos(x)
    along, across = (c + s, s - c) if order == 0 else (s - c, -(s + c))  # √2 cos χ and √2 sin χ
    wave = p * along - q * across if kind == "J" else p * across + q * along
    return wave / np.sqrt(pi * x)


def j(order: int, x: np.ndarray) -> np.ndarray:
    if order == 0:
        return mean_over_circle(np.ones_like(ANGLES), np.cos, x)
    return mean_over_circle(np.sin(ANGLES), np.sin, x)


def y(order: int, x: np.ndarray) -> np.ndarray:
    series = mean_over_circle(neumann(order), np.cos if order == 0 else np.sin, x)
    grown = np.log(x / 2) + EULER - order
    return 2 / pi * (grown * j(order, x) + series - (j(0, x) / x if order else 0))


def first_kind(order: int, x: np.ndarray) -> np.ndarray:
    a = np.abs(x)
    value = piecewise(a, (a <= LARGE, lambda a: j(order, a)), (a < np.inf, lambda a: far("J", order, a)))
    return np.where(x < 0, -value, value) if order else value


def second_kind(order: int, x: np.ndarray) -> np.ndarray:
    return piecewise(
        x,
        (x == 0, lambda x: np.full_like(x, -np.inf)),
        ((x > 0) & (x <= LARGE), lambda x: y(order, x)),
        ((x > 0) & (x < np.inf), lambda x: far("Y", order, x)),
    )


bessel_j0, bessel_j1 = in_float64(lambda x: first_kind(0, x)), in_float64(lambda x: first_kind(1, x))
bessel_y0, bessel_y1 = in_float64(lambda x: second_kind(0, x)), in_float64(lambda x: second_kind(1, x))


# ---------------------------------------------------------------------- modified, I and K

i0e, i1e = in_float64(lambda x: bessel(0, x)), in_float64(lambda x: bessel(1, x))  # e^(−|x|) Iₙ(x)


def k_scaled(order: float, x: np.ndarray) -> np.ndarray:
    """e^x K(x) = ∫₀^∞ e^(−x (cosh t − 1)) cosh(order · t) dt for x ≥ 1, of any order up to 1."""
    return piecewise(x, (x <= 30, lambda x: k_integral(order, x)), (x > 30, lambda x: k_large(order, x)))


def k_integral(order: float, x: np.ndarray) -> np.ndarray:
    h = 0.1
    total = np.full_like(x, 0.5)
    for k in range(1, 46):
        t = k * h
        total += np.exp(-2 * np.sinh(t / 2) ** 2 * x) * np.cosh(order * t)  # cosh t − 1 without cancellation
    return h * total


def k_large(order: float, x: np.ndarray) -> np.ndarray:
    """√(π/2x) · Σ (4n² − 1²)(4n² − 3²) … / (k! (8x)ᵏ)"""
    total = term = np.ones_like(x)
    for k in range(1, 22):
        term = term * (4 * order * order - (2 * k - 1) ** 2) / (8 * k * x)
        total = total + term
    return total * np.sqrt(pi / (2 * x))


def harmonic(n: int) -> float:
    return sum(1 / k for k in range(1, n + 1))


K0_SERIES = [harmonic(k) / factorial(k) ** 2 for k in range(14)]
K1_SERIES = [(harmonic(k) + harmonic(k + 1)) / (2 * factorial(k) * factorial(k + 1)) for k in range(14)]


def k_small(order: int, x: np.ndarray) -> np.ndarray:
    """K for 0 < x < 1: ∓(ln x/2 + γ) Iₙ(x) and a series in x²/4, with 1/x before it for order 1."""
    square, grown = x * x / 4, np.log(x / 2) + EULER
    modified = np.exp(x) * bessel(order, x)
    if order == 0:
        return polynomial(K0_SERIES, square) - grown * modified
    return 1 / x + grown * modified - x / 2 * polynomial(K1_SERIES, square)


def modified(order: int, scaled: bool, x: np.ndarray) -> np.ndarray:
    """Kₙ(x), or eˣ Kₙ(x)"""
    return piecewise(
        x,
        (x == 0, lambda x: np.full_like(x, np.inf)),
        ((x > 0) & (x < 1), lambda x: k_small(order, x) * (np.exp(x) if scaled else 1)),
        (x == np.inf, np.zeros_like),
        (x >= 1, lambda x: k_scaled(order, x) * (1 if scaled else np.exp(-x))),
    )


bessel_k0, bessel_k1 = in_float64(lambda x: modified(0, False, x)), in_float64(lambda x: modified(1, False, x))
bessel_k0e, bessel_k1e = in_float64(lambda x: modified(0, True, x)), in_float64(lambda x: modified(1, True, x))


@in_float64
def spherical_j0(x: np.ndarray) -> np.ndarray:
    """sin x / x"""
    return piecewise(
        x, (np.abs(x) < 1e-4, lambda x: 1 - x * x / 6), (np.isinf(x), np.zeros_like), (x == x, lambda x: np.sin(x) / x)
    )


# ---------------------------------------------------------------------- Airy's function

STEP, FIRST, LAST = 0.5, -20, 3  # Taylor series about −10, −9.5, … 1.5
TERMS = 28


def airy_taylor(x0: np.ndarray, value: np.ndarray, slope: np.ndarray, d: np.ndarray, order: int) -> np.ndarray:
    """Ai(x0 + d), or its derivative, from Ai and Ai′ at x0: Ai″ = x Ai gives one coefficient from two before it."""
    c = [value, slope, x0 * value / 2]
    for n in range(1, TERMS):
        c.append((x0 * c[n] + c[n - 1]) / ((n + 1) * (n + 2)))
    if order:
        c = [n * c[n] for n in range(1, len(c))]
    total = c[-1]
    for coefficient in c[-2::-1]:
        total = total * d + coefficient
    return total


@cache
def airy_centres() -> np.ndarray:
    """Ai and Ai′ at the centres of the Taylor series, each from its neighbour nearer to 0, where they are known."""
    found = {0: (1 / (3 ** (2 / 3) * gamma(2 / 3)), -1 / (3 ** (1 / 3) * gamma(1 / 3)))}
    for way, end in ((-1, FIRST), (1, LAST)):
        for k in range(0, end, way):
            x0, value, slope, d = (np.array(v) for v in (k * STEP, *found[k], way * STEP))
            at = [float(airy_taylor(x0, value, slope, d, order)) for order in (0, 1)]
            found[k + way] = (at[0], at[1])
    return np.array([found[k] for k in range(FIRST, LAST + 1)])


def airy_middle(order: int, x: np.ndarray) -> np.ndarray:
    k = np.rint(x / STEP)
    value, slope = airy_centres()[k.astype(np.int64) - FIRST].T
    return airy_taylor(k * STEP, value, slope, x - k * STEP, order)


def airy_above(order: int, x: np.ndarray) -> np.ndarray:
    """Ai = √(x/3) K⅓(ζ) / π and Ai′ = −x K⅔(ζ) / (π√3), ζ = ⅔ x^(3/2)"""
    zeta = 2 / 3 * x * np.sqrt(x)
    if order == 0:
        return np.sqrt(x / 3) / pi * k_scaled(1 / 3, zeta) * np.exp(-zeta)
    return -x / (pi * sqrt(3)) * k_scaled(2 / 3, zeta) * np.exp(-zeta)


def airy_below(order: int, x: np.ndarray) -> np.ndarray:
    """Far to the left, by the series of Hankel's kind for orders ⅓ and ⅔."""
    z = -x
    zeta = 2 / 3 * z * np.sqrt(z)
    p, q = hankel((1 + order) / 3, zeta)
    c, s = (np.cos(zeta) + np.sin(zeta)) / sqrt(2), (np.sin(zeta) - np.cos(zeta)) / sqrt(2)  # of ζ − π/4
    if order == 0:
        return (p * c - q * s) / (sqrt(pi) * np.sqrt(np.sqrt(z)))
    return (p * s + q * c) * np.sqrt(np.sqrt(z)) / sqrt(pi)


def airy(order: int, x: np.ndarray) -> np.ndarray:
    return piecewise(
        x,
        (np.isinf(x), lambda x: np.full_like(x, np.nan)),
        (x > 1.5, lambda x: airy_above(order, x)),
        (x >= -10, lambda x: airy_middle(order, x)),
        (x < -10, lambda x: airy_below(order, x)),
    )


airy_ai, airy_ai_prime = in_float64(lambda x: airy(0, x)), in_float64(lambda x: airy(1, x))
