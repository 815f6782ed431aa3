"""What transforms take as settings: sizes, ranges, angles; and how numbers are drawn from a range."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Number
from typing import Any

from ...base.errors import message
from ...tensors.filled import empty
from ...tensors.random import randint
from ...tensors.tensor import Tensor
from . import functional as F


def need_sequence(value: Any, name: str, *lengths: int) -> None:
    """Refuse what is no sequence, or not of one of these lengths."""
    wanted = " or ".join(map(str, lengths))
    if not isinstance(value, Sequence):
        raise TypeError(message(f"{name} should be a sequence of length {wanted}.", f"it is {value!r}"))
    if len(value) not in lengths:
        raise ValueError(message(f"{name} should be a sequence of length {wanted}.", f"it is {value!r}"))


def angles(value: Any, name: str, *lengths: int) -> list[float]:
    """A range of angles: (least, most), or one number for −number … number."""
    if isinstance(value, Number):
        if value < 0:  # type: ignore[operator]
            raise ValueError(message(f"If {name} is a single number, it must be positive.", f"it is {value}"))
        value = [-value, value]  # type: ignore[operator]
    else:
        need_sequence(value, name, *(lengths or (2,)))
    return [float(angle) for angle in value]


def check_centre(center: Any) -> None:
    if center is not None:
        need_sequence(center, "center", 2)


def uniform(low: float, high: float) -> float:
    """A number between ``low`` and ``high``."""
    return float(empty(1).uniform_(float(low), float(high)).item())


def whole(low: int, high: int) -> int:
    """One of low, …, high − 1."""
    return int(randint(low, high, (1,)).item())


def fill_for(img: Any, fill: Any) -> Any:
    """The colour outside, as the functions take it for this image."""
    if not isinstance(img, Tensor):
        return fill
    channels = F.get_dimensions(img)[0]
    return [float(fill)] * channels if isinstance(fill, (int, float)) else [float(f) for f in fill]


def rounded(values: Any) -> tuple[Any, ...]:
    """As reprs show ranges.

    >>> rounded((3 / 4, 4 / 3))
    (0.75, 1.3333)
    """
    return tuple(round(value, 4) for value in values)
