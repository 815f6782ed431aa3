"""``torch.utils.benchmark``: how long a statement takes, measured by Python's `timeit`, and several side by side."""

from __future__ import annotations

import importlib
import statistics
import timeit
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..base import threads

UNITS = (("s", 1.0, "seconds"), ("ms", 1e-3, "milliseconds"), ("us", 1e-6, "microseconds"), ("ns", 1e-9, "nanoseconds"))


def unit_of(seconds: float) -> tuple[str, float, str]:
    """The unit in which a time is best told.

    >>> unit_of(0.0025)
    ('ms', 0.001, 'milliseconds')
    """
    return next((unit for unit in UNITS if seconds >= unit[1]), UNITS[-1])


@dataclass(frozen=True)
class Measurement:
    """Times of a statement: ``raw_times`` seconds, each for ``number_per_run`` runs."""

    number_per_run: int
    raw_times: list[float]
    stmt: str = ""
    setup: str = "pass"
    label: str | None = None
    sub_label: str | None = None
    description: str | None = None
    num_threads: int = 1

    @property
    def times(self) -> list[float]:
        """Seconds for one run."""
        return [t / self.number_per_run for t in self.raw_times]

    @property
    def mean(self) -> float:
        return statistics.mean(self.times)

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def iqr(self) -> float:
        """The distance between the quartiles."""
        if len(self.raw_times) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.times, n=4, method="inclusive")
        return high - low

    @property
    def title(self) -> str:
        if self.label is not None:
            return self.label + (f": {self.sub_label}" if self.sub_label else "")
        return self.stmt + (f"\nsetup: {self.setup}" if self.setup != "pass" else "")

    def __repr__(self) -> str:
        name, size, _ = unit_of(self.median)
        count = len(self.raw_times)
        lines = [f"<{type(self).__module__}.{type(self).__qualname__} object at {id(self):#x}>", self.title]
        if self.description:
            lines.append(self.description)
        lines.append(f"  {'Median: ' if count > 1 else ''}{self.median / size:.2f} {name}")
        if count > 2:
            lines.append(f"  IQR:    {self.iqr / size:.2f} {name}")
        runs = f"{self.number_per_run} runs{' per measurement' if count > 1 else ' '}"
        threads = f"{self.num_threads} thread{'s' * (self.num_threads > 1)}"
        lines.append(f"  {count} measurement{'s' * (count > 1)}, {runs}, {threads}")
        return "\n".join(lines)


class Language(Enum):
    """What a statement is written in."""

    PYTHON = 0
    CPP = 1


class Timer:
    """Times ``stmt``, run in ``globals`` after ``setup``, with so many threads.

    >>> Timer("x + 1", globals={"x": 2}).timeit(10).number_per_run
    10
    """

    def __init__(
        self,
        stmt: str | Callable[[], Any] = "pass",
        setup: str = "pass",
        global_setup: str = "",
        timer: Callable[[], float] = timeit.default_timer,
        globals: dict[str, Any] | None = None,
        label: str | None = None,
        sub_label: str | None = None,
        description: str | None = None,
        env: str | None = None,
        num_threads: int = 1,
        language: str | Language = Language.PYTHON,
    ) -> None:
        if language not in ("python", "py", Language.PYTHON):
            raise ValueError(f"Timer measures Python statements, not {language}")
        if num_threads < 1:
            raise ValueError(f"num_threads must be at least 1, not {num_threads}")
        torch = importlib.import_module("chainrule")
        self.timer = timeit.Timer(stmt, setup, timer, {"torch": torch, **(globals or {})})
        self.about = dict(
            stmt=stmt if isinstance(stmt, str) else getattr(stmt, "__name__", repr(stmt)),
            setup=setup,
            label=label,
            sub_label=sub_label,
            description=description,
            num_threads=num_threads,
        )
        self.num_threads = num_threads

    def _times(self, number: int, repeat: int) -> list[float]:
        before, blas = threads.cores(), threads.blas_threads(self.num_threads)
        threads.use_cores(self.num_threads)
        try:
            return self.timer.repeat(repeat, number)
        finally:
            threads.use_cores(before)
            threads.blas_threads(blas)

    def _measured(self, number: int, times: list[float]) -> Measurement:
        return Measurement(number, times, **self.about)  # type: ignore[arg-type]

    def timeit(self, number: int = 1_000_000) -> Measurement:
        """One measurement of so many runs, after a few that are not counted."""
        self._times(max(number // 100, 2), 1)
        return self._measured(number, self._times(number, 1))

    def repeat(self, repeat: int = -1, number: int = -1) -> None:
        raise NotImplementedError("Timer.repeat is timeit's; use blocked_autorange() or adaptive_autorange()")

    def blocked_autorange(self, callback: Any = None, min_run_time: float = 0.2) -> Measurement:
        """Measurements of so many runs each that the clock is read rarely, until they took ``min_run_time`` seconds."""
        number = 1
        while (taken := min(self._times(number, 2))) < min_run_time / 1000 and number < 10**9:
            number *= 10
        times: list[float] = []
        while sum(times) < min_run_time or not times:
            times += self._times(number, 1)
            if callback is not None:
                callback(number, taken)
        return self._measured(number, times)

    def adaptive_autorange(
        self, threshold: float = 0.1, *, min_run_time: float = 0.01, max_run_time: float = 10.0, callback: Any = None
    ) -> Measurement:
        """As `blocked_autorange`, for as long as the quartiles are farther apart than that share of the median."""
        found = self.blocked_autorange(callback, min_run_time)
        while sum(found.raw_times) < max_run_time and (len(found.times) < 4 or found.iqr > threshold * found.median):
            more = self._times(found.number_per_run, max(len(found.times), 4))
            found = self._measured(found.number_per_run, found.raw_times + more)
        return found


class Compare:
    """A table of measurements: a column for each description, a row for each sub-label, a block for each label."""

    def __init__(self, results: Sequence[Measurement]) -> None:
        self.results, self.digits, self.colour = list(results), 1, False

    def extend_results(self, results: Sequence[Measurement]) -> None:
        self.results.extend(results)

    def trim_significant_figures(self) -> None:
        """Show times as whole numbers where they spread by more than a tenth of the unit."""
        self.digits = 0 if any(r.iqr > 0.1 * unit_of(r.median)[1] for r in self.results) else 1

    def colorize(self, rowwise: bool = False) -> None:
        """Show the shortest time of each row in green, for terminals."""
        self.colour = True

    def print(self) -> None:
        print(self)

    def __str__(self) -> str:
        return "\n".join(self._block(label) for label in dict.fromkeys(r.label or r.stmt for r in self.results))

    def _block(self, label: str) -> str:
        here = [r for r in self.results if (r.label or r.stmt) == label]
        columns = list(dict.fromkeys(r.description or "" for r in here))
        rows = list(dict.fromkeys((r.num_threads, r.sub_label or r.stmt) for r in here))
        _, size, unit = unit_of(min(r.median for r in here))
        table = [["", *columns]]
        for count, name in rows:
            cells = [name]
            for column in columns:
                found = [r.median / size for r in here if (r.description or "", r.num_threads, r.sub_label or r.stmt)
                         == (column, count, name)]  # fmt: skip
                cells.append(f"{statistics.mean(found):.{self.digits}f}" if found else "")
            table.append(cells)
        widths = [max(len(row[i]) for row in table) for i in range(len(columns) + 1)]
        lines = [self._line(row, widths) for row in table]
        counts = sorted({r.num_threads for r in here})
        head = f"[ {label} ]".center(sum(widths) + 5 * len(columns), "-")
        note = f"{', '.join(map(str, counts))} threads: times are in {unit}."
        return "\n".join([head, *lines, note, ""])

    def _line(self, row: list[str], widths: list[int]) -> str:
        times = [cell for cell in row[1:] if cell.replace(".", "").isdigit()]
        best = min(times, key=float) if self.colour and times else None
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        cells = [f"\x1b[92m{cell}\x1b[0m" if cell.strip() == best else cell for cell in cells]
        return "  |  ".join([row[0].ljust(widths[0]), *cells])
