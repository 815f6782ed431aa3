"""A step as a list of values, each computed once from earlier ones, and the arrays that it changes at its end.

    x = input     an array that lives outside: a parameter, data, an optimizer's state
    c = constant  a number
    n = number    one that is told anew for each step, such as a learning rate
    map           an elementwise op on values that broadcast
    reduce        the sum, the largest or the smallest along some axes
    dot           the product of two matrices, or of as many as the leading axes count
    join          values one after the other along an axis
    added         rows of a value, added up by the number that another has for each: y[k, …] = Σ g[j, …] where i[j] = k
    view          the entries of another value in another order, or repeated: an offset and a stride for each axis
    call          whatever else, computed by its own code on arrays; ``part`` is one of its results

`Program.text` prints them, and two steps that print alike do the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from math import prod
from typing import Any

import numpy as np

COMPUTED = ("map", "reduce", "dot", "added")  # the kinds of values that may be computed in memory from outside
LAID_OUT = (*COMPUTED, "join")  # and in a program's own


class Node:
    """One value: what computes it, from what, and its shape and dtype. Nodes are equal if they are the same."""

    __slots__ = ("args", "data", "dtype", "kind", "line", "shape")

    def __init__(
        self, kind: str, args: tuple[Node, ...], shape: tuple[int, ...], dtype: Any, data: Any = None, line: Any = None
    ) -> None:
        self.kind, self.args, self.shape, self.dtype, self.data, self.line = kind, args, shape, dtype, data, line

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __repr__(self) -> str:
        return f"<{self.kind} {list(self.shape)}>"


class Layout:
    """Where the entries of a value lie: in which node's memory, from which entry, how far apart along each axis."""

    __slots__ = ("base", "offset", "strides")

    def __init__(self, base: Node, offset: int, strides: tuple[int, ...]) -> None:
        self.base, self.offset, self.strides = base, offset, strides


def dense(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides, in entries, of an array without gaps in C order.

    >>> dense((2, 3, 4))
    (12, 4, 1)
    """
    steps, step = [], 1
    for n in reversed(shape):
        steps.append(step)
        step *= n
    return tuple(reversed(steps))


def layout(node: Node) -> Layout:
    if node.kind == "view":
        return Layout(node.args[0], *node.data)
    if node.kind == "input":
        return Layout(node, 0, node.data.strides)
    return Layout(node, 0, dense(node.shape))


def stretched(node: Node, shape: tuple[int, ...]) -> Layout:
    """The layout of a value broadcast to a shape."""
    here = layout(node)
    lead = len(shape) - len(node.shape)
    steps = [0] * lead + [0 if n == 1 else s for n, s in zip(node.shape, here.strides)]
    return Layout(here.base, here.offset, tuple(steps))


class Call:
    """What computes the parts of a ``call``: ``function(*arrays)`` gives a tuple of them."""

    def __init__(self, name: str, function: Callable[..., tuple[Any, ...]], lasting: bool = False) -> None:
        self.name, self.function = name, function
        self.lasting = lasting  # it does more than compute (a random stream moves on), and is never left out


class Input:
    """An array from outside: the one that was there when the step was recorded, and what it is called."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array
        self.strides = tuple([s // array.itemsize for s in array.strides])
        self.name = ""
        self.lasting = True  # it may hold other entries in another step

    def told(self) -> str:
        return "input" if self.name else f"array {fingerprint(self.array)}"


def copied(array: np.ndarray) -> np.ndarray:
    """A copy whose entries lie as far apart as those of the array: machine code counts on it.

    >>> copied(np.arange(12)[::2]).strides
    (16,)
    """
    if array.flags.c_contiguous:
        return array.copy()
    room = np.zeros(1 + sum((n - 1) * (s // array.itemsize) for n, s in zip(array.shape, array.strides)), array.dtype)
    new = np.ndarray(array.shape, array.dtype, room, 0, array.strides)
    new[...] = array
    return new


class Program:
    """The values in the order in which they are computed, and what the step leaves behind."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.inputs: list[Node] = []
        self.writes: dict[Node, Node] = {}  # input → what it holds afterwards
        self.results: list[Node] = []
        self.numbers: list[Any] = []  # what the numbers of a step are computed by
        self.width = 1  # how many of each number there are: one for each of the programs that run as one
        self.draws: list[Node] = []  # inputs that are drawn anew for each step, in the order in which they are
        self.static: dict[Node, None] = {}  # inputs whose entries the program is written for
        self.limits: dict[Any, None] = {}  # (value, low, high, ignored): which whole numbers it may hold
        self.fixed: dict[Any, Node] = {}  # arrays that are the same in every step
        self.line: Any = None  # the line of the user's program that is being recorded

    def add(self, kind: str, args: tuple[Node, ...], shape: tuple[int, ...], dtype: Any, data: Any = None) -> Node:
        node = Node(kind, args, shape, np.dtype(dtype), data, self.line)
        self.nodes.append(node)
        return node

    # ------------------------------------------------------------------ what is needed

    def live(self) -> list[Node]:
        """The nodes that what remains of the step depends on, in order."""
        needed: set[Node] = set()
        stack = [*self.results, *self.writes.values(), *self.draws, *[n for n in self.nodes if n.kind == "call" and n.data.lasting]]
        while stack:
            node = stack.pop()
            if node not in needed:
                needed.add(node)
                stack.extend(node.args)
        return [n for n in self.nodes if n in needed]

    def numbered(self) -> list[Node]:
        """The live nodes, and the inputs that are only written to: a node's place here is its number."""
        found = dict.fromkeys(self.live())
        return [*found, *[i for i in self.writes if i not in found]]

    # ------------------------------------------------------------------ to read

    def names(self) -> dict[Node, str]:
        """A name for each node: inputs by theirs, others numbered."""
        found: dict[Node, str] = {}
        count = 0
        for node in self.live():
            if node.kind == "input" and node.data.name:
                found[node] = node.data.name
            else:
                found[node] = f"%{count}"
                count += 1
        return found

    def text(self, lines: bool = False) -> str:
        """One line for each value, and for each array that is changed."""
        names = self.names()
        rows = [f"{names[n]}: {spelled(n)} = {self.told(n, names)}" + (where(n.line) if lines else "") for n in names]
        rows += [f"{names.get(i, i.data.name)} ← {names[v]}" for i, v in self.writes.items()]
        if self.results:
            rows.append("return " + ", ".join(names[r] for r in self.results))
        return "\n".join(rows)

    def told(self, node: Node, names: dict[Node, str]) -> str:
        args = ", ".join(names[a] for a in node.args)
        match node.kind:
            case "input":
                return str(node.data.told())
            case "constant":
                return str(node.dtype.type(node.data))
            case "number":
                return f"number {node.data}"
            case "map":
                return f"{node.data!r}({args})"
            case "reduce":
                how, axes = node.data
                return f"{how} of {args} along {list(axes)}"
            case "join":
                return f"join of {args} along {node.data}"
            case "view":
                offset, strides = node.data
                return f"{args} from {offset} by {list(strides)}"
            case "call":
                return f"call {node.data.name}({args})"
            case "part":
                return f"part {node.data} of {args}"
        return f"{node.kind} {args}"


def spelled(node: Node) -> str:
    return f"{name_of(node.dtype)}{list(node.shape)}" if node.shape else name_of(node.dtype)


@cache
def name_of(dtype: np.dtype) -> str:
    return str(dtype)


def where(line: Any) -> str:
    return f"    # {line[0]}:{line[1]}" if line else ""


def fingerprint(array: np.ndarray) -> str:
    """A name for the entries of an array."""
    return sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:12]


def verify(program: Program) -> None:
    """Complain about a program that can't be right: a value used before it is there, shapes that don't meet."""
    seen: set[Node] = set()
    for node in program.nodes:
        for a in node.args:
            if a not in seen:
                raise AssertionError(f"{node!r} uses {a!r}, which comes later")
        if node.kind == "map" and node.shape != np.broadcast_shapes(*[a.shape for a in node.args]):
            raise AssertionError(f"{node.data} of {[a.shape for a in node.args]} has shape {node.shape}")
        if node.kind == "reduce" and node.args[0].size == node.size:
            raise AssertionError(f"{node!r} adds up nothing")
        if node.kind == "dot":
            a, b = node.args
            if any(layout(x).base.kind in ("constant", "number") for x in node.args):
                raise AssertionError(f"{node!r} multiplies what is not in memory")
            if a.shape[:-2] != b.shape[:-2] or a.shape[-1] != b.shape[-2]:
                raise AssertionError(f"a product of {a.shape} and {b.shape}")
        if node.kind == "added":
            g, i = node.args
            if g.shape[: len(i.shape)] != i.shape or g.shape[len(i.shape) :] != node.shape[1:] or i.dtype != np.int64:
                raise AssertionError(f"{g.shape} added up by {i.shape} is not {node.shape}")
        if node.kind == "join" and sum(a.shape[node.data] for a in node.args) != node.shape[node.data]:
            raise AssertionError(f"{[a.shape for a in node.args]} joined along {node.data} are not {node.shape}")
        if node.kind == "view":
            reach = node.data[0] + sum((n - 1) * s for n, s in zip(node.shape, node.data[1]) if n)
            if node.args[0].kind == "view" or node.args[0].kind != "input" and not 0 <= reach < max(node.args[0].size, 1):
                raise AssertionError(f"{node!r} looks beyond {node.args[0]!r}")
        seen.add(node)
    for node, value in program.writes.items():
        if node.kind != "input" or node.shape != value.shape or node.dtype != value.dtype:
            raise AssertionError(f"{value!r} does not fit into {node!r}")
