"""Images at other sizes."""

from __future__ import annotations

from typing import Any
from warnings import warn

from ....base.errors import message
from ....nn.functional.images import interpolate
from ....tensors.tensor import Tensor
from ..modes import PILLOW, InterpolationMode, interpolation_mode, only
from .cutting import crop
from .kinds import Batched, get_dimensions, is_tensor

M = InterpolationMode


def output_size(height: int, width: int, size: Any, max_size: int | None = None) -> tuple[int, int]:
    """(height, width) of the result: both are given, or the shorter side is and the other keeps the proportion.

    >>> output_size(20, 30, 10), output_size(20, 30, 10, max_size=12)
    ((10, 15), (8, 12))
    """
    sizes = [size] if isinstance(size, int) else list(size)
    if len(sizes) == 2:
        return int(sizes[0]), int(sizes[1])
    short, long = sorted((height, width))
    new_short, new_long = sizes[0], int(sizes[0] * long / short)
    if max_size is not None:
        if max_size <= new_short:
            raise ValueError(
                f"max_size = {max_size} must be strictly greater than the requested size for the smaller edge size = {size}"
            )
        if new_long > max_size:
            new_short, new_long = int(max_size * new_short / new_long), max_size
    return (new_long, new_short) if width <= height else (new_short, new_long)


def resize(
    img: Any, size: Any, interpolation: Any = M.BILINEAR, max_size: int | None = None, antialias: bool | None = True
) -> Any:
    """The image at another size: ``size`` is (height, width), or the length of the shorter side.

    ``antialias``: average over the pixels that one new pixel covers (tensors, bilinear and bicubic; PIL always does).

    >>> resize(torch.tensor([[[0., 1., 2., 3.]]]), (1, 2))
    tensor([[[0.7143, 2.2857]]])
    """
    mode = interpolation_mode(interpolation)
    if not isinstance(size, (int, list, tuple)):
        raise TypeError(
            message(f"Size should be int or sequence. Got {type(size)}", f"it is {size!r}", "size=(height, width)")
        )
    if not isinstance(size, int):
        if len(size) not in (1, 2):
            raise ValueError(
                f"Size must be an int or a 1 or 2 element tuple/list, not a {len(size)} element tuple/list"
            )
        if max_size is not None and len(size) == 2:
            raise ValueError(
                message(
                    "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be an int "
                    "or a sequence of length 1 in torchscript mode.",
                    f"size is {size!r}, which says both sides",
                )
            )
    _, height, width = get_dimensions(img)
    new = output_size(height, width, size, max_size)
    if new == (height, width):
        return img
    if not is_tensor(img):
        if antialias is False:
            text = "Anti-alias option is always applied for PIL Image input. Argument antialias is ignored."
            warn(text, stacklevel=2)
        return img.resize(new[::-1], PILLOW[mode])
    return resize_tensor(img, new, mode, bool(antialias))


def resize_tensor(img: Tensor, new: tuple[int, int], mode: InterpolationMode, antialias: bool) -> Tensor:
    only(mode, M.NEAREST, M.NEAREST_EXACT, M.BILINEAR, M.BICUBIC)
    smooth = mode in (M.BILINEAR, M.BICUBIC)
    batch = Batched(img)
    made = interpolate(batch.image, size=new, mode=mode.value, antialias=antialias and smooth,
                       align_corners=False if smooth else None)  # fmt: skip
    if mode is M.BICUBIC and str(img.dtype) == "torch.uint8":
        made = made.clamp(0, 255)  # a cubic curve overshoots
    return batch.back(made)


def resized_crop(
    img: Any, top: int, left: int, height: int, width: int, size: Any, interpolation: Any = M.BILINEAR,
    antialias: bool | None = True,
) -> Any:  # fmt: skip
    """A rectangle of the image, at another size."""
    return resize(crop(img, top, left, height, width), size, interpolation, antialias=antialias)
