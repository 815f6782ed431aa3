"""Hold a hand-written gradient against the true one, and say in words what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..base.errors import message
from .diagnose import Case, Finding, diagnose
from .differences import is_single
from .points import Point, nearby, spell
from .problem import Problem
from .sizes import Sizes, measure
from .truth import Autograd, Truth, ask_autograd, true_gradient

__all__ = ["check_gradient", "GradientCheck", "PointCheck"]

ROWS = 8  # of the table that a result prints


@dataclass(frozen=True)
class PointCheck:
    """The gradients at one point, by parameter."""

    at: Point
    yours: Point
    true: Point


@dataclass(frozen=True)
class GradientCheck:
    """What `check_gradient` found. True as a condition where the gradient is right; prints as an explanation.

    ``cause`` is one of ``"factor"``, ``"sign"``, ``"zero"``, ``"transposed"``, ``"shape"``, ``"missing term"``,
    ``"extra term"``, ``"term"``, ``"stale"``, ``"components"``, ``"swapped"``, ``"kink"``, ``"hidden"`` (from autograd),
    ``"unknown"``; None where nothing is wrong. ``ratio`` is your gradient over the true one, where that is one number.
    """

    ok: bool
    cause: str | None
    ratio: float | None
    message: str
    evidence: tuple[str, ...]
    points: tuple[PointCheck, ...]

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        table = [] if self.ok else ["", *_rows(self.points)]
        return "\n".join([self.message, *table, "", *(f"- {line}" for line in self.evidence)]).rstrip()

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
    your gradient is 4.000 times the true one at every point tried; the loss takes a mean over N = 4; your gradient takes a sum
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
        data: The arrays and numbers that the functions ask for by name. Functions may also read theirs from around them.
        prediction: ``forward(x)``, ``forward(x, w)``: makes what the other functions take as ``y_pred``.

    All functions are called with float64 arrays, so float32 data costs no digits; one that only works on tensors gets
    tensors. Where a function takes and where it reads a name, it finds the same value, and afterwards its own again.

    Raises:
        TypeError: A function asks for a name that is nowhere given.
        ValueError: NaN or infinity, unequal numbers of samples, or a function that changes its arguments in place.
        RuntimeError: The loss is not one number.
    """
    problem = Problem(gradient, loss, at, data, prediction)
    points = _usable(problem)
    autograds = [ask_autograd(problem, point) for point in points]
    truths = [true_gradient(problem, p, autograd) for p, autograd in zip(points, autograds, strict=True)]
    claims = [problem.claimed(point) for point in points]
    sizes = measure(problem)
    cases = {name: _case(problem, name, points, claims, truths, sizes) for name in problem.names}
    wrong = {name: finding for name, case in cases.items() if (finding := diagnose(case))}
    if wrong and len(problem.terms) > 1:
        cases = {name: _with_terms(problem, case, points) for name, case in cases.items()}
        wrong = {name: finding for name in wrong if (finding := diagnose(cases[name]))}
    finding = _hidden(claims, autograds, truths, wrong) or _swapped(cases, wrong) or _told(cases, wrong)
    finding = finding or _outside_kinks(claims, truths)
    evidence = [*_experiment(sizes, wrong), *_how_true(autograds, truths), *_kinks(truths), *_shapes(problem, cases)]
    checks = tuple(PointCheck(p, c, t.value) for p, c, t in zip(points, claims, truths, strict=True))
    if finding is None:
        return GradientCheck(True, None, 1.0, _praise(cases), tuple(evidence), checks)
    return GradientCheck(False, finding.cause, finding.ratio, finding.text, tuple(evidence), checks)
