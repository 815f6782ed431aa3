"""What recurrent layers do for all steps at once: project the inputs, and take the gradients of inputs and weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...base.errors import ShapeError, message
from ...base.threads import parallel
from ...native.aligned import empty

Array = np.ndarray


def project(
    x: Array,
    w_ih: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    gates: int,
    order: Sequence[int] | None = None,
    factors: Array | None = None,
) -> Array:
    """w_ih x[t] + b_ih + b_hh for all steps at once, as (gates, T, B, H): gates in the given order, each times a factor."""
    steps, batch, inputs = x.shape
    hidden = w_ih.shape[0] // gates
    w, biases = w_ih.reshape(gates, hidden, inputs), [b for b in (b_ih, b_hh) if b is not None]
    bias = sum(biases).reshape(gates, 1, hidden) if biases else None  # type: ignore[union-attr]
    if order is not None:
        w, bias = w[order] * factors, bias if bias is None else bias[order] * factors
    rows, result = x.reshape(steps * batch, inputs), empty((gates, steps * batch, hidden), x.dtype)

    def task(start: int, stop: int) -> None:
        for k in range(start, stop):
            np.matmul(rows, w[k].T, out=result[k])
            if bias is not None:
                result[k] += bias[k]

    parallel(task, gates, result.size * inputs / 8)
    return result.reshape(gates, steps, batch, hidden)


def seeds(dy: Array | None, dh: Array | None, state: Array) -> tuple[Array | None, Array]:
    """The upstream gradients of all outputs, and that of the last state as an array to add to."""
    return dy, np.zeros_like(state) if dh is None else np.array(dh)


def input_gradient(da: Array, w: Array, x: Array) -> Array:
    """∂L/∂x[t] = w_ihᵀ ∂L/∂a[t], for all steps at once."""
    a, dx = da.reshape(-1, w.shape[0]), empty(x.shape, x.dtype)
    rows = dx.reshape(-1, w.shape[1])
    parallel(lambda i, j: np.matmul(a[i:j], w, out=rows[i:j]), len(a), a.size * w.shape[1] / 8)
    return dx


def weight_gradient(da: Array, x: Array) -> Array:
    """∂L/∂w = Σ_{t, b} ∂L/∂a[t, b] x[t, b]ᵀ"""
    a, rows = da.reshape(-1, da.shape[-1]), x.reshape(-1, x.shape[-1])
    dw = empty((a.shape[1], rows.shape[1]), x.dtype)
    parallel(lambda i, j: np.matmul(a[:, i:j].T, rows, out=dw[i:j]), len(dw), a.size * rows.shape[1] / 8)
    return dw


def gates_input_gradient(da: Array, w: Array, x: Array) -> Array:
    """`input_gradient`, of gates that stand one behind the other, (gates, T, B, H)."""
    gates, _, _, hidden = da.shape
    a, w, dx = da.reshape(gates, -1, hidden), w.reshape(gates, hidden, -1), empty(x.shape, x.dtype)
    rows = dx.reshape(-1, x.shape[-1])

    def task(start: int, stop: int) -> None:
        into, part = rows[start:stop], np.empty_like(rows[start:stop])
        np.matmul(a[0, start:stop], w[0], out=into)
        for k in range(1, gates):
            np.add(into, np.matmul(a[k, start:stop], w[k], out=part), out=into)

    parallel(task, len(rows), da.size * x.shape[-1] / 8)
    return dx


def gates_weight_gradient(da: Array, x: Array) -> Array:
    """`weight_gradient`, of gates that stand one behind the other, (gates, T, B, H)."""
    gates, _, _, hidden = da.shape
    a, rows = da.reshape(gates, -1, hidden).mT, x.reshape(-1, x.shape[-1])
    dw = empty((gates, hidden, rows.shape[1]), x.dtype)
    parallel(lambda i, j: np.matmul(a[i:j], rows, out=dw[i:j]), gates, da.size * rows.shape[1] / 8)
    return dw.reshape(gates * hidden, -1)


def check(
    x: Array, w_ih: Array, w_hh: Array, gates: int, states: dict[str, Any], w_hr: Array | None = None
) -> tuple[int, int, int]:
    """The numbers of steps, sequences and hidden units; an error where the arrays do not agree on them."""
    if x.ndim != 3:
        raise ShapeError(message(f"input must have 3 dimensions, got {x.ndim}", "they are steps, sequences and inputs"))
    steps, batch, inputs = x.shape
    if inputs != w_ih.shape[1]:
        raise ShapeError(
            message(
                f"input.size(-1) must be equal to input_size. Expected {w_ih.shape[1]}, got {inputs}",
                f"the input weights are of size {list(w_ih.shape)}, the input of size {list(x.shape)}",
                f"input_size={inputs}",
            )
        )
    if steps == 0:
        raise ShapeError(message("Expected sequence length to be larger than 0 in RNN", f"got input {list(x.shape)}"))
    hidden = w_hh.shape[0] // gates
    for name, state in states.items():
        size = w_hr.shape[0] if w_hr is not None and name == "h0" else hidden
        if state.shape != (batch, size):
            raise ShapeError(
                message(
                    f"Expected hidden size {[batch, size]}, got {list(state.shape)}",
                    f"{name} gives each of the {batch} sequences a first state of {size} units",
                )
            )
    return steps, batch, hidden
