"""`Step`: a function that is recorded while it runs as ever, and from then on done by machine code.

Its first calls run as they would anyway. Two of them are recorded; if both did the same, the program is compiled, carried
out once more on copies of what the second call started from, and compared with what that call did. Only if all agrees
does machine code take its place. What can't be recorded, or differs from call to call, runs as ever; `Step.report` says
which line and why.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import update_wrapper
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.dtypes import Defaults
from ..base.modes import modes
from ..graph.value import Value, wrap
from ..graph.watch import Watchers
from ..native import kernels
from ..nn.module import Module
from . import exchanges
from .calls import shapes_of
from .comparing import Difference, compare
from .plan import Plan

if TYPE_CHECKING:
    from .minibatches import Batches

WARN = 16  # recordings after which somebody should know why
MOST_RECORDINGS = 64  # after which nothing new is recorded
MOST_PLANS = 32  # kinds of calls that are kept, each with its memory


class Step:
    """A step that is compiled when it has shown what it does; see the module."""

    def __init__(self, function: Callable[..., Any], fullgraph: bool = False) -> None:
        update_wrapper(self, function, updated=())
        self.function, self.fullgraph = function, fullgraph
        self.name = getattr(function, "__name__", type(function).__name__)
        owner = getattr(function, "__self__", function)
        self.module = owner if isinstance(owner, Module) else None  # whose mode is part of what a call is
        self.plans: dict[Any, Plan] = {}
        self.recordings = 0
        self.latest: Plan | None = None
        self.retired: list[str] = []
        self.in_the_way = ""  # of epochs() as one call: why the latest loader's batches were made by Python
        self.on = kernels.ready()
        self.lock = RLock()

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        """As a method: a step for each object."""
        if owner is None:
            return self
        name = f"_compiled_{id(self)}"
        found = owner.__dict__.get(name)
        if found is None:
            found = owner.__dict__[name] = Step(self.function.__get__(owner, kind), self.fullgraph)
        return found

    def __deepcopy__(self, memo: dict[int, Any]) -> Step:
        """A step of a copy of the function, or of the object whose method it is; it learns for itself."""
        return Step(deepcopy(self.function, memo), self.fullgraph)

    def __reduce__(self) -> tuple[Any, ...]:
        return Step, (self.function, self.fullgraph)

    def __call__(self, *args: Any, **named: Any) -> Any:
        if not self.free():
            return self.function(*args, **named)
        with self.lock:  # one call at a time: all work in the same memory
            return self.taken(args, named)

    def free(self) -> bool:
        """Whether machine code may do a call now: anomaly detection, saved-tensor hooks and recordings see each node."""
        return self.on and not recording_now() and not Watchers.count

    def kind_of(self, shapes: Any) -> Any:
        """Besides what is passed: whether there will be a history, the default dtype, and a module's mode."""
        return shapes, modes.grad, Defaults.dtype, self.module is not None and self.module.training

    def taken(self, args: Any, named: Any) -> Any:
        key = self.kind_of(shapes_of(args, named))
        plan = self.plans.get(key)
        if plan is not None and plan.machine is not None:
            if plan.holds(args, named):
                self.latest = plan
                return plan.run(args, named) if plan.allowed() else self.function(*args, **named)
            self.retired.append(plan.changed)
            self.plans[key] = plan = Plan(self.function)
        if plan is None:
            if self.recordings >= MOST_RECORDINGS:
                return self.function(*args, **named)
            while len(self.plans) >= MOST_PLANS:
                del self.plans[next(iter(self.plans))]  # the oldest
            plan = self.plans[key] = Plan(self.function)
        self.latest = plan
        watched = sys.getprofile() is not None  # by a profiler, where recording would have to watch
        if plan.reasons and self.fullgraph:
            raise RuntimeError(f"{self.name} can't be compiled whole (fullgraph=True):\n" + plan.told())
        if plan.reasons or watched or self.recordings >= MOST_RECORDINGS:
            return self.function(*args, **named)
        self.recordings += 1
        if self.recordings == WARN:
            why = self.retired[-1] if self.retired else "its inputs have another shape each time"
            warnings.warn(
                f"{self.name} has been recorded {self.recordings} times, last because {why}: "
                "a value that changes from call to call is better passed as an argument",
                UserWarning,
                stacklevel=2,
            )
        result = plan.learn(args, named)
        if plan.reasons and self.fullgraph:
            raise RuntimeError(f"{self.name} can't be compiled whole (fullgraph=True):\n" + plan.told())
        return result

    # ------------------------------------------------------------------ many steps

    def repeat(self, n: int, *args: Any, **named: Any) -> Any:
        """Take n steps; gives the n numbers that they return, such as the losses.

        A step that is compiled whole does them in one call of machine code, without Python in between.

        >>> w = torch.tensor(0.0, requires_grad=True)
        >>> optimizer = torch.optim.SGD([w], lr=0.25)
        >>> @torch.compile
        ... def step():
        ...     optimizer.zero_grad()
        ...     loss = (w - 3) ** 2
        ...     loss.backward()
        ...     optimizer.step()
        ...     return loss
        >>> step.repeat(4)
        tensor([9.0000, 2.2500, 0.5625, 0.1406])
        """
        check_count(n, "repeat", "the number of steps")
        found, done = Numbers(), 0
        key = self.kind_of(shapes_of(args, named))
        while done < n:
            with self.lock:
                plan = self.plans.get(key) if self.free() else None
                if plan is not None and plan.native() and plan.holds(args, named) and plan.allowed():
                    self.latest = plan
                    steps = found.take(plan.repeat(n - done))
                    done += steps
                    if steps:
                        continue
            found.add(self(*args, **named))
            done += 1
        return found.tensor((n,))

    def epochs(self, n: int, loader: Any) -> Any:
        """Take a step on each batch that a loader gives, n times over; gives what they return, such as the losses: (n, batches).

            for each epoch, for each batch (x, y, …) of the loader:   step(x, y, …)

        An epoch is one call of machine code if the step is compiled whole, and the loader a `DataLoader` of a
        `TensorDataset`: the order is drawn as the loader draws it, and the rows are gathered without Python. Any other
        loader gives its batches as ever; `report` says why.

        >>> w = torch.tensor(0.0, requires_grad=True)
        >>> optimizer = torch.optim.SGD([w], lr=0.25)
        >>> @torch.compile
        ... def step(x, y):
        ...     optimizer.zero_grad()
        ...     loss = ((w * x - y) ** 2).mean()
        ...     loss.backward()
        ...     optimizer.step()
        ...     return loss
        >>> data = torch.utils.data.TensorDataset(torch.ones(4), torch.full((4,), 3.0))
        >>> step.epochs(2, torch.utils.data.DataLoader(data, batch_size=2, shuffle=True))
        tensor([[9.0000, 2.2500],
                [0.5625, 0.1406]])
        """
        from .minibatches import Batches, in_the_way

        check_count(n, "epochs", "the number of epochs")
        if not hasattr(loader, "__iter__"):
            raise TypeError(
                f"epochs(): a {type(loader).__name__} gives no batches; pass a DataLoader, or a list of batches such as [(x, y)]"
            )
        self.in_the_way = in_the_way(loader)
        found, counts = Numbers(), []
        batches = Batches(loader) if self.free() and not self.in_the_way else None
        for _ in range(n):
            before = found.count
            if batches is None:
                for batch in loader:
                    found.add(self(*batch) if isinstance(batch, (tuple, list)) else self(batch))
            else:
                for _, plan, result in self.epoch(batches):
                    found.take(result) if plan is not None else found.add(result)
            counts.append(found.count - before)
        return found.tensor((n, *counts[:1]) if len(set(counts)) == 1 else (sum(counts),))

    def epoch(self, batches: Batches, results: int = 1 << 10) -> Iterator[tuple[np.ndarray, Any, Any]]:
        """One step on each batch: by machine code as soon as there is some for batches of their size.

        Gives the rows of one batch, None, what the step returned; or the rows of many, the plan, the numbers it returned,
        if a step gives no more ``results`` than these.
        """
        order = batches.order()
        while order.done < len(batches):
            room, args, key = batches.room(order.size)
            many: Any = None
            with self.lock:
                plan = self.plans.get(self.kind_of(key)) if args is not None and self.free() else None
                if plan is not None and plan.takes(batches.sampler, results) and plan.holds(args, {}) and batches.allowed(plan):
                    self.latest, rows = plan, order.left()
                    many = plan.repeat(order.alike, batches.feeds(room, rows))
            if many is not None:
                order.done += many.size
                if many.size:
                    yield rows, plan, many
                    continue
            rows = order.next()
            yield rows, None, self(*batches.arrange(batches.tensors(rows)))

    def turns(self, loader: Any, names: int, arrange: Any, rows: bool) -> Iterator[tuple[Any, Any]]:
        """For loops over a loader (`turns`): a batch and what ``step(*arrange(*batch))`` returned, for each.

        ``names`` is how many the loop unpacks a batch to, 0 for none. Unless ``rows``, only the size of a batch counts.
        """

        from .minibatches import Batches, in_the_way

        def arranged(batch: Any) -> Any:
            if not names:
                return arrange(batch)
            batch = list(batch)
            if len(batch) != names:
                few = f"not enough values to unpack (expected {names}, got {len(batch)})"
                raise ValueError(few if len(batch) < names else f"too many values to unpack (expected {names})")
            return arrange(*batch)

        self.in_the_way = in_the_way(loader)
        if self.in_the_way or not self.free():
            for batch in loader:
                yield batch, self(*arranged(batch))
            return
        batches = Batches(loader, arranged)
        for order, plan, found in self.epoch(batches, 1):
            if plan is None:
                yield batches.tensors(order), found
                continue
            size = batches.size if len(order) >= batches.size else len(order)
            for i, value in enumerate(found):
                batch = batches.tensors(order[i * size : (i + 1) * size]) if rows else batches.rooms[size][0]
                yield batch, plan.returned(value)

    # ------------------------------------------------------------------ to see

    @property
    def compiled(self) -> bool:
        """Whether machine code does the latest kind of call."""
        return self.latest is not None and self.latest.machine is not None

    def show(self, stage: str = "program") -> str:
        """The step as a ``"program"`` of values, with the lines of the source; as ``"loops"``; as ``"llvm"`` IR; as ``"assembly"``."""
        return self.plan_now("show").show(stage)

    def report(self) -> str:
        """What became of the step: compiled, with the time of each kernel; or not, and which line is why."""
        if not self.on and kernels.ready():
            return 'not compiled: backend="eager" leaves everything as it is'
        if not self.on:
            return "not compiled: machine code can't be made here (llvmlite is not installed, or CHAINRULE_NATIVE=0)"
        if self.latest is None:
            return "not called yet: a step is compiled by its second or third call"
        if self.in_the_way:
            return f"{self.latest.report(self.retired)}\nepochs(): Python hands over the batches of the loader, because {self.in_the_way}"
        return self.latest.report(self.retired)

    def difference(self, *args: Any, **named: Any) -> Difference:
        """How far a compiled step is from the function itself, both taken from here; nothing is changed by it."""
        return compare(self.plan_now("difference"), self.function, args, named)

    def plan_now(self, what: str) -> Plan:
        if self.latest is None or self.latest.machine is None:
            raise RuntimeError(f"{what}(): the step is not compiled. {self.report()}")
        return self.latest

    def __repr__(self) -> str:
        return f"<compiled {self.name}>" if self.compiled else f"<step {self.name}, not compiled yet>"


class Numbers:
    """The numbers that steps returned."""

    def __init__(self) -> None:
        self.parts: list[Any] = []
        self.kind: Any = None  # their dtype
        self.count, self.all = 0, True

    def add(self, result: Any) -> None:
        """What a step returned; nothing is kept of any where one is no number."""
        found = number(result)
        self.count += 1
        self.all = self.all and found is not None
        if isinstance(result, (tuple, list)) and result:
            result = result[0]
        kind = result.array.dtype if isinstance(result, Value) and result.array.dtype.kind == "f" else np.float32
        self.kind = np.promote_types(self.kind or kind, kind)
        self.parts.append([float("nan") if found is None else found])

    def take(self, many: np.ndarray) -> int:
        """Those of many steps; gives how many."""
        self.count += many.size
        self.kind = np.promote_types(self.kind or many.dtype, many.dtype)
        self.parts.append(many)
        return many.size

    def tensor(self, shape: tuple[int, ...]) -> Any:
        if not self.all:
            return None
        kind = self.kind or np.float32
        parts = [np.asarray(part, kind) for part in self.parts]
        return wrap((parts[0] if len(parts) == 1 else np.concatenate([*parts, np.empty(0, kind)])).reshape(shape))


def check_count(n: Any, called: str, what: str) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        instead = " (epochs(n, loader) takes a step on each batch of a loader)" if called == "repeat" and hasattr(n, "__iter__") else ""
        raise ValueError(f"{called}({n!r}): {what} is an integer from 0 on{instead}")


def number(result: Any) -> float | None:
    """The number that a step returned, if it returned one."""
    if isinstance(result, (tuple, list)) and result:
        result = result[0]
    if isinstance(result, Value):
        return float(result.array) if result.array.size == 1 else None
    return float(result) if isinstance(result, (int, float)) else None


def recording_now() -> bool:
    return exchanges.active > 0

