"""One way back made to run: the gradients of inputs and parameters, given those of the results and what a call has kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..native.address import address
from .parting import Back
from .program import Node
from .running import Machine

if TYPE_CHECKING:
    from .paired import Frame, Kept

ndarray = np.ndarray
NOTHING = np.empty(0, np.float32)


class Returning:
    """The machine of a way back, and what it is given at each call."""

    def __init__(self, back: Back) -> None:
        self.back = back
        self.machine = Machine(back.program)
        self.machine.tell(1)
        for node in back.kept:
            node.data.array = NOTHING  # each call has its own
        self.gradients = back.gradients
        self.places = [n for n in dict.fromkeys(back.gradients) if n is not None and n.kind == "input"]
        self.bound: Frame | None = None
        self.at_once: Any = None  # what runs the machine in one call, if that is known to do

    def hastened(self, order: list[int]) -> None:
        """From now on gradients come in this order, and as quickly as can be; the machine has run."""
        self.gradients = [self.back.gradients[i] for i in order]
        self.at_once, outside = self.machine.at_once(), self.machine.outside
        self.given = [(i, outside[n], n) for i, n in self.back.cotangents.items() if n in outside]
        self.made = [None if n is None else (outside[n], n.shape, n.dtype) for n in self.gradients] if self.at_once else []

    def __call__(self, kept: Kept, gs: list[Any]) -> list[Any]:
        """The gradients of the sources; None for those that no gradient of a result leads to."""
        back, arrays, bind = self.back, self.machine.arrays, self.machine.bind
        if kept.frame is not self.bound:
            for node, array in zip(back.kept, kept.frame.arrays):
                bind(node, array)
            self.bound = kept.frame
        for node, array in zip(back.shared, kept.shared):
            if arrays.get(node) is not array:
                bind(node, array)
        return self.quickly(gs) if self.at_once is not None else self.step_by_step(kept, gs)

    def quickly(self, gs: list[Any]) -> list[Any]:
        """Where the table is all that the machine looks into."""
        table = self.machine.table
        found: list[Any] = []
        alive = []
        for i, place, node in self.given:
            alive.append(g := np.ascontiguousarray(gs[i], node.dtype))
            table[place] = address(g)
        for spot in self.made:
            if spot is None:
                found.append(None)
                continue
            place, shape, dtype = spot
            found.append(array := np.empty(shape, dtype))
            table[place] = address(array)
        self.at_once(self.machine.address, 0, 1)
        return found

    def step_by_step(self, kept: Kept, gs: list[Any]) -> list[Any]:
        """Where Python's code is in between, or work is shared."""
        back, machine = self.back, self.machine
        arrays, bind = machine.arrays, machine.bind
        for node, given in zip(back.parts, kept.parts):
            if type(given) is ndarray:
                bind(node, given)
            else:
                arrays[node] = given
        for i, node in back.cotangents.items():
            bind(node, np.ascontiguousarray(gs[i], node.dtype).reshape(node.shape))
        for node in self.places:
            bind(node, np.empty(node.shape, node.dtype))
        machine.run(1, 0)
        found = [None if n is None else arrays[n] for n in self.gradients]  # two may be one
        for node in (*back.parts, *back.cotangents.values(), *self.places, *back.program.results):
            arrays.pop(node, None)
        return found

    def apart(self, there: dict[Node, Any], kept: list[Node], parts: list[Node], shared: list[Node]) -> Machine:
        """The machine on copies, each kernel a function of its own, given the arrays of a machine that has been there."""
        back = self.back
        given = {n: n.data.array for n in back.cotangents.values()} | {n: np.zeros(n.shape, n.dtype) for n in self.places}
        for theirs, mine in ((kept, back.kept), (parts, back.parts), (shared, back.shared)):
            given |= {b: there[a] for a, b in zip(theirs, mine)}
        return self.machine.on_copies(given)
