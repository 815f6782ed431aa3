"""Windows that slide over the last axes: what they read, as columns; zeros around and between entries.

At place i, tap t of a window reads entry s·i + d·t. Shapes: x (N, C, *size), w (O, C / groups, *taps), columns
(C · taps, N · places), so that a convolution is one product of matrices.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from ..program import layout
from ..symbolic import Sym, filled, joined, viewed
from .constants import refuse

Sizes = tuple[int, ...]
Pads = tuple[tuple[int, int], ...]
MOST = 1 << 21  # entries of all columns


def padded(x: Sym, pads: Pads, value: float = 0.0) -> Sym:
    """x between entries of one value along its last axes; a negative width takes entries away."""
    for d, (before, after) in enumerate(pads, x.ndim - len(pads)):
        n = x.shape[d]
        if before < 0 or after < 0:
            x = x[(slice(None),) * d + (slice(max(-before, 0), n - max(-after, 0)),)]
        frame = [filled(x.program, (*x.shape[:d], k, *x.shape[d + 1 :]), x.dtype, value) if k > 0 else None for k in (before, after)]
        parts = [part for part in (frame[0], x, frame[1]) if part is not None]
        x = joined(parts, d) if len(parts) > 1 else x
    return x


def spread(x: Sym, strides: Sizes) -> Sym:
    """x with zeros between its entries along its last axes: entry i comes to s·i."""
    for d, s in enumerate(strides, x.ndim - len(strides)):
        n, lead, rest = x.shape[d], x.shape[:d], x.shape[d + 1 :]
        if s == 1 or n == 1:
            continue
        zeros = filled(x.program, (*lead, n, s - 1, *rest), x.dtype, 0.0)
        wide = joined([x.reshape((*lead, n, 1, *rest)), zeros], d + 1).reshape((*lead, n * s, *rest))
        x = wide[(slice(None),) * d + (slice(0, (n - 1) * s + 1),)]
    return x


def flipped(w: Sym, axes: int) -> Sym:
    """w read backwards along its last axes."""
    for d in range(w.ndim - axes, w.ndim):
        n = w.shape[d]
        if n > 1:
            w = joined([w[(slice(None),) * d + (slice(t, t + 1),)] for t in reversed(range(n))], d)
    return w


def places(size: Sizes, taps: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """How many windows there are along each axis."""
    found = tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(size, taps, stride, dilation))
    return found if all(m > 0 for m in found) else refuse("no window fits")


def columns(x: Sym, taps: Sizes, stride: Sizes, dilation: Sizes, groups: int = 1) -> Sym:
    """X[(c, t), (n, i)] = x[n, c, s·i + d·t], a matrix for each group of channels."""
    out = places(x.shape[2:], taps, stride, dilation)
    rows, across = x.shape[1] * prod(taps), x.shape[0] * prod(out)
    if rows * across > MOST:
        refuse("so many entries")
    here = layout(x.node)
    own, among = here.strides[2:], here.strides[:2]
    shape = (x.shape[1], *taps, x.shape[0], *out)
    steps = (among[1], *[d * s for d, s in zip(dilation, own)], among[0], *[t * s for t, s in zip(stride, own)])
    seen = viewed(x.program, here.base, shape, here.offset, steps)
    return seen.reshape((rows, across) if groups == 1 else (groups, rows // groups, across))


def taps_of(x: Sym, taps: Sizes, stride: Sizes, dilation: Sizes, out: Sizes) -> list[Sym]:
    """What each tap reads at all places: (N, C, *out) for each."""
    found = []
    for offset in product(*map(range, taps)):
        cuts = tuple(slice(d * t, d * t + (m - 1) * s + 1, s) for t, d, m, s in zip(offset, dilation, out, stride))
        found.append(x[(slice(None), slice(None), *cuts)])
    return found


def put_back(parts: list[Sym], taps: Sizes, stride: Sizes, dilation: Sizes, size: Sizes) -> Sym:
    """What came back to each tap at all places, added up where it was read: (N, C, *size)."""
    total: Any = None
    for offset, part in zip(product(*map(range, taps)), parts):
        wide = spread(part, stride)
        pads = tuple((d * t, n - d * t - m) for t, d, n, m in zip(offset, dilation, size, wide.shape[2:]))
        placed = padded(wide, pads)
        total = placed if total is None else total + placed
    return total
