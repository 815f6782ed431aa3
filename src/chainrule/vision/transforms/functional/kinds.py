"""What an image is: a tensor (…, channels, height, width), or a PIL image."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ....base.errors import message
from ....tensors.tensor import Tensor
from ...pillow import is_pil


def is_tensor(img: Any) -> bool:
    """True for a tensor image, False for a PIL image; anything else is a TypeError."""
    if isinstance(img, Tensor):
        if img.ndim < 2:
            raise TypeError(
                message(
                    "Tensor is not a torch image.",
                    f"an image has at least the axes (height, width), this tensor has shape {list(img.shape)}",
                )
            )
        return True
    if not is_pil(img):
        raise TypeError(not_an_image(img))
    return False


def not_an_image(img: Any) -> str:
    instead = "transforms.ToTensor() first" if isinstance(img, np.ndarray) else ""
    return message(f"img should be PIL Image. Got {type(img)}", "images are tensors or PIL images", instead)


def two_ways(on_pil: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A function on images, written for tensors, with its other half for PIL images.

    ``@two_ways(pil_half)`` above ``def hflip(img): …`` makes the function that asks which the image is.
    """

    def join(on_tensor: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(on_tensor)
        def function(img: Any, *args: Any, **named: Any) -> Any:
            return on_tensor(img, *args, **named) if is_tensor(img) else on_pil(img, *args, **named)

        return function

    return join


def get_dimensions(img: Any) -> list[int]:
    """[channels, height, width]

    >>> get_dimensions(torch.zeros(3, 4, 5))
    [3, 4, 5]
    """
    if isinstance(img, Tensor):
        is_tensor(img)
        return [img.shape[-3] if img.ndim > 2 else 1, img.shape[-2], img.shape[-1]]
    if not is_pil(img):
        raise TypeError(f"Unexpected type {type(img)}")
    width, height = img.size
    return [len(img.getbands()), height, width]


def get_image_size(img: Any) -> list[int]:
    """[width, height]"""
    return get_dimensions(img)[:0:-1]


def get_image_num_channels(img: Any) -> int:
    """How many channels: 1 for grey, 3 for RGB, 4 with transparency."""
    return get_dimensions(img)[0]


def need_channels(img: Tensor, *permitted: int) -> int:
    """The number of channels of a tensor image, which must be one of these."""
    found = get_dimensions(img)[0]
    if found not in permitted:
        raise TypeError(f"Input image tensor permitted channel values are {list(permitted)}, but found {found}")
    return found


def largest(dtype: Any) -> int:
    """The value of white: 255 for uint8, 1 for floats.

    >>> largest(torch.uint8), largest(torch.int16), largest(torch.float32)
    (255, 32767, 1)
    """
    kind = np.dtype(dtype.numpy)
    return int(np.iinfo(kind).max) if kind.kind in "iu" else 1


class Batched:
    """Lends an image the shape (N, C, H, W) and a dtype to compute in, and gives the result the image's own back.

    >>> lent = Batched(torch.zeros(3, 4, 5, dtype=torch.uint8))
    >>> lent.image.shape, lent.image.dtype, lent.back(lent.image).dtype
    (torch.Size([1, 3, 4, 5]), torch.float32, torch.uint8)
    """

    def __init__(self, img: Tensor) -> None:
        self.added = max(0, 4 - img.ndim)
        self.dtype = img.dtype
        for _ in range(self.added):
            img = img.unsqueeze(0)
        computable = img.dtype.is_floating_point and img.dtype.itemsize >= 4
        self.image = img if computable else img.float()

    def back(self, img: Tensor) -> Tensor:
        """The result, whole numbers rounded if the image had them."""
        for _ in range(self.added):
            img = img.squeeze(0)
        if img.dtype is self.dtype:
            return img
        return (img if self.dtype.is_floating_point else img.round()).to(self.dtype)
