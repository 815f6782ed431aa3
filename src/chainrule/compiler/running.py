"""A schedule made to run: memory for its values, machine code from the cache or from LLVM, and the calls in between."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from ..base.threads import cores
from ..native.load import load_all
from ..native.team import code as team_code
from ..native.team import team
from .emission import Module, Segment
from .feeding import Feed
from .feeding import code as feeding
from .fusion import Schedule, looked_at
from .program import Node, Program, layout

ALIGN = 64
OWN_MEMORY = ("map", "reduce", "dot", "join")  # the kinds of values that a place is planned for
ENTRY = {"f32": 4, "f64": 8, "i8": 1}


class Machine:
    """The code of a program, and the memory that it works in."""

    def __init__(self, program: Program, apart: bool = False) -> None:
        """``apart``: each kernel a function of its own, to be timed."""
        self.program = program
        self.schedule = Schedule(program)
        self.module = Module(self.schedule, apart)
        self.text = self.module.text()
        self.segments = [s for s in self.module.order if isinstance(s, Segment)]
        self.whole = len(self.module.order) == 1 and not self.schedule.copies
        self.functions: dict[str, Any] = {}
        if self.segments:
            addresses, self.keep = load_all(tuple(s.name for s in self.segments), self.text)
            kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
            self.functions = {s.name: kind(a) for s, a in zip(self.segments, addresses)}
        for s in self.segments:
            s.shares = any(e.pieces != 1 for e in s.kernels)
        self.shares = any(s.shares for s in self.segments)
        self.checked = False
        self.threads = 0  # for how many the large products are prepared
        self.told: dict[Node, Any] = {}  # what they are told
        self.table = (ctypes.c_int64 * (Module.FIRST + len(self.module.slots) + 1))()
        self.address = ctypes.addressof(self.table)
        self.numbers = np.zeros((1, max(len(program.numbers), 1)))
        self.arrays: dict[Node, Any] = {}
        self.history = np.zeros(1, self.module.keeps or "f")
        self.multiplied = {layout(p).base for large in self.module.products for p in large.parts}
        self.parts: dict[Node, list[Node]] = {}
        for node in self.schedule.nodes:
            if node.kind == "part":
                self.parts.setdefault(node.args[0], []).append(node)
        self.plan()
        self.ends = self.last_uses()

    def last_uses(self) -> dict[int, list[Node]]:
        """Which results of calls nobody needs any more after a part of the order."""
        place = {n: i for i, part in enumerate(self.module.order) for n in nodes_of(part)}
        last: dict[Node, int] = {}
        for node, i in place.items():
            if node.kind == "call":
                last |= {p: i for p in self.parts.get(node, ())}
        for node, i in place.items():
            for a in looked_at(node):
                base = layout(a).base
                if base in last:
                    last[base] = max(last[base], i)
        kept = {layout(x).base for x in [*self.program.results, *[v for _, v in self.schedule.copies]]}
        found: dict[int, list[Node]] = {}
        for node, i in last.items():
            if node not in kept:
                found.setdefault(i, []).append(node)
        return found

    def plan(self) -> None:
        """Give each value a place in one piece of memory; those that are never needed at once share it."""
        schedule, slots = self.schedule, self.module.slots
        lives = self.lifetimes()
        wants: list[tuple[int, int, int, Any]] = []
        for key in slots:
            if isinstance(key, Node):
                if key.kind in OWN_MEMORY:
                    first, last = lives[key]
                    wants.append((first, last, key.size * key.dtype.itemsize, key))
            elif key in self.module.rooms:
                size, kind = self.module.rooms[key]
                at = schedule.turn[key[1]]
                wants.append((at, at, size * ENTRY[kind], key))
        for node in self.values_of_calls():
            if node not in slots and node.kind in OWN_MEMORY:
                first, last = lives[node]
                wants.append((first, last, node.size * node.dtype.itemsize, node))
        places, total = fitted(wants)
        self.memory = np.empty(total + ALIGN, np.uint8)
        base = self.memory.__array_interface__["data"][0]
        shift = -base % ALIGN
        for key, place in places.items():
            if isinstance(key, Node):
                self.arrays[key] = np.ndarray(key.shape, key.dtype, self.memory, shift + place)
            if key in slots:
                self.table[Module.FIRST + slots[key]] = base + shift + place

    def prepare_products(self) -> None:
        """Tell the code for large products where their matrices lie, and let it cut them for as many threads as there are."""
        self.threads = cores()
        for large in self.module.products:
            found = large.prepare(self.threads)
            assert found is not None
            addresses = {p: self.table[Module.FIRST + self.module.slots[self.schedule.home(p)]] for p in large.parts}
            words = large.told(addresses, found)
            memory = self.told[large.node] = ctypes.create_string_buffer(words, len(words))
            for what, value in (("code", found.code), ("told", ctypes.addressof(memory)), ("pieces", found.pieces)):
                self.table[Module.FIRST + self.module.slots[what, large.node]] = value

    def values_of_calls(self) -> set[Node]:
        """Values that are computed or read by Python's calls, returned, or copied at the end."""
        schedule = self.schedule
        found = {schedule.home(r) for r in self.program.results} | {schedule.home(v) for _, v in schedule.copies}
        for node in self.module.order:
            if not isinstance(node, Segment):
                found |= {schedule.home(a) for a in node.args}
                if node.kind == "map":
                    found.add(schedule.home(node))
        return found

    def lifetimes(self) -> dict[Node, tuple[int, int]]:
        """From which group to which each value is needed."""
        schedule = self.schedule
        last: dict[Node, int] = {}
        for node in schedule.nodes:
            if node.kind in ("view", "part"):
                continue
            for a in looked_at(node):
                home = schedule.home(a)
                last[home] = max(last.get(home, 0), schedule.turn.get(node, 0))
        end = len(schedule.batches)
        for r in [*self.program.results, *[v for _, v in schedule.copies]]:
            last[schedule.home(r)] = end
        return {n: (turn, max(last.get(n, 0), turn)) for n, turn in schedule.turn.items()}

    # ------------------------------------------------------------------ inputs and numbers

    def bind(self, node: Node, array: np.ndarray) -> None:
        """Say where an input lies now."""
        self.arrays[node] = array
        slot = self.module.slots.get(node)
        if slot is not None:
            self.table[Module.FIRST + slot] = array.__array_interface__["data"][0]
            self.threads = 0

    def tell(self, steps: int) -> None:
        """Compute the numbers of the next steps."""
        numbers = self.program.numbers
        if numbers:
            count = np.arange(steps, dtype=np.float64)
            width = self.program.width
            if self.numbers.shape != (steps, width * len(numbers)):
                self.numbers = np.empty((steps, width * len(numbers)))
            for i, (_, at) in enumerate(numbers):
                self.numbers[:, i * width : (i + 1) * width] = np.reshape(at(count), (-1, width))
        self.numbers_at, self.row_bytes = self.numbers.__array_interface__["data"][0], self.numbers.strides[0]
        self.at_row(0)

    def at_row(self, row: int) -> None:
        """Let the next step's numbers be those of this row."""
        self.table[Module.NUMBERS] = self.numbers_at + row * self.row_bytes

    # ------------------------------------------------------------------ running

    def run(self, steps: int = 1, first: int = 0, feeds: Sequence[Feed] = (), fed: int = 0) -> None:
        """Take steps, which begin where the inputs now are. More than one at a time only if the program is one segment.

        ``feeds`` says what each step is given anew, the first one being step ``fed`` of theirs.
        """
        table = self.table
        if not self.checked:
            self.check()
        table[Module.HISTORY] = self.history.__array_interface__["data"][0]
        if self.shares:
            if self.threads != cores():
                self.prepare_products()
            run, _, _ = team_code()
            table[Module.TEAM] = ctypes.cast(run, ctypes.c_void_p).value or 0
            table[Module.JOB] = team().job
        for i, part in enumerate(self.module.order):
            if isinstance(part, Segment) and feeds:
                self.feed(part, steps, feeds, fed)
            elif isinstance(part, Segment):
                self.only(part, steps, first)
            else:
                self.call(part)
            for node in self.ends.get(i, ()):  # so that the next result finds memory that is at hand
                self.arrays.pop(node, None)
        for target, value in self.schedule.copies:
            self.arrays[target][...] = self.seen(value)

    def only(self, segment: Segment, steps: int = 1, first: int = 0) -> None:
        """Run one segment. The team is its own meanwhile, but not while ops' own code runs, which shares work too."""
        if segment.shares:
            with team().attending():
                self.functions[segment.name](self.address, first, steps)
        else:
            self.functions[segment.name](self.address, first, steps)

    def feed(self, segment: Segment, steps: int, feeds: Sequence[Feed], fed: int) -> None:
        """Run one segment many times, each time with what the feeds give it."""
        run, copy, _ = feeding()
        told = b"".join([f.words(fed) for f in feeds])
        row = self.row_bytes if self.program.numbers else 0
        with team().attending() if segment.shares else nullcontext():
            run(self.functions[segment.name], self.address, steps, told, len(feeds), Module.NUMBERS, row, copy)

    def check(self) -> None:
        """Refuse to run with memory missing: machine code does not look."""
        for key, slot in self.module.slots.items():
            known = isinstance(key, Node) and (key.kind in ("constant", "number", "part") or f"b{slot}" in self.module.local)
            if not known and not self.table[Module.FIRST + slot] and not (isinstance(key, tuple) and key[0] in ("code", "told", "pieces")):
                raise RuntimeError(f"there is no memory for {key!r}")
        self.checked = True

    def call(self, node: Node) -> None:
        """Have an op's own code compute a value."""
        if node.kind == "map":
            self.arrays[self.schedule.home(node)][...] = node.data.compute(*[self.seen(a) for a in node.args])
            return
        arguments = [self.seen(a) for a in node.args]
        found = node.data.function(*arguments)
        for part in self.parts.get(node, ()):
            r = found[part.data]
            if isinstance(r, (np.ndarray, np.generic)):
                if isinstance(r, np.ndarray) and (r.base is not None or any(r is a for a in arguments)):
                    r = r.copy()  # what it looks into is used for other values before long
                r = np.ascontiguousarray(r).reshape(part.shape)
                slot = self.module.slots.get(part)
                if slot is not None:
                    self.table[Module.FIRST + slot] = r.__array_interface__["data"][0]
                    if part in self.multiplied:
                        self.prepare_products()
            self.arrays[part] = r

    def seen(self, node: Node) -> Any:
        """A value as an array."""
        if node.kind == "constant":
            return np.asarray(node.data, node.dtype)
        if node.kind == "number":
            return np.asarray(dict(self.program.numbers)[node.data](np.zeros(1)), node.dtype).reshape(-1)[0]
        base = layout(node).base
        if base.kind == "constant":
            return np.full(node.shape, base.data, node.dtype)
        array = self.arrays[self.schedule.home(node)]
        if node.kind != "view":
            return array
        offset, strides = node.data
        item = node.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            array.reshape(-1)[offset:] if base.kind != "input" else array_from(array, offset), node.shape, [s * item for s in strides]
        )


def nodes_of(part: Any) -> list[Node]:
    """The values that a part of the order computes."""
    return [n for e in part.kernels for g in e.groups for n in g.nodes] if isinstance(part, Segment) else [part]


def array_from(array: np.ndarray, offset: int) -> np.ndarray:
    """What lies from an entry on, counted in memory."""
    if not offset:
        return array
    return np.lib.stride_tricks.as_strided(array, (array.size,), (array.itemsize,))[offset:]


def fitted(wants: list[tuple[int, int, int, Any]]) -> tuple[dict[Any, int], int]:
    """Places for (first, last, bytes, key), largest first, each at the lowest that is free all its life."""
    placed: list[tuple[int, int, int, int]] = []
    places, total = {}, 0
    for first, last, size, key in sorted(wants, key=lambda w: -w[2]):
        size = -(-size // ALIGN) * ALIGN
        place = 0
        for at, end, from_, to in sorted(placed):
            if from_ <= last and first <= to and at < place + size and place < end:
                place = end
        placed.append((place, place + size, first, last))
        places[key] = place
        total = max(total, place + size)
    return places, total
