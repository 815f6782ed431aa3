"""The named tuples that functions with several results return."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

MADE: dict[str, Any] = {}  # by name


def return_type(name: str, *fields: str) -> Any:
    """A named tuple that prints as PyTorch's: ``torch.return_types.max(values=…, indices=…)``."""

    if name in MADE:
        return MADE[name]

    def __repr__(self: Any) -> str:
        inside = ",\n".join(f"{f}={getattr(self, f)!r}" for f in fields)
        return f"torch.return_types.{name}(\n{inside})"

    made = namedtuple(name, fields)  # type: ignore[misc]
    made.__repr__ = __repr__  # type: ignore[method-assign]
    made.__doc__ = f"What `{name}` returns: {', '.join(fields)}."
    MADE[name] = made
    return made
