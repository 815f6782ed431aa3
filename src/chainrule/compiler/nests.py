"""A group of maps and reductions as one nest of loops.

Axes that every operand steps through evenly are merged; the innermost is taken a vector at a time. A sum over the
innermost axes is kept in registers; one over outer axes is added up in memory, in the entries that remain.
"""

from __future__ import annotations

from math import prod
from typing import Any

from ..native import gemm, vecmath
from ..native.loops import Builder, Lanes, Type, Value
from ..ops.logic import where
from .entrywise import Nth, Picked
from .fusion import KINDS, Group, access, read
from .names import FULL, Names
from .program import Layout, Node, dense, layout

LINE = 64  # bytes of a cache line
FREE = {"sum": 0.0, "largest": float("-inf"), "smallest": float("inf")}


def merged(
    shape: tuple[int, ...], strides: list[tuple[int, ...]], over: list[tuple[bool, ...]], apart: bool
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
        evenly = all(s[-1] == o[d] * n for s, o in zip(steps, strides)) if sizes else False
        if evenly and len(sizes) > apart and all(r[-1] == o[d] for r, o in zip(runs, over)):
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


class Member:
    """One loop group of a kernel. ``apart``: its first axis is not merged, because others run over the same rows."""

    def __init__(self, group: Group, names: Names, apart: bool, local: set[Node], guests: dict[Node, Node]) -> None:
        self.group, self.names, self.apart, self.local, self.guests = group, names, apart, local, guests
        shape = group.shape
        self.reads: dict[Node, Layout] = {a: access(a, shape) for a in group.operands()}
        self.maps = [n for n in group.nodes if n.kind == "map"]
        self.reduces = [n for n in group.nodes if n.kind == "reduce"]
        self.stores = [n for n in group.stored if n.kind == "map"]
        lines = any(isinstance(n.data, Picked) and n.data.line for n in self.maps)
        own = [(0,) * (len(shape) - 1) + (1,)] * lines + [dense(shape)] * bool(self.stores)
        strides = [tuple(where.strides) for where in self.reads.values()] + own
        over = [tuple(d in n.data[1] for d in range(len(shape))) for n in self.reduces]
        self.sizes, steps, self.over = merged(shape, strides, over, apart)
        self.steps = dict(zip(self.reads, steps))
        self.store_steps = steps[-1] if self.stores else []
        self.numbers = any(a.kind == "number" for n in group.nodes for a in n.args)
        self.memory = {a: self.place(a) for a in self.reads}
        self.targets = {n: self.place(n) for n in [*self.stores, *self.reduces]}
        kinds = {KINDS[n.dtype.char] for n in [*self.maps, *self.reads, *self.reduces] if n.dtype.char in "fd"} or {"f32"}
        straight = all(s[-1] in (0, 1) for s in steps)
        width = FULL["f64" if "f64" in kinds else "f32"]
        self.width = min(width, 1 << (self.sizes[-1] - 1).bit_length()) if straight else 1
        # several sums in turn, so that no addition waits for the one before; a long formula is enough to do meanwhile
        brief = not any(hasattr(vecmath, getattr(n.data, "lane", None) or "") for n in self.maps)
        self.ways = 4 if self.reduces and brief and self.sizes[-1] >= 4 * self.width else 1
        self.parts: dict[Node, str] = {}
        self.soon: list[Node] = []  # what memory is asked for meanwhile: the rows of the next block
        self.ahead = 0  # so many rows on
        self.shift: Any = None  # of local memory: where the block's first row would be, in rows

    def place(self, node: Node) -> str:
        base = self.guests.get(layout(node).base, layout(node).base)
        if base.kind == "number":
            self.numbers = True
            return "numbers"
        return self.names.of(("local", base), KINDS[base.dtype.char]) if base in self.local else self.names.memory(base)

    def row_bytes(self) -> int:
        """Bytes that one row of all that it reads and stores takes."""
        rows = self.sizes[0]
        touched = [*self.reads, *self.stores]
        return sum(n.dtype.itemsize * max(prod(self.group.shape) // rows, 1) for n in touched if self.memory.get(n, "") or n in self.stores)

    def by_lines(self, a: Node) -> bool:
        """Whether an operand is read by whole lines of the cache, others in each row."""
        steps = self.steps[a]
        return len(steps) > 1 and steps[0] != 0 and steps[-1] == 1 and self.width * a.dtype.itemsize == LINE

    def prepare(self, k: Builder, given: dict[str, Any], piece: Any, first: Any, last: Any) -> None:
        """Before its first block: numbers are spread over lanes, and sums that are added up in memory begin with nothing."""
        self.k, self.given, self.piece = k, given, piece
        told = [a for n in self.group.nodes for a in n.args if a.kind == "number" and a.size == 1]
        self.told = {place: self.number(*place) for place in dict.fromkeys((a.data, a.dtype.char) for a in told)}
        self.sums: dict[Node, Any] = {}
        for n, over in zip(self.reduces, self.over):
            if self.adds_up(over):
                self.clear(n, over, first, last)

    def number(self, told: str, char: str) -> Value:
        """One of the step's numbers, spread over lanes."""
        x = self.given["numbers"][self.names.numbers[told]]
        return self.k.spread(self.k.to("f32", x) if char == "f" else x, self.width)

    def adds_up(self, over: list[bool]) -> bool:
        """Whether a sum is added up in memory, over rows or over some axis outside of one that remains."""
        return self.apart and over[0] or not all(over) and self.in_memory(over)

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

    def clear(self, n: Node, over: list[bool], first: Any, last: Any) -> None:
        """Let a sum begin with nothing: its own rows, where pieces share the rows; else all of it."""
        k, (buffer, start) = self.k, self.target(n)
        kind = KINDS[n.dtype.char]
        row = n.size if over[0] else n.size // self.sizes[0]
        begin, end = (0, n.size) if over[0] else (gemm.times(first, row), gemm.times(last, row))
        width = min(FULL[kind], 1 << (n.size - 1).bit_length())
        for at in k.vectors(end, width, start=begin):
            buffer[at if isinstance(start, int) and not start else at + start] = k.value(FREE[n.data[0]], Type(kind, width))

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
            unroll = self.ways if mine else 1
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
            return self.k.sum(self.ways, self.width, kind)
        return self.k.extreme(n.data[0], self.ways, self.width, kind)

    def finish(self, n: Node, over: list[bool], indices: list[Any]) -> None:
        """Put a sum in its place, or add it to what is there."""
        total = self.sums[n].total()
        buffer, start = self.target(n)
        at = self.where(over, indices, start)
        if any(over[: len(indices)]) or self.apart and over[0]:
            total = joined(self.k, n.data[0], buffer[at], total)
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
            if isinstance(node.data, Picked):
                seen[node] = self.picked(node, seen, indices, at)
                continue
            if isinstance(node.data, Nth):
                seen[node] = self.nth(node, seen, indices, at)
                continue
            args = [self.operand(a, seen, indices, at) for a in node.args]
            if node.data == where and not any(isinstance(a, Value) for a in args[1:]):  # a choice of two numbers
                args[1:] = [k.value(a, Type(KINDS[node.dtype.char], self.width)) for a in args[1:]]
            if node.kind == "map":
                y = read(node.data, k, args) if any(isinstance(a, Value) for a in args) else node.data.compute(*args)
                kind = "i1" if node.dtype.char == "?" else KINDS[node.dtype.char]
                seen[node] = k.value(y, Type(kind, self.width))
            else:
                self.take(node, k.value(args[0], Type(KINDS[node.dtype.char], self.width)), indices, at)
        for node in self.stores:
            y = seen[node]
            place = self.offset(self.begin(node, 0), self.store_steps, indices, at)
            self.given[self.targets[node]][place] = k.to("i8", y) if node.dtype.char == "?" else y
        for node in self.soon:
            place = self.offset(self.reads[node].offset, self.steps[node], [indices[0] + self.ahead, *indices[1:]], at)
            k.prefetch(self.given[self.memory[node]], place.start)

    def take(self, n: Node, x: Value, indices: list[Any], at: Lanes) -> None:
        """Let a reduction take in a vector of entries."""
        k, how = self.k, n.data[0]
        over = self.over[self.reduces.index(n)]
        if n in self.sums and all(over[len(self.sizes) - 1 :]):
            if at.mask is not None:
                x = k.where(at.mask, x, FREE[how])
            self.sums[n].add(x)
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
        if a.kind == "number" and a.size == 1:
            return self.told[a.data, a.dtype.char]
        base = layout(a).base
        if base.kind == "constant":
            return base.data
        where = self.reads[a]
        if base.kind == "number":  # one for each of many programs
            place = self.offset(where.offset + self.names.numbers[base.data] * base.size, self.steps[a], indices, at)
            value = self.given["numbers"][place]
            value = k.to("f32", value) if a.dtype.char == "f" else value
            seen[a] = value if value.type.lanes == self.width else k.spread(value, self.width)
            return seen[a]
        place = self.offset(self.begin(a, where.offset), self.steps[a], indices, at)
        value = self.given[self.memory[a]][place]
        if self.names.schedule.home(a).dtype.char == "?":
            value = value != 0
        if value.type.lanes != self.width:
            value = k.spread(value, self.width)
        seen[a] = value
        return value

    def picked(self, node: Node, seen: dict[Node, Any], indices: list[Any], at: Lanes) -> Any:
        """Entries of a table, each from the place that a value of the loop says."""
        table, index = node.args
        if table in seen:  # a table of one entry
            return seen[table]
        start = self.offset(self.begin(table, self.reads[table].offset), self.steps[table], indices, at)
        if isinstance(start, Lanes):  # a table of one entry for each
            return self.given[self.memory[table]][start]
        if node.data.line:
            return self.line(table, index, gemm.plus(start, at.start), indices, at)
        place = self.operand(index, seen, indices, at)
        if not isinstance(place, Value):
            place = self.k.spread(self.k.value(place, Type("i64")), self.width)
        return self.given[self.memory[table]][place if start == 0 else place + start]

    def line(self, table: Node, index: Node, start: Any, indices: list[Any], at: Lanes) -> Any:
        """The same of entries that lie one behind the other from one place on."""
        where = self.reads[index]
        place = where.base.data
        if where.base.kind != "constant":
            place = self.given[self.memory[index]][self.offset(self.begin(index, where.offset), self.steps[index], indices, at)]
        here = gemm.plus(start, place)
        return self.given[self.memory[table]][here if self.width == 1 else Lanes(here, self.width, at.mask)]

    def nth(self, node: Node, seen: dict[Node, Any], indices: list[Any], at: Lanes) -> Any:
        """Whether entries are those of a place along an axis: which one a lane is, it knows without looking it up."""
        counted, place = node.args
        here = self.offset(0, self.steps[counted], indices, at)
        if not isinstance(here, Lanes) or layout(place).base.kind == "constant":
            counts = here if not isinstance(here, Lanes) else self.operand(counted, seen, indices, at)
            return self.k.eq(counts, self.operand(place, seen, indices, at))
        there = self.offset(self.begin(place, self.reads[place].offset), self.steps[place], indices, at)
        return self.k.nth(self.given[self.memory[place]][there] - here.start, self.width)

    def begin(self, node: Node, offset: int) -> Any:
        """Where the entries of an operand begin; local memory holds but the rows of this block."""
        base = layout(node).base
        if base not in self.local or self.shift is None:
            return offset
        return gemm.plus(offset, gemm.times(self.shift, base.size // base.shape[0]))

    def offset(self, start: Any, steps: list[int], indices: list[Any], at: Lanes) -> Any:
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
