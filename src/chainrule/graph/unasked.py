"""Why a tensor never had a history: a weight that was rebound, layers that are frozen, numbers nobody asked gradients of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import MethodType
from typing import Any

from ..base.dtypes import of
from ..base.story import UNKNOWN, Scope, Step, later_in_loop, names_in, parents, statement_of
from ..base.trail import at
from .cutters import ASK, Cut
from .value import Value


def rebound(path: list[Step]) -> Cut | None:
    """``w = w - lr * w.grad``: the name now means a result, no longer the leaf that was asked for."""
    for step in path:
        for name in dict.fromkeys(n.id for n in ast.walk(step.expr) if isinstance(n, ast.Name)):
            for again in (*later_in_loop(step.scope, name, step.line), *([step] if step.name == name else [])):
                reads = {ast.unparse(n) for n in ast.walk(again.expr) if isinstance(n, ast.Attribute)}
                if again.name != name or f"{name}.grad" not in reads:
                    continue
                held = step.scope.value(ast.Name(name, ast.Load()))
                if isinstance(held, Value) and held.node is not None:
                    continue
                change = ast.unparse(again.expr)
                minus = change.removeprefix(f"{name} - ")
                return Cut(
                    f"`{name}` is no longer the tensor that gradients were asked for: {at(again.scope.file, again.line)}, "
                    f"made a new one, which is no parameter",
                    f"with torch.no_grad(): {name} -= {minus}"
                    if minus != change
                    else f"with torch.no_grad(): {name}.copy_({change})",
                )
    return None


def live(path: list[Step]) -> Iterator[tuple[str, Any, Step]]:
    """The tensors and modules that a story names, with the names."""
    seen: set[int] = set()
    for step in path:
        for part in ast.walk(step.expr):
            if isinstance(part, (ast.Name, ast.Attribute)):
                held = step.scope.value(part)
                if held is not UNKNOWN and not isinstance(held, MethodType) and id(held) not in seen:
                    seen.add(id(held))
                    yield ast.unparse(part), held, step


def frozen(path: list[Step]) -> Cut | None:
    """A module or a parameter with requires_grad=False."""
    for name, held, step in live(path):
        single = type(held).__name__ == "Parameter"
        parameters = (
            [held] if single else list(held.parameters()) if "_parameters" in getattr(held, "__dict__", ()) else []
        )
        if not parameters or any(p.node is not None for p in parameters):
            continue
        line = freezing_line(step.scope, name)
        which = f"the parameter `{name}` has" if single else f"all {len(parameters)} parameters of `{name}` have"
        return Cut(
            f"{which} requires_grad=False" + (f": {line}" if line else ""),
            f"{name}.requires_grad_(True)"
            + ("" if single else ", or leave the layers that are to be trained unfrozen"),
        )
    return None


def freezing_line(scope: Scope, name: str) -> str:
    """The line that switches gradients off: one that speaks of this name, or the only one in the file."""
    top = next((n for n in (scope.body, *parents(scope.body)) if isinstance(n, ast.Module)), scope.body)
    found = [statement_of(n) for n in ast.walk(top) if freezes(n)]
    of_it = [
        s for s in found if any(name in names_in(a) for a in (s, *[p for p in parents(s) if isinstance(p, ast.For)]))
    ]
    lines = sorted({s.lineno for s in of_it or found})
    return at(scope.file, lines[0]) if of_it or len(lines) == 1 else ""


def freezes(node: ast.AST) -> bool:
    """``p.requires_grad = False``, ``requires_grad_(False)`` or ``Parameter(x, requires_grad=False)``."""
    if isinstance(node, ast.Assign):
        return getattr(node.value, "value", None) is False and any(
            getattr(t, "attr", "") == "requires_grad" for t in node.targets
        )
    if not isinstance(node, ast.Call):
        return False
    named = [k.value for k in node.keywords if k.arg == "requires_grad"]
    given = node.args if getattr(node.func, "attr", "") == "requires_grad_" else []
    return any(getattr(a, "value", None) is False for a in (*given, *named))


def integers(value: Any, name: str) -> Cut | None:
    if value.array.dtype.kind in "bui":
        root = next(iter(re.findall(r"[A-Za-z_]\w*", name)), "x")
        return Cut(
            f"`{name}` holds {of(value.array)}, and integers have no derivative",
            f"{root} = {root}.float() before the computation",
        )
    return None


def never_asked(path: list[Step], name: str) -> Cut | None:
    """Nothing it was computed from asks for gradients: name the tensors, and how the likeliest was made."""
    tensors = {n: v for n, v, _ in live(path) if isinstance(v, Value)}
    made = {s.name: s for s in reversed(path) if s.name in tensors}
    roots = [
        n for n, v in tensors.items()
        if v.array.dtype.kind in "fcV" and (n not in made or not tensors.keys() & set(names_in(made[n].expr)))
    ]  # fmt: skip
    if not roots:
        return None
    text = source(path)
    likely = next((n for n in roots if f"{n}.grad" in text or n == name), None) or next(
        (n for n in roots if n.strip("_").lower() in WEIGHTS), ""
    )
    listed = ", ".join(f"`{n}`" for n in roots[:4])
    why = f"none of the tensors that `{name}` was computed from asks for gradients: {listed}"
    step = made.get(likely)
    if step is None or not isinstance(step.expr, ast.Call) or getattr(step.expr.func, "attr", "") not in CREATORS:
        return Cut(why, f"{likely}.requires_grad_() before it is used" if likely else ASK)
    where = at(step.scope.file, step.line)
    why = f"`{name}` does not ask for gradients: {where}" if likely == name else f"{why}; `{likely}` comes from {where}"
    return Cut(why, f"{likely} = {ast.unparse(step.expr)[:-1]}, requires_grad=True)")


CREATORS = ("tensor", "zeros", "ones", "rand", "randn", "full", "empty", "arange", "linspace", "eye")
WEIGHTS = ("w", "b", "a", "theta", "weight", "weights", "bias", "params", "beta")


def source(path: list[Step]) -> str:
    """The text of the functions that a story passes through."""
    bodies = {id(s.scope.body): s.scope.body for s in path}
    return "\n".join(ast.unparse(b) for b in bodies.values())
