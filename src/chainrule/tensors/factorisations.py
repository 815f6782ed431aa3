"""Matrices as products: eigenvalues, singular values, Q R, P L U and L D Lᵀ, by PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.promote import known_as
from ..graph.value import wrap
from ..ops import factorisations as op
from ..ops.arrange import Tril
from .inplace import into
from .linalg import matmul
from .matrices import deprecated, matrix, square
from .return_types import return_type

Eigh = return_type("linalg_eigh", "eigenvalues", "eigenvectors")
Eig = return_type("linalg_eig", "eigenvalues", "eigenvectors")
SvdH = return_type("linalg_svd", "U", "S", "Vh")
SvdV = return_type("svd", "U", "S", "V")
QrReturned = return_type("linalg_qr", "Q", "R")
FormerQr, Geqrf = return_type("qr", "Q", "R"), return_type("geqrf", "a", "tau")

# ---------------------------------------------------------------------- eigenvalues


def eigh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:  # noqa: N803
    """(eigenvalues rising, eigenvectors in columns) of a symmetric (Hermitian) matrix, of which one triangle is read.

    >>> torch.linalg.eigh(torch.tensor([[2., 0.], [0., 1.]])).eigenvalues
    tensor([1., 2.])
    """
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(
            message(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}", "it says which triangle of A is read")
        )
    return into(out, Eigh(*op.Eigh(UPLO.upper())(square(A, "eigh"))))


def eigvalsh(A: Any, UPLO: str = "L", *, out: Any = None) -> Any:  # noqa: N803
    """The eigenvalues of a symmetric (Hermitian) matrix, rising."""
    return into(out, eigh(A, UPLO).eigenvalues)


def eig(A: Any, *, out: Any = None) -> Any:  # noqa: N803
    """(eigenvalues, eigenvectors of length 1 in columns) of a matrix, complex.

    >>> torch.linalg.eig(torch.tensor([[0., 1.], [-1., 0.]])).eigenvalues
    tensor([0.+1.j, 0.-1.j])
    """
    x = square(A, "eig")
    if not np.isfinite(x.array).all():
        raise RuntimeError("torch.linalg.eig: input tensor should not contain infs or NaNs.")
    return into(out, Eig(*op.Eig(x.array.dtype.kind == "f")(x)))


def eigvals(A: Any, *, out: Any = None) -> Any:  # noqa: N803
    """The eigenvalues of a matrix, complex.

    >>> torch.linalg.eigvals(torch.tensor([[0., 1.], [-1., 0.]]))
    tensor([0.+1.j, 0.-1.j])
    """
    return into(out, eig(A).eigenvalues)


# ---------------------------------------------------------------------- singular values


def svd_h(A: Any, full_matrices: bool = True, *, driver: str | None = None, out: Any = None) -> Any:  # noqa: N803
    """(U, S, Vᴴ) with A = U diag(S) Vᴴ, S falling.

    >>> torch.linalg.svd(torch.tensor([[3., 0.], [0., 4.]])).S
    tensor([4., 3.])
    """
    x = matrix(A, "svd")
    if driver is not None:
        raise RuntimeError(
            "torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend."
        )
    m, n = x.array.shape[-2:]
    if not full_matrices or m == n:
        return into(out, SvdH(*op.svd(x)))
    u, s, vh = np.linalg.svd(x.array)
    if x.node is None:
        return into(out, SvdH(wrap(u), wrap(s), wrap(vh)))
    thin_u, thin_s, thin_vh = op.svd(
        x
    )  # the columns beyond these are any that complete a basis: they have no derivative
    k = min(m, n)
    wide_u = thin_u if m == k else joined(thin_u, wrap(u[..., k:]), -1)
    wide_vh = thin_vh if n == k else joined(thin_vh, wrap(vh[..., k:, :]), -2)
    return into(out, SvdH(wide_u, thin_s, wide_vh))


def joined(a: Any, b: Any, dim: int) -> Any:
    from .joining import cat

    return cat([a, b], dim)


def svdvals(A: Any, *, driver: str | None = None, out: Any = None) -> Any:  # noqa: N803
    """The singular values, falling.

    >>> torch.linalg.svdvals(torch.tensor([[3., 0.], [0., 4.]]))
    tensor([4., 3.])
    """
    return into(out, svd_h(A, False, driver=driver).S)


def svd(input: Any, some: bool = True, compute_uv: bool = True, *, out: Any = None) -> Any:
    """``torch.svd``: (U, S, V) with A = U diag(S) Vᴴ; V where `linalg.svd` gives Vᴴ.

    >>> torch.svd(torch.tensor([[3., 0.], [0., 4.]])).S
    tensor([4., 3.])
    """
    if not compute_uv:
        s = svdvals(input)
        m, n = input.array.shape[-2:]
        lead = input.array.shape[:-2]
        return into(out, SvdV(s.new_zeros((*lead, m, m)), s, s.new_zeros((*lead, n, n))))
    u, s, vh = svd_h(input, not some)
    return into(out, SvdV(u, s, vh.mH))


# ---------------------------------------------------------------------- Q R


def qr_mode(A: Any, mode: str = "reduced", *, out: Any = None) -> Any:  # noqa: N803
    """(Q, R) with A = Q R, Q with orthonormal columns, R upper triangular.

    >>> torch.linalg.qr(torch.tensor([[3.], [4.]])).R.abs()
    tensor([[5.]])
    """
    x = matrix(A, "qr")
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    m, n = x.array.shape[-2:]
    if mode == "r":
        r = wrap(np.linalg.qr(x.array, "r")) if x.node is None else qr_mode(x).R
        return into(out, QrReturned(x.new_empty(0), r))
    if m < n:  # A = [B C] = Q [R  QᴴC]
        q, r = op.qr(x[..., :m])
        return into(out, QrReturned(q, joined(r, matmul(q.mH, x[..., m:]), -1)))
    if mode == "reduced" or m == n:
        return into(out, QrReturned(*op.qr(x)))
    if x.node is not None:
        raise RuntimeError(
            message(
                "The QR decomposition is not differentiable when mode='complete' and nrows > ncols.",
                "the columns of Q beyond those of A are any that complete a basis",
                "torch.linalg.qr(A), or A.detach()",
            )
        )
    q, r = np.linalg.qr(x.array, "complete")
    return into(out, QrReturned(wrap(q), wrap(r)))


def qr(input: Any, some: bool = True, *, out: Any = None) -> Any:
    """``torch.qr``: `linalg.qr`, complete with ``some=False``."""
    deprecated("qr", "qr")
    q, r = qr_mode(input, "reduced" if some else "complete")
    return into(out, FormerQr(q, r))


def geqrf(input: Any, *, out: Any = None) -> Any:
    """(a, tau): R above the diagonal of a, below it the reflections whose product is Q; see `orgqr`.

    >>> torch.geqrf(torch.tensor([[3.], [4.]])).a.abs()
    tensor([[5.0000],
            [0.5000]])
    """
    x = matrix(input, "geqrf")
    if x.node is not None:
        raise RuntimeError(
            message(
                "the derivative for 'geqrf' is not implemented.",
                instead="torch.linalg.qr(A), which has one, or A.detach()",
            )
        )
    h, tau = np.linalg.qr(x.array, "raw")
    return into(out, Geqrf(wrap(np.ascontiguousarray(h.mT)), wrap(tau)))


def householder_product(A: Any, tau: Any, *, out: Any = None) -> Any:  # noqa: N803
    """The first columns of H₁ H₂ … with Hᵢ = I − τᵢ vᵢ vᵢᴴ, vᵢ being column i of A below the diagonal, on it 1.

    >>> torch.linalg.householder_product(torch.tensor([[5.], [0.5]]), torch.tensor([1.6])).abs()
    tensor([[0.6000],
            [0.8000]])
    """
    x = matrix(A, "householder_product")
    m, n = x.array.shape[-2:]
    if m < n:
        raise RuntimeError(
            message(
                "torch.linalg.householder_product: input.shape[-2] must be greater than or equal to input.shape[-1]",
                f"A is {m} by {n}",
            )
        )
    eye = wrap(np.eye(m, n, dtype=x.array.dtype)).expand((*x.array.shape[:-2], m, n))
    product = reflected(x, tau, eye, range(tau.array.shape[-1] - 1, -1, -1), False)
    return into(out, known_as(product, "LinalgHouseholderProductBackward0"))


def reflected(a: Any, tau: Any, y: Any, order: Any, back: bool) -> Any:
    """H y for one reflection H after another, from the left; the adjoint ones with ``back``."""
    v = Tril(-1)(a) + wrap(np.eye(*a.array.shape[-2:], dtype=a.array.dtype))
    for i in order:
        one = v[..., :, i].unsqueeze(-1)
        t = tau[..., i].unsqueeze(-1).unsqueeze(-1)
        y = y - (t.conj() if back else t) * matmul(one, matmul(one.mH, y))
    return y


def orgqr(input: Any, tau: Any, *, out: Any = None) -> Any:
    """Another name of :func:`householder_product`."""
    return householder_product(input, tau, out=out)


def ormqr(input: Any, tau: Any, other: Any, left: bool = True, transpose: bool = False, *, out: Any = None) -> Any:
    """Q other, Qᴴ other, other Q or other Qᴴ, Q being the whole product of the reflections in ``input``."""
    if not left:
        return into(out, ormqr(input, tau, other.mH, True, not transpose).mH)
    count = range(tau.array.shape[-1])
    return into(out, reflected(input, tau, other, count if transpose else reversed(count), transpose))
