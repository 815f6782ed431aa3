"""`GeneralizedPareto`: how far values exceed a threshold."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all


class GeneralizedPareto(Distribution):
    """P(X > x) = (1 + c z)^(−1/c) with z = (x − loc)/scale ≥ 0, c being the ``concentration``; e⁻ᶻ for c = 0

    >>> torch.distributions.GeneralizedPareto(0.0, 2.0, 0.5).mean
    tensor(4.)
    """

    has_rsample = True
    arg_constraints = {"loc": constraints.real, "scale": constraints.positive, "concentration": constraints.real}

    def __init__(self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale, self.concentration = broadcast_all(loc, scale, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @constraints.dependent_property
    def support(self) -> Any:
        end = self.loc - self.scale / self.concentration
        return constraints.interval(self.loc, cr.where(self.concentration < 0, end, math.inf))

    @property
    def _exponential(self) -> Any:
        """Where the concentration is 0, and the concentration with 1 in these places."""
        zero = cr.isclose(self.concentration, cr.zeros_like(self.concentration))
        return zero, cr.where(zero, cr.ones_like(self.concentration), self.concentration)

    @property
    def mean(self) -> Any:
        c = self.concentration
        return (self.loc + self.scale / (1 - c)).masked_fill(c >= 1, math.nan)

    @property
    def variance(self) -> Any:
        c = self.concentration
        return (self.scale**2 / ((1 - c) ** 2 * (1 - 2 * c))).masked_fill(c >= 0.5, math.nan)

    @property
    def mode(self) -> Any:
        return self.loc

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self._quantile(cr.rand(self._extended_shape(sample_shape), dtype=self.loc.dtype))

    def log_prob(self, value: Any) -> Any:
        z = (self._checked(value) - self.loc) / self.scale
        zero, c = self._exponential
        return -self.scale.log() - cr.where(zero, z, (1 + 1 / c) * cr.log1p(c * z))

    def log_survival_function(self, value: Any) -> Any:
        """log P(X > value)"""
        z = (self._checked(value) - self.loc) / self.scale
        zero, c = self._exponential
        return cr.where(zero, -z, -cr.log1p(c * z) / c)

    def log_cdf(self, value: Any) -> Any:
        """log P(X ≤ value)"""
        return cr.log1p(-cr.exp(self.log_survival_function(value)))

    def cdf(self, value: Any) -> Any:
        return self.log_cdf(value).exp()

    def icdf(self, value: Any) -> Any:
        return self._quantile(value)

    def _quantile(self, u: Any) -> Any:
        zero, c = self._exponential
        rest = cr.log1p(-u)
        return self.loc + self.scale * cr.where(zero, -rest, cr.expm1(-c * rest) / c)

    def entropy(self) -> Any:
        return self.scale.log() + self.concentration + 1
