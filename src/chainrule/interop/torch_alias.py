"""``import torch`` gives chainrule: an importer that answers for ``torch`` and every ``torch.…`` below it.

Each alias *is* the chainrule module (``torch.nn is chainrule.nn``), so nothing is copied and types agree. What chainrule
does not have fails as a missing module does, with the names that are near.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from .._version import __version__
from ..base.errors import did_you_mean

HOME = {
    "torch.nn.modules": "chainrule.nn",
    "torch.tensor": "chainrule.tensors.tensor",
}  # where a name differs by more than the root


def home(name: str) -> str:
    """The chainrule module that stands for a torch module.

    >>> home("torch.utils.data")
    'chainrule.utils.data'
    """
    for theirs, ours in HOME.items():
        if name == theirs or name.startswith(theirs + "."):
            return ours + name[len(theirs) :]
    return "chainrule" + name[len("torch") :]


class AliasLoader(Loader):
    """Hands out a module that exists already."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self.target)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import system had put the alias's there


class TorchFinder(MetaPathFinder):
    """Finds ``torch`` and all that is below it in chainrule."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        if name != "torch" and not name.startswith("torch."):
            return None
        ours = home(name)
        try:
            known = find_spec(ours)
        except ModuleNotFoundError:
            known = None
        if known is None:
            raise ModuleNotFoundError(
                f"No module named {name!r}: chainrule {__version__} stands in for torch here and has no {ours!r}."
                + did_you_mean(
                    name,
                    [
                        "torch.nn",
                        "torch.nn.functional",
                        "torch.optim",
                        "torch.optim.lr_scheduler",
                        "torch.utils.data",
                        "torch.autograd",
                        "torch.autograd.functional",
                        "torch.nn.init",
                    ],
                ),  # fmt: skip
                name=name,
            )
        return ModuleSpec(name, AliasLoader(ours), is_package=known.submodule_search_locations is not None)


def install() -> None:
    """From now on ``import torch`` gives chainrule, in this process.

    Raises RuntimeError if PyTorch itself has been imported already: two libraries under one name would mix their tensors.
    """
    loaded = sys.modules.get("torch")
    if loaded is not None and loaded.__name__ != "chainrule":
        raise RuntimeError(
            "torch has been imported already, from " + str(getattr(loaded, "__file__", "somewhere")) + "\n"
            "  why: its tensors and chainrule's would meet under one name\n"
            "  instead: import chainrule.as_torch before anything that imports torch"
        )
    if not any(isinstance(f, TorchFinder) for f in sys.meta_path):
        sys.meta_path.insert(0, TorchFinder())


def uninstall() -> None:
    """Undo `install`: forget the aliases."""
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, TorchFinder)]
    for name in [n for n in sys.modules if n == "torch" or n.startswith("torch.")]:
        if sys.modules[name].__name__.partition(".")[0] == "chainrule":
            del sys.modules[name]
