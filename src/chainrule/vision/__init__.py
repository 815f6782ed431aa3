"""The everyday part of torchvision: datasets, transforms, networks, grids of images, image files.

``chainrule run`` and ``import chainrule.as_torch`` give it to programs that ``import torchvision``. PIL images are
Pillow's (extra ``vision``).
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from .._version import __version__ as chainrule
from ..base.errors import message

INTERFACE = "0.28.0"  # the torchvision that goes with PyTorch 2.13.0
__version__ = f"{INTERFACE}+chainrule.{chainrule}"

PARTS = ("datasets", "io", "models", "transforms", "utils")


def __getattr__(name: str) -> ModuleType:
    if name in PARTS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(
        message(f"module 'torchvision' has no attribute {name!r}", f"of torchvision there are {', '.join(PARTS)} here"),
        name=name,
    )


def __dir__() -> list[str]:
    return sorted({*globals(), *PARTS})


def get_image_backend() -> str:
    """Which library images are read with: "PIL"."""
    return "PIL"


def set_image_backend(backend: str) -> None:
    """Accepts "PIL", the one there is."""
    if backend != "PIL":
        raise ValueError(message(f"Invalid backend '{backend}'. Options are 'PIL'", "images are read with Pillow"))
