"""Which statements of a loop form a training step: from the forward pass to the update, without what is Python's.

A statement that prints, reads numbers out or jumps can't be a part of a step. Two kinds may stand in its middle all the same:

    if epoch % 10 == 0: …      decided before the step, by numbers that the step does not touch; a step of its own where it holds
    total += loss.item()       the number is read where it stands, and the statement done after the step

The choice decides only how much is compiled, never what is computed: a step that turns out to do something else runs as ever.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

JUMPS = (
    ast.Break, ast.Continue, ast.Return, ast.Yield, ast.YieldFrom, ast.Await, ast.Import, ast.ImportFrom, ast.FunctionDef,
    ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal, ast.Try, ast.Delete, ast.While, ast.NamedExpr, ast.Raise,
)  # fmt: skip
OUTWARD = {"print", "next", "input", "open", "exec", "eval", "locals", "globals", "tqdm"}
READING = {"item", "tolist", "numpy", "append", "extend", "write", "set_postfix", "set_description", "cpu"}
MARKS = {"backward", "step", "zero_grad", "zero_", "update", "sub_", "add_", "copy_", "lerp_", "unscale_", "mul_"}
PREPARING = {"to", "view", "reshape", "float", "long", "unsqueeze", "squeeze", "flatten", "T", "repeat", "cuda", "size"}
CREATING = {"randn", "rand", "randint", "randperm", "normal", "zeros", "ones", "full", "arange", "tensor", "multinomial", "sample"}
NUMBERS = {"len", "int", "float", "round", "min", "max", "str", "abs", "range"}


class Chosen(NamedTuple):
    """Statements ``first`` to ``last`` of a block, and why there are none if there are none."""

    first: int
    last: int
    why: str = ""


def calls(node: ast.AST) -> Iterator[ast.Call]:
    return (n for n in ast.walk(node) if isinstance(n, ast.Call))


def method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def goes_back(node: ast.AST) -> bool:
    """Whether it calls ``.backward()``."""
    return any(method(c) == "backward" for c in calls(node))


def own(node: ast.AST) -> Iterator[ast.AST]:
    """All within it, but for what functions and classes hold."""
    stack = [node]
    while stack:
        n = stack.pop()
        yield n
        if not isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend(ast.iter_child_nodes(n))


def obstacle(statement: ast.stmt, schedulers: set[str]) -> str:
    """What in a statement is Python's alone; empty if nothing is."""
    for node in own(statement):
        if isinstance(node, JUMPS):
            return f"line {getattr(node, 'lineno', statement.lineno)} is {type(node).__name__.lower()}"
        if isinstance(node, (ast.For, ast.AsyncFor)) and goes_back(node):
            return f"line {node.lineno} begins a loop with a backward pass of its own"
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr not in ("data", "grad"):
            return f"line {node.lineno} sets {ast.unparse(node)}"
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            return f"line {node.lineno} writes to {ast.unparse(node)}"
        if isinstance(node, ast.Call):
            name = method(node) or (node.func.id if isinstance(node.func, ast.Name) else "")
            if name in OUTWARD and not method(node) or name in READING and method(node):
                return f"line {node.lineno} calls {name}"
            if name in ("train", "eval") and method(node) and not node.args:
                return f"line {node.lineno} switches a module's mode"
            if name == "step" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in schedulers:
                return f"line {node.lineno} is a scheduler's step"
    return ""


def marks(statement: ast.stmt) -> bool:
    """Whether it belongs to a step by what it calls or sets: a backward pass, an update, gradients set back."""
    for node in own(statement):
        if isinstance(node, ast.Call) and method(node) in MARKS:
            return True
        if isinstance(node, ast.Attribute) and node.attr in ("grad", "no_grad"):
            return True
    return False


def prepares(statement: ast.stmt) -> bool:
    """Whether it only cuts data out, moves or draws it: ``x = X[i:j].to(device)``, ``z = torch.randn(8, 2)``."""
    if not isinstance(statement, ast.Assign):
        return False
    value = statement.value
    parts = value.elts if isinstance(value, ast.Tuple) else [value]
    return all(cut(p) for p in parts)


def cut(x: ast.expr) -> bool:
    if isinstance(x, (ast.Name, ast.Constant)):
        return True
    if isinstance(x, ast.Attribute):
        return cut(x.value)
    if isinstance(x, ast.Subscript):
        return cut(x.value)
    if isinstance(x, ast.BinOp):
        return cut(x.left) and cut(x.right)
    if isinstance(x, ast.UnaryOp):
        return cut(x.operand)
    if isinstance(x, ast.Call):
        name = method(x)
        return name in CREATING or name in PREPARING and isinstance(x.func, ast.Attribute) and cut(x.func.value)
    return False


def number(x: ast.expr, counters: set[str]) -> bool:
    """Whether an expression is made of numbers that no step touches: counters, constants, lengths."""
    measured = {id(c.args[0]) for c in calls(x) if isinstance(c.func, ast.Name) and c.func.id == "len" and c.args}
    for node in ast.walk(x):
        if isinstance(node, ast.Name) and node.id not in counters and node.id not in NUMBERS and id(node) not in measured:
            return False
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in NUMBERS):
            return False
        if isinstance(node, (ast.Attribute, ast.Subscript, ast.Lambda, ast.NamedExpr, ast.ListComp, ast.GeneratorExp)):
            return False
    return True


def decided_before(statement: ast.stmt, counters: set[str]) -> bool:
    """``if epoch % 10 == 0: …`` without jumps out of it, and without names that it would leave behind."""
    return (
        isinstance(statement, ast.If)
        and number(statement.test, counters)
        and not any(isinstance(n, JUMPS) for n in own(statement))
        and not goes_back(statement)
        and not used([statement])[1]
    )


def books(statement: ast.stmt, counters: set[str]) -> bool:
    """``total += loss.item()``, ``losses.append(loss.item())`` or ``print(epoch, loss.item())``."""
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        return booked(statement.value, counters)
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    if method(call) == "append" and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return all(booked(a, counters) for a in call.args)
    return isinstance(call.func, ast.Name) and call.func.id == "print" and all(booked(a, counters) for a in call.args)


def booked(x: ast.AST, counters: set[str]) -> bool:
    if is_item(x) or isinstance(x, ast.Constant):
        return True
    if isinstance(x, ast.Name):
        return x.id in counters
    if isinstance(x, ast.Call):
        return isinstance(x.func, ast.Name) and x.func.id in NUMBERS and all(booked(a, counters) for a in x.args)
    if isinstance(x, (ast.BinOp, ast.UnaryOp, ast.JoinedStr, ast.FormattedValue, ast.Tuple, ast.List)):
        return all(booked(a, counters) for a in ast.iter_child_nodes(x) if isinstance(a, ast.expr))
    return False


def is_item(x: ast.AST) -> bool:
    return isinstance(x, ast.Call) and method(x) == "item" and not x.args


# ---------------------------------------------------------------------- names


def used(nodes: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """The names that are read, and those that are set; comprehensions and lambdas keep theirs."""
    read: set[str] = set()
    written: set[str] = set()
    for top in nodes:
        hidden = {
            n.id
            for c in ast.walk(top)
            if isinstance(c, ast.comprehension)
            for n in ast.walk(c.target)
            if isinstance(n, ast.Name)
        }
        hidden |= {a.arg for c in ast.walk(top) if isinstance(c, ast.Lambda) for a in c.args.args}
        for n in ast.walk(top):
            if isinstance(n, ast.Name):
                if n.id not in hidden:
                    (read if isinstance(n.ctx, ast.Load) else written).add(n.id)
            if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name):
                read.add(n.target.id)
            if isinstance(n, (ast.FunctionDef, ast.ClassDef)):
                written.add(n.name)
    return read, written


def needed(statements: list[ast.stmt], known: frozenset[str] = frozenset()) -> tuple[set[str], frozenset[str]]:
    """The names that are read before these statements have set them, and those that they have set for certain."""
    wanted: set[str] = set()
    for s in statements:
        if isinstance(s, ast.With):
            wanted |= used([i.context_expr for i in s.items])[0] - known
            known |= used([i.optional_vars for i in s.items if i.optional_vars])[1]
            more, known = needed(s.body, known)
            wanted |= more
        elif isinstance(s, ast.For):
            wanted |= used([s.iter])[0] - known
            wanted |= needed(s.body, known | used([s.target])[1])[0] | needed(s.orelse, known)[0]
        elif isinstance(s, ast.If):
            wanted |= used([s.test])[0] - known
            (a, in_a), (b, in_b) = needed(s.body, known), needed(s.orelse, known)
            wanted |= a | b
            known = in_a & in_b
        else:
            read, written = used([s])
            wanted |= read - known
            known |= written
    return wanted, known


# ---------------------------------------------------------------------- choosing


def choose(block: list[ast.stmt], counters: set[str], constants: set[str], schedulers: set[str]) -> Chosen:
    """The longest run around the backward pass that can be a step, without data preparation before and bookkeeping behind."""
    numbers = counters | constants
    back = [i for i, s in enumerate(block) if goes_back(s)]
    for i in back:
        why = obstacle(block[i], schedulers)
        if why:
            return Chosen(0, 0, why)

    def fits(s: ast.stmt) -> bool:
        return not obstacle(s, schedulers) or decided_before(s, numbers) or books(s, numbers)

    first, last = back[0], back[-1]
    between = next((s for s in block[first:last] if not fits(s)), None)
    if between is not None:
        return Chosen(0, 0, obstacle(between, schedulers))
    while first and fits(block[first - 1]):
        first -= 1
    while last + 1 < len(block) and fits(block[last + 1]):
        last += 1
    while first < back[0] and not marks(block[first]) and (prepares(block[first]) or obstacle(block[first], schedulers)
                                                            or used([block[first]])[0] & counters
                                                            or not used([block[first]])[1] & used(block[first + 1 :])[0]):  # fmt: skip
        first += 1
    while last > back[-1] and (books(block[last], numbers) or not marks(block[last])):
        last -= 1
    changing = [n for s in block[first : last + 1] if not decided_before(s, numbers) and not books(s, numbers)
                for n in sorted(used([s])[0] & counters)]  # fmt: skip
    if changing:
        return Chosen(0, 0, f"{changing[0]} is another number in each turn, and the step computes with it")
    losses = {c.func.value.id for s in block[first:last + 1] for c in calls(s)
              if method(c) == "backward" and isinstance(c.func, ast.Attribute) and isinstance(c.func.value, ast.Name)}  # fmt: skip
    if not losses <= used(block[first : last + 1])[1]:
        return Chosen(0, 0, obstacle(block[first - 1], schedulers) or "the forward pass is elsewhere")
    return Chosen(first, last + 1)
