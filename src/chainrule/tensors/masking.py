"""Entries picked and put by masks, by their number, and by what they are, by PyTorch's names."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import numpy as np

from ..base.dtypes import of, title
from ..base.errors import message
from ..base.shapes import broadcast
from ..graph.apply import plain
from ..graph.promote import cast
from ..graph.value import Value, wrap
from ..ops import logic
from ..ops import scatter as op
from .coerce import number, tensor_like
from .inplace import into
from .picking import check_index, check_same
from .shape import expand

# ---------------------------------------------------------------------- masks


def check_mask(mask: Any, function: str) -> np.ndarray:
    m = tensor_like(mask, "mask", function).array
    if m.dtype.char != "?":
        raise RuntimeError(
            message(
                f"{function}: expected BoolTensor for mask"
                if function == "masked_select"
                else f"{function} only supports boolean masks, but got mask with dtype {title(of(m))}",
                f"the mask holds {of(m)}",
                "mask.bool(), or a comparison such as mask == 1",
            )
        )
    return m


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """y = value where the mask is true, else input.

    >>> torch.tensor([1., 2., 3.]).masked_fill(torch.tensor([False, True, False]), 0.0)
    tensor([1., 0., 3.])
    """
    check_mask(mask, "masked_fill")
    x = input.array
    if isinstance(value, Value):
        if value.array.ndim:
            raise RuntimeError(
                f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s)."
            )
        if value.node is not None:
            return plain(logic.where, mask, cast(value, of(x)), input)
        value = value.array.item()
    kind = x.dtype.kind
    if isinstance(value, complex) and kind != "c":
        raise RuntimeError(f"value cannot be converted to type {of(x).alias} without overflow")
    if not isinstance(value, (int, float, complex)):
        value = number(value)
        if not isinstance(value, (int, float, complex)):
            raise TypeError(f"masked_fill(): argument 'value' (position 2) must be Number or Tensor, not {type(value).__name__}")
    return plain(filling(value), input, mask)


filling = lru_cache(maxsize=256, typed=True)(op.MaskedFill)


def masked_select(input: Any, mask: Any, *, out: Any = None) -> Any:
    """The entries of ``input`` where the mask is true, in one row.

    >>> torch.tensor([1, 2, 3]).masked_select(torch.tensor([True, False, True]))
    tensor([1, 3])
    """
    broadcast(input.array.shape, check_mask(mask, "masked_select").shape)
    return into(out, plain(op.masked_select, input, mask))


def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """y = input but, where the mask is true, the entries of ``source`` one after the other."""
    m = check_mask(mask, "masked_scatter_")
    check_same("masked_scatter", input, source, "masked_scatter: expected self and source to have same dtypes but got{} and {}")
    full = broadcast(input.array.shape, m.shape)
    needed = np.count_nonzero(np.broadcast_to(m, full))
    if source.array.size < needed:
        raise RuntimeError(
            message(
                "Number of elements of source < number of ones in mask",
                f"the source has {source.array.size} entries, the mask asks for {needed}",
            )
        )
    return plain(op.masked_scatter, expand(input, full) if full != input.array.shape else input, mask, source)


# ---------------------------------------------------------------------- by number


def check_numbers(i: np.ndarray, n: int) -> None:
    """Refuse numbers of entries that there are none of."""
    if i.size and (int(i.max()) >= n or int(i.min()) < -n):
        bad = int(i.max()) if int(i.max()) >= n else int(i.min())
        raise IndexError(f"out of range: tried to access index {bad} on a tensor of {n} elements.")


def take(input: Any, index: Any, *, out: Any = None) -> Any:
    """The entries with the given numbers, counted through: y[i, …] = input.flatten()[index[i, …]].

    >>> torch.take(torch.tensor([[1, 2], [3, 4]]), torch.tensor([0, 3]))
    tensor([1, 4])
    """
    check_numbers(check_index(index, "take", "a long tensor", "lq"), input.array.size)
    return into(out, plain(op.take, input, index))


def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """y = input but its entry number index[i], counted through, is source[i] (or that much more, if accumulating)."""
    i = check_index(index, "put_", "a long tensor", "lq")
    check_same("put", input, source, "put_(): self and source expected to have the same dtype, but got self.dtype = {} and "
               "source.dtype = {}")  # fmt: skip
    if source.array.size != i.size:
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, but got source.numel() = "
            f"{source.array.size}, index.numel() = {i.size}"
        )
    check_numbers(i, input.array.size)
    return plain(op.Put(bool(accumulate)), input, index, source)


# ---------------------------------------------------------------------- where and which


def nonzero(input: Any, *, out: Any = None, as_tuple: bool = False) -> Any:
    """The indices of the entries that are not 0: a row for each, or with ``as_tuple`` a vector for each axis.

    >>> torch.nonzero(torch.tensor([0, 5, 6]))
    tensor([[1],
            [2]])
    """
    x = tensor_like(input, "input", "nonzero").array
    if as_tuple:
        return tuple([wrap(i.copy()) for i in np.nonzero(x.reshape(1) if not x.ndim else x)])
    return into(out, wrap(np.argwhere(x).astype(np.int64, copy=False)))


def argwhere(input: Any) -> Any:
    """The indices of the entries that are not 0, a row for each."""
    return nonzero(input)


# ---------------------------------------------------------------------- places in a sorted row


def searchsorted(sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False,
                 side: str | None = None, out: Any = None, sorter: Any = None) -> Any:  # fmt: skip
    """Where each entry would have to be put into a sorted row to keep it sorted; ``right``: behind its equals.

    >>> torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3, 4]))
    tensor([1, 2])
    """
    if side not in (None, "left", "right"):
        raise RuntimeError(f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}")
    if side == "left" and right:
        raise RuntimeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True")
    rows = tensor_like(sorted_sequence, "sorted_sequence", "searchsorted").array
    values = input.array if isinstance(input, Value) else np.asarray(input, None if rows.dtype.kind == "f" else None)
    if rows.ndim != 1 and rows.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and "
            f"input value tensor must match, but we got boundaries tensor {list(rows.shape)} and input value tensor "
            f"{list(values.shape)}"
        )
    if sorter is not None:
        rows = np.take_along_axis(rows, sorter.array, -1)
    where: Literal["left", "right"] = "right" if right or side == "right" else "left"
    if rows.ndim == 1:
        found = np.asarray(np.searchsorted(rows, values, where))
    else:
        found = np.empty(values.shape, np.int64)
        for spot in np.ndindex(rows.shape[:-1]):
            found[spot] = np.searchsorted(rows[spot], values[spot], where)
    return into(out, wrap(found.astype(np.int32 if out_int32 else np.int64, copy=False)))


def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False, out: Any = None) -> Any:
    """The number of the bucket each entry falls into: boundaries[i − 1] < x ≤ boundaries[i], or ≤ and < with ``right``.

    >>> torch.bucketize(torch.tensor([1, 2, 9]), torch.tensor([2, 4]))
    tensor([0, 0, 2])
    """
    if boundaries.array.ndim != 1:
        raise RuntimeError(f"boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right, out=out)
