"""``chainrule run``: a PyTorch program, unmodified, with chainrule in PyTorch's place."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import click


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-m", "module", metavar="MODULE", help="Run a module, as python -m does.")
@click.argument("script", required=False, type=click.Path(path_type=Path))
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def run(module: str | None, script: Path | None, args: tuple[str, ...]) -> None:
    """Run SCRIPT (or -m MODULE) with chainrule standing in for torch.

    Within it, `import torch` and every `torch.…` is chainrule; everything else is as under python. ARGS are passed on.

    \b
    chainrule run train.py --epochs 3
    chainrule run -m package.train
    """
    from ..interop.torch_alias import install

    install()
    if module is not None:
        sys.argv = [module, *([str(script)] if script else []), *args]
        sys.path.insert(0, "")
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return
    if script is None:
        raise click.UsageError("Give a SCRIPT, or -m MODULE.")
    if not script.is_file():
        raise click.UsageError(f"There is no file {str(script)!r}" + (" (it is a folder)." if script.is_dir() else "."))
    sys.argv = [str(script), *args]
    sys.path.insert(0, str(script.resolve().parent))
    runpy.run_path(str(script), run_name="__main__")
