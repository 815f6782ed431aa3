"""Convolution and its transpose, and the two moves they are made of: `Im2Col` lays windows out as columns, `Col2Im` adds
columns back where they were read. All four are linear, and each is its partner's pullback."""

from __future__ import annotations

from typing import Any

from ..base.shapes import Shape
from ..graph.op import Joint, Op
from .kernels import conv as kernel
from .kernels.windows import windows
from .pad import ConstantPadNd

Pads = tuple[tuple[int, int], ...]  # (before, after) for each axis


class Im2Col(Op):
    """X[n, (c, t), i] = x̂[n, c, s·i + d·t]: what each tap t of a window reads at each place i, x̂ being x with zeros around

    Shapes: x (N, C, *size), X (N, C · taps, places).
    """

    fields = ("kernel", "dilation", "pads", "stride")

    def __init__(self, kernel: Shape, dilation: Shape, pads: Pads, stride: Shape) -> None:
        self.kernel, self.dilation, self.pads, self.stride = kernel, dilation, pads, stride

    def forward(self, x: Any) -> Any:
        return kernel.unfold(x, self.kernel, self.dilation, self.pads, self.stride)[0]

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return Col2Im(x_shape[2:], *self.attributes())(g)


class Col2Im(Op):
    """x[n, c, j] = Σ X[n, (c, t), i] over all places i and taps t that read entry j"""

    fields = ("size", "kernel", "dilation", "pads", "stride")

    def __init__(self, size: Shape, kernel: Shape, dilation: Shape, pads: Pads, stride: Shape) -> None:
        self.size, self.kernel, self.dilation, self.pads, self.stride = tuple(size), kernel, dilation, pads, stride

    def forward(self, x: Any) -> Any:
        return kernel.fold(x, windows(self.size, self.kernel, self.stride, self.pads, self.dilation))

    def pull_x(self, g: Any) -> Any:
        return Im2Col(self.kernel, self.dilation, self.pads, self.stride)(g)


class Convolution(Joint):
    """y[n, o, i] = b[o] + Σ_{c, t} w[o, c, t] · x̂[n, c, s·i + d·t]

    Shapes: x (N, C, *size), w (O, C / groups, *kernel), b (O,), y (N, O, *places).
    """

    fields = ("stride", "pads", "dilation", "groups")

    def __init__(self, stride: Shape, pads: Pads, dilation: Shape, groups: int) -> None:
        self.stride, self.pads, self.dilation, self.groups = stride, pads, dilation, groups

    def forward(self, x: Any, w: Any, b: Any = None) -> tuple[Any, Any]:
        return kernel.conv(x, w, b, self.stride, self.pads, self.dilation, self.groups)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return kernel.conv_backward(g, kept, (*needs, False)[:3])

    def formula(self, x: Any, w: Any, b: Any = None) -> Any:
        taps, groups = w.shape[2:], self.groups
        win = windows(x.shape[2:], taps, self.stride, self.pads, self.dilation)
        columns = Im2Col(taps, self.dilation, self.pads, self.stride)(x).reshape(x.shape[0], groups, -1, win.places)
        y = (w.reshape(groups, w.shape[0] // groups, -1) @ columns).reshape(x.shape[0], w.shape[0], *win.out)
        return y if b is None else y + b.reshape(-1, *[1] * len(taps))


class ConvolutionTranspose(Joint):
    """ŷ[n, o, s·i + d·t] = Σ_c w[c, o, t] · x[n, c, i], summed over all (i, t) that meet; y is ŷ less its padding, + b

    Shapes: x (N, C, *size), w (C, O / groups, *kernel), b (O,), y (N, O, *larger). ``extra`` entries are added at the end.
    """

    fields = ("stride", "padding", "extra", "groups", "dilation")
    torch_name = "ConvolutionBackward0"

    def __init__(self, stride: Shape, padding: Shape, extra: Shape, groups: int, dilation: Shape) -> None:
        self.stride, self.padding, self.extra, self.groups, self.dilation = stride, padding, extra, groups, dilation

    def forward(self, x: Any, w: Any, b: Any = None) -> tuple[Any, Any]:
        return kernel.conv_transpose(x, w, b, self.stride, self.padding, self.extra, self.groups, self.dilation)

    def pullback(self, g: Any, kept: Any, needs: tuple[bool, ...]) -> tuple[Any, ...]:
        return kernel.conv_transpose_backward(g, kept, (*needs, False)[:3])

    def formula(self, x: Any, w: Any, b: Any = None) -> Any:
        taps, groups, samples = w.shape[2:], self.groups, x.shape[0]
        size = tuple(
            (m - 1) * s - 2 * p + d * (k - 1) + e + 1
            for m, s, p, d, k, e in zip(x.shape[2:], self.stride, self.padding, self.dilation, taps, self.extra)
        )
        pads = tuple((p, p) for p in self.padding)
        places = windows(size, taps, self.stride, pads, self.dilation).out
        if places != tuple(x.shape[2:]):  # room for a window more at the end, where extra ≥ stride: no entry stands there
            x = ConstantPadNd(((0, 0), (0, 0), *[(0, n - m) for n, m in zip(places, x.shape[2:])]), 0)(x)
        rows = x.reshape(samples, groups, x.shape[1] // groups, -1)
        columns = w.reshape(groups, w.shape[0] // groups, -1).mT @ rows
        flat = columns.reshape(samples, -1, rows.shape[-1])
        y = Col2Im(size, taps, self.dilation, pads, self.stride)(flat)
        return y if b is None else y + b.reshape(-1, *[1] * len(taps))
