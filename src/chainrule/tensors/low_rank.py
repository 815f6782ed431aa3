"""The largest singular values and the extreme eigenvalues of large matrices, with their vectors."""

from __future__ import annotations

from typing import Any

from ..base.errors import message
from .decompositions import cholesky, solve_triangular
from .factorisations import eigh, qr_mode, svd_h
from .linalg import matmul


def basis(A: Any, q: int, niter: int) -> Any:  # noqa: N803
    """Q with q orthonormal columns that nearly span what A reaches, from A times random numbers (Halko, Martinsson and
    Tropp, 2011, "Finding structure with randomness", algorithm 4.4); each of ``niter`` rounds sharpens it."""
    from .random import randn

    random = randn(A.array.shape[-1], q, dtype=A.dtype)
    y = qr_mode(matmul(A, random)).Q
    for _ in range(niter):
        y = qr_mode(matmul(A.mH, y)).Q
        y = qr_mode(matmul(A, y)).Q
    return y


def svd_lowrank(A: Any, q: int | None = 6, niter: int | None = 2, M: Any = None) -> tuple[Any, Any, Any]:  # noqa: N803
    """(U, S, V), nearly, of the q largest singular values of A − M: A is first reduced to q rows, at random.

    >>> torch.svd_lowrank(torch.diag(torch.tensor([3., 2., 0.])), q=2)[1]
    tensor([3., 2.])
    """
    q, niter = 6 if q is None else q, 2 if niter is None else niter
    x = A if M is None else A - M.expand_as(A)
    small = min(x.array.shape[-2:])
    if not 0 <= q <= small:
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={small}")
    flat = x.array.shape[-2] < x.array.shape[-1]
    x = x.mH if flat else x
    y = basis(x, q, niter)
    u, s, vh = svd_h(matmul(y.mH, x), False)
    u, v = matmul(y, u), vh.mH
    return (v, s, u) if flat else (u, s, v)


def pca_lowrank(A: Any, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Any, Any, Any]:  # noqa: N803
    """(U, S, V) of the principal components of the rows of A: V's columns are the directions, S their weights.

    >>> torch.pca_lowrank(torch.tensor([[1., 1.], [2., 2.], [3., 3.]]), q=1)[1]
    tensor([2.])
    """
    m, n = A.array.shape[-2:]
    q = min(6, m, n) if q is None else q
    if not 0 <= q <= min(m, n):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(-2, keepdim=True) if center else A, q, niter)


def lobpcg(
    A: Any, k: int | None = None, B: Any = None, X: Any = None, n: int | None = None, iK: Any = None,  # noqa: N803
    niter: int | None = None, tol: float | None = None, largest: bool | None = None, method: str | None = None,
    tracker: Any = None, ortho_iparams: Any = None, ortho_fparams: Any = None, ortho_bparams: Any = None,
) -> tuple[Any, Any]:  # fmt: skip
    """(λ, X): the k largest (or smallest) λ with A x = λ B x, A being symmetric and B positive definite.

    PyTorch approaches them by iteration from X; here they come from a full factorisation, to all digits, so what steers
    the iteration (X, iK, niter, tol, method …) has nothing to steer; X and n only say how many there are to be.

    >>> torch.lobpcg(torch.diag(torch.arange(1., 7.)), k=2)[0]
    tensor([6., 5.])
    """
    size = A.array.shape[-1]
    wanted = k if k is not None else n if n is not None else X.array.shape[-1] if X is not None else 1
    if size < 3 * wanted:
        raise ValueError(
            message(
                f"LPBPCG algorithm is not applicable when the number of A rows (={size}) is smaller than 3 x the number of "
                f"requested eigenpairs (={wanted})",
                instead="torch.linalg.eigh(A)",
            )
        )
    whitened, factor = A, None
    if B is not None:
        factor = cholesky(B)  # A x = λ B x with B = L Lᴴ is L⁻¹ A L⁻ᴴ (Lᴴ x) = λ (Lᴴ x)
        half = solve_triangular(factor, A, upper=False)
        whitened = solve_triangular(factor, half.mH, upper=False)
    values, vectors = eigh(whitened)
    if factor is not None:
        vectors = solve_triangular(factor.mH, vectors, upper=True)
    if largest is None or largest:
        return values.flip(-1)[..., :wanted], vectors.flip(-1)[..., :wanted]
    return values[..., :wanted], vectors[..., :wanted]
