"""Normalization by mean and variance: over the batch, over layers, over groups of channels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from ...base.dtypes import of, title
from ...base.errors import DtypeError, ShapeError, message
from ...graph.apply import joint
from ...ops import norm as op
from ...tensors.coerce import tensor_like

made = lru_cache(maxsize=256)(lambda kind, *how: kind(*how))


def batch_norm(
    input: Any, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None, training: bool = False,
    momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """y = w·(x − μ) / √(σ² + ε) + b for each channel

    In training μ and σ² are those of the batch, over all samples and places, and the running ones, if given, move
    towards them: running ← (1 − momentum)·running + momentum·batch (with the unbiased variance). Otherwise μ and σ² are
    the running ones.

    Shapes: input (N, C) or (N, C, *places), all others (C,).

    >>> F.batch_norm(torch.tensor([[1.], [3.]]), None, None, training=True, eps=0)
    tensor([[-1.],
            [ 1.]])
    """
    x = tensor_like(input, "input", "batch_norm").array
    channels = check_channels(x, running_mean, running_var, weight, bias)
    if training:
        count = x.size // max(channels, 1)
        if count == 1:
            raise ValueError(
                message(
                    f"Expected more than 1 value per channel when training, got input size {input.size()}",
                    "the variance of one number is 0, so every output would be the bias",
                    "model.eval(), or a batch of more than one sample (DataLoader(…, drop_last=True) leaves off a short last one)",
                )
            )
        y, mean, var = joint(made(op.NativeBatchNorm, eps), input, weight, bias)
        move(running_mean, mean.array, momentum)
        move(running_var, var.array, momentum, count / max(count - 1, 1))
        return y
    check_running(running_mean, running_var)
    return joint(made(op.BatchNormWithStatistics, eps), input, running_mean, running_var, weight, bias)


def check_running(mean: Any, var: Any) -> None:
    """Refuse to normalize by statistics that there are none of."""
    for name, value in (("running_mean", mean), ("running_var", var)):
        if value is None:
            raise RuntimeError(
                message(
                    f"{name} must be defined in evaluation mode",
                    "without statistics of the batch there must be given ones",
                    "training=True, or a layer with track_running_stats=True",
                )
            )


def move(running: Any, seen: np.ndarray, momentum: float, correction: float = 1.0) -> None:
    """running ← (1 − momentum)·running + momentum·correction·seen

    Not counted as a write by autograd, as in PyTorch: the backward passes of earlier batches do not depend on it.
    """
    if running is not None:
        r = running.array
        r[...] = r * (1 - momentum) + seen * correction * np.asarray(momentum, seen.dtype)


def check_channels(x: np.ndarray, mean: Any, var: Any, weight: Any, bias: Any) -> int:
    """The number of channels, once everything has been found to have as many entries and one dtype."""
    if x.ndim < 2:
        raise ShapeError(message(f"expected at least 2D input (got {x.ndim}D input)", "axis 1 holds the channels", "x.unsqueeze(0)"))
    if x.dtype.kind not in "fV":
        raise NotImplementedError(
            message(f'"batch_norm" not implemented for \'{title(of(x))}\'', "means are not integers", "x.float()")
        )
    channels = x.shape[1]
    for name, value in (("running_mean", mean), ("running_var", var), ("weight", weight), ("bias", bias)):
        if value is None:
            continue
        if value.array.size != channels:
            raise ShapeError(
                message(
                    f"{name} should contain {channels} elements not {value.array.size}",
                    f"the input has shape {list(x.shape)}, {channels} channels along axis 1",
                )
            )
        if value.array.dtype != x.dtype:
            mixed(x, value.array, name)
    return channels


def mixed(x: np.ndarray, other: np.ndarray, name: str) -> None:
    """Refuse dtypes that do not go together; halves go with the float32 statistics of their layer."""
    if x.dtype.itemsize == 2 and other.dtype == np.float32:
        return
    raise DtypeError(
        message(
            "mixed dtype (CPU): all inputs must share same datatype.",
            f"the input holds {of(x)}, the {name} {of(other)}",
            f"x.to(torch.{of(other).name})",
        )
    )


def instance_norm(
    input: Any, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Any:  # fmt: skip
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over the places of each channel of each sample

    Running statistics, if given, move towards the mean over the samples; without ``use_input_stats`` they are used.

    Shapes: input (N, C, *places), all others (C,).
    """
    x = tensor_like(input, "input", "instance_norm").array
    check_channels(x, running_mean, running_var, weight, bias)
    if not use_input_stats:
        check_running(running_mean, running_var)
        return joint(made(op.InstanceNormWithStatistics, eps), input, running_mean, running_var, weight, bias)
    places = prod(x.shape[2:])
    if places <= 1:
        raise ValueError(
            message(
                f"Expected more than 1 spatial element when training, got input size {input.size()}",
                "the variance of one number is 0, so every output would be the bias",
                "a larger input, or F.layer_norm",
            )
        )
    if running_mean is not None or running_var is not None:
        rows = x.reshape(*x.shape[:2], places)
        mean = rows.mean(2)
        move(running_mean, mean.mean(0), momentum)
        var = np.square(rows - mean[:, :, None]).sum(2) / (places - 1)
        move(running_var, var.mean(0), momentum)
    return joint(made(op.InstanceNorm, x.shape[1], eps), input, weight, bias)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over a group of the channels, and all places, of each sample

    Shapes: input (N, C, *places), weight and bias (C,).

    >>> F.group_norm(torch.tensor([[1., 3., 5., 7.]]), 2, eps=0)
    tensor([[-1.,  1., -1.,  1.]])
    """
    x = tensor_like(input, "input", "group_norm").array
    if x.ndim < 2:
        raise RuntimeError(f"Expected at least 2 dimensions for input tensor but received {x.ndim}")
    if num_groups <= 0:
        raise RuntimeError(f"Expected num groups to be greater than 0, got {num_groups}")
    if x.shape[1] % num_groups:
        raise ShapeError(
            message(
                "Expected number of channels in input to be divisible by num_groups, but got input of shape "
                f"{list(x.shape)} and num_groups={num_groups}",
                "all groups have the same number of channels",
            )
        )
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.array.shape != (x.shape[1],):
            raise ShapeError(
                f"Expected {name} to be a vector of size equal to the number of channels in input, but got {name} of shape "
                f"{list(value.shape)} and input of shape {list(x.shape)}"
            )
    if x.size // (x.shape[1] or 1) == 1 and num_groups == x.shape[1]:
        raise ValueError(
            message(
                f"Expected more than 1 value per channel when training, got input size {list(x.shape)}",
                "the variance of one number is 0, so every output would be the bias",
                "num_groups=1",
            )
        )
    refuse_integers(x, "GroupNormKernelImpl")
    check_dtypes(x, weight, bias)
    return joint(made(op.NativeGroupNorm, num_groups, eps), input, weight, bias)


def layer_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over the last axes, whose sizes are ``normalized_shape``

    Shapes: input (…, *normalized_shape), weight and bias (*normalized_shape).

    >>> F.layer_norm(torch.tensor([[1., 3.]]), (2,), eps=0)
    tensor([[-1.,  1.]])
    """
    x = tensor_like(input, "input", "layer_norm").array
    shape = tuple(normalized_shape)
    check_last(x, shape, "*, ", weight, bias)
    refuse_integers(x, "LayerNormKernelImpl")
    check_dtypes(x, weight, bias)
    return joint(made(op.NativeLayerNorm, len(shape), eps), input, weight, bias)


def rms_norm(input: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    """y = w·x / √(mean(x²) + ε), the mean over the last axes, whose sizes are ``normalized_shape``

    ε is the smallest step of the dtype unless given.

    >>> F.rms_norm(torch.tensor([[3., -3.]]), (2,))
    tensor([[ 1., -1.]])
    """
    x = tensor_like(input, "input", "rms_norm").array
    shape = tuple(normalized_shape)
    check_last(x, shape, "*", weight, None)
    refuse_integers(x, "rms_norm")
    check_dtypes(x, weight, None)
    y = made(op.RmsNorm, len(shape), eps)
    return joint(y, input) if weight is None else joint(y, input, weight)


def check_last(x: np.ndarray, shape: tuple[int, ...], star: str, weight: Any, bias: Any) -> None:
    """Refuse inputs whose last axes are not those to be normalized."""
    if not shape:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.array.shape != shape:
            raise ShapeError(
                f"Expected {name} to be of same shape as normalized_shape, but got {name} of shape {list(value.shape)} and "
                f"normalized_shape = {list(shape)}"
            )
    if x.shape[len(x.shape) - len(shape) :] != shape or x.ndim < len(shape):
        raise ShapeError(
            message(
                f"Given normalized_shape={list(shape)}, expected input with shape [{star}{', '.join(map(str, shape))}], but got "
                f"input of size{list(x.shape)}",
                "mean and variance are taken over the last axes",
                f"normalized_shape={list(x.shape[-len(shape) :])}",
            )
        )


def refuse_integers(x: np.ndarray, kernel: str) -> None:
    if x.dtype.kind not in "fV":
        raise NotImplementedError(
            message(f'"{kernel}" not implemented for \'{title(of(x))}\'', "means are not integers", "x.float()")
        )


def check_dtypes(x: np.ndarray, weight: Any, bias: Any) -> None:
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.array.dtype is not x.dtype and value.array.dtype != x.dtype:
            mixed(x, value.array, name)


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """y[c] = x[c] / (k + α·mean(x[c′]²))^β, the mean over ``size`` channels c′ around c, those beyond the ends being 0

    (Krizhevsky et al., 2012.) Shapes: input and y (N, C, *places).
    """
    from ...tensors.rearranging import pad
    from .pooling import avg_pool2d

    x = tensor_like(input, "input", "local_response_norm").array
    if x.ndim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality                          input (got {x.ndim} dimensions)")
    if not x.size:
        return input
    rows = pad((input * input).reshape(x.shape[0], 1, x.shape[1], -1), (0, 0, size // 2, (size - 1) // 2))
    mean = avg_pool2d(rows, (size, 1), stride=1).reshape(x.shape)
    return input / (mean * alpha + k).pow(beta)
