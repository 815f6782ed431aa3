"""Convolutions as layers: the same small weighted sum at every place of a sequence, an image or a volume."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..base.errors import did_you_mean, message
from . import functional as F
from . import init
from .module import Module
from .parameter import fresh

Sizes = int | Sequence[int]
MODES = ("zeros", "reflect", "replicate", "circular")


def spread(value: Any, axes: int) -> tuple[Any, ...]:
    """One number for every axis, from one number or a sequence of them."""
    return tuple(value) if isinstance(value, Sequence) else (value,) * axes


class ConvBase(Module):
    """What all convolutions have: channels, a kernel, how it moves, weights and biases.

    Weights and biases start uniform in ±1/√(in_channels · taps / groups).
    """

    axes: int
    transposed = False

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes, padding: Any, dilation: Sizes,
        output_padding: Sizes, groups: int, bias: bool, padding_mode: str, device: Any, dtype: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        check_groups(in_channels, out_channels, groups)
        check_padding(padding, padding_mode, spread(stride, self.axes))
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = spread(kernel_size, self.axes), spread(stride, self.axes)
        self.dilation, self.output_padding = spread(dilation, self.axes), spread(output_padding, self.axes)
        self.padding = padding if isinstance(padding, str) else spread(padding, self.axes)
        self.padding_mode = padding_mode
        rows, columns = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = fresh((rows, columns // groups, *self.kernel_size), dtype, device)
        self.register_parameter("bias", fresh((out_channels,), dtype, device) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights and biases."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self.axes:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.axes:
            text += f", dilation={self.dilation}"
        if self.output_padding != (0,) * self.axes:
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        return text + (f", padding_mode={self.padding_mode}" if self.padding_mode != "zeros" else "")


def check_groups(in_channels: int, out_channels: int, groups: int) -> None:
    if groups <= 0:
        raise ValueError("groups must be a positive integer")
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ValueError(
                message(f"{name} must be divisible by groups", f"{channels} channels do not fall into {groups} equal groups")
            )


def check_padding(padding: Any, padding_mode: str, stride: tuple[int, ...]) -> None:
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'same', 'valid'}}")
        if padding == "same" and any(s != 1 for s in stride):
            raise ValueError(
                message(
                    "padding='same' is not supported for strided convolutions",
                    f"with stride {stride} the output is smaller than the input, whatever the padding",
                    "padding=kernel_size // 2",
                )
            )
    if padding_mode not in MODES:
        raise ValueError(
            f"padding_mode must be one of {set(MODES)}, but got padding_mode='{padding_mode}'"
            + did_you_mean(str(padding_mode), MODES)
        )


class Conv(ConvBase):
    """y[n, o, i] = bias[o] + Σ_{c, t} weight[o, c, t] · x̂[n, c, s·i + d·t]"""

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes = 1, padding: Any = 0,
        dilation: Sizes = 1, groups: int = 1, bias: bool = True, padding_mode: str = "zeros", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, 0, groups, bias, padding_mode, device, dtype
        )

    def forward(self, input: Any) -> Any:
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Any, weight: Any, bias: Any) -> Any:
        """The convolution with these weights, around which the layer's own padding mode is applied."""
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input, padding = F.pad(input, self._borders(), mode=self.padding_mode), 0
        return CONVOLUTIONS[self.axes](input, weight, bias, self.stride, padding, self.dilation, self.groups)

    def _borders(self) -> list[int]:
        """The padding for `F.pad`: (before, after) for each axis, last axis first."""
        if self.padding == "valid":
            return [0, 0] * self.axes
        if self.padding == "same":
            total = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size)]
            sides = [(t // 2, t - t // 2) for t in total]
        else:
            sides = [(p, p) for p in self.padding]
        return [p for side in reversed(sides) for p in side]


class Conv1d(Conv):
    """y[n, o, i] = bias[o] + Σ_{c, t} weight[o, c, t] · x̂[n, c, stride·i + dilation·t], x̂ being x with zeros around it

    Shapes: x (N, in_channels, L) or (in_channels, L), weight (out_channels, in_channels / groups, taps), y (N,
    out_channels, ⌊(L + 2·padding − dilation·(taps − 1) − 1) / stride⌋ + 1).

    >>> nn.Conv1d(16, 33, 3, stride=2)(torch.zeros(20, 16, 50)).shape
    torch.Size([20, 33, 24])
    """

    axes = 1


class Conv2d(Conv):
    """y[n, o, i, j] = bias[o] + Σ_{c, s, t} weight[o, c, s, t] · x̂[n, c, i + s, j + t] (here for stride and dilation 1)

    Shapes: x (N, in_channels, H, W) or without N, weight (out_channels, in_channels / groups, *kernel_size), y (N,
    out_channels, H′, W′) with H′ = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1, and W′ likewise.

    >>> nn.Conv2d(16, 33, (3, 5), stride=(2, 1), padding=(4, 2))(torch.zeros(20, 16, 50, 100)).shape
    torch.Size([20, 33, 28, 100])
    """

    axes = 2


class Conv3d(Conv):
    """`Conv2d` with one more axis: x (N, in_channels, D, H, W) or without N

    >>> nn.Conv3d(2, 3, 3)(torch.zeros(1, 2, 5, 6, 7)).shape
    torch.Size([1, 3, 3, 4, 5])
    """

    axes = 3


class ConvTranspose(ConvBase):
    """ŷ[n, o, s·i + d·t] = Σ_c weight[c, o, t] · x[n, c, i], less ``padding`` on all sides, + bias[o]"""

    transposed = True

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: Sizes, stride: Sizes = 1, padding: Sizes = 0,
        output_padding: Sizes = 0, groups: int = 1, bias: bool = True, dilation: Sizes = 1, padding_mode: str = "zeros",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias, padding_mode,
            device, dtype,
        )  # fmt: skip

    def forward(self, input: Any, output_size: Sequence[int] | None = None) -> Any:
        extra = self.output_padding if output_size is None else self._extra(input, list(output_size))
        return TRANSPOSED[self.axes](
            input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation
        )

    def _extra(self, input: Any, wanted: list[int]) -> tuple[int, ...]:
        """The output padding that gives the wanted size; several sizes convolve to this input, stride of them in a row."""
        shape = input.shape
        if len(wanted) == len(shape):
            wanted = wanted[-self.axes :]
        if len(wanted) != self.axes:
            name = type(self).__name__.replace("d", "D")
            raise ValueError(
                f"{name}: for {len(shape)}D input, output_size must have {self.axes} or {len(shape)} elements (got {len(wanted)})"
            )
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(shape[-self.axes :], self.stride, self.padding, self.dilation, self.kernel_size)
        ]
        most = [n + s - 1 for n, s in zip(least, self.stride)]
        if any(not low <= n <= high for n, low, high in zip(wanted, least, most)):
            raise ValueError(
                f"requested an output size of {tuple(wanted)}, but valid sizes range from {least} to {most} (for an input of "
                f"{shape[-self.axes :]})"
            )
        return tuple(n - low for n, low in zip(wanted, least))


class ConvTranspose1d(ConvTranspose):
    """The adjoint of `Conv1d`: it spreads each entry where that would have gathered it.

    Shapes: x (N, in_channels, L) or without N, weight (in_channels, out_channels / groups, taps), y (N, out_channels,
    (L − 1)·stride − 2·padding + dilation·(taps − 1) + output_padding + 1).

    >>> nn.ConvTranspose1d(2, 3, 4, stride=2)(torch.zeros(1, 2, 5)).shape
    torch.Size([1, 3, 12])
    """

    axes = 1


class ConvTranspose2d(ConvTranspose):
    """`ConvTranspose1d` along two axes.

    >>> nn.ConvTranspose2d(16, 33, 3, stride=2)(torch.zeros(2, 16, 5, 10)).shape
    torch.Size([2, 33, 11, 21])
    """

    axes = 2


class ConvTranspose3d(ConvTranspose):
    """`ConvTranspose1d` along three axes."""

    axes = 3


CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


class Unfold(Module):
    """X[n, (c, t), i] = x̂[n, c, s·i + d·t]: what each tap of a window over an image reads at each place (im2col)

    Shapes: x (N, C, H, W) or without N, X (N, C · taps, places).

    >>> nn.Unfold((2, 3))(torch.zeros(2, 5, 3, 4)).shape
    torch.Size([2, 30, 4])
    """

    def __init__(self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> None:
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Any) -> Any:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """The adjoint of `Unfold`: every column entry is added back where it had been read (col2im).

    >>> nn.Fold((4, 5), (2, 2))(torch.zeros(1, 12, 12)).shape
    torch.Size([1, 3, 4, 5])
    """

    def __init__(
        self, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        super().__init__()
        self.output_size, self.kernel_size = output_size, kernel_size
        self.dilation, self.padding, self.stride = dilation, padding, stride

    def forward(self, input: Any) -> Any:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )
