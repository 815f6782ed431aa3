"""What the program calls the tensors of an operation that fails, and where one of a wrong dtype comes from."""

from __future__ import annotations

import ast
from typing import Any

from .story import UNKNOWN, Scope, definitions, running, statement_of
from .trail import at, told


@told(("a", "b"))
def names(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[str, str]:
    """The expressions of an operation's two operands, if their shapes are these; otherwise a and b."""
    found = running()
    pair = operands(*found) if found is not None else []
    if len(pair) != 2 or not all(fits(found[0], e, s) for e, s in zip(pair, (first, second))):  # type: ignore[index]
        return "a", "b"
    one, two = (ast.unparse(e) for e in pair)
    return (one, two) if max(len(one), len(two)) <= 40 else ("a", "b")


@told("")
def argument(shape: tuple[int, ...]) -> str:
    """The expression of the first argument of the call that fails, if it has this shape; else nothing."""
    found = running()
    given = operands(*found)[:1] if found is not None else []
    known = [e for e in given if shape_of(found[0].value(e)) == shape]  # type: ignore[index]
    return ast.unparse(known[0]) if known else ""


@told("")
def statement() -> str:
    """The statement of the program that fails, if it is a short one of one line."""
    found = running()
    line = ast.unparse(statement_of(found[1])) if found is not None else ""
    return "" if "\n" in line or len(line) > 60 else line


def operands(scope: Scope, expr: ast.expr) -> list[ast.expr]:
    if isinstance(expr, ast.BinOp):
        return [expr.left, expr.right]
    if isinstance(expr, ast.Compare):
        return [expr.left, *expr.comparators]
    if isinstance(expr, ast.Call):
        function = expr.func
        method = isinstance(function, ast.Attribute) and shape_of(scope.value(function.value)) is not None
        return [function.value, *expr.args] if method else list(expr.args)  # type: ignore[attr-defined]
    return []


def fits(scope: Scope, expr: ast.expr, shape: tuple[int, ...]) -> bool:
    """Whether an expression may have a shape: names are looked up, of others nothing is known."""
    value = scope.value(expr)
    return isinstance(expr, (ast.BinOp, ast.Call, ast.Subscript)) if value is UNKNOWN else shape_of(value) == shape


def shape_of(value: Any) -> tuple[int, ...] | None:
    array = getattr(value, "array", value)
    return tuple(array.shape) if hasattr(array, "dtype") and hasattr(array, "shape") else None


# ---------------------------------------------------------------------- where a dtype comes from


@told("")
def came_in(kind: Any) -> str:
    """Where an operand of this dtype comes from: ``; `x` is float64 since line 3 of t.py, `x = from_numpy(a)```."""
    found = running()
    if found is None:
        return ""
    for expr in operands(*found):
        for name in of_kind(found[0], expr, kind):
            line = origin(found[0], name, found[0].line, kind)
            if line:
                return f"; `{name}` is {kind} since {line}"
    return ""


def of_kind(scope: Scope, expr: ast.expr, kind: Any) -> list[str]:
    """The names in an expression whose tensors or arrays have a dtype."""
    named = [(n.id, scope.value(n)) for n in ast.walk(expr) if isinstance(n, ast.Name)]
    return [name for name, v in named if shape_of(v) is not None and getattr(v, "array", v).dtype == kind]


def origin(scope: Scope, name: str, line: int, kind: Any, depth: int = 0) -> str:
    """The line in which a name's value first had a dtype."""
    for step in definitions(scope, name, line):
        if depth < 8:
            for earlier in of_kind(step.scope, step.expr, kind):
                further = "" if earlier == name else origin(step.scope, earlier, step.line, kind, depth + 1)
                if further:
                    return further
        if step.name == name and isinstance(step.statement, (ast.Assign, ast.AnnAssign)):
            return at(step.scope.file, step.line)
        inner = of_kind(step.scope, step.expr, kind)
        return origin(step.scope, inner[0], step.line, kind, depth + 1) if inner and depth < 8 else ""
    return ""
