"""`biject_to` and `transform_to`: from a set of values to a map of all real numbers onto it.

A parameter that must stay in a set is then made of one that may be anything: ``scale = transform_to(constraints.positive)(w)``.
`biject_to` is one to one; `transform_to` may map many values to the same one, where that is easier to optimize.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

from ..base.errors import message
from . import constraints, joined_maps, maps, matrix_maps, transforms
from .constraints import Constraint
from .transforms import Transform

Factory = Callable[[Any], Transform]


class ConstraintRegistry:
    """Makers of maps, by the class of a constraint: ``registry(constraint)`` is a map onto it.

    >>> positive = torch.distributions.constraints.positive
    >>> torch.distributions.biject_to(positive)(torch.tensor([0.0, 1.0]))
    tensor([1.0000, 2.7183])
    """

    def __init__(self) -> None:
        self._registry: dict[type, Factory] = {}

    def register(self, constraint: Any, factory: Factory | None = None) -> Any:
        """The maker for a class of constraints (or the class of this one); without it, a decorator."""
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        kind = type(constraint) if isinstance(constraint, Constraint) else constraint
        if not (isinstance(kind, type) and issubclass(kind, Constraint)):
            raise TypeError(f"Expected constraint to be either a Constraint subclass or instance, but got {kind}")
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Any) -> Transform:
        factory = self._registry.get(type(constraint))
        if factory is None:
            raise NotImplementedError(
                message(
                    f"Cannot transform {type(constraint).__name__} constraints",
                    "no map of the real numbers onto these values is registered",
                    "biject_to.register(constraint, lambda constraint: …), or transform_to.register",
                )
            )
        return factory(constraint)


biject_to, transform_to = ConstraintRegistry(), ConstraintRegistry()


def both(kind: type) -> Callable[[Factory], Factory]:
    """Register for the two registries."""

    def register(factory: Factory) -> Factory:
        return biject_to.register(kind, transform_to.register(kind, factory))

    return register


@both(constraints.Real)
def real(constraint: Any) -> Transform:
    return transforms.identity_transform


@both(constraints.GreaterThan)
@both(constraints.GreaterThanEq)
def above(constraint: Any) -> Transform:
    return transforms.ComposeTransform([maps.ExpTransform(), maps.AffineTransform(constraint.lower_bound, 1)])


@both(constraints.LessThan)
def below(constraint: Any) -> Transform:
    return transforms.ComposeTransform([maps.ExpTransform(), maps.AffineTransform(constraint.upper_bound, -1)])


@both(constraints.Interval)
@both(constraints.HalfOpenInterval)
def between(constraint: Any) -> Transform:
    low, high = constraint.lower_bound, constraint.upper_bound
    if isinstance(low, Number) and isinstance(high, Number) and (low, high) == (0, 1):
        return maps.SigmoidTransform()
    return transforms.ComposeTransform([maps.SigmoidTransform(), maps.AffineTransform(low, high - low)])


@both(constraints.CorrCholesky)
def correlations(constraint: Any) -> Transform:
    return matrix_maps.CorrCholeskyTransform()


biject_to.register(constraints.Simplex, lambda _: maps.StickBreakingTransform())
transform_to.register(constraints.Simplex, lambda _: maps.SoftmaxTransform())
transform_to.register(constraints.LowerCholesky, lambda _: maps.LowerCholeskyTransform())
transform_to.register(constraints.PositiveDefinite, lambda _: matrix_maps.PositiveDefiniteTransform())
transform_to.register(constraints.PositiveSemidefinite, lambda _: matrix_maps.PositiveDefiniteTransform())


def registered_parts(registry: ConstraintRegistry) -> None:
    """Sets made of others are mapped onto by the maps onto these."""
    registry.register(
        constraints.Independent,
        lambda c: transforms.IndependentTransform(registry(c.base_constraint), c.reinterpreted_batch_ndims),
    )
    registry.register(
        constraints.Cat, lambda c: joined_maps.CatTransform([registry(part) for part in c.cseq], c.dim, c.lengths)
    )
    registry.register(constraints.Stack, lambda c: joined_maps.StackTransform([registry(part) for part in c.cseq], c.dim))


registered_parts(biject_to)
registered_parts(transform_to)
