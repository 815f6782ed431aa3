"""``import torch`` gives chainrule: an importer that answers for ``torch`` and every ``torch.…`` below it.

Each alias below ``torch`` *is* the chainrule module (``torch.nn is chainrule.nn``), so nothing is copied and types agree.
``torch`` itself is a module of its own that passes every question on, because one answer differs: ``torch.__version__``
says which PyTorch the interface is (`chainrule.version` says why), where ``chainrule.__version__`` is chainrule's.
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

from .missing import no_attribute, no_module

IN_DISTRIBUTIONS = {
    "location_scale": "normal laplace cauchy gumbel uniform",
    "discrete": "bernoulli geometric binomial negative_binomial poisson",
    "gamma": "exponential chi2 beta dirichlet studentT",
    "multivariate": "multivariate_normal",
    "categorical": "one_hot_categorical multinomial",
    "composed": "independent transformed_distribution log_normal half_normal half_cauchy mixture_same_family",
    "relaxed": "relaxed_bernoulli relaxed_categorical",
    "parameters": "utils",
}
HOME = {
    "torch.autograd.variable": "chainrule.tensors.legacy",
    "torch.autograd.gradcheck": "chainrule.tensors.gradcheck",
    "torch.autograd.grad_mode": "chainrule.tensors.grad_mode",
    "torch.nn.modules.batchnorm": "chainrule.nn.norm",
    "torch.nn.modules.instancenorm": "chainrule.nn.norm",
    "torch.nn.modules.normalization": "chainrule.nn.norm",
    "torch.nn.modules.loss": "chainrule.nn.losses",
    "torch.nn.modules.rnn": "chainrule.nn.recurrent",
    "torch.nn.modules.sparse": "chainrule.nn.embedding",
    "torch.nn.modules": "chainrule.nn",
    "torch.utils.data.dataloader": "chainrule.data",
    "torch.utils.data.dataset": "chainrule.data",
    "torch.utils.data.sampler": "chainrule.data",
    "torch.utils.data.distributed": "chainrule.data",
    "torch.utils.data._utils.collate": "chainrule.data.collate",
    "torch.storage": "chainrule.tensors.typed_storage",
    "torch._tensor": "chainrule.tensors.tensor",
    "torch.torch_version": "chainrule.version",
    **{
        f"torch.distributions.{theirs}": f"chainrule.distributions.{ours}"
        for ours, names in IN_DISTRIBUTIONS.items()
        for theirs in names.split()
    },
}  # where a name differs by more than the root


def home(name: str) -> str:
    """The chainrule module that stands for a torch module.

    >>> home("torch.utils.data"), home("torch.nn.modules.loss")
    ('chainrule.utils.data', 'chainrule.nn.losses')
    """
    for theirs, ours in HOME.items():
        if name == theirs or name.startswith(theirs + "."):
            return ours + name[len(theirs) :]
    return "chainrule" + name[len("torch") :]


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
    for name in [n for n in sys.modules if n == "torch" or n.startswith("torch.")]:
        module = sys.modules[name]
        if isinstance(module, Torch) or module.__name__.partition(".")[0] == "chainrule":
            del sys.modules[name]
