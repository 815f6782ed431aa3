"""Out of a tensor: its entries as numbers for Python and as arrays for NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..graph.value import Node, wrap
from . import exchange


class Leaving:
    """What makes a tensor's entries something that no history follows.

    >>> x = torch.tensor([2.5])
    >>> x.item(), float(x), int(x), bool(x), len(x)
    (2.5, 2.5, 2, True, 1)
    >>> x.numpy()
    array([2.5], dtype=float32)
    """

    array: np.ndarray
    node: Node | None

    def item(self) -> Any:
        """The Python number in a tensor of one entry."""
        if self.array.size != 1:
            raise RuntimeError(
                message(
                    f"a Tensor with {self.array.size} elements cannot be converted to Scalar",
                    f"its shape is {list(self.array.shape)}",
                    "x.tolist(), or reduce it first: x.sum().item(), x.mean().item()",
                )
            )
        return self.array.item()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The entries as a NumPy array on the same memory."""
        if self.node is not None and not force:
            raise RuntimeError(
                message(
                    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
                    "what NumPy computes is not recorded, so gradients would silently be lost",
                )
            )
        if dtypes.of(self.array) is dtypes.bfloat16:
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return exchange.as_array(self.numpy(), dtype, copy)

    def __array_wrap__(self, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Any:
        """What NumPy's functions make of a tensor is a tensor; truth values become 0 and 1 in uint8, as in PyTorch."""
        return wrap(array.astype(np.uint8) if array.dtype == bool else array)

    def __float__(self) -> float:
        return float(self.only_number("double"))

    def __int__(self) -> int:
        return int(self.only_number("int64_t"))

    def only_number(self, kind: str = "") -> Any:
        """The number of a tensor of one entry, to become a number of Python's."""
        if self.array.size != 1:
            raise ValueError(
                message(
                    "only one element tensors can be converted to Python scalars",
                    f"its shape is {list(self.array.shape)}",
                    "x.tolist()",
                )
            )
        number = self.array.item()
        if kind and isinstance(number, complex):
            if number.imag:
                raise RuntimeError(f"value cannot be converted to type {kind} without overflow")
            number = number.real
        return number

    def __index__(self) -> int:
        if self.array.dtype.kind not in "bui" or self.array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.array.item())

    def __complex__(self) -> complex:
        return complex(self.only_number())

    def __bool__(self) -> bool:
        if self.array.size != 1:
            if self.array.size == 0:
                raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
            raise RuntimeError(
                message(
                    "Boolean value of Tensor with more than one value is ambiguous",
                    f"its shape is {list(self.array.shape)}",
                    "x.any() or x.all()",
                )
            )
        return bool(self.array.item())

    def __len__(self) -> int:
        if self.array.ndim == 0:
            raise TypeError("len() of a 0-d tensor")
        return self.array.shape[0]
