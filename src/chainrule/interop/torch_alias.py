"""``import torch`` gives chainrule: an importer that answers for ``torch`` and every ``torch.…`` below it.

Each alias below ``torch`` *is* the chainrule module (``torch.nn is chainrule.nn``), so nothing is copied and types agree.
``torch`` itself is a module of its own that passes every question on, because one answer differs: ``torch.__version__``
says which PyTorch the interface is (`chainrule.version` says why), where ``chainrule.__version__`` is chainrule's.
``import torchvision`` gives `chainrule.vision` likewise: the real one works with PyTorch's tensors alone.
What chainrule does not have fails as a missing module does, with the names that are near.
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

from .missing import ROOTS, no_attribute, no_module

HOME = {
    "torch.autograd.variable": "chainrule.tensors.legacy",
    "torch.autograd.gradcheck": "chainrule.tensors.gradcheck",
    "torch.autograd.grad_mode": "chainrule.tensors.grad_mode",
    "torch.nn.parallel.distributed": "chainrule.nn.parallel",
    "torch.nn.parallel.scatter_gather": "chainrule.nn.parallel",
    "torch.nn.attention.flex_attention": "chainrule.nn.functional.flexible",
    "torch.nn.utils.clip_grad": "chainrule.nn.utils.gradients",
    "torch.nn.utils.convert_parameters": "chainrule.nn.utils.vectors",
    "torch.optim.adamw": "chainrule.optim.adam",
    "torch.optim.adadelta": "chainrule.optim.adagrad",
    "torch.optim.asgd": "chainrule.optim.rprop",
    "torch.optim.adamax": "chainrule.optim.adam_family",
    "torch.optim.nadam": "chainrule.optim.adam_family",
    "torch.optim.radam": "chainrule.optim.adam_family",
    "torch.optim.swa_utils": "chainrule.swa_utils",
    "torch.utils.data.dataloader": "chainrule.data",
    "torch.utils.data.dataset": "chainrule.data",
    "torch.utils.data.sampler": "chainrule.data",
    "torch.utils.data.distributed": "chainrule.data",
    "torch.utils.data._utils.collate": "chainrule.data.collate",
    "torch.utils.model_zoo": "chainrule.hub",
    "torch.ao.quantization": "chainrule.quantization",
    "torch._tensor": "chainrule.tensors.tensor",
    "torchvision.datasets.vision": "chainrule.vision.datasets.base",
    "torchvision.transforms.transforms": "chainrule.vision.transforms",
    "torchvision": "chainrule.vision",
}  # where a name differs by more than the root


def home(name: str) -> str:
    """The chainrule module that stands for a torch or torchvision module.

    >>> home("torch.utils.data"), home("torch.utils.data.dataset"), home("torchvision.utils")
    ('chainrule.utils.data', 'chainrule.data', 'chainrule.vision.utils')
    """
    for theirs, ours in HOME.items():
        if name == theirs or name.startswith(theirs + "."):
            return ours + name[len(theirs) :]
    root, _, file = name.rpartition(".")
    if root == "torch.distributions":
        file = import_module("chainrule.distributions").HOME.get(file, file)
    return f"chainrule{root[len('torch') :]}.{file}" if root else "chainrule"


class Torch(ModuleType):
    """The module ``torch``: chainrule, under another name and version."""

    def __getattr__(self, name: str) -> Any:
        chainrule = import_module("chainrule")
        try:
            found = getattr(chainrule, name)
        except AttributeError:
            raise no_attribute(chainrule, name) from None
        if not name.startswith("__"):
            self.__dict__[name] = found  # asked once, then found at once
        return found

    def __dir__(self) -> list[str]:
        return dir(import_module("chainrule"))


def torch_module() -> Torch:
    """A fresh ``torch``."""
    chainrule = import_module("chainrule")
    module = Torch("torch", "chainrule in PyTorch's place.\n\n" + (chainrule.__doc__ or ""))
    module.__dict__.update({k: v for k, v in vars(chainrule).items() if not k.startswith("_")})
    module.__version__ = import_module("chainrule.version").__version__  # type: ignore[attr-defined]
    module.__file__ = chainrule.__file__
    return module


class AliasLoader(Loader):
    """Hands out a module that exists already."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        if spec.name == "torch":
            self.spec: ModuleSpec | None = spec
            return torch_module()
        module = import_module(self.target)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import system had put the alias's there


class TorchFinder(MetaPathFinder):
    """Finds ``torch``, ``torchvision`` and all that is below them in chainrule."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        if name.partition(".")[0] not in ROOTS:
            return None
        ours = home(name)
        try:
            import_module(ours.rpartition(".")[0] or ours)  # which may make the module itself
            known = find_spec(ours)
        except ModuleNotFoundError:
            known = None
        if known is None:
            raise no_module(name)
        return ModuleSpec(name, AliasLoader(ours), is_package=known.submodule_search_locations is not None)


def install() -> None:
    """From now on ``import torch`` gives chainrule, in this process.

    Raises RuntimeError if PyTorch itself has been imported already: two libraries under one name would mix their tensors.
    """
    loaded = sys.modules.get("torch")
    if loaded is not None and not isinstance(loaded, Torch):
        raise RuntimeError(
            "torch has been imported already, from " + str(getattr(loaded, "__file__", "somewhere")) + "\n"
            "  why: its tensors and chainrule's would meet under one name\n"
            "  instead: import chainrule.as_torch before anything that imports torch"
        )
    if not any(isinstance(f, TorchFinder) for f in sys.meta_path):
        sys.meta_path.insert(0, TorchFinder())
    for name in HIDDEN:
        sys.modules[name] = import_module(home(name))


# Modules that bear the name of a function in their package. Imported in the ordinary way they would take its place there.
HIDDEN = ("torch.autograd.gradcheck",)


def uninstall() -> None:
    """Undo `install`: forget the aliases."""
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, TorchFinder)]
    for name in [n for n in sys.modules if n.partition(".")[0] in ROOTS]:
        module = sys.modules[name]
        if isinstance(module, Torch) or module.__name__.partition(".")[0] == "chainrule":
            del sys.modules[name]
