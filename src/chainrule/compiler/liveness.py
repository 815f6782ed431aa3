"""Which names are read after a run of statements before they are set again: those that a step has to give back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from .choosing import used

LEAVING = (ast.Break, ast.Continue, ast.Return, ast.Raise)
PLAIN = ("no_grad", "enable_grad", "set_grad_enabled", "inference_mode", "autocast")
TRIES: tuple[Any, ...] = (ast.Try, ast.TryStar)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Names = frozenset[str]


def live_after(tree: ast.AST, scope: Any, block: list[ast.stmt], last: int) -> set[str]:
    """Names of a scope that may be read once the statements of a block before ``last`` are done.

    >>> tree = ast.parse("for i in range(3):\\n    a, b, c = f(i)\\n    print(b)\\nc = 0\\nprint(a, c)")
    >>> sorted(live_after(tree, tree, tree.body[0].body, 1))
    ['a', 'b', 'f', 'print', 'range']
    """
    found = set(within_functions(tree, scope))
    known: Names = frozenset()
    for owner, statements, place in reversed(list(path_to(scope, scope.body, block, last))):
        rest = statements[place:]
        wanted, after = flow(rest, known)
        found |= wanted
        if not any(isinstance(n, LEAVING) for s in rest for n in ast.walk(s)):
            known = after
        if isinstance(owner, (ast.For, ast.AsyncFor, ast.While)):  # its next turn begins at its begin
            head = [owner.iter] if not isinstance(owner, ast.While) else [owner.test]
            found |= used(head)[0] - known
            again = known if isinstance(owner, ast.While) else known | used([owner.target])[1]
            found |= flow(owner.body, again)[0] | flow(owner.orelse, known)[0]
        elif isinstance(owner, TRIES):  # whatever else of it may run
            found |= used([*owner.handlers, *owner.orelse, *owner.finalbody])[0]
    return found


def path_to(owner: Any, statements: list[ast.stmt], block: list[ast.stmt], last: int) -> Iterator[tuple[Any, list[ast.stmt], int]]:
    """From the scope inwards: what a list of statements belongs to, the list, and where one goes on in it."""
    if statements is block:
        yield owner, statements, last
        return
    for i, s in enumerate(statements):
        for inner in lists_of(s):
            found = list(path_to(s, inner, block, last))
            if found:
                yield owner, statements, i + 1
                yield from found
                return


def lists_of(s: ast.stmt) -> Iterator[list[ast.stmt]]:
    for part in ("body", "orelse", "finalbody"):
        yield getattr(s, part, [])
    for handler in getattr(s, "handlers", []):
        yield handler.body


def within_functions(tree: ast.AST, scope: Any) -> Iterator[str]:
    """The names that functions other than the scope itself, which may run at any time, read from outside."""
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS) and node is not scope:
            body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
            read, written = used(body)
            outer = {n for s in ast.walk(node) if isinstance(s, (ast.Global, ast.Nonlocal)) for n in s.names}
            a = node.args
            own = {x.arg for x in [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg] if x is not None}
            yield from read - ((written | own) - outer)


def flow(statements: list[ast.stmt], known: Names) -> tuple[set[str], Names]:
    """The names that may be read before these statements have set them, and those that are set for certain afterwards."""
    wanted: set[str] = set()
    for s in statements:
        if isinstance(s, (ast.With, ast.AsyncWith)):
            wanted |= used([i.context_expr for i in s.items])[0] - known
            inside = known | used([i.optional_vars for i in s.items if i.optional_vars])[1]
            more, after = flow(s.body, inside)
            wanted |= more
            if all(any(name in ast.unparse(i.context_expr) for name in PLAIN) for i in s.items):  # others may end it early
                known = after
        elif isinstance(s, (ast.For, ast.AsyncFor, ast.While)):
            each = known if isinstance(s, ast.While) else known | used([s.target])[1]
            wanted |= used([s.test if isinstance(s, ast.While) else s.iter])[0] - known
            wanted |= flow(s.body, each)[0] | flow(s.orelse, known)[0]
        elif isinstance(s, ast.If):
            wanted |= used([s.test])[0] - known
            (a, in_a), (b, in_b) = flow(s.body, known), flow(s.orelse, known)
            wanted |= a | b
            known = in_a & in_b
        elif isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef)):
            wanted |= used([*s.decorator_list, *s.args.defaults, *[d for d in s.args.kw_defaults if d]])[0] - known
        elif isinstance(s, (*TRIES, ast.ClassDef, ast.Match)):
            wanted |= used([s])[0] - known
        elif isinstance(s, LEAVING):
            return wanted | used([s])[0] - known, known
        else:
            read, written = used([s])
            wanted |= read - known
            known |= written - {n.id for d in ast.walk(s) if isinstance(d, ast.Delete) for n in d.targets if isinstance(n, ast.Name)}
    return wanted, known
