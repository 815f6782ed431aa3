"""Dropout: entries, or whole channels, set to zero at random."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...base.layout import laid_out_like
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
    return times(input, laid_out_like(x, lambda shape: noise(shape, p, x.dtype)), inplace)


def check(p: float) -> None:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def masked(input: Any, shape: tuple[int, ...], p: float, inplace: bool) -> Any:
    """x times a fresh mask of the given shape that is 0 with probability p and else 1 / (1 − p)."""
    return times(input, noise(shape, p, input.array.dtype), inplace)


def times(input: Any, mask: np.ndarray, inplace: bool) -> Any:
    y = binary(mul, input, wrap(mask))
    return write(input, y) if inplace else y


def noise(shape: tuple[int, ...], p: float, dtype: np.dtype) -> np.ndarray:
    """1 / (1 − p) with probability 1 − p, else 0."""
    mask = keep(shape, p, dtype)
    if p < 1:
        mask /= np.array(1 - p, mask.dtype)
    return mask


def keep(shape: tuple[int, ...], p: float, dtype: np.dtype) -> np.ndarray:
    """1 with probability 1 − p, else 0."""
    if p == 1:
        return np.zeros(shape, dtype)
    return default_generator.bernoulli(1 - p, shape, dtype)


def channels_along(n: int) -> Any:
    """The function ``dropout{n}d``."""
    name = f"dropout{n}d"

    def dropout_channels(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
        check(p)
        x = tensor_like(input, "input", name).array
        if n == 1 and x.ndim not in (2, 3):
            raise RuntimeError(
                f"dropout1d: Expected 2D or 3D input, but received a {x.ndim}D input. Note that dropout1d exists to provide "
                "channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch "
                "dimension (i.e. 2D or 3D inputs)."
            )
        if n > 1 and x.ndim not in (n + 1, n + 2):
            warnings.warn(
                f"{name}: Received a {x.ndim}-D input to {name}, which is deprecated and will result in an error in a future "
                "release. To retain the behavior and silence this warning, please use dropout instead. Note that "
                f"{name} exists to provide channel-wise dropout on inputs with {n} spatial dimensions, a channel dimension, "
                f"and an optional batch dimension (i.e. {n + 1}D or {n + 2}D inputs).",
                UserWarning,
                stacklevel=2,
            )
        if n == 2 and x.ndim == 3:
            warnings.warn(
                "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - "
                "input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future "
                "release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D "
                "channel-wise dropout behavior, please switch to using dropout1d instead.",
                UserWarning,
                stacklevel=2,
            )
        alone = x.ndim == n + 1 and n != 2
        if p == 0 or not training or not x.size:
            return input
        return masked(input, channel_shape(x.shape, alone), p, inplace)

    dropout_channels.__name__ = dropout_channels.__qualname__ = name
    dropout_channels.__doc__ = f"""`dropout` of whole channels of inputs with {n} ax{"i" if n == 1 else "e"}s behind the channels."""
    return dropout_channels


def channel_shape(shape: tuple[int, ...], alone: bool) -> tuple[int, ...]:
    """One entry for each channel of each sample."""
    k = 1 if alone else 2
    return shape[:k] + (1,) * (len(shape) - k)


dropout1d, dropout2d, dropout3d = map(channels_along, (1, 2, 3))


def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that keeps mean 0 and variance 1 behind SELU: entries go to SELU's lowest value, then all are rescaled.

    y = a·(m·x + (1 − m)·v) + b with v = −λα, a = 1 / √((1 − p)(1 + p v²)) and b = −a·p·v.
    """
    check(p)
    x = tensor_like(input, "input", "alpha_dropout").array
    if not p or not training or not x.size:
        return input
    return alpha(input, laid_out_like(x, lambda shape: keep(shape, p, x.dtype)), p, inplace)


def feature_alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """`alpha_dropout` of whole channels."""
    check(p)
    x = tensor_like(input, "input", "feature_alpha_dropout").array
    if x.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    if not p or not training or not x.size:
        return input
    return alpha(input, keep(channel_shape(x.shape, False), p, x.dtype), p, inplace)


def alpha(input: Any, kept: np.ndarray, p: float, inplace: bool) -> Any:
    """Entries kept or sent to `LOWEST`, by a mask of ones and zeros, and rescaled."""
    mask = wrap(kept)
    if p == 1:
        y = input * mask
    else:
        a = 1 / math.sqrt((LOWEST * LOWEST * p + 1) * (1 - p))
        y = input * (mask * a) + ((mask - 1) * (-LOWEST * a) + (-LOWEST * a * p))
    return write(input, y) if inplace else y
