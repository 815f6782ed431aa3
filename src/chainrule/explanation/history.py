"""A graph as it can be told: every node with its value, its gradient, and the local gradients on its edges.

The values are found where they still are: in a variable of the caller, in a leaf, among what a node kept for its rules,
or by computing them again from those. What no rule kept and nothing leads back to stays unknown: no derivative needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.op import Elementwise, Joint, Op
from ..graph.spent import latest
from ..graph.value import FREED, Leaf, Node, Pick, Value
from .naming import Names
from .past import Past, behind, copied

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "(not kept: no derivative needs it)"})()


class Constant:
    """An input without history: an array that some node kept, or one that is known only from what was made of it."""

    def __init__(self, value: Any, name: str | None) -> None:
        self.value, self.name = value, name


class Snapshot:
    """The nodes behind ``root``, copied with the parameters and what they keep: later passes and steps change nothing in it."""

    def __init__(self, root: Node, value: np.ndarray) -> None:
        originals = behind(root)
        past = Past(originals)
        self.leaves: dict[Node, np.ndarray] = past.leaves
        self.copies, self.copied_from = copied(past)
        self.root, self.value = self.copies[root], value.copy()


class History:
    """All nodes behind a root, first computed first, and the gradient of the root at each of them.

    The gradients are those that ``root.backward()`` would find; nothing is added to any ``.grad``, and no hook is called.
    What is told stays true after ``backward()`` and ``step()``.
    """

    def __init__(self, taken: Snapshot, names: Names, seed: Any = None) -> None:
        self.leaves, self.root = taken.leaves, taken.root
        self.copies, self.copied_from, value = taken.copies, taken.copied_from, taken.value
        self.nodes = list(self.copies.values())
        self.names = names.of(self.copies)
        self.consumers: dict[Node, list[tuple[Node, int]]] = {}
        for node in self.nodes:
            for i, edge in enumerate(node.edges):
                if edge is not None:
                    self.consumers.setdefault(edge, []).append((node, i))
        self.known: dict[Node, Any] = {self.root: value, **self.leaves}
        self.constants: dict[tuple[Node, int], Constant | None] = {}
        seed = np.ones_like(value) if seed is None else seed
        self.gradients = sweep({self.root: seed}, self.nodes)

    # ------------------------------------------------------------------ values

    def value(self, node: Node) -> Any:
        """The array that a node computed, or UNKNOWN."""
        if node not in self.known:
            waiting = [node]  # a stack rather than recursion: graphs may be long
            while waiting:
                last = waiting[-1]
                if last in self.known:
                    waiting.pop()
                    continue
                found = self.kept_value(last)
                source = last.parent if isinstance(last, Pick) else last
                if found is UNKNOWN and recomputable(source):
                    missing = [e for e in source.edges if e is not None and e not in self.known]
                    if missing:
                        waiting += missing
                        continue
                    found = self.computed(last)
                if found is UNKNOWN:
                    found = self.names.written.get(last, UNKNOWN)
                self.known[last] = found
                waiting.pop()
        return self.known[node]

    def kept_value(self, node: Node) -> Any:
        """A node's value where somebody holds it."""
        if isinstance(node, Leaf):
            return UNKNOWN  # its tensor is gone
        for consumer, i in self.consumers.get(node, ()):
            found = saved_input(consumer, i)
            if found is not None:
                return found
        saved = node.saved
        if op_of(node) is not None and not is_joint(node) and saved and len(saved) == len(node.edges) + 1:
            if isinstance(saved[-1], np.ndarray):
                return saved[-1]
        return self.names.values.get(node, UNKNOWN)

    def computed(self, node: Node) -> Any:
        """A node's value, computed once more from its inputs."""
        source = node.parent if isinstance(node, Pick) else node
        inputs = []
        for i, edge in enumerate(source.edges):
            x = self.known[edge] if edge is not None else saved_input(source, i)
            if x is UNKNOWN or x is None and not (is_joint(source) or needed(source, i)):
                return UNKNOWN
            inputs.append(x)
        before, modes.grad = modes.grad, False
        try:
            y = source.op.compute(*inputs)
        finally:
            modes.grad = before
        if is_joint(source):
            y = y[0]  # and what it would keep
        return np.asarray(y[node.index] if isinstance(node, Pick) else y)

    def constant(self, node: Node, i: int) -> Constant | None:
        """A node's input without history: None where the op was given none (such as no bias)."""
        key = (node, i)
        if key not in self.constants:
            kept = saved_input(node, i)
            if isinstance(kept, np.ndarray):
                self.constants[key] = Constant(kept, self.names.constant(self.copied_from.get(id(kept), kept)))
            elif is_joint(node) or kept is not None or needed(node, i):
                self.constants[key] = None if kept is None else Constant(np.asarray(kept), None)
            else:
                self.constants[key] = self.solved(node, i)
        return self.constants[key]

    def solved(self, node: Node, i: int) -> Constant:
        """A constant that was not kept, found from the result: c = y − x where y = x + c.

        It gets the name of the caller's tensor that gives exactly the result that is known, if there is one.
        """
        kind = type(plain_op(node)).__name__
        other = node.edges[1 - i] if len(node.edges) == 2 else None
        if kind not in ("Add", "Sub", "Rsub") or other is None:
            return Constant(UNKNOWN, None)
        x, y = self.value(other), self.value(node)
        if x is UNKNOWN or y is UNKNOWN:
            return Constant(UNKNOWN, None)

        def gives(c: Any) -> bool:
            pair = (c, x) if i == 0 else (x, c)
            r = np.asarray(node.op.compute(*pair))
            return r.shape == y.shape and bool(np.array_equal(r, y, equal_nan=r.dtype.kind in "fc"))

        for name, t in self.names.tensors:
            if t.node is None and t.array.dtype.kind in "fiuc" and fits(t.array.shape, y.shape) and gives(t.array):
                return Constant(t.array, name)
        c = y + x if (kind, i) in (("Sub", 0), ("Rsub", 1)) else y - x if kind == "Add" else x - y
        flat = c.reshape(-1)
        if flat.size and bool(np.all(flat == flat[0])):  # one number, most likely written with few digits
            for digits in range(8):
                short = np.asarray(round(float(flat[0]), digits), c.dtype)
                if gives(short):
                    return Constant(short, None)
        return Constant(c, None)


def fits(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether the first shape can be stretched to the second."""
    return len(small) <= len(large) and all(n in (1, m) for n, m in zip(reversed(small), reversed(large)))


# ---------------------------------------------------------------------- nodes


def plain_op(node: Node) -> Any:
    """A node's op; behind a stand-in (halves, complex numbers), the op that it stands for."""
    op = node.op
    return getattr(op, "op", op) if not isinstance(op, Op) else op


def op_of(node: Node) -> Any:
    op = plain_op(node)
    return op if isinstance(op, Op) else None


def is_joint(node: Node) -> bool:
    return isinstance(plain_op(node), Joint)


def is_elementwise(node: Node) -> bool:
    return isinstance(plain_op(node), Elementwise) and not isinstance(node, (Leaf, Pick))


def opened(node: Node) -> Node:
    """The node with what a program's own hooks have packed unpacked."""
    return node.op.opened(node) if hasattr(node.op, "opened") else node


def recomputable(node: Node) -> bool:
    """Whether computing again gives the same: true of every op, but not of a program's own functions."""
    op = op_of(node)
    return op is not None and isinstance(op.inputs, tuple) and not isinstance(node, Leaf)


def needed(node: Node, i: int) -> bool:
    """Whether a node keeps its i-th input: if there is none then, it was given none."""
    op = op_of(node)
    return op is not None and any(i in kept for kept, edge in zip(op.keeps, node.edges) if edge is not None)


def saved_input(node: Node, i: int) -> Any:
    """The i-th input of a node if the node kept it, else None."""
    saved = opened(node).saved
    if not saved or saved is FREED or op_of(node) is None:
        return None
    if is_joint(node):
        return saved[1][i] if len(saved) == 2 and isinstance(saved[1], list) else None
    return saved[i] if isinstance(saved[0], (np.ndarray, type(None), int, float)) and i < len(saved) - 1 else None


# ---------------------------------------------------------------------- the chain rule


def sweep(start: dict[Node, Any], nodes: Iterable[Node], borders: frozenset[Node] = frozenset()) -> dict[Node, Any]:
    """The gradient at every node, given those in ``start``; it stops at ``borders``.

    ``nodes`` are those in question, first computed first: each is reached after all that used its result.
    """
    found: dict[Node, Any] = dict(start)
    with aside():
        for node in reversed(list(nodes)):
            g = found.get(node)
            if g is None or node in borders or isinstance(node, Leaf):
                continue
            if isinstance(node, Pick):
                slots = found.setdefault(node.parent, [None] * node.outputs)
                slots[node.index] = g if slots[node.index] is None else slots[node.index] + g
                continue
            for edge, d in zip(node.edges, node.op.pull(node, g)):
                if edge is not None and d is not None:
                    d = d.array if isinstance(d, Value) else d
                    found[edge] = found[edge] + d if edge in found else np.asarray(d)
    return found


def along(node: Node, i: int, g: Any) -> Any:
    """The gradient that reaches the i-th input of a node, given that of its output."""
    with aside():
        if isinstance(node, Pick):
            return [g if k == node.index else None for k in range(node.outputs)]
        return list(node.op.pull(node, g))[i]


@contextmanager
def aside(record: bool = False) -> Iterator[None]:
    """Compute for those who look: what was the latest backward pass remains it."""
    before, modes.grad = modes.grad, record
    try:
        with latest.untouched():
            yield
    finally:
        modes.grad = before
