"""Layer norm of short rows as machine code: the rows of a piece stay in the first-level cache between the passes over them.

    y = w x̂ + b        x̂ = (x − μ) / √(σ² + ε)        ∂L/∂x = (g w − mean(g w) − x̂ mean(g w x̂)) / √(σ² + ε)

Shapes: x (rows, n), w and b (n,). Sums over the rows are added up per piece, and then over pieces, in a fixed order.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ...native import KINDS, Kernel, kernels, parameters
from ...native.aligned import empty
from ...native.loops import Type

LEAST, PIECES = 1 << 13, 16


def suits(x: np.ndarray, rows: int, n: int) -> bool:
    """Whether machine code gains by it: enough to do, and rows that are neither tiny nor larger than the cache."""
    return x.size >= LEAST and 16 <= n <= 1 << 13 and rows > 1 and x.dtype.char in KINDS and kernels.ready()


def forward(x: np.ndarray, w: Any, b: Any, eps: float, centered: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, x̂ and 1 / √(σ² + ε) of a matrix."""
    rows, n = x.shape
    y, normalized, scale = empty(x.shape, x.dtype), empty(x.shape, x.dtype), np.empty(rows, x.dtype)
    w = np.ones(n, x.dtype) if w is None else np.ascontiguousarray(w, x.dtype)
    b = np.zeros(n, x.dtype) if b is None else np.ascontiguousarray(b, x.dtype)
    each = -(-rows // PIECES)
    normalizer(x.dtype.char, centered).share(-(-rows // each), x, w, b, y, normalized, scale, rows, n, each, eps)
    return y, normalized, scale


def backward(
    g: np.ndarray, normalized: np.ndarray, scale: np.ndarray, w: Any, centered: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂x, ∂L/∂w and ∂L/∂b."""
    rows, n = g.shape
    dx = empty(g.shape, g.dtype)
    w = np.ones(n, g.dtype) if w is None else np.ascontiguousarray(w, g.dtype)
    each = -(-rows // PIECES)
    pieces = -(-rows // each)
    sums = np.zeros((pieces, 2, n), g.dtype)
    denormalizer(g.dtype.char, centered).share(pieces, g, normalized, scale, w, dx, sums, rows, n, each)
    dw, db = np.empty(n, g.dtype), np.empty(n, g.dtype)
    gatherer(g.dtype.char).share(1, sums, dw, db, pieces, n)
    return dx, dw, db


@cache
def normalizer(char: str, centered: bool) -> Kernel:
    kind, width = KINDS[char]

    def normalize(k, x, w, b, y, normalized, scale, rows, n, each, eps, piece, thread):  # type: ignore[no-untyped-def]
        count = k.to(kind, n)
        for row in k.rows_of(piece, each, rows):
            at = row * n
            mean = k.value(0, count.type)
            if centered:
                total = k.sum(4, width, kind)
                for i in k.vectors(n, width, 4):
                    total.add(x[i + at])
                mean = total.total() / count
            wide = k.spread(mean, width)
            squares = k.sum(4, width, kind)
            for i in k.vectors(n, width, 4):
                d = k.keep(x[i + at] - wide, i.mask)
                squares.add_product(d, d)
            s = 1.0 / k.sqrt(squares.total() / count + eps)
            scale[row] = s
            by = k.spread(s, width)
            for i in k.vectors(n, width):
                d = (x[i + at] - wide) * by
                for result in (normalized, y):
                    k.prefetch(result, i.start + at + n)
                normalized[i + at] = d
                y[i + at] = k.fma(d, w[i], b[i])

    names = parameters(f"{kind}*: x w b y normalized scale", "i64: rows n each", f"{kind}: eps")
    return Kernel(normalize, names, f"normalize_{kind}{'_centered' * centered}")


@cache
def denormalizer(char: str, centered: bool) -> Kernel:
    kind, width = KINDS[char]

    def denormalize(k, g, normalized, scale, w, dx, sums, rows, n, each, piece, thread):  # type: ignore[no-untyped-def]
        count = k.to(kind, n)
        of_w, of_b = piece * 2 * n, piece * 2 * n + n
        for row in k.rows_of(piece, each, rows):
            at = row * n
            along, mean = k.sum(2, width, kind), k.sum(2, width, kind)
            for i in k.vectors(n, width, 2):
                upstream, x = g[i + at], normalized[i + at]
                sums[i + of_w] = k.fma(upstream, x, sums[i + of_w])
                sums[i + of_b] = sums[i + of_b] + upstream
                part = upstream * w[i]
                along.add_product(part, x)
                if centered:
                    mean.add(part)
            s = scale[row]
            back = k.spread(along.total() / count, width)
            flat = k.spread(mean.total() / count, width)
            by = k.spread(s, width)
            for i in k.vectors(n, width):
                part = k.fma(g[i + at], w[i], -k.fma(normalized[i + at], back, flat))
                dx[i + at] = part * by

    names = parameters(f"{kind}*: g normalized scale w dx sums", "i64: rows n each")
    return Kernel(denormalize, names, f"denormalize_{kind}{'_centered' * centered}")


@cache
def gatherer(char: str) -> Kernel:
    """∂L/∂w and ∂L/∂b, of what the pieces have of them."""
    kind, width = KINDS[char]

    def gather(k, sums, dw, db, pieces, n, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.vectors(n, width):
            totals = [k.variable(0, Type(kind, width)) for _ in range(2)]
            for q in k.range(pieces):
                for half, total in enumerate(totals):
                    total.value = total.value + sums[i + (q * 2 + half) * n]
            dw[i], db[i] = (total.value for total in totals)

    return Kernel(gather, parameters(f"{kind}*: sums dw db", "i64: pieces n"), f"gather_norm_{kind}")
