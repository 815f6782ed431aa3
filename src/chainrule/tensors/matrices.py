"""What the functions of linear algebra ask of matrices, and the errors where they do not get it."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.dtypes import title
from ..base.errors import message
from ..graph.value import wrap
from ..ops.kernels.lu import each, first_zero, lu
from .coerce import tensor_like


class LinAlgError(RuntimeError):
    """A matrix for which what was asked for does not exist."""


def deprecated(old: str, new: str) -> None:
    """PyTorch's warning in functions that `linalg` has under better names."""
    warnings.warn(
        f"torch.{old} is deprecated in favor of torch.linalg.{new} and will be removed in a future PyTorch release.",
        UserWarning,
        stacklevel=3,
    )


def matrix(x: Any, name: str) -> Any:
    """``x``, checked to be a matrix (or a stack of them) of real or complex numbers."""
    shape = tensor_like(x, "A", f"linalg_{name}").array.shape
    if len(shape) < 2:
        raise RuntimeError(
            message(
                f"linalg.{name}: The input tensor A must have at least 2 dimensions.", f"its shape is {list(shape)}"
            )
        )
    if x.array.dtype.kind in "bui":
        raise RuntimeError(
            message(
                f"linalg.{name}: Expected a floating point or complex tensor as input. Got {title(x.dtype)}",
                instead="x.float()",
            )
        )
    if x.dtype in dtypes.HALVES:
        raise RuntimeError(
            message(
                f"linalg.{name}: Low precision dtypes not supported. Got {title(x.dtype)}",
                "sixteen bits are too few for a factorisation",
                "x.float()",
            )
        )
    return x


def square(x: Any, name: str) -> Any:
    """``x``, checked to be a matrix (or a stack of them) as wide as high."""
    shape = matrix(x, name).array.shape
    if shape[-1] != shape[-2]:
        raise RuntimeError(
            message(
                f"linalg.{name}: A must be batches of square matrices, but they are {shape[-2]} by {shape[-1]} matrices",
                "only a square matrix has what is asked for",
            )
        )
    return x


def place(info: np.ndarray) -> tuple[str, int]:
    """Of the first matrix of a stack that failed: how PyTorch names it, and its number."""
    flat = info.reshape(-1)
    i = int(np.flatnonzero(flat)[0])
    return (f"(Batch element {i}): " if info.ndim else ""), int(flat[i])


def singular(a: np.ndarray) -> np.ndarray:
    """For each matrix the first zero on the diagonal of U in its P L U, from 1; 0 for one that has an inverse."""
    return first_zero(lu(a)[0])


def minors(a: np.ndarray) -> np.ndarray:
    """For each matrix the order of its first leading minor that is not positive definite; 0 where there is none."""
    info = np.zeros(a.shape[:-2], np.int32)
    for i, one in enumerate(each(a)):
        for n in range(1, one.shape[-1] + 1):
            try:
                np.linalg.cholesky(one[:n, :n])
            except np.linalg.LinAlgError:
                info.reshape(-1)[i] = n
                break
    return info


def no_inverse(name: str, a: np.ndarray, what: str = "inversion") -> LinAlgError:
    where, k = place(singular(a)) if singular(a).any() else ("", a.shape[-1])
    words = (
        f"torch.linalg.{name}: {where}The solver failed because the input matrix is singular."
        if what == "solve"
        else f"linalg.{name}: {where}The diagonal element {k} is zero, the {what} could not be completed because the input "
        "matrix is singular."
    )
    return LinAlgError(
        message(
            words,
            f"its determinant is zero: row {k} is a combination of the others",
            "torch.linalg.pinv or lstsq, or add a small multiple of the identity",
        )
    )


def not_definite(name: str, a: np.ndarray) -> LinAlgError:
    where, k = place(minors(a))
    return LinAlgError(
        message(
            f"linalg.{name}: {where}The factorization could not be completed because the input is not positive-definite "
            f"(the leading minor of order {k} is not positive-definite).",
            "L Lᴴ is positive definite for every L with an inverse",
            "add a small multiple of the identity, or torch.linalg.ldl_factor",
        )
    )


def info_of(found: np.ndarray) -> Any:
    """PyTorch's ``info``: 0 where all went well."""
    return wrap(np.asarray(found, np.int32))
