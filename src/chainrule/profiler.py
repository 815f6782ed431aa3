"""``torch.profiler``: profiles taken over the steps of a training run.

The measuring is done by `chainrule.autograd.profiler`; here are the schedule (which steps are measured) and the files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from enum import Enum
from time import time_ns
from typing import Any

from .autograd.profiler import EventList
from .autograd.profiler import profile as measuring
from .autograd.profiler import record_function as record_function


class ProfilerActivity(Enum):
    """Where time is measured; here on the CPU alone."""

    CPU = 0
    CUDA = 1
    XPU = 2


class ProfilerAction(Enum):
    """What is done during a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


RECORDING = (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)


def supported_activities() -> set[ProfilerActivity]:
    """What can be measured."""
    return {ProfilerActivity.CPU}


def kineto_available() -> bool:
    """Whether PyTorch's own tracer is there: no, measuring is done in Python."""
    return False


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Callable[[int], ProfilerAction]:
    """Which steps are measured: after ``skip_first``, rounds of ``wait`` idle, ``warmup`` unused and ``active`` measured ones.

    ``repeat`` is the number of rounds, 0 for no end; with ``skip_first_wait`` the first round does not wait.

    >>> plan = torch.profiler.schedule(wait=1, warmup=0, active=2, repeat=1)
    >>> [plan(step).name for step in range(4)]
    ['NONE', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    if wait < 0 or warmup < 0 or active <= 0 or repeat < 0 or skip_first < 0:
        raise AssertionError(
            f"Invalid profiler schedule arguments: wait={wait}, warmup={warmup}, active={active}, repeat={repeat}, "
            f"skip_first={skip_first}; active is at least 1, the others at least 0"
        )
    length = wait + warmup + active

    def action(step: int) -> ProfilerAction:
        step -= skip_first
        if skip_first_wait:
            step += wait
        if step < 0 or repeat and step // length >= repeat:
            return ProfilerAction.NONE
        place = step % length
        if place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if place == length - 1 else ProfilerAction.RECORD

    return action


def tensorboard_trace_handler(dir_name: str, worker_name: str | None = None, use_gzip: bool = False) -> Callable[[Any], None]:
    """What to give as ``on_trace_ready`` so that each profile becomes a file in a folder, which TensorBoard's plugin reads."""

    def write(profiler: profile) -> None:
        import socket

        os.makedirs(dir_name, exist_ok=True)
        name = f"{worker_name or f'{socket.gethostname()}_{os.getpid()}'}.{time_ns()}.pt.trace.json"
        profiler.export_chrome_trace(os.path.join(dir_name, name + (".gz" if use_gzip else "")))

    return write


class profile:  # noqa: N801
    """Measure the operations in a ``with`` block, or in those steps of it that a schedule chooses.

    ``step()`` ends a step. After the last measured step of a round ``on_trace_ready(profiler)`` is called.

    >>> with torch.profiler.profile(record_shapes=True) as profiler:
    ...     _ = torch.ones(2, 3) @ torch.ones(3, 4)
    >>> [(event.key, event.input_shapes) for event in profiler.events()]
    [('aten::mm', ((2, 3), (3, 4)))]
    """

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[..., Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_flops: bool = False,
        with_modules: bool = False,
    ) -> None:
        self.activities = set(activities) if activities is not None else supported_activities()
        self.schedule = schedule or (lambda step: ProfilerAction.RECORD)
        self.on_trace_ready = on_trace_ready
        self.how = {"record_shapes": record_shapes, "profile_memory": profile_memory, "with_stack": with_stack,
                    "with_flops": with_flops, "with_modules": with_modules}  # fmt: skip
        self.step_num = 0
        self.current_action = self.schedule(0)
        self.profiler: measuring | None = None
        self.running = False

    def start(self) -> None:
        """Begin the first step."""
        self.begin()

    def stop(self) -> None:
        """End the last step."""
        if self.running:
            self.end()

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.stop()

    def step(self) -> None:
        """End a step, and begin the next as the schedule says."""
        before = self.current_action
        self.step_num += 1
        self.current_action = self.schedule(self.step_num)
        if self.running and (before is ProfilerAction.RECORD_AND_SAVE or self.current_action not in RECORDING):
            self.end()
        self.begin()

    def begin(self) -> None:
        if not self.running and self.current_action in RECORDING:
            self.profiler = measuring(ProfilerActivity.CPU in self.activities, **self.how)  # type: ignore[arg-type]
            self.profiler.__enter__()
            self.running = True

    def end(self) -> None:
        assert self.profiler is not None
        self.profiler.__exit__()
        self.running = False
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def finished(self, what: str) -> EventList:
        if self.profiler is None or self.profiler.function_events is None:
            raise AssertionError(f"Profiler must be initialized before {what}: it has measured nothing yet")
        return self.profiler.function_events

    def events(self) -> EventList:
        """The single events of the last profile."""
        return self.finished("accessing events")

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """The events of the last profile, added up by name; ``print(….table(sort_by="self_cpu_time_total"))``."""
        return self.finished("getting key averages").key_averages(group_by_input_shape, group_by_stack_n)

    def export_chrome_trace(self, path: str) -> None:
        """Write a timeline that chrome://tracing shows; compressed if the name ends in ``.gz``."""
        events = self.finished("exporting chrome trace")
        if not str(path).endswith(".gz"):
            events.export_chrome_trace(path)
            return
        import gzip

        plain = str(path)[: -len(".gz")]
        events.export_chrome_trace(plain)
        with open(plain, "rb") as source, gzip.open(path, "wb") as target:
            target.write(source.read())
        os.remove(plain)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Write one line for each way to an event, ``outermost;…;innermost µs``, as flame graphs are drawn from."""
        if metric not in ("self_cpu_time_total", "self_cuda_time_total"):
            raise ValueError("metric should be one of: ['self_cpu_time_total', 'self_cuda_time_total']")
        with open(path, "w", encoding="utf-8") as file:
            for event in self.finished("exporting stacks"):
                way = ";".join([*reversed([line.translate(str.maketrans(" ;", "__")) for line in event.stack]), event.name])
                file.write(f"{way} {int(getattr(event, metric))}\n")


__all__ = ["ProfilerAction", "ProfilerActivity", "kineto_available", "profile", "record_function", "schedule",
           "supported_activities", "tensorboard_trace_handler"]  # fmt: skip
