"""Where a gradient will be needed: what computes it writes it there, and nothing has to be copied or joined on its way.

Backwards through a view, a gradient is the same entries seen another way. So who makes one can lay it out for the views that it
will go through, and where they begin at a part of a tensor, write to that part of the whole tensor's gradient:

    x ──split──▶ q ──reshape──▶ (…, heads, d) ──transpose──▶ (heads, …, d)        ∂L/∂x = [∂L/∂q, …]

What is written is found again by where it lies. A gradient that went another way (others were added, a hook gave another) lies
elsewhere, and parts are joined as ever.
"""

from __future__ import annotations

from threading import get_ident
from typing import Any, NamedTuple

import numpy as np

from ..base.modes import modes
from ..native.address import address
from ..native.aligned import empty
from . import apply as hot
from .value import Node, Pick

ndarray = np.ndarray


class Whole(NamedTuple):
    """The gradient of a tensor that was parted: the array, its parts, which of them were given to somebody, by which thread."""

    array: ndarray
    parts: list[ndarray]
    given: set[int]
    thread: int


wholes: dict[Node, Whole] = {}  # of the passes under way, by the nodes that parted the tensors


def destination(edge: Node, dtype: np.dtype) -> ndarray | None:
    """An array, not yet filled, for the gradient that arrives at a node, laid out for the views behind it; None if there are
    none."""
    moves: list[Node] = []
    node = edge
    while type(node) is Node and node.op.moves and node.shapes is not None and not seen(node):
        moves.append(node)
        node = node.edges[0]  # type: ignore[assignment]
    if not moves or hot.watched or modes.partial:  # what a program asks for is in order itself
        return None
    y = part(node, dtype) if type(node) is Pick and not seen(node) else None
    if y is None:
        y = empty(moves[-1].shapes[0], dtype)  # type: ignore[index]
    for move in reversed(moves):
        y = move.op.compute(y)
    return y


def seen(node: Node) -> bool:
    """Whether somebody looks at the gradients that arrive here."""
    return node.hooks is not None or node.retained is not None


def part(pick: Pick, dtype: np.dtype) -> ndarray | None:
    """A part of a whole gradient, once."""
    node = pick.parent
    op: Any = node.op
    if not hasattr(op, "whole"):
        return None
    found = wholes.get(node)
    if found is None:
        array = empty(op.whole(node.shapes), dtype)
        found = wholes[node] = Whole(array, op.compute(array), set(), get_ident())
    if pick.index in found.given or found.thread != get_ident() or found.array.dtype != dtype:
        return None
    found.given.add(pick.index)
    return found.parts[pick.index]


def whole(node: Node, gradients: list[Any]) -> ndarray | None:
    """The array of which these gradients are the parts; None where they are not all there."""
    found = wholes.pop(node, None)
    if found is None or found.thread != get_ident() or not all(map(same, gradients, found.parts)):
        return None
    return found.array


def same(a: Any, b: ndarray) -> bool:
    """Whether two arrays are the same entries in the same memory."""
    return type(a) is ndarray and a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype and address(a) == address(b)


def forget() -> None:
    """A pass of this thread is over; what was begun and not asked for is let go of."""
    for node in [n for n, w in list(wholes.items()) if w.thread == get_ident()]:
        wholes.pop(node, None)
