"""The chain rule: visit nodes from the result towards the leaves, multiply, undo broadcasting, add up.

Every node carries a tick of one clock, taken when it was made, and a node is only ever computed from earlier ones. So
"latest tick first" is an order in which every node is reached after all that used its result: one heap, no recursion,
no preparatory walk. A chain of 200,000 operations is a loop of 200,000 turns.

The gradients that flow are plain arrays; with ``create_graph`` they are values, the same rules are read on values,
and what they compute is recorded like any other computation.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from sys import getrefcount
from typing import Any

import numpy as np

from ..base.errors import GradientError, message
from ..base.modes import modes
from . import value as graph
from .value import FREED, Leaf, Node, Pick, Value, new, wrap

ndarray = np.ndarray


def backward(
    roots: list[tuple[Node, Any]],
    *,
    retain: bool = False,
    create: bool = False,
    only: Iterable[Node] | None = None,
    capture: bool = False,
) -> dict[Node, Any]:
    """Send gradients from ``roots`` (node, gradient of its output) to the leaves.

    ``only``: visit only what leads to these nodes. ``capture``: return the gradients that arrive there instead of
    accumulating them in ``.grad``.
    """
    pending: dict[Node, Any] = {}
    heap: list[tuple[int, Node]] = []
    for node, g in roots:
        add(pending, heap, node, g)
    wanted = frozenset(only) if only is not None else None
    visit = leading_to(wanted, [n for n, _ in roots]) if wanted is not None else None
    caught: dict[Node, Any] = {}
    own: set[Node] = set()  # nodes whose pending gradient is an array made here, free to be added to in place
    before = modes.grad
    modes.grad = create
    try:
        while heap:
            node = heappop(heap)[1]
            g = pending.pop(node)
            own.discard(node)
            if node.hooks is not None or node.retained is not None:
                g = show(node, g, create)
            if wanted is not None:
                if capture and node in wanted:
                    caught[node] = g
                if node not in visit:  # type: ignore[operator]
                    continue
            kind = type(node)
            if kind is Leaf:
                if not capture:
                    accumulate(node, g, create)  # type: ignore[arg-type]
                continue
            if kind is Pick:
                collect(pending, heap, node, g)  # type: ignore[arg-type]
                continue
            saved = node.saved
            if saved is FREED:
                raise GradientError(twice(node))
            guards = node.guards
            if guards:
                turn = iter(guards)
                for cell in turn:
                    if cell[0] != next(turn):
                        raise GradientError(overwritten(node))
            if create:
                node = revive(node)
                if type(g) is list:
                    g = [zeros(s, g) if d is None else d for d, s in zip(g, node.shapes)]  # type: ignore[arg-type]
            found = node.op.pull(node, g)
            i = -1
            for edge in node.edges:
                i += 1
                if edge is None or (d := found[i]) is None:
                    continue
                if edge in pending:
                    if edge in own:
                        pending[edge] += d
                    else:
                        pending[edge] = total = pending[edge] + d
                        if type(total) is ndarray and not create:
                            own.add(edge)
                else:
                    pending[edge] = d
                    heappush(heap, (-edge.seq, edge))
            found = d = None  # so that a leaf sees when nobody else holds its gradient
            if saved and not retain:
                node.saved = FREED
                node.guards = ()
    finally:
        modes.grad = before
    return caught


def add(pending: dict[Node, Any], heap: list[tuple[int, Node]], node: Node, g: Any) -> None:
    """Let one more gradient arrive at a node."""
    if node in pending:
        pending[node] = pending[node] + g
    else:
        pending[node] = g
        heappush(heap, (-node.seq, node))


def collect(pending: dict[Node, Any], heap: list[tuple[int, Node]], pick: Pick, g: Any) -> None:
    """Put the gradient of one output into its slot of the node that has several."""
    slots = pending.get(pick.parent)
    if slots is None:
        slots = pending[pick.parent] = [None] * pick.outputs
        heappush(heap, (-pick.parent.seq, pick.parent))
    slots[pick.index] = g if slots[pick.index] is None else slots[pick.index] + g


def accumulate(leaf: Leaf, g: Any, create: bool) -> None:
    """Add a gradient to the ``.grad`` of a leaf."""
    target = leaf.target()
    if target is None:
        return
    grad = target._grad
    if create:
        target._grad = g if grad is None else grad + g
    elif grad is None:
        # Keep the array itself if nobody else can see it: it is owned, and only this frame and its caller's hold it.
        if type(g) is not ndarray or g.base is not None or getrefcount(g) > UNSHARED or not g.flags.c_contiguous:
            g = np.array(g)
        if g.dtype is not target.array.dtype and g.dtype != target.array.dtype:
            g = g.astype(target.array.dtype)
        target._grad = grad = new(graph.Result)
        grad.array = g
        grad.version = [0]
    elif grad.node is not None:
        target._grad = wrap(grad.array + g)
    else:
        np.add(grad.array, g, grad.array, casting="same_kind")
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

    class Probe(Node):
        pass

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


def show(node: Node, g: Any, create: bool) -> Any:
    """Run the hooks on a gradient arriving at a node; keep it where ``retain_grad`` asked for it."""
    if type(g) is list:
        return g
    as_value = g if isinstance(g, Value) else wrap(np.asarray(g))
    for hook in list((node.hooks or {}).values()):
        replaced = hook(as_value)
        if replaced is not None:
            if not isinstance(replaced, Value):
                raise TypeError(f"hook returned {type(replaced).__name__}; it must return a tensor, or None to keep the gradient")
            if replaced.array.shape != as_value.array.shape:
                raise RuntimeError(
                    message(
                        f"hook '{getattr(hook, '__name__', hook)}' has changed the size of value",
                        f"the gradient has shape {list(as_value.array.shape)}, the hook returned {list(replaced.array.shape)}",
                    )
                )
            as_value = replaced
    if node.retained is not None:
        target = node.retained()
        if target is not None:
            target._grad = as_value if create else wrap(np.array(as_value.array))
    return as_value if create else as_value.array


def leading_to(wanted: frozenset[Node], roots: list[Node]) -> set[Node]:
    """The nodes on some path from the roots to the wanted nodes, those that have work to do there.

    A wanted node itself is visited only if it lies on the way to another wanted one.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        order.append(node)
        stack.extend(e for e in node.edges if e is not None)
    order.sort(key=lambda n: n.seq)
    reach: set[Node] = set()
    for node in order:
        if any(e is not None and (e in reach or e in wanted) for e in node.edges):
            reach.add(node)
    return reach | {n for n in wanted if type(n) is Leaf and n in seen}


def revive(node: Node) -> Node:
    """A copy of a node whose saved arrays are values again, so that rules read on them are recorded."""
    if not node.saved or isinstance(node.saved[0], tuple) or (len(node.saved) == 2 and isinstance(node.saved[1], list)):
        return node
    live = Node()
    live.op, live.edges, live.shapes, live.guards = node.op, node.edges, node.shapes, ()
    sources = (*node.edges, node)
    live.saved = tuple(
        wrap(s, source) if isinstance(s, ndarray) and s.dtype.kind in "fcV" else s for s, source in zip(node.saved, sources)
    )
    return live


def zeros(shape: tuple[int, ...], others: list[Any]) -> Any:
    """The gradient of an output that nothing used, in the dtype of the gradients of those that were."""
    return wrap(np.zeros(shape, next(d.array.dtype for d in others if d is not None)))


def through_formula(op: Any, node: Node, g: Any) -> list[Any]:
    """The gradients of a joint op, taken through its formula so that they have a history of their own."""
    from .promote import alias

    arrays = node.saved[1]
    inputs = [
        a if not isinstance(a, ndarray) else alias(wrap(a, e)) if e is not None else wrap(a)
        for a, e in zip(arrays, node.edges)
    ]
    modes.grad = True
    result = op.formula(*inputs)
    results = result if isinstance(result, tuple) else (result,)
    upstream = g if type(g) is list else [g]
    roots = [(r.node, d) for r, d in zip(results, upstream) if r.node is not None]
    nodes = [v.node if isinstance(v, Value) and e is not None else None for v, e in zip(inputs, node.edges)]
    caught = backward(roots, retain=True, create=True, only=[n for n in nodes if n is not None], capture=True)
    return [None if n is None else caught.get(n) for n in nodes]


def twice(node: Node) -> str:
    return message(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
        "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
        "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
        "saved tensors after calling backward.",
        f"the values that {node.name()} had kept were freed by the first backward pass",
        "compute the loss again before the second backward, or call the first one as backward(retain_graph=True)",
    )


def overwritten(node: Node) -> str:
    guards = iter(node.guards)
    now, then = next((cell[0], v) for cell, v in zip(guards, guards) if cell[0] != v)
    arrays = [s for s in node.saved if isinstance(s, ndarray)]
    kind = f"{arrays[0].dtype} {list(arrays[0].shape)}" if arrays else "tensor"
    return message(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[{kind}], which {node.name()} kept, is at version {now}; expected version {then} instead.",
        "its derivative needs the values as they were in the forward pass, and they have been written over",
        "write x = x + 1 instead of x += 1 (or x.add_(1)), or work on x.clone()",
    )
