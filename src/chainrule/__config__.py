"""``torch.__config__``: what the library was built with."""

from __future__ import annotations

from typing import Any

from ._version import __version__


def show() -> str:
    """chainrule, NumPy and its BLAS, in words."""
    import numpy as np

    config: Any = np.show_config(mode="dicts")
    built = config["Build Dependencies"]["blas"]
    return f"chainrule {__version__} built with:\n  - NumPy {np.__version__}\n  - {built['name']} {built['version']}\n"


def parallel_info() -> str:
    """How many threads large operations are shared between."""
    from .settings import get_num_threads

    return f"chainrule.get_num_threads() : {get_num_threads()}\n"
