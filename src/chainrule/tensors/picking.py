"""Entries picked and put along one axis by index tensors, by PyTorch's names."""

from __future__ import annotations

from functools import lru_cache
from operator import index as as_int
from typing import Any

import numpy as np

from ..base.dtypes import of, title
from ..base.errors import message
from ..base.shapes import axis, broadcast
from ..graph.apply import plain
from ..graph.promote import cast
from ..graph.value import Value, wrap
from ..ops import logic
from ..ops import scatter as op
from ..ops.scatter_reduce import ScatterReduce
from .coerce import number, tensor_like
from .inplace import into
from .shape import expand, reshape
from .spelling import numpy_spelling

# ---------------------------------------------------------------------- what an index must be


def check_index(index: Any, function: str, expected: str = "dtype int32/int64", letters: str = "lqi") -> np.ndarray:
    i = tensor_like(index, "index", function).array
    if i.dtype.char not in letters:
        got = f", but got {title(of(i))}" if "a long" in expected else ""
        raise RuntimeError(
            message(f"{function}(): Expected {expected} for index{got}", f"the index holds {of(i)}", "index.long()")
        )
    return i


UNSIGNED = {"l": np.uint64, "q": np.uint64, "i": np.uint32}


def check_range(i: np.ndarray, n: int, dim: int, kind: type[Exception] = RuntimeError, low: int = 0, prefix: str = "") -> None:
    """Refuse indices that name no entry of an axis of n."""
    if not i.size or not low and np.maximum.reduce(i.view(UNSIGNED[i.dtype.char]), None) < n:  # negative ones look large
        return
    small, large = int(i.min()), int(i.max())
    if small < low or large >= n:
        bad = large if large >= n else small
        raise kind(
            message(
                f"{prefix}index {bad} is out of bounds for dimension {dim} with size {n}",
                f"valid are 0 … {n - 1}" + (" (here, indices do not count from the end)" if -n <= bad < 0 else ""),
            )
        )


def check_same(function: str, here: Any, there: Any, what: str) -> None:
    if here.array.dtype != there.array.dtype:
        raise RuntimeError(
            message(
                what.format(title(of(here.array)), title(of(there.array))),
                f"{function} keeps the dtype of the tensor, and {of(there.array)} numbers might not fit into it",
                f"source.to({of(here.array)!r})",
            )
        )


def spots(input: Any, dim: int, index: Any, function: str, src: Any = None) -> tuple[int, np.ndarray]:
    """The axis and the index array of a gather or scatter, checked against the tensor (and the source)."""
    x, i = tensor_like(input, "input", function).array, check_index(index, function)
    d = axis(as_int(dim), x.ndim)
    if max(i.ndim, 1) != max(x.ndim, 1):
        raise RuntimeError(
            message(
                "Index tensor must have the same number of dimensions as input tensor",
                f"the index has shape {list(i.shape)}, the input {list(x.shape)}: each entry of the index names one entry",
                "index.unsqueeze(1), for one entry of each row" if (i.ndim, x.ndim) == (1, 2) else "",
            )
        )
    if src is not None and max(src.array.ndim, 1) != max(i.ndim, 1):
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    if i.shape != x.shape or src is not None:
        shapes = [x.shape] if src is None else [x.shape, src.array.shape]
        for k, shape in enumerate(shapes):
            for a, (n, m) in enumerate(zip(i.shape, shape)):
                if n > m and (a != d or k == 1) and i.size:
                    raise RuntimeError(too_large(function, a, d, i.shape, shapes))
    check_range(i, x.shape[d] if x.ndim else 1, d)
    return d, i


def too_large(function: str, a: int, dim: int, index: tuple[int, ...], shapes: list[tuple[int, ...]]) -> str:
    if function == "gather":
        return message(
            f"Size does not match at dimension {a} expected index {list(index)} to be no larger than self {list(shapes[0])} apart "
            f"from dimension {dim}",
            "along every other axis an entry of the index speaks about the entries beside it",
        )
    source = f" and to be no larger size than src {list(shapes[1])}" if len(shapes) > 1 else ""
    return message(
        f"Expected index {list(index)} to be no larger than self {list(shapes[0])} apart from dimension {dim}{source}",
        "every entry of the index needs an entry to send, and a row to send it to",
    )


# ---------------------------------------------------------------------- one index for each entry

gathering = lru_cache(maxsize=64)(op.Gather)


@numpy_spelling
def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False, out: Any = None) -> Any:
    """y[i, j] = input[i, index[i, j]] (here for dim 1): for each place of the index, the entry that it names.

    >>> torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0], [1]]))
    tensor([[1],
            [4]])
    """
    d, i = spots(input, dim, index, "gather")
    y = plain(gathering(d) if i.ndim and input.array.ndim else op.take, input, index)
    return y if out is None else into(out, y)


@numpy_spelling
def take_along_dim(input: Any, indices: Any, dim: int | None = None, *, out: Any = None) -> Any:
    """`gather`, where the index and the tensor are broadcast against each other along the other axes."""
    if dim is None:
        return gather(reshape(input, -1), 0, reshape(indices, -1), out=out)
    x, i = input.array, check_index(indices, "gather")
    if x.ndim != i.ndim:
        raise RuntimeError(
            message(
                "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
                f"{x.ndim} dimensions for input, and {i.ndim} dimensions for indices",
            )
        )
    d = axis(dim, x.ndim)
    rest = broadcast(x.shape[:d] + (1,) + x.shape[d + 1 :], i.shape[:d] + (1,) + i.shape[d + 1 :])
    wide = expand(input, rest[:d] + (x.shape[d],) + rest[d + 1 :])
    return gather(wide, d, expand(indices, rest[:d] + (i.shape[d],) + rest[d + 1 :]), out=out)


@numpy_spelling
def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None,
            out: Any = None) -> Any:  # fmt: skip
    """y = input but y[i, index[i, j]] = src[i, j] (here for dim 1); ``src`` is a tensor or one number.

    >>> torch.zeros(2, 3).scatter(1, torch.tensor([[0], [2]]), 1.0)
    tensor([[1., 0., 0.],
            [0., 0., 1.]])
    """
    source = value if src is None else src
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise RuntimeError(message("reduce argument must be either add or multiply.", f"it is {reduce!r}"))
        if not isinstance(source, Value):
            source = wrap(np.full(index.array.shape, source, input.array.dtype))
        return scatter_reduce(input, dim, index, source, "sum" if reduce == "add" else "prod", out=out)
    if isinstance(source, Value):
        return into(out, send(op.Scatter, "scatter", input, dim, index, source))
    d, _ = spots(input, dim, index, "scatter")
    value = number(source)
    return into(out, as_row(lambda x, i: plain(op.ScatterValue(d, value), x, i), input, index))


def send(kind: Any, function: str, input: Any, dim: int, index: Any, src: Any) -> Any:
    """Apply an op that sends the entries of ``src`` where the index says."""
    if not isinstance(src, Value):
        raise TypeError(f"{function}(): argument 'src' (position 3) must be Tensor, not {type(src).__name__}")
    check_same(function, input, src, "scatter(): Expected self.dtype to be equal to src.dtype")
    d, _ = spots(input, dim, index, function, src)
    return as_row(lambda x, i, s: plain(kind(d), x, i, s), input, index, src)


def as_row(function: Any, input: Any, *others: Any) -> Any:
    """A function of tensors with axes, on single numbers as on vectors of one entry."""
    if input.array.ndim and all(x.array.ndim for x in others):
        return function(input, *others)
    y = function(*[x if x.array.ndim else reshape(x, 1) for x in (input, *others)])
    return reshape(y, input.array.shape)


@numpy_spelling
def scatter_add(input: Any, dim: int, index: Any, src: Any, *, out: Any = None) -> Any:
    """y = input, then y[i, index[i, j]] += src[i, j] (here for dim 1).

    >>> torch.zeros(3).scatter_add(0, torch.tensor([1, 1]), torch.tensor([2., 3.]))
    tensor([0., 5., 0.])
    """
    return into(out, send(op.ScatterAdd, "scatter_add", input, dim, index, src))


@numpy_spelling
def scatter_reduce(input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True,
                   out: Any = None) -> Any:  # fmt: skip
    """y[i, index[i, j]] = the sum, prod, mean, amax or amin of input there and of all src[i, j] sent there (for dim 1).

    Without ``include_self``, of those sent there alone. Elsewhere y = input.

    >>> torch.zeros(2).scatter_reduce(0, torch.tensor([0, 0]), torch.tensor([1., 3.]), "mean", include_self=False)
    tensor([2., 0.])
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(f"reduce argument must be either sum, prod, mean, amax or amin, got {reduce}")
    return into(out, send(lambda d: ScatterReduce(d, reduce, include_self), "scatter_reduce", input, dim, index, src))


# ---------------------------------------------------------------------- one index for each slice


@numpy_spelling
def index_select(input: Any, dim: int, index: Any, *, out: Any = None) -> Any:
    """y[i, …] = input[index[i], …] (here for dim 0): a copy of the listed slices.

    >>> torch.tensor([[1, 2], [3, 4]]).index_select(1, torch.tensor([1, 1, 0]))
    tensor([[2, 2, 1],
            [4, 4, 3]])
    """
    x = tensor_like(input, "input", "index_select").array
    i = check_index(index, "index_select", "dtype int32 or int64")
    d = axis(as_int(dim), x.ndim)
    if i.ndim > 1:
        raise IndexError(message("index_select(): Index is supposed to be a vector", f"its shape is {list(i.shape)}"))
    if not x.ndim and i.size != 1:
        raise RuntimeError(f"index_select(): Index to scalar can have only 1 value, got {i.size} value(s)")
    n = x.shape[d] if x.ndim else 1
    if i.size and (int(i.min()) < 0 or int(i.max()) >= n):
        bad = i[(i < 0) | (i >= n)].flat[0]
        raise IndexError(message("index out of range in self", f"index {bad}, where axis {d} has {n} entries: 0 … {n - 1}"))
    y = plain(op.IndexSelect(d), *[v if v.array.ndim else reshape(v, 1) for v in (input, index)])
    return into(out, y if x.ndim else reshape(y, ()))


def slices(function: str, input: Any, dim: int, index: Any, source: Any, kind: type[Exception]) -> int:
    """The axis of an index_add or index_copy, its index and source checked against the tensor."""
    x, s = input.array, tensor_like(source, "source", function).array
    i = check_index(index, f"{function}_", "dtype int32/int64" if function == "index_add" else "a long tensor")
    d = axis(as_int(dim), x.ndim)
    if i.ndim > 1:
        raise IndexError(f"{function}_(): Index should have dimension 1 or 0 (got {i.ndim})")
    if not x.ndim and i.size != 1 and function == "index_add":
        raise IndexError(f"Dimension specified as {d} but tensor has no dimensions")
    count = s.shape[d] if s.ndim else 1
    if i.size != count:
        where = f": ({count}), for dim: {d}" if function == "index_add" else f" ({count})"
        raise kind(
            message(
                f"{function}_(): Number of indices ({i.size}) should be equal to source.size(dim){where}",
                "each slice of the source goes to one index",
            )
        )
    if x.ndim and x.shape[:d] + x.shape[d + 1 :] != s.shape[:d] + s.shape[d + 1 :]:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {list(x.shape)} source.shape = {list(s.shape)}"
        )
    prefix = "" if function == "index_add" else f"{function}_(): "
    check_range(i, x.shape[d] if x.ndim else 1, d, kind, prefix=prefix)
    return d


@numpy_spelling
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: Any = 1, out: Any = None) -> Any:
    """y = input, then y[index[i], …] += alpha · source[i, …] (here for dim 0).

    >>> torch.zeros(3).index_add(0, torch.tensor([0, 2, 2]), torch.tensor([1., 2., 3.]))
    tensor([1., 0., 5.])
    """
    check_same("index_add", input, source, "index_add_(): self ({}) and source ({}) must have the same scalar type")
    d, scale = slices("index_add", input, dim, index, source, RuntimeError), number(alpha)
    return into(out, as_row(lambda x, i, s: plain(op.IndexAdd(d, scale), x, i, s), input, index, source))


@numpy_spelling
def index_copy(input: Any, dim: int, index: Any, source: Any, *, out: Any = None) -> Any:
    """y = input but y[index[i], …] = source[i, …] (here for dim 0)."""
    check_same(
        "index_copy", input, source,
        "index_copy_(): self and source expected to have the same dtype, but got (self) {} and (source) {}",
    )  # fmt: skip
    d = slices("index_copy", input, dim, index, source, IndexError)
    return into(out, as_row(lambda x, i, s: plain(op.IndexCopy(d), x, i, s), input, index, source))


@numpy_spelling
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """y = input but y[index[i], …] = value (here for dim 0)."""
    i = check_index(index, "index_fill_", "dtype int64", "lq")
    d = axis(as_int(dim), input.array.ndim)
    if i.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    n = input.array.shape[d] if input.array.ndim else 1
    check_range(i, n, d, IndexError, low=-n)
    if isinstance(value, Value) and value.array.ndim:
        raise RuntimeError(
            f"index_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.array.ndim} dimension(s)."
        )
    if isinstance(value, Value) and value.node is not None:
        named = np.zeros(n, bool)
        named[i] = True  # an entry named twice is still one entry
        mask = wrap(named.reshape([-1 if k == d else 1 for k in range(input.array.ndim)]))
        return plain(logic.where, mask, cast(value, of(input.array)), input)
    entry = number(value)
    return as_row(lambda x, k: plain(op.IndexFill(d, entry), x, k), input, index)
