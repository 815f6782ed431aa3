"""`Distribution`: what all distributions share.

A distribution of batch shape B and event shape E is as many independent ones as B has entries, each giving values of
shape E. Samples have the shape S + B + E, log-densities S + B.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import chainrule as cr

from ..base.errors import message
from . import constraints
from .constraints import Constraint

Self = TypeVar("Self", bound="Distribution")


class Distribution:
    """The base of all distributions. A subclass sets its parameters, and calls ``super().__init__(batch_shape, event_shape)``.

    ``arg_constraints`` says what each parameter may be, ``support`` what samples are; both are checked unless
    ``validate_args=False``.
    """

    has_rsample: ClassVar[bool] = False
    has_enumerate_support: ClassVar[bool] = False
    arg_constraints: Any = {}
    support: Any = None
    _validate_args: bool = __debug__

    def __init__(
        self, batch_shape: Any = cr.Size(), event_shape: Any = cr.Size(), validate_args: bool | None = None
    ) -> None:
        self._batch_shape, self._event_shape = cr.Size(batch_shape), cr.Size(event_shape)
        if validate_args is not None:
            self._validate_args = validate_args
        if self._validate_args:
            for name, constraint in self.arg_constraints.items():
                # What is computed from another parameter when first asked for needs no check of its own.
                if not constraints.is_dependent(constraint) and name in self._given():
                    self._check_parameter(name, constraint)

    def _given(self) -> list[str]:
        """The parameters this distribution was made with, or has computed since."""
        return [name for name in self.arg_constraints if name in self.__dict__]

    def _check_parameter(self, name: str, constraint: Constraint) -> None:
        value = getattr(self, name)
        if not constraint.check(value).all():
            raise ValueError(
                f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) of distribution {self!r} "
                f"to satisfy the constraint {constraint!r}, but found invalid values:\n{value}"
            )

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether parameters and samples are checked where it is not said otherwise."""
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args takes True or False, not {value!r}")
        Distribution._validate_args = value

    # ------------------------------------------------------------------ shapes

    @property
    def batch_shape(self) -> Any:
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        return self._event_shape

    def _extended_shape(self, sample_shape: Any = cr.Size()) -> Any:
        """S + B + E"""
        return cr.Size(sample_shape) + self._batch_shape + self._event_shape

    def expand(self: Self, batch_shape: Any, _instance: Any = None) -> Self:
        """The same distribution for a larger batch; nothing is copied."""
        made: Any = self._empty(_instance)
        before, shape = len(self._batch_shape), cr.Size(batch_shape)
        for name, value in self.__dict__.items():
            if isinstance(value, cr.Tensor) and value.shape[:before] == self._batch_shape:
                value = value.expand(shape + value.shape[before:])
            made.__dict__[name] = value
        made._batch_shape = shape
        return made

    def _empty(self, instance: Any) -> Any:
        return object.__new__(type(self)) if instance is None else instance

    def _get_checked_instance(self, cls: type, _instance: Any = None) -> Any:
        if _instance is None and type(self).__init__ is not cls.__init__:  # type: ignore[misc]
            raise NotImplementedError(
                f"Subclass {type(self).__name__} of {cls.__name__} that defines a custom __init__ method must also define a "
                "custom .expand() method."
            )
        return self._empty(_instance)

    # ------------------------------------------------------------------ drawing

    def sample(self, sample_shape: Any = cr.Size()) -> Any:
        """Values drawn, of shape S + B + E; without gradients."""
        with cr.no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = cr.Size()) -> Any:
        """Values drawn as a function of the parameters, through which gradients flow."""
        raise NotImplementedError(
            message(
                f"{type(self).__name__} has no rsample",
                "its samples are not differentiable functions of its parameters",
                "distribution.sample(), and its log_prob in the loss",
            )
        )

    def sample_n(self, n: int) -> Any:
        return self.sample(cr.Size((n,)))

    # ------------------------------------------------------------------ what is known of it

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density (or the probability) at ``value``."""
        raise self._unknown("log_prob")

    def cdf(self, value: Any) -> Any:
        """The probability of a sample at most ``value``."""
        raise self._unknown("cdf")

    def icdf(self, value: Any) -> Any:
        """The value below which a sample falls with this probability."""
        raise self._unknown("icdf")

    def enumerate_support(self, expand: bool = True) -> Any:
        """All values that samples can have, one after the other along the first axis."""
        raise self._unknown("enumerate_support")

    def entropy(self) -> Any:
        """− E[log p(x)]"""
        raise self._unknown("entropy")

    def perplexity(self) -> Any:
        """e to the entropy"""
        return cr.exp(self.entropy())

    @property
    def mean(self) -> Any:
        raise self._unknown("mean")

    @property
    def mode(self) -> Any:
        raise self._unknown("mode")

    @property
    def variance(self) -> Any:
        raise self._unknown("variance")

    @property
    def stddev(self) -> Any:
        """The square root of the variance."""
        return self.variance.sqrt()

    def _unknown(self, name: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} does not implement {name}")

    # ------------------------------------------------------------------ checking samples

    def _validate_sample(self, value: Any) -> None:
        """Raise unless ``value`` is a tensor that could be a sample."""
        if not isinstance(value, cr.Tensor):
            raise ValueError(
                message("The value argument to log_prob must be a Tensor", f"it is {value!r}", f"torch.tensor({value!r})")
            )
        events = len(self._event_shape)
        if value.shape[value.dim() - events :] != self._event_shape:
            raise ValueError(
                f"The right-most size of value must match event_shape: {value.shape} vs {self._event_shape}."
            )
        expected = self._batch_shape + self._event_shape
        for i, j in zip(reversed(value.shape), reversed(expected)):
            if i != 1 and j != 1 and i != j:
                raise ValueError(
                    f"Value is not broadcastable with batch_shape+event_shape: {value.shape} vs {expected}."
                )
        support = self.support
        if support is None or constraints.is_dependent(support):
            return
        if not support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) to be within the support "
                f"({support!r}) of the distribution {self!r}, but found invalid values:\n{value}"
            )

    def _checked(self, value: Any) -> Any:
        if self._validate_args:
            self._validate_sample(value)
        return value

    def __repr__(self) -> str:
        given = {name: self.__dict__[name] for name in self._given()}
        shown = [f"{name}: {value if value.numel() == 1 else value.size()}" for name, value in given.items()]
        return f"{type(self).__name__}({', '.join(shown)})"


class ExponentialFamily(Distribution):
    """Distributions of density h(x) · exp(η · T(x) − A(η))."""
