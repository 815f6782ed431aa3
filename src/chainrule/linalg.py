"""``torch.linalg``: linear algebra by PyTorch's names."""

from __future__ import annotations

from .tensors.decompositions import LinAlgError as LinAlgError
from .tensors.decompositions import cholesky as cholesky
from .tensors.decompositions import cond as cond
from .tensors.decompositions import det as det
from .tensors.decompositions import eig as eig
from .tensors.decompositions import eigh as eigh
from .tensors.decompositions import eigvalsh as eigvalsh
from .tensors.decompositions import inv as inv
from .tensors.decompositions import linalg_norm as norm
from .tensors.decompositions import lstsq as lstsq
from .tensors.decompositions import matrix_exp as matrix_exp
from .tensors.decompositions import matrix_norm as matrix_norm
from .tensors.decompositions import matrix_rank as matrix_rank
from .tensors.decompositions import multi_dot as multi_dot
from .tensors.decompositions import pinv as pinv
from .tensors.decompositions import qr as qr
from .tensors.decompositions import slogdet as slogdet
from .tensors.decompositions import solve as solve
from .tensors.decompositions import svd as svd
from .tensors.decompositions import svdvals as svdvals
from .tensors.decompositions import tensorinv as tensorinv
from .tensors.decompositions import tensorsolve as tensorsolve
from .tensors.decompositions import vecdot as vecdot
from .tensors.decompositions import vector_norm as vector_norm
from .tensors.linalg import matmul as matmul
from .tensors.linalg import matrix_power as matrix_power
from .tensors.linalg import vector_product as cross

__all__ = ["LinAlgError", "cholesky", "cond", "cross", "det", "eig", "eigh", "eigvalsh", "inv", "lstsq", "matmul",
           "matrix_exp", "matrix_norm", "matrix_power", "matrix_rank", "multi_dot", "norm", "pinv", "qr", "slogdet", "solve",
           "svd", "svdvals", "tensorinv", "tensorsolve", "vecdot", "vector_norm"]  # fmt: skip
