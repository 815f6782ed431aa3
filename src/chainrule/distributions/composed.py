"""Distributions made of others: batches taken as events, values mapped, several mixed."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .categorical import Categorical
from .distribution import Distribution
from .location_scale import Cauchy, Normal
from .maps import AbsTransform, ExpTransform
from .parameters import sum_rightmost
from .transforms import ComposeTransform, Transform


class Independent(Distribution):
    """The last ``reinterpreted_batch_ndims`` batch axes of a distribution taken as axes of its events: log-densities add up."""

    arg_constraints: Any = {}

    def __init__(
        self, base_distribution: Distribution, reinterpreted_batch_ndims: int, validate_args: bool | None = None
    ) -> None:
        base, n = base_distribution, reinterpreted_batch_ndims
        if n > len(base.batch_shape):
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), "
                f"actual {n} vs {len(base.batch_shape)}"
            )
        self.base_dist, self.reinterpreted_batch_ndims = base, n
        shape, kept = base.batch_shape + base.event_shape, len(base.batch_shape) - n
        super().__init__(shape[:kept], shape[kept:], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        made.base_dist = self.base_dist.expand(cr.Size(batch_shape) + self.event_shape[: self.reinterpreted_batch_ndims])
        return made

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self) -> bool:  # type: ignore[override]
        return self.reinterpreted_batch_ndims == 0 and self.base_dist.has_enumerate_support

    @constraints.dependent_property
    def support(self) -> Any:
        inner = self.base_dist.support
        return constraints.independent(inner, self.reinterpreted_batch_ndims) if self.reinterpreted_batch_ndims else inner

    @property
    def mean(self) -> Any:
        return self.base_dist.mean

    @property
    def mode(self) -> Any:
        return self.base_dist.mode

    @property
    def variance(self) -> Any:
        return self.base_dist.variance

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        return sum_rightmost(self.base_dist.log_prob(value), self.reinterpreted_batch_ndims)

    def entropy(self) -> Any:
        return sum_rightmost(self.base_dist.entropy(), self.reinterpreted_batch_ndims)

    def enumerate_support(self, expand: bool = True) -> Any:
        if self.reinterpreted_batch_ndims > 0:
            raise NotImplementedError("Enumeration over cartesian product is not implemented")
        return self.base_dist.enumerate_support(expand)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_dist}, {self.reinterpreted_batch_ndims})"


class TransformedDistribution(Distribution):
    """y = f(x) for x of a distribution and a list of maps f: log p(y) = log p(x) − log |det ∂y/∂x|

    >>> D = torch.distributions
    >>> D.TransformedDistribution(D.Normal(0.0, 1.0), [D.ExpTransform()]).log_prob(torch.tensor(1.0))
    tensor(-0.9189)
    """

    arg_constraints: Any = {}

    def __init__(self, base_distribution: Distribution, transforms: Any, validate_args: bool | None = None) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if not all(isinstance(t, Transform) for t in self.transforms):
            raise ValueError("transforms must be a Transform or a list of Transforms")
        base, f = base_distribution, ComposeTransform(self.transforms)
        shape = base.batch_shape + base.event_shape
        if len(shape) < f.domain.event_dim:
            raise ValueError(
                f"base_distribution needs to have shape with size at least {f.domain.event_dim}, but got {shape}."
            )
        reached = f.forward_shape(shape)
        before = f.inverse_shape(reached)
        if before != shape:
            base = base.expand(before[: len(before) - len(base.event_shape)])
        more = f.domain.event_dim - len(base.event_shape)
        self.base_dist = Independent(base, more) if more > 0 else base
        events = f.codomain.event_dim + max(len(base.event_shape) - f.domain.event_dim, 0)
        kept = len(reached) - events
        super().__init__(reached[:kept], reached[kept:], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        shape = ComposeTransform(self.transforms).inverse_shape(cr.Size(batch_shape) + self.event_shape)
        made.base_dist = self.base_dist.expand(shape[: len(shape) - len(self.base_dist.event_shape)])
        return made

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        return self.base_dist.has_rsample

    @constraints.dependent_property
    def support(self) -> Any:
        if not self.transforms:
            return self.base_dist.support
        last = self.transforms[-1].codomain
        more = len(self.event_shape) - last.event_dim
        return constraints.independent(last, more) if more > 0 else last

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        with cr.no_grad():
            return self._forward(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self._forward(self.base_dist.rsample(sample_shape))

    def _forward(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value: Any) -> Any:
        y, events, log_prob = self._checked(value), len(self.event_shape), 0.0
        for transform in reversed(self.transforms):
            x = transform._inv_call(y)
            events += transform.domain.event_dim - transform.codomain.event_dim
            log_prob = log_prob - sum_rightmost(
                transform.log_abs_det_jacobian(x, y), events - transform.domain.event_dim
            )
            y = x
        return log_prob + sum_rightmost(self.base_dist.log_prob(y), events - len(self.base_dist.event_shape))

    def cdf(self, value: Any) -> Any:
        value = self._checked(value)
        for transform in reversed(self.transforms):
            value = transform._inv_call(value)
        return self._turned(self.base_dist.cdf(value))

    def icdf(self, value: Any) -> Any:
        return self._forward(self.base_dist.icdf(self._turned(value)))

    def _turned(self, probability: Any) -> Any:
        """A falling map exchanges what is below and above."""
        sign = ComposeTransform(self.transforms).sign
        return probability if isinstance(sign, int) and sign == 1 else sign * (probability - 0.5) + 0.5


class LogNormal(TransformedDistribution):
    """y = eˣ, x normal"""

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.positive

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(loc, scale, validate_args=validate_args), ExpTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        return self.base_dist.loc  # type: ignore[attr-defined]

    @property
    def scale(self) -> Any:
        return self.base_dist.scale  # type: ignore[attr-defined]

    @property
    def mean(self) -> Any:
        return (self.loc + self.scale.pow(2) / 2).exp()

    @property
    def mode(self) -> Any:
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Any:
        square = self.scale.pow(2)
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self) -> Any:
        return self.base_dist.entropy() + self.loc


class Folded(TransformedDistribution):
    """y = |x|, x of a distribution symmetric around 0"""

    arg_constraints = {"scale": constraints.positive}
    support = constraints.nonnegative

    @property
    def scale(self) -> Any:
        return self.base_dist.scale  # type: ignore[attr-defined]

    @property
    def mode(self) -> Any:
        return cr.zeros_like(self.scale)

    def log_prob(self, value: Any) -> Any:
        value = cr.as_tensor(self._checked(value), dtype=self.scale.dtype)
        return (self.base_dist.log_prob(value) + math.log(2)).masked_fill(value < 0, -math.inf)

    def cdf(self, value: Any) -> Any:
        return 2 * self.base_dist.cdf(self._checked(value)) - 1

    def icdf(self, value: Any) -> Any:
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        return self.base_dist.entropy() - math.log(2)


class HalfNormal(Folded):
    """|x|, x normal around 0"""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Normal(0, scale, validate_args=False), AbsTransform(), validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        return self.scale.pow(2) * (1 - 2 / math.pi)


class HalfCauchy(Folded):
    """|x|, x of Cauchy's distribution around 0"""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Cauchy(0, scale, validate_args=False), AbsTransform(), validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return cr.full_like(self.scale, math.inf)

    @property
    def variance(self) -> Any:
        return self.base_dist.variance


class MixtureSameFamily(Distribution):
    """p(x) = Σₖ wₖ pₖ(x): the last batch axis of ``component_distribution`` lists the parts, a `Categorical` their weights"""

    arg_constraints: Any = {}

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        mixture, parts = mixture_distribution, component_distribution
        if not isinstance(mixture, Categorical):
            raise ValueError("The Mixture distribution needs to be an instance of torch.distributions.Categorical")
        if not isinstance(parts, Distribution):
            raise ValueError(
                "The Component distribution need to be an instance of torch.distributions.Distribution"
            )
        if mixture.logits.shape[-1] != parts.batch_shape[-1]:
            raise ValueError(
                f"`mixture_distribution component` ({mixture.logits.shape[-1]}) does not equal "
                f"`component_distribution.batch_shape[-1]` ({parts.batch_shape[-1]})"
            )
        self._mixture_distribution, self._component_distribution = mixture, parts
        super().__init__(parts.batch_shape[:-1], parts.event_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        shape, parts = cr.Size(batch_shape), self._component_distribution
        made._component_distribution = parts.expand(shape + parts.batch_shape[-1:])
        made._mixture_distribution = self._mixture_distribution.expand(shape)
        return made

    @property
    def mixture_distribution(self) -> Categorical:
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Distribution:
        return self._component_distribution

    @constraints.dependent_property
    def support(self) -> Any:
        return constraints.MixtureSameFamilyConstraint(self._component_distribution.support)

    def _over_events(self, weights: Any) -> Any:
        return weights.reshape(*weights.shape, *[1] * len(self.event_shape))

    def _axis(self) -> int:
        return -1 - len(self.event_shape)

    @property
    def mean(self) -> Any:
        weights = self._over_events(self._mixture_distribution.probs)
        return (weights * self._component_distribution.mean).sum(self._axis())

    @property
    def variance(self) -> Any:
        """The mean of the variances, and the variance of the means"""
        weights, parts = self._over_events(self._mixture_distribution.probs), self._component_distribution
        within = (weights * parts.variance).sum(self._axis())
        between = (weights * (parts.mean - self.mean.unsqueeze(self._axis())).pow(2.0)).sum(self._axis())
        return within + between

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        with cr.no_grad():
            which = self._over_events(self._mixture_distribution.sample(sample_shape)).unsqueeze(self._axis())
            drawn = self._component_distribution.sample(sample_shape)
            shape = list(drawn.shape)
            shape[self._axis()] = 1
            return drawn.gather(self._axis(), which.expand(shape)).squeeze(self._axis())

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value).unsqueeze(self._axis())
        weights = cr.log_softmax(self._mixture_distribution.logits, dim=-1)
        return cr.logsumexp(self._component_distribution.log_prob(value) + weights, dim=-1)

    def cdf(self, value: Any) -> Any:
        value = self._checked(value).unsqueeze(self._axis())
        return (self._component_distribution.cdf(value) * self._mixture_distribution.probs).sum(-1)

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self._mixture_distribution},\n  {self._component_distribution})"
