"""The largest learning rate at which gradient descent is stable, from the curvature of the loss.

    2 / λmax, λmax being the largest eigenvalue of the Hessian (LeCun, Simard and Pearlmutter, 1993)

The Hessian times a direction is the difference of two gradients, and those are values of the recorded step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .program import Program
from .running import Machine

TURNS = 40


def stable_limit(plan: Any) -> float | None:
    """2 / λmax where the parameters now are; None without a gradient or positive curvature, or where steps draw random numbers."""
    inputs, gradients = [], []
    for leaf, arriving in plan.arriving.values():
        node = next((n for n in plan.inputs if n.data.holder is leaf), None)
        if node is not None:
            inputs.append(node)
            gradients.append(arriving)
    whole = plan.machine.program
    if not inputs or whole.draws:
        return None
    part = Program()
    part.nodes, part.inputs, part.numbers, part.results = whole.nodes, whole.inputs, whole.numbers, gradients
    machine = Machine(part)
    start = {n: plan.now_at(n) if n.data.home is None else n.data.array for n in plan.inputs}
    for node, array in start.items():
        machine.bind(node, array.copy())
    machine.tell(1)
    sizes = [n.size for n in inputs]

    def gradient(move: np.ndarray) -> np.ndarray:
        at = 0
        for node, size in zip(inputs, sizes):
            machine.arrays[node][...] = start[node] + move[at : at + size].reshape(node.shape)
            at += size
        machine.run(1, 0)
        return np.concatenate([np.ravel(machine.seen(g)).astype(np.float64) for g in gradients])

    v = np.cos(np.arange(sum(sizes)) + 1.0)  # some direction that is orthogonal to nothing in particular
    v /= np.linalg.norm(v)
    scale = max(float(np.linalg.norm(np.concatenate([np.ravel(start[n]) for n in inputs]))), 1.0) * 1e-2
    largest = 0.0
    for _ in range(TURNS):
        h = (gradient(scale * v) - gradient(-scale * v)) / (2 * scale)
        norm = float(np.linalg.norm(h))
        if not np.isfinite(norm) or norm == 0:
            return None
        before, largest = largest, float(v @ h)
        v = h / norm
        if abs(largest - before) < 1e-4 * abs(largest):
            break
    return 2 / largest if largest > 0 else None
