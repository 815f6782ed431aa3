"""Parameters of distributions: brought to one shape, computed when first asked for, probabilities ↔ log odds."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import chainrule as cr


def broadcast_all(*values: Any) -> list[Any]:
    """Tensors of one shape from tensors and numbers; numbers take the dtype of the tensors, or the default one."""
    if not all(isinstance(v, (cr.Tensor, Number)) for v in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects implementing __torch_function__."
            f"\n  why: these are of type {', '.join(type(v).__name__ for v in values)}"
        )
    tensors = [v for v in values if isinstance(v, cr.Tensor)]
    dtype = tensors[0].dtype if tensors else cr.get_default_dtype()
    return list(cr.broadcast_tensors(*(v if isinstance(v, cr.Tensor) else cr.tensor(v, dtype=dtype) for v in values)))


class lazy:  # noqa: N801  (used as a decorator)
    """A parameter computed when it is first asked for, and kept."""

    def __init__(self, compute: Callable[[Any], Any]) -> None:
        self.compute, self.__doc__ = compute, compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        with cr.enable_grad():
            value = self.compute(instance)
        vars(instance)[self.name] = value
        return value


def clamp_probs(probs: Any) -> Any:
    """Probabilities at least ε away from 0 and 1, so that their logarithms are finite."""
    eps = cr.finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """log p, or for yes and no the log odds log p/(1 − p)."""
    p = clamp_probs(probs)
    return cr.log(p) - cr.log1p(-p) if is_binary else cr.log(p)


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """softmax(logits), or for yes and no the logistic function of them."""
    return cr.sigmoid(logits) if is_binary else cr.softmax(logits, dim=-1)


def one_of(probs: Any, logits: Any) -> None:
    """Exactly one of the two must be given."""
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")


def sum_rightmost(value: Any, dims: int) -> Any:
    """The sum over so many axes at the end."""
    return value if dims == 0 else value.reshape(*value.shape[: value.dim() - dims], -1).sum(-1)


def vec_to_tril_matrix(vec: Any, diag: int = 0) -> Any:
    """Vectors as lower triangular matrices, filled row by row up to the diagonal ``diag``: (…, D) to (…, n, n)."""
    length = vec.shape[-1]
    n = round((-(1 + 2 * diag) + ((1 + 2 * diag) ** 2 + 8 * length + 4 * abs(diag) * (diag + 1)) ** 0.5) / 2)
    i, j = cr.tril_indices(n, n, diag)
    if len(i) != length:
        raise ValueError(
            f"The size of last dimension is {length} which cannot be expressed as the lower triangular part of a square "
            "D x D matrix."
        )
    matrix = cr.zeros(*vec.shape[:-1], n, n, dtype=vec.dtype)
    matrix[..., i, j] = vec
    return matrix


def tril_matrix_to_vec(mat: Any, diag: int = 0) -> Any:
    """The entries of square matrices up to the diagonal ``diag``, row by row: (…, n, n) to (…, D)."""
    n = mat.shape[-1]
    if diag < -n or diag >= n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    i, j = cr.tril_indices(n, n, diag)
    return mat[..., i, j]
