"""The memory below a tensor: where it is, how it is walked, who shares it; and its way into Python objects and pickles."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy as copy
from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..base.layout import check_layout, contiguous_format, in_format
from ..base.shapes import axis
from ..graph.value import Value
from ..ops.kernels import memory
from .inplace import check_writable


def data_ptr(input: Any) -> int:
    """The address of the first entry."""
    return input.array.__array_interface__["data"][0] if input.array.size else 0


def stride(input: Any, dim: int | None = None) -> Any:
    """How many entries apart neighbours along each axis (or along one) lie in memory."""
    x = input.array
    steps = tuple([s // x.itemsize for s in x.strides])
    return steps if dim is None else steps[axis(dim, x.ndim)]


def storage_offset(input: Any) -> int:
    """How many entries of its memory lie before the tensor's first."""
    return memory.offset(input.array)


def is_contiguous(input: Any, memory_format: Any = None) -> bool:
    """Whether the entries lie in memory one after the other, in order."""
    return in_format(input.array, contiguous_format if memory_format is None else memory_format)


def element_size(input: Any) -> int:
    """Bytes for one entry."""
    return input.array.itemsize


class UntypedStorage:
    """The memory a tensor looks into, as bytes: shared by all its views.

    >>> x = torch.zeros(4)
    >>> x.untyped_storage().nbytes(), x.untyped_storage().data_ptr() == x[1:].untyped_storage().data_ptr()
    (16, True)
    """

    def __init__(self, array: np.ndarray) -> None:
        self.bytes = memory.own_memory(array).view(np.uint8)

    def nbytes(self) -> int:
        return self.bytes.nbytes

    size = __len__ = nbytes

    def data_ptr(self) -> int:
        return self.bytes.__array_interface__["data"][0]

    def tolist(self) -> list[int]:
        return self.bytes.tolist()

    def __getitem__(self, i: int) -> int:
        return int(self.bytes[i])

    @property
    def device(self) -> devices.device:
        return devices.CPU

    def __repr__(self) -> str:
        lines = "".join(f" {b}\n" for b in self.bytes[:100])
        return f"{lines}[torch.storage.UntypedStorage(device=cpu) of size {self.nbytes()}]"


def untyped_storage(input: Any) -> UntypedStorage:
    """The memory this tensor looks into."""
    return UntypedStorage(input.array)


def is_set_to(input: Any, tensor: Any) -> bool:
    """Whether two tensors look into the same memory in the same way."""
    a, b = input.array, tensor.array
    return data_ptr(input) == data_ptr(tensor) and a.shape == b.shape and a.strides == b.strides and a.dtype == b.dtype


def is_view(input: Any) -> bool:
    """Whether this tensor looks into another one's memory."""
    return input._base is not None


def is_same_size(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape."""
    return input.array.shape == other.array.shape


def dim_order(input: Any) -> tuple[int, ...]:
    """The axes, from the one whose neighbours lie farthest apart in memory to the one whose lie nearest."""
    strides = input.array.strides
    return tuple(sorted(range(len(strides)), key=lambda d: -strides[d]))


def get_device(input: Any) -> int:
    """The number of the GPU that holds the tensor: -1, as it is on the CPU."""
    return -1


def is_pinned(input: Any, device: Any = None) -> bool:
    """Whether the memory is page-locked for copies to a GPU: it is not."""
    return False


def pin_memory(input: Any, device: Any = None) -> Any:
    """There is no GPU to pin memory for: an error that says so."""
    return check_layout(pin_memory=True)


def apply_(input: Any, callable: Callable[[Any], Any]) -> Any:
    """Replace every entry by ``callable(entry)``. (Slow: a Python call for each; tensor functions are quick.)"""
    return replace(input, [callable(entry) for entry in input.array.ravel().tolist()])


def map_(input: Any, tensor: Any, callable: Callable[[Any, Any], Any]) -> Any:
    """Replace every entry by ``callable(entry, the other's)``, the other broadcast to this shape."""
    other = np.broadcast_to(tensor.array, input.array.shape)
    return replace(input, [callable(a, b) for a, b in zip(input.array.ravel().tolist(), other.ravel().tolist())])


def replace(input: Any, entries: list[Any]) -> Any:
    if input.node is not None:
        raise TypeError("Can't call apply_() on Variable that requires grad. Use var.detach().apply_() instead.")
    check_writable(input)
    input.array[...] = np.array(entries, input.array.dtype).reshape(input.array.shape)
    input.version[0] += 1
    return input


# ---------------------------------------------------------------------- Python


def tolist(input: Any) -> Any:
    """The entries as nested Python lists; of a single number, the number."""
    return input.array.tolist()


def contains(input: Any, entry: Any) -> bool:
    """``entry in x``: whether some entry equals it."""
    if isinstance(entry, (Value, int, float, complex, np.generic)):
        return bool((input.array == (entry.array if isinstance(entry, Value) else entry)).any())
    raise RuntimeError(
        message(
            f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(entry)}.",
            instead="torch.tensor(entry) in x asks whether any pair of entries is equal",
        )
    )


def deepcopy(input: Any, memo: dict[int, Any]) -> Any:
    """``copy.deepcopy(x)``: a leaf with memory, gradient and attributes of its own."""
    if not input.is_leaf:
        raise RuntimeError(
            message(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you "
                "were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
                "https://github.com/pytorch/pytorch/pull/103001",
                f"this tensor was computed, by {input.grad_fn.name()}, and a copy would have no history",
                "x.detach().clone()",
            )
        )
    if id(input) in memo:
        return memo[id(input)]
    result = memo[id(input)] = object.__new__(type(input))
    result.array, result.version = copied(input.array, memo), [0]
    if input._grad is not None:
        result._grad = deepcopy(input._grad.detach() if input._grad.node is not None else input._grad, memo)
    if input.node is not None:
        result.requires_grad_()
    own = {k: v for k, v in vars(input).items() if k not in ENGINE}
    vars(result).update(copy(own, memo))
    return result


def copied(array: np.ndarray, memo: dict[int, Any]) -> np.ndarray:
    """A copy of an array in which what shared memory shares memory again."""
    root = memory.owner(array)
    if not root.flags.forc:
        return array.copy(order="K")
    if id(root) not in memo:
        memo[id(root)] = root.copy(order="K")
        memo.setdefault(id(memo), []).append(root)  # so that the id stays taken while the memo lives
    if root is array:
        return memo[id(root)]
    fresh = memory.own_memory(memo[id(root)]).view(array.dtype)
    return memory.onto(fresh[memory.offset(array) :], array.shape, array.strides)


ENGINE = {"array", "version", "node", "_grad", "_base", "_views", "_viewers", "cut"}


def shallow_copy(input: Any) -> Any:
    """``copy.copy(x)``: another tensor on the same memory, a leaf of its own."""
    result = object.__new__(type(input))
    result.array, result.version = input.array, input.version
    if input.node is not None:
        result.requires_grad_()
    vars(result).update({k: v for k, v in vars(input).items() if k not in ENGINE})
    return result


def reduce(input: Any) -> Any:
    """What pickle stores: the entries, whether gradients were asked for, and the attributes; never a history.

    So what was computed comes back as a leaf.
    """
    own = {k: v for k, v in vars(input).items() if k not in ENGINE}
    x = input.array
    root = memory.owner(x)
    layout = None if not root.flags.forc else (root, dtypes.of(x), memory.offset(x), x.shape, x.strides)
    return rebuild, (type(input), x if layout is None else None, layout, input.node is not None, own)


def rebuild(kind: type, array: Any, layout: Any, requires_grad: bool, own: dict[str, Any]) -> Any:
    """A tensor from what `reduce` stored. (Views of one memory are stored with it, and share it again.)"""
    result: Any = object.__new__(kind)
    if layout is not None:
        root, dtype, offset, shape, strides = layout
        array = memory.onto(memory.own_memory(root).view(dtype.numpy)[offset:], shape, strides)
    result.array, result.version = array, [0]
    if requires_grad:
        result.requires_grad_()
    vars(result).update(own)
    return result
