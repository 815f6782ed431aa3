"""Run a program of somebody else's as python would, with chainrule in PyTorch's place.

What the program sees is what it sees under python: its own ``__main__``, ``sys.argv`` and ``sys.path``; errors end in a
traceback of the program's own lines and exit status 1.
"""

from __future__ import annotations

import builtins
import importlib.machinery
import os
import runpy
import sys
import traceback
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from .missing import chain, explain
from .torch_alias import install

PACKAGE = str(Path(__file__).parents[1]) + os.sep


class Lines:
    """Which lines a traceback shows: the program's, or the library's too."""

    all = False


def run_script(path: Path, args: tuple[str, ...], compiled: bool = False, report: bool = False) -> None:
    """``python path args…``; ``compiled``: with the training steps in its loops compiled, and a report of them at the end."""
    install()
    sys.argv = [str(path), *args]
    put_first_on_path(str(path.resolve().parent))
    module = main_module(str(path))
    with ours_hidden():
        if not compiled:
            exec(compile(path.read_bytes(), str(path), "exec", dont_inherit=True), module.__dict__)
            return
        from ..compiler.loops import turned_program

        code, loops = turned_program(path.read_bytes(), str(path), module.__dict__)
        try:
            exec(code, module.__dict__)
        finally:
            if report:
                sys.stdout.flush()
                print(loops.report(), file=sys.stderr)


def run_module(name: str, args: tuple[str, ...]) -> None:
    """``python -m name args…``"""
    install()
    sys.argv = [name, *args]
    put_first_on_path(os.getcwd())
    with ours_hidden():
        runpy.run_module(name, run_name="__main__", alter_sys=True)


def main_module(file: str) -> ModuleType:
    """A fresh ``__main__`` for a program in a file."""
    module = ModuleType("__main__")
    module.__file__ = file
    module.__builtins__ = builtins  # type: ignore[attr-defined]
    module.__loader__ = importlib.machinery.SourceFileLoader("__main__", file)
    sys.modules["__main__"] = module
    return module


def put_first_on_path(folder: str) -> None:
    """Python puts a program's folder where ours stands: first."""
    if sys.flags.safe_path:
        return
    sys.path[0:1] = [folder]


class ours_hidden:  # noqa: N801  (reads as a phrase after `with`)
    """An error within the block is shown as python shows it, without our lines, and ends the process with status 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, lines: TracebackType | None) -> None:
        if error is None or isinstance(error, SystemExit):
            return
        fail(error)


def fail(error: BaseException) -> NoReturn:
    """Show an error of the program, and exit."""
    explain(error)
    for each in chain(error):
        each.__traceback__ = without_ours(each.__traceback__)
    sys.stdout.flush()
    if sys.excepthook is sys.__excepthook__:
        traceback.print_exception(error)  # it can quote notebook cells, which the built-in hook looks for in files
    else:
        sys.excepthook(type(error), error, error.__traceback__)
    raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1)


def without_ours(lines: TracebackType | None) -> TracebackType | None:
    """A traceback without the lines of chainrule, of `runpy` and of Python's import system."""
    if Lines.all:
        return lines
    kept: list[Any] = []
    while lines is not None:
        if not is_ours(lines.tb_frame.f_code.co_filename):
            kept.append(lines)
        lines = lines.tb_next
    for frame, after in zip(kept, [*kept[1:], None]):
        frame.tb_next = after
    return kept[0] if kept else None


def is_ours(file: str) -> bool:
    return file.startswith((PACKAGE, "<frozen ")) or file == runpy.__file__
