"""The graph of one backward pass, as the page steps through it: a node for each quantity, an edge for each local gradient.

Backwards, one step is one product of the chain rule: the gradient that has arrived at a quantity, times the local gradient
by one of its inputs, added to what has arrived there before.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..explanation.blackboard import Blackboard
from ..explanation.folding import Call, all_calls, by_calls, by_parameters
from ..explanation.history import UNKNOWN, History, plain_op
from ..explanation.naming import Names, printable
from ..explanation.numbers import number, show
from ..explanation.quantities import Local, Quantity
from ..graph.expr import Apply, Expr, Number, Symbol, text
from ..nn.module import Module
from .encoding import cells, cut
from .watching import Moment

MOST = 4000  # operations that are shown
MANY = 400  # from so many on, pictures of values are small, and formulas are cut
LONG, SHORT = 160, 80  # characters of a formula


class Told:
    """A moment, read: its history, its quantities, and the module of each."""

    def __init__(self, moment: Moment, names: Names) -> None:
        self.moment = moment
        root = next(original for original, copy in moment.taken.copies.items() if copy is moment.taken.root)
        self.history = History(moment.taken, names)
        self.name = names.of_node.get(root, moment.name)
        self.board = Blackboard(self.history, self.name, each=True)
        self.modules, self.kinds = self.homes(names)

    def homes(self, names: Names) -> tuple[dict[Quantity, str], dict[str, str]]:
        """The module of each quantity: the one that was running, or the one whose parameters surround it."""
        if self.moment.calls:
            name_calls(self.moment.calls, paths_of(names))
            found = by_calls(self.history.nodes, self.moment.calls, self.history.names.owners)
            kinds = {c.path: type(c.module).__name__ for c in all_calls(self.moment.calls) if c.path}
        else:
            found, kinds = by_parameters(self.history.nodes, names.owners), names.kinds
        return {q: found.get(node, "") for node, q in self.board.quantities.items()}, kinds


def paths_of(names: Names) -> dict[Module, str]:
    """What the program calls its modules; the parts of the only model by their names in it."""
    inside = {id(m) for _, top in names.modules for m in top.modules() if m is not top}
    tops = [(name, top) for name, top in names.modules if id(top) not in inside]
    trained = [pair for pair in tops if next(pair[1].parameters(), None) is not None]
    found: dict[Module, str] = {}
    for name, top in tops:
        alone = len(trained) == 1 and top is trained[0][1]
        for path, module in top.named_modules():
            whole = path if alone else f"{name}.{path}" if path else name
            found.setdefault(module, printable(whole))
    return found


def name_calls(calls: list[Call], paths: dict[Module, str], outer: str = "") -> None:
    """Give each call its module's path, with a number where the same module is called again."""
    times: dict[str, int] = {}
    for call in calls:
        own = paths.get(call.module, f"{outer}.{type(call.module).__name__}" if outer else type(call.module).__name__)
        times[own] = times.get(own, 0) + 1
        call.name = own
        call.path = own if times[own] == 1 or not own else f"{own} ({times[own]})"
        name_calls(call.calls, paths, own)


def graph_of(told: Told) -> dict[str, Any]:
    """The graph as the page has it; of a very large one, what is nearest to the loss."""
    order = ordered(told)
    lines = sum(q.kind == "computed" for q in order)
    shown = order[-MOST:]
    ids = {q: i for i, q in enumerate(shown)}
    many = len(shown) > MANY
    return {
        "step": told.moment.step + 1,
        "loss": told.board.loss.name,
        "operations": lines,
        "left_out": len(order) - len(shown),
        "kinds": told.kinds,
        "nodes": [node_of(q, told, many) for q in shown],
        "edges": [edge for q in shown for edge in edges_of(q, ids, many)],
    }


def ordered(told: Told) -> list[Quantity]:
    """First computed first; what was given, just before what first uses it."""
    found: dict[Quantity, None] = {}
    for q in told.board.lines():
        for given in [*q.constants, *q.inputs]:
            if given.kind != "computed":
                found.setdefault(given)
                told.modules.setdefault(given, "" if given.named else told.modules.get(q, ""))
        found[q] = None
    return list(found)


def node_of(q: Quantity, told: Told, many: bool) -> dict[str, Any]:
    value, gradient = q.value, q.gradient
    kind = "loss" if q is told.board.loss else {"constant": "data", "computed": "operation"}.get(q.kind, q.kind)
    node = {
        "kind": kind,
        "name": cut(q.name, SHORT),
        "formula": cut(q.formula, SHORT if many else LONG),
        "numbers": cut(substituted(q), LONG),
        "op": "" if q.node is None or q.kind != "computed" else type(plain_op(q.node)).__name__,
        "shape": list(q.shape),
        "module": told.modules.get(q, ""),
        "value": "" if value is None else cut(show(value), LONG),
        "gradient": "" if gradient is None else cut(show(gradient), LONG),
        "v": None if value is None else cells(value, 5 if many else 8),
        "g": None if gradient is None else cells(gradient, 5 if many else 8),
    }
    return {key: value for key, value in node.items() if value not in ("", None)}


def edges_of(q: Quantity, ids: dict[Quantity, int], many: bool) -> list[dict[str, Any]]:
    """What leads into a quantity: its inputs, with local gradient and share, and its constants."""
    given: list[dict[str, Any]] = [{"from": ids[c], "to": ids[q]} for c in dict.fromkeys(q.constants) if c in ids]
    if q.kind != "computed":
        return []
    shares = q.board.pull(q, np.asarray(q.gradient)) if q.gradient is not None else {}
    for d in q.locals:
        if d.by not in ids:
            continue
        share = shares.get(d.by.node)  # type: ignore[arg-type]
        edge = {"from": ids[d.by], "to": ids[q], "name": cut(d.name, SHORT), **local_of(d, many)}
        if share is not None:
            edge["share"] = cut(show(share), LONG)
            if share.size == 1 and share.dtype.kind == "f":
                edge["number"] = float(share.reshape(-1)[0])
        given.append(edge)
    return given


def local_of(d: Local, many: bool) -> dict[str, Any]:
    """A local gradient: its formula and, where its entries can be listed, its value."""
    found: dict[str, Any] = {"formula": cut(d.formula, SHORT if many else LONG), "listed": d.listed}
    value = d.value
    if value is not None:
        found["value"] = cut(show(value), LONG)
    return found


# ---------------------------------------------------------------------- numbers in formulas


def substituted(q: Quantity) -> str:
    """A formula with numbers in the places of its names: ``1 · 1``; nothing where one of them is an array."""
    if q.expression is None:
        return ""
    values = {each.name: each.value for each in [*q.inputs, *q.constants]}
    found = with_numbers(q.expression, values)
    shown = "" if found is None else text(found)
    return "" if shown == q.formula else shown


def with_numbers(x: Expr, values: dict[str, Any]) -> Expr | None:
    if isinstance(x, Symbol):
        known = values.get(x.name)
        if known is None or known is UNKNOWN or known.size != 1 or known.dtype.kind not in "fiu":
            return None
        return Number(brief(known.reshape(-1)[0]))
    if isinstance(x, Apply):
        inner = [with_numbers(each, values) for each in x.arguments]
        return None if any(each is None for each in inner) else Apply(x.head, *inner)
    return x


def brief(x: Any) -> Any:
    """A number with the digits that are shown."""
    shown = number(x).replace("−", "-")
    return int(x) if isinstance(x, np.integer) else float(shown.replace("∞", "inf"))
