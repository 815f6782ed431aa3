"""The Python in a notebook's cell: commands to IPython (``%matplotlib inline``, ``!pip install``) are left out, and named.

Such a command is no Python, so Python itself says where one is: at the line that it cannot read. Lines that begin with
``%`` within a text or a formula are Python, and stay.
"""

from __future__ import annotations

import ast
import sys
import warnings
from pathlib import Path

QUIET = ("%matplotlib", "%config", "%%time", "%%timeit", "%%capture")  # these change only how things look
TIMING = ("%time", "%timeit")  # the rest of the line is Python
KEEPING = ("%%time", "%%timeit", "%%capture")  # the rest of the cell is Python


def python_of(source: str, count: int) -> str:
    """The Python in a cell, each statement at its line; ``count`` is the cell's number, for what is said.

    >>> python_of("%matplotlib inline\\nx = 7 \\\\\\n  % 4", 1)
    'pass\\nx = 7 \\\\\\n  % 4'
    """
    first, _, rest = source.partition("\n")
    if first.startswith("%%"):
        return "\n" + whole_cell(first, rest, count)
    lines = source.split("\n")
    while (at := unreadable("\n".join(lines))) is not None:
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        command = lines[at].strip()
        if not is_command(command):
            break
        lines[at] = indent + (command.partition(" ")[2].strip() if command.split()[0] in TIMING else "pass")
        if lines[at].strip() in ("", "pass"):
            lines[at] = indent + "pass"
            left_out(command.removesuffix("\\").rstrip(), count)
        while command.endswith("\\") and at + 1 < len(lines):  # the command goes on
            at += 1
            command, lines[at] = lines[at].strip(), ""
    return "\n".join(lines)


def unreadable(source: str) -> int | None:
    """The line, from 0, at which Python gives up."""
    try:
        with warnings.catch_warnings(action="ignore"):  # they are given when the cell is executed
            ast.parse(source)
    except SyntaxError as error:
        return (error.lineno or 1) - 1 if (error.lineno or 1) <= source.count("\n") + 1 else None
    return None


def is_command(line: str) -> bool:
    """Is this line for IPython: a magic, a command of the shell, a question, or one of the first two assigned to a name?"""
    value = line.partition("=")[2].strip()
    return line.startswith(("%", "!", "?")) or line.endswith("?") or value.startswith(("%", "!"))


def whole_cell(command: str, rest: str, count: int) -> str:
    """What is left of a cell whose first line says what the rest is: Python, a file, or another language."""
    words = command.split()
    if words[0] == "%%writefile" and len(words) > 1:
        add = words[1] == "-a"
        with Path(words[-1]).open("a" if add else "w", encoding="utf-8") as file:
            file.write(rest if rest.endswith("\n") else rest + "\n")
        print(f"cell {count}: wrote {words[-1]}", file=sys.__stderr__)
        return ""
    left_out(command, count)
    return rest if words[0] in KEEPING else ""


def left_out(command: str, count: int) -> None:
    if command.split()[0] not in QUIET:
        print(f"cell {count}: left out: {command}", file=sys.__stderr__)
