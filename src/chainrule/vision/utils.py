"""Pictures out of tensors: many images in one, saved to files, with boxes drawn on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base.dtypes import uint8
from ..base.errors import message
from ..tensors.joining import cat, stack
from ..tensors.tensor import Tensor
from .pillow import image, pillow


def make_grid(
    tensor: Any, nrow: int = 8, padding: int = 2, normalize: bool = False, value_range: Any = None, scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:  # fmt: skip
    """Many images as one: ``nrow`` in each row, with ``padding`` pixels of ``pad_value`` between and around them.

    ``normalize``: y = (x − low) / (high − low), with ``value_range`` = (low, high) or the least and the largest entry, of
    all images or of each (``scale_each``).

    Shapes: (N, C, H, W), a list of (C, H, W), or one image; the result is (3, H', W') for C = 1 and 3.

    >>> make_grid(torch.zeros(3, 1, 4, 4), nrow=2, padding=1).shape
    torch.Size([3, 11, 11])
    """
    others = [t for t in (tensor if isinstance(tensor, list) else [tensor]) if not isinstance(t, Tensor)]
    if others:
        raise TypeError(f"tensor or list of tensors expected, got {type(others[0])}")
    images: Tensor = stack(tensor, 0) if isinstance(tensor, list) else tensor
    while images.ndim < 4:
        images = images.unsqueeze(0)
    if images.shape[1] == 1:
        images = cat((images, images, images), 1)
    if normalize:
        if value_range is not None and not isinstance(value_range, tuple):
            raise TypeError(message("value_range has to be a tuple (min, max) if specified. min and max are numbers",
                                    f"it is {value_range!r}"))  # fmt: skip
        parts = images.unbind(0) if scale_each else (images,)
        scaled = [between(part, *(value_range or (float(part.min()), float(part.max())))) for part in parts]
        images = stack(scaled, 0) if scale_each else scaled[0]
    count, channels, h, w = images.shape
    if count == 1:
        return images.squeeze(0)
    across = min(nrow, count)
    down = math.ceil(count / across)
    height, width = h + padding, w + padding
    grid = images.new_full((channels, height * down + padding, width * across + padding), pad_value)
    for i in range(count):
        top, left = i // across * height + padding, i % across * width + padding
        grid[:, top : top + h, left : left + w] = images[i]
    return grid


def between(img: Tensor, low: float, high: float) -> Tensor:
    """(x − low) / (high − low), cut off at 0 and 1."""
    return (img.clamp(min=low, max=high) - low) / max(high - low, 1e-5)


def save_image(tensor: Any, fp: Any, format: str | None = None, **kwargs: Any) -> None:
    """Write images with entries between 0 and 1, arranged by `make_grid`, to a file; the name's ending says the format."""
    grid = make_grid(tensor, **kwargs).detach()
    numbers = grid.mul(255).add_(0.5).clamp_(0, 255).permute(1, 2, 0).array.astype(np.uint8)
    image("images to files").fromarray(numbers).save(fp, format=format)


def draw_bounding_boxes(
    image: Tensor, boxes: Tensor, labels: list[Any] | None = None, colors: Any = None, fill: bool = False, width: int = 1,
    font: str | None = None, font_size: int | None = None,
) -> Tensor:  # fmt: skip
    """The image with rectangles drawn on it, and a label at each if there are any.

    Shapes: image (C, H, W) with C = 1 or 3, in uint8 or between 0 and 1; boxes (N, 4), each (left, top, right, bottom).
    """
    if not isinstance(image, Tensor):
        raise TypeError(message(f"Tensor expected, got {type(image)}", instead="torchvision.io.read_image(path)"))
    if not (str(image.dtype) == "torch.uint8" or image.dtype.is_floating_point):
        raise ValueError(f"The image dtype must be uint8 or float, got {image.dtype}")
    if image.ndim != 3:
        raise ValueError(message("Pass individual images, not batches", f"the shape is {list(image.shape)}"))
    if image.shape[0] not in (1, 3):
        raise ValueError(
            message("Only grayscale and RGB images are supported", f"the image has {image.shape[0]} channels")
        )
    rows = boxes.tolist()
    if any(right < left or bottom < top for left, top, right, bottom in rows):
        raise ValueError(
            "Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them"
        )
    if labels is not None and len(labels) != len(rows):
        raise ValueError(
            f"Number of boxes ({len(rows)}) and labels ({len(labels)}) mismatch. Please specify labels for each box."
        )
    from .transforms.functional import convert_image_dtype, pil_to_tensor, to_pil_image

    drawn = to_pil_image(convert_image_dtype(cat((image,) * 3, 0) if image.shape[0] == 1 else image, uint8))
    draw = pillow("ImageDraw", "boxes on pictures").Draw(drawn, "RGBA" if fill else None)
    letters = font and pillow("ImageFont", "labels on pictures").truetype(font=font, size=font_size or 10)
    for box, colour, label in zip(rows, colours(colors, len(rows)), labels or [None] * len(rows)):
        draw.rectangle(box, width=width, outline=colour, fill=(*rgb(colour), 100) if fill else None)
        if label is not None:
            draw.text((box[0] + width + 1, box[1] + width + 1), str(label), fill=colour, font=letters)
    return convert_image_dtype(pil_to_tensor(drawn), image.dtype)


def rgb(colour: Any) -> tuple[int, ...]:
    """The three bytes of a colour's name."""
    return pillow("ImageColor", "names of colours").getrgb(colour) if isinstance(colour, str) else tuple(colour)


def colours(given: Any, count: int) -> list[Any]:
    """A colour for each of ``count`` things: the given ones, or ones far apart."""
    if given is None:
        return [tuple(i * step % 255 for step in (2**25 - 1, 2**15 - 1, 2**21 - 1)) for i in range(count)]
    if not isinstance(given, list):
        return [given] * count
    if len(given) < count:
        raise ValueError(
            f"Number of colors must be equal or larger than the number of objects, but got {len(given)} < {count}."
        )
    return given
