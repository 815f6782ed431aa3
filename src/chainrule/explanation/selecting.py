"""What a loss is differentiated by: a tensor of its history, or some entries of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.errors import GradientError, message
from ..graph.backward import backward
from ..graph.kept import revived
from ..graph.value import Leaf, Node, Pick, Value, wrap
from .history import History, aside
from .quantities import Quantity


class Selection:
    """A node, and which of its entries are meant: all of them, or those at ``places`` (counted through)."""

    def __init__(self, node: Node, places: np.ndarray | None = None, shape: tuple[int, ...] = ()) -> None:
        self.node, self.places, self.shape = node, places, shape

    def pick(self, array: Any) -> np.ndarray:
        """The selected entries of an array that belongs to the node."""
        a = np.asarray(array)
        return a if self.places is None else a.reshape(-1)[self.places]

    @property
    def place(self) -> tuple[int, ...] | None:
        """Where the entry stands, if a single one is selected."""
        if self.places is None or self.places.size != 1:
            return None
        return tuple(int(i) for i in np.unravel_index(int(self.places.reshape(-1)[0]), self.shape))

    @property
    def suffix(self) -> str:
        """``[3, 5]``, or ``[…]`` for several entries; nothing for all of them."""
        if self.places is None:
            return ""
        return f"[{', '.join(map(str, self.place))}]" if self.place is not None else "[…]"

    def name(self, whole: str) -> str:
        """``w[3, 5]``"""
        return whole + self.suffix


def selected(wrt: Any, history: History) -> Selection:
    """A tensor, a view of one, or (tensor, index), as a selection in a history."""
    tensor, index = (wrt[0], wrt[1]) if isinstance(wrt, tuple) and len(wrt) == 2 else (wrt, None)
    if not isinstance(tensor, Value):
        raise TypeError(
            message(
                f"explain(wrt=…) takes a tensor, its name, or (tensor, index), but got {type(tensor).__name__}",
                instead="explain(loss, wrt=w), explain(loss, wrt='w'), explain(loss, wrt=(w, (3, 5)))",
            )
        )
    here = history.copies
    views: tuple[Any, ...] = ()
    if tensor.node not in here and tensor._base is not None and tensor._base.node in here:
        tensor, views = tensor._base, tensor._views
    if tensor.node is None or tensor.node not in here:
        raise GradientError(
            message(
                "One of the differentiated Tensors appears to not have been used in the graph",
                "the loss was not computed from it"
                + (
                    "; it asks for no gradient" if tensor.node is None else " (an index such as w[[0, 1]] makes a copy)"
                ),
                "explain(loss) tells all that it was computed from; for entries: explain(loss, wrt=(w, (3, 5)))",
            )
        )
    shape = tensor.array.shape
    if not views and index is None:
        return Selection(here[tensor.node])
    places = np.arange(tensor.array.size).reshape(shape)
    for op in views:
        places = np.asarray(op.compute(places))
    if index is not None:
        try:
            places = np.asarray(places[index])
        except IndexError as error:
            raise IndexError(
                message(f"{error}", f"the tensor has shape {list(shape)}, the index is {index!r}")
            ) from None
    return Selection(here[tensor.node], places, shape)


def column(of: Quantity, by: Quantity, place: int) -> np.ndarray | None:
    """∂of/∂(one entry of by), for each entry of ``of``; None where the rules between them cannot say.

    The gradient of ``by`` is linear in that of ``of``; its own derivative is the column of the Jacobian.
    """
    like = np.asarray(of.gradient)
    if like.dtype.kind != "f":
        return None
    with aside(record=True):
        g = wrap(np.zeros_like(like))
        g.node = Leaf(g)
        reached: dict[Node, Any] = {of.node: g}  # type: ignore[dict-item]
        for node in reversed(of.members):
            if isinstance(node, Pick) or node not in reached:
                return None
            for edge, d in zip(node.edges, node.op.pull(revived(node), reached[node])):
                if edge is not None and d is not None:
                    reached[edge] = reached[edge] + d if edge in reached else d
        end = reached.get(by.node)  # type: ignore[arg-type]
        if not isinstance(end, Value) or end.node is None:
            return None
        unit = np.zeros_like(end.array)
        unit.reshape(-1)[place] = 1
        found = backward([(end.node, unit)], only=[g.node], capture=True)
    return np.asarray(found[g.node]) if g.node in found else None
