"""A group of maps and reductions as one nest of loops.

Axes that every operand steps through evenly are merged; the innermost is taken a vector at a time. A sum over the
innermost axes is kept in registers; one over outer axes is added up in memory, in the entries that remain. Loops over
many entries are cut into pieces along the outermost axis: as many as the shape says, so that results do not depend on the
number of threads, and sums over that axis are made of partial ones.
"""

from __future__ import annotations

from math import prod
from typing import Any

from ..native import gemm
from ..native.loops import Builder, Lanes, Type, Value
from ..native.program import Program as Kernel
from .fusion import KINDS, Group, access, read
from .names import FULL, Names
from .program import Layout, Node, dense, layout

PIECES = 8  # into how many pieces a large kernel is cut, at least
LARGE = 1 << 16  # entries from which a loop is shared
FREE = {"sum": 0.0, "largest": float("-inf"), "smallest": float("inf")}



def merged(
    shape: tuple[int, ...], strides: list[tuple[int, ...]], over: list[tuple[bool, ...]]
) -> tuple[list[int], list[list[int]], list[list[bool]]]:
    """The axes of a loop nest: neighbours become one where every operand steps through them evenly.

    Gives the sizes, the strides of each operand along them, and which of them each reduction runs over.
    """
    sizes: list[int] = []
    steps: list[list[int]] = [[] for _ in strides]
    runs: list[list[bool]] = [[] for _ in over]
    for d, n in enumerate(shape):
        if n == 1:
            continue
        even = sizes and all(s[-1] == o[d] * n for s, o in zip(steps, strides)) and all(r[-1] == o[d] for r, o in zip(runs, over))
        if even:
            sizes[-1] *= n
            for s, o in zip(steps, strides):
                s[-1] = o[d]
            continue
        sizes.append(n)
        for s, o in zip(steps, strides):
            s.append(o[d])
        for r, o in zip(runs, over):
            r.append(o[d])
    if not sizes:
        return [1], [[0] for _ in strides], [[bool(o and any(o)) for _ in (1,)] for o in over]
    return sizes, steps, runs


class LoopWriter:
    """Writes one loop group with a `Builder`."""

    def __init__(self, group: Group, names: Names, name: str) -> None:
        self.group, self.names, self.name = group, names, name
        shape = group.shape
        self.reads: dict[Node, Layout] = {a: access(a, shape) for a in group.operands()}
        self.maps = [n for n in group.nodes if n.kind == "map"]
        self.reduces = [n for n in group.nodes if n.kind == "reduce"]
        self.stores = [n for n in group.stored if n.kind == "map"]
        strides = [tuple(where.strides) for where in self.reads.values()] + [dense(shape)] * bool(self.stores)
        over = [tuple(d in n.data[1] for d in range(len(shape))) for n in self.reduces]
        self.sizes, steps, self.over = merged(shape, strides, over)
        self.steps = dict(zip(self.reads, steps))
        self.store_steps = steps[-1] if self.stores else []
        self.memory = {a: names.memory(a) for a in self.reads}
        self.targets = {n: names.memory(n) for n in [*self.stores, *self.reduces]}
        self.numbers = any(a.kind == "number" for n in group.nodes for a in n.args)
        kinds = {KINDS[n.dtype.char] for n in [*self.maps, *self.reads, *self.reduces] if n.dtype.char in "fd"} or {"f32"}
        inner = [s[-1] for s in steps]
        straight = all(s in (0, 1) for s in inner)
        width = FULL["f64" if "f64" in kinds else "f32"]
        self.width = min(width, 1 << (self.sizes[-1] - 1).bit_length()) if straight else 1
        self.cut()

    def cut(self) -> None:
        """Decide into how many pieces the outermost axis is cut, and which sums are then made of partial ones."""
        self.pieces, self.span, self.partial = 1, self.sizes[0], []
        work = prod(self.sizes)
        if work < LARGE:
            return
        step = self.width if len(self.sizes) == 1 else 1
        most = min(max(PIECES, work >> 15), 256)
        span = -(-self.sizes[0] // most)
        self.span = -(-span // step) * step
        self.pieces = -(-self.sizes[0] // self.span)
        if self.pieces > 1:
            self.partial = [n for n, over in zip(self.reduces, self.over) if over[0]]

    def kernel(self) -> Kernel:
        kinds = {name: self.names.kinds[name] for name in [*self.memory.values(), *self.targets.values()]}
        self.parts = {n: self.names.of(("partial", n), KINDS[n.dtype.char]) for n in self.partial}
        for n, name in self.parts.items():
            kinds[name] = KINDS[n.dtype.char] + "*"
        if self.numbers:
            kinds["numbers"] = "f64*"
        shared = self.pieces > 1
        if shared:
            kinds |= {"piece": "i64", "thread": "i64"}

        def body(k: Builder, *values: Any) -> None:
            given = dict(zip(kinds, values))
            self.write(k, given, given.get("piece"))

        return Kernel(self.name, kinds, body)

    def write(self, k: Builder, given: dict[str, Any], piece: Any) -> None:
        self.k, self.given = k, given
        self.sums: dict[Node, Any] = {}
        first: Any = 0
        last: Any = self.sizes[0]
        if piece is not None:
            first = piece * self.span
            last = k.smaller(first + self.span, k.value(last, Type("i64")))
        self.piece = piece
        for n, over in zip(self.reduces, self.over):
            if not all(over) and any(over[: -1]) and self.in_memory(over):
                self.clear(n)
        self.nest(0, [], first, last)

    def in_memory(self, over: list[bool]) -> bool:
        """Whether a sum is added up in memory: some axis outside of one that remains is summed away."""
        seen = False
        for runs in over:
            if runs:
                seen = True
            elif seen:
                return True
        return False

    def target(self, n: Node) -> tuple[Any, Any]:
        """The buffer that a reduction writes to, and from which entry on."""
        if n in self.parts:
            return self.given[self.parts[n]], self.piece * n.size if n.size > 1 else self.piece
        return self.given[self.targets[n]], 0

    def clear(self, n: Node) -> None:
        buffer, start = self.target(n)
        kind = KINDS[n.dtype.char]
        width = min(FULL[kind], 1 << (n.size - 1).bit_length())
        for at in self.k.vectors(n.size, width):
            buffer[at + start if not isinstance(start, int) or start else at] = self.k.value(FREE[n.data[0]], Type(kind, width))

    def nest(self, depth: int, indices: list[Any], first: Any, last: Any) -> None:
        """The loop over one axis; sums over it and all within it are started before and stored after."""
        k = self.k
        mine = [
            (n, over) for n, over in zip(self.reduces, self.over)
            if all(over[depth:]) and (depth == 0 or not over[depth - 1])
        ]  # fmt: skip
        for n, _ in mine:
            self.sums[n] = self.start(n)
        if depth == len(self.sizes) - 1:
            unroll = 4 if mine and self.sizes[-1] >= 4 * self.width else 1
            if isinstance(first, int) and isinstance(last, int) and last - first == self.width:
                self.entry(indices, Lanes(first, self.width))
            else:
                for at in k.vectors(last, self.width, unroll, start=first):
                    self.entry(indices, at)
        else:
            for i in k.range(first, last):
                self.nest(depth + 1, [*indices, i], 0, self.sizes[depth + 1])
        for n, over in mine:
            self.finish(n, over, indices)

    def start(self, n: Node) -> Any:
        kind = KINDS[n.dtype.char]
        if n.data[0] == "sum":
            return self.k.sum(4 if self.sizes[-1] >= 4 * self.width else 1, self.width, kind)
        return self.k.variable(FREE[n.data[0]], Type(kind, self.width))

    def finish(self, n: Node, over: list[bool], indices: list[Any]) -> None:
        """Put a sum in its place, or add it to what is there."""
        k, how, sum_ = self.k, n.data[0], self.sums[n]
        if how == "sum":
            total = sum_.total()
        elif self.width == 1:
            total = sum_.value
        else:
            total = k.lanes_to_one("largest", sum_.value if how == "largest" else -sum_.value)
            total = total if how == "largest" else -total
        buffer, start = self.target(n)
        at = self.where(over, indices, start)
        if any(over[: len(indices)]):
            total = joined(self.k, how, buffer[at], total)
        buffer[at] = total

    def where(self, over: list[bool], indices: list[Any], start: Any) -> Any:
        """Where the entry of a reduced value lies that belongs to these indices."""
        kept = [n for n, o in zip(self.sizes, over) if not o]
        steps = iter(dense(tuple(kept)))
        at: Any = start
        for i, o in zip([*indices], over):
            if not o:
                at = gemm.plus(at, gemm.times(i, next(steps)))
        return at

    def entry(self, indices: list[Any], at: Lanes) -> None:
        """The values for one vector of entries."""
        k = self.k
        seen: dict[Node, Any] = {}
        for node in self.group.nodes:
            args = [self.operand(a, seen, indices, at) for a in node.args]
            if node.kind == "map":
                y = read(node.data, k, args) if any(isinstance(a, Value) for a in args) else node.data.compute(*args)
                kind = "i1" if node.dtype.char == "?" else KINDS[node.dtype.char]
                seen[node] = k.value(y, Type(kind, self.width))
            else:
                self.take(node, k.value(args[0], Type(KINDS[node.dtype.char], self.width)), indices, at)
        for node in self.stores:
            y = seen[node]
            place = self.offset(0, self.store_steps, indices, at)
            self.given[self.targets[node]][place] = k.to("i8", y) if node.dtype.char == "?" else y

    def take(self, n: Node, x: Value, indices: list[Any], at: Lanes) -> None:
        """Let a reduction take in a vector of entries."""
        k, how = self.k, n.data[0]
        over = self.over[self.reduces.index(n)]
        if n in self.sums and all(over[len(self.sizes) - 1 :]):
            if at.mask is not None:
                x = k.where(at.mask, x, FREE[how])
            sum_ = self.sums[n]
            if how == "sum":
                sum_.add(x)
            else:
                sum_.value = joined(self.k, how, sum_.value, x)
            return
        buffer, start = self.target(n)  # the innermost axis remains: added up in memory
        kept = [s for s, o in zip(self.sizes, over) if not o]
        steps = iter(dense(tuple(kept)))
        place: Any = start
        for i, o in zip(indices, over):
            if not o:
                place = gemm.plus(place, gemm.times(i, next(steps)))
        target = Lanes(gemm.plus(place, at.start), at.width, at.mask)
        buffer[target] = joined(self.k, how, buffer[target], x)

    def operand(self, a: Node, seen: dict[Node, Any], indices: list[Any], at: Lanes) -> Any:
        k = self.k
        if a in seen:
            return seen[a]
        if a.kind == "constant":
            return a.data
        if a.kind == "number":
            x = self.given["numbers"][self.names.numbers[a.data]]
            return k.spread(k.to(KINDS[a.dtype.char], x) if a.dtype.char == "f" else x, self.width)
        base = layout(a).base
        if base.kind == "constant":
            return base.data
        where = self.reads[a]
        place = self.offset(where.offset, self.steps[a], indices, at)
        value = self.given[self.memory[a]][place]
        if self.names.schedule.home(a).dtype.char == "?":
            value = value != 0
        if value.type.lanes != self.width:
            value = k.spread(value, self.width)
        seen[a] = value
        return value

    def offset(self, start: int, steps: list[int], indices: list[Any], at: Lanes) -> Any:
        place: Any = start
        for i, s in zip(indices, steps):
            place = gemm.plus(place, gemm.times(i, s))
        inner = steps[-1]
        if inner == 0:
            return place
        if self.width == 1:
            return gemm.plus(place, gemm.times(at.start, inner))
        return Lanes(gemm.plus(place, at.start), at.width, at.mask)


def joined(k: Builder, how: str, a: Any, b: Any) -> Any:
    """Two parts of a sum, or of the largest or smallest."""
    return a + b if how == "sum" else k.maximum(a, b) if how == "largest" else k.minimum(a, b)
