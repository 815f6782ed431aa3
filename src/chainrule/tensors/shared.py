"""Memory that processes share: what ``x.share_memory_()`` moves a tensor's entries into.

A file in the system's memory file system, mapped by every process that uses the tensor: children that are forked have the
mapping already, others are sent the file's name in place of the entries. What one process writes the others read; they
see to it themselves that they do not write at the same time (or, as in Hogwild training, they do not mind).
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..ops.kernels import memory


class Mapping(mmap.mmap):
    """A mapped file, with its name."""

    path: str


def share_memory_(self: Any) -> Any:
    """Move the entries into memory that other processes can share; returns the tensor.

    >>> w = torch.zeros(3).share_memory_()
    >>> w.is_shared(), torch.zeros(3).is_shared()
    (True, False)
    """
    if is_shared(self):
        return self
    if self._base is not None:
        raise RuntimeError(
            message(
                "a view cannot be moved to shared memory",
                "the tensor that it looks into would stay behind",
                "x.clone().share_memory_()",
            )
        )
    from multiprocessing.reduction import ForkingPickler

    ForkingPickler.register(type(self), sent)
    self.array = shared_copy(self.array)
    return self


def is_shared(input: Any) -> bool:
    """Whether the memory is shared with other processes."""
    return isinstance(memory.owner(input.array).base, Mapping)


def shared_copy(x: np.ndarray) -> np.ndarray:
    """The same entries in a mapped file, which goes when this process has no more use for it."""
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else None
    handle, path = tempfile.mkstemp(prefix="chainrule-", dir=folder)
    try:
        os.ftruncate(handle, max(x.nbytes, 1))
        block = Mapping(handle, max(x.nbytes, 1))
    finally:
        os.close(handle)
    block.path = path
    weakref.finalize(block, remove, path, os.getpid())
    made = np.ndarray(x.shape, x.dtype, block)
    made[...] = x
    return made


def remove(path: str, owner: int) -> None:
    """Remove a file, in the process that made it."""
    if os.getpid() == owner and os.path.exists(path):
        os.unlink(path)


def sent(tensor: Any) -> Any:
    """What goes to another process for a tensor: the name of its file, or, if its memory is not shared, its entries."""
    if not tensor.is_leaf:
        raise RuntimeError(
            message(
                "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support crossing "
                "process boundaries.  If you just want to transfer the data, call detach() on the tensor before serializing",
                f"this tensor was computed, by {tensor.grad_fn.name()}; its history stays in this process",
                "x.detach()",
            )
        )
    if not is_shared(tensor):
        return tensor.__reduce_ex__(4)
    x = tensor.array
    block: Any = memory.owner(x).base
    place = (block.path, memory.offset(x) * x.itemsize, dtypes.of(x), x.shape, x.strides)
    return received, (type(tensor), place, tensor.node is not None)


def received(kind: type, place: tuple[Any, ...], requires_grad: bool) -> Any:
    """The tensor on the file that another process named."""
    path, offset, dtype, shape, strides = place
    with open(path, "r+b") as file:
        block = Mapping(file.fileno(), 0)
    block.path = path
    result: Any = object.__new__(kind)
    result.array, result.version = np.ndarray(shape, dtype.numpy, block, offset, strides), [0]
    return result.requires_grad_() if requires_grad else result
