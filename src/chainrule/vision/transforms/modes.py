"""How the colour between pixels is computed."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ...base.errors import message


class InterpolationMode(Enum):
    """From which pixels around a place its colour is computed.

    >>> InterpolationMode("bilinear")
    <InterpolationMode.BILINEAR: 'bilinear'>
    """

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


# Pillow's numbers for them, which programs write too.
PILLOW = {
    InterpolationMode.NEAREST: 0,
    InterpolationMode.NEAREST_EXACT: 0,
    InterpolationMode.LANCZOS: 1,
    InterpolationMode.BILINEAR: 2,
    InterpolationMode.BICUBIC: 3,
    InterpolationMode.BOX: 4,
    InterpolationMode.HAMMING: 5,
}
BY_NUMBER = {number: mode for mode, number in reversed(PILLOW.items())}


def interpolation_mode(given: Any) -> InterpolationMode:
    """The mode that was meant: one of the enumeration, or Pillow's number for it.

    >>> interpolation_mode(2)
    <InterpolationMode.BILINEAR: 'bilinear'>
    """
    if isinstance(given, InterpolationMode):
        return given
    if isinstance(given, int) and given in BY_NUMBER:
        return BY_NUMBER[given]
    raise TypeError(
        message(
            "Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant",
            f"it is {given!r}",
            "interpolation=transforms.InterpolationMode.BILINEAR",
        )
    )


def only(given: InterpolationMode, *known: InterpolationMode) -> None:
    """Refuse a mode that cannot be computed on tensors for this purpose."""
    if given not in known:
        raise ValueError(
            message(
                f"Interpolation mode '{given.value}' is unsupported with Tensor input",
                "on tensors there are " + ", ".join(mode.value for mode in known),
                "transforms.ToPILImage() before it, or another mode",
            )
        )
