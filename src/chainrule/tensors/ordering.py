"""Sorting and searching by PyTorch's names; what returns (values, indices) returns them under those names."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..base.dtypes import of, title
from ..base.errors import message
from ..base.layout import in_order
from ..base.shapes import axis
from ..graph.apply import apply
from ..graph.promote import known_as, widen
from ..graph.value import Value, wrap
from ..ops import reduce
from ..ops.kernels.selection import as_selected
from ..ops.order import Chosen, Reached, order
from . import reduction
from .inplace import into
from .out import into_each, takes_out
from .reduction import nonempty
from .return_types import return_type
from .spelling import numpy_spelling

RETURN = {
    n: return_type(n, "values", "indices")
    for n in ("max", "min", "sort", "topk", "kthvalue", "median", "nanmedian", "mode", "cummax", "cummin")
}
MinMax, Histogram = return_type("aminmax", "min", "max"), return_type("histogram", "hist", "bin_edges")


def chosen(
    name: str, x: Any, places: np.ndarray, dim: int, keepdim: bool, out: Any = None, number: int | None = None
) -> Any:
    """(values, indices) at the places found along one axis; ``number`` is that of PyTorch's node."""
    if number is None:
        number = 1 if name in ("median", "nanmedian") else 0
    places = in_order(places)
    values = apply(Chosen(dim, keepdim, f"{name.capitalize()}Backward{number}"), x, places)
    indices = wrap(places if keepdim or not places.ndim else places.squeeze(dim))
    found = RETURN[name](values, indices)
    return found if out is None else into_each(name, out, found)


def only() -> np.ndarray:
    """The place of the only entry of a number without axes."""
    return np.zeros((), np.int64)


def refuse_complex(x: np.ndarray, kernel: str) -> None:
    if x.dtype.kind == "c":
        raise NotImplementedError(
            message(f'"{kernel}" not implemented for \'{title(of(x))}\'', "complex numbers have no order", "x.abs(), or x.real")
        )


def refuse_unordered(x: np.ndarray, kernel: str) -> None:
    if x.dtype.kind == "b":
        raise NotImplementedError(f"\"{kernel}\" not implemented for 'Bool'")
    refuse_complex(x, kernel)


def extreme(name: str, kind: Any, find: Any) -> Any:
    def function(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, **named: Any) -> Any:
        if isinstance(dim, Value) or "other" in named:
            from . import arithmetic

            return getattr(arithmetic, f"{name}imum")(input, named.get("other", dim), out=out)
        if dim is None and not named:
            nonempty(input, None, name)
            refuse_complex(input.array, f"{name}_all")
            return into(out, apply(kind(None, False, f"{name.capitalize()}Backward1"), input))
        dim, keepdim = reduction.numpy_names(dim, keepdim, named)
        x = input.array
        d = axis(dim, x.ndim)
        if x.dtype.kind == "c":
            raise RuntimeError(f"{name}(): does not support complex input")
        if x.ndim == 0:
            return chosen(name, input, only(), d, keepdim, out)
        nonempty(input, (d,), name)
        return chosen(name, input, find(x, d, keepdims=True), d, keepdim, out)

    function.__name__ = function.__qualname__ = name
    return function


max = extreme("max", reduce.Max, np.argmax)
max.__doc__ = """The largest entry; with ``dim``, (values, indices) along it; with a tensor, the larger of two, entry by entry.

    >>> torch.max(torch.tensor([[1., 9.], [4., 2.]]), dim=1).values
    tensor([9., 4.])
    """
min = extreme("min", reduce.Min, np.argmin)
min.__doc__ = (
    "The smallest entry; with ``dim``, (values, indices) along it; with a tensor, the smaller of two, entry by entry."
)


@takes_out
@numpy_spelling
def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    """(smallest, largest) entry."""
    if dim is not None:
        axis(dim, input.array.ndim)
    if input.array.dtype.kind == "c":
        raise RuntimeError(message(f"aminmax not implemented for {title(of(input.array))}", "complex numbers have no order"))
    dims = () if dim is None else dim
    found = reduction.amin(input, dims, keepdim), reduction.amax(input, dims, keepdim)
    return MinMax(*[known_as(y, "AminmaxBackward0") for y in found])


@numpy_spelling
def sort(
    input: Any, dim: int = -1, descending: bool = False, stable: bool | None = None, *, out: Any = None
) -> Any:
    """(sorted values, where each one was); equal entries keep their order.

    >>> torch.sort(torch.tensor([3., 1., 2.])).indices
    tensor([1, 2, 0])
    """
    x = input.array
    d = axis(dim, x.ndim)
    if x.dtype.kind == "c":
        raise RuntimeError("Sort does not support complex dtypes on CPU")
    places = order(x, d, descending) if x.ndim else only()
    return chosen("sort", input, places, d, True, out, 0 if stable is None else 1)


@takes_out
@numpy_spelling
def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool | None = None) -> Any:
    """Where each entry of the sorted tensor was."""
    return sort(input, dim, descending).indices


@takes_out
def msort(input: Any) -> Any:
    """The entries sorted along the first axis."""
    return sort(input, 0).values


@numpy_spelling
def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Any = None) -> Any:
    """The k largest (or smallest) entries along ``dim``, best first, and where they were.

    >>> torch.topk(torch.tensor([1., 5., 3.]), 2).values
    tensor([5., 3.])
    """
    x = input.array
    if x.dtype.kind in "bc":
        raise RuntimeError(f"topk does not support {'bool' if x.dtype.kind == 'b' else 'complex'} dtypes on CPU")
    d = axis(dim, x.ndim)
    n = x.shape[d] if x.ndim else 1
    if not 0 <= k <= n:
        raise RuntimeError(
            message(
                f"selected index k out of range: k = {k}, and dimension {d} has {n} entries",
                instead=f"k = min(k, x.shape[{d}])",
            )
        )
    if x.ndim == 0:
        return chosen("topk", input, only(), d, True, out)
    wide = widen(x)  # halves, which NumPy cannot partition
    return chosen("topk", input, as_selected(wide, best(wide, k, d, largest), d, largest, sorted), d, True, out)


def best(x: np.ndarray, k: int, d: int, largest: bool) -> np.ndarray:
    """The places of the k best entries along an axis, best first."""
    n, cut = x.shape[d], (*[slice(None)] * d, slice(0, k))
    if n <= 32 or k >= n // 8 or largest and x.dtype.kind == "u" or (x != x).any():
        return order(x, d, largest)[cut]
    rough = np.argpartition(-x if largest else x, k, d)[cut]
    rough.sort(d)  # so that equal entries keep their order
    return np.take_along_axis(rough, order(np.take_along_axis(x, rough, d), d, largest), d)


@takes_out
@numpy_spelling
def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The k-th smallest entry along ``dim`` (counting from 1), and where it was."""
    x = input.array
    d = axis(dim, x.ndim)
    n = x.shape[d] if x.ndim else 1
    nonempty(input, (d,) if x.ndim else None, "kthvalue")
    if not 1 <= k <= n:
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {d}: k = {k}, size {n}")
    refuse_complex(x, "kthvalue_cpu")
    if x.dtype.kind == "b":
        raise NotImplementedError("\"kthvalue_cpu\" not implemented for 'Bool'")
    if x.ndim == 1:
        places = place_of_kth(x, k)
    else:
        places = order(x, d, False)[(*[slice(None)] * d, slice(k - 1, k))] if x.ndim else only()
    return chosen("kthvalue", input, places, d, keepdim)


def place_of_kth(x: np.ndarray, k: int) -> np.ndarray:
    """Where the k-th smallest of (n,) entries is; of equal ones the first comes first."""
    value = np.partition(x, k - 1)[k - 1] if x.dtype.kind in "iuf" else np.nan
    if value != value:
        return order(x, 0, False)[k - 1 : k]
    before = np.count_nonzero(x < value)
    return np.flatnonzero(x == value)[k - 1 - before : k - before]


def middle(input: Any, dim: Any, keepdim: bool, name: str) -> Any:
    x = input.array
    if dim is None:
        if not x.size:
            none = np.iinfo(x.dtype).min if x.dtype.kind in "ui" else np.nan
            return input.sum().to(input.dtype) * 0 + wrap(np.array(none, x.dtype))
        refuse_unordered(x, "median_cpu")
        return apply(reduce.Median(None, False, f"{name.capitalize()}Backward0", name == "nanmedian"), input)
    d = axis(dim, x.ndim)
    if x.ndim == 0:
        return chosen(name, input, only(), d, keepdim)
    nonempty(input, (d,), "median")
    refuse_unordered(x, "median_cpu")
    found = order(x, d, False)
    bad = np.isnan(x) if x.dtype.kind in "fV" else np.zeros(x.shape, bool)
    numbers = np.add.reduce(~bad, d, keepdims=True)
    rank = np.maximum((numbers - 1) // 2, 0)
    if name == "median":  # anything that is not a number makes the median none either
        rank = np.where(numbers < x.shape[d], numbers, rank)
        rank = np.minimum(rank, x.shape[d] - 1)
    return chosen(name, input, np.take_along_axis(found, rank, d), d, keepdim)


@takes_out
@numpy_spelling
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The middle entry, the lower of two; with ``dim``, (values, indices) along it."""
    return middle(input, dim, keepdim, "median")


@takes_out
@numpy_spelling
def nanmedian(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The middle entry among those that are numbers."""
    return middle(input, dim, keepdim, "nanmedian")


@takes_out
@numpy_spelling
def mode(input: Any, dim: int = -1, keepdim: bool = False) -> Any:
    """The most frequent entry along ``dim``, the smallest of several, and the last place where it stands."""
    x = input.array
    d = axis(dim, x.ndim)
    if x.ndim == 0:
        return chosen("mode", input, only(), d, keepdim)
    nonempty(input, (d,), "mode")
    if x.size:
        refuse_complex(x, "mode_cpu")
    moved = x.swapaxes(d, -1)
    rows = moved.reshape(-1, moved.shape[-1])
    places = []
    for row in rows:
        values, counts = np.unique(row, return_counts=True, equal_nan=False)
        most = values[np.argmax(counts)]
        places.append(np.nonzero(row == most if most == most else row != row)[0][-1])
    found = np.array(places, np.int64).reshape(*moved.shape[:-1], 1).swapaxes(d, -1)
    return chosen("mode", input, found, d, keepdim)


def running_extreme(name: str, better: Any) -> Any:
    @numpy_spelling
    def function(input: Any, dim: int) -> Any:
        x = input.array
        node = f"{name.capitalize()}Backward0"
        if not x.size:
            return RETURN[name](input.clone(), wrap(np.empty(x.shape, np.int64)))
        d = axis(dim, x.ndim)
        if x.ndim:
            refuse_complex(x, f"{name}_cpu")
        if x.ndim == 0:
            return RETURN[name](apply(Reached(d, node), input, only()), wrap(only()))
        best = better.accumulate(x, d)
        here = np.arange(x.shape[d]).reshape([-1 if i == d else 1 for i in range(x.ndim)])
        reached = (x == best) | ((x != x) & (best != best))
        places = np.maximum.accumulate(np.where(reached, here, 0), d)
        values = apply(Reached(d, node), input, places)
        return RETURN[name](values, wrap(in_order(places)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"The {'largest' if name == 'cummax' else 'smallest'} entry so far along ``dim``, and where it was."
    )
    return function


cummax = takes_out(running_extreme("cummax", np.maximum))
cummin = takes_out(running_extreme("cummin", np.minimum))


@takes_out
@numpy_spelling
def quantile(input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear") -> Any:
    """The q-th quantile, 0 ≤ q ≤ 1, between the two nearest entries as ``interpolation`` says."""
    return at_rank(input, q, dim, keepdim, interpolation, skip=False)


@takes_out
@numpy_spelling
def nanquantile(input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear") -> Any:
    """The q-th quantile of the entries that are numbers."""
    return at_rank(input, q, dim, keepdim, interpolation, skip=True)


def at_rank(input: Any, q: Any, dim: Any, keepdim: bool, interpolation: str, skip: bool) -> Any:
    from .arithmetic import lerp
    from .joining import stack

    kinds = ("linear", "lower", "higher", "nearest", "midpoint")
    if interpolation not in kinds:
        raise RuntimeError(
            f"quantile() interpolation must be one of {', '.join(map(repr, kinds))}, but got {interpolation!r}"
        )
    qs = ranks(input.array, q)
    x = input.reshape(-1) if dim is None or not input.array.ndim else input
    d = 0 if dim is None else axis(dim, x.array.ndim)
    values = sort(x, d).values
    bad = np.add.reduce(np.isnan(x.array), d, keepdims=True)
    n = x.array.shape[d] - (bad if skip else np.zeros_like(bad))
    found = []
    for each in qs:
        rank = each * (n - 1)
        if not skip:
            rank = np.where(bad > 0, x.array.shape[d] - 1, rank)
        low, high = np.floor(rank).astype(np.int64), np.ceil(rank).astype(np.int64)
        if interpolation == "nearest":
            low = high = np.rint(rank).astype(np.int64)
        if interpolation in ("lower", "higher"):
            low = high = low if interpolation == "lower" else high
        pick = Chosen(d, True, "GatherBackward0")
        y = apply(pick, values, np.maximum(low, 0))
        if interpolation in ("linear", "midpoint"):
            share = rank - low if interpolation == "linear" else 0 * rank + 0.5
            y = lerp(y, apply(pick, values, np.maximum(high, 0)), wrap(np.asarray(share, x.array.dtype)))
        if dim is None or not input.array.ndim:
            y = y.reshape((1,) * input.array.ndim if keepdim else ())
        elif not keepdim:
            y = y.squeeze(d)
        found.append(y)
    several = isinstance(q, Value) and q.array.ndim == 1
    return known_as(stack(found) if several else found[0], "SqueezeBackward4")


def ranks(x: np.ndarray, q: Any) -> np.ndarray:
    """The quantiles asked for, as an array in the dtype of the entries."""
    if x.dtype.char not in "fd":
        raise RuntimeError(
            message(
                "quantile() input tensor must be either float or double dtype",
                f"it holds {of(x)}, and a quantile lies between two entries",
                "x.float().quantile(q)",
            )
        )
    if not x.size:
        raise RuntimeError("quantile() input tensor must be non-empty")
    if isinstance(q, Value):
        if q.array.ndim > 1:
            raise RuntimeError("quantile() q must be a scalar or 1D tensor")
        if q.array.dtype != x.dtype:
            raise RuntimeError(
                message("quantile() q tensor must be same dtype as the input tensor", f"they are {of(q.array)} and {of(x)}")
            )
        if ((q.array < 0) | (q.array > 1)).any():
            raise RuntimeError(f"quantile() q values must be in the range [0, 1] but got {q.array.tolist()}")
    elif not 0 <= q <= 1:
        raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q}")
    return np.atleast_1d(q.array if isinstance(q, Value) else np.asarray(q, x.dtype))


def unique(
    input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The distinct entries in ascending order; on request where each entry went, and how often each occurs."""
    d = None if dim is None else axis(dim, input.array.ndim)
    refuse_complex(input.array, "unique")
    if d is not None and 0 in input.array.shape:
        if input.array.shape[d] or input.array.shape.count(0) > 1:
            raise RuntimeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
    values, inverse, counts = np.unique(
        input.array, return_inverse=True, return_counts=True, axis=d, equal_nan=False
    )
    found = [wrap(values)]
    if return_inverse:
        found.append(wrap(inverse.reshape(input.array.shape if d is None else -1)))
    if return_counts:
        found.append(wrap(counts))
    return found[0] if len(found) == 1 else tuple(found)


def unique_consecutive(input: Any, return_inverse: bool = False, return_counts: bool = False, dim: Any = None) -> Any:
    """The entries with runs of equal neighbours collapsed to one."""
    x = input.array.reshape(-1) if dim is None else np.moveaxis(input.array, axis(dim, input.array.ndim), 0)
    rows = x.reshape(x.shape[0], prod(x.shape[1:]))
    starts = np.ones(len(x), bool)
    starts[1:] = (rows[1:] != rows[:-1]).any(1)
    values = x[starts] if dim is None else np.moveaxis(x[starts], 0, axis(dim, input.array.ndim))
    values = in_order(values)
    found = [wrap(values)]
    if return_inverse:
        inverse = np.cumsum(starts) - 1
        found.append(wrap(inverse.reshape(input.array.shape) if dim is None else inverse))
    if return_counts:
        found.append(wrap(np.diff(np.append(np.nonzero(starts)[0], len(x)))))
    return found[0] if len(found) == 1 else tuple(found)


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, … occurs, or the sum of its weights."""
    x = input.array
    if x.dtype.kind not in "ui":
        raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{title(input.dtype)}'")
    if x.ndim != 1 or x.size and x.min() < 0:
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is None or not x.size:
        return wrap(np.bincount(x, minlength=minlength))
    kind = np.float32 if weights.array.dtype == np.float32 else np.float64
    return wrap(np.bincount(x, weights.array, minlength).astype(kind))


@takes_out
def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """How many entries fall into each of ``bins`` equal intervals from ``min`` to ``max`` (both 0: the data's own range)."""
    x = input.array
    if min == 0 and max == 0 and x.size:
        min, max = float(x.min()), float(x.max())
    if not np.isfinite(min) or not np.isfinite(max):
        raise RuntimeError(f"torch.histc: range of [{min:g}, {max:g}] is not finite")
    if min == max:
        min, max = min - 1, max + 1
    return wrap(np.histogram(x, bins, (min, max))[0].astype(x.dtype))


def histogram(input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False) -> Any:
    """(counts, edges) of a histogram with ``bins`` intervals, or with the given edges."""
    edges = bins.array if isinstance(bins, Value) else bins
    w = None if weight is None else weight.array.reshape(-1)
    with np.errstate(all="ignore"):
        counts, edges = np.histogram(input.array.reshape(-1), edges, range, density, w)
    kind = input.array.dtype
    return Histogram(wrap(counts.astype(kind)), wrap(edges.astype(kind)))
