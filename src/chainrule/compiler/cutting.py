"""Data that a loop cuts out by its counter, within a step's expressions: cut out before the step, which is given the piece.

    for i in range(0, 100, 10):              for i in range(0, 100, 10):
        loss = f(model(x[i:i + 10]))             piece_0_line_2 = x[i:i + 10]
        …                                →       loss = f(model(piece_0_line_2))
"""

from __future__ import annotations

import ast
from typing import Any

from .choosing import goes_back, number, obstacle, used

APART = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)  # what runs later, or many times


def cut_out(block: list[ast.stmt], counters: set[str], constants: set[str], schedulers: set[str]) -> None:
    """Put the cuts at the begin of a block, in place."""
    written = used(block)[1]
    numbers = (counters | constants) - (written - counters)
    found: list[ast.stmt] = []
    reached = {name for s in block if not isinstance(s, (ast.Assign, ast.Expr)) for name in used([s])[1]}

    class Cuts(ast.NodeTransformer):
        def visit_Subscript(self, node: ast.Subscript) -> Any:
            held = isinstance(node.value, ast.Name) and node.value.id not in written | counters
            if not (held and isinstance(node.ctx, ast.Load) and slices(node.slice) and cuts(node.slice, numbers, counters)):
                return self.generic_visit(node)
            name = f"piece_{len(found)}_line_{node.lineno}"
            found.append(ast.copy_location(ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), node)], node), node))
            return ast.copy_location(ast.Name(name, ast.Load()), node)

        def visit(self, node: ast.AST) -> Any:
            return node if isinstance(node, APART) else super().visit(node)

    if not any(goes_back(s) for s in block) or counters & reached:
        return
    for s in block:
        plain = isinstance(s, ast.Assign) and len(s.targets) == 1 and not isinstance(s.value, ast.Subscript)
        if (plain or isinstance(s, ast.Expr) and goes_back(s)) and not obstacle(s, schedulers):
            Cuts().visit(s)
    block[:0] = found


def slices(key: ast.expr) -> bool:
    """Whether it is ``a:b``, or several of which one is that."""
    return any(isinstance(part, ast.Slice) for part in (key.elts if isinstance(key, ast.Tuple) else [key]))


def cuts(key: ast.expr, numbers: set[str], counters: set[str]) -> bool:
    """Whether a key is made of numbers that no step touches, a counter among them."""
    parts = [n for part in (key.elts if isinstance(key, ast.Tuple) else [key])
             for n in ((part.lower, part.upper, part.step) if isinstance(part, ast.Slice) else (part,)) if n is not None]  # fmt: skip
    return all(number(n, numbers) for n in parts) and bool(used(parts)[0] & counters)
