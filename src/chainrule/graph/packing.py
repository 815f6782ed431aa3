"""Saved-tensor hooks: what a node keeps for its rules is given to ``pack``, and what that returns is kept in its place.

::

    recording    array ──tensor──▶ pack ──▶ anything at all
    backward     anything at all ──▶ unpack ──tensor──▶ array

So a program may move kept values elsewhere, make them smaller, or throw them away and compute them again.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.errors import message
from ..base.modes import modes
from .kept import cells, kept
from .promote import StandIn
from .value import Leaf, Node, Value, wrap

ndarray = np.ndarray


class Packed:
    """What ``pack`` returned for one array, and a weak look at that array (`renew` must know what was packed)."""

    __slots__ = ("held", "pack", "unpack", "array")

    def __init__(self, array: ndarray, source: Node | None, pack: Callable[..., Any], unpack: Callable[..., Any]) -> None:
        self.array = weakref.ref(array)
        self.pack, self.unpack = pack, unpack
        self.held = packed(array, source, pack)

    def open(self) -> ndarray:
        value = self.unpack(self.held)
        if not isinstance(value, Value):
            raise TypeError(
                message(
                    f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(value).__name__}",
                    "a rule is going to compute with it",
                )
            )
        return value.array


def packed(array: ndarray, source: Node | None, pack: Callable[..., Any]) -> Any:
    """What ``pack`` makes of an array, shown to it as a tensor, without recording what it does."""
    leaf = source.target() if type(source) is Leaf else None  # type: ignore[attr-defined]
    value = leaf if leaf is not None and leaf.array is array else wrap(array, source)
    before, modes.grad = modes.grad, False
    version = value.version[0]
    try:
        held = pack(value)
    finally:
        modes.grad = before
    if value.version[0] != version:
        raise RuntimeError(
            message(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be "
                "modified by in-place operations as this can lead to unexpected side-effects.",
                "the operation that kept it, and the program, still use these entries",
                "x.clone().op_(…), or an operation that is not in-place",
            )
        )
    return held


class Hooked(StandIn):
    """The op of a node whose kept arrays were packed: they are unpacked each time its rules are read."""

    by_rows = False

    def __init__(self, op: Any, node: Node) -> None:
        super().__init__(op)
        self.node = weakref.ref(node)

    def opened(self, node: Node, recorded: bool = False) -> Node:
        """The node with its arrays unpacked; as values with a history, if what its rules compute is recorded."""
        open_ = Node()
        open_.op, open_.edges, open_.shapes, open_.guards = self.op, node.edges, node.shapes, ()
        open_.saved = tuple([unpacked(s) for s in node.saved])
        if recorded and not is_joint(open_):
            sources = (*node.edges, self.node())
            open_.saved = tuple([as_value(s, source) for s, source in zip(open_.saved, sources)])
        return open_

    def pull(self, node: Node, g: Any) -> Any:
        return self.op.pull(self.opened(node, modes.grad), g)


def is_joint(node: Node) -> bool:
    return len(node.saved) == 2 and isinstance(node.saved[1], list)


def as_value(s: Any, source: Node | None) -> Any:
    return wrap(s, source) if isinstance(s, ndarray) and s.dtype.kind in "fcV" else s


def unpacked(s: Any) -> Any:
    if isinstance(s, Packed):
        return s.open()
    return type(s)([unpacked(part) for part in s]) if type(s) in (tuple, list) else s


def pack_away(node: Node, pack: Callable[..., Any], unpack: Callable[..., Any]) -> None:
    """Let a new node keep what ``pack`` returns instead of the tensors its rules need; plain numbers it keeps as they are."""
    if not node.saved:
        return

    def each(s: Any, source: Node | None = None) -> Any:
        if isinstance(s, ndarray):
            return Packed(s, source, pack, unpack)
        return type(s)([each(part) for part in s]) if type(s) in (tuple, list) else s

    if is_joint(node):
        inner, inputs = node.saved
        node.saved = (each(inner), [each(s, source) for s, source in zip(inputs, node.edges)])
    else:
        tensors = cells(node)
        node.saved = tuple([each(s, source) if i in tensors else s for i, (s, source) in enumerate(kept(node))])
    node.guards = ()
    node.op = Hooked(node.op, node)  # type: ignore[assignment]


def renew(node: Node, memory: ndarray) -> None:
    """Pack copies of those arrays of a node that are about to be written over."""

    def each(s: Any) -> Any:
        if isinstance(s, Packed):
            array = s.array()
            if array is not None and np.may_share_memory(array, memory):
                return Packed(array.copy(), None, s.pack, s.unpack)
            return s
        return type(s)([each(part) for part in s]) if type(s) in (tuple, list) else s

    node.saved = tuple([each(s) for s in node.saved])
