"""`LKJCholesky` (Lewandowski, Kurowicka & Joe, 2009): correlation matrices, by their Cholesky factors."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from ..base.errors import message
from . import constraints
from .distribution import Distribution
from .gamma import Beta
from .parameters import broadcast_all


class LKJCholesky(Distribution):
    """L of a correlation matrix L Lᵀ, whose density is ∝ det(L Lᵀ)^(η − 1), η being the ``concentration``; η = 1 is uniform

    >>> lkj = torch.distributions.LKJCholesky(3, 2.0)
    >>> torch.linalg.vector_norm(lkj.sample(), dim=-1).isclose(torch.ones(3))
    tensor([True, True, True])
    """

    arg_constraints = {"concentration": constraints.positive}
    support = constraints.corr_cholesky

    def __init__(self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None) -> None:
        if dim < 2:
            raise ValueError(
                message(
                    f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}.",
                    "a single quantity has no correlations",
                )
            )
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        super().__init__(self.concentration.shape, (dim, dim), validate_args=validate_args)

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        """The onion: row i points anywhere in its i − 1 first axes, and as far as a beta-distributed number says."""
        with cr.no_grad():
            n, dtype = self.dim, self.concentration.dtype
            before = cr.cat([cr.zeros(1), cr.arange(n - 1)]).to(dtype)
            most = (self.concentration + 0.5 * (n - 2)).unsqueeze(-1)
            squared = Beta(before + 0.5, most - 0.5 * before).sample(sample_shape).unsqueeze(-1)
            direction = cr.randn(self._extended_shape(sample_shape), dtype=dtype).tril(-1)
            direction = direction / direction.norm(dim=-1, keepdim=True)
            direction[..., 0, :] = 0.0
            below = squared.sqrt() * direction
            diagonal = (1 - (below**2).sum(-1)).clamp(min=cr.finfo(dtype).tiny).sqrt()
            return below + diagonal.diag_embed()

    def log_prob(self, value: Any) -> Any:
        """Σᵢ (2(η − 1) + n − i) log Lᵢᵢ − log of the constant, i = 2 … n"""
        value, n, eta = self._checked(value), self.dim, self.concentration
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = 2 * (eta - 1).unsqueeze(-1) + n - cr.arange(2, n + 1)
        alpha = eta + 0.5 * (n - 1)
        constant = 0.5 * (n - 1) * math.log(math.pi) + cr.mvlgamma(alpha - 0.5, n - 1) - cr.lgamma(alpha) * (n - 1)
        return (order * diagonal.log()).sum(-1) - constant
