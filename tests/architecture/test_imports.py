"""`import chainrule` costs NumPy and little more; every other module can be imported too."""

import ast
import importlib

import pytest

from tests.architecture.tree import SOURCE, fresh, modules

HEAVY = ["rich", "click", "polars", "pandas", "pyarrow", "matplotlib", "safetensors", "ml_dtypes", "llvmlite"]
HEAVY += ["torch", "scipy", "sklearn", "onnx"]
ON_REQUEST = [f"chainrule.{name}" for name in ["train", "ladder", "explanation", "interop", "cli", "lab", "compiler"]]
# The layers that the root package gathers; were they to import it, the arrows would close to a circle.
BELOW_THE_ROOT = ["base", "graph", "ops", "tensors", "nn", "optim", "data", "formats", "compiler"]


def test_import_loads_nothing_heavy():
    program = "import sys; before = set(sys.modules); import chainrule; print(*set(sys.modules) - before)"
    loaded = fresh("-c", program).split()
    assert "chainrule" in loaded
    too_early = [name for name in HEAVY + ON_REQUEST if name in loaded]
    assert not too_early, f"`import chainrule` loads {too_early}: import them in the functions that use them"


def test_every_folder_of_modules_is_a_package():
    """Without `__init__.py` a folder is importable here, but import-linter and mypy would not see it."""
    folders = {module.path.parent for module in modules()}
    bare = sorted(str(folder.relative_to(SOURCE)) for folder in folders if not (folder / "__init__.py").exists())
    assert not bare, f"add __init__.py to {bare}"


@pytest.mark.parametrize("name", [m.name for m in modules() if not m.name.endswith(("__main__", "as_torch"))])
def test_every_module_can_be_imported(name):
    importlib.import_module(name)


def test_python_m_chainrule_is_the_command():
    assert "Usage: chainrule " in fresh("-m", "chainrule", "--help")


def test_no_lower_layer_imports_the_root_package():
    """`chainrule.nn` imports `chainrule.tensors`, never `chainrule`: import-linter is told to overlook the root."""
    found = []
    for module in modules():
        if module.name.partition("chainrule.")[2].split(".")[0] not in BELOW_THE_ROOT:
            continue
        for node in ast.walk(module.tree):
            match node:
                case ast.Import(names=names) if any(alias.name == "chainrule" for alias in names):
                    found.append(f"{module.name}:{node.lineno}")
                case ast.ImportFrom(names=names) if module.resolve(node) == "chainrule":
                    # `from chainrule import tensors` names a layer, not the root.
                    if not all((SOURCE / alias.name).is_dir() for alias in names):
                        found.append(f"{module.name}:{node.lineno}")
    assert not found, f"these import the root package, which imports them: {found}"
