"""Entries picked from places: moved around, joined, looked up by number; and what comes back to them, added up.

Where an op only moves entries, it is tried once on their numbers, and those of the result say where each comes from.
Looking rows up by number is a pick; adding gradients up by row is, for few rows, a product with ones and zeros.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...ops.logic import where
from ..entrywise import Picked
from ..program import dense, layout
from ..registry import joint, op, pull
from ..symbolic import Sym, broadcast, converted, filled, joined, laid_out, viewed
from ..symbolic import in_memory as laid_down
from .constants import array, limited, refuse

MOST = 1 << 16  # entries up to which places are kept as numbers
NONE = -(1 << 62)  # what is looked up where there is nothing, of whole numbers
FEW = 1 << 12  # rows added up, times those that they are added to, up to which that is a product
SEVERAL = 8  # arrays that are joined so


def from_places(x: Sym, places: Any, line: int = 0) -> Sym:
    """The entries of x at places counted as they lie in memory; a ``line`` of so many from each."""
    x = laid_down(x)
    shape = (*places.shape[:-1], line) if line else places.shape
    here = layout(x.node)
    if x.dtype.char not in "fdl" or 0 in x.shape:
        refuse("entries of such a dtype")
    reach = 1 + sum((n - 1) * s for n, s in zip(x.shape, here.strides))
    shown = viewed(x.program, here.base, shape, here.offset, (0,) * len(shape))
    node = x.program.add("map", (shown.node, places.node), shape, x.dtype, Picked(reach, line))
    return Sym(x.program, node)


def in_memory(x: Sym, numbers: np.ndarray) -> np.ndarray:
    """Where entries lie whose numbers, in the order of reading, are given."""
    found = np.zeros(numbers.shape, np.int64)
    for i, s in zip(np.unravel_index(numbers, x.shape) if x.ndim else (), layout(x.node).strides):
        found += i * s
    return found


def moved(how: Any, *inputs: Sym, fill: float = 0.0) -> Sym:
    """What ``how`` makes of arrays by moving entries: found by doing it with their numbers, from 1 on; 0 where none went."""
    if len(inputs) > SEVERAL:
        refuse("so many arrays")
    inputs = tuple(map(laid_down, inputs))
    tokens, first = [], 1
    for x in inputs:
        tokens.append(np.arange(first, first + x.size, dtype=np.float64).reshape(x.shape))
        first += x.size
    numbers = np.asarray(how(*tokens)).astype(np.int64)
    if numbers.size * len(inputs) > MOST or not numbers.size:
        refuse("so many entries")
    y: Any = None
    first = 1
    for x in inputs:
        here = (numbers >= first) & (numbers < first + x.size)
        picked = from_places(x, array(x, in_memory(x, np.where(here, numbers - first, 0))))
        if y is None:
            y = picked if here.all() else where(array(x, here), picked, fill)
        else:
            y = where(array(x, here), picked, y)
        first += x.size
    return y


@op("Flip", "Roll", "Rot90", "Repeat", "Tril", "Triu", "DiagEmbed", "DiagonalCopy", "Pad", "BlockDiag",
    "PixelShuffle", "PixelUnshuffle", "ChannelShuffle")  # fmt: skip
def rearranged(op: Any, *inputs: Sym) -> Any:
    """Entries at other places, and 0 elsewhere."""
    found = op.compute if not hasattr(op, "formula") else lambda *x: op.compute(*x)[0]
    return moved(found, *inputs)


@op("Place")
def place(op: Any, x: Sym) -> Any:
    """0 but y[key] = x; a large block is joined with the zeros around it"""
    return moved(op.compute, x) if prod(op.shape) <= MOST else framed(x, op.key, op.shape)


def framed(x: Sym, key: Any, shape: tuple[int, ...]) -> Sym:
    """A block of entries next to each other within zeros."""
    whole = np.empty(shape, np.int8)
    block = whole[key]
    start = block.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    lengths = {s: n for n, s in zip(block.shape, block.strides) if n > 1}
    if not set(lengths) <= set(whole.strides) or 1 in shape:
        refuse("entries that lie apart")
    y = x.reshape(tuple(lengths.get(s, 1) for s in whole.strides))
    for d, first in reversed(list(enumerate(np.unravel_index(start, shape)))):
        before, after = list(y.shape), list(y.shape)
        before[d], after[d] = int(first), shape[d] - int(first) - y.shape[d]
        frame = [filled(x.program, tuple(n), x.dtype, 0.0) if n[d] else None for n in (before, after)]
        parts = [part for part in (frame[0], y, frame[1]) if part is not None]
        y = joined(parts, d) if len(parts) > 1 else y
    return y


@op("ConstantPadNd")
def padded(op: Any, x: Sym) -> Any:
    """x within a frame of one number"""
    return moved(type(op)(op.pads, 0.0).compute, x, fill=float(op.value))


@pull("Unbind", "Split", "SplitWithSizes")
def joined_again(op: Any, node: Any, g: list[Any]) -> Any:
    """The parts, joined again; zeros for those that nobody used"""
    there = next(d for d in g if d is not None)
    zeros = [filled(there.program, s, there.dtype, 0.0) for s in node.shapes] if any(d is None for d in g) else g
    return [op.back().compute(*[z if d is None else d for d, z in zip(g, zeros)])]


@pull("PixelShuffle", "PixelUnshuffle", "ChannelShuffle", "Repeat")
def unreadable(op: Any, node: Any, g: Any) -> Any:
    return refuse("a pullback by its own code")


# ---------------------------------------------------------------------- looked up by number


def known(i: Sym, n: int) -> tuple[Any, Any]:
    """Whole numbers from 0 to below n, and whether they were so."""
    limited(i, 0, n)
    valid = (i >= 0) & (i < n)
    return where(valid, i, 0), valid


def rows(w: Sym, i: Sym, dim: int) -> Sym:
    """w[…, i, …] along one axis; NaN for numbers that are none of it"""
    place, valid = known(i, w.shape[dim])
    strides = layout(w.node).strides
    shape = (*w.shape[:dim], *i.shape, *w.shape[dim + 1 :])
    after = w.ndim - dim - 1
    total = (place * strides[dim] if strides[dim] != 1 else place).reshape((*[1] * dim, *i.shape, *[1] * after))
    line = shape[-1] if after and shape[-1] > 1 and strides[-1] == 1 else 0
    for d, (n, s) in enumerate(zip(w.shape[:-1] if line else w.shape, strides)):
        if d != dim and n > 1:
            at = d if d < dim else d + i.ndim - 1
            total = total + array(w, (np.arange(n) * s).reshape([n if e == at else 1 for e in range(len(shape))]))
    places = (*shape[:-1], 1) if line else shape
    y = from_places(w, broadcast(total, places) if total.shape != places else total, line)
    return where(valid.reshape((*[1] * dim, *i.shape, *[1] * after)), y, float("nan") if y.dtype.kind == "f" else NONE)


def added(g: Sym, i: Sym, n: int) -> Sym:
    """y[k, …] = Σ g[j, …] over all j with i[j] = k; for few rows, a product with ones and zeros"""
    count = i.size
    if i.dtype.char != "l":
        refuse("indices of another dtype")
    if n * count > FEW:
        limited(i, 0, n)
        rest = g.shape[i.ndim :]
        if layout(g.node).strides[i.ndim :] != dense(rest):
            g = laid_out(g)
        return Sym(g.program, g.program.add("added", (laid_down(g).node, i.node), (n, *rest), g.dtype))
    hit = array(i, np.arange(n).reshape(n, 1)) == i.reshape(1, count)
    flat = g.reshape(count, g.size // count)
    return converted(hit, g.dtype) @ flat


@op("Embedding")
def embedding(op: Any, w: Sym, i: Sym) -> Any:
    """w[i, :]"""
    if i.dtype.char != "l":
        refuse("indices of another dtype")
    return rows(w, i, 0)


@op("EmbeddingGradient")
def embedding_gradient(op: Any, g: Sym, i: Sym) -> Any:
    """Σ g[j, :] where i[j] = k"""
    if op.by_frequency:
        refuse("rows divided by how often they were looked up")
    y = added(g, i, op.shape[0])
    if op.padding >= 0:
        y = where(array(g, (np.arange(op.shape[0]) == op.padding).reshape(-1, 1)), 0.0, y)
    return y


@joint("EmbeddingBag")
class EmbeddingBagReading:
    """y[b, :] = Σ w[i[n], :] over the n of a bag, or its mean; which bag is known for each n"""

    @staticmethod
    def forward(op: Any, w: Sym, i: Sym, bag: Sym, scale: Any = None) -> Any:
        known: list[np.ndarray] = entries_of(bag) or refuse("bags that are not known")
        if op.mode == "max" or op.by_frequency or scale is not None or i.dtype.char != "l":
            refuse("the largest, or rows that are scaled")
        counts = np.maximum(np.bincount(known[0], minlength=op.bags), 1) if op.mode == "mean" else np.ones(op.bags)
        share = array(w, (1 / counts).astype(w.dtype).reshape(-1, 1))
        return added(rows(w, i, 0), bag, op.bags) * share, (w.shape, i, known[0], share)

    @staticmethod
    def pull(op: Any, g: Sym, kept: Any, needs: Any) -> list[Any]:
        shape, i, bag, share = kept
        each = moved(lambda g: g[bag], g * share)
        return [added(each, i, shape[0]), *[None] * (len(needs) - 1)]


@op("IndexSelect")
def index_select(op: Any, x: Sym, i: Sym) -> Any:
    """x[…, i, …]"""
    if i.dtype.char != "l" or i.ndim != 1 or not x.ndim:
        refuse("indices of another dtype")
    return rows(x, i, op.dim)


def entries_of(*indices: Any) -> list[np.ndarray] | None:
    """The entries of arrays that were made for the step, and are the same each time; None if some are not."""
    nodes = [i.node for i in indices if isinstance(i, Sym)]
    if len(nodes) < len(indices) or any(n.kind != "input" or n.data.lasting for n in nodes):
        return None
    for i, n in zip(indices, nodes):
        i.program.static[n] = None
    return [n.data.array for n in nodes]


@op("Index", "PackPaddedSequence")
def index(op: Any, x: Sym, *indices: Sym) -> Any:
    """x[…, i, …, j, …] for arrays of indices, which from −1 down count from the end"""
    known = entries_of(*indices)
    if known is not None and x.size <= MOST:
        return moved(lambda x: op.compute(x, *known), x)
    dim, i, shape = one_index(op.pattern, x.shape, indices)
    return rows(x.reshape(shape), i, dim)


def one_index(pattern: tuple[bool, ...], shape: tuple[int, ...], indices: tuple[Sym, ...]) -> tuple[int, Any, tuple[int, ...]]:
    """Several indices, of axes one after the other, as one of an axis that holds them all: (where it is, the index, the shape)."""
    if any(i.dtype.char != "l" for i in indices):
        refuse("masks")
    dim, count = pattern.index(True), len(indices)
    if pattern[dim : dim + count] != (True,) * count:
        refuse("indices of axes apart")
    sizes = shape[dim : dim + count]
    total: Any = None
    for i, n in zip(indices, sizes):
        i = from_the_end(i, n)
        total = i if total is None else total * n + i
    return dim, total, (*shape[:dim], prod(sizes), *shape[dim + count :])


def from_the_end(i: Sym, n: int) -> Any:
    limited(i, -n, n)
    return where(i < 0, i + n, i)


@op("AddAt")
def add_at(op: Any, g: Sym, *indices: Sym) -> Any:
    """0, and g added at x[…, i, …, j, …]"""
    known = entries_of(*indices)
    if known is not None and prod(op.shape) <= MOST and once_each(op, g.shape, known):
        return moved(lambda g: op.compute(g, *known), g)
    dim, i, shape = one_index(op.pattern, op.shape, indices)
    if dim == 0:
        return added(g, i, shape[0]).reshape(op.shape)
    if i.ndim != 1:
        refuse("an index of several axes behind others")
    back = added(g.swapaxes(0, dim), i, shape[dim])
    return back.reshape((shape[dim], *g.swapaxes(0, dim).shape[1:])).swapaxes(0, dim).reshape(op.shape)


def once_each(op: Any, shape: tuple[int, ...], known: list[np.ndarray]) -> bool:
    """Whether no entry is added to twice."""
    return bool(np.max(op.compute(np.ones(shape, np.float32), *known), initial=0) <= 1)


@op("IndexPut")
def index_put(op: Any, x: Sym, value: Any, *indices: Sym) -> Any:
    """x, and the value at x[…, i, …, j, …]"""
    known: list[np.ndarray] = entries_of(*indices) or refuse("places that are not known")
    if op.accumulate or not isinstance(x, Sym):
        refuse("sums, or into an array that is known")
    if isinstance(value, Sym):
        return moved(lambda x, value: op.compute(x, value, *known), x, value)
    return moved(lambda x: op.compute(x, np.zeros((), x.dtype), *known), x, fill=float(value))


@op("Gather", "Chosen")
def gather(op: Any, x: Sym, i: Sym) -> Any:
    """x[…, i[…, j, …], …]: along one axis, at the index's own places along the others"""
    if i.dtype.char != "l" or not x.ndim or i.ndim != x.ndim:
        refuse("indices of another dtype")
    strides = layout(x.node).strides
    place, valid = known(i, x.shape[op.dim])
    total = place * strides[op.dim]
    for d, (n, s) in enumerate(zip(i.shape, strides)):
        if d != op.dim and n > 1:
            total = total + array(x, (np.arange(n) * s).reshape([n if e == d else 1 for e in range(i.ndim)]))
    y = where(valid, from_places(x, total), float("nan"))
    return y.reshape(i.shape[: op.dim] + i.shape[op.dim + 1 :]) if not getattr(op, "keepdim", True) else y
