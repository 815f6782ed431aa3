"""``torch.linalg``: linear algebra by PyTorch's names."""

from __future__ import annotations

from .tensors.decompositions import cholesky as cholesky
from .tensors.decompositions import cholesky_ex as cholesky_ex
from .tensors.decompositions import det as det
from .tensors.decompositions import inv as inv
from .tensors.decompositions import inv_ex as inv_ex
from .tensors.decompositions import lstsq as lstsq
from .tensors.decompositions import matrix_exp as matrix_exp
from .tensors.decompositions import matrix_rank as matrix_rank
from .tensors.decompositions import pinv as pinv
from .tensors.decompositions import slogdet as slogdet
from .tensors.decompositions import solve as solve
from .tensors.decompositions import solve_ex as solve_ex
from .tensors.decompositions import solve_triangular as solve_triangular
from .tensors.decompositions import tensorinv as tensorinv
from .tensors.decompositions import tensorsolve as tensorsolve
from .tensors.elimination import ldl_factor as ldl_factor
from .tensors.elimination import ldl_factor_ex as ldl_factor_ex
from .tensors.elimination import ldl_solve as ldl_solve
from .tensors.elimination import lu as lu
from .tensors.elimination import lu_factor as lu_factor
from .tensors.elimination import lu_factor_ex as lu_factor_ex
from .tensors.elimination import lu_solve as lu_solve
from .tensors.factorisations import eig as eig
from .tensors.factorisations import eigh as eigh
from .tensors.factorisations import eigvals as eigvals
from .tensors.factorisations import eigvalsh as eigvalsh
from .tensors.factorisations import householder_product as householder_product
from .tensors.factorisations import qr_mode as qr
from .tensors.factorisations import svd_h as svd
from .tensors.factorisations import svdvals as svdvals
from .tensors.linalg import matmul as matmul
from .tensors.linalg import matrix_power as matrix_power
from .tensors.linalg import vector_product as cross
from .tensors.matrices import LinAlgError as LinAlgError
from .tensors.matrix_norms import cond as cond
from .tensors.matrix_norms import diagonal as diagonal
from .tensors.matrix_norms import linalg_norm as norm
from .tensors.matrix_norms import matrix_norm as matrix_norm
from .tensors.matrix_norms import multi_dot as multi_dot
from .tensors.matrix_norms import vander as vander
from .tensors.matrix_norms import vecdot as vecdot
from .tensors.matrix_norms import vector_norm as vector_norm

__all__ = [
    "LinAlgError", "cholesky", "cholesky_ex", "cond", "cross", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh",
    "householder_product", "inv", "inv_ex", "ldl_factor", "ldl_factor_ex", "ldl_solve", "lstsq", "lu", "lu_factor",
    "lu_factor_ex", "lu_solve", "matmul", "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm",
    "pinv", "qr", "slogdet", "solve", "solve_ex", "solve_triangular", "svd", "svdvals", "tensorinv", "tensorsolve", "vander",
    "vecdot", "vector_norm",
]  # fmt: skip
