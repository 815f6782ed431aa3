"""A GRU layer over a whole sequence as machine code: each thread takes some of the sequences through all of time.

    r, z = σ(a_r + w_hr h), σ(a_z + w_hz h)        q = w_hn h + b_hn        n = tanh(a_n + r q)        h ← n + z (h − n)

with a = w_ih x[t] + b_ih, and b_hh added for r and z. `recurrent.gru` says the same in NumPy.

Shapes: T steps, B sequences, H units; gates (T · B, 3 H) in PyTorch's order r, z, n; biases (4 H) of r, z, n and q.
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
    gates: Array  # (T · B, 3 H), after their activation
    from_state: Array  # q, (T, B, H)
    states: Array  # (T + 1, B, H), the first one given


def forward(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None) -> Kept:
    """All states, and what the backward pass needs."""
    steps, (batch, hidden) = len(x), h.shape
    x = np.ascontiguousarray(x)
    bias = np.zeros((4, hidden), np.float32)
    if b_ih is not None:
        bias[:3] = b_ih.reshape(3, hidden)
    if b_hh is not None:
        of_state = b_hh.reshape(3, hidden)
        bias[:2] += of_state[:2]
        bias[3] = of_state[2]
    kept = Kept(x, w_ih, w_hh, projected(x, w_ih), empty((steps, batch, hidden), np.dtype(np.float32)), states(h, steps))
    tile, pieces, w, room = cut(batch, w_hh.T)
    args = (kept.gates, w, bias, kept.from_state, kept.states, room, steps, batch, hidden, len(w))
    through_time(tile).share(pieces, *args)
    return kept


def backward(g: Any, kept: Kept, needs: Needs) -> tuple[Array | None, ...]:
    """∂L/∂ x, h, w_ih, w_hh, b_ih and b_hh, given those of y and of the last state."""
    steps, batch, hidden = kept.from_state.shape
    tile, pieces, w, room = cut(batch, kept.w_hh)
    dh, db = seeded(room, g[1], (batch, hidden)), np.zeros((pieces, 4, hidden), np.float32)
    dy, to_step, to_row = upstream(g[0], hidden)
    d_ih, d_hh = empty(kept.gates.shape, kept.gates.dtype), empty(kept.gates.shape, kept.gates.dtype)
    arrays = (kept.gates, w, kept.from_state, kept.states, dy, d_ih, d_hh, dh, db)
    back_through_time(tile).share(pieces, *arrays, steps, batch, hidden, len(w), to_step, to_row)
    sums = total(db)
    db_ih, db_hh = sums[:3].reshape(-1), sums[[0, 1, 3]].reshape(-1)
    dx, *weights = gradients(kept, d_ih, d_hh, db_ih, db_hh, (needs[0], *needs[2:]))
    return dx, dh[:batch, :hidden].copy() if needs[1] else None, *weights


@cache
def through_time(tile: Tile) -> Kernel:
    def gru_forward(k, gates, w, bias, from_state, states, room, steps, batch, hidden, panels, piece, thread):  # type: ignore[no-untyped-def]
        first, last, rows = rows_of(k, piece, tile.rows, batch)
        plane, wide = batch * hidden, panels * tile.lanes
        for t in k.range(steps):
            starts = [t * plane + row * hidden for row in rows]
            product(k, states, starts, w, (hidden, panels), room, first, tile.vectors, add=False)
            for row in k.range(first, last):
                spot, here = t * plane + row * hidden, row * wide
                for j in k.vectors(hidden):
                    a = [gates[j + spot * 3 + part * hidden] + bias[j + part * hidden] for part in range(3)]
                    from_h = [room[j + here + part * hidden] for part in range(3)]
                    r, z = (sigmoid(k, a[part] + from_h[part]) for part in range(2))
                    q = from_h[2] + bias[j + hidden * 3]
                    n = tanh(k, k.fma(r, q, a[2]))
                    for part, value in enumerate((r, z, n)):
                        gates[j + spot * 3 + part * hidden] = value
                    from_state[j + spot] = q
                    states[j + spot + plane] = k.fma(z, states[j + spot] - n, n)

    return Kernel(gru_forward, parameters("f32*: gates w bias from_state states room", "i64: steps batch hidden panels"))


@cache
def back_through_time(tile: Tile) -> Kernel:
    def gru_backward(  # type: ignore[no-untyped-def]
        k, gates, w, from_state, states, upstream, d_ih, d_hh, dh, db, steps, batch, hidden, panels, to_step, to_row, piece, thread
    ):
        first, last, rows = rows_of(k, piece, tile.rows, batch)
        plane, wide = batch * hidden, panels * tile.lanes
        for s in k.range(steps):
            t = steps - 1 - s
            for row in k.range(first, last):
                spot, here = t * plane + row * hidden, row * wide
                for j in k.vectors(hidden):
                    r, z, n = (gates[j + spot * 3 + part * hidden] for part in range(3))
                    d = dh[j + here] + upstream[j + row * to_row + t * to_step]
                    d_n = d * (1.0 - z) * (1.0 - n * n)
                    d_q = d_n * r
                    d_r = d_q * from_state[j + spot] * (1.0 - r)
                    d_z = d * (states[j + spot] - n) * (z * (1.0 - z))
                    for part, (from_x, from_h) in enumerate(((d_r, d_r), (d_z, d_z), (d_n, d_q))):
                        d_ih[j + spot * 3 + part * hidden] = from_x
                        d_hh[j + spot * 3 + part * hidden] = from_h
                    for part, value in enumerate((d_r, d_z, d_n, d_q)):
                        at = j + (piece * 4 + part) * hidden
                        db[at] = db[at] + value
                    dh[j + here] = d * z
            starts = [(t * plane + row * hidden) * 3 for row in rows]
            product(k, d_hh, starts, w, (hidden * 3, panels), dh, first, tile.vectors, add=True)

    arrays = "f32*: gates w from_state states upstream d_ih d_hh dh db"
    kinds = parameters(arrays, "i64: steps batch hidden panels to_step to_row")
    return Kernel(gru_backward, kinds, strided=("upstream",))
