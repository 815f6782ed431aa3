"""`ContinuousBernoulli` (Loaiza-Ganem & Cunningham, 2019, arXiv:1907.06845): pixels between 0 and 1."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .discrete import YesOrNo
from .distribution import ExponentialFamily
from .parameters import broadcast_all, clamp_probs

F: Any = cr.nn.functional


class ContinuousBernoulli(YesOrNo, ExponentialFamily):
    """p(x) = C(λ) λˣ (1 − λ)^(1−x) for 0 ≤ x ≤ 1, with C(λ) = 2 artanh(1 − 2λ)/(1 − 2λ), λ being ``probs``

    Around λ = ½ the formulas divide 0 by 0; between ``lims`` they are Taylor's.

    >>> torch.distributions.ContinuousBernoulli(0.25).mean
    tensor(0.4102)
    """

    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        self._take(probs, logits)
        if probs is not None:
            if validate_args and not constraints.unit_interval.check(self.probs).all():
                raise ValueError("The parameter probs has invalid values")
            self.probs = clamp_probs(self.probs)
        self._lims = lims
        super().__init__(self._param.shape, validate_args=validate_args)

    def _by_part(self, formula: Any, series: Any) -> Any:
        """``formula(λ)`` away from ½, ``series(λ − ½)`` near it."""
        p, (low, high) = self.probs, self._lims
        near = (p > low) & (p <= high)
        return cr.where(near, series(p - 0.5), formula(cr.where(near, low * cr.ones_like(p), p)))

    @property
    def mean(self) -> Any:
        return self._by_part(
            lambda p: p / (2 * p - 1) + 1 / (cr.log1p(-p) - p.log()), lambda d: 0.5 + (1 / 3 + 16 / 45 * d**2) * d
        )

    @property
    def variance(self) -> Any:
        return self._by_part(
            lambda p: p * (p - 1) / (1 - 2 * p) ** 2 + 1 / (cr.log1p(-p) - p.log()) ** 2,
            lambda d: 1 / 12 - (1 / 15 - 128 / 945 * d**2) * d**2,
        )

    def _log_constant(self) -> Any:
        """log C(λ)"""
        return self._by_part(
            lambda p: ((cr.log1p(-p) - p.log()) / (1 - 2 * p)).log(),
            lambda d: math.log(2.0) + (4 / 3 + 104 / 45 * d**2) * d**2,
        )

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self.icdf(cr.rand(self._extended_shape(sample_shape), dtype=self.probs.dtype))

    def log_prob(self, value: Any) -> Any:
        logits, value = broadcast_all(self.logits, self._checked(value))
        return -F.binary_cross_entropy_with_logits(logits, value, reduction="none") + self._log_constant()

    def cdf(self, value: Any) -> Any:
        value = self._checked(value)
        inside = self._by_part(
            lambda p: (p**value * (1 - p) ** (1 - value) + p - 1) / (2 * p - 1), lambda d: value + 0 * d
        )
        return inside.masked_fill(value <= 0, 0.0).masked_fill(value >= 1, 1.0)

    def icdf(self, value: Any) -> Any:
        return self._by_part(
            lambda p: (cr.log1p(-p + value * (2 * p - 1)) - cr.log1p(-p)) / (p.log() - cr.log1p(-p)), lambda d: value + 0 * d
        )

    def entropy(self) -> Any:
        no, yes = cr.log1p(-self.probs), self.probs.log()
        return self.mean * (no - yes) - self._log_constant() - no
