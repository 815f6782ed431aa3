"""Draws, densities, moments, gradients, reprs and errors are PyTorch's."""

import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.distributions import pathwise
from tests.distributions.cases import cases

D = cr.distributions
pytestmark = pytest.mark.filterwarnings("ignore:Singular sample detected")  # PyTorch says so of every Wishart sample
NAMES = list(cases(cr))
QUANTITIES = ["mean", "mode", "variance", "stddev", "entropy", "perplexity", "cdf", "icdf", "enumerate_support", "log_prob"]


def asked(torch, name, quantity):
    """What a distribution says, as lists; or that it does not say it."""
    distribution, values = cases(torch)[name]
    try:
        if quantity in ("cdf", "log_prob"):
            found = getattr(distribution, quantity)(values)
        elif quantity == "icdf":
            found = distribution.icdf(torch.full(distribution.batch_shape, 0.3, dtype=torch.float64))
        else:
            found = getattr(distribution, quantity)
            found = found() if callable(found) else found
    except NotImplementedError:
        return None
    return found.tolist()


CLOSE = {"VonMises": 1e-5, "GeneralizedPareto": 2e-6}  # theirs approximates Bessel functions; and knows float32 alone
OURS_ALONE = {("Kumaraswamy", "mode")}  # PyTorch's is NaN where the second concentration exceeds 1


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("name", NAMES)
def test_quantities(name, quantity):
    torch = pytest.importorskip("torch")
    ours, theirs = asked(cr, name, quantity), asked(torch, name, quantity)
    if (name, quantity) in OURS_ALONE:
        assert ours is not None
    elif theirs is None:
        assert ours is None
    else:
        close = CLOSE.get(name, 1e-7)
        np.testing.assert_allclose(np.array(ours), np.array(theirs), rtol=close, atol=close / 1000)


@pytest.mark.parametrize("shape", [(), (5,), (2, 3)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_draws(name, shape):
    torch = pytest.importorskip("torch")

    def drawn(library):
        distribution, _ = cases(library)[name]
        library.manual_seed(3)
        draws = [distribution.sample(shape), distribution.sample(shape)]
        return [draw.tolist() for draw in draws], library.rand(1).item(), draws[0].shape

    ours, theirs = drawn(cr), drawn(torch)
    assert ours[1:] == theirs[1:]  # and the stream is where it should be afterwards
    close = CLOSE.get(name, 1e-9)
    np.testing.assert_allclose(np.array(ours[0]), np.array(theirs[0]), rtol=close, atol=close / 1000)


@pytest.mark.parametrize("make", [
    lambda D, t: D.Normal(t([0.0, 1.0]), 2.0), lambda D, t: D.Uniform(t([0.0, 1.0]), 2.0), lambda D, t: D.Exponential(t([3.0])),
    lambda D, t: D.Bernoulli(t([0.3, 0.6])), lambda D, t: D.Categorical(t([0.3, 0.6])), lambda D, t: D.Laplace(t([0.3]), 1.0),
    lambda D, t: D.Poisson(t([0.3, 30.0])), lambda D, t: D.Binomial(9, t([0.3])), lambda D, t: D.Geometric(t([0.3])),
    lambda D, t: D.Gumbel(t([0.3]), 1.0), lambda D, t: D.Cauchy(t([0.3]), 1.0),
])  # fmt: skip
def test_draws_in_float32_are_equal_bit_for_bit(make):
    torch = pytest.importorskip("torch")

    def drawn(library):
        library.manual_seed(0)
        return make(library.distributions, library.tensor).sample((100,))

    ours, theirs = drawn(cr), drawn(torch)
    same = (ours.numpy() == theirs.numpy()).mean()
    assert same > 0.7  # logarithms and tangents of two libraries differ in the last bit now and then
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_shapes_and_kinds(name):
    torch = pytest.importorskip("torch")
    (ours, _), (theirs, _) = cases(cr)[name], cases(torch)[name]
    assert repr(ours) == repr(theirs)
    for attribute in ("batch_shape", "event_shape", "has_rsample", "has_enumerate_support", "support", "arg_constraints"):
        assert repr(getattr(ours, attribute)) == repr(getattr(theirs, attribute)), attribute
    shape = (2, *ours.batch_shape)
    more, theirs_more = ours.expand(shape), theirs.expand(shape)
    assert (more.batch_shape, more.event_shape) == (shape, ours.event_shape)
    assert more.sample((4,)).shape == theirs_more.sample((4,)).shape
    assert repr(more) == repr(theirs_more)


PARAMETERS = {
    "Normal": ("loc", "scale"), "Laplace": ("loc", "scale"), "Cauchy": ("loc", "scale"), "Gumbel": ("loc", "scale"),
    "Exponential": ("rate",), "Gamma": ("concentration", "rate"), "Beta": ("concentration1", "concentration0"),
    "Dirichlet": ("concentration",), "StudentT": ("df", "loc", "scale"), "HalfNormal": ("scale",),
    "LogNormal": ("loc", "scale"), "Poisson": ("rate",), "Pareto": ("scale", "alpha"), "Weibull": ("scale", "concentration"),
    "InverseGamma": ("concentration", "rate"), "Kumaraswamy": ("concentration1", "concentration0"),
    "FisherSnedecor": ("df1", "df2"), "VonMises": ("loc", "concentration"), "GeneralizedPareto": ("loc", "scale", "concentration"),
    "ContinuousBernoulli": ("probs",), "LowRankMultivariateNormal": ("loc", "cov_factor", "cov_diag"),
}  # fmt: skip


def leaves(torch, name):
    """The distribution with its parameters as leaves."""
    distribution, values = cases(torch)[name]
    parameters = [getattr(distribution, p).detach().clone().requires_grad_() for p in PARAMETERS[name]]
    return type(distribution)(*parameters), parameters, values


@pytest.mark.parametrize("quantity", ["log_prob", "entropy", "rsample"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_gradients(name, quantity):
    torch = pytest.importorskip("torch")

    def gradients(library):
        distribution, parameters, values = leaves(library, name)
        library.manual_seed(0)
        try:
            found = {"log_prob": lambda: distribution.log_prob(values), "entropy": distribution.entropy,
                     "rsample": lambda: distribution.rsample((3,)) ** 2}[quantity]()  # fmt: skip
        except NotImplementedError:
            return None
        found.sum().backward()
        return [0.0 if p.grad is None else p.grad.tolist() for p in parameters]

    ours, theirs = gradients(cr), gradients(torch)
    if theirs is None or (name == "Poisson" and quantity != "log_prob"):
        assert ours is None
        return
    close = 5e-3 if quantity == "rsample" and name in ("Gamma", "Beta", "Dirichlet", "StudentT", "InverseGamma", "FisherSnedecor") else 1e-7  # theirs approximate
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=max(close, CLOSE.get(name, 0)), atol=close / 10)


@pytest.mark.parametrize("alpha", [0.01, 0.3, 1.0, 4.0, 50.0])
@pytest.mark.parametrize("u", [0.001, 0.2, 0.5, 0.8, 0.999])
def test_pathwise_derivatives(alpha, u):
    """Against the quantile function itself, moved a little."""
    stats = pytest.importorskip("scipy.stats")
    h = 1e-5 * alpha

    def slope(quantile):
        return (quantile(alpha + h) - quantile(alpha - h)) / (2 * h)

    x = stats.gamma.ppf(u, alpha)
    if x > 1e-100:
        assert pathwise.gamma(x, alpha) == pytest.approx(slope(lambda a: stats.gamma.ppf(u, a)), rel=1e-4)
    for beta in (0.5, 3.0):
        x = stats.beta.ppf(u, alpha, beta)
        if 1e-100 < x < 1 - 1e-9:
            assert pathwise.beta(x, alpha, beta) == pytest.approx(
                slope(lambda a, beta=beta: stats.beta.ppf(u, a, beta)), rel=1e-4
            )


KL = [
    ("Normal", "Normal"), ("Laplace", "Laplace"), ("Cauchy", "Cauchy"), ("Gumbel", "Gumbel"), ("Uniform", "Uniform"),
    ("Exponential", "Exponential"), ("Gamma", "Gamma"), ("Exponential", "Gamma"), ("Beta", "Beta"),
    ("Dirichlet", "Dirichlet"), ("HalfNormal", "HalfNormal"), ("Bernoulli", "Bernoulli"), ("Binomial", "Binomial"),
    ("Geometric", "Geometric"), ("Poisson", "Poisson"), ("Categorical", "Categorical"), ("Uniform", "Normal"),
    ("OneHotCategorical", "OneHotCategorical"), ("MultivariateNormal", "MultivariateNormal by precision"),
    ("Independent", "Independent"), ("Normal", "Laplace"), ("Bernoulli", "Bernoulli by logits"), ("Chi2", "Gamma"),
    ("LogNormal", "LogNormal"), ("ContinuousBernoulli", "ContinuousBernoulli by logits"),
    ("LowRankMultivariateNormal", "LowRankMultivariateNormal"), ("LowRankMultivariateNormal", "MultivariateNormal"),
    ("MultivariateNormal", "LowRankMultivariateNormal"),
]  # fmt: skip


@pytest.mark.parametrize("p, q", KL)
def test_divergences(p, q):
    torch = pytest.importorskip("torch")

    def divergence(library):
        first, second = cases(library)[p][0], cases(library)[q][0]
        if p == q:
            second = second.expand((2, *second.batch_shape)) if p not in ("Uniform", "Bernoulli") else second
            if p in ("Normal", "Gumbel", "Laplace", "Cauchy"):
                second = type(second)(second.loc + 0.5, second.scale * 2)
        return library.distributions.kl_divergence(first, second).tolist()

    np.testing.assert_allclose(divergence(cr), divergence(torch), rtol=1e-6, atol=1e-9)


def test_a_divergence_that_is_not_known():
    with pytest.raises(NotImplementedError) as caught:
        D.kl_divergence(D.Normal(0.0, 1.0), D.Poisson(1.0))
    assert str(caught.value).splitlines() == [
        "No KL(p || q) is implemented for p type Normal and q type Poisson",
        "  instead: x = p.sample((1000,)); (p.log_prob(x) - q.log_prob(x)).mean(0), an estimate",
    ]


def test_a_divergence_of_ones_own():
    class Mine(D.Normal):
        pass

    @D.register_kl(Mine, D.Laplace)
    def rule(p, q):
        return cr.tensor(7.0)

    assert D.kl_divergence(Mine(0.0, 1.0), D.Laplace(0.0, 1.0)).item() == 7
    assert D.kl_divergence(Mine(0.0, 1.0), D.Normal(0.0, 1.0)).item() == 0
    with pytest.raises(TypeError, match="Expected type_p and type_q to be Distribution subclasses"):
        D.register_kl(int, D.Normal)


WRONG = {
    "scale below 0": lambda D, t: D.Normal(t([0.0]), t([-1.0])),
    "scale of a number": lambda D, t: D.Normal(0.0, -1.0),
    "NaN": lambda D, t: D.Normal(t([0.0, math.nan]), 1.0),
    "no number": lambda D, t: D.Normal("a", 1.0),
    "shapes": lambda D, t: D.Normal(t([0.0, 1.0]), t([1.0, 1.0, 1.0])),
    "both": lambda D, t: D.Bernoulli(0.5, 0.5),
    "neither": lambda D, t: D.Categorical(),
    "probability above 1": lambda D, t: D.Bernoulli(1.5),
    "negative weight": lambda D, t: D.Categorical(t([-0.2, 0.8])),
    "a weight alone": lambda D, t: D.Categorical(t(0.2)),
    "low above high": lambda D, t: D.Uniform(2.0, 1.0),
    "geometric of 0": lambda D, t: D.Geometric(0.0),
    "no class": lambda D, t: D.Categorical(t([0.2, 0.8])).log_prob(t(2)),
    "half a class": lambda D, t: D.Categorical(t([0.2, 0.8])).log_prob(t(0.5)),
    "neither 0 nor 1": lambda D, t: D.Bernoulli(0.3).log_prob(t(0.5)),
    "too many": lambda D, t: D.Binomial(5, 0.3).log_prob(t(6.0)),
    "below 0": lambda D, t: D.Exponential(2.0).log_prob(t(-1.0)),
    "no vector": lambda D, t: D.Dirichlet(t(1.0)),
    "no proportions": lambda D, t: D.Dirichlet(t([1.0, 2.0])).log_prob(t([0.5, 0.6])),
    "two ones": lambda D, t: D.OneHotCategorical(t([0.2, 0.8])).log_prob(t([1.0, 1.0])),
    "a number, no tensor": lambda D, t: D.Normal(0.0, 1.0).log_prob(1.0),
    "value of another shape": lambda D, t: D.Normal(t([0.0, 1.0]), 1.0).log_prob(t([0.0, 1.0, 2.0])),
    "event of another shape": lambda D, t: D.Dirichlet(t([1.0, 2.0])).log_prob(t([0.5, 0.25, 0.25])),
    "no covariance": lambda D, t: D.MultivariateNormal(t([0.0])),
    "covariance of a vector": lambda D, t: D.MultivariateNormal(t([0.0]), t([1.0])),
    "covariance not positive": lambda D, t: D.MultivariateNormal(t([0.0]), t([[-1.0]])),
    "too many axes": lambda D, t: D.Independent(D.Normal(t([0.0]), 1.0), 2),
    "counts that differ": lambda D, t: D.Multinomial(t(5), t([0.2, 0.8])),
    "no mixture": lambda D, t: D.MixtureSameFamily(D.Normal(0.0, 1.0), D.Normal(0.0, 1.0)),
    "mixture of other sizes": lambda D, t: D.MixtureSameFamily(D.Categorical(t([0.5, 0.5])), D.Normal(t([0.0, 1.0, 2.0]), 1.0)),
    "correlations of one": lambda D, t: D.LKJCholesky(1),
    "no correlations": lambda D, t: D.LKJCholesky(2).log_prob(t([[2.0, 0.0], [0.0, 2.0]])),
    "no matrix": lambda D, t: D.Wishart(t(3.0), t([1.0])),
    "too few vectors": lambda D, t: D.Wishart(t(1.0), t([[1.0, 0.0], [0.0, 1.0]])),
    "a spread not positive": lambda D, t: D.Wishart(t(3.0), t([[-1.0, 0.0], [0.0, 1.0]])),
    "low rank of a number": lambda D, t: D.LowRankMultivariateNormal(t(1.0), t([[1.0]]), t([1.0])),
    "factor of a vector": lambda D, t: D.LowRankMultivariateNormal(t([1.0]), t([1.0]), t([1.0])),
    "factor of other rows": lambda D, t: D.LowRankMultivariateNormal(t([1.0]), t([[1.0], [1.0]]), t([1.0])),
    "diagonal of other length": lambda D, t: D.LowRankMultivariateNormal(t([1.0]), t([[1.0]]), t([1.0, 1.0])),
    "above the end": lambda D, t: D.GeneralizedPareto(0.0, 1.0, -0.5).log_prob(t(3.0)),
    "no scale": lambda D, t: D.GeneralizedPareto(0.0, -1.0, 0.5),
    "continuous 2": lambda D, t: D.ContinuousBernoulli(2.0, validate_args=True),
    "no spread": lambda D, t: D.VonMises(0.0, 0.0),
    "no transform": lambda D, t: D.TransformedDistribution(D.Normal(0.0, 1.0), [3]),
}  # fmt: skip


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_errors(make, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.distributions.Distribution, "_validate_args", True)  # its compiler turns that off when imported
    with pytest.raises((ValueError, RuntimeError, NotImplementedError)) as theirs:
        make(torch.distributions, torch.tensor)
    with pytest.raises(type(theirs.value)) as ours:
        make(D, cr.tensor)
    text = str(ours.value)
    if "\n  why: " in text:
        text = text[: text.index("\n  why: ")]
    assert " ".join(str(theirs.value).split()).startswith(" ".join(text.split()))


def test_checks_can_be_switched_off():
    assert D.Normal(0.0, -1.0, validate_args=False).scale.item() == -1
    assert D.Exponential(2.0, validate_args=False).log_prob(cr.tensor(-1.0)).item() == pytest.approx(2.6931, abs=1e-4)
    D.Distribution.set_default_validate_args(False)
    try:
        assert D.Normal(0.0, -1.0).scale.item() == -1
    finally:
        D.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="set_default_validate_args takes True or False"):
        D.Distribution.set_default_validate_args("no")


def test_a_distribution_of_ones_own():
    class Fixed(D.Distribution):
        arg_constraints = {"value": D.constraints.real}
        support = D.constraints.real

        def __init__(self, value, validate_args=None):
            self.value = value
            super().__init__(value.shape, validate_args=validate_args)

        def rsample(self, sample_shape=()):
            return self.value.expand(self._extended_shape(sample_shape))

    fixed = Fixed(cr.ones(2))
    assert fixed.sample((3,)).shape == (3, 2)
    assert repr(fixed) == "Fixed(value: torch.Size([2]))"
    assert fixed.expand((4, 2)).sample().shape == (4, 2)
    with pytest.raises(NotImplementedError, match="Fixed does not implement log_prob"):
        fixed.log_prob(cr.ones(2))


def test_reinforce():
    """The gradient estimate of the score function: the log-density of what was drawn, times its reward."""
    torch = pytest.importorskip("torch")

    def gradient(library):
        library.manual_seed(0)
        logits = library.tensor([0.0, 0.5, -0.5], requires_grad=True)
        policy = library.distributions.Categorical(logits=logits)
        action = policy.sample((10,))
        (-(policy.log_prob(action) * action.float()).mean() - 0.1 * policy.entropy()).backward()
        return action.tolist(), logits.grad.tolist()

    ours, theirs = gradient(cr), gradient(torch)
    assert ours[0] == theirs[0]
    assert ours[1] == pytest.approx(theirs[1], rel=1e-5)


def test_the_mode_of_kumaraswamy_is_where_its_density_is_highest():
    d = D.Kumaraswamy(cr.tensor(3.0, dtype=cr.float64), cr.tensor(2.5, dtype=cr.float64))
    x = cr.linspace(0.001, 0.999, 9981, dtype=cr.float64)
    assert abs(x[d.log_prob(x).argmax()].item() - d.mode.item()) < 1e-3
    assert math.isnan(D.Kumaraswamy(0.5, 2.0).mode.item())
