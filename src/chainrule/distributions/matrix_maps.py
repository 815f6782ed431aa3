"""Maps onto matrices: Cholesky factors, of covariances and of correlations, and positive definite matrices."""

from __future__ import annotations

import math
from typing import Any

import chainrule as cr

from . import constraints
from .maps import ElementwiseTransform, LowerCholeskyTransform
from .parameters import tril_matrix_to_vec, vec_to_tril_matrix
from .transforms import Transform

F: Any = cr.nn.functional


class PositiveDefiniteTransform(Transform):
    """y = L Lᵀ, L being lower triangular with e to the diagonal of x (`LowerCholeskyTransform`)"""

    domain, codomain = constraints.independent(constraints.real, 2), constraints.positive_definite

    def _call(self, x: Any) -> Any:
        factor = LowerCholeskyTransform()(x)
        return factor @ factor.mT

    def _inverse(self, y: Any) -> Any:
        return LowerCholeskyTransform().inv(cr.linalg.cholesky(y))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PositiveDefiniteTransform)

    __hash__ = object.__hash__


class CorrCholeskyTransform(ElementwiseTransform):
    """n (n − 1)/2 numbers to the Cholesky factor L of an n × n correlation matrix, whose rows have length 1

    With r = tanh x below the diagonal, row by row: Lᵢⱼ = rᵢⱼ √Πₖ (1 − rᵢₖ²) over k < j, and Lᵢᵢ = √Πₖ (1 − rᵢₖ²) over k < i.
    """

    domain, codomain = constraints.real_vector, constraints.corr_cholesky

    def _call(self, x: Any) -> Any:
        eps = cr.finfo(x.dtype).eps
        r = vec_to_tril_matrix(x.tanh().clamp(min=-1 + eps, max=1 - eps), diag=-1)
        left = (1 - r**2).sqrt().cumprod(-1)
        return (r + cr.eye(r.shape[-1], dtype=r.dtype)) * F.pad(left[..., :-1], [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        left = F.pad((1 - (y * y).cumsum(-1))[..., :-1], [1, 0], value=1)
        r = tril_matrix_to_vec(y, diag=-1) / tril_matrix_to_vec(left, diag=-1).sqrt()
        return (r.log1p() - (-r).log1p()) / 2

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        left = 1 - (y * y).cumsum(-1)
        breaking = 0.5 * tril_matrix_to_vec(left, diag=-2).log().sum(-1)
        return breaking - 2 * (x + F.softplus(-2 * x) - math.log(2.0)).sum(-1)

    def forward_shape(self, shape: Any) -> Any:
        if len(shape) < 1:
            raise ValueError("Too few dimensions on input")
        n = round(0.5 + (0.25 + 2 * shape[-1]) ** 0.5)
        if n * (n - 1) // 2 != shape[-1]:
            raise ValueError("Input is not a flattened lower-diagonal number")
        return shape[:-1] + (n, n)

    def inverse_shape(self, shape: Any) -> Any:
        if len(shape) < 2:
            raise ValueError("Too few dimensions on input")
        n = shape[-1]
        if shape[-2] != n:
            raise ValueError("Input is not square")
        return shape[:-2] + (n * (n - 1) // 2,)
