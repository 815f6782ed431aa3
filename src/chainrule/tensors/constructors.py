"""The older constructors: ``torch.Tensor(2, 3)``, ``torch.FloatTensor([...])``, ``x.new(...)``."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.dtypes import dtype
from ..base.errors import message
from ..graph import value as graph
from ..graph.value import Value
from .coerce import sizes
from .convert import NAMES
from .creation import to_array
from .size import Size


def entries(data: tuple[Any, ...], kind: dtype | None) -> tuple[np.ndarray, Any]:
    """The array that ``Tensor(*data)`` means, and the tensor it shares memory with, if any.

    Ints are sizes, and the entries whatever was in memory; a sequence is data; a tensor is shared.
    """
    to = (kind or dtypes.Defaults.dtype).numpy
    if not data:
        return np.empty(0, to), None
    first = data[0]
    if len(data) == 1 and isinstance(first, Value):
        if kind is not None and dtypes.of(first.array) is not kind:
            raise TypeError(
                message(
                    f"expected TensorOptions(dtype={kind.alias}) (got TensorOptions(dtype={dtypes.of(first.array).alias}))",
                    f"the constructor shares the entries of a tensor, and this one holds {dtypes.of(first.array)}",
                    f"x.to({kind!r})",
                )
            )
        return first.array, first
    if len(data) == 1 and not isinstance(first, (int, Size)):
        if isinstance(first, (list, tuple, range, np.ndarray)):
            array = to_array(first, kind if to.kind in "iu" and not floats(first) else None)
            return array.astype(to, copy=False), None
        if isinstance(first, str):
            raise TypeError(f"new(): invalid data type 'str': {first!r}")
        raise TypeError(
            message(
                f"new(): data must be a sequence (got {type(first).__name__})",
                "an int would be a size, and a single number is no sequence",
                f"torch.tensor({first!r})",
            )
        )
    return np.empty(sizes(data), to), None


def floats(data: Any) -> bool:
    return np.asarray(data).dtype.kind == "f"


def build(cls: type, *data: Any, dtype: dtype | None = None, device: Any = None) -> Any:
    """``cls(*data)``: a tensor of that class."""
    devices.check(device)
    array, shared = entries(data, dtype)
    made: Any = object.__new__(cls)
    made.array, made.version = array, [0] if shared is None else shared.version
    return made


def new(self: Any, *data: Any, dtype: Any = None, device: Any = None) -> Any:
    """``x.new(2, 3)``, ``x.new([1, 2])``: a tensor of x's dtype."""
    kind = dtypes.of(self.array)
    if len(data) == 1 and isinstance(data[0], Value):
        data = (data[0].array,)
    return build(type(self), *data, dtype=kind, device=device)


class TypedConstructor:
    """``torch.FloatTensor`` and its relatives: makes tensors of one dtype, and knows them (``isinstance``).

    >>> torch.LongTensor([1, 2]), isinstance(torch.ones(1), torch.FloatTensor)
    (tensor([1, 2]), True)
    """

    is_cuda = False

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self.dtype = self.legacy_dtype = NAMES[name]

    def __call__(self, *data: Any, device: Any = None) -> Any:
        return build(graph.Result, *data, dtype=self.dtype, device=device)

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, Value) and dtypes.of(value.array) is self.dtype

    def __repr__(self) -> str:
        return f"<class 'torch.{self.__name__}'>"


FloatTensor, DoubleTensor, HalfTensor = map(TypedConstructor, ("FloatTensor", "DoubleTensor", "HalfTensor"))
BFloat16Tensor, BoolTensor, ByteTensor = map(TypedConstructor, ("BFloat16Tensor", "BoolTensor", "ByteTensor"))
CharTensor, ShortTensor, IntTensor, LongTensor = map(
    TypedConstructor, ("CharTensor", "ShortTensor", "IntTensor", "LongTensor")
)
