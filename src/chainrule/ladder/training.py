"""The documents' training loop, whatever its four parts are: predict, measure the loss, differentiate, update; repeat."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any

import numpy as np

import chainrule as cr

from ..base.errors import message
from .checking.points import as_array, plain
from .rungs import Rung
from .slots import Hand, Slots
from .table import Table

__all__ = ["Step", "Run", "Training", "train", "Values"]

Values = dict[str, np.ndarray]  # by parameter, in float64


@dataclass(frozen=True)
class Step:
    """One turn of the loop: the parameters it began with, what it computed, the parameters it ended with."""

    number: int
    before: Values
    loss: float
    gradients: Values
    after: Values


@dataclass(frozen=True)
class Run:
    """A rung's whole training. ``stopped`` says why it ended early; empty if it did not."""

    rung: Rung
    labels: dict[str, str]
    steps: tuple[Step, ...]
    asked_before: float
    asked_after: float
    stopped: str = ""


class _Stopped(Exception):
    """A hand-written part gave something that the loop cannot go on with."""


def train(rung: Rung, table: Table, epochs: int, lr: float) -> Run:
    """Climb one rung: ``epochs`` steps over all samples.

    >>> from .table import documents
    >>> run = train(Rung(), documents(), epochs=2, lr=0.01)
    >>> [f"w = {step.after['w']:.3f}, loss = {step.loss:.8f}" for step in run.steps]
    ['w = 0.300, loss = 30.00000000', 'w = 0.555, loss = 21.67499924']
    """
    training = Training(rung, table, lr)
    before, steps, stopped = training.ask(), [], ""
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # a loss that grows without bound is reported by the table
            for number in range(1, epochs + 1):
                steps.append(training.step(number))
    except _Stopped as error:
        stopped = str(error)
    return Run(rung, training.labels, tuple(steps), before, training.ask(), stopped)


class Training:
    """A rung's parameters, and one step of their training.

    Parameters are tensors where any part of the library needs to hold them, else arrays.
    """

    def __init__(self, rung: Rung, table: Table, lr: float) -> None:
        self.rung, self.table, self.lr = rung, table, lr
        self.slots = Slots(rung, table)
        self.autograd = self.slots.gradients is None
        self.tensors_for_hand = self.autograd or rung.on == "tensors"
        self.parameters: dict[str, Any] = self._start()
        self.optimizer = None
        self.labels = dict(self.slots.labels)
        if not isinstance(self.slots.updates, Hand):
            self.parameters = {name: _leaf(p, self.autograd) for name, p in self.parameters.items()}
            self.optimizer = self.slots.updates(list(self.parameters.values()), lr)
            self.labels["updates"] = type(self.optimizer).__name__

    # One turn of the loop.

    def step(self, number: int) -> Step:
        before = self.values()
        y_pred = self.predict(self.table.x)
        loss = self._loss(y_pred)
        gradients = self._gradients(y_pred, loss, number)
        self._update(gradients, number)
        return Step(
            number, before, float(plain(loss)), {n: as_array(g, n) for n, g in gradients.items()}, self.values()
        )

    def predict(self, x: np.ndarray) -> Any:
        """ŷ for rows x, of shape (rows,)."""
        rows = len(x)
        if isinstance(self.slots.prediction, Hand):
            y_pred = self.slots.prediction({**self._for_hand({"x": x}), **self._parameters_for_hand()})
        else:
            y_pred = self.slots.prediction(cr.tensor(x.reshape(rows, -1))).reshape(
                -1
            )  # modules want a column for each feature
        if tuple(y_pred.shape) != (rows,):
            raise ValueError(
                self._in_slot(
                    "prediction",
                    f"gives shape {tuple(y_pred.shape)} for {rows} samples",
                    f"y has shape ({rows},), and a difference of the two would be another shape again",
                )
            )
        return y_pred

    def predicted_at(self, values: Values) -> np.ndarray:
        """The predictions for all samples, had the parameters these values."""
        for name, value in values.items():
            if isinstance(self.parameters[name], cr.Tensor):
                _write(self.parameters[name], value.astype(np.float32))
            else:
                self.parameters[name] = value.astype(np.float32)[()]
        with cr.no_grad():
            return as_array(self.predict(self.table.x), "y_pred")

    def gradients_of_module(self) -> Callable[..., Any]:
        """The hand-written gradients, in the shapes of the module's parameters."""
        function = self.slots.gradients.function

        @functools.wraps(function)
        def gradients(*arguments: Any, **named: Any) -> Any:
            given = function(*arguments, **named)
            parts = given if isinstance(given, tuple) else (given,)
            shapes = [tuple(parameter.shape) for parameter in self.parameters.values()]
            if len(parts) != len(shapes):
                return given
            return tuple(
                plain(p).reshape(s) if s == (1, *np.shape(plain(p))) else p for p, s in zip(parts, shapes, strict=True)
            )

        return gradients

    def prediction_of_module(self) -> Callable[..., Any]:
        """The module as a function ``(x, **parameters)`` of arrays, in float64, for a numerical derivative."""
        module = copy.deepcopy(self.slots.prediction).double()
        own = dict(module.named_parameters())

        def prediction(x: Any, **parameters: Any) -> np.ndarray:
            with cr.no_grad():
                for name, value in parameters.items():
                    own[name].copy_(cr.tensor(np.asarray(plain(value))))
                return module(cr.tensor(np.asarray(plain(x)).reshape(len(x), -1))).reshape(-1).numpy()

        kinds = [Parameter(name, Parameter.KEYWORD_ONLY) for name in ("x", *own)]
        prediction.__signature__ = Signature(kinds)  # type: ignore[attr-defined]
        return prediction

    def ask(self) -> float:
        """The prediction for the table's question."""
        with cr.no_grad():
            return float(plain(self.predict(self.table.ask[None])).reshape(()))

    def values(self) -> Values:
        """The parameters as they are now."""
        return {name: as_array(parameter, name) for name, parameter in self.parameters.items()}

    def _loss(self, y_pred: Any) -> Any:
        y = self.table.y
        if not isinstance(self.slots.loss, Hand):
            loss = self.slots.loss(_tensor(y_pred), cr.tensor(y))
        else:
            loss = self.slots.loss(
                {**self._for_hand({"x": self.table.x, "y": y, "y_pred": y_pred}), **self._parameters_for_hand()}
            )
        if np.prod(np.shape(plain(loss)), dtype=int) != 1:
            raise ValueError(self._in_slot("loss", f"gives shape {np.shape(plain(loss))}", "a loss is one number"))
        return loss

    def _gradients(self, y_pred: Any, loss: Any, number: int) -> dict[str, Any]:
        if self.autograd:
            return self._backward(loss)
        known = {
            **self._for_hand({"x": self.table.x, "y": self.table.y, "y_pred": y_pred}),
            **self._parameters_for_hand(),
        }
        given = self.slots.gradients(known)
        names = list(self.parameters)
        if isinstance(given, Mapping):
            given = tuple(given.get(name) for name in names)
        parts = given if isinstance(given, tuple) else (given,)
        if len(parts) != len(names) or any(part is None for part in parts):
            raise ValueError(
                self._in_slot(
                    "gradients",
                    f"gives {len(parts)} gradients for {len(names)} parameters ({', '.join(names)})",
                    "each parameter has one",
                    f"return {', '.join('d' + name for name in names)}",
                )
            )
        return {name: self._fitting(part, name, number) for name, part in zip(names, parts, strict=True)}

    def _backward(self, loss: Any) -> dict[str, Any]:
        if not isinstance(loss, cr.Tensor) or not loss.requires_grad:
            raise TypeError(
                self._in_slot(
                    "gradients",
                    f"are automatic, but the loss, a {type(loss).__name__}, does not remember how it was computed",
                    "NumPy's functions turn tensors into arrays, and autograd sees nothing behind them",
                    "use operators and methods, w * x and ((y_pred - y) ** 2).mean(), or write the gradients by hand",
                )
            )
        for parameter in self.parameters.values():
            parameter.grad = None
        loss.backward()
        return {name: cr.zeros_like(p) if p.grad is None else p.grad for name, p in self.parameters.items()}

    def _fitting(self, gradient: Any, name: str, number: int) -> Any:
        """The gradient in its parameter's shape.

        One entry may be of shape () or (1,) alike; and a module's weight is (1, D) where a hand-written w is (D,).
        """
        shape = tuple(self.parameters[name].shape)
        array = plain(gradient)
        if array.shape == shape:
            return gradient
        row = not isinstance(self.slots.prediction, Hand) and shape == (1, *array.shape)
        if row or (array.size == 1 and np.prod(shape, dtype=int) == 1):
            return gradient.reshape(shape)
        raise _Stopped(f"step {number}: gradients gives shape {array.shape} for {name}, which has {shape}")

    def _update(self, gradients: dict[str, Any], number: int) -> None:
        if self.optimizer is not None:
            for name, parameter in self.parameters.items():
                parameter.grad = _tensor(gradients[name])
            self.optimizer.step()
            self.optimizer.zero_grad()
            return
        for name, parameter in self.parameters.items():
            w, gradient = (self._lift(parameter), self._lift(gradients[name]))
            with cr.no_grad():
                new = self.slots.updates.function(w, gradient, self.lr)
            new = w if new is None else new  # an update that works in place need not return
            if np.shape(plain(new)) != tuple(parameter.shape):
                raise _Stopped(
                    f"step {number}: updates turns {name} of shape {tuple(parameter.shape)} into {np.shape(plain(new))}"
                )
            if isinstance(parameter, cr.Tensor):
                with cr.no_grad():
                    parameter.copy_(_tensor(new))
            else:
                self.parameters[name] = plain(new)[()]

    # Where parameters begin.

    def _start(self) -> dict[str, Any]:
        if not isinstance(self.slots.prediction, Hand):
            return self._start_of_module(self.slots.prediction)
        given = {**self.table.start, **(self.rung.parameters or {})}
        taken = [name for name in self.slots.prediction.asks_for() if name not in ("x", "X") and name in given]
        names = taken or [place.name for place in self.slots.prediction.places]
        known = [name for name in names if name in self.table.start] if not taken else taken
        start = {name: as_array(given.get(name, 0.0), name).astype(np.float32)[()] for name in known or names}
        if not start:
            raise ValueError(
                self._in_slot(
                    "prediction",
                    "takes and reads no parameter",
                    f"those that have a starting value are {', '.join(given)}",
                    "def prediction(x, w): return w * x, or Rung(…, parameters={'slope': 0.0})",
                )
            )
        return {name: _leaf(value, True) if self.autograd else value for name, value in start.items()}

    def _start_of_module(self, module: cr.nn.Module) -> dict[str, Any]:
        parameters = dict(module.named_parameters())
        shared = list(self.table.start.values()) if self.rung.start == "shared" else []
        for parameter, value in zip(parameters.values(), shared, strict=False):
            if np.prod(tuple(parameter.shape), dtype=int) == value.size:
                _write(parameter, value)
        for name, value in (self.rung.parameters or {}).items():
            if name in parameters:
                _write(parameters[name], as_array(value, name).astype(np.float32))
        return parameters

    # Crossing between arrays and tensors.

    def _lift(self, value: Any) -> Any:
        """What hand-written functions get: tensors under autograd or where asked for, else arrays."""
        if self.tensors_for_hand:
            return _tensor(value)
        return plain(value)[()] if np.ndim(plain(value)) == 0 else plain(value)

    def _for_hand(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._lift(value) for name, value in values.items()}

    def _parameters_for_hand(self) -> dict[str, Any]:
        return self._for_hand(self.parameters)

    def _in_slot(self, slot: str, what: str, why: str, instead: str = "") -> str:
        return message(f"rung {self.rung.name or 'own'}: {slot} ({self.labels[slot]}) {what}", why, instead)


def _tensor(value: Any) -> Any:
    return value if isinstance(value, cr.Tensor) else cr.tensor(np.asarray(value, dtype=np.float32))


def _leaf(value: Any, requires_grad: bool) -> Any:
    return (
        value if isinstance(value, cr.Tensor) else cr.tensor(np.asarray(value, np.float32), requires_grad=requires_grad)
    )


def _write(parameter: Any, value: np.ndarray) -> None:
    if np.prod(tuple(parameter.shape), dtype=int) != value.size:
        raise ValueError(
            message(f"a starting value of shape {value.shape} for a parameter of {tuple(parameter.shape)}")
        )
    with cr.no_grad():
        parameter.copy_(cr.tensor(value).reshape(parameter.shape))
