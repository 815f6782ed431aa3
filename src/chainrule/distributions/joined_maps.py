"""Maps of joined values: each part along an axis has a map of its own, as `torch.cat` or `torch.stack` join parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import chainrule as cr

from . import constraints
from .constraints import Constraint
from .parameters import sum_rightmost
from .transforms import Transform


class Joined(Transform):
    """What both have in common: the parts, and that they are mapped one by one."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        if not all(isinstance(part, Transform) for part in tseq):
            raise AssertionError("All elements of tseq must be Transform instances")
        super().__init__(cache_size)
        self.transforms, self.dim = [part.with_cache(cache_size) for part in tseq] if cache_size else list(tseq), dim

    @property
    def bijective(self) -> bool:  # type: ignore[override]
        return all(part.bijective for part in self.transforms)

    def _parts(self, x: Any) -> list[Any]:
        """x taken apart along the axis, a piece for each map."""
        raise NotImplementedError

    def _joined(self, parts: list[Any]) -> Any:
        raise NotImplementedError

    def _count(self, x: Any, expected: int, what: str) -> None:
        if not -x.dim() <= self.dim < x.dim():
            raise AssertionError(f"dim {self.dim} out of range for tensor with {x.dim()} dimensions")
        if x.size(self.dim) != expected:
            raise AssertionError(f"x.size({self.dim}) = {x.size(self.dim)} must equal {what} {expected}")

    def _call(self, x: Any) -> Any:
        return self._joined([part(piece) for part, piece in zip(self.transforms, self._parts(x))])

    def _inverse(self, y: Any) -> Any:
        return self._joined([part.inv(piece) for part, piece in zip(self.transforms, self._parts(y))])


class CatTransform(Joined):
    """The first ``lengths[0]`` entries along an axis by the first map, the next ``lengths[1]`` by the second, …

    >>> D = torch.distributions
    >>> D.CatTransform([D.ExpTransform(), D.identity_transform], lengths=[1, 2])(torch.zeros(3))
    tensor([1., 0., 0.])
    """

    def __init__(
        self, tseq: Sequence[Transform], dim: int = 0, lengths: Sequence[int] | None = None, cache_size: int = 0
    ) -> None:
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise AssertionError(f"lengths ({len(self.lengths)}) must match transforms ({len(self.transforms)})")

    @property
    def event_dim(self) -> int:
        return max(part.event_dim for part in self.transforms)

    @property
    def length(self) -> int:
        return sum(self.lengths)

    def _parts(self, x: Any) -> list[Any]:
        self._count(x, self.length, "length")
        return list(cr.split(x, self.lengths, self.dim))

    def _joined(self, parts: list[Any]) -> Any:
        return cr.cat(parts, self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        each = [
            sum_rightmost(part.log_abs_det_jacobian(a, b), self.event_dim - part.event_dim)
            for part, a, b in zip(self.transforms, self._parts(x), self._parts(y))
        ]
        axis = (self.dim - x.dim() if self.dim >= 0 else self.dim) + self.event_dim
        return cr.cat(each, axis) if axis < 0 else sum(each)  # joined along an axis of the batch, or within the events

    @property
    def domain(self) -> Constraint:  # type: ignore[override]
        return constraints.cat([part.domain for part in self.transforms], self.dim, self.lengths)

    @property
    def codomain(self) -> Constraint:  # type: ignore[override]
        return constraints.cat([part.codomain for part in self.transforms], self.dim, self.lengths)


class StackTransform(Joined):
    """The i-th slice along an axis by the i-th map

    >>> D = torch.distributions
    >>> D.StackTransform([D.ExpTransform(), D.identity_transform], dim=1)(torch.zeros(2, 2))
    tensor([[1., 0.],
            [1., 0.]])
    """

    def _parts(self, x: Any) -> list[Any]:
        self._count(x, len(self.transforms), "len(transforms)")
        return list(x.unbind(self.dim))

    def _joined(self, parts: list[Any]) -> Any:
        return cr.stack(parts, self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        pieces = zip(self.transforms, self._parts(x), self._parts(y))
        return self._joined([part.log_abs_det_jacobian(a, b) for part, a, b in pieces])

    @property
    def domain(self) -> Constraint:  # type: ignore[override]
        return constraints.stack([part.domain for part in self.transforms], self.dim)

    @property
    def codomain(self) -> Constraint:  # type: ignore[override]
        return constraints.stack([part.codomain for part in self.transforms], self.dim)
