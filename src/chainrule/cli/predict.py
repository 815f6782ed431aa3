"""``chainrule predict RUN DATA``: what a trained model says of the rows of a table."""

from __future__ import annotations

import sys
from typing import Any

import click

from chainrule.cli._terminal import console, explains_errors

MOST_ROWS = 10


@click.command(short_help="Predict the rows of a table with a trained model.")
@click.argument("run")
@click.argument("data")
@click.option(
    "--out", metavar="FILE", help="Write all rows with their predictions here (.csv, .tsv, .parquet, .jsonl)."
)
@explains_errors
def command(run: str, data: str, out: str | None) -> None:
    """Predict the rows of DATA with the model in RUN, the folder that `chainrule train` wrote.

    In a terminal the first rows are shown; into a pipe or a file (chainrule predict RUN DATA > predictions.csv) all of
    them go as CSV. Where DATA has the target's column too, the predictions are measured against it.
    """
    from chainrule.train.run import Run
    from chainrule.train.table import as_table, write_table

    trained = Run.load(run)
    frame = as_table(data)
    answered = with_predictions(trained, frame)
    notes = console(stderr=True)
    for note in trained.notes_on(frame):
        notes.print(f"note: {note}", style="dim", markup=False, soft_wrap=True)
    if out is not None:
        write_table(answered, out)
        notes.print(f"{frame.height:,} rows with their predictions are in {out}", markup=False, soft_wrap=True)
    elif sys.stdout.isatty():
        _show(trained, answered, data, run)
    else:
        click.echo(answered.write_csv(), nl=False)
    _measure(trained, frame)


def with_predictions(trained: Any, frame: Any) -> Any:
    """The table with a column ``predicted TARGET``, and for classes one ``probability of CLASS`` each."""
    import polars as pl

    outputs = trained.outputs(frame)
    target = trained.target
    predicted = [pl.Series(f"predicted {target.name}", target.predictions(outputs).tolist())]
    if not target.is_regression:
        probabilities = target.probabilities(outputs)
        predicted += [
            pl.Series(f"probability of {label}", probabilities[:, index]) for index, label in enumerate(target.classes)
        ]
    return frame.with_columns(predicted)


def _show(trained: Any, answered: Any, data: str, run: str) -> None:
    from rich.text import Text

    from chainrule.cli import _report

    name = trained.target.name
    shown = [n for n in (name, *answered.columns) if n in answered.columns and (n == name or _is_answer(n, trained))]
    shown = list(dict.fromkeys(shown))[:6]
    out = console()
    table = _report.plain_table(Text("row"), *(Text(column) for column in shown))
    for index, row in enumerate(answered.select(shown).head(MOST_ROWS).iter_rows(), start=1):
        table.add_row(str(index), *(_report.answer(value, trained.target) for value in row))
    out.print(table)
    if answered.height > MOST_ROWS:
        out.print(f"… {answered.height - MOST_ROWS:,} more rows; all of them: "
                  f"chainrule predict {run} {data} --out predictions.csv", style="dim", markup=False)  # fmt: skip


def _is_answer(column: str, trained: Any) -> bool:
    return column == f"predicted {trained.target.name}" or column.startswith("probability of ")


def _measure(trained: Any, frame: Any) -> None:
    """Metrics where the answers are known."""
    measured = trained.measure(frame)
    if measured is None:
        return
    from chainrule.cli import _report

    rows, metrics = measured
    text = ", ".join(f"{name} {_report.number(value)}" for name, value in metrics.items())
    console(stderr=True).print(f"against {trained.target.name} in {rows:,} rows: {text}", markup=False)
