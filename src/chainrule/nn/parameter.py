"""`Parameter`: a tensor that a module finds by itself and an optimizer updates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..graph.value import SMALL, Leaf, Value, wrap
from ..native import aligned
from ..tensors import printing
from ..tensors.coerce import require_floating
from ..tensors.storage import ENGINE
from ..tensors.tensor import Tensor


class Parameter(Tensor):
    """A tensor with ``requires_grad=True`` that registers itself when assigned to a module's attribute.

    >>> nn.Parameter(torch.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            array = np.empty(0, dtypes.Defaults.dtype.numpy)
        elif isinstance(data, Value):
            array = data.array
        else:
            raise TypeError(f"cannot create a Parameter from {type(data).__name__}: pass a tensor, torch.tensor(…)")
        made = object.__new__(cls)
        made.array = array
        made.version = data.version if data is not None else [0]
        if requires_grad:
            require_floating(array, "Only Tensors of floating point and complex dtype can require gradients")
            made.node = Leaf(made)
        return made

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        pass

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return printing.format_spec(self.array, spec, text=self.__repr__, type_name="Parameter")

    def __deepcopy__(self, memo: dict[int, Any]) -> Parameter:
        copy = memo.get(id(self))
        if copy is None:
            copy = type(self)(Tensor.detach(self).clone(), self.requires_grad)
            memo[id(self)] = copy
        return copy

    def __reduce_ex__(self, protocol: Any) -> Any:
        own = {name: value for name, value in vars(self).items() if name not in ENGINE}
        return (type(self), (self.detach(), self.requires_grad), own or None)


class Buffer(Tensor):
    """A tensor that belongs to a module's state without being trained, such as a running mean."""

    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Buffer:
        made = object.__new__(cls)
        made.array, made.version = data.array, data.version
        made.persistent = persistent
        return made

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        pass


def fresh(shape: tuple[int, ...], dtype: Any = None, device: Any = None, requires_grad: bool = True) -> Parameter:
    """A parameter of a shape whose entries are still to be drawn."""
    devices.check(device)
    for place, n in enumerate(shape):
        if not isinstance(n, int | np.integer):
            raise TypeError(
                message(
                    f"empty(): argument 'size' failed to unpack the object at pos {place + 1} with error \"type must be tuple of "
                    f'ints,but got {type(n).__name__}"',
                    f"a layer has a whole number of features; got {n!r}",
                    "n // 2 instead of n / 2, or int(n)" if isinstance(n, float) else "",
                )
            )
        if n < 0:
            raise RuntimeError(
                message(f"Trying to create tensor with negative dimension {n}: {list(shape)}", "a size counts entries")
            )
    return Parameter(wrap(aligned.zeros(shape, dtypes.numpy_of(dtype))), requires_grad)


class Uninitialized:
    """A tensor of a lazy layer, whose shape the first input will tell; until then only its dtype is known."""

    kind: np.dtype

    @property
    def array(self) -> np.ndarray:
        raise ValueError(
            message(
                "Attempted to use an uninitialized parameter. This error happens when you are using a `LazyModule` or explicitly "
                "manipulating `torch.nn.parameter.UninitializedParameter` objects. When using LazyModules Call `forward` with a "
                "dummy batch to initialize the parameters before calling torch functions",
                "its shape follows from the first input",
                "model(torch.zeros(1, …)) first",
            )
        )

    @property
    def shape(self) -> Any:
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually happens in `load_state_dict` "
            "when trying to load an uninitialized parameter into an initialized one. Call `forward` to initialize the "
            "parameters before accessing their attributes."
        )

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.FROM_NUMPY[self.kind]

    def detach(self) -> Any:
        return self

    def convert(self, fn: Callable[[Tensor], Tensor]) -> None:
        """Take the dtype that ``fn`` gives to an empty tensor of this dtype."""
        self.kind = fn(wrap(np.empty(0, self.kind))).array.dtype

    def materialize(self, shape: tuple[int, ...], device: Any = None, dtype: Any = None) -> None:
        """Become an ordinary tensor of this shape."""
        devices.check(device)
        kind = self.kind if dtype is None else dtypes.numpy_of(dtype)
        self.__class__ = self.becomes  # type: ignore[attr-defined]
        self.array = aligned.zeros(tuple(shape), kind)  # type: ignore[misc]
        if isinstance(self.node, Leaf):  # type: ignore[attr-defined]
            self.node.small = self.array.nbytes <= SMALL  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


class UninitializedParameter(Uninitialized, Parameter):  # type: ignore[override]  # its array cannot be read yet
    """A parameter whose shape is still unknown."""

    becomes = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> UninitializedParameter:
        made = object.__new__(cls)
        devices.check(device)
        made.kind, made.version = dtypes.numpy_of(dtype), [0]
        if requires_grad:
            made.node = Leaf(made, shaped=False)
        return made

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        pass

    def __deepcopy__(self, memo: dict[int, Any]) -> UninitializedParameter:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.requires_grad, dtype=self.dtype)
        return memo[id(self)]


class UninitializedBuffer(Uninitialized, Tensor):  # type: ignore[override]  # its array cannot be read yet
    """A buffer whose shape is still unknown."""

    becomes = Tensor
    persistent: bool

    def __new__(
        cls, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> UninitializedBuffer:
        made = object.__new__(cls)
        devices.check(device)
        made.kind, made.version, made.persistent = dtypes.numpy_of(dtype), [0], persistent
        return made

    def __init__(
        self, requires_grad: bool = False, device: Any = None, dtype: Any = None, persistent: bool = True
    ) -> None:
        pass


def is_lazy(param: Any) -> bool:
    """Whether this is a parameter or a buffer whose shape is not known yet."""
    return isinstance(param, Uninitialized)


UninitializedTensorMixin = Uninitialized
