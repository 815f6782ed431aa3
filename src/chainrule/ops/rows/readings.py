"""What the ops that rules apply to an upstream gradient do to `Rows`: the same op, its axes counted one further.

Elementwise ops need no word: what meets the rows broadcasts behind the axis in front. An op that is named nowhere here
is applied row by row.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...graph.op import Elementwise
from ...graph.promote import Cast
from .. import arrange, complex, decompositions, index, join, matmul, pad, reduce, scan, scatter, shape
from .array import ARRAYS, WHOLE, Rows, Unreadable

ndarray = np.ndarray


def reading(op: Any, inputs: tuple[Any, ...]) -> ndarray:
    """The rows of ``op(*inputs)``, of which at least one is `Rows`."""
    if isinstance(op, ALIGNED):
        return computed(op, aligned(inputs))
    for kind in type(op).__mro__:
        if kind in PRODUCTS:
            return PRODUCTS[kind](*inputs).whole
        if kind in FURTHER:
            moved = FURTHER[kind](op, next(x for x in inputs if type(x) is Rows))
            return computed(moved, EXPANDED.get(kind, every)(op, inputs))
    return one_by_one(op, inputs)


def computed(op: Any, inputs: Any) -> Any:
    """An op on arrays, or on what stands for them."""
    for x in inputs:
        if type(x) is not ndarray and type(x) in ARRAYS:
            return x.__symbol__(op, tuple(inputs))
    return op.compute(*inputs)


def one_by_one(op: Any, inputs: tuple[Any, ...]) -> ndarray:
    return np.stack([op.compute(*each) for each in row_after_row(inputs)])


def row_after_row(inputs: Any) -> Any:
    """The inputs of each row: of `Rows` its entry, of all else the same."""
    count = next(len(x.whole) for x in inputs if type(x) is Rows)
    for i in range(count):
        yield [x.whole[i, ...] if type(x) is Rows else x for x in inputs]


def aligned(inputs: tuple[Any, ...]) -> list[Any]:
    """Arrays that broadcast against each other as the rows do."""
    n = max([x.ndim for x in inputs if type(x) is Rows or type(x) in ARRAYS])
    return [x.behind(n) if type(x) is Rows else x for x in inputs]


def every(op: Any, inputs: tuple[Any, ...]) -> list[Any]:
    """All inputs as rows; an array that is the same for all is seen many times."""
    count = next(len(x.whole) for x in inputs if type(x) is Rows)
    return [x.whole if type(x) is Rows else np.broadcast_to(x, (count, *np.shape(x))) for x in inputs]


def but_arrays(op: Any, inputs: tuple[Any, ...]) -> list[Any]:
    """Index arrays, and what is written there, are the same for all rows."""
    x, *others = inputs
    if type(x) is not Rows or any([type(i) is Rows for i in others]):
        raise Unreadable("what is written differs from row to row")
    return [x.whole, *others]


def stretched(op: Any, inputs: tuple[Any, ...]) -> list[Any]:
    """With axes for all that the op has an entry for."""
    return [inputs[0].behind(len(op.attributes()[0]))]


def axes(dims: Any, x: Rows) -> tuple[int, ...]:
    """The places of axes behind the one in front; None stands for all."""
    return tuple(range(1, x.whole.ndim)) if dims is None else tuple(map(x.axis, dims))


def key(of: Any) -> tuple[Any, ...]:
    return (WHOLE, *(of if type(of) is tuple else (of,)))


def pattern(op: Any) -> tuple[bool, ...]:
    """Index arrays stand one axis further; apart from each other, theirs would come first, ahead of the rows."""
    here = [i for i, stands in enumerate(op.pattern) if stands]
    if here[-1] - here[0] >= len(here):
        raise Unreadable("index arrays apart from each other")
    return (False, *op.pattern)


def rows(x: Rows, of: tuple[int, ...]) -> tuple[int, ...]:
    return (len(x.whole), *of)


# What meets entry by entry, or matrix by matrix, and what else leads is broadcast.
ALIGNED = (
    Elementwise, Cast, complex.Conj, complex.Real, complex.Imag, complex.Complex, scatter.MaskedFill,
    decompositions.Solve, decompositions.SolveTriangular,
)  # fmt: skip

PRODUCTS: dict[type, Callable[..., Any]] = {
    matmul.MatMul: lambda a, b: a @ b,
    matmul.Mv: lambda a, v: a @ v,
    matmul.Vm: lambda v, b: v @ b,
}

FURTHER: dict[type, Callable[[Any, Rows], Any]] = {
    reduce.Sum: lambda op, x: reduce.Sum(axes(op.dims, x), op.keepdim),
    reduce.Mean: lambda op, x: reduce.Mean(axes(op.dims, x), op.keepdim),
    shape.Reshape: lambda op, x: shape.Reshape(rows(x, op.shape)),
    shape.Permute: lambda op, x: shape.Permute((0, *axes(op.order, x))),
    shape.Transpose: lambda op, x: shape.Transpose(*axes((op.first, op.second), x)),
    shape.T: lambda op, x: shape.Permute((0, *range(x.ndim, 0, -1))),
    shape.Expand: lambda op, x: shape.Expand(rows(x, op.shape)),
    shape.Diagonal: lambda op, x: type(op)(op.offset, *axes((op.dim1, op.dim2), x)),
    shape.DiagEmbed: lambda op, x: shape.DiagEmbed(
        rows(x, op.shape), op.offset, *further((op.dim1, op.dim2), op.shape)
    ),
    shape.Unfold: lambda op, x: shape.Unfold(x.axis(op.dim), op.size, op.step),
    shape.UnfoldBack: lambda op, x: shape.UnfoldBack(rows(x, op.shape), op.dim % len(op.shape) + 1, op.size, op.step),
    shape.Clone: lambda op, x: op,
    index.Region: lambda op, x: index.Basic(key(op.key)),
    index.Place: lambda op, x: index.Place(key(op.key), rows(x, op.shape)),
    index.Index: lambda op, x: index.Index(pattern(op)),
    index.AddAt: lambda op, x: index.AddAt(pattern(op), rows(x, op.shape)),
    index.IndexPut: lambda op, x: index.IndexPut(pattern(op), op.accumulate),
    scatter.Gather: lambda op, x: scatter.Gather(x.axis(op.dim)),
    scatter.Spread: lambda op, x: scatter.Spread(x.axis(op.dim), rows(x, op.shape)),
    join.Cat: lambda op, x: join.Cat(x.axis(op.dim)),
    join.Stack: lambda op, x: join.Stack(op.dim % (x.ndim + 1) + 1),
    arrange.Flip: lambda op, x: arrange.Flip(axes(op.dims, x)),
    arrange.Rot90: lambda op, x: arrange.Rot90(op.k, axes(op.dims, x)),
    arrange.Repeat: lambda op, x: arrange.Repeat((1, *op.times)),
    arrange.Tril: lambda op, x: op,
    arrange.Triu: lambda op, x: op,
    scan.CumSum: lambda op, x: scan.CumSum(x.axis(op.dim)),
    pad.PadBack: lambda op, x: pad.PadBack(op.mode, ((0, 0), *op.pads)),
}

EXPANDED: dict[type, Callable[[Any, tuple[Any, ...]], list[Any]]] = {
    shape.Expand: stretched,
    arrange.Repeat: stretched,
    index.Index: but_arrays,
    index.AddAt: but_arrays,
    index.IndexPut: but_arrays,
}


def further(dims: tuple[int, ...], of: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([d % len(of) + 1 for d in dims])
