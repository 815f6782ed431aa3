"""Norms, distances and products of vectors and matrices, by the names of ``torch.linalg``."""

from __future__ import annotations

from math import inf
from typing import Any

from ..base.errors import message
from ..graph.promote import cast, known_as
from .inplace import into
from .spelling import numpy_spelling


@numpy_spelling
def vector_norm(
    x: Any, ord: float = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None
) -> Any:
    """(Σ |x|ᵖ)^(1/p) over ``dim``, p being ``ord``.

    >>> torch.linalg.vector_norm(torch.tensor([3., -4.]))
    tensor(5.)
    """
    from .reduction import norm

    return into(out, norm(x, ord, dim, keepdim, dtype=dtype))


@numpy_spelling
def matrix_norm(
    A: Any,
    ord: Any = "fro",
    dim: Any = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: Any = None,
    out: Any = None,  # noqa: N803
) -> Any:
    """A norm of matrices: "fro", "nuc" (sum of singular values), 2, −2 (extreme ones), 1, −1, ∞, −∞ (sums of columns, rows).

    >>> torch.linalg.matrix_norm(torch.tensor([[3., 0.], [0., 4.]]))
    tensor(5.)
    """
    from .factorisations import svdvals
    from .reduction import norm

    x = A if dtype is None else cast(A, dtype)
    if x.array.ndim < 2:
        raise RuntimeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.")
    rows, columns = (d % x.array.ndim for d in dim)
    if ord == "fro":
        return into(out, norm(x, 2, (rows, columns), keepdim))
    if ord in ("nuc", 2, -2):
        s = svdvals(x.movedim((rows, columns), (-2, -1)))
        y = s.sum(-1) if ord == "nuc" else s.amax(-1) if ord == 2 else s.amin(-1)
        return into(out, y.unsqueeze(min(rows, columns)).unsqueeze(max(rows, columns)) if keepdim else y)
    if ord in (1, -1, inf, -inf):
        over, rest = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = x.abs().sum(over, keepdim=True)
        y = sums.amax(rest, keepdim=True) if ord > 0 else sums.amin(rest, keepdim=True)
        return into(out, y if keepdim else y.squeeze((rows, columns)))
    raise RuntimeError(
        message(f"linalg.matrix_norm: Order {ord} not supported.", "the orders are 'fro', 'nuc', ±1, ±2 and ±inf")
    )


@numpy_spelling
def linalg_norm(
    A: Any,
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    out: Any = None,
    dtype: Any = None,  # noqa: N803
) -> Any:
    """A vector norm, or a matrix norm where two axes (or "fro"/"nuc") are meant.

    >>> torch.linalg.norm(torch.tensor([3., -4.]), 1)
    tensor(7.)
    """
    x = A if dtype is None else cast(A, dtype)
    if ord is None and dim is None:
        return into(out, vector_norm(x.reshape(-1)).reshape((1,) * x.array.ndim if keepdim else ()))
    if dim is None and ord is not None and x.array.ndim not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got {x.array.ndim}D."
        )
    if isinstance(dim, (tuple, list)) and len(dim) == 2 or dim is None and x.array.ndim == 2 and ord is not None:
        return into(out, matrix_norm(x, "fro" if ord is None else ord, (-2, -1) if dim is None else dim, keepdim))
    return into(out, vector_norm(x, 2 if ord is None else ord, dim, keepdim))


def cond(A: Any, p: Any = None, *, out: Any = None) -> Any:  # noqa: N803
    """The condition number ‖A‖ ‖A⁻¹‖, by default in the 2-norm, where it is the ratio of the extreme singular values.

    >>> torch.linalg.cond(torch.tensor([[2., 0.], [0., 4.]]))
    tensor(2.)
    """
    from .decompositions import inv
    from .factorisations import svdvals

    if p in (None, 2, -2):
        s = svdvals(A)
        return into(out, s.amax(-1) / s.amin(-1) if p != -2 else s.amin(-1) / s.amax(-1))
    return into(out, matrix_norm(A, p) * matrix_norm(inv(A), p))


def multi_dot(tensors: Any, *, out: Any = None) -> Any:
    """The product of several matrices, in the order that takes the fewest operations; the ends may be vectors.

    >>> torch.linalg.multi_dot([torch.ones(2, 3), torch.ones(3, 1), torch.ones(1)])
    tensor([3., 3.])
    """
    from .linalg import in_best_order

    factors = list(tensors)
    if len(factors) < 2:
        raise RuntimeError(f"multi_dot(): expected at least 2 tensors but got {len(factors)}")
    first, last = factors[0].array.ndim == 1, factors[-1].array.ndim == 1
    factors[0] = factors[0].unsqueeze(0) if first else factors[0]
    factors[-1] = factors[-1].unsqueeze(1) if last else factors[-1]
    y = in_best_order(factors)
    y = y.squeeze(-1) if last else y
    return into(out, y.squeeze(0) if first else y)


@numpy_spelling
def vecdot(x: Any, y: Any, *, dim: int = -1, out: Any = None) -> Any:
    """Σ conj(x) · y along one axis.

    >>> torch.linalg.vecdot(torch.tensor([1., 2.]), torch.tensor([3., 4.]))
    tensor(11.)
    """
    return into(out, ((x.conj() if x.is_complex() else x) * y).sum(dim))


def diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:  # noqa: N803
    """The diagonals of the matrices in the last two axes.

    >>> torch.linalg.diagonal(torch.tensor([[1., 2.], [3., 4.]]))
    tensor([1., 4.])
    """
    from .rearranging import diagonal

    return diagonal(A, offset, dim1, dim2)


def vander(x: Any, N: int | None = None) -> Any:  # noqa: N803
    """y[…, i, j] = x[…, i]ʲ for j = 0 … N − 1, N being the number of entries unless given.

    >>> torch.linalg.vander(torch.tensor([1., 2., 3.]))
    tensor([[1., 1., 1.],
            [1., 2., 4.],
            [1., 3., 9.]])
    """
    from .joining import stack

    if x.array.ndim == 0:
        raise RuntimeError("Input dim must be greater than or equal to 1.")
    count = x.array.shape[-1] if N is None else N
    if count <= 1:
        raise RuntimeError(f"N must be greater than 1, but got {count}.")
    powers = [x * 0 + 1]
    for _ in range(count - 1):
        powers.append(powers[-1] * x)
    return stack(powers, -1)


BY_PRODUCTS = {  # compute_mode: whether to take Euclidean distances between this many rows from matrix products
    "use_mm_for_euclid_dist_if_necessary": lambda rows: rows > 25,
    "use_mm_for_euclid_dist": lambda rows: True,
    "donot_use_mm_for_euclid_dist": lambda rows: False,
}


def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Any:
    """‖x1ᵢ − x2ⱼ‖ₚ for every pair of rows.

    Euclidean distances between more than 25 rows come from ‖a‖² + ‖b‖² − 2 a·b, which is much quicker, and less exact
    where rows are close; ``compute_mode`` "donot_use_mm_for_euclid_dist" takes the differences.

    >>> torch.cdist(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.], [0., 1.]]))
    tensor([[5., 1.]])
    """
    from .reduction import norm

    for name, x in (("X1", x1), ("X2", x2)):
        if x.array.ndim < 2:
            raise RuntimeError(
                message(
                    f"cdist only supports at least 2D tensors, {name} got: {x.array.ndim}D",
                    "each row is one point",
                    f"{name.lower()}.unsqueeze(0) for one point, {name.lower()}.unsqueeze(1) for numbers",
                )
            )
    if x1.array.shape[-1] != x2.array.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.array.shape[-1]} X2: {x2.array.shape[-1]}"
        )
    if compute_mode not in BY_PRODUCTS:
        raise ValueError(
            message(f"{compute_mode} is not a valid value for compute_mode", "", " or ".join(map(repr, BY_PRODUCTS)))
        )
    rows = max(x1.array.shape[-2], x2.array.shape[-2])
    floating = x1.array.dtype == x2.array.dtype and x1.array.dtype.kind == "f"
    if p == 2 and floating and BY_PRODUCTS[compute_mode](rows):
        return known_as(distances_by_products(x1, x2), "CdistBackward0")
    apart = x1.unsqueeze(-2) - x2.unsqueeze(-3)
    return known_as(norm(apart, p, -1) if apart.array.shape[-1] else apart.sum(-1), "CdistBackward0")


def distances_by_products(a: Any, b: Any) -> Any:
    """√(‖aᵢ‖² + ‖bⱼ‖² − 2 aᵢ·bⱼ), without an array of all differences; its gradient is 0 where rows are equal."""
    from .logic import where

    squared = (a * a).sum(-1).unsqueeze(-1) + (b * b).sum(-1).unsqueeze(-2) - 2 * (a @ b.mT)
    equal = squared <= 0  # rounding may take it below; NaN is not equal
    return where(equal, 0.0, where(equal, 1.0, squared).sqrt())
