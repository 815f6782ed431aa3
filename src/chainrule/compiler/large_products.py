"""Large matrix products are done by the code that eager mode uses (`native.multiply`).

What that is told about its matrices, but where they lie, is known when the step is compiled.
"""

from __future__ import annotations

from ..base.threads import cores
from ..native import multiply
from .program import Node, layout

ELSEWHERE = 1 << 19  # multiply-adds from which a product is left to the code for large ones


class LargeProduct:
    """A product that is done by code of its own: what that is told, and where it finds the addresses of the matrices."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.parts = [*node.args, node]

    def prepare(self, threads: int) -> multiply.Prepared | None:
        """For so many threads; None where the matrices have strides that the code can't read."""
        return multiply.prepared(self.node.dtype, *map(seen, self.node.args), None, False, threads)

    def told(self, addresses: list[int], found: multiply.Prepared) -> bytes:
        """The words for the pieces, ``addresses`` being those of the memory in which the matrices lie."""
        a, b, c = (at + layout(p).offset * p.dtype.itemsize for at, p in zip(addresses, self.parts, strict=True))
        return multiply.HEAD.pack(a, b, c, c, multiply.rooms.get(found.kind, cores()).address) + found.words


def seen(node: Node) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A value's shape, and its strides in bytes."""
    return node.shape, tuple([s * node.dtype.itemsize for s in layout(node).strides])


def elsewhere(node: Node) -> LargeProduct | None:
    """The product as one that is done by code of its own, if it is large enough, and can be."""
    if node.size * node.args[0].shape[-1] < ELSEWHERE or node.dtype.char not in "fd":
        return None
    found = LargeProduct(node)
    return found if found.prepare(cores()) is not None else None
