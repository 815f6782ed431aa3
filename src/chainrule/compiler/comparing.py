"""How far machine code is from the function itself, in units in the last place."""

from __future__ import annotations

from typing import Any

import numpy as np


class Difference:
    """The largest deviation of each value that a step leaves behind: (name, largest, in units in the last place)."""

    def __init__(self, values: list[tuple[str, float, float]]) -> None:
        self.values = values

    @property
    def ulps(self) -> float:
        return max((u for _, _, u in self.values), default=0.0)

    def __str__(self) -> str:
        rows = [f"{name:40} {largest:12.3g} {ulps:12.1f} ulp" for name, largest, ulps in self.values]
        return "\n".join([f"{'value':40} {'largest':>12} {'of its scale':>12}", *rows])

    __repr__ = __str__


def agree(a: Any, b: Any) -> bool:
    """Whether two results are the same but for rounding, judged by the size of the whole.

    (Entry by entry would be too strict: where a gradient is nearly 0, Adam turns its rounding error into a step.)
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind != b.dtype.kind:
        return False
    if a.dtype.kind not in "f":
        return bool((a == b).all())
    x, y = a.ravel(), b.ravel()
    odd = ~np.isfinite(y)
    if odd.any():
        return bool(np.array_equal(x[odd], y[odd], equal_nan=True)) and agree(x[~odd], y[~odd])
    largest = float(np.max(np.abs(y), initial=0))
    return length(x - y) <= 2e-3 * length(y) + 1e-5 * x.size**0.5 * max(largest, 1e-3)


def length(x: np.ndarray) -> float:
    """√Σx², without a detour over a matrix product."""
    return float(np.add.reduce(np.square(x.ravel()), dtype=np.float64)) ** 0.5


def within_rounding(a: Any, b: Any, moved: Any) -> bool:
    """Whether two results differ by no more than one of them moves if what it is computed from is rounded otherwise."""
    a, b, moved = (np.asarray(x) for x in (a, b, moved))
    if a.shape != b.shape or a.dtype.kind != "f" or not np.isfinite([np.abs(x).max(initial=0) for x in (a, b, moved)]).all():
        return False
    return length(a - b) <= ROOM * length(a - moved)


ROOM = 30.0  # how many times as far


def measured(name: str, mine: Any, theirs: Any) -> tuple[str, float, float]:
    """The largest deviation, and that in units in the last place of the largest entry."""
    a, b = np.asarray(mine), np.asarray(theirs)
    if a.dtype.kind != "f":
        return name, float((a != b).sum()), float((a != b).sum())
    d = np.abs(a.astype(np.float64) - b.astype(np.float64))
    worst = float(np.nanmax(d, initial=0))
    unit = float(np.spacing(np.asarray(np.max(np.abs(b), initial=0), a.dtype)))
    return name, worst, worst / unit if worst else 0.0


def compare(plan: Any, function: Any, args: Any, named: Any) -> Difference:
    """Take the step both ways from the same start, and put everything back."""
    from ..tensors.random import default_generator

    if not plan.holds(args, named):
        raise RuntimeError(f"difference(): {plan.changed}; call the step once more first")
    machine = plan.machine
    arrays = {n: plan.now_at(n) if n.data.home is None else n.data.array for n in plan.inputs}
    start = {n: a.copy() for n, a in arrays.items()}
    counts = [(u, pack, pack.t, dict(pack.numbers)) for u in plan.updates for pack in u.packs]
    drawn = {id(default_generator): default_generator} | plan.generators
    states = [(g, g.get_state_bytes()) for g in drawn.values()]
    grads = [(t, t._grad) for t, _, _ in plan.entry]

    def back() -> None:
        for n, a in arrays.items():
            a[...] = start[n]
        for u, pack, t, found in counts:
            u.at(pack, t, dict(found))
        for g, state in states:
            g.set_state_bytes(state)
        for t, g in grads:
            t._grad = g

    result = plan.run(args, named)
    gradients = plan.compiled.gradients(result, args, named) if plan.way else []
    mine = {n: (a if n.data.home is None else n.data.array).copy() for n, a in arrays.items() if n in machine.program.writes}
    back()
    theirs = function(*args, **named)
    expected = plan.compiled.gradients(theirs, args, named) if plan.way else []
    found = [
        (n.data.name or "an array", mine[n], (arrays[n] if n.data.home is None else n.data.home._grad.array).copy())
        for n in mine
        if n.data.home is None or n.data.home._grad is not None
    ]
    back()
    values = [measured("the result", a, b) for a, b in zip(numbers(result), numbers(theirs))]
    return Difference(values + [measured(*f) for f in found] + [measured(n, a, b) for (n, a), (_, b) in zip(gradients, expected)])


def numbers(result: Any) -> list[Any]:
    from ..graph.value import Value

    if isinstance(result, Value):
        return [result.array]
    if isinstance(result, (tuple, list)):
        return [n for r in result for n in numbers(r)]
    if isinstance(result, dict):
        return [n for r in result.values() for n in numbers(r)]
    return [result] if isinstance(result, float) else []
