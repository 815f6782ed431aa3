"""Convolutions one behind the other, then linear layers: AlexNet (Krizhevsky 2014, arXiv 1404.5997) and VGG (Simonyan &
Zisserman 2015, arXiv 1409.1556), with torchvision's names of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...nn.activation import ReLU
from ...nn.container import Sequential
from ...nn.conv import Conv2d
from ...nn.dropout import Dropout
from ...nn.linear import Linear
from ...nn.module import Module
from ...nn.norm import BatchNorm2d
from ...nn.pooling import AdaptiveAvgPool2d, MaxPool2d
from .untrained import draw_again, untrained


class AlexNet(Module):
    """Five convolutions and three linear layers.

    Shapes: x (N, 3, H, W) with H and W at least 63, y (N, num_classes).
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = Sequential(
            Conv2d(3, 64, kernel_size=11, stride=4, padding=2), ReLU(inplace=True), MaxPool2d(kernel_size=3, stride=2),
            Conv2d(64, 192, kernel_size=5, padding=2), ReLU(inplace=True), MaxPool2d(kernel_size=3, stride=2),
            Conv2d(192, 384, kernel_size=3, padding=1), ReLU(inplace=True),
            Conv2d(384, 256, kernel_size=3, padding=1), ReLU(inplace=True),
            Conv2d(256, 256, kernel_size=3, padding=1), ReLU(inplace=True), MaxPool2d(kernel_size=3, stride=2),
        )  # fmt: skip
        self.avgpool = AdaptiveAvgPool2d((6, 6))
        self.classifier = Sequential(
            Dropout(p=dropout), Linear(256 * 6 * 6, 4096), ReLU(inplace=True),
            Dropout(p=dropout), Linear(4096, 4096), ReLU(inplace=True),
            Linear(4096, num_classes),
        )  # fmt: skip

    def forward(self, x: Any) -> Any:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


class VGG(Module):
    """``features``, their means over 7 × 7 places, and three linear layers.

    Shapes: x (N, 3, H, W) with H and W at least 32, y (N, num_classes).
    """

    def __init__(
        self, features: Module, num_classes: int = 1000, init_weights: bool = True, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = AdaptiveAvgPool2d((7, 7))
        self.classifier = Sequential(
            Linear(512 * 7 * 7, 4096), ReLU(True), Dropout(p=dropout),
            Linear(4096, 4096), ReLU(True), Dropout(p=dropout),
            Linear(4096, num_classes),
        )  # fmt: skip
        if init_weights:
            draw_again(self, linear=True)

    def forward(self, x: Any) -> Any:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def convolutions(channels: Sequence[Any], batch_norm: bool = False) -> Sequential:
    """3 × 3 convolutions with so many channels, and at each "M" the maximum of every 2 × 2 pixels."""
    layers: list[Module] = []
    before = 3
    for entry in channels:
        if entry == "M":
            layers.append(MaxPool2d(kernel_size=2, stride=2))
            continue
        norm = [BatchNorm2d(entry)] if batch_norm else []
        layers += [Conv2d(before, entry, kernel_size=3, padding=1), *norm, ReLU(inplace=True)]
        before = entry
    return Sequential(*layers)


def stages(*counts: int) -> list[Any]:
    """So many convolutions with 64, 128, 256, 512 and 512 channels, each followed by "M"."""
    widths = (64, 128, 256, 512, 512)
    return [entry for width, count in zip(widths, counts) for entry in [width] * count + ["M"]]


def of_depth(name: str, *counts: int) -> Callable[..., VGG]:
    def make(**options: Any) -> VGG:
        return VGG(convolutions(stages(*counts), name.endswith("_bn")), **options)

    normalized = ", normalized" if name.endswith("_bn") else ""
    return untrained(name, make, f"`VGG` with {counts} convolutions{normalized} in its five stages.")


alexnet = untrained("alexnet", AlexNet, "`AlexNet`.")
vgg11, vgg11_bn = (of_depth(name, 1, 1, 2, 2, 2) for name in ("vgg11", "vgg11_bn"))
vgg13, vgg13_bn = (of_depth(name, 2, 2, 2, 2, 2) for name in ("vgg13", "vgg13_bn"))
vgg16, vgg16_bn = (of_depth(name, 2, 2, 3, 3, 3) for name in ("vgg16", "vgg16_bn"))
vgg19, vgg19_bn = (of_depth(name, 2, 2, 4, 4, 4) for name in ("vgg19", "vgg19_bn"))
