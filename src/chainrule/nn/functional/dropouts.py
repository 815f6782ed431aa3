"""Dropout: entries, or whole channels, set to zero at random."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...base.random import default_generator
from ...graph.apply import binary
from ...graph.value import wrap
from ...ops.arithmetic import mul
from ...tensors.coerce import tensor_like
from ...tensors.inplace import write

# SELU's lowest value, −λα, to which alpha dropout sends the entries that it drops.
LOWEST = -1.7580993408473766


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """y = m · x / (1 − p), the mask m being 0 with probability p and else 1 for each entry; x itself without ``training``.

    >>> F.dropout(torch.ones(3), p=0.5, training=False)
    tensor([1., 1., 1.])
    """
    check(p)
    tensor_like(input, "input", "dropout")
    x = input.array
    if p == 0 or not training or not x.size:
        return input
    return masked(input, x.shape, p, inplace)


def check(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def masked(input: Any, shape: tuple[int, ...], p: float, inplace: bool) -> Any:
    """x times a fresh mask of the given shape that is 0 with probability p and else 1 / (1 − p)."""
    noise = keep(shape, p, input.array.dtype)
    if p < 1:
        noise /= np.array(1 - p, noise.dtype)
    y = binary(mul, input, wrap(noise))
    return write(input, y) if inplace else y


def keep(shape: tuple[int, ...], p: float, dtype: np.dtype) -> np.ndarray:
    """1 with probability 1 − p, else 0."""
    if p == 1:
        return np.zeros(shape, dtype)
    return default_generator.bernoulli(1 - p, shape, dtype)
