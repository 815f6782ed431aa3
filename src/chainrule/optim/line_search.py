"""A step length along a direction that satisfies the strong Wolfe conditions (Nocedal & Wright, 2006, algorithms 3.5, 3.6).

First a bracket around an acceptable length is found by going further and further, then it is narrowed; both choose the
next length as the minimum of the cubic through the values and slopes at two lengths.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any, NamedTuple

import numpy as np


class Point(NamedTuple):
    """What is known at one length t: the loss, the gradient, and the slope along the direction."""

    t: float
    loss: float
    gradient: np.ndarray
    slope: float


def cubic_minimum(a: Point, b: Point, low: float | None = None, high: float | None = None) -> float:
    """Where the cubic through two points has its minimum, kept between ``low`` and ``high``."""
    if low is None or high is None:
        low, high = min(a.t, b.t), max(a.t, b.t)
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if square < 0:
        return (low + high) / 2.0
    d2 = sqrt(square)
    if a.t <= b.t:
        t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    else:
        t = a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
    return min(max(t, low), high)


def strong_wolfe(
    at: Callable[[float], tuple[float, np.ndarray]],
    t: float,
    d: np.ndarray,
    loss: float,
    gradient: np.ndarray,
    slope: float,
    c1: float = 1e-4,
    c2: float = 0.9,
    tolerance: float = 1e-9,
    most: int = 25,
) -> tuple[float, np.ndarray, float, int]:
    """(loss, gradient, t, evaluations) at a length with f(t) ≤ f(0) + c₁ t f′(0) and |f′(t)| ≤ c₂ |f′(0)|."""

    def evaluate(t: float) -> Point:
        f, g = at(t)
        return Point(t, f, g.copy(), float(g.dot(d)))

    start = Point(0.0, loss, gradient, slope)
    new, evaluations, tries = evaluate(t), 1, 0
    before, bracket, done = start, [], False
    while tries < most:
        if new.loss > loss + c1 * new.t * slope or (tries > 1 and new.loss >= before.loss):
            bracket = [before, new]
            break
        if abs(new.slope) <= -c2 * slope:
            bracket, done = [new], True
            break
        if new.slope >= 0:
            bracket = [before, new]
            break
        further = cubic_minimum(before, new, new.t + 0.01 * (new.t - before.t), new.t * 10)
        before, new = new, evaluate(further)
        evaluations += 1
        tries += 1
    if tries == most:
        bracket = [start, new]
    if not done:
        bracket, used = narrow(
            evaluate, bracket, loss, slope, c1, c2, tolerance * 1.0, float(np.abs(d).max()), most - tries
        )
        evaluations += used
    best = min(bracket, key=lambda p: p.loss) if len(bracket) > 1 else bracket[0]
    return best.loss, best.gradient, best.t, evaluations


def narrow(
    evaluate: Any,
    bracket: list[Point],
    loss: float,
    slope: float,
    c1: float,
    c2: float,
    tolerance: float,
    size: float,
    most: int,
) -> tuple[list[Point], int]:
    """Shrink a bracket until a length in it is acceptable; the lower point comes first."""
    low, high = (
        sorted(bracket, key=lambda p: p.loss) if bracket[0].loss > bracket[-1].loss else (bracket[0], bracket[-1])
    )
    stuck, evaluations = False, 0
    while evaluations < most:
        left, right = min(low.t, high.t), max(low.t, high.t)
        if (right - left) * size < tolerance:
            break
        first, second = (low, high) if low.t <= high.t else (high, low)
        t = cubic_minimum(first, second)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:  # too close to an end to learn much
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        new = evaluate(t)
        evaluations += 1
        if new.loss > loss + c1 * t * slope or new.loss >= low.loss:
            high = new
            if high.loss < low.loss:
                low, high = high, low
        else:
            if abs(new.slope) <= -c2 * slope:
                return [new], evaluations
            if new.slope * (high.t - low.t) >= 0:
                high = low
            low = new
    return [low, high], evaluations
