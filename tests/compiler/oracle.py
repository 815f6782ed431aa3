"""Each kernel of a step carried out twice from the same memory: as machine code, and by `native.interpret`."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from chainrule.compiler.blueprint import FIRST
from chainrule.compiler.emission import Segment
from chainrule.compiler.program import Node, copied
from chainrule.compiler.running import Machine
from chainrule.native.finishing import run_row
from chainrule.native.interpret import DTYPES, interpret


def parted(step: Any) -> list[str]:
    """The kernels that leave other entries than their instructions say; a step is taken on copies of what is there now."""
    plan = step.plan_now("oracle")
    machine = Machine(plan.machine.program, apart=True)
    for node in plan.inputs:
        machine.bind(node, copied(plan.machine.arrays[node]))
    machine.tell(1)
    machine.run(1, 0)
    found = []
    for i, part in enumerate(machine.module.order):
        if isinstance(part, Segment):
            found += difference(machine, i, part)
        else:
            machine.call(part)
    return found


def difference(machine: Machine, place: int, part: Segment) -> list[str]:
    """What the one kernel of a segment leaves otherwise than its instructions say."""
    (emission,) = part.kernels
    told = {"thread": 0, "last": 1}
    if not emission.pieces:  # by code that has tests of its own
        if emission.taker is None:
            machine.only(place)
            return []
        told, emission = told | handed_on(machine, emission.groups[0].nodes[0]), emission.taker
    parameters = emission.kernel.parameters
    given = dict(zip(parameters, emission.given))
    told = {p: told[name] for p, name in given.items() if name in told}
    buffers = {name: memory(machine, given[name]) for name in parameters if name not in ("piece", *told)}
    mine = {name: buffer.copy() for name, buffer in buffers.items()}
    for piece in range(emission.pieces):
        interpret(emission.kernel, *[({"piece": piece} | told).get(p, mine.get(p)) for p in parameters])
    machine.only(place)
    return [
        f"{emission.name}: {name} by up to {np.max(np.abs(mine[name] - buffers[name]), initial=0):.3g}"
        for name in buffers
        if not np.allclose(mine[name], buffers[name], rtol=3e-6, atol=1e-6, equal_nan=True)
        and given[name] not in machine.module.local
    ]


def handed_on(machine: Machine, product: Node) -> dict[str, Any]:
    """What a loop is told that takes all of a product's entries."""
    (m, n), row = product.shape, run_row(product.shape[1])
    c = np.zeros((m, row), product.dtype)
    c[:, :n] = np.matmul(*map(machine.seen, product.args))
    return {"c": c, "i": 0, "i_end": m, "j": 0, "j_end": n}


def memory(machine: Machine, name: str) -> np.ndarray:
    """All of the memory that a kernel's parameter points to, as one row of entries."""
    if name == "numbers":
        return machine.numbers.reshape(-1)
    slot = machine.module.slots_at(name)
    key = next(k for k, s in machine.module.slots.items() if s == slot - FIRST)
    if isinstance(key, Node) and key.kind in ("constant", "number"):  # nobody reads it
        return np.zeros(1, key.dtype)
    if isinstance(key, Node):
        dtype = key.dtype
        array = machine.arrays[key]
        size = 1 + sum((n - 1) * s // array.itemsize for n, s in zip(array.shape, array.strides)) if array.size else 0
    else:
        size, kind = machine.module.rooms[key]
        dtype = np.dtype(DTYPES[kind])
    raw = (ctypes.c_char * (size * dtype.itemsize)).from_address(machine.table[slot])
    return np.frombuffer(raw, dtype)
