"""The statements of a program that led to a value, read from its source once something has gone wrong.

Recording where each operation was written would cost every operation; the source is there anyway. From an expression
and the variables that are alive, `steps` walks backwards: to the statements that gave its names their values, into the
program's own functions that it calls, and out to the callers that passed its arguments.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any

from .trail import is_ours, program, span

Function = ast.FunctionDef | ast.AsyncFunctionDef
MOST = 60  # statements; a story longer than this is not worth reading
UNKNOWN: Any = object()


def tree_of(file: str) -> ast.Module | None:
    """A file's syntax tree, each node knowing its ``parent``; None where there is no source."""
    linecache.checkcache(file)
    return parsed("".join(linecache.getlines(file)))


@lru_cache(maxsize=32)
def parsed(source: str) -> ast.Module | None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return tree


def parents(node: ast.AST) -> Iterator[ast.AST]:
    while (above := getattr(node, "parent", None)) is not None:
        yield above
        node = above


def body_of(code: CodeType) -> ast.AST | None:
    """The function (or lambda, or module) that a code object was compiled from."""
    tree = tree_of(code.co_filename)
    if tree is None or code.co_name == "<module>":
        return tree
    for node in ast.walk(tree):
        if isinstance(node, (Function, ast.Lambda)):
            first = min([node.lineno, *[d.lineno for d in getattr(node, "decorator_list", ())]])
            if first == code.co_firstlineno and code.co_name == getattr(node, "name", "<lambda>"):
                return node
    return tree if code.co_name.startswith("<") else None


@dataclass
class Scope:
    """Where an expression's names are looked up: a function's source, and the variables that are alive."""

    file: str
    body: ast.AST
    names: dict[str, Any]  # of a call that is over: its globals only
    line: int  # statements before this one have run
    caller: Scope | None = None
    passed: dict[str, ast.expr] = field(default_factory=dict)  # the caller's expression for each argument

    def value(self, expr: ast.expr) -> Any:
        """What a name, or a chain of attributes, stands for; `UNKNOWN` where that is not to be had without running code."""
        if isinstance(expr, ast.Name):
            return self.names.get(expr.id, UNKNOWN)
        if isinstance(expr, ast.Attribute):
            owner = self.value(expr.value)
            if owner is UNKNOWN:
                return UNKNOWN
            kept = getattr(owner, "__dict__", {})
            for table in (kept, kept.get("_parameters"), kept.get("_modules"), kept.get("_buffers")):
                if table and expr.attr in table:
                    return table[expr.attr]
            found = getattr(type(owner), expr.attr, UNKNOWN)
            return MethodType(found, owner) if isinstance(found, FunctionType) else UNKNOWN
        if isinstance(expr, ast.Subscript) and isinstance(expr.slice, ast.Constant):
            owner = self.value(expr.value)
            try:
                return owner[expr.slice.value] if type(owner) in (dict, list, tuple) else UNKNOWN
            except (LookupError, TypeError):
                return UNKNOWN
        return UNKNOWN


@dataclass
class Step:
    """An expression that was computed, and the name it was given."""

    scope: Scope
    expr: ast.expr
    statement: ast.stmt
    name: str = ""

    @property
    def line(self) -> int:
        return self.statement.lineno


def scope_of(frame: FrameType) -> Scope | None:
    """The scope of a call that is still running."""
    body = body_of(frame.f_code)
    if body is None:
        return None
    names = {**frame.f_globals, **frame.f_locals}
    return Scope(frame.f_code.co_filename, body, names, span((frame.f_code, frame.f_lasti))[0])


def running() -> tuple[Scope, ast.expr] | None:
    """The expression of the program that is being computed, and its scope, with those of its callers."""
    frame = program()
    found = located(frame) if frame is not None else None
    if found is not None:
        link(found[0], frame.f_back)  # type: ignore[union-attr]
    return found


def located(frame: FrameType) -> tuple[Scope, ast.expr] | None:
    scope = scope_of(frame)
    if scope is None:
        return None
    first, last, start, end = span((frame.f_code, frame.f_lasti))
    exact = [
        node for node in ast.walk(scope.body)
        if isinstance(node, ast.expr)
        and (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset) == (first, last, start, end)
    ]  # fmt: skip
    if exact:
        return scope, exact[0]
    for node in ast.walk(scope.body):  # an assignment such as `w += 1` has no expression of its own
        if isinstance(node, ast.stmt) and node.lineno <= first <= (node.end_lineno or 0) and not hasattr(node, "body"):
            value = getattr(node, "value", None)
            if isinstance(node, ast.AugAssign):
                return scope, combined(node)
            if isinstance(value, ast.expr):
                return scope, value
    return None


def combined(node: ast.AugAssign) -> ast.expr:
    """``w - g`` of ``w -= g``."""
    expr = ast.copy_location(ast.BinOp(ast.copy_location(reading(node.target), node.target), node.op, node.value), node)
    expr.parent = node  # type: ignore[attr-defined]
    return expr


def reading(target: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(target), mode="eval").body


def link(scope: Scope, frame: FrameType | None, depth: int = 0) -> None:
    """Connect a scope to the call it belongs to."""
    while frame is not None and is_ours(frame.f_code):
        frame = frame.f_back
    if frame is None or depth > 6 or not isinstance(scope.body, (Function, ast.Lambda)):
        return
    found = located(frame)
    if found is not None and isinstance(found[1], ast.Call):
        scope.caller, scope.passed = found[0], bound(scope.body, found[1])
        link(found[0], frame.f_back, depth + 1)


def bound(function: Function | ast.Lambda, call: ast.Call, is_method: bool | None = None) -> dict[str, ast.expr]:
    """The expressions that a call gives to the parameters of a function."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if is_method if is_method is not None else names[:1] == ["self"]:
        names = names[1:]
    given = dict(zip(names, call.args))
    given.update({k.arg: k.value for k in call.keywords if k.arg})
    return given


# ---------------------------------------------------------------------- what gave a name its value


def stored(statement: ast.AST) -> list[tuple[str, ast.expr, bool]]:
    """What a statement stores: (name, expression, whether the name's earlier value is gone)."""
    if isinstance(statement, ast.Assign):
        return [pair for target in statement.targets for pair in unpacked(target, statement.value)]
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return list(unpacked(statement.target, statement.value))
    if isinstance(statement, ast.AugAssign):
        return [(name, statement.value, False) for name in names_in(statement.target)[:1]]
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return [(name, statement.iter, True) for name in names_in(statement.target)]
    if isinstance(statement, ast.With):
        return [
            (name, item.context_expr, True)
            for item in statement.items if item.optional_vars is not None
            for name in names_in(item.optional_vars)
        ]  # fmt: skip
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("append", "extend", "insert", "add", "update"):
            return [(name, a, False) for name in names_in(call.func.value)[:1] for a in call.args[-1:]]
    return []


def unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr, bool]]:
    if isinstance(target, ast.Name):
        yield target.id, value, True
    elif isinstance(target, (ast.Tuple, ast.List)):
        parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value] * len(target.elts)
        for part, given in zip(target.elts, parts):
            yield from unpacked(part, given)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
        yield f"self.{target.attr}", value, True
    elif isinstance(target, ast.Subscript):
        for name in names_in(target.value)[:1]:
            yield name, value, False


def names_in(expr: ast.AST) -> list[str]:
    """The names an expression reads, in the order they are written."""
    return [n.id for n in ast.walk(expr) if isinstance(n, ast.Name)]


def statements(body: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a function, without those of functions and classes defined in it."""
    for child in ast.iter_child_nodes(body):
        if isinstance(child, ast.stmt):
            yield child
            if isinstance(child, (Function, ast.ClassDef)):
                continue
        if not isinstance(child, (ast.expr, Function, ast.ClassDef)):
            yield from statements(child)


def given(scope: Scope, name: str, line: int) -> list[Step]:
    """The statements that gave a name its value before a line, the latest first; only that of the loop's last turn if there is one."""
    found = [
        Step(scope, expr, s, name)
        for s in statements(scope.body) for n, expr, _ in stored(s) if n == name
    ]  # fmt: skip
    final = {id(s.statement) for s in found for n, _, gone in stored(s.statement) if n == name and gone}
    before = sorted((s for s in found if (s.statement.end_lineno or 0) < line or s.line < line and is_loop(s)), key=lambda s: -s.line)
    kept: list[Step] = []
    for step in before:
        kept.append(step)
        if id(step.statement) in final:
            break
    return kept


def is_loop(step: Step) -> bool:
    return isinstance(step.statement, (ast.For, ast.AsyncFor, ast.With))


def later_in_loop(scope: Scope, name: str, line: int) -> list[Step]:
    """The statements after a line that give the name its value for the loop's next turn, the last first."""
    loops = [
        n for n in ast.walk(scope.body)
        if isinstance(n, (ast.For, ast.While)) and n.lineno <= line <= (n.end_lineno or 0)
    ]  # fmt: skip
    if not loops:
        return []
    return [
        Step(scope, expr, s, name)
        for s in reversed(list(statements(loops[0])))
        for n, expr, gone in stored(s) if n == name and gone and s.lineno > line
    ]  # fmt: skip


# ---------------------------------------------------------------------- the walk


def called(scope: Scope, call: ast.Call) -> list[Step]:
    """What a function of the program's own returns when called like this: a step for each of its ``return`` lines."""
    function = callee(scope, call)
    if function is None or is_ours(function.__code__):
        return []
    body = body_of(function.__code__)
    if not isinstance(body, (Function, ast.Lambda)):
        return []
    names = dict(function.__globals__)
    for free, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            names[free] = cell.cell_contents
        except ValueError:  # a variable that has no value yet
            continue
    bound_to = bound(body, call)
    owner = getattr(scope.value(call.func), "__self__", scope.value(call.func))
    if owner is not UNKNOWN and not isinstance(owner, FunctionType):
        names["self"] = owner
    inside = Scope(function.__code__.co_filename, body, names, 10**9, scope, bound_to)
    if isinstance(body, ast.Lambda):
        return [Step(inside, body.body, statement_of(body))]
    returns = [s for s in statements(body) if isinstance(s, ast.Return) and s.value is not None]
    return [Step(inside, s.value, s) for s in reversed(returns)]  # type: ignore[arg-type]


def callee(scope: Scope, call: ast.Call) -> FunctionType | None:
    """The Python function behind a call: itself, a method, a module's ``forward``, or what a decorator wrapped."""
    what = scope.value(call.func)
    if what is UNKNOWN:
        return None
    if not isinstance(what, (FunctionType, MethodType)):
        what = getattr(type(what), "forward", None)
    what = getattr(what, "__func__", what)
    while isinstance(what, FunctionType) and "__wrapped__" in what.__dict__:
        what = what.__dict__["__wrapped__"]
    return what if isinstance(what, FunctionType) else None


def statement_of(node: ast.AST) -> ast.stmt:
    return next((n for n in (node, *parents(node)) if isinstance(n, ast.stmt)), ast.Pass(lineno=0))


def outer(scope: Scope, name: str) -> Scope | None:
    """The scope around this one, of the enclosing function or the file, where a name that is not local may be found."""
    above = next((n for n in parents(scope.body) if isinstance(n, (Function, ast.Lambda, ast.Module))), None)
    return None if above is None else Scope(scope.file, above, scope.names, 10**9)


def steps(scope: Scope, expr: ast.expr, line: int | None = None) -> Iterator[Step]:
    """An expression, and before it whatever gave its names their values: the nearest first."""
    queue = [Step(scope, expr, statement_of(expr))]
    seen: set[tuple[str, int, int, str]] = set()
    while queue and len(seen) < MOST:
        step = queue.pop(0)
        mark = (step.scope.file, step.expr.lineno, step.expr.col_offset, step.name)
        if mark in seen:
            continue
        seen.add(mark)
        yield step
        queue += sources(step)


def sources(step: Step) -> list[Step]:
    """The steps that an expression's names and calls lead to."""
    found: list[Step] = []
    for node in ast.walk(step.expr):
        if isinstance(node, ast.Call):
            found += called(step.scope, node)
        elif isinstance(node, ast.Name):
            found += definitions(step.scope, node.id, step.line if step.scope.line >= 10**9 else min(step.line, step.scope.line))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            found += definitions(step.scope, f"self.{node.attr}", step.line)
    return found


def definitions(scope: Scope, name: str, line: int) -> list[Step]:
    """Where a name got its value: here, at the caller's, or around this function."""
    here: Scope | None = scope
    while here is not None:
        if found := [*later_in_loop(here, name, line), *given(here, name, line)]:
            return found
        if name in here.passed and here.caller is not None:
            expr = here.passed[name]
            return [Step(here.caller, expr, statement_of(expr), name)]
        here, line = outer(here, name), 10**9
    return []
