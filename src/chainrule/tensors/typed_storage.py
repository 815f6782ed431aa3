"""``torch.FloatStorage`` and its relatives: the memory of a tensor as numbers of one dtype, in one row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..graph.value import Value
from ..ops.kernels import memory
from .storage import UntypedStorage

NAMES = {
    "Float": dtypes.float32, "Double": dtypes.float64, "Half": dtypes.float16, "BFloat16": dtypes.bfloat16,
    "Long": dtypes.int64, "Int": dtypes.int32, "Short": dtypes.int16, "Char": dtypes.int8, "Byte": dtypes.uint8,
    "Bool": dtypes.bool_, "ComplexFloat": dtypes.complex64, "ComplexDouble": dtypes.complex128,
}  # fmt: skip


class StorageKind(type):
    """A storage is an instance of the kind of its dtype."""

    def __instancecheck__(cls, value: Any) -> bool:
        return super().__instancecheck__(value) or (
            type(value) is TypedStorage and getattr(cls, "dtype_of_kind", None) is value.dtype
        )


class TypedStorage(metaclass=StorageKind):
    """The entries of a tensor's memory, shared by all tensors that look into it.

    >>> x = torch.arange(4.0).reshape(2, 2)
    >>> x.T.storage().tolist(), isinstance(x.storage(), torch.FloatStorage)
    ([0.0, 1.0, 2.0, 3.0], True)
    """

    is_cuda = is_sparse = False

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    dtype_of_kind: ClassVar[dtypes.dtype | None] = None

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.of(self.array)

    @property
    def device(self) -> devices.device:
        return devices.CPU

    def untyped(self) -> UntypedStorage:
        """The same memory as bytes."""
        return UntypedStorage(self.array)

    def size(self) -> int:
        """The number of entries."""
        return self.array.size

    __len__ = size

    def nbytes(self) -> int:
        return self.array.nbytes

    def element_size(self) -> int:
        return self.array.itemsize

    def data_ptr(self) -> int:
        return self.array.__array_interface__["data"][0]

    def tolist(self) -> list[Any]:
        return self.array.tolist()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __getitem__(self, i: int) -> Any:
        if isinstance(i, slice):
            raise RuntimeError(
                message("slices are only supported in UntypedStorage.__getitem__", instead="torch.tensor(storage.tolist())")
            )
        return self.array[i].item()

    def __setitem__(self, i: int | slice, value: Any) -> None:
        self.array[i] = value

    def fill_(self, value: Any) -> TypedStorage:
        self.array[...] = value
        return self

    def clone(self) -> TypedStorage:
        return TypedStorage(self.array.copy())

    def cpu(self) -> TypedStorage:
        return self

    def type(self) -> str:
        """The name of its kind, such as ``torch.FloatStorage``."""
        return next(f"torch.{name}Storage" for name, dtype in NAMES.items() if dtype is self.dtype)

    def __repr__(self) -> str:
        lines = "".join(f" {entry}\n" for entry in self.tolist())
        return f"{lines}[torch.storage.TypedStorage(dtype={self.dtype}, device=cpu) of size {len(self)}]"


def kind_of(name: str, dtype: dtypes.dtype) -> type[TypedStorage]:
    """``torch.FloatStorage``: ``FloatStorage(3)`` has room for three entries, ``FloatStorage([1, 2])`` holds these."""

    def new(cls: type, data: Any = 0) -> TypedStorage:
        array = np.zeros(data, dtype.numpy) if isinstance(data, int) else np.array(data, dtype.numpy)
        return TypedStorage(array)

    kind: Any = StorageKind(name, (TypedStorage,), {"__new__": new, "dtype_of_kind": dtype, "__doc__": kind_of.__doc__})
    return kind


KINDS = {f"{name}Storage": kind_of(f"{name}Storage", dtype) for name, dtype in NAMES.items()}
FloatStorage, DoubleStorage, HalfStorage, BFloat16Storage = list(KINDS.values())[:4]
LongStorage, IntStorage, ShortStorage, CharStorage, ByteStorage, BoolStorage = list(KINDS.values())[4:10]
ComplexFloatStorage, ComplexDoubleStorage = list(KINDS.values())[10:]
Storage = FloatStorage  # of the default dtype


def storage(input: Any) -> TypedStorage:
    """``x.storage()``: the memory this tensor looks into, as entries of its dtype."""
    return TypedStorage(memory.own_memory(input.array))


def is_storage(obj: Any) -> bool:
    """Whether an object is a storage.

    >>> torch.is_storage(torch.ones(2).untyped_storage()), torch.is_storage(torch.ones(2))
    (True, False)
    """
    return isinstance(obj, (UntypedStorage, TypedStorage)) and not isinstance(obj, Value)
