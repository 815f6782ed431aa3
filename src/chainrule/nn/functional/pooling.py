"""Pooling along 1, 2 or 3 axes: the largest entry, the mean or the p-norm of each window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from inspect import signature
from typing import Any

import numpy as np

from ...base.errors import ShapeError, message
from ...base.random import default_generator
from ...graph.apply import joint
from ...graph.value import Value, wrap
from ...ops import pool as op
from ...ops.kernels.windows import spread
from ...tensors.coerce import tensor_like
from .convolution import hashable

Sizes = int | Sequence[int]

made = lru_cache(maxsize=512)(lambda kind, *how: kind(*how))


def entry(name: str, axes: int, input: Any) -> Any:
    """The array of an input that has the right number of axes."""
    x = tensor_like(input, "input", name).array
    if x.ndim not in (axes + 1, axes + 2):
        raise ShapeError(
            message(
                f"{name}: Expected {axes + 1}D or {axes + 2}D (batch mode) tensor with optional 0 dim batch size for input, "
                f"but got:{list(x.shape)}"
                if axes == 1
                else f"non-empty {axes + 1}D or {axes + 2}D (batch mode) tensor expected for input"
                if not name.startswith("adaptive")
                else f"{name}(): Expected {axes + 1}D or {axes + 2}D tensor, but got {list(x.shape)}",
                f"a sample is (channels, {', '.join(['size'] * axes)}); the input has shape {list(x.shape)}",
                "x.unsqueeze(0), if the channel is missing" if x.ndim == axes else "",
            )
        )
    return x


def doc(axes: int) -> str:
    return {1: "L", 2: "H, W", 3: "D, H, W"}[axes]


def max_pool_along(axes: int, kind: Any = op.MaxPool) -> Callable[..., Any]:
    """The function ``max_pool{axes}d``, by an op of this kind."""
    name = f"max_pool{axes}d"

    def max_pool(
        input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, dilation: Sizes = 1,
        ceil_mode: bool = False, return_indices: bool = False,
    ) -> Any:  # fmt: skip
        entry(name, axes, input)
        kernel = spread(hashable(kernel_size), axes, "kernel_size")
        stride = spread(stride, axes, "stride") if stride is not None and stride != [] else kernel
        if 0 in kernel + stride:
            raise RuntimeError(message("stride should not be zero", f"kernel_size={list(kernel)}, stride={list(stride)}"))
        how = (axes, kernel, stride, spread(padding, axes, "padding"), spread(dilation, axes, "dilation"), bool(ceil_mode))
        return joint(made(op.MaxPoolWithIndices if return_indices else kind, *how), input)

    max_pool.__name__ = max_pool.__qualname__ = name
    max_pool.__doc__ = f"""y[n, c, i] = max_t x[n, c, stride·i + dilation·t − padding]

    With ``return_indices`` also where in its plane each largest entry stands. The stride is the kernel's size unless given.

    Shapes: x (N, C, {doc(axes)}) or without N, y alike, with one entry for each place of the window.
    """
    return max_pool


def with_indices(pool: Callable[..., Any]) -> Callable[..., Any]:
    """The pooling function that returns the indices too, whatever ``return_indices`` says."""
    place = list(signature(pool).parameters).index("return_indices")

    def pooled(*args: Any, return_indices: bool = True, **kwargs: Any) -> Any:
        return pool(*args[:place], return_indices=True, **kwargs)

    pooled.__name__ = pooled.__qualname__ = f"{pool.__name__}_with_indices"
    pooled.__doc__ = pool.__doc__
    return pooled


def avg_pool_along(axes: int) -> Callable[..., Any]:
    """The function ``avg_pool{axes}d``."""
    name = f"avg_pool{axes}d"

    def avg_pool(
        input: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0, ceil_mode: bool = False,
        count_include_pad: bool = True, divisor_override: int | None = None,
    ) -> Any:  # fmt: skip
        entry(name, axes, input)
        kernel = spread(hashable(kernel_size), axes, "kernel_size")
        stride = spread(stride, axes, "stride") if stride is not None and stride != [] else kernel
        how = (axes, kernel, stride, spread(padding, axes, "padding"), bool(ceil_mode), bool(count_include_pad))
        return joint(made(op.AvgPool, *how, divisor_override), input)

    avg_pool.__name__ = avg_pool.__qualname__ = name
    avg_pool.__doc__ = f"""y[n, c, i] = the mean of x[n, c, stride·i + t − padding] over the taps t

    Padding counts as entries unless ``count_include_pad`` is False; ``divisor_override`` divides by another number.

    Shapes: x (N, C, {doc(axes)}) or without N, y alike, with one entry for each place of the window.
    """
    return avg_pool


max_pool1d, max_pool2d, max_pool3d = map(max_pool_along, (1, 2, 3))
max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = map(
    with_indices, (max_pool1d, max_pool2d, max_pool3d)
)
avg_pool1d, avg_pool2d, avg_pool3d = map(avg_pool_along, (1, 2, 3))


def places(name: str, axes: int, x: Any, output_size: Any) -> tuple[int, ...]:
    """The wanted number of places along each axis; None keeps the input's."""
    wanted = (output_size,) * axes if output_size is None or isinstance(output_size, int) else tuple(output_size)
    if len(wanted) != axes:
        raise ShapeError(message(f"{name}: output_size must be {axes}", f"got output_size={output_size}"))
    return tuple(n if w is None else w for w, n in zip(wanted, x.shape[-axes:]))


def adaptive_avg_pool_along(axes: int) -> Callable[..., Any]:
    """The function ``adaptive_avg_pool{axes}d``."""
    name = f"adaptive_avg_pool{axes}d"

    def adaptive_avg_pool(input: Any, output_size: Any) -> Any:
        x = entry(name, axes, input)
        return joint(made(op.AdaptiveAvgPool, axes, places(name, axes, x, output_size)), input)

    adaptive_avg_pool.__name__ = adaptive_avg_pool.__qualname__ = name
    adaptive_avg_pool.__doc__ = f"""y[n, c, i] = the mean of x[n, c, j] over ⌊i·size/out⌋ ≤ j < ⌈(i + 1)·size/out⌉

    Shapes: x (N, C, {doc(axes)}) or without N, y (N, C, *output_size); None in output_size keeps the input's size.
    """
    return adaptive_avg_pool


def adaptive_max_pool_along(axes: int) -> Callable[..., Any]:
    """The function ``adaptive_max_pool{axes}d``."""
    name = f"adaptive_max_pool{axes}d"

    def adaptive_max_pool(input: Any, output_size: Any, return_indices: bool = False) -> Any:
        x = entry(name, axes, input)
        found = joint(made(op.AdaptiveMaxPool, axes, places(name, axes, x, output_size)), input)
        return found if return_indices else found[0]

    adaptive_max_pool.__name__ = adaptive_max_pool.__qualname__ = name
    adaptive_max_pool.__doc__ = f"""y[n, c, i] = the largest x[n, c, j] with ⌊i·size/out⌋ ≤ j < ⌈(i + 1)·size/out⌉

    Shapes: x (N, C, {doc(axes)}) or without N, y (N, C, *output_size); None in output_size keeps the input's size.
    """
    return adaptive_max_pool


adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(adaptive_avg_pool_along, (1, 2, 3))
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = map(adaptive_max_pool_along, (1, 2, 3))
adaptive_max_pool1d_with_indices, adaptive_max_pool2d_with_indices, adaptive_max_pool3d_with_indices = map(
    with_indices, (adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d)
)


def lp_pool_along(axes: int) -> Callable[..., Any]:
    """The function ``lp_pool{axes}d``."""
    average = (avg_pool1d, avg_pool2d, avg_pool3d)[axes - 1]

    def lp_pool(
        input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> Any:
        taps = int(np.prod(spread(kernel_size, axes, "kernel_size")))
        mean = average(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
        # A sum of odd powers may be negative: its sign goes, as in PyTorch, where it then counts as 0.
        return (mean.sign() * mean.abs().relu() * taps).pow(1.0 / norm_type)

    lp_pool.__name__ = lp_pool.__qualname__ = f"lp_pool{axes}d"
    lp_pool.__doc__ = f"""y[n, c, i] = (Σ_t x[n, c, stride·i + t]ᵖ)^(1/p), p being ``norm_type``

    Shapes: x (N, C, {doc(axes)}) or without N, y alike, with one entry for each place of the window.
    """
    return lp_pool


lp_pool1d, lp_pool2d, lp_pool3d = map(lp_pool_along, (1, 2, 3))


def max_unpool_along(axes: int) -> Callable[..., Any]:
    """The function ``max_unpool{axes}d``."""
    name = f"max_unpool{axes}d"

    def max_unpool(
        input: Any, indices: Any, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0,
        output_size: Sequence[int] | None = None,
    ) -> Any:  # fmt: skip
        x = entry(name, axes, input)
        kernel = spread(kernel_size, axes, "kernel_size")
        stride = spread(stride, axes, "stride") if stride is not None and stride != [] else kernel
        size = unpooled(x.shape[-axes:], kernel, stride, spread(padding, axes, "padding"), output_size)
        i = tensor_like(indices, "indices", name).array
        if i.dtype != np.int64:
            raise RuntimeError(f"elements in indices should be type int64 but got: {indices.dtype}")
        if i.shape != x.shape:
            raise RuntimeError(
                f"Expected shape of indices to be same as that of the input tensor ({list(x.shape)}) but got indices tensor "
                f"with shape: {list(i.shape)}"
            )
        if i.size and (i.min() < 0 or i.max() >= np.prod(size)):
            bad = i[(i < 0) | (i >= np.prod(size))].reshape(-1)[0]
            raise RuntimeError(
                f"Found an invalid max index: {bad} (output volumes are of size {'x'.join(map(str, size))}"
            )
        return joint(made(op.MaxUnpool, axes, size), input, indices)

    max_unpool.__name__ = max_unpool.__qualname__ = name
    max_unpool.__doc__ = f"""y = 0 but y[n, c, indices[n, c, j]] = x[n, c, j]: entries put back where `max_pool{axes}d` had found them

    Shapes: x and indices (N, C, {doc(axes)}) or without N; ``output_size`` chooses among the sizes that pool to x's.
    """
    return max_unpool


def unpooled(
    size: tuple[int, ...], kernel: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...], wanted: Any
) -> tuple[int, ...]:
    """The size before pooling: as computed, or as wanted, if that lies within a stride of it."""
    usual = tuple((n - 1) * s + k - 2 * p for n, k, s, p in zip(size, kernel, stride, padding))
    if wanted is None:
        return usual
    wanted = tuple(wanted)[-len(size) :]
    if len(wanted) != len(size):
        raise ValueError(
            f"output_size should be a sequence containing {len(size)} or {len(size) + 2} elements, but it has a length of "
            f"'{len(wanted)}'"
        )
    for d, (n, w, s) in enumerate(zip(usual, wanted, stride)):
        if not n - s < w < n + s:
            raise ValueError(f'invalid output_size "{wanted}" (dim {d} must be between {n - s} and {n + s})')
    return wanted


max_unpool1d, max_unpool2d, max_unpool3d = map(max_unpool_along, (1, 2, 3))


def fractional_max_pool_along(axes: int) -> Callable[..., Any]:
    """The function ``fractional_max_pool{axes}d``."""
    name = f"fractional_max_pool{axes}d"

    def fractional_max_pool(
        input: Any, kernel_size: Sizes, output_size: Any = None, output_ratio: Any = None, return_indices: bool = False,
        _random_samples: Any = None,
    ) -> Any:  # fmt: skip
        x = entry(name, axes, input)
        if output_size is None and output_ratio is None:
            raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
        size = x.shape[-axes:]
        kernel = spread(kernel_size, axes, "kernel_size")
        if output_size is None:
            ratios = (output_ratio,) * axes if isinstance(output_ratio, float) else tuple(output_ratio)
            output_size = tuple(int(n * r) for n, r in zip(size, ratios))
        outs = spread(output_size, axes, "output_size")
        for n, k, m in zip(size, kernel, outs):
            if m + k - 1 > n:
                raise RuntimeError(message(f"{name}(): pool size ({k}) too large relative to input size ({n})", f"for {m} places"))
        samples, channels = (1, x.shape[0]) if x.ndim == axes + 1 else x.shape[:2]
        if _random_samples is None:
            draws = default_generator.uniform((samples, channels, axes), x.dtype)
        else:
            draws = _random_samples.array if isinstance(_random_samples, Value) else np.asarray(_random_samples)
        indices = fractional_indices(x.reshape(samples, channels, *size), kernel, outs, draws)
        flat = input.reshape(samples * channels, -1)
        y = flat.gather(1, wrap(indices.reshape(samples * channels, -1))).reshape(*x.shape[:-axes], *outs)
        return (y, wrap(indices.reshape(y.shape))) if return_indices else y

    fractional_max_pool.__name__ = fractional_max_pool.__qualname__ = name
    fractional_max_pool.__doc__ = """The largest entry of windows whose starts are drawn at random (Graham, 2014)

    Start i of m along an axis of n entries, for a kernel of k, is ⌊α(i + u)⌋ − ⌊αu⌋ with α = (n − k) / (m − 1) and one u,
    uniform in [0, 1), for each channel; the last is n − k.
    """
    return fractional_max_pool


def fractional_indices(x: np.ndarray, kernel: tuple[int, ...], outs: tuple[int, ...], draws: np.ndarray) -> np.ndarray:
    """Where in its plane the largest entry of each window stands."""
    axes, size = len(kernel), x.shape[2:]
    found = np.empty((*x.shape[:2], *outs), np.int64)
    for n, c in np.ndindex(*x.shape[:2]):
        # The draws belong to the axes from the last to the first.
        starts = [fractional_starts(size[d], kernel[d], outs[d], float(draws[n, c, axes - 1 - d])) for d in range(axes)]
        for place in np.ndindex(*outs):
            window = tuple(slice(starts[d][i], starts[d][i] + kernel[d]) for d, i in enumerate(place))
            best = np.unravel_index(np.argmax(x[n, c][window]), kernel)
            found[(n, c, *place)] = np.ravel_multi_index([s.start + int(b) for s, b in zip(window, best)], size)
    return found


def fractional_starts(size: int, kernel: int, out: int, u: float) -> list[int]:
    if out == 1:
        return [size - kernel]
    alpha = (size - kernel) / (out - 1)
    return [int((i + u) * alpha) - int(u * alpha) for i in range(out - 1)] + [size - kernel]


fractional_max_pool2d, fractional_max_pool3d = map(fractional_max_pool_along, (2, 3))
fractional_max_pool2d_with_indices, fractional_max_pool3d_with_indices = map(
    with_indices, (fractional_max_pool2d, fractional_max_pool3d)
)
