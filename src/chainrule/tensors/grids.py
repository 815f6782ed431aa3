"""Every pairing of the entries of vectors: grids, products, combinations, powers."""

from __future__ import annotations

import warnings
from itertools import combinations as choices
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.apply import plain
from ..ops.scatter import IndexSelect
from .joining import stack
from .shape import expand, reshape


def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Any, ...]:
    """For vectors x, y, …, the grids X[i, j, …] = x[i], Y[i, j, …] = y[j], …; ``indexing="xy"`` exchanges the first two axes.

    >>> torch.meshgrid(torch.tensor([1, 2]), torch.tensor([3, 4]), indexing="ij")[0]
    tensor([[1, 1],
            [2, 2]])
    """
    given = tuple(tensors[0]) if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)) else tensors
    if not given:
        raise RuntimeError("meshgrid expects a non-empty TensorList")
    if indexing is None:
        warnings.warn(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.",
            UserWarning,
            stacklevel=2,
        )
    elif indexing not in ("ij", "xy"):
        raise RuntimeError(f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}')
    for x in given:
        if x.array.ndim > 1:
            raise RuntimeError(f"torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: {list(x.array.shape)}")
        if x.array.dtype != given[0].array.dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
    swap = indexing == "xy" and len(given) > 1
    if swap:
        given = (given[1], given[0], *given[2:])
    full = tuple([x.array.size for x in given])
    grids = []
    for d, x in enumerate(given):
        grids.append(expand(reshape(x, (1,) * d + (-1,) + (1,) * (len(given) - d - 1)), full))
    if swap:
        grids[:2] = grids[1::-1]
    return tuple(grids)


def cartesian_prod(*tensors: Any) -> Any:
    """Every way to take one entry of each vector, a row each.

    >>> torch.cartesian_prod(torch.tensor([1, 2]), torch.tensor([3, 4])).tolist()
    [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    for x in tensors:
        if x.array.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.array.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(g, -1) for g in meshgrid(*tensors, indexing="ij")], 1)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """Every way to take ``r`` entries of a vector in their order, a row each.

    >>> torch.combinations(torch.tensor([1, 2, 3])).tolist()
    [[1, 2], [1, 3], [2, 3]]
    """
    x = input.array
    if x.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    taken = list((combinations_with_replacement if with_replacement else choices)(range(x.size), r)) if r else []
    where = np.array(taken, np.int64).reshape(len(taken), r)
    if not r:
        return input[:0]
    return stack([plain(IndexSelect(0), input, column) for column in where.T], 1)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803
    """The powers of a vector's entries, a row each: y[i, j] = x[i]ᴺ⁻¹⁻ʲ, or x[i]ʲ if ``increasing``.

    >>> torch.vander(torch.tensor([2, 3]), 3)
    tensor([[4, 2, 1],
            [9, 3, 1]])
    """
    if x.array.ndim != 1:
        raise RuntimeError(message("x must be a one-dimensional tensor.", f"its shape is {list(x.array.shape)}"))
    count = x.array.size if N is None else N
    if count < 0:
        raise RuntimeError(f"N must be non-negative, got {N}")
    columns = [x.new_ones(x.array.shape)]
    while len(columns) < count:
        columns.append(columns[-1] * x)
    if not count:
        return x.new_empty(x.array.size, 0)
    return stack(columns if increasing else columns[::-1], 1)
