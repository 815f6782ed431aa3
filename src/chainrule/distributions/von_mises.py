"""`VonMises`: angles around a direction, the normal distribution of the circle."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .distribution import Distribution
from .parameters import broadcast_all


class VonMises(Distribution):
    """p(x) = e^(κ cos(x − loc)) / (2π I₀(κ)), κ being the ``concentration``; angles count modulo 2π

    >>> D = torch.distributions
    >>> D.VonMises(torch.tensor(0.0), torch.tensor(4.0)).log_prob(torch.tensor(0.0))
    tensor(-0.2628)
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """The direction around which angles lie."""
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        """The circular variance 1 − I₁(κ)/I₀(κ): 0 where all angles are the same, 1 where none is preferred."""
        return 1 - cr.special.i1e(self.concentration) / cr.special.i0e(self.concentration)

    def log_prob(self, value: Any) -> Any:
        k = self.concentration
        log_i0 = cr.special.i0e(k).log() + k
        return k * cr.cos(self._checked(value) - self.loc) - math.log(2 * math.pi) - log_i0

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        """By rejection from a wrapped Cauchy distribution (Best & Fisher, 1979), in float64."""
        with cr.no_grad():
            shape = self._extended_shape(sample_shape)
            k, r = self.concentration.double(), self._cauchy()
            angle, done = cr.zeros(shape, dtype=cr.float64), cr.zeros(shape, dtype=cr.bool)
            while not done.all():
                turn, u, side = cr.rand(3, *shape, dtype=cr.float64)
                z = cr.cos(math.pi * turn)
                f = (1 + r * z) / (r + z)
                c = k * (r - f)
                taken = (c * (2 - c) - u > 0) | ((c / u).log() + 1 - c >= 0)
                angle = cr.where(taken, (side - 0.5).sign() * f.acos(), angle)
                done = done | taken
            return ((angle + math.pi + self.loc.double()) % (2 * math.pi) - math.pi).to(self.loc.dtype)

    def _cauchy(self) -> Any:
        """The parameter r of the distribution that is drawn from: (1 + ρ²)/2ρ with ρ = (τ − √2τ)/2κ, τ = 1 + √(1 + 4κ²)"""
        k = self.concentration.double()
        tau = 1 + (1 + 4 * k**2).sqrt()
        rho = (tau - (2 * tau).sqrt()) / (2 * k)
        return cr.where(k < 1e-5, 1 / k + k, (1 + rho**2) / (2 * rho))  # for tiny κ, ρ is rounded away
