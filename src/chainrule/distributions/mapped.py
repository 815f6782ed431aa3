"""Distributions that are maps of uniform, exponential, normal and gamma-distributed numbers."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .composed import TransformedDistribution
from .distribution import Distribution
from .gamma import Exponential, Gamma
from .location_scale import Normal, Uniform
from .maps import AffineTransform, ExpTransform, PowerTransform, StickBreakingTransform
from .parameters import broadcast_all

EULER = 0.57721566490153286


class Pareto(TransformedDistribution):
    """p(x) = α scaleᵅ / x^(α+1) for x ≥ scale: x = scale · eᵗ, t exponential of rate α

    >>> torch.distributions.Pareto(1.0, 3.0).mean
    tensor(1.5000)
    """

    arg_constraints = {"alpha": constraints.positive, "scale": constraints.positive}

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all(scale, alpha)
        base = Exponential(self.alpha, validate_args=validate_args)
        super().__init__(base, [ExpTransform(), AffineTransform(0, self.scale)], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        made.scale, made.alpha = self.scale.expand(batch_shape), self.alpha.expand(batch_shape)
        return made

    @constraints.dependent_property
    def support(self) -> Any:
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        a = self.alpha.clamp(min=1)  # below, it is infinite
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        a = self.alpha.clamp(min=2)
        return self.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))

    def entropy(self) -> Any:
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class Weibull(TransformedDistribution):
    """x = scale · t^(1/k), t exponential of rate 1, k the concentration"""

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        base = Exponential(cr.ones_like(self.scale), validate_args=validate_args)
        maps = [PowerTransform(self.concentration.reciprocal()), AffineTransform(0, self.scale)]
        super().__init__(base, maps, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        made.scale, made.concentration = self.scale.expand(batch_shape), self.concentration.expand(batch_shape)
        return made

    def log_moment(self, n: int) -> Any:
        """ln E[(x/scale)ⁿ] = ln Γ(1 + n/k)"""
        return cr.lgamma(1 + n / self.concentration)

    @property
    def mean(self) -> Any:
        return self.scale * self.log_moment(1).exp()

    @property
    def mode(self) -> Any:
        k = self.concentration
        return self.scale * ((k - 1) / k) ** k.reciprocal()

    @property
    def variance(self) -> Any:
        return self.scale.pow(2) * (self.log_moment(2).exp() - (2 * self.log_moment(1)).exp())

    def entropy(self) -> Any:
        k = self.concentration
        return EULER * (1 - k.reciprocal()) + (self.scale / k).log() + 1


class InverseGamma(TransformedDistribution):
    """x = 1/t, t gamma-distributed"""

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.positive

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args=validate_args)
        super().__init__(base, PowerTransform(-base.rate.new_ones(())), validate_args=validate_args)

    @property
    def concentration(self) -> Any:
        return self.base_dist.concentration  # type: ignore[attr-defined]

    @property
    def rate(self) -> Any:
        return self.base_dist.rate  # type: ignore[attr-defined]

    @property
    def mean(self) -> Any:
        a = self.concentration
        return cr.where(a > 1, self.rate / (a - 1), math.inf)

    @property
    def mode(self) -> Any:
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Any:
        a = self.concentration
        return cr.where(a > 2, self.rate.square() / ((a - 1).square() * (a - 2)), math.inf)

    def entropy(self) -> Any:
        a = self.concentration
        return a + self.rate.log() + cr.lgamma(a) - (1 + a) * cr.digamma(a)


class Kumaraswamy(TransformedDistribution):
    """x = (1 − u^(1/b))^(1/a), u uniform in (0, 1), a and b the two concentrations"""

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        a, b = self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        base = Uniform(cr.full_like(a, 0), cr.full_like(a, 1), validate_args=validate_args)
        maps = [PowerTransform(b.reciprocal()), AffineTransform(1.0, -1.0), PowerTransform(a.reciprocal())]
        super().__init__(base, maps, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        made.concentration1 = self.concentration1.expand(batch_shape)
        made.concentration0 = self.concentration0.expand(batch_shape)
        return made

    def moment(self, n: int) -> Any:
        """E[xⁿ] = b B(1 + n/a, b)"""
        a, b = self.concentration1, self.concentration0
        first = 1 + n / a
        return (b.log() + cr.lgamma(first) + cr.lgamma(b) - cr.lgamma(first + b)).exp()

    @property
    def mean(self) -> Any:
        return self.moment(1)

    @property
    def mode(self) -> Any:
        a, b = self.concentration1, self.concentration0
        return (((a - 1) / (a * b - 1)).log() / a).exp().masked_fill((a < 1) | (b < 1), math.nan)

    @property
    def variance(self) -> Any:
        return self.moment(2) - self.moment(1).pow(2)

    def entropy(self) -> Any:
        a, b = self.concentration1, self.concentration0
        return (1 - b.reciprocal()) + (1 - a.reciprocal()) * (cr.digamma(b + 1) + EULER) - a.log() - b.log()


class LogisticNormal(TransformedDistribution):
    """Proportions from normal numbers, one more of them than numbers, by breaking a stick

    >>> torch.distributions.LogisticNormal(torch.zeros(2), torch.ones(2)).sample().shape
    torch.Size([3])
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.simplex

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand([1])
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        return self.base_dist.base_dist.loc  # type: ignore[attr-defined]

    @property
    def scale(self) -> Any:
        return self.base_dist.base_dist.scale  # type: ignore[attr-defined]


class FisherSnedecor(Distribution):
    """x = (s₁/df₁)/(s₂/df₂), sᵢ of the chi-squared distribution of dfᵢ degrees of freedom"""

    has_rsample = True
    arg_constraints = {"df1": constraints.positive, "df2": constraints.positive}
    support = constraints.positive

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = broadcast_all(df1, df2)
        super().__init__(self.df1.shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        made.df1, made.df2 = self.df1.expand(batch_shape), self.df2.expand(batch_shape)
        return made

    @property
    def mean(self) -> Any:
        return (self.df2 / (self.df2 - 2)).masked_fill(self.df2 <= 2, math.nan)

    @property
    def mode(self) -> Any:
        return ((self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)).masked_fill(self.df1 <= 2, math.nan)

    @property
    def variance(self) -> Any:
        a, b = self.df1, self.df2
        return (2 * b.pow(2) * (a + b - 2) / (a * (b - 2).pow(2) * (b - 4))).masked_fill(b <= 4, math.nan)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        parts = [Gamma(df * 0.5, df, validate_args=False).rsample(sample_shape) for df in (self.df1, self.df2)]
        tiny = cr.finfo(parts[0].dtype).tiny
        return (parts[0] / parts[1].clamp(min=tiny)).clamp(min=tiny)

    def log_prob(self, value: Any) -> Any:
        x, a, b, ratio = self._checked(value), self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        whole = cr.lgamma(a) + cr.lgamma(b) - cr.lgamma(a + b)
        return a * ratio.log() + (a - 1) * x.log() - (a + b) * cr.log1p(ratio * x) - whole
