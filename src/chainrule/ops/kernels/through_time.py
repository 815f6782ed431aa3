"""What the machine code of recurrent layers shares: how sequences are cut into pieces, and the product with their states.

Sequences do not depend on each other, so a piece is a few of them, from the first step to the last; no thread waits for
another within a layer. In each step a piece's states are multiplied with the recurrent weights, sums held in registers:

    y[r, j] (+)= Σᵢ x[r, i] w[i, j]        r one of the piece's rows

The weights stand in panels, a few vectors of columns wide and filled up with zeros, so that the loop over i reads one entry
behind the other. Results are a piece's own, in a room as wide as the panels, so nothing here needs a mask.

Shapes: T steps, B sequences, I inputs, H units.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...native import kernels
from ...native.aligned import empty
from ...native.gemm import register_tile, tile
from ...native.loops import WIDTH, Lanes
from .product import dot

HEIGHTS = (1, 2, 4, 6, 8)  # rows of a piece: a few numbers, so that there are few kernels to be made
LEAST, CALLS = 1 << 10, 64  # entries of all states from which it pays; as many as what NumPy's calls for a step cost

Array = np.ndarray
Needs = tuple[bool, ...]


class Tile(NamedTuple):
    """What a kernel is made for: so many rows in a piece, so many vectors in a panel."""

    rows: int
    vectors: int

    @property
    def lanes(self) -> int:
        return self.vectors * WIDTH


class Cut(NamedTuple):
    """A batch cut into pieces, for its product with one matrix."""

    tile: Tile
    pieces: int
    w: Array  # (panels, inner, lanes)
    room: Array  # (pieces · rows, panels · lanes)


def suits(x: Array, h: Array, others: list[Any]) -> bool:
    """Whether there is enough to do and all is of one kind; ``others`` are the cell, the weights and the biases."""
    if not h.size or len(x) * max(h.size, CALLS) < LEAST:
        return False
    return all(a is None or a.dtype == np.float32 for a in (x, h, *others)) and kernels.ready()


def cut(batch: int, w: Array) -> Cut:
    """The pieces of a batch, and the matrix (inner, outer) that its rows are to be multiplied with, by panels."""
    vectors = side_by_side(w.shape[1])
    rows, panels = rows_at_once(batch), by_panels(w, vectors * WIDTH)
    pieces = -(-batch // rows)
    room = empty((pieces * rows, len(panels) * vectors * WIDTH), np.dtype(np.float32))
    return Cut(Tile(rows, vectors), pieces, panels, room)


def rows_at_once(batch: int) -> int:
    """How many sequences are a piece: as few pieces as can be, then as few rows.

    >>> [rows_at_once(batch) for batch in (1, 3, 4)]
    [1, 4, 4]
    """
    heights = [n for n in HEIGHTS if n <= tile()[0]]
    pieces = -(-batch // heights[-1])
    return next(n for n in heights if n * pieces >= batch)


def side_by_side(outer: int) -> int:
    """How many vectors a panel is wide: two or three if registers hold them, whichever is filled better."""
    if outer <= WIDTH or tile()[1] == 1:
        return 1
    return min((3, 2), key=lambda n: -outer % (n * WIDTH))


def by_panels(w: Array, span: int) -> Array:
    """A matrix (inner, outer) as (panels, inner, span).

    >>> by_panels(np.arange(10).reshape(2, 5), 3).tolist()
    [[[0, 1, 2], [5, 6, 7]], [[3, 4, 0], [8, 9, 0]]]
    """
    inner, outer = w.shape
    if rest := -outer % span:
        wide = np.zeros((inner, outer + rest), w.dtype)
        wide[:, :outer] = w
        w = wide
    return np.ascontiguousarray(w.reshape(inner, -1, span).swapaxes(0, 1))


def rows_of(k: Any, piece: Any, rows: int, batch: Any) -> tuple[Any, Any, list[Any]]:
    """A piece's first row, the one behind its last, and its row numbers: where fewer are left, the last again."""
    first = piece * rows
    return first, k.smaller(batch, first + rows), [k.smaller(first + r, batch - 1) for r in range(rows)]


def product(k: Any, x: Any, starts: list[Any], w: Any, size: tuple[Any, Any], y: Any, first: Any, vectors: int, *, add: bool) -> None:
    """y[first + r, j] (+)= Σᵢ x[starts[r] + i] w[i, j]; ``size`` is how many i there are, and how many panels."""
    inner, panels = size
    span = vectors * WIDTH
    for panel in k.range(panels):

        def weights(i: Any, begin: Any = panel * inner * span) -> list[Any]:
            return [w[Lanes(begin + i * span + v * WIDTH, WIDTH)] for v in range(vectors)]

        sums = register_tile(k, "f32", lambda r, i: x[starts[r] + i], weights, inner, (len(starts), vectors))
        for r, row in enumerate(sums):
            for v, total in enumerate(row):
                at = Lanes((first + r) * panels * span + panel * span + v * WIDTH, WIDTH)
                y[at] = y[at] + total.value if add else total.value


# ---------------------------------------------------------------------- for all steps at once


def projected(x: Array, w_ih: Array) -> Array:
    """w_ih x[t] for all steps, (T · B, gates · H)."""
    return dot(x.reshape(-1, x.shape[2]), w_ih.T)


def states(h: Array, steps: int) -> Array:
    """Room for the states of all steps, (T + 1, B, H), the first one given."""
    found = empty((steps + 1, *h.shape), np.dtype(np.float32))
    found[0] = h
    return found


def upstream(g: Array | None, hidden: int) -> tuple[Array, int, int]:
    """∂L/∂y where it stands, and how many entries it is from one step and from one sequence to the next.

    Zeros, and no steps, where the loss does not depend on y.
    """
    if g is None:
        return np.zeros(hidden, np.float32), 0, 0
    if g.dtype != np.float32 or g.strides[2] != 4 or g.strides[0] % 4 or g.strides[1] % 4:
        g = np.ascontiguousarray(g, np.float32)
    return g, g.strides[0] // 4, g.strides[1] // 4


def seeded(room: Array, d: Array | None, shape: tuple[int, int]) -> Array:
    """A room that begins with ∂L/∂h of the last state, (B, H)."""
    room.fill(0.0)
    if d is not None:
        room[: shape[0], : shape[1]] = d
    return room


def total(parts: Array) -> Array:
    """The sum over the pieces."""
    return parts[0] if len(parts) == 1 else np.add.reduce(parts, 0)


def gradients(kept: Any, d_ih: Array, d_hh: Array, db_ih: Array, db_hh: Array, needs: Needs) -> list[Array | None]:
    """∂L/∂ x, w_ih, w_hh, b_ih and b_hh, where needed; d_ih and d_hh (T · B, gates · H) are those of w_ih x and of w_hh h."""
    x = kept.x
    return [
        dot(d_ih, kept.w_ih).reshape(x.shape) if needs[0] else None,
        dot(d_ih.T, x.reshape(-1, x.shape[2])) if needs[1] else None,
        dot(d_hh.T, kept.states[:-1].reshape(len(d_hh), -1)) if needs[2] else None,
        db_ih if needs[3] else None,
        db_hh if needs[4] else None,
    ]
