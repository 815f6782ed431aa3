"""What a model makes of data with one or two columns: its curve, or its regions, at several moments of the training.

The recorded graph is computed again with a grid in the place of the batch, as many rows at a time as the batch had.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..explanation.history import UNKNOWN, History, plain_op, saved_input
from ..graph.value import Leaf, Node, Pick
from .encoding import bytes_of
from .replaying import Key, Replay, Unavailable, unchanged
from .surface import Parameters

CURVE, SIDE = 97, 44  # points of a grid along its axis, its axes
FRAMES = 12  # moments of the training
POINTS = 500  # samples that are drawn
SECONDS = 3.0
MARGIN = 0.12

Values = Callable[[np.ndarray], np.ndarray]


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def same(x: np.ndarray) -> np.ndarray:
    return x


# The op that compares predictions with targets: what the model does, and how its output is read.
LOSSES: dict[str, tuple[str, Values]] = {
    "CrossEntropy": ("classes", softmax),
    "BriefCrossEntropy": ("classes", softmax),
    "NllLoss": ("classes", np.exp),
    "BinaryCrossEntropyWithLogits": ("binary", sigmoid),
    "BinaryCrossEntropy": ("binary", same),
    **dict.fromkeys(("MseLoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "Sub", "Rsub"), ("regression", same)),
}


@dataclass
class Roles:
    """Which node of a graph predicts, what it is compared with, and the columns it predicts from."""

    task: str
    read: Values
    prediction: Node
    target: np.ndarray
    target_name: str
    target_key: Key
    columns: list[
        tuple[str, np.ndarray, list[tuple[Key, int]]]
    ]  # name, entries, where they enter (and as which column)
    rows: int


def roles(history: History) -> Roles:
    """Read a graph as a model on data."""
    for node in reversed(history.nodes):
        if isinstance(node, (Leaf, Pick)) or type(plain_op(node)).__name__ not in LOSSES:
            continue
        task, read = LOSSES[type(plain_op(node)).__name__]
        found = compared(history, node)
        if found is None:
            continue
        prediction, target, name, key = found
        rows = prediction_rows(history, prediction)
        columns = entering(history, prediction, rows)
        if 1 <= len(columns) <= 2:
            return Roles(task, read, prediction, target, name, key, columns, rows)
        if len(columns) > 2:
            raise Unavailable(f"{len(columns)} columns enter on the way to the prediction; a picture has room for two.")
        raise Unavailable(
            "the graph compares predictions with targets, but what it predicts from has not one or two columns."
        )
    raise Unavailable("no operation was found that compares a prediction with a target.")


def compared(history: History, node: Node) -> tuple[Node, np.ndarray, str, Key] | None:
    """(prediction, target, the target's name, where it enters) of an op that compares two."""
    if len(node.edges) < 2 or sum(e is not None for e in node.edges[:2]) != 1:
        return None
    place = 0 if node.edges[0] is None else 1
    prediction = node.edges[1 - place]
    constant = history.constant(node, place)
    if constant is None or constant.value is UNKNOWN or prediction is None or isinstance(prediction, Leaf):
        return None
    return prediction, np.asarray(constant.value), constant.name or "target", (node, place)


def prediction_rows(history: History, prediction: Node) -> int:
    shape = np.shape(history.gradients[prediction])
    return shape[0] if shape else 1


def entering(history: History, prediction: Node, rows: int) -> list[tuple[str, np.ndarray, list[tuple[Key, int]]]]:
    """The columns of the data that enter on the way to a prediction, each once."""
    found: dict[Any, tuple[str, np.ndarray, list[tuple[Key, int]]]] = {}
    for node in behind(prediction):
        for i, edge in enumerate(node.edges):
            if edge is not None or isinstance(node, (Leaf, Pick)):
                continue
            kept = saved_input(node, i)
            constant = history.constant(node, i) if isinstance(kept, np.ndarray) else None
            if constant is None or not is_data(constant.value, rows, constant.name):
                continue
            array = np.asarray(constant.value)
            matrix = array.reshape(rows, -1)
            for k in range(matrix.shape[1]):
                key = (array.__array_interface__["data"][0], array.shape, k)
                name = constant.name or "x"
                label = name if matrix.shape[1] == 1 else f"{name}[:, {k}]"
                found.setdefault(key, (label, matrix[:, k], []))[2].append(((node, i), k))
    return list(found.values())


def is_data(a: Any, rows: int, name: str | None) -> bool:
    """Whether an array can be a batch: real numbers, a row for each prediction. A single number must have a name."""
    if a is UNKNOWN or a.dtype.kind != "f" or a.ndim > 2:
        return False
    return bool(name) and a.size <= 2 if rows == 1 else a.ndim > 0 and a.shape[0] == rows


def behind(root: Node) -> Iterator[Node]:
    seen, stack = {root}, [root]
    while stack:
        node = stack.pop()
        yield node
        for edge in node.edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                stack.append(edge)


# ---------------------------------------------------------------------- the picture


def fit_of(history: History, parameters: Parameters, recent: Iterable[list[Node]] = ()) -> dict[str, Any]:
    """Samples, a grid, and what the model makes of the grid at several steps."""
    found = roles(history)
    check(history, found)
    if found.task == "regression" and np.size(history.gradients[found.prediction]) != found.rows:
        raise Unavailable("the model predicts several numbers for each sample.")
    flat = len(found.columns) == 1
    points = samples(history, found, recent)
    axes = [axis(entries, CURVE if flat else SIDE) for entries in points["x"]]
    grid = axes[0][:, None] if flat else np.array([(a, b) for b in axes[1] for a in axes[0]])
    with unchanged():
        replay = Replay(history, found.prediction)
        started = time.perf_counter()
        read = [evaluated(replay, found, parameters.split(parameters.path[-1]), grid)]
        took = time.perf_counter() - started
        count = int(np.clip(SECONDS / max(took, 1e-6), 0, FRAMES - 1))
        chosen = sorted(
            {int(i) for i in np.linspace(0, len(parameters.path) - 1, count + 1)} - {len(parameters.path) - 1}
        )
        if count:
            read = [evaluated(replay, found, parameters.split(parameters.path[i]), grid) for i in chosen] + read
        else:
            chosen = []
    steps = [parameters.steps[i] + 1 for i in [*chosen, len(parameters.path) - 1]]
    return {
        "task": found.task,
        "labels": [name for name, _, _ in found.columns],
        "target": found.target_name,
        "points": points,
        "axes": axes,
        **pictures(read, found.task),
        "steps": steps,
    }


def check(history: History, found: Roles) -> None:
    """Refuse models whose prediction for one sample depends on the others."""
    for node in behind(found.prediction):
        kind = type(plain_op(node)).__name__ if not isinstance(node, (Leaf, Pick)) else ""
        if "BatchNorm" in kind:
            raise Unavailable("batch normalisation makes each prediction depend on the whole batch.")
    if found.target.shape[:1] not in ((found.rows,), ()) or not found.target.size:
        raise Unavailable("the targets are not one for each sample.")


def evaluated(replay: Replay, found: Roles, leaves: dict[Node, np.ndarray], grid: np.ndarray) -> np.ndarray:
    """The model's output for each row of a grid."""
    outputs = []
    for start in range(0, len(grid), found.rows):
        part = grid[start : start + found.rows]
        whole = np.concatenate([part, np.repeat(part[-1:], found.rows - len(part), axis=0)])
        given: dict[Key, Any] = {}
        for column, (_, _, places) in enumerate(found.columns):
            for key, k in places:
                node, i = key
                was = np.asarray(replay.history.constant(node, i).value)  # type: ignore[union-attr]
                matrix = np.asarray(given.get(key, was)).reshape(found.rows, -1).copy()
                matrix[:, k] = whole[:, column]
                given[key] = matrix.astype(was.dtype).reshape(was.shape)
        outputs.append(np.asarray(replay(leaves, given)).reshape(found.rows, -1)[: len(part)])
    with np.errstate(all="ignore"):
        return found.read(np.concatenate(outputs).astype(np.float64))


def pictures(read: list[np.ndarray], task: str) -> dict[str, Any]:
    """Frames of bytes: the prediction, or the likeliest class and its probability."""
    if task == "classes":
        return {
            "classes": read[-1].shape[1],
            "frames": [
                {
                    "classes": bytes_of(np.argmax(np.nan_to_num(p), axis=1), 0, 254),
                    "values": bytes_of(np.max(p, axis=1), 0, 1),
                }
                for p in read
            ],
            "range": [0.0, 1.0],
        }
    finite = np.concatenate([r[np.isfinite(r)] for r in read])
    low, high = (
        (0.0, 1.0) if task == "binary" else (float(finite.min()), float(finite.max())) if finite.size else (0, 1)
    )
    if task == "regression" and len(read[-1].reshape(-1)) == CURVE:
        return {"range": [low, high], "frames": [{"curve": r.reshape(-1)} for r in read]}
    return {"range": [low, high], "frames": [{"values": bytes_of(r, low, high)} for r in read]}


def samples(history: History, found: Roles, recent: Iterable[list[Node]]) -> dict[str, Any]:
    """The last batch's points and, where earlier passes have the same graph, those of their batches; of very many, some."""
    batches = [table_of(found, [entries for _, entries, _ in found.columns], found.target)]
    places = [node_places(history, key) for key in [found.target_key, *(where[0][0] for _, _, where in found.columns)]]
    for nodes in recent:
        arrays = [kept_at(nodes, history, place, i) for place, i in places]
        if all(isinstance(a, np.ndarray) for a in arrays) and len(nodes) == len(history.nodes):
            target, *inputs = arrays
            columns = [a.reshape(found.rows, -1)[:, where[0][1]] for a, (_, _, where) in zip(inputs, found.columns)]
            batches.append(table_of(found, columns, target))
    table = np.unique(np.concatenate(batches), axis=0)
    chosen = table[np.unique(np.linspace(0, len(table) - 1, min(len(table), POINTS)).astype(int))]
    return {"x": list(chosen[:, :-1].T), "y": chosen[:, -1], "of": len(table)}


def node_places(history: History, key: Key) -> tuple[int, int]:
    return history.nodes.index(key[0]), key[1]


def kept_at(nodes: list[Node], history: History, place: int, i: int) -> Any:
    """The input without history that the same node of another pass kept, if it is one of the same shape."""
    if len(nodes) != len(history.nodes) or type(nodes[place].op) is not type(history.nodes[place].op):
        return None
    here, there = saved_input(history.nodes[place], i), saved_input(nodes[place], i)
    alike = isinstance(here, np.ndarray) and isinstance(there, np.ndarray) and here.shape == there.shape
    return there if alike and nodes[place].edges[i] is None else None


def table_of(found: Roles, columns: list[np.ndarray], target: np.ndarray) -> np.ndarray:
    """A row for each sample: what is predicted from, and the target."""
    if target.ndim > 1 and target.shape[-1] > 1 and found.task == "classes":
        target = target.argmax(axis=-1)
    y = np.broadcast_to(target.reshape(-1) if target.size == found.rows else target.reshape(-1)[:1], (found.rows,))
    return np.stack([*columns, y], axis=1).astype(np.float64)


def axis(entries: np.ndarray, side: int) -> np.ndarray:
    low, high = float(np.nanmin(entries)), float(np.nanmax(entries))
    margin = MARGIN * (high - low) or max(1.0, abs(low))
    return np.linspace(low - margin, high + margin, side)
