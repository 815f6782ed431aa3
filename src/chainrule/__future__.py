"""``torch.__future__``: how a module's tensors are replaced when it is converted or loaded.

In PyTorch these settings choose between writing into parameters, replacing them, and swapping them. Here a parameter
stays the same object, holding the new entries, with any of them: what swapping is there for.
"""

from __future__ import annotations


class Settings:
    """What was asked for."""

    overwrite = False
    swap = False


def set_overwrite_module_params_on_conversion(value: bool) -> None:
    """Ask for new parameters when a module is converted."""
    Settings.overwrite = value


def get_overwrite_module_params_on_conversion() -> bool:
    """What `set_overwrite_module_params_on_conversion` was given."""
    return Settings.overwrite


def set_swap_module_params_on_conversion(value: bool) -> None:
    """Ask for parameters that stay the same objects when a module is converted or loaded, as they do."""
    Settings.swap = value


def get_swap_module_params_on_conversion() -> bool:
    """What `set_swap_module_params_on_conversion` was given."""
    return Settings.swap
