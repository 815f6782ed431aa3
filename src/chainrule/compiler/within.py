"""What is called while an op computes, or is read, is part of that op: a recording notes the op alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recording import Recording

OURS = tuple(f"{__name__.partition('.')[0]}.{part}." for part in ("ops", "graph", "optim"))  # nothing of the program's runs there


class Within:
    """While it is entered, what is called is part of an op."""

    def __init__(self, now: Recording) -> None:
        self.now = now

    def __enter__(self) -> None:
        self.now.depth += 1

    def __exit__(self, *_: object) -> None:
        self.now.depth -= 1


class Unwatched(Within):
    """The same; and nothing of the program's runs, so that nobody need watch Python's calls."""

    def __enter__(self) -> None:
        self.now.depth += 1
        if self.now.depth == 1:
            sys.setprofile(None)

    def __exit__(self, *_: object) -> None:
        self.now.depth -= 1
        if self.now.depth == 0:
            sys.setprofile(self.now.profile)


def inner(now: Recording, part_of: Any = None) -> Within:
    """What an op (or an optimizer) calls while it computes, or is read, is part of it."""
    return now.aside if type(part_of).__module__.startswith(OURS) else now.within
