"""``torch.sparse``: products with sparse matrices in coordinate form, and the names of the other functions."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from .base.absent import refusing
from .base.dtypes import dtype
from .base.errors import message
from .tensors.convert import NAMES
from .tensors.linalg import mm as product
from .tensors.sparse import SparseTensor as SparseTensor
from .tensors.sparse import sparse_coo_tensor


def mm(mat1: Any, mat2: Any, reduce: str = "sum") -> Any:
    """The product of two matrices, the first of which may be sparse.

    >>> a = torch.eye(2).to_sparse() * 3
    >>> torch.sparse.mm(a, torch.ones(2, 1))
    tensor([[3.],
            [3.]])
    """
    if reduce != "sum":
        raise NotImplementedError(message(f"sparse.mm: reduce='{reduce}'", "products are summed here", "reduce='sum'"))
    return product(mat1, mat2)


def addmm(mat: Any, mat1: Any, mat2: Any, *, beta: float = 1.0, alpha: float = 1.0) -> Any:
    """``beta · mat + alpha · mat1 @ mat2``, mat1 being sparse."""
    return beta * mat + alpha * product(mat1, mat2)


def sum(input: Any, dim: Any = None, dtype: Any = None) -> Any:
    """The sum of the entries of a sparse tensor; along dims, as a dense tensor."""
    if not isinstance(input, SparseTensor):
        input.coalesce()  # says that it is not sparse
    found = input.sum(dim)
    return found if dtype is None else found.to(dtype)


def missing() -> NotImplementedError:
    return NotImplementedError(
        message(
            "this function of torch.sparse is not available",
            "sparse tensors are made, transposed, added, scaled, and multiplied with dense matrices",
            "the function of the dense tensor, s.to_dense()",
        )
    )


refuse = partial(refusing, error=missing, doc="Not available: an error with what to do instead.")
softmax, log_softmax = refuse("softmax"), refuse("log_softmax")
spdiags, sampled_addmm = refuse("spdiags"), refuse("sampled_addmm")


def former(name: str, kind: dtype) -> Callable[..., SparseTensor]:
    """``torch.sparse.FloatTensor``, the constructor that `sparse_coo_tensor` replaces."""

    def make(*parts: Any, device: Any = None) -> SparseTensor:
        warnings.warn(
            "torch.sparse.SparseTensor(indices, values, shape, *, device=) is deprecated.  Please use "
            "torch.sparse_coo_tensor(indices, values, shape, dtype=, device=).",
            UserWarning,
            stacklevel=2,
        )
        return sparse_coo_tensor(*parts, dtype=kind, device=device)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"A sparse tensor of {kind} from indices, values and a size."
    return make


FloatTensor, DoubleTensor = former("FloatTensor", NAMES["FloatTensor"]), former("DoubleTensor", NAMES["DoubleTensor"])
LongTensor, IntTensor = former("LongTensor", NAMES["LongTensor"]), former("IntTensor", NAMES["IntTensor"])
