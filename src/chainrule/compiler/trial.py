"""A program on trial: carried out on copies of what a recorded call began with, and compared with what that call did."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.lib.array_utils import byte_bounds

from .comparing import agree, within_rounding
from .program import Node, copied
from .running import Machine
from .sources import GradientOf

if TYPE_CHECKING:
    from .plan import Plan


def overlaps(plan: Plan, machine: Machine) -> str:
    """Arrays of which one is written to must not share memory."""
    where = [(*byte_bounds(n.data.array), n) for n in plan.inputs if n.size]
    where.sort(key=lambda w: w[0])
    for i, (_, end, n) in enumerate(where):
        for start, _, other in islice(where, i + 1, None):
            if start >= end:
                break
            if n in machine.program.writes or other in machine.program.writes:
                w, x = (n, other) if n in machine.program.writes else (other, n)
                return f"{w.data.name or 'an array'} and {x.data.name or 'another'} share memory, and one of them is written to"
    return ""


def tried(plan: Plan, machine: Machine, before: dict[int, np.ndarray], state: Any) -> str:
    """Carry the program out on copies of what the recorded call began with, and compare with what that call did.

    Where both differ by more than rounding should, it is carried out once more with each input in another rounding:
    Adam makes a whole step of a gradient that is 0 but for rounding errors. Gives what speaks against the program.
    """
    if not carried_out(plan, machine, before, state, 0.0):
        return "a random generator was drawn from in a way that was not seen"
    given = [np.asarray(r if isinstance(x, Node) else x) for x, r in plan.form.leaves]
    given += [np.asarray(g) for g in plan.way.gradients] if plan.way else []
    pairs = [("the result" if i < len(plan.form.leaves) else "a gradient", machine.seen(n), x)
             for i, (n, x) in enumerate(zip(machine.program.results, given))]  # fmt: skip
    for node in plan.inputs:
        real = read(plan, node) if node.data.home is None else node.data.home._grad
        if node.data.home is not None:
            if real is None:
                continue
            real = real.array
        if node in machine.program.writes:
            pairs.append((node.data.name or "an array", machine.arrays[node], real))
        elif id(node.data.array) in before and not np.array_equal(before[id(node.data.array)], real, equal_nan=True):
            return f"{node.data.name or 'an array'} was changed in a way that was not seen"
    apart = [(name, mine, np.array(mine), theirs) for name, mine, theirs in pairs if not agree(mine, theirs)]
    if apart:
        places = {id(mine): node for node, mine in machine.arrays.items()}
        carried_out(plan, machine, before, state, 1.0)
    for name, mine, first, theirs in apart:
        moved = machine.arrays[places[id(mine)]] if id(mine) in places else mine
        if not within_rounding(first, theirs, moved):
            worst = float(np.max(np.abs(np.asarray(first, float) - np.asarray(theirs, float)), initial=0))
            return f"{name} came out differently when it was tried, by up to {worst:.3g}"
    return ""


def read(plan: Plan, node: Node) -> Any:
    """What an input is by now; of a gradient, the one that the call began with."""
    return node.data.array if isinstance(node.data.holder, GradientOf) else plan.now_at(node)


def carried_out(plan: Plan, machine: Machine, before: dict[int, np.ndarray], state: Any, units: float) -> bool:
    """Carry the program out on copies of what a call began with, moved by some units in the last place.

    Whether it drew as many random numbers as the call did.
    """
    signs = mixed_signs(max([node.size for node in plan.inputs], default=0)) if units else None
    for node in plan.inputs:
        start = before.get(id(node.data.array))
        copy = copied(node.data.array if start is None else start)
        if signs is not None and copy.dtype.kind == "f":
            copy *= (1 + units * np.finfo(copy.dtype).eps * signs[: node.size].reshape(copy.shape)).astype(copy.dtype)
        machine.bind(node, copy)
    after = [(g, g.get_state_bytes()) for g, _ in state]
    try:
        for g, bytes_ in state:
            g.set_state_bytes(bytes_)
        with ExitStack() as back:
            for update in plan.updates:
                back.enter_context(update.taken_back())
            machine.tell(1)
        machine.run(1, 0)
        return all(g.get_state_bytes() == bytes_ for g, bytes_ in after)
    finally:
        for g, bytes_ in after:
            g.set_state_bytes(bytes_)


def mixed_signs(n: int) -> np.ndarray:
    """n times 1 or −1, without a pattern that a computation might share."""
    return 1 - 2 * (np.arange(n, dtype=np.uint32) * np.uint32(2654435761) >> 31).astype(np.int8)


def checksum(array: np.ndarray) -> int:
    """By which a change of entries is noticed."""
    return crc32(np.ascontiguousarray(array).view(np.uint8).reshape(-1)) if array.size else 0  # type: ignore[arg-type]
