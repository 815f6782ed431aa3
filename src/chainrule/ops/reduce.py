"""Reductions: many entries become one. ``dims`` are sorted non-negative axes, or None for all of them."""

from __future__ import annotations

import operator
from math import prod
from typing import Any, ClassVar

import numpy as np

from ..base.layout import in_order
from ..base.shapes import reduced
from ..graph import large
from ..graph.apply import FLOATS
from ..graph.op import Op
from ..graph.stretched import FEW
from ..graph.value import Value
from .join import Cat
from .kernels import totals
from .logic import where
from .matmul import conj
from .scalar import exp, sign
from .shape import expand

add_up, empty = np.add.reduce, np.empty
ndarray, generic = np.ndarray, np.generic
ARRAYS = ndarray, generic


def read(y: Any) -> Any:
    """What a reduction left, in the order of reading (NumPy keeps the order in memory of what was reduced)."""
    return y if y.ndim < 2 or y.flags.c_contiguous else y.copy()


def add_all(x: np.ndarray) -> Any:
    """The sum of all entries; of a few floats in PyTorch's order, so that the last digit is the same too.

    PyTorch adds every fourth entry up, the rest to the first of these four sums, and then the four. NumPy's order is the
    same up to four entries, and from 32 on both add in blocks.
    """
    few = FEW.get(x.shape)
    if few is not None and type(x) is ndarray and x.dtype in FLOATS:
        return few(x)
    n = x.size
    if n >= large.LARGE and (y := totals.reduced("sum", x, None, False)) is not None:
        return y[()]
    if n < 5 or n > 31 or x.dtype.char not in "fd" or type(x) is not np.ndarray or not x.flags.c_contiguous:
        return add_up(x, None)
    line = x.reshape(-1)
    whole = n & ~3
    four = add_up(line[:whole].reshape(-1, 4), 0)
    first = four[0]
    for i in range(whole, n):
        first = first + line[i]
    return first + four[1] + four[2] + four[3]


class Sum(Op):
    """y = Σ x over the given axes"""

    fields = ("dims", "keepdim")
    symbol = "Σ"
    slow = "eE"

    def forward(self, x: Any) -> Any:
        if x.dtype.kind in "bui":
            return read(add_up(x, self.dims, np.int64, None, self.keepdim))
        if self.dims is None and not self.keepdim:
            return add_all(x)
        if (y := totals.reduced("sum", x, self.dims, self.keepdim)) is not None:
            return y
        return read(add_up(x, self.dims, None, None, self.keepdim))

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        return spread(g, x_shape, self.dims, self.keepdim)

    @property
    def torch_name(self) -> str:
        return "SumBackward0" if self.dims is None else "SumBackward1"


class Mean(Op):
    """y = (1/N) Σ x over the given axes, N entries each"""

    fields = ("dims", "keepdim")

    def forward(self, x: Any) -> Any:
        if self.dims is None and not self.keepdim:
            return add_all(x) / x.size
        n = x.size if self.dims is None else prod(x.shape[d] for d in self.dims)
        if (y := totals.reduced("sum", x, self.dims, self.keepdim)) is not None:
            return y / n
        return read(add_up(x, self.dims, None, None, self.keepdim) / n)

    def pull_x(self, g: Any, x_shape: Any) -> Any:
        dims = self.dims
        if dims is not None:
            return spread(g / prod([x_shape[d] for d in dims]), x_shape, dims, self.keepdim)
        n = prod(x_shape)
        return repeated(g / n, x_shape, n) if isinstance(g, generic) else spread(g / n, x_shape, None, self.keepdim)

    @property
    def torch_name(self) -> str:
        return "MeanBackward0" if self.dims is None else "MeanBackward1"


def repeated(number: Any, shape: tuple[int, ...], size: int) -> np.ndarray:
    """One number in every place: of a large array seen from there, since filling memory is quicker only up to some size."""
    if size > 4096:
        return np.ndarray(shape, number.dtype, np.asarray(number), 0, (0,) * len(shape))
    full = empty(shape, number.dtype)
    full.fill(number)
    return full


def spread(g: Any, shape: tuple[int, ...], dims: tuple[int, ...] | None, keepdim: bool) -> Any:
    """Repeat a reduced gradient along the axes that were summed away, without copying it."""
    if dims is None and (isinstance(g, generic) or isinstance(g, np.ndarray) and not g.ndim):
        return repeated(g, shape, prod(shape))
    if not isinstance(g, ARRAYS):
        if dims is not None and not keepdim:
            g = g.reshape(tuple(1 if d in dims else n for d, n in enumerate(shape)))
        return expand(g, shape)
    if dims is not None and not keepdim:
        g = g.reshape([1 if d in dims else n for d, n in enumerate(shape)])
    if not g.flags.c_contiguous:
        return np.broadcast_to(g, shape)
    strides = [0 if g.shape[d] != n else s for d, (n, s) in enumerate(zip(shape, g.strides))]
    return np.ndarray(shape, g.dtype, g, 0, strides)  # what broadcast_to gives, in a third of the time


class Prod(Op):
    """y = Π x over the given axes"""

    fields = ("dims", "keepdim")

    def forward(self, x: Any) -> Any:
        kind = np.int64 if x.dtype.kind in "bui" else None
        return read(np.multiply.reduce(x, self.dims, kind, None, self.keepdim))

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:
        if np.all(entries(x) != 0):
            shape = x.shape
            return spread(g * conj(y), shape, self.dims, self.keepdim) / conj(x)
        return spread(g, x.shape, self.dims, self.keepdim) * conj(others(x, self.dims))

    @property
    def torch_name(self) -> str:
        return "ProdBackward0" if self.dims is None else "ProdBackward1"


def others(x: Any, dims: tuple[int, ...] | None) -> Any:
    """For each entry the product of all other entries along the axes: right also where some are zero."""
    if dims is None:
        return others(x.reshape(-1), (0,)).reshape(x.shape)
    (d,) = dims
    n = x.shape[d]
    before, after = [None] * n, [None] * n
    cut = [slice(None)] * len(x.shape)

    def at(i: int) -> Any:
        return x[(*cut[:d], slice(i, i + 1), *cut[d + 1 :])]

    for i in range(1, n):
        before[i] = at(i - 1) if before[i - 1] is None else before[i - 1] * at(i - 1)
        j = n - 1 - i
        after[j] = at(j + 1) if after[j + 1] is None else after[j + 1] * at(j + 1)
    parts: list[Any] = []
    for b, a in zip(before, after):
        parts.append(b * a if b is not None and a is not None else b if b is not None else a)
    if n == 1:
        return x * 0 + 1
    return Cat(d)(*parts)


def entries(x: Any) -> Any:
    return x.array if isinstance(x, Value) else x


class Extreme(Op, abstract=True):
    """The largest or smallest entry; where several are equal, its gradient is shared evenly among them."""

    fields: ClassVar[tuple[str, ...]] = ("dims", "keepdim", "torch_name")

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:
        highest = spread(y, x.shape, self.dims, self.keepdim)
        same = operator.eq if self.torch_name in ("AmaxBackward0", "AminBackward0") else equal_or_nan
        where = same(entries(x), entries(highest))
        if self.dims is None or self.keepdim:
            count = np.add.reduce(where, self.dims, keepdims=self.keepdim)
        else:
            count = np.add.reduce(where, self.dims)
        return spread(g / np.asarray(count, entries(x).dtype), x.shape, self.dims, self.keepdim) * where


def equal_or_nan(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    same = x == y
    return same | ((x != x) & (y != y)) if x.dtype.kind == "f" else same


class Max(Extreme):
    """y = max x over the given axes"""

    def forward(self, x: Any) -> Any:
        if (y := totals.reduced("largest", x, self.dims, self.keepdim)) is not None:
            return y
        return read(np.maximum.reduce(x, self.dims, None, None, self.keepdim))


class Min(Extreme):
    """y = min x over the given axes"""

    def forward(self, x: Any) -> Any:
        return read(np.minimum.reduce(x, self.dims, None, None, self.keepdim))


class Median(Extreme):
    """y = the middle entry of all, the lower of two; with ``skip``, of those that are numbers"""

    fields = ("dims", "keepdim", "torch_name", "skip")

    def forward(self, x: Any) -> Any:
        flat = x.reshape(-1)
        numbers = flat.size - (np.count_nonzero(x != x) if x.dtype.kind == "f" else 0)
        if numbers < flat.size and not self.skip or numbers == 0:
            return flat[flat != flat][-1]
        return np.partition(flat, (numbers - 1) // 2)[(numbers - 1) // 2]  # NaN counts as the largest


class Var(Op):
    """y = Σ (x − x̄)² / (N − correction) over the given axes"""

    fields = ("dims", "keepdim", "correction")

    def forward(self, x: Any) -> Any:
        d = x - Mean(self.dims, True).forward(x)
        if x.dtype.kind == "c":
            d = np.abs(d)
        total = add_up(d * d, self.dims, None, None, self.keepdim)
        return in_order(np.asarray(total / self.free(x.shape, x.dtype)))

    def free(self, shape: tuple[int, ...], kind: Any = None) -> Any:
        n = prod(shape if self.dims is None else [shape[d] for d in self.dims])
        left = max(n - self.correction, 0)
        return left if kind is None else np.asarray(left, np.empty(0, kind).real.dtype)

    def pull_x(self, g: Any, x: Any) -> Any:
        slope = 2.0 / self.free(x.shape) if self.free(x.shape) else float("nan")
        centred = x - (Mean(self.dims, True)(x) if self.dims is not None else mean(x))
        return spread(g * slope, x.shape, self.dims, self.keepdim) * centred


class Std(Var):
    """y = √(Σ (x − x̄)² / (N − correction)) over the given axes"""

    def forward(self, x: Any) -> Any:
        return np.sqrt(Var.forward(self, x))

    compute = forward

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:  # type: ignore[override]
        zero = entries(y) == 0
        return Var.pull_x(self, where(zero, g * 0, g / (2 * where(zero, 1, y))), x)


class LogSumExp(Op):
    """y = ln Σ eˣ over the given axes, with the largest entry taken out so that nothing overflows"""

    fields = ("dims", "keepdim")
    torch_name = "LogsumexpBackward0"

    def forward(self, x: Any) -> Any:
        top = np.maximum.reduce(x, self.dims, keepdims=True, initial=-np.inf)
        top = np.where(np.isfinite(top), top, np.array(0, x.dtype))
        y = np.log(add_up(np.exp(x - top), self.dims, keepdims=True)) + top
        return in_order(y if self.keepdim else y.reshape(reduced(x.shape, self.dims, False)))

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:
        share = exp(x - spread(y, x.shape, self.dims, self.keepdim))
        return spread(g, x.shape, self.dims, self.keepdim) * share


def direction(x: Any) -> Any:
    """x / |x|, and 0 for 0."""
    if entries(x).dtype.kind != "c":
        return sign(x)
    size = abs(x)
    return x / where(entries(size) == 0, 1, size)


class VectorNorm(Op):
    """y = (Σ |x|ᵖ)^(1/p) over the given axes; p = ∞ the largest |x|, p = 0 the number of entries that are not 0"""

    fields = ("p", "dims", "keepdim")
    torch_name = "LinalgVectorNormBackward0"

    def forward(self, x: Any) -> Any:
        return read(self.size(x))

    def size(self, x: Any) -> Any:
        p, how = self.p, (self.dims, None, None, self.keepdim)
        if p in (1, 2):
            y = totals.reduced("squares" if p == 2 else "sizes", x, self.dims, self.keepdim)
            if y is not None:
                return np.sqrt(y) if p == 2 else y
        size = np.abs(x)
        if p == 2:
            return np.sqrt(add_up(size * size, *how))
        if p == 1:
            return add_up(size, *how)
        if p == 0:
            return add_up((x != 0).astype(size.dtype), *how)
        if p == float("inf"):
            return np.maximum.reduce(size, *how)
        if p == -float("inf"):
            return np.minimum.reduce(size, *how)
        return add_up(size**p, *how) ** (1 / p)

    def pull_x(self, g: Any, x: Any, y: Any) -> Any:
        p = self.p
        if p == 2:
            zero = entries(y) == 0
            share = where(zero, g * 0, g / where(zero, y * 0 + 1, y))
            return x * spread(share, x.shape, self.dims, self.keepdim)
        g = spread(g, x.shape, self.dims, self.keepdim)
        if p == 1:
            return g * direction(x)
        if p == 0:
            return g * np.zeros(x.shape, entries(x).dtype)
        y = spread(y, x.shape, self.dims, self.keepdim)
        if abs(p) == float("inf"):
            hit = equal_or_nan(np.abs(entries(x)), entries(y))
            return g * direction(x) * (hit / add_up(hit, self.dims, keepdims=True))
        zero = entries(y) == 0
        safe = where(zero, y * 0 + 1, y)
        return where(zero | (entries(x) == 0), g * 0, g * x * abs(x) ** (p - 2) / safe ** (p - 1))


class NanSum(Op):
    """y = Σ x over the given axes, with entries that are not a number left out"""

    fields = ("dims", "keepdim")
    torch_name = "NansumBackward0"

    def forward(self, x: Any) -> Any:
        return Sum(self.dims, self.keepdim).forward(np.where(np.isnan(x), np.array(0, x.dtype), x))

    def pull_x(self, g: Any, x: Any) -> Any:
        return spread(g, x.shape, self.dims, self.keepdim) * ~np.isnan(entries(x))


total, mean = Sum(None, False), Mean(None, False)
