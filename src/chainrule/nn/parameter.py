"""`Parameter`: a tensor that a module finds by itself and an optimizer updates."""

from __future__ import annotations

from typing import Any

from ..base import device as devices
from ..base import dtypes
from ..graph.value import Leaf, Value, wrap
from ..tensors import printing
from ..tensors.tensor import Tensor


class Parameter(Tensor):
    """A tensor with ``requires_grad=True`` that registers itself when assigned to a module's attribute.

    >>> nn.Parameter(torch.ones(2))
    Parameter containing:
    tensor([1., 1.], requires_grad=True)
    """

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            import numpy as np

            array = np.empty(0, dtypes.Defaults.dtype.numpy)
        elif isinstance(data, Value):
            array = data.array
        else:
            raise TypeError(f"cannot create a Parameter from {type(data).__name__}: pass a tensor, torch.tensor(…)")
        made = object.__new__(cls)
        made.array = array
        made.version = data.version if data is not None else [0]
        if requires_grad:
            if array.dtype.kind in "bui":
                made.requires_grad_()
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
        return (type(self), (self.detach(), self.requires_grad))


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
    import numpy as np

    devices.check(device)
    return Parameter(wrap(np.zeros(shape, dtypes.numpy_of(dtype))), requires_grad)
