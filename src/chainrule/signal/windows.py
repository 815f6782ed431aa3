"""``torch.signal.windows``: weights that fade towards the ends of a piece of a signal.

``sym=True`` gives M places of which the first and the last are alike; ``sym=False`` the first M of M + 1 such places,
so that the window's repetitions join. n counts the places, c is the middle one. ``options`` are PyTorch's for new
tensors: dtype, layout, device, requires_grad.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import pi
from typing import Any

import numpy as np

from ..tensors.windows import Formula, cosines, sampled
from ..tensors.windows import bartlett as triangle
from ..tensors.windows import kaiser as bell


def window(name: str, M: int, sym: bool, formula: Formula, options: dict[str, Any]) -> Any:  # noqa: N803
    if isinstance(M, int) and M < 0:
        raise ValueError(f"{name} requires non-negative window length, got M={M}")
    kind = options.get("dtype")
    if kind is not None and kind.name not in ("float32", "float64"):
        raise ValueError(f"{name} expects float32 or float64 dtypes, got: {kind}")
    return sampled(name, M, not sym, formula, options)


def by_place(M: int, sym: bool, formula: Formula) -> Formula:  # noqa: N803
    """A formula in n − c, the distance from the middle, rather than in t from 0 to 1."""
    steps = max(M - 1 if sym else M, 1)
    return lambda t: formula(t * steps - steps / 2)


def bartlett(M: int, *, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = 1 − |n − c| / c

    >>> torch.signal.windows.bartlett(5)
    tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
    """
    return window("bartlett", M, sym, triangle, options)


def blackman(M: int, *, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = 0.42 − 0.5 cos 2πt + 0.08 cos 4πt, t from 0 to 1"""
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, **options)


def cosine(M: int, *, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = sin(π (n + ½) / M)

    >>> torch.signal.windows.cosine(3)
    tensor([0.5000, 1.0000, 0.5000])
    """
    size = (M if sym else M + 1) or 1
    return window("cosine", M, sym, by_place(M, sym, lambda d: np.cos(pi / size * d)), options)


def exponential(M: int, *, center: float | None = None, tau: float = 1.0, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = e^(−|n − center| / τ), ``center`` being the middle unless given.

    >>> torch.signal.windows.exponential(3, tau=2.0)
    tensor([0.6065, 1.0000, 0.6065])
    """
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")
    off = 0.0 if center is None else M / 2 - center
    return window("exponential", M, sym, by_place(M, sym, lambda d: np.exp(-np.abs(d + off) / tau)), options)


def gaussian(M: int, *, std: float = 1.0, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = e^(−(n − c)² / 2σ²)

    >>> torch.signal.windows.gaussian(3, std=1.0)
    tensor([0.6065, 1.0000, 0.6065])
    """
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    return window("gaussian", M, sym, by_place(M, sym, lambda d: np.exp(-0.5 * (d / std) ** 2)), options)


def general_cosine(M: int, *, a: Iterable[float], sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = Σ (−1)ᵏ aₖ cos 2πkt, t from 0 to 1

    >>> torch.signal.windows.general_cosine(3, a=[0.5, 0.5])
    tensor([0., 1., 0.])
    """
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    a = list(a)
    if not a:
        raise ValueError("Coefficients cannot be empty")
    return window("general_cosine", M, sym, cosines(a), options)


def general_hamming(M: int, *, alpha: float = 0.54, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = α − (1 − α) cos 2πt, t from 0 to 1"""
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, **options)


def hamming(M: int, *, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = 0.54 − 0.46 cos 2πt, t from 0 to 1"""
    return general_hamming(M, sym=sym, **options)


def hann(M: int, *, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = ½ (1 − cos 2πt), t from 0 to 1

    >>> torch.signal.windows.hann(3)
    tensor([0., 1., 0.])
    """
    return general_hamming(M, alpha=0.5, sym=sym, **options)


def kaiser(M: int, *, beta: float = 12.0, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = I₀(β √(1 − (2t − 1)²)) / I₀(β), t from 0 to 1"""
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")
    return window("kaiser", M, sym, bell(beta), options)


def nuttall(M: int, *, sym: bool = True, **options: Any) -> Any:  # noqa: N803
    """w = 0.3635819 − 0.4891775 cos 2πt + 0.1365995 cos 4πt − 0.0106411 cos 6πt, t from 0 to 1 (Nuttall, 1981)"""
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, **options)
