"""Scaled dot-product attention, in memory that does not grow with the square of the sequence.

    S = scale · Q Kᵀ + mask        P = softmax(S) over the keys        y = P V

With e = e^(S − m), m and s the largest score and the sum of each query's row of e, and g′ = g / s,

    ∂L/∂V = eᵀ g′        ∂L/∂S = e (g′ Vᵀ − g′·y)        ∂L/∂Q = scale · ∂L/∂S K        ∂L/∂K = scale · ∂L/∂Sᵀ Q

Scores are computed for some heads and some queries at a time, keys along the first axis, so that the reductions over
keys run through memory in order; only m and 1/s are kept, and the backward pass computes the scores again, as
FlashAttention does (Dao et al. 2022).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod, sqrt
from typing import NamedTuple

import numpy as np

from ...base.errors import ShapeError, message
from ...base.threads import parallel
from . import attention_tiles
from .precision import halves

SCORE_BYTES = 1 << 20


class Kept(NamedTuple):
    """What the backward pass needs. Leading axes of all arrays are one, the heads; with ``tiles``, as they were given."""

    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    y: np.ndarray
    mask: np.ndarray | None  # to be added, (1 or heads, 1 or L, 1 or S)
    causal: bool
    scale: float
    largest: np.ndarray  # (heads, L)
    inverse: np.ndarray  # 1 / s, (heads, L)
    lead: tuple[int, ...]  # the leading axes as they were given
    tiles: bool = False  # whether it is machine code


@halves
def attention(
    q: np.ndarray,
    k: np.ndarray,
    v: np.ndarray,
    mask: np.ndarray | None = None,
    causal: bool = False,
    scale: float | None = None,
) -> tuple[np.ndarray, Kept]:
    """y = softmax(scale · q kᵀ + mask) v, the softmax over the keys

    ``mask`` is a number to add to each score, or True where a query may look. ``causal``: query i sees keys 0 … i. The
    scale is 1/√E unless given. A query that may look nowhere gets 0.

    Shapes: q (…, L, E), k (…, S, E), v (…, S, F), mask (…, L, S) or one that broadcasts to it, y (…, L, F).

    >>> x = np.array([[1.0], [2.0]])
    >>> attention(x, x, x, causal=True)[0].round(4).tolist()
    [[1.0], [1.8808]]
    """
    lead = q.shape[:-2]
    check(q, k, v, mask, causal)
    heads = prod(lead)
    if attention_tiles.suits(q, k, v):
        scale = 1 / sqrt(q.shape[-1]) if scale is None else scale
        added = None if mask is None else additive(mask, (*lead, q.shape[-2], k.shape[-2]), q.dtype)
        y, largest, inverse = attention_tiles.forward(q, k, v, added, causal, scale)
        return y, Kept(q, k, v, y, added, causal, scale, largest, inverse, lead, True)
    q, k, v = (a.reshape(heads, *a.shape[-2:]) for a in (q, k, v))
    scale = 1 / sqrt(q.shape[2]) if scale is None else scale
    added = None if mask is None else additive(mask, (*lead, q.shape[1], k.shape[1]), q.dtype)
    y = np.empty((heads, q.shape[1], v.shape[2]), q.dtype)
    largest, inverse = np.empty((2, *q.shape[:2]), q.dtype)
    kept = Kept(q, k, v, y, added, causal, scale, largest, inverse, lead)

    def task(start: int, stop: int) -> None:
        for part, queries, keys in blocks(kept, start, stop):
            s = scores(kept, part, queries, keys)
            m = np.maximum.reduce(s, 1, keepdims=True, initial=-np.inf)
            if added is not None:
                m[m == -np.inf] = 0  # nothing to see: all e are 0
            s -= m
            e = np.exp(s, out=s)
            total = np.add.reduce(e, 1)
            if added is not None:
                total[total == 0] = 1
            largest[part, queries] = m[:, 0]
            inverse[part, queries] = 1 / total
            out = np.matmul(e.mT, v[part, keys], out=y[part, queries])
            out *= inverse[part, queries, None]

    with np.errstate(all="ignore"):
        parallel(task, heads, y.size * k.shape[1] / 4)
    return y.reshape(*lead, *y.shape[1:]).copy(), kept


@halves
def attention_backward(
    g: np.ndarray, kept: Kept, needs: tuple[bool, ...] = (True, True, True), spaces: attention_tiles.Spaces = (None,) * 3
) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """∂L/∂q, ∂L/∂k and ∂L/∂v; machine code puts them in these spaces, if there are such"""
    q, k, v, y = kept[:4]
    if kept.tiles:
        numbers = (kept.mask, kept.causal, kept.scale, kept.largest, kept.inverse)
        found = attention_tiles.backward(g, q, k, v, y, *numbers, spaces)
        return tuple(d if need else None for d, need in zip(found, needs, strict=True))  # type: ignore[return-value]
    g = g.reshape(y.shape)
    dq, dk, dv = (np.zeros(a.shape, a.dtype) if need else None for a, need in zip((q, k, v), needs, strict=True))

    def task(start: int, stop: int) -> None:
        for part, queries, keys in blocks(kept, start, stop):
            e = scores(kept, part, queries, keys)
            e -= kept.largest[part, None, queries]
            np.exp(e, out=e)
            upstream = g[part, queries] * kept.inverse[part, queries, None]
            if dv is not None:
                dv[part, keys] += np.matmul(e, upstream)
            if dq is None and dk is None:
                continue
            ds = np.matmul(v[part, keys], upstream.mT)
            ds -= np.vecdot(upstream, y[part, queries])[:, None]
            ds *= e
            if dq is not None:
                np.matmul(ds.mT, k[part, keys], out=dq[part, queries])
                dq[part, queries] *= q.dtype.type(kept.scale)
            if dk is not None:
                dk[part, keys] += np.matmul(ds, q[part, queries] * q.dtype.type(kept.scale))

    with np.errstate(all="ignore"):
        parallel(task, len(q), 2 * y.size * k.shape[1] / 4)
    shapes = [(*kept.lead, *a.shape[1:]) for a in (q, k, v)]
    dq, dk, dv = (d if d is None else d.reshape(s) for d, s in zip((dq, dk, dv), shapes, strict=True))
    return dq, dk, dv


def scores(kept: Kept, part: slice, queries: slice, keys: slice) -> np.ndarray:
    """Sᵀ for some heads, queries and keys: (heads, keys, queries)."""
    q = kept.q[part, queries] * kept.q.dtype.type(kept.scale)
    s = np.matmul(kept.k[part, keys], q.mT)
    if kept.causal:
        hidden = np.arange(keys.stop)[:, None] > np.arange(queries.start, queries.stop)
        s += np.where(hidden, s.dtype.type(-np.inf), s.dtype.type(0))
    if kept.mask is not None:
        mask = kept.mask[part if len(kept.mask) > 1 else slice(None)]
        s += (mask[:, queries] if mask.shape[1] > 1 else mask).mT
    return s


def additive(mask: np.ndarray, full: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """The mask as numbers to add, with one leading axis: of size 1 where all heads share it."""
    if mask.dtype.kind == "b":
        mask = np.where(mask, dtype.type(0), dtype.type(-np.inf))
    mask = mask.astype(dtype, copy=False)
    mask = mask.reshape((1,) * (len(full) - mask.ndim) + mask.shape)
    if any(n != 1 for n in mask.shape[:-2]):
        mask = np.broadcast_to(mask, (*full[:-2], *mask.shape[-2:]))
    return mask.reshape(-1, *mask.shape[-2:])


def blocks(kept: Kept, start: int, stop: int) -> Iterator[tuple[slice, slice, slice]]:
    """Runs of heads, of queries, and the keys they see, whose scores fit the cache.

    At least 32 queries together, to keep products worth the name. With a causal mask, no query of a run sees keys beyond
    the last query: of a long sequence, half the scores are never computed.
    """
    queries, keys = kept.q.shape[1], kept.k.shape[1]
    at_once = max(1, SCORE_BYTES // max(keys * kept.q.itemsize, 1))
    few = max(1, min(queries, max(at_once, 32)))
    some = max(1, at_once // max(queries, 1))
    for head in range(start, stop, some):
        for first in range(0, queries, few):
            last = min(first + few, queries)
            yield slice(head, min(head + some, stop)), slice(first, last), slice(0, min(keys, last) if kept.causal else keys)


def check(q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray | None, causal: bool) -> None:
    if mask is not None and causal:
        raise ShapeError(
            message(
                "Explicit attn_mask should not be set when is_causal=True",
                "is_causal stands for a mask of its own",
                "attn_mask=mask & torch.ones(L, S, dtype=torch.bool).tril()",
            )
        )
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2] or not q.shape[:-2] == k.shape[:-2] == v.shape[:-2]:
        raise ShapeError(
            message(
                f"attention: query {list(q.shape)}, key {list(k.shape)} and value {list(v.shape)} do not fit together",
                "query and key share their last size, key and value the one before it, and all three the leading ones",
            )
        )
    full = (*q.shape[:-2], q.shape[-2], k.shape[-2])
    if mask is not None:
        fits = mask.ndim <= len(full) and all(
            n in (1, m) for n, m in zip(mask.shape[::-1], full[::-1], strict=False)
        )
        if not fits:
            raise ShapeError(
                message(
                    f"attention: a mask of size {list(mask.shape)} does not broadcast to the scores, {list(full)}",
                    "it has one entry for each query (rows) and key (columns)",
                )
            )
