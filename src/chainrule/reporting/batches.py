"""What entered the graph in earlier passes: where each step has a batch of its own, one batch says little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..explanation.history import UNKNOWN, History, plain_op, saved_input
from ..graph.value import Leaf, Node, Pick
from .replaying import Key

MOST = 8  # batches that a loss is computed on


def earlier(history: History, recent: Sequence[list[Node]], most: int = MOST) -> list[dict[Key, Any]]:
    """For each earlier pass through the same operations, newest first, the arrays that entered it, if they are others.

    None of them where the graph did not keep all that entered it: then inputs and targets would no longer belong together.
    """
    places = entering(history)
    if places is None:
        return []
    found: list[dict[Key, Any]] = []
    seen = [{key: saved_input(*key) for key in places.values()}]
    for nodes in reversed(recent):
        if len(found) == most - 1:
            break
        batch = batch_of(history, nodes, places)
        if batch and all(
            any(batch[k] is not old[k] and not np.array_equal(batch[k], old[k]) for k in batch) for old in seen
        ):
            found.append(batch)
            seen.append(batch)
    return found


def entering(history: History) -> dict[tuple[int, int], Key] | None:
    """Where arrays of several entries enter, by the number of the node; None if one of them was not kept."""
    found: dict[tuple[int, int], Key] = {}
    for place, node in enumerate(history.nodes):
        if isinstance(node, (Leaf, Pick)):
            continue
        for i, edge in enumerate(node.edges):
            if edge is not None:
                continue
            constant = history.constant(node, i)
            if constant is None or constant.value is not UNKNOWN and np.size(constant.value) == 1:
                continue
            if not isinstance(saved_input(node, i), np.ndarray):
                return None
            found[place, i] = node, i
    return found


def batch_of(history: History, nodes: list[Node], places: dict[tuple[int, int], Key]) -> dict[Key, Any] | None:
    """What entered another pass, if its operations are the same."""
    if len(nodes) != len(history.nodes) or any(
        type(a) is not type(b) or type(plain_op(a)) is not type(plain_op(b))
        for a, b in zip(nodes, history.nodes)
        if not isinstance(a, Leaf)
    ):
        return None
    batch = {key: saved_input(nodes[place], i) for (place, i), key in places.items()}
    alike = all(isinstance(x, np.ndarray) and x.shape == saved_input(*key).shape for key, x in batch.items())
    return batch if alike else None
