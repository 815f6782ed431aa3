"""Size budgets: a file of 400 lines, a function of 40 (its docstring not counted)."""

import ast

from tests.architecture.tree import modules

FILE_BUDGET, FUNCTION_BUDGET = 400, 40


def function_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring, which may be as long as it is useful."""
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    docstring = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - docstring


def over_budget() -> list[str]:
    """One line for each file and each function that is over its budget."""
    found = []
    for module in modules():
        lines = module.text.count("\n")
        if lines > FILE_BUDGET:
            found.append(f"{module.name}: {lines} lines")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and function_lines(node) > FUNCTION_BUDGET:
                found.append(f"{module.name}:{node.lineno}: {node.name} has {function_lines(node)} lines")
    return found
