"""Linear algebra beyond products: inverses, determinants, systems, factorisations, by PyTorch's names."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base.dtypes import title
from ..base.errors import message
from ..graph.apply import apply
from ..graph.promote import cast
from ..ops import decompositions as op
from ..ops.logic import where
from .inplace import into
from .linalg import matmul


class LinAlgError(RuntimeError):
    """A matrix for which what was asked for does not exist."""


def square(x: Any, name: str) -> Any:
    """``x``, checked to be a matrix (or a stack of them) as wide as high, of real or complex numbers."""
    shape = x.array.shape
    if len(shape) < 2:
        raise RuntimeError(f"linalg.{name}: The input tensor A must have at least 2 dimensions.")
    if shape[-1] != shape[-2]:
        raise RuntimeError(
            f"linalg.{name}: A must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} matrices"
        )
    if x.array.dtype.kind in "bui":
        raise RuntimeError(
            message(
                f"linalg.{name}: Expected a floating point or complex tensor as input. Got {title(x.dtype)}",
                instead="x.float()",
            )
        )
    return x


def solved(name: str, function: Any, *inputs: Any) -> Any:
    """Apply an op whose matrix may turn out to be singular."""
    try:
        return apply(function, *inputs)
    except np.linalg.LinAlgError as error:
        raise LinAlgError(
            message(
                f"linalg.{name}: The diagonal element is zero, the solve could not be completed because the input matrix "
                "is singular.",
                f"its determinant is zero ({error})",
                "torch.linalg.pinv or lstsq, or add a small multiple of the identity",
            )
        ) from None


def inv(A: Any, *, out: Any = None) -> Any:  # noqa: N803
    """A⁻¹, with A⁻¹ A = I.

    >>> torch.inverse(torch.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    return into(out, solved("inv", op.inverse, square(A, "inv")))


def det(A: Any) -> Any:  # noqa: N803
    """The determinant."""
    return apply(op.det, square(A, "det"))


def logdet(input: Any) -> Any:
    """ln det, NaN where the determinant is negative."""
    return det(input).log()


def slogdet(A: Any) -> Any:  # noqa: N803
    """(sign, ln |det|): the determinant without overflow."""
    from .ordering import return_type

    x = square(A, "slogdet")
    sign, _ = np.linalg.slogdet(x.array)
    return return_type("linalg_slogdet", "sign", "logabsdet")(
        type(x).detach(x).new_tensor(sign), apply(op.logabsdet, x)
    )


def solve(A: Any, B: Any, *, left: bool = True, out: Any = None) -> Any:  # noqa: N803
    """X with A X = B (or X A = B).

    >>> torch.linalg.solve(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([2., 4.]))
    tensor([1., 1.])
    """
    x = square(A, "solve")
    if not left:
        return into(out, solve(A.mT, B.mT).mT)
    if B.array.ndim == 1 or B.array.ndim == A.array.ndim - 1 and B.array.shape == A.array.shape[:-1]:
        return into(out, solved("solve", op.solve, x, B.unsqueeze(-1)).squeeze(-1))
    return into(out, solved("solve", op.solve, x, B))


def cholesky(A: Any, *, upper: bool = False, out: Any = None) -> Any:  # noqa: N803
    """L with L Lᴴ = A, lower triangular, for a positive definite A."""
    x = square(A, "cholesky")
    try:
        y = apply(op.cholesky, x)
    except np.linalg.LinAlgError:
        raise LinAlgError(
            message(
                "linalg.cholesky: The factorization could not be completed because the input is not positive-definite.",
                "some leading minor is not positive",
            )
        ) from None
    return into(out, y.mT if upper else y)


def pinv(A: Any, *, rcond: float | None = None) -> Any:  # noqa: N803
    """The pseudoinverse: of the X that minimise ‖A X − I‖ the smallest."""
    u, s, v = svd(A, full_matrices=False)
    limit = (max(A.array.shape[-2:]) * np.finfo(A.array.dtype).eps if rcond is None else rcond) * s.array.max(
        -1, keepdims=True
    )
    inverse = where(s.array > limit, s, s * 0 + np.inf).reciprocal()  # 1/∞ = 0: negligible directions drop out
    return matmul(v.mT * inverse.unsqueeze(-2), u.mT)


def svd(A: Any, full_matrices: bool = True) -> Any:  # noqa: N803
    """(U, S, Vᴴ) with A = U diag(S) Vᴴ, S falling."""
    from ..graph.value import wrap
    from .ordering import return_type

    made = return_type("linalg_svd", "U", "S", "Vh")
    if A.node is None or full_matrices and A.array.shape[-1] != A.array.shape[-2]:
        u, s, v = np.linalg.svd(A.array, full_matrices)
        if A.node is None:
            return made(wrap(u), wrap(s), wrap(v))
        raise RuntimeError(
            message(
                "linalg.svd: gradients need full_matrices=False",
                "the extra columns of U or V are arbitrary, so they have no derivative",
                "torch.linalg.svd(A, full_matrices=False)",
            )
        )
    return made(*op.svd(A))


def svdvals(A: Any) -> Any:  # noqa: N803
    """The singular values, falling."""
    return svd(A, full_matrices=False).S


def eigh(A: Any, UPLO: str = "L") -> Any:  # noqa: N803
    """(eigenvalues rising, eigenvectors in columns) of a symmetric (Hermitian) matrix."""
    from .ordering import return_type

    x = square(A, "eigh")
    return return_type("linalg_eigh", "eigenvalues", "eigenvectors")(*op.Eigh(UPLO)(x))


def eigvalsh(A: Any, UPLO: str = "L") -> Any:  # noqa: N803
    """The eigenvalues of a symmetric (Hermitian) matrix, rising."""
    return eigh(A, UPLO).eigenvalues


def eig(A: Any) -> Any:  # noqa: N803
    """(eigenvalues, eigenvectors in columns) of a matrix, complex; without derivatives."""
    from ..graph.value import wrap
    from .ordering import return_type

    values, vectors = np.linalg.eig(square(A, "eig").array)
    kind = np.complex64 if A.array.dtype in (np.float32, np.complex64) else np.complex128
    return return_type("linalg_eig", "eigenvalues", "eigenvectors")(
        wrap(values.astype(kind)), wrap(vectors.astype(kind))
    )


def qr(A: Any, mode: str = "reduced") -> Any:  # noqa: N803
    """(Q, R) with A = Q R, Q with orthonormal columns, R upper triangular."""
    from ..graph.value import wrap
    from .ordering import return_type

    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', or 'complete'"
        )
    made = return_type("linalg_qr", "Q", "R")
    if A.node is not None and mode == "reduced" and A.array.shape[-2] >= A.array.shape[-1]:
        return made(*op.qr(A))
    if mode == "r":
        return made(wrap(np.empty(0, A.array.dtype)), wrap(np.linalg.qr(A.array, "r")))
    q, r = np.linalg.qr(A.array, "complete" if mode == "complete" else "reduced")
    return made(wrap(q), wrap(r))


def lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> Any:  # noqa: N803
    """X that minimises ‖A X − B‖, with residuals, rank and singular values."""
    from ..graph.value import wrap
    from .ordering import return_type

    solution = matmul(pinv(A), B)
    rank = np.linalg.matrix_rank(A.array)
    residuals = np.empty(0, A.array.dtype)
    if A.array.ndim == 2 and A.array.shape[0] > A.array.shape[1] and rank == A.array.shape[1]:
        left = (A.array @ solution.array - B.array) ** 2
        residuals = left.sum(0)
    made = return_type("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
    return made(solution, wrap(residuals), wrap(np.asarray(rank, np.int64)), wrap(np.empty(0, A.array.dtype)))


def matrix_rank(A: Any, *, atol: Any = None, rtol: Any = None, hermitian: bool = False) -> Any:  # noqa: N803
    """How many singular values are not negligible."""
    from ..graph.value import wrap

    s = np.linalg.svd(A.array, compute_uv=False)
    relative = max(A.array.shape[-2:]) * np.finfo(A.array.dtype).eps if rtol is None and atol is None else (rtol or 0.0)
    limit = np.maximum(atol or 0.0, relative * s.max(-1, keepdims=True, initial=0))
    return wrap(np.asarray((s > limit).sum(-1), np.int64))


def matrix_norm(A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False) -> Any:  # noqa: N803
    """A norm of matrices: "fro", "nuc" (sum of singular values), 2, −2 (extreme ones), 1, −1, ∞, −∞ (sums of columns, rows)."""
    from .reduction import norm

    rows, columns = (d % A.array.ndim for d in dim)
    if ord == "fro":
        return norm(A, 2, (rows, columns), keepdim)
    if ord in ("nuc", 2, -2):
        s = svdvals(A.movedim((rows, columns), (-2, -1)))
        y = s.sum(-1) if ord == "nuc" else s.amax(-1) if ord == 2 else s.amin(-1)
        return y.unsqueeze(min(rows, columns)).unsqueeze(max(rows, columns)) if keepdim else y
    if ord in (1, -1, float("inf"), -float("inf")):
        over, rest = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = A.abs().sum(over, keepdim=True)
        y = sums.amax(rest, keepdim=True) if ord > 0 else sums.amin(rest, keepdim=True)
        return y if keepdim else y.squeeze((rows, columns))
    raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")


def vector_norm(x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """(Σ |x|ᵖ)^(1/p)"""
    from .reduction import norm

    return norm(x, ord, dim, keepdim, dtype=dtype)


def linalg_norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, out: Any = None, dtype: Any = None
) -> Any:  # noqa: N803
    """A vector norm, or a matrix norm where two axes (or "fro"/"nuc") are meant."""
    x = A if dtype is None else cast(A, dtype)
    if ord is None and dim is None:
        return into(out, vector_norm(x.reshape(-1)).reshape((1,) * x.array.ndim if keepdim else ()))
    if isinstance(dim, (tuple, list)) and len(dim) == 2 or dim is None and x.array.ndim == 2 and ord is not None:
        return into(out, matrix_norm(x, "fro" if ord is None else ord, (-2, -1) if dim is None else dim, keepdim))
    return into(out, vector_norm(x, 2 if ord is None else ord, dim, keepdim))


def cond(A: Any, p: Any = None) -> Any:  # noqa: N803
    """The condition number ‖A‖ ‖A⁻¹‖."""
    if p is None or p == 2:
        s = svdvals(A)
        return s.amax(-1) / s.amin(-1)
    return matrix_norm(A, p) * matrix_norm(inv(A), p)


def multi_dot(tensors: Any) -> Any:
    """The product of several matrices, in the order that takes the fewest operations; the ends may be vectors."""
    from .linalg import chain_matmul

    mats = list(tensors)
    first, last = mats[0].array.ndim == 1, mats[-1].array.ndim == 1
    mats[0] = mats[0].unsqueeze(0) if first else mats[0]
    mats[-1] = mats[-1].unsqueeze(1) if last else mats[-1]
    y = chain_matmul(mats)
    return y.squeeze(0).squeeze(-1) if first and last else y.squeeze(0) if first else y.squeeze(-1) if last else y


def matrix_exp(A: Any) -> Any:  # noqa: N803
    """Σ Aⁿ/n!, by scaling and squaring with a Taylor polynomial of degree 18."""
    from .filled import eye

    x = square(A, "matrix_exp")
    size = float(np.abs(x.array).sum(-1).max(initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(size))) + 1) if size > 0 else 0
    small = x / 2**halvings
    y = term = eye(x.array.shape[-1], dtype=x.dtype).expand(x.shape)
    for n in range(1, 19):
        term = matmul(term, small) / n
        y = y + term
    for _ in range(halvings):
        y = matmul(y, y)
    return y


def vecdot(x: Any, y: Any, *, dim: int = -1) -> Any:
    """Σ conj(x) · y along one axis."""
    return ((x.conj() if x.is_complex() else x) * y).sum(dim)


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str = "") -> Any:
    """‖x1ᵢ − x2ⱼ‖ₚ for every pair of rows."""
    from .reduction import norm

    if x1.array.shape[-1] != x2.array.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.array.shape[-1]} X2: {x2.array.shape[-1]}"
        )
    return norm(x1.unsqueeze(-2) - x2.unsqueeze(-3), p, -1)


def tensorinv(A: Any, ind: int = 2) -> Any:  # noqa: N803
    """The inverse with respect to tensordot over ``ind`` axes."""
    lead, rest = A.array.shape[:ind], A.array.shape[ind:]
    return inv(A.reshape(prod(lead), prod(rest))).reshape((*rest, *lead))


def tensorsolve(A: Any, B: Any, dims: Any = None) -> Any:  # noqa: N803
    """X with tensordot(A, X) = B."""
    x = A if dims is None else A.movedim(dims, tuple(range(-len(dims), 0)))
    rest = x.array.shape[B.array.ndim :]
    return solve(x.reshape(prod(B.array.shape), prod(rest)), B.reshape(-1)).reshape(rest)
