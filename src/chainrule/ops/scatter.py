"""Picking and putting along one axis, by numbers counted through all entries, and by masks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..graph import large
from ..graph.op import Op
from ..graph.promote import as_array
from ..graph.stretched import unbroadcast
from .index import AddAt, Index, IndexPut, Place, array_of, zero
from .kernels import addressed
from .kernels.accumulate import add_at
from .logic import where


class Pick(Op, abstract=True):
    """An op with an integer input, which says where; it takes every dtype."""

    slow = ""


def along(index: np.ndarray, dim: int) -> tuple[Any, ...]:
    """The key with ``x[key][i, j, …] = x[…, index[i, j, …], …]``: the index along ``dim``, each other axis itself."""
    key = list(axes_of(index.shape))
    key[dim] = index
    return tuple(key)


@lru_cache(maxsize=256)
def axes_of(shape: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """For each axis its own index, shaped to broadcast against an index array of this shape."""
    n = len(shape)
    return tuple([np.arange(size).reshape((1,) * d + (-1,) + (1,) * (n - d - 1)) for d, size in enumerate(shape)])


def corner(shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple([slice(n) for n in shape])


class Gather(Pick):
    """y[i, j, …] = x[index[i, j, …], j, …] (here for dim 0); x may be larger along the other axes"""

    fields = ("dim",)

    def forward(self, x: Any, index: Any) -> Any:
        y = np.empty(index.shape, x.dtype)
        return y if addressed.along("gather", x, index, y, self.dim) else x[along(index, self.dim)]

    def pull_x(self, g: Any, index: Any, x_shape: Any) -> Any:
        return Spread(self.dim, x_shape)(g, index)


class Spread(Pick):
    """y = 0, then y[index[i, j, …], j, …] += x[i, j, …]"""

    fields = ("dim", "shape")

    def forward(self, x: Any, index: Any) -> Any:
        y = np.zeros(self.shape, x.dtype)
        if not addressed.along("add", x, index, y, self.dim):
            add_at(y, along(index, self.dim), x)
        return y

    def pull_x(self, g: Any, index: Any) -> Any:
        return Gather(self.dim)(g, index)


def picked(g: Any, index: Any, dim: int, shape: tuple[int, ...]) -> Any:
    """g at an index, as the gradient of a source of this shape, of which only the corner was used."""
    d = Gather(dim)(g, index)
    return d if index.shape == shape else Place(corner(index.shape), shape)(d)


class ScatterAdd(Pick):
    """y = x, then y[index[i, j, …], j, …] += src[i, j, …]"""

    fields = ("dim",)

    def forward(self, x: Any, index: Any, src: Any) -> Any:
        return x + Spread(self.dim, x.shape).forward(src[corner(index.shape)], index)

    def pull_x(self, g: Any) -> Any:
        return g

    def pull_src(self, g: Any, index: Any, src_shape: Any) -> Any:
        return picked(g, index, self.dim, src_shape)


class Scatter(Pick):
    """y = x but y[index[i, j, …], j, …] = src[i, j, …]"""

    fields = ("dim",)

    def forward(self, x: Any, index: Any, src: Any) -> Any:
        y = x.copy()
        if not addressed.along("put", src, index, y, self.dim):
            y[along(index, self.dim)] = src[corner(index.shape)]
        return y

    def pull_x(self, g: Any, index: Any) -> Any:
        return ScatterValue(self.dim, 0)(g, index)

    def pull_src(self, g: Any, index: Any, src_shape: Any) -> Any:
        return picked(g, index, self.dim, src_shape)


class ScatterValue(Pick):
    """y = x but y[index[i, j, …], j, …] = value"""

    fields = ("dim", "value")
    torch_name = "ScatterBackward1"

    def forward(self, x: Any, index: Any) -> Any:
        y = x.copy()
        y[along(index, self.dim)] = as_array(self.value, x.dtype)
        return y

    def pull_x(self, g: Any, index: Any) -> Any:
        return ScatterValue(self.dim, 0)(g, index)


# ---------------------------------------------------------------------- whole slices along an axis


class IndexSelect(Pick):
    """y[i, …] = x[index[i], …] (here for dim 0)"""

    fields = ("dim",)

    def forward(self, x: Any, index: Any) -> Any:
        return x.take(index, self.dim)

    def pull_x(self, g: Any, index: Any, x_shape: Any) -> Any:
        return AddAt(at(self.dim), x_shape)(g, index)


def at(dim: int) -> tuple[bool, ...]:
    """The pattern of a key whose only index array stands at ``dim``."""
    return (False,) * dim + (True,)


def at_key(index: Any, dim: int) -> tuple[Any, ...]:
    return (*(slice(None),) * dim, index)


class IndexAdd(Pick):
    """y = x, then y[index[i], …] += alpha · source[i, …]"""

    fields = ("dim", "alpha")

    def forward(self, x: Any, index: Any, source: Any) -> Any:
        y = x.copy()
        add_at(y, at_key(index, self.dim), source if self.alpha == 1 else source * as_array(self.alpha, source.dtype))
        return y

    def pull_x(self, g: Any) -> Any:
        return g

    def pull_source(self, g: Any, index: Any) -> Any:
        d = Index(at(self.dim))(g, index)
        return d if self.alpha == 1 else d * self.alpha


class IndexCopy(Pick):
    """y = x but y[index[i], …] = source[i, …]"""

    fields = ("dim",)

    def forward(self, x: Any, index: Any, source: Any) -> Any:
        y = x.copy()
        y[at_key(index, self.dim)] = source
        return y

    def pull_x(self, g: Any, index: Any) -> Any:
        return IndexFill(self.dim, 0)(g, index)

    def pull_source(self, g: Any, index: Any) -> Any:
        return Index(at(self.dim))(g, index)


class IndexFill(Pick):
    """y = x but y[index[i], …] = value"""

    fields = ("dim", "value")

    def forward(self, x: Any, index: Any) -> Any:
        y = x.copy()
        y[at_key(index, self.dim)] = as_array(self.value, x.dtype)
        return y

    def pull_x(self, g: Any, index: Any) -> Any:
        return IndexFill(self.dim, 0)(g, index)


# ---------------------------------------------------------------------- entries counted through


class Take(Pick):
    """y[i, …] = the index[i, …]-th entry of x, counted through"""

    def forward(self, x: Any, index: Any) -> Any:
        return x.reshape(-1)[index]

    def pull_x(self, g: Any, index: Any, x_shape: Any) -> Any:
        return AddAt((True,), (int(np.prod(x_shape)),))(g, index).reshape(x_shape)


class Put(Pick):
    """y = x but its index[i]-th entry, counted through, is source[i], or, accumulating, that much more"""

    fields = ("accumulate",)

    def forward(self, x: Any, index: Any, source: Any) -> Any:
        y = x.copy()
        if self.accumulate:
            add_at(y.reshape(-1), (index.reshape(-1),), source.reshape(-1))
        else:
            y.reshape(-1)[index.reshape(-1)] = source.reshape(-1)
        return y

    def pull_x(self, g: Any, index: Any, x_shape: Any) -> Any:
        if self.accumulate:
            return g
        return IndexPut((True,), False)(g.reshape(-1), zero(g), index.reshape(-1)).reshape(x_shape)

    def pull_source(self, g: Any, index: Any, source_shape: Any) -> Any:
        return Index((True,))(g.reshape(-1), index.reshape(-1)).reshape(source_shape)


# ---------------------------------------------------------------------- masks


def fits(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether an array of one shape can be stretched to the other."""
    return len(small) <= len(large) and all(m in (1, n) for m, n in zip(reversed(small), reversed(large)))


class MaskedFill(Pick):
    """y = value where the mask is true, else x"""

    fields = ("value",)
    broadcasts = True

    def forward(self, x: Any, mask: Any) -> Any:
        if x.size >= large.MANY and x.dtype.char in "fd" and type(self.value) in (int, float) and fits(mask.shape, x.shape):
            return large.entries(self, "fill", lambda op, x, mask: where(mask, op.value, x), x, mask)
        y = x.copy() if mask.ndim <= x.ndim else np.broadcast_to(x, np.broadcast_shapes(x.shape, mask.shape)).copy()
        value = as_array(self.value, x.dtype) if x.dtype.kind in "ui" else self.value
        try:
            np.copyto(y, value, "unsafe", mask)
        except ValueError:  # x too has to be stretched
            y = np.broadcast_to(x, np.broadcast_shapes(x.shape, mask.shape)).copy()
            np.copyto(y, value, "unsafe", mask)
        return y

    def pull_x(self, g: Any, mask: Any) -> Any:
        return masked_zero(g, mask)


class MaskedSelect(Pick):
    """The entries of x where the mask is true, one after the other"""

    def forward(self, x: Any, mask: Any) -> Any:
        if x.shape != mask.shape:
            x, mask = np.broadcast_arrays(x, mask)
        return x[mask]

    def pull_x(self, g: Any, mask: Any, x_shape: Any) -> Any:
        full = np.broadcast_shapes(x_shape, mask.shape)
        return unbroadcast(MaskedPlace(full)(g, np.broadcast_to(mask, full)), x_shape)


class MaskedPlace(Pick):
    """y = 0 but, where the mask is true, the entries of x one after the other"""

    fields = ("shape",)

    def forward(self, x: Any, mask: Any) -> Any:
        y = np.zeros(self.shape, x.dtype)
        y[mask] = x
        return y

    def pull_x(self, g: Any, mask: Any) -> Any:
        return masked_select(g, mask)


class MaskedScatter(Pick):
    """y = x but, where the mask is true, the entries of source one after the other"""

    def forward(self, x: Any, mask: Any, source: Any) -> Any:
        y = x.copy()
        mask = np.broadcast_to(mask, x.shape)
        y[mask] = source.reshape(-1)[: np.count_nonzero(mask)]
        return y

    def pull_x(self, g: Any, mask: Any) -> Any:
        return masked_zero(g, mask)

    def pull_source(self, g: Any, mask: Any, source_shape: Any) -> Any:
        d = masked_select(g, mask)
        used, size = array_of(d).size, int(np.prod(source_shape))
        return (d if used == size else Place(slice(used), (size,))(d)).reshape(source_shape)


take, masked_zero, masked_select, masked_scatter = Take(), MaskedFill(0), MaskedSelect(), MaskedScatter()
