"""Why a tensor has no history: the line that cut it, and what to write there instead.

Some cuts are remembered where they are made, for they are rare (`detach`, ``.data``, entering ``no_grad``). All others
are found when the error is made, by reading the program's lines backwards (`story.py`) with the variables as they are.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from ..base.dtypes import of
from ..base.errors import message
from ..base.modes import modes
from ..base.story import (
    UNKNOWN,
    Function,
    Scope,
    Step,
    definitions,
    names_in,
    parents,
    running,
    scope_of,
    steps,
)
from ..base.trail import at, frames, here, is_ours, span, spelled, text, told
from .cutters import ASK, DATA, FINDERS, METHODS, Cut, positions, switches_off
from .unasked import frozen, integers, never_asked, rebound
from .value import Value


def no_history(what: str, value: Any) -> str:
    """The message for a tensor whose history an operation needs; ``what`` are PyTorch's words."""
    cut = why_cut(value)
    return message(what, cut.why, cut.instead)


def from_leaf(value: Any) -> None:
    """Warn where ``backward`` starts at a result that was made a leaf by hand: it reaches nothing else."""
    place = here()
    line = (place[0].co_filename, span(place)[0]) if place is not None else None
    if line is None or line in warned:
        return
    warned.add(line)
    cut = read(value, asked_late)
    if cut is None:
        return
    warnings.warn(
        message(
            "requires_grad was set on a result, which has no history: backward() fills its own .grad and reaches nothing else",
            cut.why,
            cut.instead,
        ),
        UserWarning,
        stacklevel=3,
    )


warned: set[tuple[str, int]] = set()  # the lines that `from_leaf` has looked at


def made_by(value: Any) -> str:
    """The warning for ``.grad`` of a tensor that was computed."""
    made = made_in(value)
    instead = "retain_grad() on it before backward(), or .grad of the tensor that was made with requires_grad=True"
    name, equals, result = made.partition("`")[2].removesuffix("`").partition(" = ")
    if equals and ", requires_grad=True" in result:
        instead = f"{name} = ({result.replace(', requires_grad=True', '')}).requires_grad_(): ask for gradients last, of the result"
    return message(
        "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
        "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf "
        "Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure "
        f"you access the leaf Tensor instead. (This one was computed, by {value.grad_fn.name()}.)",
        made and f"it was made in {made}",
        instead,
    )


@told("")
def made_in(value: Any) -> str:
    """The line that gave the tensor under the program's eyes its value."""
    found = running()
    if found is None:
        return ""
    scope, expr = found
    target = expr.value if isinstance(expr, ast.Attribute) else receiver(scope, expr, value)
    step = next((s for s in steps(scope, target) if s.name == getattr(target, "id", None)), None)
    return at(step.scope.file, step.line) if step is not None else ""


def why_cut(value: Any, element: str = "") -> Cut:
    """Why a value has no history, and what to write instead."""
    array = value.array
    remembered = getattr(value, "cut", None)
    if remembered is not None:
        how, *place = remembered
        line = spelled(tuple(place))
        return Cut(f"{METHODS['detach'][0] if how == 'detach' else DATA}: {line}", without(line, how))
    if not modes.grad:
        return Cut(
            "gradients are switched off here (torch.no_grad or inference_mode)" + switched(),
            "call it outside of that block",
        )
    found = read(value)
    if found is not None:
        return found
    if array.dtype.kind in "bui":
        return Cut(f"it holds {of(array)}, and integers have no derivative", "x = x.float() before the computation")
    return Cut(
        "none of the tensors it was computed from has requires_grad=True, or the history was cut (.detach(), .data, .item(), no_grad)",
        ASK,
    )


@told("")
def switched() -> str:
    """Where gradients were switched off: the block that is running, or a call of set_grad_enabled."""
    for frame in frames():
        scope = None if is_ours(frame.f_code) else scope_of(frame)
        if scope is None:
            continue
        current = [
            n for n in ast.walk(scope.body)
            if isinstance(n, ast.With) and n.lineno <= scope.line <= (n.end_lineno or 0) and n.lineno < scope.line
        ]  # fmt: skip
        for node in (*reversed(current), scope.body):
            exprs = (
                [i.context_expr for i in node.items]
                if isinstance(node, ast.With)
                else getattr(node, "decorator_list", [])
            )
            for expr in exprs:
                if switches_off(expr):
                    return f", since {at(scope.file, expr.lineno)}"
    return "" if modes.off is None else f", since {spelled(modes.off)}"


def without(line: str, how: str) -> str:
    """A line of source, as `trail.at` gives it, without the call that cuts."""
    source = line.partition("`")[2].removesuffix("`")
    call = f".{how}()" if how != "data" else ".data"
    return source.replace(call, "", 1) if call in source else f"use it without {call}"


@told(None)
def read(value: Any, only: Callable[[Scope, str], bool] | None = None) -> Cut | None:
    """What the program's own lines say, or None where they cannot be read, say nothing, or ``only`` is not so."""
    found = running()
    if found is None:
        return None
    scope, expr = found
    target = receiver(scope, expr, value)
    if only is not None and not only(scope, ast.unparse(target)):
        return None
    path = list(steps(scope, target))
    name = ast.unparse(target)
    cuts = [cut for step in path for cut in (*lost_in(step), *switched_off(step))]
    return (
        rebound(path)
        or (cuts[-1] if cuts else None)  # the first to be met on the way from the parameters
        or frozen(path)
        or integers(value, name)
        or never_asked(path, name)
    )


def asked_late(scope: Scope, name: str) -> bool:
    """Whether the program sets requires_grad on a result: on what an expression of other tensors gave."""
    if not any(sets_requires_grad(n, name) for n in ast.walk(scope.body)):
        return False
    made = definitions(scope, name, scope.line)
    sources = [scope.value(ast.Name(n)) for n in names_in(made[0].expr) if n != name] if made else []
    return any(isinstance(v, Value) or asks(v) for v in sources)


def sets_requires_grad(node: ast.AST, name: str) -> bool:
    """``name.requires_grad = True`` or ``name.requires_grad_()``"""
    if isinstance(node, ast.Assign):
        return any(ast.unparse(t) == f"{name}.requires_grad" for t in node.targets)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == f"{name}.requires_grad_"


def receiver(scope: Scope, expr: ast.expr, value: Any) -> ast.expr:
    """The expression of the tensor in question: ``loss`` of ``loss.backward()``, or an argument of ``grad(loss, w)``."""
    if isinstance(expr, ast.Call):
        parts = [*expr.args, *[k.value for k in expr.keywords]]
        if isinstance(expr.func, ast.Attribute):
            parts = [expr.func.value, *parts]
        for part in parts:
            for inner in getattr(part, "elts", [part]):
                if scope.value(inner) is value:
                    return inner
        if isinstance(expr.func, ast.Attribute) and scope.value(expr.func.value) is UNKNOWN:
            return expr.func.value
        return parts[0] if parts else expr
    return expr


# ---------------------------------------------------------------------- did it have a history to lose?


def carries(scope: Scope, expr: ast.expr, depth: int = 0) -> bool:
    """Whether gradients could flow to an expression: something that asks for them is found behind it."""
    for step in steps(scope, expr):
        for part in ast.walk(step.expr):
            if isinstance(part, (ast.Name, ast.Attribute)) and asks(step.scope.value(part)):
                return True
            if isinstance(part, ast.Call) and asked_in(part):
                return True
    return False


def asked_in(call: ast.Call) -> bool:
    """Whether a call, as it is written, asks for gradients: ``requires_grad=True``, ``requires_grad_()``, ``Parameter(x)``."""
    said = {k.arg: getattr(k.value, "value", None) for k in call.keywords}
    first = getattr(call.args[0], "value", None) if call.args else None
    if "requires_grad" in said:
        return said["requires_grad"] is True
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    return name == "Parameter" or name == "requires_grad_" and first is not False


def asks(thing: Any) -> bool:
    """Whether a live object asks for gradients: a tensor with a history, a module with a parameter to train."""
    if isinstance(thing, Value):
        return thing.node is not None
    owner = getattr(thing, "__self__", thing)
    if "_parameters" in getattr(owner, "__dict__", ()):
        return any(p.node is not None for p in owner.parameters())
    return isinstance(thing, (list, tuple)) and any(isinstance(t, Value) and t.node is not None for t in thing[:8])


# ---------------------------------------------------------------------- cuts


def switched_off(step: Step) -> Iterator[Cut]:
    """A step inside a ``with torch.no_grad()``, or in a function decorated with it."""
    for node in (step.statement, *parents(step.statement)):
        made_by: list[ast.expr] = []
        if isinstance(node, ast.With):
            made_by = [item.context_expr for item in node.items]
        elif isinstance(node, Function):
            made_by = node.decorator_list
        for expr in made_by:
            if switches_off(expr) and carries(step.scope, step.expr):
                said = ast.unparse(expr)
                block = f"`with {said}`" if isinstance(node, ast.With) else f"function decorated with `@{said}`"
                yield Cut(
                    f"{at(step.scope.file, step.line)}, is inside the {block} of line {expr.lineno}, where nothing is recorded",
                    f"move line {step.line} out of the block"
                    if isinstance(node, ast.With)
                    else "call a function without that decorator where gradients are wanted",
                )
        if isinstance(node, Function):
            return


def lost_in(step: Step) -> Iterator[Cut]:
    """The places in a step's expression that turn something with a history into something without, the innermost last."""
    for node in ast.walk(step.expr):
        for find in FINDERS:
            found = find(node)
            if found is not None and carries(step.scope, found[0]):
                operand, why, instead = found
                line = named_line(step.scope.file, node)  # type: ignore[arg-type]
                yield Cut(f"{why}: {line}", instead or plainly(step, node, operand))  # type: ignore[arg-type]
    found = positions(step.statement, step.name)
    if found is not None and carries(step.scope, found[0]):
        yield Cut(f"{found[1]}: {at(step.scope.file, step.line)}", found[2])


def named_line(file: str, node: ast.expr) -> str:
    """The line of an expression; of one that is written over several lines, that of the call which cuts."""
    called = node.func if isinstance(node, ast.Call) else node
    word = getattr(called, "attr", "")
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    return at(file, next((n for n in lines if word and word in text(file, n)), node.lineno))


def plainly(step: Step, node: ast.expr, operand: ast.expr) -> str:
    """The statement with the operand itself in place of the call that cuts."""
    above = getattr(node, "parent", None)
    if isinstance(above, ast.Attribute) and above.attr in ("numpy", "cpu"):
        return METHODS["numpy"][1]
    text, whole, kept = (ast.unparse(x) for x in (step.statement, node, operand))
    return text.partition("\n")[0].replace(whole, kept, 1)
