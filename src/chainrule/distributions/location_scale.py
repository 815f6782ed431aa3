"""Distributions that are moved and stretched copies of one: normal, Laplace, Cauchy, Gumbel, uniform."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .distribution import Distribution, ExponentialFamily
from .parameters import broadcast_all


class LocationScale(Distribution):
    """x = loc + scale · z, z of a fixed distribution."""

    has_rsample = True
    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    def _standard(self, value: Any) -> Any:
        """z = (value − loc) / scale"""
        return (self._checked(value) - self.loc) / self.scale


class Normal(LocationScale, ExponentialFamily):
    """p(x) = exp(−½ ((x − loc)/scale)²) / (scale √2π)

    >>> _ = torch.manual_seed(0)
    >>> normal = torch.distributions.Normal(0.0, 1.0)
    >>> normal.sample((2,)), normal.log_prob(torch.tensor(0.0))
    (tensor([ 1.5410, -0.2934]), tensor(-0.9189))
    """

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def stddev(self) -> Any:
        return self.scale

    @property
    def variance(self) -> Any:
        return self.stddev.pow(2)

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        shape = self._extended_shape(sample_shape)
        with cr.no_grad():
            return cr.normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self.loc + cr.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).normal_() * self.scale

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        return -((value - self.loc) ** 2) / (2 * self.scale**2) - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value: Any) -> Any:
        return 0.5 * (1 + cr.erf((self._checked(value) - self.loc) * self.scale.reciprocal() / math.sqrt(2)))

    def icdf(self, value: Any) -> Any:
        return self.loc + self.scale * cr.erfinv(2 * value - 1) * math.sqrt(2)

    def entropy(self) -> Any:
        return 0.5 + 0.5 * math.log(2 * math.pi) + cr.log(self.scale)


class Laplace(LocationScale):
    """p(x) = exp(−|x − loc|/scale) / (2 scale)"""

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return 2 * self.scale.pow(2)

    @property
    def stddev(self) -> Any:
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        shape, eps = self._extended_shape(sample_shape), cr.finfo(self.loc.dtype).eps
        u = cr.empty(shape, dtype=self.loc.dtype).uniform_(eps - 1, 1)
        return self.loc - self.scale * u.sign() * cr.log1p(-u.abs())

    def log_prob(self, value: Any) -> Any:
        return -cr.log(2 * self.scale) - cr.abs(self._checked(value) - self.loc) / self.scale

    def cdf(self, value: Any) -> Any:
        value = self._checked(value)
        return 0.5 - 0.5 * (value - self.loc).sign() * cr.expm1(-(value - self.loc).abs() / self.scale)

    def icdf(self, value: Any) -> Any:
        centred = value - 0.5
        return self.loc - self.scale * centred.sign() * cr.log1p(-2 * centred.abs())

    def entropy(self) -> Any:
        return 1 + cr.log(2 * self.scale)


class Cauchy(LocationScale):
    """p(x) = 1 / (π scale (1 + ((x − loc)/scale)²)); it has no mean."""

    @property
    def mean(self) -> Any:
        return cr.full_like(self.loc, math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return cr.full_like(self.loc, math.inf)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self.loc + cr.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).cauchy_() * self.scale

    def log_prob(self, value: Any) -> Any:
        return -math.log(math.pi) - self.scale.log() - (self._standard(value) ** 2).log1p()

    def cdf(self, value: Any) -> Any:
        return cr.atan(self._standard(value)) / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        return cr.tan(math.pi * (value - 0.5)) * self.scale + self.loc

    def entropy(self) -> Any:
        return math.log(4 * math.pi) + self.scale.log()


EULER = 0.57721566490153286060  # the mean of the standard Gumbel distribution


class Gumbel(LocationScale):
    """The largest of many: cdf(x) = exp(−exp(−(x − loc)/scale))"""

    @property
    def mean(self) -> Any:
        return self.loc + self.scale * EULER

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def stddev(self) -> Any:
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        return self.stddev.pow(2)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        limits = cr.finfo(self.loc.dtype)
        u = cr.rand(self._extended_shape(sample_shape), dtype=self.loc.dtype) * (1 - limits.eps - limits.tiny) + limits.tiny
        return self.icdf(u)

    def log_prob(self, value: Any) -> Any:
        y = -self._standard(value)
        return (y - y.exp()) - self.scale.log()

    def cdf(self, value: Any) -> Any:
        return cr.exp(-cr.exp(-self._standard(value)))

    def icdf(self, value: Any) -> Any:
        return self.loc - self.scale * cr.log(-cr.log(value))

    def entropy(self) -> Any:
        return self.scale.log() + (1 + EULER)


class Uniform(Distribution):
    """p(x) = 1 / (high − low) for low ≤ x < high

    >>> torch.distributions.Uniform(0.0, 2.0).log_prob(torch.tensor(0.5))
    tensor(-0.6931)
    """

    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        self.low, self.high = broadcast_all(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)

    @property
    def arg_constraints(self) -> Any:  # type: ignore[override]
        return {"low": constraints.less_than(self.high), "high": constraints.greater_than(self.low)}

    @constraints.dependent_property
    def support(self) -> Any:
        return constraints.interval(self.low, self.high)

    @property
    def mean(self) -> Any:
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Any:
        return math.nan * self.high

    @property
    def stddev(self) -> Any:
        return (self.high - self.low) / 12**0.5

    @property
    def variance(self) -> Any:
        return (self.high - self.low).pow(2) / 12

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        u = cr.rand(self._extended_shape(sample_shape), dtype=self.low.dtype)
        return self.low + u * (self.high - self.low)

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        inside = self.low.le(value).type_as(self.low) * self.high.gt(value).type_as(self.low)
        return cr.log(inside) - cr.log(self.high - self.low)

    def cdf(self, value: Any) -> Any:
        return ((self._checked(value) - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def icdf(self, value: Any) -> Any:
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Any:
        return cr.log(self.high - self.low)
