"""Every name in `names.txt` is there when chainrule stands in for torch, or is left out for a reason that its error tells.

The table holds PyTorch's names by which programs call it, one to a line.
"""

import sys
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

from chainrule.interop import missing, torch_alias
from chainrule.interop.reasons import REASONS, reason

NAMES = (Path(__file__).parent / "names.txt").read_text(encoding="utf-8").split()


@pytest.fixture
def torch():
    """chainrule under the name of torch; PyTorch itself, if it is loaded, is put aside for the while."""
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "torch"}
    torch_alias.install()
    yield import_module("torch")
    torch_alias.uninstall()
    sys.modules.update(hidden)


def find(root, name):
    """What a dotted name means, by attributes alone."""
    found = root
    for part in name.split(".")[1:]:
        found = getattr(made(root, found), part)
    return found


def made(root, kind):
    """A module or an optimizer in place of its class: some of their attributes are there once one is made."""
    if kind is root.nn.Module:
        return kind()
    return root.optim.SGD([root.ones(1)], lr=0.1) if kind is root.optim.Optimizer else kind


def test_the_table_is_in_order_and_each_name_once():
    assert len(NAMES) > 1400
    assert sorted(set(NAMES)) == NAMES
    assert all(name.startswith("torch.") for name in NAMES)


def test_every_name_is_there_or_left_out_for_a_reason(torch):
    absent = []
    for name in NAMES:
        if reason(name):
            continue
        try:
            find(torch, name)
        except AttributeError as error:
            absent.append(f"{name}: {str(error).splitlines()[0]}")
    assert absent == []


@pytest.mark.parametrize("name", REASONS)
def test_what_is_left_out_is_not_there_and_the_error_says_why(torch, name):
    with pytest.raises(AttributeError) as caught:
        find(torch, name)
    missing.explain(caught.value)
    told = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert f"has no {name}: {REASONS[name]}" in told.replace("has no Tensor.", "has no torch.Tensor.")


def test_the_names_are_pytorchs():
    """A name that PyTorch does not have would be no use to anybody."""
    library = pytest.importorskip("torch")
    owners = sorted({name.rpartition(".")[0] for name in NAMES if name.startswith("torch.")})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for owner in owners:
            with suppress(ImportError):  # a class, or what needs TensorBoard
                import_module(owner)
        unknown = [name for name in NAMES if not known(library, name)]
    assert set(unknown) <= {"torch.optim.optimizer.required", "torch.utils.tensorboard.SummaryWriter"}, unknown


def known(library, name):
    owner, _, last = name.rpartition(".")
    with suppress(AttributeError):
        find(library, name)
        return True
    return hasattr(sys.modules.get(owner), last)  # PyTorch takes some modules out of their packages after importing them


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("torch.nn.modules.") and name.count(".") == 3])
def test_pytorchs_files_can_be_imported(torch, name):
    assert import_module(name).__name__.startswith("chainrule.nn.modules")
