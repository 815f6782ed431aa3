"""`Retreating`: the step of a loop that begins later where its first statements turn out to be Python's.

    x, y = get_batch()             reads numbers out of a tensor        x, y = get_batch()
    loss = model(x, y)                                            →     loss = step_line_3_from_5(x, y)
    …                                                                   …

Which statements prepare a batch can't always be seen in the source. So a step that can't be compiled is tried without its
first statement, then without its first two, as long as what it is given has no history; if that does not help, it stays
as it was.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from .calls import flat, history
from .choosing import goes_back, needed, used
from .outcome import Loop
from .step import Step

MOST_CUTS = 6


class Rest(Step):
    """What is left of a step; it is only for what has no history yet."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self.too_late = False

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.too_late = self.too_late or any(history(a) is False for a in flat(args, named) if hasattr(a, "node"))
        return self.function(*args, **named) if self.too_late else super().__call__(*args, **named)


class Retreating(Step):
    """A step and where it begins."""

    def __init__(self, definition: ast.FunctionDef, file: str, space: dict[str, Any], loop: Loop) -> None:
        self.definition, self.file, self.space, self.loop = definition, file, space, loop
        self.whole_function = self.made(definition)
        super().__init__(self.whole_function)
        body = definition.body[:-1]
        self.most = min(MOST_CUTS, next((i for i, s in enumerate(body) if goes_back(s)), len(body)))
        self.cut = 0  # statements that are Python's
        self.rest: Rest | None = None

    @property
    def at_work(self) -> Step:
        """The step that is compiled."""
        return self if self.rest is None else self.rest

    def free(self) -> bool:
        return self.rest is None and super().free()

    def __call__(self, *args: Any, **named: Any) -> Any:
        result = super().__call__(*args, **named)
        if self.cut < self.most and self.failed():
            self.retreat()
        return result

    def failed(self) -> bool:
        if self.rest is not None and self.rest.too_late:
            return True
        plans = self.at_work.plans.values()
        return any(p.reasons and not all(map(self.loop.is_apart, p.reasons)) for p in plans) and all(p.machine is None for p in plans)

    def retreat(self) -> None:
        """Leave one statement more to Python; all of them, if none of the ways led anywhere."""
        self.cut += 1
        if self.cut == self.most or self.rest is not None and self.rest.too_late:
            self.cut, self.most, self.rest, self.function = 0, 0, None, self.whole_function
            return
        before, rest = self.parted(self.cut)
        self.rest = Rest(self.made(rest))
        name = f"{rest.name}_step"
        outer = ast.FunctionDef(**heading(f"around_{before.name}", [name]), body=[before, ast.Return(ast.Name(before.name, ast.Load()))])
        self.function = self.made(outer)(self.rest)

    def parted(self, cut: int) -> tuple[ast.FunctionDef, ast.FunctionDef]:
        """``def step(…): first statements; results = rest(…); return …``, and ``def rest(…)`` with the others."""
        whole = self.definition
        *body, back = whole.body
        first, others = body[:cut], body[cut:]
        known = {a.arg for a in whole.args.args} | used(first)[1]
        results = sorted(used([back])[0] & used(others)[1])
        given = sorted((needed(others)[0] | set(results)) & known)
        at = ast.copy_location(ast.Return(names(results)), back)
        rest = ast.FunctionDef(**heading(f"{whole.name}_from_{others[0].lineno}", given), body=[*others, at])
        call: ast.expr = ast.Call(ast.Name(f"{rest.name}_step", ast.Load()), [ast.Name(n, ast.Load()) for n in given], [])
        taken: ast.stmt = ast.Assign([names(results, ast.Store())], call) if results else ast.Expr(call)
        before = ast.FunctionDef(
            **heading(whole.name, [a.arg for a in whole.args.args]), body=[*first, ast.copy_location(taken, others[0]), back]
        )
        return ast.copy_location(before, whole), ast.copy_location(rest, others[0])

    def made(self, definition: ast.FunctionDef) -> Any:
        """The function of a definition."""
        tree = ast.fix_missing_locations(ast.Module([definition], []))
        found: dict[str, Any] = {}
        exec(compile(tree, self.file, "exec", dont_inherit=True), self.space, found)
        return found[definition.name]


def names(of: list[str], how: ast.expr_context | None = None) -> ast.expr:
    """A name, or a tuple of names; None for none."""
    how = how or ast.Load()
    found: list[ast.expr] = [ast.Name(n, how) for n in of]
    return (found[0] if len(found) == 1 else ast.Tuple(found, how)) if found else ast.Constant(None)


def heading(called: str, parameters: list[str]) -> dict[str, Any]:
    """The head of a function with positional parameters."""
    given = ast.arguments([], [ast.arg(n) for n in parameters], None, [], [], None, [])
    extra: dict[str, Any] = {"type_params": []} if "type_params" in ast.FunctionDef._fields else {}
    return {"name": called, "args": given, "decorator_list": [], "returns": None, **extra}
