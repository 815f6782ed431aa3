"""A kernel as instructions: its function run once on symbols, and how that prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .loops import Buffer, Builder, Type, Value


class Program:
    """A kernel as instructions: its parameters in order, and its body."""

    def __init__(self, name: str, parameters: dict[str, str], function: Callable[..., None]) -> None:
        self.name, self.parameters = name, parameters
        k = self.builder = Builder()
        arguments: list[Any] = []
        for parameter, kind in parameters.items():
            if kind.endswith("*"):
                arguments.append(Buffer(k, parameter, kind[:-1]))
            else:
                arguments.append(Value(k, "parameter", Type(kind), data=parameter))
        function(k, *arguments)
        self.body = k.body

    def show(self) -> str:
        """The instructions, one a line, numbered in order; loops are indented."""
        names: dict[int, str] = {}
        lines = [f"{self.name}({', '.join(f'{p}: {kind}' for p, kind in self.parameters.items())})"]

        def name(x: Value) -> str:
            if x.op == "constant":
                return f"{x.data:g}" if x.type.kind[0] == "f" else str(x.data)
            if x.op == "parameter":
                return str(x.data)
            return names.setdefault(id(x), f"%{len(names)}")

        def walk(body: list[Value], indent: str) -> None:
            for x in body:
                args = ", ".join(name(a) for a in x.args)
                if x.op == "loop":
                    index, step, inner = x.data
                    lines.append(f"{indent}for {name(index)} in {args} step {step}:")
                    walk(inner, indent + "    ")
                elif x.op in ("store", "stream", "set", "prefetch"):
                    lines.append(f"{indent}{x.op} {x.data.name} ← {args}")
                elif x.op == "either":
                    found, *both = (array.name for array in x.data)
                    lines.append(f"{indent}{found} = either {args}, {', '.join(both)}")
                elif x.op == "settle":
                    lines.append(f"{indent}settle")
                elif x.op == "tiny":
                    lines.append(f"{indent}tiny numbers {x.data}")
                elif x.op == "tile":
                    word, *rest = x.data
                    told = ", ".join([x.name if isinstance(x, Buffer) else str(x) for x in rest] + [args] * bool(args))
                    lines.append(f"{indent}tile {word} {told}".rstrip())
                else:
                    source = f" {x.data.name}" if x.op in ("load", "get", "gather") else ""
                    lines.append(f"{indent}{name(x)}: {x.type} = {x.op}{source} {args}".rstrip())

        walk(self.body, "    ")
        return "\n".join(lines)
