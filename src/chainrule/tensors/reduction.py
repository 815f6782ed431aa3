"""Reductions by PyTorch's names: many entries become one.

All take ``dim`` (an axis, several, or None for all) and ``keepdim``; NumPy's ``axis`` and ``keepdims`` are accepted.
"""

from __future__ import annotations

from math import prod as product
from typing import Any

import numpy as np

from ..base.dtypes import int64, of, title
from ..base.errors import message
from ..base.shapes import axes, axis
from ..graph.apply import FLOATS, apply, unary
from ..graph.promote import cast, known_as
from ..graph.value import Value, clock, wrap
from ..ops import reduce as op
from ..ops import scan
from .coerce import floating
from .inplace import check_writable, into, write
from .spelling import numpy_spelling


def over(dim: Any, ndim: int) -> tuple[int, ...] | None:
    """The axes to reduce, None for all."""
    if dim is None or dim == ():
        return None
    if isinstance(dim, Value):
        dim = int(dim.array)
    return axes(dim, ndim)


def numpy_names(dim: Any, keepdim: bool, named: dict[str, Any]) -> tuple[Any, bool]:
    """``axis=`` and ``keepdims=`` where they were given instead."""
    dim, keepdim = named.pop("axis", dim), named.pop("keepdims", keepdim)
    if named:
        raise TypeError(f"got an unexpected keyword argument '{next(iter(named))}'")
    return dim, keepdim


def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None, **named: Any) -> Any:
    """y = Σ x over ``dim``; integers and bools add up to int64.

    >>> torch.sum(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([4., 6.])
    """
    if dim is None and dtype is None and not keepdim and not named:
        y = unary(op.total, input)
    else:
        if named:
            dim, keepdim = numpy_names(dim, keepdim, named)
        x = input if dtype is None else cast(input, dtype)
        y = apply(op.Sum(over(dim, x.array.ndim), keepdim), x)
        if dtype is not None:
            y = cast(y, dtype)
    return y if out is None else into(out, y)


def mean(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None, **named: Any
) -> Any:
    """y = (1/N) Σ x over ``dim``.

    >>> torch.mean(torch.tensor([[1., 2.], [3., 4.]]), dim=1)
    tensor([1.5000, 3.5000])
    """
    if dim is None and dtype is None and out is None and not keepdim and not named and input.array.dtype in FLOATS:
        return unary(op.mean, input)
    x = input if dtype is None else cast(input, dtype)
    if x.array.dtype.kind in "bui":
        here = title(x.dtype)
        raise RuntimeError(
            message(
                "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
                f"Got: {here}",
                f"the mean of integers ({x.dtype}) is usually not an integer",
                "x.float().mean(), or x.mean(dtype=torch.float32)",
            )
        )
    if dim is None and not keepdim and not named:
        y = apply(op.mean, x)
    else:
        dim, keepdim = numpy_names(dim, keepdim, named)
        y = apply(op.Mean(over(dim, x.array.ndim), keepdim), x)
    return y if out is None else into(out, y)


@numpy_spelling
def prod(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None) -> Any:
    """y = Π x, over all entries or along one axis.

    >>> torch.prod(torch.tensor([2., 3., 4.]))
    tensor(24.)
    """
    x = input if dtype is None else cast(input, dtype)
    dims = None if dim is None else (axis(dim, x.array.ndim),)
    y = apply(op.Prod(dims if x.array.ndim else None, keepdim and x.array.ndim > 0), x)
    if dims is not None and not x.array.ndim:
        known_as(y, "ProdBackward1")
    return into(out, y if dtype is None else cast(y, dtype))


def spread_args(input: Any, dim: Any, unbiased: Any, correction: Any, keepdim: bool) -> tuple[Any, Any, Any]:
    """The arguments of var and std, whose second positional one may be ``unbiased``."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if unbiased is not None and not isinstance(unbiased, bool):
        raise TypeError(
            message(
                f"var() received an invalid combination of arguments - unbiased={unbiased!r} is not a bool",
                instead=f"correction={unbiased!r}",
            )
        )
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    if input.array.dtype.kind in "bui":
        raise RuntimeError("std and var only support floating point and complex dtypes")
    dims = over(dim, input.array.ndim)
    n = product(input.array.shape if dims is None else [input.array.shape[d] for d in dims])
    if n - correction <= 0:
        import warnings

        warnings.warn(
            "var(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor "
            f"(input numel divided by output numel): {n} entries, correction {correction}.",
            UserWarning,
            stacklevel=3,
        )
    return input, dims, correction


@numpy_spelling
def var(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None, out: Any = None
) -> Any:
    """y = Σ (x − x̄)² / (N − correction); correction 1 (the default) makes it unbiased.

    >>> torch.var(torch.tensor([1., 2., 3., 4.]))
    tensor(1.6667)
    """
    x, dims, correction = spread_args(input, dim, unbiased, correction, keepdim)
    return into(out, apply(op.Var(dims, keepdim, correction), x))


@numpy_spelling
def std(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None, out: Any = None
) -> Any:
    """y = √(Σ (x − x̄)² / (N − correction)); correction 1 is the default.

    >>> torch.std(torch.tensor([1., 2., 3., 4.]))
    tensor(1.2910)
    """
    x, dims, correction = spread_args(input, dim, unbiased, correction, keepdim)
    return into(out, apply(op.Std(dims, keepdim, correction), x))


@numpy_spelling
def var_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> tuple[Any, Any]:
    """(variance, mean)."""
    where = None if isinstance(dim, bool) else dim
    found = var(input, dim, unbiased, keepdim, correction=correction), mean(input, where, keepdim)
    return known_as(found[0], "VarMeanBackward0"), known_as(found[1], "VarMeanBackward0")


@numpy_spelling
def std_mean(
    input: Any, dim: Any = None, unbiased: Any = None, keepdim: bool = False, *, correction: Any = None
) -> tuple[Any, Any]:
    """(standard deviation, mean)."""
    where = None if isinstance(dim, bool) else dim
    found = std(input, dim, unbiased, keepdim, correction=correction), mean(input, where, keepdim)
    return known_as(found[0], "StdMeanBackward0"), known_as(found[1], "StdMeanBackward0")


def nonempty(x: Any, dims: tuple[int, ...] | None, name: str) -> None:
    sizes = x.array.shape if dims is None else [x.array.shape[d] for d in dims]
    if 0 in sizes:
        if dims is None:
            raise (IndexError if name.startswith("arg") else RuntimeError)(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )
        d = next(d for d in dims if x.array.shape[d] == 0)
        raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")


@numpy_spelling
def amax(input: Any, dim: Any = (), keepdim: bool = False, *, out: Any = None) -> Any:
    """The largest entry over ``dim``; equal ones share its gradient."""
    dims = over(dim, input.array.ndim)
    nonempty(input, dims, "amax")
    return into(out, apply(op.Max(dims, keepdim, "AmaxBackward0"), input))


@numpy_spelling
def amin(input: Any, dim: Any = (), keepdim: bool = False, *, out: Any = None) -> Any:
    """The smallest entry over ``dim``; equal ones share its gradient."""
    dims = over(dim, input.array.ndim)
    nonempty(input, dims, "amin")
    return into(out, apply(op.Min(dims, keepdim, "AminBackward0"), input))


@numpy_spelling
def logsumexp(input: Any, dim: Any, keepdim: bool = False, *, out: Any = None) -> Any:
    """y = ln Σ eˣ over ``dim``, computed without overflow.

    >>> torch.logsumexp(torch.tensor([1000., 1000.]), dim=0)
    tensor(1000.6932)
    """
    x = floating(input)
    dims = over(dim, x.array.ndim)
    dims = tuple(range(x.array.ndim)) if dims is None else dims
    return into(out, apply(op.LogSumExp(dims, keepdim), x))


@numpy_spelling
def nansum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """y = Σ x, leaving out what is not a number."""
    x = input if dtype is None else cast(input, dtype)
    if input.array.dtype.kind == "c":
        raise RuntimeError(message("nansum on CPU does not support complex inputs", instead="torch.where(x.isnan(), 0, x).sum()"))
    kind = op.NanSum if x.array.dtype.kind in "fV" else op.Sum
    y = apply(kind(over(dim, x.array.ndim), keepdim), x)
    return y if dtype is None else cast(y, dtype)


@numpy_spelling
def nanmean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The mean of the entries that are numbers."""
    if input.array.dtype.kind in "bui":
        raise RuntimeError(
            f"nanmean(): expected input to have floating point or complex dtype but got {title(input.dtype)}"
        )
    if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
        raise RuntimeError(
            "nanmean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. "
            f"Got: {title(dtype)}"
        )
    x = input if dtype is None or input.array.dtype.kind == "c" else cast(input, dtype)
    count = (~np.isnan(x.array)).sum(over(dim, x.array.ndim), np.int64, keepdims=keepdim)
    return nansum(x, dim, keepdim) / wrap(np.asarray(count, x.array.dtype))


@numpy_spelling
def all(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """Whether every entry is true (not zero)."""
    return into(out, truth(np.logical_and, input, dim, keepdim))


@numpy_spelling
def any(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """Whether some entry is true (not zero)."""
    return into(out, truth(np.logical_or, input, dim, keepdim))


def truth(how: Any, x: Any, dim: Any, keepdim: bool) -> Any:
    """Entries joined by a logical function; bytes stay bytes, as in PyTorch."""
    kind = np.uint8 if x.array.dtype == np.uint8 else np.bool_
    return wrap(op.read(np.asarray(how.reduce(x.array, over(dim, x.array.ndim), None, None, keepdim), kind)))


@numpy_spelling
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many entries are not zero."""
    return wrap(op.read(np.asarray(np.add.reduce(input.array != 0, over(dim, input.array.ndim), np.int64))))


def extreme_place(input: Any, dim: Any, keepdim: bool, find: Any, name: str) -> Any:
    x = input.array
    if x.dtype.kind == "b":
        raise RuntimeError(f"{name}(): does not support bool input")
    if x.dtype.kind == "c":
        raise RuntimeError(message(f"{name}(): does not support complex input", "complex numbers have no order", "x.abs()"))
    if dim is None:
        nonempty(input, None, name)
        found = np.asarray(find(x.reshape(-1)))
        return wrap(found.reshape((1,) * x.ndim) if keepdim else found)
    d = axis(dim, x.ndim)
    if x.ndim == 0:
        return wrap(np.zeros((), np.int64))
    nonempty(input, (d,), name)
    return wrap(np.asarray(find(x, d, keepdims=keepdim)))


def argmax(input: Any, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
    """The place of the largest entry: along ``dim``, or in the flattened tensor.

    >>> torch.argmax(torch.tensor([[1., 9.], [4., 2.]]), dim=1)
    tensor([1, 0])
    """
    dim, keepdim = numpy_names(dim, keepdim, named)
    return extreme_place(input, dim, keepdim, np.argmax, "argmax")


def argmin(input: Any, dim: Any = None, keepdim: bool = False, **named: Any) -> Any:
    """The place of the smallest entry: along ``dim``, or in the flattened tensor."""
    dim, keepdim = numpy_names(dim, keepdim, named)
    return extreme_place(input, dim, keepdim, np.argmin, "argmin")


# ---------------------------------------------------------------------- norms


def norm(input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Any = None, dtype: Any = None) -> Any:
    """y = (Σ |x|ᵖ)^(1/p); "fro" is p = 2, "nuc" the sum of singular values.

    >>> torch.norm(torch.tensor([3., 4.]))
    tensor(5.)
    """
    x = input if dtype is None else cast(input, dtype)
    if x.array.dtype.kind in "bui":
        raise RuntimeError(
            f"linalg.vector_norm: Expected a floating point or complex tensor as input. Got {title(x.dtype)}"
        )
    if p == "nuc":
        from .matrix_norms import matrix_norm

        return matrix_norm(x, "nuc", (-2, -1) if dim is None else dim, keepdim)
    power = 2.0 if p is None or p == "fro" else float(p)
    dims = over(dim, x.array.ndim)
    if not x.array.size and (power < 0 or power == float("inf")):
        refuse_empty(x.array.shape, power, dims)
    return into(out, apply(op.VectorNorm(power, dims, keepdim), x))


def refuse_empty(shape: tuple[int, ...], p: float, dims: tuple[int, ...] | None) -> None:
    """Raise an error where a norm that begins with the largest or smallest entry has none."""
    p = int(p) if p == p // 1 and abs(p) != float("inf") else p  # type: ignore[assignment]
    if dims is None or len(dims) == len(shape):
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {p} norm on an empty tensor because the operation does not have an identity"
        )
    if empty := [d for d in dims if shape[d] == 0]:
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {p} norm on the dimension {empty[0]}because this dimension is empty and the "
            "operation does not have an identity"
        )


def dist(input: Any, other: Any, p: float = 2) -> Any:
    """‖input − other‖ₚ"""
    return known_as(norm(input - other, p), "DistBackward0")


# ---------------------------------------------------------------------- running


def running(kind: Any) -> Any:
    @numpy_spelling
    def function(input: Any, dim: int, *, dtype: Any = None, out: Any = None) -> Any:
        x = input if dtype is None else cast(input, dtype)
        d = axis(dim, x.array.ndim)
        if kind is scan.LogCumSumExp and x.array.dtype.kind in "bui":
            raise NotImplementedError(
                message(f"\"logcumsumexp_out_cpu\" not implemented for '{title(x.dtype)}'", instead="x.float().logcumsumexp(0)")
            )
        if x.array.ndim:
            y = apply(kind(d), x)
        else:
            y = known_as(x.clone(), kind.torch_name) if x.array.dtype.kind not in "bui" else cast(x, int64)
        return into(out, y if dtype is None else cast(y, dtype))

    return function


cumsum = running(scan.CumSum)
cumsum.__doc__ = """y[i] = x[0] + … + x[i] along ``dim``.

    >>> torch.cumsum(torch.tensor([1., 2., 3.]), 0)
    tensor([1., 3., 6.])
    """
cumprod = running(scan.CumProd)
cumprod.__doc__ = "y[i] = x[0] · … · x[i] along ``dim``."
logcumsumexp = running(scan.LogCumSumExp)
logcumsumexp.__doc__ = "y[i] = ln(eˣ⁰ + … + eˣⁱ) along ``dim``."
for _name, _f in (("cumsum", cumsum), ("cumprod", cumprod), ("logcumsumexp", logcumsumexp)):
    _f.__name__ = _f.__qualname__ = _name


def running_in_place(function: Any) -> Any:
    """The in-place method, which keeps the dtype of its tensor."""

    def method(input: Any, dim: int, *, dtype: Any = None) -> Any:
        here = of(input.array)
        if dtype is not None and dtype is not here:
            raise RuntimeError(
                message(
                    f"Bad in-place call: input tensor dtype {here.alias} and output tensor dtype {dtype.alias} should match",
                    instead=f"x.{function.__name__}(dim, dtype=torch.{dtype.name}) for a new tensor",
                )
            )
        check_writable(input)
        if here.rank == 0 and input.array.size:
            raise NotImplementedError(f"\"{function.__name__}_out_cpu\" not implemented for 'Bool'")
        start = clock()
        return write(input, cast(function(input, dim), here), start)

    method.__name__ = method.__qualname__ = f"{function.__name__}_"
    method.__doc__ = f"In-place version of :func:`{function.__name__}`."
    return method


cumsum_, cumprod_ = running_in_place(cumsum), running_in_place(cumprod)


@numpy_spelling
def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along ``dim``, taken ``n`` times."""
    from .joining import cat

    parts = [t for t in (prepend, input, append) if t is not None]
    if not input.array.ndim:
        raise RuntimeError(message("diff expects input to be at least one-dimensional", "a number has no neighbours"))
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    x = cat(parts, dim) if len(parts) > 1 else input
    d = axis(dim, x.array.ndim)
    for _ in range(n):
        size = max(x.array.shape[d] - 1, 0)
        after, before = x.narrow(d, x.array.shape[d] - size, size), x.narrow(d, 0, size)
        x = after ^ before if x.array.dtype.kind == "b" else after - before
    return x if n else x.clone()


def trapezoid(y: Any, x: Any = None, *, dx: float = 1, dim: int = -1) -> Any:
    """∫ y along ``dim`` by the trapezoidal rule, with spacing ``dx`` or at the points ``x``."""
    d = axis(dim, y.array.ndim)
    n = y.array.shape[d]
    if n < 2:
        return (y.narrow(d, 0, n) if n else y.detach()).sum(d) * 0
    heights = y.narrow(d, 1, n - 1) + y.narrow(d, 0, n - 1)
    if x is None:
        return heights.sum(d) * (dx / 2)
    steps = diff(x, dim=-1 if x.array.ndim == 1 else d)
    if x.array.ndim == 1:
        steps = steps.reshape([-1 if i == d else 1 for i in range(y.array.ndim)])
    return (heights * steps).sum(d) / 2
