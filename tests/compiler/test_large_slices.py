"""A slice of a large array is a view; what comes back to it is joined with zeros."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.native import kernels

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="machine code can't be made here")
KEYS = {
    "rows": np.s_[10:200],
    "columns": np.s_[:, 5:-3],
    "a row": np.s_[7],
    "a column": np.s_[:, -1],
    "a block": np.s_[3:9, 100:250],
    "every other": np.s_[::2],
}


@pytest.mark.parametrize("name", KEYS)
def test_gradient_of_a_slice(name):
    def made():
        torch.manual_seed(0)
        w = torch.randn(300, 301, requires_grad=True)

        def step():
            w.grad = None
            loss = (w[KEYS[name]] ** 2).sum()
            loss.backward()
            with torch.no_grad():
                w.sub_(0.1 * w.grad)
            return loss

        return step, w

    function, mine = made()
    eager, theirs = made()
    step = torch.compile(function)
    for _ in range(5):
        np.testing.assert_allclose(step().item(), eager().item(), rtol=1e-5)
    assert step.compiled, step.report()
    assert step.latest.machine.whole is (name != "every other")
    np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy(), rtol=1e-5, atol=1e-7)
