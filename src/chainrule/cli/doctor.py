"""``chainrule doctor``: run a PyTorch program and report the mistakes that its numbers show."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    "doctor",
    short_help="Run a program and report the mistakes that raise no error.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON; what SCRIPT prints goes to stderr.")
@click.argument("script", type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def doctor(as_json: bool, script: Path, args: tuple[str, ...]) -> None:
    """Run SCRIPT with chainrule in PyTorch's place, and report mistakes: what was measured, where, and the mend.

    A finding rests on what happened in the run. "sure" leaves no doubt; a "hint" is usually a mistake and may be meant.
    Exit status: 0 nothing sure was found, 1 something was, 2 SCRIPT itself failed.

    \b
    chainrule doctor train.py --epochs 3
    chainrule doctor --json train.py
    """
    import contextlib
    import json
    import sys

    from ..diagnosis.program import examine_script
    from ..diagnosis.report import text

    if not script.is_file():
        raise click.UsageError(f"There is no file {str(script)!r}" + (" (it is a folder)." if script.is_dir() else "."))
    if script.suffix == ".ipynb":
        raise click.UsageError("A notebook is examined from within: `with chainrule.doctor():` around the cell's code.")
    with contextlib.redirect_stdout(sys.stderr) if as_json else contextlib.nullcontext():
        examined = examine_script(script, args)
    if as_json:
        click.echo(json.dumps([f.as_json() for f in examined.findings], indent=2, ensure_ascii=False))
    else:
        click.echo("\n" + text(examined.findings))
    raise SystemExit(examined.status)
