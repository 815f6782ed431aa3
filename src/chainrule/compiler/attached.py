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
from ..graph.value import Pick, Value, clock, wrap
from .calls import flat, leaves_of
from .paired import Kept, Pair
from .pullback import Unfollowed, gradients_since

if TYPE_CHECKING:
    from .plan import Plan

new_node = GraphNode.__new__


class Places:
    """Where tensors are found again at each call: among the arguments, or with what holds them."""

    def __init__(self, places: list[Any]) -> None:
        self.arguments = [w for w in places if isinstance(w, int)]
        self.held = [w for w in places if not isinstance(w, int)]
        self.names = [f"argument {w}" for w in self.arguments] + [w.name for w in self.held]

    def tensors(self, arguments: list[Any]) -> list[Any]:
        """Those among the arguments first."""
        held = [w.holder for w in self.held]
        return [arguments[i] for i in self.arguments] + held if self.arguments else held


def key(where: Any) -> Any:
    return where if isinstance(where, int) else id(where)


class Compiled(Op, abstract=True):
    """results = f(parameters, inputs), by machine code"""

    torch_name = "CompiledFunctionBackward"
    by_rows = False
    __eq__, __hash__ = object.__eq__, object.__hash__  # two with the same fields, namely none, are two functions

    def __init__(self, plan: Plan, pair: Pair, arguments: list[Any]) -> None:
        self.plan, self.pair, self.function = plan, pair, plan.function
        sources = [self.found(source, arguments) for source in pair.way.sources]
        if None in sources:
            raise Unfollowed("a result depends on the history of a tensor that can't be found again")
        order = sorted(range(len(sources)), key=lambda i: not isinstance(sources[i], int))
        pair.trusted(order)
        edges = [sources[i] for i in order]
        self.edges = Places(edges)
        at = {key(w): e for e, w in enumerate(edges)}
        guarded = [(i, w) for i, n in enumerate(pair.guarded) if (w := self.where(n.data)) is not None]
        sources_too = sorted([(at[key(w)], i, w) for i, w in guarded if key(w) in at], key=lambda g: g[0])
        others = sorted([(i, w) for i, w in guarded if key(w) not in at], key=lambda g: not isinstance(g[1], int))
        self.guarded = Places([w for _, _, w in sources_too]), Places([w for _, w in others])
        by_edge = {e: i for e, i, _ in sources_too}
        self.shown = [*map(by_edge.get, range(len(edges))), *[i for i, _ in others]]  # which of what is kept belongs to which edge
        self.others = (None,) * len(others)  # edges that lead nowhere, for what is guarded besides
        self.all = Places([w for n in plan.inputs if n not in pair.program.writes and (w := self.where(n.data)) is not None])
        self.streams = list(plan.generators.values())
        self.outputs = len(pair.way.outputs)

    # ------------------------------------------------------------------ where tensors are found

    def where(self, data: Any) -> Any:
        """How to find a tensor again: its place among the arguments, or what holds it."""
        argument = getattr(data, "argument", None)
        return argument if argument is not None else data if data.holder is not None else None

    def found(self, source: GraphNode, arguments: list[Any]) -> Any:
        for n in self.plan.inputs:
            where = self.where(n.data)
            if where is not None and (arguments[where] if isinstance(where, int) else where.holder).node is source:
                return where
        return next((i for i, a in enumerate(arguments) if isinstance(a, Value) and a.node is source), None)

    # ------------------------------------------------------------------ there

    def call(self, args: Any, named: Any) -> Any:
        plan, pair = self.plan, self.pair
        arguments = flat(args, named)
        states = [g.get_state_bytes() for g in self.streams] if self.streams else []
        kept = pair.go()
        values = pair.results(kept)
        if plan.machine.program.writes:
            plan.leave(1)
        kept.call = args, named, [(t, t.version[0]) for t in self.all.tensors(arguments)], states
        guards: list[Any] = []
        for places in self.guarded:
            for t in places.tensors(arguments):
                guards += (t.version, t.version[0])
        shared = kept.shared
        node = new_node(GraphNode)
        node.op, node.seq, node.guards = self, clock(), tuple(guards)
        node.edges = (*[t.node for t in self.edges.tensors(arguments)], *self.others)
        node.saved = kept, [None if i is None else shared[i] for i in self.shown]
        node.shapes = node.hooks = node.retained = None
        if self.outputs == 1 and len(values) == 1 and plan.form.form == ("tensor", 0):
            return wrap(values[0], node)
        n = self.outputs
        nodes = {i: node if n == 1 else Pick(node, k, n) for k, i in enumerate(pair.way.outputs)}
        return plan.form.filled(values, (args, named), plan.stands_for, nodes)

    # ------------------------------------------------------------------ back

    def pull(self, node: GraphNode, g: Any) -> list[Any]:
        gs = g if type(g) is list else [g]
        kept: Kept = node.saved[0]
        if any(isinstance(d, Value) for d in gs):
            found = self.again(kept.call, gs)
            return [None if e is None else found.get(e) for e in node.edges]
        return [*self.pair.come_back(kept, gs), *self.others]

    def again(self, call: Any, gs: list[Any]) -> dict[GraphNode, Any]:
        """The gradients with a history: the function runs again as ever, on the inputs it had."""
        args, named, versions, states = call
        self.check(flat(args, named), versions)
        plan = self.plan
        places = [n.data for n in self.pair.program.writes]
        holders = [flat(args, named)[d.argument] if d.holder is None else d.holder for d in places]
        written = [(t, t.array.copy(), t.version[0]) for t in holders]
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

    def check(self, arguments: list[Any], versions: list[tuple[Any, int]]) -> None:
        """Complain where the function would not do again what it did."""
        tensors = list(self.all.tensors(arguments))
        if any(t is not known for t, (known, _) in zip(tensors, versions)):
            raise self.error("it would not do again what it did", "another tensor is now where it found one of its parameters")
        if [t.version[0] for t in tensors] != [n for _, n in versions]:
            raise self.error("one of the variables needed for gradient computation has been modified by an inplace operation",
                             "a parameter or an input of it was written over since")  # fmt: skip
        if not self.plan.relied():
            raise self.error("it would not do again what it did", self.plan.changed)
        if self.pair.reads_written():
            raise self.error("it can't be run twice", "its result depends on the state that it changes, such as running statistics")

    def gradients(self, result: Any, args: Any, named: Any) -> list[tuple[str, Any]]:
        """What arrives at the edges, by name, if every entry of the results has the gradient 1."""
        leaves, arguments = leaves_of(self.plan.form.form, result), flat(args, named)
        tensors = self.edges.tensors(arguments)
        roots = [(t.node, np.ones_like(t.array)) for t in (leaves[i] for i in self.pair.way.outputs)]
        found = backward(roots, only=[t.node for t in tensors], capture=True)
        return [(f"gradient of {name}", found[t.node]) for name, t in zip(self.edges.names, tensors) if t.node in found]

    def error(self, what: str, why: str) -> Exception:
        name = getattr(self.function, "__name__", type(self.function).__name__)
        return GradientError(
            message(
                f"{what}: second derivatives (create_graph=True) go through compiled code by running {name} again",
                why,
                "call the function that is not compiled (compiled._orig_mod, for a module) where second derivatives are taken",
            )
        )
