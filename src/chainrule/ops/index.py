"""Ops that pick entries, and that put them: a region by a basic key, entries by index arrays, by masks.

Picking and putting are each other's pullbacks: the gradient of ``x[key]`` is zero, with g put at ``key``; the gradient
of putting is picking.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Op
from ..graph.value import Node, Value, wrap
from .shape import Move

WHOLE = slice(None)


class Region(Move, abstract=True):
    """y = x[key] for a key of ints, slices, None and Ellipsis: a view."""

    key: Any

    def forward(self, x: Any) -> Any:
        return x[self.key]

    compute = forward

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return Place(self.key, x_shape)(g)

    def attributes(self) -> tuple[Any, ...]:
        return (plain_key(self.key),)


def plain_key(key: Any) -> Any:
    """A key in hashable form (slices are hashable only from Python 3.12 on)."""
    if isinstance(key, tuple):
        return tuple(map(plain_key, key))
    return (slice, key.start, key.stop, key.step) if isinstance(key, slice) else key


class Select(Region):
    """y = x[index] along one axis, which is left out"""

    fields = ("dim", "index")

    def __init__(self, dim: int, index: int) -> None:
        self.dim, self.index = dim, index
        self.key = (index, ...) if dim == 0 else (*(WHOLE,) * dim, index, ...)

    def attributes(self) -> tuple[Any, ...]:
        return (self.dim, self.index)


class Slice(Region):
    """y = x[start:stop:step] along one axis"""

    fields = ("dim", "start", "stop", "step")

    def __init__(self, dim: int, key: slice) -> None:
        self.dim = dim
        self.key = key if dim == 0 else (*(WHOLE,) * dim, key)
        self.start, self.stop, self.step = key.start, key.stop, key.step

    def attributes(self) -> tuple[Any, ...]:
        return (self.dim, self.start, self.stop, self.step)


class Basic(Region):
    """y = x[key] for a key with several parts"""

    fields = ("key",)

    def __init__(self, key: tuple[Any, ...]) -> None:
        self.key = key

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        """PyTorch makes a node for each part of the key that does something; the result shows the last."""
        for part in reversed(self.key):
            if part is None:
                return "UnsqueezeBackward0"
            if isinstance(part, int):
                return "SelectBackward0"
            if isinstance(part, slice) and part != WHOLE:
                return "SliceBackward0"
        return "AliasBackward0"


class Place(Op):
    """y = 0 everywhere but y[key] = x"""

    fields = ("key", "shape")
    slow = ""

    def __init__(self, key: Any, shape: tuple[int, ...]) -> None:
        self.key, self.shape = key, shape

    def forward(self, x: Any) -> Any:
        y = np.zeros(self.shape, x.dtype)
        y[self.key] = x
        return y

    def pull_x(self, g: Any) -> Any:
        return Basic(self.key if type(self.key) is tuple else (self.key,))(g)

    def attributes(self) -> tuple[Any, ...]:
        return (plain_key(self.key), self.shape)


# ---------------------------------------------------------------------- index arrays


class Advanced(Op, abstract=True):
    """An op with a pattern that says, axis by axis, where index arrays stand (True) and which axes are kept whole."""

    fields = ("pattern",)
    slow = ""

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls.wants_shapes = True

    def key(self, indices: Any) -> tuple[Any, ...]:
        turn = iter(indices)
        return tuple([next(turn) if here else WHOLE for here in self.pattern])


class Index(Advanced):
    """y = x[i, j, …] for arrays i, j … of indices (or masks), broadcast against each other"""

    def __init__(self, pattern: tuple[bool, ...], count: int) -> None:
        self.pattern = pattern
        self.rules = (pull_index,) + (None,) * count  # type: ignore[misc]
        self.keeps = (tuple(range(1, count + 1)),) + ((),) * count  # type: ignore[misc]

    def forward(self, x: Any, *indices: Any) -> Any:
        return x[self.key(indices)]

    def pull(self, node: Node, g: Any) -> list[Any]:
        return [pull_index(self, node, g)]


def pull_index(op: Index, node: Node, g: Any) -> Any:
    indices = node.saved[1:-1]
    return AddAt(op.pattern, node.shapes[0], len(indices))(g, *indices)  # type: ignore[index]


class AddAt(Advanced):
    """y = 0 everywhere, then y[i, j, …] += x, once for each time an entry is named"""

    fields = ("pattern", "shape")

    def __init__(self, pattern: tuple[bool, ...], shape: tuple[int, ...], count: int) -> None:
        self.pattern, self.shape = pattern, shape
        self.rules = (pull_add_at,) + (None,) * count  # type: ignore[misc]
        self.keeps = (tuple(range(1, count + 1)),) + ((),) * count  # type: ignore[misc]

    def forward(self, x: Any, *indices: Any) -> Any:
        y = np.zeros(self.shape, x.dtype)
        np.add.at(y, self.key(indices), x)
        return y

    def pull(self, node: Node, g: Any) -> list[Any]:
        return [pull_add_at(self, node, g)]


def pull_add_at(op: AddAt, node: Node, g: Any) -> Any:
    indices = node.saved[1:-1]
    return Index(op.pattern, len(indices))(g, *indices)


class IndexPut(Advanced):
    """y = x but y[i, j, …] = value (or, accumulating, x[i, j, …] + value)"""

    fields = ("pattern", "accumulate")

    def __init__(self, pattern: tuple[bool, ...], accumulate: bool, count: int) -> None:
        self.pattern, self.accumulate = pattern, accumulate
        kept = tuple(range(2, count + 2))
        self.rules = (pull_index_put,) * 2 + (None,) * count  # type: ignore[misc]
        self.keeps = (kept, kept) + ((),) * count  # type: ignore[misc]

    def forward(self, x: Any, value: Any, *indices: Any) -> Any:
        y = x.copy()
        key = self.key(indices)
        if self.accumulate:
            np.add.at(y, key, value)
        else:
            y[key] = value
        return y

    def pull(self, node: Node, g: Any) -> list[Any]:
        from ..graph.op import unbroadcast

        indices = node.saved[2:-1]
        wants_x, wants_value = node.edges[0] is not None, node.edges[1] is not None
        shape = node.shapes[1]  # type: ignore[index]
        d_x = d_value = None
        if wants_x:
            d_x = g if self.accumulate else IndexPut(self.pattern, False, len(indices))(g, zero(g), *indices)
        if wants_value:
            picked = Index(self.pattern, len(indices))(g, *indices)
            if len(shape) > picked.ndim:  # leading axes of size 1, which assignment ignores
                picked = picked.reshape((1,) * (len(shape) - picked.ndim) + picked.shape)
            d_value = unbroadcast(picked, shape)
        return [d_x, d_value]


def pull_index_put(op: IndexPut, node: Node, g: Any) -> Any:
    raise NotImplementedError


def zero(g: Any) -> Any:
    """The number 0 as a 0-dim array of a gradient's dtype."""
    return np.zeros((), (g.array if isinstance(g, Value) else g).dtype)


# ---------------------------------------------------------------------- overwriting


class Fill(Op):
    """y = value everywhere, so that no gradient passes (it is zero)"""

    fields = ("value",)
    slow = ""

    def forward(self, x: Any) -> Any:
        return np.full(x.shape, self.value, x.dtype)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        zeros = np.zeros(x_shape, g.dtype if isinstance(g, (np.ndarray, np.generic)) else g.array.dtype)
        return wrap(zeros) if isinstance(g, Value) else zeros

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return "ZeroBackward0" if self.value == 0 else "FillBackward0"
