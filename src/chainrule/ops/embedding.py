"""Rows of a table looked up by number, and gradients added up by row."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..graph.op import Op
from .composed import Composed
from .kernels import addressed


class Embedding(Op):
    """y[…, :] = w[i[…], :]

    Row ``padding`` gets no gradient; ``by_frequency`` divides each row's by how often it was looked up.
    """

    fields = ("padding", "by_frequency")
    slow = ""

    def forward(self, w: Any, i: Any) -> Any:
        found = addressed.rows_at(w, i) if type(w) is type(i) is np.ndarray else None
        return w.take(i, 0) if found is None else found

    def pull_w(self, g: Any, i: Any, w_shape: Any) -> Any:
        return EmbeddingGradient(self.padding, self.by_frequency, w_shape)(g, i)


class EmbeddingGradient(Op):
    """y[k, :] = Σ g[…, :] over all places where i[…] = k"""

    fields = ("padding", "by_frequency", "shape")
    torch_name = "EmbeddingDenseBackwardBackward0"

    def forward(self, g: Any, i: Any) -> Any:
        y = np.zeros(self.shape, g.dtype)
        rows = i.reshape(-1)
        if not add_repeated(y, rows, g):
            add_rows(y, rows, g.reshape(rows.size, self.shape[1]))
        if self.by_frequency:
            y /= np.maximum(np.bincount(rows, minlength=len(y)), 1).astype(g.dtype)[:, None]
        if self.padding >= 0:
            y[self.padding] = 0
        return y

    def pull_g(self, h: Any, i: Any, g_shape: Any) -> Any:
        counts = np.ones(self.shape[0], np.int64)
        if self.by_frequency:
            counts = np.maximum(np.bincount(i.reshape(-1), minlength=self.shape[0]), 1)
        share = 1 / counts
        if self.padding >= 0:
            share[self.padding] = 0
        scale = share[i].astype(getattr(h, "array", h).dtype)[..., None]
        return lookup(-1, False)(h, i) * scale


def add_repeated(y: np.ndarray, rows: np.ndarray, g: np.ndarray) -> bool:
    """The same where g is one row for each sentence, seen from all its words (from a mean over them); says whether it was done."""
    if g.ndim < 3 or g.strides[-2] or not rows.size:
        return False
    return addressed.add_rows(y, rows, g[..., 0, :].reshape(-1, g.shape[-1]), 0, g.shape[-2])


def add_rows(y: np.ndarray, rows: np.ndarray, g: np.ndarray) -> None:
    """y[rows[n]] += g[n]; rows sorted and summed run by run, many times quicker than ``np.add.at``."""
    if rows.size < 2:
        if rows.size:
            y[rows[0]] += g[0]
        return
    if addressed.add_rows(y, rows, g):
        return
    order = rows.argsort(kind="stable")
    sorted_rows = rows[order]
    starts = np.flatnonzero(np.concatenate(([True], sorted_rows[1:] != sorted_rows[:-1])))
    if starts.size == rows.size:
        y[sorted_rows] += g[order]
    else:
        y[sorted_rows[starts]] += np.add.reduceat(g[order], starts, 0)


lookup = lru_cache(maxsize=256)(Embedding)


class EmbeddingBag(Composed):
    """y[b, :] = the sum, mean or largest of w[i[n], :] over the n that belong to bag b; zero for an empty bag

    Shapes: w (count, dimension), i and bag (N,), scale (N,) or None, y (bags, dimension).
    """

    fields = ("mode", "bags", "by_frequency")

    def formula(self, w: Any, i: Any, bag: Any, scale: Any = None) -> Any:
        rows = lookup(-1, self.by_frequency)(w, i)
        if scale is not None:
            rows = rows * scale.unsqueeze(1)
        zeros = rows.new_zeros((self.bags, w.shape[1]))
        if self.mode == "max":
            index = bag.unsqueeze(1).expand(*rows.shape)
            return zeros.scatter_reduce(0, index, rows, "amax", include_self=False)
        total = zeros.index_add(0, bag, rows)
        if self.mode == "sum":
            return total
        counts = np.maximum(np.bincount(bag.array, minlength=self.bags), 1).astype(w.array.dtype)
        return total / counts[:, None]
