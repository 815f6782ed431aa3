"""Distributions of positive numbers and of proportions: exponential, gamma, chi-squared, beta, Dirichlet, and Student's t."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from ..graph.value import wrap
from ..tensors.function import Function
from . import constraints, pathwise
from .distribution import Distribution, ExponentialFamily
from .parameters import broadcast_all


class StandardGamma(Function):
    """x of density x^(α−1) e⁻ˣ / Γ(α), drawn; ∂x/∂α is the pathwise derivative."""

    @staticmethod
    def forward(ctx: Any, concentration: Any) -> Any:
        drawn = wrap(cr.default_generator.gamma(concentration.array))
        ctx.save_for_backward(drawn, concentration)
        return drawn

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, concentration = ctx.saved_tensors
        return g * wrap(pathwise.gamma(x.array, concentration.array).astype(x.array.dtype))


class StandardDirichlet(Function):
    """Proportions x of density Π xᵢ^(αᵢ−1), drawn; moving αᵢ moves xᵢ as a beta-distributed number, and shrinks the others."""

    @staticmethod
    def forward(ctx: Any, concentration: Any) -> Any:
        drawn = wrap(cr.default_generator.dirichlet(concentration.array))
        ctx.save_for_backward(drawn, concentration)
        return drawn

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        x, concentration = ctx.saved_tensors
        a = concentration.array
        moves = pathwise.beta(x.array, a, a.sum(-1, keepdims=True) - a) / (1 - x.array)
        return wrap(moves.astype(x.array.dtype)) * (g - (x * g).sum(-1, True))


class Exponential(ExponentialFamily):
    """p(x) = rate · e^(−rate x)

    >>> torch.distributions.Exponential(2.0).mean
    tensor(0.5000)
    """

    has_rsample = True
    arg_constraints = {"rate": constraints.positive}
    support = constraints.nonnegative

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.rate.reciprocal()

    @property
    def mode(self) -> Any:
        return cr.zeros_like(self.rate)

    @property
    def stddev(self) -> Any:
        return self.rate.reciprocal()

    @property
    def variance(self) -> Any:
        return self.rate.pow(-2)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return cr.empty(self._extended_shape(sample_shape), dtype=self.rate.dtype).exponential_() / self.rate

    def log_prob(self, value: Any) -> Any:
        return self.rate.log() - self.rate * self._checked(value)

    def cdf(self, value: Any) -> Any:
        return 1 - cr.exp(-self.rate * self._checked(value))

    def icdf(self, value: Any) -> Any:
        return -cr.log1p(-value) / self.rate

    def entropy(self) -> Any:
        return 1.0 - cr.log(self.rate)


class Gamma(ExponentialFamily):
    """p(x) = rate^α x^(α−1) e^(−rate x) / Γ(α), α the concentration

    >>> torch.distributions.Gamma(2.0, 4.0).mean
    tensor(0.5000)
    """

    has_rsample = True
    arg_constraints: Any = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.concentration / self.rate

    @property
    def mode(self) -> Any:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Any:
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        shape = self._extended_shape(sample_shape)
        drawn = StandardGamma.apply(self.concentration.expand(shape)) / self.rate.expand(shape)
        drawn.data.clamp_(min=cr.finfo(drawn.dtype).tiny)  # a density at 0 may be infinite
        return drawn

    def log_prob(self, value: Any) -> Any:
        value, a = self._checked(value), self.concentration
        return cr.xlogy(a, self.rate) + cr.xlogy(a - 1, value) - self.rate * value - cr.lgamma(a)

    def cdf(self, value: Any) -> Any:
        return cr.igamma(self.concentration, self.rate * self._checked(value))

    def entropy(self) -> Any:
        a = self.concentration
        return a - cr.log(self.rate) + cr.lgamma(a) + (1.0 - a) * cr.digamma(a)


class Chi2(Gamma):
    """The sum of df squared standard normals: a gamma distribution of concentration df/2 and rate ½"""

    arg_constraints: Any = {"df": constraints.positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (df,) = broadcast_all(df)
        super().__init__(0.5 * df, 0.5, validate_args=validate_args)

    @property
    def df(self) -> Any:
        return self.concentration * 2


class Dirichlet(ExponentialFamily):
    """p(x) ∝ Π xᵢ^(αᵢ−1) over proportions x, α the concentration

    >>> torch.distributions.Dirichlet(torch.tensor([1.0, 3.0])).mean
    tensor([0.2500, 0.7500])
    """

    has_rsample = True
    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Any:
        above = (self.concentration - 1).clamp(min=0.0)
        mode = above / above.sum(-1, True)
        flat = (self.concentration < 1).all(dim=-1)  # the density is largest in the corners
        corner = cr.nn.functional.one_hot(mode[flat].argmax(dim=-1), above.shape[-1]).to(mode.dtype)
        mode[flat] = corner
        return mode

    @property
    def variance(self) -> Any:
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return StandardDirichlet.apply(self.concentration.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        value, a = self._checked(value), self.concentration
        return cr.xlogy(a - 1.0, value).sum(-1) + cr.lgamma(a.sum(-1)) - cr.lgamma(a).sum(-1)

    def entropy(self) -> Any:
        a, k = self.concentration, self.concentration.size(-1)
        total = a.sum(-1)
        return (
            cr.lgamma(a).sum(-1)
            - cr.lgamma(total)
            - (k - total) * cr.digamma(total)
            - ((a - 1.0) * cr.digamma(a)).sum(-1)
        )


class Beta(ExponentialFamily):
    """p(x) ∝ x^(α−1) (1 − x)^(β−1), α = concentration1 and β = concentration0

    >>> torch.distributions.Beta(1.0, 3.0).mean
    tensor(0.2500)
    """

    has_rsample = True
    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        both = cr.stack(broadcast_all(concentration1, concentration0), -1)
        self._dirichlet = Dirichlet(both, validate_args=validate_args)
        super().__init__(self._dirichlet.batch_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        made._dirichlet = self._dirichlet.expand(batch_shape)
        return made

    @property
    def concentration1(self) -> Any:
        return self._dirichlet.concentration[..., 0]

    @property
    def concentration0(self) -> Any:
        return self._dirichlet.concentration[..., 1]

    @property
    def mean(self) -> Any:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Any:
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Any:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        return self._dirichlet.log_prob(cr.stack([value, 1.0 - value], -1))

    def entropy(self) -> Any:
        return self._dirichlet.entropy()


class StudentT(Distribution):
    """x = loc + scale · z / √(χ²/df), z standard normal and χ² of df degrees of freedom"""

    has_rsample = True
    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.loc.masked_fill(self.df <= 1, math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        spread = self.scale.pow(2) * self.df / (self.df - 2)
        return spread.masked_fill(self.df <= 2, math.inf).masked_fill(self.df <= 1, math.nan)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        z = cr.empty(self._extended_shape(sample_shape), dtype=self.df.dtype).normal_()
        chi2 = Chi2(self.df, validate_args=False).rsample(sample_shape)
        return self.loc + self.scale * (z * cr.rsqrt(chi2 / self.df))

    def log_prob(self, value: Any) -> Any:
        y = (self._checked(value) - self.loc) / self.scale
        whole = (
            self.scale.log()
            + 0.5 * self.df.log()
            + 0.5 * math.log(math.pi)
            + cr.lgamma(0.5 * self.df)
            - cr.lgamma(0.5 * (self.df + 1.0))
        )
        return -0.5 * (self.df + 1.0) * cr.log1p(y**2.0 / self.df) - whole

    def entropy(self) -> Any:
        half, more = 0.5 * self.df, 0.5 * (self.df + 1.0)
        log_beta = cr.lgamma(half) + math.lgamma(0.5) - cr.lgamma(more)
        return self.scale.log() + more * (cr.digamma(more) - cr.digamma(half)) + 0.5 * self.df.log() + log_beta
