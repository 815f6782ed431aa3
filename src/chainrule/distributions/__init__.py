"""``torch.distributions``: probability distributions to draw from, with densities that gradients flow through.

After the same `manual_seed`, `sample` draws what PyTorch's draws.
"""

from __future__ import annotations

from typing import Any

from . import constraints as constraints
from . import kl as kl
from . import transforms as transforms
from .categorical import Categorical as Categorical
from .categorical import Multinomial as Multinomial
from .categorical import OneHotCategorical as OneHotCategorical
from .categorical import OneHotCategoricalStraightThrough as OneHotCategoricalStraightThrough
from .composed import HalfCauchy as HalfCauchy
from .composed import HalfNormal as HalfNormal
from .composed import Independent as Independent
from .composed import LogNormal as LogNormal
from .composed import MixtureSameFamily as MixtureSameFamily
from .composed import TransformedDistribution as TransformedDistribution
from .constraint_registry import biject_to as biject_to
from .constraint_registry import transform_to as transform_to
from .continuous_bernoulli import ContinuousBernoulli as ContinuousBernoulli
from .discrete import Bernoulli as Bernoulli
from .discrete import Binomial as Binomial
from .discrete import Geometric as Geometric
from .discrete import NegativeBinomial as NegativeBinomial
from .discrete import Poisson as Poisson
from .distribution import Distribution as Distribution
from .distribution import ExponentialFamily as ExponentialFamily
from .gamma import Beta as Beta
from .gamma import Chi2 as Chi2
from .gamma import Dirichlet as Dirichlet
from .gamma import Exponential as Exponential
from .gamma import Gamma as Gamma
from .gamma import StudentT as StudentT
from .generalized_pareto import GeneralizedPareto as GeneralizedPareto
from .joined_maps import CatTransform as CatTransform
from .joined_maps import StackTransform as StackTransform
from .kl import kl_divergence as kl_divergence
from .kl import register_kl as register_kl
from .lkj_cholesky import LKJCholesky as LKJCholesky
from .location_scale import Cauchy as Cauchy
from .location_scale import Gumbel as Gumbel
from .location_scale import Laplace as Laplace
from .location_scale import Normal as Normal
from .location_scale import Uniform as Uniform
from .lowrank_multivariate_normal import LowRankMultivariateNormal as LowRankMultivariateNormal
from .mapped import FisherSnedecor as FisherSnedecor
from .mapped import InverseGamma as InverseGamma
from .mapped import Kumaraswamy as Kumaraswamy
from .mapped import LogisticNormal as LogisticNormal
from .mapped import Pareto as Pareto
from .mapped import Weibull as Weibull
from .maps import AbsTransform as AbsTransform
from .maps import AffineTransform as AffineTransform
from .maps import CumulativeDistributionTransform as CumulativeDistributionTransform
from .maps import ExpTransform as ExpTransform
from .maps import LowerCholeskyTransform as LowerCholeskyTransform
from .maps import PowerTransform as PowerTransform
from .maps import ReshapeTransform as ReshapeTransform
from .maps import SigmoidTransform as SigmoidTransform
from .maps import SoftmaxTransform as SoftmaxTransform
from .maps import SoftplusTransform as SoftplusTransform
from .maps import StickBreakingTransform as StickBreakingTransform
from .maps import TanhTransform as TanhTransform
from .matrix_maps import CorrCholeskyTransform as CorrCholeskyTransform
from .matrix_maps import PositiveDefiniteTransform as PositiveDefiniteTransform
from .multivariate import MultivariateNormal as MultivariateNormal
from .relaxed import LogitRelaxedBernoulli as LogitRelaxedBernoulli
from .relaxed import RelaxedBernoulli as RelaxedBernoulli
from .relaxed import RelaxedOneHotCategorical as RelaxedOneHotCategorical
from .transforms import ComposeTransform as ComposeTransform
from .transforms import IndependentTransform as IndependentTransform
from .transforms import Transform as Transform
from .transforms import identity_transform as identity_transform
from .von_mises import VonMises as VonMises
from .wishart import Wishart as Wishart

# PyTorch's files, one for each distribution, and ours that hold the same.
FILES = {
    "location_scale": "normal laplace cauchy gumbel uniform",
    "discrete": "bernoulli geometric binomial negative_binomial poisson",
    "gamma": "exponential chi2 beta dirichlet studentT",
    "multivariate": "multivariate_normal",
    "categorical": "one_hot_categorical multinomial",
    "composed": "independent transformed_distribution log_normal half_normal half_cauchy mixture_same_family",
    "mapped": "fishersnedecor inverse_gamma kumaraswamy logistic_normal pareto weibull",
    "relaxed": "relaxed_bernoulli relaxed_categorical",
    "distribution": "exp_family",
    "parameters": "utils",
}
HOME = {theirs: ours for ours, names in FILES.items() for theirs in names.split()}


def __getattr__(name: str) -> Any:
    """``torch.distributions.normal`` and its like."""
    from importlib import import_module

    if name in HOME:
        return import_module(f"{__name__}.{HOME[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
