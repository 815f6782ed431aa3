"""Moving a module: all its parameters and buffers to another dtype, or to a device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ..base import device as devices
from ..base import dtypes
from ..tensors.grad_mode import no_grad
from ..tensors.tensor import Tensor
from .parameter import Parameter, Uninitialized

Self = TypeVar("Self", bound="Conversion")


class Conversion:
    """The methods of a module that replace the entries of all its tensors."""

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Tensor | None]

    def children(self) -> Iterator[Any]:
        raise NotImplementedError

    def _apply(self: Self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Replace the entries of every parameter and buffer; parameters stay the same objects."""
        if recurse:
            for child in self.children():
                child._apply(fn)
        for parameter in self._parameters.values():
            if isinstance(parameter, Uninitialized):
                parameter.convert(fn)
            elif parameter is not None:
                with no_grad():
                    parameter.array = fn(parameter.detach()).array
                    if parameter._grad is not None:
                        parameter._grad = fn(parameter._grad)
        for name, buffer in self._buffers.items():
            if isinstance(buffer, Uninitialized):
                buffer.convert(fn)
            elif buffer is not None:
                with no_grad():
                    self._buffers[name] = fn(buffer)
        return self

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """Move to a device (the CPU is the only one) or to a floating dtype; integer tensors keep theirs."""
        dtype = kwargs.get("dtype")
        for arg in (*args, kwargs.get("device")):
            if isinstance(arg, dtypes.dtype):
                dtype = arg
            elif isinstance(arg, Tensor):
                dtype = arg.dtype
            elif arg is not None and not isinstance(arg, bool):
                devices.check(arg)
        if dtype is None:
            return self
        if not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError(
                f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype={dtype}"
            )
        return self._apply(lambda t: t.to(dtype) if t.array.dtype.kind in "fcV" else t)

    def float(self: Self) -> Self:
        return self.to(dtypes.float32)

    def double(self: Self) -> Self:
        return self.to(dtypes.float64)

    def half(self: Self) -> Self:
        return self.to(dtypes.float16)

    def bfloat16(self: Self) -> Self:
        return self.to(dtypes.bfloat16)

    def type(self: Self, dst_type: Any) -> Self:
        return self._apply(lambda t: t.type(dst_type))

    def cpu(self: Self) -> Self:
        return self

    def cuda(self: Self, device: Any = None) -> Self:
        devices.check("cuda" if device is None else device)
        return self

    def ipu(self: Self, device: Any = None) -> Self:
        devices.check("ipu" if device is None else device)
        return self

    def xpu(self: Self, device: Any = None) -> Self:
        devices.check("xpu" if device is None else device)
        return self

    def mtia(self: Self, device: Any = None) -> Self:
        devices.check("mtia" if device is None else device)
        return self

    def share_memory(self: Self) -> Self:
        """Move all parameters and buffers into memory that processes share: what one of them trains, all see."""
        return self._apply(lambda t: t.share_memory_())

    def to_empty(self: Self, *, device: Any = None, recurse: bool = True) -> Self:
        """Nothing to do: there is one device, and the tensors are on it."""
        devices.check(device)
        return self
