"""Inverses, determinants and factorisations, with their derivatives.

The rules are those of Giles, 2008, "An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation"; G is the upstream gradient, Ḡ what it becomes on the way back.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Joint, Op
from ..graph.value import Value


def product(*matrices: Any) -> Any:
    result = matrices[0]
    for m in matrices[1:]:
        result = result @ m
    return result


class Inverse(Op):
    """y = A⁻¹"""

    torch_name = "LinalgInvExBackward0"

    def forward(self, a: Any) -> Any:
        return np.linalg.inv(a)

    def pull_a(self, g: Any, y: Any) -> Any:
        return -product(y.mT, g, y.mT)


class Solve(Op):
    """y = A⁻¹ B"""

    torch_name = "LinalgSolveExBackward0"
    broadcasts = True

    def forward(self, a: Any, b: Any) -> Any:
        return np.linalg.solve(a, b)

    def pull_a(self, g: Any, a: Any, y: Any) -> Any:
        return -(solve(a.mT, g) @ y.mT)

    def pull_b(self, g: Any, a: Any) -> Any:
        return solve(a.mT, g)


class Det(Op):
    """y = det A"""

    torch_name = "LinalgDetBackward0"

    def forward(self, a: Any) -> Any:
        return np.linalg.det(a)

    def pull_a(self, g: Any, a: Any, y: Any) -> Any:
        n = y.ndim if isinstance(y, Value) else np.ndim(y)
        return (g * y).reshape((*np.shape(y.array if isinstance(y, Value) else y)[:n], 1, 1)) * inverse(a).mT


class LogAbsDet(Op):
    """y = ln |det A|"""

    torch_name = "LinalgSlogdetBackward0"

    def forward(self, a: Any) -> Any:
        return np.linalg.slogdet(a)[1]

    def pull_a(self, g: Any, a: Any) -> Any:
        shape = g.array.shape if isinstance(g, Value) else np.shape(g)
        return g.reshape((*shape, 1, 1)) * inverse(a).mT


class Cholesky(Op):
    """y = L, lower triangular with L Lᵀ = A"""

    torch_name = "LinalgCholeskyExBackward0"

    def forward(self, a: Any) -> Any:
        return np.linalg.cholesky(a)

    def pull_a(self, g: Any, y: Any) -> Any:
        n = (y.array if isinstance(y, Value) else y).shape[-1]
        half = np.tril(np.ones((n, n), (y.array if isinstance(y, Value) else y).dtype))
        half[np.diag_indices(n)] = 0.5
        inner = (y.mT @ g) * half  # Φ: the lower triangle, its diagonal halved
        back = inverse(y)
        s = product(back.mT, inner, back)
        return (s + s.mT) / 2


class Eigh(Joint):
    """(λ, V) with A = V diag(λ) Vᵀ, for a symmetric A of which one triangle is read"""

    fields = ("triangle",)
    outputs = 2
    torch_name = "LinalgEighBackward0"

    def forward(self, a: Any) -> Any:
        values, vectors = np.linalg.eigh(a, self.triangle)
        return (values, vectors), (values, vectors)

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        values, vectors = kept
        g_values, g_vectors = g
        inner = np.zeros_like(vectors)
        if g_vectors is not None:
            gaps = values[..., None, :] - values[..., :, None]
            inner += np.where(gaps == 0, 0, (vectors.mT @ g_vectors) / np.where(gaps == 0, 1, gaps)).astype(
                vectors.dtype
            )
        if g_values is not None:
            inner += g_values[..., None] * np.eye(values.shape[-1], dtype=values.dtype)
        return (vectors @ inner @ vectors.mT,)

    def formula(self, a: Any) -> Any:
        raise RuntimeError("linalg.eigh: derivatives of derivatives are not available")


class Svd(Joint):
    """(U, S, Vᵀ) with A = U diag(S) Vᵀ, thin"""

    outputs = 3
    torch_name = "LinalgSvdBackward0"

    def forward(self, a: Any) -> Any:
        found = tuple(np.linalg.svd(a, full_matrices=False))
        return found, found

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        u, s, vt = kept
        gu, gs, gvt = g
        v, size = vt.mT, s[..., None, :]
        squares = size**2 - np.swapaxes(size, -1, -2) ** 2
        f = np.where(squares == 0, 0, 1 / np.where(squares == 0, 1, squares))
        inner = np.zeros(u.shape[:-2] + (s.shape[-1],) * 2, u.dtype)
        if gu is not None:
            x = u.mT @ gu
            inner += (f * (x - x.mT)) * size
        if gvt is not None:
            x = v.mT @ gvt.mT
            inner += np.swapaxes(size, -1, -2) * (f * (x - x.mT))
        if gs is not None:
            inner += gs[..., None] * np.eye(s.shape[-1], dtype=s.dtype)
        result = u @ inner @ vt
        if gu is not None and u.shape[-2] > s.shape[-1]:
            result += (gu - u @ (u.mT @ gu)) / size @ vt
        if gvt is not None and v.shape[-2] > s.shape[-1]:
            gv = gvt.mT
            result += u @ ((gv - v @ (v.mT @ gv)) / size).mT
        return (result,)

    def formula(self, a: Any) -> Any:
        raise RuntimeError("linalg.svd: derivatives of derivatives are not available")


class Qr(Joint):
    """(Q, R) with A = Q R, at least as high as wide"""

    outputs = 2
    torch_name = "LinalgQrBackward0"

    def forward(self, a: Any) -> Any:
        found = tuple(np.linalg.qr(a))
        return found, found

    def pullback(self, g: Any, kept: Any, needs: Any) -> Any:
        q, r = kept
        gq = np.zeros_like(q) if g[0] is None else g[0]
        gr = np.zeros_like(r) if g[1] is None else g[1]
        m = r @ gr.mT - gq.mT @ q
        low = np.tril(m, -1)
        symmetric = low + low.mT + np.eye(m.shape[-1], dtype=m.dtype) * m
        return (np.linalg.solve(r, (gq + q @ symmetric).mT).mT,)

    def formula(self, a: Any) -> Any:
        raise RuntimeError("linalg.qr: derivatives of derivatives are not available")


inverse: Any = Inverse()
solve: Any = Solve()
det, logabsdet, cholesky, svd, qr = Det(), LogAbsDet(), Cholesky(), Svd(), Qr()
