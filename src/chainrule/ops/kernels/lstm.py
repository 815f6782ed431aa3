"""An LSTM layer over a whole sequence as machine code: each thread takes some of the sequences through all of time.

    a[t] = w_ih x[t] + b + w_hh h[t − 1]        i, f, o = σ(…), g = tanh(…)        c[t] = f c[t − 1] + i g        h[t] = o tanh c[t]

`recurrent.lstm` says the same in NumPy.

Shapes: T steps, B sequences, H units; gates and their gradients (T · B, 4 H) in PyTorch's order i, f, g, o.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ...native import Kernel, parameters
from ...native.aligned import empty
from ...native.vecmath import sigmoid, tanh
from .through_time import (
    Array,
    Needs,
    Tile,
    cut,
    gradients,
    product,
    projected,
    rows_of,
    seeded,
    states,
    total,
    upstream,
)


class Kept(NamedTuple):
    """What the backward pass needs."""

    x: Array
    w_ih: Array
    w_hh: Array
    gates: Array  # (T · B, 4 H), after their activation
    states: Array  # (T + 1, B, H), the first one given
    cells: Array  # (T + 1, B, H)
    squashed: Array  # tanh of the cells, (T, B, H)


def forward(x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> Kept:
    """All states and cells, and what the backward pass needs."""
    steps, (batch, hidden) = len(x), h.shape
    x = np.ascontiguousarray(x)
    bias = np.zeros(4 * hidden, np.float32)
    for b in (b_ih, b_hh):
        if b is not None:
            bias += b
    squashed = empty((steps, batch, hidden), np.dtype(np.float32))
    kept = Kept(x, w_ih, w_hh, projected(x, w_ih), states(h, steps), states(c, steps), squashed)
    tile, pieces, w, room = cut(batch, w_hh.T)
    arrays = (kept.gates, w, bias, kept.states, kept.cells, squashed, room)
    through_time(tile).share(pieces, *arrays, steps, batch, hidden, len(w))
    return kept


def backward(g: Any, kept: Kept, needs: Needs) -> tuple[Array | None, ...]:
    """∂L/∂ x, h, c, w_ih, w_hh, b_ih and b_hh, given those of y, the last state and the last cell; None for no projection."""
    steps, batch, hidden = kept.squashed.shape
    tile, pieces, w, room = cut(batch, kept.w_hh)
    dh, db = seeded(room, g[1], (batch, hidden)), np.zeros((pieces, 4 * hidden), np.float32)
    dc = np.zeros((batch, hidden), np.float32) if g[2] is None else np.array(g[2], np.float32, order="C")
    dy, to_step, to_row = upstream(g[0], hidden)
    da = empty(kept.gates.shape, kept.gates.dtype)
    arrays = (kept.gates, w, kept.cells, kept.squashed, dy, da, dh, dc, db)
    back_through_time(tile).share(pieces, *arrays, steps, batch, hidden, len(w), to_step, to_row)
    sums = total(db)
    dx, *weights = gradients(kept, da, da, sums, sums, (needs[0], *needs[3:7]))
    return dx, dh[:batch, :hidden].copy() if needs[1] else None, dc if needs[2] else None, *weights, None


@cache
def through_time(tile: Tile) -> Kernel:
    def lstm_forward(  # type: ignore[no-untyped-def]
        k, gates, w, bias, states, cells, squashed, room, steps, batch, hidden, panels, piece, thread
    ):
        first, last, rows = rows_of(k, piece, tile.rows, batch)
        plane, wide = batch * hidden, panels * tile.lanes
        for t in k.range(steps):
            starts = [t * plane + row * hidden for row in rows]
            product(k, states, starts, w, (hidden, panels), room, first, tile.vectors, add=False)
            for row in k.range(first, last):
                spot, here = t * plane + row * hidden, row * wide
                for j in k.vectors(hidden):
                    a = [
                        gates[j + spot * 4 + part * hidden] + bias[j + part * hidden] + room[j + here + part * hidden]
                        for part in range(4)
                    ]
                    i, f, o = (sigmoid(k, a[part]) for part in (0, 1, 3))
                    g = tanh(k, a[2])
                    for part, value in enumerate((i, f, g, o)):
                        gates[j + spot * 4 + part * hidden] = value
                    c = k.fma(f, cells[j + spot], i * g)
                    squeezed = tanh(k, c)
                    cells[j + spot + plane] = c
                    squashed[j + spot] = squeezed
                    states[j + spot + plane] = o * squeezed

    arrays = "f32*: gates w bias states cells squashed room"
    return Kernel(lstm_forward, parameters(arrays, "i64: steps batch hidden panels"))


@cache
def back_through_time(tile: Tile) -> Kernel:
    def lstm_backward(  # type: ignore[no-untyped-def]
        k, gates, w, cells, squashed, upstream, da, dh, dc, db, steps, batch, hidden, panels, to_step, to_row, piece, thread
    ):
        first, last, rows = rows_of(k, piece, tile.rows, batch)
        plane, wide = batch * hidden, panels * tile.lanes
        for s in k.range(steps):
            t = steps - 1 - s
            for row in k.range(first, last):
                spot, here, line = t * plane + row * hidden, row * wide, row * hidden
                for j in k.vectors(hidden):
                    i, f, g, o = (gates[j + spot * 4 + part * hidden] for part in range(4))
                    squeezed = squashed[j + spot]
                    d_state = dh[j + here] + upstream[j + row * to_row + t * to_step]
                    d_cell = k.fma(d_state * o, 1.0 - squeezed * squeezed, dc[j + line])
                    d_i = d_cell * g * (i * (1.0 - i))
                    d_f = d_cell * cells[j + spot] * (f * (1.0 - f))
                    d_g = d_cell * i * (1.0 - g * g)
                    d_o = d_state * squeezed * (o * (1.0 - o))
                    for part, value in enumerate((d_i, d_f, d_g, d_o)):
                        da[j + spot * 4 + part * hidden] = value
                        at = j + (piece * 4 + part) * hidden
                        db[at] = db[at] + value
                    dc[j + line] = d_cell * f
            starts = [(t * plane + row * hidden) * 4 for row in rows]
            product(k, da, starts, w, (hidden * 4, panels), dh, first, tile.vectors, add=False)

    arrays = "f32*: gates w cells squashed upstream da dh dc db"
    kinds = parameters(arrays, "i64: steps batch hidden panels to_step to_row")
    return Kernel(lstm_backward, kinds, strided=("upstream",))
