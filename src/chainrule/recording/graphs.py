"""The graph behind a loss as a list of lines, one for each operation, oldest first; and what entered it.

    >>> w = torch.tensor(1., requires_grad=True)
    >>> loss = (w * 2 - 3) ** 2
    >>> graph = read([loss.node], lambda leaf: "w"); graph.lines
    ['Mul(w, ·)', 'Sub(#1, ·)', 'Square(#2, exponent=2)']
    >>> sorted(graph.entering)
    ['1']

``#1`` is the result of operation 1, ``·`` an input without history, such as data or a constant. Those of them that the
engine keeps for the backward pass are known by their hashes, ``entering``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..graph.op import Joint
from ..graph.value import Leaf, Node, Pick
from ..tensors.function import FunctionOp
from .store import key_of
from .summaries import hashed

SHORT = 8  # hexadecimal digits that tell what enters one operation from another
UNSAID = re.compile(r" at 0x[0-9a-f]+|(, )?torch_name='\w*'")  # what says nothing of the mathematics


class Graph(NamedTuple):
    lines: list[str]
    entering: dict[str, str]  # number of the operation → hash of what enters there
    leaves: list[Leaf]


def read(roots: list[Any], label: Callable[[Leaf], str]) -> Graph:
    """The graph that leads to ``roots``; ``label`` names its leaves."""
    nodes = reached(roots)
    leaves = [n for n in nodes if isinstance(n, Leaf)]
    operations = [n for n in nodes if not isinstance(n, Leaf)]
    number = {n: f"#{i}" for i, n in enumerate(operations, 1)} | {n: label(n) for n in leaves}
    lines, entering = [], {}
    for i, node in enumerate(operations, 1):
        lines.append(line_of(node, [input_text(edge, number) for edge in node.edges]))
        found = [hashed(array) for array in constants(node)]
        if found:
            entering[str(i)] = key_of(*found).hex()[:SHORT]
    return Graph(lines, entering, leaves)


def reached(roots: list[Any]) -> list[Node]:
    """All nodes on the way from the roots to the leaves, oldest first."""
    seen: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        node = node.parent if isinstance(node, Pick) else node
        if node not in seen:
            seen.add(node)
            stack.extend(edge for edge in node.edges if edge is not None)
    return sorted(seen, key=lambda n: n.seq)


def input_text(edge: Node | None, number: dict[Node, str]) -> str:
    if edge is None:
        return "·"
    return f"{number[edge.parent]}[{edge.index}]" if isinstance(edge, Pick) else number[edge]


def line_of(node: Node, inputs: list[str]) -> str:
    """An operation with its inputs and its attributes, which say all there is to it."""
    if isinstance(node.op, FunctionOp):
        return f"{node.op.function.__name__}({', '.join(inputs)})"
    plain = UNSAID.sub("", repr(node.op))
    name, _, attributes = plain.removesuffix(")").partition("(")
    return f"{name}({', '.join([*inputs, attributes] if attributes else inputs)})".replace("\n", " ")


def constants(node: Node) -> list[np.ndarray]:
    """What entered an operation without a history, as far as the engine keeps it."""
    saved: Any = node.saved
    if isinstance(node.op, Joint) and len(saved) == 2:
        saved = saved[1]
    return [array for edge, array in zip(node.edges, saved) if edge is None and isinstance(array, np.ndarray)]
