"""Sums, means, extremes and spreads; softmax, which is made of them."""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import Any

import numpy as np

from ...ops.arithmetic import add
from ...ops.choice import maximum
from ...ops.logic import where
from ...ops.scalar import exp, log, sqrt
from ..entrywise import decay
from ..registry import function, op, pull
from ..symbolic import Sym, broadcast, converted
from .constants import array, refuse


def along(op: Any, x: Sym) -> tuple[int, ...]:
    return tuple(range(x.ndim)) if op.dims is None else op.dims


def widened(y: Sym, op: Any, x: Sym) -> Sym:
    """A reduced value, repeated along the axes that were reduced."""
    dims = along(op, x)
    return broadcast(y.reshape(tuple(1 if d in dims else n for d, n in enumerate(x.shape))), x.shape)


@op("Sum")
def total(op: Any, x: Sym) -> Any:
    """Σ x; truth values are counted as numbers"""
    if x.dtype.kind in "bui":
        refuse("a sum of integers")
    return x.sum(along(op, x), keepdims=op.keepdim)


@op("Mean")
def mean(op: Any, x: Sym) -> Any:
    """Σ x / N"""
    return x.mean(along(op, x), keepdims=op.keepdim)


@op("NanSum")
def nansum(op: Any, x: Sym) -> Any:
    """Σ x where x = x"""
    return where(x == x, x, 0.0).sum(along(op, x), keepdims=op.keepdim)


def deviations(op: Any, x: Sym) -> tuple[Sym, float]:
    """x − x̄, and the number that squares are divided by."""
    n = prod(x.shape[d] for d in along(op, x)) - op.correction
    return x - x.mean(along(op, x), keepdims=True), n if n > 0 else float("nan")


@op("Var")
def var(op: Any, x: Sym) -> Any:
    """Σ (x − x̄)² / (N − correction)"""
    d, n = deviations(op, x)
    return (d * d).sum(along(op, x), keepdims=op.keepdim) / (n if n == n else 0.0)


@pull("Var")
def pull_var(op: Any, node: Any, g: Sym) -> Any:
    """g · 2 (x − x̄) / (N − correction)"""
    x = node.saved[0]
    d, n = deviations(op, x)
    return [widened(g * (2.0 / n), op, x) * d]


@op("Std")
def std(op: Any, x: Sym) -> Any:
    """√(Σ (x − x̄)² / (N − correction))"""
    return sqrt(var(op, x))


@pull("Std")
def pull_std(op: Any, node: Any, g: Sym) -> Any:
    """g · (x − x̄) / ((N − correction) · y), and 0 where y is"""
    x, y = node.saved[0], node.saved[1]
    d, n = deviations(op, x)
    share = where(y == 0, 0.0, g / (y * n))
    return [widened(share, op, x) * d]


@op("LogSumExp")
def log_sum_exp(op: Any, x: Sym) -> Any:
    """ln Σ e^(x − m) + m with m = max x, or 0 where that is infinite; ∞ where it is ∞, which is no exponent for `decay`"""
    dims = along(op, x)
    highest = x.max(dims, keepdims=True)
    top = where(highest - highest == 0, highest, 0.0)
    y = log(x.mapped(decay, x - top).sum(dims, keepdims=True)) + top
    y = where(highest == float("inf"), highest, y)
    return y if op.keepdim else y.reshape(tuple(n for d, n in enumerate(x.shape) if d not in dims))


@pull("LogSumExp")
def pull_log_sum_exp(op: Any, node: Any, g: Sym) -> Any:
    """g · e^(x − y)"""
    x, y = node.saved[0], node.saved[1]
    return [widened(g, op, x) * exp(x - widened(y, op, x))]


@pull("Max", "Min")
def pull_extreme(op: Any, node: Any, g: Sym) -> Any:
    """g, shared evenly among the entries that are as large (or small) as the result"""
    x, y = node.saved[0], widened(node.saved[1], op, node.saved[0])
    hit = x == y
    if op.torch_name not in ("AmaxBackward0", "AminBackward0"):
        hit = hit | (x != x) & (y != y)
    count = converted(hit, x.dtype).sum(along(op, x), keepdims=op.keepdim)
    return [where(hit, widened(g / count, op, x), 0.0)]


def first(input: Sym, dim: Any, keepdim: bool, largest: bool) -> Any:
    """The smallest of the places whose entries are as large (or small) as any, or no number."""
    x = input.reshape(-1) if dim is None else input
    d = 0 if dim is None else dim % x.ndim
    top = x.max(d, keepdims=True) if largest else x.min(d, keepdims=True)
    n = x.shape[d]
    places = array(x, np.arange(n, dtype=x.dtype).reshape([n if e == d else 1 for e in range(x.ndim)]))
    found = where((x == top) | (x != x), places, float(n)).min(d, keepdims=keepdim and dim is not None)
    return converted(found, np.dtype(np.int64))


@function("argmax")
def argmax(input: Sym, dim: Any = None, keepdim: bool = False, named: Any = None) -> Any:
    return refuse("other names") if named else first(input, dim, keepdim, True)


@function("argmin")
def argmin(input: Sym, dim: Any = None, keepdim: bool = False, named: Any = None) -> Any:
    return refuse("other names") if named else first(input, dim, keepdim, False)


@function("one_hot")
def one_hot(tensor: Sym, num_classes: int = -1) -> Any:
    """Which of the classes it is; of a class that there is none of, none."""
    if num_classes < 1 or tensor.dtype.char != "l":
        refuse("as many classes as there are")
    return converted(tensor.reshape((*tensor.shape, 1)) == array(tensor, np.arange(num_classes)), np.dtype(np.int64))


@op("Softmax")
def softmax(op: Any, x: Sym) -> Any:
    """eᶻ / Σ eᶻ with z = x − max x"""
    e = exp(x - x.max(op.dim, keepdims=True))
    return e / e.sum(op.dim, keepdims=True)


@op("LogSoftmax")
def log_softmax(op: Any, x: Sym) -> Any:
    """z − ln Σ eᶻ with z = x − max x"""
    z = x - x.max(op.dim, keepdims=True)
    return z - log(x.mapped(decay, z).sum(op.dim, keepdims=True))


@op("VectorNorm")
def vector_norm(op: Any, x: Sym) -> Any:
    """(Σ |x|ᵖ)^(1/p); p = ∞ the largest |x|, p = 0 the number of entries that are not 0"""
    p, dims = op.p, along(op, x)
    if p == 2:
        return sqrt((x * x).sum(dims, keepdims=op.keepdim))
    size = abs(x)
    if p == float("inf"):
        return size.max(dims, keepdims=op.keepdim)
    if p == -float("inf"):
        return size.min(dims, keepdims=op.keepdim)
    if p == 0:
        return converted(x != 0, x.dtype).sum(dims, keepdims=op.keepdim)
    if p == 1:
        return size.sum(dims, keepdims=op.keepdim)
    return (size**p).sum(dims, keepdims=op.keepdim) ** (1 / p)


def norm(parts: list[Sym], p: float, dtype: Any) -> Sym:
    """The p-norm of all entries of several arrays."""
    if p == float("inf"):
        found = [abs(x).max() for x in parts]
        return reduce(maximum, [converted(x, dtype) for x in found])
    powers = [(x * x if p == 2 else abs(x) ** p if p != 1 else abs(x)).sum() for x in parts]
    total = reduce(add, [converted(x, dtype) for x in powers])
    return total if p == 1 else sqrt(total) if p == 2 else total ** (1 / p)


@pull("VectorNorm")
def pull_vector_norm(op: Any, node: Any, g: Sym) -> Any:
    """g · x |x|ᵖ⁻² / yᵖ⁻¹, and 0 where y is; p = ∞: shared among the largest"""
    x, y = node.saved[0], widened(node.saved[1], op, node.saved[0])
    p = op.p
    if abs(p) != float("inf"):
        return op.pull(node, g)
    hit = abs(x) == y
    count = converted(hit, x.dtype).sum(along(op, x), keepdims=op.keepdim)
    return [where(hit, widened(g / count, op, x) * np.sign(x), 0.0)]
