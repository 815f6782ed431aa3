"""``torch.utils``: where PyTorch's users look for the data tools and a few others."""

from __future__ import annotations

from typing import Any

from . import checkpoint as checkpoint
from . import data as data

_DOORS = ("benchmark", "cpp_extension", "deterministic", "dlpack", "hooks", "tensorboard")


def __getattr__(name: str) -> Any:
    """What few programs need is read when first asked for."""
    from importlib import import_module

    if name in _DOORS:
        return import_module(f"{__name__}.{name}")
    if name == "swap_tensors":
        return import_module(f"{__name__}.swapping").swap_tensors
    if name == "model_zoo":
        return import_module("chainrule.hub")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
