"""`Compiled`: the node in the graph that stands for a whole call of a compiled function.

Its edges lead to the parameters and inputs that need gradients; its rule is the second machine of a `Pair`. What the second
machine reads from outside is guarded as any op's inputs are: a backward pass after a write in place is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import GradientError, message
from ..base.modes import modes
from ..graph.backward import backward
from ..graph.op import Op
from ..graph.value import Node as GraphNode
from ..graph.value import Pick, Value, clock
from .calls import flat, leaves_of
from .paired import Kept, Pair
from .pullback import Unfollowed, gradients_since

if TYPE_CHECKING:
    from .plan import Plan

new_node = GraphNode.__new__


class Compiled(Op, abstract=True):
    """results = f(parameters, inputs), by machine code"""

    torch_name = "CompiledFunctionBackward"

    def __init__(self, plan: Plan, pair: Pair, arguments: list[Any]) -> None:
        self.plan, self.pair, self.function = plan, pair, plan.function
        self.edges = [self.found(source, arguments) for source in pair.way.sources]
        if None in self.edges:
            raise Unfollowed("a result depends on the history of a tensor that can't be found again")
        self.all = [w for n in plan.inputs if n not in pair.program.writes and (w := self.where(n.data)) is not None]
        edges = {self.key(w): i for i, w in enumerate(self.edges)}
        guarded = [(i, w) for i, n in enumerate(pair.guarded) if (w := self.where(n.data)) is not None]
        spots = [(edges.get(self.key(w), len(edges) + k), i, w) for k, (i, w) in enumerate(guarded)]
        self.guarded = sorted(spots, key=lambda spot: spot[0])  # (by which edge, where among what is kept, how to find the tensor)
        self.streams = list(plan.generators.values())
        self.outputs = len(pair.way.outputs)

    # ------------------------------------------------------------------ where tensors are found

    def where(self, data: Any) -> Any:
        """How to find a tensor again: its place among the arguments, or what holds it."""
        argument = getattr(data, "argument", None)
        return argument if argument is not None else data if data.holder is not None else None

    def key(self, where: Any) -> Any:
        return where if isinstance(where, int) else id(where)

    def found(self, source: GraphNode, arguments: list[Any]) -> Any:
        for n in self.plan.inputs:
            where = self.where(n.data)
            if where is not None and self.at(where, arguments).node is source:
                return where
        return next((i for i, a in enumerate(arguments) if isinstance(a, Value) and a.node is source), None)

    @staticmethod
    def at(where: Any, arguments: list[Any]) -> Any:
        return arguments[where] if type(where) is int else where.holder

    # ------------------------------------------------------------------ there

    def call(self, args: Any, named: Any) -> Any:
        plan, pair = self.plan, self.pair
        arguments = flat(args, named)
        states = [g.get_state_bytes() for g in self.streams]
        kept = pair.go()
        values = pair.results(kept)
        plan.leave(1)
        at = self.at
        kept.call = args, named, [at(w, arguments).version[0] for w in self.all], states
        edges = [at(w, arguments).node for w in self.edges]
        arrays: list[Any] = [None] * len(edges)
        guards: list[Any] = []
        for edge, i, where in self.guarded:
            cell = at(where, arguments).version
            guards += (cell, cell[0])
            if edge < len(self.edges):
                arrays[edge] = kept.shared[i]
            else:
                edges.append(None)
                arrays.append(kept.shared[i])
        node = new_node(GraphNode)
        node.op, node.edges, node.saved, node.guards, node.seq = self, tuple(edges), (kept, arrays), tuple(guards), clock()
        node.shapes = node.hooks = node.retained = None
        n = self.outputs
        nodes = {i: node if n == 1 else Pick(node, k, n) for k, i in enumerate(pair.way.outputs)}
        return plan.form.filled(values, (args, named), plan.stands_for, nodes)

    # ------------------------------------------------------------------ back

    def pull(self, node: GraphNode, g: Any) -> list[Any]:
        gs = g if type(g) is list else [g]
        kept: Kept = node.saved[0]
        if any(isinstance(d, Value) for d in gs):
            found = self.again(node, kept.call, gs)
            return [None if e is None else found.get(e) for e in node.edges]
        missing = {i for i, d in enumerate(gs) if d is None}
        pair = self.pair
        whole = [np.zeros(n.shape, n.dtype) if d is None else d for d, n in zip(gs, pair.way.cotangents)]
        with pair.lock:
            arrays = pair.come_back(kept, whole)
        if missing:
            arrays = [None if need and need <= missing else d for d, need in zip(arrays, pair.needs)]
        return arrays + [None] * (len(node.edges) - len(arrays))

    def again(self, node: GraphNode, call: Any, gs: list[Any]) -> dict[GraphNode, Any]:
        """The gradients with a history: the function runs again as ever, on the inputs it had."""
        args, named, versions, states = call
        self.check(flat(args, named), versions)
        plan = self.plan
        written = [(n.data.holder, n.data.holder.array.copy(), n.data.holder.version[0]) for n in self.pair.program.writes]
        now = [g.get_state_bytes() for g in self.streams]
        before, modes.grad = modes.grad, True
        began = clock()
        try:
            for g, state in zip(self.streams, states):
                g.set_state_bytes(state)
            leaves = leaves_of(plan.form.form, plan.function(*args, **named))
            roots = [(leaves[i].node, d) for i, d in zip(self.pair.way.outputs, gs) if d is not None]
            return gradients_since(began, roots, create=True)
        except Unfollowed as why:
            raise self.error("it can't be gone through once more", str(why)) from None
        finally:
            modes.grad = before
            for g, state in zip(self.streams, now):
                g.set_state_bytes(state)
            for t, array, version in written:
                t.array[...] = array
                t.version[0] = version

    def check(self, arguments: list[Any], versions: list[int]) -> None:
        """Complain where the function would not do again what it did."""
        if [self.at(w, arguments).version[0] for w in self.all] != versions:
            raise self.error("one of the variables needed for gradient computation has been modified by an inplace operation",
                             "a parameter or an input of it was written over since")  # fmt: skip
        if not self.plan.relied():
            raise self.error("it would not do again what it did", self.plan.changed)
        if self.pair.reads_written():
            raise self.error("it can't be run twice", "its result depends on the state that it changes, such as running statistics")

    def gradients(self, result: Any, args: Any, named: Any) -> list[tuple[str, Any]]:
        """What arrives at the edges, by name, if every entry of the results has the gradient 1."""
        leaves, arguments = leaves_of(self.plan.form.form, result), flat(args, named)
        tensors = [self.at(w, arguments) for w in self.edges]
        roots = [(t.node, np.ones_like(t.array)) for t in (leaves[i] for i in self.pair.way.outputs)]
        found = backward(roots, only=[t.node for t in tensors], capture=True)
        names = [f"argument {w}" if isinstance(w, int) else w.name for w in self.edges]
        return [(f"gradient of {name}", found[t.node]) for name, t in zip(names, tensors) if t.node in found]

    def error(self, what: str, why: str) -> Exception:
        name = getattr(self.function, "__name__", type(self.function).__name__)
        return GradientError(
            message(
                f"{what}: second derivatives (create_graph=True) go through compiled code by running {name} again",
                why,
                "call the function that is not compiled (compiled._orig_mod, for a module) where second derivatives are taken",
            )
        )
