"""Many programs that do the same with other numbers, as one: each value that differs gets one more axis, in front.

    w[i]        →  w[k, i]              for each program k
    x[n, i]     →  x[n, i]              what is the same for all stays one
    lr          →  lr[k]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ops.logic import where
from .program import LAID_OUT, Input, Node, Program, dense
from .symbolic import Sym, broadcast, fixed, laid_out


class Unlike(ValueError):
    """Programs that can't be one."""


class Together:
    """``programs`` as one; ``inputs`` says which of its arrays stand for those of each."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self.programs, self.count = programs, len(programs)
        first = programs[0]
        lives = [p.live() for p in programs]
        if first.draws:
            raise Unlike("they draw random numbers, one after the other")
        if any(p.text() != first.text() for p in programs[1:]):
            raise Unlike("they do not do the same")
        self.program = Program()
        self.program.width = self.count
        self.program.numbers = [
            (text, all_of([p.numbers[i][1] for p in programs])) for i, (text, _) in enumerate(first.numbers)
        ]  # fmt: skip
        self.inputs: list[tuple[Node, list[Node]]] = []  # (ours, theirs), of those that have an axis more
        self.new: dict[Node, Node] = {}
        for nodes in zip(*lives, strict=True):
            self.new[nodes[0]] = self.made(list(nodes))
        for i, target in enumerate(first.writes):
            theirs = [list(p.writes)[i] for p in programs]
            if target not in self.new:
                self.new[target] = self.made_input(theirs, True)
            self.program.writes[self.new[target]] = self.fitted(self.new[first.writes[target]], target.shape)
        self.program.results = [self.fitted(self.new[r], r.shape) for r in first.results]

    def wide(self, node: Node) -> bool:
        return self.new[node].shape != node.shape

    def made(self, nodes: list[Node]) -> Node:
        node, program, count = nodes[0], self.program, self.count
        program.line = node.line
        if node.kind == "input":
            return self.made_input(nodes, any(n in p.writes for n, p in zip(nodes, self.programs)))
        if node.kind == "constant":
            return program.add("constant", (), (), node.dtype, node.data)
        if node.kind == "number":
            return program.add("number", (), (count,), node.dtype, node.data)
        if node.kind not in (*LAID_OUT, "view"):
            raise Unlike(f"a {node.kind} is Python's")
        wide = any(self.wide(a) for a in node.args)
        if node.kind == "added" and wide:
            return self.added(node)
        args = [self.new[a] for a in node.args]
        shape = (count, *node.shape) if wide else node.shape
        if node.kind == "map":
            args = [self.aligned(a, len(node.shape)) if self.wide(a) else self.new[a] for a in node.args]
            return program.add("map", tuple(args), shape, node.dtype, node.data)
        if node.kind == "reduce" and wide:
            how, axes = node.data
            return program.add("reduce", tuple(args), shape, node.dtype, (how, tuple(a + 1 for a in axes)))
        if node.kind == "view" and wide:
            offset, strides = node.data
            return program.add("view", tuple(args), shape, node.dtype, (offset, (node.args[0].size, *strides)))
        if node.kind in ("dot", "join") and wide:
            args = [self.fitted(self.new[a], a.shape) for a in node.args]
        data = node.data + 1 if node.kind == "join" and wide else node.data
        return program.add(node.kind, tuple(args), shape, node.dtype, data)

    def added(self, node: Node) -> Node:
        """Rows added up by number: those of each program behind those of the one before."""
        program, count, n = self.program, self.count, node.shape[0]
        g, i = (Sym(program, self.fitted(self.new[a], a.shape)) for a in node.args)
        first = fixed(program, np.arange(0, count * n, n).reshape(count, *[1] * (i.ndim - 1)))
        i = where((i >= 0) & (i < n), i + first, -1)
        found = program.add("added", (g.node, i.node), (count * n, *node.shape[1:]), node.dtype)
        return laid_out(Sym(program, found).reshape(count, *node.shape)).node

    def made_input(self, nodes: list[Node], written: bool) -> Node:
        """One array for all where they are the same and stay so; else one with an axis more."""
        node = nodes[0]
        arrays = [n.data.array for n in nodes]
        if not written and all(a is arrays[0] or np.array_equal(a, arrays[0]) for a in arrays[1:]):
            shared = Input(arrays[0])
        else:
            if any(n.data.strides != dense(n.shape) for n in nodes):
                raise Unlike("an array is not in order in memory")
            shared = Input(np.stack(arrays))
        shared.name = node.data.name
        new = self.program.add("input", (), shared.array.shape, node.dtype, shared)
        self.program.inputs.append(new)
        if new.shape != node.shape:
            self.inputs.append((new, nodes))
        return new

    def aligned(self, a: Node, rank: int) -> Node:
        """A value whose own axes stand where they meet those of others, behind the new one."""
        new = self.new[a]
        if len(a.shape) == rank:
            return new
        return Sym(self.program, new).reshape(self.count, *(1,) * (rank - len(a.shape)), *a.shape).node

    def fitted(self, new: Node, shape: tuple[int, ...]) -> Node:
        """A value repeated for each program, if it is the same for all."""
        if new.shape != shape:
            return new
        return broadcast(Sym(self.program, new), (self.count, *shape)).node


def all_of(functions: list[Any]) -> Any:
    """The numbers of all programs, side by side for each step."""

    def at(steps: np.ndarray) -> np.ndarray:
        return np.stack([np.broadcast_to(f(steps), steps.shape) for f in functions], 1)

    return at
