"""Images smoothed and sharpened: each pixel becomes a weighted mean of those around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....base.errors import message
from ....graph.value import wrap
from ....nn.functional.convolution import conv2d
from ....tensors.rearranging import pad
from ....tensors.tensor import Tensor
from .colouring import blend, enhanced, not_negative
from .convert import pil_to_tensor, to_pil_image
from .kinds import Batched, is_tensor, need_channels, two_ways


def gaussian_weights(size: int, sigma: float, dtype: Any) -> np.ndarray:
    """w_i ∝ exp(−(i / σ)² / 2) for i from the middle, summing to 1

    >>> gaussian_weights(3, 1.0, np.float64).round(3).tolist()
    [0.274, 0.452, 0.274]
    """
    i = np.linspace(-(size - 1) * 0.5, (size - 1) * 0.5, size, dtype=dtype)
    w = np.exp(np.asarray(-0.5, dtype) * (i / np.asarray(sigma, dtype)) ** 2)
    return w / w.sum()


def pair(value: Any, name: str, kinds: str, kind: Any) -> list[Any]:
    """(along x, along y), from both or from one number for both."""
    if isinstance(value, kind):
        return [value, value]
    if not isinstance(value, (list, tuple)):
        raise TypeError(message(f"{name} should be {kinds}. Got {type(value)}", f"it is {value!r}"))
    if len(value) != 2:
        raise ValueError(f"If {name} is a sequence its length should be 2. Got {len(value)}")
    return list(value)


def gaussian_blur(img: Any, kernel_size: Any, sigma: Any = None) -> Any:
    """The image out of focus: each pixel the mean of those around it, with the weights of a Gaussian bell.

    ``kernel_size``: (width, height) in pixels, odd; ``sigma``: the bell's standard deviation, 0.15 · size + 0.35 by default.
    """
    sizes = pair(kernel_size, "kernel_size", "int or a sequence of integers", int)
    if any(k % 2 == 0 or k < 0 for k in sizes):
        raise ValueError(f"kernel_size should have odd and positive integers. Got {sizes}")
    sigma = [k * 0.15 + 0.35 for k in sizes] if sigma is None else sigma
    sigmas = pair(sigma, "sigma", "either float or sequence of floats", (int, float))
    if any(s <= 0.0 for s in sigmas):
        raise ValueError(f"sigma should have positive values. Got {sigmas}")
    tensor = is_tensor(img)
    x = img if tensor else pil_to_tensor(img)
    batch = Batched(x)
    dtype = batch.image.array.dtype
    across, down = (gaussian_weights(k, s, dtype) for k, s in zip(sizes, sigmas))
    y = batch.back(weighted(batch.image, np.outer(down, across), border=True))
    return y if tensor else to_pil_image(y, img.mode)


def weighted(x: Tensor, weights: np.ndarray, border: bool) -> Tensor:
    """Each channel correlated with the weights; ``border``: mirrored at the edges, so that the size stays."""
    channels = x.shape[1]
    kernel = wrap(np.broadcast_to(weights, (channels, 1, *weights.shape)).copy())
    if border:
        tall, wide = (n // 2 for n in weights.shape)
        x = pad(x, [wide, wide, tall, tall], mode="reflect")
    return conv2d(x, kernel, groups=channels)


SMOOTH = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13


@two_ways(lambda img, sharpness_factor: enhanced("Sharpness", img, sharpness_factor))
def adjust_sharpness(img: Any, sharpness_factor: float) -> Any:
    """Blended with the image smoothed over 3 × 3 pixels: 0 is smooth, 1 the image, 2 sharper."""
    not_negative("sharpness_factor", sharpness_factor)
    need_channels(img, 1, 3)
    if img.shape[-1] <= 2 or img.shape[-2] <= 2:
        return img
    batch = Batched(img)
    soft = img.clone()
    soft[..., 1:-1, 1:-1] = batch.back(weighted(batch.image, SMOOTH.astype(batch.image.array.dtype), border=False))
    return blend(img, soft, sharpness_factor)
