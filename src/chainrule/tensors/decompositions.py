"""Inverses, determinants and systems of linear equations, by PyTorch's names."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..graph.apply import apply
from ..graph.promote import known_as
from ..graph.value import Value, wrap
from ..ops import decompositions as op
from ..ops import factorisations
from .inplace import into
from .linalg import matmul
from .matrices import LinAlgError, deprecated, info_of, matrix, minors, no_inverse, not_definite, singular, square
from .return_types import return_type

InvEx = return_type("linalg_inv_ex", "inverse", "info")
SolveEx = return_type("linalg_solve_ex", "result", "info")
TriangularSolve = return_type("triangular_solve", "solution", "cloned_coefficient")
CholeskyEx = return_type("linalg_cholesky_ex", "L", "info")
Slogdet = return_type("linalg_slogdet", "sign", "logabsdet")
FormerSlogdet = return_type("slogdet", "sign", "logabsdet")
Lstsq = return_type("linalg_lstsq", "solution", "residuals", "rank", "singular_values")

# ---------------------------------------------------------------------- inverses and determinants


def inv(A: Any, *, out: Any = None) -> Any:  # noqa: N803
    """A⁻¹, with A⁻¹ A = I.

    >>> torch.linalg.inv(torch.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    x = square(A, "inv")
    try:
        return into(out, apply(op.inverse, x))
    except np.linalg.LinAlgError:
        raise no_inverse("inv", x.array) from None


def inverse(input: Any, *, out: Any = None) -> Any:
    """A⁻¹, as `linalg.inv`.

    >>> torch.inverse(torch.tensor([[2., 0.], [0., 4.]]))
    tensor([[0.5000, 0.0000],
            [0.0000, 0.2500]])
    """
    return inv(input, out=out)


def inv_ex(A: Any, *, check_errors: bool = False, out: Any = None) -> Any:  # noqa: N803
    """(A⁻¹, info), info being 0 where there is an inverse, else where elimination met a zero; NaN stands there then."""
    try:
        y = inv(A)
        return InvEx(y, info_of(np.zeros(A.array.shape[:-2])))
    except LinAlgError:
        info = singular(A.array)
        if check_errors:
            raise no_inverse("inv_ex", A.array) from None
        fine = info == 0
        y = np.full(A.array.shape, np.nan, A.array.dtype)
        y[fine] = np.linalg.inv(A.array[fine])
        return InvEx(wrap(y), info_of(info))


def det(A: Any, *, out: Any = None) -> Any:  # noqa: N803
    """The determinant.

    >>> torch.linalg.det(torch.tensor([[2., 1.], [1., 3.]]))
    tensor(5.)
    """
    return into(out, apply(op.det, square(A, "det")))


def logdet(input: Any) -> Any:
    """ln det A, NaN where the determinant is negative.

    >>> torch.logdet(torch.eye(2))
    tensor(0.)
    """
    sign, size = slogdet(input)
    if sign.is_complex():
        return sign.log() + size
    return size if (sign.array > 0).all() else size + wrap(np.where(sign.array < 0, np.nan, 0).astype(size.array.dtype))


def slogdet_of(input: Any) -> Any:
    """`slogdet` under the name it has beside the tensor functions."""
    return FormerSlogdet(*slogdet(input))


def slogdet(A: Any, *, out: Any = None) -> Any:  # noqa: N803
    """(sign, ln |det A|): the determinant without overflow."""
    return into(out, Slogdet(*factorisations.slogdet(square(A, "slogdet"))))


# ---------------------------------------------------------------------- systems


def solve(A: Any, B: Any, *, left: bool = True, out: Any = None) -> Any:  # noqa: N803
    """X with A X = B (or X A = B).

    >>> torch.linalg.solve(torch.tensor([[2., 0.], [0., 4.]]), torch.tensor([2., 4.]))
    tensor([1., 1.])
    """
    x = square(A, "solve")
    if x.array.dtype != B.array.dtype:
        raise RuntimeError(
            message(
                f"linalg.solve: Expected A and B to have the same dtype, but found A of type {dtypes.title(x.dtype)} "
                f"and B of type {dtypes.title(B.dtype)} instead",
                instead=f"B.to({x.dtype})",
            )
        )
    if not left and B.array.ndim > 1:
        return into(out, solve(A.mT, B.mT).mT)
    vectors = B.array.ndim == 1 or B.array.ndim == A.array.ndim - 1 and B.array.shape == A.array.shape[:-1]
    b = B.unsqueeze(-1) if vectors else B
    if b.array.shape[-2] != x.array.shape[-1]:
        raise RuntimeError(
            f"linalg.solve: Incompatible shapes of A and B for the equation AX = B "
            f"({x.array.shape[-2]}x{x.array.shape[-1]} and {b.array.shape[-2]}x{b.array.shape[-1]})"
        )
    try:
        y = apply(op.solve, x, b)
    except np.linalg.LinAlgError:
        raise no_inverse("solve", x.array, "solve") from None
    return into(out, y.squeeze(-1) if vectors else y)


def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False, out: Any = None) -> Any:  # noqa: N803
    """(X with A X = B, info), info being 0 where A has an inverse, else where elimination met a zero."""
    try:
        return SolveEx(solve(A, B, left=left), info_of(np.zeros(A.array.shape[:-2])))
    except LinAlgError:
        if check_errors:
            raise
        return SolveEx(wrap(np.full(B.array.shape, np.nan, B.array.dtype)), info_of(singular(A.array)))


def solve_triangular(
    A: Any,
    B: Any,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
    out: Any = None,  # noqa: N803
) -> Any:
    """X with A X = B (or X A = B), A being triangular; entries on the other side of the diagonal are not read.

    >>> torch.linalg.solve_triangular(torch.tensor([[1., 2.], [0., 4.]]), torch.tensor([[3.], [4.]]), upper=True)
    tensor([[1.],
            [1.]])
    """
    from ..ops.arrange import Tril, Triu

    x, b = square(A, "solve_triangular"), matrix(B, "solve_triangular")
    if not left:
        y = solve_triangular(A.mT, B.mT, upper=not upper, unitriangular=unitriangular)
        return into(out, y.mT)
    if x.array.shape[-1] != b.array.shape[-2]:
        raise RuntimeError(
            f"linalg.solve_triangular: Incompatible shapes of A and B for the equation AX = B "
            f"({x.array.shape[-2]}x{x.array.shape[-1]} and {b.array.shape[-2]}x{b.array.shape[-1]})"
        )
    if unitriangular:
        strict = Triu(1)(x) if upper else Tril(-1)(x)
        x = strict + wrap(np.eye(x.array.shape[-1], dtype=x.array.dtype))
    return into(out, apply(op.SolveTriangular(upper), x, b))


def triangular_solve(
    input: Any,
    A: Any,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
    *,
    out: Any = None,  # noqa: N803
) -> Any:
    """(X with A X = input, A), as `linalg.solve_triangular`, which takes its arguments the other way round."""
    deprecated("triangular_solve", "solve_triangular")
    y = solve_triangular(A.mT if transpose else A, input, upper=upper != transpose, unitriangular=unitriangular)
    return into(out, TriangularSolve(y, A.clone()))


def pinv(
    A: Any,
    rcond: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
    out: Any = None,  # noqa: N803
) -> Any:
    """The pseudoinverse: of the X that minimise ‖A X − I‖ the smallest. Directions in which A shrinks below the limit drop out.

    The limit is max(atol, rtol · the largest singular value); rtol is ε · max(m, n) unless one of the two is given.

    >>> torch.linalg.pinv(torch.tensor([[1., 0.], [0., 0.], [0., 2.]]))
    tensor([[1.0000, 0.0000, 0.0000],
            [0.0000, 0.0000, 0.5000]])
    """
    x = matrix(A, "pinv")
    s = np.linalg.svd(x.array, compute_uv=False)
    return into(out, apply(op.pinv, x, tolerance(x.array, s, atol, rcond if rtol is None else rtol)))


def pinverse(input: Any, rcond: Any = 1e-15) -> Any:
    """The pseudoinverse, as `linalg.pinv`, by default without a limit."""
    return pinv(input, rcond)


def tolerance(a: np.ndarray, s: np.ndarray, atol: Any, rtol: Any) -> np.ndarray:
    """Below which singular values count as zero, for each matrix, as a column."""
    atol, rtol = (t.array if isinstance(t, Value) else t for t in (atol, rtol))
    if rtol is None:
        given = np.any(np.asarray(0.0 if atol is None else atol) > 0)
        rtol = 0.0 if given else max(a.shape[-2:]) * np.finfo(a.dtype).eps
    largest = s.max(-1, initial=0)
    return np.maximum(np.asarray(0.0 if atol is None else atol), np.asarray(rtol) * largest)[..., None]


def matrix_rank(
    A: Any,
    tol: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
    out: Any = None,  # noqa: N803
) -> Any:
    """How many singular values are not negligible; see `pinv` for the limit.

    >>> torch.linalg.matrix_rank(torch.ones(2, 3))
    tensor(1)
    """
    x = matrix(A, "matrix_rank").array
    s = np.linalg.svd(x, compute_uv=False) if not hermitian else np.abs(np.linalg.eigvalsh(x))
    limit = tolerance(x, s, atol if tol is None else tol, 0.0 if tol is not None else rtol)
    return into(out, wrap(np.asarray((s > limit).sum(-1), np.int64)))


def lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> Any:  # noqa: N803
    """X that minimises ‖A X − B‖, with (by some drivers) the squares left over, the rank, the singular values.

    >>> torch.linalg.lstsq(torch.tensor([[1.], [1.]]), torch.tensor([[1.], [3.]])).solution
    tensor([[2.]])
    """
    if driver not in (None, "gels", "gelsy", "gelsd", "gelss"):
        raise RuntimeError(
            message(
                f"torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss), got {driver!r}",
                "they are LAPACK's programs for least squares; here all go by singular values",
            )
        )
    a = matrix(A, "lstsq").array
    m, n = a.shape[-2:]
    s = np.linalg.svd(a, compute_uv=False)
    rank = np.asarray((s > tolerance(a, s, None, rcond)).sum(-1), np.int64)
    full = m >= n and (rank == n).all()
    if B.array.ndim == A.array.ndim - 1:  # one right-hand side
        found = lstsq(A, B.unsqueeze(-1), rcond, driver=driver)
        return Lstsq(found.solution.squeeze(-1), *found[1:])
    solution = by_qr(A, B) if full else matmul(pinv(A, rcond), B)
    residuals = np.empty(0, a.real.dtype)
    if full and m > n and driver not in (None, "gelsy"):
        residuals = (np.abs(a @ solution.array - B.array) ** 2).sum(-2)
    sizes = s if driver in ("gelsd", "gelss") else np.empty(0, a.real.dtype)
    return Lstsq(solution, wrap(residuals), wrap(np.empty(0, np.int64) if driver == "gels" else rank), wrap(sizes))


def by_qr(A: Any, B: Any) -> Any:  # noqa: N803
    """The X that minimises ‖A X − B‖ where there is one only: A = Q R, so R X = Qᴴ B."""
    from .factorisations import qr_mode

    q, r = qr_mode(A)
    return solve_triangular(r, matmul(q.mH, B), upper=True)


def tensorinv(A: Any, ind: int = 2, *, out: Any = None) -> Any:  # noqa: N803
    """The inverse with respect to tensordot over ``ind`` axes.

    >>> torch.linalg.tensorinv(torch.eye(6).reshape(2, 3, 6), ind=2).shape
    torch.Size([6, 2, 3])
    """
    if ind <= 0:
        raise RuntimeError("Expected a strictly positive integer for 'ind'")
    lead, rest = A.array.shape[:ind], A.array.shape[ind:]
    if prod(lead) != prod(rest):
        raise RuntimeError(
            f"Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got "
            f"{prod(rest)} != {prod(lead)}"
        )
    return into(out, inv(A.reshape(prod(lead), prod(rest))).reshape((*rest, *lead)))


def tensorsolve(A: Any, B: Any, dims: Any = None, *, out: Any = None) -> Any:  # noqa: N803
    """X with tensordot(A, X) = B."""
    x = A if dims is None else A.movedim(dims, tuple(range(-len(dims), 0)))
    rest = x.array.shape[B.array.ndim :]
    y = solve(x.reshape(prod(B.array.shape), prod(rest)), B.reshape(-1)).reshape(rest)
    return into(out, y)


# ---------------------------------------------------------------------- Cholesky's factor


def cholesky(A: Any, *, upper: bool = False, out: Any = None) -> Any:  # noqa: N803
    """L with L Lᴴ = A, lower triangular, for a positive definite A; with ``upper`` Lᴴ.

    >>> torch.linalg.cholesky(torch.tensor([[4., 2.], [2., 5.]]))
    tensor([[2., 0.],
            [1., 2.]])
    """
    x = square(A, "cholesky")
    try:
        y = apply(op.cholesky, x)
    except np.linalg.LinAlgError:
        raise not_definite("cholesky", x.array) from None
    return into(out, y.mH if upper else y)


def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False, out: Any = None) -> Any:  # noqa: N803
    """(L, info), info being 0 where A is positive definite, else the order of the first minor that is not."""
    try:
        return CholeskyEx(cholesky(A, upper=upper), info_of(np.zeros(A.array.shape[:-2])))
    except LinAlgError:
        if check_errors:
            raise not_definite("cholesky_ex", A.array) from None
        return CholeskyEx(wrap(np.full(A.array.shape, np.nan, A.array.dtype)), info_of(minors(A.array)))


def cholesky_of(input: Any, upper: bool = False, *, out: Any = None) -> Any:
    """``torch.cholesky``: `linalg.cholesky`, with ``upper`` by position."""
    deprecated("cholesky", "cholesky")
    return cholesky(input, upper=upper, out=out)


def cholesky_solve(input: Any, L: Any, upper: bool = False, *, out: Any = None) -> Any:  # noqa: N803
    """X with A X = B, given Cholesky's factor of A.

    >>> torch.cholesky_solve(torch.tensor([[8.]]), torch.tensor([[2.]]))
    tensor([[2.]])
    """
    factor = L.mH if upper else L
    y = solve_triangular(factor, input, upper=False)
    return into(out, known_as(solve_triangular(factor.mH, y, upper=True), "CholeskySolveBackward0"))


def cholesky_inverse(L: Any, upper: bool = False, *, out: Any = None) -> Any:  # noqa: N803
    """A⁻¹, given Cholesky's factor of A.

    >>> torch.cholesky_inverse(torch.tensor([[2.]]))
    tensor([[0.2500]])
    """
    x = square(L, "cholesky_inverse")
    return into(out, cholesky_solve(wrap(np.eye(x.array.shape[-1], dtype=x.array.dtype)), x, upper))


# ---------------------------------------------------------------------- e to the power of a matrix


def matrix_exp(A: Any) -> Any:  # noqa: N803
    """Σ Aⁿ/n!, by scaling and squaring with a Taylor polynomial of degree 18.

    >>> torch.linalg.matrix_exp(torch.tensor([[0., 1.], [0., 0.]]))
    tensor([[1., 1.],
            [0., 1.]])
    """
    from .filled import eye

    x = square(A, "matrix_exp")
    size = float(np.abs(x.array).sum(-1).max(initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(size))) + 1) if size > 0 and np.isfinite(size) else 0
    small = x / 2**halvings
    y = term = eye(x.array.shape[-1], dtype=x.dtype).expand(x.shape)
    for n in range(1, 19):
        term = matmul(term, small) / n
        y = y + term
    for _ in range(halvings):
        y = matmul(y, y)
    return known_as(y, "LinalgMatrixExpBackward0")
