"""NumPy's words for PyTorch's: ``axis=`` for ``dim=``, ``keepdims=`` for ``keepdim=``, as PyTorch accepts them too."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

PYTORCHS = {"axis": "dim", "keepdims": "keepdim"}


def numpy_spelling(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which also takes its ``dim`` and ``keepdim`` under NumPy's names.

    >>> torch.ones(2, 3).amax(axis=1, keepdims=True)
    tensor([[1.],
            [1.]])
    """

    @wraps(function)
    def either(*args: Any, **named: Any) -> Any:
        if "axis" in named or "keepdims" in named:
            named = {PYTORCHS.get(name, name): value for name, value in named.items()}
        return function(*args, **named)

    return either
