"""``torch.nn.grad``: the two gradients of a convolution, as functions.

For y = conv(x, w) and the upstream gradient g = ∂L/∂y: ``conv2d_input`` is ∂L/∂x, ``conv2d_weight`` is ∂L/∂w.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensors.autograd import grad
from ..tensors.filled import zeros
from ..tensors.grad_mode import enable_grad
from . import functional as F


def by_input(n: int) -> Callable[..., Any]:
    """The function ``conv{n}d_input``."""
    conv = getattr(F, f"conv{n}d")

    def conv_input(
        input_size: Any, weight: Any, grad_output: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
    ) -> Any:
        with enable_grad():
            x = zeros(*input_size, dtype=weight.dtype, requires_grad=True)
            return grad(conv(x, weight, None, stride, padding, dilation, groups), x, grad_output)[0]

    conv_input.__name__ = conv_input.__qualname__ = f"conv{n}d_input"
    conv_input.__doc__ = f"The gradient of `conv{n}d` with respect to its input, of the shape ``input_size``."
    return conv_input


def by_weight(n: int) -> Callable[..., Any]:
    """The function ``conv{n}d_weight``."""
    conv = getattr(F, f"conv{n}d")

    def conv_weight(
        input: Any, weight_size: Any, grad_output: Any, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
    ) -> Any:
        with enable_grad():
            w = zeros(*weight_size, dtype=input.dtype, requires_grad=True)
            return grad(conv(input, w, None, stride, padding, dilation, groups), w, grad_output)[0]

    conv_weight.__name__ = conv_weight.__qualname__ = f"conv{n}d_weight"
    conv_weight.__doc__ = f"The gradient of `conv{n}d` with respect to its weight, of the shape ``weight_size``."
    return conv_weight


conv1d_input, conv2d_input, conv3d_input = map(by_input, (1, 2, 3))
conv1d_weight, conv2d_weight, conv3d_weight = map(by_weight, (1, 2, 3))
