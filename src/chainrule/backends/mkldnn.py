"""``torch.backends.mkldnn``: oneDNN is not used here; its switch holds what it is set to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..base.absent import answering

enabled = True

is_available = answering("is_available", False, "Whether the library is used: it is not.")


@contextmanager
def flags(enabled: bool = False) -> Iterator[None]:
    """The switch, for a while."""
    before = globals()["enabled"]
    globals()["enabled"] = enabled
    try:
        yield
    finally:
        globals()["enabled"] = before
