"""Ops of many inputs or many outputs: joining along an axis, and cutting apart. Each is the other's pullback."""

from __future__ import annotations

from itertools import repeat
from typing import Any, ClassVar

import numpy as np

from ..base.layout import in_order
from ..graph import destinations
from ..graph.op import Op
from ..graph.value import Node
from .index import Select, Slice


class Every(tuple[Any, ...]):
    """What holds alike for each input of an op that takes any number of them."""

    def __iter__(self) -> Any:
        return repeat(self[0])


class Joining(Op, abstract=True):
    """An op of any number of inputs, whose pullback cuts the gradient back into pieces."""

    fields: ClassVar[tuple[str, ...]] = ("dim",)
    slow = ""

    def __init_subclass__(cls, abstract: bool = False, **kw: Any) -> None:
        super().__init_subclass__(abstract=abstract, **kw)
        cls.keeps, cls.rules, cls.wants_shapes = Every(((),)), Every((cls.pull,)), True

    def pieces(self, g: Any, shapes: tuple[tuple[int, ...], ...], wanted: tuple[Any, ...]) -> list[Any]:
        """The gradient of each input, None where nobody wants it."""
        raise NotImplementedError

    def pull(self, node: Node, g: Any) -> list[Any]:
        return self.pieces(g, node.shapes, node.edges)  # type: ignore[arg-type]


class Cat(Joining):
    """The inputs one after the other along an axis they have."""

    def forward(self, *xs: Any) -> Any:
        return in_order(np.concatenate(xs, self.dim))

    def pieces(self, g: Any, shapes: Any, wanted: Any) -> list[Any]:
        found: list[Any] = []
        start, before = 0, (slice(None),) * self.dim
        for shape, edge in zip(shapes, wanted):
            stop = start + shape[self.dim]
            found.append(None if edge is None else g[(*before, slice(start, stop))])
            start = stop
        return found


class Stack(Joining):
    """The inputs one after the other along a new axis."""

    def forward(self, *xs: Any) -> Any:
        d, shape = self.dim, xs[0].shape
        if d == 0 and shape:
            return in_order(np.concatenate(xs)).reshape((len(xs), *shape))
        shape = (*shape[:d], 1, *shape[d:])
        return in_order(np.concatenate([x.reshape(shape) for x in xs], d))

    def pieces(self, g: Any, shapes: Any, wanted: Any) -> list[Any]:
        before = (slice(None),) * self.dim
        return [None if edge is None else g[(*before, i)] for i, edge in enumerate(wanted)]


class BlockDiag(Joining):
    """The inputs, all matrices, along the diagonal of one matrix that is zero elsewhere."""

    fields = ()

    def forward(self, *xs: Any) -> Any:
        y = np.zeros((sum(x.shape[0] for x in xs), sum(x.shape[1] for x in xs)), np.result_type(*xs))
        for x, corner in zip(xs, corners([x.shape for x in xs])):
            y[corner] = x
        return y

    def pieces(self, g: Any, shapes: Any, wanted: Any) -> list[Any]:
        return [None if edge is None else g[corner] for corner, edge in zip(corners(shapes), wanted)]


def corners(shapes: Any) -> list[tuple[slice, slice]]:
    """Where along the diagonal each block stands."""
    found, row, column = [], 0, 0
    for n, m in shapes:
        found.append((slice(row, row + n), slice(column, column + m)))
        row, column = row + n, column + m
    return found


# ---------------------------------------------------------------------- many outputs


class Parting(Op, abstract=True):
    """Several views of one input. ``parts`` are the ops of the single views; one pullback puts the gradients together.

    (Single views would each make a gradient as large as the input, and n of them would be added up.)
    """

    slow = ""
    parts: tuple[Op, ...]

    def forward(self, x: Any) -> Any:
        return [part.compute(x) for part in self.parts]

    compute = forward

    def back(self) -> Joining:
        """The op that joins the parts."""
        raise NotImplementedError

    def whole(self, shapes: Any) -> tuple[int, ...]:
        """The shape of the input, given those of the parts."""
        raise NotImplementedError

    def pull(self, node: Node, g: Any) -> list[Any]:
        if any(d is None for d in g):
            kind = next(d.dtype for d in g if d is not None)
            g = [np.zeros(s, kind) if d is None else d for d, s in zip(g, node.shapes)]  # type: ignore[arg-type]
        elif (whole := destinations.whole(node, g)) is not None:
            return [whole]
        back = self.back()
        return [back.compute(*g) if all([type(d) is np.ndarray for d in g]) else back(*g)]


class Unbind(Parting):
    """The slices along an axis, which is left out."""

    fields = ("dim", "count")

    def __init__(self, dim: int, count: int) -> None:
        self.dim, self.count = dim, count
        self.parts = tuple([Select(dim, i) for i in range(count)])

    def forward(self, x: Any) -> Any:
        if self.dim == 0 and x.ndim > 1:
            return list(x)
        return [part.compute(x) for part in self.parts]

    def back(self) -> Joining:
        return Stack(self.dim)

    def whole(self, shapes: Any) -> tuple[int, ...]:
        return (*shapes[0][: self.dim], self.count, *shapes[0][self.dim :])


class Split(Parting):
    """Pieces of the given sizes along an axis."""

    fields = ("dim", "sizes")

    def __init__(self, dim: int, sizes: tuple[int, ...]) -> None:
        self.dim, self.sizes = dim, sizes
        starts = [sum(sizes[:i]) for i in range(len(sizes) + 1)]
        self.parts = tuple([Slice(dim, a, b, None) for a, b in zip(starts, starts[1:])])

    def back(self) -> Joining:
        return Cat(self.dim)

    def whole(self, shapes: Any) -> tuple[int, ...]:
        return (*shapes[0][: self.dim], sum(self.sizes), *shapes[0][self.dim + 1 :])


class SplitWithSizes(Split):
    """`Split`, where the caller gave each size."""


block_diag = BlockDiag()
