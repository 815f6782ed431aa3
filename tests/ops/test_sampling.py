"""Images read at points by machine code: the formula's values and gradients."""

import numpy as np
import pytest

import chainrule
from chainrule.native import kernels
from chainrule.ops.kernels import sampling

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("align", [False, True])
def test_values_and_gradients_are_the_formulas(align, dtype, monkeypatch):
    rng = np.random.default_rng(0)
    x, grid = rng.standard_normal((2, 3, 7, 9)).astype(dtype), rng.uniform(-1.3, 1.3, (2, 23, 29, 2)).astype(dtype)
    g = rng.standard_normal((2, 3, 23, 29)).astype(dtype)
    results = []
    for machine in (True, False):
        if not machine:
            monkeypatch.setattr(sampling, "suits", lambda x, grid: False)
        a, p = (chainrule.from_numpy(v.copy()).requires_grad_() for v in (x, grid))
        assert sampling.suits(x, grid) is machine
        y = chainrule.nn.functional.grid_sample(a, p, align_corners=align)
        y.backward(chainrule.from_numpy(g))
        results.append([y.detach().numpy(), a.grad.numpy(), p.grad.numpy()])
    for found, expected in zip(*results, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4 if dtype == np.float32 else 1e-11, atol=2e-5 if dtype == np.float32 else 1e-12)


def test_points_that_are_no_numbers_are_outside():
    x, grid = np.ones((1, 2, 4, 4), np.float32), np.zeros((1, 30, 40, 2), np.float32)
    grid[0, 0, 0], grid[0, 0, 1] = np.nan, np.inf
    y = sampling.sample(x, grid, False)
    assert (y[0, :, 0, :2] == 0).all() and (y[0, :, 0, 2:] == 1).all()
