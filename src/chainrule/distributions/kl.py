"""Kullback–Leibler divergences KL(p‖q) = E_p[log p(x) − log q(x)], one formula for each pair of families."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import chainrule as cr

from ..base.errors import message
from .categorical import Categorical, OneHotCategorical
from .composed import HalfNormal, Independent, TransformedDistribution
from .continuous_bernoulli import ContinuousBernoulli
from .discrete import Bernoulli, Binomial, Geometric, Poisson
from .distribution import Distribution
from .gamma import Beta, Dirichlet, Exponential, Gamma
from .location_scale import EULER, Cauchy, Gumbel, Laplace, Normal, Uniform
from .lowrank_multivariate_normal import LowRankMultivariateNormal
from .multivariate import MultivariateNormal, log_det
from .parameters import sum_rightmost

Rule = Callable[[Any, Any], Any]
RULES: dict[tuple[type, type], Rule] = {}


def register_kl(type_p: type, type_q: type) -> Callable[[Rule], Rule]:
    """A decorator for the formula of a pair of classes; it holds for their subclasses too."""
    for kind in (type_p, type_q):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(f"Expected type_p and type_q to be Distribution subclasses but got {kind}")

    def register(rule: Rule) -> Rule:
        RULES[type_p, type_q] = rule
        return rule

    return register


def find(type_p: type, type_q: type) -> Rule | None:
    """The formula of the nearest pair of base classes."""
    pairs = [(p, q) for p, q in RULES if issubclass(type_p, p) and issubclass(type_q, q)]
    if not pairs:
        return None
    return RULES[min(pairs, key=lambda pair: (type_p.__mro__.index(pair[0]), type_q.__mro__.index(pair[1])))]


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """KL(p‖q), of p's batch shape.

    >>> D = torch.distributions
    >>> D.kl_divergence(D.Normal(0.0, 1.0), D.Normal(1.0, 1.0))
    tensor(0.5000)
    """
    rule = find(type(p), type(q))
    if rule is None:
        raise NotImplementedError(
            message(
                f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}",
                instead="x = p.sample((1000,)); (p.log_prob(x) - q.log_prob(x)).mean(0), an estimate",
            )
        )
    return rule(p, q)


# ---------------------------------------------------------------------- numbers


@register_kl(Normal, Normal)
def normal(p: Any, q: Any) -> Any:
    ratio, apart = (p.scale / q.scale).pow(2), ((p.loc - q.loc) / q.scale).pow(2)
    return 0.5 * (ratio + apart - 1 - ratio.log())


@register_kl(HalfNormal, HalfNormal)
def half_normal(p: Any, q: Any) -> Any:
    return normal(p.base_dist, q.base_dist)


@register_kl(Laplace, Laplace)
def laplace(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + apart / q.scale + ratio * cr.exp(-apart / p.scale) - 1


@register_kl(Cauchy, Cauchy)
def cauchy(p: Any, q: Any) -> Any:
    return ((p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)).log() - (4 * p.scale * q.scale).log()


@register_kl(Gumbel, Gumbel)
def gumbel(p: Any, q: Any) -> Any:
    ratio, apart_q, apart_p = p.scale / q.scale, q.loc / q.scale, p.loc / q.scale
    mean = ratio * EULER + apart_p - apart_q
    return -ratio.log() + mean + cr.exp(-apart_p + apart_q + (1 + ratio).lgamma()) - (1 + EULER)


@register_kl(Uniform, Uniform)
def uniform(p: Any, q: Any) -> Any:
    inside = (q.low <= p.low) & (q.high >= p.high)
    return ((q.high - q.low) / (p.high - p.low)).log().masked_fill(~inside, math.inf)


@register_kl(Uniform, Normal)
def uniform_normal(p: Any, q: Any) -> Any:
    width = p.high - p.low
    around = ((p.high + p.low - 2 * q.loc) / 2).pow(2) + width.pow(2) / 12
    return 0.5 * math.log(2 * math.pi) + (q.scale / width).log() + 0.5 * around / q.scale.pow(2)


@register_kl(Normal, Laplace)
def normal_laplace(p: Any, q: Any) -> Any:
    apart, ratio = (p.loc - q.loc), p.scale / q.scale
    away = math.sqrt(2 / math.pi) * p.scale * cr.exp(-0.5 * (apart / p.scale).pow(2))
    away = away + apart * cr.erf(math.sqrt(0.5) * apart / p.scale)
    return -ratio.log() + away / q.scale - (0.5 * math.log(0.5 * math.pi) + 0.5)


@register_kl(Exponential, Exponential)
def exponential(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return -ratio.log() + ratio - 1


@register_kl(Gamma, Gamma)
def gamma(p: Any, q: Any) -> Any:
    return (
        q.concentration * (p.rate / q.rate).log()
        + cr.lgamma(q.concentration)
        - cr.lgamma(p.concentration)
        + (p.concentration - q.concentration) * cr.digamma(p.concentration)
        + (q.rate - p.rate) * (p.concentration / p.rate)
    )


@register_kl(Exponential, Gamma)
def exponential_gamma(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return -q.concentration * ratio.log() + ratio + q.concentration.lgamma() + q.concentration * EULER - (1 + EULER)


@register_kl(Beta, Beta)
def beta(p: Any, q: Any) -> Any:
    total_p, total_q = p.concentration1 + p.concentration0, q.concentration1 + q.concentration0
    norm_q = q.concentration1.lgamma() + q.concentration0.lgamma() + total_p.lgamma()
    norm_p = p.concentration1.lgamma() + p.concentration0.lgamma() + total_q.lgamma()
    moved_1 = (p.concentration1 - q.concentration1) * cr.digamma(p.concentration1)
    moved_0 = (p.concentration0 - q.concentration0) * cr.digamma(p.concentration0)
    return norm_q - norm_p + moved_1 + moved_0 + (total_q - total_p) * cr.digamma(total_p)


@register_kl(Dirichlet, Dirichlet)
def dirichlet(p: Any, q: Any) -> Any:
    total_p, total_q = p.concentration.sum(-1), q.concentration.sum(-1)
    norms = total_p.lgamma() - total_q.lgamma() - (p.concentration.lgamma() - q.concentration.lgamma()).sum(-1)
    logs = p.concentration.digamma() - total_p.digamma().unsqueeze(-1)
    return norms + ((p.concentration - q.concentration) * logs).sum(-1)


# ---------------------------------------------------------------------- counts and classes


@register_kl(Bernoulli, Bernoulli)
def bernoulli(p: Any, q: Any) -> Any:
    softplus = cr.nn.functional.softplus
    yes = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    yes = yes.masked_fill(q.probs == 0, math.inf).masked_fill(p.probs == 0, 0.0)
    no = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    no = no.masked_fill(q.probs == 1, math.inf).masked_fill(p.probs == 1, 0.0)
    return yes + no


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def continuous_bernoulli(p: Any, q: Any) -> Any:
    odds = p.mean * (p.logits - q.logits)
    return odds + p._log_constant() + cr.log1p(-p.probs) - q._log_constant() - cr.log1p(-q.probs)


@register_kl(Binomial, Binomial)
def binomial(p: Any, q: Any) -> Any:
    if (p.total_count < q.total_count).any():
        raise NotImplementedError("KL between Binomials where q.total_count > p.total_count is not implemented")
    kl = p.total_count * (p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p())
    return kl.masked_fill(p.total_count > q.total_count, math.inf)


@register_kl(Geometric, Geometric)
def geometric(p: Any, q: Any) -> Any:
    return -p.entropy() - cr.log1p(-q.probs) / p.probs - q.logits


@register_kl(Poisson, Poisson)
def poisson(p: Any, q: Any) -> Any:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(Categorical, Categorical)
def categorical(p: Any, q: Any) -> Any:
    t = p.probs * (p.logits - q.logits)
    t = t.masked_fill(q.probs == 0, math.inf).masked_fill(p.probs == 0, 0.0)
    return t.sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def one_hot(p: Any, q: Any) -> Any:
    return categorical(p._categorical, q._categorical)


# ---------------------------------------------------------------------- vectors, and distributions made of others


@register_kl(MultivariateNormal, MultivariateNormal)
def multivariate_normal(p: Any, q: Any) -> Any:
    """½ (tr Σq⁻¹Σp + |Lq⁻¹(μp − μq)|² − d) + log det Lq − log det Lp"""
    if p.event_shape != q.event_shape:
        raise ValueError(
            "KL-divergence between two Multivariate Normals with different event shapes cannot be computed: "
            f"{p.event_shape} and {q.event_shape}"
        )
    spread = cr.linalg.solve_triangular(q._tril, p._tril, upper=False).pow(2).sum([-2, -1])
    apart = cr.linalg.solve(q._tril, (q.loc - p.loc).unsqueeze(-1)).squeeze(-1).pow(2).sum(-1)
    return log_det(q._tril) - log_det(p._tril) + 0.5 * (spread + apart - p.event_shape[0])


@register_kl(LowRankMultivariateNormal, LowRankMultivariateNormal)
@register_kl(LowRankMultivariateNormal, MultivariateNormal)
@register_kl(MultivariateNormal, LowRankMultivariateNormal)
def low_rank_normal(p: Any, q: Any) -> Any:
    """By the Cholesky factors of the whole covariances"""
    return multivariate_normal(*(MultivariateNormal(d.loc, scale_tril=factor(d), validate_args=False) for d in (p, q)))


def factor(d: Any) -> Any:
    return d._tril if isinstance(d, MultivariateNormal) else cr.linalg.cholesky(d.covariance_matrix)


@register_kl(Independent, Independent)
def independent(p: Any, q: Any) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError(
            f"KL of Independents with {p.reinterpreted_batch_ndims} and {q.reinterpreted_batch_ndims} reinterpreted axes"
        )
    return sum_rightmost(kl_divergence(p.base_dist, q.base_dist), p.reinterpreted_batch_ndims)


@register_kl(TransformedDistribution, TransformedDistribution)
def transformed(p: Any, q: Any) -> Any:
    """The same map on both sides changes nothing"""
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError("KL of transformed distributions is known where the transforms are the same")
    return kl_divergence(p.base_dist, q.base_dist)
