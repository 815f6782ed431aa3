"""Windows: weights for a piece of a signal that fade towards its ends, so that the cut adds few frequencies of its own.

Each is a function of t = n/D for n = 0 … M − 1, with D = M − 1 (symmetric: both ends are in the window) or D = M
(periodic: the window's next repetition begins where it ends). The formulas are those of Harris, 1978, "On the use of
windows for harmonic analysis with the discrete Fourier transform".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..ops.kernels.special import i0

Formula = Callable[[np.ndarray], np.ndarray]


def sampled(name: str, m: int, periodic: bool, formula: Formula, options: dict[str, Any]) -> Any:
    """The tensor of ``formula(t)`` at the m places of a window; a window of one place is 1."""
    from .filled import empty

    if not isinstance(m, (int, np.integer)):
        raise TypeError(f"{name}(): argument 'window_length' (position 1) must be int, not {type(m).__name__}")
    if m < 0:
        raise RuntimeError(f"{name} requires non-negative window_length, got window_length={m}")
    options = {k: v for k, v in options.items() if v is not None}
    kind = options.get("dtype", dtypes.Defaults.dtype)
    if not kind.is_floating_point:
        raise RuntimeError(
            message(
                f"{name} expects floating point dtypes, got: {kind}",
                "a window's weights are fractions",
                "dtype=torch.float32",
            )
        )
    y = empty(m, **options)
    n: Any = np.arange(m, dtype=np.float64 if kind is dtypes.float64 else np.float32)
    with np.errstate(all="ignore"):
        y.array[...] = formula(n / n.dtype.type(max(m if periodic else m - 1, 1))) if m != 1 else 1
    return y


def cosines(a: Iterable[float]) -> Formula:
    """Σ (−1)ᵏ aₖ cos(2πkt)"""
    a = list(a)

    def formula(t: np.ndarray) -> np.ndarray:
        total = np.full_like(t, a[0])
        for k in range(1, len(a)):
            total += (-1) ** k * a[k] * np.cos(2 * np.pi * k * t, dtype=t.dtype)
        return total

    return formula


def bartlett(t: np.ndarray) -> np.ndarray:
    """1 − |2t − 1|"""
    return 1 - np.abs(2 * t - 1)


def kaiser(beta: float) -> Formula:
    """I₀(β √(1 − (2t − 1)²)) / I₀(β)"""
    return lambda t: i0(beta * np.sqrt(np.maximum(1 - (2 * t.astype(np.float64) - 1) ** 2, 0))) / i0(np.float64(beta))


# ---------------------------------------------------------------------- torch.hann_window and its like


def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Any:
    """w = 1 − |2t − 1|, a triangle.

    >>> torch.bartlett_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return sampled("bartlett_window", window_length, periodic, bartlett, options)


def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Any:
    """w = 0.42 − 0.5 cos 2πt + 0.08 cos 4πt

    >>> torch.blackman_window(4)[1:]
    tensor([0.3400, 1.0000, 0.3400])
    """
    return sampled("blackman_window", window_length, periodic, cosines((0.42, 0.5, 0.08)), options)


def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, **options: Any
) -> Any:
    """w = α − β cos 2πt

    >>> torch.hamming_window(4)
    tensor([0.0800, 0.5400, 1.0000, 0.5400])
    """
    return sampled("hamming_window", window_length, periodic, cosines((alpha, beta)), options)


def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Any:
    """w = ½ (1 − cos 2πt)

    >>> torch.hann_window(4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return sampled("hann_window", window_length, periodic, cosines((0.5, 0.5)), options)


def kaiser_window(window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any) -> Any:
    """w = I₀(β √(1 − (2t − 1)²)) / I₀(β), the longer β the narrower.

    >>> torch.kaiser_window(4, beta=2.)
    tensor([0.4387, 0.8348, 1.0000, 0.8348])
    """
    return sampled("kaiser_window", window_length, periodic, kaiser(beta), options)
