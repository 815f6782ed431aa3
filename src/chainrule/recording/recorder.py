"""`record`: write down each step of a training loop, whoever wrote the loop."""

from __future__ import annotations

import os
import platform
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, ClassVar

import numpy as np

from .._version import __version__
from ..base.errors import message
from ..graph.value import Leaf, Value
from ..nn.module import Module
from ..optim.optimizer import Optimizer
from . import streams
from .graphs import Graph, read
from .naming import Names
from .notes import BY_HAND, Notes, settings_of
from .observer import Observer
from .run import Run
from .store import Store, key_of
from .summaries import ABSENT, Row, Summary, packed

VALUES = ("summaries", "full")
Held = tuple[Any, np.ndarray, np.ndarray | None]  # a parameter, its value before the update, its gradient

SMALL = 64  # entries up to which an array is kept whole in any case


class record:
    """Within ``with chainrule.record("run.rec") as run:`` each optimizer step is written down; ``run`` reads it.

    ``path``: the file, None for memory. ``model`` gives the parameters their names (otherwise the variables that hold
    them do) and, with ``values="full"``, adds its buffers; ``optimizer`` restricts the record to its steps. ``every=n``
    keeps the first of each n steps. ``values="full"`` keeps all entries of all parameters and gradients; ``"summaries"``
    those of arrays of at most ``small`` entries, and of others the norm, mean, least, greatest, and a hash.

    A loop without an optimizer is recorded too: its step is over when the parameters have changed.

    >>> w = torch.tensor(1.0, requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.25)
    >>> with torch.record() as run:
    ...     for _ in range(2):
    ...         optimizer.zero_grad()
    ...         ((w - 2) ** 2).backward()
    ...         optimizer.step()
    >>> run.losses, run.steps[1].parameters["w"].gradient
    ([1.0, 0.25], tensor(-1.))
    """

    _lock: ClassVar[Any] = threading.Lock()
    _running: ClassVar[bool] = False

    def __init__(
        self, path: str | os.PathLike[str] | None = None, model: Module | None = None, optimizer: Optimizer | None = None, *,
        every: int = 1, values: str = "summaries", small: int = SMALL,
    ) -> None:  # fmt: skip
        check(path, model, optimizer, every, values, small)
        self.path, self.model, self.every = path, model, every
        self.small = sys.maxsize if values == "full" else small
        self.buffers = dict(model.named_buffers()) if model is not None and values == "full" else {}
        self.names = Names(model)
        self.observer = Observer(self, optimizer)
        self.notes = Notes()
        self.closed = False
        self.count = 0  # of steps
        self.numbers: dict[int, int] = {}  # of parameters in the file, by identity
        self.tensors: list[Any] = []  # and themselves, so that an identity stays one
        self.before: dict[int, np.ndarray] = {}  # the values before the step that is being made
        self.candidate: Graph | None = None  # of a backward pass whose update may be made by hand
        self.open: ByHand | None = None
        self.optimizers: list[Optimizer] = []  # that have stepped
        self.store: Store

    def __enter__(self) -> Run:
        if self.closed:
            raise RuntimeError(
                message("this record is over", "it belongs to one run", "with chainrule.record(…): anew")
            )
        with record._lock:
            if record._running:
                raise RuntimeError(
                    message(
                        "a run is being recorded already",
                        "two records of one run would each slow it down",
                        "one `with chainrule.record(…):` around all of it",
                    )
                )
            record._running = True
        try:
            self.store = Store.create(self.path)
            with self.store.writing():
                self.store.put_about("versions", versions())
                self.store.put_about("start", {"seed": streams.seed(), "states": streams.states()})
            self.observer.install()
        except BaseException:
            record._running = False
            raise
        return Run(self.store)

    def __exit__(self, kind: type | None, error: BaseException | None, lines: TracebackType | None) -> None:
        self.observer.remove()
        record._running = False
        if self.open is not None and self.open.changed():
            self.end_by_hand(self.open)
        self.closed = True
        with self.store.writing():
            self.store.put_about("steps", self.count)
            self.store.put_about("ended", "complete" if kind is None else kind.__name__)
        self.tensors.clear()
        self.optimizers.clear()
        self.before.clear()

    @property
    def due(self) -> bool:
        return self.count % self.every == 0 and not self.closed

    @property
    def noting(self) -> bool:
        """Whether what happens may belong to a step that is kept; by hand, a step is known to be over only later."""
        return self.due or not (self.optimizers or self.closed)

    # ------------------------------------------------------------------ what the observer tells

    def before_backward(self, root: Any, nodes: list[Any], create: bool) -> None:
        if self.open is not None:
            if self.open.changed():
                self.end_by_hand(self.open)
            else:  # a further pass of the same step
                self.notes.follow(self.open.notes)
        self.candidate = None
        if self.noting:
            frame = sys._getframe(2)
            graph = read(nodes, lambda leaf: self.label(leaf, frame))
            self.notes.backward(root, graph)
            self.candidate = None if create or self.belongs(graph) else graph

    def after_backward(self, caught: dict[Any, Any] | None) -> None:
        if self.candidate is not None:
            self.open = ByHand(self.candidate, caught, self.open, self.notes)
            self.notes = Notes(self.notes.loader)

    def before_step(self, optimizer: Optimizer) -> None:
        if self.open is not None:
            self.notes.follow(self.open.notes)  # it was not made by hand after all
            self.open = None
        if optimizer not in self.optimizers:
            self.optimizers.append(optimizer)
        if self.due:
            self.before = {id(p): p.array.copy() for group in optimizer.param_groups for p in group["params"]}

    def after_step(self, optimizer: Optimizer) -> None:
        if self.due:
            with self.writing():
                self.write_step(optimizer, sys._getframe(1))
        self.count += 1
        self.notes = Notes(self.notes.loader)
        self.before = {}

    def loading(self, loader: Any) -> None:
        if not self.closed:
            self.notes.loading(loader)

    def loaded(self, batch: Any) -> None:
        if self.noting:
            self.notes.loaded(batch)

    def drawn(self, rows: Any) -> None:
        if self.noting:
            self.notes.drawn(rows)

    # ------------------------------------------------------------------ loops without an optimizer

    def belongs(self, graph: Graph) -> bool:
        """Whether an optimizer looks after the parameters that a graph leads to."""
        held = {id(p) for o in self.optimizers for group in o.param_groups for p in group["params"]}
        return self.observer.optimizer is not None or any(id(leaf.target()) in held for leaf in graph.leaves)

    def end_by_hand(self, step: ByHand) -> None:
        """Write down a step whose update was made since the backward pass."""
        self.open = None
        if self.due:
            with self.writing():
                rows = {
                    self.number(t, None): self.row(value, gradient, t.array) for t, value, gradient in step.parameters
                }
                self.write({**step.facts, "rates": [], "settings": self.store.put_text(BY_HAND)}, rows)
        self.count += 1

    # ------------------------------------------------------------------ writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        known = dict(self.numbers)
        try:
            with self.store.writing():
                yield
        except BaseException:
            self.numbers = known  # a parameter whose row was not written has no number yet
            raise

    def write_step(self, optimizer: Optimizer, frame: Any) -> None:
        """Write down the step that an optimizer has just made."""
        rows = {}
        for group in optimizer.param_groups:
            for p in group["params"]:
                gradient = None if p._grad is None else p._grad.array
                rows[self.number(p, frame)] = self.row(self.before.get(id(p), p.array), gradient, p.array)
        for name, buffer in self.buffers.items():
            rows[self.number(buffer, frame, name)] = self.row(buffer.array, None, None)
        rates = [float(group["lr"]) for group in optimizer.param_groups if "lr" in group]
        settings = self.store.put_text(settings_of(optimizer))
        self.write({**self.notes.facts(), "rates": rates, "settings": settings}, rows)

    def label(self, leaf: Leaf, frame: Any) -> str:
        target = leaf.target()
        return "(gone)" if target is None else self.names.of(target, frame)

    def number(self, tensor: Any, frame: Any, buffer: str | None = None) -> int:
        """The number of a parameter in the file, which gets it when it is first seen."""
        found = self.numbers.get(id(tensor))
        if found is None:
            found = self.numbers[id(tensor)] = len(self.numbers)
            self.tensors.append(tensor)
            name = self.names.of(tensor, frame) if buffer is None else buffer
            role = "parameter" if buffer is None else "buffer"
            self.store.put_parameter(found, name, tensor.array.shape, tensor.array.dtype.name, role)
        return found

    def row(self, value: np.ndarray, gradient: np.ndarray | None, after: np.ndarray | None) -> Row:
        """What is kept of a parameter: summaries in any case, entries where it is small or all are wanted."""
        keys = (self.keep(value), self.keep(gradient), self.keep(after))
        with np.errstate(all="ignore"):
            update = None if after is None or after.shape != value.shape else Summary.of(after - value)
        return Row((Summary.of(value), None if gradient is None else Summary.of(gradient), update), keys)

    def keep(self, array: np.ndarray | None) -> bytes:
        if array is None:
            return ABSENT
        data = array.tobytes()
        key = key_of(data)
        if array.size <= self.small:
            self.store.put_array(key, data)
        return key

    def write(self, facts: dict[str, Any], rows: dict[int, Row]) -> None:
        facts["graph"] = self.store.put_text(facts["graph"])
        self.store.put_step(self.count + 1, {**facts, "who": list(rows)}, packed(list(rows.values())))


class ByHand:
    """A step of a loop without an optimizer: parameters and gradients after the backward pass, until the next."""

    def __init__(self, graph: Graph, caught: dict[Any, Any] | None, earlier: ByHand | None, notes: Notes) -> None:
        known: dict[int, Held] = {id(held[0]): held for held in earlier.parameters} if earlier else {}
        for leaf in graph.leaves:
            t: Any = leaf.target()
            if t is not None:
                found = t._grad if caught is None else caught.get(leaf)
                gradient = found.array if isinstance(found, Value) else found
                known[id(t)] = t, t.array.copy(), None if gradient is None else np.array(gradient, t.array.dtype)
        self.parameters: list[Held] = list(known.values())
        self.notes, self.facts = notes, notes.facts()

    def changed(self) -> bool:
        """Whether the program has made its update."""
        return any(t.array.tobytes() != value.tobytes() for t, value, _ in self.parameters)


def versions() -> dict[str, str]:
    """What the numbers may depend on beside the program."""
    return {
        "chainrule": __version__,
        "NumPy": np.__version__,
        "Python": platform.python_version(),
        "machine": platform.machine(),
        "system": platform.system(),
    }


def check(path: Any, model: Any, optimizer: Any, every: Any, values: Any, small: Any) -> None:
    """Refuse what cannot be meant, before the program has run for an hour."""
    usage = "chainrule.record('run.rec', model, optimizer, every=10)"
    if path is not None and not isinstance(path, (str, os.PathLike)):
        raise TypeError(message(f"record: path is a {type(path).__name__}", "it names the file to write", usage))
    if model is not None and not isinstance(model, Module):
        raise TypeError(message(f"record: model is a {type(model).__name__}, not a Module", "", usage))
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        raise TypeError(message(f"record: optimizer is a {type(optimizer).__name__}, not an Optimizer", "", usage))
    for name, number, least in (("every", every, 1), ("small", small, 0)):
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise ValueError(message(f"record: {name}={number!r}", f"it counts, from {least} on", usage))
    if values not in VALUES:
        raise ValueError(message(f"record: values={values!r}", "", " or ".join(f"values={v!r}" for v in VALUES)))
