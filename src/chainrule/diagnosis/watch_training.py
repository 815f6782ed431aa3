"""What is noted around the loop: optimizers and their steps, models and their calls."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.value import Leaf, Value, clock
from ..nn import functional as F
from ..nn.module import Module
from ..nn.utils import gradients as clipping
from ..optim.optimizer import Optimizer
from .lines import here
from .record import Call, Pass, Run, Steps
from .swap import Swaps
from .watch_backward import Passes
from .watch_ops import Operations

NOISY = ("Dropout", "BatchNorm")
ROWS = 4000  # samples of one call that are remembered
WIDTH = 5000  # entries of a sample


class Training:
    """Watches optimizers and modules."""

    def __init__(self, run: Run, operations: Operations, passes: Passes) -> None:
        self.run, self.operations, self.passes = run, operations, passes
        self.depth = 0
        self.pending: dict[int, tuple[Call, list[int]]] = {}  # calls whose result may yet be trained on, by its tick
        self.handles: list[Any] = []
        self.loose: list[str] = []  # functional dropout during the running call
        self.keys: dict[int, list[int]] = {}
        passes.listeners.append(self.pass_begins)

    def install(self, swaps: Swaps) -> None:
        swaps.around(Optimizer.__init__, self.made_optimizer)
        swaps.around(Optimizer.zero_grad, self.zeroed)
        swaps.around(Module.__init__, self.made_module)
        swaps.around(Module.__call__, self.called)
        swaps.around(F.dropout, self.dropped)
        swaps.around(clipping.clip_grad_norm_, self.clipped)
        swaps.around(clipping.clip_grad_value_, self.clipped)
        for kind in (Optimizer, *descendants(Optimizer)):
            if "step" in vars(kind):
                swaps.around(vars(kind)["step"], self.stepped)

    def uninstall(self) -> None:
        for handle in self.handles:
            handle.remove()

    # ------------------------------------------------------------------ optimizers

    def made_optimizer(self, original: Any, optimizer: Any, *args: Any, **named: Any) -> None:
        original(optimizer, *args, **named)
        self.watch(optimizer)

    def stepped(self, original: Any, optimizer: Any, *args: Any, **named: Any) -> Any:
        """An optimizer that was made before the observer came is known from its first step on."""
        if all(steps.optimizer is not optimizer for steps in self.run.optimizers):
            self.watch(optimizer)
        return original(optimizer, *args, **named)

    def watch(self, optimizer: Any) -> None:
        steps = Steps(optimizer, here(), type(optimizer).__name__)
        self.run.optimizers.append(steps)
        for p in steps.weights():
            if type(p.node) is Leaf:
                self.passes.weight(p.node)
        self.handles.append(
            optimizer.register_step_pre_hook(lambda _, args, named: self.step_begins(steps, args, named))
        )
        self.handles.append(optimizer.register_step_post_hook(lambda *_: self.step_ends(steps)))

    def zeroed(self, original: Any, optimizer: Any, *args: Any, **named: Any) -> None:
        for steps in self.run.optimizers:
            if steps.optimizer is optimizer:
                steps.zeroings, steps.zeroed = steps.zeroings + 1, here()
        original(optimizer, *args, **named)

    def clipped(self, original: Any, *args: Any, **named: Any) -> Any:
        self.run.clipped = True
        return original(*args, **named)

    def step_begins(self, steps: Steps, args: Any, named: Any) -> None:
        run = self.run
        steps.count += 1
        steps.step_line = here()
        run.first_step = run.first_step or clock()
        if any(a is not None for a in args[1:]) or named:  # a closure: the gradients are yet to come
            steps.closures = True
            return
        weights = [run.weights.get(p.node) for p in steps.weights()]
        filled = any(p._grad is not None and np.any(p._grad.array) for p in steps.weights())
        if not filled:
            steps.empty += 1
            steps.empty_after_backward += any(w is not None and w.pending for w in weights)
            steps.before_any_backward += not steps.passes

    def step_ends(self, steps: Steps) -> None:
        spoilt = False
        for p in steps.weights():
            w = self.run.weights.get(p.node)
            if w is None:
                continue
            if p._grad is not None and np.any(p._grad.array):
                w.updates += 1
                w.spoilt += w.mixed
                spoilt = spoilt or w.mixed
                w.used = True
            w.pending = False
        steps.spoilt += spoilt
        steps.lrs.append(float(steps.optimizer.param_groups[0].get("lr", 0) or 0))

    # ------------------------------------------------------------------ models

    def made_module(self, original: Any, module: Any, *args: Any, **named: Any) -> None:
        original(module, *args, **named)
        self.run.models[id(module)] = module

    def called(self, original: Any, module: Any, *inputs: Any, **named: Any) -> Any:
        if self.depth or self.operations.inside or not any(True for _ in module.parameters()):
            if self.operations.inside:
                return original(module, *inputs, **named)
            self.depth += 1
            try:
                return original(module, *inputs, **named)
            finally:
                self.depth -= 1
        self.depth += 1
        self.loose = []
        noisy, quiet = noise(module)
        try:
            result = original(module, *inputs, **named)
        finally:
            self.depth -= 1
        self.note_call(module, inputs, result, noisy, quiet)
        return result

    def dropped(self, original: Any, input: Any, *args: Any, **named: Any) -> Any:
        result = original(input, *args, **named)
        if result is not input and self.depth:
            self.loose.append("dropout")
        return result

    def note_call(self, module: Any, inputs: Any, result: Any, noisy: list[str], quiet: list[str]) -> None:
        run = self.run
        first = next((x for x in inputs if isinstance(x, Value)), None)
        outs = [y for y in (result if isinstance(result, (tuple, list)) else (result,)) if isinstance(y, Value)]
        root = next((y.node.seq for y in outs if y.node is not None), None)
        key, rows = self.rows_of(first)
        call = Call(
            module, here(), clock(), modes.grad, module.training, tuple(noisy + self.loose), tuple(quiet),
            0 if first is None or not first.array.ndim else len(first.array), key, root, outs=tuple(weakref.ref(y.array) for y in outs),
        )  # fmt: skip
        if len(run.calls) < 20_000:
            run.calls.append(call)
        given = [a for x in inputs if isinstance(x, Value) for a in (x.array, x.array.base)]
        for before in run.calls[-8:-1]:
            made = [y for out in before.outs if (y := out()) is not None]
            before.reused = before.reused or any(y is a for y in made for a in given)
        run.notes["input"] = first
        if root is not None:
            self.pending[root] = (call, rows)
            if len(self.pending) > 2000:
                for old in list(self.pending)[:1000]:
                    self.note_test(*self.pending.pop(old))
        else:
            self.note_test(call, rows)

    def rows_of(self, x: Any) -> tuple[int, list[int]]:
        """A number that tells the input from others, and one for each of its samples."""
        if x is None or x.array.ndim < 2 or x.node is not None or len(x.array) > ROWS or x.array[:1].size > WIDTH:
            return 0, []
        a = x.array
        key = hash((a.shape, a.tobytes()))
        if key not in self.keys:
            if len(self.keys) > 500:
                self.keys.clear()
            many = a.dtype.kind == "f" and a[0].size > 1 and len(np.unique(a[:200])) > 20  # rarely alike by chance
            self.keys[key] = [hash(row.tobytes()) for row in a] if many else []
        return key, self.keys[key]

    def pass_begins(self, ticks: set[int], backward: Pass) -> None:
        for tick in [t for t in self.pending if t in ticks]:
            call, rows = self.pending.pop(tick)
            call.trained = True
            self.run.training_rows.setdefault(id(call.module), set()).update(rows)
        reached = set(backward.weights)
        for steps in self.run.optimizers:
            steps.passes += any(self.run.weights.get(p.node) in reached for p in steps.weights())

    def note_test(self, call: Call, rows: list[int]) -> None:
        if rows and len(self.run.test_rows) < 50:
            seen = self.run.test_rows.setdefault((call.line, id(call.module)), [])
            if rows not in seen[-20:] and sum(map(len, seen)) < 20_000:
                seen.append(rows)

    def finish(self) -> None:
        """What was never trained on was looked at only."""
        for call, rows in self.pending.values():
            self.note_test(call, rows)
        self.pending.clear()
        for module in self.run.models.values():
            named = [(n, p) for n, p in module.named_parameters() if type(p.node) is Leaf]
            for name, p in named:
                w = self.run.weights.get(p.node)
                if w is not None and len(name) > len(w.name):
                    w.name = name


def descendants(kind: type) -> list[type]:
    """All classes below one."""
    below: list[type] = kind.__subclasses__()
    return [*below, *(deeper for child in below for deeper in descendants(child))]


def noise(module: Any) -> tuple[list[str], list[str]]:
    """The layers that behave otherwise in training: those in training mode, and those in evaluation mode."""
    noisy: list[str] = []
    quiet: list[str] = []
    for child in module.modules():
        kind = type(child).__name__
        if not any(name in kind for name in NOISY) or "Dropout" in kind and not getattr(child, "p", 1):
            continue
        (noisy if child.training else quiet).append(kind)
    return noisy, quiet
