"""New tensors: from data, and filled with given values."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..graph.value import Value, wrap
from .coerce import sizes
from .tensor import Tensor


def finish(array: np.ndarray, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A new tensor around an array that nobody else holds."""
    if device is not None:
        devices.check(device)
    t = wrap(array)
    if requires_grad:
        t.requires_grad_()
    return t


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
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
    return finish(to_array(data, dtype), requires_grad, device)


def to_array(data: Any, dtype: Any = None) -> np.ndarray:
    """A fresh NumPy array with the entries of ``data``, in the dtype that PyTorch would infer."""
    wanted = None if dtype is None else dtypes.numpy_of(dtype)
    if isinstance(data, Value):
        return np.array(data.array, dtype=wanted)
    if isinstance(data, (np.ndarray, np.generic)):
        dtypes.of(np.asarray(data))
        return np.array(data, dtype=wanted)
    plain = unwrap(data)
    try:
        array = np.array(plain)
    except ValueError:
        raise ValueError(ragged(plain)) from None
    if array.dtype.kind in "OUSM":
        raise TypeError(why_not_numbers(plain))
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
    return array if wanted is None else array.astype(wanted)


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


def why_not_numbers(data: Any) -> str:
    while isinstance(data, (list, tuple)) and data:
        data = next((d for d in data if not isinstance(d, (int, float, complex))), data[0])
    if isinstance(data, str):
        return message(
            f"new(): invalid data type 'str': {data!r}", "a tensor holds numbers", "float(text), or an index for each category"
        )
    return f"Could not infer dtype of {type(data).__name__}"


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """``data`` as a tensor, without a copy where it already is one or is a NumPy array of the right dtype."""
    if device is not None:
        devices.check(device)
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray):
        wanted = data.dtype if dtype is None else dtypes.numpy_of(dtype)
        return from_numpy(data) if wanted == data.dtype else wrap(data.astype(wanted))
    return tensor(data, dtype=dtype)


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor on the memory of a NumPy array: writes to either show in both."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    dtypes.of(array)
    if any(s < 0 for s in array.strides):
        raise ValueError(
            message(
                "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
                "currently supported. (You can probably work around this by making a copy of your array with array.copy().)"
            )
        )
    return wrap(array)


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None, **_layout: Any) -> Tensor:
    """A tensor of zeros of the given shape.

    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return finish(np.zeros(sizes(size), dtypes.numpy_of(dtype)), requires_grad, device)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False, out: Any = None, **_layout: Any) -> Tensor:
    """A tensor of ones of the given shape.

    >>> torch.ones(3)
    tensor([1., 1., 1.])
    """
    return finish(np.ones(sizes(size), dtypes.numpy_of(dtype)), requires_grad, device)


