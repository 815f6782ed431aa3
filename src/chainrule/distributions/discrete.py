"""Distributions over counts: Bernoulli, geometric, binomial, negative binomial, Poisson."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .distribution import Distribution, ExponentialFamily
from .parameters import broadcast_all, lazy, logits_to_probs, one_of, probs_to_logits

F: Any = cr.nn.functional


class YesOrNo(Distribution):
    """What trials of one success probability have in common: it is given as ``probs`` or as ``logits``, the log odds."""

    arg_constraints: Any = {"probs": constraints.unit_interval, "logits": constraints.real}

    def _take(self, probs: Any, logits: Any, *others: Any) -> list[Any]:
        """Set the parameter that is given, broadcast against others; returns these."""
        one_of(probs, logits)
        given, *rest = broadcast_all(logits if probs is None else probs, *others)
        vars(self)["logits" if probs is None else "probs"] = given
        return rest

    @property
    def _param(self) -> Any:
        return vars(self).get("probs", vars(self).get("logits"))

    @property
    def param_shape(self) -> Any:
        return self._param.size()

    @lazy
    def logits(self) -> Any:
        return probs_to_logits(vars(self)["probs"], is_binary=True)

    @lazy
    def probs(self) -> Any:
        return logits_to_probs(vars(self)["logits"], is_binary=True)


class Bernoulli(YesOrNo, ExponentialFamily):
    """p(1) = probs, p(0) = 1 − probs

    >>> torch.distributions.Bernoulli(0.25).log_prob(torch.tensor(1.0))
    tensor(-1.3863)
    """

    support = constraints.boolean
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take(probs, logits)
        super().__init__(self._param.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        mode = (self.probs >= 0.5).to(self.probs.dtype)
        return mode.masked_fill(self.probs == 0.5, math.nan)

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        with cr.no_grad():
            return cr.bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        logits, value = broadcast_all(self.logits, value)
        return -F.binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Any:
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Any:
        values = cr.arange(2, dtype=self._param.dtype).view(-1, *[1] * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


class Geometric(YesOrNo):
    """p(k) = (1 − probs)ᵏ · probs: k failures before the first success"""

    support = constraints.nonnegative_integer

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._take(probs, logits)
        super().__init__(self._param.shape, validate_args=validate_args)
        if self._validate_args and probs is not None and not (self.probs > 0).all():
            wrong = self.probs[~(self.probs > 0)]
            raise ValueError(
                f"Expected parameter probs ({type(self.probs).__name__} of shape {tuple(self.probs.shape)}) of distribution "
                f"{self!r} to be positive but found invalid values:\n{wrong}"
            )

    @property
    def mean(self) -> Any:
        return 1 / self.probs - 1

    @property
    def mode(self) -> Any:
        return cr.zeros_like(self.probs)

    @property
    def variance(self) -> Any:
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        tiny = cr.finfo(self.probs.dtype).tiny
        with cr.no_grad():
            u = cr.empty(self._extended_shape(sample_shape), dtype=self.probs.dtype).uniform_(tiny, 1)
            return (u.log() / (-self.probs).log1p()).floor()

    def log_prob(self, value: Any) -> Any:
        value, probs = broadcast_all(self._checked(value), self.probs)
        failures = cr.where((probs == 1) & (value == 0), cr.zeros_like(probs), probs)  # 0 · log 0 is 0
        return value * (-failures).log1p() + self.probs.log()

    def entropy(self) -> Any:
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs


def log_factor(total: Any, logits: Any) -> Any:
    """n · log(1 + eˡ), for any l."""
    return total * logits.clamp(min=0) + total * cr.log1p(cr.exp(-cr.abs(logits)))


class Binomial(YesOrNo):
    """p(k) = (n choose k) probsᵏ (1 − probs)ⁿ⁻ᵏ: k successes in n = total_count trials"""

    has_enumerate_support = True
    arg_constraints = {"total_count": constraints.nonnegative_integer, **YesOrNo.arg_constraints}

    def __init__(
        self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        (count,) = self._take(probs, logits, total_count)
        self.total_count = count.type_as(self._param)
        super().__init__(self._param.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True)
    def support(self) -> Any:
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Any:
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        shape = self._extended_shape(sample_shape)
        with cr.no_grad():
            return cr.binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Any:
        value, n = self._checked(value), self.total_count
        ways = cr.lgamma(n + 1) - cr.lgamma(value + 1) - cr.lgamma(n - value + 1)
        return ways + value * self.logits - log_factor(n, self.logits)

    def entropy(self) -> Any:
        n = self.total_count.max()
        if not (self.total_count == n).all():
            raise NotImplementedError("Inhomogeneous total count not supported by `entropy`.")
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Any:
        n = int(self.total_count.max())
        if not (self.total_count == n).all():
            raise NotImplementedError("Inhomogeneous total count not supported by `enumerate_support`.")
        values = cr.arange(1 + n, dtype=self._param.dtype).view(-1, *[1] * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


class NegativeBinomial(YesOrNo):
    """k successes, each of probability probs, before total_count failures"""

    support = constraints.nonnegative_integer
    arg_constraints = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }

    def __init__(
        self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        (count,) = self._take(probs, logits, total_count)
        self.total_count = count.type_as(self._param)
        super().__init__(self._param.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.total_count * cr.exp(self.logits)

    @property
    def mode(self) -> Any:
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Any:
        return self.mean / cr.sigmoid(-self.logits)

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        from .gamma import Gamma

        with cr.no_grad():
            rates = Gamma(self.total_count, cr.exp(-self.logits), validate_args=False).sample(sample_shape)
            return cr.poisson(rates)

    def log_prob(self, value: Any) -> Any:
        value, n = self._checked(value), self.total_count
        ways = cr.lgamma(n + value) - cr.lgamma(1 + value) - cr.lgamma(n)
        ways = ways.masked_fill(n + value == 0, 0.0)
        return n * F.logsigmoid(-self.logits) + value * F.logsigmoid(self.logits) + ways


class Poisson(ExponentialFamily):
    """p(k) = rateᵏ e^(−rate) / k!

    >>> torch.distributions.Poisson(2.0).log_prob(torch.tensor(1.0))
    tensor(-1.3069)
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.rate

    @property
    def mode(self) -> Any:
        return self.rate.floor()

    @property
    def variance(self) -> Any:
        return self.rate

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        with cr.no_grad():
            return cr.poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        rate, value = broadcast_all(self.rate, self._checked(value))
        return cr.xlogy(value, rate) - rate - (value + 1).lgamma()
