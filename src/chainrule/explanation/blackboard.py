"""A graph as one would write it on a blackboard: named quantities, short formulas, local gradients, paths.

What the program gave no name is written into the formula that uses it while that stays short, otherwise it is called
v1, v2, … Each path from the loss to a parameter is followed by pulling the gradient back along it alone: what arrives is
the path's share, and as pulling back is linear, the shares add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.expr import PRODUCT, Expr, Number, Symbol, text
from ..graph.value import Leaf, Node, Pick
from . import rules
from .history import UNKNOWN, History, is_elementwise, op_of, opened, plain_op, sweep
from .naming import symbol
from .numbers import norm
from .quantities import Path, Quantity

LONGEST = 2  # ops without a name that are written into one formula
MOVING = {"T", "Transpose", "Reshape", "ReshapeAlias", "ReshapeCopy", "Squeeze", "Unsqueeze", "Clone", "Contiguous",
          "Cast", "Alias", "Permute", "Expand"}  # fmt: skip
EXPANSIONS = 400  # steps along paths that are followed at least, before the search for the largest ends


class Blackboard:
    """All quantities of a history; ``towards`` leaves out what does not lead to these nodes."""

    def __init__(self, history: History, root_name: str, towards: list[Node] | None = None, each: bool = False) -> None:
        self.history, self.each = history, each
        self.live = self.leading(towards)
        self.alive = set(self.live)
        self.quantities: dict[Node, Quantity] = {}
        self.constants: list[Quantity] = []
        self.unnamed, self.unnamed_constants = count(1), count(1)
        self.named = history.names.of_node
        self.taken = set(self.named.values())
        self.written: dict[Node, tuple[Expr, int]] = {}  # formulas of nodes without a line of their own
        self.by_constant: dict[int, Quantity] = {}
        self.met: dict[Node, list[Quantity]] = {}  # the constants in each node's formula
        self.meeting: list[Quantity] = []  # those in the one being read
        self.unasked: dict[Node, Expr] = {}
        self.root_name = root_name
        self.towards = set(towards or ())
        for node in self.live:
            self.read(node)
        self.loss = self.quantities[history.root]

    def leading(self, towards: list[Node] | None) -> list[Node]:
        """The nodes that gradients reach, of those that lead to the wanted ones."""
        reached = [n for n in self.history.nodes if n in self.history.gradients]
        if towards is None:
            return reached
        wanted = set(towards)
        for node in reached:
            if any(edge in wanted for edge in node.edges):
                wanted.add(node)
        return [n for n in reached if n in wanted or n is self.history.root]

    # ------------------------------------------------------------------ forward

    def read(self, node: Node) -> None:
        """Give a node its line, or its place in the formula that uses it."""
        if isinstance(node, Leaf):
            name = self.named.get(node) or self.free("p")
            self.quantities[node] = Quantity(symbol(name), "parameter", self, node, variable=name)
            return
        if any(isinstance(user, Pick) for user, _ in self.history.consumers.get(node, ())):
            return  # several results, each with a line of its own
        formula, length = self.formula(node)
        if self.short(node, length):
            self.written[node] = formula, length
            return
        name = self.root_name if node is self.history.root else self.named.get(node) or self.free("v")
        members = self.within(node)
        inputs = [e for m in members for e in m.edges if e is not None and e in self.quantities]
        self.quantities[node] = Quantity(
            symbol(name), "computed", self, node, expression=formula, members=members,
            inputs=[self.quantities[e] for e in dict.fromkeys(inputs)], constants=self.met[node], variable=name,
        )  # fmt: skip

    def short(self, node: Node, length: int) -> bool:
        """Whether a node is written into the formula that uses it."""
        users = self.history.consumers.get(node, ())
        brief = (is_elementwise(node) or type(plain_op(node)).__name__ in MOVING) and all(
            self.readable(*u) for u in users
        )
        if self.each or node is self.history.root or node in self.named or node in self.towards or len(users) != 1:
            return False
        return brief and length <= LONGEST

    def readable(self, user: Node, i: int) -> bool:
        """Whether the rule for a node's input can be read: else that input needs a line of its own, to be named."""
        shapes = [self.input_shape(user, k) for k in range(len(user.edges))]
        return not isinstance(user, Pick) and rules.readable(op_of(user), i, shapes)

    def free(self, letter: str) -> str:
        """The next of v1, v2, … that no variable of the program has."""
        return next(name for i in self.unnamed if (name := f"{letter}{i}") not in self.taken)

    def formula(self, node: Node) -> tuple[Expr, int]:
        """What a node computes, and of how many ops without a name."""
        source = node.parent if isinstance(node, Pick) else node
        op = op_of(source)
        self.met[node] = self.meeting = []
        read = [self.input(source, i) for i in range(len(source.edges))]
        length = 1 + sum(n for _, n in read)
        self.meeting = []
        if op is None or not isinstance(op.inputs, tuple):
            name = getattr(getattr(plain_op(source), "function", None), "__name__", source.name())
            return rules.called(name, *[e for e, _ in read if e is not None]), length
        shapes = [self.input_shape(source, i) for i in range(len(source.edges))]
        made = rules.forward(op, [e for e, _ in read], shapes)
        if isinstance(node, Pick):
            made = Symbol(f"{text(made)}[{node.index}]", f"{text(made, latex=True)}_{{[{node.index}]}}")
        return made, length

    def input(self, node: Node, i: int) -> tuple[Any, int]:
        """A node's input as an expression, and how many ops are written out in it."""
        edge = node.edges[i]
        if edge is None:
            return self.constant(node, i), 0
        if edge in self.quantities:
            return self.quantities[edge].symbol, 0
        if edge in self.written:
            self.meeting += self.met[edge]
            return self.written[edge]
        if edge not in self.unasked:  # it leads to nothing that is asked for: as good as a constant
            name = self.named.get(edge) or self.free("v")
            self.unasked[edge] = self.as_constant(hash(name), self.history.value(edge), name)
        return self.unasked[edge], 0

    def constant(self, node: Node, i: int) -> Expr | None:
        found = self.history.constant(node, i)
        if found is None:
            return None
        key = hash(found.name) if found.name else id(found if found.value is UNKNOWN else found.value)
        return self.as_constant(key, found.value, found.name)

    def as_constant(self, key: int, value: Any, name: str | None) -> Expr:
        """A constant by its name; a number without one by its value."""
        if name is None and value is not UNKNOWN and value.size == 1 and value.dtype.kind in "fiu":
            return Number(value.reshape(-1)[0].item())
        if key not in self.by_constant:
            quantity = Quantity(
                symbol(name or f"c{next(self.unnamed_constants)}"),
                "constant",
                self,
                given=value,
                named=name is not None,
            )
            self.by_constant[key] = quantity
            self.constants.append(quantity)
        self.meeting.append(self.by_constant[key])
        return self.by_constant[key].symbol

    def within(self, node: Node) -> list[Node]:
        """A line's node and those written into its formula, first computed first."""
        found, stack = {node}, [node]
        while stack:
            for edge in stack.pop().edges:
                if edge in self.alive and edge not in self.quantities and edge not in found:
                    found.add(edge)
                    stack.append(edge)
        return sorted(found, key=lambda n: n.seq)

    # ------------------------------------------------------------------ backward, in formulas

    def partial(self, of: Quantity) -> Expr:
        """∂loss/∂of as a symbol; 1 for the loss itself."""
        if of.node is self.history.root:
            return Number(1)
        top, below = self.loss.symbol, of.symbol
        tex = rf"\frac{{\partial {top.latex}}}{{\partial {below.latex}}}"
        return Symbol(f"∂{top.name}/∂{below.name}", tex, PRODUCT)

    def pulled(self, of: Quantity, g: Expr, by: Quantity, summed: bool) -> Expr:
        """What of ``g``, arriving at ``of``, reaches its input ``by``; ``summed`` over what was stretched."""
        found: dict[Any, Expr] = {of.node: g}
        for node in reversed(of.members):
            if node not in found:
                continue
            if isinstance(node, Pick):
                found[node.parent] = found[node]
                continue
            for i, edge in enumerate(node.edges):
                if edge is None or not (edge is by.node or edge in of.members) or edge not in self.history.gradients:
                    continue
                d = self.through(of, by, node, i, found[node])
                if summed and is_elementwise(node) and self.shape(edge) != self.shape(node):
                    d = rules.over("Σ", rules.stretched_axes(self.shape(edge), self.shape(node)), d)
                found[edge] = found[edge] + d if edge in found else d
        return found.get(by.node, Number(0))

    def through(self, of: Quantity, by: Quantity, node: Node, i: int, g: Expr) -> Expr:
        """One op's part in `pulled`."""
        op = op_of(node)
        tex = rf"\frac{{\partial {of.symbol.latex}}}{{\partial {by.symbol.latex}}}"
        opaque = Symbol(f"∂{of.name}/∂{by.name}", tex, PRODUCT)
        if op is None or not isinstance(op.inputs, tuple):
            return g * opaque
        y = of.symbol if node is of.node else self.written[node][0] if node in self.written else opaque
        inputs = [self.input(node, k)[0] for k in range(len(node.edges))]
        shapes = [self.input_shape(node, k) for k in range(len(node.edges))]
        return rules.backward(op, i, g, inputs, rules.shaped(y, self.shape(node)), shapes, opaque)

    def shape(self, node: Node) -> tuple[int, ...]:
        g = self.history.gradients.get(node)
        return () if g is None or isinstance(g, list) else tuple(np.shape(g))

    def input_shape(self, node: Node, i: int) -> tuple[int, ...]:
        edge = node.edges[i]
        if edge is not None:
            return self.shape(edge)
        found = self.history.constant(node, i)
        return () if found is None or found.value is UNKNOWN else tuple(found.value.shape)

    # ------------------------------------------------------------------ backward, in numbers

    def local_numbers(self, of: Quantity) -> dict[Node, np.ndarray]:
        """The entries of ∂of/∂input for each input, where ``of`` is one number or entry meets entry."""
        start = np.ones_like(np.asarray(of.gradient))
        if start.size == 1:
            return self.pull(of, start)
        found: dict[Node, np.ndarray] = {of.node: start}  # type: ignore[dict-item]
        before, modes.grad = modes.grad, False
        try:
            for node in reversed(of.members):
                live = opened(node)
                for edge, rule in zip(node.edges, node.op.rules):
                    if edge is not None and rule is not None and node in found:
                        d = rule(plain_op(node), live, found[node])  # not summed over what was stretched
                        found[edge] = found[edge] + d if edge in found else np.asarray(d)
        finally:
            modes.grad = before
        return {q.node: found[q.node] for q in of.inputs if q.node in found}  # type: ignore[misc]

    def pull(self, of: Quantity, g: Any) -> dict[Node, np.ndarray]:
        """The gradients that reach the inputs of a line when ``g`` arrives at it."""
        borders = frozenset(q.node for q in of.inputs)
        found = sweep({of.node: g}, of.members, borders)  # type: ignore[dict-item, arg-type]
        return {n: np.asarray(found[n]) for n in borders if n in found}  # type: ignore[misc]

    # ------------------------------------------------------------------ paths

    def lines(self) -> list[Quantity]:
        """The computed quantities, first computed first."""
        return [q for q in self.quantities.values() if q.kind == "computed"]

    def users(self, of: Quantity) -> list[Quantity]:
        """The quantities that are computed from one."""
        return [q for q in self.lines() if of in q.inputs]

    def count_paths(self, to: Quantity) -> int:
        """In how many ways the loss depends on a quantity."""
        ways = {to: 1}
        for q in self.lines():
            if q is not to:
                ways[q] = sum(ways.get(i, 0) for i in q.inputs)
        return ways.get(self.loss, 0)

    def paths(self, to: Quantity, most: int) -> Iterator[Path]:
        """Ways from the loss to a quantity, those along which most of the gradient flows first, at most ``most``."""
        leads = {to}
        for q in self.lines():
            if any(i in leads for i in q.inputs):
                leads.add(q)
        if self.loss not in leads:
            return
        order = count()
        start = np.asarray(self.history.gradients[self.history.root])
        heap: list[Any] = [(0.0, next(order), [self.loss], start)]
        expansions, limit = 0, max(EXPANSIONS, 4 * len(leads))
        while heap and most > 0 and expansions < limit:
            _, _, way, g = heappop(heap)
            if way[-1] is to:
                most -= 1
                yield Path(way, g)
                continue
            expansions += 1
            for node, d in self.pull(way[-1], g).items():
                q = self.quantities[node]
                if q in leads:
                    heappush(heap, (-norm(d), next(order), [*way, q], d))
