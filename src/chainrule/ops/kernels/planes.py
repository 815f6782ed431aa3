"""What batch norm does with the planes of (N, C, places), as machine code: each is read, or written, once.

    sums of a plane: Σ x, Σ (x − mean)², Σ g, Σ g (x − μ)        y = factor · x + along · other + shift

Sums are of each sample and channel, whichever thread finds them; the factors are one for each channel.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ...native import KINDS, Kernel, kernels, parameters
from ...native.aligned import empty

LEAST, LONG, PIECES = 1 << 14, 16, 32


def suits(x: np.ndarray) -> bool:
    """Whether there is enough to do, in planes that fill a vector."""
    return x.size >= LEAST and x.shape[2] >= LONG and x.dtype.char in KINDS and kernels.ready()


def statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean of each plane, and the squares about it added up, (N, C)."""
    means, squares = empty((2, *x.shape[:2]), x.dtype)
    planes, each = sizes(x)
    describe(x.dtype.char).share(-(-planes // each), x, means, squares, planes, each, x.shape[2])
    return means, squares


def products(g: np.ndarray, x: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Σ g and Σ g (x − μ) of each plane, (N, C)."""
    plain, centered = empty((2, *x.shape[:2]), x.dtype)
    planes, each = sizes(x)
    mean = np.ascontiguousarray(mean, x.dtype)
    multiply(x.dtype.char).share(-(-planes // each), g, x, mean, plain, centered, planes, each, x.shape[1], x.shape[2])
    return plain, centered


def affine(
    x: np.ndarray, factor: np.ndarray, shift: np.ndarray | None, other: np.ndarray | None = None, along: np.ndarray | None = None
) -> np.ndarray:
    """y = factor · x + along · other + shift, with one of each for a channel."""
    y = empty(x.shape, x.dtype)
    planes, each = sizes(x)
    shift = np.zeros(x.shape[1], x.dtype) if shift is None else shift
    factors = [np.ascontiguousarray(v, x.dtype) for v in (factor, shift, shift if along is None else along)]
    code = combine(x.dtype.char, other is not None)
    code.share(-(-planes // each), x, x if other is None else other, *factors, y, planes, each, x.shape[1], x.shape[2])
    return y


def sizes(x: np.ndarray) -> tuple[int, int]:
    """The number of planes, and how many of them make a piece."""
    planes = x.shape[0] * x.shape[1]
    return planes, -(-planes // PIECES)


@cache
def describe(char: str) -> Kernel:
    kind, width = KINDS[char]

    def describe(k, x, means, squares, planes, each, places, piece, thread):  # type: ignore[no-untyped-def]
        for plane in k.rows_of(piece, each, planes):
            at = plane * places
            total, apart = k.sum(4, width, kind), k.sum(4, width, kind)
            for i in k.vectors(places, width, 4):
                total.add(x[i + at])
            mean = total.total() / k.to(kind, places)
            means[plane] = mean
            wide = k.spread(mean, width)
            for i in k.vectors(places, width, 4):
                d = k.keep(x[i + at] - wide, i.mask)
                apart.add_product(d, d)
            squares[plane] = apart.total()

    return Kernel(describe, parameters(f"{kind}*: x means squares", "i64: planes each places"), f"describe_{kind}")


@cache
def multiply(char: str) -> Kernel:
    kind, width = KINDS[char]

    def multiply(k, g, x, mean, plain, centered, planes, each, channels, places, piece, thread):  # type: ignore[no-untyped-def]
        for plane in k.rows_of(piece, each, planes):
            at, wide = plane * places, k.spread(mean[plane % channels], width)
            total, product = k.sum(4, width, kind), k.sum(4, width, kind)
            for i in k.vectors(places, width, 4):
                upstream = g[i + at]
                total.add(upstream)
                product.add_product(upstream, k.keep(x[i + at] - wide, i.mask))
            plain[plane], centered[plane] = total.total(), product.total()

    names = parameters(f"{kind}*: g x mean plain centered", "i64: planes each channels places")
    return Kernel(multiply, names, f"multiply_{kind}")


@cache
def combine(char: str, two: bool) -> Kernel:
    """Of one array, or of two."""
    kind, width = KINDS[char]

    def combine(k, x, other, factor, shift, along, y, planes, each, channels, places, piece, thread):  # type: ignore[no-untyped-def]
        for plane in k.rows_of(piece, each, planes):
            at, channel = plane * places, plane % channels
            a, b, c = (k.spread(v[channel], width) for v in (factor, along, shift))
            for i in k.vectors(places, width, 2):
                rest = k.fma(other[i + at], b, c) if two else c
                y[i + at] = k.fma(x[i + at], a, rest)

    names = parameters(f"{kind}*: x other factor shift along y", "i64: planes each channels places")
    return Kernel(combine, names, f"combine_{kind}{'_two' * two}")
