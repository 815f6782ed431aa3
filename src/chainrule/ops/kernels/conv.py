"""Convolution over any number of spatial axes, its transpose, and unfold/fold.

    y[n, o, i] = b[o] + Σ_{c, t} w[o, c, t] · x̂[n, c, s·i + d·t]          (x̂ is x with zeros around it)

where i runs over places and t over taps. The work is done in `correlation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...base.errors import ShapeError, message
from .columns import add_back, surround
from .correlation import bias_gradient, correlate, input_gradient, parameter_gradients, weight_gradient
from .precision import halves
from .windows import Padding, Sizes, Windows, check_moves, resolve, spread, times, window_view, windows

Needs = tuple[bool, ...]


class Kept(NamedTuple):
    """What the backward pass of a convolution needs."""

    x: np.ndarray
    weight: np.ndarray
    win: Windows
    groups: int


@halves
def conv(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[np.ndarray, Kept]:
    """y[n, o, i] = b[o] + Σ_{c, t} w[o, c, t] · x̂[n, c, s·i + d·t]

    Shapes: x (N, C, *size), weight (O, C / groups, *kernel), bias (O,), y (N, O, *places). Output channels fall into
    ``groups`` blocks, each of which sees one block of input channels.

    >>> y, kept = conv(np.ones((1, 1, 4)), np.ones((1, 1, 3)), padding=1)
    >>> y.tolist()
    [[[2.0, 3.0, 3.0, 2.0]]]
    >>> dx, dw, db = conv_backward(np.ones_like(y), kept)
    >>> dx.tolist(), dw.tolist(), db.tolist()
    ([[[2.0, 3.0, 3.0, 2.0]]], [[[3.0, 4.0, 3.0]]], [4.0])
    """
    check_conv(x, weight, bias, groups)
    win = windows(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    return correlate(x, weight, bias, win, groups), Kept(x, weight, win, groups)


@halves
def conv_backward(g: np.ndarray, kept: Kept, needs: Needs = (True, True, True)) -> tuple[np.ndarray | None, ...]:
    """∂L/∂x, ∂L/∂weight and ∂L/∂bias of `conv`, given g = ∂L/∂y."""
    x, weight, win, groups = kept
    dx = input_gradient(g, weight, win, groups) if needs[0] else None
    return dx, *parameter_gradients(g, x, win, groups, needs[1:])


@halves
def conv_transpose(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    groups: int = 1,
    dilation: int | Sequence[int] = 1,
) -> tuple[np.ndarray, Kept]:
    """ŷ[n, o, s·i + d·t] = Σ_c w[c, o, t] · x[n, c, i], summed over all (i, t) that meet; y is ŷ less its padding, + b

    The adjoint of `conv`: it spreads each entry where `conv` would have gathered it. ``output_padding`` adds entries at
    the end that `conv` with this stride would have left out.

    Shapes: x (N, C, *size), weight (C, O / groups, *kernel), bias (O,), y (N, O, *larger).

    >>> y, _ = conv_transpose(np.ones((1, 1, 2)), np.ones((1, 1, 3)), stride=2)
    >>> y.tolist()
    [[[1.0, 1.0, 2.0, 1.0, 1.0]]]
    """
    check_conv_transpose(x, weight, bias, groups)
    win = spread_windows(x.shape[1:], weight.shape[2:], stride, padding, output_padding, dilation)
    y = input_gradient(x, weight, win, groups)
    if bias is not None:
        y += bias.reshape(-1, *[1] * len(win.size))
    return y, Kept(x, weight, win, groups)


@halves
def conv_transpose_backward(g: np.ndarray, kept: Kept, needs: Needs = (True, True, True)) -> tuple[Any, ...]:
    """∂L/∂x, ∂L/∂weight and ∂L/∂bias of `conv_transpose`; x and g have changed the parts they play in `conv`."""
    x, weight, win, groups = kept
    return (
        correlate(g, weight, None, win, groups) if needs[0] else None,
        weight_gradient(x, g, win, groups) if needs[1] else None,
        bias_gradient(g) if needs[2] else None,
    )


@halves
def unfold(
    x: np.ndarray,
    kernel: int | Sequence[int],
    dilation: int | Sequence[int] = 1,
    padding: Padding = 0,
    stride: int | Sequence[int] = 1,
) -> tuple[np.ndarray, Windows]:
    """X[n, (c, t), i] = x̂[n, c, s·i + d·t]: the columns of each sample (im2col)

    Shapes: x (N, C, *size), X (N, C · taps, places).

    >>> unfold(np.arange(4.0).reshape(1, 1, 1, 4), (1, 2))[0].tolist()
    [[[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]]]
    """
    win = windows(x.shape[2:], kernel, stride, padding, dilation)
    columns = window_view(surround(x, win), win)
    return columns.reshape(x.shape[0], x.shape[1] * win.taps, win.places), win


@halves
def fold(columns: np.ndarray, win: Windows) -> np.ndarray:
    """x[n, c, j] = Σ X[n, (c, t), i] over all places i and taps t that read entry j (col2im): the adjoint of `unfold`.

    Shapes: X (N, C · taps, places), x (N, C, *size).

    >>> fold(np.ones((1, 2, 3)), windows((1, 4), (1, 2))).tolist()
    [[[[1.0, 2.0, 2.0, 1.0]]]]
    """
    samples, rows, _ = columns.shape
    channels = rows // win.taps
    padded = np.zeros((samples, channels, *win.padded), columns.dtype)
    add_back(padded, columns.reshape(samples, channels, *win.kernel, *win.out), win, slice(0, win.out[0]))
    return np.ascontiguousarray(padded[win.inside])


def spread_windows(
    x_shape: Sizes, kernel: Sizes, stride: Any, padding: Any, output_padding: Any, dilation: Any
) -> Windows:
    """The windows over the *output* of a transposed convolution, whose places are the entries of its input."""
    axes = len(kernel)
    stride, dilation = spread(stride, axes, "stride"), spread(dilation, axes, "dilation")
    extra = spread(output_padding, axes, "output_padding")
    before, after = resolve(padding, kernel, stride, dilation)
    check_moves(stride, dilation, before, after)
    check_extra(extra, stride, dilation)
    places = x_shape[1:]
    size = tuple(
        (m - 1) * s - p - q + d * (k - 1) + e + 1
        for m, s, p, q, d, k, e in zip(places, stride, before, after, dilation, kernel, extra, strict=True)
    )
    if min(size) < 1:
        raise ShapeError(
            message(
                f"Given input size per channel: ({times(places)}). Calculated output size per channel: "
                f"({times(size)}). Output size is too small",
                f"padding={list(before)} is taken off each side of the output",
                "padding=0",
            )
        )
    return Windows(size, kernel, stride, dilation, before, after, places)


# What is checked, in PyTorch's words.


def check_conv(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, groups: int) -> None:
    check_dims(x, weight, "conv")
    check_groups(weight, groups)
    if x.shape[1] != weight.shape[1] * groups:
        raise ShapeError(
            message(
                f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
                f"{weight.shape[1] * groups} channels, but got {x.shape[1]} channels instead",
                f"each of the {groups} groups of kernels sees {weight.shape[1]} input channels",
                f"in_channels={x.shape[1]}" if groups == 1 else "",
            )
        )
    check_bias(weight, bias, weight.shape[0], transposed=0)


def check_conv_transpose(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, groups: int) -> None:
    check_dims(x, weight, "conv_transpose")
    check_groups(weight, groups)
    if x.shape[1] != weight.shape[0]:
        raise ShapeError(
            message(
                f"Given transposed=1, weight of size {list(weight.shape)}, expected input{list(x.shape)} to have "
                f"{weight.shape[0]} channels, but got {x.shape[1]} channels instead",
                "the weight of a transposed convolution is (in_channels, out_channels / groups, *kernel)",
                f"in_channels={x.shape[1]}",
            )
        )
    check_bias(weight, bias, weight.shape[1] * groups, transposed=1)


def check_extra(extra: Sizes, stride: Sizes, dilation: Sizes) -> None:
    if min(extra) < 0:
        raise ShapeError(message("negative output_padding is not supported", f"got output_padding={list(extra)}"))
    if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ShapeError(
            message(
                "output padding must be smaller than either stride or dilation, but got output_padding="
                f"{list(extra)}, stride={list(stride)}, dilation={list(dilation)}",
                "it makes up for the entries that a convolution with this stride leaves out at the end",
                f"output_padding={[max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]} at most",
            )
        )


def check_dims(x: np.ndarray, weight: np.ndarray, name: str) -> None:
    axes = weight.ndim - 2
    if axes < 1 or x.ndim != weight.ndim:
        raise ShapeError(
            message(
                f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to {name}{axes}d, but got input of "
                f"size: {list(x.shape)}",
                f"a weight of size {list(weight.shape)} moves along {axes} axes of (samples, channels, *size)",
            )
        )


def check_groups(weight: np.ndarray, groups: int) -> None:
    if groups < 1:
        raise ShapeError(message("non-positive groups is not supported", f"got groups={groups}", "groups=1"))
    if weight.shape[0] % groups or weight.shape[0] == 0:
        raise ShapeError(
            message(
                f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
                f"size [{list(weight.shape)}] instead",
                "every group has the same number of kernels",
            )
        )


def check_bias(weight: np.ndarray, bias: np.ndarray | None, channels: int, transposed: int) -> None:
    if bias is not None and bias.shape != (channels,):
        raise ShapeError(
            message(
                f"Given transposed={transposed}, weight of size {list(weight.shape)}, expected bias to be 1-dimensional "
                f"with {channels} elements, but got bias of size {list(bias.shape)} instead",
                "one number is added to each output channel",
            )
        )
