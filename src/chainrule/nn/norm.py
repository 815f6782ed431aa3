"""Normalization as layers. Shapes and formulas as in `chainrule.nn.functional`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import wrap
from . import functional as F
from . import init
from .module import Module
from .parameter import fresh


class RunningNorm(Module):
    """Normalization of channels that can keep running statistics: weight, bias, running_mean, running_var."""

    _version = 2

    def __init__(
        self, num_features: int, eps: float, momentum: float | None, affine: bool, track_running_stats: bool, device: Any,
        dtype: Any, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.register_parameter("weight", fresh((num_features,), dtype, device) if affine else None)
        self.register_parameter("bias", fresh((num_features,), dtype, device) if affine and bias else None)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(name, None)
        if track_running_stats:
            self.running_mean = fresh((num_features,), dtype, device).detach()
            self.running_var = fresh((num_features,), dtype, device).detach()
            self.num_batches_tracked = wrap(np.zeros((), np.int64))
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Statistics as if nothing had been seen: mean 0, variance 1."""
        if self.track_running_stats:
            init.zeros_(self.running_mean)
            init.ones_(self.running_var)
            init.zeros_(self.num_batches_tracked)

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def check_input(self, input: Any) -> None:
        """Refuse inputs of another number of axes."""
        raise NotImplementedError

    def _upgrade_state(self, state: dict[str, Any], prefix: str, version: int | None) -> None:
        """Version 1 did not count batches."""
        counted = self._buffers["num_batches_tracked"]
        if (version is None or version < 2) and counted is not None:
            state.setdefault(f"{prefix}num_batches_tracked", counted.detach().clone())

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm(RunningNorm):
    """y = w·(x − μ) / √(σ² + ε) + b for each channel (Ioffe and Szegedy, 2015)

    In training μ and σ² are the batch's, and running ones follow them with the given momentum (None: as a plain average
    over all batches so far); in evaluation they are the running ones.
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Any) -> Any:
        self.check_input(input)
        own = self._buffers
        mean, var = own["running_mean"], own["running_var"]
        training = self.training or (mean is None and var is None)
        if self.training and self.track_running_stats:
            momentum = self._count()
        else:
            momentum = 0.0 if self.momentum is None else self.momentum
            if self.training:
                mean = var = None
        return F.batch_norm(input, mean, var, self.weight, self.bias, training, momentum, self.eps)

    def _count(self) -> float:
        """One more batch seen; the momentum for it."""
        seen = self._buffers["num_batches_tracked"]
        if seen is not None:
            seen.add_(1)
            if self.momentum is None:
                return 1.0 / float(seen.array)
        return 0.0 if self.momentum is None else self.momentum


def check_dims(input: Any, wanted: tuple[int, ...]) -> None:
    """Refuse inputs of another number of axes."""
    n = input.dim()
    if n not in wanted:
        named = " or ".join(f"{d}D" for d in wanted)
        instead = "x.unsqueeze(0)" if n + 1 in wanted else "x.flatten(2)" if n > max(wanted) else ""
        raise ValueError(
            message(f"expected {named} input (got {n}D input)", f"the input has shape {list(input.shape)}", instead)
        )


class BatchNorm1d(BatchNorm):
    """Batch normalization of features (N, C) or of sequences (N, C, L).

    >>> nn.BatchNorm1d(3)(torch.zeros(2, 3)).shape
    torch.Size([2, 3])
    """

    def check_input(self, input: Any) -> None:
        check_dims(input, (2, 3))


class BatchNorm2d(BatchNorm):
    """Batch normalization of images (N, C, H, W)."""

    def check_input(self, input: Any) -> None:
        check_dims(input, (4,))


class BatchNorm3d(BatchNorm):
    """Batch normalization of volumes (N, C, D, H, W)."""

    def check_input(self, input: Any) -> None:
        check_dims(input, (5,))


class SyncBatchNorm(BatchNorm):
    """Batch normalization over all processes; there is one here, so it is that of its batch."""

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, process_group: Any = None, device: Any = None, dtype: Any = None, *,
        bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)
        self.process_group = process_group

    def check_input(self, input: Any) -> None:
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: Any = None) -> Module:
        """The module with all its batch norms replaced by this one."""
        made = module
        if isinstance(module, BatchNorm) and not isinstance(module, SyncBatchNorm):
            made = cls(
                module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats, process_group
            )
            made._parameters.update(module._parameters)
            made._buffers.update(module._buffers)
            made.training = module.training
        for name, child in module.named_children():
            made.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return made


class InstanceNorm(RunningNorm):
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over the places of each channel of each sample (Ulyanov et al., 2016)"""

    dims: tuple[int, int]

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def check_input(self, input: Any) -> None:
        check_dims(input, self.dims)

    def forward(self, input: Any) -> Any:
        self.check_input(input)
        alone = input.dim() == self.dims[0]
        channels = input.size(0 if alone else 1)
        if channels != self.num_features:
            if self.affine:
                raise ValueError(
                    f"expected input's size at dim={0 if alone else 1} to match num_features ({self.num_features}), but got: "
                    f"{channels}."
                )
            warnings.warn(
                f"input's size at dim={0 if alone else 1} does not match num_features. You can silence this warning by not "
                "passing in num_features, which is not used because affine=False",
                stacklevel=2,
            )
        y = F.instance_norm(
            input.unsqueeze(0) if alone else input, self.running_mean, self.running_var, self.weight, self.bias,
            self.training or not self.track_running_stats, 0.0 if self.momentum is None else self.momentum, self.eps,
        )  # fmt: skip
        return y.squeeze(0) if alone else y


class InstanceNorm1d(InstanceNorm):
    """Instance normalization of sequences (N, C, L) or (C, L)."""

    dims = (2, 3)


class InstanceNorm2d(InstanceNorm):
    """Instance normalization of images (N, C, H, W) or (C, H, W)."""

    dims = (3, 4)


class InstanceNorm3d(InstanceNorm):
    """Instance normalization of volumes (N, C, D, H, W) or (C, D, H, W)."""

    dims = (4, 5)


class GroupNorm(Module):
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over a group of the channels, and all places, of each sample

    (Wu and He, 2018.) Shapes: x and y (N, C, *places), weight and bias (C,).

    >>> nn.GroupNorm(3, 6)(torch.zeros(20, 6, 10, 10)).shape
    torch.Size([20, 6, 10, 10])
    """

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, device: Any = None,
        dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                message(
                    f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})",
                    "all groups have the same number of channels",
                )
            )
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.register_parameter("weight", fresh((num_channels,), dtype, device) if affine else None)
        self.register_parameter("bias", fresh((num_channels,), dtype, device) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Any) -> Any:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, bias={self.bias is not None}"


class LayerNorm(Module):
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over the last axes, whose sizes are ``normalized_shape``

    (Ba et al., 2016.) Shapes: x and y (…, *normalized_shape), weight and bias (*normalized_shape).

    >>> nn.LayerNorm(10)(torch.zeros(20, 5, 10)).shape
    torch.Size([20, 5, 10])
    """

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        self.register_parameter("weight", fresh(shape, dtype, device) if elementwise_affine else None)
        self.register_parameter("bias", fresh(shape, dtype, device) if elementwise_affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Any) -> Any:
        own = self._parameters
        if "weight" in own and "bias" in own:
            return F.layer_norm(input, self.normalized_shape, own["weight"], own["bias"], self.eps)
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """y = w·x / √(mean(x²) + ε), the mean over the last axes, whose sizes are ``normalized_shape``

    (Zhang and Sennrich, 2019.) ε is the smallest step of the dtype unless given.

    >>> nn.RMSNorm(2)(torch.tensor([[3., -3.]]))
    tensor([[ 1., -1.]], grad_fn=<MulBackward0>)
    """

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float | None = None, elementwise_affine: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        self.register_parameter("weight", fresh(shape, dtype, device) if elementwise_affine else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, x: Any) -> Any:
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class LocalResponseNorm(Module):
    """y[c] = x[c] / (k + α·mean(x[c′]²))^β, the mean over ``size`` channels c′ around c (Krizhevsky et al., 2012)"""

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(LocalResponseNorm):
    """`LocalResponseNorm` of images (N, C, H, W), with channel 0 in every sum but the first ones too

    That is how Torch once slid its window, and what networks trained with it expect.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__(size, alpha, beta, k)

    def forward(self, input: Any) -> Any:
        if input.dim() != 4:
            raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.dim()}D instead.")
        channels, reach = input.size(1), (self.size - 1) // 2 + 1
        c = np.arange(channels)
        seen = np.abs(c[:, None] - c) < reach
        seen[reach:, 0] = True
        squares = wrap(seen.astype(input.array.dtype)) @ (input * input).flatten(2)
        return input * (squares.reshape(input.shape) * (self.alpha / self.size) + self.k).pow(-self.beta)
