"""Compute a recorded graph again, with other parameters or other data in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.modes import modes
from ..explanation.history import UNKNOWN, History, is_joint, plain_op, recomputable
from ..graph.value import Leaf, Node, Pick
from ..tensors.random import default_generator

NEAR = 1e-3  # of the loss: what computing it again may differ by


class Unavailable(Exception):
    """Why something cannot be shown, as a sentence."""


Key = tuple[Node, int]  # an input without history: of which node, which one


class Replay:
    """``replay(leaves, given)``: the graph's result with other entries in its leaves and its constants.

    >>> from chainrule.explanation.history import Snapshot
    >>> from chainrule.explanation.naming import Names
    >>> w = torch.tensor(2.0, requires_grad=True)
    >>> loss = (w * 3) ** 2
    >>> again = Replay(History(Snapshot(loss.node, loss.array), Names()))
    >>> float(again({w.node: np.float32(1)}))
    9.0
    """

    def __init__(self, history: History, upto: Node | None = None) -> None:
        self.history, self.root = history, upto or history.root
        self.plan = self.planned()

    def planned(self) -> list[tuple[Node, list[Any]]]:
        """The operations in their order, each with its constants; the reason where one cannot be computed again."""
        wanted, stack = {self.root}, [self.root]
        while stack:
            for edge in stack.pop().edges:
                if edge is not None and edge not in wanted:
                    wanted.add(edge)
                    stack.append(edge)
        plan: list[tuple[Node, list[Any]]] = []
        for node in self.history.nodes:
            if node not in wanted:
                continue
            if isinstance(node, Leaf):
                if node not in self.history.leaves:
                    raise Unavailable("a tensor that the loss was computed from is gone.")
                continue
            if isinstance(node, Pick):
                plan.append((node, []))
                continue
            if not recomputable(node):
                name = getattr(getattr(plain_op(node), "function", None), "__name__", node.name())
                raise Unavailable(f"the program's own function {name} cannot be computed again with other numbers.")
            plan.append((node, [self.constant(node, i) for i in range(len(node.edges))]))
        return plan

    def constant(self, node: Node, i: int) -> Any:
        if node.edges[i] is not None:
            return None
        found = self.history.constant(node, i)
        if found is not None and found.value is UNKNOWN:
            kind = type(plain_op(node)).__name__
            raise Unavailable(f"an input of the operation {kind} was not kept: no derivative needs it.")
        return None if found is None else found.value

    def __call__(self, leaves: dict[Node, Any], given: dict[Key, Any] | None = None) -> np.ndarray:
        values: dict[Node, Any] = {**self.history.leaves, **leaves}
        given = given or {}
        before, modes.grad = modes.grad, False
        try:
            with np.errstate(all="ignore"):
                for node, constants in self.plan:
                    values[node] = computed(node, constants, values, given)
        finally:
            modes.grad = before
        return np.asarray(values[self.root])


def computed(node: Node, constants: list[Any], values: dict[Node, Any], given: dict[Key, Any]) -> Any:
    if isinstance(node, Pick):
        return np.asarray(values[node.parent][node.index])
    inputs = [
        given.get((node, i), c) if edge is None else values[edge]
        for i, (edge, c) in enumerate(zip(node.edges, constants))
    ]
    y = node.op.compute(*inputs)
    return y[0] if is_joint(node) else y


class unchanged:  # noqa: N801  (reads as a phrase after `with`)
    """The random stream afterwards is what it was."""

    def __enter__(self) -> None:
        self.state = default_generator.get_state()

    def __exit__(self, *_: object) -> None:
        default_generator.set_state(self.state)


def faithful(replay: Replay) -> None:
    """Hold a replay to the loss that was recorded."""
    was, now = float(replay.history.known[replay.history.root]), float(replay({}))
    same = was == now or abs(was - now) <= NEAR * max(abs(was), abs(now), 1e-12) or (was != was and now != now)
    if not same:
        raise Unavailable(f"computed again from the same numbers, the loss is {now:.6g} and not {was:.6g}.")
