"""``chainrule train``: from a table to a run folder, with what happens on the way shown."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chainrule.cli._terminal import Interrupted, console, explains_errors

if TYPE_CHECKING:
    from chainrule.train.session import Session


@click.command(short_help="Train a model on a table, and measure it on rows held out.")
@click.argument("data", required=False, metavar="[DATA]")
@click.option("-t", "--target", metavar="COLUMN", help="The column to predict.")
@click.option(
    "-m",
    "--model",
    default="linear",
    show_default=True,
    metavar="linear|mlp:64,64",
    help="A linear model, or hidden layers of these widths.",
)
@click.option("--task", metavar="regression|classification", help="What the target is, if its values mislead.")
@click.option(
    "-o",
    "--optimizer",
    default="adam",
    show_default=True,
    metavar="NAME",
    help="sgd, momentum, adam, adamw, rmsprop or adagrad.",
)
@click.option("--lr", type=float, help="The learning rate.  [default: one that suits the optimizer]")
@click.option("-e", "--epochs", type=int, default=100, show_default=True, help="Passes over the training rows.")
@click.option("-b", "--batch-size", type=int, default=32, show_default=True, help="Rows per update.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of split, first weights and order.")
@click.option("--test-size", type=float, default=0.2, show_default=True, help="The share of rows held out.")
@click.option("--scale/--no-scale", default=True, help="Standardise columns and target.  [default: scale]")
@click.option("--drop", multiple=True, metavar="COLUMN", help="Leave a column out (as often as you like).")
@click.option("--category", multiple=True, metavar="COLUMN", help="Read a column of numbers as categories.")
@click.option("--out", metavar="DIR", help="The run folder.  [default: runs/DATA-TARGET]")
@click.option("--overwrite", is_flag=True, help="Replace a run that is in that folder.")
@click.option("--log-every", type=click.IntRange(1), metavar="N", help="A line per N epochs.  [default: ten lines]")
@click.option("--resume", metavar="DIR", help="Go on with the run in this folder, up to --epochs.")
@click.pass_context
@explains_errors
def train(ctx: click.Context, data: str | None, resume: str | None, log_every: int | None, **options: Any) -> None:
    """Train a model on DATA: a CSV, TSV, Parquet or JSON lines file.

    Column types are inferred, missing values and categories handled, a part held out, numbers standardised, and the
    loss chosen by the target. Without DATA a bundled data set is used: 344 penguins (Gorman et al. 2014, CC0).

    \b
    chainrule train
    chainrule train houses.csv --target price --model mlp:64,64
    chainrule predict runs/houses-price new.csv
    """
    from chainrule.cli import _report

    session = _resumed(ctx, resume, options) if resume else _session(data, options)
    every = log_every or -(-session.settings.epochs // 10)
    out = console()
    _report.opening(out, session)
    started = time.perf_counter()
    try:
        _train(session, every)
    except KeyboardInterrupt:
        folder = session.run.folder
        raise Interrupted(
            f"interrupted: {folder} holds the state after epoch {len(session.run.history)}\n"
            f"  instead: chainrule train --resume {folder} goes on from there"
        ) from None
    _report.closing(out, session, time.perf_counter() - started)


def _session(data: str | None, options: dict[str, Any]) -> Session:
    """Everything is checked here, before a file is written."""
    from chainrule.train.errors import need
    from chainrule.train.folder import next_free
    from chainrule.train.session import Session

    for library, purpose in (
        ("polars", "reading a table"),
        ("safetensors", "storing weights"),
        ("matplotlib", "drawing the learning curve"),
    ):
        need(library, purpose)
    if options["out"] is None:
        name = f"{Path(data).stem if data else 'penguins'}-{options['target'] or 'body_mass_g'}"
        options["out"] = next_free(Path("runs"), re.sub(r"[^\w.-]", "_", name))
    model, target = options.pop("model"), options.pop("target")
    return Session(model, data, target, **options)


def _resumed(ctx: click.Context, folder: str, options: dict[str, Any]) -> Session:
    """The session that a run folder describes; of the options only --epochs may differ."""
    from chainrule.train.fitting import resumed

    given = [
        "--" + name.replace("_", "-")
        for name in options
        if name != "epochs" and ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given or ctx.params["data"]:
        raise click.UsageError(
            f"--resume goes on with the settings in {folder}; leave out {', '.join(given or ['DATA'])}."
        )
    asked = ctx.get_parameter_source("epochs") is click.core.ParameterSource.COMMANDLINE
    return resumed(folder, options["epochs"] if asked else None)


def _train(session: Session, every: int) -> None:
    """Train under a progress bar, which is there while a person looks on, and gone afterwards."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from chainrule.cli import _report

    out = console()
    columns = (
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(complete_style="cyan", finished_style="cyan"),
        TimeRemainingColumn(),
    )
    shown = sys.stdout.isatty()
    last = session.settings.epochs
    with Progress(*columns, console=out, transient=True, disable=not shown) as progress:
        task = progress.add_task("epochs", total=last, completed=session.start.epoch)

        def on_epoch(epoch: Any) -> None:
            if (epoch.number - 1) % every == 0 or epoch.number == last:
                out.print(_report.epoch_line(session, epoch))
            progress.advance(task)

        session.train(on_epoch)
