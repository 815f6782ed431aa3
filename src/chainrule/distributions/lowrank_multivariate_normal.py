"""`LowRankMultivariateNormal`: a few directions that all entries share, and noise of their own."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .distribution import Distribution
from .multivariate import log_det
from .parameters import lazy


class LowRankMultivariateNormal(Distribution):
    """x = loc + W z + √D ε, so that the covariance is W Wᵀ + D: W (n, r) is ``cov_factor``, D the diagonal ``cov_diag``

    Nothing n × n is factorised: with K = I + Wᵀ D⁻¹ W (r × r), log det(W Wᵀ + D) = log det K + Σ log Dᵢ, and the inverse
    is D⁻¹ − D⁻¹ W K⁻¹ Wᵀ D⁻¹ (Woodbury).

    >>> D = torch.distributions
    >>> D.LowRankMultivariateNormal(torch.zeros(2), torch.ones(2, 1), torch.ones(2)).covariance_matrix
    tensor([[2., 1.],
            [1., 2.]])
    """

    has_rsample = True
    support = constraints.real_vector
    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }

    def __init__(self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        n = loc.shape[-1]
        if cov_factor.dim() < 2:
            raise ValueError("cov_factor must be at least two-dimensional, with optional leading batch dimensions")
        if cov_factor.shape[-2] != n:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {n} x m")
        if cov_diag.shape[-1:] != (n,):
            raise ValueError(f"cov_diag must be a batch of vectors with shape {cr.Size((n,))}")
        try:
            batch = cr.broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        except RuntimeError as e:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from e
        self.loc, self.cov_diag = loc.expand(*batch, n), cov_diag.expand(*batch, n)
        self.cov_factor = cov_factor.expand(*batch, n, cov_factor.shape[-1])
        super().__init__(batch, (n,), validate_args=validate_args)

    @property
    def _capacitance(self) -> Any:
        """The Cholesky factor of K = I + Wᵀ D⁻¹ W"""
        w = self.cov_factor
        inner = w.mT @ (w / self.cov_diag.unsqueeze(-1))
        return cr.linalg.cholesky(inner + cr.eye(w.shape[-1], dtype=w.dtype))

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @lazy
    def variance(self) -> Any:
        return self.cov_factor.pow(2).sum(-1) + self.cov_diag

    @lazy
    def covariance_matrix(self) -> Any:
        """W Wᵀ + D"""
        return self.cov_factor @ self.cov_factor.mT + self.cov_diag.diag_embed()

    @lazy
    def scale_tril(self) -> Any:
        """The Cholesky factor of the covariance."""
        return cr.linalg.cholesky(self.covariance_matrix)

    @lazy
    def precision_matrix(self) -> Any:
        half = cr.linalg.solve_triangular(self._capacitance, (self.cov_factor / self.cov_diag.unsqueeze(-1)).mT, upper=False)
        return self.cov_diag.reciprocal().diag_embed() - half.mT @ half

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        shape = self._extended_shape(sample_shape)
        shared = cr.empty(*shape[:-1], self.cov_factor.shape[-1], dtype=self.loc.dtype).normal_()
        own = cr.empty(shape, dtype=self.loc.dtype).normal_()
        return self.loc + (self.cov_factor @ shared.unsqueeze(-1)).squeeze(-1) + self.cov_diag.sqrt() * own

    def log_prob(self, value: Any) -> Any:
        """− ½ (n log 2π + log det + (x − loc)ᵀ (W Wᵀ + D)⁻¹ (x − loc))"""
        apart = self._checked(value) - self.loc
        capacitance = self._capacitance
        shared = self.cov_factor.mT @ (apart / self.cov_diag).unsqueeze(-1)
        inside = cr.linalg.solve_triangular(capacitance, shared, upper=False).squeeze(-1)
        distance = (apart.pow(2) / self.cov_diag).sum(-1) - inside.pow(2).sum(-1)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + self._log_det(capacitance) + distance)

    def _log_det(self, capacitance: Any) -> Any:
        return 2 * log_det(capacitance) + self.cov_diag.log().sum(-1)

    def entropy(self) -> Any:
        entropy = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + self._log_det(self._capacitance))
        return entropy.expand(self._batch_shape)
