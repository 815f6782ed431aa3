"""What containers are given: places in a sequence, and pairs of names and values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import index
from typing import Any


def place(key: Any, length: int) -> int:
    """A non-negative place in a sequence for an index that may count from the end."""
    i = index(key)
    if not -length <= i < length:
        raise IndexError(f"index {i} is out of range")
    return i % length


def entries(given: Any, name: str) -> list[tuple[Any, Any]]:
    """The entries of a mapping, or of an iterable of pairs."""
    if isinstance(given, Mapping) or (hasattr(given, "items") and hasattr(given, "keys")):
        return list(given.items())
    if not isinstance(given, Iterable):
        raise TypeError(
            f"{name}.update should be called with an iterable of key/value pairs, but got {type(given).__name__}"
        )
    pairs = []
    for i, pair in enumerate(given):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{name} update sequence element #{i} should be Iterable; is {type(pair).__name__}")
        pair = tuple(pair)
        if len(pair) != 2:
            raise ValueError(f"{name} update sequence element #{i} has length {len(pair)}; 2 is required")
        pairs.append(pair)
    return pairs
