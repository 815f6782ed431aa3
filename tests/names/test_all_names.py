"""Every public name of PyTorch's main modules is here, or is left out for a reason that its error tells; no reason is stale."""

import typing
import warnings
from importlib import import_module
from inspect import ismodule

import pytest

import chainrule
from chainrule.interop.reasons import reason

OWNERS = (
    "torch torch.Tensor torch.nn torch.nn.functional torch.optim torch.distributions torch.linalg torch.fft torch.special "
    "torch.func torch.utils.data torch.autograd"
).split()


def find(root, name):
    found = root
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found


def public(owner, root):
    """A module's own names: not what it imports for itself from elsewhere, or from ``torch``."""
    for name in dir(owner):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            thing = getattr(owner, name, None)
        home = getattr(thing, "__module__", None)
        again = owner is not root and getattr(root, name, None) is thing
        foreign = isinstance(home, str) and home.split(".")[0] not in ("torch", "builtins") or name in vars(typing)
        if not name.startswith("_") and not (foreign or again and name == "Tensor" or ismodule(thing)):
            yield name


@pytest.mark.parametrize("owner", OWNERS)
def test_every_public_name(owner):
    torch = pytest.importorskip("torch")
    names = list(public(find(torch, owner), torch))
    ours = find(chainrule, owner)
    assert len(names) > (10 if owner != "torch.linalg" else 30)
    absent = [name for name in names if not hasattr(ours, name)]
    assert [name for name in absent if not reason(f"{owner}.{name}")] == []
    stale = [name for name in names if name not in absent and reason(f"{owner}.{name}")]
    assert stale == (["native_channel_shuffle"] if owner == "torch" else [])  # of a family whose other names are left out


def test_a_name_that_pytorch_gets_would_be_noticed():
    assert not reason("torch.a_name_of_tomorrow") and not hasattr(chainrule, "a_name_of_tomorrow")
    assert import_module("chainrule.interop.reasons").reason("torch.optim.SparseAdam")
