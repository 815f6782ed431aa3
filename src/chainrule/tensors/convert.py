"""From one form to another: dtypes, devices, copies, the memory below, Python objects and pickles."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..base.layout import contiguous_format, in_format, preserve_format
from ..base.shapes import axis
from ..graph.apply import look, plain
from ..graph.promote import cast
from ..graph.value import Value, wrap
from ..ops import shape as op
from ..ops.kernels import memory
from .size import Size

# ---------------------------------------------------------------------- copies


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """The same entries in memory of their own; gradients flow through.

    >>> x = torch.ones(2); y = x.clone(); y[0] = 5; x
    tensor([1., 1.])
    """
    return plain(op.clone if memory_format is None else op.CloneAs(memory_format), input)


def contiguous(input: Any, memory_format: Any = None) -> Any:
    """The tensor itself if its entries lie in memory in order, otherwise a copy of which that holds."""
    if memory_format is None:
        return input if input.array.flags.c_contiguous else plain(op.contiguous, input)
    return input if in_format(input.array, memory_format) else plain(op.CloneAs(memory_format), input)


# ---------------------------------------------------------------------- dtypes and devices


def to(input: Any, *args: Any, **kwargs: Any) -> Any:
    """The tensor in another dtype, on another device, or both: ``x.to(torch.float64)``, ``x.to("cpu")``, ``x.to(other)``.

    The tensor itself where nothing changes, unless ``copy=True``.

    >>> torch.tensor([1, 2]).to(torch.float32)
    tensor([1., 2.])
    """
    if len(args) == 1 and not kwargs and type(args[0]) is dtypes.dtype:
        return cast(input, args[0])
    order = kwargs.pop("memory_format", None)
    dtype, copy = destination(*args, **kwargs)
    if dtype is None or dtypes.of(input.array) is dtype:
        result = clone(input) if copy else input
    else:
        result = cast(input, dtype)
    return result if order in (None, preserve_format) else contiguous(result, order)


def destination(*args: Any, dtype: Any = None, device: Any = None, other: Any = None, non_blocking: bool = False,
                copy: bool = False) -> tuple[Any, bool]:  # fmt: skip
    """What ``to(…)`` was asked for: a dtype or None, and whether to copy in any case."""
    rest = list(args)
    if rest and isinstance(rest[0], Value):
        other = rest.pop(0)
    elif rest and not is_dtype(rest[0]):
        device = rest.pop(0)
    if rest and is_dtype(rest[0]):
        dtype = rest.pop(0)
    if len(rest) > 2 or any(not isinstance(r, bool) for r in rest):
        raise TypeError(
            message(
                f"to() received an invalid combination of arguments - got ({', '.join(type(a).__name__ for a in args)})",
                instead="x.to(dtype), x.to(device), x.to(device, dtype) or x.to(other), then non_blocking=… and copy=…",
            )
        )
    if other is not None:
        dtype = dtypes.of(other.array)
    if device is not None:
        if not isinstance(device, (str, int, devices.device)):
            raise TypeError(f"to(): argument 'device' must be torch.device, not {type(device).__name__}")
        devices.check(device)
    return None if dtype is None else as_dtype(dtype), copy or (len(rest) == 2 and rest[1])


def is_dtype(x: Any) -> bool:
    return isinstance(x, dtypes.dtype) or x in (float, int, bool, complex)


def as_dtype(kind: Any) -> dtypes.dtype:
    """A dtype for a dtype, or for Python's ``float``, ``int``, ``bool`` or ``complex``."""
    if isinstance(kind, dtypes.dtype):
        return kind
    if kind in (float, int, bool, complex):
        return dtypes.FROM_NUMPY[np.dtype(kind)]
    raise TypeError(message(f"dtype must be torch.dtype, not {type(kind).__name__}", instead="x.to(torch.float32)"))


def conversion(name: str, kind: dtypes.dtype) -> Any:
    """The method that converts to one dtype."""

    def method(input: Any, memory_format: Any = None) -> Any:
        return cast(input, kind) if memory_format is None else to(input, kind, memory_format=memory_format)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"The tensor in dtype ``torch.{kind.name}``; itself if that is its dtype."
    return method


NAMES = {
    "FloatTensor": dtypes.float32, "DoubleTensor": dtypes.float64, "HalfTensor": dtypes.float16,
    "BFloat16Tensor": dtypes.bfloat16, "LongTensor": dtypes.int64, "IntTensor": dtypes.int32, "ShortTensor": dtypes.int16,
    "CharTensor": dtypes.int8, "ByteTensor": dtypes.uint8, "BoolTensor": dtypes.bool_,
    "ComplexFloatTensor": dtypes.complex64, "ComplexDoubleTensor": dtypes.complex128,
}  # fmt: skip
TYPE_NAMES = {kind: f"torch.{name}" for name, kind in NAMES.items()}


def type_(input: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The name of the tensor's type, such as ``"torch.FloatTensor"``; with ``dtype``, the tensor converted to it."""
    if dtype is None:
        kind = dtypes.of(input.array)
        return TYPE_NAMES.get(kind, f"torch.{kind.name.capitalize()}Tensor")
    if isinstance(dtype, str):
        found = NAMES.get(dtype.removeprefix("torch."))
        if found is None:
            if dtype.startswith("torch.cuda."):
                devices.check("cuda")
            raise ValueError(message(f"invalid type: '{dtype}'", instead="x.type(torch.float32)"))
        return cast(input, found)
    return cast(input, as_dtype(getattr(dtype, "legacy_dtype", dtype)))


def type_as(input: Any, other: Any) -> Any:
    """The tensor in the dtype of another."""
    return cast(input, dtypes.of(other.array))


def cpu(input: Any, memory_format: Any = None) -> Any:
    """The tensor itself: everything is on the CPU."""
    return input if memory_format is None else to(input, memory_format=memory_format)


def cuda(input: Any, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Any:
    """There is no GPU here: an error that says so."""
    return to(input, devices.device("cuda" if device is None else device), memory_format=memory_format)


def view_as_dtype(input: Any, dtype: Any) -> Any:
    """The same bytes read as numbers of another dtype; without history, as bits have no derivative."""
    if not isinstance(dtype, dtypes.dtype):
        raise TypeError(
            message(
                f"view() received an invalid combination of arguments - got ({'' if dtype is None else type(dtype).__name__}), "
                "but expected one of: (torch.dtype dtype), (tuple of ints size)",
                instead="x.view(2, -1), x.view(torch.int32)",
            )
        )
    x, kind = input.array, dtype.numpy
    if x.dtype == kind:
        return look(op.Reshape(x.shape), input)
    old, new = x.itemsize, kind.itemsize
    if old != new:
        if not x.ndim:
            raise RuntimeError("self.dim() cannot be 0 to view " + sizes_differ(x, dtype))
        if x.strides[-1] != old and x.shape[-1] != 1:
            raise RuntimeError("self.stride(-1) must be 1 to view " + sizes_differ(x, dtype) + f", but got {x.strides[-1] // old}")
        if old < new and x.shape[-1] * old % new:
            raise RuntimeError(
                f"self.size(-1) must be divisible by {new // old} to view " + sizes_differ(x, dtype) + f", but got {x.shape[-1]}"
            )
    result = wrap(x.view(kind))
    result.version = input.version
    return result


def sizes_differ(x: np.ndarray, dtype: dtypes.dtype) -> str:
    from ..base.dtypes import title

    return f"{title(dtypes.of(x))} as {title(dtype)} (different element sizes)"


# ---------------------------------------------------------------------- the memory below


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
    from copy import deepcopy as copy

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
    """A copy of an array in which views of one memory stay views of one memory."""
    root = memory.owner(array)
    if root is array or not root.flags.forc:
        return array.copy(order="K")
    key = id(root)
    if key not in memo:
        memo[key] = root.copy(order="K")
        memo.setdefault(id(memo), []).append(root)  # keeps the id taken while the memo lives
    fresh = memory.own_memory(memo[key]).view(array.dtype)
    return memory.onto(fresh[memory.offset(array) :], array.shape, array.strides)


ENGINE = {"array", "version", "node", "_grad", "_base", "_views", "_viewers"}


def shallow_copy(input: Any) -> Any:
    """``copy.copy(x)``: another tensor on the same memory, a leaf of its own."""
    result = object.__new__(type(input))
    result.array, result.version = input.array, input.version
    if input.node is not None:
        result.requires_grad_()
    vars(result).update({k: v for k, v in vars(input).items() if k not in ENGINE})
    return result


def reduce(input: Any) -> Any:
    """What pickle stores: the entries, whether gradients were asked for, and the attributes; never a history."""
    if not input.is_leaf:
        raise RuntimeError(
            message(
                "Cowardly refusing to serialize non-leaf tensor which requires_grad, since autograd does not support crossing "
                "process boundaries.  If you just want to transfer the data, call detach() on the tensor before serializing",
                f"this tensor was computed, by {input.grad_fn.name()}; its history cannot be stored",
                "x.detach()",
            )
        )
    own = {k: v for k, v in vars(input).items() if k not in ENGINE}
    x = input.array
    root = memory.owner(x)
    layout = None if root is x or not root.flags.forc else (root, x.dtype.str, memory.offset(x), x.shape, x.strides)
    return rebuild, (type(input), x if layout is None else None, layout, input.node is not None, own)


def rebuild(kind: type, array: Any, layout: Any, requires_grad: bool, own: dict[str, Any]) -> Any:
    """A tensor from what `reduce` stored. (Views of one memory are stored with it, and share it again.)"""
    result = object.__new__(kind)
    if layout is not None:
        root, dtype, offset, shape, strides = layout
        array = memory.onto(memory.own_memory(root).view(dtype)[offset:], shape, strides)
    result.array, result.version = array, [0]
    if requires_grad:
        result.requires_grad_()
    vars(result).update(own)
    return result


# ---------------------------------------------------------------------- names that are Python's own


class Conversions:
    """The methods whose names are those of Python's own types: kept apart so that they shadow nothing in `Tensor`."""

    float, double = conversion("float", dtypes.float32), conversion("double", dtypes.float64)
    half, bfloat16 = conversion("half", dtypes.float16), conversion("bfloat16", dtypes.bfloat16)
    long, int = conversion("long", dtypes.int64), conversion("int", dtypes.int32)
    short, char = conversion("short", dtypes.int16), conversion("char", dtypes.int8)
    byte, bool = conversion("byte", dtypes.uint8), conversion("bool", dtypes.bool_)
    cfloat, cdouble = conversion("cfloat", dtypes.complex64), conversion("cdouble", dtypes.complex128)
    chalf = conversion("chalf", dtypes.complex64)
    type = type_
