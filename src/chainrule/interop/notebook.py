"""Execute a notebook: its code cells in order, in one ``__main__``, showing what each shows.

A notebook file is JSON (https://nbformat.readthedocs.io): ``cells``, each with ``cell_type``, ``source`` and, for code,
``outputs``. A cell shows what it prints, what it passes to ``display``, the value of its last expression, and the figures
it has drawn.
"""

from __future__ import annotations

import ast
import base64
import io
import json
import linecache
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO

from ..base.errors import message
from ..formats.atomic import write_atomically
from .missing import explain
from .program import fail, main_module, put_first_on_path, without_ours
from .torch_alias import install

Output = dict[str, Any]


def run_notebook(path: Path, args: tuple[str, ...], output: Path | None = None) -> None:
    """Execute the notebook in its own folder; with ``output``, write it there with what its cells showed."""
    notebook = read(path)
    output = output.resolve() if output else None
    install()
    os.environ.setdefault("MPLBACKEND", "Agg")  # figures become part of the notebook, and open no window
    folder = path.resolve().parent
    sys.argv = [path.name, *args]
    put_first_on_path(str(folder))
    os.chdir(folder)
    cells = Cells(path.name, main_module(str(path)).__dict__)
    try:
        for cell in notebook["cells"]:
            if cell.get("cell_type") == "code":
                cells.run(cell)
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        fail(error)
    finally:
        if output:
            write_atomically(output, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")


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
    return found


class Cells:
    """Runs code cells one after the other in one namespace."""

    def __init__(self, name: str, namespace: dict[str, Any]) -> None:
        self.name, self.namespace, self.count = name, namespace, 0
        namespace["display"] = self.display
        self.outputs: list[Output] = []

    def run(self, cell: dict[str, Any]) -> None:
        """Execute one cell; what it shows is printed, and put into the cell."""
        self.count += 1
        source = "".join(cell["source"]) if isinstance(cell["source"], list) else cell["source"]
        self.outputs = cell["outputs"] = []
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
        tree = ast.parse(source, file)
        last = tree.body[-1] if tree.body else None
        shown = isinstance(last, ast.Expr) and not source.rstrip().endswith(";")
        body = ast.Module(tree.body[:-1] if shown else tree.body, type_ignores=[])
        exec(compile(body, file, "exec", dont_inherit=True), self.namespace)
        if isinstance(last, ast.Expr) and shown:
            value = eval(compile(ast.Expression(last.value), file, "eval", dont_inherit=True), self.namespace)
            if value is not None:
                self.namespace["_"] = value
                self.display(value, result=True)

    def display(self, *values: Any, result: bool = False) -> None:
        """Show values: as text here, and in the notebook also as HTML if they have that form."""
        for value in values:
            data = {"text/plain": lines_of(repr(value))}
            html = getattr(value, "_repr_html_", None)
            if html is not None and not isinstance(value, type) and (made := html()):
                data["text/html"] = lines_of(made)
            with redirect_stdout(self.out()):
                print("".join(data["text/plain"]))
            shown: Output = {"output_type": "display_data", "metadata": {}, "data": data}
            if result:
                shown = {**shown, "output_type": "execute_result", "execution_count": self.count}
            self.outputs.append(shown)

    def out(self) -> TextIO:
        """Where the user reads, without noting it as something the cell printed."""
        return sys.stdout.screen if isinstance(sys.stdout, Tee) else sys.stdout

    def show_figures(self) -> None:
        """The figures that a cell has drawn become part of the notebook, as a notebook's own plots do."""
        plots = sys.modules.get("matplotlib.pyplot")
        for number in plots.get_fignums() if plots else ():
            figure, file = plots.figure(number), io.BytesIO()  # type: ignore[union-attr]
            figure.savefig(file, format="png", bbox_inches="tight")
            data = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": [repr(figure)]}
            self.outputs.append({"output_type": "display_data", "metadata": {}, "data": data})
            print(repr(figure), file=self.out())
            plots.close(figure)  # type: ignore[union-attr]


class Tee(io.TextIOBase):
    """Text for the user that is noted as output of the cell."""

    def __init__(self, screen: TextIO, name: str, cells: Cells) -> None:
        self.screen, self.name, self.cells = screen, name, cells

    def write(self, text: str) -> int:
        outputs = self.cells.outputs
        if not (outputs and outputs[-1].get("name") == self.name):
            outputs.append({"output_type": "stream", "name": self.name, "text": []})
        outputs[-1]["text"].append(text)
        return self.screen.write(text)

    def flush(self) -> None:
        self.screen.flush()

    def isatty(self) -> bool:
        return self.screen.isatty()


def lines_of(text: str) -> list[str]:
    """Text as notebooks store it."""
    return text.splitlines(keepends=True)


def error_output(error: BaseException) -> Output:
    explain(error)
    shown = traceback.format_exception(type(error), error, without_ours(error.__traceback__))
    return {"output_type": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": shown}


def python_of(source: str, count: int) -> str:
    """The Python in a cell. Commands to IPython (``%matplotlib``, ``!pip``) are left out, and named."""
    try:
        ast.parse(source)
    except SyntaxError:
        pass  # commands are no Python, so a cell that has some comes here
    else:
        return source
    lines = source.splitlines()
    if lines and lines[0].startswith("%%"):
        left_out(lines[0], count)
        keeps = lines[0].split()[0] in ("%%time", "%%timeit", "%%capture")
        return "\n".join(["", *lines[1:]]) if keeps else ""
    for i, line in enumerate(lines):
        command = line.strip()
        if command.startswith(("%", "!")):
            left_out(command, count)
            lines[i] = line[: len(line) - len(line.lstrip())] + "pass"
    return "\n".join(lines)


def left_out(command: str, count: int) -> None:
    if command.split()[0] not in ("%matplotlib", "%%time", "%%capture", "%config"):  # those change only how things look
        print(f"cell {count}: left out: {command}", file=sys.__stderr__)
