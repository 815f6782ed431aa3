"""Time steps side by side: the frameworks take turns, so that what disturbs the machine disturbs all of them."""

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .frameworks import CHAINRULE, Framework
from .machine import Others
from .process import in_fresh_process
from .rows import ProcessRow, Row, StepRow
from .worker import Worker


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
    workers: dict[str, Worker] = {}
    failures: dict[str, str] = {}
    for framework in frameworks:
        if framework.dialect not in row.workloads:
            continue
        try:
            workers[framework.name] = Worker(framework, row.name)
        except RuntimeError as error:
            failures[framework.name] = str(error)
    failures |= disagreements({name: worker.computed for name, worker in workers.items()}, row.tolerance)
    turns = {
        name: lambda worker=worker: worker.turn(effort.seconds)
        for name, worker in workers.items()
        if name not in failures
    }
    try:
        return take_turns(turns, effort.rounds), failures
    finally:
        for worker in workers.values():
            worker.close()


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


def take_turns(turns: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Measured]:
    samples: dict[str, list[float]] = {name: [] for name in turns}
    for i in range(rounds):
        for name in list(turns) if i % 2 else reversed(list(turns)):
            time.sleep(0.03)  # threads of the one before stop spinning
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
