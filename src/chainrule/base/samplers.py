"""Random numbers by rejection: propose, accept or try again. Gamma, Poisson and binomial, one number at a time.

How many uniforms a number costs depends on the uniforms, so each is finished before the next one begins. The order
of the tests below, and what is drawn between them, is PyTorch's stream.

* Gamma: G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", 2000.
* Poisson and binomial: W. Hörmann, "The transformed rejection method", 1993 (PTRS and BTRS); for small means the
  number of exponential waiting times until 1, or of geometric ones until n.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Uniform = Callable[[], float]  # the next number in [0, 1)
Normal = Callable[[], float]  # the next standard normal

LARGE_MEAN = 10  # from this mean on, counting would take longer than rejection
# log k! = ½ log 2π + (k + ½) log(k + 1) - (k + 1) + tail(k): the tail for k = 0 … 9, and below its series
STIRLING_TAILS = (
    0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
    0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287,
)  # fmt: skip


def gamma(shape: float, uniform: Uniform, normal: Normal, single: bool) -> float:
    """One number of density ``x^(shape-1) e^-x / Γ(shape)``; ``single``: shape and d are kept in float32.

    d (1 + c z)³ with z normal is nearly such a number; a shape below 1 is reached from shape + 1 by a power.
    """
    kind = np.float32 if single else np.float64
    scale, alpha = 1.0, kind(shape)
    if alpha == 0:
        return 0.0
    if alpha < 1:
        scale = math.pow(1 - uniform(), float(kind(1) / alpha))
        alpha += kind(1)
    d = float(alpha - kind(np.float32(1 / 3)))  # a float32 third, in float64 too
    c = 1 / math.sqrt(9 * d)
    while True:
        y = 0.0
        while y <= 0:
            x = normal()
            y = 1 + c * x
        v = y * y * y
        u = 1 - uniform()
        x *= x
        if u < 1 - 0.0331 * x * x or math.log(u) < 0.5 * x + d * (1 - v + math.log(v)):
            return scale * d * v


def poisson(rate: float, uniform: Uniform) -> float:
    """One count of events of the given mean."""
    if rate >= LARGE_MEAN:
        return large_poisson(rate, uniform)
    if rate == 0:
        return 0
    limit, count, product = math.exp(-rate), 0, uniform()
    while product > limit:
        count += 1
        product *= uniform()
    return count


def large_poisson(rate: float, uniform: Uniform) -> float:
    """PTRS: a transformed uniform, accepted at once in most cases, otherwise compared with the density."""
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    while True:
        u = uniform() - 0.5
        v = uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43) if us else -1
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        target = -rate + k * math.log(rate) - math.lgamma(k + 1)
        if log(v) + math.log(inverse_alpha) - math.log(a / (us * us) + b) <= target:
            return k


def binomial(n: float, p: float, uniform: Uniform) -> float:
    """One count of successes in n trials of probability p; the rarer of success and failure is counted."""
    if n <= 0 or p <= 0:
        return 0
    if p >= 1:
        return n
    if math.isnan(p):
        return p
    rarer = p if p <= 0.5 else 1 - p
    count = large_binomial if n * rarer >= LARGE_MEAN else small_binomial
    found = count(n, rarer, uniform)
    return found if p <= 0.5 else n - found


def small_binomial(n: float, p: float, uniform: Uniform) -> float:
    """Successes counted by the trials to wait for each."""
    trials, successes = 0.0, 0
    while True:
        u = uniform()
        trials += math.ceil(math.log(u) / math.log1p(-p)) if u else math.inf
        if trials > n:
            return successes
        successes += 1


def large_binomial(n: float, p: float, uniform: Uniform) -> float:
    """BTRS: as PTRS, with the binomial density; for n p >= 10 and p <= ½."""
    spread = math.sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    v_r = 0.92 - 4.2 / b
    odds = p / (1 - p)
    alpha = (2.83 + 5.1 / b) * spread
    mode = math.floor((n + 1) * p)
    while True:
        u = uniform() - 0.5
        v = uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + n * p + 0.5) if us else -1
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or k > n:
            continue
        density = (mode + 0.5) * math.log((mode + 1) / (odds * (n - mode + 1)))
        density += (n + 1) * math.log((n - mode + 1) / (n - k + 1))
        density += (k + 0.5) * math.log(odds * (n - k + 1) / (k + 1))
        density += stirling_tail(mode) + stirling_tail(n - mode) - stirling_tail(k) - stirling_tail(n - k)
        if log(v * alpha / (a / (us * us) + b)) <= density:
            return k


def stirling_tail(k: float) -> float:
    """What Stirling's formula for log k! leaves out."""
    if k <= 9:
        return STIRLING_TAILS[int(k)]
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)


def log(x: float) -> float:
    """log x, with −∞ for 0."""
    return math.log(x) if x else -math.inf
