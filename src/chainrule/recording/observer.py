"""Told of backward passes, steps, batches: for a while, other functions stand in the places of the engine's.

Nothing on the hot path asks whether a run is recorded: the functions are put there when recording begins and taken
away when it ends. Steps are told by the optimizers' own hooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any, Protocol

from ..data.loader import DataLoader
from ..data.sampler import BatchSampler
from ..graph import backward as engine
from ..optim.optimizer import Optimizer
from ..optim.step_hooks import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from ..tensors import autograd
from ..tensors.tensor import Tensor


class Listener(Protocol):
    """What is told."""

    def before_backward(self, root: Any, nodes: list[Any], create: bool) -> None: ...
    def after_backward(self, caught: dict[Any, Any] | None) -> None: ...
    def before_step(self, optimizer: Optimizer) -> None: ...
    def after_step(self, optimizer: Optimizer) -> None: ...
    def loading(self, loader: DataLoader) -> None: ...
    def loaded(self, batch: Any) -> None: ...
    def drawn(self, rows: Any) -> None: ...


class Observer:
    """Tells a listener what happens between `install` and `remove`; of one optimizer, or of all."""

    def __init__(self, listener: Listener, optimizer: Optimizer | None) -> None:
        self.listener, self.optimizer = listener, optimizer
        self.replaced: list[tuple[Any, str, Any]] = []
        self.handles: list[Any] = []
        self.root: Any = None  # the tensor that a backward pass is about to start from
        self.depth = 0  # passes within a pass, as for derivatives of derivatives, are part of it

    def install(self) -> None:
        if self.optimizer is None:
            before, after = register_optimizer_step_pre_hook, register_optimizer_step_post_hook
        else:
            before, after = self.optimizer.register_step_pre_hook, self.optimizer.register_step_post_hook
        self.handles.append(before(lambda optimizer, *_: self.listener.before_step(optimizer)))
        self.handles.append(after(lambda optimizer, *_: self.listener.after_step(optimizer)))
        self.replace(engine, "backward", self.backward(engine.backward))
        self.replace(Tensor, "backward", self.from_tensor(Tensor.backward))
        self.replace(autograd, "seeds", self.from_tensors(autograd.seeds))
        self.replace(DataLoader, "__iter__", self.batches(DataLoader.__iter__))
        self.replace(BatchSampler, "__iter__", self.rows(BatchSampler.__iter__))

    def remove(self) -> None:
        while self.replaced:
            place, name, original = self.replaced.pop()
            setattr(place, name, original)
        while self.handles:
            self.handles.pop().remove()

    def replace(self, place: Any, name: str, stand_in: Any) -> None:
        self.replaced.append((place, name, getattr(place, name)))
        setattr(place, name, stand_in)

    # ------------------------------------------------------------------ backward passes

    def from_tensor(self, original: Any) -> Any:
        @wraps(original)
        def backward(tensor: Any, *args: Any, **named: Any) -> None:
            self.root = tensor
            original(tensor, *args, **named)

        return backward

    def from_tensors(self, original: Any) -> Any:
        @wraps(original)
        def seeds(outputs: Any, *args: Any, **named: Any) -> Any:
            self.root = outputs[0] if len(outputs) == 1 else None
            return original(outputs, *args, **named)

        return seeds

    def backward(self, original: Any) -> Any:
        @wraps(original)
        def backward(roots: Any, retain: bool = False, create: bool = False, only: Any = None, capture: bool = False) -> Any:
            if self.depth:
                return original(roots, retain, create, only, capture)
            root, self.root = self.root, None
            only = None if only is None else list(only)
            self.depth += 1
            try:
                self.listener.before_backward(root, [node for node, _ in roots], create)
                caught = original(roots, retain, create, only, capture)
                self.listener.after_backward(caught if capture else None)
            finally:
                self.depth -= 1
            return caught

        return backward

    # ------------------------------------------------------------------ data

    def batches(self, original: Any) -> Any:
        @wraps(original)
        def __iter__(loader: Any) -> Iterator[Any]:
            self.listener.loading(loader)
            return each(original(loader), self.listener.loaded)

        return __iter__

    def rows(self, original: Any) -> Any:
        @wraps(original)
        def __iter__(sampler: Any) -> Iterator[Any]:
            return each(original(sampler), self.listener.drawn)

        return __iter__


def each(items: Iterator[Any], told: Any) -> Iterator[Any]:
    for item in items:
        told(item)
        yield item
