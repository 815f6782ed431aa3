"""Gradients by the engine, and by differences along one random direction, which compares two numbers.

For complex numbers the gradient is PyTorch's, ∂L/∂Re + i ∂L/∂Im: a step v changes L by Re Σ conj(gradient) · v.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.base.modes import modes
from chainrule.graph import backward as engine
from chainrule.graph.value import Leaf, Value, wrap

STEP = 1e-5
Function = Callable[..., Any]  # of values; gives a value or a tuple of them


def along(directions: list[np.ndarray], gradients: list[Any]) -> float:
    """Re Σ conj(gradient) · direction over all inputs."""
    total = 0.0
    for v, g in zip(directions, gradients):
        if g is not None and v is not None:
            total += float(np.sum((np.conj(g) * v).real))
    return total


def leaves(arrays: list[np.ndarray], still: tuple[int, ...] = ()) -> list[Any]:
    """Values that ask for gradients, where they can have one and are not to stay as they are."""
    values = []
    for i, a in enumerate(arrays):
        v = wrap(np.array(a)) if isinstance(a, np.ndarray) else a
        if isinstance(v, Value) and v.array.dtype.kind in "fc" and i not in still:
            v.node = Leaf(v)
        values.append(v)
    return values


def results(function: Function, values: list[Any]) -> list[Any]:
    """The values that a function gives and that can have a gradient."""
    y = function(*values)
    return [
        r for r in (y if isinstance(y, (tuple, list)) else [y]) if isinstance(r, Value) and r.array.dtype.kind in "fc"
    ]


def gradients(values: list[Any], outputs: list[Any], upstream: list[np.ndarray], create: bool = False) -> list[Any]:
    """∂L/∂value for each value, given ∂L/∂output for each output; None where there is none."""
    roots = [(y.node, wrap(c) if create else c) for y, c in zip(outputs, upstream) if y.node is not None]
    wanted = [v.node for v in values if isinstance(v, Value) and v.node is not None]
    caught = engine.backward(roots, retain=True, create=create, only=wanted, capture=True)
    return [caught.get(v.node) if isinstance(v, Value) and v.node is not None else None for v in values]


class Along:
    """L(x) = Re Σ conj(c) · f(x) for fixed random c, and its first and second derivative along random directions.

    ``still`` are the places of inputs that stay as they are, because nothing is said about their derivative.
    """

    def __init__(
        self, function: Function, arrays: list[np.ndarray], rng: np.random.Generator, still: tuple[int, ...] = ()
    ) -> None:
        self.function, self.arrays, self.still = function, arrays, still
        self.values = leaves(arrays, still)
        self.outputs = results(function, self.values)
        self.c = [draw(y.array, rng) for y in self.outputs]
        self.v, self.u = (
            [draw(a, rng) if moves(a) and i not in still else None for i, a in enumerate(arrays)] for _ in range(2)
        )

    def moved(self, t: float) -> list[Any]:
        """The inputs, a step along the direction v away."""
        return [a if v is None else np.asarray(a + t * v) for a, v in zip(self.arrays, self.v)]

    def loss(self, t: float) -> float:
        with recording(False):
            outputs = results(self.function, [wrap(a) if isinstance(a, np.ndarray) else a for a in self.moved(t)])
        return sum(float(np.sum((np.conj(c) * y.array).real)) for c, y in zip(self.c, outputs))

    def slope(self, t: float) -> float:
        """The derivative of L along u, at a step t along v."""
        values = leaves(self.moved(t), self.still)
        found = gradients(values, results(self.function, values), self.c)
        return along(self.u, found)

    def first(self) -> tuple[float, float]:
        """dL/dv, by the engine and by differences."""
        found = gradients(self.values, self.outputs, self.c)
        return along(self.v, found), (self.loss(STEP) - self.loss(-STEP)) / (2 * STEP)

    def second(self) -> tuple[float, float]:
        """d²L/dv du, by the engine through the recorded gradient, and by differences of the gradient."""
        values = leaves(self.arrays, self.still)
        with recording(True):
            found = gradients(values, results(self.function, values), self.c, create=True)
        pairs = [(g, u) for g, u in zip(found, self.u) if isinstance(g, Value) and g.node is not None and u is not None]
        twice = gradients(values, [g for g, _ in pairs], [u for _, u in pairs])
        return along(self.v, twice), (self.slope(STEP) - self.slope(-STEP)) / (2 * STEP)


def moves(a: Any) -> bool:
    """Whether an input can change by a little."""
    return isinstance(a, np.ndarray) and a.dtype.kind in "fc"


def draw(like: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Normal numbers of the shape and dtype of an array."""
    x = rng.standard_normal(like.shape)
    return np.asarray(x + 1j * rng.standard_normal(like.shape) if like.dtype.kind == "c" else x, like.dtype)


class recording:  # noqa: N801
    """Record the graph or not, inside a ``with`` block."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted

    def __enter__(self) -> None:
        self.before, modes.grad = modes.grad, self.wanted

    def __exit__(self, *_: object) -> None:
        modes.grad = self.before
