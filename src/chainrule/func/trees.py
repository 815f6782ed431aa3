"""Nested dicts, lists and tuples of tensors: taking them apart, putting them together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """What is nested in dicts, lists and tuples, in order; None is nothing.

    >>> leaves({"a": 1, "b": (2, [3, None])})
    [1, 2, 3]
    """
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, (list, tuple)):
        return [leaf for value in tree for leaf in leaves(value)]
    return [] if tree is None else [tree]


def rebuilt(tree: Any, found: Iterator[Any]) -> Any:
    """The same nesting with other leaves.

    >>> rebuilt({"a": 1, "b": (2, None)}, iter("xy"))
    {'a': 'x', 'b': ('y', None)}
    """
    if isinstance(tree, dict):
        return type(tree)((key, rebuilt(value, found)) for key, value in tree.items())
    if isinstance(tree, (list, tuple)):
        parts = [rebuilt(value, found) for value in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return None if tree is None else next(found)


def structure(tree: Any) -> Any:
    """The nesting alone, ``*`` for each leaf, to be compared and shown.

    >>> print(structure({"a": 1, "b": (2, 3)}))
    {'a': *, 'b': (*, *)}
    """
    return rebuilt(tree, iter(lambda: STAR, None))


class Star:
    def __repr__(self) -> str:
        return "*"


STAR = Star()
