"""Normalization: x̂ = (x − μ) / √(σ² + ε), y = w·x̂ + b; what differs is over which entries μ and σ² are taken."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..graph.op import Joint
from .kernels import norm as kernel
from .scalar import sqrt


def standardized(x: Any, dims: tuple[int, ...], eps: float, centred: bool = True) -> tuple[Any, Any, Any]:
    """x̂, μ and σ² (biased), the statistics with axes of size 1."""
    mean = x.mean(dims, keepdims=True)
    c = x - mean if centred else x
    var = (c * c).mean(dims, keepdims=True)
    return c / sqrt(var + eps), mean, var


def scaled(x: Any, w: Any, b: Any, shape: tuple[int, ...]) -> Any:
    """w·x + b, weight and bias in a shape that meets x's; either may be None."""
    if w is not None:
        x = x * w.reshape(shape)
    return x if b is None else x + b.reshape(shape)


class NativeBatchNorm(Joint):
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over all samples and places of each channel; and μ and σ²

    Shapes: x and y (N, C, *places), all others (C,).
    """

    fields = ("eps",)
    outputs = 3

    def forward(self, x: Any, w: Any = None, b: Any = None) -> tuple[Any, Any]:
        y, kept = kernel.batch_norm(x, w, b, eps=self.eps)
        return (y, kept.mean, kept.var), kept

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return kernel.batch_norm_backward(g[0], kept, (*needs, False, False)[:3])

    def formula(self, x: Any, w: Any = None, b: Any = None) -> Any:
        dims = (0, *range(2, len(x.shape)))
        y, mean, var = standardized(x, dims, self.eps)
        wide = (-1, *[1] * (len(x.shape) - 2))
        return scaled(y, w, b, wide), mean.reshape(-1), var.reshape(-1)


class BatchNormWithStatistics(Joint):
    """y = w·(x − μ) / √(σ² + ε) + b with μ and σ² given for each channel"""

    fields = ("eps",)
    torch_name = "NativeBatchNormBackward0"

    def forward(self, x: Any, mean: Any, var: Any, w: Any = None, b: Any = None) -> tuple[Any, Any]:
        # Running statistics may move on before the backward pass, hence the copies.
        return kernel.batch_norm(x, w, b, mean.copy(), var.copy(), self.eps)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        x, _, _, w, b = (*needs, False, False)[:5]
        dx, dw, db = kernel.batch_norm_backward(g, kept, (x, w, b))
        return dx, None, None, dw, db

    def formula(self, x: Any, mean: Any, var: Any, w: Any = None, b: Any = None) -> Any:
        wide = (-1, *[1] * (len(x.shape) - 2))
        y = (x - mean.reshape(wide)) / sqrt(var + self.eps).reshape(wide)
        return scaled(y, w, b, wide)


class RowNorm(Joint, abstract=True):
    """Normalization of each sample by itself; weight and bias may be None."""

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return kernel.norm_backward(g, kept, (*needs, False, False)[:3])


class NativeLayerNorm(RowNorm):
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over the last ``axes`` axes of each sample"""

    fields = ("axes", "eps")

    def forward(self, x: Any, w: Any = None, b: Any = None) -> tuple[Any, Any]:
        return kernel.layer_norm(x, self.axes, w, b, self.eps)

    def formula(self, x: Any, w: Any = None, b: Any = None) -> Any:
        n = len(x.shape)
        y, _, _ = standardized(x, tuple(range(n - self.axes, n)), self.eps)
        return scaled(y, w, b, x.shape[n - self.axes :])


class RmsNorm(RowNorm):
    """y = w·x / √(mean(x²) + ε), the mean over the last ``axes`` axes of each sample"""

    fields = ("axes", "eps")
    torch_name = "MulBackward0"

    def forward(self, x: Any, w: Any = None) -> tuple[Any, Any]:
        return kernel.rms_norm(x, self.axes, w, self.eps)

    def formula(self, x: Any, w: Any = None) -> Any:
        n = len(x.shape)
        eps = float(np.finfo(x.array.dtype).eps) if self.eps is None else self.eps
        y, _, _ = standardized(x, tuple(range(n - self.axes, n)), eps, centred=False)
        return scaled(y, w, None, x.shape[n - self.axes :])


class NativeGroupNorm(RowNorm):
    """y = w·(x − μ) / √(σ² + ε) + b, with μ and σ² over a group of the channels, and all places, of each sample

    Shapes: x and y (N, C, *places), w and b (C,).
    """

    fields = ("groups", "eps")

    def forward(self, x: Any, w: Any = None, b: Any = None) -> tuple[Any, Any]:
        return kernel.group_norm(x, self.groups, w, b, self.eps)

    def formula(self, x: Any, w: Any = None, b: Any = None) -> Any:
        shape = tuple(x.shape)
        rows = x.reshape(shape[0], self.groups, prod(shape[1:]) // self.groups)
        y, _, _ = standardized(rows, (2,), self.eps)
        return scaled(y.reshape(shape), w, b, (-1, *[1] * (len(shape) - 2)))


class InstanceNorm(NativeGroupNorm):
    """`NativeGroupNorm` with as many groups as channels: each channel of each sample by itself"""

    torch_name = "ViewBackward0"


class InstanceNormWithStatistics(BatchNormWithStatistics):
    """`InstanceNorm` with μ and σ² given for each channel"""

    torch_name = "ViewBackward0"
