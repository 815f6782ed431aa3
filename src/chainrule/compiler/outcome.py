"""What became of the loops of a program: each compiled, compiled with calls of Python's in between, or not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .emission import Segment
from .plan import Plan
from .step import Step


class Loop:
    """One loop with a backward pass: its step, or why it has none."""

    def __init__(self, line: int, why: str = "") -> None:
        self.line, self.why = line, why
        self.begun: Any = None  # a `Retreating`, which may begin later than it did
        self.apart: list[range] = []  # the lines of what is done in some turns only, such as every tenth

    @property
    def step(self) -> Step | None:
        """What is compiled."""
        return None if self.begun is None else self.begun.at_work

    @property
    def kinds(self) -> list[Plan]:
        """The kinds of calls of which it is known what became of them, but for turns that are Python's by what they do apart."""
        plans = [] if self.step is None else self.step.plans.values()
        return [p for p in plans if p.machine is not None or p.reasons and not all(map(self.is_apart, p.reasons))]

    def is_apart(self, reason: tuple[Any, str]) -> bool:
        line, _ = reason
        return line is not None and any(line[1] in lines for lines in self.apart)

    @property
    def done(self) -> list[Plan]:
        """The kinds of calls that machine code does."""
        return [p for p in self.kinds if p.machine is not None]

    @property
    def whole(self) -> bool:
        """Whether all that its step does is machine code, in turns of each kind."""
        return bool(self.kinds) and all(p.machine is not None and p.machine.whole for p in self.kinds)

    def told(self) -> str:
        if self.step is None:
            return f"not compiled: {self.why}"
        if not self.step.plans:
            return "not compiled: it never ran"
        why = "; ".join(dict.fromkeys(" ".join(p.told().split()) for p in self.kinds if p.reasons))
        if self.done:
            calls = ", ".join(self.between())
            between = f", with calls of Python's in between: {calls}" if calls else ""
            batches = f"; Python hands over the batches, because {self.step.in_the_way}" if self.step.in_the_way else ""
            return f"compiled{self.later()}{between}{batches}" + (f"; not always: {why}" if why else "")
        return "not compiled: " + (why or " ".join(self.step.report().split()))

    def later(self) -> str:
        """Where it begins, if its first statements are Python's."""
        if self.begun.rest is None:
            return ""
        why = "; ".join(dict.fromkeys(" ".join(p.told().split()) for p in self.begun.plans.values() if p.reasons))
        return f" from line {self.begun.definition.body[self.begun.cut].lineno} on, because {why}"

    def between(self) -> list[str]:
        """What Python does in the compiled step, with lines: the ops, and on the way back."""
        return list(dict.fromkeys(name for plan in self.done for name in called(plan)))


def called(plan: Plan) -> Iterator[str]:
    """The calls of Python's in a program: ``Sort (line 12)``."""
    for _, machine in plan.machine.parts_of_it():
        for part in machine.module.order:
            if not isinstance(part, Segment):
                what = part.data.name if part.kind == "call" else repr(part.data)
                yield what.partition("(")[0] + (f" (line {part.line[1]})" if part.line else "")


class Loops:
    """The loops of one program or function."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.all: list[Loop] = []

    def report(self) -> str:
        """A line for each loop: whether it was compiled, or why not."""
        if not self.all:
            return f"{self.file}: no loop in it calls backward()"
        return "\n".join(f"{self.file}:{loop.line}: {loop.told()}" for loop in self.all)
