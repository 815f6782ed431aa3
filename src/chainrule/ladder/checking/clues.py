"""What a diagnosis may need besides the gradients: computed only where the plain comparison left a question open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .calling import lookup
from .diagnose import Case
from .differences import noise_of, slope
from .points import Point
from .problem import Problem
from .truth import MOST, ask_autograd, true_gradient

__all__ = ["with_clues"]


def with_clues(problem: Problem, cases: dict[str, Case], points: list[Point]) -> dict[str, Case]:
    """The cases with what takes longer to compute, and is only wanted where something is wrong."""
    if len(problem.terms) > 1:
        cases = _with_terms(problem, cases, points)
    predicted = problem.predicted(points[0])
    if predicted is None or predicted.size > MOST:
        return cases
    outer = np.stack([np.atleast_1d(_outer(problem, point, predicted.shape)) for point in points])
    inner = "it is the sum of ∂loss/∂ŷ over the samples, not yet multiplied by ∂ŷ/∂w (where ŷ = w·x that is x)"
    activation = "it is ∂loss/∂ŷ times x, without the derivative of the activation that makes ŷ of w·x"
    key = lookup("x", problem.samples.named)
    x = None if key is None else np.atleast_1d(np.asarray(problem.samples.named[key], dtype=np.float64))
    found = {}
    for name, case in cases.items():
        shortcuts = {inner: outer.sum(axis=1)}
        if x is not None and x.ndim in (1, 2) and not _is_linear(problem, points[0], name, x, predicted):
            shortcuts[activation] = np.stack([x.T @ one for one in outer])
        found[name] = replace(case, shortcuts=shortcuts)
    return found


def _is_linear(problem: Problem, point: Point, name: str, x: np.ndarray, predicted: np.ndarray) -> bool:
    """Whether ŷ rises by x where w rises by 1, so that nothing but x stands between them."""
    first = (0,) * point[name].ndim
    moved = point[name].copy()
    moved[first] += 1
    rise = problem.predicted({**point, name: moved}) - predicted
    return any(np.allclose(column, x.reshape(len(x), -1)[:, 0]) for column in rise.reshape(len(x), -1).T)


def _outer(problem: Problem, point: Point, shape: tuple[int, ...]) -> np.ndarray:
    """∂loss/∂ŷ, entry by entry, by finite differences."""
    noise = noise_of(problem.along_prediction(point, (0,) * len(shape)))
    slopes = [slope(problem.along_prediction(point, index), noise=noise).value for index in np.ndindex(shape)]
    return np.array(slopes).reshape(shape)


def _with_terms(problem: Problem, cases: dict[str, Case], points: list[Point]) -> dict[str, Case]:
    """The cases with the gradient of each named term of the loss beside the whole."""
    terms: dict[str, list[Point]] = {}
    for term, function in problem.terms.items():
        alone = problem.only(term, function)
        terms[term] = [true_gradient(alone, point, ask_autograd(alone, point)).value for point in points]
    return {
        name: replace(case, terms={term: np.stack([g[name] for g in found]) for term, found in terms.items()})
        for name, case in cases.items()
    }
