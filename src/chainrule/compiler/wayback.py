"""A backward pass while a step is recorded: how it begins, gradients that meet, copy and arrive; entries kept for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..graph import backward as engine
from ..graph.value import Value
from ..ops.cross_entropy import NllLoss
from ..ops.logic import where
from ..tensors import autograd as asked
from ..tensors import inplace
from ..tensors.tensor import Tensor
from .readings.constants import limited
from .readings.losses import among
from .recording import Recording
from .sources import GradientOf
from .symbolic import Sym, converted, filled
from .within import inner


def watched_way_back(now: Recording) -> Iterator[tuple[Any, str, Any]]:
    """(owner, name, what takes its place while recording)."""
    yield Tensor, "seed", watched_seed(now, Tensor.seed)
    yield engine, "meet", watched_meet(now)
    yield engine, "accumulate", watched_accumulate(now, engine.accumulate)
    yield asked, "own", watched_copy(now, asked.own)
    yield inplace, "copied_if_shared", watched_keeping(now, inplace.copied_if_shared)
    yield NllLoss, "slopes", watched_slopes(now, NllLoss.slopes)


def watched_slopes(now: Recording, original: Any) -> Any:
    """−1 at the class of each sample, 0 elsewhere; read where all samples count, and for targets of which all do."""

    def slopes(self: Any, shape: tuple[int, ...], kind: Any, target: Any, weight: Any) -> Any:
        c, total = original(self, shape, kind, target, weight)
        t = getattr(target, "array", target)
        at = 0 if len(shape) == 1 else 1
        if now.depth == 0 and weight is None and not self.even and total == t.size and not 0 <= self.ignore < shape[at]:
            with inner(now):
                known = now.symbol(t)
                limited(known, 0, shape[at])
                hit = among(known.reshape((*shape[:at], 1, *shape[at + 1 :])), shape, at)
                now.know(c, converted(where(hit, -1.0, 0.0), c.dtype))
        return c, total

    return slopes


def watched_seed(now: Recording, original: Any) -> Any:
    """Where nothing else is said, a pass begins with 1."""

    def seed(self: Any, gradient: Any, create: bool) -> Any:
        g = original(self, gradient, create)
        x = g.array if isinstance(g, Value) else g
        if gradient is None and now.depth == 0 and x.ndim:
            now.know(x, filled(now.program, x.shape, x.dtype, 1))
        return g

    return seed


def watched_meet(now: Recording) -> Any:
    def meet(pending: Any, edge: Any, d: Any, own: Any, create: bool) -> None:
        total = pending[edge]
        pending[edge] = result = total + d
        if now.depth == 0 and not create:
            now.met(total, d, result)

    return meet


def watched_accumulate(now: Recording, original: Any) -> Any:
    def accumulate(leaf: Any, g: Any, create: bool) -> None:
        if now.depth:
            original(leaf, g, create)
            return
        target = leaf.target()
        before = None if target is None or target._grad is None else target._grad.array
        if create:
            now.stop("a backward pass with create_graph")
        if target is not None and not create and before is not None:
            now.holders.setdefault(id(before), (GradientOf(target), "a gradient"))
            now.held(before)
        original(leaf, g, create)
        if target is not None and not create:
            now.arrived(target, g, before)

    return accumulate


def watched_copy(now: Recording, original: Any) -> Any:
    def own(g: Any, t: Any) -> Any:
        copy = original(g, t)
        if now.depth == 0:
            now.know(copy, converted(now.symbol(g), copy.dtype))
        return copy

    return own


def watched_keeping(now: Recording, original: Any) -> Any:
    """Entries that a node keeps are copied before they are written over: the copy is what they were."""

    def copied_if_shared(kept: Any, array: np.ndarray) -> Any:
        copy = original(kept, array)
        known = now.symbols.get(id(kept))
        if copy is not kept and now.depth == 0 and isinstance(known, Sym):
            now.know(copy, Sym(known.program, known.node))  # another cell, which stays as it is
        return copy

    return copied_if_shared
