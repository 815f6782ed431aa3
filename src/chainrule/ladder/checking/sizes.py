"""The sizes of a problem, by which a gradient may be off, and what happens to it when every sample is given twice.

A mean over N samples does not change when each sample is given twice; a sum doubles. So the experiment tells a loss
that takes a mean from one that takes a sum without reading its code, and tells the same of a gradient.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .calling import lookup
from .points import Point
from .problem import Problem, Samples

__all__ = ["Size", "Sizes", "measure"]


@dataclass(frozen=True)
class Size:
    """A number that the problem contains: ``Size(4, "N", "the number of samples")``."""

    value: int
    symbol: str
    words: str
    of_parameter: bool = False


@dataclass(frozen=True)
class Sizes:
    """All sizes, samples first, and whether loss and gradient were seen to take a ``"sum"`` or a ``"mean"`` over N."""

    known: tuple[Size, ...] = ()
    loss: str = ""
    gradient: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def samples(self) -> Size | None:
        return next((size for size in self.known if size.symbol == "N"), None)


def measure(problem: Problem) -> Sizes:
    """Read the sizes off the data and parameters, and give every sample twice."""
    n = _count(problem.samples)
    known = [Size(n, "N", "the number of samples")] if n else []
    named = {**problem.samples.named, **{place.name: value for place, value in problem.samples.outer.items()}}
    for name, array in named.items():
        if isinstance(array, np.ndarray) and array.ndim >= 2:
            meaning = lookup(name, {"x": 0, "y": 0})
            symbol, words = {"x": ("D", "features"), "y": ("K", "outputs")}.get(
                meaning or "", (f"{name} columns", "columns")
            )
            known.append(Size(array.shape[1], symbol, f"the number of {words} (columns of {name})"))
    for name, value in problem.points[0].items():
        known.append(Size(value.size, f"{name}.size", f"the number of entries of {name}", True))
    known = list({size.symbol: size for size in known if size.value > 1}.values())
    return _given_twice(problem, n, tuple(known)) if n > 1 else Sizes(tuple(known))


def _count(samples: Samples) -> int:
    """N: the length that data arrays most often have; the first of equals."""
    lengths = Counter(len(array) for array in samples.arrays())
    return lengths.most_common(1)[0][0] if lengths else 0


def _given_twice(problem: Problem, n: int, known: tuple[Size, ...]) -> Sizes:
    def twice(value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.ndim and len(value) == n:
            return np.concatenate([value, value])
        return 2 * n if type(value) is int and value == n else value

    doubled = problem.samples.map(twice)
    gradient: dict[str, str] = {}
    evidence: dict[str, str] = {}
    try:
        pairs = [(problem.value(p), problem.value(p, doubled)) for p in problem.points]
        claims = [(problem.claimed(p), problem.claimed(p, doubled)) for p in problem.points]
    except (TypeError, ValueError, IndexError, RuntimeError) as error:
        return Sizes(
            known, evidence={"": f"giving every sample twice was not possible ({type(error).__name__}: {error})"}
        )
    loss = _reduction(np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
    for name in problem.names:
        gradient[name] = _reduction(*(np.concatenate([claim[i][name].ravel() for claim in claims]) for i in (0, 1)))
        if loss and gradient[name]:
            evidence[name] = _told(pairs[0], claims[0], name)
    return Sizes(known, loss, gradient, evidence)


def _reduction(once: np.ndarray, twice: np.ndarray) -> str:
    """What a number does when every sample counts twice: stays (a mean), doubles (a sum), or neither."""
    if once.shape != twice.shape or not np.any(once) or not np.all(np.isfinite(twice)):
        return ""
    near = 1e-5 * np.max(np.abs(once))
    if np.all(np.abs(twice - once) <= near):
        return "mean"
    return "sum" if np.all(np.abs(twice - 2 * once) <= 2 * near) else ""


def _told(loss: tuple[float, float], claim: tuple[Point, Point], name: str) -> str:
    """The experiment in numbers: those of the loss, and of the largest entry of the gradient."""
    once, twice = claim[0][name], claim[1][name]
    index = np.unravel_index(np.argmax(np.abs(once)), once.shape)
    entry = f"{name}[{', '.join(str(int(i)) for i in index)}]" if index else name
    told = []
    for what, before, after in (("the loss", *loss), (f"your gradient of {entry}", once[index], twice[index])):
        same = np.isclose(before, after, rtol=1e-5)
        told.append(f"{what} {f'stays {before:.6g}' if same else f'goes from {before:.6g} to {after:.6g}'}")
    return f"with every sample given twice, {' and '.join(told)}"
