"""Inverses, systems, determinants and Cholesky's factor, with their derivatives.

The rules are those of Giles, 2008, "An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation", with adjoints for transposes, so that they hold for complex matrices; g is the upstream
gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Op
from ..graph.value import Value
from .arrange import Tril, Triu
from .complex import is_complex
from .kernels import lu as triangles


def adjoint(x: Any) -> Any:
    """xᴴ, the transposed matrix of the conjugate numbers"""
    return x.conj().mT if is_complex(x) else x.mT


class Inverse(Op):
    """y = A⁻¹"""

    torch_name = "LinalgInvExBackward0"

    def forward(self, a: Any) -> Any:
        return np.linalg.inv(a)

    def pull_a(self, g: Any, y: Any) -> Any:
        return -(adjoint(y) @ g @ adjoint(y))


class Solve(Op):
    """y = A⁻¹ B"""

    torch_name = "LinalgSolveExBackward0"
    broadcasts = True

    def forward(self, a: Any, b: Any) -> Any:
        return np.linalg.solve(a, b)

    def pull_a(self, g: Any, a: Any, y: Any) -> Any:
        return -(solve(adjoint(a), g) @ adjoint(y))

    def pull_b(self, g: Any, a: Any) -> Any:
        return solve(adjoint(a), g)


class SolveTriangular(Op):
    """y = A⁻¹ B, of A only the triangle above (or below) the diagonal being read"""

    fields = ("upper",)
    torch_name = "LinalgSolveTriangularBackward0"
    broadcasts = True

    def forward(self, a: Any, b: Any) -> Any:
        return triangles.solve_triangular(a, b, self.upper)

    def pull_a(self, g: Any, a: Any, y: Any) -> Any:
        full = -(SolveTriangular(not self.upper)(adjoint(a), g) @ adjoint(y))
        return (Triu if self.upper else Tril)(0)(full)

    def pull_b(self, g: Any, a: Any) -> Any:
        return SolveTriangular(not self.upper)(adjoint(a), g)


class Det(Op):
    """y = det A"""

    torch_name = "LinalgDetBackward0"

    def forward(self, a: Any) -> Any:
        return np.linalg.det(a)

    def pull_a(self, g: Any, a: Any, y: Any) -> Any:
        if type(a) is np.ndarray and (y == 0).any():
            return np.reshape(g, (*np.shape(g), 1, 1)) * adjoint(cofactors(a))
        return (g * conjugate(y)).reshape((*np.shape(raw(y)), 1, 1)) * adjoint(inverse(a))


def raw(x: Any) -> Any:
    return x.array if isinstance(x, Value) else x


def conjugate(x: Any) -> Any:
    return x.conj() if is_complex(x) else x


def cofactors(a: np.ndarray) -> np.ndarray:
    """adj A, with A adj A = det A · I, for a matrix without an inverse too: of A = U diag(s) Vᴴ it is V diag(Π sⱼ, j ≠ i) Uᴴ."""
    u, s, vh = np.linalg.svd(a)
    n = s.shape[-1]
    others = np.stack([np.delete(s, i, -1).prod(-1) for i in range(n)], -1)
    turn = np.linalg.det(u) * np.linalg.det(vh)
    return adjoint(vh) @ ((others * turn[..., None])[..., None] * adjoint(u))


class Cholesky(Op):
    """y = L, lower triangular with L Lᴴ = A"""

    torch_name = "LinalgCholeskyExBackward0"

    def forward(self, a: Any) -> Any:
        return np.linalg.cholesky(a)

    def pull_a(self, g: Any, y: Any) -> Any:
        n = raw(y).shape[-1]
        half = np.tril(np.ones((n, n), raw(y).real.dtype))
        half[np.diag_indices(n)] = 0.5
        inner = (adjoint(y) @ g) * half  # Φ: the lower triangle, its diagonal halved
        back = inverse(y)
        s = adjoint(back) @ inner @ back
        return (s + adjoint(s)) / 2


class Pinv(Op):
    """y = A⁺ = V diag(1/s) Uᴴ over the singular values s above ``limit``, of A = U diag(s) Vᴴ"""

    torch_name = "LinalgPinvBackward0"

    def forward(self, a: Any, limit: Any) -> Any:
        u, s, vh = np.linalg.svd(a, full_matrices=False)
        kept = s > limit
        inverse = np.where(kept, 1 / np.where(kept, s, 1), 0).astype(s.dtype)
        return adjoint(vh) @ (inverse[..., None] * adjoint(u))

    def pull_a(self, g: Any, a: Any, y: Any) -> Any:
        """Golub and Pereyra, 1973: −A⁺ᴴ g A⁺ᴴ + (I − A A⁺) gᴴ A⁺ A⁺ᴴ + A⁺ᴴ A⁺ gᴴ (I − A⁺ A)"""
        p, q, h = y, adjoint(y), adjoint(g)
        below, beside = h @ p @ q, q @ p @ h
        return below - a @ (p @ below) + (beside - (beside @ p) @ a) - q @ g @ q


inverse: Any = Inverse()
solve: Any = Solve()
det, cholesky, pinv = Det(), Cholesky(), Pinv()
