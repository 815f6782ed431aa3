"""Tensors on the memory of NumPy's and other libraries' arrays, and the reverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..graph.value import Value, wrap


def as_array(x: np.ndarray, dtype: Any, copy: bool | None) -> np.ndarray:
    """An array as NumPy asks for it: in a dtype, as a copy (True), on the same memory or not at all (False)."""
    if dtype is None or x.dtype == dtype:
        return x.copy() if copy else x
    if copy is False:
        raise ValueError(
            message(
                "Unable to avoid copy while creating an array as requested.",
                f"the tensor holds {dtypes.of(x)}, and the array is to hold {np.dtype(dtype)}",
                "np.asarray(x, dtype=…)",
            )
        )
    return x.astype(dtype)


def from_numpy(array: np.ndarray) -> Any:
    """A tensor on the memory of a NumPy array: writes to either show in both."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    check_dtype(array)
    if any(s < 0 for s in array.strides):
        raise ValueError(
            message(
                "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
                "currently supported. (You can probably work around this by making a copy of your array with array.copy().)"
            )
        )
    return wrap(array)


def check_dtype(array: np.ndarray) -> None:
    """Raise an error where an array's entries are not numbers, or not in this computer's order of bytes."""
    dtypes.of(array)
    if not array.dtype.isnative:
        raise ValueError(
            message(
                "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
                "currently not supported.",
                f"its dtype is {array.dtype.str!r}",
                "array.astype(array.dtype.newbyteorder('='))",
            )
        )


# ---------------------------------------------------------------------- DLPack


class Capsule:
    """What an older library hands over, in the form that NumPy reads."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **options: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Any:
    """A tensor on the memory of another library's array, through the DLPack protocol; a copy if ``copy`` asks for one.

    >>> torch.from_dlpack(np.arange(3))
    tensor([0, 1, 2])
    """
    devices.check(device)
    if isinstance(ext_tensor, Value):
        if ext_tensor.node is not None:
            raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
        found = ext_tensor.array
    elif hasattr(ext_tensor, "__dlpack__"):
        found = np.from_dlpack(ext_tensor)
    elif type(ext_tensor).__name__ == "PyCapsule":
        found = np.from_dlpack(Capsule(ext_tensor))  # type: ignore[arg-type]
    else:
        raise RuntimeError(
            message(
                f"from_dlpack received an invalid capsule: {type(ext_tensor).__name__}",
                "it takes arrays that have a __dlpack__ method, and what torch.utils.dlpack.to_dlpack returns, once",
                "torch.as_tensor(data)",
            )
        )
    return from_numpy(found.copy() if copy else found)


def to_dlpack(self: Any, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None) -> Any:
    """This tensor's memory for another library (``__dlpack__``); a tensor with a history must be detached first."""
    if self.node is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if stream is not None:
        raise AssertionError(message("stream should be None on cpu.", "a CPU has no queues of work", "x.__dlpack__()"))
    return self.array.__dlpack__(stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)


def dlpack_device(self: Any) -> tuple[int, int]:
    """The CPU, as DLPack numbers devices."""
    return self.array.__dlpack_device__()
