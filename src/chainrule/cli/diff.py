"""``chainrule diff``: the first step at which two recorded runs part, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._terminal import Failure, console

if TYPE_CHECKING:
    from ..recording import Difference


class Unusable(Failure):
    """A file that is no recording: neither equal nor different."""

    exit_code = 2


@click.command("diff", short_help="Compare two recorded runs: the first step at which they part, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.argument("run_a", type=click.Path())
@click.argument("run_b", type=click.Path())
def diff(as_json: bool, run_a: str, run_b: str) -> None:
    """Name the first step at which RUN_A and RUN_B part, and the cause that the recordings prove.

    `with chainrule.record("a.rec"):` around a training loop makes a recording. Exit status: 0 the runs are equal,
    1 they differ, 2 a file cannot be used.

    \b
    chainrule diff a.rec b.rec
    chainrule diff --json a.rec b.rec
    """
    import json

    from ..recording import compare

    try:
        found = compare(run_a, run_b)
    except (OSError, ValueError) as error:
        raise Unusable(str(error)) from error
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        show(found)
    raise SystemExit(0 if found.equal else 1)


def show(found: Difference) -> None:
    """In a terminal, long lines are broken between words and stay under their label; elsewhere they stay whole."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    if found.equal or not out.is_terminal:
        click.echo(str(found))
        return
    first, *lines = [line.partition(": ") for line in str(found).splitlines()]
    table = Table.grid(padding=(0, 1, 0, 0))
    for label, _, said in lines:
        table.add_row(Text(f"{label}:", style="bold"), Text(said.lstrip()))
    out.print(Text(first[0], style="bold"))
    out.print(table)
