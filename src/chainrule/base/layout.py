"""How a tensor's entries lie in memory: the names that PyTorch has for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import message


class layout:  # noqa: N801  (torch's own spelling)
    """The kind of storage: ``torch.strided``, a block of memory walked in equal steps; ``torch.sparse_coo`` for the
    sparse tensors that there are. The others can be named."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> tuple[Any, ...]:
        return by_name, (self.name,)


class memory_format(layout):  # noqa: N801
    """The order of the axes in memory."""

    __slots__ = ()


for kind in (layout, memory_format):
    kind.__module__ = "torch"  # as it prints in PyTorch

strided, sparse_coo = layout("strided"), layout("sparse_coo")
sparse_csr, sparse_csc, sparse_bsr, sparse_bsc = map(layout, ("sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc"))
jagged = layout("jagged")
contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")
channels_last, channels_last_3d = memory_format("channels_last"), memory_format("channels_last_3d")


def by_name(name: str) -> layout:
    """One of those above."""
    return globals()[name]


CHANNELS_LAST = {channels_last: 4, channels_last_3d: 5}  # format -> the number of axes it is for: batch, channels, space


def in_format(x: np.ndarray, order: memory_format) -> bool:
    """Whether an array lies in memory in this order."""
    if order in CHANNELS_LAST:
        return x.ndim == CHANNELS_LAST[order] and x.transpose(0, *range(2, x.ndim), 1).flags.c_contiguous
    return x.flags.c_contiguous


def outermost_first(x: np.ndarray) -> list[int]:
    """The axes by the distance of neighbours along them, the largest first: the order in which memory is walked.

    An axis along which an expanded array repeats itself stays where it is, and of two with equal distances the longer
    one goes outside.

    >>> outermost_first(np.zeros((2, 3, 4)).transpose(2, 0, 1)), outermost_first(np.broadcast_to(np.zeros(3), (2, 3)))
    ([1, 2, 0], [0, 1])
    """
    inner = list(range(x.ndim - 1, -1, -1))
    for i in range(1, x.ndim):
        at = i
        for j in range(i - 1, -1, -1):
            here, there = inner[at], inner[j]
            a, b = abs(x.strides[there]), abs(x.strides[here])
            if a and b and a < b:
                break
            if a and b and (a > b or x.shape[there] > x.shape[here]):
                inner[at], inner[j] = there, here
                at = j
    return inner[::-1]


def laid_out_like(x: np.ndarray, make: Callable[[tuple[int, ...]], np.ndarray]) -> np.ndarray:
    """What ``make(shape)`` gives in C order, as an array that lies in memory in the order of ``x``, without gaps.

    ``make`` meets the axes in the order in which memory is walked: random numbers then fall as PyTorch lets them fall.

    >>> laid_out_like(np.zeros((2, 3)).T, lambda shape: np.arange(6).reshape(shape)).tolist()
    [[0, 3], [1, 4], [2, 5]]
    """
    if x.flags.c_contiguous:
        return make(x.shape)
    order = outermost_first(x)
    back = sorted(range(x.ndim), key=order.__getitem__)
    return make(tuple([x.shape[d] for d in order])).transpose(back)


def copy_in_format(x: np.ndarray, order: memory_format | None) -> np.ndarray:
    """A copy that lies in memory in this order; ``preserve_format`` keeps the order of the original."""
    if order in CHANNELS_LAST:
        need = CHANNELS_LAST[order]
        if x.ndim != need:
            raise RuntimeError(
                message(f"required rank {need} tensor to use {order.name} format", f"this tensor has shape {list(x.shape)}")
            )
        back = (0, x.ndim - 1, *range(1, x.ndim - 1))
        return x.transpose(0, *range(2, x.ndim), 1).copy().transpose(back)
    if order is not preserve_format:
        return x.copy()
    y = laid_out_like(x, lambda shape: np.empty(shape, x.dtype))
    y[...] = x
    return y


def check_layout(wanted: Any = None, pin_memory: bool = False) -> None:
    """Refuse what a tensor on the CPU, walked in strides, cannot be."""
    if wanted is not None and wanted is not strided:
        raise TypeError(message(f"argument 'layout' must be torch.strided, not {wanted!r}", "sparse layouts are not available"))
    if pin_memory:
        raise RuntimeError(
            message("Cannot access accelerator device when none is available.", "memory is pinned for copies to a GPU")
        )


def in_order(x: np.ndarray) -> np.ndarray:
    """The entries in the order of reading; x itself where they lie so (`np.ascontiguousarray` would give a number an axis)."""
    return x if x.flags.c_contiguous else x.copy()
