"""Loops over a loader whose body is a step and bookkeeping: all their steps in one call, the books kept afterwards.

    for x, y in loader:                           for (x, y), loss in step_line_2.turns(loader, 2, lambda x, y: (x, y), False):
        …                                             total += loss.item() * len(x)
        optimizer.step()                     →
        total += loss.item() * len(x)

Bookkeeping reads nothing but what the step returned, the turn's number and the size of its batch; so it may be done later.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from .choosing import CREATING, NUMBERS, calls, is_item, method, number, prepares, used

if TYPE_CHECKING:
    from .loops import Maker


class Head(NamedTuple):
    """What a loop goes over, and the names that it gives to each batch."""

    numbered: bool  # by ``enumerate``
    source: Any
    target: Any
    names: list[str]

    @property
    def several(self) -> bool:
        return isinstance(self.target, (ast.Tuple, ast.List))


def head(loop: Any) -> Head | None:
    """Of ``for x, y in loader`` or ``for i, (x, y) in enumerate(loader)``; None of other loops."""
    if not isinstance(loop, ast.For):
        return None
    source: Any = loop.iter
    target: Any = loop.target
    counted = isinstance(loop.iter, ast.Call) and ast.unparse(source.func) == "enumerate" and len(source.args) == 1
    if counted and isinstance(target, ast.Tuple) and len(target.elts) == 2:
        source, target = source.args[0], target.elts[1]
    found = list(target.elts) if isinstance(target, (ast.Tuple, ast.List)) else [target]
    names = [n.id for n in found if isinstance(n, ast.Name)]
    alike = len(set(names)) == len(found)
    return Head(source is not loop.iter, source, target, names) if alike and dotted(source) else None


def turn(loop: Any, maker: Maker) -> bool:
    """Turn a loop whose step was put in its place into one over all its turns; False where it is another kind of loop."""
    over, results = head(loop), {*maker.results, *maker.items}
    at = next((i for i, s in enumerate(loop.body) if calls_step(s, maker.name)), -1)
    if over is None or maker.block is not loop.body or at < 0 or maker.decided or len(results) != 1:
        return False
    before, after = loop.body[:at], loop.body[at + 1 :]
    call: Any = loop.body[at]
    names = set(over.names)
    books = Books(maker.numbers, names, results)
    if not all(map(prepares_batch, before)) or used(before)[1] - names or not all(map(books.keep, after)):
        return False
    if books.kept & {*maker.given, *names, *results, *used([over.source, *before])[0]}:
        return False
    arrange: Any = ast.Tuple(call.value.args, ast.Load())
    for s in reversed(before):
        arrange = applied(s, arrange)
    looked_at = any(n.id in names for n in loads(maker.scope, over.names))
    count = ast.Constant(len(names) if over.several else 0)
    turns = ast.Attribute(ast.Name(maker.name, ast.Load()), "turns", ast.Load())
    given: list[ast.expr] = [over.source, count, ast.Lambda(parameters(over.names), arrange), ast.Constant(looked_at)]
    each = ast.Tuple([over.target, call.targets[0]], ast.Store())
    if over.numbered:
        loop.target.elts[1], loop.iter.args[0] = each, ast.Call(turns, given, [])
    else:
        loop.target, loop.iter = each, ast.Call(turns, given, [])
    loop.body = after or [ast.copy_location(ast.Pass(), call)]
    return True


class Books:
    """Statements that may as well be done once all steps have been taken."""

    def __init__(self, numbers: set[str], batch: set[str], results: set[str]) -> None:
        self.numbers, self.batch, self.results = numbers - batch - results, batch, results
        self.kept: set[str] = set()  # the names of sums and lists

    def keep(self, s: ast.stmt) -> bool:
        """``total += loss.item()``, ``losses.append(…)``, ``print(…)``, also if the turn's number says so."""
        if isinstance(s, ast.AugAssign) and isinstance(s.target, ast.Name):
            self.kept.add(s.target.id)
            return self.plain(s.value)
        if isinstance(s, ast.If):
            return number(s.test, self.numbers) and all(map(self.keep, [*s.body, *s.orelse]))
        if not isinstance(s, ast.Expr) or not isinstance(s.value, ast.Call) or s.value.keywords:
            return False
        call = s.value
        if method(call) == "append" and isinstance(call.func.value, ast.Name):  # type: ignore[attr-defined]
            self.kept.add(call.func.value.id)  # type: ignore[attr-defined]
            return all(map(self.plain, call.args))
        return isinstance(call.func, ast.Name) and call.func.id == "print" and all(map(self.plain, call.args))

    def plain(self, x: ast.expr) -> bool:
        """An expression of numbers that no later step changes."""
        if is_item(x):
            return isinstance(x.func.value, ast.Name) and x.func.value.id in self.results  # type: ignore[attr-defined]
        if self.size_of_batch(x):
            return True
        if isinstance(x, ast.Name):
            return x.id in self.numbers | self.kept
        if isinstance(x, ast.Call):
            known = isinstance(x.func, ast.Name) and x.func.id in NUMBERS and not x.keywords
            if known and x.func.id == "len":  # type: ignore[attr-defined]
                return len(x.args) == 1 and dotted(x.args[0])
            return known and all(self.plain(a) or self.result(a) for a in x.args)
        if isinstance(x, (ast.BinOp, ast.UnaryOp, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.List)):
            return all(self.plain(a) for a in ast.iter_child_nodes(x) if isinstance(a, ast.expr))
        return isinstance(x, ast.Constant)

    def result(self, x: ast.expr) -> bool:
        return isinstance(x, ast.Name) and x.id in self.results

    def size_of_batch(self, x: ast.expr) -> bool:
        """``len(x)``, ``x.size(0)`` or ``x.shape[0]``"""
        of: Any = None
        if isinstance(x, ast.Call) and isinstance(x.func, ast.Name) and x.func.id == "len" and len(x.args) == 1:
            of = x.args[0]
        elif isinstance(x, ast.Call) and method(x) == "size" and [ast.unparse(a) for a in x.args] == ["0"]:
            of = x.func.value  # type: ignore[attr-defined]
        elif isinstance(x, ast.Subscript) and isinstance(x.value, ast.Attribute) and (x.value.attr, ast.unparse(x.slice)) == ("shape", "0"):
            of = x.value.value
        return isinstance(of, ast.Name) and of.id in self.batch


def calls_step(s: ast.stmt, name: str) -> bool:
    return isinstance(s, ast.Assign) and isinstance(s.value, ast.Call) and ast.unparse(s.value.func) == name


def dotted(x: Any) -> bool:
    """A name, or an attribute of an attribute … of one."""
    return isinstance(x, ast.Name) or isinstance(x, ast.Attribute) and dotted(x.value)


def prepares_batch(s: Any) -> bool:
    """``x, y = x.to(device), y.to(device)`` or ``x = x.view(-1, 784)``: moves or reshapes what the loader gave."""
    if not prepares(s) or not isinstance(s, ast.Assign) or len(s.targets) != 1 or any(method(c) in CREATING for c in calls(s)):
        return False
    target, value = s.targets[0], s.value
    if isinstance(target, ast.Tuple):
        return isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) and all(isinstance(t, ast.Name) for t in target.elts)
    return isinstance(target, ast.Name) and not any(isinstance(n, ast.Subscript) for n in ast.walk(value)) and any(calls(value))


def applied(s: Any, inner: Any) -> Any:
    """``(lambda x, y: inner)(x.to(device), y.to(device))`` of an assignment to x and y."""
    several = isinstance(s.targets[0], ast.Tuple)
    targets, values = (s.targets[0].elts, s.value.elts) if several else (s.targets, [s.value])
    return ast.Call(ast.Lambda(parameters([t.id for t in targets]), inner), list(values), [])


def parameters(names: list[str]) -> ast.arguments:
    return ast.arguments([], [ast.arg(n) for n in names], None, [], [], None, [])


def loads(scope: Any, names: list[str]) -> Iterator[ast.Name]:
    """Where names are read, but for loops and functions that have such names of their own."""
    stack: list[Any] = list(scope.body)
    while stack:
        n = stack.pop()
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load):
            yield n
        stack.extend(child for child in ast.iter_child_nodes(n) if not (isinstance(n, ast.For) and own(n, names) and child in n.body))
        if isinstance(n, ast.For) and own(n, names):
            stack.extend(m for s in n.body for m in ast.walk(s) if isinstance(m, ast.Name) and m.id not in names)


def own(loop: ast.For, names: list[str]) -> bool:
    """Whether a loop sets all of these names in each turn."""
    return set(names) <= used([loop.target])[1]
