"""What a report needs of a run while it runs: the graph of the first and the last backward pass, states, activations.

`recording` keeps the numbers of each step; the `Watch` stands beside it. It copies what a backward pass is about to free,
and the variables around it, so that the copy can be told in the program's own names when all is over.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import GradientError
from ..base.modes import modes
from ..explanation.folding import Call
from ..explanation.history import Snapshot
from ..graph.value import Leaf, Node, Value, clock
from ..nn.everywhere import register_module_forward_hook, register_module_forward_pre_hook
from ..nn.module import Module
from ..recording.observer import Observer

OURS = str(Path(__file__).parents[1])
FRAMES = 12  # functions around a backward pass whose variables give names
STATES = 48  # states of the parameters that are kept
RECENT = 40  # passes whose batches can still be read
SMALL = 1 << 20  # bytes that a graph keeps, up to which it is kept for its batch
MEMORY = 128 << 20  # bytes of them
TIMES = 48  # columns of the histograms
SAMPLE = 4096  # entries of an activation that are looked at
LAYERS = 64  # modules whose activations are looked at
LEVELS = np.linspace(0, 1, 33)  # quantiles that are kept of them


class Scope(NamedTuple):
    """The variables of a function as they were; stands for its frame."""

    f_locals: dict[str, Any]
    f_globals: dict[str, Any]
    f_back: Scope | None


@dataclass(eq=False)
class Moment:
    """One backward pass: what is behind its loss, the variables around it, the modules that ran since the pass before."""

    step: int
    taken: Snapshot
    scope: Scope | None
    calls: list[Call]
    name: str = "loss"


class State(NamedTuple):
    """The parameters of a graph when a backward pass began."""

    step: int
    values: dict[Node, np.ndarray]


@dataclass
class Thinned:
    """At most ``most`` items of a long sequence, evenly: when it is full, every other one goes and the stride doubles.

    >>> kept = Thinned(4)
    >>> for i in range(10):
    ...     if kept.due(i): kept.items.append(i)
    >>> kept.items
    [0, 4, 8]
    """

    most: int
    items: list[Any] = field(default_factory=list)
    stride: int = 1

    def due(self, count: int) -> bool:
        if count % self.stride:
            return False
        if len(self.items) >= self.most:
            self.items = self.items[::2]
            self.stride *= 2
        return count % self.stride == 0


@dataclass(eq=False)
class Layer:
    """The activations of one module: at some steps, the quantiles of its output, and the share of zeros."""

    module: Module
    shape: tuple[int, ...] = ()
    seen: Thinned = field(default_factory=lambda: Thinned(TIMES))


class Watch:
    """Between `install` and `uninstall`, notes what a report shows. ``step()`` says how many steps have been made."""

    def __init__(self, step: Any) -> None:
        self.step = step
        self.observer = Observer(self, None)
        self.first: Moment | None = None
        self.last: Moment | None = None
        self.passes = 0
        self.several = 0  # passes from something other than one number
        self.states = Thinned(STATES)
        self.recent: deque[list[Node]] = deque(maxlen=RECENT)  # copies, first computed first
        self.layers: dict[Module, Layer] = {}
        self.calls: list[Call] = []  # since the last backward pass
        self.running: list[Call] = []
        self.handles: list[Any] = []

    def install(self) -> None:
        self.handles = [register_module_forward_pre_hook(self.enter), register_module_forward_hook(self.leave)]
        self.observer.install()

    def uninstall(self) -> None:
        self.observer.remove()
        while self.handles:
            self.handles.pop().remove()

    # ------------------------------------------------------------------ backward passes

    def before_backward(self, root: Any, nodes: list[Any], create: bool) -> None:
        calls, self.calls = self.calls, []
        if len(nodes) != 1 or not isinstance(root, Value) or root.array.size != 1 or type(nodes[0]) is Leaf:
            self.several += 1
            return
        try:
            taken = Snapshot(nodes[0], root.array)
        except GradientError:  # a parameter was written to between its uses: such a graph can be passed, but not told
            return
        frame = users_frame(sys._getframe(1))
        moment = Moment(self.step(), taken, scope_of(frame), calls)
        self.first = self.first or moment
        self.last = moment
        if self.states.due(self.passes) and taken.leaves:
            size = sum(array.nbytes for array in taken.leaves.values())
            self.states.most = int(np.clip(MEMORY // max(size, 1), 2, STATES))
            self.states.items.append(State(moment.step, taken.leaves))
        nodes = list(taken.copies.values())
        if kept_bytes(nodes) <= SMALL:
            self.recent.append(nodes)
        self.passes += 1

    def after_backward(self, caught: dict[Any, Any] | None) -> None: ...
    def before_step(self, optimizer: Any) -> None: ...
    def after_step(self, optimizer: Any) -> None: ...
    def loading(self, loader: Any) -> None: ...
    def loaded(self, batch: Any) -> None: ...
    def drawn(self, rows: Any) -> None: ...

    # ------------------------------------------------------------------ modules

    def enter(self, module: Module, inputs: Any) -> None:
        if modes.grad:
            call = Call("", "", module, clock())
            (self.running[-1].calls if self.running else self.calls).append(call)
            self.running.append(call)

    def leave(self, module: Module, inputs: Any, output: Any) -> None:
        while self.running and self.running[-1].module is not module:
            self.running.pop()  # its forward ended with an error that the program caught
        if not self.running:
            return
        self.running.pop().stop = clock()
        if isinstance(output, Value) and output.node is not None and next(module.children(), None) is None:
            self.look(module, output.array)

    def look(self, module: Module, y: np.ndarray) -> None:
        """Note how the entries of a module's output are distributed."""
        if y.dtype.kind != "f" or y.size < 2:
            return  # class numbers, or a loss
        layer = self.layers.get(module)
        if layer is None:
            if len(self.layers) >= LAYERS:
                return
            layer = self.layers[module] = Layer(module)
        layer.shape = y.shape
        again = layer.seen.items and layer.seen.items[-1][0] == self.step()
        if again or not layer.seen.due(self.passes):
            return
        flat = y.reshape(-1)
        entries = flat[:: max(1, flat.size // SAMPLE)].astype(np.float64)
        finite = entries[np.isfinite(entries)]
        if finite.size:
            zeros = float(np.mean(finite == 0))
            layer.seen.items.append((self.step(), np.quantile(finite, LEVELS), zeros))


def kept_bytes(nodes: list[Node]) -> int:
    """What a graph's nodes keep for their rules, in bytes."""
    saved = [x for node in nodes if type(node) is not Leaf for x in (node.saved or ())]
    return sum(x.nbytes for x in saved if isinstance(x, np.ndarray))


def users_frame(frame: FrameType | None) -> FrameType | None:
    """The innermost function that is not chainrule's."""
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    return frame


def scope_of(frame: FrameType | None, deep: int = FRAMES) -> Scope | None:
    """The variables of a function and of those that called it, up to chainrule's own."""
    if frame is None or deep == 0 or frame.f_code.co_filename.startswith(OURS):
        return None
    return Scope(dict(frame.f_locals), dict(frame.f_globals), scope_of(frame.f_back, deep - 1))
