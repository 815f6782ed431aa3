"""The weights of a model's convolutions in another order in memory."""

from __future__ import annotations

from typing import Any

from ..conv import ConvBase


def converting(n: int) -> Any:
    """The function for convolutions over n axes."""

    def convert(module: Any, memory_format: Any) -> Any:
        for layer in module.modules():
            if isinstance(layer, ConvBase) and layer.weight.dim() == n + 2:
                layer.weight.data = layer.weight.detach().clone().contiguous(memory_format=memory_format)
        return module

    convert.__name__ = convert.__qualname__ = f"convert_conv{n}d_weight_memory_format"
    convert.__doc__ = f"Put the weights of all convolutions over {n} axes into this order in memory; returns the module."
    return convert


convert_conv2d_weight_memory_format, convert_conv3d_weight_memory_format = converting(2), converting(3)
