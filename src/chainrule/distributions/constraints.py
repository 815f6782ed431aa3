"""Which values a parameter or a sample may have: ``check(value)`` says it for each, and the repr names the rule.

``event_dim`` is how many axes at the end make one value: 0 for numbers, 1 for vectors, 2 for matrices.
"""

from __future__ import annotations

from typing import Any

import chainrule as cr


class Constraint:
    """A set of values."""

    is_discrete = False
    event_dim = 0

    def check(self, value: Any) -> Any:
        """For each value, whether it is in the set: a tensor of bools."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Dependent(Constraint):
    """A set that depends on the distribution's parameters: an instance knows it, its class does not."""

    def __init__(self, *, is_discrete: bool = False, event_dim: int = 0) -> None:
        self.is_discrete, self.event_dim = is_discrete, event_dim

    def check(self, value: Any) -> Any:
        raise ValueError("Cannot determine validity of dependent constraint")


class dependent_property(property, Dependent):  # noqa: N801  (used as a decorator)
    """``@dependent_property(event_dim=…)`` over a method that says the support of an instance."""

    def __init__(self, fn: Any = None, *, is_discrete: bool = False, event_dim: int = 0) -> None:
        super().__init__(fn)
        self.is_discrete, self.event_dim = is_discrete, event_dim

    def __call__(self, fn: Any) -> dependent_property:
        return dependent_property(fn, is_discrete=self.is_discrete, event_dim=self.event_dim)


class Independent(Constraint):
    """Vectors (or more) whose every entry is in another set."""

    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        self.base_constraint, self.reinterpreted_batch_ndims = base_constraint, reinterpreted_batch_ndims
        self.is_discrete = base_constraint.is_discrete
        self.event_dim = base_constraint.event_dim + reinterpreted_batch_ndims

    def check(self, value: Any) -> Any:
        inside, n = self.base_constraint.check(value), self.reinterpreted_batch_ndims
        if inside.dim() < n:
            raise ValueError(f"Expected value.dim() >= {self.event_dim} but got {value.dim()}")
        return inside.reshape(*inside.shape[: inside.dim() - n], -1).all(-1)

    def __repr__(self) -> str:
        return f"IndependentConstraint({self.base_constraint!r}, {self.reinterpreted_batch_ndims})"


class MixtureSameFamilyConstraint(Constraint):
    """What every part of a mixture can give."""

    def __init__(self, base_constraint: Constraint) -> None:
        self.base_constraint = base_constraint
        self.is_discrete, self.event_dim = base_constraint.is_discrete, base_constraint.event_dim

    def check(self, value: Any) -> Any:
        return self.base_constraint.check(value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_constraint!r})"


class Real(Constraint):
    """Any number but NaN."""

    def check(self, value: Any) -> Any:
        return value == value


class Boolean(Constraint):
    """0 and 1."""

    is_discrete = True

    def check(self, value: Any) -> Any:
        return (value == 0) | (value == 1)


class OneHot(Constraint):
    """Vectors with a single 1, and 0 elsewhere."""

    is_discrete, event_dim = True, 1

    def check(self, value: Any) -> Any:
        return ((value == 0) | (value == 1)).all(-1) & (value.sum(-1) == 1)


class Bounded(Constraint):
    """Numbers between bounds; a subclass says which bounds it has, and how they compare."""

    def __repr__(self) -> str:
        bounds = ", ".join(f"{name}={plain(getattr(self, name))}" for name in self.__dict__)
        return f"{type(self).__name__}({bounds})"


def plain(bound: Any) -> Any:
    return bound.item() if isinstance(bound, cr.Tensor) and bound.numel() == 1 and bound.dim() == 0 else bound


class GreaterThan(Bounded):
    """x > lower_bound"""

    def __init__(self, lower_bound: Any) -> None:
        self.lower_bound = lower_bound

    def check(self, value: Any) -> Any:
        return self.lower_bound < value


class GreaterThanEq(GreaterThan):
    """x ≥ lower_bound"""

    def check(self, value: Any) -> Any:
        return self.lower_bound <= value


class LessThan(Bounded):
    """x < upper_bound"""

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Any) -> Any:
        return value < self.upper_bound


class Interval(Bounded):
    """lower_bound ≤ x ≤ upper_bound"""

    def __init__(self, lower_bound: Any, upper_bound: Any) -> None:
        self.lower_bound, self.upper_bound = lower_bound, upper_bound

    def check(self, value: Any) -> Any:
        return (self.lower_bound <= value) & (value <= self.upper_bound)


class HalfOpenInterval(Interval):
    """lower_bound ≤ x < upper_bound"""

    def check(self, value: Any) -> Any:
        return (self.lower_bound <= value) & (value < self.upper_bound)


class IntegerInterval(Interval):
    """lower_bound … upper_bound, whole numbers"""

    is_discrete = True

    def check(self, value: Any) -> Any:
        return (value % 1 == 0) & super().check(value)


class IntegerGreaterThan(GreaterThanEq):
    """lower_bound, lower_bound + 1, …"""

    is_discrete = True

    def check(self, value: Any) -> Any:
        return (value % 1 == 0) & super().check(value)


class Simplex(Constraint):
    """Vectors of probabilities: none negative, in sum 1 (to 10⁻⁶)."""

    event_dim = 1

    def check(self, value: Any) -> Any:
        return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6)


class Multinomial(Constraint):
    """Vectors of counts, in sum at most ``upper_bound``."""

    is_discrete, event_dim = True, 1

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Any) -> Any:
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)


class LowerTriangular(Constraint):
    """Matrices with zeros above the diagonal."""

    event_dim = 2

    def check(self, value: Any) -> Any:
        return (value.tril() == value).flatten(-2).all(-1)


class LowerCholesky(LowerTriangular):
    """Lower triangular matrices with a positive diagonal."""

    def check(self, value: Any) -> Any:
        return super().check(value) & (value.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


class Square(Constraint):
    """Matrices with as many rows as columns."""

    event_dim = 2

    def check(self, value: Any) -> Any:
        return cr.full(value.shape[:-2], value.shape[-2] == value.shape[-1], dtype=cr.bool)


class Symmetric(Square):
    """Matrices equal to their transpose (to 10⁻⁶)."""

    def check(self, value: Any) -> Any:
        square = super().check(value)
        return cr.isclose(value, value.mT, atol=1e-6).flatten(-2).all(-1) if square.all() else square


class PositiveDefinite(Symmetric):
    """Symmetric matrices with positive eigenvalues."""

    def check(self, value: Any) -> Any:
        symmetric = super().check(value)
        return symmetric & (cr.linalg.eigvalsh(value) > 0).all(-1) if symmetric.all() else symmetric


class PositiveSemidefinite(Symmetric):
    """Symmetric matrices with eigenvalues that are not negative."""

    def check(self, value: Any) -> Any:
        symmetric = super().check(value)
        return symmetric & (cr.linalg.eigvalsh(value) >= 0).all(-1) if symmetric.all() else symmetric


class CorrCholesky(LowerCholesky):
    """Cholesky factors of correlation matrices: their rows have length 1 (to ten times ε for each entry)."""

    def check(self, value: Any) -> Any:
        tolerance = cr.finfo(value.dtype).eps * value.size(-1) * 10
        lengths = cr.linalg.vector_norm(value.detach(), dim=-1)
        return super().check(value) & ((lengths - 1).abs() <= tolerance).all(-1)


class Joined(Constraint):
    """Parts of a value along an axis, each in a set of its own."""

    def __init__(self, cseq: Any, dim: int = 0) -> None:
        if not all(isinstance(part, Constraint) for part in cseq):
            raise AssertionError("All elements of cseq must be Constraint instances")
        self.cseq, self.dim = list(cseq), dim
        self.is_discrete = any(part.is_discrete for part in cseq)


class Cat(Joined):
    """Parts joined as by `torch.cat`, of the given lengths."""

    def __init__(self, cseq: Any, dim: int = 0, lengths: Any = None) -> None:
        super().__init__(cseq, dim)
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.cseq):
            raise AssertionError(f"lengths ({len(self.lengths)}) must match cseq ({len(self.cseq)})")
        self.event_dim = max(part.event_dim for part in self.cseq)

    def check(self, value: Any) -> Any:
        parts = cr.split(value, self.lengths, self.dim)
        return cr.cat([part.check(v) for part, v in zip(self.cseq, parts)], self.dim)


class Stack(Joined):
    """Parts joined as by `torch.stack`."""

    def __init__(self, cseq: Any, dim: int = 0) -> None:
        super().__init__(cseq, dim)
        events = max(part.event_dim for part in self.cseq)
        self.event_dim = events + (self.dim + events < 0)

    def check(self, value: Any) -> Any:
        return cr.stack([part.check(v) for part, v in zip(self.cseq, value.unbind(self.dim))], self.dim)


dependent = Dependent()
independent, cat, stack = Independent, Cat, Stack
boolean, one_hot, real, simplex = Boolean(), OneHot(), Real(), Simplex()
lower_triangular, lower_cholesky = LowerTriangular(), LowerCholesky()
corr_cholesky = CorrCholesky()
square, symmetric, positive_definite = Square(), Symmetric(), PositiveDefinite()
positive_semidefinite = PositiveSemidefinite()
real_vector = Independent(real, 1)
nonnegative_integer, positive_integer = IntegerGreaterThan(0), IntegerGreaterThan(1)
positive, nonnegative, unit_interval = GreaterThan(0.0), GreaterThanEq(0.0), Interval(0.0, 1.0)
greater_than, greater_than_eq, less_than = GreaterThan, GreaterThanEq, LessThan
interval, half_open_interval, integer_interval, multinomial = Interval, HalfOpenInterval, IntegerInterval, Multinomial


def is_dependent(constraint: Any) -> bool:
    """Whether a set depends on the distribution's parameters."""
    return isinstance(constraint, Dependent)
