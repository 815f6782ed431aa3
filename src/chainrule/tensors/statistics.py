"""Covariances, slopes and areas of sampled functions, and counts in boxes, by PyTorch's names."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..base.shapes import axes, axis
from ..graph.value import Value, wrap
from .coerce import floating, tensor_like
from .inplace import into
from .joining import cat
from .linalg import matmul
from .return_types import return_type

# ---------------------------------------------------------------------- covariances


def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """C[i, j] = Σ w (xᵢ − x̄ᵢ) (xⱼ − x̄ⱼ) / N of variables in rows, observed in columns; N is Σ w − ``correction``.

    ``fweights`` say how often an observation was made, ``aweights`` how much it counts.

    >>> torch.cov(torch.tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    x = tensor_like(input, "input", "cov")
    if x.array.ndim > 2:
        raise RuntimeError(
            f"cov(): expected input to have two or fewer dimensions but got an input with {x.array.ndim} dimensions"
        )
    if x.array.dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = x.reshape(1, -1) if x.array.ndim < 2 else x
    count = x.array.shape[1]
    w = checked(fweights, "fweights", count)
    total: Any = count if w is None else w.sum()
    if aweights is not None:
        a = checked(aweights, "aweights", count)
        w = a if w is None else w * a
        total = w.sum()
    mean = (
        (x.mean(1) if x.is_floating_point() or x.is_complex() else floating(x).mean(1))
        if w is None
        else (x * w).sum(1) / total
    )
    if aweights is not None and correction:
        total = total - correction * (w * aweights).sum() / total
    else:
        total = total - correction
    apart = x - mean.unsqueeze(1)
    product = matmul(apart, (apart if w is None else apart * w).mT.conj())
    if np.any((total.array if isinstance(total, Value) else total) <= 0):
        warnings.warn(
            "cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.",
            UserWarning,
            stacklevel=2,
        )
    return (product / (max(total, 0) if isinstance(total, int) else total.clamp_min(0))).squeeze()


def checked(weights: Any, name: str, count: int) -> Any:
    """Weights of observations: as many as these, whole for ``fweights``, none negative."""
    if weights is None:
        return None
    x = weights.array
    wanted, kinds = ("integral", "ui") if name == "fweights" else ("floating point", "f")
    if x.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with {x.ndim} dimensions"
        )
    if x.dtype.kind not in kinds:
        raise RuntimeError(
            f"cov(): expected {name} to have {wanted} dtype but got {name} with {dtypes.title(dtypes.of(x))} dtype"
        )
    if x.size != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input but got {x.size} != {count}"
        )
    if (x < 0).any():
        raise RuntimeError(f"cov(): {name} cannot be negative")
    return weights


def corrcoef(input: Any) -> Any:
    """R[i, j] = C[i, j] / √(C[i, i] C[j, j]), C being the covariances: Pearson's coefficients, from −1 to 1.

    >>> torch.corrcoef(torch.tensor([[0., 1., 2.], [2., 1., 0.]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    if tensor_like(input, "input", "corrcoef").array.ndim > 2:
        raise RuntimeError(
            f"corrcoef(): expected input to have two or fewer dimensions but got an input with {input.array.ndim} dimensions"
        )
    c = cov(input)
    if c.array.ndim == 0:
        return c / c
    spread = (c.diagonal().real if c.is_complex() else c.diagonal()).sqrt()
    r = c / spread.unsqueeze(1) / spread.unsqueeze(0)
    return r if r.is_complex() else r.clamp(-1, 1)


# ---------------------------------------------------------------------- areas and slopes


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = 1, dim: int = -1) -> Any:
    """The areas under y up to each sample, by trapezoids: Σ ½ (yᵢ + yᵢ₊₁) (xᵢ₊₁ − xᵢ), or · dx without x.

    >>> torch.cumulative_trapezoid(torch.tensor([1., 3., 5.]))
    tensor([2., 6.])
    """
    d = axis(dim, tensor_like(y, "y", "cumulative_trapezoid").array.ndim)
    y, n = floating(y), y.array.shape[d]
    pairs = y.narrow(d, 1, n - 1) + y.narrow(d, 0, n - 1)
    if x is None:
        return (pairs * (dx / 2)).cumsum(d)
    along = d if x.array.ndim == y.array.ndim else -1
    if x.array.shape[along] != n:
        raise RuntimeError(
            message(
                "cumulative_trapezoid: There must be one `x` value for each sample point",
                f"y has {n} samples along dimension {d}, x {x.array.shape[along]} values",
            )
        )
    steps = x.diff(dim=along)
    if x.array.ndim < y.array.ndim:
        steps = steps.reshape([-1 if i == d else 1 for i in range(y.array.ndim)])
    return (pairs * steps / 2).cumsum(d)


def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Any, ...]:
    """∂y/∂x along each of the axes ``dim`` of a sampled function, by differences of the second order inside.

    ``spacing`` is the distance of the samples (one for all axes or one for each), or for each axis the tensor of their
    places. At the ends stand differences of order ``edge_order``, 1 or 2.

    >>> torch.gradient(torch.tensor([1., 4., 9., 16.]))
    (tensor([3., 4., 6., 7.]),)
    """
    y = floating(tensor_like(input, "input", "gradient"))
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    if dim is not None and not isinstance(dim, int):
        axes(dim, y.array.ndim)  # refuses an axis named twice
    dims = (
        range(y.array.ndim)
        if dim is None
        else [axis(d, y.array.ndim) for d in ([dim] if isinstance(dim, int) else dim)]
    )
    spacings = list(spacing) if isinstance(spacing, Sequence) else [spacing] * len(dims)
    if len(spacings) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same "
            f"length, but got a spacing argument of length {len(spacings)} and a dim argument of length {len(dims)}."
        )
    for d in dims:
        if y.array.shape[d] < edge_order + 1:
            raise RuntimeError(
                message(
                    "torch.gradient expected each dimension size to be at least edge_order+1",
                    f"dimension {d} has {y.array.shape[d]} entries, edge_order is {edge_order}",
                )
            )
    return tuple(slope(y, s, d, edge_order) for d, s in zip(dims, spacings))


def slope(y: Any, spacing: Any, d: int, edge_order: int) -> Any:
    """∂y/∂x along one axis. Inside it is the slope of the parabola through a sample and its neighbours."""
    n = y.array.shape[d]
    places: Any = spacing
    if not isinstance(spacing, Value) or not spacing.array.ndim:
        steps = y.new_ones([n - 1 if i == d else 1 for i in range(y.array.ndim)]) * spacing
    else:
        if places.array.shape != (n,):
            raise RuntimeError(
                f"torch.gradient expected the coordinates of dimension {d} to be {n} values, but got shape {list(places.array.shape)}"
            )
        steps = places.diff().reshape([-1 if i == d else 1 for i in range(y.array.ndim)])
    slopes = y.diff(dim=d) / steps

    def parabola(i: int, j: int, at: float) -> Any:
        """The slope at one end (0 or 1) of the parabola that has slopes i and j on two neighbouring steps."""
        h, k = steps.narrow(d, i, 1), steps.narrow(d, j, 1)
        first, second = slopes.narrow(d, i, 1), slopes.narrow(d, j, 1)
        bend = (second - first) / (h + k)
        return first - bend * h if at == 0 else second + bend * k

    begin = slopes.narrow(d, 0, 1) if edge_order == 1 else parabola(0, 1, 0)
    end = slopes.narrow(d, n - 2, 1) if edge_order == 1 else parabola(n - 3, n - 2, 1)
    if n == 2:
        return cat([begin, end], d)
    h, k = steps.narrow(d, 0, n - 2), steps.narrow(d, 1, n - 2)
    inside = (slopes.narrow(d, 0, n - 2) * k + slopes.narrow(d, 1, n - 2) * h) / (h + k)
    return cat([begin, inside, end], d)


# ---------------------------------------------------------------------- members and counts


def isin(
    elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False, out: Any = None
) -> Any:
    """y = 1 where the entry is one of ``test_elements`` (0 there with ``invert``).

    >>> torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 3]))
    tensor([False,  True,  True])
    """
    if not isinstance(elements, Value) and not isinstance(test_elements, Value):
        raise TypeError(
            f"isin() received an invalid combination of arguments - got ({type(elements).__name__}, "
            f"{type(test_elements).__name__}), but expected one of them to be a Tensor"
        )
    x, these = (t.array if isinstance(t, Value) else np.asarray(t) for t in (elements, test_elements))
    return into(out, wrap(np.isin(x, these, assume_unique, invert)))


def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """The index along each axis of the entries that ``indices`` number, in a tensor of this shape.

    >>> torch.unravel_index(torch.tensor([5, 2]), (2, 3))
    (tensor([1, 0]), tensor([2, 2]))
    """
    x = tensor_like(indices, "indices", "unravel_index").array
    if x.dtype.kind not in "iu":
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    sizes = [shape] if isinstance(shape, int) else list(shape)
    if any(n < 0 for n in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {tuple(sizes)}")
    found, rest = [], x
    for n in reversed(sizes):
        rest, here = np.divmod(rest, n) if n else (rest, np.zeros_like(rest))
        found.append(wrap(here))
    return tuple(reversed(found))


Histogram = return_type("histogramdd", "hist", "bin_edges")


def histogramdd(input: Any, bins: Any, range: Any = None, weight: Any = None, density: bool = False) -> Any:
    """How many points (the entries along the last axis) lie in each of the boxes made by ``bins`` along each axis.

    >>> torch.histogramdd(torch.tensor([[0., 1.], [1., 0.], [2., 2.]]), bins=[2, 2]).hist
    tensor([[0., 1.],
            [1., 1.]])
    """
    x = tensor_like(input, "input", "histogramdd").array
    if x.ndim < 2:
        raise RuntimeError("torch.histogramdd: input tensor should have at least 2 dimensions")
    d = x.shape[-1]
    counts: Any = (
        [bins] * d if isinstance(bins, (int, np.integer)) else [b.array if isinstance(b, Value) else b for b in bins]
    )
    if len(counts) != d:
        raise RuntimeError(
            f"torch.histogramdd: expected {d} sequences of bins, one for each coordinate of a point, but got {len(counts)}"
        )
    spans = None if range is None else [(range[2 * i], range[2 * i + 1]) for i in np.arange(d)]
    weights = None if weight is None else weight.array.reshape(-1)
    hist, edges = np.histogramdd(x.reshape(-1, d), counts, spans, density, weights)
    return Histogram(wrap(hist.astype(x.dtype)), tuple(wrap(e.astype(x.dtype)) for e in edges))
