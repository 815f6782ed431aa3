"""Groups as kernels, and all of them as one LLVM module: a function for each kernel, and one that calls them in order.

    step(table, first, steps)    for each step: its numbers, kernel after kernel, its results into the history

The table holds the addresses of all memory, so the code is the same wherever that lies, and may be kept on disk. Kernels
over many entries are shared by the team of threads, in pieces whose number depends on the shape alone.
"""

from __future__ import annotations

from math import prod
from typing import Any

from ..base.threads import most
from ..native import multiply
from ..native.llvm import ATTRIBUTES, NAMES, Emitter
from ..native.loops import BYTES, Builder, Type
from .additions import Addition
from .blocks import NestWriter, flushes
from .blueprint import FIRST, HISTORY, JOB, LAST, NUMBERS, TEAM
from .fusion import KINDS, Group, Schedule
from .joins import Join
from .large_products import LargeProduct, elsewhere
from .names import FULL, Names, Written
from .nests import FREE, joined
from .products import ProductWriter
from .program import COMPUTED, Node, dense, layout
from .taking import TAKEN, Taker

INLINED, FEW = 1 << 13, 64  # kernels of so little work become a part of their caller, if there are few:
INLINED_AMONG_MANY = 1 << 6  # LLVM takes ten times as long for a function of hundreds
SMALL_LOCAL = 1024  # entries of a value that may live on the stack
CARRIED = 16  # entries of an input that goes from step to step by a register


class Emission:
    """One kernel: what it is given, into how many pieces it is cut, and the function that does it, which others may share."""

    def __init__(self, name: str, written: Written, pieces: int, work: int, label: str, groups: list[Group]) -> None:
        self.name, self.kernel, self.given = name, written.kernel, written.given
        self.pieces, self.work, self.label, self.groups = pieces, work, label, groups
        self.function = name
        self.taker: Emission | None = None  # what takes the entries of a product that other code does
        self.tiny = False  # whether that may take tiny numbers for 0


class Segment:
    """Kernels that follow each other without a call of Python's in between, as one function."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.kernels: list[Emission] = []
        self.shares = False  # whether some of them are shared by the team


class Module:
    """The text of the LLVM module of a schedule, and what its table has to hold."""

    def __init__(self, schedule: Schedule, apart: bool = False) -> None:
        self.schedule = schedule
        self.slots: dict[Any, int] = {}  # by what lies there: the place of its address in the table
        self.names = Names(schedule, self.slots)
        self.products: list[LargeProduct] = []
        self.rooms: dict[Any, tuple[int, str]] = {}  # memory that only a kernel needs: entries and kind
        self.order: list[Any] = []  # segments, and nodes to call
        self.keeps = ""  # the dtype of the numbers that are put into the history; empty: none are
        for i, batch in enumerate(schedule.batches):
            if batch[0].kind == "called":
                self.order.append(batch[0].nodes[0])
                continue
            for emission in self.written(batch, f"k{i}"):
                if apart or not self.order or not isinstance(self.order[-1], Segment):
                    self.order.append(Segment(f"segment{len(self.order)}"))
                self.order[-1].kernels.append(emission)

    def written(self, batch: list[Group], name: str) -> list[Emission]:
        if batch[0].kind == "product":
            node = batch[0].nodes[0]
            if (large := elsewhere(node, taken=len(batch) > 1)) is not None:
                return [self.by_others(name, large, batch)]
            writer = ProductWriter(node, self.names)
            kernel = writer.kernel()
            if writer.room_size:
                self.rooms["room", node] = (writer.room_size, KINDS[node.dtype.char])
            return [Emission(name, kernel, writer.pieces, node.size * writer.inner, "product", batch)]
        if batch[0].kind == "join":
            join = Join(batch[0].nodes[0], self.names)
            return [Emission(name, join.kernel(), join.pieces, join.work, "join", batch)]
        if batch[0].kind == "added":
            addition = Addition(batch[0].nodes[0], self.names)
            return [Emission(name, addition.kernel(), addition.pieces, addition.work, "added", batch)]
        local = self.schedule.local(batch)
        nest = NestWriter(batch, self.names, local)
        found = [Emission(name, nest.kernel(), nest.pieces, nest.work, "loop", batch)]
        for n in nest.local:
            self.rooms["local", n] = (nest.block * (n.size // n.shape[0]) * (most() if nest.pieces > 1 else 1), KINDS[n.dtype.char])
        for _, n in nest.partial:
            self.rooms["partial", n] = (nest.pieces * n.size, KINDS[n.dtype.char])
            joining = f"{name}.sum{len(found)}"
            found.append(Emission(joining, self.joining(n, nest), 1, nest.pieces * n.size, "sum", []))
        return found

    def by_others(self, name: str, large: LargeProduct, batch: list[Group]) -> Emission:
        """A product that other code does: the table says where that is, what it is told, and how many pieces there are."""
        given = dict.fromkeys(self.names.memory(p) for p in large.parts)
        for what in ("code", "told", "pieces"):
            self.slots.setdefault((what, large.node), len(self.slots))
        self.products.append(large)
        found = Emission(name, Written({}, lambda k, given: None), 0, large.node.size * large.node.args[0].shape[-1], "product", batch)
        if large.taken:
            loop, product = batch[1], large.node
            written = Taker(loop, product, self.names, large.row).kernel()
            found.taker = Emission(f"{name}.take", written, 1, prod(loop.shape) * len(loop.nodes), "loop", [loop])
            found.tiny = flushes([loop])
            found.work += found.taker.work
            given |= dict.fromkeys(n for n in written.given if n not in TAKEN and n not in ("numbers", "last"))
        found.given = list(given)
        return found

    def joining(self, n: Node, nest: NestWriter) -> Written:
        """Partial sums become the sum, in order."""
        parts, target = self.names.of(("partial", n), KINDS[n.dtype.char]), self.names.memory(n)
        kind = KINDS[n.dtype.char]
        width = min(FULL[kind], 1 << (n.size - 1).bit_length())

        def body(k: Builder, given: dict[str, Any]) -> None:
            for at in k.vectors(n.size, width):
                total = k.variable(FREE[n.data[0]], Type(kind, width))
                for p in k.range(nest.pieces):
                    total.value = joined(k, n.data[0], total.value, given[parts][at + p * n.size])
                given[target][at] = total.value

        return Written({parts: kind + "*", target: kind + "*"}, body)

    # ------------------------------------------------------------------ text

    def find_local(self) -> None:
        """Small values that only small kernels of one segment touch live on the stack, where LLVM makes registers of them.

        So do the smallest inputs while the steps of the only segment are taken: from step to step, a weight goes by a
        register, not by memory, which takes five cycles longer.
        """
        touched: dict[str, list[Any]] = {}
        for segment in self.order:
            if isinstance(segment, Segment):
                for e in segment.kernels:
                    for p in e.given:
                        touched.setdefault(p, []).append((segment, e))
        used = {self.schedule.home(a) for n in self.schedule.nodes if n.kind == "call" for a in n.args}
        used |= {self.schedule.home(r) for r in self.schedule.program.results} | {self.schedule.home(v) for _, v in self.schedule.copies}
        used |= {self.schedule.home(a) for g in self.schedule.groups if g.kind == "called" for n in g.nodes for a in (n, *n.args)}
        for key, slot in self.slots.items():
            if not isinstance(key, Node) or key in used:
                continue
            carried = key.kind == "input" and len(self.order) == 1 and 0 < key.size <= CARRIED and key.data.strides == dense(key.shape)
            if carried or key.kind in COMPUTED and key.size <= SMALL_LOCAL:
                where = touched.get(f"b{slot}", [])
                if where and len({id(s) for s, _ in where}) == 1 and all(e.pieces == 1 for _, e in where):
                    self.local[f"b{slot}"] = (KINDS[key.dtype.char], key.size)
                    if carried:
                        self.carried[f"b{slot}"] = key in self.schedule.place.values()

    def text(self) -> str:
        self.local: dict[str, tuple[str, int]] = {}
        self.carried: dict[str, bool] = {}  # of these the inputs, and whether they are written to
        self.find_local()
        functions: list[str] = []
        declared: set[str] = set()
        written: dict[str, str] = {}
        for segment in self.order:
            if isinstance(segment, Segment):
                most = INLINED if len(segment.kernels) <= FEW else INLINED_AMONG_MANY
                for e in [e.taker or e for e in segment.kernels]:
                    if not e.pieces:
                        continue
                    text = function(e, declared, e.work <= most or "c" in e.given)
                    e.function = written.setdefault(text, e.name)
                    if e.function == e.name:
                        functions.append(text.replace("@kernel(", f"@{e.name}(", 1))
                    if e.pieces > 1:
                        functions.append(self.called_with(e, "piece", {"piece": "i64", "thread": "i64"}))
                    elif "c" in e.given:
                        functions.append(self.called_with(e, "some", TAKEN))
                functions.append(self.driver(segment))
        return "\n".join([*functions, *sorted(declared), f"attributes #0 = {{ {ATTRIBUTES} }}", ""])

    def called_with(self, e: Emission, what: str, told: dict[str, str]) -> str:
        """The function that other code calls, the team for one piece: it is told little, and reads the addresses from the table."""
        lines, arguments = [], []
        parameters = ", ".join(["ptr %table", *[f"{kind} %{name}" for name, kind in told.items()]])
        for name in e.given:
            if name in told:
                arguments.append(f"{told[name]} %{name}")
                continue
            slot, kind = f"{self.slots_at(name)}", "i64" if name == "last" else "ptr"
            lines += [f"  %{name}.at = getelementptr i64, ptr %table, i64 {slot}", f"  %{name} = load {kind}, ptr %{name}.at"]
            arguments.append(f"{kind} %{name}")
        return "\n".join(
            [f"define internal void @{e.name}.{what}({parameters}) #0 {{", "entry:", *lines,
             f"  call void @{e.function}({', '.join(arguments)})", "  ret void", "}"]
        )  # fmt: skip

    def slots_at(self, name: str) -> int:
        return {"numbers": NUMBERS, "last": LAST}.get(name) or int(name[1:]) + FIRST

    def driver(self, segment: Segment) -> str:
        """All steps of a segment: each step's numbers lie behind those of the step before."""
        names = dict.fromkeys(p for e in segment.kernels for p in e.given if p not in ("piece", "thread", "numbers"))
        lines = ["entry:"]
        for name, place in [("team", TEAM), ("job", JOB), ("all.numbers", NUMBERS), ("history", HISTORY)]:
            lines += [f"  %{name}.at = getelementptr i64, ptr %table, i64 {place}", f"  %{name} = load ptr, ptr %{name}.at"]
        for name in names:
            if name in self.local:
                kind, entries = self.local[name]
                lines.append(f"  %{name} = alloca [{entries} x {NAMES[kind]}], align 64")
                if name in self.carried:
                    lines += [f"  %{name}.at = getelementptr i64, ptr %table, i64 {self.slots_at(name)}"]
                    lines += [f"  %{name}.there = load ptr, ptr %{name}.at", *self.copied(name, f"{name}.there", name, "before")]
                continue
            lines += [f"  %{name}.at = getelementptr i64, ptr %table, i64 {self.slots_at(name)}", f"  %{name} = load ptr, ptr %{name}.at"]
        count = len(self.schedule.program.numbers) * self.schedule.program.width
        lines += ["  br label %head", "head:", "  %i = phi i64 [ 0, %entry ], [ %next, %last ]",
                  "  %more = icmp slt i64 %i, %steps", "  br i1 %more, label %body, label %done", "body:",
                  f"  %from = mul i64 %i, {count}", "  %numbers = getelementptr double, ptr %all.numbers, i64 %from"]  # fmt: skip
        if any(e.pieces > 1 and "numbers" in e.given or e.taker is not None and "numbers" in e.taker.given for e in segment.kernels):
            lines += ["  store ptr %numbers, ptr %all.numbers.at"]
        if any(e.taker is not None and "last" in e.taker.given for e in segment.kernels):
            lines += ["  %left = sub i64 %steps, %i", "  %is.last = icmp eq i64 %left, 1", "  %last.word = zext i1 %is.last to i64",
                      f"  %last.at = getelementptr i64, ptr %table, i64 {LAST}", "  store i64 %last.word, ptr %last.at"]  # fmt: skip
        for e in segment.kernels:
            if not e.pieces:
                lines += self.call_of_others(e)
            elif e.pieces > 1:
                lines.append(f"  call void %team(ptr %job, ptr @{e.name}.piece, ptr %table, i64 {e.pieces})")
            else:
                arguments = ", ".join(f"ptr %{p}" for p in e.given)
                lines.append(f"  call void @{e.function}({arguments})")
        lines += self.kept(names)
        lines += ["  br label %last", "last:", "  %next = add i64 %i, 1", "  br label %head", "done:"]
        for name in names:
            if self.carried.get(name):
                lines += self.copied(name, name, f"{name}.there", "after")
        lines += ["  store ptr %all.numbers, ptr %all.numbers.at", "  ret void", "}"]
        head = f"define void @{segment.name}(ptr %table, i64 %first, i64 %steps) #0 {{"
        return "\n".join([head, *lines])

    def copied(self, name: str, source: str, target: str, when: str) -> list[str]:
        """All entries of a carried input, at once."""
        kind, entries = self.local[name]
        whole = NAMES[kind] if entries == 1 else f"<{entries} x {NAMES[kind]}>"
        align = BYTES[kind]
        return [
            f"  %{name}.{when} = load {whole}, ptr %{source}, align {align}",
            f"  store {whole} %{name}.{when}, ptr %{target}, align {align}",
        ]

    def call_of_others(self, e: Emission) -> list[str]:
        lines, names = [], []
        for what, kind in (("code", "ptr"), ("told", "ptr"), ("pieces", "i64")):
            slot = self.slots[what, e.groups[0].nodes[0]] + FIRST
            name = f"%{e.name}.{what}"
            lines += [f"  {name}.at = getelementptr i64, ptr %table, i64 {slot}", f"  {name} = load {kind}, ptr {name}.at"]
            names.append(f"{kind} {name}")
        words = [f"ptr @{e.taker.name}.some", "ptr %table", f"i64 {int(e.tiny)}"] if e.taker is not None else []
        for place, word in enumerate(words, multiply.AFTER):
            at = f"%{e.name}.word{place}"
            lines += [f"  {at} = getelementptr i64, ptr %{e.name}.told, i64 {place}", f"  store {word}, ptr {at}"]
        return [*lines, f"  call void %team(ptr %job, {', '.join(names)})"]

    def kept(self, names: Any) -> list[str]:
        """The first result of each step, if it is a number (or one for each of many), is put into the history."""
        results = self.schedule.program.results
        if not results or results[0].size != self.schedule.program.width or results[0].dtype.char not in "fd":
            return []
        if sum(isinstance(part, Segment) for part in self.order) > 1:
            return []
        where, width = layout(results[0]), results[0].size
        name = "" if where.base.kind in ("constant", "number") else self.names.memory(results[0])
        if name not in names or width > 1 and where.strides != (1,):
            return []
        self.keeps, kind = results[0].dtype.char, NAMES[KINDS[results[0].dtype.char]]
        return [
            "  %at.step = add i64 %i, %first",
            f"  %at = mul i64 %at.step, {width}",
            "  br label %keep",
            "keep:",
            "  %j = phi i64 [ 0, %body ], [ %j.next, %keep ]",
            f"  %from.j = add i64 %j, {where.offset}",
            f"  %loss.at = getelementptr {kind}, ptr %{name}, i64 %from.j",
            f"  %loss = load {kind}, ptr %loss.at",
            "  %to.j = add i64 %j, %at",
            f"  %kept.at = getelementptr {kind}, ptr %history, i64 %to.j",
            f"  store {kind} %loss, ptr %kept.at",
            "  %j.next = add i64 %j, 1",
            f"  %again = icmp slt i64 %j.next, {width}",
            "  br i1 %again, label %keep, label %kept",
            "kept:",
        ]


def function(e: Emission, declared: set[str], inline: bool) -> str:
    """One kernel as a function that only this module sees, or that becomes a part of its caller."""
    emitter = Emitter(e.kernel)
    text = emitter.function(internal=True, inline=inline)
    declared |= emitter.declared
    return text
