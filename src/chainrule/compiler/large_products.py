"""Large matrix products are done by the code that eager mode uses (`native.multiply`).

What that is told about its matrices, but where they lie, is known when the step is compiled.
"""

from __future__ import annotations

from ..base.threads import cores
from ..native import multiply
from ..native.finishing import run_row
from .program import Node, layout

ELSEWHERE = 1 << 19  # multiply-adds from which a product is left to the code for large ones


class LargeProduct:
    """A product that is done by code of its own: what that is told, and where it finds the addresses of the matrices.

    Of a ``taken`` one a loop takes the entries as they are made (`consumers`), so that it has no memory.
    """

    def __init__(self, node: Node, taken: bool = False) -> None:
        self.node, self.taken = node, taken
        self.parts = [*node.args, *[node] * (not taken)]

    def prepare(self, threads: int) -> multiply.Prepared | None:
        """For so many threads; None where the matrices have strides that the code can't read."""
        c = (self.row * self.node.dtype.itemsize, self.node.dtype.itemsize) if self.taken else None
        return multiply.prepared(self.node.dtype, *map(seen, self.node.args), None, False, threads, c)

    def in_runs(self) -> bool:
        """Whether entries can be taken as they are made."""
        found = self.prepare(cores())
        return found is not None and found.in_runs

    @property
    def row(self) -> int:
        """Entries from row to row where they wait to be taken."""
        return run_row(self.node.shape[-1])

    def told(self, addresses: list[int], found: multiply.Prepared) -> bytes:
        """The words for the pieces, ``addresses`` being those of the memory in which the matrices lie."""
        a, b, *c = (at + layout(p).offset * p.dtype.itemsize for at, p in zip(addresses, self.parts))
        room = multiply.rooms.get(found.kind, cores()).address
        (to,) = c or [room]
        return multiply.HEAD.pack(a, b, to, to, room) + found.words


def seen(node: Node) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A value's shape, and its strides in bytes."""
    return node.shape, tuple([s * node.dtype.itemsize for s in layout(node).strides])


def elsewhere(node: Node, taken: bool = False) -> LargeProduct | None:
    """The product as one that is done by code of its own, if it is large enough, and can be."""
    if node.size * node.args[0].shape[-1] < ELSEWHERE or node.dtype.char not in "fd":
        return None
    found = LargeProduct(node, taken)
    return found if found.prepare(cores()) is not None else None
