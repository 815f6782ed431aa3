"""Programs ask an optimizer which options it has: `"fused" in inspect.signature(torch.optim.AdamW).parameters`."""

import inspect

import pytest

import chainrule

torch = pytest.importorskip("torch")
NAMES = sorted(n for n in dir(torch.optim) if inspect.isclass(getattr(torch.optim, n)) and hasattr(chainrule.optim, n))


@pytest.mark.parametrize("name", NAMES)
def test_the_options_that_pytorch_has(name):
    ours, theirs = (inspect.signature(getattr(lib.optim, name)).parameters for lib in (chainrule, torch))
    assert list(theirs) == [n for n in ours if n in theirs]
