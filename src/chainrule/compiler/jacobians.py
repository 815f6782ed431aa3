"""The rows of a Jacobian while a step is recorded: one pass for all, on symbols that have an axis more.

    J = ∂y/∂x, (m, …, n, …)        m upstream gradients eᵢ go back together, as `ops.rows` has them

The pass is made on arrays as ever, unseen; then the same nodes are visited again, their rules read on `Rows` of symbols.
What comes of that is what the arrays are known by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..graph import backward as engine
from ..graph.op import Joint
from ..ops.rows import passes
from ..ops.rows.array import Rows
from ..tensors import derivatives
from .recording import FAILS, Recording
from .symbolic import Sym, Unreadable, fixed
from .within import inner

MOST = 1 << 26  # bytes that the rows at the largest array on the way may take


def watched_rows(now: Recording) -> Iterator[tuple[Any, str, Any]]:
    """(owner, name, what takes its place while recording)."""
    yield passes, "gradients", watched_gradients(now, passes.gradients)
    yield derivatives, "unit", watched_unit(now, derivatives.unit)


def watched_unit(now: Recording, original: Any) -> Any:
    """Where rows go back one by one: each begins with an array that is the same in every step."""

    def unit(i: int, like: np.ndarray) -> np.ndarray:
        found: np.ndarray = original(i, like)
        if now.depth == 0:
            now.know(found, fixed(now.program, found))
        return found

    return unit


def watched_gradients(now: Recording, original: Any) -> Any:
    def gradients(seeds: Any, count: int, wanted: Any, most: int | None = None) -> Any:
        with inner(now):
            found = original(seeds, count, wanted, most)
            if found is not None and now.depth == 1:
                try:
                    read(now, seeds, count, wanted, found)
                except FAILS as wrong:
                    now.stop(f"asks for many gradients at once, which can't be read: {wrong}")
        return found

    return gradients


def read(now: Recording, seeds: Any, count: int, wanted: list[Any], found: list[Any]) -> None:
    """Let the gradients that were found be known by what they are on symbols."""
    aims = frozenset(wanted)
    visit = engine.leading_to(aims, [node for node, _ in seeds(0, 0)])
    if (room := count * passes.largest(visit, seeds(0, 1))) > MOST:
        raise Unreadable(f"{count} rows of one value take {room >> 20} MB")
    roots = [(node, Rows(upstream(now, g))) for node, g in seeds(0, count)]
    caught = engine.partial(roots, engine.Aims(aims, visit, visit - aims, {}), True, False, lambda node, g: pulled(now, node, g))
    for node, d in zip(wanted, found):
        if d is not None:
            symbol = caught[node].whole
            if symbol.shape != d.shape or symbol.dtype != d.dtype:
                raise Unreadable(f"{symbol.dtype}{symbol.shape} where there is {d.dtype}{d.shape}")
            now.know(d, Sym(now.program, now.own(symbol.node)))


def upstream(now: Recording, g: np.ndarray) -> Any:
    """Upstream gradients: those that the program passed, or rows of the identity, which are the same in every step."""
    known = now.symbols.get(id(g)) or now.seen_from(g)
    return known if isinstance(known, Sym) else fixed(now.program, g)


def pulled(now: Recording, node: Any, g: Any) -> list[Any]:
    """A node's rules, read on rows of symbols."""
    op = node.op
    if not op.by_rows or isinstance(op, Joint):
        raise Unreadable(f"the pullback of {op!r}")
    results: list[Any] = op.pull(now.standing_in(node), g)
    if not all(d is None or type(d) is Rows and type(d.whole) is Sym for d in results):
        raise Unreadable(f"what {op!r} gives")
    return results
