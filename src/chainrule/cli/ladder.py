"""``chainrule ladder``: the four rungs side by side, on the documents' data or on a table of one's own."""

from __future__ import annotations

import csv
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from chainrule.cli._terminal import Failure, console

if TYPE_CHECKING:
    from chainrule.ladder import Climb
    from chainrule.ladder.sheet import Sheet


@click.command(short_help="Climb from a training loop by hand to the library's, and find where one goes wrong.")
@click.argument("data", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--x", "columns", multiple=True, metavar="COL", help="A column of DATA to predict from; may be repeated.")
@click.option("--target", metavar="COL", help="The column of DATA to predict.")
@click.option("--bias/--no-bias", default=True, show_default=True, help="Whether w·x + b or w·x is fitted to DATA.")
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True, help="Steps over all samples.")
@click.option("--lr", type=click.FloatRange(0, min_open=True), default=0.01, show_default=True, help="Learning rate.")
@click.option(
    "--rungs",
    default=None,
    help="Some of 1, 2, 3, 4; 1d, whose gradient is wrong; 4d, which starts from random weights.  "
    "[default: 1d,1,2,3,4, or 1,2,3,4 with DATA]",
)
@click.option(
    "--own",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Add a rung of yours: a Python file with some of the functions prediction, gradient, loss, update. It is run.",
)
def ladder(
    data: Path | None,
    columns: tuple[str, ...],
    target: str | None,
    bias: bool,
    epochs: int,
    lr: float,
    rungs: str | None,
    own: Path | None,
) -> None:
    """Climb from a training loop written by hand to one in which every part is the library's.

    Prediction, gradients, loss and updates are by hand on rung 1, and the library's on rung 4. The table shows what
    each rung computes; below it stands whether they agree at every step or, if not, where they part and why.
    """
    if data is None and (columns or target):
        raise click.UsageError("--x and --target name columns of DATA: chainrule ladder DATA.csv --x COL --target COL")
    if data is not None and not (columns and target):
        raise click.UsageError(f"which columns of {data}? --x COL --target COL; it has {', '.join(_header(data))}")
    names = rungs or ("1d,1,2,3,4" if data is None else "1,2,3,4")
    _draw(_climbed(data, columns, target or "", bias, epochs, lr, names.split(","), own))


def _climbed(
    data: Path | None,
    columns: tuple[str, ...],
    target: str,
    bias: bool,
    epochs: int,
    lr: float,
    names: list[str],
    own: Path | None,
) -> Climb:
    from chainrule.ladder import Table, climb, documents, own_rung, rung

    try:
        table = documents() if data is None else Table.from_csv(data, columns, target, bias)
        rungs = [*(rung(name.strip()) for name in names if name.strip()), *([own_rung(own)] if own else [])]
        return climb(rungs, table, epochs=epochs, lr=lr, show=False)
    except Exception as error:
        if where := _line_of(error, own):
            raise Failure(f"{type(error).__name__}: {error}\n  where: {where}") from error
        if isinstance(error, (ValueError, TypeError, RuntimeError)):
            raise Failure(str(error)) from error
        raise


def _line_of(error: Exception, own: Path | None) -> str:
    """The line of the user's own file in which an error arose, if it did."""
    if own is None:
        return ""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).resolve() == own.resolve()]
    return f"{own}, line {frames[-1].lineno}: {frames[-1].line}" if frames else ""


def _header(path: Path) -> list[str]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        return next(csv.reader(file), [])


def _draw(climb: Climb) -> None:
    out = console()
    sheet = climb.sheet()
    if not out.is_terminal:  # a file has no width to keep to
        out = Console(highlight=False, width=1 + sum(_widths(sheet)))
    out.print(Text(sheet.title, style="bold"))
    for table in _tables(sheet, out.width):
        out.print(table)
    for line in climb.verdict():
        style = "green" if "agree" in line else "yellow"
        if out.is_terminal:
            out.print(Padding(Text(line, style=style), (0, 0, 0, 2)))
        else:
            out.print(Text(f"  {line}"), soft_wrap=True)


def _widths(sheet: Sheet) -> list[int]:
    rows = [sheet.header, *(row for block in sheet.blocks for row in block)]
    return [max(len(row[i]) for row in rows) + 3 for i in range(len(sheet.header))]


def _tables(sheet: Sheet, width: int) -> Iterator[Table]:
    """One table; where the terminal is too narrow for it, several below each other, with some of the rungs each."""
    first, *widths = _widths(sheet)
    groups: list[list[int]] = [[]]
    for i, needed in enumerate(widths, start=1):
        if groups[-1] and 1 + first + sum(widths[j - 1] for j in groups[-1]) + needed > width:
            groups.append([])
        groups[-1].append(i)
    for group in groups:
        table = Table(box=box.ROUNDED, header_style="bold")
        for i in (0, *group):
            table.add_column(sheet.header[i], no_wrap=True)
        for block in sheet.blocks:
            for row in block:
                table.add_row(*(Text(row[i]) for i in (0, *group)), end_section=row is block[-1])
        yield table
