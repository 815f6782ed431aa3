"""Images turned, shifted, scaled, sheared, and seen from aside: each new pixel is fetched from where it was before.

A place is (x, y) in pixels from the image's centre. With the angle α, the shear (φ, ψ), the scale s and the shift t,
places move by  p ↦ c + t + s · R(α) · Shear(φ, ψ) · (p − c);  the new pixel at q is fetched from the place that moves to q.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Number
from typing import Any

import numpy as np

from ....base.errors import message
from ....graph.value import wrap
from ....nn.functional.images import grid_sample
from ....tensors.filled import ones
from ....tensors.joining import cat
from ....tensors.logic import where
from ....tensors.tensor import Tensor
from ...pillow import image
from ..modes import PILLOW, InterpolationMode, interpolation_mode, only
from .cutting import colour
from .kinds import Batched, get_dimensions, is_tensor

M = InterpolationMode
Matrix = list[float]  # [a, b, c, d, e, f]: (x, y) ↦ (a x + b y + c, d x + e y + f)


def inverse_affine(center: Sequence[float], angle: float, shift: Sequence[float], scale: float, shear: Any) -> Matrix:
    """Where each new pixel comes from: the inverse of the movement in the module's first lines, angles in degrees."""
    turn, sx, sy = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
    a = math.cos(turn - sy) / math.cos(sy)
    b = -math.cos(turn - sy) * math.tan(sx) / math.cos(sy) - math.sin(turn)
    c = math.sin(turn - sy) / math.cos(sy)
    d = -math.sin(turn - sy) * math.tan(sx) / math.cos(sy) + math.cos(turn)
    m = [x / scale for x in (d, -b, 0.0, -c, a, 0.0)]
    (cx, cy), (tx, ty) = center, shift
    m[2] = m[0] * (-cx - tx) + m[1] * (-cy - ty) + cx
    m[5] = m[3] * (-cx - tx) + m[4] * (-cy - ty) + cy
    return m


# ---------------------------------------------------------------------- tensors


def pixels(height: int, width: int, dtype: Any) -> np.ndarray:
    """(x, y, 1) of the centre of each pixel of an image, from the image's centre: (height, width, 3)."""
    x = np.linspace(-width * 0.5 + 0.5, width * 0.5 - 0.5, width, dtype=dtype)
    y = np.linspace(-height * 0.5 + 0.5, height * 0.5 - 0.5, height, dtype=dtype)
    return np.stack([*np.meshgrid(x, y), np.ones((height, width), dtype)], -1)


def precision(img: Tensor) -> Any:
    """The dtype in which places are computed: the image's own if it is a float's."""
    return img.array.dtype if img.dtype.is_floating_point else np.dtype(np.float32)


def fetch(img: Tensor, places: np.ndarray, mode: InterpolationMode, fill: Any) -> Tensor:
    """The image's colours at places (H', W', 2), in units of half the image's sizes; ``fill`` for those outside."""
    batch = Batched(img)
    x = batch.image
    grid = wrap(np.broadcast_to(places.astype(x.array.dtype), (x.shape[0], *places.shape)).copy())
    if fill is not None:
        x = cat((x, ones((x.shape[0], 1, *x.shape[-2:]), dtype=x.dtype)), 1)
    y = grid_sample(x, grid, mode=mode.value, padding_mode="zeros", align_corners=False)
    if fill is None:
        return batch.back(y)
    y, inside = y[:, :-1], y[:, -1:]
    fills = fill if isinstance(fill, (tuple, list)) else [float(fill)]
    background = wrap(np.array(fills, x.array.dtype).reshape(1, -1, 1, 1))
    if mode is M.NEAREST:
        return batch.back(where(inside < 0.5, background, y))
    return batch.back(y * inside + (1.0 - inside) * background)


def warp_tensor(
    img: Tensor, matrix: Matrix, mode: InterpolationMode, fill: Any, size: tuple[int, int] | None = None
) -> Tensor:
    """Fetch each pixel of an image of ``size`` from where ``matrix`` says."""
    only(mode, M.NEAREST, M.BILINEAR)
    check_fill(img, fill)
    height, width = img.shape[-2:]
    dtype = precision(img)
    theta = np.array(matrix, dtype).reshape(2, 3)
    half = np.array([[0.5 * width], [0.5 * height]], dtype)
    tall, wide = size or (height, width)
    places = pixels(tall, wide, dtype)
    return fetch(img, (places.reshape(-1, 3) @ (theta / half).T).reshape(*places.shape[:2], 2), mode, fill)


def check_fill(img: Tensor, fill: Any) -> None:
    if fill is not None and not isinstance(fill, (Number, tuple, list)):
        raise TypeError(message("Argument fill should be a number, a tuple or a list", f"it is {fill!r}"))
    if isinstance(fill, (tuple, list)) and len(fill) not in (1, get_dimensions(img)[0]):
        raise ValueError(
            "The number of elements in 'fill' cannot broadcast to match the number of channels of the image "
            f"({len(fill)} != {get_dimensions(img)[0]})"
        )


def turned_size(matrix: Matrix, height: int, width: int) -> tuple[int, int]:
    """(height, width) of the smallest image that holds the whole of a turned one."""
    corners = np.array(
        [[x, y, 1.0] for x in (-0.5 * width, 0.5 * width) for y in (-0.5 * height, 0.5 * height)], np.float32
    )
    moved = corners @ np.array(matrix, np.float32).reshape(2, 3).T + np.array([0.5 * width, 0.5 * height], np.float32)
    fine = np.float32(1e-4)  # so that rounding adds no row
    most, least = (np.trunc(edge / fine) * fine for edge in (moved.max(0), moved.min(0)))
    wide, tall = np.ceil(most) - np.floor(least)
    return int(tall), int(wide)


# ---------------------------------------------------------------------- the functions


def rotate(
    img: Any, angle: float, interpolation: Any = M.NEAREST, expand: bool = False, center: Any = None, fill: Any = None
) -> Any:
    """The image turned by ``angle`` degrees against the clock, about its centre or the pixel ``center`` = (x, y).

    ``expand``: a larger image that holds the whole of the turned one. ``fill``: the colour outside.

    >>> rotate(torch.tensor([[[1., 2.], [3., 4.]]]), 90)
    tensor([[[2., 4.],
             [1., 3.]]])
    """
    mode = interpolation_mode(interpolation)
    if not isinstance(angle, (int, float)):
        raise TypeError(message("Argument angle should be int or float", f"it is {angle!r}"))
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError(message("Argument center should be a sequence", f"it is {center!r}"))
    _, height, width = get_dimensions(img)
    if not is_tensor(img):
        return img.rotate(angle, PILLOW[mode], expand, center, fillcolor=colour(img, fill))
    middle = [0.0, 0.0] if center is None else [c - n * 0.5 for c, n in zip(center, (width, height))]
    matrix = inverse_affine(middle, -angle, [0.0, 0.0], 1.0, [0.0, 0.0])
    return warp_tensor(img, matrix, mode, fill, turned_size(matrix, height, width) if expand else None)


def affine(
    img: Any, angle: float, translate: Any, scale: float, shear: Any, interpolation: Any = M.NEAREST, fill: Any = None,
    center: Any = None,
) -> Any:  # fmt: skip
    """The image turned by ``angle`` degrees with the clock, scaled and sheared about its centre, then shifted.

    ``translate``: (to the right, down) in pixels. ``shear``: degrees along x, or (along x, along y).
    """
    mode = interpolation_mode(interpolation)
    if not isinstance(angle, (int, float)):
        raise TypeError(message("Argument angle should be int or float", f"it is {angle!r}"))
    if not isinstance(translate, (list, tuple)):
        raise TypeError(message("Argument translate should be a sequence", f"it is {translate!r}"))
    if len(translate) != 2:
        raise ValueError(message("Argument translate should be a sequence of length 2", f"it is {translate!r}"))
    if scale <= 0.0:
        raise ValueError(message("Argument scale should be positive", f"it is {scale!r}"))
    if not isinstance(shear, (Number, list, tuple)):
        raise TypeError(
            message("Shear should be either a single value or a sequence of two values", f"it is {shear!r}")
        )
    shears = [float(s) for s in shear] if isinstance(shear, (list, tuple)) else [float(shear), 0.0]  # type: ignore[arg-type]
    shears = shears * 2 if len(shears) == 1 else shears
    if len(shears) != 2:
        raise ValueError(f"Shear should be a sequence containing two values. Got {list(shear)}")  # type: ignore[arg-type]
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError(message("Argument center should be a sequence", f"it is {center!r}"))
    _, height, width = get_dimensions(img)
    if not is_tensor(img):
        middle = [width * 0.5, height * 0.5] if center is None else center
        matrix = inverse_affine(middle, angle, translate, scale, shears)
        return img.transform(
            (width, height), image().Transform.AFFINE, matrix, PILLOW[mode], fillcolor=colour(img, fill)
        )
    middle = [0.0, 0.0] if center is None else [c - n * 0.5 for c, n in zip(center, (width, height))]
    return warp_tensor(img, inverse_affine(middle, angle, [float(t) for t in translate], scale, shears), mode, fill)


def perspective(img: Any, startpoints: Any, endpoints: Any, interpolation: Any = M.BILINEAR, fill: Any = None) -> Any:
    """The image seen from aside: its corners ``startpoints`` move to ``endpoints``, four pairs (x, y).

    With the eight numbers a … h that say so, the new pixel (x, y) is fetched from
    ((a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1)).
    """
    mode = interpolation_mode(interpolation)
    numbers = perspective_numbers(startpoints, endpoints)
    _, height, width = get_dimensions(img)
    if not is_tensor(img):
        kind = image().Transform.PERSPECTIVE
        return img.transform((width, height), kind, numbers, PILLOW[mode], fillcolor=colour(img, fill))
    only(mode, M.NEAREST, M.BILINEAR)
    check_fill(img, fill)
    dtype = precision(img)
    upper = np.array(numbers[:6], dtype).reshape(2, 3)
    lower = np.array([*numbers[6:], 1.0], dtype)
    x, y = np.meshgrid(np.arange(width, dtype=dtype) + 0.5, np.arange(height, dtype=dtype) + 0.5)
    at = np.stack([x, y, np.ones_like(x)], -1).reshape(-1, 3)
    half = np.array([[0.5 * width], [0.5 * height]], dtype)
    places = (at @ (upper / half).T) / (at @ lower)[:, None] - 1.0
    return fetch(img, places.reshape(height, width, 2), mode, fill)


def perspective_numbers(startpoints: Any, endpoints: Any) -> list[float]:
    """a … h, from four equations each for x and y; least squares, since the points may lie in a line."""
    if len(startpoints) != 4 or len(endpoints) != 4:
        raise ValueError(
            f"Please provide exactly four corners, got {len(startpoints)} startpoints and {len(endpoints)} endpoints."
        )
    rows, sides = [], []
    for (x, y), (to_x, to_y) in zip(endpoints, startpoints):
        rows += [[x, y, 1, 0, 0, 0, -to_x * x, -to_x * y], [0, 0, 0, x, y, 1, -to_y * x, -to_y * y]]
        sides += [to_x, to_y]
    found = np.linalg.lstsq(np.array(rows, np.float64), np.array(sides, np.float64), rcond=None)[0]
    return found.astype(np.float32).tolist()
