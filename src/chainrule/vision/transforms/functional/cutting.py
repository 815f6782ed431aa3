"""Pieces of images, and images with borders: cropping, padding, mirroring, erasing. No pixel changes its value."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np

from ....base.errors import message
from ....graph.value import wrap
from ....tensors.rearranging import flip
from ....tensors.rearranging import pad as pad_tensor
from ....tensors.tensor import Tensor
from ...pillow import image, is_pil, pillow
from .kinds import get_dimensions, two_ways


@two_ways(lambda img: img.transpose(image().Transpose.FLIP_LEFT_RIGHT))
def hflip(img: Any) -> Any:
    """The image as in a mirror: y[…, j] = x[…, W − 1 − j]

    >>> hflip(torch.tensor([[[1, 2, 3]]]))
    tensor([[[3, 2, 1]]])
    """
    return flip(img, (-1,))


@two_ways(lambda img: img.transpose(image().Transpose.FLIP_TOP_BOTTOM))
def vflip(img: Any) -> Any:
    """The image upside down: y[…, i, :] = x[…, H − 1 − i, :]"""
    return flip(img, (-2,))


def crop_picture(img: Any, top: int, left: int, height: int, width: int) -> Any:
    return img.crop((left, top, left + width, top + height))


@two_ways(crop_picture)
def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """The rectangle with this upper left corner and these sizes; what lies outside the image is black.

    >>> crop(torch.arange(9).reshape(1, 3, 3), 1, 1, 2, 2)
    tensor([[[4, 5],
             [7, 8]]])
    """
    h, w = img.shape[-2:]
    inside = img[..., max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
    outside = [max(-left, 0), max(left + width - w, 0), max(-top, 0), max(top + height - h, 0)]
    if not any(outside):
        return inside
    room = [min(outside[0], width), min(outside[1], width), min(outside[2], height), min(outside[3], height)]
    return pad_tensor(inside, room)


def two_sizes(size: Any, error: str = "Please provide only two dimensions (h, w) for size.") -> Any:
    """(height, width), from both of them or from one number for both."""
    if isinstance(size, Number):
        return int(size), int(size)  # type: ignore[call-overload]
    if isinstance(size, Sequence) and len(size) == 1:
        return size[0], size[0]
    if len(size) != 2:
        raise ValueError(message(error, f"size is {size!r}"))
    return size


def center_crop(img: Any, output_size: Any) -> Any:
    """The middle of the image; with a black border if the image is smaller.

    >>> center_crop(torch.arange(9).reshape(1, 3, 3), 1)
    tensor([[[4]]])
    """
    _, height, width = get_dimensions(img)
    tall, wide = two_sizes(output_size)
    if wide > width or tall > height:
        border = [
            (wide - width) // 2 if wide > width else 0,
            (tall - height) // 2 if tall > height else 0,
            (wide - width + 1) // 2 if wide > width else 0,
            (tall - height + 1) // 2 if tall > height else 0,
        ]
        img = pad(img, border, fill=0)
        _, height, width = get_dimensions(img)
        if (wide, tall) == (width, height):
            return img
    return crop(img, int(round((height - tall) / 2.0)), int(round((width - wide) / 2.0)), tall, wide)


def five_crop(img: Any, size: Any) -> tuple[Any, Any, Any, Any, Any]:
    """The four corners and the middle: upper left, upper right, lower left, lower right, centre."""
    tall, wide = two_sizes(size)
    _, height, width = get_dimensions(img)
    if wide > width or tall > height:
        raise ValueError(f"Requested crop size {(tall, wide)} is bigger than input size {(height, width)}")
    right, low = width - wide, height - tall
    corners = [crop(img, top, left, tall, wide) for top in (0, low) for left in (0, right)]
    return (*corners, center_crop(img, [tall, wide]))  # type: ignore[return-value]


def ten_crop(img: Any, size: Any, vertical_flip: bool = False) -> tuple[Any, ...]:
    """The five crops of the image, and the five of its mirror image."""
    size = two_sizes(size)
    return five_crop(img, size) + five_crop(vflip(img) if vertical_flip else hflip(img), size)


# ---------------------------------------------------------------------- borders

PADDING_MODES = ("constant", "edge", "reflect", "symmetric")


def four_sides(padding: Any) -> tuple[int, int, int, int]:
    """(left, top, right, bottom), from one number, from (sides, top and bottom), or from all four."""
    if isinstance(padding, int):
        return (padding,) * 4
    if not isinstance(padding, (tuple, list)):
        raise TypeError(
            message("Got inappropriate padding arg", f"it is {padding!r}", "padding=4, or (left, top, right, bottom)")
        )
    if len(padding) not in (1, 2, 4):
        raise ValueError(f"Padding must be an int or a 1, 2, or 4 element tuple, not a {len(padding)} element tuple")
    return (tuple(padding) * 4)[:4]  # type: ignore[return-value]


def check_border(fill: Any, padding_mode: Any) -> None:
    if not isinstance(fill, (Number, tuple, list)):
        raise TypeError(
            message("Got inappropriate fill arg", f"it is {fill!r}", "fill=0, or one number for each channel")
        )
    if not isinstance(padding_mode, str):
        raise TypeError(message("Got inappropriate padding_mode arg", f"it is {padding_mode!r}"))
    if padding_mode not in PADDING_MODES:
        raise ValueError(
            message("Padding mode should be either constant, edge, reflect or symmetric", f"it is {padding_mode!r}")
        )


def pad_picture(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    left, top, right, bottom = four_sides(padding)
    check_border(fill, padding_mode)
    if padding_mode == "constant":
        made = pillow("ImageOps", "borders of pictures").expand(img, (left, top, right, bottom), colour(img, fill))
        if img.mode == "P":
            made.putpalette(img.getpalette())
        return made
    inside = img.crop((-min(left, 0), -min(top, 0), img.width + min(right, 0), img.height + min(bottom, 0)))
    sides = ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)), (0, 0))
    pixels = np.asarray(inside)
    made = image().fromarray(np.pad(pixels, sides[: pixels.ndim], mode=padding_mode))  # type: ignore[call-overload]
    if img.mode == "P":
        made.putpalette(img.getpalette())
    return made


def colour(img: Any, fill: Any) -> Any:
    """A colour as Pillow takes it for this image: a number, or one for each band."""
    bands = len(img.getbands())
    given: list[Any] = [0] if fill is None else [fill] if isinstance(fill, Number) else list(fill)
    if len(given) not in (1, bands):
        raise ValueError(
            f"The number of elements in 'fill' does not match the number of channels of the image ({len(given)} != {bands})"
        )
    numbers = given if img.mode in ("F", "I") else [int(value) for value in given]
    return numbers[0] if bands == 1 else tuple(numbers * (bands // len(numbers)))


@two_ways(pad_picture)
def pad(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    """The image with a border around it; negative numbers take a border away.

    ``padding``: one number; (left and right, top and bottom); or (left, top, right, bottom).
    ``padding_mode``: "constant" (the colour ``fill``), "edge" (the outermost pixels), "reflect" (mirrored at them),
    "symmetric" (mirrored behind them).

    >>> pad(torch.ones(1, 1, 1), (1, 0))
    tensor([[[0., 1., 0.]]])
    """
    left, top, right, bottom = four_sides(padding)
    check_border(fill, padding_mode)
    if padding_mode == "constant":
        if isinstance(fill, (tuple, list)):
            if len(fill) != 1:
                raise TypeError(
                    message(
                        "Got inappropriate fill arg",
                        f"fill is {fill!r}, and the border of a tensor has one value in all channels",
                        "one number, or transforms.Pad before transforms.ToTensor",
                    )
                )
            fill = fill[0]
        value = fill if img.dtype.is_floating_point else int(fill)
        return pad_tensor(img, [left, right, top, bottom], value=value)
    inside = crop(img, -min(top, 0), -min(left, 0), img.shape[-2] + min(top, 0) + min(bottom, 0),
                  img.shape[-1] + min(left, 0) + min(right, 0))  # fmt: skip
    for axis, (before, after) in ((-1, (left, right)), (-2, (top, bottom))):
        inside = extend(inside, axis, max(before, 0), max(after, 0), padding_mode)
    return inside


def extend(img: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    """Copies of the entries near the ends of an axis, put at the ends."""
    n = img.shape[axis]
    if mode == "reflect" and max(before, after) >= n:
        raise RuntimeError(
            f"Padding size should be less than the corresponding input dimension, but got: padding ({before}, {after}) at "
            f"dimension {axis} of input {list(img.shape)}"
        )
    places = np.pad(np.arange(n), (before, after), mode=mode)  # type: ignore[call-overload]
    return img.index_select(axis, wrap(places))


def erase(img: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Tensor:
    """The tensor image with the rectangle from (i, j) on, of height h and width w, replaced by ``v``."""
    if not isinstance(img, Tensor):
        instead = "transforms.ToTensor() before transforms.RandomErasing" if is_pil(img) else ""
        raise TypeError(message(f"img should be Tensor Image. Got {type(img)}", instead=instead))
    if not inplace:
        img = img.clone()
    img[..., i : i + h, j : j + w] = v
    return img
