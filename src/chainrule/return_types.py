"""``torch.return_types``: the named tuples that functions with several results return.

>>> type(torch.ones(2, 2).max(dim=1)) is torch.return_types.max
True
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .tensors.return_types import MADE, return_type

HOLDERS = ("decompositions", "elimination", "factorisations", "ordering", "pointwise", "statistics")


def __getattr__(name: str) -> Any:
    for holder in HOLDERS:
        import_module(f"chainrule.tensors.{holder}")
    plain = MADE.get(name.removesuffix("_out"))
    if plain is None or name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return plain if name in MADE else return_type(name, *plain._fields)


def __dir__() -> list[str]:
    return sorted(name for name in MADE if not name.startswith("_"))
