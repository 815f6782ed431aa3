"""The true gradient at a point: by autograd where the loss takes tensors, and by finite differences in any case.

Finite differences have the last word, since they use nothing but the loss's values; autograd, where the two agree, is
the more exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...base.errors import message
from .differences import Slope, noise_of, slope
from .points import Point, spell
from .problem import Problem

__all__ = ["Truth", "Autograd", "true_gradient", "ask_autograd"]

# Entries of one parameter that are differentiated numerically; each takes about 20 evaluations of the loss.
MOST, BESIDE_AUTOGRAD = 100, 30


@dataclass(frozen=True)
class Autograd:
    """The gradient by autograd at one point, or why there is none."""

    gradient: Point | None
    reason: str = ""


@dataclass(frozen=True)
class Truth:
    """The true gradient at one point, entry by entry: its value, its error, and whether it was measured.

    ``kinks`` holds the slopes on the two sides where they differ. ``apart`` is the largest difference between autograd
    and finite differences beyond the error of the latter, in units of the largest slope; None without autograd.
    """

    value: Point
    error: Point
    measured: dict[str, np.ndarray]
    kinks: dict[tuple[str, tuple[int, ...]], Slope]
    apart: float | None = None


def ask_autograd(problem: Problem, point: Point, term: str | None = None) -> Autograd:
    """The gradient by autograd, if the functions can be called with tensors."""
    try:
        found = problem.autograd(point, term)
    except Exception as error:  # the user's own code, on values that it was perhaps not written for
        reason = str(error).splitlines()[0] if str(error) else ""
        return Autograd(None, f"{type(error).__name__}: {reason}")
    if not all(np.all(np.isfinite(gradient)) for gradient in found.values()):
        return Autograd(None, "it gives a gradient that is not finite")
    return Autograd({name: np.asarray(gradient, dtype=np.float64) for name, gradient in found.items()})


def true_gradient(problem: Problem, point: Point, autograd: Autograd) -> Truth:
    """The gradient of the loss at a point.

    Of a large parameter, some entries are differentiated numerically, drawn at random but the same ones each time; the
    others are autograd's, or left out.
    """
    value: Point = {}
    error: Point = {}
    measured: dict[str, np.ndarray] = {}
    kinks: dict[tuple[str, tuple[int, ...]], Slope] = {}
    for name, parameter in point.items():
        value[name], error[name] = np.zeros(parameter.shape), np.zeros(parameter.shape)
        measured[name] = np.zeros(parameter.shape, dtype=bool)
        chosen = _chosen(parameter, MOST if autograd.gradient is None else BESIDE_AUTOGRAD)
        largest = chosen[int(np.argmax([abs(parameter[index]) for index in chosen]))]  # rounded, it moves the loss most
        noise = max(noise_of(problem.along(point, name, i), abs(float(parameter[i]))) for i in (chosen[0], largest))
        for index in chosen:
            found = slope(problem.along(point, name, index), float(np.abs(parameter[index])), noise)
            if not np.isfinite(found.value):
                raise ValueError(_no_slope(name, index, point))
            value[name][index], error[name][index], measured[name][index] = found.value, found.error, True
            if found.kink:
                kinks[name, index] = found
    if autograd.gradient is None:
        return Truth(value, error, measured, kinks)
    return _joined(autograd.gradient, Truth(value, error, measured, kinks))


def _joined(by_autograd: Point, by_values: Truth) -> Truth:
    """Autograd's numbers, where finite differences do not contradict them."""
    scale = max(float(np.max(np.abs(value), initial=0.0)) for value in by_values.value.values()) or 1.0
    smooth = {name: measured.copy() for name, measured in by_values.measured.items()}
    for name, index in by_values.kinks:
        smooth[name][index] = False
    apart, agree = 0.0, {}
    for name, value in by_values.value.items():
        beyond = np.abs(by_autograd[name] - value) - 10 * by_values.error[name]
        apart = max(apart, float(np.max(np.where(smooth[name], beyond, 0.0), initial=0.0)) / scale)
        agree[name] = ~by_values.measured[name] | (smooth[name] & (beyond <= 1e-6 * scale))
    return Truth(
        {name: np.where(agree[name], by_autograd[name], value) for name, value in by_values.value.items()},
        {name: np.where(agree[name], 0.0, error) for name, error in by_values.error.items()},
        {name: np.ones_like(measured) for name, measured in by_values.measured.items()},
        by_values.kinks,
        apart,
    )


def _chosen(parameter: np.ndarray, most: int) -> list[tuple[int, ...]]:
    every = list(np.ndindex(parameter.shape))
    if len(every) <= most:
        return every
    return [every[i] for i in np.random.default_rng(0).choice(len(every), most, replace=False)]


def _no_slope(name: str, index: tuple[int, ...], point: Point) -> str:
    entry = f"{name}[{', '.join(map(str, index))}]" if index else name
    return message(
        f"the loss has no finite slope along {entry} at {name} = {spell(point[name])}",
        "it is not a finite number on both sides of the point",
        "try points inside the loss's domain",
    )
