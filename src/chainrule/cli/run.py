"""``chainrule run``: a PyTorch program, unmodified, with chainrule in PyTorch's place."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(
    "run",
    short_help="Run a PyTorch program or notebook as it is, with chainrule in PyTorch's place.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the executed notebook here.")
@click.option("--full-traceback", is_flag=True, help="Show chainrule's own lines in tracebacks too.")
@click.option("--compile", "compiled", is_flag=True, help="Compile the training steps in the script's loops.")
@click.option("--report", is_flag=True, help="With --compile: say at the end which loops were compiled, and why others were not.")
@click.argument("script", required=False, type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def run(
    module: str | None,
    script: Path | None,
    args: tuple[str, ...],
    output: Path | None,
    full_traceback: bool,
    compiled: bool,
    report: bool,
) -> None:
    """Run SCRIPT, a NOTEBOOK.ipynb, or -m MODULE with chainrule standing in for torch.

    Within it, `import torch` and every `torch.…` is chainrule; everything else is as under python. ARGS are passed on.
    A notebook's cells are executed in order, in its folder, and what they show is printed.

    \b
    chainrule run train.py --epochs 3
    chainrule run -m package.train
    chainrule run --output done.ipynb lesson.ipynb
    chainrule run --compile --report train.py
    """
    from ..interop.program import Lines, run_module, run_script

    Lines.all = full_traceback
    if report and not compiled:
        raise click.UsageError("--report says what became of --compile: give both.")
    if compiled and (module is not None or script is not None and script.suffix == ".ipynb"):
        raise click.UsageError("--compile is for scripts; in modules and notebooks write @chainrule.compile_loops above a function.")
    if module is not None:
        if output:
            raise click.UsageError("--output is for notebooks.")
        run_module(module, (str(script), *args) if script else args)
        return
    if script is None:
        raise click.UsageError("Give a SCRIPT, a NOTEBOOK.ipynb, or -m MODULE.")
    if str(script).startswith("-") and not script.is_file():
        raise click.NoSuchOption(str(script), possibilities=["-m", "--output", "--full-traceback", "--compile", "--report"])
    if not script.is_file():
        raise click.UsageError(f"There is no file {str(script)!r}" + (" (it is a folder)." if script.is_dir() else "."))
    if script.suffix == ".ipynb":
        from ..interop.notebook import run_notebook

        run_notebook(script, args, output)
        return
    if output:
        raise click.UsageError("--output is for notebooks.")
    run_script(script, args, compiled, report)
