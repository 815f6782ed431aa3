"""Large arrays, piece by piece: an elementwise formula of several steps makes its temporaries in the cache, on all cores.

An elementwise rule may be read on any part of its arrays, so a large one is cut into pieces of a fixed size. The result
does not depend on how many threads share them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from . import lanes

MANY = 1 << 13  # entries from which machine code pays where NumPy makes temporaries or converts
LARGE = 1 << 18  # entries from which cutting up pays
PIECE = 1 << 16  # entries in a piece: with its temporaries it stays in a core's second-level cache


def compute(op: Any, *arrays: np.ndarray) -> Any:
    """``op.compute(*arrays)``, in pieces where the arrays lie in memory in the same order."""
    flat = aligned(arrays)
    if flat is None:
        return op.compute(*arrays)
    shape = shape_of(arrays)
    machine = lanes.loop(op, None, flat, lambda op, *inputs: op(*inputs))
    if machine is not None:
        return machine.run(flat, shape)
    if prod(shape) < LARGE:
        return op.compute(*arrays)
    f = op.compute
    if isinstance(f, np.ufunc):
        first = f(*[a if a.ndim == 0 else a[:1] for a in flat])
        out = np.empty(shape, first.dtype)
        line = out.reshape(-1)
        share(lambda i, j: f(*[a if a.ndim == 0 else a[i:j] for a in flat], line[i:j]), line.size)
        return out
    return collect(lambda i, j: f(*[a if a.ndim == 0 else a[i:j] for a in flat]), shape)


def entries(op: Any, name: str, formula: Callable[..., Any], *arrays: Any) -> Any:
    """``formula(op, *arrays)``, by machine code where the arrays are large and lie in memory in the same order."""
    if arrays[0].size >= MANY and all(type(a) is np.ndarray for a in arrays) and (flat := aligned(arrays)) is not None:
        machine = lanes.loop(op, name, flat, formula)
        if machine is not None:
            return machine.run(flat, shape_of(arrays))
    return formula(op, *arrays)


def halves(op: Any, arrays: tuple[Any, ...]) -> Any:
    """An op on large arrays of float16 or bfloat16, widened and rounded in registers; None where there is no such code."""
    if max([a.size for a in arrays]) < MANY or (flat := aligned(arrays)) is None:
        return None
    machine = lanes.loop(op, None, flat, lambda op, *inputs: op(*inputs))
    return None if machine is None else machine.run(flat, shape_of(arrays))


def pull_halves(op: Any, node: Any, g: np.ndarray) -> list[Any] | None:
    """The gradients of an op on large arrays of halves, likewise."""
    if g.size < MANY or node.shapes is not None or not all(s is None or type(s) is np.ndarray for s in node.saved):
        return None
    found: list[Any] = []
    for edge, rule in zip(node.edges, op.rules):
        saved = [s for s in node.saved if s is not None]
        if edge is None or rule is None:
            found.append(None)
        elif not saved and hasattr(rule, "factor"):
            factor = rule.factor(op, node)
            if factor not in (1, -1):
                return None
            found.append(g if factor == 1 else -g)
        else:
            flat = aligned((g, *saved))
            if flat is None or not saved or (machine := lanes.loop(op, rule, flat, on_lanes(rule, node.saved))) is None:
                return None
            found.append(machine.run(flat, g.shape))
    return found


def shape_of(arrays: Any) -> tuple[int, ...]:
    """The shape of what comes of arrays that are `aligned`."""
    shapes = [a.shape for a in arrays]
    return max(shapes, key=lambda shape: (prod(shape), len(shape)))


def pull(rule: Any, op: Any, node: Any, g: Any) -> Any:
    """``rule(op, node, g)`` in pieces, for a rule that is elementwise in ``g`` and all that the node saved."""
    saved = [s for s in node.saved if isinstance(s, np.ndarray)]
    flat = aligned((g, *saved))
    factor = getattr(rule, "factor", None)
    if flat is None or factor is None and not saved:
        return rule(op, node, g)
    if saved and all(s is None or isinstance(s, np.ndarray) for s in node.saved):
        machine = lanes.loop(op, rule, flat, on_lanes(rule, node.saved))
        if machine is not None:
            return machine.run(flat, g.shape)
    if g.size < LARGE:
        return rule(op, node, g)
    upstream = flat[0]
    parts = in_place(node.saved, flat[1:])

    def window(i: int, j: int) -> Window:
        return Window([p[i:j] if isinstance(p, np.ndarray) and p.ndim else p for p in parts])

    if factor is None:
        return collect(lambda i, j: rule(op, window(i, j), upstream[i:j]), g.shape)
    first = factor(op, window(0, 1))
    if not isinstance(first, np.ndarray | np.generic):  # a number
        if first in (0, 1):
            return rule(op, node, g)
        times = np.array(first, g.dtype)
        return fill(lambda i, j, out: np.multiply(upstream[i:j], times, out), g.shape, g.dtype)
    if np.result_type(first.dtype, g.dtype) != g.dtype:
        return collect(lambda i, j: rule(op, window(i, j), upstream[i:j]), g.shape)
    return fill(lambda i, j, out: np.multiply(upstream[i:j], factor(op, window(i, j)), out), g.shape, g.dtype)


def on_lanes(rule: Any, saved: Any) -> Callable[..., Any]:
    """A rule as a function of the gradient and the arrays that a node saved; it keeps nothing of the node alive."""
    there = tuple([s is not None for s in saved])

    def read(op: Any, g: Any, *arrays: Any) -> Any:
        left = iter(arrays)
        return rule(op, Window([next(left) if t else None for t in there]), g)

    return read


def in_place(saved: Any, parts: Any) -> list[Any]:
    """What a node saved, with other things in place of its arrays."""
    others = iter(parts)
    return [next(others) if isinstance(s, np.ndarray) else s for s in saved]


def add(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """a + b for two large arrays, into ``out`` if given."""
    flat = aligned((a, b) if out is None else (a, b, out))
    if flat is None or a.dtype != b.dtype:
        return np.add(a, b, out)
    x, y = flat[:2]
    if out is None:
        return fill(lambda i, j, line: np.add(x[i:j], y[i:j], line), a.shape, a.dtype)
    z = flat[2]
    share(lambda i, j: np.add(x[i:j], y[i:j], z[i:j]), z.size)
    return out


class Window:
    """The part of a node's saved arrays that one piece of a rule reads."""

    __slots__ = ("saved", "shapes")

    def __init__(self, saved: list[Any]) -> None:
        self.saved = saved
        self.shapes = None


def aligned(arrays: Any) -> list[np.ndarray] | None:
    """The arrays as lines that run alike through memory, single entries as 0-dim arrays; None if there is no such view."""
    shape = shape_of(arrays)
    lines = []
    for a in arrays:
        if a.size == 1 and a.ndim <= len(shape):
            lines.append(a.reshape(()))
        elif a.shape != shape or not (a.flags.c_contiguous or not any(a.strides)):
            return None
        else:
            lines.append(a.reshape(-1))
    return lines


def collect(piece: Callable[[int, int], Any], shape: tuple[int, ...]) -> np.ndarray:
    """An array filled by ``piece(i, j)``, which gives the entries from i to j."""
    first = piece(0, 1)
    out = np.empty(shape, first.dtype)
    line = out.reshape(-1)

    def task(i: int, j: int) -> None:
        line[i:j] = piece(i, j)

    share(task, line.size)
    return out


def fill(piece: Callable[[int, int, np.ndarray], Any], shape: tuple[int, ...], kind: np.dtype) -> np.ndarray:
    """An array filled by ``piece(i, j, out)``, which writes the entries from i to j into ``out``."""
    result = np.empty(shape, kind)
    line = result.reshape(-1)
    share(lambda i, j: piece(i, j, line[i:j]), line.size)
    return result


def share(task: Callable[[int, int], Any], size: int) -> None:
    """Call ``task(i, j)`` for consecutive pieces that cover ``range(size)``, on all cores."""
    from ..base.threads import parallel

    def run(start: int, stop: int) -> None:
        for i in range(start * PIECE, min(stop * PIECE, size), PIECE):
            task(i, min(i + PIECE, size))

    parallel(run, -(-size // PIECE), size)
