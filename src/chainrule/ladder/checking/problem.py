"""A loss, and a gradient claimed for it, as functions of the parameters alone.

Whatever the user's functions look like (``loss(w)``, or ``loss(y, y_pred)`` beside a ``forward(x)`` that reads a global
``w``), `Problem` reads them as ``value(point)``, ``claimed(point)`` and ``autograd(point)``, in float64 throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr

from ... import nn
from ...base.errors import GradientError, did_you_mean, message
from .calling import call, label, lookup, required
from .names import Place, places_read, replaced
from .points import Point, as_array, plain, read_points, spell

__all__ = ["Problem", "Samples"]

Raised = tuple[tuple[int, ...], float]  # an entry of the prediction, and how much is added to it


@dataclass(frozen=True)
class Samples:
    """The data that the functions see: handed to them by name, and found where they look outside themselves."""

    named: dict[str, Any]
    outer: dict[Place, Any]

    def map(self, change: Callable[[Any], Any]) -> Samples:
        return Samples(
            {name: change(value) for name, value in self.named.items()},
            {place: change(value) for place, value in self.outer.items()},
        )

    def arrays(self) -> list[np.ndarray]:
        """Those that have a first axis to count samples along."""
        return [v for v in (*self.named.values(), *self.outer.values()) if isinstance(v, np.ndarray) and v.ndim]


class Problem:
    """The functions, the data, and the points to try.

    ``terms`` are the named parts whose sum is the loss; a loss given as one function is its only term.
    """

    def __init__(
        self,
        gradient: Callable[..., Any],
        loss: Callable[..., Any] | Mapping[str, Callable[..., Any]],
        at: Any,
        data: Mapping[str, Any] | None = None,
        prediction: Callable[..., Any] | None = None,
    ) -> None:
        self.gradient, self.prediction = gradient, prediction
        self.terms = dict(loss) if isinstance(loss, Mapping) else {"loss": loss}
        self.functions = [f for f in (prediction, *self.terms.values(), gradient) if f is not None]
        self.places = places_read(self.functions)
        named = {name: _datum(value, name) for name, value in (data or {}).items()}
        self.standalone = prediction is None and not named  # loss(w) and gradient(v) may call w what they like
        self.points = read_points(at, "" if isinstance(at, Mapping) else self._only_parameter(named))
        self.names = list(self.points[0])
        self._check_names(named)
        self.samples = Samples(named, {p: _datum(p.get(), p.name) for p in self.places if p.name not in self.names})
        self._check_lengths()
        self.loss_on_tensors = self._needs_tensors(lambda tensors: self._value(self.points[0], tensors, self.samples))
        self.gradient_on_tensors = self._needs_tensors(
            lambda tensors: self._claim(self.points[0], tensors, self.samples)
        )

    def value(self, point: Point, samples: Samples | None = None) -> float:
        """The loss at a point."""
        return self._value(point, self.loss_on_tensors, samples or self.samples)

    def claimed(self, point: Point, samples: Samples | None = None) -> Point:
        """What the user's gradient gives: one array for each parameter, of whatever shape it has."""
        return self._named(self._claim(point, self.gradient_on_tensors, samples or self.samples))

    def autograd(self, point: Point, term: str | None = None) -> Point:
        """The gradient by autograd, of one term or of the whole loss; passes on what the functions raise on tensors."""
        leaves = {name: cr.tensor(value, requires_grad=True) for name, value in point.items()}
        with self._world(leaves, cr.tensor, self.samples, "loss") as known, cr.enable_grad():
            value = sum(self._call(self.terms[name], known, name) for name in ([term] if term else self.terms))
        if not isinstance(value, cr.Tensor):
            raise TypeError(f"given tensors, the loss returns a {type(value).__name__}")
        value.backward()
        return {name: np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy() for name, leaf in leaves.items()}

    def only(self, term: str, function: Callable[..., Any]) -> Problem:
        """The same problem with one term of the loss in place of all."""
        alone = copy(self)
        alone.terms = {term: function}
        return alone

    def along(self, point: Point, name: str, index: tuple[int, ...]) -> Callable[[float], float]:
        """The loss as one component of one parameter moves away from the point."""

        def value(step: float) -> float:
            moved = point[name].copy()
            moved[index] += step
            with np.errstate(all="ignore"):
                return self.value({**point, name: moved})

        return value

    def along_prediction(self, point: Point, index: tuple[int, ...]) -> Callable[[float], float]:
        """The loss as one entry of the prediction moves away from its value at a point."""

        def value(step: float) -> float:
            with np.errstate(all="ignore"):
                return self._value(point, self.loss_on_tensors, self.samples, (index, step))

        return value

    def predicted(self, point: Point) -> np.ndarray | None:
        """The prediction at a point, where there is a function for it."""
        lift = cr.tensor if self.loss_on_tensors else _as_number
        with self._world({n: lift(v) for n, v in point.items()}, lift, self.samples, "prediction") as known:
            return None if self.prediction is None else as_array(known["y_pred"], "y_pred")

    # Calling the user's functions.

    @contextmanager
    def _world(self, parameters: Mapping[str, Any], lift: Any, samples: Samples, role: str) -> Iterator[dict[str, Any]]:
        """What functions may ask for by name; the same values stand wherever they look outside themselves."""
        seen = samples.map(lambda value: lift(value) if isinstance(value, np.ndarray) else value)
        known = {**seen.named, **parameters}
        outside = {p: parameters[p.name] if p.name in parameters else seen.outer[p] for p in self.places}
        before = {name: as_array(value, name) for name, value in parameters.items()}
        with replaced(outside):
            if self.prediction is not None:
                known["y_pred"] = self._call(self.prediction, known, "prediction")
            yield known
        self._check_unchanged({**samples.named, **before}, known, role)
        outer = [{place.name: value for place, value in world.outer.items()} for world in (samples, seen)]
        self._check_unchanged(outer[0], outer[1], role)

    def _value(self, point: Point, tensors: bool, samples: Samples, raised: Raised | None = None) -> float:
        lift = cr.tensor if tensors else _as_number
        with self._world({n: lift(v) for n, v in point.items()}, lift, samples, "loss") as known:
            if raised:
                moved = plain(known["y_pred"]).copy()
                moved[raised[0]] += raised[1]
                known["y_pred"] = lift(moved)
            return sum(_scalar(self._call(function, known, name), name) for name, function in self.terms.items())

    def _claim(self, point: Point, tensors: bool, samples: Samples) -> Any:
        lift = cr.tensor if tensors else _as_number
        with self._world({n: lift(v) for n, v in point.items()}, lift, samples, "gradient") as known:
            return self._call(self.gradient, known, "gradient")

    def _call(self, function: Callable[..., Any], known: Mapping[str, Any], role: str) -> Any:
        if isinstance(function, nn.Module) and "y_pred" in known and (y := lookup("y", known)):
            return function(known["y_pred"], known[y])  # a criterion: its parameters are always (input, target)
        if self.standalone:
            needed = required(function, role)
            if len(needed) == 1 and lookup(needed[0], known) is None:
                return function(known[self.names[0]] if len(self.names) == 1 else {n: known[n] for n in self.names})
        return call(function, known, role)

    def _needs_tensors(self, run: Callable[[bool], Any]) -> bool:
        """Arrays are tried first; what works only on tensors gets tensors."""
        try:
            run(False)
        except (TypeError, AttributeError, NotImplementedError, RuntimeError) as on_arrays:
            if isinstance(on_arrays, GradientError):
                raise
            try:
                run(True)
            except Exception as on_tensors:
                if str(on_tensors) == str(on_arrays):
                    raise on_arrays from None
                on_arrays.add_note(
                    f"with tensors in place of arrays it raises {type(on_tensors).__name__}: {on_tensors}"
                )
                raise on_arrays from None
            return True
        return False

    def _named(self, result: Any) -> Point:
        """One array for each parameter, from what the user's gradient returned."""
        if isinstance(result, Mapping):
            missing = [name for name in self.names if name not in result]
            if missing:
                raise ValueError(
                    message(f"gradient returns nothing for {', '.join(missing)}", f"it returns {', '.join(result)}")
                )
            return {name: as_array(result[name], f"gradient of {name}") for name in self.names}
        if len(self.names) == 1:
            only = result[0] if isinstance(result, tuple) and len(result) == 1 else result
            return {self.names[0]: _returned(only, self.names[0])}
        if not isinstance(result, (tuple, list)) or len(result) != len(self.names):
            count = f"{len(result)} values" if isinstance(result, (tuple, list)) else f"one {type(result).__name__}"
            raise ValueError(
                message(
                    f"gradient returns {count} for {len(self.names)} parameters ({', '.join(self.names)})",
                    "each parameter has its own gradient",
                    f"return {', '.join('d' + name for name in self.names)}",
                )
            )
        return {name: _returned(part, name) for name, part in zip(self.names, result, strict=True)}

    # What must hold before anything is compared.

    def _only_parameter(self, named: Mapping[str, Any]) -> str:
        """The one name that the functions ask for and the data does not give."""
        given = {**named, "y_pred": None} if self.prediction is not None else named
        if self.standalone:
            asked = required(self.terms[next(iter(self.terms))], "loss")
        else:
            asked = [n for f in self.functions if not isinstance(f, nn.Module) for n in required(f, label(f))]
        asked = [name for name in dict.fromkeys(asked) if lookup(name, given) is None]
        if not asked:
            inner = places_read([self.prediction or next(iter(self.terms.values()))])
            asked = [p.name for p in inner if lookup(p.name, named) is None]
        if len(asked) != 1:
            found = f"{', '.join(asked)} could each be it" if asked else "no function asks for one"
            raise TypeError(
                message("at gives values, but not the name of the parameter", found, 'at={"w": [0.0, 1.0, -2.0]}')
            )
        return asked[0]

    def _check_names(self, named: Mapping[str, Any]) -> None:
        asked = {n for f in self.functions if not isinstance(f, nn.Module) for n in required(f, label(f))}
        asked |= {place.name for place in self.places}
        whole = self.standalone and all(len(required(f, label(f))) == 1 for f in self.functions)
        for name in self.names:
            if name in named:
                raise ValueError(message(f"{name} is named both in at and in data", "a parameter moves, data stays"))
            if not whole and lookup(name, dict.fromkeys(asked)) is None:
                raise TypeError(
                    message(
                        f"no function takes or reads a {name!r}.{did_you_mean(name, asked)}",
                        f"the names that the functions ask for are {', '.join(sorted(asked)) or 'none'}",
                    )
                )
        shapes = [{name: value.shape for name, value in point.items()} for point in self.points]
        for shape in shapes[1:]:
            if shape != shapes[0]:
                raise ValueError(
                    message(
                        f"the points differ in shape: {shapes[0]} and {shape}", "each point is one value per parameter"
                    )
                )

    def _check_lengths(self) -> None:
        lengths = {
            name: len(value)
            for name, value in self.samples.named.items()
            if isinstance(value, np.ndarray) and value.ndim and lookup(name, {"x": 0, "y": 0})
        }
        if len(set(lengths.values())) > 1:
            counts = " and ".join(f"{name} has {count}" for name, count in lengths.items())
            raise ValueError(message(f"the numbers of samples differ: {counts}", "the first axis counts the samples"))

    def _check_unchanged(self, before: Mapping[str, Any], after: Mapping[str, Any], role: str) -> None:
        for name, value in before.items():
            now = plain(after[name])
            if isinstance(value, np.ndarray) and not np.array_equal(value, now, equal_nan=value.dtype.kind == "f"):
                raise ValueError(
                    message(
                        f"{role} changes its input {name} in place: {spell(value)} became {spell(now)}",
                        "the next call would start from other numbers; `a -= b` writes into the array a",
                        "a = a - b",
                    )
                )


def _datum(value: Any, name: str) -> Any:
    """Arrays and tensors as arrays, floats in double precision, whole numbers (labels, perhaps) as they are."""
    if isinstance(value, (cr.Tensor, list, tuple)):
        value = plain(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "iufb":
            raise TypeError(message(f"{name} holds {value.dtype} values, not numbers"))
        return value.astype(np.float64) if value.dtype.kind == "f" else value
    return value


def _as_number(value: np.ndarray) -> Any:
    """A copy; without dimensions it is a NumPy number, which like Python's own cannot be changed in place."""
    return value[()] if value.ndim == 0 else value.copy()


def _returned(value: Any, name: str) -> np.ndarray:
    if value is None:
        raise TypeError(message(f"gradient returns None for {name}", "a return is missing", f"return d{name}"))
    return as_array(value, f"gradient of {name}")


def _scalar(value: Any, role: str) -> float:
    shape = tuple(value.shape) if isinstance(value, cr.Tensor) else np.shape(value)
    if value is None or np.prod(shape, dtype=int) != 1:
        raise GradientError(
            message(
                f"grad can be implicitly created only for scalar outputs: {role} gives "
                f"{'None' if value is None else f'shape {shape}'}",
                "a gradient is that of one number",
                "end the loss with .mean() or .sum()",
            )
        )
    return float(as_array(value, role).reshape(()))
