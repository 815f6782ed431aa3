"""What a node kept for its rules: made values again for a recorded pass, and the errors where it is gone or overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base.dtypes import of, title
from ..base.errors import GradientError, message
from . import value as graph
from .anomaly import anomaly
from .value import FREED, Leaf, Node, Pick, new, wrap

ndarray = np.ndarray


def kept(node: Node) -> list[tuple[Any, Node | None]]:
    """What a node keeps of its inputs and its result, each with the node that made it; what is no array is None."""
    saved = node.saved
    if len(saved) == 2 and isinstance(saved[1], list):  # a joint op: (what forward kept, inputs)
        return list(zip(saved[1], node.edges))
    if saved and isinstance(saved[0], tuple):  # a function of the program's own: what it saved for backward
        return [(getattr(s, "array", None), getattr(s, "node", None)) for s in saved[0]]
    return list(zip(saved, (*node.edges, node)))


def cells(node: Node) -> dict[int, list[int]]:
    """Which version cell belongs to which of the arrays in `kept`.

    ``guards`` has one for each array that came from a value, in the order of the arrays; where some came from plain
    numbers, those with a history are known to be values, and the rest is left out.
    """
    known = node.guards[::2]
    arrays = [(i, source) for i, (s, source) in enumerate(kept(node)) if isinstance(s, ndarray)]
    if len(arrays) != len(known):
        arrays = [(i, source) for i, source in arrays if source is not None]
    return dict(zip([i for i, _ in arrays], known)) if len(arrays) == len(known) else {}


def values(node: Node) -> Iterator[Any]:
    """What `kept` gives, floating-point arrays as values with their history.

    They share the version cells of the tensors they came from, so that a write after the pass is noticed as well.
    """
    versions = cells(node)
    for i, (s, source) in enumerate(kept(node)):
        if isinstance(s, ndarray) and s.dtype.kind in "fcV":
            s = wrap(s, source)
            s.version = versions.get(i, s.version)
        yield s


SECOND = {"other", "exponent", "mat2", "tensor2", "vec", "weight", "mask", "index", "indices", "target"}


def names_kept(node: Node) -> list[str]:
    """The names under which PyTorch's users look for what a node keeps (``grad_fn._saved_self``)."""
    saved = kept(node) if node.op is not None and node.saved is not FREED else []
    names = [*["self", "other"][: len(node.edges)], *[f"input_{i}" for i in range(2, len(node.edges))], "result"]
    return [name for name, (s, _) in zip(names, saved) if s is not None]


def kept_as(node: Node, name: str) -> Any:
    """What a node keeps, by one of PyTorch's names: ``self`` is its first input, ``result`` what it computed.

    An input that no rule needs is None, like one that PyTorch did not need; the op's own attributes have their names.
    """
    op = node.op
    for field in (name, f"{name}s"):
        if op is not None and field in op.fields:
            return getattr(op, field)
    inputs = op.inputs if op is not None else ()
    count = len(node.edges)
    place = {"self": 0, "result": count}.get(name, 1 if name in SECOND else count + 1)
    place = inputs.index(name) if name in inputs else place
    if op is None or place > count or name in SECOND and count < 2:
        raise AttributeError(f"{type(node).__name__!r} object has no attribute '_saved_{name}'")
    if node.saved is FREED:
        raise GradientError(twice(node.name()))
    found = kept(node.op.opened(node) if hasattr(node.op, "opened") else node)
    array, source = found[place] if place < len(found) else (None, None)
    if not isinstance(array, ndarray):
        return array
    leaf = source.target() if isinstance(source, Leaf) else None
    return leaf if leaf is not None and leaf.array is array else wrap(array, source)


def revived(node: Node, edges: tuple[Node | None, ...] | None = None) -> Node:
    """A copy of a node whose saved arrays are values, so that rules read on them are recorded; with fewer ``edges`` if given."""
    saved, guards = node.saved, node.guards
    if not saved or isinstance(saved[0], tuple) or (len(saved) == 2 and isinstance(saved[1], list)):
        return node
    live = Node()
    live.op, live.edges, live.shapes, live.guards = node.op, edges or node.edges, node.shapes, ()
    found, sources, n, i = list(saved), node.edges, len(node.edges), 0
    for k, s in enumerate(saved):  # `values`, where each array has its cell
        if s is None:
            continue
        if i >= len(guards) or type(s) is not ndarray or s.dtype.kind not in "fcV":
            break
        found[k] = v = new(graph.Result)
        v.array, v.version = s, guards[i]
        i += 2
        if k >= n:
            v.node = node
        elif sources[k] is not None:
            v.node = sources[k]
    else:
        if i == len(guards):
            live.saved = tuple(found)
            return live
    live.saved = tuple(values(node))
    return live


def narrowed(node: Node, edges: tuple[Node | None, ...]) -> Node:
    """A copy of a node with fewer edges, for rules that need not find all gradients; a program's own function does."""
    if node.saved and isinstance(node.saved[0], tuple):
        return node
    fewer = Node()
    fewer.op, fewer.edges, fewer.saved, fewer.shapes, fewer.guards = node.op, edges, node.saved, node.shapes, node.guards
    return fewer


def twice(name: str) -> str:
    """What is said of a graph that a backward pass has already freed."""
    from .gone import first_pass

    where, instead = first_pass()
    return message(
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
        "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
        "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
        "saved tensors after calling backward.",
        f"the values that {name} had kept were freed by the first backward pass{where}",
        instead,
    )


def hint() -> str:
    if anomaly.on:
        return (
            "Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in "
            "question was changed in there or anywhere later. Good luck!"
        )
    return (
        "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with "
        "torch.autograd.set_detect_anomaly(True, check_nan=False)."
    )


def overwritten(node: Node) -> str:
    """What is said of a node some of whose kept values have been written over."""
    known, expected = node.guards[::2], node.guards[1::2]
    k = next(k for k, cell in enumerate(known) if cell[0] != expected[k])
    place = next((i for i, cell in cells(node).items() if cell is known[k]), None)
    what = ""
    source = None
    if place is not None:
        array, source = kept(node)[place]
        what = f" [torch.{title(of(array))}Tensor {list(array.shape)}]"
        if source is not None and type(source) is not Leaf:
            what += f", which is output {source.index if isinstance(source, Pick) else 0} of {source.name()},"
    from .gone import Told, written_over

    why, instead = written_over(node, known[k], source) or Told(
        f"{node.name()} had kept it: its derivative needs the values as they were in the forward pass, and they have been "
        "written over",
        "write x = x + 1 instead of x += 1 (or x.add_(1)), or work on x.clone()",
    )
    return message(
        f"one of the variables needed for gradient computation has been modified by an inplace operation:{what} "
        f"is at version {known[k][0]}; expected version {expected[k]} instead. {hint()}",
        why,
        instead,
    )
