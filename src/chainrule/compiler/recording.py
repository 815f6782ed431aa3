"""`Recording`: what one call of a step did, written down as a program while it ran (`exchanges` tells it).

An op is first *read* on symbols (`symbolic.Sym`), by the same lines that compute it; what can't be read becomes a
``call``. An array is known by its identity; all are kept alive until the recording is over.

What can't be followed (a decision that depends on values, output, a write into a part of an array) breaks the recording:
`Recording.breaks` says which line and why.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from ..base import trail
from ..graph import promote
from ..graph.op import Joint
from ..graph.value import Node as GraphNode
from ..graph.value import Value
from ..native.aligned import owner
from ..ops.arithmetic import add
from . import readings  # noqa: F401  (fills the registry)
from .drawing import in_turn
from .entrywise import same
from .facts import Reading
from .program import COMPUTED, Call, Input, Node, Program
from .registry import JOINTS, PULLS
from .sources import GradientOf
from .symbolic import Sym, constant, converted, mapped, viewed
from .within import Unwatched, Within, inner

FAILS = (TypeError, ValueError, AttributeError, NotImplementedError, IndexError, KeyError, RuntimeError)
ndarray = np.ndarray


class Kept(NamedTuple):
    """What a joint op keeps for its pullback, where the op was read: symbols; and how its own code would compute it."""

    reading: Any
    symbols: Any
    call: Call
    args: tuple[Node, ...]
    place: int  # among the results of the call


class Recording:
    """What one call of a step did."""

    def __init__(self) -> None:
        self.program = Program()
        self.symbols: dict[int, Any] = {}  # by the identity of an array: a Sym; of what a joint op kept: its symbols
        self.alive: list[Any] = []
        self.breaks: list[tuple[Any, str]] = []
        self.gradients: dict[int, tuple[Value, str]] = {}  # leaves whose .grad this step made: new, or added to
        self.arriving: dict[int, tuple[Value, Node]] = {}  # the gradient that came last to each leaf
        self.updates: list[Any] = []  # what optimizers advance besides arrays
        self.hosted: dict[int, Node] = {}  # Python numbers that were read out of tensors
        self.called: dict[Any, Any] = {}  # the program's own functions that ran: code object → their globals, or the function
        self.owned_by_optimizers: dict[int, tuple[Any, str]] = {}  # state: array → the tensor that holds it, and its name
        self.mutations: list[tuple[Any, str, Any]] = []  # (line, what, the container)
        self.pulled_nodes: set[int] = set()
        self.returned: set[int] = set()
        self.homes: dict[int, tuple[Value, Node]] = {}  # where the program leaves the gradients of leaves
        self.depth = 0  # > 0 within an op
        self.drawing = False  # within a draw
        self.in_turn = False  # some draws are made by Python's code in between, so all are
        self.within, self.aside = Within(self), Unwatched(self)
        self.profile: Any = None  # what watches Python's calls
        self.holders: dict[int, Any] = {}  # tensors known to live outside, by the identity of their arrays
        self.first: dict[int, Any] = {}  # those arrays, as they were at the start
        self.generators: dict[int, Any] = {}  # random streams that were drawn from

    @cached_property
    def by_owner(self) -> dict[int, list[np.ndarray]]:
        """The arrays of tensors that live outside, by the array whose memory they look into."""
        found: dict[int, list[np.ndarray]] = {}
        for a in self.first.values():
            found.setdefault(id(owner(a)), []).append(a)
        return found

    # ------------------------------------------------------------------ arrays and symbols

    def know(self, thing: Any, symbol: Any) -> None:
        self.alive.append(thing)
        self.symbols[id(thing)] = symbol

    def symbol(self, x: Any) -> Sym:
        """The symbol of an array; one that was not computed here comes from outside, or is a number."""
        found = self.symbols.get(id(x))
        if found is not None:
            return found
        found = self.seen_from(x) if isinstance(x, ndarray) else None
        if found is None:
            plain = isinstance(x, np.generic) or x.ndim == 0 and not self.owned(x)
            found = constant(self.program, x, x.dtype) if plain else self.outside(x)
        self.know(x, found)
        return found

    def held(self, x: np.ndarray) -> Sym:
        """The symbol of an array that a tensor outlasting the call holds, also if it is a single number."""
        found = self.symbols.get(id(x))
        if found is None:
            found = self.seen_from(x) or self.outside(x)
            self.know(x, found)
        return found

    def owned(self, x: np.ndarray) -> bool:
        """Whether a tensor that outlives the call holds this 0-dim array."""
        return id(x) in self.holders

    def outside(self, x: np.ndarray) -> Sym:
        node = self.program.add("input", (), x.shape, x.dtype, Input(x))
        node.data.lasting = id(x) in self.first or id(x) in self.holders
        self.program.inputs.append(node)
        return Sym(self.program, node)

    def seen_from(self, x: np.ndarray) -> Sym | None:
        """An array that looks into the memory of one that is known."""
        base = x.base
        while isinstance(base, ndarray):
            known = self.symbols.get(id(base))
            if isinstance(known, Sym) and base.dtype == x.dtype and base.size:
                place = x.__array_interface__["data"][0] - base.__array_interface__["data"][0]
                if known.node.kind == "view":
                    break
                item = x.itemsize
                strides = tuple([s // item for s in x.strides])
                if any(s < 0 for s in strides):
                    break
                if tuple(s // item for s in base.strides) != tuple(s // item for s in known.strides):
                    break
                return viewed(self.program, known.node, x.shape, place // item, strides)
            base = base.base
        return self.seen_from_outside(x)

    def seen_from_outside(self, x: np.ndarray) -> Sym | None:
        """An array that looks into the memory of a tensor that lives outside."""
        if x.base is None or not x.size or any(s < 0 for s in x.strides):
            return None
        if id(x) in self.first:
            return None
        start, end = bounds(x)
        for a in self.by_owner.get(id(owner(x)), ()):
            known = self.symbols.get(id(a))
            if a.dtype == x.dtype and (known is None or isinstance(known, Sym) and known.node.kind == "input"):
                first, last = bounds(a)
                if first <= start and end <= last and all(s >= 0 for s in a.strides):
                    strides = tuple([s // x.itemsize for s in x.strides])
                    if known is None:
                        self.know(a, self.outside(a))
                    return viewed(self.program, self.symbols[id(a)].node, x.shape, (start - first) // x.itemsize, strides)
        return None

    def part(self, call: Node, i: int, like: Any) -> Sym:
        shape = like.shape if isinstance(like, ndarray | np.generic) else ()
        dtype = like.dtype if isinstance(like, ndarray | np.generic) else object
        return Sym(self.program, self.program.add("part", (call,), shape, dtype, i))

    # ------------------------------------------------------------------ what the step does

    def stop(self, why: str) -> None:
        self.breaks.append((line(), why))

    def done(self, name: str, call: Callable[..., Any], arrays: list[Any], results: list[Any], lasting: bool = False) -> None:
        """What was computed by code that can't be read: the program will call it."""
        args = tuple(self.symbol(a).node for a in arrays)
        node = self.program.add("call", args, (), object, Call(name, call, lasting))
        for i, r in enumerate(results):
            if r is not None and id(r) not in self.symbols:
                self.know(r, self.part(node, i, r))

    def computed(self, op: Any, arrays: tuple[Any, ...], result: Any) -> None:
        """``op.compute(*arrays)`` gave ``result``."""
        with inner(self, op):
            self.write_computed(op, arrays, result)

    def write_computed(self, op: Any, arrays: tuple[Any, ...], result: Any) -> None:
        program = self.program
        program.line = line()
        if isinstance(op, promote.StandIn) or isinstance(op, Joint):
            self.computed_jointly(op, arrays, result)
            return
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        if all(id(r) in self.symbols for r in results):
            return
        try:
            symbols = [self.symbol(a) if isinstance(a, (ndarray, np.generic)) else a for a in arrays]
            first = next((s for s in symbols if isinstance(s, Sym)), None)
            if first is None:
                raise TypeError("nothing to read it on")
            found = first.__symbol__(op, tuple(symbols))
            found = list(found) if isinstance(found, (tuple, list)) else [found]
            for f, r in zip(found, results, strict=True):
                if not isinstance(f, Sym) or f.shape != r.shape or f.dtype != r.dtype:
                    raise TypeError(f"{f!r} where there is {r.dtype}{r.shape}")
        except FAILS:
            self.opaque(op, arrays, results, isinstance(result, (tuple, list)))
            return
        for f, r in zip(found, results):
            self.know(r, f)

    def opaque(self, op: Any, arrays: tuple[Any, ...], results: list[Any], several: bool) -> None:
        places = [isinstance(a, (ndarray, np.generic)) for a in arrays]
        others = [None if p else a for p, a in zip(places, arrays)]  # not the arrays: they would live as long as the program

        def call(*given: Any) -> tuple[Any, ...]:
            rest = iter(given)
            found = op.compute(*[next(rest) if p else a for p, a in zip(places, others)])
            return tuple(found) if several else (found,)

        self.done(repr(op), call, [a for a, p in zip(arrays, places) if p], results)

    def computed_jointly(self, op: Any, arrays: tuple[Any, ...], result: Any) -> None:
        y, kept = result if isinstance(getattr(op, "op", op), Joint) else (result, None)
        several = isinstance(y, (tuple, list))
        results = list(y) if several else [y]
        places = [isinstance(a, ndarray) for a in arrays]
        others = [None if p else a for p, a in zip(places, arrays)]
        jointly = isinstance(getattr(op, "op", op), Joint)

        def call(*given: Any) -> tuple[Any, ...]:
            rest = iter(given)
            found = op.compute(*[next(rest) if p else a for p, a in zip(places, others)])
            found, keeps = found if jointly else (found, None)
            return (*found, keeps) if several else (found, keeps)

        reading = JOINTS.get(type(op).__name__)
        if reading is not None:
            try:
                symbols = [self.symbol(a) if isinstance(a, ndarray) else a for a in arrays]
                args = tuple(s.node for s in symbols if isinstance(s, Sym))
                found, kept_symbols = reading.forward(op, *symbols)
                found = list(found) if several else [found]
                if any(f.shape != r.shape or f.dtype != r.dtype for f, r in zip(found, results, strict=True)):
                    raise TypeError("another shape")
            except FAILS:
                pass
            else:
                for f, r in zip(found, results):
                    self.know(r, f)
                self.know(kept, Kept(reading, kept_symbols, Call(repr(op), call), args, len(results)))
                return
        self.done(repr(op), call, [a for a, p in zip(arrays, places) if p], [*results, kept])

    def pulled(self, op: Any, node: Any, g: Any, found: Any) -> None:
        """``op.pull(node, g)`` gave ``found``."""
        self.pulled_nodes.add(id(node))
        self.alive.append(node)
        with inner(self, op):
            self.write_pulled(op, node, g, found)

    def write_pulled(self, op: Any, node: Any, g: Any, found: Any) -> None:
        program = self.program
        program.line = line()
        needed = [d for e, d in zip(node.edges, found) if e is not None and d is not None]
        if all(id(d) in self.symbols for d in needed):
            return
        upstream = g if type(g) is list else [g]
        kept = node.saved[0] if isinstance(getattr(op, "op", op), Joint) else None
        try:
            g_symbols = [d if d is None else self.symbol(d) for d in upstream]
            seen: Any = g_symbols if type(g) is list else g_symbols[0]
            if isinstance(op, promote.StandIn):
                raise TypeError("halves and complex numbers")
            if isinstance(op, Joint):
                known = self.symbols[id(kept)]
                results = known.reading.pull(op, seen, known.symbols, tuple(e is not None for e in node.edges))
            else:
                how = PULLS.get(type(op).__name__)
                results = how(op, self.standing_in(node), seen) if how else op.pull(self.standing_in(node), seen)
            for s, d, e in zip(results, found, node.edges):
                if e is not None and d is not None and (not isinstance(s, Sym) or s.shape != d.shape or s.dtype != d.dtype):
                    raise TypeError("another shape")
        except FAILS:
            self.opaque_pull(op, node, g, found, kept)
            return
        for s, d, e in zip(results, found, node.edges):
            if e is not None and d is not None and id(d) not in self.symbols:
                self.know(d, s)

    def standing_in(self, node: Any) -> Any:
        """A node whose saved arrays are symbols."""
        seen = GraphNode.__new__(GraphNode)
        seen.op, seen.edges, seen.shapes, seen.guards = node.op, node.edges, node.shapes, ()
        seen.saved = tuple(self.symbol(s) if isinstance(s, ndarray) else s for s in node.saved)
        return seen

    def opaque_pull(self, op: Any, node: Any, g: Any, found: Any, kept: Any) -> None:
        upstream = g if type(g) is list else [g]
        joint = isinstance(getattr(op, "op", op), Joint)
        saved, edges, shapes = node.saved, node.edges, node.shapes
        there = [d is not None for d in upstream]
        arrays = [d for d in upstream if d is not None]
        if joint:
            known = self.symbols.get(id(kept))
            if isinstance(known, Kept):  # read on the way there, but not on the way back: computed by its own code after all
                again = self.program.add("call", known.args, (), object, known.call)
                self.know(kept, self.part(again, known.place, kept))
            elif not isinstance(known, Sym):
                self.stop(f"what {op} kept is not known")
                return
            inner: list[Any] = [kept]
        else:
            inner = [s for s in saved if isinstance(s, ndarray)]
        places = [isinstance(s, ndarray) for s in saved]
        others = [] if joint else [None if p else s for p, s in zip(places, saved)]
        count, several = len(arrays), type(g) is list

        def call(*given: Any) -> tuple[Any, ...]:
            ups, rest = iter(given[:count]), iter(given[count:])
            gs = [next(ups) if t else None for t in there]
            stand = GraphNode.__new__(GraphNode)
            stand.op, stand.edges, stand.shapes, stand.guards = op, edges, shapes, ()
            stand.saved = (next(rest), None) if joint else tuple(next(rest) if p else s for p, s in zip(places, others))
            return tuple(op.pull(stand, gs if several else gs[0]))

        self.done(f"pull {op!r}", call, [*arrays, *inner], list(found))

    # ------------------------------------------------------------------ gradients arrive

    def met(self, total: Any, d: Any, result: Any) -> None:
        self.program.line = line()
        with self.aside:
            self.know(result, mapped(self.program, add, self.symbol(total), self.symbol(d)))

    def arrived(self, target: Any, g: Any, before: Any) -> None:
        """A gradient was added to, or became, the ``.grad`` of a leaf."""
        with self.aside:
            self.write_arrived(target, g, before)

    def write_arrived(self, target: Any, g: Any, before: Any) -> None:
        arriving = self.symbol(g)
        self.arriving[id(target)] = (target, arriving.node)
        grad = target._grad
        if before is None:
            x = target.array
            if arriving.dtype != x.dtype:
                arriving = converted(arriving, x.dtype)
            new = Sym(self.program, arriving.node)
            self.know(grad.array, new)
            self.gradients[id(target)] = (target, "new")
        else:
            self.symbol(before).into(self.symbol(before) + arriving)
            self.gradients.setdefault(id(target), (target, "added to"))

    # ------------------------------------------------------------------ writes

    def overwritten(self, x: np.ndarray, r: Any) -> None:
        with self.aside:
            self.write_overwritten(x, r)

    def write_overwritten(self, x: np.ndarray, r: Any) -> None:
        self.program.line = line()
        known = self.symbols.get(id(x))
        if known is None:
            if self.seen_from(x) is not None:
                self.stop("writes into a part of an array")
                return
            known = self.symbol(x)
        if known.node.kind == "view" and not self.whole(known):
            self.stop("writes into a part of an array")
            return
        new = self.symbol(r) if isinstance(r, (ndarray, np.generic)) else constant(self.program, r, x.dtype)
        try:
            known[...] = new
        except FAILS as wrong:
            self.stop(f"a write that can't be followed: {wrong}")

    def whole(self, known: Sym) -> bool:
        return known.node.args[0].kind == "constant" or known.node.args[0].kind != "input"

    # ------------------------------------------------------------------ the end

    def finish(self, results: list[Any]) -> None:
        """Note what the step leaves behind: results, and the inputs that hold other values than before."""
        program = self.program
        with self.within:
            if self.in_turn:
                in_turn(program, partial(Call, lasting=True))
            program.results = [r if isinstance(r, Node) else self.symbol(r).node for r in results]
            self.rebound()
            for node in list(program.inputs):
                known = self.symbols.get(id(node.data.array))
                now = node if known is None else known.node
                if now is not node:
                    program.writes[node] = self.own(now)
            for target, how in self.gradients.values():
                if how == "new" and target._grad is not None:
                    buffer = np.empty(target.array.shape, target.array.dtype)
                    home = program.add("input", (), buffer.shape, buffer.dtype, Input(buffer))
                    program.inputs.append(home)
                    value = self.symbols.get(id(target._grad.array))
                    if not isinstance(value, Sym):
                        self.stop("a gradient that is not known")
                        continue
                    program.writes[home] = self.own(value.node)
                    self.homes[id(target)] = (target, home)

    def own(self, node: Node) -> Node:
        """A value that can be computed where it is to be left: what has no memory of its own is laid out anew."""
        if node.kind in COMPUTED and node not in self.program.writes.values():
            return node
        return self.program.add("map", (node,), node.shape, node.dtype, same)

    def rebound(self) -> None:
        """Tensors that were given another array (``w.data = …``): what that holds is what the first one is to hold."""
        for array, (holder, name) in [(self.first[i], h) for i, h in self.holders.items() if i in self.first]:
            if holder.array is not array and id(array) in self.symbols and not isinstance(holder, GradientOf):
                new = self.symbol(holder.array)
                if new.shape != array.shape or new.dtype != array.dtype:
                    self.stop(f"{name} becomes an array of another shape or dtype")
                    continue
                self.symbols[id(array)].node = new.node


def bounds(x: np.ndarray) -> tuple[int, int]:
    """From which address to which its entries lie."""
    first: int = x.__array_interface__["data"][0]
    return first, first + x.itemsize * (1 + sum((n - 1) * (s // x.itemsize) for n, s in zip(x.shape, x.strides)))


def line() -> Any:
    """The line of the user's program that is running: (file, line)."""
    frame = trail.program()
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


class Hosted(Reading):
    """A number that was read out of a tensor: no harm if all that happens to it is to be returned."""

    number: int

    def __new__(cls, number: int, what: str, node: Node) -> Any:
        self = str.__new__(cls, what)
        self.number, self.node = number, node
        return self
