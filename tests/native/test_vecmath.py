"""exp and its kin on lanes, against float64: units in the last place, and what comes of ±0, infinities and NaN."""

import numpy as np
import pytest
from scipy import special

from chainrule.native import Kernel, kernels, vecmath, vecspecial

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")

INF, NAN = np.inf, np.nan
CASES = {  # function, NumPy's, range, largest error in units in the last place
    "exp": (np.exp, (-87, 88.7), 1.0),
    "decay": (np.exp, (-87, 0), 1.0),
    "log": (np.log, (1e-30, 1e30), 1.0),
    "tanh": (np.tanh, (-10, 10), 2.0),
    "sigmoid": (special.expit, (-80, 80), 3.0),
    "erf": (special.erf, (-5, 5), 2.0),
    "sin": (np.sin, (-3, 3), 1.6),
    "cos": (np.cos, (-1.5, 1.5), 1.6),
    "log1p": (np.log1p, (-0.999, 1e3), 1.5),
    "expm1": (np.expm1, (-20, 88), 1.5),
    "erfinv": (special.erfinv, (-0.9999999, 0.9999999), 3.5),
    "lgamma": (special.gammaln, (0.01, 30), 1.0),
    "digamma": (special.digamma, (0.01, 30), 1.0),
    "sign": (np.sign, (-3, 3), 0.0),
    "relu": (lambda x: np.maximum(x, 0), (-3, 3), 0.0),
}


def run(name, x):
    def body(k, x, y, n):
        for i in k.vectors(n):
            y[i] = (getattr(vecmath, name, None) or getattr(vecspecial, name))(k, x[i])

    y = np.empty_like(x)
    Kernel(body, {"x": "f32*", "y": "f32*", "n": "i64"}, f"only_{name}")(x, y, x.size)
    return y


@pytest.mark.parametrize("name", CASES)
def test_units_in_the_last_place(name):
    function, (low, high), most = CASES[name]
    rng = np.random.default_rng(0)
    x = np.concatenate([np.linspace(low, high, 200_001), rng.uniform(low, high, 1000) * 1e-3]).astype(np.float32)
    x = np.geomspace(low, high, 200_001).astype(np.float32) if name == "log" else x
    exact = function(x.astype(np.float64))
    errors = np.abs(run(name, x) - exact) / np.spacing(np.abs(exact).astype(np.float32))
    assert errors.max() <= most


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9])
def test_sine_of_large_numbers(size):
    x = np.random.default_rng(1).uniform(-size, size, 10_000).astype(np.float32)
    np.testing.assert_allclose(run("sin", x), np.sin(x.astype(np.float64)), atol=2e-7)
    np.testing.assert_allclose(run("cos", x), np.cos(x.astype(np.float64)), atol=2e-7)


GELU = {
    "gelu": lambda x: x * special.ndtr(x),
    "gelu_slope": lambda x: special.ndtr(x) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi),
}  # fmt: skip


@pytest.mark.parametrize("name", GELU)
def test_shares_of_the_normal_distribution(name):
    x = np.linspace(-20, 20, 400_001).astype(np.float32)
    exact = GELU[name](x.astype(np.float64))
    error = np.abs(run(name, x) - exact)
    assert (error <= 1.5e-7 * np.abs(exact) + 1.2e-7 * np.minimum(1, np.exp(-x))).all()


SPECIAL = {
    "exp": [1, 1, INF, 0, NAN, INF, 3.783506e-44, 1], "log": [-INF, -INF, INF, NAN, NAN, 4.60517, NAN, -92.1034],
    "tanh": [0, -0.0, 1, -1, NAN, 1, -1, 1e-40], "sigmoid": [0.5, 0.5, 1, 0, NAN, 1, 0, 0.5],
    "erf": [0, -0.0, 1, -1, NAN, 1, -1, 1.1283792e-40], "sin": [0, -0.0, NAN, NAN, NAN, -0.50636566, 0.50636566, 1e-40],
    "log1p": [0, -0.0, INF, NAN, NAN, 4.6151204, NAN, 1e-40], "expm1": [0, -0.0, INF, -1, NAN, INF, -1, 1e-40],
    "erfinv": [0, -0.0, NAN, NAN, NAN, NAN, NAN, 8.86227e-41], "lgamma": [INF, INF, INF, INF, NAN, 359.13422, INF, 92.1034],
    "digamma": [-INF, INF, INF, NAN, NAN, 4.6001616, NAN, -INF],
    "cos": [1, 1, NAN, NAN, NAN, 0.8623189, 0.8623189, 1], "sign": [0, 0, 1, -1, 0, 1, -1, 1],
    "relu": [0, -0.0, INF, 0, NAN, 100, 0, 1e-40], "gelu": [0, -0.0, INF, NAN, NAN, 100, 0, 5e-41],
    "gelu_slope": [0.5, 0.5, NAN, NAN, NAN, 1, 0, 0.5],
}  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(name):
    found = run(name, np.array([0, -0.0, INF, -INF, NAN, 100, -100, 1e-40], np.float32))
    np.testing.assert_allclose(found, np.array(SPECIAL[name], np.float32), rtol=1e-6, atol=1e-44)
    assert np.signbit(found[1]) == np.signbit(np.float32(SPECIAL[name][1]))


def test_what_has_decayed_altogether():
    found = run("decay", np.array([-INF, -1e6, -200, -88.1, -87, -0.0, 0, NAN], np.float32))
    np.testing.assert_allclose(found, [0, 0, 0, 0, np.exp(-87), 1, 1, NAN], rtol=1e-6)


def test_powers_and_what_lanes_have_not():
    assert vecmath.power.__doc__
    for n in (1, 2, 3, 7, -2):
        def body(k, x, y, count, n=n):
            for i in k.vectors(count):
                y[i] = x[i] ** n

        x = np.linspace(0.5, 2, 40).astype(np.float32)
        y = np.empty_like(x)
        Kernel(body, {"x": "f32*", "y": "f32*", "count": "i64"}, f"power_{n + 9}")(x, y, x.size)
        np.testing.assert_allclose(y, x**n, rtol=1e-6)
    with pytest.raises(vecmath.Unlowered, match="a power of 0.5"):
        vecmath.power(None, None, 0.5)


def test_gamma_to_the_left_of_zero():
    x = -np.random.default_rng(0).uniform(0.01, 9.99, 10_000).astype(np.float32)
    x = x[np.abs(x - np.rint(x)) > 1e-3]
    wide = x.astype(np.float64)
    np.testing.assert_allclose(run("lgamma", x), special.gammaln(wide), rtol=2e-6, atol=2e-7)
    np.testing.assert_allclose(run("digamma", x), special.digamma(wide), rtol=2e-6, atol=2e-7)


def test_sine_near_its_zeros():
    x = (np.arange(1, 1270) * np.pi).astype(np.float32)
    np.testing.assert_allclose(run("sin", x), np.sin(x.astype(np.float64)), rtol=3e-7)
    np.testing.assert_allclose(run("cos", x / 2), np.cos((x / 2).astype(np.float64)), rtol=3e-7)


def divided(a, b):
    def body(k, a, b, y, n):
        for i in k.vectors(n):
            y[i] = vecmath.ratio(k, a[i], b[i])

    y = np.empty_like(a)
    Kernel(body, {"a": "f32*", "b": "f32*", "y": "f32*", "n": "i64"}, "only_ratio")(a, b, y, a.size)
    return y


def test_ratios():
    rng = np.random.default_rng(0)
    a = np.ldexp(rng.standard_normal(100_000).astype(np.float32), rng.integers(-40, 40, 100_000))
    b = np.ldexp(np.abs(rng.standard_normal(100_000)).astype(np.float32), rng.integers(-60, 60, 100_000))
    exact = a.astype(np.float64) / b
    assert (np.abs(divided(a, b) - exact) / np.spacing(np.abs(exact).astype(np.float32))).max() <= 0.51


def test_ratios_at_the_edges():
    low, high = np.float32(2**-126), np.float32(2**126)
    a = np.array([0, 0, 1, -1, 1, INF, INF, NAN, 1, 1, low, high, 1e30, 1e-40, -0.0, 2], np.float32)
    b = np.array([0, 1, 0, 0, INF, 2, INF, 1, NAN, low, low, high, 1e-30, 0.5, 3, high], np.float32)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(divided(a, b), a / b)
