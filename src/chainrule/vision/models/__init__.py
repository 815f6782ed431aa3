"""Networks by torchvision's names, with freshly drawn weights: the same after the same seed, under the same names."""

from __future__ import annotations

from typing import NoReturn

from ...base.errors import did_you_mean, message
from ...nn.module import Module
from .mobilenetv2 import MobileNetV2 as MobileNetV2
from .mobilenetv2 import mobilenet_v2 as mobilenet_v2
from .plain import VGG as VGG
from .plain import AlexNet as AlexNet
from .plain import alexnet as alexnet
from .plain import vgg11 as vgg11
from .plain import vgg11_bn as vgg11_bn
from .plain import vgg13 as vgg13
from .plain import vgg13_bn as vgg13_bn
from .plain import vgg16 as vgg16
from .plain import vgg16_bn as vgg16_bn
from .plain import vgg19 as vgg19
from .plain import vgg19_bn as vgg19_bn
from .resnet import ResNet as ResNet
from .resnet import resnet18 as resnet18
from .resnet import resnet34 as resnet34
from .resnet import resnet50 as resnet50
from .resnet import resnet101 as resnet101
from .resnet import resnet152 as resnet152
from .resnet import resnext50_32x4d as resnext50_32x4d
from .resnet import resnext101_32x8d as resnext101_32x8d
from .resnet import resnext101_64x4d as resnext101_64x4d
from .resnet import wide_resnet50_2 as wide_resnet50_2
from .resnet import wide_resnet101_2 as wide_resnet101_2
from .untrained import NETWORKS


def list_models() -> list[str]:
    """The names of the networks there are."""
    return sorted(NETWORKS)


def get_model(name: str, **config: object) -> Module:
    """The network of this name."""
    if name.lower() not in NETWORKS:
        raise ValueError(
            message(f"Unknown model {name}{did_you_mean(name, NETWORKS)}", "there are " + ", ".join(list_models()))
        )
    return NETWORKS[name.lower()](**config)


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(
        message(
            f"module 'torchvision.models' has no attribute {name!r}.{did_you_mean(name, NETWORKS)}",
            f"there are no trained weights here, and of the networks {', '.join(list_models())}",
            "the network as a torch.nn.Module of the program's own",
        )
    )
