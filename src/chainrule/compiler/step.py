"""`Step`: a function that is recorded while it runs as ever, and from then on done by machine code.

Its first calls run as they would anyway. Two of them are recorded; if both did the same, the program is compiled, carried
out once more on copies of what the second call started from, and compared with what that call did. Only if all agrees
does machine code take its place. What can't be recorded, or differs from call to call, runs as ever; `Step.report` says
which line and why.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from copy import deepcopy
from functools import update_wrapper
from threading import RLock
from typing import Any

import numpy as np

from ..base.dtypes import Defaults
from ..base.modes import modes
from ..graph.value import Value, wrap
from ..native import kernels
from .calls import shapes_of
from .comparing import Difference, compare
from .plan import Plan

WARN = 16  # recordings after which somebody should know why
MOST_RECORDINGS = 64  # after which nothing new is recorded
MOST_PLANS = 32  # kinds of calls that are kept, each with its memory


class Step:
    """A step that is compiled when it has shown what it does; see the module."""

    def __init__(self, function: Callable[..., Any], fullgraph: bool = False) -> None:
        update_wrapper(self, function, updated=())
        self.function, self.fullgraph = function, fullgraph
        self.name = getattr(function, "__name__", type(function).__name__)
        self.plans: dict[Any, Plan] = {}
        self.recordings = 0
        self.latest: Plan | None = None
        self.retired: list[str] = []
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
        if not self.on or recording_now():
            return self.function(*args, **named)
        with self.lock:  # one call at a time: all work in the same memory
            return self.taken(args, named)

    def taken(self, args: Any, named: Any) -> Any:
        key = shapes_of(args, named), modes.grad, Defaults.dtype
        plan = self.plans.get(key)
        if plan is not None and plan.machine is not None:
            if plan.holds(args, named):
                self.latest = plan
                return plan.run(args, named)
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
        if isinstance(n, bool) or not isinstance(n, int) or n < 0:
            raise ValueError(f"repeat({n!r}): the number of steps is an integer from 0 on")
        found, done = np.empty(n, np.float32), 0
        whole = True
        while done < n:
            plan = self.latest
            if plan is not None and plan.machine is not None and plan.native() and plan.holds(args, named):
                with self.lock:
                    many = plan.repeat(n - done, args, named)
                found[done : done + many.size] = many
                done += many.size
                continue
            result = number(self(*args, **named))
            whole = whole and result is not None
            found[done] = float("nan") if result is None else result
            done += 1
        return wrap(found) if whole else None

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
        if not self.on:
            return "not compiled: machine code can't be made here (llvmlite is not installed, or CHAINRULE_NATIVE=0)"
        if self.latest is None:
            return "not called yet: a step is compiled by its second or third call"
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


def number(result: Any) -> float | None:
    """The number that a step returned, if it returned one."""
    if isinstance(result, (tuple, list)) and result:
        result = result[0]
    if isinstance(result, Value):
        return float(result.array) if result.array.size == 1 else None
    return float(result) if isinstance(result, (int, float)) else None


def recording_now() -> bool:
    from . import exchanges

    return exchanges.active > 0

