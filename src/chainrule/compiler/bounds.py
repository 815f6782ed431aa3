"""Numbers that machine code looks rows or classes up by: it is only used where they are such numbers.

    low ≤ i < high,   or i is the one that is ignored

An eager step raises an error for others, which names them; so the step is then taken as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .program import Node, layout
from .running import array_from

if TYPE_CHECKING:
    from .plan import Plan


class Limit:
    """What the entries of a value may be that lies in an array from outside."""

    def __init__(self, node: Node, low: int, high: int, ignored: int | None) -> None:
        self.node, self.low, self.high, self.ignored = node, low, high, ignored
        self.data = layout(node).base.data
        self.seen: Any = None  # the array, and which version of it, that was last looked at

    def holds(self) -> bool:
        """Whether they are such numbers now; what a tensor holds is looked at again once it was changed."""
        holder = self.data.holder
        now = None if holder is None else (self.data.array, holder.version[0])
        if now is not None and self.seen is not None and now[0] is self.seen[0] and now[1] == self.seen[1]:
            return True
        found = self.allows(self.entries())
        self.seen = now if found else None
        return found

    def entries(self) -> np.ndarray:
        """The value's entries, where they lie now."""
        array, node = self.data.array, self.node
        if node.kind == "input":
            return array
        offset, strides = node.data
        return np.lib.stride_tricks.as_strided(array_from(array, offset), node.shape, [s * array.itemsize for s in strides])

    def allows(self, x: np.ndarray) -> bool:
        if not x.size:
            return True
        if self.low == 0 and int(np.max(x.view(np.uint64))) < self.high:  # a negative number is a very large one there
            return True
        inside = (x >= self.low) & (x < self.high)
        return bool(np.all(inside if self.ignored is None else inside | (x == self.ignored)))


def limits_of(plan: Plan, machine: Any) -> list[Limit]:
    """Those of arrays from outside that a step does not write to; what it computes itself, it alone knows."""
    program = machine.program
    outside = {n for n in program.inputs if n not in program.writes and (n.data.holder is not None or hasattr(n.data, "argument"))}
    return [Limit(*limit) for limit in program.limits if layout(limit[0]).base in outside]
