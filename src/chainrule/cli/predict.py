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
def predict(run: str, data: str, out: str | None) -> None:
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
    """The first rows: the true value where there is one, the prediction, and how sure the model is of a class."""
    from rich.text import Text

    from chainrule.cli import _report

    target, head = trained.target, answered.head(MOST_ROWS)
    columns = [name for name in (target.name, f"predicted {target.name}") if name in head.columns]
    sure = [] if target.is_regression else ["probability"]
    table = _report.plain_table("row", *(Text(name) for name in columns), *sure, right=True)
    p = head.select([name for name in head.columns if name.startswith("probability of ")]).to_numpy()
    for index, row in enumerate(head.select(columns).iter_rows()):
        cells = [_report.answer(value, target) for value in row]
        table.add_row(str(index + 1), *cells, *([f"{p[index].max():.3f}"] if sure else []))
    out = console()
    out.print(table)
    if answered.height > MOST_ROWS:
        more = f"… {answered.height - MOST_ROWS:,} more: chainrule predict {run} {data} --out predictions.csv"
        out.print(more, style="dim", markup=False, soft_wrap=True)


def _measure(trained: Any, frame: Any) -> None:
    """Metrics where the answers are known."""
    measured = trained.measure(frame)
    if measured is None:
        return
    from chainrule.cli import _report

    rows, metrics = measured
    text = ", ".join(f"{name} {_report.number(value)}" for name, value in metrics.items())
    console(stderr=True).print(f"against {trained.target.name} in {rows:,} rows: {text}", markup=False)
