"""Groups as kernels, and all of them as one LLVM module: a function for each kernel, and one that calls them in order.

    step(table, first, steps)    for each step: its numbers, kernel after kernel, its results into the history

The table holds the addresses of all memory, so the code is the same wherever that lies, and may be kept on disk. Kernels
over many entries are shared by the team of threads, in pieces whose number depends on the shape alone.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from ..native import gemm
from ..native.llvm import ATTRIBUTES, NAMES, Emitter
from ..native.loops import Builder, Lanes, Type, Value
from ..native.program import Program as Kernel
from .fusion import KINDS, Group, Schedule, access, read
from .program import Layout, Node, dense, layout

FULL = {"f32": 16, "f64": 8}
PIECES = 8  # into how many pieces a large kernel is cut, at least
LARGE = 1 << 16  # entries from which a loop is shared
MUCH = 1 << 20  # multiply-adds from which a product is shared
SMALL_LOCAL = 1024  # entries of a value that may live on the stack
FREE = {"sum": 0.0, "largest": float("-inf"), "smallest": float("inf")}


class Names:
    """The parameters of a kernel: a buffer for each piece of memory that it touches, in the order of its first use."""

    def __init__(self, schedule: Schedule, slots: dict[Any, int]) -> None:
        self.schedule, self.slots = schedule, slots
        self.kinds: dict[str, str] = {}

    def of(self, key: Any, kind: str) -> str:
        slot = self.slots.setdefault(key, len(self.slots))
        name = f"b{slot}"
        self.kinds[name] = kind + "*"
        return name

    def memory(self, node: Node) -> str:
        home = self.schedule.home(node)
        return self.of(home, KINDS[home.dtype.char])


class Emission:
    """One kernel: how its function is written down, and into how many pieces it is cut."""

    def __init__(self, name: str, kernel: Kernel, pieces: int, work: int, label: str) -> None:
        self.name, self.kernel, self.pieces, self.work, self.label = name, kernel, pieces, work, label


# ---------------------------------------------------------------------- loops


def merged(shape: tuple[int, ...], strides: list[tuple[int, ...]], over: list[tuple[bool, ...]]) -> tuple[list[int], list[list[int]], list[list[bool]]]:
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
        strides = [tuple(l.strides) for l in self.reads.values()] + [dense(shape)] * bool(self.stores)
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
        kinds = dict(self.names.kinds) if False else {}
        for node, name in [*self.memory.items(), *self.targets.items()]:
            kinds[name] = self.names.kinds[name]
        self.parts = {n: self.names.of(("partial", n), KINDS[n.dtype.char]) for n in self.partial}
        for n, name in self.parts.items():
            kinds[name] = KINDS[n.dtype.char] + "*"
        self.names_kept = list(kinds)
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
        self.sums = {}
        first, last = (0, self.sizes[0]) if piece is None else (piece * self.span, k.smaller(piece * self.span + self.span, k.value(self.sizes[0], Type("i64"))))
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
            if isinstance(first, int) and isinstance(last, int) and last - first == 1:
                self.entry(indices, Lanes(first, 1) if self.width == 1 else Lanes(first, self.width, k.emit("first", Type("i1", self.width), k.value(1, Type("i64")))))
            elif isinstance(first, int) and isinstance(last, int) and last - first == self.width:
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
            total = self.joined(how, buffer[at], total)
        buffer[at] = total

    def joined(self, how: str, a: Any, b: Any) -> Any:
        return a + b if how == "sum" else self.k.maximum(a, b) if how == "largest" else self.k.minimum(a, b)

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
        k, seen = self.k, {}
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
                sum_.value = self.joined(how, sum_.value, x)
            return
        buffer, start = self.target(n)  # the innermost axis remains: added up in memory
        kept = [s for s, o in zip(self.sizes, over) if not o]
        steps = iter(dense(tuple(kept)))
        place: Any = start
        for i, o in zip(indices, over):
            if not o:
                place = gemm.plus(place, gemm.times(i, next(steps)))
        target = Lanes(gemm.plus(place, at.start), at.width, at.mask)
        buffer[target] = self.joined(how, buffer[target], x)

    def operand(self, a: Node, seen: dict[Node, Any], indices: list[Any], at: Lanes) -> Any:
        k = self.k
        if a in seen:
            return seen[a]
        if a.kind == "constant":
            return a.data
        if a.kind == "number":
            x = self.given["numbers"][self.names.slots_of_numbers[a.data]]  # type: ignore[attr-defined]
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


# ---------------------------------------------------------------------- products


def matrix(node: Node, buffer: Any, batch: Any) -> gemm.Matrix:
    where = layout(node)
    start: Any = where.offset
    for i, s in zip(batch, where.strides[:-2]):
        start = gemm.plus(start, gemm.times(i, s))
    row, column = where.strides[-2:]
    return gemm.Matrix(buffer, row, column, start)


class ProductWriter:
    def __init__(self, node: Node, names: Names, name: str) -> None:
        self.node, self.names, self.name = node, names, name
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

    def kernel(self) -> Kernel:
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

        def body(k: Builder, *values: Any) -> None:
            given = dict(zip(kinds, values))
            self.write(k, given, buffers, given.get(room), given.get("piece"))

        return Kernel(self.name, kinds, body)

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
            indices, rest = [], piece
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


# ---------------------------------------------------------------------- the module


class Segment:
    """Kernels that follow each other without a call of Python's in between, as one function."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kernels: list[Emission] = []


class Module:
    """The text of the LLVM module of a schedule, and what its table has to hold."""

    def __init__(self, schedule: Schedule, apart: bool = False) -> None:
        self.schedule = schedule
        self.slots: dict[Any, int] = {}  # by what lies there: the place of its address in the table
        self.names = Names(schedule, self.slots)
        self.names.slots_of_numbers = {text: i for i, (text, _) in enumerate(schedule.program.numbers)}  # type: ignore[attr-defined]
        self.rooms: dict[Any, tuple[int, str]] = {}  # memory that only a kernel needs: entries and kind
        self.order: list[Any] = []  # segments, and nodes to call
        for i, group in enumerate(schedule.groups):
            if group.kind == "called":
                self.order.append(group.nodes[0])
                continue
            for emission in self.written(group, i):
                if apart or not self.order or not isinstance(self.order[-1], Segment):
                    self.order.append(Segment(f"segment{len(self.order)}"))
                self.order[-1].kernels.append(emission)

    def written(self, group: Group, number: int) -> list[Emission]:
        name = f"k{number}"
        if group.kind == "product":
            writer = ProductWriter(group.nodes[0], self.names, name)
            kernel = writer.kernel()
            if writer.room_size:
                self.rooms["room", group.nodes[0]] = (writer.room_size, KINDS[group.nodes[0].dtype.char])
            return [Emission(name, kernel, writer.pieces, group.nodes[0].size * writer.inner, "product")]
        loop = LoopWriter(group, self.names, name)
        kernel = loop.kernel()
        found = [Emission(name, kernel, loop.pieces, prod(group.shape) * len(group.nodes), "loop")]
        for n in loop.partial:
            kind = KINDS[n.dtype.char]
            self.rooms["partial", n] = (loop.pieces * n.size, kind)
            found.append(Emission(f"{name}.sum{len(found)}", self.joining(f"{name}.sum{len(found)}", n, loop), 1, loop.pieces * n.size, "sum"))
        return found

    def joining(self, name: str, n: Node, loop: LoopWriter) -> Kernel:
        """Partial sums become the sum, in order."""
        parts, target = self.names.of(("partial", n), KINDS[n.dtype.char]), self.names.memory(n)
        kind = KINDS[n.dtype.char]
        width = min(FULL[kind], 1 << (n.size - 1).bit_length())

        def body(k: Builder, given: Any, y: Any) -> None:
            for at in k.vectors(n.size, width):
                total = k.variable(FREE[n.data[0]], Type(kind, width))
                for p in k.range(loop.pieces):
                    total.value = loop_joined(k, n.data[0], total.value, given[at + p * n.size])
                y[at] = total.value

        return Kernel(name, {parts: kind + "*", target: kind + "*"}, body)

    # ------------------------------------------------------------------ text

    def find_local(self) -> None:
        """Small values that only small kernels of one segment touch live on the stack, where LLVM makes registers of them."""
        touched: dict[str, list[Any]] = {}
        for segment in self.order:
            if isinstance(segment, Segment):
                for e in segment.kernels:
                    for p in e.kernel.parameters:
                        touched.setdefault(p, []).append((segment, e))
        used = {self.schedule.home(a) for n in self.schedule.nodes if n.kind == "call" for a in n.args}
        used |= {self.schedule.home(r) for r in self.schedule.program.results} | {self.schedule.home(v) for _, v in self.schedule.copies}
        used |= {self.schedule.home(a) for g in self.schedule.groups if g.kind == "called" for n in g.nodes for a in n.args}
        for key, slot in self.slots.items():
            if isinstance(key, Node) and key.kind in ("map", "reduce", "dot") and key not in used and key.size <= SMALL_LOCAL:
                where = touched.get(f"b{slot}", [])
                if where and len({id(s) for s, _ in where}) == 1 and all(e.pieces == 1 for _, e in where):
                    self.local[f"b{slot}"] = (KINDS[key.dtype.char], key.size)

    def text(self) -> str:
        self.local: dict[str, tuple[str, int]] = {}
        self.find_local()
        functions: list[str] = []
        declared: set[str] = set()
        for segment in self.order:
            if isinstance(segment, Segment):
                for e in segment.kernels:
                    functions.append(function(e, declared))
                    if e.pieces > 1:
                        functions.append(self.by_pieces(e))
                functions.append(self.driver(segment))
        return "\n".join([*functions, *sorted(declared), f"attributes #0 = {{ {ATTRIBUTES} }}", ""])

    def by_pieces(self, e: Emission) -> str:
        """The function that the team calls for one piece: it reads the addresses from the table."""
        lines, arguments = [], []
        for name, kind in e.kernel.parameters.items():
            if name in ("piece", "thread"):
                arguments.append(f"i64 %{name}")
                continue
            slot = f"{self.slots_at(name)}"
            lines += [f"  %{name}.at = getelementptr i64, ptr %table, i64 {slot}", f"  %{name} = load ptr, ptr %{name}.at"]
            arguments.append(f"ptr %{name}")
        return "\n".join(
            [f"define internal void @{e.name}.piece(ptr %table, i64 %piece, i64 %thread) #0 {{", "entry:", *lines,
             f"  call void @{e.name}({', '.join(arguments)})", "  ret void", "}"]
        )  # fmt: skip

    TEAM, JOB, NUMBERS, HISTORY, FIRST = 0, 1, 2, 3, 4  # places in the table before those of memory

    def slots_at(self, name: str) -> int:
        return self.NUMBERS if name == "numbers" else int(name[1:]) + self.FIRST

    def driver(self, segment: Segment) -> str:
        """All steps of a segment: each step's numbers lie behind those of the step before."""
        names = dict.fromkeys(p for e in segment.kernels for p in e.kernel.parameters if p not in ("piece", "thread", "numbers"))
        lines = ["entry:"]
        for name, place in [("team", self.TEAM), ("job", self.JOB), ("all.numbers", self.NUMBERS), ("history", self.HISTORY)]:
            lines += [f"  %{name}.at = getelementptr i64, ptr %table, i64 {place}", f"  %{name} = load ptr, ptr %{name}.at"]
        for name in names:
            if name in self.local:
                kind, entries = self.local[name]
                lines.append(f"  %{name} = alloca [{entries} x {NAMES[kind]}], align 64")
                continue
            lines += [f"  %{name}.at = getelementptr i64, ptr %table, i64 {self.slots_at(name)}", f"  %{name} = load ptr, ptr %{name}.at"]
        count = len(self.schedule.program.numbers)
        lines += ["  br label %head", "head:", "  %i = phi i64 [ 0, %entry ], [ %next, %last ]",
                  "  %more = icmp slt i64 %i, %steps", "  br i1 %more, label %body, label %done", "body:",
                  f"  %from = mul i64 %i, {count}", "  %numbers = getelementptr double, ptr %all.numbers, i64 %from"]  # fmt: skip
        if any(e.pieces > 1 and "numbers" in e.kernel.parameters for e in segment.kernels):
            lines += ["  store ptr %numbers, ptr %all.numbers.at"]
        for e in segment.kernels:
            if e.pieces > 1:
                lines.append(f"  call void %team(ptr %job, ptr @{e.name}.piece, ptr %table, i64 {e.pieces})")
            else:
                arguments = ", ".join(f"ptr %{p}" for p in e.kernel.parameters)
                lines.append(f"  call void @{e.name}({arguments})")
        lines += self.kept(names)
        lines += ["  br label %last", "last:", "  %next = add i64 %i, 1", "  br label %head", "done:",
                  "  store ptr %all.numbers, ptr %all.numbers.at", "  ret void", "}"]  # fmt: skip
        head = f"define void @{segment.name}(ptr %table, i64 %first, i64 %steps) #0 {{"
        return "\n".join([head, *lines])

    def kept(self, names: Any) -> list[str]:
        """The first result of each step, if it is one number, is put into the history."""
        results = self.schedule.program.results
        if not results or results[0].size != 1 or results[0].dtype.char != "f" or len([s for s in self.order if isinstance(s, Segment)]) > 1:
            return []
        name = self.names.memory(results[0]) if layout(results[0]).base.kind not in ("constant", "number") else ""
        if name not in names:
            return []
        return [f"  %loss.at = getelementptr float, ptr %{name}, i64 {layout(results[0]).offset}", "  %loss = load float, ptr %loss.at",
                "  %at = add i64 %i, %first", "  %kept.at = getelementptr float, ptr %history, i64 %at", "  store float %loss, ptr %kept.at"]  # fmt: skip


def loop_joined(k: Builder, how: str, a: Any, b: Any) -> Any:
    return a + b if how == "sum" else k.maximum(a, b) if how == "largest" else k.minimum(a, b)


def function(e: Emission, declared: set[str]) -> str:
    """One kernel as a function that only this module sees; small ones become a part of their caller."""
    emitter = Emitter(e.kernel)
    text = emitter.function(internal=True, inline=e.work <= 1 << 13)
    declared |= emitter.declared
    return text
