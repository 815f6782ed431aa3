"""New tensors from data: numbers, nested sequences, arrays, buffers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..graph.promote import cast
from ..graph.value import Value, wrap
from ..native import aligned
from .convert import as_dtype
from .exchange import check_dtype
from .exchange import from_dlpack as from_dlpack
from .exchange import from_numpy as from_numpy
from .filled import finish


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Any:
    """A new tensor that holds a copy of ``data``: a number, nested sequences, a NumPy array.

    Without ``dtype``: Python floats become the default floating dtype, ints int64, bools bool; arrays keep theirs.

    >>> torch.tensor([[1., 2.], [3., 4.]])
    tensor([[1., 2.],
            [3., 4.]])
    """
    if isinstance(data, Value):
        import warnings

        warnings.warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).",
            UserWarning,
            stacklevel=2,
        )
    return finish(to_array(data, dtype), requires_grad=requires_grad, device=device, pin_memory=pin_memory)


def to_array(data: Any, dtype: Any = None) -> np.ndarray:
    """A fresh NumPy array with the entries of ``data``, in the dtype that PyTorch would infer."""
    wanted = None if dtype is None else dtypes.numpy_of(dtype)
    if isinstance(data, Value):
        return aligned.copy(data.array, wanted)
    if isinstance(data, (np.ndarray, np.generic)):
        array = np.asarray(data)
        check_dtype(array)
        return aligned.copy(array, wanted)
    plain = unwrap(data)
    try:
        array = np.array(plain)
    except ValueError:
        raise ValueError(ragged(plain)) from None
    if array.dtype.kind in "OUSM":
        raise (TypeError if isinstance(first_of(plain), str) else RuntimeError)(why_not_numbers(plain))
    if wanted is None:
        if array.size == 0 and array.dtype.kind == "f" or array.dtype.kind == "f" and not keeps_float64(plain):
            wanted = dtypes.Defaults.dtype.numpy
        elif array.dtype.kind == "c" and not keeps_float64(plain):
            wanted = dtypes.Defaults.dtype.to_complex().numpy
        elif array.dtype.kind == "u":
            raise RuntimeError("Overflow when unpacking long")
    if wanted is not None and wanted.kind in "iu" and array.dtype.kind == "i" and array.size:
        info = np.iinfo(wanted)
        low, high = int(array.min()), int(array.max())
        if low < info.min and wanted.kind == "i" or high > info.max:
            raise RuntimeError(f"value cannot be converted to type {wanted.name} without overflow: {low if low < info.min else high}")
    if wanted is None:
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))
    return array.astype(wanted)


def unwrap(data: Any) -> Any:
    """Nested sequences with the 0-dim (or larger) tensors in them replaced by what they hold."""
    if isinstance(data, Value):
        return data.array.item() if data.array.ndim == 0 else data.array.tolist()
    if isinstance(data, (list, tuple, range)) and data and not isinstance(data[0], (int, float)):
        return [unwrap(d) for d in data]
    return data


def keeps_float64(data: Any) -> bool:
    """Whether the first number in nested sequences is NumPy's double precision, which PyTorch keeps."""
    while isinstance(data, (list, tuple)) and data:
        data = data[0]
    return isinstance(data, (np.ndarray, np.float64)) and data.dtype == np.float64


def ragged(data: Any, at: str = "") -> str:
    """PyTorch's error for sequences whose lengths differ, with the first two lengths that do."""
    depth = 0
    level = [data]
    while level and all(isinstance(d, (list, tuple)) for d in level):
        lengths = [len(d) for d in level]
        if len(set(lengths)) > 1:
            odd = next(n for n in lengths if n != lengths[0])
            return message(
                f"expected sequence of length {lengths[0]} at dim {depth} (got {odd})",
                "all rows of a tensor have the same length",
                "pad the shorter ones: torch.nn.utils.rnn.pad_sequence",
            )
        level = [e for d in level for e in d]
        depth += 1
    return f"expected nested sequences of equal lengths, but dimension {depth} mixes numbers and sequences"


def first_of(data: Any) -> Any:
    """The first thing in nested sequences that is no number."""
    while isinstance(data, (list, tuple)) and data:
        data = next((d for d in data if not isinstance(d, (int, float, complex))), data[0])
    return data


def why_not_numbers(data: Any) -> str:
    odd = first_of(data)
    if isinstance(odd, str):
        return message(
            f"new(): invalid data type 'str': {odd!r}", "a tensor holds numbers", "float(text), or an index for each category"
        )
    return message(f"Could not infer dtype of {type(odd).__name__}", f"a tensor holds numbers, and {odd!r} is none")


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """``data`` as a tensor, without a copy where it already is one or is a NumPy array of the right dtype."""
    if device is not None:
        devices.check(device)
    if isinstance(data, Value):
        return data if dtype is None else cast(data, as_dtype(dtype))
    if isinstance(data, np.ndarray):
        wanted = data.dtype if dtype is None else dtypes.numpy_of(dtype)
        return from_numpy(data) if wanted == data.dtype else wrap(data.astype(wanted))
    return tensor(data, dtype=dtype)


def new_tensor(self: Any, data: Any, *, dtype: Any = None, **options: Any) -> Any:
    """A new tensor that holds a copy of ``data``, in this tensor's dtype unless told."""
    return finish(to_array(data, dtypes.of(self.array) if dtype is None else dtype), **options)


def asarray(obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False) -> Any:
    """``obj`` as a tensor, on its own memory where that can be: a tensor, an array, a buffer, numbers.

    ``copy=True`` copies in any case, ``copy=False`` never does and raises where it would have to.
    """
    if device is not None:
        devices.check(device)
    found: Any
    if isinstance(obj, Value):
        found = obj if dtype is None else cast(obj, as_dtype(dtype))
    elif isinstance(obj, np.ndarray):
        found = as_tensor(obj, dtype)
    elif hasattr(obj, "__dlpack__"):
        found = as_tensor(from_dlpack(obj), dtype)
    elif isinstance(obj, (bytes, bytearray, memoryview)):
        found = frombuffer(obj if not isinstance(obj, bytes) else bytearray(obj), dtype=dtype or dtypes.Defaults.dtype)
    else:
        if copy is False:
            raise ValueError("can't alias arbitrary sequence into a tensor.")
        return finish(to_array(obj, dtype), requires_grad=requires_grad)
    shared = found is obj or (isinstance(obj, np.ndarray) and np.may_share_memory(found.array, obj))
    if copy and shared:
        found = wrap(found.array.copy()) if requires_grad or not isinstance(obj, Value) else found.clone()
    elif copy is False and isinstance(obj, (Value, np.ndarray)) and not shared:
        raise ValueError(f"can't alias tensor with dtype '{dtypes.of(as_tensor(obj).array)}' into dtype '{dtype}'.")
    if requires_grad and found.node is None:
        found.requires_grad_()
    return found


def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Any:
    """A vector on the memory of a Python buffer: ``count`` numbers of ``dtype`` (-1: all), from byte ``offset`` on.

    >>> torch.frombuffer(bytearray(b"abcd"), dtype=torch.uint8)
    tensor([ 97,  98,  99, 100], dtype=torch.uint8)
    """
    kind, size = dtypes.numpy_of(dtype), memoryview(buffer).nbytes
    if size == 0 or count == 0:
        raise ValueError(f"both buffer length ({size}) and count ({count}) must not be 0")
    if not 0 <= offset < size:
        raise ValueError(f"offset ({offset} bytes) must be non-negative and no greater than buffer length ({size} bytes) minus 1")
    if count < 0 and (size - offset) % kind.itemsize:
        raise ValueError(
            f"buffer length ({size - offset} bytes) after offset ({offset} bytes) must be a multiple of element size ({kind.itemsize})"
        )
    if count > 0 and offset + count * kind.itemsize > size:
        raise ValueError(
            f"requested buffer length ({count} * {kind.itemsize} bytes) after offset ({offset} bytes) must not be greater than "
            f"actual buffer length ({size} bytes)"
        )
    return finish(np.frombuffer(buffer, kind, count, offset), requires_grad=requires_grad)
