"""Products of matrices."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base.errors import ShapeError, message
from ..base.shapes import broadcast, in_brackets
from ..graph.destinations import destination
from ..graph.large import MANY
from ..graph.op import Op, scale
from ..graph.promote import as_array
from ..graph.stretched import unbroadcast
from ..graph.value import Node, Value
from .kernels import product


def conj(x: Any) -> Any:
    """The complex conjugate; real numbers are their own, and are not copied."""
    kind = (x.array if isinstance(x, Value) else x).dtype.kind
    return x.conj() if kind == "c" else x


def times(a: Any, b: Any) -> Any:
    """a @ b for a matrix b; on arrays by ``dot``, which has half the overhead of the matmul ufunc.

    Whatever leads a is merged into its rows: between more than two axes ``dot`` is a slow loop over pairs of vectors.
    """
    if type(a) is not np.ndarray or type(b) is not np.ndarray:
        return a @ b
    if a.ndim == 2:
        return a.dot(b) if a.size * b.shape[-1] <= product.LEAST else product.dot(a, b)
    return product.dot(rows(a), b).reshape(*a.shape[:-1], b.shape[1])


def batched(a: Any, b: Any) -> Any:
    """a @ b with leading axes."""
    return product.matmul(a, b) if type(a) is np.ndarray and type(b) is np.ndarray else a @ b


def rows(x: Any) -> Any:
    """All leading axes merged into one."""
    return x if len(x.shape) == 2 else x.reshape(prod(x.shape[:-1]), x.shape[-1])


class MatMul(Op):
    """y[…, i, j] = Σₖ a[…, i, k] · b[…, k, j], leading axes broadcast"""

    fields = ("torch_name",)
    symbol = "@"
    broadcasts = True
    by_rules = True

    def forward(self, a: Any, b: Any) -> Any:
        if a.shape[-1] != b.shape[-2]:
            raise ShapeError(mismatch(a.shape, b.shape))
        if b.ndim == 2:  # one product, whatever leads a
            return times(a, b)
        check_batches(a.shape, b.shape)
        return batched(a, b)

    def pull_a(self, g: Any, b: Any) -> Any:
        return times(g, conj(b).mT) if len(b.shape) == 2 else batched(g, conj(b).mT)

    def pull_b(self, g: Any, a: Any, b_shape: Any) -> Any:
        if len(b_shape) == 2 and len(a.shape) > 2:
            return times(conj(rows(a)).mT, rows(g))
        return times(conj(a).mT, g) if len(a.shape) == len(g.shape) == 2 else batched(conj(a).mT, g)

    def pull(self, node: Node, g: Any) -> Any:
        """Many products at once are written to where their entries will be needed."""
        if type(g) is not np.ndarray or g.ndim < 3 or g.size < MANY or g.dtype.char not in "fd":
            return super().pull(node, g)
        a, b = node.saved[:2]
        of_a, of_b = node.edges
        shape_a, shape_b = node.shapes  # type: ignore[misc]
        if shape_a[:-2] != shape_b[:-2]:
            return super().pull(node, g)
        return (
            None if of_a is None else product.matmul(g, b.mT, destination(of_a, g.dtype)),
            None if of_b is None else product.matmul(a.mT, g, destination(of_b, g.dtype)),
        )


class Dot(Op):
    """y = Σᵢ a[i] · b[i]"""

    fields = ("torch_name",)
    symbol = "·"

    def forward(self, a: Any, b: Any) -> Any:
        return a.dot(b)

    def pull_a(self, g: Any, b: Any) -> Any:
        return g * conj(b)

    def pull_b(self, g: Any, a: Any) -> Any:
        return g * conj(a)


class Mv(Op):
    """y[…, i] = Σⱼ a[…, i, j] · v[j]"""

    fields = ("torch_name",)
    symbol = "@"

    def forward(self, a: Any, v: Any) -> Any:
        n, k = prod(a.shape[:-1]), a.shape[-1]
        if k != v.shape[0]:
            raise ShapeError(
                message(
                    f"size mismatch, got input ({n}), mat ({n}x{k}), vec ({v.shape[0]})",
                    f"each row of the matrix, of shape {list(a.shape)}, has {k} entries, the vector {v.shape[0]}",
                )
            )
        return product.matrix_vector(a, v) if a.ndim == 2 else product.matrix_vector(rows(a), v).reshape(a.shape[:-1])

    def pull_a(self, g: Any, v: Any) -> Any:
        return g.reshape(*g.shape, 1) * conj(v)

    def pull_v(self, g: Any, a: Any) -> Any:
        columns = conj(rows(a)).mT
        return product.matrix_vector(columns, g.reshape(-1)) if type(g) is np.ndarray else mv(columns, g.reshape(-1))


class Vm(Op):
    """y[…, j] = Σᵢ v[i] · b[…, i, j]"""

    fields = ("torch_name",)
    symbol = "@"

    def forward(self, v: Any, b: Any) -> Any:
        if v.shape[0] != b.shape[-2]:
            raise ShapeError(mismatch((1, v.shape[0]), b.shape))
        return product.vector_matrix(v, b) if b.ndim == 2 else v @ b

    def pull_v(self, g: Any, b: Any) -> Any:
        if len(b.shape) == 2:
            return product.matrix_vector(conj(b), g) if type(g) is np.ndarray else mv(conj(b), g)
        each = conj(b) @ g.reshape(*g.shape, 1)
        return each.reshape(prod(b.shape[:-2]), b.shape[-2]).sum((0,))

    def pull_b(self, g: Any, v: Any) -> Any:
        return conj(v).reshape(v.shape[0], 1) * g.reshape(*g.shape[:-1], 1, g.shape[-1])


class AddProduct(Op):
    """y = β x + α (a @ b), x stretched to the shape of the product; β = 0 leaves x out, whatever it holds"""

    fields = ("beta", "alpha", "torch_name")

    def forward(self, x: Any, a: Any, b: Any) -> Any:
        y = (matmul if a.ndim == 2 else bmm).forward(a, b)
        if len(x.shape) > y.ndim or any(n not in (1, m) for n, m in zip(x.shape[::-1], y.shape[::-1])):
            raise ShapeError(no_room(x.shape, y.shape))
        y = scaled(y, self.alpha)
        return y + scaled(x, self.beta) if self.beta != 0 else y

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return unbroadcast(scale(g, self.beta), x_shape)

    def pull_a(self, g: Any, b: Any) -> Any:
        return scaled(g @ conj(b).mT, self.alpha)

    def pull_b(self, g: Any, a: Any) -> Any:
        return scaled(conj(a).mT @ g, self.alpha)


class Trace(Op):
    """y = Σᵢ x[i, i]"""

    def forward(self, x: Any) -> Any:
        return np.trace(x, dtype=np.int64 if x.dtype.kind in "bui" else None)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return g * np.eye(*x_shape, dtype=(g.array if isinstance(g, Value) else g).dtype)


def scaled(x: Any, by: Any) -> Any:
    if by == 1:
        return x
    return x * as_array(by, x.dtype) if isinstance(x, np.ndarray) and x.dtype.kind in "ui" and type(by) is int else x * by


def check_batches(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """An error for leading axes that do not broadcast, in the terms of the whole shapes."""
    for x, y in zip(a[-3::-1], b[-3::-1]):
        if x != y and 1 not in (x, y):
            broadcast(a[:-2], b[:-2])


def mismatch(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    from ..base.operands import names  # only once something has gone wrong

    x, y = names(a, b)
    left, right = in_brackets(x), in_brackets(y)
    first, second = ("", "") if (x, y) == ("a", "b") else (f"`{x}` ", f"`{y}` ")
    instead = ""
    if a[-1] == b[-1]:
        instead = f"{left} @ {right}.{'mT' if len(b) > 2 else 'T'} (transpose the second)"
    elif a[-2:-1] == b[-2:-1]:
        instead = f"{left}.{'mT' if len(a) > 2 else 'T'} @ {right} (transpose the first)"
    what = f"mat1 and mat2 shapes cannot be multiplied ({prod(a[:-1])}x{a[-1]} and {'x'.join(map(str, b))})"
    if len(b) > 2:
        count = prod(broadcast(a[:-2], b[:-2]))
        what = (
            f"Expected size for first two dimensions of batch2 tensor to be: [{count}, {a[-1]}] but got: [{count}, {b[-2]}]."
        )
    return message(
        what,
        f"each row of the first, {first}of shape {list(a)}, has {a[-1]} entries, each column of the second, {second}of shape "
        f"{list(b)}, {b[-2]}; they must be equal",
        instead,
    )


def no_room(x: tuple[int, ...], y: tuple[int, ...]) -> str:
    """What is said of a tensor x that does not stretch to the shape y of the product it is added to."""
    why = f"the product has shape {list(y)}, the tensor added to it {list(x)}"
    if len(x) > len(y):
        return message(
            f"the number of sizes provided ({len(y)}) must be greater or equal to the number of dimensions in the tensor ({len(x)})",
            why,
        )
    places = range(len(y) - len(x), len(y))
    place = next(i for i, n in zip(places, x) if n not in (1, y[i]))
    return message(
        f"The expanded size of the tensor ({y[place]}) must match the existing size ({x[place - len(y)]}) at non-singleton "
        f"dimension {place}.  Target sizes: {list(y)}.  Tensor sizes: {list(x)}",
        why,
    )


mm, bmm = MatMul("MmBackward0"), MatMul("BmmBackward0")
matmul, folded = MatMul("UnsafeViewBackward0"), MatMul("CloneBackward0")  # PyTorch's last step for stacks of matrices
dot, vdot = Dot("DotBackward0"), Dot("VdotBackward0")
mv, mv_each = Mv("MvBackward0"), Mv("UnsafeViewBackward0")
vm, vm_each = Vm("SqueezeBackward4"), Vm("UnsafeViewBackward0")
trace = Trace()
