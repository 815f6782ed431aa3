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
from .program import COMPUTED, Input, Node, Program, layout, verify

CHEAP = {
    arithmetic.add, arithmetic.sub, arithmetic.mul, arithmetic.neg, choice.maximum, choice.minimum, logic.where,
    logic.lt, logic.le, logic.gt, logic.ge, logic.eq, logic.ne,
}  # fmt: skip


class Back(NamedTuple):
    """The second program, its inputs in place of values of the first, and where it leaves gradients."""

    program: Program
    kept: list[Node]
    parts: list[Node]
    shared: list[Node]
    cotangents: dict[int, Node]  # by the place of the result whose gradient it is
    gradients: list[Node | None]  # inputs in whose memory they are left, or parts that calls give; None: there is none


class Parting:
    """A program whose results are ``count`` results of a call, then gradients; ``late`` values belong to the way back.

    kept    inputs of the first program in whose memory values are left for the second
    parts   what calls have given, handed over as it is
    shared  what lies outside and is read by both
    """

    def __init__(self, program: Program, count: int, cotangents: list[Node], late: frozenset[Node]) -> None:
        self.program, self.late = program, late
        self.cotangents = {node: i for i, node in enumerate(cotangents)}
        self.results, self.gradients = program.results[:count], program.results[count:]
        self.frontier = self.reached(set())
        self.again = self.cheap()
        self.frontier = [n for n in self.reached(self.again) if n not in self.cotangents]
        self.parts = [n for n in self.frontier if n.kind == "part"]
        self.shared = [n for n in self.frontier if n.kind == "input" and n not in program.writes and n not in program.draws]
        self.left = [n for n in self.frontier if n not in {*self.parts, *self.shared}]
        self.kept: list[Node] = []
        self.needs = self.find_needs()
        self.there = self.first()

    def find_needs(self) -> dict[Node, frozenset[int]]:
        """From which of the results' gradients each value is computed."""
        found: dict[Node, frozenset[int]] = {}
        for node in self.program.nodes:
            own = frozenset([self.cotangents[node]]) if node in self.cotangents else frozenset()
            found[node] = own.union(*[found[a] for a in node.args])
        return found

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

    def first(self) -> Program:
        """The results, and what is left in the memory of each call."""
        program, there = self.program, Program()
        extra = []
        for node in self.left:
            value = node
            if node.kind not in COMPUTED or node in program.writes.values():
                value = Node("map", (node,), node.shape, node.dtype, same, node.line)
                extra.append(value)
            home = Node("input", (), node.shape, node.dtype, Input(np.empty(node.shape, node.dtype)), node.line)
            home.data.name = f"kept {len(self.kept)}"
            there.writes[home] = value
            self.kept.append(home)
        there.results = self.results + [n for n in self.parts if n not in self.results]
        there.writes |= program.writes
        there.numbers, there.draws = program.numbers, program.draws
        there.nodes = [*self.kept, *program.nodes, *extra]
        live = set(there.live()) | set(there.writes)
        if live & set(self.cotangents):
            raise AssertionError("a result depends on its own gradient")
        there.nodes = [n for n in there.nodes if n in live]
        there.inputs = [n for n in there.nodes if n.kind == "input" and n not in program.draws]
        verify(there)
        return there

    # ------------------------------------------------------------------ the second program

    def back(self, missing: frozenset[int] = frozenset()) -> Back:
        """The way back where some results have no gradient: what is computed from those alone is left out, as it is 0."""
        back, made, needs = Program(), {}, self.needs

        def given(node: Node, name: str, array: Any = None) -> Node:
            like = np.empty(node.shape, node.dtype) if array is None else array
            made[node] = new = back.add("input", (), node.shape, node.dtype, Input(like))
            new.data.name = name
            back.inputs.append(new)
            return new

        def operand(node: Node) -> Node:
            if node not in made:
                zero = back.add("constant", (), (), node.dtype, 0.0)
                wide = back.add("view", (zero,), node.shape, node.dtype, (0, (0,) * len(node.shape))) if node.shape else zero
                made[node] = back.add("map", (wide,), node.shape, node.dtype, same)
            return made[node]

        kept = [given(n, f"kept {i}") for i, n in enumerate(self.left)]
        parts = [given(n, f"part {i}") for i, n in enumerate(self.parts)]
        shared = [given(n, n.data.name, n.data.array) for n in self.shared]
        cotangents = {i: given(n, n.data.name, n.data.array) for n, i in self.cotangents.items() if i not in missing and n in self.seen}
        for node in self.program.nodes:
            gone = needs[node] and needs[node] <= missing
            if node not in self.seen or node in made or gone:
                continue
            there = [a for a in node.args if not needs[a] or not needs[a] <= missing]
            if len(there) == 1 < len(node.args) and node.kind == "map" and node.data == arithmetic.add and there[0].shape == node.shape:
                made[node] = made[there[0]]
                continue
            args = tuple([operand(a) for a in node.args])
            made[node] = new = Node(node.kind, args, node.shape, node.dtype, node.data, node.line)
            back.nodes.append(new)
        gradients = [left(back, made[n], i) if n in made else None for i, n in enumerate(self.gradients)]
        verify(back)
        return Back(back, kept, parts, shared, cotangents, gradients)


def left(back: Program, value: Node, i: int) -> Node:
    """Where the second program leaves a gradient: an array of its own."""
    if value.kind == "part":
        back.results.append(value)
        return value
    if value.kind not in COMPUTED or value in back.writes.values():
        value = back.add("map", (value,), value.shape, value.dtype, same)
    home = back.add("input", (), value.shape, value.dtype, Input(np.empty(value.shape, value.dtype)))
    home.data.name = f"gradient {i}"
    back.inputs.append(home)
    back.writes[home] = value
    return home
