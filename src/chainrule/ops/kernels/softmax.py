"""Softmax and log-softmax along one axis.

    softmax(x)ᵢ = e^(xᵢ − m) / s        log_softmax(x)ᵢ = xᵢ − m − log s        with m = max x, s = Σⱼ e^(xⱼ − m)

Taking m off first changes nothing but keeps the exponentials below 1. Every block is read once and written once, all
steps between happen in the cache.
"""

from __future__ import annotations

import numpy as np

from ...native.aligned import empty
from . import softmax_rows as machine
from .blocks import each_block, largest, lines_of, total, total_of_product
from .precision import halves


@halves
def softmax(x: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """yᵢ = e^xᵢ / Σⱼ e^xⱼ; y itself is what the backward pass needs

    >>> softmax(np.log([[1.0, 3.0]]), 1)[0].round(3).tolist()
    [[0.25, 0.75]]
    """
    y = empty(x.shape, x.dtype)
    if x.size == 0:
        return y, y
    if x.ndim == 0:
        y[...] = x - x + 1  # NaN stays NaN
        return y, y
    if machine.suits(x, axis):
        y = machine.run("softmax", x)
        return y, y
    x, lines = np.ascontiguousarray(x), lines_of(x.shape, axis)

    def task(block: tuple[slice, slice]) -> None:
        out = lines.view(y, block)
        e = exponentials(lines.view(x, block), lines.axis, out if lines.rows else None)
        np.multiply(e, 1 / total(e, lines.axis), out=out)

    with np.errstate(all="ignore"):
        each_block(task, lines, x.itemsize, 4)
    return y, y


@halves
def softmax_backward(g: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
    """∂L/∂xᵢ = yᵢ (gᵢ − Σⱼ gⱼ yⱼ)

    >>> softmax_backward(np.array([1.0, 0.0]), np.array([0.25, 0.75]), 0).tolist()
    [0.1875, -0.1875]
    """
    dx = empty(y.shape, y.dtype)
    if y.ndim == 0 or y.size == 0:
        return np.zeros_like(dx)
    if machine.suits(y, axis):
        return machine.run("softmax_back", g, y)
    g, lines = np.ascontiguousarray(g), lines_of(y.shape, axis)

    def task(block: tuple[slice, slice]) -> None:
        upstream, p, out = (lines.view(a, block) for a in (g, y, dx))
        np.subtract(upstream, total_of_product(upstream, p, lines.axis), out=out)
        np.multiply(out, p, out=out)

    with np.errstate(all="ignore"):
        each_block(task, lines, y.itemsize, 3)
    return dx


@halves
def log_softmax(x: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """yᵢ = xᵢ − log Σⱼ e^xⱼ; y itself is what the backward pass needs

    >>> log_softmax(np.log([[1.0, 3.0]]), 1)[0].round(3).tolist()
    [[-1.386, -0.288]]
    """
    y = empty(x.shape, x.dtype)
    if x.size == 0:
        return y, y
    if x.ndim == 0:
        y[...] = x - x
        return y, y
    if machine.suits(x, axis):
        y = machine.run("log_softmax", x)
        return y, y
    x, lines = np.ascontiguousarray(x), lines_of(x.shape, axis)

    def task(block: tuple[slice, slice]) -> None:
        shifted = below_largest(lines.view(x, block), lines.axis)
        s = total(np.exp(shifted), lines.axis)
        np.subtract(shifted, np.log(s), out=lines.view(y, block))

    with np.errstate(all="ignore"):
        each_block(task, lines, x.itemsize, 5)
    return y, y


@halves
def log_softmax_backward(g: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
    """∂L/∂xᵢ = gᵢ − e^yᵢ Σⱼ gⱼ

    >>> log_softmax_backward(np.array([1.0, 0.0]), np.log([0.25, 0.75]), 0).round(3).tolist()
    [0.75, -0.75]
    """
    dx = empty(y.shape, y.dtype)
    if y.ndim == 0 or y.size == 0:
        return np.zeros_like(dx)
    if machine.suits(y, axis):
        return machine.run("log_softmax_back", g, y)
    g, lines = np.ascontiguousarray(g), lines_of(y.shape, axis)

    def task(block: tuple[slice, slice]) -> None:
        upstream, out = lines.view(g, block), lines.view(dx, block)
        p = np.exp(lines.view(y, block))
        p *= total(upstream, lines.axis)
        np.subtract(upstream, p, out=out)

    with np.errstate(all="ignore"):
        each_block(task, lines, y.itemsize, 4)
    return dx


def exponentials(x: np.ndarray, axis: int, out: np.ndarray | None = None) -> np.ndarray:
    """e^(x − m) for each line of a block, m its largest entry."""
    e = below_largest(x, axis, out)
    return np.exp(e, out=e)


def below_largest(x: np.ndarray, axis: int, out: np.ndarray | None = None) -> np.ndarray:
    """x − m for each line of a block. Columns are copied first, so that their reductions run through memory in order."""
    if axis == 0:
        columns = empty(x.shape, x.dtype)
        np.copyto(columns, x)
        columns -= largest(columns, 0)
        return columns
    return np.subtract(x, largest(x, 1), out=out)
