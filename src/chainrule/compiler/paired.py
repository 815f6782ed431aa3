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

from .blueprint import ALIGN
from .comparing import agree
from .parting import Parting
from .program import COMPUTED, LAID_OUT, Call, Node, Program, layout
from .pullback import WayBack
from .returning import NOTHING, Returning
from .running import Machine

MOST_FRAMES = 2  # that wait for the next calls; there may be any number at work
ndarray = np.ndarray


class Frame:
    """The memory for what one call keeps."""

    def __init__(self, pair: Pair) -> None:
        self.memory = np.empty(pair.size + ALIGN, np.uint8)
        at = -self.memory.__array_interface__["data"][0] % ALIGN
        self.arrays = []
        for home in pair.kept:
            self.arrays.append(np.ndarray(home.shape, home.dtype, self.memory, at))
            at += -(-home.size * home.dtype.itemsize // ALIGN) * ALIGN


class Kept:
    """What a call keeps for its way back; its frame is used again once nobody needs it."""

    __slots__ = ("call", "frame", "frames", "parts", "shared")
    call: tuple[Any, dict[str, Any], list[tuple[Any, int]], list[bytes]]  # what was passed, tensors and versions, streams before

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
        self.parting = parting = Parting(program, count, way.cotangents, way.late)
        self.kept, self.parts = parting.kept, parting.parts
        self.size = sum(-(-n.size * n.dtype.itemsize // ALIGN) * ALIGN for n in self.kept)
        self.there = Machine(parting.there)
        self.there.tell(1)
        for node in self.kept:
            node.data.array = NOTHING  # each call has its own
        self.back = Returning(parting.back())
        self.backs: dict[frozenset[int], Returning] = {}  # where some results have no gradient
        self.arrays = self.there.arrays
        self.guarded = parting.shared + self.own_memory()
        self.order = list(range(len(parting.gradients)))
        self.tried: list[ndarray] = []  # results and gradients of the last trial
        self.lasting = [self.in_place(n) for n in program.results[:count]]
        self.frames: list[Frame] = []
        self.bound: Frame | None = None
        self.at_once: Any = None  # what runs the machine in one call, if that is known to do
        self.lock = RLock()

    def own_memory(self) -> list[Node]:
        """What a call keeps of its operands must last: copies of those in memory that is used again. Gives those from outside."""
        homes = set(self.kept)
        outside: dict[Node, None] = {}
        for part in self.parts:
            call = part.args[0]
            if part.dtype != object or getattr(call.data.function, "copies", None) is not None:
                continue
            at = [self.there.home(a) for a in call.args]
            lasting = [h.kind not in LAID_OUT and (h in homes or h.kind != "input" or h not in self.program.writes) for h in at]
            outside |= dict.fromkeys(h for h in at if h.kind == "input" and h not in homes and h not in self.program.writes)
            call.data = Call(call.data.name, copying(call.data.function, lasting), call.data.lasting)
        return [n for n in outside if n not in self.parting.shared]

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
        return [("forward", self.there), ("backward", self.back.machine)]

    def apart_from_this(self) -> list[tuple[str, Machine]]:
        """Both on copies, each kernel a function of its own; they have run."""
        there = self.there.on_copies({n: self.arrays[n] for n in self.there.program.inputs})
        return [("forward", there), ("backward", self.back.apart(there.arrays, self.kept, self.parts, self.parting.shared))]

    # ------------------------------------------------------------------ there

    def go(self) -> Kept:
        there = self.there
        frame = self.frames.pop() if self.frames else Frame(self)
        if frame is not self.bound:
            for home, array in zip(self.kept, frame.arrays):
                there.bind(home, array)
            self.bound = frame
        if self.at_once is not None:
            self.at_once(there.address, 0, 1)
        else:
            there.run(1, 0)
        arrays = there.arrays
        return Kept(frame, self.frames, [], [arrays[n] for n in self.guarded])

    def trusted(self, order: list[int]) -> None:
        """After the trial: from now on gradients come in this order, and as quickly as can be."""
        self.order, self.at_once, self.tried = order, self.there.at_once(), []
        self.back.hastened(order)

    def in_place(self, node: Node) -> ndarray | None:
        """Where a result always lies, if it does."""
        base = layout(node).base
        always = base.kind in COMPUTED and base not in self.there.homes and base in self.there.arrays
        return self.there.seen(node) if always else None

    def results(self, kept: Kept) -> list[ndarray]:
        """Copies of the results of the call that has just been made; what calls have given goes to what is kept."""
        there = self.there
        results = self.program.results
        found = [np.array(there.seen(results[i])) if at is None else at.copy("K") for i, at in enumerate(self.lasting)]
        if self.parts:
            kept.parts = [there.arrays.pop(part) for part in self.parts]
        return found

    # ------------------------------------------------------------------ back

    def come_back(self, kept: Kept, gs: list[Any]) -> list[Any]:
        """The gradients of the sources, given those of the results."""
        with self.lock:
            if len(gs) == 1 or not (missing := frozenset([i for i, g in enumerate(gs) if g is None])):
                return self.back(kept, gs)
            return self.come_back_without(kept, gs, missing)

    def come_back_without(self, kept: Kept, gs: list[Any], missing: frozenset[int]) -> list[Any]:
        """The same where some results have no gradient, which is not always as if it were 0: there may be infinities."""
        zeros = [np.zeros(n.shape, n.dtype) if g is None else g for g, n in zip(gs, self.way.cotangents)]
        if missing not in self.backs:
            back = Returning(self.parting.back(missing))
            back(kept, zeros)
            back.hastened(self.order)
            pairs = zip(back(kept, zeros), self.back(kept, zeros))
            right = all(a is None or agree(a, b) or not np.isfinite(b).all() for a, b in pairs)
            self.backs[missing] = back if right else self.back
        found = self.backs[missing](kept, zeros)
        needs = [self.parting.needs[self.parting.gradients[i]] for i in self.order]
        return [None if need and need <= missing else g for g, need in zip(found, needs)]


def copying(function: Any, lasting: list[bool]) -> Any:
    """A call that keeps what it is given, so it is given copies of what does not last."""

    def call(*given: Any) -> Any:
        return function(*[a if safe or not isinstance(a, ndarray) else a.copy() for a, safe in zip(given, lasting)])

    call.copies = True  # type: ignore[attr-defined]
    return call
