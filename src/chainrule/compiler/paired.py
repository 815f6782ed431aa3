"""A call with a way back, made to run: two machines, and the node in the graph that joins them.

The first gives the results, and leaves what the second needs in a `Frame`, the memory of one call; the node holds it. When
a backward pass arrives at the node, the second machine gives the gradients of all inputs and parameters at once. What
the graph is asked besides (``retain_graph``, hooks, ``.grad``, inputs that were written over) is the engine's, as ever.

Where a pass is itself to have a history (``create_graph``), the function is run again as ever on the inputs it had, and the
pass goes through what that records.
"""

from __future__ import annotations

from threading import RLock
from typing import Any

import numpy as np

from .parting import ALIGN, MEMORY, parted
from .program import Call, Node, Program, layout, verify
from .pullback import WayBack
from .running import Machine

MOST_FRAMES = 2  # that wait for the next calls; there may be any number at work
ndarray = np.ndarray
NOTHING = np.empty(0, np.float32)


class Frame:
    """The memory for what one call keeps."""

    def __init__(self, pair: Pair) -> None:
        self.memory = np.empty(pair.size + ALIGN, np.uint8)
        at = -self.memory.__array_interface__["data"][0] % ALIGN
        self.arrays = []
        for home, _ in pair.kept:
            self.arrays.append(np.ndarray(home.shape, home.dtype, self.memory, at))
            at += -(-home.size * home.dtype.itemsize // ALIGN) * ALIGN


class Kept:
    """What a call keeps for its way back; its frame is used again once nobody needs it."""

    __slots__ = ("call", "frame", "frames", "parts", "shared")
    call: tuple[Any, dict[str, Any], list[int], list[bytes]]  # what was passed, versions, random streams before

    def __init__(self, frame: Frame, frames: list[Frame], parts: list[Any], shared: list[ndarray]) -> None:
        self.frame, self.frames, self.parts, self.shared = frame, frames, parts, shared

    def __del__(self) -> None:
        if len(self.frames) < MOST_FRAMES:
            self.frames.append(self.frame)


class Pair:
    """The two machines of a program with a way back. To a plan it is a machine that does both."""

    whole = False  # a step of many that one call could do: the graph is Python's

    def __init__(self, program: Program, count: int, way: WayBack) -> None:
        self.program, self.count, self.way = program, count, way
        halves = parted(program, count, way.cotangents, way.late)
        for half in (halves.there, halves.back):
            verify(half)
        self.kept, self.parts, self.shared, self.cotangents = halves.kept, halves.parts, halves.shared, halves.cotangents
        self.gradients, self.size = halves.gradients, halves.size
        self.there, self.back = Machine(halves.there), Machine(halves.back)
        self.there.tell(1)
        self.back.tell(1)
        for node in [n for pair in self.kept for n in pair]:
            node.data.array = NOTHING  # each call has its own
        self.arrays = self.there.arrays
        self.guarded = [n for n, _ in self.shared] + self.own_memory()
        self.places = {id(c): i for i, c in enumerate(way.cotangents)}
        self.needs = self.find_needs()
        self.tried: list[ndarray] = []  # results and gradients of the last trial
        self.lasting = [self.in_place(n) for n in program.results[:count]]
        self.frames: list[Frame] = []
        self.bound: list[Frame | None] = [None, None]
        self.lock = RLock()
        self.quick: list[Any] = [None, None]  # what runs a machine in one call, if that is known to do

    def own_memory(self) -> list[Node]:
        """What a call keeps of its operands must last: copies of those in memory that is used again. Gives those from outside."""
        homes = {home for home, _ in self.kept}
        outside: dict[Node, None] = {}
        for part, _ in self.parts:
            call = part.args[0]
            if part.dtype != object or getattr(call.data.function, "copies", None) is not None:
                continue
            at = [self.there.home(a) for a in call.args]
            lasting = [h.kind not in MEMORY and (h in homes or h.kind != "input" or h not in self.program.writes) for h in at]
            outside |= dict.fromkeys(h for h in at if h.kind == "input" and h not in homes and h not in self.program.writes)
            call.data = Call(call.data.name, copying(call.data.function, lasting), call.data.lasting)
        return [n for n in outside if n not in {n for n, _ in self.shared}]

    def find_needs(self) -> list[set[int]]:
        """From which of the results' gradients each gradient is computed: where none of them is there, it is not either."""
        found: dict[Node, frozenset[int]] = {}
        for node in self.program.nodes:
            own = frozenset([self.places[id(node)]]) if id(node) in self.places else frozenset()
            found[node] = own.union(*[found[a] for a in node.args])
        return [set(found[n]) for n in self.program.results[self.count :]]

    def reads_written(self) -> bool:
        """Whether a result or a gradient depends on what the call writes over."""
        stack, seen = list(self.program.results), set(self.program.results)
        while stack:
            node = stack.pop()
            if node in self.program.writes:
                return True
            stack += [a for a in node.args if a not in seen]
            seen.update(node.args)
        return False

    # ------------------------------------------------------------------ as one machine

    def bind(self, node: Node, array: ndarray) -> None:
        self.there.bind(node, array)

    def tell(self, steps: int) -> None:
        """No numbers are told anew: those are an optimizer's."""

    def run(self, steps: int = 1, first: int = 0) -> None:
        """There and back, with the gradients that are bound."""
        kept = self.go()
        found = self.results(kept)
        found += [np.asarray(g) for g in self.come_back(kept, [self.arrays[c] for c in self.way.cotangents])]
        self.tried = self.tried or found
        for x, new in zip(self.tried, found):
            x[...] = new

    def seen(self, node: Node) -> Any:
        """A result or a gradient of the last run."""
        return self.tried[self.program.results.index(node)]

    def parts_of_it(self) -> list[tuple[str, Machine]]:
        return [("forward", self.there), ("backward", self.back)]

    def apart_from_this(self) -> list[tuple[str, Machine]]:
        """Both on copies, each kernel a function of its own; they have run."""
        there = self.there.on_copies({n: self.arrays[n] for n in self.there.program.inputs})
        given = {n: np.zeros(n.shape, n.dtype) if n in self.gradients else n.data.array for n in self.back.program.inputs}
        given |= {node: there.arrays[n] for n, node in [*self.kept, *self.parts, *self.shared]}
        return [("forward", there), ("backward", self.back.on_copies(given))]

    # ------------------------------------------------------------------ there

    def go(self) -> Kept:
        there = self.there
        frame = self.frames.pop() if self.frames else Frame(self)
        if frame is not self.bound[0]:
            for (home, _), array in zip(self.kept, frame.arrays):
                there.bind(home, array)
            self.bound[0] = frame
        if (quick := self.quick[0]) is not None:
            quick(there.address, 0, 1)
        else:
            there.run(1, 0)
        arrays = there.arrays
        return Kept(frame, self.frames, [], [arrays[n] for n in self.guarded])

    def trusted(self, order: list[int]) -> None:
        """After the trial: from now on gradients come in this order, and as quickly as can be."""
        self.gradients = [self.gradients[i] for i in order]
        self.needs = [self.needs[i] for i in order]
        self.quick = [self.there.at_once(), self.back.at_once()]
        self.tried = []

    def in_place(self, node: Node) -> ndarray | None:
        """Where a result always lies, if it does."""
        base = layout(node).base
        always = base.kind in MEMORY[:3] and base not in self.there.homes and base in self.there.arrays
        return self.there.seen(node) if always else None

    def results(self, kept: Kept) -> list[ndarray]:
        """Copies of the results of the call that has just been made; what calls have given goes to what is kept."""
        there = self.there
        results = self.program.results
        found = [np.array(there.seen(results[i])) if at is None else at.copy("K") for i, at in enumerate(self.lasting)]
        if self.parts:
            kept.parts = [there.arrays.pop(part) for part, _ in self.parts]
        return found

    # ------------------------------------------------------------------ back

    def come_back(self, kept: Kept, gs: list[Any]) -> list[Any]:
        """The gradients of the sources, given those of the results."""
        back = self.back
        arrays = back.arrays
        if kept.frame is not self.bound[1]:
            for (_, node), array in zip(self.kept, kept.frame.arrays):
                back.bind(node, array)
            self.bound[1] = kept.frame
        for (_, node), array in zip(self.shared, kept.shared):
            if arrays.get(node) is not array:
                back.bind(node, array)
        for (_, node), found in zip(self.parts, kept.parts):
            if type(found) is ndarray:
                back.bind(node, found)
            else:
                arrays[node] = found
        for cotangent, node in self.cotangents:
            back.bind(node, np.ascontiguousarray(gs[self.places[id(cotangent)]], node.dtype).reshape(node.shape))
        for node in self.gradients:
            if node.kind == "input":
                back.bind(node, np.empty(node.shape, node.dtype))
        if (quick := self.quick[1]) is not None:
            quick(back.address, 0, 1)
        else:
            back.run(1, 0)
        for _, node in [*self.parts, *self.cotangents]:
            arrays.pop(node, None)
        found = [arrays[n] for n in self.gradients]  # two may be one
        for node in self.gradients:
            arrays.pop(node, None)
        return found


def copying(function: Any, lasting: list[bool]) -> Any:
    """A call that keeps what it is given, so it is given copies of what does not last."""

    def call(*given: Any) -> Any:
        return function(*[a if safe or not isinstance(a, ndarray) else a.copy() for a, safe in zip(given, lasting)])

    call.copies = True  # type: ignore[attr-defined]
    return call
