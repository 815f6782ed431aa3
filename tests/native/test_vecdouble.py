"""exp, log, tanh and sigmoid on lanes of float64, against more digits: units in the last place, and what comes of ±0, infinities and NaN."""

import numpy as np
import pytest

import chainrule as torch
from chainrule.native import Kernel, kernels, vecdouble

pytestmark = pytest.mark.skipif(not kernels.ready(), reason="llvmlite is not installed")
precise = pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="there are no more digits than float64's here")

INF, NAN = np.inf, np.nan
CASES = [  # function, NumPy's, range, largest error in units in the last place
    ("exp", np.exp, (-1, 1), 1.0), ("exp", np.exp, (-745, 709), 1.0), ("log", np.log, (0.4, 2.5), 1.0),
    ("log", np.log, (0.99, 1.01), 1.0), ("tanh", np.tanh, (-0.56, 0.56), 1.6), ("tanh", np.tanh, (-20, 20), 1.6),
    ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), (-40, 40), 2.5),
]  # fmt: skip


def run(name, x):
    def body(k, x, y, n):
        for i in k.vectors(n, 8):
            y[i] = getattr(vecdouble, name)(k, x[i])

    y = np.empty_like(x)
    Kernel(body, {"x": "f64*", "y": "f64*", "n": "i64"}, f"double_{name}")(x, y, x.size)
    return y


def errors(found, exact):
    return np.abs((found - exact) / np.spacing(np.abs(exact).astype(np.float64)))


@precise
@pytest.mark.parametrize(("name", "function", "ends", "most"), CASES, ids=[f"{c[0]} {c[2]}" for c in CASES])
def test_units_in_the_last_place(name, function, ends, most):
    x = np.concatenate([np.linspace(*ends, 100_001), np.random.default_rng(0).uniform(*ends, 100_000)])
    assert errors(run(name, x), function(x.astype(np.longdouble))).max() <= most


@precise
def test_logarithms_of_all_sizes():
    x = np.exp(np.linspace(-744, 709, 100_001))
    assert errors(run("log", x), np.log(x.astype(np.longdouble))).max() <= 1.0


@precise
def test_near_nothing_tanh_is_its_argument():
    x = np.geomspace(5e-324, 1e-3, 100_001)
    assert errors(run("tanh", x), np.tanh(x.astype(np.longdouble))).max() <= 1.0


SPECIAL = {
    "exp": [1, 1, INF, 0, NAN, INF, 0, 5e-324, 1], "log": [-INF, -INF, INF, NAN, NAN, np.log(710), NAN, NAN, np.log(5e-324)],
    "tanh": [0, -0.0, 1, -1, NAN, 1, -1, -1, 5e-324], "sigmoid": [0.5, 0.5, 1, 0, NAN, 1, 0, 0, 0.5],
}  # fmt: skip


@pytest.mark.parametrize("name", SPECIAL)
def test_ends(name):
    x = np.array([0.0, -0.0, INF, -INF, NAN, 710.0, -750.0, -744.5, 5e-324])
    found, expected = run(name, x), np.array(SPECIAL[name], float)
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=0)
    assert np.array_equal(np.signbit(found[expected == 0]), np.signbit(expected[expected == 0]))


def test_large_arrays_and_compiled_steps_use_them():
    x = torch.linspace(-3, 3, 50_000, dtype=torch.float64, requires_grad=True)
    y = (x.exp() + (x * x + 1).log() + x.tanh() + torch.sigmoid(x)).sum()
    y.backward()
    a = np.asarray(x.detach())
    slope = np.exp(a) + 2 * a / (a * a + 1) + 1 - np.tanh(a) ** 2 + np.exp(-a) / (1 + np.exp(-a)) ** 2
    np.testing.assert_allclose(np.asarray(x.grad), slope, rtol=1e-13, atol=1e-14)

    w = torch.full((20,), 0.5, dtype=torch.float64, requires_grad=True)

    @torch.compile
    def step():
        loss = ((w.exp() + (w * w + 1).log()).tanh() * torch.sigmoid(w)).sum()
        loss.backward()
        with torch.no_grad():
            w.sub_(0.1 * w.grad)
        w.grad = None
        return loss

    found = [step().item() for _ in range(4)]
    assert step.compiled and step.latest.machine.whole
    value, expected = 0.5, []
    for _ in range(4):
        inner = np.exp(value) + np.log(value * value + 1)
        t, s = np.tanh(inner), 1 / (1 + np.exp(-value))
        expected.append(20 * t * s)
        value -= 0.1 * ((1 - t * t) * (np.exp(value) + 2 * value / (value * value + 1)) * s + t * s * (1 - s))
    np.testing.assert_allclose(found, expected, rtol=1e-13)
