"""Initial weights. Functions ending in an underscore write into the tensor, without recording, and return it.

The variance of a layer's outputs depends on how many inputs each sums (``fan_in``), that of its gradients on how many
outputs each input reaches (``fan_out``). For a weight of shape (out, in, *kernel), fan_in is in · |kernel|, fan_out is
out · |kernel|.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..base.errors import did_you_mean, message
from ..base.layout import laid_out_like
from ..base.random import default_generator
from ..tensors.inplace import overwrite


def written(tensor: Any, values: Any) -> Any:
    """Put values into a tensor's memory."""
    overwrite(tensor.array, values)
    tensor.version[0] += 1
    return tensor


def drawn(tensor: Any, draw: Callable[..., np.ndarray]) -> Any:
    """Put ``draw(shape, dtype, in one piece)`` into a tensor, in the order in which its entries lie in memory."""
    return written(tensor, proposal(tensor.array, draw))


def proposal(x: np.ndarray, draw: Callable[..., np.ndarray]) -> np.ndarray:
    """``draw(shape, dtype, in one piece)`` for the entries of an array, in the order in which they lie in memory."""
    in_one_piece = bool(x.flags.c_contiguous)
    return laid_out_like(x, lambda shape: draw(shape, x.dtype, in_one_piece))


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """Uniform between a and b.

    >>> w = nn.init.uniform_(torch.empty(3, 5))
    >>> bool(((0 <= w) & (w < 1)).all())
    True
    """
    draw = (generator or default_generator).uniform
    return drawn(tensor, lambda shape, kind, piece: draw(shape, kind, a, b))


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """Normal of the given mean and standard deviation."""
    draw = (generator or default_generator).normal
    return drawn(tensor, lambda shape, kind, piece: draw(shape, kind, mean, std, piece))


def trunc_normal_(
    tensor: Any, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Any:
    """Normal of the given mean and standard deviation, as far as it lies between a and b.

    By rejection: proposals are normal where that is often enough inside, otherwise uniform between a and b and accepted
    in proportion to their density. Each round draws for all entries and fills those that are still missing.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.",
            stacklevel=2,
        )
    draw = generator or default_generator
    x = tensor.array
    low, high = (a - mean) / std, (b - mean) / std
    nearest = min(max(low, 0.0), high)  # to the mean, where the density is highest
    inside = (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2))) / 2
    found, missing = laid_out_like(x, lambda shape: np.zeros(shape, x.dtype)), np.ones(x.shape, bool)
    while missing.any():
        if inside > 0.3:
            proposed = proposal(x, lambda shape, kind, piece: draw.normal(shape, kind, mean, std, piece))
            good = (a <= proposed) & (proposed <= b)
        else:
            proposed = proposal(x, lambda shape, kind, piece: draw.uniform(shape, kind, a, b))
            z = (proposed - np.array(mean, x.dtype)) / np.array(std, x.dtype)
            height = proposal(x, lambda shape, kind, piece: draw.uniform(shape, kind))
            good = height <= np.exp((nearest * nearest - z * z) / 2)
        good &= missing
        found[good] = proposed[good]
        missing &= ~good
        x = found  # without gaps, if x had some
    return written(tensor, found)


def constant_(tensor: Any, val: float) -> Any:
    """One number everywhere."""
    return written(tensor, val)


def ones_(tensor: Any) -> Any:
    """One everywhere."""
    return written(tensor, 1)


def zeros_(tensor: Any) -> Any:
    """Zero everywhere."""
    return written(tensor, 0)


def eye_(tensor: Any) -> Any:
    """The identity: as many inputs of a linear layer as possible are kept as they are."""
    if tensor.array.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    return written(tensor, np.eye(*tensor.array.shape))


def dirac_(tensor: Any, groups: int = 1) -> Any:
    """The identity for convolutions: as many channels as possible are kept as they are, in each of the groups."""
    shape = tensor.array.shape
    if len(shape) not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    if shape[0] % groups:
        raise ValueError("dim 0 must be divisible by groups")
    outs = shape[0] // groups
    w = np.zeros(shape)
    centre = tuple(n // 2 for n in shape[2:])
    for g in range(groups):
        for c in range(min(outs, shape[1])):
            w[(g * outs + c, c, *centre)] = 1
    return written(tensor, w)


# ---------------------------------------------------------------------- by fan in and fan out


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Uniform in ±gain · √(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    bound = math.sqrt(3.0) * gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor))))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Normal with mean 0 and standard deviation gain · √(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    std = gain * math.sqrt(2.0 / float(sum(_calculate_fan_in_and_fan_out(tensor))))
    return normal_(tensor, 0.0, std, generator)


def kaiming_uniform_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """Uniform in ±√3 · gain / √fan (He et al., 2015), ``a`` being the slope of a leaky ReLU on its negative side."""
    if 0 in tensor.array.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
    bound = math.sqrt(3.0) * std
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> Any:
    """Normal with mean 0 and standard deviation gain / √fan (He et al., 2015)."""
    if 0 in tensor.array.shape:
        warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=2)
        return tensor
    std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
    return normal_(tensor, 0, std, generator)


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


# ---------------------------------------------------------------------- with structure


def orthogonal_(tensor: Any, gain: float = 1, generator: Any = None) -> Any:
    """An orthogonal matrix, drawn at random, times ``gain``; all axes but the first count as columns (Saxe et al., 2013)."""
    x = tensor.array
    if x.ndim < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if x.size == 0:
        return tensor
    rows = x.shape[0]
    columns = x.size // rows
    draws = (generator or default_generator).normal((rows, columns), x.dtype)
    q, r = np.linalg.qr(draws.T if rows < columns else draws)
    q = q * np.sign(np.diagonal(r))  # otherwise q would not be uniformly distributed
    return written(tensor, (q.T if rows < columns else q).reshape(x.shape) * np.array(gain, x.dtype))


def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Any:
    """Normal with the given standard deviation, but a share ``sparsity`` of each column zero (Martens, 2010)."""
    if tensor.array.ndim != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    normal_(tensor, 0, std, generator)
    rows, columns = tensor.array.shape
    zeros = math.ceil(sparsity * rows)
    for column in range(columns):
        tensor.array[(generator or default_generator).randperm(rows)[:zeros], column] = 0
    return tensor


# ---------------------------------------------------------------------- former names


def former(function: Any) -> Callable[..., Any]:
    """The function under its former name, without the underscore."""
    new, old = function.__name__, function.__name__[:-1]

    @wraps(function)
    def renamed(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"`nn.init.{old}` is now deprecated in favor of `nn.init.{new}`.", FutureWarning, stacklevel=2
        )
        return function(*args, **kwargs)

    renamed.__name__ = renamed.__qualname__ = old
    renamed.__doc__ = f"The former name of `{new}`."
    return renamed


uniform, normal, constant, eye, dirac = map(former, (uniform_, normal_, constant_, eye_, dirac_))
xavier_uniform, xavier_normal = former(xavier_uniform_), former(xavier_normal_)
kaiming_uniform, kaiming_normal = former(kaiming_uniform_), former(kaiming_normal_)
orthogonal, sparse = former(orthogonal_), former(sparse_)
