"""Reductions by PyTorch's names: many entries become one."""

from __future__ import annotations

from typing import Any

from ..base.shapes import axes
from ..graph.apply import apply
from ..ops import reduce as op


def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """y = (1/N) Σ x over ``dim`` (all entries without one)."""
    if dim is None and not keepdim and dtype is None:
        return apply(op.mean, input)
    return apply(op.Mean(None if dim is None else axes(dim, input.array.ndim), keepdim), input)
