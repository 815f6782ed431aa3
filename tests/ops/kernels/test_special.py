"""The special functions against SciPy's, and at points whose values are known."""

from math import inf, log, nan, pi, sqrt

import numpy as np
import pytest

from chainrule.ops.kernels import activations, special

scipy = pytest.importorskip("scipy.special")

GAMMA = 0.5772156649015329
RANGES = {
    "erf": [(-6, 6), (-1e-5, 1e-5)],
    "erfc": [(-6, 1), (0.5, 3), (3, 26)],
    "erfinv": [(-0.999, 0.999), (-1e-6, 1e-6)],
    "i0": [(-5, 5), (5, 40), (40, 700)],
    "i1": [(-5, 5), (5, 40), (-1e-5, 1e-5)],
}


@pytest.mark.parametrize("name, low, high", [(name, *r) for name, ranges in RANGES.items() for r in ranges])
def test_like_scipy(name, low, high):
    x = np.random.default_rng(0).uniform(low, high, 2000)
    rtol = 1e-13 if (name, high) == ("erfc", 26) else 3e-15  # SciPy's is less exact there: e^(−x²) of a rounded x²
    np.testing.assert_allclose(getattr(special, name)(x), getattr(scipy, name)(x), rtol=rtol)


@pytest.mark.parametrize("low, high", [(1e-3, 0.9), (1.1, 1.4), (1.5, 1.9), (2.1, 12), (12, 1e6)])
def test_gamma_like_scipy(low, high):
    """Away from the zeros of lgamma (at 1 and 2) and of digamma (near 1.46)."""
    x = np.random.default_rng(0).uniform(low, high, 2000)
    np.testing.assert_allclose(special.lgamma(x), scipy.gammaln(x), rtol=1e-14, atol=2e-15)
    np.testing.assert_allclose(special.digamma(x), scipy.digamma(x), rtol=1e-14, atol=2e-15)


def test_lgamma_near_its_zeros():
    """Relative precision is kept where the value goes to 0: ln Γ(1 + d) = −γ d + …, ln Γ(2 + d) = (1 − γ) d + …"""
    d = 2.0**-40
    np.testing.assert_allclose(special.lgamma(np.array([1 + d, 2 + d])), [-GAMMA * d, (1 - GAMMA) * d], rtol=1e-11)


def test_gamma_of_negative_numbers():
    x = np.random.default_rng(0).uniform(-6, 0, 2000)
    np.testing.assert_allclose(special.lgamma(x), scipy.gammaln(x), rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(special.digamma(x), scipy.digamma(x), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("n", [1, 2, 3, 6])
def test_polygamma(n):
    x = np.random.default_rng(0).uniform(0.1, 20, 1000)
    np.testing.assert_allclose(special.polygamma(n, x), scipy.polygamma(n, x), rtol=1e-13)


def test_known_values():
    half = np.array(0.5)
    assert special.lgamma(half) == pytest.approx(log(pi) / 2, rel=1e-15)
    assert special.digamma(np.array(1.0)) == pytest.approx(-GAMMA, rel=1e-15)
    assert special.polygamma(1, np.array(1.0)) == pytest.approx(pi**2 / 6, rel=1e-15)
    assert special.hurwitz_zeta(4, np.array(1.0)) == pytest.approx(pi**4 / 90, rel=1e-15)
    assert special.erf(special.erfinv(half)) == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize(
    "name, x, y",
    [
        ("erf", [inf, -inf, nan], [1, -1, nan]),
        ("erfc", [inf, -inf, nan], [0, 2, nan]),
        ("erfinv", [1, -1, 1.5, nan], [inf, -inf, nan, nan]),
        ("lgamma", [0, -1, -2, inf, -inf, nan], [inf, inf, inf, inf, inf, nan]),
        ("digamma", [0.0, -0.0, -1, inf, nan], [-inf, inf, nan, inf, nan]),
        ("i0", [0.0, -0.0], [1, 1]),
        ("i1", [0.0], [0]),
    ],
)
def test_at_the_edges(name, x, y):
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(getattr(special, name)(np.array(x, float)), y)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_dtype_are_kept(shape, dtype):
    x = np.full(shape, 0.5, dtype)
    for f in (special.erf, special.lgamma, special.i0, activations.erf, activations.gelu, activations.sigmoid):
        assert f(x).shape == shape
        assert f(x).dtype == dtype


@pytest.mark.parametrize("dtype, rtol", [(np.float32, 2e-5), (np.float64, 1e-12)])
def test_gelu(dtype, rtol):
    x = np.linspace(-3, 6, 901)
    y = activations.gelu(x.astype(dtype))
    np.testing.assert_allclose(y, x * scipy.ndtr(x), rtol=rtol, atol=1e-7 if dtype == np.float32 else 1e-15)
    slope = scipy.ndtr(x) + x * np.exp(-x * x / 2) / sqrt(2 * pi)
    np.testing.assert_allclose(activations.gelu_slope(x.astype(dtype), y), slope, rtol=rtol, atol=rtol / 100)


def test_float32_erf():
    x = np.linspace(-5, 5, 100001, dtype=np.float32)
    np.testing.assert_allclose(activations.erf(x), scipy.erf(x.astype(float)), rtol=5e-7)
