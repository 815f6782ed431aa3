"""The slope of a function of one number, from its values alone.

    D(h) = (f(h) − f(−h)) / 2h  =  f′(0) + c₁h² + c₂h⁴ + …

Halving h and combining two D's removes c₁, combining the results removes c₂, and so on (Richardson's extrapolation);
the place in that table where neighbours differ least gives the slope and an estimate of its error (Ridders, "Accurate
computation of F′(x) and F′(x)F″(x)", 1982).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["Slope", "slope", "noise_of", "is_single"]

_HALVINGS = 14
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Slope:
    """A derivative, how far it can be trusted, and the slopes on either side where those differ.

    Where the function itself jumps there are not even those: ``left`` and ``right`` are NaN.
    """

    value: float
    error: float
    kink: bool = False
    left: float = float("nan")
    right: float = float("nan")


def slope(f: Callable[[float], float], size: float = 1.0, noise: float | None = None) -> Slope:
    """The derivative of ``f`` at 0. ``size`` is how far its argument reaches in the problem at hand; ``noise`` is how
    far rounding moves its values, measured if not given.

    >>> import math
    >>> found = slope(math.exp)
    >>> abs(found.value - 1) < 1e-9, found.error < 1e-8, found.kink
    (True, True, False)
    >>> found = slope(abs)
    >>> found.kink, found.left, found.right
    (True, -1.0, 1.0)
    """
    size = max(size, 1.0)
    noise = noise_of(f, size) if noise is None else noise
    return _kink(f, size, noise) or _extrapolated(f, size, noise)


def noise_of(f: Callable[[float], float], size: float = 1.0) -> float:
    """How far rounding moves the values of ``f``: what remains of them in sixth differences.

    A smooth function's sixth differences at spacing δ are about δ⁶, next to nothing; those of independent errors σ have
    the standard deviation σ √C(12, 6) (Hamming's difference table; Moré and Wild, "Estimating computational noise",
    2011). Four stretches are taken around 0 and the second quietest believed: a kink is no noise, and rounded values
    may by chance be evenly spaced.

    >>> import math
    >>> noise_of(math.exp) < 1e-15, noise_of(lambda h: float(np.float32(math.exp(h)))) > 1e-9
    (True, True)
    """
    size = max(size, 1.0)
    found, largest = [], abs(f(0.0))
    for start, step in ((-0.031, 1.37e-4), (-0.011, 1.01e-4), (0.01, 0.83e-4), (0.029, 1.23e-4)):
        values = np.array([f((start + step * k) * size) for k in range(10)])
        if np.all(np.isfinite(values)):
            found.append(float(np.sqrt(np.mean(np.diff(values, 6) ** 2) / 924)))  # 924 = C(12, 6)
            largest = max(largest, float(np.max(np.abs(values))))
    return max(sorted(found)[:2][-1] if found else 0.0, _EPS * largest if np.isfinite(largest) else 0.0)


def is_single(values: np.ndarray) -> bool:
    """Whether the values were computed in float32: all are exact in it, and not for being short binary fractions.

    >>> is_single(np.array([0.1])), is_single(np.array([np.float32(0.1)], dtype=float)), is_single(np.array([0.5]))
    (False, True, False)
    """
    values = np.asarray(values, dtype=np.float64)
    with np.errstate(over="ignore"):
        exact = values.astype(np.float32).astype(np.float64) == values
        short = values * 1024 == np.round(values * 1024)
    return bool(np.all(exact)) and not bool(np.all(short))


def _extrapolated(f: Callable[[float], float], size: float, noise: float) -> Slope:
    best, error = float("nan"), float("inf")
    row: list[float] = []
    for k in range(_HALVINGS):
        h = 0.1 * size / 2**k
        above, below = f(h), f(-h)
        if not np.isfinite(above - below):
            row = []  # outside the domain, as for log: start again closer by
            continue
        new = [(above - below) / (2 * h)]
        for order, old in enumerate(row, start=1):
            new.append(new[-1] + (new[-1] - old) / (4**order - 1))
        for order in range(1, len(new)):
            change = max(abs(new[order] - new[order - 1]), abs(new[order] - row[order - 1]), 2 * noise / h)
            if change <= error:
                best, error = new[order], change
        if error <= 4 * noise / h:
            break  # from here on, rounding grows faster than the formula's error falls
        row = new
    return Slope(best, error)


def _kink(f: Callable[[float], float], size: float, noise: float) -> Slope | None:
    """The slopes on the two sides, if they still differ close by: for a smooth f the difference shrinks with h."""
    middle = f(0.0)
    near = size * min(max(noise / (abs(middle) or 1.0), _EPS) ** (1 / 3), 0.01)
    far = 30 * near
    with np.errstate(invalid="ignore"):
        jump_near, jump_far = (abs(f(h) - 2 * middle + f(-h)) / h for h in (near, far))
    if not (np.isfinite(jump_near) and np.isfinite(jump_far)) or jump_near <= 0.5 * jump_far:
        return None
    right, left = ((2 * (f(s * near / 2) - middle) / (near / 2) - (f(s * near) - middle) / near) * s for s in (1, -1))
    if jump_near <= 50 * noise / near + 1e-6 * max(abs(left), abs(right)):
        return None
    if jump_near > 5 * jump_far:
        return Slope(0.0, float("inf"), True)
    return Slope((left + right) / 2, abs(right - left), True, left, right)
