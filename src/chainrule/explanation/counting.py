"""What operations cost: floating-point operations by the shapes that meet, and the bytes kept for the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import numpy as np

from ..graph.op import Elementwise
from ..graph.value import Node, Pick
from ..native.aligned import owner
from .blackboard import MOVING
from .history import History, op_of, saved_input

Shape = tuple[int, ...]

# Multiplications and additions, each counted as one, of: the output's shape, then the inputs'.
COSTS: dict[str, Callable[..., int]] = {
    "Linear": lambda y, x, w, b: 2 * prod(y) * x[-1] + prod(y),
    "LinearNoBias": lambda y, x, w: 2 * prod(y) * x[-1],
    "MatMul": lambda y, a, b: 2 * prod(y) * a[-1],
    "Mv": lambda y, a, v: 2 * prod(y) * a[-1],
    "Vm": lambda y, v, b: 2 * prod(y) * v[-1],
    "Dot": lambda y, a, b: 2 * prod(a),
    "Convolution": lambda y, x, w, *b: 2 * prod(y) * prod(w[1:]) + (prod(y) if b and b[0] else 0),
    "ConvolutionTranspose": lambda y, x, w, *b: 2 * prod(x) * prod(w[1:]) + (prod(y) if b and b[0] else 0),
    "ScaledDotProductAttention": lambda y, q, k, v, *mask: (
        2 * prod(q) * k[-2] + 2 * prod(y) * k[-2] + 5 * prod(q[:-1]) * k[-2]
    ),
    "Lstm": lambda y, x, h, c, w_ih, w_hh, *more: prod(x[:-1]) * (2 * prod(w_ih) + 2 * prod(w_hh) + 10 * w_hh[0] // 4),
    "Gru": lambda y, x, h, w_ih, w_hh, *more: prod(x[:-1]) * (2 * prod(w_ih) + 2 * prod(w_hh) + 10 * w_hh[0] // 3),
    "Rnn": lambda y, x, h, w_ih, w_hh, *more: prod(x[:-1]) * (2 * prod(w_ih) + 2 * prod(w_hh) + 2 * w_hh[0]),
    "NativeLayerNorm": lambda y, x, *more: 8 * prod(x),
    "NativeBatchNorm": lambda y, x, *more: 8 * prod(x),
    "Softmax": lambda y, x: 5 * prod(x),
}
COSTS["ScaledDotProductAttentionMath"] = COSTS["ScaledDotProductAttention"]
FREE = MOVING | {"Select", "Slice", "Basic", "Index", "Split", "SplitWithSizes", "Unbind", "Cat", "Stack", "Embedding",
                 "Diagonal", "AsStrided", "BatchFirst", "PackPaddedSequence", "Gather", "IndexSelect"}  # fmt: skip


def flops(node: Node, history: History) -> int:
    """Floating-point operations of one node's forward computation."""
    op = op_of(node)
    if op is None or isinstance(node, Pick) or type(op).__name__ in FREE:
        return 0
    shapes = [shape_of(node, i, history) for i in range(len(node.edges))]
    g = history.gradients.get(node)
    y = next((np.shape(d) for d in g if d is not None), ()) if isinstance(g, list) else () if g is None else np.shape(g)
    known = COSTS.get(type(op).__name__)
    if known is not None:
        return int(known(y, *shapes))
    return prod(y) if isinstance(op, Elementwise) else max([prod(y), *map(prod, shapes)])


def shape_of(node: Node, i: int, history: History) -> Shape:
    edge = node.edges[i]
    if edge is not None and edge in history.gradients and not isinstance(history.gradients[edge], list):
        return tuple(np.shape(history.gradients[edge]))
    kept = saved_input(node, i)
    return tuple(kept.shape) if isinstance(kept, np.ndarray) else ()


def kept_arrays(nodes: Iterable[Node]) -> dict[int, int]:
    """The memory that nodes keep for the backward pass: bytes by address, each piece of memory once."""
    found: dict[int, int] = {}
    for node in nodes:
        for array in arrays_in(node.saved):
            whole = owner(array)
            found[whole.__array_interface__["data"][0]] = whole.nbytes
    return found


def arrays_in(thing: Any) -> Iterable[np.ndarray]:
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, (tuple, list)):
        for each in thing:
            yield from arrays_in(each)
    elif isinstance(thing, dict):
        yield from arrays_in(tuple(thing.values()))
