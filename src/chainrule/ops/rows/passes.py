"""A backward pass for many upstream gradients at once.

The walk is the engine's. At each node the rules are read on `Rows`; those of a fused op are the rules of its formula, where
its kernel would be called often for little. Where a rule can't be read so (a large kernel, a program's own function), it
is read row after row, and what it gives is stacked.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ...base.modes import modes
from ...graph import backward as engine
from ...graph.anomaly import anomaly
from ...graph.kept import narrowed
from ...graph.op import Joint
from ...graph.value import Leaf, Node, Value, wrap
from .array import Rows

ndarray = np.ndarray
Seeds = Callable[[int, int], list[tuple[Node, ndarray]]]

MANY, SMALL = 8, 1 << 12  # from how many rows, and up to how many entries of each, a formula is quicker than a kernel
MEMORY = 1 << 22  # bytes that the rows at the largest array on the way may take at a time


def gradients(seeds: Seeds, count: int, wanted: list[Node], most: int | None = None) -> list[ndarray | None] | None:
    """The gradients at ``wanted`` for each of ``count`` upstream gradients, stacked; None where none arrives.

    ``seeds(i, j)``: the nodes that the pass begins at, each with its upstream gradients from the i-th to the j-th. At
    most ``most`` are taken at a time. None in all where one gradient has to be shown to somebody at a time (hooks).
    """
    roots = [node for node, _ in seeds(0, 0)]
    aims = frozenset(wanted)
    visit = engine.leading_to(aims, roots)
    if anomaly.on or any(n.hooks is not None or n.retained is not None for n in visit | aims):
        return None
    at_once = min(count, most or count, max(1, MEMORY // max(largest(visit, seeds(0, 1)), 1)))
    if at_once < 2:
        return None
    useful = visit | aims

    def through(node: Node, g: Any) -> list[Any]:
        edges = engine.needed(node, useful)
        return pull(node if edges is None else narrowed(node, edges), g)

    parts: list[dict[Node, Any]] = []
    for i in range(0, count, at_once):
        start = [(node, Rows(g)) for node, g in seeds(i, min(i + at_once, count))]
        parts.append(engine.partial(start, engine.Aims(aims, visit, visit - aims, {}), True, False, through))
    return [None if n not in parts[0] else np.concatenate([part[n].whole for part in parts]) for n in wanted]


def largest(nodes: set[Node], roots: list[tuple[Node, ndarray]]) -> int:
    """The bytes of the largest array that the nodes know of."""
    found = max([g.nbytes for _, g in roots])
    for node in nodes:
        for s in node.saved:
            if type(s) is ndarray and s.nbytes > found:
                found = s.nbytes
        for shape in node.shapes or ():
            found = max(found, prod(shape) * 4)
    return found


def pull(node: Node, g: Any) -> list[Any]:
    """``node.op.pull`` for `Rows`, or a list of them."""
    op = node.op
    how = op.pull if op.by_rows else through_formula if isinstance(op, Joint) and many_and_small(g) else row_by_row
    if how is not row_by_row:
        try:
            found = how(node, g)
        except Exception:  # it can't be read on rows, or it is wrong for each: then that is said there
            return row_by_row(node, g)
        if all([d is None or type(d) is Rows for d in found]):
            return found
    return row_by_row(node, g)


def many_and_small(g: Any) -> bool:
    """Whether a fused kernel is called so often for so little that its formula, read once on all rows, takes less."""
    d = next(d for d in (g if type(g) is list else [g]) if d is not None)
    return len(d.whole) >= MANY and d.size <= SMALL


def through_formula(node: Node, g: Any) -> list[Any]:
    """The gradients of a fused op through its formula in terms of other ops, whose rules are read on the rows."""
    inputs: list[Any] = []
    leaves: list[Any] = []
    for a, edge in zip(node.saved[1], node.edges):
        value = wrap(a) if isinstance(a, ndarray) else a
        if edge is not None:
            value.node = Leaf(value)
        inputs.append(value)
        leaves.append(None if edge is None else value.node)
    before, modes.grad = modes.grad, True
    try:
        result = node.op.formula(*inputs)
    finally:
        modes.grad = before
    outputs = result if isinstance(result, tuple) else (result,)
    roots = [
        (y.node, d)
        for y, d in zip(outputs, g if type(g) is list else [g])
        if d is not None and isinstance(y, Value) and y.node is not None
    ]
    aims = frozenset([leaf for leaf in leaves if leaf is not None])
    visit = engine.leading_to(aims, [n for n, _ in roots])
    caught = engine.partial(roots, engine.Aims(aims, visit, visit - aims, {}), False, False, pull)
    return [caught.get(leaf) for leaf in leaves]


def row_by_row(node: Node, g: Any) -> list[Any]:
    """The gradients of a node's inputs for one upstream gradient after the other."""
    several = type(g) is list
    given = g if several else [g]
    count = next(len(d.whole) for d in given if d is not None)
    made: list[Any] = [None] * len(node.edges)
    for i in range(count):
        row = [None if d is None else d.whole[i] for d in given]
        for k, d in enumerate(node.op.pull(node, row if several else row[0])):
            if d is None or node.edges[k] is None:
                continue
            if made[k] is None:
                made[k] = np.zeros((count, *np.shape(d)), d.dtype)
            made[k][i] = d
    return [None if whole is None else Rows(whole) for whole in made]
