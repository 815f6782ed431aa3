"""P L U and L D Lᵀ: matrices taken apart by elimination, by PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.promote import cast
from ..graph.value import wrap
from ..ops import factorisations as op
from ..ops.arrange import Tril, Triu
from ..ops.kernels import lu as triangles
from .decompositions import solve, solve_triangular
from .inplace import into
from .linalg import matmul
from .matrices import LinAlgError, deprecated, info_of, matrix, place, square
from .return_types import return_type

LuReturned = return_type("linalg_lu", "P", "L", "U")
LuFactor = return_type("linalg_lu_factor", "LU", "pivots")
LuFactorEx = return_type("linalg_lu_factor_ex", "LU", "pivots", "info")
LuUnpacked = return_type("lu_unpack", "P", "L", "U")
LdlFactor = return_type("linalg_ldl_factor", "LD", "pivots")
LdlFactorEx = return_type("linalg_ldl_factor_ex", "LD", "pivots", "info")

# ---------------------------------------------------------------------- P L U


def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False, out: Any = None) -> Any:  # noqa: N803
    """(L below, U on and above the diagonal of one matrix, pivots, info) with A = P L U; info says where U has a zero."""
    x = matrix(A, "lu_factor")
    if not pivot:
        raise RuntimeError(
            message(
                "linalg.lu_factor: LU without pivoting is not implemented on the CPU",
                "without exchanging rows small pivots would spoil the result",
            )
        )
    packed, pivots = op.lu(x)
    info = triangles.first_zero(packed.array)
    if check_errors and info.any():
        raise LinAlgError(zero_pivot("lu_factor_ex", info))
    return into(out, LuFactorEx(packed, pivots, info_of(info)))


def zero_pivot(name: str, info: np.ndarray) -> str:
    where, k = place(info)
    return message(
        f"torch.linalg.{name}: {where}U[{k},{k}] is zero and using it on lu_solve would result in a division by zero. If you "
        "still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)",
        "A has no inverse",
    )


def lu_factor(A: Any, *, pivot: bool = True, out: Any = None) -> Any:  # noqa: N803
    """(L below, U on and above the diagonal of one matrix, pivots) with A = P L U, for `lu_solve`.

    >>> torch.linalg.lu_factor(torch.tensor([[2., 1.], [1., 3.]])).LU
    tensor([[2.0000, 1.0000],
            [0.5000, 2.5000]])
    """
    packed, pivots, info = lu_factor_ex(A, pivot=pivot)
    if info.array.any():
        raise RuntimeError(zero_pivot("lu_factor", info.array))
    return into(out, LuFactor(packed, pivots))


def lu(A: Any, *, pivot: bool = True, out: Any = None) -> Any:  # noqa: N803
    """(P, L, U) with A = P L U: rows exchanged, L lower triangular with ones on its diagonal, U upper triangular.

    >>> torch.linalg.lu(torch.tensor([[1., 3.], [2., 1.]])).U
    tensor([[2.0000, 1.0000],
            [0.0000, 2.5000]])
    """
    packed, pivots, _ = lu_factor_ex(A, pivot=pivot)
    return into(out, LuReturned(*lu_unpack(packed, pivots)))


def lu_unpack(
    LU_data: Any,
    LU_pivots: Any,
    unpack_data: bool = True,
    unpack_pivots: bool = True,
    *,
    out: Any = None,  # noqa: N803
) -> Any:
    """(P, L, U) from what `lu_factor` gives.

    >>> torch.lu_unpack(*torch.linalg.lu_factor(torch.tensor([[1., 3.], [2., 1.]]))).P
    tensor([[0., 1.],
            [1., 0.]])
    """
    m, n = LU_data.array.shape[-2:]
    k = min(m, n)
    p = lower = upper = LU_data.detach().new_empty(0)
    if unpack_data:
        lower = Tril(-1)(LU_data[..., :, :k]) + wrap(np.eye(m, k, dtype=LU_data.array.dtype))
        upper = Triu(0)(LU_data[..., :k, :])
    if unpack_pivots:
        order = triangles.order_of(LU_pivots.array, m)
        p = wrap(np.swapaxes(np.eye(m, dtype=LU_data.array.dtype)[order], -1, -2).copy())
    return into(out, LuUnpacked(p, lower, upper))


def lu_solve(
    LU: Any,
    pivots: Any,
    B: Any,
    *,
    left: bool = True,
    adjoint: bool = False,
    out: Any = None,  # noqa: N803
) -> Any:
    """X with A X = B (or X A = B, or Aᴴ X = B), from what `lu_factor` gives of A.

    >>> torch.linalg.lu_solve(*torch.linalg.lu_factor(torch.tensor([[2., 0.], [0., 4.]])), torch.tensor([[2.], [4.]]))
    tensor([[1.],
            [1.]])
    """
    if not left:
        return into(out, lu_solve(LU, pivots, B.mH, adjoint=not adjoint).mH)
    p, _, _ = lu_unpack(LU, pivots, unpack_data=False)
    if adjoint:
        y = solve_triangular(LU.mH, B, upper=False)
        return into(out, matmul(p, solve_triangular(LU.mH, y, upper=True, unitriangular=True)))
    y = solve_triangular(LU, matmul(p.mT, B), upper=False, unitriangular=True)
    return into(out, solve_triangular(LU, y, upper=True))


def lu_of(input: Any, pivot: bool = True, get_infos: bool = False, out: Any = None) -> Any:
    """``torch.lu``: what `lu_factor` gives, and with ``get_infos`` what `lu_factor_ex` gives."""
    deprecated("lu", "lu_factor / torch.linalg.lu_factor_ex")
    packed, pivots, info = lu_factor_ex(input, pivot=pivot)
    if get_infos:
        return into(out, return_type("_lu_with_info", "LU", "pivots", "info")(packed, pivots, info))
    if info.array.any():
        raise RuntimeError(zero_pivot("lu_factor", info.array))
    return into(out, (packed, pivots))


def lu_solve_of(input: Any, LU_data: Any, LU_pivots: Any, *, out: Any = None) -> Any:  # noqa: N803
    """``torch.lu_solve``: `linalg.lu_solve`, which takes its arguments in another order."""
    deprecated("lu_solve", "lu_solve")
    return lu_solve(LU_data, LU_pivots, input, out=out)


# ---------------------------------------------------------------------- L D Lᵀ


def ldl_factor_ex(A: Any, *, hermitian: bool = False, check_errors: bool = False, out: Any = None) -> Any:  # noqa: N803
    """(L and the blocks of D in one matrix, pivots, info) with A = L D Lᵀ (Lᴴ if ``hermitian``), A being symmetric."""
    x = square(A, "ldl_factor_ex")
    if x.node is not None:
        raise RuntimeError(
            message(
                "the derivative for 'linalg_ldl_factor_ex' is not implemented.",
                instead="A.detach(), or torch.linalg.lu_factor",
            )
        )
    packed, pivots, info = triangles.ldl(x.array, hermitian)
    if check_errors and info.any():
        where, k = place(info)
        raise LinAlgError(
            message(
                f"torch.linalg.ldl_factor_ex: {where}D[{k},{k}] is zero and using it on ldl_solve would result in a division by zero.",
                "A has no inverse",
            )
        )
    return into(out, LdlFactorEx(wrap(packed), wrap(pivots), info_of(info)))


def ldl_factor(A: Any, *, hermitian: bool = False, out: Any = None) -> Any:  # noqa: N803
    """(L and D in one matrix, pivots) with A = L D Lᵀ, by Bunch and Kaufman's pivoting, for `ldl_solve`.

    >>> torch.linalg.ldl_factor(torch.tensor([[2., 1.], [1., 3.]])).LD
    tensor([[2.0000, 0.0000],
            [0.5000, 2.5000]])
    """
    return into(out, LdlFactor(*ldl_factor_ex(A, hermitian=hermitian, check_errors=True)[:2]))


def ldl_solve(LD: Any, pivots: Any, B: Any, *, hermitian: bool = False, out: Any = None) -> Any:  # noqa: N803
    """X with A X = B, from what `ldl_factor` gives of A."""
    return into(out, solve(wrap(unpacked(LD.array, pivots.array, hermitian)), cast(B, LD.dtype)))


def unpacked(packed: np.ndarray, pivots: np.ndarray, hermitian: bool) -> np.ndarray:
    """The A of which L, D and the pivots are given."""
    found = np.empty_like(packed)
    for a, one, swaps in zip(triangles.each(found), triangles.each(packed), pivots.reshape(-1, pivots.shape[-1])):
        a[...] = triangles.ldl_product(one, swaps, hermitian)
    return found
