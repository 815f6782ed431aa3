"""Values one after the other along an axis, as a kernel: each is copied to its region.

    y[i, start:start + n] = part[i]        for all rows i

The rows of a large one are shared by the team, in pieces whose number depends on the shape alone.
"""

from __future__ import annotations

from typing import Any

from ..native import gemm
from ..native.loops import Builder, Lanes, Type
from .blocks import LARGE, PIECES
from .fusion import KINDS
from .names import FULL, Names, Written
from .nests import merged
from .program import Node, dense, layout


class Join:
    """The kernel of a value of kind ``join``."""

    def __init__(self, node: Node, names: Names) -> None:
        self.node, self.names, self.work = node, names, node.size
        shared = self.work >= LARGE and node.data % len(node.shape) != 0  # along the first axis, parts have rows of their own
        self.rows = node.shape[0] if shared else 1
        self.span = -(-self.rows // PIECES)
        self.pieces = -(-self.rows // self.span)

    def kernel(self) -> Written:
        target, sources = self.names.memory(self.node), [self.names.memory(a) for a in self.node.args]
        kinds = {name: self.names.kinds[name] for name in [target, *sources]}
        if self.pieces > 1:
            kinds |= {"piece": "i64", "thread": "i64"}
        return Written(kinds, lambda k, given: self.write(k, given[target], [given[s] for s in sources], given.get("piece")))

    def write(self, k: Builder, target: Any, sources: list[Any], piece: Any) -> None:
        node, start = self.node, 0
        steps = dense(node.shape)
        for a, source in zip(node.args, sources):
            where = layout(a)
            if piece is None:
                copy(k, source, target, a, steps, where.offset, start)
            else:
                first = piece * self.span
                for i in k.range(first, k.smaller(first + self.span, k.value(self.rows, Type("i64")))):
                    from_, to = i * where.strides[0] + where.offset, i * steps[0] + start
                    copy(k, source, target, a, steps, from_, to, 1)
            start += a.shape[node.data] * steps[node.data]


def copy(k: Builder, source: Any, target: Any, part: Node, steps: Any, begin: Any, start: Any, axis: int = 0) -> None:
    """The entries of a part along its axes from ``axis`` on, to where they stand in the whole, which has these ``steps``.

    They begin at ``begin`` in the part's memory, and at ``start`` in that of the whole.
    """
    sizes, (from_, to), _ = merged(part.shape[axis:], [layout(part).strides[axis:], steps[axis:]], [], False)
    kind = KINDS[part.dtype.char]
    straight = from_[-1] == to[-1] == 1
    width = min(FULL.get(kind, 8), 1 << (sizes[-1] - 1).bit_length()) if straight else 1

    def nest(depth: int, at: Any, to_at: Any) -> None:
        if depth < len(sizes) - 1:
            for i in k.range(sizes[depth]):
                nest(depth + 1, gemm.plus(at, gemm.times(i, from_[depth])), gemm.plus(to_at, gemm.times(i, to[depth])))
            return
        for v in k.vectors(sizes[depth], width):
            if straight:
                target[Lanes(gemm.plus(to_at, v.start), v.width, v.mask)] = source[Lanes(gemm.plus(at, v.start), v.width, v.mask)]
            else:
                place = gemm.plus(to_at, gemm.times(v.start, to[depth]))
                target[place] = source[gemm.plus(at, gemm.times(v.start, from_[depth]))]

    nest(0, begin, start)
