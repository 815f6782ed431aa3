"""Which classes and functions of its own a program lets a file ask for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any

from ..base.errors import message

Entry = Any  # a class or a function, or (it, the name that files have for it)

allowed: list[Entry] = []


def name_of(entry: Entry) -> str:
    """The name by which a file asks for it."""
    if isinstance(entry, tuple):
        return entry[1]
    return f"{entry.__module__}.{entry.__qualname__}"


def add_safe_globals(safe_globals: list[Entry]) -> None:
    """From now on files may ask for these classes and functions: loading makes instances of them, and calls them.

    An entry is a class, a function, or a pair of one and the full name that files have for it.

    >>> class Settings: pass
    >>> torch.serialization.add_safe_globals([Settings])
    >>> torch.serialization.get_safe_globals() == [Settings]
    True
    >>> torch.serialization.clear_safe_globals()
    """
    for entry in safe_globals:
        thing = entry[0] if isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[1], str) else entry
        if not callable(thing):
            raise TypeError(
                message(
                    f"add_safe_globals takes classes and functions, not {entry!r}",
                    instead="torch.serialization.add_safe_globals([Settings, (Settings, 'project.old_name.Settings')])",
                )
            )
        if entry not in allowed:
            allowed.append(entry)


def get_safe_globals() -> list[Entry]:
    """What `add_safe_globals` was given."""
    return list(allowed)


def clear_safe_globals() -> None:
    """Take back all that `add_safe_globals` allowed."""
    allowed.clear()


class safe_globals(ContextDecorator):  # noqa: N801  (torch's own spelling)
    """``with safe_globals([Settings]): …``: files may ask for these within the block."""

    def __init__(self, safe_globals: list[Entry]) -> None:
        self.entries = safe_globals

    def __enter__(self) -> None:
        self.before = list(allowed)
        add_safe_globals(self.entries)

    def __exit__(self, *exc: Any) -> None:
        allowed[:] = self.before


def find(full: str) -> Callable[..., Any] | None:
    """The class or function that a program allowed under this name."""
    for entry in allowed:
        if name_of(entry) == full:
            return entry[0] if isinstance(entry, tuple) else entry
    return None
