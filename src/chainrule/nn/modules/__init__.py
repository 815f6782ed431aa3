"""``torch.nn.modules``: PyTorch's files, for programs that import layers from them.

    from torch.nn.modules.loss import CrossEntropyLoss
    torch.nn.modules.batchnorm._BatchNorm

Each is a module with the names of those of our files that hold the same; the names are also here, as they are in `nn`.
`PRIVATE` holds the names with an underscore that programs use nevertheless, and what they are called here.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

FILES = {
    "activation": "activation attention", "adaptive": "adaptive", "batchnorm": "norm lazy", "channelshuffle": "images",
    "container": "container parameters", "conv": "conv lazy", "distance": "distance", "dropout": "dropout",
    "flatten": "flatten", "fold": "conv", "instancenorm": "norm lazy", "lazy": "lazy", "linear": "linear lazy attention",
    "loss": "losses", "module": "module everywhere", "normalization": "norm", "padding": "padding", "pixelshuffle": "images",
    "pooling": "pooling", "rnn": "recurrent cells", "sparse": "embedding", "transformer": "transformer",
    "upsampling": "images", "utils": "entries",
}  # fmt: skip

PRIVATE = {
    "batchnorm": {"_NormBase": "norm.RunningNorm", "_BatchNorm": "norm.BatchNorm", "_LazyNormBase": "lazy.LazyNorm"},
    "instancenorm": {"_NormBase": "norm.RunningNorm", "_InstanceNorm": "norm.InstanceNorm"},
    "conv": {"_ConvNd": "conv.ConvBase", "_ConvTransposeNd": "conv.ConvTranspose", "_pair": "modules.sizes.pair",
             "_single": "modules.sizes.single", "_triple": "modules.sizes.triple"},
    "pooling": {"_MaxPoolNd": "pooling.MaxPool", "_AvgPoolNd": "pooling.AvgPool", "_LPPoolNd": "pooling.LPPool",
                "_AdaptiveAvgPoolNd": "pooling.AdaptiveAvgPool", "_AdaptiveMaxPoolNd": "pooling.AdaptiveMaxPool",
                "_MaxUnpoolNd": "pooling.MaxUnpool", "_pair": "modules.sizes.pair"},
    "padding": {"_ConstantPadNd": "padding.ConstantPad", "_pair": "modules.sizes.pair"},
    "dropout": {"_DropoutNd": "dropout.DropoutBase"},
    "loss": {"_Loss": "losses.Loss", "_WeightedLoss": "losses.WeightedLoss"},
    "lazy": {"LazyModuleMixin": "lazy.LazyModule", "is_lazy": "parameter.is_lazy"},
    "module": {"_addindent": "module.indented", "_IncompatibleKeys": "stateful.IncompatibleKeys"},
    "utils": {"_ntuple": "modules.sizes.repeated", "_single": "modules.sizes.single", "_pair": "modules.sizes.pair",
              "_triple": "modules.sizes.triple", "_quadruple": "modules.sizes.quadruple",
              "consume_prefix_in_state_dict_if_present": "modules.sizes.consume_prefix_in_state_dict_if_present"},
}  # fmt: skip


def found(path: str) -> Any:
    """What has this dotted name below `chainrule.nn`."""
    owner, _, name = path.rpartition(".")
    return getattr(import_module(f"chainrule.nn.{owner}"), name)


def file(name: str, sources: str) -> ModuleType:
    """A module with what several of ours hold."""
    module = ModuleType(f"{__name__}.{name}", f"``torch.nn.modules.{name}``")
    for source in sources.split():
        held = vars(import_module(f"chainrule.nn.{source}"))
        module.__dict__.update({key: value for key, value in held.items() if not key.startswith("__")})
    module.__dict__.update({key: found(path) for key, path in PRIVATE.get(name, {}).items()})
    module.__spec__ = ModuleSpec(module.__name__, None)
    sys.modules[module.__name__] = module
    return module


globals().update({name: file(name, sources) for name, sources in FILES.items()})


def __getattr__(name: str) -> Any:
    return getattr(import_module("chainrule.nn"), name)
