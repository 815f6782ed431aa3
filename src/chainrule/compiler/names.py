"""What the kernels of a step are given: a buffer for each piece of memory, and the numbers of the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..native.loops import Builder
from ..native.program import Program as Kernel
from .fusion import KINDS, Schedule
from .program import Node

FULL = {"f32": 16, "f64": 8}  # lanes of a vector


class Names:
    """The parameters of a kernel: a buffer for each piece of memory that it touches, in the order of its first use."""

    def __init__(self, schedule: Schedule, slots: dict[Any, int]) -> None:
        self.schedule, self.slots = schedule, slots
        self.kinds: dict[str, str] = {}
        self.numbers = {text: i for i, (text, _) in enumerate(schedule.program.numbers)}

    def of(self, key: Any, kind: str) -> str:
        slot = self.slots.setdefault(key, len(self.slots))
        name = f"b{slot}"
        self.kinds[name] = kind + "*"
        return name

    def memory(self, node: Node) -> str:
        home = self.schedule.home(node)
        return self.of(home, KINDS[home.dtype.char])


class Written:
    """A kernel, and the names of what it is given: kernels that do the same to different memory are one function."""

    def __init__(self, given: dict[str, str], body: Callable[[Builder, dict[str, Any]], None]) -> None:
        self.given = list(given)
        own = {n: n if n in ("numbers", "piece", "thread", "last") else f"m{i}" for i, n in enumerate(given)}
        kinds = {own[n]: kind for n, kind in given.items()}
        self.kernel = Kernel("kernel", kinds, lambda k, *values: body(k, dict(zip(given, values))))
