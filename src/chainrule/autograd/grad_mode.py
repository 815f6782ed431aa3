"""``torch.autograd.grad_mode``: whether the graph is recorded."""

from __future__ import annotations

from ..tensors.grad_mode import enable_grad as enable_grad
from ..tensors.grad_mode import inference_mode as inference_mode
from ..tensors.grad_mode import no_grad as no_grad
from ..tensors.grad_mode import set_grad_enabled as set_grad_enabled

__all__ = ["enable_grad", "inference_mode", "no_grad", "set_grad_enabled"]
