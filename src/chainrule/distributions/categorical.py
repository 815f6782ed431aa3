"""Distributions over a few classes: one drawn, one drawn as a one-hot vector, many drawn and counted."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .discrete import Binomial
from .distribution import Distribution
from .parameters import lazy, logits_to_probs, one_of, probs_to_logits


class Categorical(Distribution):
    """p(k) = probs[k] / Σ probs, or softmax(logits)[k]: the last axis lists the classes 0, 1, …

    >>> _ = torch.manual_seed(0)
    >>> classes = torch.distributions.Categorical(torch.tensor([0.1, 0.2, 0.7]))
    >>> classes.sample((5,)), classes.log_prob(torch.tensor(2))
    (tensor([2, 2, 2, 2, 2]), tensor(-0.3567))
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        one_of(probs, logits)
        given, name = (logits, "logits") if probs is None else (probs, "probs")
        if given.dim() < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if probs is None:
            vars(self)["logits"] = logits - logits.logsumexp(dim=-1, keepdim=True)
        else:
            vars(self)["probs"] = probs / probs.sum(-1, keepdim=True)
        super().__init__(given.shape[:-1], validate_args=validate_args)

    @lazy
    def logits(self) -> Any:
        return probs_to_logits(vars(self)["probs"])

    @lazy
    def probs(self) -> Any:
        return logits_to_probs(vars(self)["logits"])

    @property
    def _param(self) -> Any:
        return vars(self).get("probs", vars(self).get("logits"))

    @property
    def param_shape(self) -> Any:
        return self._param.size()

    @property
    def _num_events(self) -> int:
        return self._param.size(-1)

    @constraints.dependent_property(is_discrete=True)
    def support(self) -> Any:
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Any:
        return cr.full(self._extended_shape(), math.nan, dtype=self.probs.dtype)

    @property
    def mode(self) -> Any:
        return self.probs.argmax(dim=-1)

    @property
    def variance(self) -> Any:
        return self.mean

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        shape = cr.Size(sample_shape)
        with cr.no_grad():
            rows = self.probs.reshape(-1, self._num_events)
            return cr.multinomial(rows, shape.numel(), True).T.reshape(self._extended_shape(shape))

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value).long().unsqueeze(-1)
        value, logits = cr.broadcast_tensors(value, self.logits)
        return logits.gather(-1, value[..., :1]).squeeze(-1)

    def entropy(self) -> Any:
        log_p = self.logits.clamp(min=cr.finfo(self.logits.dtype).min)  # 0 · −∞ is 0
        return -(log_p * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Any:
        values = cr.arange(self._num_events, dtype=cr.long).view(-1, *[1] * len(self._batch_shape))
        return values.expand(-1, *self._batch_shape) if expand else values


class OverCategorical(Distribution):
    """What distributions made from draws of a `Categorical` share."""

    arg_constraints = Categorical.arg_constraints
    _categorical: Categorical

    @property
    def probs(self) -> Any:
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        return self._categorical.logits

    @property
    def _param(self) -> Any:
        return self._categorical._param

    @property
    def param_shape(self) -> Any:
        return self._categorical.param_shape

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        made = super().expand(batch_shape, _instance)
        made._categorical = self._categorical.expand(batch_shape)
        return made


class OneHotCategorical(OverCategorical):
    """A `Categorical` whose class k is the vector with 1 at k and 0 elsewhere"""

    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._categorical = Categorical(probs, logits)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> Any:
        return self.probs

    @property
    def mode(self) -> Any:
        return self._one_hot(self.probs.argmax(dim=-1)).to(self.probs.dtype)

    @property
    def variance(self) -> Any:
        return self.probs * (1 - self.probs)

    def _one_hot(self, classes: Any) -> Any:
        return cr.nn.functional.one_hot(classes, self._categorical._num_events)

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        return self._one_hot(self._categorical.sample(sample_shape)).to(self.probs.dtype)

    def log_prob(self, value: Any) -> Any:
        return self._categorical.log_prob(self._checked(value).argmax(-1))

    def entropy(self) -> Any:
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Any:
        n = self.event_shape[0]
        values = cr.eye(n, dtype=self._param.dtype).view(n, *[1] * len(self.batch_shape), n)
        return values.expand(n, *self.batch_shape, n) if expand else values


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """One-hot samples through which gradients flow as if they were the probabilities (Bengio et al., 2013)"""

    has_rsample = True

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())


class Multinomial(OverCategorical):
    """How often each class comes in total_count draws: p(k) = n! / Πₖ kᵢ! · Π pᵢ^kᵢ"""

    total_count: int

    def __init__(
        self, total_count: int = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs=probs, logits=logits)
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Any:
        return self.probs * self.total_count

    @property
    def variance(self) -> Any:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        shape = cr.Size(sample_shape)
        draws = self._categorical.sample(cr.Size((self.total_count,)) + shape)
        draws = draws.permute(*range(1, draws.dim()), 0)
        counts = cr.zeros(self._extended_shape(shape), dtype=self.probs.dtype)
        return counts.scatter_add_(-1, draws, cr.ones_like(draws, dtype=self.probs.dtype))

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        logits, value = cr.broadcast_tensors(self.logits, value)
        ways = cr.lgamma(value.sum(-1) + 1) - cr.lgamma(value + 1).sum(-1)
        logits = logits.masked_fill((value == 0) & (logits == -math.inf), 0.0)
        return ways + (logits * value).sum(-1)

    def entropy(self) -> Any:
        n = cr.tensor(self.total_count)
        counted = Binomial(self.total_count, self.probs)
        support = counted.enumerate_support(expand=False)[1:]
        weights = (cr.exp(counted.log_prob(support)) * cr.lgamma(support + 1)).sum([0, -1])
        return n * self._categorical.entropy() - cr.lgamma(n + 1) + weights
