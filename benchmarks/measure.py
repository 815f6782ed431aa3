"""Time steps side by side: the frameworks take turns, so that what disturbs the machine disturbs all of them."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from .dialects import CHECKED, LeftOut
from .frameworks import CHAINRULE, PYTORCH, Framework
from .limits import Limits
from .machine import Others
from .process import measure_process
from .results import Cell, Result
from .rows import ProcessRow, Row, StepRow
from .worker import Worker

AT_ONCE = 2  # frameworks that import, trace and compile at the same time; steps are timed one at a time


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int  # samples per framework
    seconds: float  # at least this long per sample, and at least one step
    budget: float  # a framework that has used so many seconds in a row takes no more turns, once it has three samples
    patience: float  # for the first calls, compiling included; and for any turn
    processes: int  # fresh processes per framework


THOROUGH = Effort(rounds=11, seconds=0.04, budget=2.5, patience=90, processes=3)
QUICK = Effort(rounds=5, seconds=0.015, budget=0.7, patience=30, processes=1)


def measure(row: Row, frameworks: Sequence[Framework], effort: Effort, cache: Path, limits: Limits | None) -> Result:
    others = Others()
    if isinstance(row, ProcessRow):
        cells = measure_processes(row, frameworks, effort, cache)
        return Result(row.name, row.title, row.unit, cells, row.target, row.most, None, others.used())
    cells = measure_steps(row, frameworks, effort, cache)
    hardware = limits.seconds(row.cost) if limits and row.cost else None
    return Result(row.name, row.title, "s", cells, row.target, None, hardware, others.used())


def measure_steps(row: StepRow, frameworks: Sequence[Framework], effort: Effort, cache: Path) -> dict[str, Cell]:
    taking_part = [framework for framework in frameworks if framework.dialect in row.workloads]
    workers: dict[str, Worker] = {}
    cells = {framework.name: Cell() for framework in taking_part}

    def prepare(framework: Framework) -> None:
        try:
            workers[framework.name] = worker = Worker(framework, row.name, cache, effort.patience)
            cells[framework.name] = Cell(first=worker.first)
        except LeftOut as why:
            cells[framework.name] = Cell(left_out=str(why))
        except RuntimeError as error:
            cells[framework.name] = Cell(failure=str(error))

    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(prepare, taking_part))
        refused = disagreements({name: worker.computed for name, worker in workers.items()}, row.tolerance)
        cells |= {name: Cell(failure=f"refused: {why}") for name, why in refused.items()}
        turns = {
            name: partial(workers[name].turn, effort.seconds)
            for name in cells
            if name in workers and name not in refused
        }
        timed = take_turns(turns, effort.rounds, effort.budget)
        return cells | {name: replace(cell, first=cells[name].first) for name, cell in timed.items()}
    finally:
        for worker in workers.values():
            worker.close()


def disagreements(computed: Mapping[str, Sequence[float]], tolerance: float) -> dict[str, str]:
    """Which framework computes something else than PyTorch (or, without it, than chainrule), and where first."""
    names = [name for name in (PYTORCH.name, CHAINRULE.name, *computed) if name in computed]
    if not names:
        return {}
    reference = computed[names[0]]
    smallest = 1e-6 * max(abs(value) for value in reference)  # below it a gradient is rounding
    found = {}
    for name, values in computed.items():
        for i, (value, expected) in enumerate(zip(values, reference, strict=False)):
            if not math.isclose(value, expected, rel_tol=tolerance, abs_tol=smallest):
                what = f"the loss of step {i + 1}" if i < CHECKED else f"the norm of gradient {i - CHECKED + 1}"
                found[name] = f"{what} is {value:.7g}, {names[0]}'s is {expected:.7g}"
                break
    return found


def take_turns(turns: Mapping[str, Callable[[], float]], rounds: int, budget: float = math.inf) -> dict[str, Cell]:
    """A sample of each in turn, back and forth. One that fails keeps its reason instead of its samples."""
    samples: dict[str, list[float]] = {name: [] for name in turns}
    ended: dict[str, Cell] = {}
    spent = dict.fromkeys(turns, 0.0)
    for i in range(rounds):
        for name in list(turns) if i % 2 else reversed(list(turns)):
            if name in ended or (spent[name] > budget and len(samples[name]) >= 3):
                continue
            time.sleep(0.01)  # threads of the one before stop spinning
            start = time.perf_counter()
            try:
                samples[name].append(turns[name]())
            except (RuntimeError, LeftOut) as error:
                ended[name] = Cell(left_out=str(error)) if isinstance(error, LeftOut) else Cell(failure=str(error))
            spent[name] += time.perf_counter() - start
    return {name: ended.get(name) or Cell(tuple(values)) for name, values in samples.items()}


def measure_processes(row: ProcessRow, frameworks: Sequence[Framework], effort: Effort, cache: Path) -> dict[str, Cell]:
    turns: dict[str, Callable[[], float]] = {}
    cells: dict[str, Cell] = {}
    for framework in frameworks:
        if framework.key not in row.frameworks:
            continue
        folder = cache if row.warm else None
        turn = partial(measure_process, row.what, row.of, framework, effort.patience, folder)
        if row.warm:
            try:
                turn()  # the compiler's cache holds the row's code, and the system's the files, from here on
            except LeftOut as why:
                cells[framework.name] = Cell(left_out=str(why))
                continue
            except RuntimeError as error:
                cells[framework.name] = Cell(failure=str(error))
                continue
        turns[framework.name] = turn
    return cells | take_turns(turns, 1 if row.exact else effort.processes)
