"""The functions through which all operations pass, exchanged while a step is recorded for ones that do the same and tell.

They are each op's ``compute`` and ``pull``; where the engine adds gradients up, and where they arrive; an optimizer's
update; in-place writes; random draws; and what reads entries out of tensors. Nothing is exchanged when nothing is recorded,
so recording costs nothing otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

import numpy as np

from ..graph import apply as hot
from ..graph import backward as engine
from ..graph import large, promote
from ..graph.op import Joint, Op
from ..graph.value import Value
from ..nn.functional import embeddings, normalization
from ..nn.module import Module
from ..nn.utils import gradients
from ..ops.choice import maximum, minimum
from ..ops.logic import where
from ..optim import schedule
from ..optim.optimizer import Optimizer
from ..tensors import arithmetic, inplace
from ..tensors.function import FunctionOp
from ..tensors.tensor import Tensor
from .facts import Reading
from .jacobians import watched_rows
from .outside import watching_calls
from .randomness import watched_randomness
from .readings.reductions import norm
from .recording import Hosted, Recording, line
from .symbolic import Sym, converted, fixed
from .updates import read_update
from .wayback import watched_way_back
from .within import inner

active = 0  # recordings under way


@contextmanager
def recording(holders: dict[int, Any]) -> Iterator[Recording]:
    """Follow what is done until the end of the block."""
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
    for cls in [*descendants(Op), *descendants(promote.StandIn)]:
        if "compute" in vars(cls):
            yield cls, "compute", watched_compute(now, vars(cls)["compute"])
        if "pull" in vars(cls):
            yield cls, "pull", watched_pull(now, vars(cls)["pull"])
    yield hot, "watched", 1
    yield large, "compute", watched_large(now, large.compute)
    yield from watched_way_back(now)
    yield from watched_rows(now)
    yield engine, "needed", without
    for cls in descendants(Optimizer):
        if "update_group" in vars(cls):
            yield cls, "update_group", watched_update(now, vars(cls)["update_group"])
    yield arithmetic, "update", watched_in_place
    yield schedule.LRScheduler, "step", watched_scheduler(now, schedule.LRScheduler.step)
    yield Module, "train", watched_mode(now, Module.train)
    if scaling := sys.modules.get(f"{__name__.partition('.')[0]}.amp.scaler"):  # only a program that uses it has loaded it
        for name in ("step", "update", "unscale_"):
            yield scaling.GradScaler, name, watched_scaler(now, getattr(scaling.GradScaler, name))
    yield inplace, "overwrite", watched_overwrite(now, inplace.overwrite)
    yield Tensor, "zero_", watched_zero(now, Tensor.zero_)
    yield Tensor, "fill_", watched_fill(now, Tensor.fill_)
    yield Tensor, "__setitem__", watched_setitem(now, Tensor.__setitem__)
    yield normalization, "move", watched_move(now, normalization.move)
    yield embeddings, "bags_of", watched_bags(now, embeddings.bags_of)
    yield gradients, "total_norm", watched_norm(now, gradients.total_norm)
    yield gradients, "scale", watched_scale(now, gradients.scale)
    yield gradients, "bound", watched_bound(now, gradients.bound)
    yield from watched_randomness(now)
    for name, what in READS.items():
        if hasattr(Tensor, name):
            yield Tensor, name, watched_read(now, what, getattr(Tensor, name))


READS = {
    "item": "reads a number out of a tensor", "tolist": "reads the entries of a tensor",
    "numpy": "hands entries to NumPy", "__array__": "hands entries to NumPy", "__float__": "reads a number out of a tensor",
    "__int__": "reads a number out of a tensor", "__index__": "reads a number out of a tensor",
    "__bool__": "decides by the value of a tensor", "__repr__": "prints a tensor", "__format__": "prints a tensor",
}  # fmt: skip


def descendants(base: Any) -> list[Any]:
    """A class and all that are made from it, each once."""
    found = {base: None}
    stack = [base]
    while stack:
        for cls in stack.pop().__subclasses__():
            if cls not in found:
                found[cls] = None
                stack.append(cls)
    return list(found)


def watched_compute(now: Recording, original: Any) -> Any:
    plain = original.__func__ if isinstance(original, staticmethod) else original
    bound = not (isinstance(original, (staticmethod, np.ufunc)) or type(original).__name__ == "builtin_function_or_method")

    def compute(self: Any, *arrays: Any) -> Any:
        with inner(now, self):
            result = plain(self, *arrays) if bound else plain(*arrays)
        result = as_arrays(self, result)
        if now.depth == 0 and not any(isinstance(a, (Value, Sym)) for a in arrays):
            now.computed(self, arrays, result)
        return result

    compute.__wrapped__ = plain  # type: ignore[attr-defined]
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
        with inner(now, op):
            result = original(op, *arrays)
        if now.depth == 0:
            now.computed(op, arrays, result)
        return result

    return compute


def watched_pull(now: Recording, original: Any) -> Any:
    def pull(self: Any, node: Any, g: Any) -> Any:
        gs = g if type(g) is list else [g]
        own = isinstance(self, FunctionOp)  # its rule is the program's own, made of operations that are seen each
        if own or now.depth or any(isinstance(d, (Value, Sym)) for d in gs):
            return original(self, node, g)
        with inner(now, self):
            found = list(original(self, node, g))
        now.pulled(self, node, g, found)
        return found

    return pull


def without(*_: Any) -> None:
    """In place of what saves work in some passes: a recording follows all rules of the nodes themselves, for one gradient."""


def watched_update(now: Recording, original: Any) -> Any:
    def update_group(self: Any, group: Any, params: Any) -> None:
        if now.depth:
            original(self, group, params)
            return
        now.program.line = line()
        with inner(now, self):
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


def watched_in_place(target: Any, other: Any, change: Any, function: Any) -> Any:
    """``target = function(target, other)`` in place, by the way that can be followed."""
    inplace.check_writable(target)
    return inplace.write(target, function(target, other))


def watched_scheduler(now: Recording, original: Any) -> Any:
    def step(self: Any, *args: Any, **options: Any) -> Any:
        now.stop("a scheduler's step changes settings: call it outside of the compiled step")
        return original(self, *args, **options)

    return step


def watched_mode(now: Recording, original: Any) -> Any:
    def train(self: Any, mode: bool = True) -> Any:
        if any(m.training is not mode for m in self.modules()):
            now.stop("switches a module's mode: do it outside of the compiled step")
        return original(self, mode)

    return train


def watched_scaler(now: Recording, original: Any) -> Any:
    def changed(self: Any, *args: Any, **options: Any) -> Any:
        now.stop("a gradient scaler decides by the gradients it sees")
        return original(self, *args, **options)

    return changed


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


def watched_move(now: Recording, original: Any) -> Any:
    """Running statistics: r ← (1 − m) r + m c s"""

    def move(running: Any, seen: Any, momentum: float, correction: float = 1.0) -> None:
        if now.depth == 0 and running is not None:
            with inner(now):
                r, s = now.symbol(running.array), now.symbol(seen)
                r.into(r * (1 - momentum) + s * (correction * momentum))
        original(running, seen, momentum, correction)

    return move


def watched_bags(now: Recording, original: Any) -> Any:
    """To which bag each number belongs: where each row is one, known by the shape alone."""

    def bags_of(i: Any, offsets: Any, last: bool) -> Any:
        bag, bags = original(i, offsets, last)
        if offsets is None:
            now.know(bag, fixed(now.program, bag))
        return bag, bags

    return bags_of


def watched_norm(now: Recording, original: Any) -> Any:
    """The norm of all gradients: (Σ |g|ᵖ)^(1/p)"""

    def total_norm(tensors: Any, p: float, error_if_nonfinite: bool) -> Any:
        found = original(tensors, p, error_if_nonfinite)
        if now.depth == 0:
            if error_if_nonfinite:
                now.stop("raises an error if a norm is not finite")
            with inner(now):
                now.know(found, norm([now.symbol(t.array) for t in tensors], float(p), found.dtype))
        return found

    return total_norm


def watched_scale(now: Recording, original: Any) -> Any:
    """Gradients times max_norm / (norm + 10⁻⁶), where that is less than 1 or not a number"""

    def scale(found: Any, max_norm: float, size: Any) -> None:
        if now.depth == 0:
            with inner(now):
                factor = float(max_norm) / (now.symbol(size) + 1e-6)
                factor = where((factor < 1) | (factor != factor), factor, 1.0)
                for g in found:
                    g = now.symbol(g.array)
                    g.into(g * converted(factor, g.dtype))
        original(found, max_norm, size)

    return scale


def watched_bound(now: Recording, original: Any) -> Any:
    """Gradients between −limit and limit"""

    def bound(found: Any, limit: float) -> None:
        if now.depth == 0:
            with inner(now):
                for g in found:
                    g = now.symbol(g.array)
                    g.into(minimum(maximum(g, -limit), limit))
        original(found, limit)

    return bound


def watched_read(now: Recording, what: str, original: Any) -> Any:
    @wraps(original)
    def read(self: Any, *args: Any, **options: Any) -> Any:
        depth, now.depth = now.depth, now.depth + 1
        try:
            result = original(self, *args, **options)
        finally:
            now.depth = depth
        if depth == 0:
            noted(now, self, result, what, original.__name__)
        return result

    return read


def noted(now: Recording, tensor: Any, result: Any, what: str, name: str) -> None:
    """Entries were handed to Python: no harm if a number is only returned, or the step leaves what it was read from as it is."""
    x = tensor.array
    if id(x) in now.holders and id(x) not in now.symbols:
        now.held(x)
    known = now.symbols.get(id(x))
    if not isinstance(known, Sym):
        return
    changes = known.node.kind != "input" or tensor.node is not None
    if changes and name in ("item", "__float__") and isinstance(result, float):
        now.alive.append(result)
        now.hosted[id(result)] = known.node
        now.breaks.append((line(), Hosted(id(result), what, known.node)))
    elif tensor.node is not None:
        now.stop(what)
    else:
        now.breaks.append((line(), Reading(what, known.node)))
