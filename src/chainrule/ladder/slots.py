"""The four slots at work: what each holds, resolved against a table, and what it is called in the table of results.

Hand-written functions are called by their parameters' names and find their globals replaced; the library's parts are
called as the documents call them. Arrays and tensors are turned into one another only at the border between two slots.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from .. import nn, optim
from ..base.errors import message
from .byhand import by_hand
from .checking.calling import call, label, required
from .checking.names import places_read, replaced
from .rungs import AUTO, HAND, Rung
from .table import Table

__all__ = ["Slots", "Hand"]


class Hand:
    """A function of the user's, or of the documents'."""

    def __init__(self, function: Callable[..., Any], role: str, label: str) -> None:
        self.function, self.role, self.label = function, role, label
        self.places = places_read([function])

    def __call__(self, known: Mapping[str, Any]) -> Any:
        with replaced({place: known[place.name] for place in self.places if place.name in known}):
            return call(self.function, known, self.role)

    def asks_for(self) -> list[str]:
        """The names that the function takes, or else reads."""
        return required(self.function, self.role)


class Slots:
    """What a rung's four slots hold. ``prediction``, ``gradients`` and ``loss`` are `Hand` or the library's part; None
    stands for autograd."""

    def __init__(self, rung: Rung, table: Table) -> None:
        ready = by_hand(table)
        self.prediction: Hand | nn.Module = _prediction(rung, table, ready.prediction)
        self.gradients = None if rung.gradients == AUTO else _hand(rung.gradients, ready.gradients, "gradients")
        self.loss: Hand | nn.Module = _loss(rung.loss, ready.loss)
        self.updates: Hand | Callable[..., optim.Optimizer] = _updates(rung.updates, ready.updates)
        self.labels = {
            "prediction": _label(self.prediction),
            "gradients": "autograd" if self.gradients is None else self.gradients.label,
            "loss": _label(self.loss),
            "updates": self.updates.label if isinstance(self.updates, Hand) else "",  # an optimizer's, once it is made
        }


def _hand(given: Any, ready: Callable[..., Any], role: str) -> Hand:
    if given == HAND:
        return Hand(ready, role, HAND)
    return Hand(given, role, f"{label(given)}()" if label(given) != "<lambda>" else "λ, by hand")


def _label(slot: Any) -> str:
    return slot.label if isinstance(slot, Hand) else type(slot).__name__


def _prediction(rung: Rung, table: Table, ready: Callable[..., Any]) -> Any:
    given, columns = rung.prediction, 1 if table.x.ndim == 1 else table.x.shape[1]
    if given == AUTO:
        return nn.Linear(columns, 1, bias=table.bias or rung.start == "own")
    if isinstance(given, nn.Module):
        return copy.deepcopy(given)  # the user's own keeps its weights, and a second climb begins where the first did
    if isinstance(given, type) and issubclass(given, nn.Module):
        return given() if not required(given, "prediction") else given(columns, 1)
    if given == HAND or required(given, "prediction"):
        return _hand(given, ready, "prediction")
    made = given()
    if not isinstance(made, nn.Module):
        raise TypeError(
            message(
                f"prediction {label(given)}() takes nothing and makes a {type(made).__name__}",
                "a function without parameters makes a module; a prediction takes x",
                "def prediction(x, w): return w * x",
            )
        )
    return made


def _loss(given: Any, ready: Callable[..., Any]) -> Any:
    if given == AUTO:
        return nn.MSELoss()
    if isinstance(given, type) and issubclass(given, nn.Module):
        return given()
    return given if isinstance(given, nn.Module) else _hand(given, ready, "loss")


def _updates(given: Any, ready: Callable[..., Any]) -> Any:
    """A `Hand`, or a function of (parameters, lr) that makes the optimizer."""
    maker = optim.SGD if given == AUTO else given
    inner = maker.func if isinstance(maker, functools.partial) else maker
    if isinstance(inner, type) and issubclass(inner, optim.Optimizer):
        fixed = maker.keywords if isinstance(maker, functools.partial) else {}
        return lambda parameters, lr: maker(parameters, **({} if "lr" in fixed else {"lr": lr}))
    if given != HAND and len(inspect.signature(given).parameters) == 1:
        return lambda parameters, lr: given(parameters)
    return Hand(ready if given == HAND else given, "updates", _hand(given, ready, "updates").label)
