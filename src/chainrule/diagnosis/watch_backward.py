"""What is noted at a backward pass: which weights it reaches, what state their gradients are in, what it costs.

A pass of the program is run with the graph retained, so that a gradient that is no number can be traced to the rule that
made it; then what the program did not ask to keep is freed, as the engine would have done.
"""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np

from ..base.errors import GradientError
from ..graph import backward as engine
from ..graph.value import FREED, Leaf, Value, clock
from ..tensors import autograd
from ..tensors.tensor import Tensor
from .lines import NOWHERE, here
from .record import Pass, Run, Weight
from .steepness import Steepness
from .swap import Swaps
from .walks import first_broken, free, reached, stretched
from .watch_ops import Operations
from .watch_scaling import Scalings

REMEMBERED = 1_000_000  # entries of a weight that are copied to see whether it changes


class Passes:
    """Watches the engine."""

    def __init__(self, run: Run, operations: Operations) -> None:
        self.run, self.operations = run, operations
        self.roots: list[weakref.ref] = []
        self.steepness = Steepness(run)
        self.scalings = Scalings(run)
        self.collections = 0
        self.listeners: list[Any] = []  # told of each pass, with the ticks of its nodes
        self.value: float | None = None  # of the tensor that the program asked the gradient of

    def install(self, swaps: Swaps) -> None:
        self.scalings.install(swaps)
        swaps.around(engine.backward, self.around)
        swaps.around(Tensor.backward, self.from_tensor)
        swaps.around(autograd.seeds, self.from_tensors)

    def from_tensor(self, original: Any, tensor: Any, *args: Any, **named: Any) -> Any:
        self.value = number_of(tensor)
        return original(tensor, *args, **named)

    def from_tensors(self, original: Any, outputs: Any, *args: Any, **named: Any) -> Any:
        if not self.operations.inside:
            self.value = number_of(outputs[0]) if len(outputs) == 1 else None
        return original(outputs, *args, **named)

    def around(
        self,
        original: Any,
        roots: Any,
        retain: bool = False,
        create: bool = False,
        only: Any = None,
        capture: bool = False,
    ) -> Any:
        if self.operations.inside:
            return original(roots, retain=retain, create=create, only=only, capture=capture)
        self.operations.inside += 1
        try:
            only = None if only is None else list(only)
            line, nodes = here(), reached([node for node, _ in roots])
            self.before(roots, nodes, line, capture)
            plain = not create and only is None and not capture
            try:
                found = original(roots, retain=retain or plain, create=create, only=only, capture=capture)
            except GradientError:
                old = [n for n in nodes if n.saved is FREED]
                self.run.notes["freed"] = {"line": line, "old": len(old), "nodes": len(nodes)}
                raise
            if plain:
                self.after(roots, nodes, line)
                if not retain:
                    free(nodes)
        finally:
            self.operations.inside -= 1
        return found

    # ------------------------------------------------------------------ before

    def before(self, roots: Any, nodes: list[Any], line: Any, capture: bool) -> None:
        run = self.run
        made = [n for n in nodes if type(n) is not Leaf]
        leaves = [n for n in nodes if type(n) is Leaf and n.target() is not None]
        weights = tuple(self.weight(n) for n in sorted(leaves, key=lambda n: n.seq))
        root, scaling = roots[0][0], self.scalings.of(roots[0][0])
        value = scaling.value if scaling else self.value
        dtype = str(np.asarray(getattr(roots[0][1], "array", roots[0][1])).dtype)
        alive = self.alive()
        run.passes.append(
            Pass(
                clock(), line, value, root.seq, len(made), capture, weights, dtype, self.rate(weights), alive
            )
        )  # fmt: skip
        ticks = {n.seq for n in made}
        for listener in self.listeners:
            listener(ticks, run.passes[-1])
        for node, a, b in stretched(root):
            found = self.operations.lines.get(node.seq, NOWHERE)
            if all(known["line"] != found for known in run.stretched):
                run.stretched.append({"line": found, "shapes": [list(a), list(b)]})
        if value is not None and not np.isfinite(value) and "loss" not in run.notes:
            origin = [t for t in run.troubles if t.tick in ticks] or run.troubles[-1:]
            run.notes["loss"] = {
                "line": line,
                "pass": len(run.passes),
                "value": value,
                "trouble": origin[0] if origin else None,
            }
        if capture:
            return
        for w in weights:
            self.state_of(w)
        if value is not None and np.isfinite(value):
            meant = root.edges[0] if scaling else root
            self.steepness.measure(meant, value, weights, line, len(made), self.rate(weights))
        self.roots.append(weakref.ref(root))

    def alive(self) -> int:
        """How many graphs of earlier passes are held; not by a cycle that the collector has yet to find."""
        found = sum(r() is not None for r in self.roots[-400:])
        if found >= 5 and self.collections < 3:
            self.collections += 1
            gc.collect()
            found = sum(r() is not None for r in self.roots[-400:])
        return found

    def weight(self, leaf: Leaf) -> Weight:
        found = self.run.weights.get(leaf)
        if found is None:
            t: Any = leaf.target()
            copy = t.array.copy() if t.array.size <= REMEMBERED else None
            found = self.run.weights[leaf] = Weight(leaf, t.array.shape, here(), copy, dtype=str(t.array.dtype))
            found.model = type(t).__name__ == "Parameter"
        return found

    def rate(self, weights: tuple[Weight, ...]) -> float | None:
        """The learning rate that the first of the weights is updated with."""
        tensors = {id(w.tensor) for w in weights}
        for steps in self.run.optimizers:
            for group in steps.optimizer.param_groups:
                if any(id(p) in tensors for p in group["params"]):
                    return float(group.get("lr", 0) or 0)
        return next((w.rate for w in weights if w.rate), None)

    def state_of(self, w: Weight) -> None:
        """Whether the gradient there is new, and what was done with the weight since the last pass."""
        t = w.tensor
        g = t._grad
        empty = g is None or not np.any(g.array)
        moved = w.seen is not None and not np.array_equal(w.seen, t.array)
        if moved:
            w.moves += 1
            if not self.in_optimizer(t):
                w.updates += 1
                w.spoilt += w.mixed
                w.used = True
                w.rate = multiple(w.seen - t.array, w.byhand)
        if empty:
            w.used = w.mixed = False
        elif w.used:
            w.mixed = True
        w.passes += 1

    def in_optimizer(self, t: Any) -> bool:
        return any(p is t for steps in self.run.optimizers for p in steps.weights())

    # ------------------------------------------------------------------ after

    def after(self, roots: Any, nodes: list[Any], line: Any) -> None:
        last, scaling = self.run.passes[-1], self.scalings.of(roots[0][0])
        factor = scaling.factor if scaling else 1.0
        found = [(w, w.tensor, w.tensor._grad) for w in last.weights if w.tensor is not None and w.tensor._grad is not None]
        sizes = [length(g.array) / factor for _, _, g in found]
        if not np.isfinite(sizes).all():
            meant = [(roots[0][0].edges[0], roots[0][1])] if scaling else roots
            trouble = first_broken(meant, nodes, self.operations.lines)
            if scaling and trouble is None:
                return  # an overflow that the scaler will see
            if "gradient" not in self.run.notes and (last.value is None or np.isfinite(last.value)):
                self.run.notes["gradient"] = {"line": line, "trouble": trouble, "weights": last.weights}
        for (w, t, g), size in zip(found, sizes):
            w.sizes.append(size)
            w.norms.append(length(t.array))
            w.fed += size != 0
            w.pending = w.pending or size != 0
            if t.array.size <= REMEMBERED:
                w.seen = t.array.copy()
                w.byhand = None if self.in_optimizer(t) else g.array.copy()


def length(a: np.ndarray) -> float:
    return float(np.linalg.norm(a.astype(np.float64, copy=False)))


def multiple(step: np.ndarray, g: np.ndarray | None) -> float | None:
    """c where step = c · g, if it is one.

    >>> multiple(np.array([0.2, 0.4]), np.array([1.0, 2.0])), multiple(np.array([1.0, 0.0]), np.array([1.0, 2.0]))
    (0.2, None)
    """
    if g is None or not np.any(g) or not np.isfinite(step).all():
        return None
    c = float(np.vdot(step, g) / np.vdot(g, g))
    return c if np.allclose(step, c * g, rtol=1e-2, atol=1e-3 * abs(c) * float(np.abs(g).max())) else None


def number_of(t: Any) -> float | None:
    """The value of a loss."""
    return (
        float(t.array.reshape(-1)[0])
        if isinstance(t, Value) and t.array.size == 1 and t.array.dtype.kind in "fV"
        else None
    )
