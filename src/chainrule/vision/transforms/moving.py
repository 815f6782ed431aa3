"""Transforms that turn, shift, scale and shear, and look from aside."""

from __future__ import annotations

from typing import Any

from ...base.errors import message
from ...nn.module import Module
from ...tensors.random import rand
from . import functional as F
from .arguments import angles, check_centre, fill_for, need_sequence, uniform, whole
from .modes import InterpolationMode, interpolation_mode

NEAREST = InterpolationMode.NEAREST


def checked_fill(fill: Any) -> Any:
    if fill is None:
        return 0
    if not isinstance(fill, (int, float, str, tuple, list)):
        raise TypeError(message("Fill should be either a sequence or a number.", f"it is {fill!r}"))
    return fill


class RandomRotation(Module):
    """The image turned by an angle between −degrees and degrees, or between the two of ``degrees``."""

    def __init__(
        self, degrees: Any, interpolation: Any = NEAREST, expand: bool = False, center: Any = None, fill: Any = 0
    ) -> None:
        super().__init__()
        if isinstance(degrees, str):
            raise ValueError(message("degrees should be a sequence of length 2.", f"it is {degrees!r}"))
        self.degrees = angles(degrees, "degrees")
        check_centre(center)
        self.interpolation, self.expand, self.center = interpolation_mode(interpolation), expand, center
        self.fill = checked_fill(fill)

    @staticmethod
    def get_params(degrees: Any) -> float:
        """Draw the angle."""
        return uniform(*degrees)

    def forward(self, img: Any) -> Any:
        fill = fill_for(img, self.fill)
        return F.rotate(img, self.get_params(self.degrees), self.interpolation, self.expand, self.center, fill)

    def __repr__(self) -> str:
        center = "" if self.center is None else f", center={self.center}"
        return (
            f"{type(self).__name__}(degrees={self.degrees}, interpolation={self.interpolation.value}, "
            f"expand={self.expand}{center}, fill={self.fill})"
        )


class RandomAffine(Module):
    """The image turned, shifted, scaled and sheared by random amounts, its centre staying in place.

    ``translate``: (across, down), at most these shares of the sizes. ``scale``: (least, most). ``shear``: degrees along
    x, −s … s; (least, most); or two such pairs, along x and along y.
    """

    def __init__(
        self, degrees: Any, translate: Any = None, scale: Any = None, shear: Any = None, interpolation: Any = NEAREST,
        fill: Any = 0, center: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.degrees = angles(degrees, "degrees")
        if translate is not None:
            need_sequence(translate, "translate", 2)
            if not all(0.0 <= share <= 1.0 for share in translate):
                raise ValueError(message("translation values should be between 0 and 1", f"they are {translate!r}"))
        if scale is not None:
            need_sequence(scale, "scale", 2)
            if any(s <= 0 for s in scale):
                raise ValueError(message("scale values should be positive", f"they are {scale!r}"))
        self.translate, self.scale = translate, scale
        self.shear = None if shear is None else angles(shear, "shear", 2, 4)
        check_centre(center)
        self.interpolation, self.fill, self.center = interpolation_mode(interpolation), checked_fill(fill), center

    @staticmethod
    def get_params(degrees: Any, translate: Any, scale_ranges: Any, shears: Any, img_size: Any) -> Any:
        """Draw (angle, (shift to the right, shift down), scale, (shear along x, along y))."""
        angle = uniform(*degrees)
        shift = (0, 0)
        if translate is not None:
            most = [float(share * n) for share, n in zip(translate, img_size)]
            shift = tuple(int(round(uniform(-m, m))) for m in most)  # type: ignore[assignment]
        scale = uniform(*scale_ranges) if scale_ranges is not None else 1.0
        along_x = uniform(*shears[:2]) if shears is not None else 0.0
        along_y = uniform(*shears[2:]) if shears is not None and len(shears) == 4 else 0.0
        return angle, shift, scale, (along_x, along_y)

    def forward(self, img: Any) -> Any:
        _, height, width = F.get_dimensions(img)
        drawn = self.get_params(self.degrees, self.translate, self.scale, self.shear, [width, height])
        angle, shift, scale, shear = drawn
        return F.affine(img, angle, shift, scale, shear, self.interpolation, fill_for(img, self.fill), self.center)

    def __repr__(self) -> str:
        shown = f"{type(self).__name__}(degrees={self.degrees}"
        for name in ("translate", "scale", "shear"):
            if getattr(self, name) is not None:
                shown += f", {name}={getattr(self, name)}"
        if self.interpolation is not NEAREST:
            shown += f", interpolation={self.interpolation.value}"
        if self.fill != 0:
            shown += f", fill={self.fill}"
        return shown + ("" if self.center is None else f", center={self.center}") + ")"


class RandomPerspective(Module):
    """With the probability ``p`` the image seen from aside, each corner moved in by up to half of ``distortion_scale``."""

    def __init__(
        self,
        distortion_scale: float = 0.5,
        p: float = 0.5,
        interpolation: Any = InterpolationMode.BILINEAR,
        fill: Any = 0,
    ) -> None:
        super().__init__()
        self.p, self.distortion_scale = p, distortion_scale
        self.interpolation, self.fill = interpolation_mode(interpolation), checked_fill(fill)

    @staticmethod
    def get_params(width: int, height: int, distortion_scale: float) -> tuple[list[list[int]], list[list[int]]]:
        """Draw where the corners go: (corners, their new places), from the upper left one with the clock."""
        across, down = int(distortion_scale * (width // 2)), int(distortion_scale * (height // 2))
        left, right = (0, across + 1), (width - across - 1, width)
        top, bottom = (0, down + 1), (height - down - 1, height)
        new = [[whole(*x), whole(*y)] for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]
        return [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]], new

    def forward(self, img: Any) -> Any:
        fill = fill_for(img, self.fill)
        if not rand(1) < self.p:
            return img
        _, height, width = F.get_dimensions(img)
        corners, new = self.get_params(width, height, self.distortion_scale)
        return F.perspective(img, corners, new, self.interpolation, fill)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p})"
