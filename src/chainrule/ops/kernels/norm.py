"""Normalization: over the batch, or within each sample.

    x̂ = (x − μ) / √(σ² + ε)        y = w x̂ + b

and with G = w g, the gradient through mean and variance, both taken over the same n entries:

    ∂L/∂x = (G − mean(G) − x̂ mean(G x̂)) / √(σ² + ε)        ∂L/∂w = Σ g x̂        ∂L/∂b = Σ g

What differs is over what μ and σ² are taken: batch norm, over all samples and places of one channel; layer, group and
instance norm, over (a group of) the channels of one sample. RMS norm takes no mean off.

The variance is the mean of squares *after* the mean is taken off: the textbook mean of squares less squared mean loses
all digits where μ is large against σ.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ...base.errors import ShapeError, message
from ...base.threads import parallel
from ...native.aligned import empty
from . import planes
from . import rows as machine
from .precision import halves

CHUNK_BYTES = 1 << 18
Needs = tuple[bool, ...]


class RowsKept(NamedTuple):
    """What the backward pass needs of normalization within rows."""

    normalized: np.ndarray  # x̂, as (rows, groups, channels of a group, places)
    scale: np.ndarray  # 1 / √(σ² + ε), one per row and group
    weight: np.ndarray | None
    centered: bool  # whether the mean was taken off
    shape: tuple[int, ...]  # of x
    affine_shape: tuple[int, ...]  # of weight and bias


class BatchKept(NamedTuple):
    """What the backward pass needs of batch norm. ``mean`` and ``var`` are those of the batch, for running statistics."""

    x: np.ndarray
    mean: np.ndarray
    var: np.ndarray  # biased: divided by the number of entries
    scale: np.ndarray  # 1 / √(σ² + ε)
    weight: np.ndarray | None
    training: bool


# Within each sample.


@halves
def layer_norm(
    x: np.ndarray, axes: int, weight: np.ndarray | None = None, bias: np.ndarray | None = None, eps: float = 1e-5
) -> tuple[np.ndarray, RowsKept]:
    """y = w (x − μ) / √(σ² + ε) + b, with μ and σ² over the last ``axes`` axes

    Shapes: x and y (…, *normalized); weight and bias (*normalized), which are ``axes`` sizes.

    >>> y, kept = layer_norm(np.array([[1.0, 3.0]]), 1, eps=0.0)
    >>> y.tolist(), norm_backward(np.array([[1.0, 0.0]]), kept)[0].tolist()
    ([[-1.0, 1.0]], [[0.0, 0.0]])
    """
    n = prod(x.shape[x.ndim - axes :])
    return normalize(x, (x.size // n if n else 0, 1, n, 1), weight, bias, eps, True)


@halves
def rms_norm(
    x: np.ndarray, axes: int, weight: np.ndarray | None = None, eps: float | None = None
) -> tuple[np.ndarray, RowsKept]:
    """y = w x / √(mean(x²) + ε), the mean over the last ``axes`` axes; ε is the dtype's unless given

    >>> rms_norm(np.array([[3.0, -3.0]]), 1)[0].tolist()
    [[1.0, -1.0]]
    """
    n = prod(x.shape[x.ndim - axes :])
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    return normalize(x, (x.size // n if n else 0, 1, n, 1), weight, None, eps, False)


@halves
def group_norm(
    x: np.ndarray,
    groups: int,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, RowsKept]:
    """y = w (x − μ) / √(σ² + ε) + b, with μ and σ² over the channels of a group and all places of one sample

    With as many groups as channels this is instance norm.

    Shapes: x and y (N, C, *places); weight and bias (C,).

    >>> group_norm(np.array([[[1.0, 3.0], [5.0, 7.0]]]), 2, eps=0.0)[0].tolist()
    [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    channels = x.shape[1]
    if groups < 1 or channels % groups:
        raise ShapeError(
            message(
                f"Expected number of channels in input to be divisible by num_groups, but got input of shape "
                f"{list(x.shape)} and num_groups={groups}",
                "all groups have the same number of channels",
                f"num_groups={max((d for d in range(1, max(groups, 1) + 1) if channels % d == 0), default=1)}",
            )
        )
    return normalize(x, (x.shape[0], groups, channels // groups, prod(x.shape[2:])), weight, bias, eps, True)


def normalize(
    x: np.ndarray,
    sizes: tuple[int, int, int, int],
    weight: np.ndarray | None,
    bias: np.ndarray | None,
    eps: float,
    centered: bool,
) -> tuple[np.ndarray, RowsKept]:
    """Normalize rows: x as (rows, groups, channels of a group, places), one mean and variance per row and group."""
    rows, groups, channels, places = sizes
    n = channels * places
    shape_of_affine = weight.shape if weight is not None else bias.shape if bias is not None else ()
    if places == 1 and groups == 1 and machine.suits(x, rows, n):
        lines = np.ascontiguousarray(x).reshape(rows, n)
        w, b = (None if v is None else v.reshape(-1) for v in (weight, bias))
        y, normalized, scale = machine.forward(lines, w, b, eps, centered)
        kept = RowsKept(normalized.reshape(sizes), scale.reshape(rows, 1), weight, centered, x.shape, shape_of_affine)
        return y.reshape(x.shape), kept
    x4 = np.ascontiguousarray(x).reshape(sizes)
    normalized, scale = empty(sizes, x.dtype), empty((rows, groups), x.dtype)
    y = normalized if weight is None and bias is None else empty(sizes, x.dtype)
    w, b = laid_out(weight, sizes, x.dtype), laid_out(bias, sizes, x.dtype)

    def task(start: int, stop: int) -> None:
        for part in chunks(start, stop, groups * n * x.itemsize):
            into = normalized[part].reshape(-1, n)
            values = x4[part].reshape(-1, n)
            if centered:
                mean = np.einsum("ij->i", values)
                mean /= n
                values = np.subtract(values, mean[:, None], out=into)
            s = np.vecdot(values, values)
            s /= n
            s += x.dtype.type(eps)
            np.divide(1, np.sqrt(s, out=s), out=s)
            np.multiply(values, s[:, None], out=into)
            scale[part] = s.reshape(-1, groups)
            count = part.stop - part.start
            if w is not None:
                np.multiply(normalized[part], w[:count], out=y[part])
            if b is not None:
                np.add((normalized if w is None else y)[part], b[:count], out=y[part])

    with np.errstate(all="ignore"):
        parallel(task, rows, 2 * x.size)
    result = y.copy() if y is normalized else y  # what is kept must not be what the caller may write into
    return result.reshape(x.shape), RowsKept(normalized, scale, weight, centered, x.shape, shape_of_affine)


def laid_out(v: np.ndarray | None, sizes: tuple[int, int, int, int], dtype: np.dtype) -> np.ndarray | None:
    """Weight or bias, ready to meet a chunk of rows: short rows are repeated, or NumPy would start anew for each."""
    if v is None:
        return None
    rows, groups, channels, places = sizes
    row_bytes = groups * channels * places * dtype.itemsize
    v = v.reshape(1, groups, channels, 1)
    count = max(1, min(rows, CHUNK_BYTES // max(row_bytes, 1)))
    if places == 1 and row_bytes <= 2048 and count > 1:
        return np.repeat(v, count, 0)
    return np.broadcast_to(v, (count, groups, channels, 1))


@halves
def norm_backward(
    g: np.ndarray, kept: RowsKept, needs: Needs = (True, False, False)
) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """∂L/∂x, ∂L/∂weight and ∂L/∂bias of `layer_norm`, `rms_norm` and `group_norm`"""
    normalized, scale, weight, centered, shape, affine_shape = kept
    rows, groups, channels, places = normalized.shape
    n = channels * places
    if places == 1 and groups == 1 and machine.suits(g, rows, n):
        lines, flat = np.ascontiguousarray(g).reshape(rows, n), None if weight is None else weight.reshape(-1)
        of_x, of_w, of_b = machine.backward(lines, normalized.reshape(rows, n), scale.reshape(-1), flat, centered)
        if len(affine_shape) > 1:
            of_w, of_b = of_w.reshape(affine_shape), of_b.reshape(affine_shape)
        return of_x.reshape(shape) if needs[0] else None, of_w if needs[1] else None, of_b if needs[2] else None
    g4 = np.ascontiguousarray(g).reshape(normalized.shape)
    dx = empty(shape, g.dtype) if needs[0] else None
    into = None if dx is None else dx.reshape(normalized.shape)
    w = laid_out(weight, normalized.shape, g.dtype)  # type: ignore[arg-type]

    def task(start: int, stop: int) -> tuple[Any, Any]:
        dw, db = np.zeros((2, groups, channels), g.dtype)
        for part in chunks(start, stop, groups * n * g.itemsize):
            if needs[1]:
                dw += over_rows(g4[part], normalized[part])
            if needs[2]:
                db += over_rows(g4[part])
            if into is not None:
                upstream = g4[part] if w is None else np.multiply(g4[part], w[: part.stop - part.start], out=into[part])
                through_statistics(upstream, normalized[part], scale[part], centered, into[part])
        return dw, db

    with np.errstate(all="ignore"):
        parts = parallel(task, rows, 3 * g.size)
    dw, db = (sum(p[i] for p in parts).reshape(affine_shape) if needs[1 + i] else None for i in range(2))
    return dx, dw, db


def through_statistics(g: np.ndarray, normalized: np.ndarray, scale: np.ndarray, centered: bool, dx: np.ndarray) -> None:
    """∂L/∂x = (g − mean(g) − x̂ mean(g x̂)) / √(σ² + ε) for each row; without the first mean if none was taken off."""
    n = normalized.shape[2] * normalized.shape[3]
    g, normalized, dx = g.reshape(-1, n), normalized.reshape(-1, n), dx.reshape(-1, n)
    along = np.vecdot(g, normalized)
    along /= n
    part = normalized * along[:, None]
    if centered:
        mean = np.einsum("ij->i", g)
        mean /= n
        part += mean[:, None]
    np.subtract(g, part, out=dx)
    np.multiply(dx, scale.reshape(-1, 1), out=dx)


def over_rows(x: np.ndarray, factor: np.ndarray | None = None) -> np.ndarray:
    """The sum of x, or of x times a factor, over rows and places: (rows, groups, channels, places) to (groups, channels)."""
    if x.shape[3] == 1:
        x = x[..., 0]
        return np.einsum("rgc->gc", x) if factor is None else np.einsum("rgc,rgc->gc", x, factor[..., 0])
    per_row = np.einsum("rgcp->rgc", x) if factor is None else np.vecdot(x, factor)
    return np.add.reduce(per_row, 0)


# Over the batch.


@halves
def batch_norm(
    x: np.ndarray,
    weight: np.ndarray | None = None,
    bias: np.ndarray | None = None,
    mean: np.ndarray | None = None,
    var: np.ndarray | None = None,
    eps: float = 1e-5,
) -> tuple[np.ndarray, BatchKept]:
    """y = w (x − μ) / √(σ² + ε) + b, with μ and σ² over all samples and places of each channel, or those given

    Training, unless ``mean`` and ``var`` are given: then ``kept.mean`` and ``kept.var`` (biased) are the batch's.

    Shapes: x and y (N, C, *places); all others (C,).

    >>> y, kept = batch_norm(np.array([[1.0], [3.0]]), eps=0.0)
    >>> y.tolist(), kept.mean.tolist(), kept.var.tolist()
    ([[-1.0], [1.0]], [2.0], [1.0])
    >>> batch_norm(np.array([[1.0], [3.0]]), mean=np.array([1.0]), var=np.array([4.0]), eps=0.0)[0].tolist()
    [[0.0], [1.0]]
    """
    x3 = np.ascontiguousarray(x).reshape(x.shape[0], x.shape[1], prod(x.shape[2:]))
    with np.errstate(all="ignore"):
        training = mean is None or var is None
        if mean is None or var is None:
            check_batch(x)
            mean, var = batch_statistics(x3)
        scale = (1 / np.sqrt(var + x.dtype.type(eps))).astype(x.dtype, copy=False)
        factor = scale if weight is None else scale * weight
        shift = -mean * factor if bias is None else bias - mean * factor
        y = affine(x3, factor, shift)
    return y.reshape(x.shape), BatchKept(x3, mean, var, scale, weight, training)


@halves
def batch_norm_backward(
    g: np.ndarray, kept: BatchKept, needs: Needs = (True, True, True)
) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """∂L/∂x, ∂L/∂weight and ∂L/∂bias of `batch_norm`"""
    x, mean, _, scale, weight, training = kept
    g3 = np.ascontiguousarray(g).reshape(x.shape)
    n = x.shape[0] * x.shape[2]
    with np.errstate(all="ignore"):
        db, dot = batch_sums(g3, x, mean) if training or needs[1] or needs[2] else (None, None)
        dw = None if dot is None else dot * scale  # Σ g x̂
        dx = None
        if needs[0]:
            factor = scale if weight is None else scale * weight
            if training:
                along = -factor * scale * dw / n  # of x − μ
                dx = affine(g3, factor, -factor * db / n - along * mean, x, along).reshape(g.shape)
            else:
                dx = affine(g3, factor, None).reshape(g.shape)
    return dx, dw if needs[1] else None, db if needs[2] else None


def batch_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and (biased) variance of each channel of (N, C, places).

    Each row of places gives its mean and the squares about it; then, over the samples (Chan, Golub, LeVeque 1979),

        μ = mean(μᵣ)        σ² = mean(σᵣ²) + mean((μᵣ − μ)²)
    """
    samples, channels, places = x.shape
    if places < SHORT:
        axes = (0, 2)
        mean = x.mean(axes)
        centered = x - mean[:, None]
        return mean, np.square(centered, out=centered).mean(axes)
    if planes.suits(x):
        return pooled(*planes.statistics(x), places, x.dtype)
    means, squares = empty((2, samples, channels), np.dtype(np.float64))

    def task(start: int, stop: int) -> None:
        for part in chunks(start, stop, channels * places * x.itemsize):
            row_mean = np.einsum("ncl->nc", x[part])
            row_mean /= places
            centered = x[part] - row_mean[:, :, None]
            means[part], squares[part] = row_mean, np.vecdot(centered, centered)

    parallel(task, samples, 2 * x.size)
    return pooled(means, squares, places, x.dtype)


def pooled(means: np.ndarray, squares: np.ndarray, places: int, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """μ and σ² of each channel, from the rows' means and the squares about them, (N, C)."""
    mean = means.mean(0, np.float64)
    var = squares.mean(0, np.float64) / places + np.square(means - mean).mean(0)
    return mean.astype(dtype), var.astype(dtype)


def batch_sums(g: np.ndarray, x: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Σ g and Σ g (x − μ) for each channel."""
    samples, channels, places = x.shape
    if planes.suits(x):
        plain, centered = planes.products(g, x, mean)
        return np.add.reduce(plain, 0), np.add.reduce(centered, 0)

    def task(start: int, stop: int) -> np.ndarray:
        sums = np.zeros((2, channels), g.dtype)
        for part in chunks(start, stop, channels * places * x.itemsize):
            centered = np.subtract(x[part], mean[:, None])
            if places < SHORT:
                sums += np.add.reduce(g[part], (0, 2)), np.add.reduce(np.multiply(centered, g[part]), (0, 2))
            else:
                rows = np.einsum("ncl->nc", g[part]), np.vecdot(centered, g[part])
                sums += np.add.reduce(rows[0], 0), np.add.reduce(rows[1], 0)
        return sums

    total = sum(parallel(task, samples, 2 * x.size))
    return total[0], total[1]


def affine(
    x: np.ndarray, factor: np.ndarray, shift: np.ndarray | None, other: np.ndarray | None = None, along: np.ndarray | None = None
) -> np.ndarray:
    """y = factor · x + along · other + shift, with one factor and shift per channel of (N, C, places)."""
    if planes.suits(x):
        return planes.affine(x, factor, shift, other, along)
    y = empty(x.shape, x.dtype)

    def task(start: int, stop: int) -> None:
        for part in chunks(start, stop, x[:1].nbytes):
            out = np.multiply(x[part], factor[:, None], out=y[part])
            if other is not None and along is not None:
                out += other[part] * along[:, None]
            if shift is not None:
                out += shift[:, None]

    parallel(task, x.shape[0], 2 * x.size)
    return y


SHORT = 16  # rows of fewer places are not worth summing one by one


def chunks(start: int, stop: int, bytes_each: int) -> Iterator[slice]:
    """Runs of rows that fit the cache."""
    step = max(1, CHUNK_BYTES // max(bytes_each, 1))
    for first in range(start, stop, step):
        yield slice(first, min(first + step, stop))


def check_batch(x: np.ndarray) -> None:
    if x.size // max(x.shape[1], 1) == 1:
        raise ValueError(
            message(
                f"Expected more than 1 value per channel when training, got input size {list(x.shape)}",
                "the variance of one number is 0, so every output would be the bias",
                "model.eval(), or a batch of more than one sample",
            )
        )


