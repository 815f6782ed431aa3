"""A plain recurrent layer over a whole sequence as machine code: each thread takes some of the sequences through all of time.

    h[t] = tanh(w_ih x[t] + b_ih + b_hh + w_hh h[t − 1]), or with relu

`recurrent.rnn` says the same in NumPy.

Shapes: T steps, B sequences, H units.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ...native import Kernel, parameters
from ...native.vecmath import relu, tanh
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
    states: Array  # (T + 1, B, H), the first one given
    relu: bool


def forward(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None, b_hh: Array | None, relu: bool) -> Kept:
    """All states, and what the backward pass needs."""
    steps, (batch, hidden) = len(x), h.shape
    x = np.ascontiguousarray(x)
    bias = np.zeros(hidden, np.float32)
    for b in (b_ih, b_hh):
        if b is not None:
            bias += b
    kept = Kept(x, w_ih, w_hh, states(h, steps), relu)
    tile, pieces, w, room = cut(batch, w_hh.T)
    arrays = (projected(x, w_ih), w, bias, kept.states, room)
    through_time(tile, relu).share(pieces, *arrays, steps, batch, hidden, len(w))
    return kept


def backward(g: Any, kept: Kept, needs: Needs) -> tuple[Array | None, ...]:
    """∂L/∂ x, h, w_ih, w_hh, b_ih and b_hh, given those of y and of the last state."""
    after, batch, hidden = kept.states.shape
    tile, pieces, w, room = cut(batch, kept.w_hh)
    dh, db = seeded(room, g[1], (batch, hidden)), np.zeros((pieces, hidden), np.float32)
    dy, to_step, to_row = upstream(g[0], hidden)
    da = np.empty(((after - 1) * batch, hidden), np.float32)
    arrays = (w, kept.states, dy, da, dh, db)
    back_through_time(tile, kept.relu).share(pieces, *arrays, after - 1, batch, hidden, len(w), to_step, to_row)
    sums = total(db)
    dx, *weights = gradients(kept, da, da, sums, sums, (needs[0], *needs[2:]))
    return dx, dh[:batch, :hidden].copy() if needs[1] else None, *weights


@cache
def through_time(tile: Tile, rectified: bool) -> Kernel:
    squash = relu if rectified else tanh

    def rnn_forward(k, inputs, w, bias, states, room, steps, batch, hidden, panels, piece, thread):  # type: ignore[no-untyped-def]
        first, last, rows = rows_of(k, piece, tile.rows, batch)
        plane, wide = batch * hidden, panels * tile.lanes
        for t in k.range(steps):
            starts = [t * plane + row * hidden for row in rows]
            product(k, states, starts, w, (hidden, panels), room, first, tile.vectors, add=False)
            for row in k.range(first, last):
                spot, here = t * plane + row * hidden, row * wide
                for j in k.vectors(hidden):
                    states[j + spot + plane] = squash(k, inputs[j + spot] + bias[j] + room[j + here])

    return Kernel(rnn_forward, parameters("f32*: inputs w bias states room", "i64: steps batch hidden panels"))


@cache
def back_through_time(tile: Tile, rectified: bool) -> Kernel:
    def rnn_backward(  # type: ignore[no-untyped-def]
        k, w, states, upstream, da, dh, db, steps, batch, hidden, panels, to_step, to_row, piece, thread
    ):
        first, last, rows = rows_of(k, piece, tile.rows, batch)
        plane, wide = batch * hidden, panels * tile.lanes
        for s in k.range(steps):
            t = steps - 1 - s
            for row in k.range(first, last):
                spot, here = t * plane + row * hidden, row * wide
                for j in k.vectors(hidden):
                    h = states[j + spot + plane]
                    d = dh[j + here] + upstream[j + row * to_row + t * to_step]
                    value = k.where(h <= 0.0, 0.0, d) if rectified else d * (1.0 - h * h)
                    da[j + spot] = value
                    at = j + piece * hidden
                    db[at] = db[at] + value
            product(k, da, [t * plane + row * hidden for row in rows], w, (hidden, panels), dh, first, tile.vectors, add=False)

    numbers = "i64: steps batch hidden panels to_step to_row"
    kinds = parameters("f32*: w states upstream da dh db", numbers)
    return Kernel(rnn_backward, kinds, strided=("upstream",))
