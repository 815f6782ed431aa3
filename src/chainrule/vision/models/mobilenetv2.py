"""MobileNetV2: each pixel's channels widened, each channel filtered by itself, and narrowed again (Sandler et al. 2018,
arXiv 1801.04381), with torchvision's names of the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...nn.activation import ReLU6
from ...nn.container import Sequential
from ...nn.conv import Conv2d
from ...nn.dropout import Dropout
from ...nn.linear import Linear
from ...nn.module import Module
from ...nn.norm import BatchNorm2d
from .untrained import draw_again, untrained

# widening, channels, blocks, stride of the first block
STAGES = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]


def divisible(channels: float, by: int) -> int:
    """The nearest multiple, at least 90 % of what was asked for.

    >>> divisible(33.6, 8), divisible(11, 8)
    (32, 16)
    """
    nearest = max(by, int(channels + by / 2) // by * by)
    return nearest + by if nearest < 0.9 * channels else nearest


class Conv2dNormActivation(Sequential):
    """A convolution that keeps the size up to its stride, normalized, and cut off at 0 and 6."""

    def __init__(
        self, before: int, after: int, size: int, norm: Callable[..., Module], stride: int = 1, groups: int = 1
    ) -> None:
        convolution = Conv2d(before, after, size, stride, (size - 1) // 2, groups=groups, bias=False)
        super().__init__(convolution, norm(after), ReLU6(inplace=True))


class InvertedResidual(Module):
    """``expand_ratio`` times the channels, each filtered by itself, and narrowed to ``oup``; added to x where sizes agree."""

    def __init__(
        self, inp: int, oup: int, stride: int, expand_ratio: int, norm_layer: Callable[..., Module] | None = None
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"stride should be 1 or 2 instead of {stride}")
        norm = norm_layer or BatchNorm2d
        wide = int(round(inp * expand_ratio))
        widened = [Conv2dNormActivation(inp, wide, 1, norm)] if expand_ratio != 1 else []
        self.stride, self.use_res_connect = stride, stride == 1 and inp == oup
        self.conv = Sequential(
            *widened,
            Conv2dNormActivation(wide, wide, 3, norm, stride, groups=wide),
            Conv2d(wide, oup, 1, 1, 0, bias=False),
            norm(oup),
        )

    def forward(self, x: Any) -> Any:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(Module):
    """A convolution, seven stages of blocks (`STAGES`), a convolution, the mean, a linear layer.

    ``width_mult``: channels in relation to the paper's, in multiples of ``round_nearest``.

    Shapes: x (N, 3, H, W), y (N, num_classes).
    """

    def __init__(
        self, num_classes: int = 1000, width_mult: float = 1.0, inverted_residual_setting: Any = None,
        round_nearest: int = 8, block: Callable[..., Module] | None = None,
        norm_layer: Callable[..., Module] | None = None, dropout: float = 0.2,
    ) -> None:  # fmt: skip
        super().__init__()
        block, norm = block or InvertedResidual, norm_layer or BatchNorm2d
        setting = STAGES if inverted_residual_setting is None else inverted_residual_setting
        if len(setting) == 0 or len(setting[0]) != 4:
            raise ValueError(
                f"inverted_residual_setting should be non-empty or a 4-element list, got {inverted_residual_setting}"
            )
        channels = divisible(32 * width_mult, round_nearest)
        self.last_channel = divisible(1280 * max(1.0, width_mult), round_nearest)
        layers: list[Module] = [Conv2dNormActivation(3, channels, 3, norm, stride=2)]
        for widening, wanted, blocks, first_stride in setting:
            out = divisible(wanted * width_mult, round_nearest)
            for i in range(blocks):
                stride = first_stride if i == 0 else 1
                layers.append(block(channels, out, stride, expand_ratio=widening, norm_layer=norm))
                channels = out
        layers.append(Conv2dNormActivation(channels, self.last_channel, 1, norm))
        self.features = Sequential(*layers)
        self.classifier = Sequential(Dropout(p=dropout), Linear(self.last_channel, num_classes))
        draw_again(self, linear=True)

    def forward(self, x: Any) -> Any:
        return self.classifier(self.features(x).mean((2, 3)))


mobilenet_v2 = untrained("mobilenet_v2", MobileNetV2, "`MobileNetV2`.")
