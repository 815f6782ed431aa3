"""Layers that learn the size of their input from the first one they see, and then become the ordinary layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.value import wrap
from . import conv, linear, norm
from .module import Module
from .parameter import Uninitialized, UninitializedBuffer, UninitializedParameter


class LazyModule(Module):
    """A layer some of whose parameters have no shape yet; ``cls_to_become`` is what it becomes."""

    cls_to_become: type[Module]

    def has_uninitialized_params(self) -> bool:
        """Whether anything has no shape yet."""
        return any(isinstance(t, Uninitialized) for t in (*self._parameters.values(), *self._buffers.values()))

    def initialize_parameters(self, input: Any) -> None:
        """Take shapes from an input, and draw the weights."""
        raise NotImplementedError

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        self.initialize_parameters(*inputs, **named)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        return self(*inputs, **named)


class LazyLinear(LazyModule, linear.Linear):
    """`Linear` with in_features from its first input

    >>> model = nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.LazyLinear(1))
    >>> y = model(torch.zeros(2, 5)); model[0]
    Linear(in_features=5, out_features=3, bias=True)
    """

    cls_to_become = linear.Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        Module.__init__(self)
        self.in_features, self.out_features = 0, out_features
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        self.register_parameter("bias", UninitializedParameter(device=device, dtype=dtype) if bias else None)

    def initialize_parameters(self, input: Any) -> None:
        self.in_features = input.shape[-1]
        if self.has_uninitialized_params():
            self.weight.materialize((self.out_features, self.in_features))  # type: ignore[attr-defined]
            if self.bias is not None:
                self.bias.materialize((self.out_features,))
            self.reset_parameters()


class LazyConv(LazyModule):
    """A convolution with in_channels from its first input."""

    def __init__(self, out_channels: int, kernel_size: Any, *args: Any, **kwargs: Any) -> None:
        how = dict(zip(self.options, args)) | kwargs
        bias = how.pop("bias", True)
        where: dict[str, Any] = {k: how.get(k) for k in ("device", "dtype")}
        super().__init__(0, 0, kernel_size, bias=False, **how)  # type: ignore[call-arg]
        self.out_channels = out_channels
        self.weight: Any = UninitializedParameter(**where)
        if bias:
            self.bias = UninitializedParameter(**where)

    options: tuple[str, ...] = ("stride", "padding", "dilation", "groups", "bias", "padding_mode", "device", "dtype")

    def reset_parameters(self) -> None:
        """Draw new weights, once there is something to draw."""
        if self.in_channels and not self.has_uninitialized_params():
            super().reset_parameters()  # type: ignore[misc]

    def initialize_parameters(self, input: Any, *rest: Any) -> None:
        axes = self.axes  # type: ignore[attr-defined]
        if input.dim() not in (axes + 1, axes + 2):
            raise RuntimeError(
                f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to {type(self).__name__}, but got input of "
                f"size: {input.shape}"
            )
        self.in_channels = input.shape[1 if input.dim() == axes + 2 else 0]
        if not self.has_uninitialized_params():
            return
        conv.check_groups(self.in_channels, self.out_channels, self.groups)
        rows, columns = self.out_channels, self.in_channels
        if self.transposed:  # type: ignore[attr-defined]
            rows, columns = columns, rows
        self.weight.materialize((rows, columns // self.groups, *self.kernel_size))
        if self.bias is not None:
            self.bias.materialize((self.out_channels,))
        self.reset_parameters()


class LazyConv1d(LazyConv, conv.Conv1d):
    """`Conv1d` with in_channels from its first input."""

    cls_to_become = conv.Conv1d


class LazyConv2d(LazyConv, conv.Conv2d):
    """`Conv2d` with in_channels from its first input."""

    cls_to_become = conv.Conv2d


class LazyConv3d(LazyConv, conv.Conv3d):
    """`Conv3d` with in_channels from its first input."""

    cls_to_become = conv.Conv3d


class LazyConvTranspose(LazyConv):
    """A transposed convolution with in_channels from its first input."""

    options = ("stride", "padding", "output_padding", "groups", "bias", "dilation", "padding_mode", "device", "dtype")


class LazyConvTranspose1d(LazyConvTranspose, conv.ConvTranspose1d):
    """`ConvTranspose1d` with in_channels from its first input."""

    cls_to_become = conv.ConvTranspose1d


class LazyConvTranspose2d(LazyConvTranspose, conv.ConvTranspose2d):
    """`ConvTranspose2d` with in_channels from its first input."""

    cls_to_become = conv.ConvTranspose2d


class LazyConvTranspose3d(LazyConvTranspose, conv.ConvTranspose3d):
    """`ConvTranspose3d` with in_channels from its first input."""

    cls_to_become = conv.ConvTranspose3d


class LazyNorm(LazyModule):
    """A normalization with num_features from its first input."""

    def __init__(
        self, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True, track_running_stats: bool = True,
        device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(0, eps, momentum, False, False, device, dtype)  # type: ignore[call-arg]
        self.affine, self.track_running_stats = affine, track_running_stats
        if affine:
            self.weight = UninitializedParameter(device=device, dtype=dtype)
            if bias:
                self.bias = UninitializedParameter(device=device, dtype=dtype)
        if track_running_stats:
            self.running_mean: Any = UninitializedBuffer(device=device, dtype=dtype)
            self.running_var: Any = UninitializedBuffer(device=device, dtype=dtype)
            self.num_batches_tracked = wrap(np.zeros((), np.int64))

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, once they have a size."""
        if self.num_features and not self.has_uninitialized_params():
            super().reset_parameters()  # type: ignore[misc]

    def initialize_parameters(self, input: Any) -> None:
        self.num_features = input.shape[1 if not self.alone(input) else 0]
        if self.has_uninitialized_params():
            for tensor in (*self._parameters.values(), *self._buffers.values()):
                if isinstance(tensor, Uninitialized):
                    tensor.materialize((self.num_features,))
            self.reset_parameters()

    def alone(self, input: Any) -> bool:
        """Whether the input is a single sample."""
        dims = getattr(self, "dims", None)
        return dims is not None and input.dim() == dims[0]


class LazyBatchNorm1d(LazyNorm, norm.BatchNorm1d):
    """`BatchNorm1d` with num_features from its first input."""

    cls_to_become = norm.BatchNorm1d


class LazyBatchNorm2d(LazyNorm, norm.BatchNorm2d):
    """`BatchNorm2d` with num_features from its first input."""

    cls_to_become = norm.BatchNorm2d


class LazyBatchNorm3d(LazyNorm, norm.BatchNorm3d):
    """`BatchNorm3d` with num_features from its first input."""

    cls_to_become = norm.BatchNorm3d


class LazyInstanceNorm1d(LazyNorm, norm.InstanceNorm1d):
    """`InstanceNorm1d` with num_features from its first input."""

    cls_to_become = norm.InstanceNorm1d


class LazyInstanceNorm2d(LazyNorm, norm.InstanceNorm2d):
    """`InstanceNorm2d` with num_features from its first input."""

    cls_to_become = norm.InstanceNorm2d


class LazyInstanceNorm3d(LazyNorm, norm.InstanceNorm3d):
    """`InstanceNorm3d` with num_features from its first input."""

    cls_to_become = norm.InstanceNorm3d
