"""Spellings from before PyTorch 0.4 that programs still use."""

from __future__ import annotations

import warnings
from typing import Any

from ..graph.value import Value
from .tensor import Tensor


class VariableType(type(Tensor)):  # type: ignore[misc]
    """Makes every tensor an instance of `Variable`, and calling it give a tensor."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, Tensor)

    def __call__(cls, data: Any = None, requires_grad: bool = False, volatile: bool = False) -> Tensor:
        if not isinstance(data, Value):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        if volatile:
            warnings.warn(
                "volatile was removed and now has no effect. Use `with torch.no_grad():` instead.", UserWarning, stacklevel=2
            )
        made: Any = data.detach()  # type: ignore[attr-defined]
        return made.requires_grad_() if requires_grad else made


class Variable(metaclass=VariableType):
    """A tensor: ``Variable(x, requires_grad=True)`` is ``x.detach().requires_grad_()``."""
