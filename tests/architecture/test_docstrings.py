"""A public module says what it is for in its first line."""

import ast

from tests.architecture.tree import modules


def test_every_public_module_has_a_docstring():
    silent = [module.name for module in modules() if module.is_public and not ast.get_docstring(module.tree)]
    assert not silent, f"without a docstring: {silent}"
