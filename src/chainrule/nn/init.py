"""Initial weights. Functions ending in an underscore write into the tensor, without recording, and return it.

The variance of a layer's outputs depends on how many inputs each sums (``fan_in``), that of its gradients on how many
outputs each input reaches (``fan_out``). For a weight of shape (out, in, *kernel), fan_in is in · |kernel|, fan_out is
out · |kernel|.
"""

from __future__ import annotations

import math



from typing import Any



from ..base.errors import did_you_mean, message
from ..base.random import default_generator


def written(tensor: Any, values: Any) -> Any:
    """Put values into a tensor's memory."""
    tensor.array[...] = values
    tensor.version[0] += 1
    return tensor


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """Uniform between a and b."""
    draws = (generator or default_generator).uniform(tensor.array.shape, tensor.array.dtype, a, b)
    return written(tensor, draws)


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """Normal of the given mean and standard deviation."""
    draws = (generator or default_generator).normal(tensor.array.shape, tensor.array.dtype, mean, std)
    return written(tensor, draws)


def constant_(tensor: Any, val: float) -> Any:
    """One number everywhere."""
    return written(tensor, val)


def ones_(tensor: Any) -> Any:
    """One everywhere."""
    return written(tensor, 1)


def zeros_(tensor: Any) -> Any:
    """Zero everywhere."""
    return written(tensor, 0)


def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """Uniform in ±√3 · gain / √fan (He et al., 2015), ``a`` being the slope of a leaky ReLU on its negative side."""
    std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


GAINS = {"sigmoid": 1, "tanh": 5.0 / 3, "relu": math.sqrt(2.0), "selu": 3.0 / 4}
LINEAR = ("linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much a nonlinearity shrinks the standard deviation of what passes it: the factor that makes up for it.

    >>> nn.init.calculate_gain("leaky_relu", 0.2)
    1.3867504905630728
    """
    if nonlinearity in LINEAR:
        return 1
    if nonlinearity in GAINS:
        return GAINS[nonlinearity]
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, (int, float)):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    known = (*LINEAR, *GAINS, "leaky_relu")
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}" + did_you_mean(str(nonlinearity), known))


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    """How many inputs each output of a layer sums, and how many outputs each input reaches."""
    shape = tensor.array.shape
    if len(shape) < 2:
        raise ValueError(
            message(
                "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
                f"shape {list(shape)} does not say how many inputs meet how many outputs",
                "nn.init.zeros_(bias), nn.init.uniform_(bias, -bound, bound)",
            )
        )
    taps = math.prod(shape[2:])
    return shape[1] * taps, shape[0] * taps


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    mode = mode.lower()
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"Mode {mode} not supported, please use one of ['fan_in', 'fan_out']")
    return _calculate_fan_in_and_fan_out(tensor)[mode == "fan_out"]


