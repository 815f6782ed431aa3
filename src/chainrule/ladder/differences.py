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

__all__ = ["Slope", "slope", "is_single"]

_HALVINGS = 14


@dataclass(frozen=True)
class Slope:
    """A derivative, how far it can be trusted, and the slopes on either side where those differ."""

    value: float
    error: float
    kink: bool = False
    left: float = float("nan")
    right: float = float("nan")


def slope(f: Callable[[float], float], size: float = 1.0) -> Slope:
    """The derivative of ``f`` at 0, where ``size`` is how far the argument reaches in the problem at hand.

    >>> import math
    >>> found = slope(math.exp)
    >>> abs(found.value - 1) < 1e-9, found.error < 1e-8, found.kink
    (True, True, False)
    >>> found = slope(abs)
    >>> found.kink, found.left, found.right
    (True, -1.0, 1.0)
    """
    size = max(size, 1.0)
    middle = f(0.0)
    eps = _resolution(f, middle, size)
    return _kink(f, middle, size, eps) or _extrapolated(f, size, eps)


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


def _resolution(f: Callable[[float], float], middle: float, size: float) -> float:
    values = np.array([middle, *(f(h * size) for h in (0.0123, -0.0371, 0.0719))])
    values = values[np.isfinite(values)]
    return float(np.finfo(np.float32 if is_single(values) else np.float64).eps)


def _extrapolated(f: Callable[[float], float], size: float, eps: float) -> Slope:
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
        noise = 2 * eps * max(abs(above), abs(below)) / h
        for order in range(1, len(new)):
            change = max(abs(new[order] - new[order - 1]), abs(new[order] - row[order - 1]), noise)
            if change <= error:
                best, error = new[order], change
        if row and abs(new[-1] - row[-1]) > 10 * error:
            break
        row = new
    return Slope(best, error)


def _kink(f: Callable[[float], float], middle: float, size: float, eps: float) -> Slope | None:
    """How the slopes on the two sides differ, if they still do close by: for a smooth f the difference shrinks with h."""
    near = eps ** (1 / 3) * size
    far = 30 * near
    with np.errstate(invalid="ignore"):
        jump_near, jump_far = (abs(f(h) - 2 * middle + f(-h)) / h for h in (near, far))
    if not (np.isfinite(jump_near) and np.isfinite(jump_far)) or jump_near <= 0.5 * jump_far:
        return None
    right, left = ((2 * (f(s * near / 2) - middle) / (near / 2) - (f(s * near) - middle) / near) * s for s in (1, -1))
    noise = 50 * eps * max(abs(middle), abs(f(near))) / near + 1e-6 * max(abs(left), abs(right))
    return Slope((left + right) / 2, abs(right - left), True, left, right) if jump_near > noise else None
