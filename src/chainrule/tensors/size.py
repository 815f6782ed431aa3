"""`Size`: the shape of a tensor."""

from __future__ import annotations

from math import prod
from typing import Any


class Size(tuple[int, ...]):
    """A shape: a tuple of sizes that prints as PyTorch's.

    >>> Size([2, 3]), Size([2, 3]).numel()
    (torch.Size([2, 3]), 6)
    """

    def numel(self) -> int:
        """The number of entries."""
        return prod(self)

    def __getitem__(self, item: Any) -> Any:
        found = super().__getitem__(item)
        return Size(found) if isinstance(item, slice) else found

    def __add__(self, other: Any) -> Any:
        return Size(super().__add__(tuple(other)))

    def __radd__(self, other: Any) -> Any:
        return Size(tuple(other) + tuple(self))

    def __mul__(self, times: Any) -> Any:
        return Size(super().__mul__(times))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"torch.Size([{', '.join(map(str, self))}])"

    __str__ = __repr__

    def __reduce__(self) -> tuple[Any, ...]:
        return (Size, (tuple(self),))
