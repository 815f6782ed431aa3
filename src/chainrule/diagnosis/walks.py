"""Walks over a graph: what a pass can reach, whether it may be walked unseen, where shapes cross, which rule broke."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..graph.value import FREED, Leaf, Pick
from .lines import NOWHERE, Line
from .record import Trouble
from .watch_ops import entry, finite

PURE = ("chainrule.ops.", "chainrule.graph.", "chainrule.tensors.inplace")  # where ops are mathematics and nothing else
FAR = 60  # nodes from a loss, beyond which it is no longer how the loss is computed


def reached(roots: list[Any]) -> list[Any]:
    """All nodes that a pass from the roots can visit."""
    seen: set[Any] = set()
    order: list[Any] = []
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        order.append(node)
        stack.extend(node.edges)
    return order


def untouched(nodes: list[Any]) -> bool:
    """Whether a pass of the doctor's own through these nodes would be seen by nobody: no hooks, no code of the program."""
    return not any(
        n.saved is FREED
        or n.hooks is not None
        or n.retained is not None
        or n.op is not None
        and not type(n.op).__module__.startswith(PURE)
        for n in nodes
    )


def free(nodes: list[Any]) -> None:
    """What the engine does to a graph that is not retained."""
    for node in nodes:
        if type(node) is not Leaf and type(node) is not Pick and node.saved:
            node.saved, node.guards = FREED, ()


def stretched(root: Any) -> Iterator[tuple[Any, tuple[int, ...], tuple[int, ...]]]:
    """From a loss back through means, sums and elementwise ops: where (N, 1) was combined with (N,), and their shapes."""
    stack, seen = [root], set[Any]()
    while stack and len(seen) < FAR:
        node = stack.pop()
        if node is None or node.op is None or node in seen:
            continue
        seen.add(node)
        total = type(node.op).__name__ in ("Sum", "Mean") and getattr(node.op, "dims", None) is None
        if not total and not getattr(node.op, "broadcasts", False):
            continue
        if node.shapes is not None and len(node.shapes) == 2 and sum(e is not None for e in node.edges) == 1:
            if crossed(*node.shapes):
                yield node, *node.shapes
        stack.extend(node.edges)


def crossed(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether as many entries on both sides make more together: (N, 1) with (N,)."""
    n = int(np.prod(a))
    return (
        len(a) != len(b)
        and n == int(np.prod(b)) > 1
        and {len(a), len(b)} != {0}
        and (a[-1:] == (1,)) != (b[-1:] == (1,))
    )


def first_broken(roots: Any, nodes: list[Any], lines: dict[int, Line]) -> Trouble | None:
    """The first rule, on the way back, that makes something else out of finite numbers."""
    arriving: dict[Any, Any] = {node: g for node, g in roots}
    for node in sorted(nodes, key=lambda n: -n.seq):
        g = arriving.pop(node, None)
        if g is None or type(node) is Leaf:
            continue
        if type(node) is Pick:
            slots = arriving.setdefault(node.parent, [None] * node.outputs)
            slots[node.index] = g if slots[node.index] is None else slots[node.index] + g
            continue
        found = node.op.pull(node, g)
        for edge, d in zip(node.edges, found):
            if edge is None or d is None:
                continue
            d = np.asarray(getattr(d, "array", d))
            if not finite(d):
                return described(node, g, d, lines.get(node.seq, NOWHERE))
            arriving[edge] = arriving[edge] + d if edge in arriving else d
    return None


def described(node: Any, g: Any, d: np.ndarray, line: Line) -> Trouble:
    """What a rule was given where it made something that is no number."""
    place = tuple(int(i) for i in np.unravel_index(int((~np.isfinite(d)).argmax()), d.shape))
    operands: dict[str, Any] = {"gradient": float(d[place]), "entries": int((~np.isfinite(d)).sum())}
    if not isinstance(g, list):
        operands["upstream"] = entry(np.asarray(getattr(g, "array", g)), place, d.shape)
    for i, kept in enumerate(node.saved if node.saved is not FREED else ()):
        if isinstance(kept, np.ndarray):
            operands["result" if i == len(node.edges) else f"operand {i + 1}"] = entry(kept, place, d.shape)
    what = "nan" if np.isnan(d[place]) else "inf"
    return Trouble(what, type(node.op).__name__, line, node.seq, operands, "backward")
