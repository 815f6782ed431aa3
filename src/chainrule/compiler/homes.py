"""Where a compiled step leaves the gradients of leaves: in memory of its own, unless somebody still holds what lies there."""

from __future__ import annotations

from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.value import Result, Value, new
from .program import Node
from .sources import GradientOf

if TYPE_CHECKING:
    from .running import Machine


class Homes:
    """The memory of the gradients that a step makes."""

    def __init__(self, inputs: list[Node], machine: Machine) -> None:
        self.machine = machine
        self.all = [(n, n.data) for n in inputs if n.data.home is not None]
        for node, data in self.all:
            if data.home._grad is not None:
                data.array[...] = data.home._grad.array
                place(data.home, data.array)
            machine.bind(node, data.array)  # which holds it too
        made = {id(data.home): n for n, data in self.all}
        # gradients that the step adds to before it makes new ones: the new ones of one step are the old ones of the next
        self.before = {
            n: made[id(n.data.holder.leaf)]
            for n in inputs
            if isinstance(n.data.holder, GradientOf) and id(n.data.holder.leaf) in made
        }
        self.alone = references(self.all[0][1]) if self.all else (0, 0)

    def spare(self) -> None:
        """Gradients that somebody still holds stay as they are: the next ones are written elsewhere."""
        for node, data in self.all:
            array, grad = references(data)
            if array > self.alone[0] - (grad == 0) or grad > self.alone[1]:
                self.move(node)

    def move(self, node: Node) -> None:
        node.data.array = np.empty_like(node.data.array)
        self.machine.bind(node, node.data.array)

    def follow(self, node: Node) -> bool:
        """The gradient that was made is now what is added to, so that the next one is made elsewhere; False if it is not so."""
        home = self.before.get(node)
        if home is None or node.data.holder.array is not home.data.array:
            return False
        node.data.array = home.data.array
        self.machine.bind(node, node.data.array)
        self.move(home)
        return True


def place(t: Value, buffer: np.ndarray) -> None:
    """Let the gradient of a leaf be what lies there."""
    grad = t._grad
    if grad is None or grad.array is not buffer:
        t._grad = grad = new(Result)
        grad.array = buffer
        grad.version = [0]
    grad.version[0] += 1


def references(data: Any) -> tuple[int, int]:
    """How many hold the array of a gradient, and how many the tensor with it, if the leaf has that now."""
    grad = data.home._grad
    return getrefcount(data.array), getrefcount(grad) if grad is not None and grad.array is data.array else 0
