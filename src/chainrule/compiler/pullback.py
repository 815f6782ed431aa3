"""The way back through a recorded call, where its results have a history that the program itself will go back through.

    forward    inputs, parameters                   → results
    backward   the gradients of the results (cotangents) → the gradients of inputs and parameters

A backward pass is made at once, while the call is still being recorded: from the results, with gradients made up for them,
to where the call began. It goes through nothing that was there before, touches no ``.grad``, and leaves the graph as it is.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph import backward as engine
from ..graph.kept import overwritten
from ..graph.value import FREED, Leaf, Pick, Value
from ..graph.value import Node as GraphNode
from .program import Input, Node
from .recording import Recording
from .symbolic import Sym


class Unfollowed(Exception):
    """Why the way back can't be followed."""


class WayBack:
    """What the backward pass of a call was: from which of its results, to where, and with what it was done.

    outputs     which of the results have a history
    cotangents  the program's inputs for the gradients of these
    sources     the nodes that were there before: those of leaves, and of inputs with a history
    gradients   the arrays that arrived there
    late        the program's values that belong to the backward pass
    """

    def __init__(self, outputs: list[int], cotangents: list[Node], found: dict[GraphNode, Any], late: list[Node]) -> None:
        self.outputs, self.cotangents, self.late = outputs, cotangents, frozenset(late)
        self.sources, self.gradients = list(found), list(found.values())

    def forget(self) -> None:
        """Let go of what belongs to the call that was recorded."""
        self.sources, self.gradients = [], []


def way_back(now: Recording, results: list[Any], began: int) -> WayBack | None:
    """Go back from the results that have a history, unless the call did so itself; ``began`` is the tick before it."""
    outputs = [i for i, t in enumerate(results) if isinstance(t, Value) and t.node is not None and not used(t.node, now)]
    itself = now.pulled_nodes or now.gradients or now.updates
    if not outputs or itself or any(type(why) is str for _, why in now.breaks):
        return None
    try:
        return gone_back(now, [(i, results[i]) for i in outputs], began)
    except Unfollowed as why:
        now.stop(str(why))
        return None


def used(node: Any, now: Recording) -> bool:
    """Whether a result's node is a leaf, or one that a backward pass has been through."""
    owner = node.parent if isinstance(node, Pick) else node
    return isinstance(node, Leaf) or id(owner) in now.pulled_nodes


def gone_back(now: Recording, outputs: list[tuple[int, Any]], began: int) -> WayBack:
    program = now.program
    mark, drawn, draws = len(program.nodes), len(program.draws), np.random.default_rng(0)
    state = [(i, now.symbols[i].node) for i in map(id, now.first.values()) if i in now.symbols]
    cotangents, roots = [], []
    for i, t in outputs:
        x = t.array
        if x.dtype.char not in "fd":
            raise Unfollowed(f"a result of dtype {x.dtype} with a history")
        g = np.asarray(draws.standard_normal(x.shape), x.dtype)
        node = program.add("input", (), g.shape, g.dtype, Input(g))
        node.data.name = f"gradient of result {i}"
        program.inputs.append(node)
        now.know(g, Sym(program, node))
        cotangents.append(node)
        roots.append((t.node, g))
    before, modes.grad = modes.grad, False
    try:
        found = gradients_since(began, roots)
    finally:
        modes.grad = before
    late = program.nodes[mark:]
    if len(program.draws) > drawn or any(n.kind == "call" and n.data.lasting for n in late):
        raise Unfollowed("its backward pass draws random numbers")
    if any(now.symbols[i].node is not node for i, node in state):
        raise Unfollowed("its backward pass writes into a tensor that lives outside")
    return WayBack([i for i, _ in outputs], cotangents, found, late)


def gradients_since(began: int, roots: list[tuple[GraphNode, Any]], create: bool = False) -> dict[GraphNode, Any]:
    """What arrives at the nodes that are older than a tick, going back from roots (node, gradient of its output).

    ``create``: the gradients are values, and get a history.
    """
    pending: dict[GraphNode, Any] = {}
    heap: list[tuple[int, GraphNode]] = []
    own: dict[GraphNode, bool] = {}
    found: dict[GraphNode, Any] = {}

    def arrive(node: GraphNode, g: Any) -> None:
        if node in pending:
            engine.meet(pending, node, g, own, create)
        else:
            pending[node] = g
            heappush(heap, (-node.seq, node))

    for node, g in roots:
        arrive(node, g)
    while heap:
        node = heappop(heap)[1]
        g = pending.pop(node)
        if node.seq <= began:
            found[node] = g
            continue
        check(node)
        if isinstance(node, Pick):
            engine.collect(pending, heap, node, g)
            continue
        for edge, d in zip(node.edges, engine.pull_recorded(node, g) if create else node.op.pull(node, g)):
            if edge is not None and d is not None:
                arrive(edge, d)
    return found


def check(node: GraphNode) -> None:
    """Complain about a node that a backward pass of the engine would treat otherwise."""
    if isinstance(node, Leaf):
        raise Unfollowed("asks for gradients of a tensor that it makes itself")
    if node.hooks is not None or node.retained is not None:
        raise Unfollowed("a hook, or retain_grad(), on a tensor that is computed in between")
    if hasattr(node.op, "opened"):
        raise Unfollowed("what is kept for the way back is packed away (a checkpoint, or saved-tensor hooks)")
    if node.saved is FREED:
        raise Unfollowed("goes back through a part of its results itself")
    if node.guards and engine.written_to(node.guards):
        raise Unfollowed(overwritten(node).partition("\n")[0])
