"""A covariance matrix that is given as itself, as its inverse, or as its Cholesky factor."""

from __future__ import annotations

from typing import Any

import chainrule as cr

from . import constraints
from .parameters import lazy

MATRICES = {
    "covariance_matrix": constraints.positive_definite,
    "precision_matrix": constraints.positive_definite,
    "scale_tril": constraints.lower_cholesky,
}


def the_one(error: type[Exception], *matrices: Any) -> tuple[str, Any]:
    """Which of the three is given, and the matrix."""
    given = [(name, matrix) for name, matrix in zip(MATRICES, matrices) if matrix is not None]
    if len(given) != 1:
        raise error("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.")
    return given[0]


class Covariance:
    """V = L Lᵀ, its inverse and its factor L, each found from the one that is given when it is asked for."""

    _tril: Any

    def _keep(self, name: str, matrix: Any, batch: Any) -> None:
        vars(self)[name] = matrix.expand(*batch, -1, -1)

    def _factorise(self, name: str, batch: Any) -> None:
        matrix = vars(self)[name]
        if name == "precision_matrix":
            matrix = cr.linalg.inv(matrix)
        self._tril = (matrix if name == "scale_tril" else cr.linalg.cholesky(matrix)).expand(*batch, -1, -1)

    @lazy
    def scale_tril(self) -> Any:
        """L"""
        return self._tril

    @lazy
    def covariance_matrix(self) -> Any:
        """V = L Lᵀ"""
        return self._tril @ self._tril.mT

    @lazy
    def precision_matrix(self) -> Any:
        """V⁻¹"""
        return cr.linalg.inv(self.covariance_matrix)
