"""The loss around the path of descent: over two parameters, the plane of most movement, two random directions.

Or over two that were chosen (`axes`). loss(θ + a·u + b·v) over a grid of (a, b), by computing the last recorded graph
again: the same operations on the last batches, with other parameters. With a single parameter it is a curve.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ..base.errors import message
from ..explanation.history import History
from ..graph.value import Node
from .axes import Axes, AxesError, entries
from .batches import earlier
from .replaying import Replay, Unavailable, faithful, unchanged
from .watching import State

SIDES = (41, 31, 25, 21, 15, 11)  # points along an axis: as many as there is time for
SECONDS = 4.0  # for all planes
CURVE = 121  # points of a curve
PAIRS = 3  # of parameters
FEW = 3  # parameters of which every pair is shown
MARGIN = 0.35  # beside the path, as a share of its extent


class Parameters:
    """The leaves of a graph as one vector, and the states of it over time."""

    def __init__(self, history: History, states: list[State], last_step: int) -> None:
        self.leaves = [n for n in history.nodes if n in history.leaves and history.leaves[n].dtype.kind == "f"]
        if not self.leaves:
            raise Unavailable("the loss was computed from no parameter of real numbers.")
        self.arrays = [history.leaves[n] for n in self.leaves]
        self.names = [history.names.of_node.get(n, f"p{i}") for i, n in enumerate(self.leaves, 1)]
        begins = np.cumsum([0, *(a.size for a in self.arrays)]).tolist()
        found = {n: (begin, a.shape) for n, begin, a in zip(self.leaves, begins, self.arrays)}
        # By its name in the report, and by that in named_parameters(): where its entries begin, and its shape.
        self.places = {path: found[n] for path, n in history.names.paths.items() if n in found}
        self.places |= dict(zip(self.names, found.values()))
        self.steps: list[int] = []
        self.path: list[np.ndarray] = []
        now = {n: n.target().array for n in self.leaves if n.target() is not None}  # type: ignore[attr-defined]
        for state in [*states, State(last_step, now)]:
            vector = self.vector(state.values)
            if vector is not None and (not self.path or not np.array_equal(vector, self.path[-1])):
                self.steps.append(state.step)
                self.path.append(vector)
        if not self.path:
            self.steps, self.path = (
                [last_step],
                [np.concatenate([a.reshape(-1) for a in self.arrays]).astype(np.float64)],
            )

    def vector(self, values: dict[Node, np.ndarray]) -> np.ndarray | None:
        """A state as a vector: the leaves themselves or, where a program makes new ones, those in the same places."""
        arrays = [values[n] for n in self.leaves if n in values]
        if len(arrays) != len(self.leaves):
            arrays = list(values.values())
        if [a.shape for a in arrays] != [a.shape for a in self.arrays]:
            return None
        vector = np.concatenate([a.reshape(-1) for a in arrays]).astype(np.float64)
        return vector if np.isfinite(vector).all() else None

    def split(self, vector: np.ndarray) -> dict[Node, np.ndarray]:
        ends = np.cumsum([a.size for a in self.arrays])[:-1]
        parts = np.split(vector, ends)
        return {n: part.astype(a.dtype).reshape(a.shape) for n, a, part in zip(self.leaves, self.arrays, parts)}

    def name(self, place: int) -> str:
        """Of one entry: ``w``, ``fc1.weight[3, 5]``."""
        for name, a in zip(self.names, self.arrays):
            if place < a.size:
                inside = ", ".join(str(int(i)) for i in np.unravel_index(place, a.shape))
                return f"{name}[{inside}]" if a.size > 1 else name
            place -= a.size
        raise IndexError(place)


def surface_of(
    history: History, states: list[State], last_step: int, recent: Sequence[list[Node]] = (), axes: Axes | None = None
) -> dict[str, Any]:
    """The planes, or a reason for there being none."""
    parameters = Parameters(history, states, last_step)
    frames = planes(parameters) if axes is None else [chosen(axes, parameters)]
    batches = [{}, *earlier(history, recent)]
    with unchanged():
        replay = Replay(history)
        started = time.perf_counter()
        faithful(replay)
        once = (time.perf_counter() - started) * len(batches)

        def loss(vector: np.ndarray) -> float:
            leaves = parameters.split(vector)
            return float(np.mean([float(replay(leaves, batch).reshape(-1)[0].real) for batch in batches]))

        if parameters.path[-1].size == 1:
            return {"planes": [curve(parameters, loss)], "batches": len(batches)}
        side = next((n for n in SIDES if n * n * once * len(frames) <= SECONDS), None)
        if side is None:
            frames, side = frames[:1], SIDES[-1]
            if side * side * once > 2 * SECONDS:
                raise Unavailable(f"one evaluation of the loss takes {once:.2g} s, and a surface needs {side * side}.")
        return {"planes": [filled(frame, parameters, loss, side) for frame in frames], "batches": len(batches)}


Plane = tuple[str, list[str], np.ndarray, np.ndarray, np.ndarray]  # kind, labels, centre, u, v


def planes(parameters: Parameters) -> list[Plane]:
    """The planes that are shown: through the state after the last step."""
    end = parameters.path[-1]
    moved = np.abs(np.array(parameters.path) - end).max(axis=0)
    largest = np.argsort(-moved, kind="stable")[:FEW]
    pairs = (
        list(combinations(sorted(int(i) for i in largest), 2)) if end.size <= FEW else [sorted(map(int, largest[:2]))]
    )
    found: list[Plane] = []
    if end.size > 1:
        found += [over(parameters, i, j) for i, j in pairs[:PAIRS]]
    if end.size > 2:
        found += [*most_movement(parameters), random(parameters)]
    return found


def chosen(axes: Axes, parameters: Parameters) -> Plane:
    """The plane that was asked for."""
    if axes.names is not None:
        return over(parameters, *entries(axes, parameters))
    if parameters.path[-1].size == 1:
        name = parameters.name(0)
        raise AxesError(message(f"{name} is the only entry of all parameters", "there are no two directions", "no surface=…: its curve"))
    return random(parameters, axes.seed)


def over(parameters: Parameters, i: int, j: int) -> Plane:
    """The plane of two entries."""
    end = parameters.path[-1]
    u, v = np.zeros_like(end), np.zeros_like(end)
    u[i] = v[j] = 1.0
    centre = end.copy()
    centre[[i, j]] = 0.0
    return "parameters", [parameters.name(i), parameters.name(j)], centre, u, v


def most_movement(parameters: Parameters) -> list[Plane]:
    """The plane in which most of the path lies: its first two principal components."""
    if len(parameters.path) < 3:
        return []
    away = np.array(parameters.path[:-1]) - parameters.path[-1]
    _, sizes, directions = np.linalg.svd(away, full_matrices=False)
    if sizes[1] <= 1e-9 * sizes[0] or not sizes[0]:
        return []
    share = sizes[:2] ** 2 / np.sum(sizes**2)
    labels = [f"direction {i} ({share[i - 1]:.0%} of the movement)" for i in (1, 2)]
    return [("movement", labels, parameters.path[-1], directions[0], directions[1])]


def random(parameters: Parameters, seed: int = 0) -> Plane:
    """Two random directions, each tensor's part as long as the tensor itself, so that 1 is as far as its entries are large."""
    draw = np.random.default_rng(seed)
    pair = []
    for _ in range(2):
        parts = []
        for array in parameters.split(parameters.path[-1]).values():
            d = draw.standard_normal(array.size)
            length = float(np.linalg.norm(array.astype(np.float64))) or 1.0
            parts.append(d / np.linalg.norm(d) * length)
        pair.append(np.concatenate(parts))
    u, v = pair
    v -= u * (u @ v) / (u @ u)
    return "random", ["random direction 1", "random direction 2"], parameters.path[-1], u, v


def filled(plane: Plane, parameters: Parameters, loss: Callable[[np.ndarray], float], side: int) -> dict[str, Any]:
    """A plane's grid of losses, and the path seen on it."""
    kind, labels, centre, u, v = plane
    path = np.array([[(p - centre) @ u / (u @ u), (p - centre) @ v / (v @ v)] for p in parameters.path])
    if kind == "random":
        xs = ys = np.linspace(-1, 1, side)
    else:
        xs, ys = axis(path[:, 0], side), axis(path[:, 1], side)
    z = [[loss(centre + a * u + b * v) for a in xs] for b in ys]
    return {
        "kind": kind,
        "labels": labels,
        "xs": xs,
        "ys": ys,
        "z": z,
        "path": path,
        "steps": [s + 1 for s in parameters.steps],
        "losses": [loss(p) for p in parameters.path],
    }


def curve(parameters: Parameters, loss: Callable[[np.ndarray], float]) -> dict[str, Any]:
    """The loss as a function of the only parameter."""
    path = np.array(parameters.path)
    xs = axis(path[:, 0], CURVE, 2.0 if len(path) == 1 else MARGIN)
    return {
        "kind": "curve",
        "labels": [parameters.name(0)],
        "xs": xs,
        "ys": [],
        "z": [[loss(np.array([x])) for x in xs]],
        "path": path,
        "steps": [s + 1 for s in parameters.steps],
        "losses": [loss(p) for p in parameters.path],
    }


def axis(along: np.ndarray, side: int, share: float = MARGIN) -> np.ndarray:
    """The range of the path, and some more on both sides; about a single point, that as a share of its own size."""
    low, high = float(along.min()), float(along.max())
    extent = high - low
    margin = share * extent if extent > 1e-9 * max(abs(low), abs(high)) else max(1.0, share) * max(1.0, abs(low))
    return np.linspace(low - margin, high + margin, side)
