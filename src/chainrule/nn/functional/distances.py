"""Distances and similarities between vectors, and vectors scaled to length one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base import dtypes
from ...base.dtypes import title
from ...base.errors import DtypeError, message
from ...base.shapes import axis, broadcast
from ...graph.apply import apply
from ...graph.promote import known_as
from ...ops.distance import DistanceNorm
from ...tensors.coerce import tensor_like
from ...tensors.inplace import into


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """y = x₁·x₂ / (max(|x₁|, eps) · max(|x₂|, eps)) along ``dim``, after broadcasting

    >>> F.cosine_similarity(torch.tensor([[1., 0.]]), torch.tensor([[1., 1.]]))
    tensor([0.7071])
    """
    a, b = tensor_like(x1, "x1", "cosine_similarity").array, tensor_like(x2, "x2", "cosine_similarity").array
    common = dtypes.promote(dtypes.of(a), dtypes.of(b))
    if common.rank < 2:
        raise DtypeError(
            message(
                f"expected common dtype to be floating point, yet common dtype is {title(common)}",
                "a cosine is not an integer",
                "x.float()",
            )
        )
    full = broadcast(a.shape, b.shape)
    d = axis(dim, len(full))
    x1, x2 = x1.expand(full), x2.expand(full)
    return (unit(x1, d, eps) * unit(x2, d, eps)).sum(d)


def unit(x: Any, dim: int, eps: float) -> Any:
    """x / max(|x|, eps) along an axis."""
    return x / x.norm(dim=dim, keepdim=True).clamp_min(eps)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """y = |x₁ − x₂ + eps| in the p-norm, along the last axis

    >>> F.pairwise_distance(torch.tensor([[0., 0.]]), torch.tensor([[3., 4.]]))
    tensor([5.0000])
    """
    d = tensor_like(x1, "x1", "pairwise_distance") - tensor_like(x2, "x2", "pairwise_distance") + eps
    if d.array.dtype.kind not in "fVc":
        raise DtypeError(
            message(f"norm(): the input must be floating point, but got {title(dtypes.of(d.array))}", "", "x.float()")
        )
    return apply(DistanceNorm(float(p), (max(d.array.ndim - 1, 0),), keepdim), d)


def pdist(input: Any, p: float = 2) -> Any:
    """The p-norm of xᵢ − xⱼ for every pair of rows i < j

    Shapes: input (N, M), y (N (N − 1) / 2,).

    >>> F.pdist(torch.tensor([[0.], [1.], [3.]]))
    tensor([1., 3., 2.])
    """
    x = tensor_like(input, "input", "pdist").array
    if x.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {x.ndim}D")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    i, j = np.triu_indices(len(x), 1)
    return known_as((input[i] - input[j]).norm(p, dim=1), "PdistBackward0")


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Any = None) -> Any:
    """y = x / max(|x|, eps), |x| being the p-norm along ``dim``

    >>> F.normalize(torch.tensor([[3., 4.]]))
    tensor([[0.6000, 0.8000]])
    """
    length = tensor_like(input, "input", "normalize").norm(p, dim=dim, keepdim=True).clamp_min(eps)
    y = input / length.expand_as(input)
    return y if out is None else into(out, y)
