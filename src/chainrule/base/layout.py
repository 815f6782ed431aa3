"""How a tensor's entries lie in memory: the names that PyTorch has for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import message


class layout:  # noqa: N801  (torch's own spelling)
    """The kind of storage: always ``torch.strided`` here, a block of memory walked in equal steps."""

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

strided = layout("strided")
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
    return x.copy(order="K" if order is preserve_format else "C")


def check_layout(wanted: Any = None, pin_memory: bool = False) -> None:
    """Refuse what a tensor on the CPU, walked in strides, cannot be."""
    if wanted is not None and wanted is not strided:
        raise TypeError(message(f"argument 'layout' must be torch.strided, not {wanted!r}", "sparse layouts are not available"))
    if pin_memory:
        raise RuntimeError(
            message("Cannot access accelerator device when none is available.", "memory is pinned for copies to a GPU")
        )
