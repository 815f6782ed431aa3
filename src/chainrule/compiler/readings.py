"""How ops are read on symbols whose own code can't be: those that work on memory, or through tables of entries.

A joint op's reading is a pair: ``forward(op, *inputs)`` gives its result and what is kept, ``pull(op, g, kept, needs)`` the
gradients. Tests hold each to the op itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..ops.logic import where
from ..ops.scalar import exp, log
from .program import Input
from .symbolic import Sym, Unreadable, converted


class Reading(NamedTuple):
    forward: Callable[..., Any]
    pull: Callable[..., Any]


OPS: dict[str, Callable[..., Any]] = {}
JOINTS: dict[str, Reading] = {}


def joint(*names: str) -> Callable[[type], type]:
    def register(pair: Any) -> Any:
        for name in names:
            JOINTS[name] = Reading(pair.forward, pair.pull)
        return pair

    return register


def op(*names: str) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        OPS.update(dict.fromkeys(names, function))
        return function

    return register


@op("Clone", "Contiguous")
def clone(op: Any, x: Sym) -> Sym:
    return Sym(x.program, x.node)


@op("Linear")
def linear(op: Any, x: Sym, w: Sym, b: Sym) -> Sym:
    """y = x wᵀ + b"""
    return x @ w.T + b


@op("LinearNoBias")
def linear_without_bias(op: Any, x: Sym, w: Sym) -> Sym:
    """y = x wᵀ"""
    return x @ w.T


def refuse(why: str) -> Any:
    raise Unreadable(why)


def array(x: Sym, entries: np.ndarray) -> Sym:
    """Entries that are the same in every step, such as 0, 1, 2, …"""
    program = x.program
    key = (entries.tobytes(), entries.shape, entries.dtype.char)
    found = program.fixed.get(key)
    if found is None:
        found = program.fixed[key] = program.add("input", (), entries.shape, entries.dtype, Input(entries))
        program.inputs.append(found)
    return Sym(program, found)


def chosen(x: Sym, target: Sym) -> Sym:
    """Which class of each row is the target: a truth value for each score."""
    return array(x, np.arange(x.shape[1])) == target.reshape(-1, 1)


@joint("CrossEntropy", "BriefCrossEntropy")
class CrossEntropyReading:
    """−ln softmax(x)[t] = ln Σ eᶻ − z[t] with z = x − max x; infinite for a class that there is none of."""

    @staticmethod
    def forward(op: Any, x: Sym, target: Sym, weight: Any = None) -> tuple[Sym, Any]:
        if x.ndim != 2 or target.ndim != 1 or target.dtype.char != "l" or weight is not None or op.probable:
            refuse("weights, probabilities, or classes at several places")
        z = x - x.max(1, keepdims=True)
        e = exp(z)
        s = e.sum(1, keepdims=True)
        at = chosen(x, target)
        picked = where(at, z, float("-inf")).max(1, keepdims=True)
        loss = log(s) - picked
        if op.smoothing:
            even = log(s) - z.mean(1, keepdims=True)
            loss = loss * (1 - op.smoothing) + even * op.smoothing
        counts = (target != op.ignore).reshape(-1, 1)
        loss = where(counts, loss, 0.0)
        n = converted(counts, x.dtype).sum()
        kept = (e, s, at, counts, n)
        if op.reduction == "none":
            return loss.reshape(-1), kept
        return loss.sum() / n if op.reduction == "mean" else loss.sum(), kept

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        e, s, at, counts, n = kept
        share = g / n if op.reduction == "mean" else g.reshape(-1, 1) if op.reduction == "none" else g
        share = where(counts, share, 0.0)
        hit = 1.0 - op.smoothing
        d = e / s - where(at, array(e, np.full(1, hit, e.dtype)), 0.0)
        if op.smoothing:
            d = d - op.smoothing / e.shape[1]
        return [d * share, *[None] * (len(needs) - 1)]
