"""Recording one call of a step: while it runs as ever, each op's arrays are followed, and a program is written down.

The functions through which all operations pass (each op's ``compute`` and ``pull``, where the engine adds gradients up,
where they arrive, an optimizer's update, in-place writes, random draws) are exchanged for ones that do the same and write
down what was done. An op is first *read* on symbols (`symbolic.Sym`), by the same lines that compute it; what can't be
read becomes a ``call``. An array is known by its identity; all are kept alive until the recording is over.

What can't be followed (a decision that depends on values, output, a write into a part of an array) breaks the
recording: `Recording.breaks` says which line and why.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

import numpy as np

from ..base import random as streams
from ..base import trail
from ..graph import backward as engine
from ..graph import large, promote
from ..graph.op import REGISTRY, Joint
from ..graph.value import Node as GraphNode
from ..graph.value import Pick, Value
from ..nn.functional import dropouts
from ..optim.optimizer import Optimizer
from ..optim import schedule
from ..tensors import arithmetic, inplace
from ..tensors import autograd as asked
from ..tensors.tensor import Tensor
from .program import Call, Input, Node, Program
from .readings import JOINTS
from .symbolic import Sym, constant, converted, mapped, same, viewed
from .updates import read_update

FAILS = (TypeError, ValueError, AttributeError, NotImplementedError, IndexError, KeyError, RuntimeError)
ndarray = np.ndarray


class Recording:
    """What one call of a step did."""

    def __init__(self) -> None:
        self.program = Program()
        self.symbols: dict[int, Any] = {}  # by the identity of an array: a Sym; of what a joint op kept: its symbols
        self.alive: list[Any] = []
        self.breaks: list[tuple[Any, str]] = []
        self.gradients: dict[int, tuple[Value, str]] = {}  # leaves whose .grad this step made: new, or added to
        self.updates: list[Any] = []  # what optimizers advance besides arrays
        self.hosted: dict[int, Node] = {}  # Python numbers that were read out of tensors
        self.called: dict[Any, Any] = {}  # the program's own functions that ran: code object → their globals, or the function
        self.owned_by_optimizers: dict[int, tuple[Any, str]] = {}  # state: array → the tensor that holds it, and its name
        self.mutations: list[tuple[Any, str, Any]] = []  # (line, what, the container)
        self.pulled_nodes: set[int] = set()
        self.returned: set[int] = set()
        self.homes: dict[int, tuple[Value, Node]] = {}  # where the program leaves the gradients of leaves
        self.depth = 0

    # ------------------------------------------------------------------ arrays and symbols

    def know(self, thing: Any, symbol: Any) -> None:
        self.alive.append(thing)
        self.symbols[id(thing)] = symbol

    def symbol(self, x: Any) -> Sym:
        """The symbol of an array; one that was not computed here comes from outside, or is a number."""
        found = self.symbols.get(id(x))
        if found is not None:
            return found
        if isinstance(x, np.generic) or x.ndim == 0 and not self.seen_from(x):
            found = self.outside(x) if isinstance(x, ndarray) and self.owned(x) else constant(self.program, x, x.dtype)
        else:
            found = self.seen_from(x) or self.outside(x)
        self.know(x, found)
        return found

    def owned(self, x: np.ndarray) -> bool:
        """Whether a tensor that outlives the call holds this 0-dim array."""
        return id(x) in self.holders

    holders: dict[int, Any] = {}

    def outside(self, x: np.ndarray) -> Sym:
        node = self.program.add("input", (), x.shape, x.dtype, Input(x))
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
        return None

    def part(self, call: Node, i: int, like: Any) -> Sym:
        shape = like.shape if isinstance(like, ndarray | np.generic) else ()
        dtype = like.dtype if isinstance(like, ndarray | np.generic) else object
        return Sym(self.program, self.program.add("part", (call,), shape, dtype, i))

    # ------------------------------------------------------------------ what the step does

    def reading(self) -> Any:
        """What is computed while something is read or carried out is a part of it."""
        return inner(self)

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
        with inner(self):
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
            reading = READINGS.get(type(op).__name__)
            found = reading(op, *symbols) if reading else first.__symbol__(op, tuple(symbols))
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

        def call(*given: Any) -> tuple[Any, ...]:
            rest = iter(given)
            found = op.compute(*[next(rest) if p else a for p, a in zip(places, arrays)])
            return tuple(found) if several else (found,)

        self.done(repr(op), call, [a for a, p in zip(arrays, places) if p], results)

    def computed_jointly(self, op: Any, arrays: tuple[Any, ...], result: Any) -> None:
        y, kept = result if isinstance(getattr(op, "op", op), Joint) else (result, None)
        several = isinstance(y, (tuple, list))
        results = list(y) if several else [y]
        reading = JOINTS.get(type(op).__name__)
        if reading is not None:
            try:
                symbols = [self.symbol(a) if isinstance(a, ndarray) else a for a in arrays]
                found, kept_symbols = reading.forward(op, *symbols)
                found = list(found) if several else [found]
                if any(f.shape != r.shape or f.dtype != r.dtype for f, r in zip(found, results, strict=True)):
                    raise TypeError("another shape")
                for f, r in zip(found, results):
                    self.know(r, f)
                self.know(kept, (reading, kept_symbols))
                return
            except FAILS:
                pass
        places = [isinstance(a, ndarray) for a in arrays]
        jointly = isinstance(getattr(op, "op", op), Joint)

        def call(*given: Any) -> tuple[Any, ...]:
            rest = iter(given)
            found = op.compute(*[next(rest) if p else a for p, a in zip(places, arrays)])
            found, keeps = found if jointly else (found, None)
            return (*found, keeps) if several else (found, keeps)

        self.done(repr(op), call, [a for a, p in zip(arrays, places) if p], [*results, kept])

    def pulled(self, op: Any, node: Any, g: Any, found: Any) -> None:
        """``op.pull(node, g)`` gave ``found``."""
        self.pulled_nodes.add(id(node))
        self.alive.append(node)
        with inner(self):
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
                reading, symbols = self.symbols[id(kept)]
                results = reading.pull(op, seen, symbols, tuple(e is not None for e in node.edges))
            else:
                results = op.pull(self.standing_in(node), seen)
            for s, d, e in zip(results, found, node.edges, strict=True):
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
            if not isinstance(self.symbols.get(id(kept)), Sym):
                self.stop(f"what {op} kept is not known")
                return
            inner: list[Any] = [kept]
        else:
            inner = [s for s in saved if isinstance(s, ndarray)]
        places = [isinstance(s, ndarray) for s in saved]
        count = len(arrays)

        def call(*given: Any) -> tuple[Any, ...]:
            ups, rest = iter(given[:count]), iter(given[count:])
            gs = [next(ups) if t else None for t in there]
            stand = GraphNode.__new__(GraphNode)
            stand.op, stand.edges, stand.shapes, stand.guards = op, edges, shapes, ()
            stand.saved = (next(rest), None) if joint else tuple(next(rest) if p else s for p, s in zip(places, saved))
            return tuple(op.pull(stand, gs if type(g) is list else gs[0]))

        self.done(f"pull {op!r}", call, [*arrays, *inner], list(found))

    # ------------------------------------------------------------------ gradients arrive

    def met(self, total: Any, d: Any, result: Any) -> None:
        self.program.line = line()
        with inner(self):
            self.know(result, mapped(self.program, ADD, self.symbol(total), self.symbol(d)))

    def arrived(self, target: Any, g: Any, before: Any) -> None:
        """A gradient was added to, or became, the ``.grad`` of a leaf."""
        with inner(self):
            self.write_arrived(target, g, before)

    def write_arrived(self, target: Any, g: Any, before: Any) -> None:
        arriving = self.symbol(g)
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
        with inner(self):
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
        with inner(self):
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
        if node.kind in ("map", "reduce", "dot") and node not in self.program.writes.values():
            return node
        return self.program.add("map", (node,), node.shape, node.dtype, same)

    def rebound(self) -> None:
        """Tensors that were given another array (``w.data = …``): what that holds is what the first one is to hold."""
        for array, (holder, name) in [(self.first[i], h) for i, h in self.holders.items() if i in self.first]:
            if holder.array is not array and id(array) in self.symbols:
                new = self.symbol(holder.array)
                if new.shape != array.shape or new.dtype != array.dtype:
                    self.stop(f"{name} becomes an array of another shape or dtype")
                    continue
                self.symbols[id(array)].node = new.node


def line() -> Any:
    """The line of the user's program that is running: (file, line)."""
    frame = trail.program()
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


active = 0  # recordings under way
ADD: Any = None
READINGS: dict[str, Callable[..., Any]] = {}


def prepare() -> None:
    global ADD
    from ..ops.arithmetic import add
    from .readings import OPS

    ADD = add
    READINGS.update(OPS)


# ---------------------------------------------------------------------- exchanging the functions


@contextmanager
def recording(holders: dict[int, Any]) -> Iterator[Recording]:
    """Follow what is done until the end of the block."""
    prepare()
    global active
    now = Recording()
    now.holders = holders
    now.first = {i: h[0].array for i, h in holders.items()}
    with ExitStack() as stack:
        for owner, name, new in exchanges(now):
            stack.enter_context(exchanged(owner, name, new))
        stack.enter_context(watching_calls(now))
        active += 1
        try:
            yield now
        finally:
            active -= 1


@contextmanager
def exchanged(owner: Any, name: str, new: Any) -> Iterator[None]:
    there = name in vars(owner)
    old = vars(owner).get(name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        if there:
            setattr(owner, name, old)
        else:
            delattr(owner, name)


def exchanges(now: Recording) -> Iterator[tuple[Any, str, Any]]:
    """(owner, name, what takes its place while recording)."""
    for cls in [*REGISTRY.values(), promote.Halved, promote.Conjugated]:
        for name in ("compute", "pull"):
            if name in vars(cls):
                original = vars(cls)[name]
                yield cls, name, (watched_compute if name == "compute" else watched_pull)(now, original)
    for cls in bases_with_pull():
        yield cls, "pull", watched_pull(now, vars(cls)["pull"])
    yield large, "compute", watched_large(now, large.compute)
    yield engine, "meet", watched_meet(now)
    yield engine, "accumulate", watched_accumulate(now, engine.accumulate)
    yield asked, "own", watched_copy(now, asked.own)
    for cls in optimizers():
        if "update_group" in vars(cls):
            yield cls, "update_group", watched_update(now, vars(cls)["update_group"])
    yield arithmetic, "update", watched_in_place
    yield schedule.LRScheduler, "step", watched_scheduler(now, schedule.LRScheduler.step)
    yield inplace, "overwrite", watched_overwrite(now, inplace.overwrite)
    yield Tensor, "zero_", watched_zero(now, Tensor.zero_)
    yield Tensor, "fill_", watched_fill(now, Tensor.fill_)
    yield Tensor, "__setitem__", watched_setitem(now, Tensor.__setitem__)
    yield dropouts, "keep", watched_draw(now, "dropout", dropouts.keep)
    for name in ("uniform", "normal", "bernoulli", "randint", "permutation", "exponential", "integers", "multinomial"):
        if name in vars(streams.Generator):
            yield streams.Generator, name, watched_draw(now, name, vars(streams.Generator)[name])
    for name, what in READS.items():
        if hasattr(Tensor, name):
            yield Tensor, name, watched_read(now, what, getattr(Tensor, name))


READS = {
    "item": "reads a number out of a tensor", "tolist": "reads the entries of a tensor",
    "numpy": "hands entries to NumPy", "__array__": "hands entries to NumPy", "__float__": "reads a number out of a tensor",
    "__int__": "reads a number out of a tensor", "__index__": "reads a number out of a tensor",
    "__bool__": "decides by the value of a tensor", "__repr__": "prints a tensor", "__format__": "prints a tensor",
}  # fmt: skip


def bases_with_pull() -> list[Any]:
    from ..graph.op import Elementwise, Op

    return [cls for cls in (Op, Elementwise, Joint) if "pull" in vars(cls)]


def optimizers() -> list[type]:
    found, stack = [Optimizer], [Optimizer]
    while stack:
        for cls in stack.pop().__subclasses__():
            found.append(cls)
            stack.append(cls)
    return found


def inner(now: Recording) -> Any:
    """What an op calls while it computes is part of it."""

    @contextmanager
    def within() -> Iterator[None]:
        now.depth += 1
        try:
            yield
        finally:
            now.depth -= 1

    return within()


def watched_compute(now: Recording, original: Any) -> Any:
    plain = original.__func__ if isinstance(original, staticmethod) else original
    bound = not (isinstance(original, (staticmethod, np.ufunc)) or type(original).__name__ == "builtin_function_or_method")

    def compute(self: Any, *arrays: Any) -> Any:
        with inner(now):
            result = plain(self, *arrays) if bound else plain(*arrays)
        result = as_arrays(self, result)
        if now.depth == 0 and not any(isinstance(a, (Value, Sym)) for a in arrays):
            now.computed(self, arrays, result)
        return result

    return compute


def as_arrays(op: Any, result: Any) -> Any:
    """A result whose numbers are arrays, as they will be in a tensor: then they can be told by their identity."""
    if isinstance(result, np.generic):
        return np.asarray(result)
    if isinstance(getattr(op, "op", op), Joint):
        y, kept = result
        return (tuple([np.asarray(a) for a in y]) if isinstance(y, (tuple, list)) else np.asarray(y)), kept
    return result


def watched_large(now: Recording, original: Any) -> Any:
    def compute(op: Any, *arrays: Any) -> Any:
        with inner(now):
            result = original(op, *arrays)
        if now.depth == 0:
            now.computed(op, arrays, result)
        return result

    return compute


def watched_pull(now: Recording, original: Any) -> Any:
    def pull(self: Any, node: Any, g: Any) -> Any:
        gs = g if type(g) is list else [g]
        if now.depth or any(isinstance(d, (Value, Sym)) for d in gs):
            return original(self, node, g)
        with inner(now):
            found = list(original(self, node, g))
        now.pulled(self, node, g, found)
        return found

    return pull


def watched_meet(now: Recording) -> Any:
    def meet(pending: Any, edge: Any, d: Any, own: Any, create: bool) -> None:
        total = pending[edge]
        pending[edge] = result = total + d
        if not create and type(edge) is not Pick:
            now.met(total, d, result)

    return meet


def watched_accumulate(now: Recording, original: Any) -> Any:
    def accumulate(leaf: Any, g: Any, create: bool) -> None:
        target = leaf.target()
        before = None if target is None or target._grad is None else target._grad.array
        if create:
            now.stop("a backward pass with create_graph")
        if target is not None and not create and before is not None:
            now.symbol(before)
        original(leaf, g, create)
        if target is not None and not create:
            now.arrived(target, g, before)

    return accumulate


def watched_copy(now: Recording, original: Any) -> Any:
    def own(g: Any, t: Any) -> Any:
        copy = original(g, t)
        now.know(copy, converted(now.symbol(g), copy.dtype))
        return copy

    return own


def watched_update(now: Recording, original: Any) -> Any:
    def update_group(self: Any, group: Any, params: Any) -> None:
        if now.depth:
            original(self, group, params)
            return
        now.program.line = line()
        with inner(now):
            write_down = read_update(now, self, group, params, original)
            original(self, group, params)
            write_down()

    return update_group


def watched_overwrite(now: Recording, original: Any) -> Any:
    def overwrite(x: Any, r: Any) -> None:
        if now.depth == 0:
            now.overwritten(x, r)
        original(x, r)

    return overwrite


def watched_in_place(ufunc: Any, function: Any, target: Any, other: Any) -> Any:
    """``target = function(target, other)`` in place, by the way that can be followed."""
    inplace.check_writable(target)
    return inplace.write(target, function(target, other))


def watched_scheduler(now: Recording, original: Any) -> Any:
    def step(self: Any, *args: Any, **options: Any) -> Any:
        now.stop("a scheduler's step changes settings: call it outside of the compiled step")
        return original(self, *args, **options)

    return step


def watched_zero(now: Recording, original: Any) -> Any:
    def zero_(self: Any) -> Any:
        if now.depth == 0:
            now.overwritten(self.array, 0)
        with inner(now):
            return original(self)

    return zero_


def watched_fill(now: Recording, original: Any) -> Any:
    def fill_(self: Any, value: Any) -> Any:
        if now.depth == 0:
            now.overwritten(self.array, value.array if isinstance(value, Value) else value)
        with inner(now):
            return original(self, value)

    return fill_


def watched_setitem(now: Recording, original: Any) -> Any:
    def __setitem__(self: Any, key: Any, value: Any) -> None:
        now.stop("writes into a part of a tensor")
        original(self, key, value)

    return __setitem__


def watched_draw(now: Recording, name: str, original: Any) -> Any:
    def draw(*args: Any, **options: Any) -> Any:
        with inner(now):
            result = original(*args, **options)
        if now.depth == 0:
            now.program.line = line()
            now.done(f"draw {name}", lambda: (original(*args, **options),), [], [result], lasting=True)
        return result

    return draw


def watched_read(now: Recording, what: str, original: Any) -> Any:
    @wraps(original)
    def read(self: Any, *args: Any, **options: Any) -> Any:
        depth, now.depth = now.depth, now.depth + 1
        try:
            result = original(self, *args, **options)
        finally:
            now.depth = depth
        if depth == 0:
            known = now.symbols.get(id(self.array))
            changes = known is not None and (known.node.kind != "input" or self.node is not None)
            if changes and original.__name__ in ("item", "__float__") and isinstance(result, float):
                now.alive.append(result)
                now.hosted[id(result)] = known.node
                now.breaks.append((line(), Hosted(id(result), what)))  # type: ignore[arg-type]
            elif changes:
                now.stop(what)
        return result

    return read


class Hosted(str):
    """A number that was read out of a tensor: no harm if all that happens to it is to be returned."""

    number: int

    def __new__(cls, number: int, what: str) -> Hosted:
        self = super().__new__(cls, what)
        self.number = number
        return self


# ---------------------------------------------------------------------- the program's own functions

OTHERS = (*trail.OURS, sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))  # not the program's own code
OUTWARD = {"print", "input", "open", "write", "append", "extend", "insert", "pop", "remove", "update", "setdefault", "popleft", "add_scalar"}
DRAWING = ("random", "numpy.random", "secrets", "time")


@contextmanager
def watching_calls(now: Recording) -> Iterator[None]:
    """Note which of the program's own functions run, and the calls of Python's that leave traces."""
    from types import CodeType

    def profile(frame: Any, event: str, what: Any) -> None:
        code: CodeType = frame.f_code
        name = code.co_filename
        if name.startswith(OTHERS):
            return
        if event == "call":
            free = code.co_freevars
            held = {n: v for n, v in frame.f_locals.items() if n in free} if free else {}
            now.called[code] = (frame.f_globals, held)
        elif event == "c_call":
            called, module = getattr(what, "__name__", ""), str(getattr(what, "__module__", "") or "")
            owner = getattr(what, "__self__", None)
            if called in OUTWARD and not isinstance(owner, str):
                why = f"calls {called}(…), which leaves a trace outside"
                if isinstance(owner, (list, dict, set)):
                    now.mutations.append(((name, frame.f_lineno), why, owner))
                else:
                    now.breaks.append(((name, frame.f_lineno), why))
            elif module.startswith(DRAWING) or type(owner).__module__.startswith(DRAWING):
                now.breaks.append(((name, frame.f_lineno), f"calls {module or type(owner).__name__}.{called}, which differs from call to call"))

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)
