"""What was measured: cells, rows, the file that holds them. Tables, page and chart are made from these alone."""

from __future__ import annotations

import datetime
import json
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "latest.json"


@dataclass(frozen=True)
class Cell:
    """Seconds or bytes, one sample per turn; or why there are none."""

    samples: tuple[float, ...] = ()
    first: float | None = None  # seconds that the first five steps took, compiling included
    failure: str = ""  # what went wrong, or was computed differently
    left_out: str = ""  # why this framework has no such column in this row

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The lower and the upper; with fewer than four samples, the extremes."""
        if len(self.samples) < 4:
            return min(self.samples), max(self.samples)
        lower, _, upper = statistics.quantiles(self.samples, n=4)
        return lower, upper


@dataclass(frozen=True)
class Result:
    """A row of the table."""

    name: str
    title: str
    unit: str  # "s" or "B"
    cells: Mapping[str, Cell]  # framework's name → what it took
    target: float | None = None  # PyTorch's over chainrule's, at least
    most: float | None = None  # chainrule's, at most
    hardware: float | None = None  # seconds that arithmetic or memory take at the measured limits
    others: float | None = None  # CPUs that other processes used meanwhile

    def measured(self) -> dict[str, Cell]:
        return {name: cell for name, cell in self.cells.items() if cell.samples}

    def winners(self) -> set[str]:
        """The framework with the least median, and those that can't be told from it: their quartiles overlap."""
        measured = self.measured()
        if len(measured) < 2:
            return set()
        best = min(measured.values(), key=lambda cell: cell.median)
        return {name for name, cell in measured.items() if cell.quartiles[0] <= best.quartiles[1] or cell is best}

    def ratio(self, ours: str, theirs: str) -> float | None:
        """Their median over ours: how many times better ours is."""
        measured = self.measured()
        if ours not in measured or theirs not in measured:
            return None
        return measured[theirs].median / measured[ours].median


@dataclass(frozen=True)
class Run:
    """All rows, where and with what they were measured."""

    date: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]  # framework's module → version
    results: Sequence[Result]
    limits: Mapping[str, float] = field(default_factory=dict)  # what the hardware was measured to do

    def columns(self) -> list[str]:
        """The frameworks that have a cell with samples or a failure, in the order of the first row that has them."""
        from .frameworks import FRAMEWORKS

        shown = {name for r in self.results for name, cell in r.cells.items() if cell.samples or cell.failure}
        return [framework.name for framework in FRAMEWORKS if framework.name in shown]


def as_json(run: Run) -> str:
    rows = [asdict(result) for result in run.results]
    for row in rows:
        row["cells"] = {name: {k: v for k, v in cell.items() if v} for name, cell in row["cells"].items()}
    return json.dumps({**asdict(run), "results": rows}, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Run:
    said = json.loads(text)
    rows = said.pop("results")
    for row in rows:
        row["cells"] = {
            name: Cell(**{**cell, "samples": tuple(cell.get("samples", ()))}) for name, cell in row["cells"].items()
        }
    return Run(results=[Result(**row) for row in rows], **said)


def load(path: Path = RESULTS) -> Run:
    return from_json(path.read_text(encoding="utf-8"))


def write(path: Path, text: str) -> None:
    """All of it or nothing: what was there stays until the new file is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def today() -> str:
    return datetime.date.today().isoformat()
