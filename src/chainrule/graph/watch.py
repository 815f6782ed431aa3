"""Watching the graph while it is recorded: each new node is shown to anomaly detection and to saved-tensor hooks.

As a rule nobody watches, and recording is the hottest path there is, so it does not ask. While somebody does, `made` takes
the place of the function that makes nodes; for hooks, which must see what a node keeps, it makes `Unfinished` ones.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

from ..base.modes import modes
from . import apply as hot
from .anomaly import anomaly, note
from .packing import pack_away
from .value import Node


class Unfinished(Node):
    """A node that is being recorded; it is complete, and an ordinary one, once `retained`, the last attribute, is set."""

    __slots__ = ()

    @property
    def retained(self) -> Any:
        return None

    @retained.setter
    def retained(self, value: Any) -> None:
        self.__class__ = Node  # type: ignore[assignment]
        self.retained = value
        completed(self)


def made() -> Node:
    if modes.packers:
        return Unfinished()
    node = Node()
    if anomaly.on:
        note(node, 2)
    return node


def completed(node: Node) -> None:
    """Give what a new node keeps to the saved-tensor hooks, and note where it was made."""
    if modes.packers:
        pack_away(node, *modes.packers[-1])
    if anomaly.on:
        note(node)


class Watchers:
    """How many watch, in all threads."""

    lock = Lock()
    count = 0


def watch(more: int) -> None:
    """Begin (1) or cease (−1) to watch."""
    with Watchers.lock:
        Watchers.count += more
        hot.new_node = made if Watchers.count else Node


def detect_anomaly(on: bool, check_nan: bool = True) -> None:
    """Note from now on where nodes are made, and look for NaN in backward passes; or no longer."""
    if on is not anomaly.on:
        watch(1 if on else -1)
    anomaly.on, anomaly.check_nan = on, check_nan


def push_packers(pack: Any, unpack: Any) -> None:
    """Give what nodes of this thread keep to ``pack``, and read what it returned through ``unpack``."""
    watch(1)
    modes.packers = (*modes.packers, (pack, unpack))


def pop_packers() -> None:
    watch(-1)
    modes.packers = modes.packers[:-1]
