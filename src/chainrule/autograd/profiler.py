"""``torch.autograd.profiler``: how long each operation takes, forward and backward.

While a profile is taken, the few functions through which all operations pass (`graph/apply.py`), the rules of the backward
pass and the steps of optimizers are replaced by ones that look at the clock, wherever in the library they are referred
to; afterwards they are put back. So a program that is not profiled pays nothing.
"""

from __future__ import annotations

import re
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import perf_counter_ns
from typing import Any

import numpy as np

from ..graph import apply as hot
from ..graph import promote
from ..graph.op import Op
from ..graph.promote import StandIn
from ..graph.value import Value, wrap
from ..ops import linear as affine
from ..optim.optimizer import Optimizer
from .profiler_util import EventList as EventList
from .profiler_util import FunctionEvent as FunctionEvent
from .profiler_util import FunctionEventAvg as FunctionEventAvg
from .profiler_util import Interval

DOORS: tuple[Callable[..., Any], ...] = (
    hot.unary, hot.binary, hot.apply, hot.plain, hot.look, hot.look_each, hot.join, hot.joint, hot.plain_joint, promote.careful,
)  # fmt: skip


class Running(threading.local):
    """The events that have begun in this thread and not ended, each with what it is about."""

    def __init__(self) -> None:
        self.stack: list[tuple[FunctionEvent, Any]] = []


class Recorder:
    """Makes events of what is called."""

    def __init__(self, shapes: bool, memory: bool, stack: bool) -> None:
        self.shapes, self.memory, self.with_stack = shapes, memory, stack
        self.events = EventList(memory=memory)
        self.running = Running()
        self.origin = perf_counter_ns()

    def now(self) -> float:
        return (perf_counter_ns() - self.origin) / 1000

    @contextmanager
    def event(self, name: str, about: Any = None, inputs: Any = ()) -> Iterator[FunctionEvent]:
        stack = self.running.stack
        parent = stack[-1][0] if stack else None
        event = FunctionEvent(len(self.events) + 1, name, threading.get_ident(), 0.0, parent)
        self.events.append(event)
        if self.shapes:
            event.input_shapes = tuple([x.array.shape if isinstance(x, Value) else None for x in flat(inputs)])
        if self.with_stack:
            event.stack = [f"{f.filename}({f.lineno}): {f.name}" for f in reversed(traceback.extract_stack()) if not own(f.filename)]
        stack.append((event, about))
        start = self.now()
        try:
            yield event
        finally:
            event.time_range = Interval(start, self.now())
            stack.pop()

    def call(self, function: Callable[..., Any], name: str, about: Any, args: Any, named: Any, inputs: Any) -> Any:
        """Call a function in an event of its own, unless it only passes on what one has begun for."""
        stack = self.running.stack
        if about is not None and stack and stack[-1][1] == about:
            return function(*args, **named)
        with self.event(name, about, inputs) as event:
            result = function(*args, **named)
            if self.memory:
                event.own_memory = sum([t.array.nbytes for t in flat((result,)) if isinstance(t, Value) and t._base is None])
        return result


def flat(values: Any) -> Iterator[Any]:
    for v in values:
        if isinstance(v, (tuple, list)):
            yield from flat(v)
        else:
            yield v


def own(filename: str) -> bool:
    return filename.startswith(LIBRARY) or "contextlib" in filename


LIBRARY = __file__.removesuffix("autograd/profiler.py").removesuffix("autograd\\profiler.py")


# ---------------------------------------------------------------------- putting clocks in, and taking them out


class Clocks:
    """The functions that have been replaced while a profile is taken."""

    lock = threading.Lock()
    recorder: Recorder | None = None
    functions: dict[int, tuple[Any, Any]] = {}  # of each replacement, by id: itself, and what it replaces
    methods: list[tuple[type, str, Any]] = []


def start(recorder: Recorder) -> None:
    with Clocks.lock:
        if Clocks.recorder is not None:
            raise RuntimeError("Profiler is already enabled: one profile is taken at a time")
        Clocks.recorder = recorder
        swaps: dict[int, tuple[Any, Any]] = {id(f): (f, timed(f, op_called)) for f in DOORS}
        swaps[id(affine.linear)] = (affine.linear, timed(affine.linear, lambda args: ("aten::linear", None, args)))
        replace(swaps)
        Clocks.functions = {id(new): (new, old) for old, new in swaps.values()}
        for cls in every_subclass(Op, StandIn):
            replace_method(cls, "pull", rule_called)
        hot.watched += 1
        for cls in every_subclass(Optimizer):
            for name in ("step", "zero_grad"):
                replace_method(cls, name, optimizer_called(name))
        recorder.origin = perf_counter_ns()


def stop() -> None:
    with Clocks.lock:
        Clocks.recorder = None
        hot.watched -= 1
        replace(Clocks.functions)
        for cls, name, before in Clocks.methods:
            setattr(cls, name, before)
        Clocks.functions, Clocks.methods = {}, []


def replace(swaps: dict[int, tuple[Any, Any]]) -> None:
    """Put, in every module of the library, the second of a pair of functions in the place of the first."""
    package = __name__.partition(".")[0]
    for name, module in list(sys.modules.items()):
        if module is not None and (name == package or name.startswith(package + ".")):
            names = vars(module)
            for key in [key for key, value in names.items() if id(value) in swaps and swaps[id(value)][0] is value]:
                names[key] = swaps[id(names[key])][1]


def replace_method(cls: type, name: str, called: Callable[[Any], tuple[str, Any, Any]]) -> None:
    before = cls.__dict__.get(name)
    if before is not None:
        Clocks.methods.append((cls, name, before))
        setattr(cls, name, timed(before, called))


def every_subclass(*roots: type) -> list[type]:
    found: list[type] = list(roots)
    for cls in found:
        new: list[type] = cls.__subclasses__()
        found += [kind for kind in new if kind not in found]
    return found


def timed(function: Callable[..., Any], called: Callable[[Any], tuple[str, Any, Any]]) -> Callable[..., Any]:
    """The function, with an event for each call; ``called(args)`` says its name, what it is about, and its inputs."""

    @wraps(function)
    def wrapper(*args: Any, **named: Any) -> Any:
        recorder = Clocks.recorder
        if recorder is None:
            return function(*args, **named)
        name, about, inputs = called(args)
        return recorder.call(function, name, about, args, named, inputs)

    return wrapper


def op_called(args: Any) -> tuple[str, Any, Any]:
    op, *inputs = args
    while isinstance(op, StandIn):
        op = op.op
    return f"aten::{spelled(op.torch_name)}", id(op), inputs


def rule_called(args: Any) -> tuple[str, Any, Any]:
    op, _, g = args
    while isinstance(op, StandIn):
        op = op.op
    return op.torch_name, ("rule", id(op)), [wrap(d) if isinstance(d, np.ndarray) else d for d in flat((g,))]


def optimizer_called(name: str) -> Callable[[Any], tuple[str, Any, Any]]:
    return lambda args: (f"Optimizer.{name}#{type(args[0]).__name__}.{name}", None, ())


def spelled(torch_name: str) -> str:
    """The name of a function, from that of its node in the graph.

    >>> spelled("LogSoftmaxBackward0")
    'log_softmax'
    """
    name = re.sub(r"Backward\w*$", "", torch_name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() or "op"


# ---------------------------------------------------------------------- what programs use


class record_function:  # noqa: N801
    """Give a block of the program a name in the profile; also a decorator.

    >>> with torch.autograd.profiler.profile() as profile:
    ...     with torch.autograd.profiler.record_function("twice"):
    ...         _ = torch.ones(3) * 2
    >>> [event.key for event in profile.key_averages()]
    ['twice', 'aten::mul']
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args

    def __enter__(self) -> record_function:
        recorder = Clocks.recorder
        self.event = recorder.event(self.name) if recorder is not None else None
        if self.event is not None:
            self.event.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        if self.event is not None:
            self.event.__exit__(*exc)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with record_function(self.name, self.args):
                return function(*args, **kwargs)

        return wrapper


class profile:  # noqa: N801
    """Measure the operations in a ``with`` block.

    ``record_shapes`` notes the shapes of their inputs, ``profile_memory`` the bytes of their results, ``with_stack`` the
    lines of the program that led to them.

    >>> with torch.autograd.profiler.profile() as profile:
    ...     _ = torch.ones(3).exp().sum()
    >>> [(event.key, event.count) for event in profile.key_averages()]
    [('aten::exp', 1), ('aten::sum', 1)]
    """

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
        use_kineto: bool = False,
        use_cpu: bool = True,
    ) -> None:
        asked = {"use_cuda": use_cuda, "use_device": use_device, "with_flops": with_flops, "with_modules": with_modules}
        for name, wanted in asked.items():
            if wanted:
                warnings.warn(f"{name} is not measured: chainrule times operations on the CPU", stacklevel=2)
        self.enabled = enabled and use_cpu
        self.record_shapes, self.profile_memory, self.with_stack = record_shapes, profile_memory, with_stack
        self.function_events: EventList | None = None

    def __enter__(self) -> profile:
        if self.enabled:
            self.recorder = Recorder(self.record_shapes, self.profile_memory, self.with_stack)
            start(self.recorder)
        return self

    def __exit__(self, *exc: Any) -> None:
        if self.enabled:
            stop()
            self.function_events = self.recorder.events

    def measured(self) -> EventList:
        if self.function_events is None:
            raise RuntimeError("Profiler didn't finish running")
        return self.function_events

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """The events added up by name."""
        return self.measured().key_averages(group_by_input_shape, group_by_stack_n)

    def table(self, *args: Any, **how: Any) -> str:
        """All events, one to a row."""
        return self.measured().table(*args, **how)

    def total_average(self) -> FunctionEventAvg:
        """All events, as one."""
        return self.measured().total_average()

    def export_chrome_trace(self, path: str) -> None:
        """Write a timeline that chrome://tracing shows."""
        self.measured().export_chrome_trace(path)

    @property
    def self_cpu_time_total(self) -> float:
        """µs in all."""
        return self.measured().self_cpu_time_total

    def __str__(self) -> str:
        return "<unfinished torch.autograd.profile>" if self.function_events is None else str(self.function_events)


__all__ = ["EventList", "FunctionEvent", "FunctionEventAvg", "profile", "record_function"]
