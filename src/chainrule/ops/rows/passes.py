"""A backward pass for many upstream gradients at once.

The walk is the engine's. At each node the rules are read on `Rows`; where a rule can't be (a fused kernel, a program's own
function), it is read row after row, and what it gives is stacked.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ...graph import backward as engine
from ...graph.anomaly import anomaly
from ...graph.kept import narrowed
from ...graph.value import Node
from .array import Rows

ndarray = np.ndarray
Seeds = Callable[[int, int], list[tuple[Node, ndarray]]]

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
    if node.op.by_rows:
        try:
            found = node.op.pull(node, g)
        except Exception:  # it can't be read on rows, or it is wrong for each: then that is said there
            return row_by_row(node, g)
        if all([d is None or type(d) is Rows for d in found]):
            return found  # type: ignore[return-value]
    return row_by_row(node, g)


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
