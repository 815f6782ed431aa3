"""Pooling: the largest entry, or the mean, of each window. Shapes: x (N, C, *size) or (C, *size), y alike with places for sizes."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar

import numpy as np

from ..base.shapes import Shape
from ..graph.op import Joint
from ..graph.value import wrap
from .activations import relu
from .conv import Im2Col
from .kernels import pool as kernel
from .kernels.lines import pooling_lines
from .scatter import Gather, Spread


class Pooling(Joint, abstract=True):
    """An op on windows; ``axes`` says along how many axes, so that a single sample (C, *size) is told from a batch."""

    fields: ClassVar[tuple[str, ...]] = ("axes",)

    def batch(self, x: Any) -> Any:
        """x with an axis of samples."""
        return x if len(x.shape) == self.axes + 2 else x.reshape((1, *x.shape))

    def like(self, y: Any, x: Any) -> Any:
        """y without the axis of samples, if x has none."""
        return y if len(x.shape) == self.axes + 2 else y.reshape(y.shape[1:])

    def names(self, one: str, more: str) -> str:
        """PyTorch's name of the node: along one axis it pools an image of height 1."""
        return one if self.axes == 1 else more.format(self.axes)


class MaxPool(Pooling):
    """y[n, c, i] = max_t x[n, c, s·i + d·t − p]; of equal entries the first gets the gradient"""

    fields = ("axes", "kernel", "stride", "padding", "dilation", "ceil")

    def __init__(self, axes: int, kernel: Shape, stride: Shape, padding: Shape, dilation: Shape, ceil: bool) -> None:
        self.axes, self.kernel, self.stride, self.padding = axes, kernel, stride, padding
        self.dilation, self.ceil = dilation, ceil

    def pooled(self, x: Any) -> tuple[Any, Any]:
        return kernel.max_pool(self.batch(x), self.kernel, self.stride, self.padding, self.dilation, self.ceil)

    def forward(self, x: Any) -> tuple[Any, Any]:
        y, kept = self.pooled(x)
        return self.like(y, x), (kept, x.shape)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        found, shape = kept
        dx = self.back(self.batch(g), found)
        return (dx if dx.shape == shape else dx.reshape(shape),)

    back: Any = staticmethod(kernel.max_pool_backward)

    def formula(self, x: Any) -> Any:
        return gathered(x, kernel.max_indices(self.pooled(x.array)[1]), self)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return self.names("SqueezeBackward1", "MaxPool{}DWithIndicesBackward0")


class RectifiedMaxPool(MaxPool):
    """y[n, c, i] = max(max_t x[n, c, s·i + d·t − p], 0): what `MaxPool` makes of `Relu`, on one way through x"""

    fields = MaxPool.fields
    back = staticmethod(kernel.rectified_max_pool_backward)

    def pooled(self, x: Any) -> tuple[Any, Any]:
        return kernel.rectified_max_pool(self.batch(x), self.kernel, self.stride, self.padding, self.dilation, self.ceil)

    def formula(self, x: Any) -> Any:
        return MaxPool(*[getattr(self, name) for name in self.fields])(relu(x))


def gathered(x: Any, places: np.ndarray, op: Pooling) -> Any:
    """The entries of each plane that stand at the given places, counted in reading order."""
    planes = prod(places.shape[:2])
    y = Gather(1)(x.reshape(planes, -1), places.reshape(planes, -1)).reshape(places.shape)
    return op.like(y, x)


class WithIndices(Pooling, abstract=True):
    """A pooling op that also says where in its plane each entry stands, counted in reading order."""

    outputs = 2

    def forward(self, x: Any) -> tuple[Any, Any]:
        y, kept = self.pooled(x)
        return (self.like(y, x), self.like(kernel.max_indices(kept), x)), (kept, x.shape)

    compute = forward

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        found, shape = kept
        return (self.back(self.batch(g[0]), found).reshape(shape),)

    def formula(self, x: Any) -> Any:
        places = kernel.max_indices(self.pooled(x.array)[1])
        return gathered(x, places, self), self.like(places, x)


class MaxPoolWithIndices(WithIndices):
    """`MaxPool`, and where each largest entry stands"""

    fields = MaxPool.fields
    __init__ = MaxPool.__init__
    pooled = MaxPool.pooled
    torch_name = MaxPool.torch_name
    back = staticmethod(kernel.max_pool_backward)


class AdaptiveMaxPool(WithIndices):
    """y[n, c, i] = the largest x[n, c, j] with ⌊i·size/out⌋ ≤ j < ⌈(i + 1)·size/out⌉, and where it stands"""

    fields = ("axes", "out")
    back = staticmethod(kernel.adaptive_max_pool_backward)

    def pooled(self, x: Any) -> tuple[Any, Any]:
        return kernel.adaptive_max_pool(self.batch(x), self.out)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return self.names("SqueezeBackward1", "AdaptiveMaxPool{}DBackward0")


class AvgPool(Pooling):
    """y[n, c, i] = Σ_t x[n, c, s·i + t − p] / k, k being the number of entries in the window"""

    fields = ("axes", "kernel", "stride", "padding", "ceil", "counts_padding", "divisor")

    def __init__(
        self, axes: int, kernel: Shape, stride: Shape, padding: Shape, ceil: bool, counts_padding: bool, divisor: int | None
    ) -> None:
        self.axes, self.kernel, self.stride, self.padding = axes, kernel, stride, padding
        self.ceil, self.counts_padding, self.divisor = ceil, counts_padding, divisor

    def forward(self, x: Any) -> tuple[Any, Any]:
        y, kept = kernel.avg_pool(
            self.batch(x), self.kernel, self.stride, self.padding, self.ceil, self.counts_padding, self.divisor
        )
        return self.like(y, x), (kept, x.shape)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        found, shape = kept
        return (kernel.avg_pool_backward(self.batch(g), found).reshape(shape),)

    def formula(self, x: Any) -> Any:
        size = x.shape[-self.axes :]
        lines = pooling_lines(size, self.kernel, self.stride, self.padding, (1,) * self.axes, self.ceil)
        pads = tuple((n.padding, max((n.out - 1) * n.stride + n.kernel - n.size - n.padding, 0)) for n in lines)
        columns = Im2Col(self.kernel, (1,) * self.axes, pads, self.stride)(x.reshape(-1, 1, *size))
        kind = x.array.dtype
        divisor = np.asarray(kernel.divisor_of(lines, self.counts_padding, self.divisor, kind), kind)
        outs = tuple(n.out for n in lines)
        return columns.sum(1).reshape(*x.shape[: -self.axes], *outs) / divisor

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return self.names("SqueezeBackward1", "AvgPool{}DBackward0")


class AdaptiveAvgPool(Pooling):
    """y[n, c, i] = the mean of x[n, c, j] over ⌊i·size/out⌋ ≤ j < ⌈(i + 1)·size/out⌉"""

    fields = ("axes", "out")

    def forward(self, x: Any) -> tuple[Any, Any]:
        y, kept = kernel.adaptive_avg_pool(self.batch(x), self.out)
        return self.like(y, x), (kept, x.shape)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        found, shape = kept
        return (kernel.adaptive_avg_pool_backward(self.batch(g), found).reshape(shape),)

    def formula(self, x: Any) -> Any:
        size = x.shape[-self.axes :]
        means = kernel.averaging(tuple(size), self.out).astype(x.array.dtype)
        return (x.reshape(-1, prod(size)) @ wrap(means.T)).reshape(*x.shape[: -self.axes], *self.out)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        if self.axes > 1 and prod(self.out) == 1:
            return "MeanBackward1"
        return self.names("SqueezeBackward1", "AdaptiveAvgPool{}DBackward0")


class MaxUnpool(Pooling):
    """y = 0 but y[n, c, i[n, c, j]] = x[n, c, j]: entries put back where `MaxPool` had found them"""

    fields = ("axes", "size")

    def forward(self, x: Any, places: Any) -> tuple[Any, Any]:
        planes = prod(x.shape[: -self.axes])
        y = np.zeros((planes, prod(self.size)), x.dtype)
        np.put_along_axis(y, places.reshape(planes, -1), x.reshape(planes, -1), 1)
        return y.reshape(*x.shape[: -self.axes], *self.size), (places, x.shape)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        places, shape = kept
        planes = prod(shape[: -self.axes])
        return np.take_along_axis(g.reshape(planes, -1), places.reshape(planes, -1), 1).reshape(shape), None

    def formula(self, x: Any, places: Any) -> Any:
        planes = prod(x.shape[: -self.axes])
        flat = places.array.reshape(planes, -1) if hasattr(places, "array") else places.reshape(planes, -1)
        y = Spread(1, (planes, prod(self.size)))(x.reshape(planes, -1), flat)
        return y.reshape(*x.shape[: -self.axes], *self.size)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return self.names("SqueezeBackward1", "MaxUnpool{}DBackward0")
