"""``torch.special``: PyTorch's values and gradients; derivatives that PyTorch has none of; then bad input."""

import numpy as np
import pytest

import chainrule
from tests.tensors.against import same_as_pytorch
from tests.tensors.compare import check, normal

REALS = np.concatenate([np.linspace(-6, 6, 25), [-0.3, 0.01, 11.5, -12.25, 27.0]])
POSITIVE = np.concatenate([np.linspace(0.05, 9, 20), [1e-6, 24.5, 31.0]])
INSIDE = np.linspace(0.01, 0.99, 23)
WITH_DERIVATIVE = {
    "entr": POSITIVE, "erf": REALS, "erfc": REALS, "erfinv": 2 * INSIDE - 1, "exp2": REALS, "expit": REALS, "expm1": REALS,
    "i0": REALS, "i0e": REALS + 0.1, "i1": REALS, "i1e": REALS + 0.1, "log1p": POSITIVE,
    "logit": INSIDE, "ndtr": np.linspace(-5, 5, 21), "ndtri": INSIDE, "sinc": REALS[:12],
    "erfcx": np.linspace(-4, 12, 33), "log_ndtr": np.linspace(-9, 4, 27), "round": REALS + 0.11,
}  # fmt: skip


@pytest.mark.parametrize("name", WITH_DERIVATIVE)
def test_of_one_number(name):
    check(lambda t, x: getattr(t.special, name)(x), [WITH_DERIVATIVE[name]], names=name not in ("ndtr", "round"))


VALUES_ONLY = {
    "airy_ai": REALS, "bessel_j0": REALS, "bessel_j1": REALS, "bessel_y0": POSITIVE, "bessel_y1": POSITIVE,
    "modified_bessel_i0": REALS, "modified_bessel_i1": REALS, "modified_bessel_k0": POSITIVE, "modified_bessel_k1": POSITIVE,
    "scaled_modified_bessel_k0": POSITIVE, "scaled_modified_bessel_k1": POSITIVE, "spherical_bessel_j0": REALS,
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES_ONLY)
def test_value_of_one_number(name):
    """PyTorch's values, of which several are right to seven digits only; `test_over_the_whole_range` asks for all digits."""
    torch = pytest.importorskip("torch")
    for dtype in (np.float64, np.float32):
        x = VALUES_ONLY[name].astype(dtype)
        ours, theirs = (getattr(t.special, name)(t.tensor(x)) for t in (chainrule, torch))
        assert str(ours.dtype) == str(theirs.dtype)
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", [*VALUES_ONLY, "erfcx", "log_ndtr", "ndtri", "entr"])
def test_derivatives(name):
    """To the second order, by `gradgradcheck`; PyTorch has none of most of these."""
    x = {**VALUES_ONLY, **WITH_DERIVATIVE}[name]
    x = x[(np.abs(x) > 0.2) & (np.abs(x) < 6)]
    x = chainrule.tensor(x[:9], requires_grad=True)
    function = getattr(chainrule.special, name)
    assert chainrule.autograd.gradcheck(function, x, eps=1e-6, atol=1e-5)
    assert chainrule.autograd.gradgradcheck(function, x, eps=1e-6, atol=1e-5)


SCIPY = {
    "erfcx": ("erfcx", np.linspace(-20, 100, 41)), "log_ndtr": ("log_ndtr", np.linspace(-40, 8, 41)),
    "ndtri": ("ndtri", np.logspace(-300, -0.01, 41)), "bessel_y1": ("y1", np.logspace(-3, 4, 41)), "bessel_j0": ("j0", np.linspace(0, 60, 41)),
    "bessel_j1": ("j1", np.linspace(0, 60, 41)), "bessel_y0": ("y0", np.logspace(-3, 4, 41)),
    "modified_bessel_k0": ("k0", np.logspace(-9, 2.5, 41)), "scaled_modified_bessel_k1": ("k1e", np.logspace(-9, 5, 41)),
}  # fmt: skip


@pytest.mark.parametrize("name", SCIPY)
def test_over_the_whole_range(name):
    special = pytest.importorskip("scipy.special")
    theirs, x = SCIPY[name]
    y = getattr(chainrule.special, name)(chainrule.tensor(x)).numpy()
    np.testing.assert_allclose(y, getattr(special, theirs)(x), rtol=2e-13, atol=2e-14)


def test_airy_over_the_whole_range():
    special = pytest.importorskip("scipy.special")
    x = np.linspace(-30, 30, 121)
    y = chainrule.special.airy_ai(chainrule.tensor(x)).numpy()
    np.testing.assert_allclose(y, special.airy(x)[0], rtol=2e-13, atol=2e-14)


def test_incomplete_gamma_over_the_whole_range():
    special = pytest.importorskip("scipy.special")
    rng = np.random.default_rng(0)
    a = 10 ** rng.uniform(-3, 5, 400)
    x = np.concatenate(
        [a[:200] * 10 ** rng.uniform(-1, 1, 200), np.abs(a[200:] + 2 * np.sqrt(a[200:]) * rng.normal(size=200))]
    )
    for name in ("gammainc", "gammaincc"):
        y = getattr(chainrule.special, name)(chainrule.tensor(a), chainrule.tensor(x)).numpy()
        np.testing.assert_allclose(y, getattr(special, name)(a, x), rtol=1e-10, atol=1e-12)


def test_incomplete_gamma_for_very_large_numbers():
    """About its centre P(a, x) is nearly the normal distribution function."""
    z = np.linspace(-4, 4, 9)
    a = np.full(9, 1e8)
    p = chainrule.igamma(chainrule.tensor(a), chainrule.tensor(a + z * np.sqrt(a))).numpy()
    np.testing.assert_allclose(p, chainrule.special.ndtr(chainrule.tensor(z)).numpy(), atol=2e-4)
    q = chainrule.igammac(chainrule.tensor(a), chainrule.tensor(a + z * np.sqrt(a))).numpy()
    np.testing.assert_allclose(p + q, 1, atol=1e-15)


TWO = {
    "igamma": (lambda t, x: t.igamma(t.tensor(0.3 + INSIDE[3:]), x), [POSITIVE[:20]]),
    "igammac": (lambda t, x: t.tensor(4 * INSIDE[2:]).igammac(x), [POSITIVE[:21]]),
    "zeta": (lambda t, q: t.special.zeta(t.tensor(1.2 + INSIDE[3:]), q), [0.5 + POSITIVE[:20]]),
    "zeta of a number": (lambda t, q: t.special.zeta(2, q), [0.5 + POSITIVE]),
    "xlog1py": (lambda t, a, b: t.special.xlog1py(a, b), [normal(5), normal(5, seed=1) ** 2]),
    "xlog1py with a number": (lambda t, a: t.special.xlog1py(a, 2), [normal(5)]),
    "xlog1py of a number": (lambda t, b: t.special.xlog1py(2, b), [normal(5) ** 2]),
    "xlogy": (lambda t, a, b: t.special.xlogy(a, b), [normal(5), normal(5, seed=1) ** 2]),
    "polygamma": (lambda t, x: t.special.polygamma(2, x), [0.7 + INSIDE]),
    "softmax": (lambda t, x: t.special.softmax(x, 1), [normal(2, 3)]),
    "log_softmax": (lambda t, x: t.special.log_softmax(x, 0), [normal(2, 3)]),
    "logsumexp": (lambda t, x: t.special.logsumexp(x, 1), [normal(2, 3)]),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO)
def test_of_two_numbers(name):
    program, arrays = TWO[name]
    check(program, arrays, second=name != "polygamma")


FAMILIES = [
    "chebyshev_polynomial_t", "chebyshev_polynomial_u", "chebyshev_polynomial_v", "chebyshev_polynomial_w",
    "shifted_chebyshev_polynomial_t", "shifted_chebyshev_polynomial_u", "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w", "hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l",
    "legendre_polynomial_p",
]  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_polynomials(name):
    torch = pytest.importorskip("torch")
    x, n = np.linspace(-1.5, 1.5, 13)[:, None], np.array([-1.0, 0, 1, 2, 3.7, 5, 9])
    ours, theirs = (getattr(t.special, name)(t.tensor(x), t.tensor(n)) for t in (chainrule, torch))
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-10, atol=1e-10)
    for xs, ns in (
        ("torch.tensor([1, 2])", "3"),
        ("2.0", "torch.arange(4)"),
        ("torch.tensor([0.25])", "torch.tensor([2, 3])"),
    ):
        same_as_pytorch(f"torch.special.{name}({xs}, {ns})")


@pytest.mark.parametrize("name", FAMILIES)
def test_derivatives_of_polynomials(name):
    """Also at ±1, where a polynomial is as smooth as anywhere."""
    x = chainrule.tensor([-1.0, -0.4, 0.0, 0.7, 1.0], dtype=chainrule.float64, requires_grad=True)
    for n in (0, 1, 4):
        assert chainrule.autograd.gradgradcheck(lambda x, n=n: getattr(chainrule.special, name)(x, n), x)


EDGES = [
    "torch.special.zeta(torch.tensor([1.,.5,2,2.5,3,2.5,3,2]),torch.tensor([1.,1,-1,-1,-1.5,-1.5,0,float('nan')]))",
    "torch.igamma(torch.tensor([0.,0,1,1,-1,2,2,float('inf')]),torch.tensor([0.,1,0,-1,1,float('inf'),1e9,1]))",
    "torch.igammac(torch.tensor([0.,0,1,1,-1,2,2,float('inf')]),torch.tensor([0.,1,0,-1,1,float('inf'),1e9,1]))",
    "torch.special.entr(torch.tensor([-1., 0, 0.5, float('nan')]))", "torch.special.ndtri(torch.tensor([0., 1, 0.5, 2, -1]))",
    "torch.special.erfcx(torch.tensor([-30., -float('inf'), 1e10, float('inf'), float('nan')]))",
    "torch.special.log_ndtr(torch.tensor([-30., -float('inf'), 30, float('inf')]))", "torch.special.ndtr(torch.tensor([-2., 5, -30]))",
    "torch.special.xlog1py(torch.tensor([0., 0, 0, 1]), torch.tensor([-1., -2, float('nan'), -2]))",
    "torch.special.bessel_y0(torch.tensor([0., -1]))", "torch.special.modified_bessel_k0(torch.tensor([0., -1]))",
    "torch.special.airy_ai(torch.tensor([float('inf')]))", "torch.special.bessel_j0(torch.tensor([float('inf')]))",
    "torch.special.spherical_bessel_j0(torch.tensor([0., float('inf'), 0.3]))", "torch.special.i0e(torch.tensor([1, 2]))",
    "torch.special.erfcx(torch.tensor(True))", "torch.special.psi(torch.tensor([0.5, 2]))", "torch.special.gammaln(torch.tensor([0.5, 4]))", "torch.tensor([1.]).igamma_(torch.tensor([2.]))",
]  # fmt: skip


@pytest.mark.parametrize("expression", EDGES)
def test_at_the_edges(expression):
    same_as_pytorch(expression)


@pytest.mark.parametrize("expression", [
    "torch.igamma(torch.tensor([1]), torch.tensor([1]))", "torch.igamma(torch.tensor([1.]), 2.)", "torch.special.zeta(1., 2.)",
    "torch.special.chebyshev_polynomial_t(2., 3)", "torch.special.entr(torch.tensor([1j]))", "torch.special.airy_ai([1.])",
    "torch.special.zeta(torch.tensor([1j]), 2)", "torch.special.hermite_polynomial_h(torch.tensor([1j]), 2)",
    "torch.special.multigammaln(torch.ones(2), 0)", "torch.special.bessel_j0(torch.tensor([1j]))",
])  # fmt: skip
def test_bad_input(expression):
    same_as_pytorch(expression)


def test_no_derivative_by_the_first_argument():
    a = chainrule.tensor([1.5], requires_grad=True)
    for function, name in (
        (chainrule.igamma, "igamma: input"),
        (chainrule.igammac, "igammac: input"),
        (chainrule.special.zeta, "zeta"),
    ):
        with pytest.raises(
            NotImplementedError, match=f"the derivative for '{name}' is not implemented.\n.*\n  instead: "
        ):
            function(a, chainrule.tensor([2.0])).backward()


def test_every_name_of_pytorch_is_there():
    torch = pytest.importorskip("torch")
    theirs = {n for n in dir(torch.special) if not n.startswith("_")} - {
        "Tensor",
        "torch",
        "common_args",
        "multi_dim_common",
    }
    assert theirs <= set(chainrule.special.__all__)
