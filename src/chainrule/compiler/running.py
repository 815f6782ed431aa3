"""A program made to run: memory for its values, machine code from the cache or from LLVM, and the calls in between.

Its blueprint and its code are looked up by what the program does (`identity`). Only where nothing is noted, values are
grouped and loops written; and when somebody asks to see them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cached_property, lru_cache
from threading import get_ident
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.threads import cores, most
from ..native import notes
from ..native.address import address
from ..native.aligned import looks_into
from ..native.team import code as team_code
from ..native.team import team
from .blueprint import ALIGN, FIRST, HISTORY, JOB, NUMBERS, SEGMENT, TEAM, Blueprint
from .drawing import Draws
from .feeding import Feed
from .feeding import code as feeding
from .identity import key
from .program import Node, Program, copied, layout

if TYPE_CHECKING:
    from .emission import Module
    from .large_products import LargeProduct

STEPS = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)  # (table, first, steps)
LONG = 500_000  # characters of a program that LLVM would think about for half a second


def passes(text: str) -> str:
    """Of LLVM: nests are written on vectors, so few are enough; only steps of some microseconds gain by more, two hundredths.

    Those are the programs that share nothing between threads.
    """
    return "straight" if len(text) < LONG and "call void %team(" not in text else "few"


class Machine:
    """The code of a program, and the memory that it works in."""

    def __init__(self, program: Program, apart: bool = False) -> None:
        """``apart``: each kernel a function of its own, to be timed."""
        self.program, self.apart = program, apart
        self.nodes = program.numbered()
        blueprint, self.functions, self.keep = self.found() or self.made()
        nodes = self.nodes
        ((room, places, self.work, keeps),) = blueprint.sizes
        self.keeps = chr(keeps).strip("\0")  # the dtype of the numbers that are put into the history; empty: none are
        self.order = [None if n == SEGMENT else nodes[n] for n, _ in blueprint.order]
        self.shared = [bool(shares) for _, shares in blueprint.order]
        self.shares = any(self.shared)
        self.copies = [(nodes[target], nodes[value]) for target, value in blueprint.copies]
        self.whole = self.order == [None] and not self.copies
        self.homes = {nodes[value]: nodes[target] for value, target in blueprint.homes}
        self.outside = {nodes[n]: FIRST + place for n, place in blueprint.outside}
        self.products = [(large_product(nodes[n], bool(taken)), places) for n, *places, taken in blueprint.products]
        self.multiplied = {layout(p).base for large, _ in self.products for p in large.parts}
        self.ends: dict[int, list[Node]] = {}
        for i, n in blueprint.ends:
            self.ends.setdefault(i, []).append(nodes[n])
        self.parts: dict[Node, list[Node]] = {}
        for node in nodes:
            if node.kind == "part":
                self.parts.setdefault(node.args[0], []).append(node)
        self.checked = False
        self.threads = self.thread = 0  # for how many the large products are prepared, and by which that has them done
        self.told: dict[Node, Any] = {}  # what they are told
        self.table = (ctypes.c_int64 * (FIRST + places + 1))()
        self.address = ctypes.addressof(self.table)
        self.numbers = np.zeros((1, max(len(program.numbers), 1)))
        self.history = np.zeros(1, self.keeps or "f")
        self.draws = Draws(program) if program.draws else None
        self.memory = np.empty(room + ALIGN, np.uint8)
        base = self.memory.__array_interface__["data"][0]
        shift = -base % ALIGN
        self.arrays = {nodes[n]: np.ndarray(nodes[n].shape, nodes[n].dtype, self.memory, shift + at) for n, at in blueprint.own}
        for place, at in blueprint.table:
            self.table[FIRST + place] = base + shift + at

    # ------------------------------------------------------------------ where it comes from

    @cached_property
    def key(self) -> str | None:
        return key(self.program, self.apart, most())

    def found(self) -> tuple[Blueprint, dict[int, Any], Any] | None:
        """The blueprint that is noted on disk, the functions of its segments, and what keeps them in memory."""
        noted = notes.recall(self.key)
        if noted is None:
            return None
        blueprint, loaded = Blueprint.of_rows(noted[0]), noted[1]
        segments = [i for i, (n, _) in enumerate(blueprint.order) if n == SEGMENT]
        return blueprint, {i: STEPS(loaded.address(f"segment{i}")) for i in segments}, loaded

    def made(self) -> tuple[Blueprint, dict[int, Any], Any]:
        """The same of what is written now, and noted."""
        from ..native.load import load_all, name_of
        from .drafting import drafted

        text, blueprint = self.text, drafted(self.module)
        segments = [i for i, (n, _) in enumerate(blueprint.order) if n == SEGMENT]
        if not segments:
            return blueprint, {}, None
        addresses, keep = load_all(tuple(f"segment{i}" for i in segments), text, passes(text))
        notes.note(self.key, blueprint.rows(), name_of(text, passes(text)))
        return blueprint, dict(zip(segments, map(STEPS, addresses), strict=True)), keep

    @cached_property
    def module(self) -> Module:
        """What is computed together, and by which loops."""
        from .emission import Module
        from .fusion import Schedule

        return Module(Schedule(self.program), self.apart)

    @cached_property
    def text(self) -> str:
        """The module as LLVM IR."""
        return self.module.text()

    # ------------------------------------------------------------------ to see

    def parts_of_it(self) -> list[tuple[str, Machine]]:
        """The machines that it is made of, with titles: this one."""
        return [("", self)]

    def apart_from_this(self) -> list[tuple[str, Machine]]:
        """The same on copies, each kernel a function of its own; it has run."""
        return [("", self.on_copies({n: self.arrays[n] for n in self.program.inputs}))]

    def on_copies(self, given: dict[Node, Any]) -> Machine:
        apart = Machine(self.program, apart=True)
        for node, array in given.items():
            if isinstance(array, np.ndarray):
                apart.bind(node, copied(array))
            else:
                apart.arrays[node] = array
        apart.tell(1)
        for _ in range(2):
            apart.run(1, 0)
        return apart

    # ------------------------------------------------------------------ inputs and numbers

    def bind(self, node: Node, array: np.ndarray) -> None:
        """Say where an input lies now."""
        self.arrays[node] = array
        place = self.outside.get(node)
        if place is not None and self.table[place] != (at := address(array)):
            self.table[place] = at
            self.threads = 0

    def put(self, node: Node, array: np.ndarray) -> None:
        """Say where a step finds what was drawn for it."""
        if self.arrays.get(node) is not array:
            threads = self.threads
            self.bind(node, array)
            self.threads = 0 if node in self.multiplied else threads

    def prepare_products(self) -> None:
        """Tell the code for large products where their matrices lie, and let it cut them for as many threads as there are."""
        self.threads, self.thread = cores(), get_ident()  # each thread has working memory of its own
        table, first = self.table, FIRST
        for large, (code, told, pieces, *matrices) in self.products:
            found = large.prepare(self.threads)
            assert found is not None
            words = large.told([table[first + m] for m in matrices], found)
            memory = self.told[large.node] = ctypes.create_string_buffer(words, len(words))
            table[first + code], table[first + told], table[first + pieces] = found.code, ctypes.addressof(memory), found.pieces

    def tell(self, steps: int) -> None:
        """Compute the numbers of the next steps."""
        numbers = self.program.numbers
        if numbers:
            width = self.program.width
            if self.numbers.shape != (steps, width * len(numbers)):
                self.numbers = np.empty((steps, width * len(numbers)))
            for i, (_, at) in enumerate(numbers):
                found = np.reshape(at(counted(steps)), (-1, width))
                if found.size == 1:  # the same in each step
                    self.numbers[:, i].fill(found.item())
                else:
                    self.numbers[:, i * width : (i + 1) * width] = found
        self.numbers_at, self.row_bytes = self.numbers.__array_interface__["data"][0], self.numbers.strides[0]
        self.at_row(0)

    def at_row(self, row: int) -> None:
        """Let the next step's numbers be those of this row."""
        self.table[NUMBERS] = self.numbers_at + row * self.row_bytes

    # ------------------------------------------------------------------ running

    def run(self, steps: int = 1, first: int = 0, feeds: Sequence[Feed] = ()) -> None:
        """Take steps, which begin where the inputs now are. More than one at a time only if the program is one segment.

        ``feeds`` says what each step is given anew.
        """
        table = self.table
        if self.draws is not None and steps == 1 and not feeds:
            self.draws.once(self.put)
        elif self.draws is not None:
            feeds = [*feeds, *self.draws.many(steps, self.put)]
        if not self.checked:
            self.check()
        table[HISTORY] = address(self.history)
        if self.shares:
            if self.threads != cores() or self.thread != get_ident():
                self.prepare_products()
            table[TEAM] = ctypes.cast(team_code().run, ctypes.c_void_p).value or 0
            table[JOB] = team().job
        for i, node in enumerate(self.order):
            if node is None and feeds:
                self.feed(i, steps, feeds)
            elif node is None:
                self.only(i, steps, first)
            else:
                self.call(node)
            for done in self.ends.get(i, ()):  # so that the next result finds memory that is at hand
                self.arrays.pop(done, None)
        for target, value in self.copies:
            self.arrays[target][...] = self.seen(value)

    def at_once(self) -> Callable[..., None] | None:
        """What does a step in one call, given the table's address, 0 and 1, once a step has been taken; if anything does."""
        simple = self.order == [None] and not self.shares and not self.copies and self.draws is None and not self.ends
        return self.functions[0] if simple else None

    def only(self, segment: int, steps: int = 1, first: int = 0) -> None:
        """Run one segment. The team is its own meanwhile, but not while ops' own code runs, which shares work too."""
        if self.shared[segment]:
            with team().attending():
                self.functions[segment](self.address, first, steps)
        else:
            self.functions[segment](self.address, first, steps)

    def feed(self, segment: int, steps: int, feeds: Sequence[Feed]) -> None:
        """Run one segment many times, each time with what the feeds give it."""
        run, copy, _ = feeding()
        told = b"".join([f.words() for f in feeds])
        row = self.row_bytes if self.program.numbers else 0
        with team().attending() if self.shared[segment] else nullcontext():
            run(self.functions[segment], self.address, steps, told, len(feeds), NUMBERS, row, copy)

    def check(self) -> None:
        """Refuse to run with memory missing: machine code does not look."""
        for node, place in self.outside.items():
            if node.kind == "input" and not self.table[place]:
                raise RuntimeError(f"there is no memory for {node!r}")
        self.checked = True

    def home(self, node: Node) -> Node:
        """The node whose memory holds a value's entries."""
        base = layout(node).base
        return self.homes.get(base, base)

    def call(self, node: Node) -> None:
        """Have an op's own code compute a value."""
        if node.kind == "map":
            self.arrays[self.home(node)][...] = node.data.compute(*[self.seen(a) for a in node.args])
            return
        arguments = [self.seen(a) for a in node.args]
        found = node.data.function(*arguments)
        for part in self.parts.get(node, ()):
            r = found[part.data]
            if isinstance(r, (np.ndarray, np.generic)):
                if isinstance(r, np.ndarray) and (looks_into(r) or any(r is a for a in arguments)):
                    r = r.copy()  # what it looks into is used for other values before long
                r = np.ascontiguousarray(r).reshape(part.shape)
                place = self.outside.get(part)
                if place is not None:
                    self.table[place] = r.__array_interface__["data"][0]
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
        array = self.arrays[self.home(node)]
        if node.kind != "view":
            return array
        offset, strides = node.data
        item = node.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            array.reshape(-1)[offset:] if base.kind != "input" else array_from(array, offset), node.shape, [s * item for s in strides]
        )


@lru_cache(maxsize=4)
def counted(steps: int) -> np.ndarray:
    """0, 1, 2, … for so many steps."""
    found = np.arange(steps, dtype=np.float64)
    found.flags.writeable = False
    return found


def large_product(node: Node, taken: bool) -> LargeProduct:
    from .large_products import LargeProduct

    return LargeProduct(node, taken)


def array_from(array: np.ndarray, offset: int) -> np.ndarray:
    """What lies from an entry on, counted in memory."""
    if not offset:
        return array
    return np.lib.stride_tricks.as_strided(array, (array.size,), (array.itemsize,))[offset:]
