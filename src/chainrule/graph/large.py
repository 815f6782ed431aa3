"""Large arrays, piece by piece: an elementwise formula of several steps makes its temporaries in the cache, on all cores.

An elementwise rule may be read on any part of its arrays, so a large one is cut into pieces of a fixed size. The result
does not depend on how many threads share them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..native.aligned import empty
from . import lanes

MANY = 1 << 13  # entries from which machine code pays where NumPy makes temporaries or converts
SINGLE = 1 << 16  # entries from which it pays where NumPy makes one pass, because all cores share it
LARGE = 1 << 18  # entries from which cutting up pays
SHORT = 4  # entries of a row from which taking row after row pays
PIECE = 1 << 16  # entries in a piece: with its temporaries it stays in a core's second-level cache
Shape = tuple[int, ...]


class Alike(NamedTuple):
    """Arrays that can be gone through together; ``places`` says how each of them lies, as in `lanes.Loop`."""

    arrays: list[np.ndarray]
    places: str
    shape: tuple[int, ...]
    row: int  # entries taken at a time, where some operands repeat; else 0

    def lines(self) -> list[np.ndarray]:
        """The arrays as lines, and single entries, where none repeats."""
        return [a.reshape(-1) if p == "=" else a for a, p in zip(self.arrays, self.places)]


def aligned(arrays: Any) -> Alike | None:
    """How arrays can be gone through together; None if there is no such way.

    >>> x = np.ones((2, 3, 4))
    >>> aligned([x, x, x[0], x[0, :1, :1]])[1:]
    ('==r0', (2, 3, 4), 12)
    >>> aligned([x, np.ones((2, 3, 1))])[1:]
    ('=c', (2, 3, 4), 4)
    """
    shape = arrays[0].shape
    for a in arrays:
        if a.shape != shape or not a.flags.c_contiguous:
            return repeating(arrays)
    return Alike(list(arrays), "=" * len(arrays) if shape else "0" * len(arrays), shape, 0)


def repeating(arrays: Any) -> Alike | None:
    """`aligned`, where some of the arrays are smaller or are one number seen from many places."""
    found = lying(tuple([(a.shape, a.strides, a.itemsize) for a in arrays]))
    if found is None:
        return None
    places, shape, row = found
    if "0" in places:
        arrays = [a[(0,) * a.ndim].reshape(()) if p == "0" and a.ndim else a for a, p in zip(arrays, places)]
    return Alike(list(arrays), places, shape, row)


@lru_cache(maxsize=512)
def lying(layouts: tuple[tuple[Shape, Shape, int], ...]) -> tuple[str, Shape, int] | None:
    """How arrays of these shapes, strides and bytes for an entry lie: ``places``, ``shape`` and ``row`` of an `Alike`."""
    shape = max([own for own, _, _ in layouts], key=lambda shape: (prod(shape), len(shape)))
    places, row, size = "", 0, prod(shape)
    for own, strides, itemsize in layouts:
        if len(own) > len(shape):
            return None
        here, step = "", 0
        if prod(own) == 1 or size and not any(strides) and own == shape:
            here = "0"
        elif not in_order(own, strides, itemsize):
            return None
        elif own == shape:
            here = "="
        else:
            wide = (1,) * (len(shape) - len(own)) + own
            ahead = next(i for i, n in enumerate(wide) if n != 1)
            behind = next(i for i, n in enumerate(reversed(wide)) if n != 1)
            if wide[ahead:] == shape[ahead:]:
                here, step = "r", prod(own)
            elif behind and wide[:-behind] == shape[:-behind]:
                here, step = "c", prod(shape[-behind:])
            if not here or row not in (0, step) or step < SHORT:
                return None
            row = step
        places += here
    return places, shape, row


def in_order(shape: Shape, strides: Shape, size: int) -> bool:
    """Whether entries of so many bytes lie one behind the other."""
    for n, step in zip(reversed(shape), reversed(strides)):
        if n != 1 and step != size:
            return False
        size *= n
    return True


def machine(op: Any, rule: Any, alike: Alike, read: Callable[..., Any]) -> np.ndarray | None:
    """What machine code makes of the arrays; None where there is none."""
    found = lanes.loop(op, rule, alike.arrays, read, alike.places)
    return None if found is None else found.run(alike.arrays, alike.shape, alike.row)


def forward(op: Any, *inputs: Any) -> Any:
    return op(*inputs)


def compute(op: Any, *arrays: np.ndarray) -> Any:
    """``op.compute(*arrays)``, in pieces where the arrays lie in memory in the same order."""
    alike = aligned(arrays)
    if alike is None:
        return op.compute(*arrays)
    if (found := machine(op, None, alike, forward)) is not None:
        return found
    shape = alike.shape
    if alike.row or prod(shape) < LARGE:
        return op.compute(*arrays)
    f, flat = op.compute, alike.lines()
    if isinstance(f, np.ufunc):
        first = f(*[a if a.ndim == 0 else a[:1] for a in flat])
        out = empty(shape, first.dtype)
        line = out.reshape(-1)
        share(lambda i, j: f(*[a if a.ndim == 0 else a[i:j] for a in flat], line[i:j]), line.size)
        return out
    return collect(lambda i, j: f(*[a if a.ndim == 0 else a[i:j] for a in flat]), shape)


def entries(op: Any, name: str, formula: Callable[..., Any], *arrays: Any) -> Any:
    """``formula(op, *arrays)``, by machine code where the arrays are large and lie in memory in the same order."""
    if arrays[0].size >= MANY and all(type(a) is np.ndarray for a in arrays) and (alike := aligned(arrays)) is not None:
        found = machine(op, name, alike, formula)
        if found is not None:
            return found
    return formula(op, *arrays)


def halves(op: Any, arrays: tuple[Any, ...]) -> Any:
    """An op on large arrays of float16 or bfloat16, widened and rounded in registers; None where there is no such code."""
    if max([a.size for a in arrays]) < MANY or (alike := aligned(arrays)) is None:
        return None
    return machine(op, None, alike, forward)


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
            alike = aligned((g, *saved))
            if alike is None or not saved or (made := machine(op, rule, alike, on_lanes(rule, node.saved))) is None:
                return None
            found.append(made)
    return found


def pull(rule: Any, op: Any, node: Any, g: Any) -> Any:
    """``rule(op, node, g)`` in pieces, for a rule that is elementwise in ``g`` and all that the node saved."""
    others = [s for s in node.saved if s is not None]
    saved = [s for s in others if isinstance(s, np.ndarray)]
    alike = aligned((g, *saved))
    factor = getattr(rule, "factor", None)
    if alike is None or alike.shape != g.shape or factor is None and not saved:
        return rule(op, node, g)
    if factor is not None and not saved and factor(op, node) in (0, 1):
        return rule(op, node, g)
    if len(saved) == len(others):
        made = machine(op, rule, alike, on_lanes(rule, node.saved) if saved else scaled(factor))
        if made is not None:
            return made
    if g.size < LARGE or alike.row:
        return rule(op, node, g)
    flat = alike.lines()
    upstream = flat[0] if flat[0].ndim else g.reshape(-1)
    parts = in_place(node.saved, flat[1:])

    def window(i: int, j: int) -> Window:
        return Window([p[i:j] if isinstance(p, np.ndarray) and p.ndim else p for p in parts])

    if factor is None:
        return collect(lambda i, j: rule(op, window(i, j), upstream[i:j]), g.shape)
    first = factor(op, window(0, 1))
    if not isinstance(first, np.ndarray | np.generic):  # a number
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


def scaled(factor: Any) -> Callable[..., Any]:
    """A rule whose local gradient is a number, likewise."""
    return lambda op, g: g * factor(op, Window([]))


def in_place(saved: Any, parts: Any) -> list[Any]:
    """What a node saved, with other things in place of its arrays."""
    others = iter(parts)
    return [next(others) if isinstance(s, np.ndarray) else s for s in saved]


class Native(NamedTuple):
    """Modules that are loaded only once there is something large."""

    lines: Any
    multiply: Any
    passes: Any


@cache
def native() -> Native:
    """An import each time would cost 1 µs."""
    from ..native import lines, multiply, passes

    return Native(lines, multiply, passes)


def add(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """a + b for two large arrays, into ``out`` if given."""
    arrays = (a, b) if out is None else (a, b, out)
    if a.dtype != b.dtype or any(x.shape != a.shape or not x.flags.c_contiguous for x in arrays):
        return np.add(a, b, out)
    if (found := native().passes.add(a, b, out)) is not None:
        return found
    if a.size < LARGE:
        return np.add(a, b, out)
    flat = [x.reshape(-1) for x in arrays]
    x, y = flat[:2]
    if out is None:
        return fill(lambda i, j, line: np.add(x[i:j], y[i:j], line), a.shape, a.dtype)
    z = flat[2]
    share(lambda i, j: np.add(x[i:j], y[i:j], z[i:j]), z.size)
    return out


def sum_ahead(x: np.ndarray, count: int) -> np.ndarray:
    """Σ x over its first axes, ``count`` of them."""
    columns = prod(x.shape[count:])
    if x.size >= SINGLE and columns >= 8 and x.flags.c_contiguous:
        found = native().lines.column_sums(x.reshape(-1, columns))
        if found is not None:
            return found.reshape(x.shape[count:])
    return np.add.reduce(x, tuple(range(count)))


class Window:
    """The part of a node's saved arrays that one piece of a rule reads."""

    __slots__ = ("saved", "shapes")

    def __init__(self, saved: list[Any]) -> None:
        self.saved = saved
        self.shapes = None


def collect(piece: Callable[[int, int], Any], shape: tuple[int, ...]) -> np.ndarray:
    """An array filled by ``piece(i, j)``, which gives the entries from i to j."""
    first = piece(0, 1)
    out = empty(shape, first.dtype)
    line = out.reshape(-1)

    def task(i: int, j: int) -> None:
        line[i:j] = piece(i, j)

    share(task, line.size)
    return out


def fill(piece: Callable[[int, int, np.ndarray], Any], shape: tuple[int, ...], kind: np.dtype) -> np.ndarray:
    """An array filled by ``piece(i, j, out)``, which writes the entries from i to j into ``out``."""
    result = empty(shape, kind)
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
