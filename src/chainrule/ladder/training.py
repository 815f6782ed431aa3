"""The documents' training loop, whatever its four parts are: predict, measure the loss, differentiate, update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr

from .. import nn
from ..base.errors import message
from .checking.calling import lookup
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
        self.tensors_for_hand = self.slots.gradients is None or rung.on == "tensors"
        self.parameters = self._start()
        self.optimizer: Any = None
        self.labels = dict(self.slots.labels)
        if not isinstance(self.slots.updates, Hand):
            self.parameters = {name: _leaf(parameter) for name, parameter in self.parameters.items()}
            self.optimizer = self.slots.updates(list(self.parameters.values()), lr)
            self.labels["updates"] = type(self.optimizer).__name__

    # One turn of the loop.

    def step(self, number: int) -> Step:
        """Predict, measure, differentiate, update."""
        before = self.values()
        y_pred = self.predict(self.table.x)
        loss = self._loss(y_pred)
        gradients = self._gradients(y_pred, loss)
        found = {name: as_array(gradient, name) for name, gradient in gradients.items()}
        self._update(gradients)
        return Step(number, before, float(plain(loss).reshape(())), found, self.values())

    def predict(self, x: np.ndarray) -> Any:
        """ŷ for rows x, of shape (rows,)."""
        if isinstance(self.slots.prediction, Hand):
            y_pred = self.slots.prediction(self._known(x=x))
        else:  # a module takes a column for each feature, and gives a column
            y_pred = self.slots.prediction(cr.tensor(x.reshape(len(x), -1))).reshape(-1)
        shape = np.shape(plain(y_pred))
        if shape != (len(x),):
            raise ValueError(
                self._in_slot(
                    "prediction",
                    f"gives shape {shape} for {len(x)} samples",
                    f"y has shape ({len(x)},), and y_pred - y would have another shape again",
                )
            )
        return y_pred

    def predicted_at(self, values: Values) -> np.ndarray:
        """The predictions for all samples, had the parameters these values."""
        for name, value in values.items():
            self._put(name, value.astype(np.float32))
        with cr.no_grad():
            return as_array(self.predict(self.table.x), "y_pred")

    def ask(self) -> float:
        """The prediction for the table's question."""
        with cr.no_grad():
            return float(plain(self.predict(self.table.ask[None])).reshape(()))

    def values(self) -> Values:
        """The parameters as they are now."""
        return {name: as_array(parameter, name) for name, parameter in self.parameters.items()}

    def _loss(self, y_pred: Any) -> Any:
        if isinstance(self.slots.loss, Hand):
            loss = self.slots.loss(self._known(x=self.table.x, y=self.table.y, y_pred=y_pred))
        else:
            loss = self.slots.loss(_tensor(y_pred), cr.tensor(self.table.y))
        if np.prod(np.shape(plain(loss)), dtype=int) != 1:
            raise ValueError(self._in_slot("loss", f"gives shape {np.shape(plain(loss))}", "a loss is one number"))
        return loss

    def _gradients(self, y_pred: Any, loss: Any) -> dict[str, Any]:
        if self.slots.gradients is None:
            return self._backward(loss)
        given = self.slots.gradients(self._known(x=self.table.x, y=self.table.y, y_pred=y_pred))
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
        return {name: self._fitting(part, name) for name, part in zip(names, parts, strict=True)}

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

    def _fitting(self, gradient: Any, name: str) -> Any:
        """The gradient in its parameter's shape.

        One entry may be of shape () or (1,) alike; and a module's weight is (1, D) where a hand-written w is (D,).
        """
        shape = tuple(self.parameters[name].shape)
        array = plain(gradient)
        if array.shape == shape:
            return gradient
        row = not isinstance(self.slots.prediction, Hand) and shape == (1, *array.shape)
        if row or (array.size == 1 and np.prod(shape, dtype=int) == 1):
            return gradient.reshape(shape) if isinstance(gradient, cr.Tensor) else array.reshape(shape)
        raise _Stopped(f"gradients gives shape {array.shape} for {name}, which has {shape}")

    def _update(self, gradients: dict[str, Any]) -> None:
        update = self.slots.updates
        if not isinstance(update, Hand):
            for name, parameter in self.parameters.items():
                parameter.grad = _tensor(gradients[name])
            self.optimizer.step()
            self.optimizer.zero_grad()
            return
        for name, parameter in self.parameters.items():
            w, shape = self._lift(parameter), tuple(parameter.shape)
            with cr.no_grad():
                new = update.function(w, self._lift(gradients[name]), self.lr)
            array = plain(w if new is None else new).astype(np.float32)  # None: an update that works in place
            if array.shape != shape:
                raise _Stopped(f"updates turns {name} of shape {shape} into one of shape {array.shape}")
            self._put(name, array)

    # Where parameters begin.

    def _start(self) -> dict[str, Any]:
        """The parameters: a module's own; else those that the prediction takes, or the numbers that it reads."""
        prediction = self.slots.prediction
        if not isinstance(prediction, Hand):
            return self._start_of_module(prediction)
        read = {place.name: place.get() for place in prediction.places if not isinstance(place.get(), int)}
        given = {**read, **self.table.start, **(self.rung.parameters or {})}
        names = [name for name in prediction.asks_for() if lookup(name, {"x": 0}) is None]
        names = names or [name for name in read if name in self.table.start] or list(read)
        lacking = [name for name in names if name not in given]
        if lacking or not names:
            raise ValueError(
                message(
                    f"rung {self.rung.name or 'own'}: prediction {prediction.label} "
                    + (
                        f"takes {', '.join(lacking)}, which starts nowhere"
                        if lacking
                        else "takes and reads no parameter"
                    ),
                    f"this table starts {', '.join(self.table.start)}",
                    f"Rung(…, parameters={{{(lacking or ['w'])[0]!r}: 0.0}})",
                )
            )
        start = {name: as_array(given[name], name).astype(np.float32)[()] for name in names}
        return {name: _leaf(value) for name, value in start.items()} if self.slots.gradients is None else start

    def _start_of_module(self, module: nn.Module) -> dict[str, Any]:
        parameters = dict(module.named_parameters())
        shared = list(self.table.start.values()) if self.rung.start == "shared" else []
        for parameter, value in zip(parameters.values(), shared, strict=False):
            if parameter.numel() == value.size:
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

    def _known(self, **data: Any) -> dict[str, Any]:
        """What a hand-written function may ask for."""
        return {name: self._lift(value) for name, value in {**data, **self.parameters}.items()}

    def _put(self, name: str, value: np.ndarray) -> None:
        if isinstance(self.parameters[name], cr.Tensor):
            _write(self.parameters[name], value)
        else:
            self.parameters[name] = value[()]

    def _in_slot(self, slot: str, what: str, why: str, instead: str = "") -> str:
        return message(f"rung {self.rung.name or 'own'}: {slot} ({self.labels[slot]}) {what}", why, instead)


def _tensor(value: Any) -> Any:
    return value if isinstance(value, cr.Tensor) else cr.tensor(np.asarray(value, dtype=np.float32))


def _leaf(value: Any) -> Any:
    return value if isinstance(value, cr.Tensor) else cr.tensor(np.asarray(value, np.float32), requires_grad=True)


def _write(parameter: Any, value: np.ndarray) -> None:
    if parameter.numel() != value.size:
        raise ValueError(
            message(f"a starting value of shape {value.shape} for a parameter of {tuple(parameter.shape)}")
        )
    with cr.no_grad():
        parameter.copy_(cr.tensor(value).reshape(parameter.shape))
