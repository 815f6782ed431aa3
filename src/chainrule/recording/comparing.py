"""`compare`: the first step at which two runs part, and the cause that the recordings prove.

Causes are looked for in the order in which one brings about the next: random numbers, data, settings, initial
parameters, operations; what remains is rounding, or numbers that entered unseen.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any

from ..base.errors import message
from .causes import CAUSES, Cause, Pair, effects, rounding
from .run import Run, load


@dataclass(frozen=True)
class Difference:
    """Where two runs part: ``step`` (None: nowhere), the ``cause``, ``what`` differs; ``also``: what else does there.

    ``cause`` is "random", "data", "settings", "parameters", "operation", "rounding", "values" or "length".
    """

    step: int | None
    cause: str | None
    what: str
    evidence: dict[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        return self.step is None

    def as_json(self) -> dict[str, Any]:
        return {
            "equal": self.equal, "step": self.step, "cause": self.cause, "what": self.what, "evidence": self.evidence,
            "also": list(self.also),
        }  # fmt: skip

    def __str__(self) -> str:
        if self.equal:
            return self.what
        lines = [f"the runs part at step {self.step}", f"  cause: {TITLES[str(self.cause)]}", f"  what:  {self.what}"]
        return "\n".join([*lines, *[f"  also:  {said}" for said in self.also]])


TITLES = {
    "random": "other random numbers",
    "data": "another batch",
    "settings": "other settings of the optimizer",
    "parameters": "other parameters",
    "operation": "another operation",
    "rounding": "rounding",
    "values": "other numbers",
    "length": "another number of steps",
}


def compare(a: Run | str | os.PathLike[str], b: Run | str | os.PathLike[str]) -> Difference:
    """Where, and why, the second run is not the first.

    >>> def train(lr):
    ...     w = torch.tensor(1., requires_grad=True)
    ...     opt = torch.optim.SGD([w], lr=lr)
    ...     with torch.record() as run:
    ...         for _ in range(3):
    ...             opt.zero_grad(); ((w - 2) ** 2).backward(); opt.step()
    ...     return run
    >>> print(compare(train(0.1), train(0.2)))
    the runs part at step 1
      cause: other settings of the optimizer
      what:  the learning rate is 0.1 in A, 0.2 in B
    >>> print(compare(train(0.1), train(0.1)))
    the runs are equal: 3 steps, bit for bit
    """
    opened = [load(run) for run in (a, b) if not isinstance(run, Run)]
    try:
        waiting = iter(opened)
        first, second = (run if isinstance(run, Run) else next(waiting) for run in (a, b))
        return between(first, second)
    finally:
        for run in opened:
            run.close()


def between(a: Run, b: Run) -> Difference:
    common = shared(a, b)
    about = a.about, b.about
    before = None
    for number in common:
        pair = Pair(a.step(number), b.step(number), before, about)
        if effects(pair):
            return told(pair)
        before = pair
    steps = f"{len(common)} step{'' if len(common) == 1 else 's'}"
    if a.length == b.length:
        which = "" if len(a) == len(b) == len(common) else " of those that both recorded"
        return Difference(None, None, f"the runs are equal: {steps}{which}, bit for bit")
    name, run = ("A", a) if a.length < b.length else ("B", b)
    ended = "" if run.ended == "complete" else f", ended by {run.ended}"
    what = f"{name} ends after step {run.length}{ended}; until then the runs are equal"
    return Difference(run.length + 1, "length", what, {"steps": [a.length, b.length]})


def shared(a: Run, b: Run) -> list[int]:
    """The steps that both recorded."""
    there = set(b.numbers)
    common = [n for n in a.numbers if n in there]
    if not common:
        raise ValueError(
            message(
                "the recordings have no step in common",
                f"A has {len(a)} steps, B has {len(b)}",
                "record both runs with the same `every`",
            )
        )
    return common


def told(pair: Pair) -> Difference:
    """The first cause that is proven; the others that are there too are said along."""
    found = causes(pair)
    kind, what, evidence = found[0]
    also = [said for _, said, _ in found[1:]] + (versions_differ(pair) if kind in ("rounding", "values") else [])
    return Difference(pair.number, kind, what, plain(evidence), tuple(also))


def causes(pair: Pair) -> list[Cause]:
    """The causes that are there; rounding only where nothing else is."""
    return [found for find in CAUSES if (found := find(pair)) is not None] or [rounding(pair)]


def versions_differ(pair: Pair) -> list[str]:
    a, b = (about.get("versions", {}) for about in pair.about)
    return [f"{name}: {a.get(name)} in A, {b.get(name)} in B" for name in {**a, **b} if a.get(name) != b.get(name)]


def plain(evidence: dict[str, Any]) -> dict[str, Any]:
    """Evidence as strict JSON has it: NaN and infinities as text."""
    return json.loads(json.dumps(evidence), parse_constant=str)
