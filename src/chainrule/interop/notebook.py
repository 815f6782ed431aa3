"""Execute a notebook: its code cells in order, in one ``__main__``, showing what each shows.

A notebook file is JSON (https://nbformat.readthedocs.io): ``cells``, each with ``cell_type``, ``source`` and, for code,
``outputs``. A cell shows what it prints, what it passes to ``display``, the value of its last expression, and the figures
it has drawn.
"""

from __future__ import annotations

import ast
import json
import linecache
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, cast

from ..base.errors import message
from ..formats.atomic import write_atomically
from . import figures
from .cell_source import python_of
from .missing import explain
from .program import fail, main_module, put_first_on_path, without_ours
from .shown import Output, Tee, forms, lines_of
from .torch_alias import install


def run_notebook(path: Path, args: tuple[str, ...], output: Path | None = None) -> None:
    """Execute the notebook in its own folder; with ``output``, write it there with what its cells showed."""
    notebook = read(path)
    output = writable(output) if output else None
    install()
    os.environ.setdefault("MPLBACKEND", figures.BACKEND)  # figures become part of the notebook, and open no window
    folder = path.resolve().parent
    sys.argv = [path.name, *args]
    put_first_on_path(str(folder))
    os.chdir(folder)
    code = [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]
    for cell in code:
        cell["outputs"], cell["execution_count"] = [], None  # what an earlier run left
    cells = Cells(path.name, main_module(str(path)).__dict__)
    try:
        for cell in code:
            cells.run(cell)
    except SystemExit:
        raise
    except BaseException as error:
        fail(error)
    finally:
        if output:
            write_atomically(output, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


def writable(output: Path) -> Path:
    """Where the result is to go, asked before hours have been spent on it."""
    place = output.resolve()
    if place.is_dir() or not place.parent.is_dir():
        why = "it is a folder" if place.is_dir() else f"there is no folder {str(output.parent)!r}"
        raise SystemExit(message(f"The notebook cannot be written to {output}", why, "--output FILE.ipynb"))
    return place


def read(path: Path) -> dict[str, Any]:
    """The notebook in a file, in the present format (4)."""
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise SystemExit(message(f"{path} is not a notebook", f"its content is not JSON: {error}")) from None
    if not isinstance(found, dict) or not isinstance(found.get("cells"), list):
        old = isinstance(found, dict) and "worksheets" in found
        raise SystemExit(
            message(
                f"{path} is not a notebook" + (" of format 4" if old else ""),
                "it is of format 3, from before 2015" if old else "it holds no list of cells",
                "jupyter nbconvert --to notebook FILE" if old else "",
            )
        )
    for number, cell in enumerate(found["cells"], 1):
        source = cell.get("source") if isinstance(cell, dict) else None
        if not isinstance(source, str) and not (
            isinstance(source, list) and all(isinstance(line, str) for line in source)
        ):
            raise SystemExit(
                message(f"{path} is not a notebook", f"its cell {number} has no source, as text or lines of text")
            )
    return found


class Cells:
    """Runs code cells one after the other in one namespace."""

    def __init__(self, name: str, namespace: dict[str, Any]) -> None:
        self.name, self.namespace, self.count = name, namespace, 0
        namespace["display"] = self.display
        figures.show_with(self.show_figures)
        self.outputs: list[Output] = []

    def run(self, cell: dict[str, Any]) -> None:
        """Execute one cell; what it shows is printed, and put into the cell."""
        self.count += 1
        source = "".join(cell["source"])
        self.outputs = cell["outputs"]
        cell["execution_count"] = self.count
        with redirect_stdout(Tee(sys.stdout, "stdout", self)), redirect_stderr(Tee(sys.stderr, "stderr", self)):
            try:
                self.execute(python_of(source, self.count))
                self.show_figures()
            except BaseException as error:
                self.outputs.append(error_output(error))
                raise
            finally:
                for shown in self.outputs:
                    if shown["output_type"] == "stream":
                        shown["text"] = lines_of("".join(shown["text"]))

    def execute(self, source: str) -> None:
        """Run the statements; show the value of the last one if it is an expression without a semicolon behind it."""
        file = f"{self.name}, cell {self.count}"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)  # tracebacks quote it
        tree = cast(ast.Module, compile(source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True))
        last = tree.body[-1] if tree.body else None
        shown = isinstance(last, ast.Expr) and not source.rstrip().endswith(";")
        body = ast.Module(tree.body[:-1] if shown else tree.body, type_ignores=[])
        exec(compile(body, file, "exec", dont_inherit=True), self.namespace)
        if isinstance(last, ast.Expr) and shown:
            value = eval(compile(ast.Expression(last.value), file, "eval", dont_inherit=True), self.namespace)
            if value is not None:
                self.namespace["_"] = value
                self.show(forms(value), {"output_type": "execute_result", "execution_count": self.count})

    def display(self, *values: Any) -> None:
        """Show values: as text here, and in the notebook also as the pictures or pages that they can be."""
        for value in values:
            self.show(forms(value), {"output_type": "display_data"})

    def show(self, data: dict[str, Any], kind: Output) -> None:
        screen = sys.stdout.screen if isinstance(sys.stdout, Tee) else sys.stdout
        print("".join(data["text/plain"]), file=screen)
        self.outputs.append({**kind, "metadata": {}, "data": data})

    def show_figures(self) -> None:
        """The figures that are open become part of the notebook, as a notebook's own plots do, and are closed."""
        for data in figures.drawn():
            self.show(data, {"output_type": "display_data"})


def error_output(error: BaseException) -> Output:
    explain(error)
    shown = traceback.format_exception(type(error), error, without_ours(error.__traceback__))
    return {"output_type": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": shown}
