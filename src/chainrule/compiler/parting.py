"""A program with its way back, parted into two: one that gives the results, one that gives the gradients.

What the second reads of what the first has computed is *kept* from the one to the other. A value that little can be done
to get (one elementwise op on others that are kept anyway) is computed again instead. What lies outside (parameters,
inputs) is read by both, and what calls of ops' own code have given is handed over as it is.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..ops import arithmetic, choice, logic
from .entrywise import same
from .fusion import KINDS
from .program import Input, Node, Program, layout

CHEAP = {
    arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.neg, choice.maximum, choice.minimum, logic.where,
    logic.lt, logic.le, logic.gt, logic.ge, logic.eq, logic.ne,
}  # fmt: skip
ALIGN = 64
MEMORY = ("map", "reduce", "dot", "join")  # the kinds of values that the memory of a call is laid out for


class Halves(NamedTuple):
    """The two programs, and what goes from one to the other: (a value of the first, an input of the second)."""

    there: Program
    back: Program
    kept: list[tuple[Node, Node]]  # (an input of the first in whose memory a value is left, …)
    parts: list[tuple[Node, Node]]  # what calls gave
    shared: list[tuple[Node, Node]]  # what lies outside
    cotangents: list[tuple[Node, Node]]
    gradients: list[Node]  # of the second: inputs in whose memory gradients are left, or parts that calls give
    size: int  # bytes of what is kept


def parted(program: Program, count: int, cotangents: list[Node], late: frozenset[Node]) -> Halves:
    """The program's results are ``count`` results of the call, then gradients; ``late`` values belong to the way back."""
    return Parting(program, count, cotangents, late).halves()


class Parting:
    def __init__(self, program: Program, count: int, cotangents: list[Node], late: frozenset[Node]) -> None:
        self.program, self.cotangents, self.late = program, cotangents, late
        self.results, self.gradients = program.results[:count], program.results[count:]
        self.frontier = self.reached(set())
        self.again = self.cheap()
        self.frontier = self.reached(self.again)

    def reached(self, again: set[Node]) -> list[Node]:
        """What the way back reads of what was there before it, in order; ``again``: not these, but what they are made of."""
        found, seen = set(), set(self.gradients)
        stack = list(seen)
        while stack:
            node = stack.pop()
            through = node in self.late or node in again or node.kind in ("view", "constant", "number")
            if node.kind == "input" or not through:
                found.add(node)
                continue
            for a in node.args:
                if a not in seen:
                    seen.add(a)
                    stack.append(a)
        self.seen = seen
        return [n for n in self.program.nodes if n in found]

    def cheap(self) -> set[Node]:
        """Elementwise values that are made in one go of others that are there anyway."""
        there = set(self.frontier)
        return {
            n for n in self.frontier
            if n.kind == "map" and n.data in CHEAP and n.dtype.char in KINDS
            and all(layout(a).base in there or layout(a).base.kind in ("constant", "number") for a in n.args)
        }  # fmt: skip

    # ------------------------------------------------------------------ the first program

    def halves(self) -> Halves:
        program, there, back = self.program, Program(), Program()
        self.made: dict[Node, Node] = {}
        kept: list[tuple[Node, Node]] = []
        parts, shared, cotangents, extra, size = [], [], [], [], 0
        for node in self.frontier:
            if node in self.cotangents:
                cotangents.append((node, self.given(back, node, node.data.array, node.data.name)))
            elif node.kind == "part":
                parts.append((node, self.given(back, node, np.empty(node.shape, node.dtype), "")))
            elif node.kind == "input" and node not in program.writes and node not in program.draws:
                shared.append((node, self.given(back, node, node.data.array, node.data.name)))
            else:
                value = node
                if node.kind not in MEMORY[:3] or node in program.writes.values():
                    value = Node("map", (node,), node.shape, node.dtype, same, node.line)
                    extra.append(value)
                home = Node("input", (), node.shape, node.dtype, Input(np.empty(node.shape, node.dtype)), node.line)
                home.data.name = f"kept {len(kept)}"
                there.writes[home] = value
                there.inputs.append(home)
                kept.append((home, self.given(back, node, home.data.array, home.data.name)))
                size += -(-node.size * node.dtype.itemsize // ALIGN) * ALIGN
        there.results = self.results + [n for n, _ in parts if n not in self.results]
        there.writes |= program.writes
        there.nodes = [*there.inputs, *program.nodes, *extra]
        there.numbers, there.draws = program.numbers, program.draws
        there.nodes = self.ordered(there)
        there.inputs = [n for n in there.nodes if n.kind == "input" and n not in program.draws]
        homes = self.write_back(back)
        return Halves(there, back, kept, parts, shared, cotangents, homes, size)

    def ordered(self, there: Program) -> list[Node]:
        """The values of the first program, and the inputs that it only writes to."""
        live = set(there.live()) | set(there.writes)
        if live & set(self.cotangents):
            raise AssertionError("a result depends on its own gradient")
        return [n for n in there.nodes if n in live]

    def given(self, back: Program, node: Node, array: Any, name: str) -> Node:
        """An input of the second program in place of a value."""
        made = self.made[node] = back.add("input", (), node.shape, node.dtype, Input(array))
        made.data.name = name or f"part {len(back.inputs)}"
        back.inputs.append(made)
        return made

    # ------------------------------------------------------------------ the second program

    def write_back(self, back: Program) -> list[Node]:
        made = self.made
        for node in self.program.nodes:
            if node in self.seen and node not in made:
                args = tuple([made[a] for a in node.args])
                made[node] = new = Node(node.kind, args, node.shape, node.dtype, node.data, node.line)
                back.nodes.append(new)
        homes: list[Node] = []
        for node in self.gradients:
            value = made[node]
            if value.kind == "part":
                homes.append(value)
                back.results.append(value)
                continue
            if value.kind not in MEMORY[:3] or value in back.writes.values():
                value = back.add("map", (value,), value.shape, value.dtype, same)
            home = back.add("input", (), node.shape, node.dtype, Input(np.empty(node.shape, node.dtype)))
            home.data.name = f"gradient {len(homes)}"
            back.inputs.append(home)
            back.writes[home] = value
            homes.append(home)
        return homes
