"""``torch.autograd.function``: operations with a backward of your own."""

from __future__ import annotations

from ..tensors.function import Context as FunctionCtx
from ..tensors.function import Function as Function
from ..tensors.function import once_differentiable as once_differentiable

__all__ = ["Function", "FunctionCtx", "once_differentiable"]
