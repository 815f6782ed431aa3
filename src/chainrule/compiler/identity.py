"""A program as text in which no names occur: programs with the same text have the same machine code.

Names of tensors and lines of the source are left out, but for which values stand in the same line: that decides what is
computed together. So a step that was compiled once is found again on disk, also after its variables were renamed.
"""

from __future__ import annotations

from typing import Any

from ..native.notes import key_of, told
from .program import Node, Program


class Identity:
    """What `notes.told` makes the text of."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def attributes(self) -> str:
        program = self.program
        nodes = program.numbered()
        place = {n: i for i, n in enumerate(nodes)}
        numbers = {text: i for i, (text, _) in enumerate(program.numbers)}
        lines: dict[Any, int] = {}
        ops: dict[int, str] = {}
        rows = [f"{program.width} {len(numbers)} {[place[r] for r in program.results]}"]
        rows += [f"{place[i]} {place[v]}" for i, v in program.writes.items()]
        for n in nodes:
            line = "" if n.line is None else lines.setdefault(n.line, len(lines))
            if n.kind == "map":
                data: Any = ops.get(id(n.data)) or ops.setdefault(id(n.data), told(n.data))
            else:
                data = about(n, numbers)
            rows.append(f"{n.kind} {n.shape} {n.dtype.str} {[place[a] for a in n.args]} {line} {data}")
        return "\n".join(rows)


def about(n: Node, numbers: dict[str, int]) -> Any:
    """What its machine code depends on of what a value is computed by."""
    if n.kind == "input":
        return n.data.strides
    if n.kind == "number":
        return numbers[n.data]
    if n.kind == "call":
        return n.data.lasting
    return told(n.data)


def key(program: Program, *others: Any) -> str | None:
    """The key under which a program's code is noted; None where an op is not of this library."""
    return key_of("step", Identity(program), *others)
