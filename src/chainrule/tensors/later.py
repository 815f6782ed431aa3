"""Functions that programs rarely call, in modules that are imported when they do: `import chainrule` stays quick."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any


def later(module: str, name: str) -> Callable[..., Any]:
    """The function of that name in ``chainrule.tensors.module``, found when it is first called.

    >>> later("fourier", "fftshift")(torch.tensor([0, 1, -1]))
    tensor([-1,  0,  1])
    """
    found: list[Any] = []

    def function(*args: Any, **options: Any) -> Any:
        if not found:
            found.append(getattr(import_module(f"chainrule.tensors.{module}"), name))
        return found[0](*args, **options)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"See ``chainrule.tensors.{module}.{name}``."
    return function
