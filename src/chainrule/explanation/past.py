"""A graph as it was when it was computed, also after ``backward()`` has freed it and a step has written over its parameters.

What a small graph's nodes had kept is put by for the latest pass (`graph/spent.py`); each small leaf remembers its entries
as they were in that pass. What is neither there nor unchanged is refused, never guessed.
"""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from ..base.errors import GradientError, message
from ..base.trail import spelled
from ..graph.kept import overwritten
from ..graph.spent import ROOM, latest
from ..graph.value import FREED, SMALL, Leaf, Node, Pick, Value
from ..graph.writes import last_write
from ..native.aligned import owner


class Past:
    """What nodes kept, and the entries of their leaves, as they were.

    ``visited``  the nodes that the latest pass went through: what they kept was unchanged then
    ``leaves``   of each leaf whose entries are known: a copy of them
    ``before``   of the leaves that were written to since: (array, its entries then as bytes, the leaf)
    """

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        roots = [n for n in nodes if n.seq in latest.roots]
        entries = dict(latest.entries)
        self.visited = {*entries}.union(*map(behind, roots))
        self.saved = {n: entries.get(n, FREED) if n.saved is FREED else n.saved for n in nodes}
        lost = next((n for n in nodes if self.saved[n] is FREED), None)
        if lost is not None:
            raise GradientError(freed(lost, bool(roots) and latest.room <= 0))
        self.spent = next((n for n in nodes if n.saved is FREED), None)
        self.leaves: dict[Node, np.ndarray] = {}
        self.before: list[tuple[np.ndarray, bytes, Leaf]] = []
        self.restored: set[int] = set()  # version cells whose writes since the pass do not matter
        users: dict[Node, list[Node]] = {}
        for n in nodes:
            for edge in n.edges:
                if isinstance(edge, Leaf):
                    users.setdefault(edge, []).append(n)
        for leaf in nodes:
            if isinstance(leaf, Leaf):
                self.look(leaf, users.get(leaf, []))
        for n in nodes:
            self.check(n)

    def look(self, leaf: Leaf, users: list[Node]) -> None:
        """Find a leaf's entries: those of the latest pass if it was reached by that, otherwise those it has now."""
        target = leaf.target()
        now = None if target is None else target.array
        if now is not None:
            self.leaves[leaf] = now.copy()
        early = [u for u in users if u.seq <= max(latest.roots, default=0)]
        array, entries = leaf.seen, leaf.was
        if not early or self.spent is None and leaf not in self.visited:
            return
        if not leaf.small and self.spent is not None and leaf in self.visited:
            raise GradientError(freed(self.spent, True))  # its entries then are not known
        if array is None:
            return
        if now is not None and now.shape == array.shape and now.dtype == array.dtype and now.tobytes() == entries:
            return
        reached = leaf in self.visited or any(u in self.visited for u in early)
        if not reached or len(early) < len(users):
            raise GradientError(written(target, users[0]))
        self.leaves[leaf] = np.ndarray(array.shape, array.dtype, entries).copy()
        self.before.append((array, entries, leaf))
        if target is not None:
            self.restored.add(id(target.version))

    def check(self, node: Node) -> None:
        """Refuse a node whose kept entries have been written over, unless they are remembered."""
        guards = node.guards
        for cell, version in zip(guards[::2], guards[1::2]):
            if cell[0] != version and not (id(cell) in self.restored and node in self.visited):
                twin = copy(node)
                twin.saved = self.saved[node]
                raise GradientError(overwritten(twin))

    def then(self, kept: np.ndarray, node: Node) -> np.ndarray | None:
        """What stood in the memory of a leaf, where a node kept some of it; None of other memory."""
        for array, entries, leaf in self.before:
            old = np.ndarray(array.shape, array.dtype, entries)
            if kept is array:
                return old.copy()
            (low, high), (start, stop) = byte_bounds(array), byte_bounds(kept)
            if stop <= low or high <= start:
                continue
            if start < low or high < stop or high - low != array.nbytes:  # more than the leaf's entries
                raise GradientError(written(leaf.target(), node))
            memory = bytearray(array.nbytes)
            np.ndarray(array.shape, array.dtype, memory, pointer(array) - low, array.strides)[...] = old
            return np.ndarray(kept.shape, kept.dtype, memory, pointer(kept) - low, kept.strides).copy()
        return None


def freed(node: Node, large: bool) -> str:
    """What is said of a graph that is gone: since it is too large to be put by, or since it is not the latest."""
    most = f"{ROOM >> 10} KB in all and {SMALL >> 10} KB a parameter"
    return message(
        "the graph has been freed: there is nothing left to explain",
        f"a backward pass has used the values that {node.name()} had kept, and let go of them; "
        + (f"a graph is put by up to {most}, and this one is larger (or holds what a compiled model or saved-tensor hooks kept)" if large
           else f"only the graph of the latest loss.backward() is put by, up to {most}"),
        "chainrule.explain(loss) before loss.backward(), or loss.backward(retain_graph=True)",
    )  # fmt: skip


def written(target: Any, user: Node) -> str:
    """What is said of a leaf of which only some entries are known, after it was written to."""
    place = None if target is None else last_write(target.version)
    shape = "is gone" if target is None else f"of shape {list(target.array.shape)} has been written over"
    return message(
        f"a parameter {shape} since {user.name()} computed with it: its entries then are not known",
        (f"it was written over in {spelled(place)}; " if place else "")
        + "entries are remembered of the latest loss.backward(), for what was computed before it",
        "chainrule.explain(loss) before the parameter is written to",
    )


def behind(root: Node) -> list[Node]:
    """All nodes that lead to ``root``, itself last."""
    seen: set[Node] = {root}
    stack = [root]
    while stack:
        for edge in stack.pop().edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                stack.append(edge)
    return sorted(seen, key=lambda node: node.seq)


def copied(past: Past) -> tuple[dict[Node, Node], dict[int, np.ndarray]]:
    """Copies of the nodes, in the same order; what they keep of the leaves' memory, which steps write to, is copied too.

    And, by the identity of such a copy, the array that it was made of: by its memory a ``w.detach()`` finds its name.
    """
    owned = {address(t.array) for n in past.leaves if (t := n.target()) is not None}  # type: ignore[attr-defined]
    owned |= {address(array) for array, _, _ in past.before}
    arrays: dict[tuple[int, bool], tuple[np.ndarray, np.ndarray]] = {}

    def fixed(kept: Any, node: Node) -> Any:
        if isinstance(kept, np.ndarray):
            if address(kept) not in owned:
                return kept
            visited = node in past.visited
            key = id(kept), visited
            if key not in arrays:
                old = past.then(kept, node) if visited else None
                arrays[key] = kept, kept.copy() if old is None else old
            return arrays[key][1]
        if isinstance(kept, Value):
            return None  # what a function of the program's own saved: its array stands beside it
        if isinstance(kept, tuple):
            parts = [fixed(each, node) for each in kept]
            return type(kept)(*parts) if hasattr(kept, "_fields") else tuple(parts)
        if type(kept) is list:
            return [fixed(each, node) for each in kept]
        return {k: fixed(v, node) for k, v in kept.items()} if type(kept) is dict else kept

    found: dict[Node, Node] = {}
    for node in past.nodes:
        if isinstance(node, Leaf):
            found[node] = node
            continue
        twin = found[node] = copy(node)
        twin.edges = tuple([None if e is None else found[e] for e in node.edges])
        twin.saved = fixed(past.saved[node], node)
        if isinstance(node, Pick):
            twin.parent = found[node.parent]  # type: ignore[attr-defined]
    return found, {id(twin): kept for kept, twin in arrays.values()}


def address(array: np.ndarray) -> int:
    """Where the memory begins that an array is a part of."""
    return pointer(owner(array))


def pointer(array: np.ndarray) -> int:
    """Where an array begins."""
    return int(array.__array_interface__["data"][0])
