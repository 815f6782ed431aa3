"""Pillow, the library that images are read, written and drawn with: loaded when first asked for."""

from __future__ import annotations

import sys
from typing import Any

from ..base.errors import message


def pillow(module: str, purpose: str) -> Any:
    """A module of Pillow, such as ``PIL.Image``.

    Raises ModuleNotFoundError, with the line that installs it, if it is not there.
    """
    from importlib import import_module

    try:
        return import_module(f"PIL.{module}")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            message(
                "No module named 'PIL'",
                f"{purpose}: this needs the package pillow, and it is not installed",
                'pip install "chainrule[vision]"',
            ),
            name=error.name,
        ) from error


def image(purpose: str = "pictures as PIL images") -> Any:
    """The module ``PIL.Image``."""
    return pillow("Image", purpose)


def is_pil(thing: Any) -> bool:
    """Is this a PIL image? Nothing is one where Pillow has not been loaded.

    >>> is_pil(3)
    False
    """
    loaded = sys.modules.get("PIL.Image")
    return loaded is not None and isinstance(thing, loaded.Image)
