"""Residual networks: y = x + f(x), so that gradients reach the first layers unhindered (He et al. 2016, arXiv 1512.03385).

Also with f in parallel groups (ResNeXt, Xie et al. 2017) and with wide f (Zagoruyko & Komodakis 2016). The names of the
parameters are torchvision's, so its files of weights can be loaded; the stride is in the 3 × 3 convolution, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ...nn import init
from ...nn.activation import ReLU
from ...nn.container import Sequential
from ...nn.conv import Conv2d
from ...nn.linear import Linear
from ...nn.module import Module
from ...nn.norm import BatchNorm2d
from ...nn.pooling import AdaptiveAvgPool2d, MaxPool2d
from .untrained import draw_again, untrained


def conv3x3(in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1) -> Conv2d:
    """A 3 × 3 convolution that keeps the size, up to its stride."""
    return Conv2d(in_planes, out_planes, 3, stride, padding=dilation, groups=groups, bias=False, dilation=dilation)


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> Conv2d:
    """The same linear map at each pixel."""
    return Conv2d(in_planes, out_planes, 1, stride, bias=False)


class BasicBlock(Module):
    """y = relu(x + conv(relu(conv(x)))), each convolution normalized; ``downsample`` fits x to the new size."""

    expansion = 1

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: Module | None = None, groups: int = 1,
        base_width: int = 64, dilation: int = 1, norm_layer: Callable[..., Module] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        norm = norm_layer or BatchNorm2d
        if groups != 1 or base_width != 64:
            raise ValueError("BasicBlock only supports groups=1 and base_width=64")
        if dilation > 1:
            raise NotImplementedError("Dilation > 1 not supported in BasicBlock")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm(planes)
        self.relu = ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm(planes)
        self.downsample, self.stride = downsample, stride

    def forward(self, x: Any) -> Any:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class Bottleneck(Module):
    """The same with three convolutions, 1 × 1 to fewer channels, 3 × 3, and 1 × 1 to four times as many."""

    expansion = 4

    def __init__(
        self, inplanes: int, planes: int, stride: int = 1, downsample: Module | None = None, groups: int = 1,
        base_width: int = 64, dilation: int = 1, norm_layer: Callable[..., Module] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        norm = norm_layer or BatchNorm2d
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm(planes * self.expansion)
        self.relu = ReLU(inplace=True)
        self.downsample, self.stride = downsample, stride

    def forward(self, x: Any) -> Any:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class ResNet(Module):
    """A convolution, four stages of blocks, each stage with half the size and twice the channels, the mean, a linear layer.

    ``layers``: how many blocks each stage has. ``replace_stride_with_dilation``: which of the last three stages keep the
    size. ``zero_init_residual``: each block begins as y = x (Goyal et al. 2017).

    Shapes: x (N, 3, H, W), y (N, num_classes).
    """

    def __init__(
        self, block: type[BasicBlock | Bottleneck], layers: Sequence[int], num_classes: int = 1000,
        zero_init_residual: bool = False, groups: int = 1, width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] | None = None, norm_layer: Callable[..., Module] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._norm_layer = norm_layer or BatchNorm2d
        dilated = replace_stride_with_dilation or (False, False, False)
        if len(dilated) != 3:
            raise ValueError(f"replace_stride_with_dilation should be None or a 3-element tuple, got {dilated}")
        self.inplanes, self.dilation = 64, 1
        self.groups, self.base_width = groups, width_per_group
        self.conv1 = Conv2d(3, self.inplanes, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(self.inplanes)
        self.relu = ReLU(inplace=True)
        self.maxpool = MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self.stage(block, 64, layers[0])
        self.layer2 = self.stage(block, 128, layers[1], 2, dilated[0])
        self.layer3 = self.stage(block, 256, layers[2], 2, dilated[1])
        self.layer4 = self.stage(block, 512, layers[3], 2, dilated[2])
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(512 * block.expansion, num_classes)
        draw_again(self)
        if zero_init_residual:
            for module in self.modules():
                if isinstance(module, (BasicBlock, Bottleneck)):
                    last: Any = module.bn3 if isinstance(module, Bottleneck) else module.bn2
                    init.zeros_(last.weight)

    def stage(self, block: Any, planes: int, blocks: int, stride: int = 1, dilate: bool = False) -> Sequential:
        """Blocks one after the other, the first of which changes the size."""
        norm, dilation, downsample = self._norm_layer, self.dilation, None
        if dilate:
            self.dilation *= stride
            stride = 1
        out = planes * block.expansion
        if stride != 1 or self.inplanes != out:
            downsample = Sequential(conv1x1(self.inplanes, out, stride), norm(out))
        made = [block(self.inplanes, planes, stride, downsample, self.groups, self.base_width, dilation, norm)]
        self.inplanes = out
        for _ in range(1, blocks):
            made.append(
                block(
                    out, planes, groups=self.groups, base_width=self.base_width, dilation=self.dilation, norm_layer=norm
                )
            )
        return Sequential(*made)

    def forward(self, x: Any) -> Any:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def residual(name: str, block: Any, layers: list[int], **widths: Any) -> Callable[..., ResNet]:
    return untrained(name, partial(ResNet, block, layers, **widths), f"`ResNet` with {layers} of `{block.__name__}`.")


resnet18 = residual("resnet18", BasicBlock, [2, 2, 2, 2])
resnet34 = residual("resnet34", BasicBlock, [3, 4, 6, 3])
resnet50 = residual("resnet50", Bottleneck, [3, 4, 6, 3])
resnet101 = residual("resnet101", Bottleneck, [3, 4, 23, 3])
resnet152 = residual("resnet152", Bottleneck, [3, 8, 36, 3])
resnext50_32x4d = residual("resnext50_32x4d", Bottleneck, [3, 4, 6, 3], groups=32, width_per_group=4)
resnext101_32x8d = residual("resnext101_32x8d", Bottleneck, [3, 4, 23, 3], groups=32, width_per_group=8)
resnext101_64x4d = residual("resnext101_64x4d", Bottleneck, [3, 4, 23, 3], groups=64, width_per_group=4)
wide_resnet50_2 = residual("wide_resnet50_2", Bottleneck, [3, 4, 6, 3], width_per_group=128)
wide_resnet101_2 = residual("wide_resnet101_2", Bottleneck, [3, 4, 23, 3], width_per_group=128)
