"""Images at other sizes, sampled at any point, and with channels exchanged for places."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ...base.errors import ShapeError, did_you_mean, message
from ...graph.apply import apply, joint
from ...ops import image as op
from ...tensors.coerce import tensor_like
from .pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

made = lru_cache(maxsize=256)(lambda kind, *how: kind(*how))

DIMS = {"linear": 3, "bilinear": 4, "bicubic": 4, "lanczos": 4, "trilinear": 5}
SMOOTH = ("bilinear", "bicubic", "lanczos")
EVERYWHERE = ("nearest", "nearest-exact", "area")
MODES = "nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact"


def interpolate(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None, antialias: bool = False,
) -> Any:  # fmt: skip
    """y = x at another ``size``, or at ``scale_factor`` times its size

    ``mode``: "nearest", "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "lanczos" or "area" (means).
    ``align_corners``: the first and last entries stay where they are; otherwise their outer edges do.

    Shapes: x (N, C, L), (N, C, H, W) or (N, C, D, H, W); y alike.

    >>> F.interpolate(torch.tensor([[[1., 2.]]]), scale_factor=2)
    tensor([[[1., 1., 2., 2.]]])
    """
    x = tensor_like(input, "input", "interpolate").array
    check_options(mode, align_corners, antialias, x.ndim)
    new, scales = new_size(x.shape[2:], size, scale_factor, recompute_scale_factor)
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[len(new) - 1](input, new)
    if min(new, default=1) < 1 or 0 in x.shape[2:]:
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input (H: {x.shape[2]}, W: {x.shape[-1]}) output "
            f"(H: {new[0]}, W: {new[-1]})"
        )
    return apply(made(op.Upsample, mode, new, bool(align_corners), scales, antialias), input)


def check_options(mode: str, align_corners: bool | None, antialias: bool, dims: int) -> None:
    """Refuse modes that do not go with each other or with the input."""
    if mode in EVERYWHERE:
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
            )
    if antialias and not (mode in SMOOTH and dims == 4):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input"
        )
    if mode == "lanczos" and not antialias:
        raise ValueError("Lanczos mode requires antialias=True")
    known = mode in EVERYWHERE or mode in DIMS
    if known and dims in (3, 4, 5) and DIMS.get(mode, dims) != dims:
        raise NotImplementedError(
            message(
                f"Got {dims}D input, but {mode} mode needs {DIMS[mode]}D input",
                "the mode says along how many axes sizes change",
                f'mode="{ {3: "linear", 4: "bilinear", 5: "trilinear"}[dims] }"',
            )
        )
    if not known or dims not in (3, 4, 5):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {dims}D) for the modes: {MODES} (got {mode})"
            + did_you_mean(mode, MODES.split(" | "))
        )


def new_size(old: tuple[int, ...], size: Any, factor: Any, recompute: bool | None) -> tuple[tuple[int, ...], Any]:
    """The sizes that were asked for, and the factors to compute places with (None: from the sizes)."""
    if size is not None and factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is not None:
        if recompute:
            raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
        sizes = tuple(int(n) for n in size) if isinstance(size, Sequence) else (int(size),) * len(old)
        if len(sizes) != len(old):
            raise ValueError(
                "Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of "
                f"{list(old)} and output size of {size}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
                "output size in (o1, o2, ...,oK) format."
            )
        return sizes, None
    if factor is None:
        raise ValueError("either size or scale_factor should be defined")
    factors = tuple(float(s) for s in factor) if isinstance(factor, Sequence) else (float(factor),) * len(old)
    if len(factors) != len(old):
        raise ValueError(
            "Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of "
            f"{list(old)} and scale_factor of shape {factor}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and "
            "scale_factor in (s1, s2, ...,sK) format."
        )
    return tuple(math.floor(n * s) for n, s in zip(old, factors)), None if recompute else factors


def upsample(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: bool | None = None
) -> Any:
    """The former name of `interpolate`."""
    warnings.warn(
        "`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.", UserWarning, stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` with mode "nearest"."""
    warnings.warn(
        "`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.", UserWarning, stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` with mode "bilinear" and aligned corners."""
    warnings.warn(
        "`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.", UserWarning, stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """y[…, c, r·i + s, r·j + t] = x[…, c·r² + r·s + t, i, j]: channels become places

    Shapes: x (…, C·r², H, W), y (…, C, H·r, W·r).

    >>> F.pixel_shuffle(torch.zeros(1, 8, 3, 3), 2).shape
    torch.Size([1, 2, 6, 6])
    """
    x = image_like("pixel_shuffle", input)
    if upscale_factor <= 0:
        raise RuntimeError(f"pixel_shuffle expects a positive upscale_factor, but got {upscale_factor}")
    if x.shape[-3] % upscale_factor**2:
        raise ShapeError(
            message(
                "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but "
                f"input.size(-3)={x.shape[-3]} is not divisible by {upscale_factor**2}",
                f"every pixel becomes {upscale_factor} × {upscale_factor} of them, each from a channel of its own",
            )
        )
    return joint(made(op.PixelShuffle, upscale_factor), input)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """The inverse of `pixel_shuffle`: x (…, C, H·r, W·r), y (…, C·r², H, W)"""
    x = image_like("pixel_unshuffle", input)
    if downscale_factor <= 0:
        raise RuntimeError(f"pixel_unshuffle expects a positive downscale_factor, but got {downscale_factor}")
    for name, axis in (("height", -2), ("width", -1)):
        if x.shape[axis] % downscale_factor:
            raise ShapeError(
                f"pixel_unshuffle expects {name} to be divisible by downscale_factor, but input.size({axis})={x.shape[axis]} "
                f"is not divisible by {downscale_factor}"
            )
    return joint(made(op.PixelUnshuffle, downscale_factor), input)


def image_like(name: str, input: Any) -> Any:
    x = tensor_like(input, "input", name).array
    if x.ndim < 3:
        raise ShapeError(f"{name} expects input to have at least 3 dimensions, but got input with {x.ndim} dimension(s)")
    return x


def channel_shuffle(input: Any, groups: int) -> Any:
    """The channels of ``groups`` groups dealt out in turn; x and y (N, C, *)"""
    x = tensor_like(input, "input", "channel_shuffle").array
    if x.ndim < 3:
        raise ShapeError(f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(x.shape)}")
    if groups <= 0:
        raise RuntimeError(f"Number of groups to divide channels in must be positive. Value of groups:{groups}")
    if x.shape[1] % groups:
        raise ShapeError(f"Number of channels must be divisible by groups. Got {x.shape[1]} channels and {groups} groups.")
    return joint(made(op.ChannelShuffle, groups), input)


native_channel_shuffle = channel_shuffle

ALIGNMENT = (
    "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please specify "
    "align_corners=True if the old behavior is desired. See the documentation of grid_sample for details."
)


def grid_sample(
    input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool | None = None
) -> Any:
    """y[n, c, i] = x[n, c] at the point grid[n, i]

    Points are in [−1, 1] along each axis, the last axis of x first. Beyond that x is zero, or its border is repeated, or it is
    reflected, as ``padding_mode`` says.

    Shapes: x (N, C, H, W), grid (N, H′, W′, 2), y (N, C, H′, W′); or with one axis more, (N, C, D, H, W) and (…, 3).

    >>> F.grid_sample(torch.tensor([[[[1., 2.]]]]), torch.zeros(1, 1, 1, 2), align_corners=True)
    tensor([[[[1.5000]]]])
    """
    x, points = tensor_like(input, "input", "grid_sample").array, tensor_like(grid, "grid", "grid_sample").array
    for name, value, known in (
        ("mode", mode, ("bilinear", "nearest", "bicubic")), ("padding_mode", padding_mode, ("zeros", "border", "reflection"))
    ):  # fmt: skip
        if value not in known:
            raise ValueError(
                f"nn.functional.grid_sample(): expected {name} to be '{known[0]}', '{known[1]}' or '{known[2]}', but got: "
                f"'{value}'" + did_you_mean(value, known)
            )
    if align_corners is None:
        warnings.warn(ALIGNMENT, UserWarning, stacklevel=2)
    if x.ndim not in (4, 5) or points.ndim != x.ndim:
        raise ShapeError(
            f"grid_sampler(): expected grid and input to have same number of dimensions, but got input with sizes "
            f"{list(x.shape)} and grid with sizes {list(points.shape)}"
        )
    if points.shape[-1] != x.ndim - 2:
        raise ShapeError(
            message(
                f"grid_sampler(): expected grid to have size {x.ndim - 2} in last dimension, but got grid with sizes "
                f"{list(points.shape)}",
                "a point has one coordinate for each axis of the image",
            )
        )
    if points.shape[0] != x.shape[0]:
        raise ShapeError(
            "grid_sampler(): expected grid and input to have same batch size, but got input with sizes "
            f"{list(x.shape)} and grid with sizes {list(points.shape)}"
        )
    if mode == "bicubic" and x.ndim == 5:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    kind = op.GridSampler if x.ndim == 4 else op.GridSampler3D
    return joint(made(kind, mode, padding_mode, bool(align_corners)), input, grid)


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool | None = None) -> Any:
    """y[n, i] = θ[n] (p_i, 1): where each point p of a grid over [−1, 1] goes under an affine map; for `grid_sample`

    Shapes: θ (N, 2, 3) with ``size`` (N, C, H, W), y (N, H, W, 2); or θ (N, 3, 4) with (N, C, D, H, W), y (N, D, H, W, 3).

    >>> F.affine_grid(torch.eye(2, 3).unsqueeze(0), (1, 1, 1, 2), align_corners=True)
    tensor([[[[-1.,  0.],
              [ 1.,  0.]]]])
    """
    t = tensor_like(theta, "theta", "affine_grid").array
    if t.dtype.kind not in "fV":
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    size = tuple(int(n) for n in size)
    if len(size) not in (4, 5):
        raise NotImplementedError(
            f"affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size {size}."
        )
    k = len(size) - 2
    if t.shape[-2:] != (k, k + 1) or t.ndim != 3:
        raise ValueError(
            f"Expected a batch of {k}D affine matrices of shape Nx{k}x{k + 1} for size {size}. Got {theta.shape}."
        )
    if align_corners is None:
        warnings.warn(ALIGNMENT, UserWarning, stacklevel=2)
    return joint(made(op.AffineGridGenerator, size, bool(align_corners)), theta)
