"""Hold the hand-written gradients of a rung against its own loss and prediction, whoever provides those."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import numpy as np

import chainrule as cr

from .. import nn
from .checking import GradientCheck, check_gradient
from .checking.points import plain
from .rungs import Rung
from .slots import Hand
from .table import Table
from .training import Training, Values

__all__ = ["gradient_check"]


def gradient_check(rung: Rung, table: Table, lr: float, at: Values | None = None) -> GradientCheck | None:
    """`check_gradient` at a rung's parameters, or at those where it starts; None if its gradients are autograd's.

    >>> from .rungs import rung
    >>> from .table import documents
    >>> gradient_check(rung("1d"), documents(), 0.01).ratio
    4.0
    """
    training = Training(rung, table, lr)
    slots = training.slots
    if slots.gradients is None:
        return None
    gradients, prediction = slots.gradients.function, slots.prediction
    if not isinstance(prediction, Hand):
        gradients = _in_shape(gradients, [tuple(p.shape) for p in training.parameters.values()])
    return check_gradient(
        gradients,
        slots.loss.function if isinstance(slots.loss, Hand) else slots.loss,
        at or training.values(),
        data={"x": table.x, "y": table.y},
        prediction=prediction.function if isinstance(prediction, Hand) else _as_function(prediction),
    )


def _in_shape(gradients: Callable[..., Any], shapes: list[tuple[int, ...]]) -> Callable[..., Any]:
    """A gradient of shape (D,) as one of a module's weight, (1, D)."""

    @functools.wraps(gradients)
    def shaped(*arguments: Any, **named: Any) -> Any:
        given = gradients(*arguments, **named)
        parts = given if isinstance(given, tuple) else (given,)
        if len(parts) != len(shapes):
            return given
        return tuple(
            plain(part).reshape(shape) if shape == (1, *np.shape(plain(part))) else part
            for part, shape in zip(parts, shapes, strict=True)
        )

    return shaped


def _as_function(module: nn.Module) -> Callable[..., Any]:
    """A module as a function ``(x, weight, …)`` of float64 arrays, so that its parameters can be varied."""
    module = copy.deepcopy(module).double()
    own = dict(module.named_parameters())

    def prediction(x: Any, **parameters: Any) -> np.ndarray:
        with cr.no_grad():
            for name, value in parameters.items():
                own[name].copy_(cr.tensor(plain(value)))
            return module(cr.tensor(plain(x).reshape(len(x), -1))).reshape(-1).numpy()

    names = [Parameter(name, Parameter.KEYWORD_ONLY) for name in ("x", *own) if name.isidentifier()]
    prediction.__signature__ = Signature(names)  # type: ignore[attr-defined]
    return prediction
