"""``chainrule explain``: run a program, and tell its last backward pass: as text, or as a page to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ._terminal import Failure


@click.command(
    "explain",
    short_help="Run a program and show how its loss came to be, and how training went.",
    context_settings={"ignore_unknown_options": True},
)
@click.option("--html", type=click.Path(path_type=Path), help="Write a page to look at, which opens without a network.")
@click.option(
    "--surface",
    nargs=2,
    metavar="AXIS AXIS",
    help="With --html: draw the loss surface over these two: w b, or fc.weight[3,5] fc.bias[3], or random SEED.",
)
@click.argument("script", type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def explain(html: Path | None, surface: tuple[str, str] | None, script: Path, args: tuple[str, ...]) -> None:
    """Run SCRIPT with chainrule in PyTorch's place, and tell its last backward pass.

    With --html, a page: the graph to step through product by product, loss and gradients over time, the loss surface, the
    fit, and what the doctor found. Options that are not explain's own are SCRIPT's; after --, all of them are.
    Exit status: 0, or 2 if SCRIPT itself failed; the page then shows what there was until then. 1 if SCRIPT has no parameters
    by the names given to --surface; the page is then without the surface.

    \b
    chainrule explain train.py
    chainrule explain train.py --html report.html --epochs 3
    chainrule explain --html report.html --surface w b train.py
    """
    from ..reporting.axes import axes_of
    from ..reporting.program import observed_script

    if not script.is_file():
        raise click.UsageError(f"There is no file {str(script)!r}" + (" (it is a folder)." if script.is_dir() else "."))
    if script.suffix == ".ipynb":
        raise click.UsageError(
            "A notebook is explained from within: chainrule.explain(loss), chainrule.report(loss, 'report.html')."
        )
    if surface is not None and html is None:
        raise click.UsageError("--surface chooses what the page shows: --html report.html --surface AXIS AXIS.")
    target, axes = None if html is None else checked(html), axes_of(surface)
    with observed_script(script, args) as (found, status):
        found.axes = axes
        if target is None:
            tell(found, status)
        else:
            save(found, target, status)
    raise SystemExit(status)


def checked(html: Path) -> Path:
    from ..reporting.making import writable

    try:
        return writable(html)
    except OSError as error:
        raise Failure(str(error)) from error


def tell(found: Any, status: int) -> None:
    """The last backward pass as text."""
    from ..base.errors import message
    from ..reporting.collected import last_told
    from ..reporting.telling import explanation_of

    if found.last is None:
        if status == 0:
            why = found.why.get("graphs", "no backward pass was made from a loss of one number")
            raise Failure(
                message(
                    f"there is nothing to explain in {found.title}", why.rstrip("."), "loss.backward() in the program"
                )
            )
        return
    told, _ = last_told(found)
    assert told is not None
    click.echo(f"\n{explanation_of(told)}")


def save(found: Any, target: Path, status: int) -> None:
    """The page, and a line that says where it is and what it shows."""
    from ..reporting.axes import AxesError
    from ..reporting.collected import document_of
    from ..reporting.page import write

    wrong = ""
    try:
        document = document_of(found)
    except AxesError as error:  # the program has run, perhaps for an hour: the page shows all else
        wrong = str(error)
        found.why["surface"] = wrong.splitlines()[0]
        document = document_of(found)
    try:
        write(document, target)
    except OSError as error:
        raise Failure(f"cannot write the report to {str(target)!r}: {error.strerror or error}") from error
    size = target.stat().st_size / 1024 if target.is_file() else 0
    click.echo(f"\nreport: {target} ({size:,.0f} kB)")
    parts: list[tuple[str, Any]] = [("the graph", document["graphs"]), ("curves", document["curves"])]
    for what, part in parts:
        if "reason" in part:
            click.echo(f"  without {what}: {part['reason']}", err=True)
    if wrong:
        raise Failure(wrong)
