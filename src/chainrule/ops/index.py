"""Ops that pick entries, and that put them: a region by a basic key, entries by index arrays or masks.

Picking and putting are each other's pullbacks: the gradient of ``x[key]`` is 0 but g at ``key``; the gradient of that is
picking again.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..base.layout import in_order
from ..graph.op import Op
from ..graph.stretched import unbroadcast
from ..graph.value import Node, Value, wrap
from .kernels.accumulate import add_at
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


class Select(Region):
    """y = x[index] along one axis, which is left out"""

    fields = ("dim", "index")

    def __init__(self, dim: int, index: int) -> None:
        self.dim, self.index = dim, index
        self.key = (*(WHOLE,) * dim, index, ...)  # with the Ellipsis, NumPy gives a view also of a single entry


class Slice(Region):
    """y = x[start:stop:step] along one axis"""

    fields = ("dim", "start", "stop", "step")

    def __init__(self, dim: int, start: int | None, stop: int | None, step: int | None) -> None:
        self.dim, self.start, self.stop, self.step = dim, start, stop, step
        key = slice(start, stop, step)
        self.key = key if dim == 0 else (*(WHOLE,) * dim, key)


class Basic(Region):
    """y = x[key] for a key of several parts"""

    fields = ("key",)

    def __init__(self, key: tuple[Any, ...]) -> None:
        self.key = key

    def attributes(self) -> tuple[Any, ...]:
        return (plain_key(self.key),)

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        """PyTorch makes a node for each part of a key that does something; its result shows the last."""
        for part in reversed(self.key):
            if part is None:
                return "UnsqueezeBackward0"
            if type(part) is int:
                return "SelectBackward0"
            if type(part) is slice and part != WHOLE:
                return "SliceBackward0"
        return "SliceBackward0" if WHOLE in self.key else "AliasBackward0"


def plain_key(key: Any) -> Any:
    """A key in a form that hashes (slices do only from Python 3.12 on)."""
    if type(key) is tuple:
        return tuple(map(plain_key, key))
    return (slice, key.start, key.stop, key.step) if type(key) is slice else key


class Place(Op):
    """y = 0 but y[key] = x"""

    fields = ("key", "shape")
    slow = ""

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
    """An op with index arrays, any number of them, behind its other inputs.

    ``pattern`` says, axis by axis, where an index array stands (True) and which axes are taken whole (False).
    """

    fields: ClassVar[tuple[str, ...]] = ("pattern",)
    slow = ""
    before = 1  # inputs that are no index arrays

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls.wants_shapes = True

    def __init__(self, *values: Any) -> None:
        super().__init__(*values)
        n, count = self.before, sum(self.pattern)
        kept = tuple(range(n, n + count))
        self.rules = (type(self).pull,) * n + (None,) * count  # type: ignore[misc]
        self.keeps = (kept,) * n + ((),) * count  # type: ignore[misc]

    def key(self, indices: Any) -> tuple[Any, ...]:
        turn = iter(indices)
        return tuple([next(turn) if here else WHOLE for here in self.pattern])


class Index(Advanced):
    """y = x[i, j, …] for arrays i, j … of indices (or masks), broadcast against each other"""

    def forward(self, x: Any, *indices: Any) -> Any:
        if len(indices) == 1 and indices[0].dtype.kind != "b":
            return x.take(indices[0], self.pattern.index(True))  # the same, quicker
        return in_order(x[self.key(indices)])

    def pull(self, node: Node, g: Any) -> list[Any]:
        indices = node.saved[1:-1]
        return [AddAt(self.pattern, node.shapes[0])(g, *indices)]  # type: ignore[index]


class AddAt(Advanced):
    """y = 0, then y[i, j, …] += x, once for each time an entry is named"""

    fields = ("pattern", "shape")

    def forward(self, x: Any, *indices: Any) -> Any:
        y = np.zeros(self.shape, x.dtype)
        add_at(y, self.key(indices), x)
        return y

    def pull(self, node: Node, g: Any) -> list[Any]:
        indices = node.saved[1:-1]
        return [Index(self.pattern)(g, *indices)]


class IndexPut(Advanced):
    """y = x but y[i, j, …] = value, or, accumulating, y = x then y[i, j, …] += value"""

    fields = ("pattern", "accumulate")
    before = 2

    def forward(self, x: Any, value: Any, *indices: Any) -> Any:
        y = x.copy()
        self.into(y, value, *indices)
        return y

    def into(self, y: Any, value: Any, *indices: Any) -> None:
        """The same, written where ``x`` is."""
        key = self.key(indices)
        if self.accumulate:
            add_at(y, key, np.broadcast_to(value, y[key].shape))
        else:
            y[key] = value

    def pull(self, node: Node, g: Any) -> list[Any]:
        indices = node.saved[2:-1]
        shape = node.shapes[1]  # type: ignore[index]
        d_x = d_value = None
        if node.edges[0] is not None:
            d_x = g if self.accumulate else IndexPut(self.pattern, False)(g, zero(g), *indices)
        if node.edges[1] is not None:
            d_value = Index(self.pattern)(g, *indices)
            if len(shape) > d_value.ndim:  # axes of size 1 in front, which writing ignores
                d_value = d_value.reshape((1,) * (len(shape) - d_value.ndim) + tuple(d_value.shape))
            d_value = unbroadcast(d_value, shape)
        return [d_x, d_value]


def zero(g: Any) -> Any:
    """0 in a gradient's dtype."""
    return np.zeros((), array_of(g).dtype)


def array_of(x: Any) -> Any:
    return x.array if isinstance(x, Value) else x


class Fill(Op):
    """y = value everywhere, whatever x was, so that the gradient of x is 0"""

    fields = ("value",)
    slow = ""

    def forward(self, x: Any) -> Any:
        return np.full(x.shape, self.value, x.dtype)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        zeros = np.zeros(x_shape, array_of(g).dtype)
        return wrap(zeros) if isinstance(g, Value) else zeros

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return "ZeroBackward0" if self.value == 0 else "FillBackward2"
