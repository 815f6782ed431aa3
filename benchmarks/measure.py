"""Time steps side by side: the frameworks take turns, so that what disturbs the machine disturbs all of them."""

import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .frameworks import CHAINRULE, Framework
from .machine import Others
from .process import in_fresh_process
from .rows import ProcessRow, Row, StepRow
from .workloads import Step


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int  # samples per framework
    seconds: float  # at least this long per sample, and at least one step
    processes: int  # fresh processes per framework


THOROUGH, QUICK = Effort(rounds=11, seconds=0.1, processes=5), Effort(rounds=5, seconds=0.02, processes=2)


@dataclass(frozen=True)
class Measured:
    """Seconds or bytes, one sample per turn."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def spread(self) -> tuple[float, float]:
        """The quartiles; with fewer than four samples, the extremes."""
        if len(self.samples) < 4:
            return min(self.samples), max(self.samples)
        lower, _, upper = statistics.quantiles(self.samples, n=4)
        return lower, upper


@dataclass(frozen=True)
class Result:
    row: Row
    measured: Mapping[str, Measured]  # framework's name → what it took
    failures: Mapping[str, str]  # framework's name → why it could not run or what it computed differently
    others: float | None  # CPUs that other processes used meanwhile


def measure(row: Row, frameworks: Sequence[Framework], effort: Effort) -> Result:
    others = Others()
    if isinstance(row, StepRow):
        measured, failures = measure_steps(row, frameworks, effort)
    else:
        measured, failures = measure_processes(row, frameworks, effort)
    return Result(row, measured, failures, others.used())


def measure_steps(
    row: StepRow, frameworks: Sequence[Framework], effort: Effort
) -> tuple[dict[str, Measured], dict[str, str]]:
    steps: dict[str, Step] = {}
    computed: dict[str, list[float]] = {}
    failures: dict[str, str] = {}
    for framework in frameworks:
        if framework.dialect not in row.workloads:
            continue
        try:
            step, tensors = row.workloads[framework.dialect](framework.load())
            computed[framework.name] = three_steps(step, tensors)
            steps[framework.name] = step
        except Exception as error:  # one that cannot run the row is a row in the table, not the end of the run
            failures[framework.name] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
    failures |= disagreements(computed, row.tolerance)
    steps = {name: step for name, step in steps.items() if name not in failures}
    return take_turns({name: timed(step, effort.seconds) for name, step in steps.items()}, effort.rounds), failures


def three_steps(step: Step, tensors: Sequence[Any]) -> list[float]:
    """The losses of the first three steps, then the norm of each gradient that the last one leaves."""
    losses = [float(step().item()) for _ in range(3)]
    gradients = [gradient for tensor in tensors if (gradient := getattr(tensor, "grad", None)) is not None]
    return losses + [float(np.linalg.norm(np.asarray(gradient.detach()))) for gradient in gradients]


def disagreements(computed: Mapping[str, Sequence[float]], tolerance: float) -> dict[str, str]:
    """Which framework computes something else than PyTorch (or, without it, than chainrule), and where first."""
    reference_name = next((name for name in ("PyTorch", CHAINRULE.name) if name in computed), None)
    if reference_name is None:
        return {}
    reference = computed[reference_name]
    smallest = 1e-6 * max(abs(value) for value in reference)  # below it a gradient is rounding
    found = {}
    for name, values in computed.items():
        for i, (value, expected) in enumerate(zip(values, reference, strict=False)):
            if not math.isclose(value, expected, rel_tol=tolerance, abs_tol=smallest):
                what = f"the loss of step {i + 1}" if i < 3 else f"the norm of gradient {i - 2}"
                found[name] = f"{what} is {value:.7g}, {reference_name}'s is {expected:.7g}"
                break
    return found


def timed(step: Step, seconds: float) -> Callable[[], float]:
    """A turn: as many steps as fill the time; returns seconds per step."""
    start = time.perf_counter()
    step()
    count = max(1, math.ceil(seconds / max(time.perf_counter() - start, 1e-7)))

    def turn() -> float:
        gc.collect()
        time.sleep(0.005)  # the other framework's threads stop spinning
        step()  # caches and threads are ours again
        start = time.perf_counter()
        for _ in range(count):
            step()
        return (time.perf_counter() - start) / count

    return turn


def take_turns(turns: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Measured]:
    samples: dict[str, list[float]] = {name: [] for name in turns}
    for i in range(rounds):
        for name in list(turns) if i % 2 else reversed(list(turns)):
            samples[name].append(turns[name]())
    return {name: Measured(tuple(values)) for name, values in samples.items()}


def measure_processes(
    row: ProcessRow, frameworks: Sequence[Framework], effort: Effort
) -> tuple[dict[str, Measured], dict[str, str]]:
    turns: dict[str, Callable[[], float]] = {}
    failures: dict[str, str] = {}
    for framework in frameworks:
        if framework.dialect != "torch":
            continue
        try:
            in_fresh_process(row.script, framework)  # its files are in the system's cache from here on
            turns[framework.name] = lambda framework=framework: in_fresh_process(row.script, framework)
        except RuntimeError as error:
            failures[framework.name] = str(error)
    return take_turns(turns, effort.processes), failures
