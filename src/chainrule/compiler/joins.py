"""Values one after the other along an axis, as a kernel: each is copied to its region."""

from __future__ import annotations

from typing import Any

from ..native import gemm
from ..native.loops import Builder, Lanes
from .fusion import KINDS
from .names import FULL, Names, Written
from .nests import merged
from .program import Node, dense, layout


def written_join(node: Node, names: Names) -> Written:
    """The kernel of a ``join``."""
    target, sources = names.memory(node), [names.memory(a) for a in node.args]
    kinds = {name: names.kinds[name] for name in [target, *sources]}

    def body(k: Builder, given: dict[str, Any]) -> None:
        start = 0
        for a, source in zip(node.args, sources):
            copy(k, given[source], given[target], a, node, start)
            start += a.shape[node.data] * dense(node.shape)[node.data]

    return Written(kinds, body)


def copy(k: Builder, source: Any, target: Any, part: Node, whole: Node, start: int) -> None:
    """All entries of a part to where they stand in the whole, whose region begins at ``start``."""
    where = layout(part)
    sizes, (from_, to), _ = merged(part.shape, [where.strides, dense(whole.shape)], [], False)
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

    nest(0, where.offset, start)
