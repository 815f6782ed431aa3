"""Losses as they went, pass by pass."""

from __future__ import annotations

import numpy as np

from ..record import Place, Run


def losses(run: Run) -> dict[Place, list[float]]:
    """The values of the losses that the program stepped along, by the line of their backward pass and the weights."""
    found: dict[Place, list[float]] = {}
    for p in run.passes:
        if p.value is not None and not p.capture:
            found.setdefault((p.line, p.weights), []).append(p.value)
    return found


def first_and_last(run: Run) -> tuple[float, float]:
    """The mean of the first and of the last tenth of the longest series."""
    series = max(losses(run).values(), key=len, default=[float("nan")])
    return ends(series)


def ends(series: list[float]) -> tuple[float, float]:
    """The first loss, and the mean of the last tenth.

    >>> ends([4.0, 3.0, 2.0, 1.0])
    (4.0, 1.0)
    """
    tail = max(1, len(series) // 10)
    with np.errstate(all="ignore"):
        return series[0] if tail < 3 else float(np.mean(series[:tail])), float(np.mean(series[-tail:]))


def fell(run: Run, to: float) -> bool:
    """Whether the longest series ended below this share of its start."""
    first, last = first_and_last(run)
    return bool(np.isfinite(last) and (last < to * first if first > 0 else last < first))
