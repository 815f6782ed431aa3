"""The checks: one family of mistakes a file, each a function from a `Run` to its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..finding import SURE, Finding
from ..record import Run
from . import (
    byhand,
    capacity,
    data,
    flow,
    graphs,
    losses,
    modes,
    numbers,
    parameters,
    precision,
    randomness,
    rate,
    shapes,
    splits,
    stepping,
    targets,
    units,
    zeroing,
)

Check = Callable[[Run], Iterable[Finding]]

CHECKS: tuple[Check, ...] = (
    zeroing.check, stepping.check, parameters.check, graphs.check, shapes.check, losses.check, targets.check, modes.check,
    data.check, splits.check, rate.check, flow.check, units.check, numbers.check, byhand.check, randomness.check,
    precision.check, capacity.check,
)  # fmt: skip

# What follows from another mistake is not reported beside it.
FOLLOWS = {
    "D25": ("D01", "D11", "D14", "D15", "D16", "D33"),
    "D26": ("D01", "D11", "D12", "D13", "D33", "D27", "D30", "D31"),
    "D28": ("D25", "D01", "D14", "D15", "D16"),
    "D32": ("D14", "D15", "D25", "D16", "D28"),
    "D36": (
        "D01",
        "D11",
        "D12",
        "D13",
        "D25",
        "D26",
        "D27",
        "D29",
        "D04",
        "D02",
        "D03",
        "D05",
        "D07",
        "D30",
        "D31",
        "D33",
    ),
    "D16": ("D15",),
    "D17": ("D15",),
    "D29": ("D17", "D05", "D02", "D03", "D04", "D07", "D30", "D27", "D28"),
    "D30": ("D25",),
    "D31": ("D25",),
    "D21": ("D11",),
    "D06": ("D08",),
    "D07": ("D05", "D08"),
    "D04": ("D02",),
    "D22": ("D17",),
    "D20": (),
}


def examine(run: Run) -> list[Finding]:
    """All findings, sure ones first, each mistake once for each line."""
    found: dict[tuple[str, object], Finding] = {}
    for check in CHECKS:
        for finding in check(run):
            found.setdefault((finding.code, finding.line), finding)
    codes = {f.code for f in found.values()}
    kept = [f for f in found.values() if not codes & set(FOLLOWS.get(f.code, ()))]
    return sorted(kept, key=lambda f: (f.severity != SURE, f.code, f.line))
