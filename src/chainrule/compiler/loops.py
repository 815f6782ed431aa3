"""Plain training loops, compiled: the statements of a loop that form a step become a function, and that a `Step`.

    for epoch in range(100):                    for epoch in range(100):
        loss = criterion(model(x), y)               loss = step_line_2()
        optimizer.zero_grad()                →
        loss.backward()
        optimizer.step()
        if epoch % 10 == 0:                         if epoch % 10 == 0:
            print(loss.item())                          print(loss.item())

It is done on the source (`choosing` says which statements): names that change from turn to turn are the function's
arguments, names that it sets are returned, and lines keep their numbers. Printing, reading numbers out, schedulers and
evaluation stay Python's. A loop that has no such step stays as it is, and `Loops.report` says why.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from ..base.errors import message
from .choosing import Chosen, books, choose, decided_before, goes_back, is_item, needed, used
from .cutting import cut_out
from .liveness import live_after
from .outcome import Loop, Loops
from .retreat import Retreating, heading
from .turns import turn

Scope = ast.Module | ast.FunctionDef


def compile_loops(function: Callable[..., Any]) -> Any:
    """The function with the training steps in its loops compiled; ``function.loops.report()`` says which.

    >>> def train(w, optimizer):
    ...     for turn in range(20):
    ...         loss = ((w - 3) ** 2).sum()
    ...         optimizer.zero_grad()
    ...         loss.backward()
    ...         optimizer.step()
    ...         if turn % 10 == 0:
    ...             print(f"{loss.item():.4f}")
    >>> w = torch.zeros(2, requires_grad=True)
    >>> torch.compile_loops(train)(w, torch.optim.SGD([w], lr=0.1))
    18.0000
    0.2075
    """
    if not isinstance(function, FunctionType):
        raise TypeError(
            message(
                f"compile_loops: expected a function, got {function!r}",
                "the loops are found in the source of a function",
                "@chainrule.compile_loops above `def train(…):`, or chainrule.compile(step) for a single step",
            )
        )
    code = function.__code__
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        raise OSError(f"compile_loops: the source of {function.__qualname__} is not to be found, and loops are found there") from None
    tree = ast.parse(textwrap.dedent("".join(lines)), code.co_filename)
    ast.increment_lineno(tree, first - 1)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    outer = ast.FunctionDef(**heading("outer", list(code.co_freevars)), body=[definition])
    loops, names = turned(ast.Module([ast.fix_missing_locations(outer)], []), code.co_filename, function.__globals__)
    made = compile(ast.Module([wrapped(definition, [*code.co_freevars, *names])], []), code.co_filename, "exec")
    inner = nested(made, code.co_name)
    cells = dict(zip(code.co_freevars, function.__closure__ or ()))
    new = FunctionType(
        inner, function.__globals__, function.__name__, function.__defaults__,
        tuple(cells[n] if n in cells else cell_of(names[n]) for n in inner.co_freevars),
    )  # fmt: skip
    new.__kwdefaults__, new.__dict__, new.__doc__ = function.__kwdefaults__, dict(function.__dict__), function.__doc__
    new.__qualname__, new.__module__, new.__annotations__ = function.__qualname__, function.__module__, function.__annotations__
    new.loops = loops  # type: ignore[attr-defined]
    return new


def turned_program(source: bytes | str, file: str, space: dict[str, Any]) -> tuple[CodeType, Loops]:
    """A program's code with its loops turned; the steps are put into ``space``, the dict of its globals."""
    tree = ast.parse(source, file)
    loops, names = turned(tree, file, space)
    space.update(names)
    return compile(tree, file, "exec", dont_inherit=True), loops


# ---------------------------------------------------------------------- the transformation


def turned(tree: ast.Module, file: str, space: dict[str, Any]) -> tuple[Loops, dict[str, Any]]:
    """Turn the loops of a tree in place; gives what became of them, and the steps by the names that they are called by."""
    loops = Loops(file)
    names: dict[str, Any] = {}
    schedulers = {
        ast.unparse(t) for n in ast.walk(tree) if isinstance(n, ast.Assign) and "lr_scheduler" in ast.unparse(n.value) for t in n.targets
    } | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and "sched" in n.id.lower()}
    for scope, around in scopes(tree, []):
        for loop, enclosing in loops_of(scope.body, []):
            block = block_of(loop.body)
            if block is None:
                continue
            found = Loop(loop.lineno)
            loops.all.append(found)
            cut_out(block, counters([*enclosing, loop]), constants(scope), schedulers)
            maker = Maker(tree, scope, around, [*enclosing, loop], block, schedulers)
            found.why = maker.chosen.why
            if not found.why:
                found.begun = names[maker.name] = Retreating(maker.function(), file, space, found)
                found.apart = [range(s.lineno, (s.end_lineno or s.lineno) + 1) for s in maker.decided]
                maker.replace()
                turn(loop, maker)
    ast.fix_missing_locations(tree)
    return loops, names


def scopes(node: Any, around: list[ast.FunctionDef]) -> Iterator[tuple[Scope, list[ast.FunctionDef]]]:
    """The module and all functions in it, each with the functions that it stands in."""
    if isinstance(node, (ast.Module, ast.FunctionDef)):
        yield node, around
        around = [*around, node] if isinstance(node, ast.FunctionDef) else around
    for child in ast.iter_child_nodes(node):
        yield from scopes(child, around)


def loops_of(body: list[ast.stmt], enclosing: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """The loops of a scope, inner ones first, each with those that it stands in."""
    for s in body:
        if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        inside = [*enclosing, s] if isinstance(s, (ast.For, ast.While)) else enclosing
        for part in ("body", "orelse", "finalbody"):
            yield from loops_of(getattr(s, part, []), inside)
        for handler in getattr(s, "handlers", []):
            yield from loops_of(handler.body, inside)
        if isinstance(s, (ast.For, ast.While)):
            yield s, enclosing


def block_of(body: list[ast.stmt]) -> list[ast.stmt] | None:
    """The statements among which a loop's backward pass stands; None if it has none, or inner loops have it."""
    direct = [s for s in body if goes_back(s) and not isinstance(s, (ast.For, ast.While, ast.FunctionDef, ast.ClassDef))]
    if not direct:
        return None
    (only, *others) = direct
    if not others and isinstance(only, (ast.With, ast.If)) and not getattr(only, "orelse", []):
        inner = block_of(only.body)
        lost = {ast.unparse(c.func.value) for s in only.body for c in ast.walk(s)
                if isinstance(c, ast.Call) and isinstance(c.func, ast.Attribute) and c.func.attr == "backward"}  # fmt: skip
        if inner is not None and lost <= used(only.body)[1] | {x for x in lost if not x.isidentifier()}:
            return inner
    return body


class Maker:
    """Makes the step of one loop."""

    def __init__(
        self, tree: ast.Module, scope: Scope, around: list[Any], nest: list[Any], block: list[ast.stmt], schedulers: set[str]
    ) -> None:
        self.tree, self.scope, self.around, self.nest, self.block = tree, scope, around, nest, block
        self.name = f"step_line_{nest[-1].lineno}"
        self.counters = counters(nest)
        self.numbers = self.counters | constants(scope)
        self.chosen = choose(block, self.counters, constants(scope), schedulers)
        if not self.chosen.why:
            self.work_out()

    def work_out(self) -> None:
        """What the step is given and what it gives."""
        first, last, _ = self.chosen
        self.run = self.block[first:last]
        self.within = [s for s in self.run if not books(s, self.numbers) and not decided_before(s, self.numbers)]
        self.later = [s for s in self.run if books(s, self.numbers)]
        self.decided = [s for s in self.run if isinstance(s, ast.If) and decided_before(s, self.numbers)]
        read, written = used(self.within)
        wanted, certain = needed(self.within)
        local = self.local_names()
        leave = written & self.read_afterwards()
        if not leave <= certain | wanted:
            self.chosen = Chosen(0, 0, f"{min(leave - certain - wanted)} may be set or not in a turn, and is used later")
            return
        touched = used(self.later)[1] | {n for s in self.later for n in booking(s)}
        if touched & (read | written):
            self.chosen = Chosen(0, 0, f"{min(touched & (read | written))} keeps books and is a part of the step")
            return
        self.results = sorted(leave)
        self.given = sorted(wanted & local)
        self.asked = sorted((used(self.decided)[0] & local) - set(self.given) - (certain & written))

    def local_names(self) -> set[str]:
        """The names that are to be handed over: those of functions; of a module, those that change while the loop runs."""
        if self.around or isinstance(self.scope, ast.FunctionDef):
            found = set()
            for f in [*self.around, self.scope]:
                found |= used(f.body)[1] | {a.arg for a in every_argument(f)}
            return found
        outermost = self.nest[0]
        return used([outermost])[1]

    def read_afterwards(self) -> set[str]:
        """The names that are read after the step, at its begin in the next turn, or by what is done for it before and afterwards."""
        aside, _ = used([s for s in self.run if s not in self.within])
        return aside | live_after(self.tree, self.scope, self.block, self.chosen.last) | needed(self.within)[0]

    # ------------------------------------------------------------------ what is written

    def function(self) -> ast.FunctionDef:
        """``def step(given, …): …; return results``"""
        self.items: list[str] = []
        body: list[ast.stmt] = []
        self.after: list[ast.stmt] = []
        for s in self.run:
            if books(s, self.numbers):
                body += self.postponed(s)
            elif isinstance(s, ast.If) and s in self.decided:
                body.append(ast.copy_location(ast.If(name(self.truth(s)), s.body, s.orelse), s))
            else:
                body.append(s)
        results = [*self.results, *self.items]
        values: list[ast.expr] = [name(n) for n in results]
        back = ast.Tuple(values, ast.Load()) if len(values) != 1 else values[0]
        body.append(ast.copy_location(ast.Return(back if results else None), self.run[-1]))
        parameters = [*self.given, *self.asked, *[self.truth(s) for s in self.decided]]
        made = ast.FunctionDef(**heading(self.name, parameters), body=body)
        ast.copy_location(made, self.run[0])
        ast.fix_missing_locations(made)
        return made

    def truth(self, s: ast.stmt) -> str:
        return f"holds_line_{s.lineno}"

    def postponed(self, s: ast.stmt) -> list[ast.stmt]:
        """Read the numbers where they stand; do the rest after the step."""
        reads: list[ast.stmt] = []
        maker = self

        class Items(ast.NodeTransformer):
            def visit_Call(self, node: ast.Call) -> Any:
                if not is_item(node):
                    return self.generic_visit(node)
                there = f"item_{len(maker.items)}_line_{node.lineno}"
                maker.items.append(there)
                reads.append(ast.copy_location(ast.Assign([name(there, ast.Store())], node), node))
                return ast.copy_location(name(there), node)

        self.after.append(Items().visit(s))
        return reads

    def replace(self) -> None:
        """Put the call where the statements were."""
        first, last, _ = self.chosen
        new: list[ast.stmt] = []
        for s in self.decided:
            test = ast.Call(name("bool"), [s.test], [])
            new.append(ast.copy_location(ast.Assign([name(self.truth(s), ast.Store())], test), s))
        held: list[ast.expr] = [name(n) for n in self.given]
        if self.asked:
            either: ast.expr = ast.BoolOp(ast.Or(), [name(self.truth(s)) for s in self.decided])
            either = either if len(self.decided) > 1 else name(self.truth(self.decided[0]))
            held += [ast.IfExp(either, name(n), ast.Constant(None)) for n in self.asked]
        call: ast.expr = ast.Call(name(self.name), held + [name(self.truth(s)) for s in self.decided], [])
        results = [*self.results, *self.items]
        targets: list[ast.expr] = [name(n, ast.Store()) for n in results]
        target: ast.expr = ast.Tuple(targets, ast.Store()) if len(targets) != 1 else targets[0]
        new.append(ast.copy_location(ast.Assign([target], call) if results else ast.Expr(call), self.run[0]))
        self.block[first:last] = [*new, *self.after]


def booking(s: ast.stmt) -> set[str]:
    """The names of the lists that a statement appends to."""
    call = s.value if isinstance(s, ast.Expr) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return {call.func.value.id}
    return set()


def counters(nest: list[Any]) -> set[str]:
    """The names that count turns: targets of loops over ranges, numbers that are counted on."""
    found: set[str] = set()
    for loop in nest:
        if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Call) and isinstance(loop.iter.func, ast.Name):
            target = loop.target
            if loop.iter.func.id in ("range", "trange"):
                found |= used([target])[1]
            if loop.iter.func.id == "enumerate" and isinstance(target, ast.Tuple):
                found |= used(target.elts[:1])[1]
        for s in ast.walk(loop):
            if isinstance(s, ast.AugAssign) and isinstance(s.target, ast.Name) and isinstance(s.value, ast.Constant):
                found.add(s.target.id)
    return found


def constants(scope: Scope) -> set[str]:
    """The names that are set once, to a number."""
    values: dict[str, list[ast.AST]] = {}
    for s in ast.walk(scope):
        if isinstance(s, ast.Name) and isinstance(s.ctx, ast.Store):
            values.setdefault(s.id, []).append(s)
    plain = {
        t.id
        for s in ast.walk(scope)
        if isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant) and isinstance(s.value.value, (int, float))
        for t in s.targets
        if isinstance(t, ast.Name)
    }
    return {n for n in plain if len(values[n]) == 1}


# ---------------------------------------------------------------------- pieces of code


def name(text: str, how: ast.expr_context | None = None) -> ast.Name:
    return ast.Name(text, how or ast.Load())


def every_argument(f: Any) -> list[ast.arg]:
    if not isinstance(f, ast.FunctionDef):
        return []
    a = f.args
    return [*a.posonlyargs, *a.args, *a.kwonlyargs, *[x for x in (a.vararg, a.kwarg) if x is not None]]


def wrapped(definition: ast.FunctionDef, names: list[str]) -> ast.FunctionDef:
    """A function around another, so that these names are its variables from outside."""
    outer = ast.FunctionDef(**heading("outer", names), body=[definition, ast.Pass()])
    return ast.fix_missing_locations(ast.copy_location(outer, definition))


def nested(code: CodeType, called: str) -> CodeType:
    """The code of the function of this name within a module's ``outer``."""
    outer = next(c for c in code.co_consts if isinstance(c, CodeType))
    return next(c for c in outer.co_consts if isinstance(c, CodeType) and c.co_name == called)


def cell_of(value: Any) -> Any:
    return (lambda: value).__closure__[0]  # type: ignore[index]
