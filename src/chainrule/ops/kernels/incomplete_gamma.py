"""The incomplete gamma functions and the Hurwitz zeta function, of two arrays."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt
from typing import Any

import numpy as np

from .special import bernoulli, erfc, factorial, lgamma, polynomial

TINY, EPS = 1e-300, 2.0**-53
MOST = 100_000  # rounds of a series or a continued fraction; about 6 √a are needed, at a = x


def of_two(kernel: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Any, Any], Any]:
    """Compute in float64 on the entries that meet, round to the dtype that came in."""

    def wrapper(a: Any, b: Any) -> Any:
        a, b = np.broadcast_arrays(a, b)
        kind = np.result_type(a.dtype, b.dtype)
        with np.errstate(all="ignore"):
            y = kernel(a.reshape(-1).astype(np.float64), b.reshape(-1).astype(np.float64))
        return y.reshape(a.shape).astype(kind, copy=False)

    return wrapper


# ---------------------------------------------------------------------- P(a, x) and Q(a, x) = 1 − P(a, x)


def both(a: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """P and Q. The smaller of the two is computed, the other one is what it leaves of 1."""
    p = np.full(a.shape, np.nan)
    p[(a == 0) & (x > 0) | (a > 0) & np.isfinite(a) & (x == np.inf)] = 1
    p[(a > 0) & (x == 0) | (a == np.inf) & (x >= 0) & np.isfinite(x)] = 0
    q = 1 - p
    left = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    near = (a > 1e6) & (np.abs(x - a) < 0.1 * a)
    for region, lower, formula in (
        (near & (x < a), True, lambda a, x: uniform(a, x, -1)),
        (near, False, lambda a, x: uniform(a, x, 1)),
        (x < np.where(a < 1, np.minimum(a, 0.5), a), True, p_series),
        ((x < 1.1) & (a < 1), False, q_small),
        (left, False, q_fraction),
    ):
        here = region & left
        if here.any():
            found = formula(a[here], x[here])
            p[here], q[here] = (found, 1 - found) if lower else (1 - found, found)
            left &= ~here
    return p, q


def prefactor(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """xᵃ e⁻ˣ / Γ(a): for large a as √(a/2π) e^(−a (μ − ln(1 + μ))) over Stirling's correction, μ = (x − a) / a."""
    plain = np.exp(a * np.log(x) - x - lgamma(a))
    mu = (x - a) / a
    near = np.abs(mu) < 0.5
    u = 1 / np.maximum(a, 1)
    correction = polynomial([bernoulli(2 * k) / (2 * k * (2 * k - 1)) for k in range(1, 9)], u * u) * u
    drop = np.where(near, log_drop(np.where(near, mu, 0.0)), mu - np.log1p(mu))
    return np.where(a < 12, plain, np.sqrt(a / (2 * pi)) * np.exp(-a * drop - correction))


def log_drop(mu: np.ndarray) -> np.ndarray:
    """μ − ln(1 + μ), by v = μ / (2 + μ): ln(1 + μ) = 2 (v + v³/3 + v⁵/5 + …), whose first term is μ − μ v."""
    v = mu / (2 + mu)
    return mu * v - 2 * v**3 * polynomial([1 / (2 * k + 3) for k in range(20)], v * v)


def p_series(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """P = xᵃ e⁻ˣ / Γ(a + 1) · Σ xⁿ / ((a + 1) … (a + n))"""
    total, term, at = np.ones_like(a), np.ones_like(a), a.copy()
    for _ in range(MOST):
        at += 1
        term *= x / at
        total += term
        if (term < EPS * total).all():
            break
    return prefactor(a, x) / a * total


def q_small(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Q for a < 1 and x about 1: 1 − xᵃ/Γ(1 + a) + xᵃ/Γ(a) · Σ −(−x)ⁿ / (n! (a + n)), without cancellation of the first two"""
    log_power = a * np.log(x) - lgamma(1 + a)
    total, term = np.zeros_like(a), np.ones_like(a)
    for n in range(1, 30):
        term *= -x / n
        total -= term / (a + n)
    return -np.expm1(log_power) + a * np.exp(log_power) * total


def q_fraction(a: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Q = xᵃ e⁻ˣ / Γ(a) · 1/(x + 1 − a − 1(1 − a)/(x + 3 − a − 2(2 − a)/(x + 5 − a − …))), by Lentz's method (1976)"""
    b = x + 1 - a
    c = np.full_like(a, 1 / TINY)
    d = 1 / np.where(b == 0, TINY, b)
    value, done = d.copy(), np.zeros(a.shape, bool)
    for n in range(1, MOST):
        step = n * (a - n)
        b = b + 2
        d = step * d + b
        c = b + step / c
        d = 1 / np.where(d == 0, TINY, d)
        c = np.where(c == 0, TINY, c)
        change = np.where(done, 1, c * d)
        value *= change
        done |= np.abs(change - 1) < 4 * EPS
        if done.all():
            break
    return prefactor(a, x) * value


def uniform(a: np.ndarray, x: np.ndarray, side: int) -> np.ndarray:
    """Temme's expansion (1979) for large a: Q = ½ erfc(η √(a/2)) + e^(−aη²/2)/√(2πa) · C(η), ½η² = μ − ln(1 + μ).

    P, ``side`` −1, is the same with the signs of η in erfc and of C turned round.
    """
    mu = (x - a) / a
    eta = np.copysign(np.sqrt(2 * log_drop(mu)), mu)
    c = polynomial([-1 / 3, 1 / 12, -2 / 135, 1 / 864, 1 / 2835, -139 / 777600], eta) - 1 / (540 * a)
    return erfc(side * eta * np.sqrt(a / 2)) / 2 + side * np.exp(-a * eta * eta / 2) / (sqrt(2 * pi) * np.sqrt(a)) * c


gammainc, gammaincc = of_two(lambda a, x: both(a, x)[0]), of_two(lambda a, x: both(a, x)[1])


# ---------------------------------------------------------------------- the Hurwitz zeta function


@of_two
def zeta(s: np.ndarray, q: np.ndarray) -> np.ndarray:
    """ζ(s, q) = Σ_{k ≥ 0} (q + k)⁻ˢ for s > 1: terms up to q + k ≥ 10 + s/2, Euler–Maclaurin's formula for the rest.

    ∞ at s = 1 and at the poles q = 0, −1, …; NaN for s < 1, and for negative q unless s is whole.
    """
    pole = (q <= 0) & (q == np.floor(q))
    none = (s < 1) | (s != s) | (q != q) | (q < 0) & ~pole & (s != np.floor(s))
    endless = ~none & (pole | (s == 1))
    fine = ~none & ~endless
    y = np.where(none, np.nan, np.inf)
    y[fine] = zeta_inside(s[fine], q[fine])
    return y


def zeta_inside(s: np.ndarray, q: np.ndarray) -> np.ndarray:
    total, q = np.zeros_like(q), q.copy()
    enough = 10 + s / 2
    for _ in range(64):  # where that is not enough, s is so large that the rest is nothing
        small = q < enough
        if not small.any():
            break
        total[small] += q[small] ** -s[small]
        q[small] += 1
    power = q**-s
    rest = q * power / (s - 1) + power / 2
    factor, power = s, power / q
    for k in range(1, 13):
        rest += bernoulli(2 * k) / factorial(2 * k) * factor * power
        factor = factor * (s + 2 * k - 1) * (s + 2 * k)
        power = power / (q * q)
    return np.where(q < enough, total, np.where(np.isfinite(q), total + rest, 0.0))
