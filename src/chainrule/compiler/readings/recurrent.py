"""Recurrent layers, step after step; what belongs to all steps alike is one product of matrices.

    a = w_ih x + b_ih of all steps at once;  q[t] = w_hh h[t − 1] + b_hh;  a cell makes h[t] of a[t] and q[t]
    on the way back the cell makes da[t] and dq[t] of dh[t], and dh[t − 1] = dq[t] w_hh (and what the cell hands on)
    dx = da w_ih,  dw_ih = Σ da xᵀ,  db_ih = Σ da,  dw_hh = Σ dq h[t − 1]ᵀ,  db_hh = Σ dq

Shapes: x (T, B, I), a and q (T, B, gates · H), states (B, H).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...ops.activations import relu, sigmoid
from ...ops.scalar import tanh
from ..registry import joint
from ..symbolic import Sym, joined
from .constants import refuse

MOST_STEPS, MOST_WORK = 48, 1 << 22  # what is longer or larger is left to the kernels of `ops`, which are loops over steps


class Kept(NamedTuple):
    x: Sym
    h: list[Sym]  # the states before each step, and the last one
    w_ih: Sym
    w_hh: Sym
    cells: list[Any]  # what each step kept


def stacked(parts: list[Any]) -> Sym:
    return joined([p.reshape((1, *p.shape)) for p in parts]) if len(parts) > 1 else parts[0].reshape((1, *parts[0].shape))


def shifted(y: Sym, b: Any) -> Sym:
    return y if b is None else y + b


def gates(a: Any, n: int) -> list[Any]:
    """The parts of a row of gates: (B, k · n) as k times (B, n)."""
    return [a[:, k * n : (k + 1) * n] for k in range(a.shape[1] // n)]


def over_time(cell: Any, x: Sym, states: list[Sym], w_ih: Sym, w_hh: Sym, b_ih: Any, b_hh: Any) -> tuple[Any, Kept]:
    """All steps of ``cell(a, q, states) -> (states, kept)``."""
    if x.shape[0] > MOST_STEPS or x.shape[0] * x.shape[1] * (w_ih.size + w_hh.size) > MOST_WORK or 0 in x.shape:
        refuse("so many steps, or such large ones")
    a = shifted(x @ w_ih.T, b_ih)
    h, cells = [states[0]], []
    for t in range(x.shape[0]):
        states, kept = cell(a[t : t + 1].reshape(a.shape[1:]), shifted(states[0] @ w_hh.T, b_hh), states)
        h.append(states[0])
        cells.append(kept)
    return (stacked(h[1:]), *states), Kept(x, h, w_ih, w_hh, cells)


def back_in_time(cell: Any, g: list[Any], kept: Kept, needs: Any) -> list[Any]:
    """The gradients of x, the states, w_ih, w_hh, b_ih, b_hh; ``cell(ds, kept) -> (da, dq, ds)``, ds[0] but for dq w_hh."""
    dy, ds = g[0], list(g[1:])
    das: list[Any] = []
    dqs: list[Any] = []
    for t in reversed(range(len(kept.cells))):
        ds[0] = total(None if dy is None else dy[t : t + 1].reshape(dy.shape[1:]), ds[0])
        if ds[0] is None and len(ds) > 1 and ds[1] is not None:
            ds[0] = ds[1] * 0.0
        if ds[0] is None:
            refuse("no gradient for the last steps")
        da, dq, ds = cell(ds, kept.cells[t])
        ds[0] = total(dq @ kept.w_hh, ds[0])
        das.append(da)
        dqs.append(dq)
    alike = all(a is q for a, q in zip(das, dqs))
    da = stacked(das[::-1])
    dq = da if alike else stacked(dqs[::-1])
    steps, batch, rows = da.shape
    flat, before = da.reshape((steps * batch, rows)), stacked(kept.h[:-1])
    flat_q = flat if alike else dq.reshape((steps * batch, rows))
    ways = (
        lambda: da @ kept.w_ih,
        *[lambda d=d: d for d in ds],
        lambda: flat.T @ kept.x.reshape((steps * batch, -1)),
        lambda: flat_q.T @ before.reshape((steps * batch, -1)),
        lambda: da.sum((0, 1)),
        lambda: dq.sum((0, 1)),
    )
    return [way() if need else None for need, way in zip(needs, ways)]


def total(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


@joint("Rnn")
class RnnReading:
    """h[t] = f(a[t] + q[t]) with f = tanh or relu"""

    @staticmethod
    def forward(op: Any, x: Sym, h: Sym, w_ih: Sym, w_hh: Sym, b_ih: Any = None, b_hh: Any = None) -> Any:
        def cell(a: Sym, q: Sym, states: list[Sym]) -> Any:
            y = (relu if op.relu else tanh)(a + q)
            return [y], y

        return over_time(cell, x, [h], w_ih, w_hh, b_ih, b_hh)

    @staticmethod
    def pull(op: Any, g: list[Any], kept: Kept, needs: Any) -> list[Any]:
        def cell(ds: list[Any], y: Sym) -> Any:
            da = ds[0] * (y > 0) if op.relu else ds[0] * (1 - y * y)
            return da, da, [None]

        return back_in_time(cell, g, kept, needs)


@joint("Lstm")
class LstmReading:
    """c[t] = f·c[t − 1] + i·g, h[t] = o·tanh c[t]"""

    @staticmethod
    def forward(
        op: Any, x: Sym, h: Sym, c: Sym, w_ih: Sym, w_hh: Sym, b_ih: Any = None, b_hh: Any = None, w_hr: Any = None
    ) -> Any:
        if w_hr is not None:
            refuse("projected states")
        n = w_hh.shape[1]

        def cell(a: Sym, q: Sym, states: list[Sym]) -> Any:
            i, f, g, o = gates(a + q, n)
            i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
            new = f * states[1] + i * g
            y = tanh(new)
            return [o * y, new], (i, f, g, o, y, states[1])

        return over_time(cell, x, [h, c], w_ih, w_hh, b_ih, b_hh)

    @staticmethod
    def pull(op: Any, g: list[Any], kept: Kept, needs: Any) -> list[Any]:
        def cell(ds: list[Any], kept: Any) -> Any:
            i, f, g, o, y, before = kept
            dc = total(ds[0] * o * (1 - y * y), ds[1])
            parts = [dc * g * i * (1 - i), dc * before * f * (1 - f), dc * i * (1 - g * g), ds[0] * y * o * (1 - o)]
            da = joined(parts, 1)
            return da, da, [None, dc * f]

        return [*back_in_time(cell, g, kept, needs), None][: len(needs)]


@joint("Gru")
class GruReading:
    """h[t] = (1 − z)·n + z·h[t − 1] with n = tanh(a_n + r·q_n) and r, z = σ(a + q)"""

    @staticmethod
    def forward(op: Any, x: Sym, h: Sym, w_ih: Sym, w_hh: Sym, b_ih: Any = None, b_hh: Any = None) -> Any:
        def cell(a: Sym, q: Sym, states: list[Sym]) -> Any:
            size = w_hh.shape[1]
            (ar, az, an), (qr, qz, qn) = gates(a, size), gates(q, size)
            r, z = sigmoid(ar + qr), sigmoid(az + qz)
            n = tanh(an + r * qn)
            return [n + z * (states[0] - n)], (r, z, n, qn, states[0])

        return over_time(cell, x, [h], w_ih, w_hh, b_ih, b_hh)

    @staticmethod
    def pull(op: Any, g: list[Any], kept: Kept, needs: Any) -> list[Any]:
        def cell(ds: list[Any], kept: Any) -> Any:
            r, z, n, qn, before = kept
            dn = ds[0] * (1 - z) * (1 - n * n)
            dr, dz = dn * qn * r * (1 - r), ds[0] * (before - n) * z * (1 - z)
            return joined([dr, dz, dn], 1), joined([dr, dz, dn * r], 1), [ds[0] * z]

        return back_in_time(cell, g, kept, needs)
