"""Under the alias, torch is chainrule: every part of it, by every way of importing it; without it, nothing is left behind."""

import importlib
import sys

import pytest

import chainrule as cr
from chainrule.interop import missing, torch_alias
from tests.architecture.tree import fresh


@pytest.fixture
def alias(monkeypatch):
    """The alias, in a process that may have PyTorch loaded: it is put aside for the while."""
    for name in [n for n in sys.modules if n == "torch" or n.startswith("torch.")]:
        monkeypatch.delitem(sys.modules, name)
    torch_alias.install()
    yield
    torch_alias.uninstall()


SUBMODULES = """torch.nn torch.nn.functional torch.nn.init torch.nn.parameter torch.nn.utils torch.nn.utils.rnn
torch.nn.modules torch.nn.modules.loss torch.nn.modules.batchnorm torch.nn.modules.rnn torch.nn.modules.linear
torch.optim torch.optim.lr_scheduler torch.optim.optimizer torch.utils torch.utils.data torch.utils.data.dataset
torch.utils.data.dataloader torch.utils.data.sampler torch.autograd torch.autograd.variable torch.autograd.function
torch.autograd.functional torch.autograd.gradcheck torch.linalg torch.cuda torch.cuda.amp torch.backends
torch.backends.cudnn torch.backends.mps torch.random torch.serialization torch.types torch.version torch.jit torch.amp
torch.accelerator torch.compiler torch.multiprocessing torch.distributed torch.distributions torch.distributions.normal
torch.distributions.categorical torch.distributions.kl torch.distributions.multivariate_normal""".split()


@pytest.mark.parametrize("name", SUBMODULES)
def test_submodules(alias, name):
    module = importlib.import_module(name)
    assert module.__name__.partition(".")[0] == "chainrule"
    assert sys.modules[name] is module
    assert module is importlib.import_module(torch_alias.home(name))
    assert module.__spec__.name == module.__name__


def test_every_way_of_importing(alias):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    from torch import optim, tensor
    from torch.autograd import Variable
    from torch.nn import Linear
    from torch.nn.modules.loss import CrossEntropyLoss
    from torch.utils.data import DataLoader
    from torch.utils.data.dataset import random_split

    assert torch.nn is nn is cr.nn
    assert F is cr.nn.functional
    assert optim is cr.optim
    assert (tensor, Linear, DataLoader) == (cr.tensor, cr.nn.Linear, cr.data.DataLoader)
    assert (CrossEntropyLoss, random_split) == (cr.nn.CrossEntropyLoss, cr.data.random_split)
    assert isinstance(Variable(torch.ones(1)), torch.Tensor)
    assert torch.Tensor is cr.Tensor
    assert isinstance(cr.ones(1), torch.Tensor)


def test_every_public_name(alias):
    import torch

    assert dir(torch) == dir(cr)
    different = [name for name in dir(cr) if not name.startswith("_") and getattr(torch, name) is not getattr(cr, name)]
    assert different == ["nan"] or different == []


def test_the_version(alias):
    import torch

    assert torch.__version__ == f"2.13.0+chainrule.{cr.__version__}"
    assert torch.__version__ >= (2, 0)
    assert cr.__version__ != torch.__version__
    assert torch.__name__ == "torch"
    assert torch.__file__ == cr.__file__


def test_a_program_may_replace_a_function_of_torch(alias, monkeypatch):
    import torch

    monkeypatch.setattr(torch, "randn", lambda *size: torch.zeros(*size))
    assert torch.randn(2).tolist() == [0, 0]
    assert cr.randn is not torch.randn


@pytest.mark.parametrize(
    "use, error, words",
    [
        ("import torch; torch.frobnicate", AttributeError, "module 'torch' has no attribute 'frobnicate'"),
        ("import torch; torch.zeroes", AttributeError, "torch.zeros"),
        ("import torch.nowhere", ModuleNotFoundError, "No module named 'torch.nowhere'"),
        ("import torch.nn.functionals", ModuleNotFoundError, "near: torch.nn.functional"),
        ("from torch import zeroes", ImportError, "cannot import name 'zeroes' from 'torch'"),
    ],
)
def test_names_that_are_missing(alias, use, error, words):
    with pytest.raises(error) as caught:
        exec(use, {})
    missing.explain(caught.value)
    text = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert words in text
    assert f"why: chainrule {cr.__version__} stands in for torch here, and has no torch." in text


def test_names_missing_from_modules_and_tensors_are_explained():
    for use, words in (
        (lambda: cr.nn.Lineer, "has no torch.nn.Lineer\n  near: torch.nn.Linear"),
        (lambda: cr.ones(1).tolst(), "has no Tensor.tolst\n  near: Tensor.tolist"),
    ):
        with pytest.raises(AttributeError) as caught:
            use()
        missing.explain(caught.value)
        missing.explain(caught.value)
        (note,) = caught.value.__notes__
        assert words in note
        assert "chainrule.nn" not in str(caught.value)


def test_other_errors_are_left_alone():
    for error in (AttributeError("x"), ValueError("y"), AttributeError("z", name="a", obj=3)):
        missing.explain(error)
        assert not hasattr(error, "__notes__")


def test_where_to_ask(monkeypatch):
    class Installed:
        def get_all(self, key):
            return ["Homepage, https://example.org", "Issues, https://example.org/issues"]

    monkeypatch.setattr(missing.metadata, "metadata", lambda name: Installed())
    assert missing.where_to_ask() == "https://example.org/issues"
    assert missing.advice("torch.zeroes", ["zeros"]).splitlines()[1:] == [
        "  near: torch.zeros",
        "  ask: https://example.org/issues",
    ]


def test_uninstall_leaves_nothing(alias):
    import torch.nn  # noqa: F401

    torch_alias.uninstall()
    assert not [n for n in sys.modules if n.partition(".")[0] == "torch"]
    assert not [f for f in sys.meta_path if isinstance(f, torch_alias.TorchFinder)]


def test_two_libraries_under_one_name_are_refused(monkeypatch):
    class Other:
        __file__ = "elsewhere/torch/__init__.py"

    monkeypatch.setitem(sys.modules, "torch", Other())
    with pytest.raises(RuntimeError) as caught:
        torch_alias.install()
    assert str(caught.value).splitlines() == [
        "torch has been imported already, from elsewhere/torch/__init__.py",
        "  why: its tensors and chainrule's would meet under one name",
        "  instead: import chainrule.as_torch before anything that imports torch",
    ]


def test_installing_twice_is_installing_once(alias):
    torch_alias.install()
    assert len([f for f in sys.meta_path if isinstance(f, torch_alias.TorchFinder)]) == 1


def test_a_module_does_not_hide_the_function_of_its_name():
    code = (
        "import chainrule.as_torch, torch, torch.autograd.gradcheck\n"
        "from torch.autograd.gradcheck import GradcheckError\n"
        "print(torch.autograd.gradcheck.__name__, GradcheckError.__name__)"
    )
    assert fresh("-c", code).split() == ["gradcheck", "GradcheckError"]
