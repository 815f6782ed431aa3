"""What is said when a backward pass finds that what a node had kept is gone: freed, or written over."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from ..base.story import Scope, body_of, names_in, running, statements, tree_of
from ..base.trail import at, span, spelled, told
from .value import Leaf, Node, Value
from .writes import last_write

OPERATORS = {"mul": ast.Mult, "div": ast.Div, "pow": ast.Pow, "mm": ast.MatMult, "mv": ast.MatMult, "dot": ast.MatMult,
             "bmm": ast.MatMult, "unsafeview": ast.MatMult, "remainder": ast.Mod}  # fmt: skip
ALSO = {"mm": "matmul", "mv": "matmul", "dot": "matmul", "bmm": "matmul", "addmm": "linear", "pow": "square"}


class Told(NamedTuple):
    """Why what was kept is gone, and what to write instead."""

    why: str
    instead: str


AGAIN = "compute the loss again before the second backward, or call the first one as backward(retain_graph=True)"
CARRIED = "cut what one turn hands to the next (h = h.detach()), or compute it within the turn"


@told(Told("", AGAIN))
def first_pass() -> Told:
    """Where the backward pass was that freed the graph: the last one written above this one, or this one, a turn ago."""
    found = running()
    if found is None:
        return Told("", AGAIN)
    here = found[1].lineno
    for scope in chain(found[0]):
        now = here if scope is found[0] else scope.line
        above = [
            n.lineno for s in statements(scope.body) if not hasattr(s, "body") for n in ast.walk(s)
            if isinstance(n, ast.Call) and getattr(n.func, "attr", "") in ("backward", "grad") and n.lineno < now
        ]  # fmt: skip
        if above:
            return Told(f", {at(scope.file, max(above))}", AGAIN)
        loops = [n for n in statements(scope.body) if isinstance(n, (ast.For, ast.While)) and n.lineno <= now <= (n.end_lineno or 0)]
        if loops:
            return turned(scope, loops[-1], at(found[0].file, here))
    return Told("", AGAIN)


def turned(scope: Scope, loop: ast.AST, line: str) -> Told:
    """What a turn of a loop uses of an earlier one: variables that it hands on, or that were computed before the loop."""
    handed, given = from_before(scope, loop)
    turn = f": {line}, in an earlier turn of the loop"
    if handed:
        cut = "; ".join(f"{name} = {detached(name, scope.names[name])}" for name in handed)
        return Told(
            f"{turn}. {quoted(handed)} of that turn is used again in this one",
            f"{cut} at the end of the turn, or compute it within the turn",
        )
    if given:
        return Told(f"{turn}. {quoted(given)}, computed before the loop, is used in every turn", f"compute {quoted(given)} within the turn")
    return Told(f"{turn}. A tensor of that turn is used again in this one", CARRIED)


def quoted(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def from_before(scope: Scope, loop: ast.AST) -> tuple[list[str], list[str]]:
    """The variables with a history that a loop reads before it sets them, and those that it reads and never sets."""
    read: dict[str, None] = {}
    stored: set[str] = set()
    for statement in statements(loop):
        if hasattr(statement, "body"):
            continue  # its own statements follow
        names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
        early = isinstance(statement, ast.AugAssign)
        read |= dict.fromkeys(n.id for n in names if (early or isinstance(n.ctx, ast.Load)) and n.id not in stored)
        stored |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    known = [name for name in read if has_history(scope.names.get(name))]
    return [name for name in known if name in stored], [name for name in known if name not in stored]


def has_history(thing: Any) -> bool:
    if isinstance(thing, (tuple, list)):
        return any(map(has_history, thing))
    return isinstance(thing, Value) and thing.node is not None and type(thing.node) is not Leaf


def detached(name: str, thing: Any) -> str:
    return f"tuple(part.detach() for part in {name})" if isinstance(thing, (tuple, list)) else f"{name}.detach()"


@told(None)
def written_over(node: Node, cell: list[Any], source: Node | None) -> Told | None:
    """Both lines: where the op was that kept the entries, and where they were written over."""
    place = last_write(cell)
    found = running()
    scopes = chain(found[0]) if found is not None else []
    names = [n for s in scopes for n, v in s.names.items() if getattr(v, "version", None) is cell and not n.startswith("_")]
    if place is not None and not names:
        names = [n for n in (written_name(place),) if n]
    name = f"`{names[0]}`" if names else "its value"
    if place is None and type(source) is Leaf:
        return stepped(node, name, scopes)
    if place is None:
        return None
    body = body_of(place[0])  # the function that wrote is likely the one that had computed
    if body is not None and all(s.body is not body for s in scopes):
        scopes = [*scopes, Scope(place[0].co_filename, body, {}, span(place)[0])]
    kept = kept_in(node, names, scopes, place)
    return Told(
        f"{name} was kept by {node.name()}" + (f" in {kept}" if kept else "") + ", whose derivative needs it as it was; "
        f"it was written over in {spelled(place)}",
        anew(place),
    )  # fmt: skip


def chain(scope: Scope | None) -> list[Scope]:
    """A scope and those of its callers."""
    found = []
    while scope is not None:
        found.append(scope)
        scope = scope.caller
    return found


def kept_in(node: Node, names: list[str], scopes: list[Scope], place: Any) -> str:
    """The line of the forward pass that a node comes from, as far as the source says it."""
    noted = node.metadata.get("traceback_")  # by anomaly mode
    if noted:
        return noted[-1].strip().partition("\n")[0].removeprefix("File ")
    key = node.name().partition("Backward")[0].lower()
    until, writer = span(place)[0], body_of(place[0])
    candidates: list[tuple[bool, bool, bool, int, str]] = []
    for scope in scopes:
        for statement in statements(scope.body):
            for expr in ast.walk(statement):
                if isinstance(expr, ast.expr) and not hasattr(statement, "body") and computes(scope, expr, key):
                    mine = any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(statement))
                    line = at(scope.file, statement.lineno)
                    candidates.append((mine, scope.body is writer, statement.lineno < until, statement.lineno, line))
    return max(candidates)[-1] if candidates else ""


def computes(scope: Scope, expr: ast.expr, key: str) -> bool:
    """Whether an expression may be the application of an op: an operator, a function of its name, a module."""
    if isinstance(expr, ast.BinOp):
        return type(expr.op) is OPERATORS.get(key)
    if not isinstance(expr, ast.Call):
        return False
    called = getattr(expr.func, "attr", getattr(expr.func, "id", "")).rstrip("_").lower()
    if called.replace("_", "") in (key, ALSO.get(key)):
        return True
    return "_modules" in getattr(scope.value(expr.func), "__dict__", ())


def statement_at(place: Any) -> ast.stmt | None:
    """The statement of the program at a place."""
    tree = tree_of(place[0].co_filename)
    line = span(place)[0]
    found = [n for n in ast.walk(tree) if isinstance(n, ast.stmt) and not hasattr(n, "body")] if tree is not None else []
    return next((n for n in found if n.lineno <= line <= (n.end_lineno or 0)), None)


def written_name(place: Any) -> str:
    """The name that a statement writes into: ``y`` of ``y[0] = 1``, ``y += 1`` and ``y.relu_()``."""
    statement = statement_at(place)
    if isinstance(statement, ast.Assign):
        target: ast.AST = statement.targets[0]
    elif isinstance(statement, ast.AugAssign):
        target = statement.target
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        target = statement.value.func
    else:
        return ""
    return next(iter(names_in(target)), "")


def anew(place: Any) -> str:
    """The line that wrote in place, written without."""
    statement = statement_at(place)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        target = statement.target.id
        return ast.unparse(ast.Assign([statement.target], ast.BinOp(ast.Name(target), statement.op, statement.value), lineno=0))
    if isinstance(statement, (ast.Assign, ast.AugAssign)):
        base = next((n.id for n in ast.walk(statement) if isinstance(n, ast.Name)), "x")
        return f"{base} = {base}.clone() before it, so that the values that were kept stay"
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        func = statement.value.func
        if isinstance(func, ast.Attribute) and func.attr.endswith("_") and isinstance(func.value, ast.Name):
            call = ast.unparse(statement.value).replace(f".{func.attr}(", f".{func.attr.rstrip('_')}(", 1)
            return f"{func.value.id} = {call}"
        if isinstance(func, ast.Attribute) and func.attr == "step":
            return "call backward() on all losses before the first step()"
    return "write x = x + 1 instead of x += 1 (or x.add_(1)), or work on x.clone()"


def stepped(node: Node, name: str, scopes: list[Scope]) -> Told | None:
    """A weight that was written without a trace: an optimizer did it."""
    for scope in scopes:
        for statement in statements(scope.body):
            call = getattr(statement, "value", None)
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "step":
                return Told(
                    f"{name if name[0] == '`' else 'a weight'} was kept by {node.name()}, whose derivative needs it as it was; "
                    f"an optimizer changed it since: {at(scope.file, statement.lineno)}",
                    "call backward() on all losses that use the weight before the step(), or compute the loss again after it",
                )
    return None
