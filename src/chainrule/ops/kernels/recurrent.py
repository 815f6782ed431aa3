"""Recurrent layers over whole sequences: plain, LSTM and GRU, one layer in one direction.

Only the product of the last state with the recurrent weights has to wait for the step before. Everything else is taken
out of the loop over time: the product of all inputs with the input weights is one matrix product before it, the
gradients of the weights one each after it. Backward through time is linear in the gradient of the state, so all its
factors, which depend on the forward pass alone, are computed for all steps at once; a step is then a handful of NumPy
calls on small arrays, and their number is what a small layer costs.

A sigmoid is a tanh, σ(a) = ½ + ½ tanh(a/2). So the weights of sigmoid gates are halved once, and one call of tanh serves
all gates of a step.

Shapes: T steps, B sequences, I inputs, H hidden units. Inputs x (T, B, I), states (B, H), weights and biases in PyTorch's
layout: gates stacked in rows, w_ih (gates · H, I), w_hh (gates · H, H), b_ih and b_hh (gates · H,).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...base.threads import one_blas_thread
from . import gru as gru_code
from . import lstm as lstm_code
from . import rnn as rnn_code
from .precision import halves
from .sequences import (
    check,
    gates_input_gradient,
    gates_weight_gradient,
    input_gradient,
    project,
    seeds,
    weight_gradient,
)
from .through_time import suits

FACTOR_BYTES = 1 << 17  # of one gate at a time, when the factors of backward through time are computed

Needs = tuple[bool, ...]
Array = np.ndarray
Upstream = Sequence[Array | None]  # ∂L/∂ of each output; None where the loss does not depend on one


# The plain recurrent layer.


class RNNKept(NamedTuple):
    x: Array
    w_ih: Array
    w_hh: Array
    states: Array  # (T + 1, B, H), the first one given
    relu: bool


@halves
def rnn(
    x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None, b_hh: Array | None = None, relu: bool = False
) -> tuple[tuple[Array, Array], RNNKept | rnn_code.Kept]:
    """h[t] = tanh(w_ih x[t] + b_ih + w_hh h[t − 1] + b_hh), or with relu instead of tanh

    The outputs are y (T, B, H), which holds every h[t], and the last of them.

    >>> (y, last), kept = rnn(np.ones((2, 1, 1)), np.zeros((1, 1)), np.ones((1, 1)), np.ones((1, 1)), relu=True)
    >>> y.ravel().tolist(), last.tolist()
    ([1.0, 2.0], [[2.0]])
    >>> dx, dh0, *_ = rnn_backward((np.ones((2, 1, 1)), None), kept, (True,) * 6)
    >>> dx.ravel().tolist(), dh0.tolist()
    ([2.0, 1.0], [[2.0]])
    """
    steps, batch, hidden = check(x, w_ih, w_hh, 1, {"h0": h0})
    if suits(x, h0, [w_ih, w_hh, b_ih, b_hh]):
        found = rnn_code.forward(x, h0, w_ih, w_hh, b_ih, b_hh, relu)
        return (found.states[1:].copy(), found.states[-1].copy()), found
    inputs = project(x, w_ih, b_ih, b_hh, 1)[0]
    states = np.empty((steps + 1, batch, hidden), x.dtype)
    states[0] = h0
    w_t = np.ascontiguousarray(w_hh.T)
    from_state = np.empty((batch, hidden), x.dtype)
    with one_blas_thread:
        for a, before, h in zip(inputs, states, states[1:], strict=False):
            np.matmul(before, w_t, out=from_state)
            np.add(a, from_state, out=h)
            if relu:
                np.maximum(h, 0, out=h)
            else:
                np.tanh(h, out=h)
    return (states[1:].copy(), states[-1].copy()), RNNKept(x, w_ih, w_hh, states, relu)


@halves
def rnn_backward(g: Upstream, kept: RNNKept | rnn_code.Kept, needs: Needs) -> tuple[Array | None, ...]:
    """∂L/∂ x, h0, w_ih, w_hh, b_ih and b_hh, given those of y and of the last state

    ∂L/∂a[t] = h′[t] (g[t] + w_hhᵀ ∂L/∂a[t + 1]), with a the argument of tanh and h′ its derivative, 1 − h² or 1{h > 0}
    """
    if isinstance(kept, rnn_code.Kept):
        return rnn_code.backward(g, kept, needs)
    x, w_ih, w_hh, states, relu = kept
    h = states[1:]
    da = (~(h <= 0)).astype(h.dtype) if relu else 1 - h * h  # of NaN too, as relu has it
    upstream, dh = seeds(g[0], g[1], states[0])
    with one_blas_thread:
        for t in reversed(range(len(h))):
            if upstream is not None:
                dh += upstream[t]
            np.multiply(da[t], dh, out=da[t])
            np.matmul(da[t], w_hh, out=dh)
    db = da.sum((0, 1)) if needs[4] or needs[5] else None
    return (
        input_gradient(da, w_ih, x) if needs[0] else None,
        dh if needs[1] else None,
        weight_gradient(da, x) if needs[2] else None,
        weight_gradient(da, states[:-1]) if needs[3] else None,
        db if needs[4] else None,
        db if needs[5] else None,
    )


# Long short-term memory.


class LSTMKept(NamedTuple):
    x: Array
    w_ih: Array
    w_hh: Array
    w_hr: Array | None
    gates: Array  # (4, T, B, H): o, i, f, g
    states: Array  # (T + 1, B, H or P)
    cells: Array  # (T + 1, B, H)
    squashed: Array  # tanh of the cells, (T, B, H)


@halves
def lstm(
    x: Array,
    h0: Array,
    c0: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    w_hr: Array | None = None,
) -> tuple[tuple[Array, Array, Array], LSTMKept | lstm_code.Kept]:
    """c[t] = f c[t − 1] + i g        h[t] = o tanh c[t]

    with i, f, o = σ(…) and g = tanh(…) of w_ih x[t] + b_ih + w_hh h[t − 1] + b_hh, stacked as i, f, g, o. With ``w_hr``
    (P, H) the state is projected: h[t] = w_hr (o tanh c[t]), of size P (Sak, Senior, Beaufays 2014).

    The outputs are y (T, B, H or P), which holds every h[t], the last of them, and the last c.

    >>> one = np.ones((1, 1))
    >>> (y, h, c), kept = lstm(np.ones((1, 1, 1)), 0 * one, 0 * one, np.ones((4, 1)), np.ones((4, 1)))
    >>> c.round(4).tolist(), h.round(4).tolist()
    ([[0.5568]], [[0.3696]])
    """
    steps, batch, hidden = check(x, w_ih, w_hh, 4, {"h0": h0, "c0": c0}, w_hr)
    if w_hr is None and suits(x, h0, [c0, w_ih, w_hh, b_ih, b_hh]):
        found = lstm_code.forward(x, h0, c0, w_ih, w_hh, b_ih, b_hh)
        return (found.states[1:].copy(), found.states[-1].copy(), found.cells[-1].copy()), found
    dtype = x.dtype
    order = [3, 0, 1, 2]  # to o, i, f, g: the sigmoids side by side
    halved = np.array([0.5, 0.5, 0.5, 1.0], dtype).reshape(4, 1, 1)
    gates = project(x, w_ih, b_ih, b_hh, 4, order, halved)
    w_t = np.ascontiguousarray((w_hh.reshape(4, hidden, -1)[order] * halved).mT)
    states = np.empty((steps + 1, *h0.shape), dtype)
    cells = np.empty((steps + 1, batch, hidden), dtype)
    squashed = np.empty((steps, batch, hidden), dtype)
    states[0], cells[0] = h0, c0
    from_state, added, half = np.empty((4, batch, hidden), dtype), np.empty((batch, hidden), dtype), np.array(0.5, dtype)
    raw = None if w_hr is None else np.empty((batch, hidden), dtype)
    with one_blas_thread:
        every = zip(gates.swapaxes(0, 1), *gates, states, states[1:], cells, cells[1:], squashed, strict=False)
        for a, o, i, f, g, h_before, h, c_before, c, tanh_c in every:
            np.matmul(h_before, w_t, out=from_state)
            np.add(a, from_state, out=a)
            np.tanh(a, out=a)
            sigmoids = a[:3]
            np.multiply(sigmoids, half, out=sigmoids)
            np.add(sigmoids, half, out=sigmoids)
            np.multiply(f, c_before, out=c)
            np.multiply(i, g, out=added)
            np.add(c, added, out=c)
            np.tanh(c, out=tanh_c)
            np.multiply(o, tanh_c, out=h if raw is None else raw)
            if raw is not None:
                np.matmul(raw, w_hr.T, out=h)  # type: ignore[union-attr]
    kept = LSTMKept(x, w_ih, w_hh, w_hr, gates, states, cells, squashed)
    return (states[1:].copy(), states[-1].copy(), cells[-1].copy()), kept


@halves
def lstm_backward(g: Upstream, kept: LSTMKept | lstm_code.Kept, needs: Needs) -> tuple[Array | None, ...]:
    """∂L/∂ x, h0, c0, w_ih, w_hh, b_ih, b_hh and w_hr, given those of y, the last state and the last cell

    With a_k the argument of gate k, from the last step to the first:

        ∂c[t] += ∂h[t] o (1 − tanh² c)            ∂a_o = ∂h[t] tanh(c) o (1 − o)
        ∂a_i = ∂c g i (1 − i)        ∂a_f = ∂c c[t − 1] f (1 − f)        ∂a_g = ∂c i (1 − g²)
        ∂c[t − 1] = f ∂c             ∂h[t − 1] = g[t − 1] + Σ_k w_hh,kᵀ ∂a_k
    """
    if isinstance(kept, lstm_code.Kept):
        return lstm_code.backward(g, kept, needs)
    x, w_ih, w_hh, w_hr, gates, states, cells, squashed = kept
    f = gates[2]
    steps, batch, hidden = f.shape
    da, through_cell = lstm_factors(gates, cells[:-1], squashed)  # (4, T, B, H), in the order of the weights
    of_cell, of_output = da[:3], da[3]
    w = w_hh.reshape(4, hidden, -1)
    upstream, dh = seeds(g[0], g[1], states[0])
    dc = np.zeros_like(cells[0]) if g[2] is None else np.array(g[2])
    added, by_gate = np.empty_like(dc), np.empty((4, *dh.shape), dh.dtype)
    outputs = None if w_hr is None else np.empty((steps, *dh.shape), dh.dtype)  # ∂L/∂h[t], for w_hr
    with one_blas_thread:
        for t in reversed(range(steps)):
            if upstream is not None:
                np.add(dh, upstream[t], out=dh)
            d_raw = dh
            if outputs is not None:
                outputs[t] = dh
                d_raw = dh @ w_hr
            np.add(dc, np.multiply(d_raw, through_cell[t], out=added), out=dc)
            here = of_cell[:, t]
            np.multiply(here, dc, out=here)
            np.multiply(of_output[t], d_raw, out=of_output[t])
            np.multiply(dc, f[t], out=dc)
            np.add.reduce(np.matmul(da[:, t], w, out=by_gate), 0, out=dh)
    db = np.einsum("ktbh->kh", da).reshape(-1) if needs[5] or needs[6] else None
    return (
        gates_input_gradient(da, w_ih, x) if needs[0] else None,
        dh if needs[1] else None,
        dc if needs[2] else None,
        gates_weight_gradient(da, x) if needs[3] else None,
        gates_weight_gradient(da, states[:-1]) if needs[4] else None,
        db if needs[5] else None,
        db if needs[6] else None,
        weight_gradient(outputs, gates[0] * squashed) if outputs is not None and needs[7] else None,
    )


def lstm_factors(gates: Array, before: Array, squashed: Array) -> tuple[Array, Array]:
    """∂a / ∂c for i, f, g and ∂a / ∂h for o, as (4, T, B, H) in that order; and ∂c / ∂h, (T, B, H); of all steps."""
    factors, through_cell = np.empty_like(gates), np.empty_like(squashed)
    steps = len(squashed)
    at_once = max(1, FACTOR_BYTES // max(squashed[:1].nbytes, 1))
    for start in range(0, steps, at_once):
        part = slice(start, start + at_once)
        o, i, f, g = gates[:, part]
        for place, gate, other in ((0, i, g), (1, f, before[part]), (3, o, squashed[part])):
            factor = np.subtract(1, gate, out=factors[place, part])
            factor *= gate
            factor *= other
        for into, value, other in ((factors[2, part], g, i), (through_cell[part], squashed[part], o)):
            np.multiply(value, value, out=into)
            np.subtract(1, into, out=into)
            into *= other
    return factors, through_cell


# Gated recurrent unit.


class GRUKept(NamedTuple):
    x: Array
    w_ih: Array
    w_hh: Array
    gates: Array  # (3, T, B, H): r, z, n
    from_state: Array  # w_hn h + b_hn, (T, B, H)
    states: Array  # (T + 1, B, H)


@halves
def gru(
    x: Array, h0: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None, b_hh: Array | None = None
) -> tuple[tuple[Array, Array], GRUKept | gru_code.Kept]:
    """h[t] = (1 − z) n + z h[t − 1]        n = tanh(w_in x[t] + b_in + r (w_hn h[t − 1] + b_hn))

    with r, z = σ(…) of w_ih x[t] + b_ih + w_hh h[t − 1] + b_hh, stacked as r, z, n. The reset gate r acts on the product
    with the state, as in PyTorch (and cuDNN), not on the state as in the paper (Cho et al. 2014).

    The outputs are y (T, B, H), which holds every h[t], and the last of them.

    >>> one = np.ones((1, 1))
    >>> (y, h), kept = gru(np.ones((1, 1, 1)), 0 * one, np.ones((3, 1)), np.ones((3, 1)))
    >>> h.round(4).tolist()
    [[0.2048]]
    """
    steps, batch, hidden = check(x, w_ih, w_hh, 3, {"h0": h0})
    if suits(x, h0, [w_ih, w_hh, b_ih, b_hh]):
        found = gru_code.forward(x, h0, w_ih, w_hh, b_ih, b_hh)
        return (found.states[1:].copy(), found.states[-1].copy()), found
    dtype = x.dtype
    halved = np.array([0.5, 0.5, 1.0], dtype).reshape(3, 1, 1)
    b_hn = None if b_hh is None else b_hh[2 * hidden :]
    b_rz = None if b_hh is None else np.concatenate([b_hh[: 2 * hidden], np.zeros(hidden, dtype)])
    gates = project(x, w_ih, b_ih, b_rz, 3, [0, 1, 2], halved)
    w_t = np.ascontiguousarray((w_hh.reshape(3, hidden, hidden) * halved).mT)
    states, products = np.empty((steps + 1, batch, hidden), dtype), np.empty((3, batch, hidden), dtype)
    states[0] = h0
    from_state = np.empty((steps, batch, hidden), dtype)
    rz_products, n_product, half = products[:2], products[2], np.array(0.5, dtype)
    shift = np.array(0, dtype) if b_hn is None else np.ascontiguousarray(np.broadcast_to(b_hn, (batch, hidden)))
    with one_blas_thread:
        every = zip(gates[:2].swapaxes(0, 1), *gates, from_state, states, states[1:], strict=False)
        for rz, r, z, n, q, before, h in every:
            np.matmul(before, w_t, out=products)
            np.add(rz, rz_products, out=rz)
            np.tanh(rz, out=rz)
            np.multiply(rz, half, out=rz)
            np.add(rz, half, out=rz)
            np.add(n_product, shift, out=q)
            np.multiply(r, q, out=n_product)
            np.add(n, n_product, out=n)
            np.tanh(n, out=n)
            np.subtract(before, n, out=h)  # h = n + z (h − n)
            np.multiply(h, z, out=h)
            np.add(h, n, out=h)
    return (states[1:].copy(), states[-1].copy()), GRUKept(x, w_ih, w_hh, gates, from_state, states)


@halves
def gru_backward(g: Upstream, kept: GRUKept | gru_code.Kept, needs: Needs) -> tuple[Array | None, ...]:
    """∂L/∂ x, h0, w_ih, w_hh, b_ih and b_hh, given those of y and of the last state

    With a_k the argument of gate k and q = w_hn h[t − 1] + b_hn, from the last step to the first:

        ∂a_n = ∂h (1 − z) (1 − n²)        ∂q = ∂a_n r
        ∂a_r = ∂a_n q r (1 − r)           ∂a_z = ∂h (h[t − 1] − n) z (1 − z)
        ∂h[t − 1] = g[t − 1] + z ∂h + w_hrᵀ ∂a_r + w_hzᵀ ∂a_z + w_hnᵀ ∂q
    """
    if isinstance(kept, gru_code.Kept):
        return gru_code.backward(g, kept, needs)
    x, w_ih, w_hh, gates, from_state, states = kept
    z = gates[1]
    steps, batch, hidden = z.shape
    da, to_n = gru_factors(gates, from_state, states[:-1])  # (T, B, 3, H): r, z, q
    rows = da.reshape(steps, batch, 3 * hidden)
    upstream, dh = seeds(g[0], g[1], states[0])
    at_step, back = np.empty_like(z), np.empty_like(dh)
    with one_blas_thread:
        for t in reversed(range(steps)):
            here = at_step[t]
            if upstream is None:
                np.copyto(here, dh)
            else:
                np.add(dh, upstream[t], out=here)
            np.multiply(da[t], here[:, None], out=da[t])
            np.matmul(rows[t], w_hh, out=back)
            np.add(np.multiply(here, z[t], out=dh), back, out=dh)
    d_hh = weight_gradient(rows, states[:-1]) if needs[3] else None
    db_hh = rows.sum((0, 1)) if needs[5] else None
    np.multiply(to_n, at_step, out=da[:, :, 2])  # from here on ∂a_n instead of ∂q
    return (
        input_gradient(rows, w_ih, x) if needs[0] else None,
        dh if needs[1] else None,
        weight_gradient(rows, x) if needs[2] else None,
        d_hh,
        rows.sum((0, 1)) if needs[4] else None,
        db_hh,
    )


def gru_factors(gates: Array, from_state: Array, before: Array) -> tuple[Array, Array]:
    """∂a / ∂h for r and z, and ∂q / ∂h, as (T, B, 3, H); and ∂a_n / ∂h; of all steps."""
    r, z, n = gates
    steps, batch, hidden = r.shape
    factors = np.empty((steps, batch, 3, hidden), r.dtype)
    keep = 1 - z
    work = np.subtract(before, n)
    work *= z
    np.multiply(work, keep, out=factors[:, :, 1])
    np.multiply(n, n, out=work)
    np.subtract(1, work, out=work)
    to_n = np.multiply(work, keep, out=work)
    to_q = np.multiply(to_n, r, out=factors[:, :, 2])
    np.subtract(1, r, out=keep)
    keep *= from_state
    np.multiply(keep, to_q, out=factors[:, :, 0])
    return factors, to_n
