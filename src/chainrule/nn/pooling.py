"""Pooling as layers: the largest entry, the mean or the p-norm of each window. Shapes as in `chainrule.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ..ops.pool import RectifiedMaxPool
from . import functional as F
from .functional.pooling import max_pool_along
from .module import Module

Sizes = int | Sequence[int]


def spread(value: Any, axes: int) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, Sequence) else (value,) * axes


@cache
def rectified(axes: int) -> Callable[..., Any]:
    """max_pool{axes}d of relu."""
    return max_pool_along(axes, RectifiedMaxPool)


class MaxPool(Module):
    """y[n, c, i] = max_t x[n, c, stride·i + dilation·t − padding]"""

    axes: int

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
        return_indices: bool = False, ceil_mode: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Any) -> Any:
        return MAX[self.axes](
            input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices
        )

    def after_relu(self, input: Any) -> Any:
        """What it makes of ReLU's result, in one go."""
        return rectified(self.axes)(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, dilation={self.dilation}, "
            f"ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(MaxPool):
    """The largest entry of each window of a sequence (N, C, L) or (C, L).

    >>> nn.MaxPool1d(2)(torch.tensor([[1., 3., 2., 2.]]))
    tensor([[3., 2.]])
    """

    axes = 1


class MaxPool2d(MaxPool):
    """The largest entry of each window of an image (N, C, H, W) or (C, H, W).

    >>> nn.MaxPool2d((3, 2), stride=(2, 1))(torch.zeros(20, 16, 50, 32)).shape
    torch.Size([20, 16, 24, 31])
    """

    axes = 2


class MaxPool3d(MaxPool):
    """The largest entry of each window of a volume (N, C, D, H, W) or (C, D, H, W)."""

    axes = 3


class AvgPool1d(Module):
    """The mean of each window of a sequence (N, C, L) or (C, L).

    >>> nn.AvgPool1d(3, stride=2)(torch.tensor([[1., 2., 3., 4., 5., 6., 7.]]))
    tensor([[2., 4., 6.]])
    """

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size = spread(kernel_size, 1)
        self.stride = spread(kernel_size if stride is None else stride, 1)
        self.padding, self.ceil_mode, self.count_include_pad = spread(padding, 1), ceil_mode, count_include_pad

    def forward(self, input: Any) -> Any:
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool(Module):
    """y[n, c, i] = the mean of x[n, c, stride·i + t − padding] over the taps t"""

    axes: int

    def __init__(
        self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.ceil_mode, self.count_include_pad = padding, ceil_mode, count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Any) -> Any:
        return AVERAGE[self.axes](
            input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
            self.divisor_override,
        )  # fmt: skip

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(AvgPool):
    """The mean of each window of an image (N, C, H, W) or (C, H, W)."""

    axes = 2


class AvgPool3d(AvgPool):
    """The mean of each window of a volume (N, C, D, H, W) or (C, D, H, W)."""

    axes = 3


class AdaptiveAvgPool(Module):
    """The means over as many windows as ``output_size`` asks for, spread evenly; None keeps an axis as it is."""

    axes: int

    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        return ADAPTIVE_AVERAGE[self.axes](input, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(AdaptiveAvgPool):
    """The means over ``output_size`` windows of a sequence (N, C, L) or (C, L)."""

    axes = 1


class AdaptiveAvgPool2d(AdaptiveAvgPool):
    """The means over ``output_size`` windows of an image (N, C, H, W) or (C, H, W).

    >>> nn.AdaptiveAvgPool2d((5, None))(torch.zeros(1, 64, 8, 9)).shape
    torch.Size([1, 64, 5, 9])
    """

    axes = 2


class AdaptiveAvgPool3d(AdaptiveAvgPool):
    """The means over ``output_size`` windows of a volume (N, C, D, H, W) or (C, D, H, W)."""

    axes = 3


class AdaptiveMaxPool(Module):
    """The largest entries of as many windows as ``output_size`` asks for, spread evenly; None keeps an axis as it is."""

    axes: int

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def forward(self, input: Any) -> Any:
        return ADAPTIVE_MAX[self.axes](input, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(AdaptiveMaxPool):
    """The largest entries of ``output_size`` windows of a sequence (N, C, L) or (C, L)."""

    axes = 1


class AdaptiveMaxPool2d(AdaptiveMaxPool):
    """The largest entries of ``output_size`` windows of an image (N, C, H, W) or (C, H, W)."""

    axes = 2


class AdaptiveMaxPool3d(AdaptiveMaxPool):
    """The largest entries of ``output_size`` windows of a volume (N, C, D, H, W) or (C, D, H, W)."""

    axes = 3


class LPPool(Module):
    """y[n, c, i] = (Σ_t x[n, c, stride·i + t]ᵖ)^(1/p), p being ``norm_type``"""

    axes: int

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode

    def forward(self, input: Any) -> Any:
        return POWER[self.axes](input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, ceil_mode={self.ceil_mode}"
        )


class LPPool1d(LPPool):
    """The p-norm of each window of a sequence (N, C, L) or (C, L)."""

    axes = 1


class LPPool2d(LPPool):
    """The p-norm of each window of an image (N, C, H, W) or (C, H, W)."""

    axes = 2


class LPPool3d(LPPool):
    """The p-norm of each window of a volume (N, C, D, H, W) or (C, D, H, W)."""

    axes = 3


class MaxUnpool(Module):
    """y = 0 but y[n, c, indices[n, c, j]] = x[n, c, j]: entries put back where max pooling had found them"""

    axes: int

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        super().__init__()
        self.kernel_size = spread(kernel_size, self.axes)
        self.stride = spread(kernel_size if stride is None else stride, self.axes)
        self.padding = spread(padding, self.axes)

    def forward(self, input: Any, indices: Any, output_size: Sequence[int] | None = None) -> Any:
        return BACK[self.axes](input, indices, self.kernel_size, self.stride, self.padding, output_size)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class MaxUnpool1d(MaxUnpool):
    """The entries of a sequence put back where `MaxPool1d` had found them."""

    axes = 1


class MaxUnpool2d(MaxUnpool):
    """The entries of an image put back where `MaxPool2d` had found them."""

    axes = 2


class MaxUnpool3d(MaxUnpool):
    """The entries of a volume put back where `MaxPool3d` had found them."""

    axes = 3


class FractionalMaxPool(Module):
    """The largest entries of windows whose starts are drawn at random (Graham, 2014)."""

    axes: int

    def __init__(
        self, kernel_size: Sizes, output_size: Sizes | None = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        name = type(self).__name__
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if output_ratio is not None and not all(0 < r < 1 for r in spread(output_ratio, self.axes)):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")
        self.kernel_size = spread(kernel_size, self.axes)
        self.output_size = None if output_size is None else spread(output_size, self.axes)
        self.output_ratio = None if output_ratio is None else spread(output_ratio, self.axes)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, input: Any) -> Any:
        return FRACTIONAL[self.axes](
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool2d(FractionalMaxPool):
    """The largest entries of randomly placed windows of an image (N, C, H, W) or (C, H, W)."""

    axes = 2


class FractionalMaxPool3d(FractionalMaxPool):
    """The largest entries of randomly placed windows of a volume (N, C, D, H, W) or (C, D, H, W)."""

    axes = 3


MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
AVERAGE = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}
ADAPTIVE_AVERAGE = {1: F.adaptive_avg_pool1d, 2: F.adaptive_avg_pool2d, 3: F.adaptive_avg_pool3d}
ADAPTIVE_MAX = {1: F.adaptive_max_pool1d, 2: F.adaptive_max_pool2d, 3: F.adaptive_max_pool3d}
POWER = {1: F.lp_pool1d, 2: F.lp_pool2d, 3: F.lp_pool3d}
BACK = {1: F.max_unpool1d, 2: F.max_unpool2d, 3: F.max_unpool3d}
FRACTIONAL = {2: F.fractional_max_pool2d, 3: F.fractional_max_pool3d}
