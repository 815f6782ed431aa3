"""What in an expression ends a history: calls and operators that give the same numbers, or others, without a derivative."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, NamedTuple

ASK = "w = torch.tensor(…, requires_grad=True) before it is used, or model.parameters() unfrozen"


class Cut(NamedTuple):
    """Where a history ends: why, and the line to write instead."""

    why: str
    instead: str = ""


PLACES = "gives positions: whole numbers, which do not change by a little"
METHODS = {  # of a tensor; what is said of the call, and what to write
    "detach": ("detach() gives the same numbers without their history", ""),
    "detach_": ("detach_() forgets the history", ""),
    "item": ("item() gives a Python number, which has no history", ""),
    "tolist": ("tolist() gives Python numbers, which have no history", "work on the tensor itself"),
    "numpy": ("what NumPy computes is not recorded", "the same computation with torch's functions"),
    "argmax": (f"argmax {PLACES}", "a loss of the scores themselves, such as F.cross_entropy(scores, target)"),
    "argmin": (f"argmin {PLACES}", "a loss of the scores themselves"),
    "argsort": (f"argsort {PLACES}", "a loss of the values themselves"),
    "long": ("whole numbers have no derivative", "float() if a dtype must change"),
    "int": ("whole numbers have no derivative", "float() if a dtype must change"),
    "bool": ("truth values have no derivative", ""),
    "eq": (
        "a comparison gives truth values, which have no derivative",
        "a loss of the scores: accuracy can be reported, not differentiated",
    ),
}  # fmt: skip
DATA = ".data gives the same numbers without their history"
METHODS |= dict.fromkeys(("ne", "lt", "le", "gt", "ge", "equal", "isclose"), METHODS["eq"])
METHODS |= {"short": METHODS["long"], "byte": METHODS["long"]}
COPIES = ("tensor", "as_tensor", "from_numpy", "Tensor", "FloatTensor", "array", "asarray")
NUMBERS = ("float", "int", "bool", "list")


Found = tuple[ast.expr, str, str]  # whose history ends there, why, what to write instead


def method(node: ast.AST) -> Found | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        owner = node.func.value
        if isinstance(owner, ast.Name) and owner.id in ("torch", "np", "numpy", "chainrule", "F") and node.args:
            owner = node.args[0]
        return owner, *METHODS[node.func.attr]
    return None


def data(node: ast.AST) -> Found | None:
    if isinstance(node, ast.Attribute) and node.attr == "data" and isinstance(node.ctx, ast.Load):
        return node.value, DATA, ""
    return None


def comparison(node: ast.AST) -> Found | None:
    if isinstance(node, ast.Compare) and not any(
        isinstance(o, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for o in node.ops
    ):
        return node, *METHODS["eq"]
    return None


def copy(node: ast.AST) -> Found | None:
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in COPIES:
        return (
            node.args[0],
            f"{name}() copies the numbers only",
            "the tensor itself (torch.stack(…) for a list of them)",
        )
    if name in NUMBERS and isinstance(node.func, ast.Name):
        return node.args[0], f"{name}() gives Python's own numbers, which have no history", ""
    return None


def converted(node: ast.AST) -> Found | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("to", "type"):
        wanted = [getattr(a, "attr", "") for a in (*node.args, *[k.value for k in node.keywords])]
        if any(w in ("long", "int", "bool", "int64", "int32", "uint8") for w in wanted):
            return node.func.value, *METHODS["long"]
    return None


PAIRS = ("max", "min", "sort", "topk", "kthvalue", "median", "mode", "cummax", "cummin")


def indices(node: ast.AST) -> Found | None:
    """``x.max(1).indices``, ``torch.sort(x)[1]``"""
    second = isinstance(node, ast.Subscript) and getattr(node.slice, "value", None) == 1
    if second or isinstance(node, ast.Attribute) and node.attr == "indices":
        return of_pair(node.value)  # type: ignore[attr-defined]
    return None


def positions(statement: ast.stmt, name: str) -> Found | None:
    """The second of ``values, places = torch.max(x, 1)``"""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
        names = [getattr(e, "id", "") for e in statement.targets[0].elts]
        if len(names) == 2 and names[1] == name:
            return of_pair(statement.value)
    return None


def of_pair(call: ast.expr) -> Found | None:
    if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") not in PAIRS:
        return None
    why = f"the second of what {call.func.attr} gives are positions: whole numbers, which do not change by a little"  # type: ignore[attr-defined]
    return (
        call,
        why,
        "the first, the values; or a loss of the scores themselves, such as F.cross_entropy(scores, target)",
    )


FINDERS: tuple[Callable[[Any], Found | None], ...] = (method, data, comparison, copy, converted, indices)


def switches_off(expr: ast.expr) -> bool:
    call = expr.func if isinstance(expr, ast.Call) else expr
    name = getattr(call, "attr", getattr(call, "id", ""))
    if name == "set_grad_enabled":
        return isinstance(expr, ast.Call) and any(getattr(a, "value", None) is False for a in expr.args)
    return name in ("no_grad", "inference_mode")
