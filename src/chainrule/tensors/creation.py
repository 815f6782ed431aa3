"""New tensors: from data, and filled with given values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..graph.promote import as_array
from ..graph.value import Value, wrap
from .coerce import number, sizes, tensor_like
from .inplace import into


def finish(array: np.ndarray, requires_grad: bool = False, device: Any = None, out: Any = None) -> Any:
    """A new tensor around an array that nobody else holds."""
    if device is not None:
        devices.check(device)
    t = wrap(array)
    if out is not None:
        return into(out, t)
    if requires_grad:
        t.requires_grad_()
    return t


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


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """``data`` as a tensor, without a copy where it already is one or is a NumPy array of the right dtype."""
    if device is not None:
        devices.check(device)
    if isinstance(data, Value):
        return data if dtype is None else data.to(dtype)
    if isinstance(data, np.ndarray):
        wanted = data.dtype if dtype is None else dtypes.numpy_of(dtype)
        return from_numpy(data) if wanted == data.dtype else wrap(data.astype(wanted))
    return tensor(data, dtype=dtype)


def from_numpy(array: np.ndarray) -> Any:
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


def zeros(*size: Any, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
          requires_grad: bool = False, pin_memory: bool = False) -> Any:  # fmt: skip
    """A tensor of zeros of the given shape.

    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return finish(np.zeros(extent(size), dtypes.numpy_of(dtype)), requires_grad, device, out)


def ones(*size: Any, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
         requires_grad: bool = False, pin_memory: bool = False) -> Any:  # fmt: skip
    """A tensor of ones of the given shape.

    >>> torch.ones(3)
    tensor([1., 1., 1.])
    """
    return finish(np.ones(extent(size), dtypes.numpy_of(dtype)), requires_grad, device, out)


def empty(*size: Any, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
          requires_grad: bool = False, pin_memory: bool = False, memory_format: Any = None) -> Any:  # fmt: skip
    """A tensor of the given shape whose entries are whatever was in memory."""
    return finish(np.empty(extent(size), dtypes.numpy_of(dtype)), requires_grad, device, out)


def extent(size: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape in ``zeros(2, 3)`` or ``zeros((2, 3))``; sizes count, so none is negative."""
    shape = sizes(size)
    for n in shape:
        if n < 0:
            raise RuntimeError(
                message(f"Trying to create tensor with negative dimension {n}: {list(shape)}", "a size counts entries")
            )
    return shape


def full(size: Any, fill_value: Any, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
         requires_grad: bool = False, pin_memory: bool = False) -> Any:  # fmt: skip
    """A tensor of the given shape, every entry ``fill_value``; its dtype is that of the value unless given.

    >>> torch.full((2, 2), 3.5)
    tensor([[3.5000, 3.5000],
            [3.5000, 3.5000]])
    """
    value = number(fill_value)
    kind = dtypes.of_scalar(value).numpy if dtype is None else dtypes.numpy_of(dtype)
    return finish(np.full(extent((size,)), as_array(value, kind), kind), requires_grad, device, out)


def like(input: Any, dtype: Any) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and NumPy dtype of ``…_like``."""
    x = tensor_like(input).array
    return x.shape, x.dtype if dtype is None else dtypes.numpy_of(dtype)


def zeros_like(input: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
               memory_format: Any = None) -> Any:  # fmt: skip
    """A tensor of zeros with the shape (and unless given, the dtype) of another."""
    return finish(np.zeros(*like(input, dtype)), requires_grad, device)


def ones_like(input: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
              memory_format: Any = None) -> Any:  # fmt: skip
    """A tensor of ones with the shape (and unless given, the dtype) of another."""
    return finish(np.ones(*like(input, dtype)), requires_grad, device)


def empty_like(input: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
               memory_format: Any = None) -> Any:  # fmt: skip
    """A tensor of the shape (and unless given, the dtype) of another, its entries whatever was in memory."""
    return finish(np.empty(*like(input, dtype)), requires_grad, device)


def full_like(input: Any, fill_value: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
              requires_grad: bool = False, memory_format: Any = None) -> Any:  # fmt: skip
    """A tensor of the shape (and unless given, the dtype) of another, every entry ``fill_value``."""
    shape, kind = like(input, dtype)
    return finish(np.full(shape, as_array(number(fill_value), kind), kind), requires_grad, device)


def arange(start: Any, end: Any = None, step: Any = 1, *, out: Any = None, dtype: Any = None, layout: Any = None,
           device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Any:  # fmt: skip
    """start, start + step, … below ``end``: y[i] = start + i · step, ⌈(end − start) / step⌉ entries.

    >>> torch.arange(5), torch.arange(1, 2.5, 0.5)
    (tensor([0, 1, 2, 3, 4]), tensor([1.0000, 1.5000, 2.0000]))
    """
    if end is None:
        start, end = 0, start
    start, end, step = number(start), number(end), number(step)
    whole = all(isinstance(n, int) for n in (start, end, step))
    kind = dtypes.numpy_of(dtype) if dtype is not None else np.dtype(np.int64) if whole else dtypes.Defaults.dtype.numpy
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError(
            message(
                "upper bound and lower bound inconsistent with step sign",
                f"stepping by {step} from {start} never reaches {end}",
                f"torch.arange({start}, {end}, {-step})",
            )
        )
    if kind.kind in "iu":
        start, end, step = int(start), int(end), int(step)
        return finish(np.arange(start, end, step, np.int64).astype(kind, copy=False), requires_grad, device, out)
    count = math.ceil((end - start) / step)
    values = start + np.arange(count, dtype=np.float64) * step
    return finish(values.astype(kind), requires_grad, device, out)


def linspace(start: Any, end: Any, steps: int, *, out: Any = None, dtype: Any = None, layout: Any = None,
             device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Any:  # fmt: skip
    """``steps`` numbers at equal distances, from ``start`` to ``end``, both included.

    >>> torch.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    start, end = number(start), number(end)
    kind = dtypes.numpy_of(dtype)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return finish(spaced(start, end, steps, kind), requires_grad, device, out)


def spaced(start: Any, end: Any, steps: int, kind: np.dtype) -> np.ndarray:
    """Equal distances, computed from the nearer end in the dtype itself, as PyTorch does, so that digits agree."""
    if kind.kind in "iu":
        step = (end - start) / (steps - 1) if steps > 1 else 0.0
        i = np.arange(steps)
        near, far = start + step * i, end - step * (steps - 1 - i)
        return np.where(i < steps // 2, near, far).astype(kind) if steps > 1 else np.full(steps, start, kind)
    wide = np.dtype(np.float32) if kind.char in "eE" else kind
    if steps < 2:
        return np.full(steps, start, wide).astype(kind)
    a, b = wide.type(start), wide.type(end)
    step = (b - a) / wide.type(steps - 1)
    i = np.arange(steps)
    rising = a + step * i.astype(wide)
    falling = b - step * (steps - 1 - i).astype(wide)
    return np.where(i < steps // 2, rising, falling).astype(kind)


def eye(n: int, m: int | None = None, *, out: Any = None, dtype: Any = None, layout: Any = None, device: Any = None,
        requires_grad: bool = False, pin_memory: bool = False) -> Any:  # fmt: skip
    """The n × m matrix with ones on its diagonal and zeros elsewhere.

    >>> torch.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    for name, count in (("n", n), ("m", m)):
        if count is not None and count < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {count}")
    return finish(np.eye(n, m, dtype=dtypes.numpy_of(dtype)), requires_grad, device, out)
