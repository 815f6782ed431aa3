"""Ready-made parametrizations: weights by length and direction, of spectral norm one, orthogonal."""

from __future__ import annotations

import numpy as np

from ...base.errors import message
from ...base.random import default_generator
from ...graph.value import wrap
from ...tensors.tensor import Tensor
from .. import functional as F
from ..module import Module
from .parametrize import register_parametrization


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """w = g · v / |v|: a weight by its length g, for each index of ``dim`` (or one), and its direction v

    (Salimans and Kingma, 2016.)

    >>> layer = nn.utils.parametrizations.weight_norm(nn.Linear(3, 2))
    >>> layer.parametrizations.weight.original0.shape
    torch.Size([2, 1])
    """
    return register_parametrization(module, name, _WeightNorm(dim), unsafe=True)


def length(v: Tensor, dim: int | None) -> Tensor:
    """The norm of a tensor, for each index of one axis."""
    if dim is None or dim == -1:
        return v.norm()
    over = tuple(d for d in range(v.dim()) if d != dim % v.dim())
    return v.norm(2, over, keepdim=True) if over else v.abs()


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return weight_v * (weight_g / length(weight_v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return length(weight, self.dim), weight


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """w / σ(w), σ being the largest singular value, estimated by power iteration (Miyato et al., 2018)"""
    weight = getattr(module, name)
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") else 0
    return register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))


class _SpectralNorm(Module):
    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if not -weight.dim() <= dim < weight.dim():
            raise IndexError(
                f"Dimension out of range (expected to be in range of [-{weight.dim()}, {weight.dim() - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim, self.eps, self.n_power_iterations = dim % weight.dim(), eps, n_power_iterations
        if weight.dim() > 1:
            matrix = self._matrix(weight.detach())
            for which, size in (("_u", matrix.size(0)), ("_v", matrix.size(1))):
                start = wrap(default_generator.normal((size,), matrix.array.dtype))
                self.register_buffer(which, F.normalize(start, dim=0, eps=eps))
            self._iterate(matrix, 15)

    def _matrix(self, weight: Tensor) -> Tensor:
        """The weight with its outputs as rows."""
        if self.dim:
            weight = weight.permute(self.dim, *[d for d in range(weight.dim()) if d != self.dim])
        return weight.flatten(1)

    def _iterate(self, matrix: Tensor, times: int) -> None:
        """u ← normalized W v, v ← normalized Wᵀ u: both move towards the first singular vectors."""
        w = matrix.array
        for _ in range(times):
            self._u.array[...] = normalized(w @ self._v.array, self.eps)
            self._v.array[...] = normalized(w.T @ self._u.array, self.eps)

    def forward(self, weight: Tensor) -> Tensor:
        if weight.dim() == 1:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(matrix, self.n_power_iterations)
        sigma = self._u.clone() @ (matrix @ self._v.clone())
        return weight / sigma

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def normalized(x: np.ndarray, eps: float) -> np.ndarray:
    return x / max(float(np.linalg.norm(x)), eps)


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    """An orthogonal matrix (its rows or its columns, whichever are fewer, of length one and at right angles)

    ``orthogonal_map``: of a skew-symmetric matrix A, "matrix_exp" takes e^A and "cayley" (1 + A/2)(1 − A/2)⁻¹;
    "householder" multiplies reflections. Without ``use_trivialization`` the map starts at the identity.
    """
    weight = getattr(module, name)
    if weight.dim() < 2:
        raise ValueError(
            message(f"Expected a matrix or batch of matrices. Got a tensor of {weight.dim()} dimensions.", "it has no columns")
        )
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.size(-2) == weight.size(-1) else "householder"
    if orthogonal_map not in ("matrix_exp", "cayley", "householder"):
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    made = _Orthogonal(weight, orthogonal_map, use_trivialization)
    return register_parametrization(module, name, made, unsafe=True)


class _Orthogonal(Module):
    base: Tensor | None

    def __init__(self, weight: Tensor, orthogonal_map: str, use_trivialization: bool = True) -> None:
        super().__init__()
        self.orthogonal_map = orthogonal_map
        self.shape = tuple(weight.shape)
        self.register_buffer("base", weight.detach() if use_trivialization else None)  # right_inverse gives the true one

    def forward(self, x: Tensor) -> Tensor:
        tall = x.size(-2) >= x.size(-1)
        a = x if tall else x.mT
        q = self._reflections(a) if self.orthogonal_map == "householder" else self._of_skew(a)
        if self.base is not None:
            q = self.base @ q
        return q if tall else q.mT

    def _of_skew(self, a: Tensor) -> Tensor:
        """A map of the skew-symmetric matrix whose part below the diagonal is a's."""
        n, k = a.size(-2), a.size(-1)
        low = a.tril(-1)
        if n != k:
            low = F.pad(low, (0, n - k))
        skew = low - low.mT
        if self.orthogonal_map == "matrix_exp":
            q = skew.matrix_exp()
        else:
            one = wrap(np.eye(n, dtype=skew.array.dtype))
            q = (one - skew * 0.5).inverse() @ (one + skew * 0.5)
        return q[..., :k]

    def _reflections(self, a: Tensor) -> Tensor:
        """∏ᵢ (1 − τᵢ vᵢ vᵢᵀ) with vᵢ the column i of a below the diagonal and 1 on it; by the signs of a's diagonal."""
        n, k = a.size(-2), a.size(-1)
        q = one = wrap(np.eye(n, k, dtype=a.array.dtype))
        v = a.tril(-1) + one
        tau = 2 / (v * v).sum(-2)
        for i in range(k - 1, -1, -1):
            column = v[..., :, i : i + 1]
            q = q - column @ (column.mT @ q) * tau[..., i : i + 1].unsqueeze(-1)
        return q * a.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)

    def right_inverse(self, q: Tensor) -> Tensor:
        """What makes an orthogonal matrix: with the matrix as base, that of which every map makes the identity."""
        if tuple(q.shape) != self.shape:
            raise ValueError(f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {q.shape}.")
        if self.base is None:
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                    "use_trivialization=False."
                )
            tall = self.shape[-2] >= self.shape[-1]
            a = householder(q.detach().array if tall else np.swapaxes(q.detach().array, -1, -2))
            return wrap(a if tall else np.ascontiguousarray(np.swapaxes(a, -1, -2)))
        self.base = completed(q.detach().array)
        start = np.zeros(self.shape, q.array.dtype)
        n = min(self.shape[-2:])
        start[..., range(n), range(n)] = -1
        return wrap(start)


def completed(x: np.ndarray) -> Tensor:
    """A square orthogonal matrix whose first columns are those of x (or of xᵀ, if that has fewer), made orthogonal.

    The other columns come from random ones, as PyTorch's do.
    """
    x = x if x.shape[-2] >= x.shape[-1] else np.swapaxes(x, -1, -2)
    *batch, n, k = x.shape
    if k < n:
        x = np.concatenate([x, default_generator.normal((*batch, n, n - k), x.dtype)], -1)
    q, r = np.linalg.qr(x)
    signs = np.where(np.diagonal(r, axis1=-2, axis2=-1) < 0, -1, 1).astype(x.dtype)
    return wrap(np.ascontiguousarray(q * signs[..., None, :]))


def householder(x: np.ndarray) -> np.ndarray:
    """The reflections of x's QR decomposition as columns below the diagonal, and on it the signs that make x of them."""
    if x.ndim > 2:
        return np.stack([householder(part) for part in x])
    h, tau = np.linalg.qr(x, mode="raw")
    a = np.tril(h.T[:, : x.shape[1]], -1)
    signs = np.where(np.diagonal(h.T) < 0, -1, 1).astype(x.dtype)
    signs[tau == 0] *= -1  # no reflection there; the one that a column of zeros stands for is taken back
    a[np.diag_indices(x.shape[1])] = signs
    return a
