"""Call a plain function with what its parameters' names ask for.

People write ``loss(y, y_pred)`` and ``loss(y_pred, y_true)``, ``forward(x, w)`` and ``predict(w, x)``. The order
differs from one to the next; the names say what is meant.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ...base.errors import message

__all__ = ["call", "required", "lookup", "label"]

_X = ("x", "xs", "input", "inputs", "features", "data")
_Y = ("y", "ys", "y_true", "ytrue", "true", "target", "targets", "label", "labels", "truth", "actual", "t")
_Y_PRED = (
    "y_pred", "ypred", "y_predicted", "y_hat", "yhat", "y_p", "p", "pred", "preds", "prediction", "predictions",
    "predicted", "out", "output", "outputs", "prob", "probs", "probabilities", "logits", "scores",
)  # fmt: skip
_MEANING = {name: group[0] for group in (_X, _Y, _Y_PRED) for name in group}


def call(function: Callable[..., Any], known: Mapping[str, Any], role: str) -> Any:
    """``function`` of the known values that its parameters name; ``role`` is what messages call it.

    >>> known = {"x": 3.0, "w": 2.0, "y": 5.0, "y_pred": 6.0}
    >>> call(lambda w, x: w * x, known, "prediction")
    6.0
    >>> call(lambda y_hat, target: y_hat - target, known, "loss")
    1.0
    """
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in _parameters(function, role):
        key = lookup(parameter.name, known)
        if key is None:
            if parameter.default is parameter.empty:
                raise TypeError(_unknown_name(parameter.name, known, role, function))
        elif parameter.kind is parameter.POSITIONAL_ONLY:
            positional.append(known[key])
        else:
            named[parameter.name] = known[key]
    return function(*positional, **named)


def required(function: Callable[..., Any], role: str) -> list[str]:
    """The names of the parameters that must be given.

    >>> required(lambda x, w, scale=1.0: w * x * scale, "prediction")
    ['x', 'w']
    """
    return [p.name for p in _parameters(function, role) if p.default is p.empty]


def lookup(name: str, known: Mapping[str, Any]) -> str | None:
    """The key of ``known`` that ``name`` means: itself, itself in other letters' case, or another name for the same.

    >>> lookup("y_true", {"X": 0, "Y": 0, "w": 0})
    'Y'
    """
    if name in known:
        return name
    same = [key for key in known if key.lower() == name.lower()]
    if not same and name.lower() in _MEANING:
        same = [key for key in known if _MEANING.get(key.lower()) == _MEANING[name.lower()]]
    return same[0] if len(same) == 1 else None


def label(function: object) -> str:
    """A function's name, for messages."""
    return getattr(function, "__name__", type(function).__name__)


def _parameters(function: Callable[..., Any], role: str) -> tuple[inspect.Parameter, ...]:
    try:
        return _signature(function)
    except (TypeError, ValueError):
        raise TypeError(
            message(
                f"{role}: {function!r} does not say what parameters it takes",
                "they are found by name, and a function compiled in C need not tell them",
                f"wrap it: {role}=lambda y, y_pred: …",
            )
        ) from None


@lru_cache(
    maxsize=64
)  # a checked function is called a thousand times, and reading its signature takes longer than it does
def _signature(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    parameters = inspect.signature(function).parameters.values()
    return tuple(p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))


def _unknown_name(name: str, known: Mapping[str, Any], role: str, function: Callable[..., Any]) -> str:
    taken = ", ".join(required(function, role))
    return message(
        f"{role} {label(function)}({taken}): nothing is known by the name {name!r}",
        f"its parameters are filled by name, and the names here are {', '.join(known) or 'none'}",
        f"rename {name!r}, or wrap the function in a lambda that says which is which",
    )
