"""`Wishart`: covariance matrices."""

from __future__ import annotations

import math
import warnings
from typing import Any

import chainrule as cr

from . import constraints
from .covariance import MATRICES, Covariance, the_one
from .distribution import ExponentialFamily
from .gamma import Chi2
from .multivariate import log_det


class Wishart(Covariance, ExponentialFamily):
    """Σ xᵢ xᵢᵀ of ``df`` vectors x ~ N(0, V), V = L Lᵀ being the ``covariance_matrix``: p × p matrices, df > p − 1

    >>> torch.distributions.Wishart(torch.tensor(4.0), torch.eye(2)).mean
    tensor([[4., 0.],
            [0., 4.]])
    """

    has_rsample = True
    support = constraints.positive_definite

    @property
    def arg_constraints(self) -> Any:  # type: ignore[override]
        return {**MATRICES, "df": constraints.greater_than(self._event_shape[-1] - 1)}

    def __init__(
        self,
        df: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        name, matrix = the_one(AssertionError, covariance_matrix, precision_matrix, scale_tril)
        if matrix.dim() < 2:
            raise ValueError("scale_tril must be at least two-dimensional, with optional leading batch dimensions")
        df = cr.as_tensor(df, dtype=matrix.dtype)
        batch, p = cr.broadcast_shapes(matrix.shape[:-2], df.shape), matrix.shape[-1]
        if (df <= p - 1).any():
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {p - 1}.")
        if (df < p).any():
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.", stacklevel=2
            )
        self.df = df.expand(batch)
        self._keep(name, matrix, batch)
        super().__init__(batch, matrix.shape[-2:], validate_args=validate_args)
        self._factorise(name, batch)

    @property
    def _df(self) -> Any:
        return self.df[..., None, None]

    @property
    def mean(self) -> Any:
        return self._df * self.covariance_matrix

    @property
    def mode(self) -> Any:
        """(df − p − 1) V, which is a mode where df > p + 1"""
        factor = self._df - self._event_shape[-1] - 1
        return factor.masked_fill(factor <= 0, math.nan) * self.covariance_matrix

    @property
    def variance(self) -> Any:
        v = self.covariance_matrix
        diagonal = v.diagonal(dim1=-2, dim2=-1)
        return self._df * (v**2 + diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2))

    def _bartlett(self, shape: Any) -> Any:
        """L A (L A)ᵀ, A lower triangular with χ² numbers' roots on its diagonal and normal ones below."""
        p, dtype = self._event_shape[-1], self.df.dtype
        diagonal = Chi2(self.df.unsqueeze(-1) - cr.arange(p, dtype=dtype)).rsample(shape).sqrt()
        i, j = cr.tril_indices(p, p, offset=-1)
        below = cr.zeros(*shape, *self._batch_shape, p, p, dtype=dtype)
        below[..., i, j] = cr.randn(*shape, *self._batch_shape, len(i), dtype=dtype)
        factor = self._tril @ (diagonal.diag_embed() + below)
        return factor @ factor.mT

    def _regular(self, sample: Any) -> Any:
        """For each draw of a whole batch, whether its matrices are positive definite."""
        return self.support.check(sample).reshape(*sample.shape[: sample.dim() - 2 - len(self._batch_shape)], -1)

    def rsample(self, sample_shape: Any = cr.Size(), max_try_correction: int | None = None) -> Any:
        """Draws; those that are singular in floating point are drawn again, ``max_try_correction`` times at most.

        PyTorch draws whatever is regular at first a second time and keeps that; so do we, to draw the same numbers.
        """
        sample = self._bartlett(cr.Size(sample_shape))
        again = self._regular(sample).any(-1)
        tries = 10 if max_try_correction is None else max_try_correction
        for i in range(tries):
            if not again.any():
                break
            drawn = self._bartlett(cr.Size((int(again.sum()),)))
            sample = sample.masked_scatter(again.reshape(*again.shape, *[1] * (sample.dim() - again.dim())), drawn)
            again = ~self._regular(sample).all(-1)
            if i + 1 < tries and again.any():
                warnings.warn("Singular sample detected.", stacklevel=2)
        return sample

    def log_prob(self, value: Any) -> Any:
        """(df − p − 1)/2 log det x − ½ tr(V⁻¹ x) − df (½ p log 2 + log det L) − log Γₚ(df/2)"""
        value, p = self._checked(value), self._event_shape[-1]
        trace = cr.cholesky_solve(value, self._tril).diagonal(dim1=-2, dim2=-1).sum(-1)
        return (
            -self.df * (p * math.log(2.0) / 2 + log_det(self._tril))
            - cr.mvlgamma(self.df / 2, p)
            + (self.df - p - 1) / 2 * cr.linalg.slogdet(value).logabsdet
            - trace / 2
        )

    def entropy(self) -> Any:
        p, half = self._event_shape[-1], self.df / 2
        digammas = cr.digamma(half.unsqueeze(-1) - cr.arange(p, dtype=self.df.dtype) / 2).sum(-1)
        return (
            (p + 1) * (p * math.log(2.0) / 2 + log_det(self._tril))
            + cr.mvlgamma(half, p)
            - (self.df - p - 1) / 2 * digammas
            + half * p
        )
