"""Classes and yes-or-no softened so that gradients flow through the draw: the Gumbel-softmax or Concrete distribution.

Maddison, Mnih and Teh, 2017; Jang, Gu and Poole, 2017. Lower temperatures are closer to one-hot.
"""

from __future__ import annotations

from typing import Any

import chainrule as cr

from . import constraints
from .categorical import Categorical
from .composed import TransformedDistribution
from .discrete import YesOrNo
from .distribution import Distribution
from .maps import ExpTransform, SigmoidTransform
from .parameters import clamp_probs, logits_to_probs


class ExpRelaxedCategorical(Distribution):
    """log y, y of a `RelaxedOneHotCategorical`: (logits + Gumbel noise)/temperature, less its logsumexp"""

    arg_constraints = Categorical.arg_constraints
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self._categorical = Categorical(probs, logits)
        self.temperature = temperature
        super().__init__(self._categorical.batch_shape, self._categorical.param_shape[-1:], validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        temperature = self.temperature
        made = super().expand(batch_shape, _instance)
        made._categorical, made.temperature = self._categorical.expand(batch_shape), temperature
        return made

    @property
    def probs(self) -> Any:
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        return self._categorical.logits

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        uniforms = clamp_probs(cr.rand(self._extended_shape(sample_shape), dtype=self.logits.dtype))
        scores = (self.logits - (-uniforms.log()).log()) / self.temperature
        return scores - scores.logsumexp(dim=-1, keepdim=True)

    def log_prob(self, value: Any) -> Any:
        k = self._categorical._num_events
        value = self._checked(value)
        logits, value = cr.broadcast_tensors(self.logits, value)
        temperature = cr.as_tensor(self.temperature, dtype=logits.dtype)
        log_scale = cr.full_like(temperature, float(k)).lgamma() - temperature.log().mul(-(k - 1))
        score = logits - value.mul(temperature)
        score = (score - score.logsumexp(dim=-1, keepdim=True)).sum(-1)
        return score + log_scale


class RelaxedOneHotCategorical(TransformedDistribution):
    """Proportions near a one-hot vector, as near as the temperature is low"""

    arg_constraints = Categorical.arg_constraints
    support = constraints.simplex

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        return self.base_dist.temperature  # type: ignore[attr-defined]

    @property
    def logits(self) -> Any:
        return self.base_dist.logits  # type: ignore[attr-defined]

    @property
    def probs(self) -> Any:
        return self.base_dist.probs  # type: ignore[attr-defined]


class LogitRelaxedBernoulli(YesOrNo):
    """The log odds of a `RelaxedBernoulli`: (logits + logistic noise)/temperature"""

    support = constraints.real
    has_rsample = True

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self.temperature = temperature
        self._take(probs, logits)
        super().__init__(self._param.shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        temperature = self.temperature
        made = super().expand(batch_shape, _instance)
        made.temperature = temperature
        return made

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        shape = self._extended_shape(sample_shape)
        probs = clamp_probs(logits_to_probs(self.logits, is_binary=True).expand(shape))
        u = clamp_probs(cr.rand(shape, dtype=probs.dtype))
        return (u.log() - (-u).log1p() + probs.log() - (-probs).log1p()) / self.temperature

    def log_prob(self, value: Any) -> Any:
        value = self._checked(value)
        logits, value = cr.broadcast_tensors(self.logits, value)
        temperature = cr.as_tensor(self.temperature, dtype=logits.dtype)
        apart = logits - value.mul(temperature)
        return temperature.log() + apart - 2 * apart.exp().log1p()


class RelaxedBernoulli(TransformedDistribution):
    """Numbers in (0, 1), as near to 0 or 1 as the temperature is low"""

    arg_constraints = YesOrNo.arg_constraints
    support = constraints.unit_interval

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        return self.base_dist.temperature  # type: ignore[attr-defined]

    @property
    def logits(self) -> Any:
        return self.base_dist.logits  # type: ignore[attr-defined]

    @property
    def probs(self) -> Any:
        return self.base_dist.probs  # type: ignore[attr-defined]
