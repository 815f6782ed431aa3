"""The affine map of a layer, as one op: the product, the bias, and each gradient as one matrix product."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base.dtypes import of, title
from ..base.errors import DtypeError, ShapeError, message
from ..base.modes import modes
from ..base.shapes import in_brackets
from ..graph import apply as hot
from ..graph import large
from ..graph import value as graph
from ..graph.op import Op
from ..graph.value import Node, clock, new
from .kernels.product import LEAST, dot
from .matmul import conj, times
from .reduce import Sum, add_up

ALL_BUT_LAST = [tuple(range(n - 1)) for n in range(65)]


def sum_rows(g: Any) -> Any:
    """Σ g over all axes but the last"""
    if type(g) is not np.ndarray:
        return Sum(ALL_BUT_LAST[g.ndim], False)(g)
    return add_up(g, ALL_BUT_LAST[g.ndim]) if g.size < large.MANY else large.sum_ahead(g, g.ndim - 1)


class Linear(Op):
    """y[…, i] = Σⱼ w[i, j] · x[…, j] + b[i]"""

    fields = ("torch_name",)

    def forward(self, x: Any, w: Any, b: Any) -> Any:
        return affine(x, w, b)

    def pull_x(self, g: Any, w: Any) -> Any:
        return times(g, conj(w)) if g.ndim == 2 else times(rows(g), conj(w)).reshape((*g.shape[:-1], w.shape[1]))

    def pull_w(self, g: Any, x: Any) -> Any:
        return times(rows(g).mT, conj(rows(x)))

    def pull_b(self, g: Any) -> Any:
        return g if g.ndim == 1 else sum_rows(g)

    def pull(self, node: Node, g: Any) -> Any:
        """The three rules, without the detour over a list of them: they are asked for once a layer in every step."""
        if type(g) is not np.ndarray:
            return super().pull(node, g)
        x, w = node.saved[:2]
        of_x, of_w, of_b = node.edges
        # The bias comes first: g has just been computed, and a product leaves little in the cache.
        d_b = None if of_b is None else g if g.ndim == 1 else sum_rows(g)
        if g.ndim == 2 and g.dtype.char in "fd":
            return None if of_x is None else times(g, w), None if of_w is None else times(g.T, x), d_b
        return None if of_x is None else self.pull_x(g, w), None if of_w is None else self.pull_w(g, x), d_b


class LinearNoBias(Op):
    """y[…, i] = Σⱼ w[i, j] · x[…, j]"""

    fields = ("torch_name",)

    def forward(self, x: Any, w: Any) -> Any:
        return product(x, w)

    pull_x = Linear.pull_x
    pull_w = Linear.pull_w


def linear(x: Any, w: Any, b: Any) -> Any:
    """`apply` of `Linear` to tensors, with what its rules keep spelled out: half the overhead of the general way."""
    xa, wa, ba = x.array, w.array, b.array
    kind = xa.dtype
    if kind is not wa.dtype or kind is not ba.dtype or kind.char not in "fd" or wa.ndim != 2 or not xa.ndim:
        check(xa, wa, ba)
        return hot.apply(WITH[xa.ndim], x, w, b)
    op = WITH[xa.ndim]
    try:
        y = op.compute(xa, wa, ba)
    except ValueError:
        raise ShapeError(bias_mismatch((*xa.shape[:-1], wa.shape[0]), ba.shape)) from None
    t = new(graph.Result)
    t.array, t.version = y, [0]
    if modes.grad:
        ex, ew, eb = edges = x.node, w.node, b.node
        if ew is not None or ex is not None or eb is not None:
            t.node = node = hot.new_node()
            guards: tuple[Any, ...] = () if ew is None else (x.version, x.version[0])
            if ex is not None:
                guards += (w.version, w.version[0])
            node.saved = (xa if ew is not None else None, wa if ex is not None else None, None, None)
            node.op, node.edges, node.guards, node.seq = op, edges, guards, clock()
            node.shapes = node.hooks = node.retained = None
    return t


def check(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None) -> None:
    """Refuse what has no product: different dtypes, numbers without axes."""
    if not x.ndim or not w.ndim:
        raise ShapeError(
            message(
                f"both arguments to linear need to be at least 1D, but they are {x.ndim}D and {w.ndim}D",
                "the last axis of the input holds the features",
                "x.reshape(1)" if not x.ndim else "w.reshape(1, 1)",
            )
        )
    for other, name in ((w, "weight"), (b, "bias")):
        if other is not None and other.dtype != x.dtype:
            from ..base.operands import argument, came_in  # only once something has gone wrong

            here, there = of(x), of(other)
            raise DtypeError(
                message(
                    f"mat1 and mat2 must have the same dtype, but got {title(here)} and {title(there)}",
                    f"the input holds {here}, the {name} {there}{came_in(x.dtype)}",
                    f"{argument(x.shape) or 'x'}.to(torch.{there.name})"
                    if there.is_floating_point
                    else f"model.to(torch.{here.name})",
                )
            )
    if b is not None and w.ndim == 2 and b.shape not in ((w.shape[0],), (1,), ()):
        raise ShapeError(bias_mismatch((*x.shape[:-1], w.shape[0]), b.shape))


def check_bilinear(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> None:
    """Refuse inputs that the weight of a bilinear map does not take."""
    if x.ndim != y.ndim or x.shape[:-1] != y.shape[:-1]:
        raise ShapeError(
            message(
                f"bilinear(): input batch dimensions do not match: got {list(x.shape)} and {list(y.shape)}",
                "both inputs have as many rows, which meet one by one",
            )
        )
    for n, (name, z) in enumerate((("input1", x), ("input2", y)), 1):
        if w.ndim != 3 or z.shape[-1] != w.shape[n]:
            raise ShapeError(
                message(
                    f"bilinear(): {name} size does not match weight size: got {z.shape[-1]} but expected "
                    f"{w.shape[n] if w.ndim == 3 else w.shape}",
                    f"the weight has shape {list(w.shape)}: (out, in1, in2)",
                )
            )


def bias_mismatch(y: tuple[int, ...], b: tuple[int, ...]) -> str:
    return message(
        f"The expanded size of the tensor ({y[-1]}) must match the existing size ({b[-1] if b else 1}) at non-singleton "
        f"dimension {len(y) - 1}.  Target sizes: {list(y)}.  Tensor sizes: {list(b)}",
        f"the weight makes {y[-1]} features, each of which needs one number of the bias",
    )


def affine(x: Any, w: Any, b: Any) -> Any:
    """x @ wᵀ + b; of large arrays in one pass."""
    if b.shape == w.shape[:1] and x.size * w.shape[0] > LEAST and x.shape[-1] == w.shape[1]:
        return dot(rows(x), w.T, b).reshape(*x.shape[:-1], w.shape[0])
    y = product(x, w)
    try:
        y += b
    except ValueError:
        raise ShapeError(bias_mismatch(y.shape, b.shape)) from None
    return y


def product(x: Any, w: Any) -> Any:
    """x @ wᵀ; ndarray.dot has half the overhead of the matmul ufunc, and merges leading axes into one product."""
    if x.shape[-1] != w.shape[-1]:
        raise ShapeError(mismatch(x.shape, w.shape))
    if x.ndim == 2:
        return x.dot(w.T) if x.size * w.shape[0] <= LEAST else dot(x, w.T)
    return dot(rows(x), w.T).reshape(*x.shape[:-1], w.shape[0])


def rows(x: Any) -> Any:
    """All leading axes merged into one."""
    return x if x.ndim == 2 else x.reshape(prod(x.shape[:-1]), x.shape[-1])


def mismatch(x: tuple[int, ...], w: tuple[int, ...]) -> str:
    from ..base.operands import argument

    count = 1
    for n in x[:-1]:
        count *= n
    name = argument(x)
    given = in_brackets(name or "x")
    instead = f"nn.Linear(in_features={x[-1]}, out_features={w[0]}), or give it inputs whose last axis has {w[1]} entries"
    if len(x) == 2 and x[0] == w[1]:
        instead = f"pass {given}.T (shape {list(x[::-1])}), or nn.Linear({x[-1]}, {w[0]})"
    elif len(x) > 2 and count * x[-1] % w[1] == 0 and x[0] * w[1] == count * x[-1]:
        instead = f"flatten each sample first: {given}.flatten(1) has {w[1]} features"
    axes = {1: "(features)", 2: "(samples, features)"}.get(len(x), "(samples, …, features)")
    return message(
        f"mat1 and mat2 shapes cannot be multiplied ({count}x{x[-1]} and {w[1]}x{w[0]})",
        f"the input{f' `{name}`' if name else ''} has shape {list(x)} {axes}: {x[-1]} features; the weight has shape {list(w)} "
        f"(out_features, in_features): it takes {w[1]} features",
        instead,
    )


NAMES = {1: ("ViewBackward0", "SqueezeBackward4"), 2: ("AddmmBackward0", "MmBackward0")}
WITH = [Linear(NAMES.get(n, ("ViewBackward0",))[0]) for n in range(65)]  # by the number of axes of the input
WITHOUT = [LinearNoBias(NAMES.get(n, ("", "UnsafeViewBackward0"))[1]) for n in range(65)]
