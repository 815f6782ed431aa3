"""Matrix products as a part of the step's own code."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ..native import gemm
from ..native.loops import Builder
from .fusion import KINDS
from .names import Names, Written
from .program import Node, layout

PIECES = 8  # into how many pieces a large product is cut
MUCH = 1 << 20  # multiply-adds from which a product is shared


def matrix(node: Node, buffer: Any, batch: Any) -> gemm.Matrix:
    where = layout(node)
    start: Any = where.offset
    for i, s in zip(batch, where.strides[:-2]):
        start = gemm.plus(start, gemm.times(i, s))
    row, column = where.strides[-2:]
    return gemm.Matrix(buffer, row, column, start)


class ProductWriter:
    def __init__(self, node: Node, names: Names) -> None:
        self.node, self.names = node, names
        self.a, self.b = node.args
        self.m, self.n, self.inner = node.shape[-2], node.shape[-1], self.a.shape[-1]
        self.batch = node.shape[:-2]
        work = node.size * self.inner
        self.pieces = 1
        self.span = 0
        if work >= MUCH:
            if prod(self.batch) > 1:
                self.pieces = prod(self.batch)
            elif self.m >= self.n and self.m >= 28:
                self.span = max(14, -(-self.m // PIECES // 14) * 14)
                self.pieces = -(-self.m // self.span)
            elif self.n >= 64:
                self.span = max(32, -(-self.n // PIECES // 32) * 32)
                self.pieces = -(-self.n // self.span)

    def kernel(self) -> Written:
        names, kind = self.names, KINDS[self.node.dtype.char]
        buffers = [names.memory(x) for x in (self.a, self.b, self.node)]
        kinds = {b: names.kinds[b] for b in buffers}
        turned = layout(self.b).strides[-1] != 1
        room = names.of(("room", self.node), kind) if turned else ""
        if room:
            kinds[room] = kind + "*"
        self.room_size = self.pieces * gemm.room_for(self.m, self.n, self.inner, kind) if room else 0
        if self.pieces > 1:
            kinds |= {"piece": "i64", "thread": "i64"}

        return Written(kinds, lambda k, given: self.write(k, given, buffers, given.get(room), given.get("piece")))

    def write(self, k: Builder, given: dict[str, Any], buffers: list[str], room: Any, piece: Any) -> None:
        kind = KINDS[self.node.dtype.char]
        each = gemm.room_for(self.m, self.n, self.inner, kind)
        spare = None if room is None else (room, 0 if piece is None else piece * each)

        def one(batch: list[Any], rows: Any = 0, m: int = self.m, columns: Any = 0, n: int = self.n) -> None:
            a, b, c = (matrix(x, given[name], batch) for x, name in zip((self.a, self.b, self.node), buffers))
            gemm.emit_small(k, a.from_(rows, 0), b.from_(0, columns), c.from_(rows, columns), m, n, self.inner, room=spare)

        if piece is None:
            self.batches(k, one)
        elif not self.span:
            indices: list[Any] = []
            rest = piece
            for n in reversed(self.batch):
                indices.insert(0, rest % n)
                rest = rest // n
            one(indices)
        else:
            along = self.m if self.m >= self.n and self.m >= 28 else self.n
            whole = along // self.span * self.span
            start = piece * self.span
            sizes = [self.span] if whole == along else [self.span, along - whole]
            for i, size in enumerate(sizes):
                for _ in k.when(start < whole) if i == 0 and len(sizes) > 1 else k.when(start >= whole) if i else (None,):
                    if along == self.m and self.m >= self.n and self.m >= 28:
                        one([], start, size)
                    else:
                        one([], 0, self.m, start, size)

    def batches(self, k: Builder, one: Callable[[list[Any]], None], indices: tuple[Any, ...] = ()) -> None:
        if len(indices) == len(self.batch):
            one(list(indices))
            return
        for i in k.range(self.batch[len(indices)]):
            self.batches(k, one, (*indices, i))
