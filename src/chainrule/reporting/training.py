"""What a recording shows: the loss, the learning rates, gradients and updates of each parameter, over time."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..nn.module import Module
from ..recording.run import Run
from ..recording.summaries import Summary
from .encoding import bytes_of
from .watching import LEVELS, Layer

POINTS = 1200  # of a curve
COLUMNS = 48  # of a map over time
ROWS = 96  # parameters in it
BINS = 24  # of a histogram
GROUPS = 6  # learning rates


def curves_of(run: Run) -> dict[str, Any]:
    """The loss and the learning rates of each step; of a long run, the least and the greatest loss of each stretch."""
    facts = [(n, run.store.step(n)[0]) for n in run.numbers]
    steps = [n for n, _ in facts]
    losses = [f["loss"] for _, f in facts]
    rates = [f["rates"] for _, f in facts]
    chosen = thinned(losses)
    groups = min(max(map(len, rates), default=0), GROUPS)
    return {
        "steps": [steps[i] for i in chosen],
        "losses": [losses[i] for i in chosen],
        "rates": [[rates[i][k] if k < len(rates[i]) else None for i in chosen] for k in range(groups)],
        "count": len(steps),
        "by_hand": bool(steps) and not any(rates),
        "ended": run.ended,
    }


def thinned(values: list[float | None], most: int = POINTS) -> list[int]:
    """Which entries of a curve are drawn: all, or the least and the greatest of each stretch, and the ends.

    >>> thinned([5.0, 1.0, 2.0, 9.0, 3.0, 4.0], most=4)
    [0, 1, 3, 4, 5]
    """
    n = len(values)
    if n <= most:
        return list(range(n))
    y = np.array([np.nan if v is None else v for v in values], np.float64)
    found = {0, n - 1}
    for stretch in np.array_split(np.arange(n), most // 2):
        part = np.where(np.isfinite(y[stretch]), y[stretch], np.nan)
        if np.isnan(part).all():
            found.add(int(stretch[0]))
        else:
            found |= {int(stretch[np.nanargmin(part)]), int(stretch[np.nanargmax(part)])}
    return sorted(found)


def flow_of(run: Run) -> dict[str, Any]:
    """Of each parameter over time: the gradient's root mean square, and how far an update moves it, relative to its size."""
    numbers = run.numbers
    chosen = (
        [numbers[i] for i in sorted({int(i) for i in np.linspace(0, len(numbers) - 1, COLUMNS)})] if numbers else []
    )
    steps = [run.step(n) for n in chosen]
    shapes = {p.name: p.shape for step in steps for p in step.parameters.values()}
    names = list(shapes)[:ROWS]
    return {
        "steps": chosen,
        "left_out": len(shapes) - len(names),
        "parameters": [
            {
                "name": name,
                "shape": list(shapes[name]),
                "gradient": [rms(step.parameters.get(name), "gradient") for step in steps],
                "value": [rms(step.parameters.get(name), "value") for step in steps],
                "update": [rms(step.parameters.get(name), "update") for step in steps],
            }
            for name in names
        ],
    }


def rms(parameter: Any, kind: str) -> float | None:
    """√(Σx²/n), from the norm that was kept."""
    found: Summary | None = None if parameter is None else parameter.summaries[kind]
    if found is None or parameter is None:
        return None
    return found.norm / max(1, int(np.prod(parameter.shape))) ** 0.5


def activations_of(layers: list[Layer], paths: dict[Module, str]) -> list[dict[str, Any]]:
    """Of each module over time: how the entries of its output are distributed over common bins, and the share of zeros."""
    found = []
    longest = max((len(layer.seen.items) for layer in layers), default=0)
    for layer in layers:
        if not layer.seen.items or len(layer.seen.items) == 1 < longest:
            continue  # a module that was made for one step shows nothing over time
        quantiles = np.array([q for _, q, _ in layer.seen.items])
        low, high = spread(quantiles)
        edges = np.linspace(low, high, BINS + 1)
        found.append(
            {
                "name": paths.get(layer.module) or type(layer.module).__name__,
                "kind": type(layer.module).__name__,
                "shape": list(layer.shape),
                "steps": [step + 1 for step, _, _ in layer.seen.items],
                "low": low,
                "high": high,
                "bins": BINS,
                **pictured([shares(q, edges) for q in quantiles]),
                "medians": [float(q[len(q) // 2]) for q in quantiles],
                "zeros": [zeros for _, _, zeros in layer.seen.items],
            }
        )
    return found


def pictured(found: list[list[float]]) -> dict[str, Any]:
    """Histograms as bytes, the largest share being 254."""
    most = max(map(max, found))
    return {"most": most, "shares": bytes_of(found, 0.0, most)}


def spread(quantiles: np.ndarray) -> tuple[float, float]:
    """The range that is shown: of all times, without the farthest hundredth of entries."""
    low, high = float(np.quantile(quantiles[:, 0], 0.05)), float(np.quantile(quantiles[:, -1], 0.95))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def shares(quantiles: np.ndarray, edges: np.ndarray) -> list[float]:
    """Which share of the entries lies in each bin, given their quantiles; what lies outside counts to the outermost.

    >>> shares(np.linspace(0.0, 1.0, len(LEVELS)), np.array([0.0, 0.25, 1.0]))
    [0.25, 0.75]
    """
    below = np.array([share_below(quantiles, edge) for edge in edges[1:-1]])
    return [round(float(x), 4) for x in np.diff([0.0, *below, 1.0])]


def share_below(quantiles: np.ndarray, x: float) -> float:
    """The share of entries below x; of equal entries all or none are."""
    i = int(np.searchsorted(quantiles, x, side="left"))
    if i == 0:
        return 0.0
    if i == len(quantiles):
        return 1.0
    a, b = quantiles[i - 1], quantiles[i]
    return float(LEVELS[i - 1] + (LEVELS[i] - LEVELS[i - 1]) * ((x - a) / (b - a) if b > a else 0.0))
