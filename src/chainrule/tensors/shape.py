"""Shapes by PyTorch's names: the same entries seen under another shape, joined, cut apart, repeated."""

from __future__ import annotations

from operator import index as as_int
from typing import Any

import numpy as np

from ..base.errors import message
from ..base.shapes import axis, resolve
from ..graph.apply import plain
from ..graph.value import Value
from ..ops import shape as op
from .coerce import sizes
from .inplace import into

# ---------------------------------------------------------------------- another shape


def reshape(input: Any, *shape: Any) -> Any:
    """The same entries in the same order under another shape; one size may be -1. A view where strides allow it.

    >>> torch.arange(6).reshape(2, -1)
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    x = input.array
    wanted = shape_of(shape, x)
    if x.flags.c_contiguous or viewable(x, wanted):
        return plain(op.Reshape(wanted), input)
    return plain(op.ReshapeCopy(wanted), plain(op.clone, input))


def view(input: Any, *shape: Any) -> Any:
    """The same memory under another shape (one size may be -1), or with its bytes read as another dtype.

    >>> torch.arange(6).view(3, 2)
    tensor([[0, 1],
            [2, 3],
            [4, 5]])
    """
    x = input.array
    wanted = shape_of(shape, x)
    if not (x.flags.c_contiguous or viewable(x, wanted)):
        raise RuntimeError(
            message(
                "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
                "contiguous subspaces). Use .reshape(...) instead.",
                f"shape {list(x.shape)} with strides {[s // x.itemsize for s in x.strides]} lies in memory in an order "
                f"that no strides for shape {list(wanted)} can follow",
                f"x.reshape({', '.join(map(str, wanted))}), which copies where it must, or x.contiguous().view(…)",
            )
        )
    return plain(op.Reshape(wanted), input)


def shape_of(shape: tuple[Any, ...], x: np.ndarray) -> tuple[int, ...]:
    """The shape in ``f(2, -1)`` or ``f((2, -1))``, with the -1 filled in."""
    if len(shape) == 1 and not isinstance(shape[0], int):
        shape = tuple(shape[0]) if not isinstance(shape[0], Value) else shape
    for n in shape:
        if type(n) is not int:
            shape = tuple(map(as_int, shape))
            break
    return resolve(shape, x.size)


def viewable(x: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether strides exist that show ``x`` under another shape without a copy."""
    try:
        x.reshape(shape, copy=False)
    except ValueError:
        return False
    return True


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """The axes from ``start_dim`` to ``end_dim`` run together into one.

    >>> torch.zeros(2, 3, 4).flatten(1).shape
    torch.Size([2, 12])
    """
    shape = input.array.shape
    first, last = axis(start_dim, len(shape)), axis(end_dim, len(shape))
    if first > last:
        raise RuntimeError(
            message(
                "flatten() has invalid args: start_dim cannot come after end_dim",
                f"start_dim={start_dim} is axis {first}, end_dim={end_dim} is axis {last}",
            )
        )
    if not shape:
        return reshape(input, 1)
    if first == last:
        return input
    n = 1
    for size in shape[first : last + 1]:
        n *= size
    return reshape(input, shape[:first] + (n,) + shape[last + 1 :])


def squeeze(input: Any, dim: Any = None) -> Any:
    """Axes of size 1 left out: all of them, or those named by ``dim``.

    >>> torch.zeros(2, 1, 3).squeeze(1).shape
    torch.Size([2, 3])
    """
    shape = input.array.shape
    n = len(shape)
    if dim is None:
        left = tuple([s for s in shape if s != 1])
    elif type(dim) is int:
        d = axis(dim, n)
        left = shape[:d] + shape[d + 1 :] if n and shape[d] == 1 else shape
    else:
        dim = tuple(dim)
        dims = {axis(d, n) for d in dim}
        left = tuple([s for i, s in enumerate(shape) if s != 1 or i not in dims])
    return plain(op.Squeeze(left, dim), input)


def unsqueeze(input: Any, dim: int) -> Any:
    """A new axis of size 1 at ``dim``.

    >>> torch.zeros(3).unsqueeze(1).shape
    torch.Size([3, 1])
    """
    shape = input.array.shape
    d = axis(dim, len(shape) + 1)
    return plain(op.Unsqueeze(shape[:d] + (1,) + shape[d:]), input)


# ---------------------------------------------------------------------- another order of axes


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """Two axes exchanged.

    >>> torch.zeros(2, 3, 4).transpose(1, 2).shape
    torch.Size([2, 4, 3])
    """
    n = input.array.ndim
    first, second = axis(dim0, n), axis(dim1, n)
    return plain(op.Transpose(first, second) if n else op.Reshape(()), input)


def t(input: Any) -> Any:
    """y[i, j] = x[j, i]; vectors and single numbers are their own transposes."""
    x = input.array
    if x.ndim > 2:
        raise RuntimeError(
            message(
                f"t() expects a tensor with <= 2 dimensions, but self is {x.ndim}D",
                "which two axes should change places is not clear",
                "x.mT (the last two), x.transpose(i, j), or x.permute(...)",
            )
        )
    return plain(op.t, input)


def permute(input: Any, *dims: Any) -> Any:
    """The axes in another order: y's axis i is x's axis ``dims[i]``.

    >>> torch.zeros(2, 3, 4).permute(2, 0, 1).shape
    torch.Size([4, 2, 3])
    """
    order, n = sizes(dims), input.array.ndim
    if len(order) != n:
        raise RuntimeError(
            message(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
                f"ordering of dimensions i.e. input.dim() = {n} is not equal to len(dims) = {len(order)}",
            )
        )
    order = tuple([d if 0 <= d < n else axis(d, n) for d in order])
    if len(set(order)) != n:
        raise RuntimeError(message("permute(): duplicate dims are not allowed.", f"dims = {list(order)}"))
    return plain(op.Permute(order), input)


def transposed(input: Any) -> Any:
    """``x.T``: all axes in reverse order."""
    n = input.array.ndim
    return plain(op.Permute(tuple(range(n - 1, -1, -1))), input)


def matrix_transposed(input: Any) -> Any:
    """``x.mT``: the last two axes exchanged."""
    n = input.array.ndim
    if n < 2:
        raise RuntimeError(
            message(
                f"tensor.mT is only supported on matrices or batches of matrices. Got {n}-D tensor.",
                "",
                "x.unsqueeze(0).mT for a column" if n else "",
            )
        )
    return plain(op.Transpose(n - 2, n - 1), input)


# ---------------------------------------------------------------------- repeated without copying


def expand(input: Any, *size: Any, implicit: bool = False) -> Any:
    """Axes of size 1 repeated to the given sizes (-1 keeps one), new ones in front; no memory is copied.

    >>> torch.tensor([[1], [2]]).expand(2, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    here, wanted = input.array.shape, sizes(size)
    lead = len(wanted) - len(here)
    if lead < 0:
        raise RuntimeError(
            message(
                f"expand(torch.FloatTensor{{{list(here)}}}, size={list(wanted)}): the number of sizes provided "
                f"({len(wanted)}) must be greater or equal to the number of dimensions in the tensor ({len(here)})",
            )
        )
    full = list(wanted)
    for i, n in enumerate(wanted):
        if n == -1 and i >= lead:
            full[i] = here[i - lead]
        elif n < 0:
            raise RuntimeError(
                message(
                    f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing dimension {i}"
                    if n == -1
                    else f"The expanded size of the tensor ({n}) at dimension {i} is negative"
                )
            )
        elif i >= lead and here[i - lead] not in (1, n):
            raise RuntimeError(
                message(
                    f"The expanded size of the tensor ({n}) must match the existing size ({here[i - lead]}) at "
                    f"non-singleton dimension {i}.  Target sizes: {list(wanted)}.  Tensor sizes: {list(here)}",
                    "only axes of size 1 can be repeated without copying",
                    "x.repeat(...) or x.repeat_interleave(...) for a copy with repeated entries",
                )
            )
    return plain(op.Expand(tuple(full)), input)


# ---------------------------------------------------------------------- joined


def cat(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """The tensors one after the other along an axis.

    >>> torch.cat([torch.zeros(1, 2), torch.ones(2, 2)])
    tensor([[0., 0.],
            [1., 1.],
            [1., 1.]])
    """
    parts = as_parts(tensors, "cat")
    first = parts[0].array
    ndim = first.ndim
    d = axis(dim, ndim) if dim < 0 or dim >= ndim else dim
    kind = first.dtype
    for p in parts:
        if p.array.dtype is not kind or p.array.ndim != ndim or not ndim:
            parts, d = alike(parts, dim)
            break
    try:
        y = plain(op.Cat(d), *parts)
    except ValueError:
        raise RuntimeError(unequal([p.array.shape for p in parts], d)) from None
    return y if out is None else into(out, y)


def as_parts(tensors: Any, function: str) -> tuple[Any, ...]:
    """The tensors to be joined, at least one."""
    if isinstance(tensors, Value):
        raise TypeError(f"{function}(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    parts = tuple(tensors)
    if not parts:
        raise ValueError(f"{function}(): expected a non-empty list of Tensors")
    for i, p in enumerate(parts):
        if not isinstance(p, Value):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(p).__name__}")
    return parts


def alike(parts: tuple[Any, ...], dim: int) -> tuple[tuple[Any, ...], int]:
    """Parts of one dtype that can be joined; empty vectors, which join anything, are left out."""
    from ..base import dtypes
    from ..graph.promote import cast

    kinds = [dtypes.of(p.array) for p in parts]
    common = kinds[0]
    for k in kinds:
        common = dtypes.promote(common, k)
    full = tuple([p for p in parts if p.array.shape != (0,)]) or parts[:1]
    for i, p in enumerate(parts):
        if not p.array.ndim:
            raise RuntimeError(
                message(
                    f"zero-dimensional tensor (at position {i}) cannot be concatenated",
                    "it has no axis to be joined along",
                    "torch.stack([...]), which makes a new axis",
                )
            )
    ndim = full[0].array.ndim
    for i, p in enumerate(full):
        if p.array.ndim != ndim:
            raise RuntimeError(
                message(
                    f"Tensors must have same number of dimensions: got {ndim} and {p.array.ndim}",
                    f"tensor 0 has shape {list(full[0].array.shape)}, tensor {i} {list(p.array.shape)}",
                    "x.unsqueeze(dim) for a missing axis of size 1",
                )
            )
    return tuple([cast(p, common) for p in full]), axis(dim, ndim)


def unequal(shapes: list[tuple[int, ...]], dim: int) -> str:
    """The message for parts whose sizes differ along an axis other than the one they are joined along."""
    first = shapes[0]
    for i, s in enumerate(shapes):
        for d, (n, m) in enumerate(zip(first, s)):
            if d != dim and n != m:
                return message(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {n} but got size {m} for tensor "
                    f"number {i} in the list.",
                    f"the shapes are {' and '.join(str(list(s)) for s in shapes[:4])}{' …' * (len(shapes) > 4)}",
                    f"torch.cat([...], dim={d})" if len(first) == len(s) else "",
                )
    return f"tensors of shapes {shapes} cannot be joined along dimension {dim}"


def stack(tensors: Any, dim: int = 0, *, out: Any = None) -> Any:
    """The tensors, all of one shape, one after the other along a new axis.

    >>> torch.stack([torch.zeros(2), torch.ones(2)], dim=1)
    tensor([[0., 1.],
            [0., 1.]])
    """
    parts = as_parts(tensors, "stack")
    first = parts[0].array
    shape, kind = first.shape, first.dtype
    d = axis(dim, len(shape) + 1) if dim < 0 or dim > len(shape) else dim
    for i, p in enumerate(parts):
        if p.array.shape != shape:
            raise RuntimeError(
                message(
                    f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 and "
                    f"{list(p.array.shape)} at entry {i}",
                    "along a new axis every slice has the same shape",
                    "torch.cat([...]) joins along an axis that exists; pad the shorter ones: torch.nn.utils.rnn.pad_sequence",
                )
            )
        if p.array.dtype is not kind:
            parts = alike([unsqueeze(p, d) for p in parts], d)[0]
            return into(out, plain(op.Cat(d), *parts))
    y = plain(op.Stack(d), *parts)
    return y if out is None else into(out, y)
