"""One size for all axes, or one for each; and the names in a state without a common beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def repeated(n: int, name: str = "parse") -> Callable[[Any], tuple[Any, ...]]:
    """A function that makes n equal sizes of one, and leaves several as they are.

    >>> repeated(2)(3), repeated(2)((3, 5))
    ((3, 3), (3, 5))
    """

    def sizes(x: Any) -> tuple[Any, ...]:
        return tuple(x) if isinstance(x, Iterable) else (x,) * n

    sizes.__name__ = sizes.__qualname__ = name
    return sizes


single, pair, triple, quadruple = repeated(1, "_single"), repeated(2, "_pair"), repeated(3, "_triple"), repeated(4, "_quadruple")


def consume_prefix_in_state_dict_if_present(state_dict: dict[str, Any], prefix: str) -> None:
    """Take a prefix, such as ``module.`` of `nn.DataParallel`, off the names in a state.

    >>> state = {"module.weight": 1, "bias": 2}
    >>> consume_prefix_in_state_dict_if_present(state, "module."); sorted(state)
    ['bias', 'weight']
    """
    for name in [n for n in state_dict if n.startswith(prefix)]:
        state_dict[name[len(prefix) :]] = state_dict.pop(name)
    metadata = getattr(state_dict, "_metadata", None)
    if metadata is not None:
        for name in [n for n in metadata if n.startswith(prefix) or n == prefix.rstrip(".")]:
            metadata[name[len(prefix) :]] = metadata.pop(name)
