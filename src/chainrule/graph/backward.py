"""The chain rule: visit nodes from the result towards the leaves, multiply, undo broadcasting, add up.

Every node carries a tick of one clock, taken when it was made, and a node is only ever computed from earlier ones. So
"latest tick first" is an order in which every node is reached after all that used its result: one heap, no recursion,
no preparatory walk. A chain of 200,000 operations is a loop of 200,000 turns.

The gradients that flow are plain arrays; with ``create_graph`` they are values, the same rules are read on values,
and what they compute is recorded like any other computation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from operator import attrgetter
from sys import getrefcount
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import GradientError
from ..base.modes import modes
from ..native.aligned import Block
from . import anomaly as watchful
from . import apply as hot
from . import destinations, large
from . import value as graph
from .hooks import arriving, leaving
from .kept import narrowed, overwritten, revived, twice, values
from .large import MANY, SINGLE
from .spent import ROOM, latest, weight
from .value import FREED, Leaf, Node, Pick, Value, new, wrap

ndarray = np.ndarray
Roots = list[tuple[Node, Any]]  # where a pass begins, and with which gradients
Heap = list[tuple[int, Node]]  # the nodes that something arrived at, the latest first: (−tick, node)
Own = dict[Node, bool]  # no set: one takes longer to make, and it is nearly always empty
Pull = Callable[[Node, Any], Any]  # the gradients of a node's inputs, where that is not its op's `pull` on arrays


def backward(
    roots: Roots,
    retain: bool = False,
    create: bool = False,
    only: Iterable[Node] | None = None,
    capture: bool = False,
) -> dict[Node, Any]:
    """Send gradients from ``roots`` (node, gradient of its output) to the leaves.

    ``only``: visit only what leads to these nodes. ``capture``: return the gradients that arrive there instead of
    accumulating them in ``.grad``.
    """
    if only is None:
        switches = modes.__dict__
        before, switches["grad"] = switches["grad"], create
        try:
            walk(roots, retain, create, None, pull_recorded if create else None)
        finally:
            switches["grad"] = before
        return {}
    wanted = frozenset(only)
    visit = leading_to(wanted, [n for n, _ in roots])
    aims = Aims(wanted, visit, visit - wanted, {} if capture else None)
    return partial(roots, aims, retain, create, towards(visit | wanted, create))


def partial(roots: Roots, aims: Aims, retain: bool, create: bool, pull: Pull) -> dict[Node, Any]:
    """A pass that is not for all leaves."""
    before, modes.grad = modes.grad, create
    modes.partial += 1
    try:
        walk(roots, retain, create, aims, pull)
    finally:
        modes.grad = before
        modes.partial -= 1
    return aims.caught or {}


class Aims(NamedTuple):
    """What a pass is for, where that is not all leaves."""

    wanted: frozenset[Node]
    visit: set[Node]  # the nodes with work to do
    between: set[Node]  # those of them that are not wanted themselves
    caught: dict[Node, Any] | None  # what arrived at the wanted ones, instead of `.grad`


def walk(roots: Roots, retain: bool, create: bool, aims: Aims | None, pull: Pull | None) -> None:
    """Visit node after node, the latest first: take what arrived there through its rule, and on to its inputs."""
    pending: dict[Node, Any] = {}
    heap: Heap = []
    own: Own = {}  # nodes whose pending gradient is an array made here, free to be added to in place
    spent: list[tuple[Node, Any]] = []  # what the pass lets go of, as long as there is room for it
    everywhere = aims is None
    room = ROOM if everywhere else 0
    node: Any = None  # the only one that waits, as in a chain; None where the next one is to be taken from the heap
    g: Any = None
    found: Any
    if len(roots) == 1:
        ((node, g),) = roots
        began: tuple[int, ...] = (node.seq,)
    else:
        for each, d in roots:
            add(pending, heap, each, d)
        began = tuple([each.seq for each, _ in roots])
    searching = watchful.anomaly.on and watchful.anomaly.check_nan
    direct = pull is None and not searching and not hot.watched
    try:
        while True:
            if node is None:
                if not heap:
                    break
                node = heappop(heap)[1]
                g = pending.pop(node)
                if own:
                    own.pop(node, None)
            special = False
            if (kind := type(node)) is not Node or not everywhere:  # at a plain `Node` nobody looks
                if node.hooks is not None or node.retained is not None or aims is not None and node not in aims.between:
                    if (g := stopping(node, g, create, pending, roots, aims)) is OVER:
                        node = None
                        continue
                    special = True
                if kind is Leaf:
                    found = d = waiting = None  # so that it sees when nobody else holds its gradient
                    accumulate(node, g, create)
                    if special:
                        leaving(node, g, (), create)
                    node = None
                    continue
                if kind is Pick:
                    collect(pending, heap, node, g)
                    node = None
                    continue
            saved, guards, op = node.saved, node.guards, node.op
            if saved is FREED or guards and (
                guards[0][0] != guards[1] or len(guards) > 2 and (guards[2][0] != guards[3] or len(guards) > 4 and written_to(guards))
            ):
                raise GradientError(twice(node.name()) if saved is FREED else overwritten(node))
            rules = op.direct if direct else None
            if rules is None or special or g.size >= MANY:
                rules = None
                found = op.pull(node, g) if pull is None else pull(node, g)
                if special:
                    found = leaving(node, g, found, create)
                if searching:
                    watchful.search(node, g, found)
            ahead = waiting = None
            i = -1
            for edge in node.edges:
                i += 1
                if edge is None:
                    continue
                d = found[i] if rules is None else rules[i](op, node, g)
                if d is None:
                    continue
                if ahead is None and not heap:
                    ahead, waiting = edge, d
                    continue
                if ahead is not None:  # two wait now, and need an order
                    pending[ahead] = waiting
                    heappush(heap, (-ahead.seq, ahead))
                    ahead = None
                if edge in pending:
                    meet(pending, edge, d, own, create)
                else:
                    pending[edge] = d
                    heappush(heap, (-edge.seq, edge))
            if saved and not retain:
                if room > 0:  # in place rather than a function: one call more costs 1 % of a small training step
                    for s in saved:
                        if s is not None:
                            room -= s.nbytes if type(s) is ndarray and s.base is None else weight(s)
                    if room > 0:
                        spent.append((node, saved))
                node.saved = FREED
            node, g = ahead, waiting
    except Exception:
        latest.forget()
        destinations.forget()
        if watchful.anomaly.on:
            watchful.explain(node)
        raise
    if destinations.wholes:
        destinations.forget()
    latest.entries, latest.room = spent if room > 0 else [], room
    latest.roots = began if everywhere else ()


OVER: Any = ("over",)  # in place of a gradient: it goes no further


def stopping(node: Node, g: Any, create: bool, pending: dict[Node, Any], roots: Roots, aims: Aims | None) -> Any:
    """What goes on from a node that has hooks, or at which a pass that is not for all leaves may end."""
    if aims is not None and node not in aims.wanted and node not in aims.visit:
        return OVER
    if node.hooks is not None or node.retained is not None:
        wanted, visit = (None, None) if aims is None else (aims.wanted, aims.visit)
        g = arriving(node, g, create, (pending, roots, wanted, visit))
    if aims is None:
        return g
    if aims.caught is not None:
        if node in aims.wanted:
            aims.caught[node] = g
        if type(node) is Leaf:
            return OVER
    return g if node in aims.visit else OVER


def pull_recorded(node: Node, g: Any, edges: tuple[Node | None, ...] | None = None) -> Any:
    """The gradients of a node's inputs as values with a history, of those of ``edges`` alone where that saves something."""
    if type(g) is list and node.shapes is not None:
        g = [zeros(s, g) if d is None else d for d, s in zip(g, node.shapes)]  # type: ignore[arg-type]
    return node.op.pull(revived(node, edges), g)


def towards(useful: set[Node], create: bool) -> Pull:
    """How to pull in a pass that is for some nodes alone."""

    def pull(node: Node, g: Any) -> Any:
        edges = needed(node, useful)
        if create:
            return pull_recorded(node, g, edges)
        return node.op.pull(node if edges is None else narrowed(node, edges), g)

    return pull


def needed(node: Node, useful: set[Node]) -> tuple[Node | None, ...] | None:
    """The edges of a node that end in ``useful``, with None for the others; None if all do, or hooks want to see all."""
    for edge in node.edges:
        if edge is not None and edge not in useful and node.hooks is None:
            return tuple([e if e in useful else None for e in node.edges])
    return None


def meet(pending: dict[Node, Any], edge: Node, d: Any, own: Own, create: bool) -> None:
    """Paths meet: add one more gradient to what has arrived at a node, in place if that is an array made here."""
    total = pending[edge]
    big = type(total) is ndarray and total.size >= SINGLE and type(d) is ndarray
    if edge in own:
        pending[edge] = large.add(total, d, total) if big else total.__iadd__(d)
    else:
        pending[edge] = total = large.add(total, d) if big else total + d
        if type(total) is ndarray and not create:
            own[edge] = True


def written_to(guards: tuple[Any, ...]) -> bool:
    """Whether one of the cells counts other than it did: (cell, count, cell, count, …)."""
    turn = iter(guards)
    return any(cell[0] != next(turn) for cell in turn)


def add(pending: dict[Node, Any], heap: Heap, node: Node, g: Any) -> None:
    """Let one more gradient arrive at a node."""
    if node in pending:
        pending[node] = pending[node] + g
    else:
        pending[node] = g
        heappush(heap, (-node.seq, node))


def collect(pending: dict[Node, Any], heap: Heap, pick: Pick, g: Any) -> None:
    """Put the gradient of one output into its slot of the node that has several."""
    slots = pending.get(pick.parent)
    if slots is None:
        slots = pending[pick.parent] = [None] * pick.outputs
        heappush(heap, (-pick.parent.seq, pick.parent))
    slots[pick.index] = g if slots[pick.index] is None else slots[pick.index] + g


def accumulate(leaf: Leaf, g: Any, create: bool) -> None:
    """Add a gradient to the ``.grad`` of a leaf."""
    find = leaf.target  # (were it called where it is looked up, Python would look for a method first)
    target = find()
    if target is None:
        leaf.seen = None
        return
    array = target.array
    if leaf.small:
        leaf.seen, leaf.was = array, array.tobytes()
    grad = target._grad
    if create:
        target._grad = g if grad is None else grad + g
    elif grad is None:
        # Keep the array itself if nobody else can see it: it is owned, and only this frame and its caller's hold it.
        seen = type(g) is not ndarray or (base := g.base) is not None and type(base) is not Block or getrefcount(g) > UNSHARED
        if seen or g.ndim > 1 and not g.flags.c_contiguous:
            g = np.array(g)
        if g.dtype is not array.dtype and g.dtype != array.dtype:
            g = g.astype(array.dtype)
        target._grad = grad = new(graph.Result)
        grad.array = g
        grad.version = [0]
        grad.node = None
    elif grad.node is not None:
        target._grad = wrap(grad.array + g)
    else:
        total = grad.array
        if total.ndim:
            np.add(total, g, total)
        else:  # scalars add up several times quicker than 0-dim arrays
            total[()] += g
        grad.version[0] += 1
    if leaf.after is not None:
        for hook in list(leaf.after.values()):
            hook(target)


UNSHARED = 0


def calibrate() -> None:
    """Learn how many references a gradient has in `accumulate` when only the engine holds it.

    Counted rather than assumed, because interpreters differ in which temporary references they count. If a later
    interpreter counted more, arrays would be copied needlessly; they are never shared wrongly.
    """
    global UNSHARED

    seen = []

    def count(g: Any) -> None:
        seen.append(getrefcount(g))

    def engine() -> None:
        pending = {0: np.zeros(1)}
        g = pending.pop(0)
        count(g)

    engine()
    UNSHARED = seen[0]


calibrate()


ticks = attrgetter("seq")


def leading_to(wanted: frozenset[Node], roots: list[Node]) -> set[Node]:
    """The nodes on some path from the roots to the wanted nodes, those that have work to do there.

    A wanted node itself is visited only if it lies on the way to another wanted one.
    """
    order: list[Node] = []
    seen = set(roots)
    stack = list(seen)
    while stack:
        node = stack.pop()
        order.append(node)
        for edge in node.edges:
            if edge is not None and edge not in seen:
                seen.add(edge)
                stack.append(edge)
    order.sort(key=ticks)
    reach: set[Node] = set()
    for node in order:
        for edge in node.edges:
            if edge is not None and (edge in reach or edge in wanted):
                reach.add(node)
                break
    return reach | {n for n in wanted if type(n) is Leaf and n in seen}


def zeros(shape: tuple[int, ...], others: list[Any]) -> Any:
    """The gradient of an output that nothing used, in the dtype of the gradients of those that were."""
    return wrap(np.zeros(shape, next(d.array.dtype for d in others if d is not None)))


def through_formula(op: Any, node: Node, g: Any) -> list[Any]:
    """The gradients of a joint op, taken through its formula so that they have a history of their own."""
    from .promote import alias

    inputs = [
        wrap(v) if isinstance(v, ndarray) else alias(v) if isinstance(v, Value) and e is not None else v
        for v, e in zip(values(node), node.edges)
    ]
    modes.grad = True
    result = op.formula(*inputs)
    results = result if isinstance(result, tuple) else (result,)
    upstream = g if type(g) is list else [g]
    roots = [(r.node, d) for r, d in zip(results, upstream) if isinstance(r, Value) and r.node is not None]
    nodes = [v.node if isinstance(v, Value) and e is not None else None for v, e in zip(inputs, node.edges)]
    caught = backward(roots, retain=True, create=True, only=[n for n in nodes if n is not None], capture=True)
    return [None if n is None else caught.get(n) for n in nodes]
