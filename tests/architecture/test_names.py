"""No module bears the name of a function beside it.

Importing `package/name.py` sets `package.name` to that module. Were `chainrule.compile` a function and
`chainrule/compile/` a package imported when first needed, the function would become a module in mid-program.
"""

import ast

import pytest

from tests.architecture.tree import Module, fresh, modules


def own_names(package: Module) -> set[str]:
    """What `__init__.py` binds, except submodules taken in as themselves (`from . import nn as nn`)."""
    found = set()
    for node in package.tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.ImportFrom(names=names) if package.resolve(node) != package.name:
                found |= {alias.asname or alias.name for alias in names}
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


@pytest.mark.parametrize("package", [m for m in modules() if m.is_package], ids=lambda package: package.name)
def test_no_submodule_hides_a_name_of_its_package(package):
    submodules = {m.name.rpartition(".")[2] for m in modules() if m.name.rpartition(".")[0] == package.name}
    hidden = own_names(package) & submodules
    assert not hidden, f"{package.name} has both a function or value and a submodule named {sorted(hidden)}"


def test_no_subpackage_takes_a_public_name():
    """The same for lazy names, which only a program sees; a new one, in which no submodule has replaced any yet."""
    files = sorted({m.name.split(".")[1] for m in modules() if m.is_public and "." in m.name})
    program = f"""
import chainrule, types
public = {{*dir(chainrule), *getattr(chainrule, "__all__", ())}}
print(*[name for name in {files} if name in public and not isinstance(getattr(chainrule, name), types.ModuleType)])
"""
    taken = fresh("-c", program).split()
    assert not taken, f"both a public function or value and a file or folder of chainrule: {taken}"
