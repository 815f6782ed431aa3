"""The fast error function and GELU against exact values, and against PyTorch."""

from math import erf as exact_erf

import numpy as np
import pytest

from chainrule.ops.kernels.gelu import erf, gelu, gelu_backward
from tests.ops.kernels.checking import assert_gradients, close, draws

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


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_and_its_gradient(approximate, cut):
    x = 3 * draws()(5, 9)
    y, kept = gelu(x, approximate)
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    phi = 0.5 * (1 + (np.tanh(inner) if approximate == "tanh" else np.vectorize(exact_erf)(x / np.sqrt(2))))
    close(y, x * phi, 1e-14)
    g = draws(1)(*x.shape)
    dx = gelu_backward(g, kept, approximate)
    assert_gradients(lambda x: (gelu(x, approximate)[0] * g).sum(), [x], [dx])


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_the_precision_is_the_inputs(approximate):
    for dtype in ("float16", "float32"):
        x = draws()(30).astype(dtype)
        y, kept = gelu(x, approximate)
        assert y.dtype == gelu_backward(x, kept, approximate).dtype == dtype
        close(y, gelu(x.astype(float), approximate)[0], 4 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_it_is_pytorchs(approximate, cut):
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(POINTS, requires_grad=True)
    expected = torch.nn.functional.gelu(tensor, approximate=approximate)
    y, kept = gelu(POINTS, approximate)
    close(y, expected.detach(), 1e-14)
    g = draws()(*POINTS.shape)
    expected.backward(torch.tensor(g))
    close(gelu_backward(g, kept, approximate), tensor.grad, 1e-14)
