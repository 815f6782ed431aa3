"""The course in docs/road: its sources, the notebooks made of them, and how both are run.

A lesson is written as a Python file in docs/road/source. ``# %%`` starts a cell, ``# %% [markdown]`` one of text, and
``tags=[…]`` behind it says what else it is:

========  ================================================================================================
explain   asks chainrule itself; every other cell of code runs under PyTorch just as well, and prints the same
exercise  holds a gap, ``...``, for the reader to fill
mark      calls `chainrule.mark` on the exercise before it
solution  what fills the gap; in the notebook, unfolded by a click
wrong     a typical wrong answer, whose first line says what the mark has to say of it; for the tests alone
machine   shows what depends on the processor, or on how chainrule is written today: not compared
========  ================================================================================================
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.interop.notebook import Cells
from tests.architecture.tree import ROOT

ROAD = ROOT / "docs" / "road"
SOURCES = sorted((ROAD / "source").glob("*.py"))
HEAD = re.compile(r"^# %%(?P<text> \[markdown\])?(?: tags=(?P<tags>\[.*\]))?$", re.MULTILINE)
CLOSELY = re.compile(r"to \S+ of the largest value|bit for bit|to the last digit")
SAYS = re.compile(r"# says: (.+)")


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson."""

    kind: str  # "markdown" or "code"
    source: str
    tags: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """Of a wrong answer, what is to be said of it."""
        found = SAYS.match(self.source)
        assert found, f"the first line of a wrong answer is `# says: …`: {self.source}"
        return found[1]


def cells_of(source: Path) -> list[Cell]:
    """The cells of a lesson's source."""
    text = source.read_text(encoding="utf-8")
    heads = list(HEAD.finditer(text))
    assert heads and heads[0].start() == 0, f"{source} begins with a cell"
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return [cell_of(head, text[head.end() : end].strip("\n")) for head, end in zip(heads, ends, strict=True)]


def cell_of(head: re.Match[str], body: str) -> Cell:
    if head["text"]:
        return Cell("markdown", "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.splitlines()))
    return Cell("code", body, tuple(json.loads(head["tags"] or "[]")))


def unfolding(solution: Cell) -> Cell:
    """A solution as it stands in the notebook."""
    return Cell(
        "markdown", f"<details><summary>A solution</summary>\n\n```python\n{solution.source}\n```\n\n</details>"
    )


def notebook(source: Path) -> dict[str, Any]:
    """The notebook of a lesson, not yet executed, in nbformat 4.5."""
    shown = [unfolding(c) if "solution" in c.tags else c for c in cells_of(source) if "wrong" not in c.tags]
    return {
        "cells": [entry(cell, f"cell-{number}") for number, cell in enumerate(shown, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def entry(cell: Cell, name: str) -> dict[str, Any]:
    """A cell as notebooks hold it."""
    made: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": name,
        "metadata": {"tags": list(cell.tags)} if cell.tags else {},
        "source": cell.source.splitlines(keepends=True),
    }
    return made | {"execution_count": None, "outputs": []} if cell.kind == "code" else made


def stored(source: Path) -> dict[str, Any]:
    """The executed notebook in docs/road."""
    return json.loads(place(source).read_text(encoding="utf-8"))


def place(source: Path) -> Path:
    return ROAD / f"{source.stem}.ipynb"


def code(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in made["cells"] if cell["cell_type"] == "code"]


def tags(cell: dict[str, Any]) -> list[str]:
    return cell["metadata"].get("tags", [])


@contextlib.contextmanager
def player(source: Path) -> Iterator[Cells]:
    """Something that executes cells one after the other, in silence."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield Cells(source.stem, {"__name__": "__main__"})


def executed(source: Path) -> dict[str, Any]:
    """The notebook with what its cells show; of what can be shown as a picture, the picture, which all viewers draw."""
    made = notebook(source)
    with player(source) as cells:
        for cell in code(made):
            cells.run(cell)
            for output in cell["outputs"]:
                if "image/svg+xml" in output.get("data", {}):
                    output["data"].pop("text/html", None)
    return made


def text_of(cell: dict[str, Any]) -> str:
    """What a cell printed and showed, as text, but for how closely runs agree, which depends on the processor."""
    parts = [output.get("text") or output["data"]["text/plain"] for output in cell["outputs"]]
    return CLOSELY.sub("to rounding", "\n".join("".join(part).rstrip("\n") for part in parts))
