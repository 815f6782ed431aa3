"""An LSTM layer over a whole sequence as machine code: each thread takes some of the sequences through all of time.

Sequences do not depend on each other, so a piece is eight of them, from the first step to the last: the product of their
states with the recurrent weights, sums held in registers, then the gates. No thread waits for another within a layer.

    a[t] = w_ih x[t] + b + w_hh h[t − 1]        i, f, o = σ(…), g = tanh(…)        c[t] = f c[t − 1] + i g        h[t] = o tanh c[t]

Shapes: T steps, B sequences, H units; gates and their gradients (T, B, 4 H) in PyTorch's order i, f, g, o.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ...native import Kernel, kernels, parameters
from ...native.loops import Lanes, Type
from ...native.vecmath import sigmoid, tanh
from .product import dot

ROWS, VECTORS, WIDTH = 8, 2, 16  # of a block of products: 16 sums in registers
LEAST = 1 << 9  # entries of a state from which it pays
FLOAT = "f32"


class Kept(NamedTuple):
    """What the backward pass needs."""

    x: np.ndarray
    w_ih: np.ndarray
    w_hh: np.ndarray
    gates: np.ndarray  # (T, B, 4 H), after their activation
    states: np.ndarray  # (T + 1, B, H), the first one given
    cells: np.ndarray  # (T + 1, B, H)
    squashed: np.ndarray  # tanh of the cells, (T, B, H)


def suits(x: np.ndarray, h: np.ndarray, others: list[Any], w_hr: np.ndarray | None) -> bool:
    """Whether there is enough to do and all is of one kind; ``others`` are the cell, the weights and the biases."""
    if w_hr is not None or h.size < LEAST or not len(x):
        return False
    return all(a is None or a.dtype == np.float32 for a in (x, h, *others)) and kernels.ready()


def forward(x: np.ndarray, h: np.ndarray, c: np.ndarray, w_ih: np.ndarray, w_hh: np.ndarray, bias: Any) -> Kept:
    """All states and cells, and what the backward pass needs; the bias is that of input and state together, or None."""
    steps, batch, _ = x.shape
    hidden = w_hh.shape[1]
    gates = dot(np.ascontiguousarray(x).reshape(steps * batch, -1), w_ih.T).reshape(steps, batch, -1)
    states, cells = np.empty((2, steps + 1, batch, hidden), np.float32)
    squashed = np.empty((steps, batch, hidden), np.float32)
    states[0], cells[0] = h, c
    shift = np.zeros(4 * hidden, np.float32) if bias is None else np.ascontiguousarray(bias)
    w_t = np.ascontiguousarray(w_hh.T)
    through_time().share(-(-batch // ROWS), gates, w_t, shift, states, cells, squashed, steps, batch, hidden)
    return Kept(x, w_ih, w_hh, gates, states, cells, squashed)


def backward(g: Any, kept: Kept) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """∂L/∂a, (T · B, 4 H), ∂L/∂h and ∂L/∂c of the state given, from those of y, the last state and the last cell."""
    steps, batch, hidden = kept.squashed.shape
    da = np.empty_like(kept.gates)
    upstream = np.zeros((1, batch, hidden), np.float32) if g[0] is None else np.ascontiguousarray(g[0], np.float32)
    dh, dc = (np.zeros((batch, hidden), np.float32) if d is None else np.array(d, np.float32, order="C") for d in g[1:3])
    each = 0 if g[0] is None else batch * hidden
    w = np.ascontiguousarray(kept.w_hh)
    args = (kept.gates, w, kept.cells, kept.squashed, upstream, da, dh, dc, steps, batch, hidden, each)
    back_through_time().share(-(-batch // ROWS), *args)
    return da.reshape(steps * batch, -1), dh, dc


def product(k: Any, x: Any, x_at: Any, inner: Any, w: Any, y: Any, y_at: Any, outer: Any, rows: list[Any], add: bool) -> None:
    """y[r, j] (+)= Σᵢ x[r, i] w[i, j] for eight rows, whose numbers may be the same."""

    def columns(j: Any, widths: list[Any]) -> None:
        sums: list[list[Any]] = []
        for r in rows:
            sums.append([])
            for v in range(len(widths)):
                at = widths[v] + (y_at + r * outer)
                start = y[at] if add else k.spread(k.value(0.0, Type(FLOAT)))
                sums[-1].append(k.variable(start, Type(FLOAT, WIDTH)))
        firsts = [x_at + r * inner for r in rows]
        for i in k.range(inner):
            weights = [w[width + i * outer] for width in widths]
            for r in range(len(rows)):
                entry = k.spread(x[firsts[r] + i])
                for v in range(len(widths)):
                    sums[r][v].value = k.fma(entry, weights[v], sums[r][v].value)
        for r, row in enumerate(rows):
            for v in range(len(widths)):
                y[widths[v] + (y_at + row * outer)] = sums[r][v].value

    span = WIDTH * VECTORS
    whole = outer // span * span
    for j in k.range(0, whole, span):
        columns(j, [Lanes(j + v * WIDTH, WIDTH) for v in range(VECTORS)])
    for at in k.vectors(outer, WIDTH, start=whole):
        columns(at.start, [at])


def rows_of(k: Any, piece: Any, batch: Any) -> tuple[Any, Any, list[Any]]:
    """The first row of a piece, the one behind its last, and eight row numbers: where fewer are left, the last again."""
    first = piece * ROWS
    return first, k.smaller(batch, first + ROWS), [k.smaller(first + r, batch - 1) for r in range(ROWS)]


@cache
def through_time() -> Kernel:
    def lstm_forward(k, gates, w, bias, states, cells, squashed, steps, batch, hidden, piece, thread):  # type: ignore[no-untyped-def]
        first, last, rows = rows_of(k, piece, batch)
        wide, plane = hidden * 4, batch * hidden
        for t in k.range(steps):
            here = t * batch * wide
            product(k, states, t * plane, hidden, w, gates, here, wide, rows, True)
            for r in k.range(first, last):
                at, spot = here + r * wide, t * plane + r * hidden
                for j in k.vectors(hidden):
                    a = [gates[j + at + part * hidden] + bias[j + part * hidden] for part in range(4)]
                    i, f, o = (sigmoid(k, a[part]) for part in (0, 1, 3))
                    g = tanh(k, a[2])
                    for part, value in enumerate((i, f, g, o)):
                        gates[j + at + part * hidden] = value
                    c = k.fma(f, cells[j + spot], i * g)
                    squeezed = tanh(k, c)
                    cells[j + spot + plane] = c
                    squashed[j + spot] = squeezed
                    states[j + spot + plane] = o * squeezed

    return Kernel(lstm_forward, parameters("f32*: gates w bias states cells squashed", "i64: steps batch hidden"))


@cache
def back_through_time() -> Kernel:
    def lstm_backward(  # type: ignore[no-untyped-def]
        k, gates, w, cells, squashed, upstream, da, dh, dc, steps, batch, hidden, each, piece, thread
    ):
        first, last, rows = rows_of(k, piece, batch)
        wide, plane = hidden * 4, batch * hidden
        for s in k.range(steps):
            t = steps - 1 - s
            here = t * batch * wide
            for r in k.range(first, last):
                row = r * hidden
                at, spot = here + r * wide, t * plane + row
                for j in k.vectors(hidden):
                    i, f, g, o = (gates[j + at + part * hidden] for part in range(4))
                    squeezed = squashed[j + spot]
                    d_state = dh[j + row] + upstream[j + row + t * each]
                    d_cell = k.fma(d_state * o, 1.0 - squeezed * squeezed, dc[j + row])
                    da[j + at] = d_cell * g * (i * (1.0 - i))
                    da[j + at + hidden] = d_cell * cells[j + spot] * (f * (1.0 - f))
                    da[j + at + hidden * 2] = d_cell * i * (1.0 - g * g)
                    da[j + at + hidden * 3] = d_state * squeezed * (o * (1.0 - o))
                    dc[j + row] = d_cell * f
            product(k, da, here, wide, w, dh, k.value(0, Type("i64")), hidden, rows, False)

    arrays = "f32*: gates w cells squashed upstream da dh dc"
    return Kernel(lstm_backward, parameters(arrays, "i64: steps batch hidden each"))
