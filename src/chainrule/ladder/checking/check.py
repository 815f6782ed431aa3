"""Hold a hand-written gradient against the true one, and say in words what is wrong with it.

The parts, in the order in which they are used: `Problem` makes functions of the parameters out of what the user wrote;
`true_gradient` differentiates the loss; `measure` learns the problem's sizes; `diagnose` finds the cause in the
numbers; `verdict` joins the findings and gathers the evidence.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...base.errors import message
from .clues import with_clues
from .diagnose import diagnose
from .points import Point, nearby, spell
from .problem import Problem
from .sizes import measure
from .truth import ask_autograd, true_gradient
from .verdict import build_cases, evidence_for, final_finding, praise, rows

__all__ = ["check_gradient", "GradientCheck", "PointCheck"]


@dataclass(frozen=True)
class PointCheck:
    """The gradients at one point, by parameter."""

    at: Point
    yours: Point
    true: Point


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradient` found. True as a condition where the gradient is right; prints as an explanation.

    ``cause`` is None where nothing is wrong, and else one of ``"factor"``, ``"sign"``, ``"zero"``, ``"flat"``,
    ``"order"``, ``"chain rule"``, ``"transposed"``, ``"shape"``, ``"missing term"``, ``"extra term"``, ``"term"``,
    ``"stale"``, ``"components"``, ``"swapped"``, ``"kink"``, ``"hidden"`` (from autograd), ``"unknown"``. ``ratio`` is
    your gradient over the true one, where that is one number. ``wrong`` names the parameters whose gradient is wrong.
    """

    ok: bool
    cause: str | None
    ratio: float | None
    message: str
    evidence: tuple[str, ...]
    points: tuple[PointCheck, ...]
    wrong: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        table = [] if self.ok else ["", *rows([(p.at, p.yours, p.true) for p in self.points], self.wrong)]
        return "\n".join(
            [
                textwrap.fill(self.message, 100, subsequent_indent="  "),
                *table,
                "",
                *(f"- {line}" for line in self.evidence),
            ]
        ).rstrip()

    def __repr__(self) -> str:
        return str(self)


def check_gradient(
    gradient: Callable[..., Any],
    loss: Callable[..., Any] | Mapping[str, Callable[..., Any]],
    at: Any,
    *,
    data: Mapping[str, Any] | None = None,
    prediction: Callable[..., Any] | None = None,
) -> GradientCheck:
    """Compare ``gradient`` with ∂loss/∂w at the points ``at``, by autograd and by finite differences.

    Functions of the parameter alone, ``gradient(w)`` and ``loss(w)``, need nothing else:

    >>> bool(check_gradient(lambda w: 2 * w, lambda w: w**2, at=[-1.0, 3.0]))
    True

    Functions of data name in their parameters what they want: ``x``, ``y`` and whatever else ``data`` holds; the
    prediction (``y_pred``, ``y_hat``, …), made by ``prediction``; and the parameters. What a function does not take, it
    may read from around it, as ``forward`` here reads ``w``:

    >>> x, y = np.array([1, 2, 3, 4], dtype=np.float32), np.array([2, 4, 6, 8], dtype=np.float32)
    >>> w = 0.0
    >>> def forward(x):
    ...     return w * x
    >>> def loss(y, y_predicted):
    ...     return ((y_predicted - y) ** 2).mean()
    >>> def gradient(x, y, y_predicted):
    ...     return np.dot(2 * x, y_predicted - y).mean()
    >>> print(check_gradient(gradient, loss, at=[0.0, 1.0, 3.0], data=dict(x=x, y=y), prediction=forward))
    your gradient is 4.000 times the true one at every point tried; the loss takes a mean over N = 4;
      your gradient takes a sum
    <BLANKLINE>
      w  yours  true  ratio
      0   -120   -30  4.000
      1    -60   -15  4.000
      3     60    15  4.000
    <BLANKLINE>
    - with every sample given twice, the loss stays 30 and your gradient of w goes from -120 to -240
    - the true gradient: autograd and finite differences agree

    Args:
        gradient: Returns an array of the parameter's shape; of several parameters a tuple in their order, or a dict.
        loss: Returns one number. A dict of functions is a loss that is the sum of named terms, so that a term whose
            gradient is missing can be named.
        at: Where to try. One array or number is a point (three more are drawn around it), a list or tuple holds several
            points; a dict ``{"w": …, "b": …}`` names the parameters, each again with one value or a list of them.
        data: The arrays and numbers that the functions ask for by name. They may also read theirs from around them.
        prediction: ``forward(x)``, ``forward(x, w)``: makes what the other functions take as ``y_pred``.

    All functions are called with float64 arrays, so float32 data costs no digits; one that only works on tensors gets
    tensors. Where a function takes and where it reads a name, it finds the same value, and afterwards its own again.

    Raises:
        TypeError: A function asks for a name that is nowhere given.
        ValueError: NaN or infinity, unequal numbers of samples, or a function that changes its arguments in place.
        RuntimeError: The loss is not one number.
    """
    problem = Problem(gradient, loss, at, data, prediction)
    points, dropped = _usable(problem)
    autograds = [ask_autograd(problem, point) for point in points]
    truths = [true_gradient(problem, point, autograd) for point, autograd in zip(points, autograds, strict=True)]
    claims = [problem.claimed(point) for point in points]
    sizes = measure(problem)
    cases = build_cases(problem, points, claims, truths, sizes)
    if not any(np.any(case.counts) for case in cases.values()):
        raise ValueError(message("the loss has a kink at every point", "there is no derivative to compare with"))
    wrong = {name: found for name, case in cases.items() if (found := diagnose(case))}
    if wrong and (len(problem.terms) > 1 or not all(found.explained for found in wrong.values())):
        cases = with_clues(problem, cases, points)
        wrong = {name: found for name in wrong if (found := diagnose(cases[name]))}
    finding = final_finding(cases, wrong, claims, autograds, truths)
    evidence = (*evidence_for(problem, points, cases, wrong, autograds, truths, sizes), *dropped)
    checks = tuple(PointCheck(p, c, t.value) for p, c, t in zip(points, claims, truths, strict=True))
    if finding is None:
        return GradientCheck(True, None, 1.0, praise(cases), evidence, checks)
    return GradientCheck(False, finding.cause, finding.ratio, finding.text, evidence, checks, tuple(wrong or cases))


def _usable(problem: Problem) -> tuple[list[Point], list[str]]:
    """The points given, all of which must be usable; of points drawn around a single one, those that are."""
    for point in problem.points:
        if reason := _unusable(problem, point):
            raise ValueError(message(reason, "only finite numbers can be compared", "choose points inside the domain"))
    if len(problem.points) > 1:
        return problem.points, []
    around = nearby(problem.points[0])
    usable = [around[0], *(point for point in around[1:] if not _unusable(problem, point))]
    left = len(around) - len(usable)
    return usable, [f"{left} of {len(around) - 1} points drawn nearby lie outside the domain"] if left else []


def _unusable(problem: Problem, point: Point) -> str:
    where = ", ".join(f"{name} = {spell(value)}" for name, value in point.items())
    with np.errstate(all="ignore"):
        value = problem.value(point)
        if not np.isfinite(value):
            return f"the loss is {value} at {where}"
        for name, claim in problem.claimed(point).items():
            if not np.all(np.isfinite(claim)):
                return f"gradient gives {spell(claim)} for {name} at {where}"
    return ""
