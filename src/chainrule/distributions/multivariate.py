"""`MultivariateNormal`: vectors whose entries are jointly normal."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .covariance import MATRICES, Covariance, the_one
from .distribution import Distribution


class MultivariateNormal(Covariance, Distribution):
    """x = loc + L z, z standard normal and L Lᵀ the covariance matrix (L is ``scale_tril``, lower triangular)

    >>> normal = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
    >>> normal.log_prob(torch.zeros(2))
    tensor(-1.8379)
    """

    has_rsample = True
    support = constraints.real_vector
    arg_constraints = {"loc": constraints.real_vector, **MATRICES}

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        name, matrix = the_one(ValueError, covariance_matrix, precision_matrix, scale_tril)
        if matrix.dim() < 2:
            raise ValueError(f"{name} must be at least two-dimensional, with optional leading batch dimensions")
        batch = cr.broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        self.loc = loc.expand(*batch, -1)
        self._keep(name, matrix, batch)
        super().__init__(batch, self.loc.shape[-1:], validate_args=validate_args)
        self._factorise(name, batch)

    @property
    def mean(self) -> Any:
        return self.loc

    @property
    def mode(self) -> Any:
        return self.loc

    @property
    def variance(self) -> Any:
        return self._tril.pow(2).sum(-1).expand(self._batch_shape + self._event_shape)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        z = cr.empty(self._extended_shape(sample_shape), dtype=self.loc.dtype).normal_()
        return self.loc + (self._tril @ z.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Any) -> Any:
        """− ½ (d · log 2π + |L⁻¹ (x − loc)|²) − log det L"""
        apart, tril = self._checked(value) - self.loc, self._tril
        whitened = cr.linalg.solve(tril, apart.unsqueeze(-1)).squeeze(-1)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + whitened.pow(2).sum(-1)) - log_det(tril)

    def entropy(self) -> Any:
        entropy = 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + log_det(self._tril)
        return entropy.expand(self._batch_shape)


def log_det(tril: Any) -> Any:
    """log det of a triangular matrix."""
    return tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
