"""What the functions do that a file of ``torch.save`` names: each makes a tensor from a storage and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import wrap
from ..nn.parameter import Parameter
from ..ops.kernels import memory
from ..tensors.storage import ENGINE, UntypedStorage
from ..tensors.tensor import Tensor
from ..tensors.typed_storage import TypedStorage


def rebuild_tensor(storage: Any, offset: int, size: Any, stride: Any, dtype: Any = None) -> Tensor:
    """x[i, j, …] = storage[offset + i · stride₀ + j · stride₁ + …]"""
    if isinstance(storage, UntypedStorage) and dtype is not None:
        vector = storage.bytes[: storage.nbytes() // dtype.itemsize * dtype.itemsize].view(dtype.numpy)
    elif isinstance(storage, TypedStorage):
        vector = storage.array
    else:
        raise TypeError(f"a tensor looks into a storage, not into {storage!r}")
    shape, steps = whole(size), whole(stride)
    if len(shape) != len(steps) or type(offset) is not int or offset < 0:
        raise ValueError(f"sizes {shape}, strides {steps} and offset {offset} describe no tensor")
    entries = 0 if 0 in shape else 1 + sum((n - 1) * step for n, step in zip(shape, steps))
    if entries and offset + entries > vector.size:
        raise RuntimeError(
            message(
                f"setStorage: sizes {list(shape)}, strides {list(steps)}, storage offset {offset}, and itemsize "
                f"{vector.itemsize} requiring a storage size of {(offset + entries) * vector.itemsize} are out of bounds for "
                f"storage of size {vector.nbytes}",
                "the file describes a tensor that is larger than the storage it looks into",
            )
        )
    if not entries:
        return wrap(np.empty(shape, vector.dtype))
    return wrap(memory.onto(vector[offset:], shape, tuple(step * vector.itemsize for step in steps)))


def whole(numbers: Any) -> tuple[int, ...]:
    if not isinstance(numbers, tuple) or not all(type(n) is int and 0 <= n < 2**62 for n in numbers):
        raise ValueError(f"{numbers!r} are no sizes")
    return numbers


def rebuild_tensor_v2(
    storage: Any, offset: int, size: Any, stride: Any, requires_grad: bool, hooks: Any, metadata: Any = None
) -> Tensor:
    return marked(rebuild_tensor(storage, offset, size, stride), requires_grad, metadata)


def rebuild_tensor_v3(
    storage: Any, offset: int, size: Any, stride: Any, requires_grad: bool, hooks: Any, dtype: Any, metadata: Any = None
) -> Tensor:
    return marked(rebuild_tensor(storage, offset, size, stride, dtype), requires_grad, metadata)


def marked(made: Tensor, requires_grad: bool, metadata: Any) -> Tensor:
    """With what PyTorch notes beside the entries: that they are to be conjugated or negated, and that gradients are wanted."""
    if metadata:
        if metadata.get("conj"):
            made = wrap(np.conj(made.array))
        if metadata.get("neg"):
            made = wrap(-made.array)
    return made.requires_grad_() if requires_grad else made


def rebuild_parameter(data: Tensor, requires_grad: bool, hooks: Any) -> Parameter:
    return Parameter(data, bool(requires_grad))


def rebuild_parameter_with_state(data: Tensor, requires_grad: bool, hooks: Any, state: Any) -> Tensor:
    return attributed(Parameter(data, bool(requires_grad)), state)


def rebuild_from_type(function: Any, kind: Any, args: Any, state: Any) -> Tensor:
    """A tensor of a class derived from `Tensor`, or with attributes of its own."""
    if function not in (rebuild_tensor, rebuild_tensor_v2, rebuild_tensor_v3, rebuild_parameter):
        raise TypeError(f"{function!r} rebuilds no tensor")
    plain = function(*args)
    if type(plain) is kind:
        return attributed(plain, state)
    if not (isinstance(kind, type) and issubclass(kind, Tensor)):
        raise TypeError(f"{kind!r} is no class of tensors")
    made: Any = object.__new__(kind)
    made.array, made.version = plain.array, [0]
    if plain.requires_grad:
        made.requires_grad_()
    return attributed(made, state)


def attributed(made: Tensor, state: Any) -> Tensor:
    """With the attributes that the program had given it; never with one that would hide a method."""
    if isinstance(state, tuple):
        state = {**(state[0] or {}), **(state[1] or {})}
    for name, value in (state or {}).items():
        if type(name) is not str or name in ENGINE or hasattr(type(made), name):
            raise ValueError(f"a tensor cannot have an attribute {name!r}")
        vars(made)[name] = value
    return made
