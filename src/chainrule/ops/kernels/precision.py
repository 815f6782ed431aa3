"""Halves: float16 arrays are computed in float32 and rounded once at the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
ndarray, float16 = np.ndarray, np.dtype(np.float16)


def halves(kernel: Kernel) -> Kernel:
    """Let a kernel for float32 and float64 take float16: widen its array arguments, round the arrays it returns.

    A kernel that returns (y, kept) has only y rounded: what is kept stays wide, and the gradients computed from it are
    rounded because the upstream gradient is a half.

    >>> halves(lambda x: x + 1)(np.zeros(2, np.float16)).dtype
    dtype('float16')
    """

    @wraps(kernel)
    def careful(*args: Any, **options: Any) -> Any:
        for a in args:
            if (type(a) is ndarray and a.dtype is float16) or (type(a) is tuple and any(map(is_half, a))):
                return rounded(kernel(*map(widened, args), **{name: widened(v) for name, v in options.items()}))
        return kernel(*args, **options)

    return careful  # type: ignore[return-value]


def is_half(value: Any) -> bool:
    return isinstance(value, ndarray) and value.dtype == float16


def widened(value: Any) -> Any:
    if type(value) is tuple:
        return tuple(map(widened, value))
    return value.astype(np.float32) if is_half(value) else value


def rounded(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.astype(np.float16) if value.dtype == np.float32 else value
    if type(value) is tuple:
        return tuple(map(rounded, value))
    return value
