"""Views: the same memory under another shape, another order of axes, other strides; and copies of it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..base.layout import copy_in_format, preserve_format
from ..graph.op import Op
from ..graph.stretched import unbroadcast
from ..graph.value import Value
from ..native import aligned
from .kernels import copies
from .kernels.memory import onto, own_memory


class Move(Op, abstract=True):
    """An op that only says where entries are found: it takes every dtype, keeps nothing, and gives a view."""

    view = True
    slow = ""


class Reshape(Move):
    """The same entries, read in the same order, under another shape."""

    moves = True
    fields: ClassVar[tuple[str, ...]] = ("shape",)
    torch_name = "ViewBackward0"

    def forward(self, x: Any) -> Any:
        return x.reshape(self.shape)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return g.reshape(x_shape)


class ReshapeAlias(Reshape):
    """`Reshape` of entries that lie apart in memory, but so that strides still reach them in their new places."""

    torch_name = "ReshapeAliasBackward0"


class ReshapeCopy(Reshape):
    """`Reshape` of a copy, made because no strides reach the entries in their new places."""

    view = False
    torch_name = "UnsafeViewBackward0"

    def forward(self, x: Any) -> Any:
        return (copies.copy(x) if type(x) is np.ndarray else x).reshape(self.shape)


class Squeeze(Reshape):
    """Axes of size 1 left out; ``shape`` is what remains, ``dims`` what was asked for (None: all of them)."""

    fields = ("shape", "dims")

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return f"SqueezeBackward{0 if self.dims is None else 1 if type(self.dims) is int else 2}"


class Unsqueeze(Reshape):
    """A new axis of size 1; ``shape`` is the shape with it."""

    torch_name = "UnsqueezeBackward0"


class Permute(Move):
    """y's axis i is x's axis order[i]"""

    moves = True
    fields = ("order",)

    def forward(self, x: Any) -> Any:
        return x.transpose(self.order)

    def pull_x(self, g: Any) -> Any:
        return Permute(inverse(self.order))(g)


def inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes another.

    >>> inverse((2, 0, 1))
    (1, 2, 0)
    """
    back = [0] * len(order)
    for i, j in enumerate(order):
        back[j] = i
    return tuple(back)


class Transpose(Move):
    """Two axes exchanged."""

    moves = True
    fields = ("first", "second")

    def forward(self, x: Any) -> Any:
        return x.swapaxes(self.first, self.second)

    def pull_x(self, g: Any) -> Any:
        return self(g)


class T(Move):
    """y[i, j] = x[j, i]"""

    moves = True

    def forward(self, x: Any) -> Any:
        return x.T

    def pull_x(self, g: Any) -> Any:
        return self(g)


class Expand(Move):
    """Axes of size 1 repeated, and new ones in front, without copying: their stride is 0."""

    fields = ("shape",)

    def forward(self, x: Any) -> Any:
        lead = len(self.shape) - x.ndim
        return onto(x, self.shape, (0,) * lead + tuple([0 if n == 1 else s for n, s in zip(x.shape, x.strides)]))

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return unbroadcast(g, x_shape)


def expand(x: Any, shape: tuple[int, ...]) -> Any:
    return x if isinstance(x, Value) and x.array.shape == shape else Expand(shape)(x)


class Diagonal(Move):
    """y[…, i] = x[…, i, i + offset], the two axes given by ``dim1`` and ``dim2``"""

    fields = ("offset", "dim1", "dim2")

    def forward(self, x: Any) -> Any:
        y = x.diagonal(self.offset, self.dim1, self.dim2)
        y.flags.writeable = x.flags.writeable  # NumPy hands out diagonals read-only
        return y

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return DiagEmbed(x_shape, self.offset, self.dim1, self.dim2)(g)


class DiagonalCopy(Diagonal):
    """`Diagonal`, in memory of its own."""

    view = False
    torch_name = "DiagonalBackward0_copy"

    def forward(self, x: Any) -> Any:
        return Diagonal.forward(self, x).copy()


class DiagEmbed(Op):
    """y = 0 but y[…, i, i + offset] = x[…, i]"""

    fields = ("shape", "offset", "dim1", "dim2")
    slow = ""

    def forward(self, x: Any) -> Any:
        y = np.zeros(self.shape, x.dtype)
        Diagonal(self.offset, self.dim1, self.dim2).forward(y)[...] = x
        return y

    def pull_x(self, g: Any) -> Any:
        return Diagonal(self.offset, self.dim1, self.dim2)(g)


class Unfold(Move):
    """y[…, i, …, j] = x[…, i · step + j, …]: windows of ``size`` entries along an axis, as a new last axis"""

    fields = ("dim", "size", "step")

    def forward(self, x: Any) -> Any:
        d = self.dim
        count = (x.shape[d] - self.size) // self.step + 1
        shape = (*x.shape[:d], count, *x.shape[d + 1 :], self.size)
        return onto(x, shape, (*x.strides[:d], x.strides[d] * self.step, *x.strides[d + 1 :], x.strides[d]))

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return UnfoldBack(x_shape, self.dim, self.size, self.step)(g)


class UnfoldBack(Op):
    """y[…, i · step + j, …] = Σ x[…, i, …, j]: windows added up where they overlap"""

    fields = ("shape", "dim", "size", "step")
    slow = ""

    def forward(self, x: Any) -> Any:
        y = np.zeros(self.shape, x.dtype)
        whole = (slice(None),) * self.dim
        span = (x.shape[self.dim] - 1) * self.step + 1
        for j in range(self.size if x.shape[self.dim] else 0):
            y[(*whole, slice(j, j + span, self.step))] += x[..., j]
        return y

    def pull_x(self, g: Any) -> Any:
        return Unfold(self.dim, self.size, self.step)(g)


class AsStrided(Move):
    """y[i, j, …] = memory[offset + i · stride[0] + j · stride[1] + …], the memory being that of x.

    ``layout`` is x's own (shape, stride, offset). Both layouts are lists of places in one memory, so the pullback adds g
    up in that memory, at y's places, and reads what arrived at x's; where several entries of x are one place, they
    share it.
    """

    fields = ("shape", "stride", "offset", "layout")

    def forward(self, x: Any) -> Any:
        memory = own_memory(x)
        size = x.itemsize
        return onto(memory[self.offset :], self.shape, tuple([s * size for s in self.stride]))

    def pull_x(self, g: Any) -> Any:
        from .index import AddAt, Index

        to, back = places(self.shape, self.stride, self.offset), places(*self.layout)
        size = max(to.max(initial=-1), back.max(initial=-1)) + 1
        d = Index((True,))(AddAt((True,), (size,))(g, to), back)
        shared = np.bincount(back.ravel(), minlength=1)
        return d if shared.max(initial=0) < 2 else d / shared[back].astype(d.dtype if type(d) is np.ndarray else d.array.dtype)


def places(shape: tuple[int, ...], stride: tuple[int, ...], offset: int) -> np.ndarray:
    """The place in memory of each entry of a strided layout.

    >>> places((2, 2), (3, 1), 5).tolist()
    [[5, 6], [8, 9]]
    """
    found = np.array(offset)
    for n, s in zip(shape, stride):
        found = found[..., None] + np.arange(n) * s
    return found


class Clone(Op):
    """y = x, in memory of its own"""

    slow = ""

    def forward(self, x: Any) -> Any:
        return aligned.copy(x) if x.flags.c_contiguous else copy_in_format(x, preserve_format)

    def pull_x(self, g: Any) -> Any:
        return g


class Contiguous(Clone):
    """y = x, in memory of its own, its entries there in order"""

    torch_name = "CloneBackward0"

    def forward(self, x: Any) -> Any:
        return copies.copy(x) if type(x) is np.ndarray else x.copy()


class CloneAs(Clone):
    """y = x, in memory of its own, its entries there in the order of a memory format"""

    fields = ("order",)
    torch_name = "CloneBackward0"

    def forward(self, x: Any) -> Any:
        return copy_in_format(x, self.order)


t, clone, contiguous = T(), Clone(), Contiguous()
