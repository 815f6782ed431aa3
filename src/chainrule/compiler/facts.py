"""What a step has read of tensors that it does not change: it is recorded again once they hold something else.

    if (target != PAD).any(): …        decided by target, which stays as it is while the step is taken
    n = lengths.tolist()

What is read of tensors that the step changes or draws, that have a history, or are too large to be kept, breaks the recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .program import Node

if TYPE_CHECKING:
    from .recording import Recording

MOST = 1 << 16  # entries of a tensor that are kept


class Reading(str):
    """What was done with entries in Python, and the value that they are of."""

    node: Node

    def __new__(cls, what: str, node: Node) -> Any:
        self = super().__new__(cls, what)
        self.node = node
        return self


class Fact:
    """An input that holds what it held when the step was recorded."""

    def __init__(self, node: Node) -> None:
        self.data = node.data
        self.entries = node.data.array.tobytes()

    def holds(self) -> bool:
        """Looked at in each call: what NumPy writes into its memory, no counter tells."""
        same: bool = self.data.array.tobytes() == self.entries
        return same

    @property
    def passed(self) -> bool:
        """Whether each call is given it."""
        return getattr(self.data, "argument", None) is not None


def told(facts: list[Fact]) -> str:
    """Of which input something else is known now, if any."""
    return next((f"{f.data.name} holds other entries, and the step decides by them" for f in facts if not f.holds()), "")


def decided_by(node: Node, now: Recording, passed: set[int]) -> list[Node] | None:
    """The inputs that a value is computed from, if the step leaves all of them as they are; else None.

    ``passed``: the arrays of tensors that a call is given. They differ from call to call, unless they are read as they are.
    """
    found: dict[Node, None] = {}
    stack, seen = [node], set()
    while stack:
        n = stack.pop()
        if n in seen:
            continue
        seen.add(n)
        if n.kind == "number" or n.kind == "call" and n.data.lasting or n in now.program.draws:
            return None
        if n.kind == "input":
            place = id(n.data.array)
            trained = place in now.holders and now.holders[place][0].node is not None
            if trained or n in now.program.writes or n.size > MOST or n is not node and place in passed:
                return None
            found[n] = None
        stack += n.args
    return list(found)
