"""The learning curve: what the training rows and the held-out rows say of each epoch, and the trivial baseline."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.train.errors import need
from chainrule.train.loop import Epoch
from chainrule.train.metrics import Metrics
from chainrule.train.target import Target

TRAINING, HELD_OUT, BASELINE = "#3b6fb6", "#d1603d", "#8a8a8a"


def learning_curve(history: Sequence[Epoch], target: Target, baseline: Metrics, title: str) -> Any:
    """A matplotlib figure: for a number √loss, in the target's own unit; for classes cross-entropy and accuracy."""
    figure_module = need("matplotlib.figure", "drawing the learning curve")
    if target.is_regression:
        figure = figure_module.Figure(figsize=(7, 4.2), layout="constrained")
        root = [(e.number, e.loss**0.5, None if e.held_out_loss is None else e.held_out_loss**0.5) for e in history]
        _panel(figure.subplots(), root, f"RMSE of {target.name}", baseline.get("RMSE"))
    else:
        figure = figure_module.Figure(figsize=(9.5, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        _panel(
            left, [(e.number, e.loss, e.held_out_loss) for e in history], "cross-entropy", baseline.get("cross-entropy")
        )
        accuracy = [(e.number, None, e.held_out.get("accuracy")) for e in history]
        _panel(right, accuracy, f"accuracy for {target.name}", baseline.get("accuracy"), log=False)
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    return figure


def png(figure: Any) -> bytes:
    """The figure as the bytes of a PNG file."""
    backend = need("matplotlib.backends.backend_agg", "drawing the learning curve")
    content = io.BytesIO()
    backend.FigureCanvasAgg(figure)
    figure.savefig(content, format="png", dpi=144)
    return content.getvalue()


def _panel(
    axes: Any, points: Sequence[tuple[int, float | None, float | None]], name: str, baseline: float | None,
    log: bool = True,
) -> None:  # fmt: skip
    epochs = [point[0] for point in points]
    drawn: list[float] = [] if baseline is None else [baseline]
    for column, label, color in ((1, "training rows", TRAINING), (2, "held-out rows", HELD_OUT)):
        values = [point[column] for point in points]
        if any(value is None for value in values):
            continue
        drawn += [value for value in values if value is not None]
        axes.plot(epochs, values, color=color, linewidth=1.8, label=label, marker="o" if len(epochs) == 1 else None)
    if baseline is not None:
        axes.axhline(baseline, color=BASELINE, linewidth=1.2, linestyle=(0, (4, 3)), label="trivial baseline")
    positive = [value for value in drawn if value > 0]
    if log and len(positive) == len(drawn) and max(drawn) > 20 * min(drawn):
        axes.set_yscale("log")
    elif log:
        axes.set_ylim(bottom=0, top=1.08 * max(drawn, default=1.0) or 1.0)
    else:
        axes.set_ylim(max(0.0, min(drawn, default=0.0) - 0.05), 1.02)
    axes.set_xlabel("epoch")
    axes.set_title(name, fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    if epochs:
        axes.set_xlim(min(epochs) - 0.5, max(np.max(epochs), 2))
    axes.legend(frameon=False, fontsize=9)
