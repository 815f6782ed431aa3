"""The tables that ``chainrule train`` prints: the data as it was understood, and the result."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chainrule.train.arrays import ArrayFeatures
from chainrule.train.columns import CategoryColumn, Column, counted
from chainrule.train.errors import listed
from chainrule.train.metrics import SMALLER_IS_BETTER, baseline_name, headline
from chainrule.train.table import bundled
from chainrule.train.target import Target, describe_classes

if TYPE_CHECKING:
    from chainrule.train.loop import Epoch
    from chainrule.train.session import Session

MOST_COLUMNS = 16
SOURCE = "344 penguins of the Palmer Archipelago, Gorman et al. 2014, CC0 1.0"


def opening(out: Console, session: Session) -> None:
    """What is about to be trained: the columns, what is left out and why, the model."""
    prepared, settings = session.prepared, session.settings
    out.print(
        f"[bold]{prepared.source}[/]  {counted(prepared.rows, 'row')}: "
        f"{len(prepared.training):,} to learn from, {len(prepared.held_out):,} held out"
    )
    if prepared.path == str(bundled()):
        out.print(f"  {SOURCE}", style="dim")
    for note in prepared.notes:
        out.print(Text(f"  {note}"), style="dim")
    out.print()
    out.print(_columns(session))
    for name, why in prepared.features.dropped.items():
        out.print(Text(f"  not used: {name}, {why}"), style="dim")
    out.print()
    parameters = sum(parameter.numel() for parameter in session.trainer.model.parameters())
    resumed = f", from epoch {session.start.epoch + 1}" if session.start.epoch else ""
    out.print(
        Text.assemble(
            (settings.model or "model", "bold"),
            f"  {counted(len(prepared.features.features), 'feature')} → {counted(prepared.target.outputs, 'output')}, "
            f"{counted(parameters, 'parameter')}\n  {settings.how}, {counted(settings.epochs, 'epoch')}{resumed}",
        )
    )
    out.print()


def epoch_line(session: Session, epoch: Epoch) -> str:
    """``epoch 11: w = 1.665, loss = 1.16278565`` for one feature and one weight, in the data's own units.

    >>> # otherwise: epoch 11: loss = 94210.4, held-out RMSE = 318.2
    """
    target = session.prepared.target
    slope = single_slope(session)
    if slope is not None:
        return f"epoch {epoch.number}: w = {slope:.3f}, loss = {epoch.loss:.8f}"
    name = headline(target)
    held_out = f", held-out {name} = {number(epoch.held_out[name])}" if epoch.held_out else ""
    return f"epoch {epoch.number}: loss = {number(epoch.loss, 6)}{held_out}"


def single_slope(session: Session) -> float | None:
    """Of a linear model of one number, ∂ŷ/∂x with the scaling undone: w · std(y) / std(x); else None."""
    features, target = session.prepared.features, session.prepared.target
    weights = [parameter for parameter in session.trainer.model.parameters() if parameter.dim() == 2]
    if not target.is_regression or len(weights) != 1 or tuple(weights[0].shape) != (1, 1):
        return None
    if isinstance(features, ArrayFeatures):
        deviation = float(features.std.reshape(-1)[0])
    else:
        only = features.columns[0]
        deviation = 1.0 if isinstance(only, CategoryColumn) else only.std
    return float(weights[0].item()) * target.std / deviation


def closing(out: Console, session: Session, seconds: float) -> None:
    """How good it became, what it says of a few rows, where it is stored."""
    run = session.run
    out.print()
    out.print(_metrics(session))
    out.print()
    out.print(_examples(session))
    out.print()
    for note in run.notes[len(session.prepared.notes) :]:
        out.print(Text(note, style="yellow"))
    out.print(Text.assemble(("saved to ", "dim"), (str(run.folder), "bold"), (f" in {seconds:.1f} s", "dim")))
    out.print(Text.assemble(("next     ", "dim"), f"chainrule predict {run.folder} DATA"), soft_wrap=True)


def _columns(session: Session) -> Table:
    features, target = session.prepared.features, session.prepared.target
    table = plain_table("column", "kind", "becomes")
    columns = () if isinstance(features, ArrayFeatures) else features.columns
    for column in columns[:MOST_COLUMNS]:
        table.add_row(Text(column.name, overflow="ellipsis", no_wrap=True), column.kind, Text(_becomes(column)))
    if len(columns) > MOST_COLUMNS:
        table.add_row(f"… {len(columns) - MOST_COLUMNS} more", "", "")
    table.add_row(Text(target.name, style="bold"), "target", Text(_task(target)))
    return table


def _becomes(column: Column) -> str:
    missing = ", 1 if missing" if column.marks_missing else ""
    if isinstance(column, CategoryColumn):
        return f"{counted(len(column.categories), 'feature')}: {listed(column.categories, 4)}{missing}"
    if column.kind == "date":
        return f"days since 1970, scaled{missing}" if column.std != 1 else f"days since 1970{missing}"
    if column.mean == 0 and column.std == 1:
        return f"as it is{missing}"
    sign, size = ("−", column.mean) if column.mean >= 0 else ("+", -column.mean)
    return f"(x {sign} {size:.4g}) / {column.std:.4g}{missing}"


def _task(target: Target) -> str:
    if not target.is_regression:
        return f"{len(target.classes)} classes: {describe_classes(target)}; cross-entropy"
    return "a number; mean squared error"


def _metrics(session: Session) -> Table:
    run, prepared = session.run, session.prepared
    measured = "held-out rows" if len(prepared.held_out) else "training rows"
    table = plain_table(measured, *run.metrics, right=True)
    cells = [
        Text(number(value), style=_verdict(name, value, run.baseline[name])) for name, value in run.metrics.items()
    ]
    table.add_row(Text(run.settings.model or "model", style="bold"), *cells)
    baseline = [number(run.baseline[name]) for name in run.metrics]
    table.add_row(Text(baseline_name(prepared.target, prepared.training.y)), *baseline)
    return table


def _verdict(name: str, value: float, trivial: float) -> str:
    """Green where the model is better than the trivial answer."""
    better = value < trivial if name in SMALLER_IS_BETTER else value > trivial
    return "bold green" if better else "bold red"


def _examples(session: Session) -> Table:
    target = session.prepared.target
    table = plain_table(Text(target.name), "before training", "after training", right=True)
    for row in session.run.examples:
        table.add_row(*(answer(value, target) for value in row))
    return table


def answer(value: Any, target: Target) -> Text:
    """A true or predicted value; a number to a hundredth of the target's spread."""
    if not target.is_regression or not isinstance(value, (int, float)):
        return Text("" if value is None else str(value))
    return Text(f"{value:,.{max(0, 2 - math.floor(math.log10(target.std)))}f}")


def number(value: float, digits: int = 4) -> str:
    """So many digits, and at least all before the point.

    >>> number(300.412), number(-0.01590), number(1131387.4)
    ('300.4', '-0.0159', '1131387')
    """
    return f"{value:.0f}" if 10 ** (digits - 1) <= abs(value) < 1e15 else f"{value:.{digits}g}"


def plain_table(first: str | Text, *others: str | Text, right: bool = False) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right" if right else "left")
    return table
