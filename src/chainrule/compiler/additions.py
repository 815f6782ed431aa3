"""Rows added up by number, such as the gradient of an embedding, as a kernel.

    y[k, …] = Σ g[j, …]  over all j with i[j] = k

Each piece has a part of the rows of y, which it fills with 0; then it looks at all numbers, and adds what is for one of its rows. So the
order in which entries are added up is that of g, however many threads there are. Rows that y has not are left out.
"""

from __future__ import annotations

from math import prod
from typing import Any

from ..native import gemm
from ..native.loops import Builder, Type
from .blocks import LARGE, PIECES
from .fusion import KINDS
from .names import FULL, Names, Written
from .nests import merged
from .program import Node, layout


class Addition:
    """The kernel of a value of kind ``added``; the entries of each row of g lie one behind the other."""

    def __init__(self, node: Node, names: Names) -> None:
        self.node, self.names = node, names
        self.rows, self.inner = node.shape[0], prod(node.shape[1:])
        self.kind = KINDS[node.dtype.char]
        self.work = sum(x.size for x in (node, *node.args))
        self.span = -(-self.rows // PIECES) if self.work >= LARGE else self.rows
        self.pieces = -(-self.rows // self.span)

    def kernel(self) -> Written:
        buffers = [self.names.memory(x) for x in (self.node, *self.node.args)]
        kinds = {b: self.names.kinds[b] for b in buffers}
        if self.pieces > 1:
            kinds |= {"piece": "i64", "thread": "i64"}
        return Written(kinds, lambda k, given: self.write(k, [given[b] for b in buffers], given.get("piece")))

    def write(self, k: Builder, buffers: list[Any], piece: Any) -> None:
        first: Any = 0
        last: Any = self.rows
        if piece is not None:
            first = piece * self.span
            last = k.smaller(first + self.span, k.value(last, Type("i64")))
        y, width = buffers[0], FULL[self.kind]
        for at in k.vectors(gemm.times(last, self.inner), width, start=gemm.times(first, self.inner)):
            y[at] = 0.0
        g, i = map(layout, self.node.args)
        axes = self.node.args[1].shape
        sizes, steps, _ = merged(axes, [g.strides[: len(axes)], i.strides], [], False)
        self.add(k, buffers, (first, last), list(zip(sizes, *steps)), g.offset, i.offset)

    def add(self, k: Builder, buffers: list[Any], part: tuple[Any, Any], axes: list[Any], from_: Any, at: Any) -> None:
        """Add what stands behind these places, along the axes that are left."""
        if axes:
            (size, row, step), *rest = axes
            for n in k.range(size):
                self.add(k, buffers, part, rest, gemm.plus(from_, gemm.times(n, row)), gemm.plus(at, gemm.times(n, step)))
            return
        y, g, i = buffers
        number = i[at]
        for _ in k.when((number >= part[0]) & (number < part[1])):
            to = gemm.times(number, self.inner)
            for q in k.vectors(self.inner, min(FULL[self.kind], 1 << (self.inner - 1).bit_length())):
                y[q + to] = y[q + to] + g[q + from_]
