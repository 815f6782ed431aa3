"""Transforms that cut, mirror, pad, scale and erase: where the image's pixels are, not which colours they have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Number
from typing import Any
from warnings import warn

from ...base.errors import message
from ...nn.module import Module
from ...tensors.creation import tensor as make_tensor
from ...tensors.filled import empty
from ...tensors.random import rand
from ...tensors.tensor import Tensor
from . import functional as F
from .arguments import rounded, uniform, whole
from .functional.cutting import check_border, four_sides, two_sizes
from .modes import InterpolationMode, interpolation_mode

BILINEAR = InterpolationMode.BILINEAR


class Resize(Module):
    """The image at another size: ``size`` is (height, width), or the length of the shorter side.

    >>> Resize(2)(torch.zeros(3, 4, 8)).shape
    torch.Size([3, 2, 4])
    """

    def __init__(
        self, size: Any, interpolation: Any = BILINEAR, max_size: int | None = None, antialias: bool | None = True
    ) -> None:
        super().__init__()
        if not isinstance(size, (int, Sequence)):
            raise TypeError(
                message(f"Size should be int or sequence. Got {type(size)}", f"it is {size!r}", "(height, width)")
            )
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ValueError(message("If size is a sequence, it should have 1 or 2 values", f"it is {size!r}"))
        self.size, self.max_size, self.antialias = size, max_size, antialias
        self.interpolation = interpolation_mode(interpolation)

    def forward(self, img: Any) -> Any:
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(size={self.size}, interpolation={self.interpolation.value}, max_size={self.max_size}, "
            f"antialias={self.antialias})"
        )


class CenterCrop(Module):
    """The middle of the image.

    >>> CenterCrop(1)(torch.arange(9).reshape(1, 3, 3))
    tensor([[[4]]])
    """

    def __init__(self, size: Any) -> None:
        super().__init__()
        self.size = two_sizes(size)

    def forward(self, img: Any) -> Any:
        return F.center_crop(img, self.size)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size})"


class FiveCrop(Module):
    """The four corners and the middle, as a tuple."""

    def __init__(self, size: Any) -> None:
        super().__init__()
        self.size = two_sizes(size)

    def forward(self, img: Any) -> Any:
        return F.five_crop(img, self.size)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size})"


class TenCrop(Module):
    """The five crops of the image and of its mirror image, as a tuple."""

    def __init__(self, size: Any, vertical_flip: bool = False) -> None:
        super().__init__()
        self.size, self.vertical_flip = two_sizes(size), vertical_flip

    def forward(self, img: Any) -> Any:
        return F.ten_crop(img, self.size, self.vertical_flip)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size}, vertical_flip={self.vertical_flip})"


class Pad(Module):
    """The image with a border around it."""

    def __init__(self, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> None:
        super().__init__()
        if not isinstance(padding, (Number, tuple, list)):
            raise TypeError(
                message(
                    "Got inappropriate padding arg", f"it is {padding!r}", "padding=4, or (left, top, right, bottom)"
                )
            )
        check_border(fill, padding_mode)
        four_sides(padding)
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def forward(self, img: Any) -> Any:
        return F.pad(img, self.padding, self.fill, self.padding_mode)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(padding={self.padding}, fill={self.fill}, padding_mode={self.padding_mode})"


class Mirroring(Module):
    """What the two flips have in common: the probability."""

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"


class RandomHorizontalFlip(Mirroring):
    """With the probability ``p`` the image as in a mirror."""

    def forward(self, img: Any) -> Any:
        return F.hflip(img) if rand(1) < self.p else img


class RandomVerticalFlip(Mirroring):
    """With the probability ``p`` the image upside down."""

    def forward(self, img: Any) -> Any:
        return F.vflip(img) if rand(1) < self.p else img


class RandomCrop(Module):
    """A rectangle of this size, anywhere in the image; with a border first, if ``padding`` says so.

    ``pad_if_needed``: with a border also where the image is smaller than the rectangle.
    """

    def __init__(
        self, size: Any, padding: Any = None, pad_if_needed: bool = False, fill: Any = 0, padding_mode: str = "constant"
    ) -> None:
        super().__init__()
        self.size = tuple(two_sizes(size))
        self.padding, self.pad_if_needed, self.fill, self.padding_mode = padding, pad_if_needed, fill, padding_mode

    @staticmethod
    def get_params(img: Any, output_size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Draw (top, left, height, width)."""
        _, h, w = F.get_dimensions(img)
        tall, wide = output_size
        if h < tall or w < wide:
            raise ValueError(
                message(
                    f"Required crop size {(tall, wide)} is larger than input image size {(h, w)}",
                    instead="pad_if_needed=True, or padding=…",
                )
            )
        if (h, w) == (tall, wide):
            return 0, 0, h, w
        return whole(0, h - tall + 1), whole(0, w - wide + 1), tall, wide

    def forward(self, img: Any) -> Any:
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        _, height, width = F.get_dimensions(img)
        if self.pad_if_needed and width < self.size[1]:
            img = F.pad(img, [self.size[1] - width, 0], self.fill, self.padding_mode)
        if self.pad_if_needed and height < self.size[0]:
            img = F.pad(img, [0, self.size[0] - height], self.fill, self.padding_mode)
        return F.crop(img, *self.get_params(img, self.size))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(size={self.size}, padding={self.padding})"


class RandomResizedCrop(Module):
    """A rectangle with ``scale`` of the image's area and a proportion within ``ratio`` (width / height), at this size."""

    def __init__(
        self, size: Any, scale: Any = (0.08, 1.0), ratio: Any = (3.0 / 4.0, 4.0 / 3.0), interpolation: Any = BILINEAR,
        antialias: bool | None = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.size = two_sizes(size)
        for name, value in (("Scale", scale), ("Ratio", ratio)):
            if not isinstance(value, Sequence):
                raise TypeError(message(f"{name} should be a sequence", f"it is {value!r}", "(least, most)"))
        if scale[0] > scale[1] or ratio[0] > ratio[1]:
            warn("Scale and ratio should be of kind (min, max)", stacklevel=2)
        self.interpolation, self.antialias = interpolation_mode(interpolation), antialias
        self.scale, self.ratio = scale, ratio

    @staticmethod
    def get_params(img: Any, scale: Any, ratio: Any) -> tuple[int, int, int, int]:
        """Draw (top, left, height, width): the area evenly, the proportion evenly in its logarithm; ten times at most."""
        _, height, width = F.get_dimensions(img)
        low, high = make_tensor(ratio).log().tolist()
        for _ in range(10):
            area = height * width * uniform(*scale)
            proportion = empty(1).uniform_(low, high).exp().item()
            w, h = int(round(math.sqrt(area * proportion))), int(round(math.sqrt(area / proportion)))
            if 0 < w <= width and 0 < h <= height:
                return whole(0, height - h + 1), whole(0, width - w + 1), h, w
        proportion = width / height  # the middle, as large as the proportions allow
        w, h = width, height
        if proportion < min(ratio):
            h = int(round(w / min(ratio)))
        elif proportion > max(ratio):
            w = int(round(h * max(ratio)))
        return (height - h) // 2, (width - w) // 2, h, w

    def forward(self, img: Any) -> Any:
        place = self.get_params(img, self.scale, self.ratio)
        return F.resized_crop(img, *place, self.size, self.interpolation, antialias=self.antialias)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(size={self.size}, scale={rounded(self.scale)}, ratio={rounded(self.ratio)}, "
            f"interpolation={self.interpolation.value}, antialias={self.antialias})"
        )


class RandomErasing(Module):
    """With the probability ``p`` a rectangle of the tensor image replaced by ``value``, or by noise ("random")."""

    def __init__(
        self, p: float = 0.5, scale: Any = (0.02, 0.33), ratio: Any = (0.3, 3.3), value: Any = 0, inplace: bool = False
    ) -> None:
        super().__init__()
        if not isinstance(value, (Number, str, tuple, list)):
            raise TypeError(
                message(
                    "Argument value should be either a number or str or a sequence",
                    f"it is {value!r}",
                    'value="random"',
                )
            )
        if isinstance(value, str) and value != "random":
            raise ValueError(message("If value is str, it should be 'random'", f"it is {value!r}"))
        for name, given in (("Scale", scale), ("Ratio", ratio)):
            if not isinstance(given, Sequence):
                raise TypeError(message(f"{name} should be a sequence", f"it is {given!r}", "(least, most)"))
        if scale[0] < 0 or scale[1] > 1:
            raise ValueError(message("Scale should be between 0 and 1", f"it is {scale!r}, shares of the image's area"))
        if not 0 <= p <= 1:
            raise ValueError(message("Random erasing probability should be between 0 and 1", f"p is {p}"))
        self.p, self.scale, self.ratio, self.value, self.inplace = p, scale, ratio, value, inplace

    @staticmethod
    def get_params(img: Tensor, scale: Any, ratio: Any, value: Any = None) -> tuple[int, int, int, int, Tensor]:
        """Draw (top, left, height, width, what to put there); nothing is erased if no rectangle fits in ten times."""
        channels, height, width = img.shape[-3], img.shape[-2], img.shape[-1]
        low, high = make_tensor(ratio).log().tolist()
        for _ in range(10):
            area = height * width * uniform(*scale)
            proportion = empty(1).uniform_(low, high).exp().item()
            h, w = int(round(math.sqrt(area * proportion))), int(round(math.sqrt(area / proportion)))
            if not (h < height and w < width):
                continue
            if value is None:
                new = empty([channels, h, w]).normal_()
            else:
                new = make_tensor(value)[:, None, None]
            return whole(0, height - h + 1), whole(0, width - w + 1), h, w, new
        return 0, 0, height, width, img

    def forward(self, img: Tensor) -> Tensor:
        if not rand(1) < self.p:
            return img
        value: Any = self.value
        if isinstance(value, (int, float)):
            value = [float(value)]
        elif isinstance(value, str):
            value = None
        elif len(value) not in (1, img.shape[-3]):
            raise ValueError(
                "If value is a sequence, it should have either a single value or "
                f"{img.shape[-3]} (number of input channels)"
            )
        place = self.get_params(img, self.scale, self.ratio, value)
        return F.erase(img, *place, self.inplace)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(p={self.p}, scale={self.scale}, ratio={self.ratio}, value={self.value}, "
            f"inplace={self.inplace})"
        )
