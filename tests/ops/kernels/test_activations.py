"""The fast error function and GELU against exact values, and against PyTorch."""

from math import erf as exact_erf

import numpy as np
import pytest

from chainrule.ops.kernels.activations import gelu, gelu_slope, gelu_tanh
from chainrule.ops.kernels.erf import erf
from tests.ops.kernels.checking import close, draws

POINTS = np.concatenate([np.linspace(-7, 7, 2001), np.logspace(-12, 0, 200), -np.logspace(-12, 0, 200)])
UNITS = {"float32": 6, "float64": 8}  # the largest error, in units of the last digit


@pytest.mark.parametrize("dtype", UNITS)
def test_erf_is_exact_to_the_last_digits(dtype, cut):
    x = POINTS.astype(dtype)
    exact = np.vectorize(exact_erf)(x.astype(float))
    off = np.abs(erf(x) - exact) / np.spacing(np.abs(exact).astype(dtype))
    assert off.max() <= UNITS[dtype] and off.mean() < 1


def test_erf_at_the_ends():
    x = np.array([-np.inf, -50, 0, 50, np.inf, np.nan])
    np.testing.assert_array_equal(erf(x), [-1, -1, 0, 1, 1, np.nan])
    assert erf(np.array(0.5)).shape == () and erf(np.ones((2, 0))).shape == (2, 0)


def test_gelu_and_its_slope(cut):
    x = 3 * draws()(5, 9)
    close(gelu(x), x * (1 + np.vectorize(exact_erf)(x / np.sqrt(2))) / 2, 1e-14)
    close(gelu_tanh(x), x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2, 1e-14)
    near = 1e-6
    close(gelu_slope(x, gelu(x)), (gelu(x + near) - gelu(x - near)) / (2 * near), 1e-8)
    assert gelu_slope(np.zeros(1), np.zeros(1)).tolist() == [0.5]


@pytest.mark.parametrize("function", [gelu, gelu_tanh])
def test_the_precision_is_the_inputs(function):
    x = draws()(30).astype(np.float32)
    assert function(x).dtype == np.float32
    close(function(x), function(x.astype(float)), 4 * float(np.finfo(np.float32).eps))


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_it_is_pytorchs(approximate, cut):
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(POINTS, requires_grad=True)
    expected = torch.nn.functional.gelu(tensor, approximate=approximate)
    close(gelu(POINTS) if approximate == "none" else gelu_tanh(POINTS), expected.detach(), 1e-14)
    if approximate == "none":
        expected.sum().backward()
        close(gelu_slope(POINTS, gelu(POINTS)), tensor.grad, 1e-14)
