"""Mark an exercise: is the answer right, and if not, what do its numbers say is wrong with it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

import numpy as np

from ..tensors.function import Function
from ..tensors.gradcheck import GradcheckError, gradcheck
from .checking import check_gradient
from .checking.points import as_array, spell
from .climbing import climb
from .rungs import Rung

__all__ = ["Mark", "mark"]

NEAR = 1e-3  # of the value: as many digits as one writes by hand


@dataclass(frozen=True)
class Mark:
    """What `mark` found: ``verdict`` is ``"right"``, ``"not yet"`` or ``"open"`` (nothing written). True where it is right."""

    verdict: str
    why: str

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def __str__(self) -> str:
        return f"{self.verdict}: {self.why}"

    __repr__ = __str__


def mark(answer: Any, truth: Any = None, at: Any = None, **how: Any) -> Mark:
    """Hold an answer against the true one. What ``truth`` is, the answer's kind says:

    ==============================  ==========================================  ============================
    ``answer``                      ``truth``                                   held against it by
    ==============================  ==========================================  ============================
    a number, an array, a tensor    the same, computed                          their difference
    a function                      what it gives, called with ``at``           their difference
    a gradient, written by hand     its loss, a function; ``at`` some points    `check_gradient` (and ``how``)
    a `Function` with ``backward``  none; ``at`` its inputs                     `gradcheck`
    a `Rung` of the ladder          a `Table`, or none                          `climb` (and ``how``)
    ==============================  ==========================================  ============================

    An exercise leaves its gap as ``...``, and while it is there the answer is neither right nor wrong:

    >>> torch.mark(..., 4.0)
    open: write your answer in the place of ...
    >>> torch.mark(8.0, 4.0)
    not yet: 8 is 2.000 times the true value
    >>> torch.mark([1.0, -2.0, 3.0], torch.tensor([1.0, 2.0, 3.0]))
    not yet: 2 of 3 entries are right; entry 1 is −2, which has the wrong sign
    >>> torch.mark(lambda w: w, lambda w: w**2, at=[1.0, 3.0]).verdict
    'not yet'
    """
    try:
        if isinstance(answer, Rung):
            return on_the_ladder(answer, truth, how)
        if isinstance(answer, type) and issubclass(answer, Function):
            return by_differences(answer, at)
        if callable(answer) and (callable(truth) or isinstance(truth, Mapping)):
            found = check_gradient(answer, truth, at, **how)
            return Mark("right" if found else "not yet", str(found))
        if callable(answer):
            return compared(answer(*arguments(at)), truth)
    except Exception:
        if not has_gap(answer):
            raise
        return Mark("open", "write your answer in the place of ...")
    return compared(answer, truth)


# ---------------------------------------------------------------------- the kinds of answers


def on_the_ladder(own: Rung, table: Any, how: dict[str, Any]) -> Mark:
    """Train with the rung and with autograd's, and compare step by step."""
    climbed = climb([own, 2], table, show=False, **how)
    return Mark("right" if climbed.agree else "not yet", climbed.verdict()[0])


def by_differences(function: type[Function], at: Any) -> Mark:
    """Hold the backward rule against finite differences of the forward one."""
    watched = tuple(x.detach().double().requires_grad_() for x in arguments(at))
    try:
        gradcheck(function.apply, watched)
    except GradcheckError as error:
        return Mark("not yet", str(error))
    shapes = " and ".join(str(list(x.shape)) for x in watched)
    return Mark("right", f"{function.__name__}.backward agrees with finite differences, at inputs of shape {shapes}")


def compared(answer: Any, truth: Any) -> Mark:
    """Values, entry by entry."""
    if answer is ... or isinstance(answer, (list, tuple)) and any(entry is ... for entry in answer):
        return Mark("open", "write your answer in the place of ...")
    if answer is None:
        return Mark("open", "the answer is None: does the function end with `return`?")
    mine, true = as_array(answer, "the answer"), as_array(truth, "the true value")
    if mine.shape != true.shape:
        return Mark("not yet", f"it has shape {list(mine.shape)}, asked is one of shape {list(true.shape)}")
    apart = ~np.isclose(mine, true, rtol=NEAR, atol=NEAR * float(np.max(np.abs(true), initial=1e-30)))
    if not apart.any():
        return Mark("right", spell(mine).replace("-", "−"))
    if apart.all() or mine.size == 1:
        return Mark("not yet", f"{told(mine)} {wrongness(mine, true)}")
    first = tuple(int(i) for i in np.argwhere(apart)[0])
    place = first[0] if len(first) == 1 else list(first)
    return Mark(
        "not yet",
        f"{(~apart).sum()} of {mine.size} entries are right; entry {place} is {told(mine[first])}, "
        f"which {wrongness(mine[first], true[first])}",
    )


def arguments(at: Any) -> tuple[Any, ...]:
    """A tuple holds several, anything else is one, None is none."""
    return () if at is None else at if isinstance(at, tuple) else (at,)


def wrongness(mine: np.ndarray, true: np.ndarray) -> str:
    """How wrong values are, in as few words as fit all of them, without the true ones."""
    if not np.isfinite(mine).all():
        return "is no number to compute with"
    if np.any(true):
        ratio = float(np.sum(mine * true) / np.sum(true * true))
        if np.allclose(mine, ratio * true, rtol=NEAR) and ratio:
            return "has the wrong sign" if abs(ratio + 1) < NEAR else f"is {ratio:.3f} times the true value".replace("-", "−")
    apart = float(np.max(np.abs(mine - true)))
    return f"is {apart:.4g} away from the true value" if mine.size == 1 else f"is up to {apart:.4g} away from the true values"


def told(value: Any) -> str:
    return spell(value).replace("-", "−")


# ---------------------------------------------------------------------- gaps


def has_gap(answer: Any) -> bool:
    """Whether ``...`` still stands in a function, in one of a class's, or in one of a rung's."""
    if isinstance(answer, Rung):
        return any(has_gap(f) for f in (answer.prediction, answer.gradients, answer.loss, answer.updates) if f is not answer)
    if isinstance(answer, type):
        return any(has_gap(getattr(f, "__func__", f)) for f in vars(answer).values())
    code = getattr(answer, "__code__", None)
    return isinstance(code, CodeType) and in_code(code)


def in_code(code: CodeType) -> bool:
    """``...`` alone, or several of them; not the one in ``x[..., 0]``, which Python keeps as ``(..., 0)``."""
    return any(c in (..., (..., ...)) or isinstance(c, CodeType) and in_code(c) for c in code.co_consts)
