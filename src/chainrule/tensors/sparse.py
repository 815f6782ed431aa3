"""Sparse tensors in coordinate form: the entries that are not zero, and where they are.

    S[i₁, …, i_d] = Σₙ v[n] over those n with indices[:, n] = (i₁, …, i_d)

What graph networks need of them: making them, their product with a dense matrix, and the way to dense tensors and back.
All of it is made of operations on dense tensors, so gradients flow to the values and to the dense factor. Anything else is
refused with the line to write instead.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from ..base import device as devices
from ..base import dtypes
from ..base.errors import message
from ..base.layout import sparse_coo
from ..graph.promote import cast
from ..graph.value import Value, wrap
from .coerce import sizes, tensor_like
from .creation import as_tensor
from .filled import zeros
from .joining import cat
from .printing import format_tensor
from .size import Size


class SparseTensor:
    """A matrix, or any tensor, of which only some entries are held.

    >>> s = torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], [3.0, 4.0, 5.0], (2, 3))
    >>> s.to_dense()
    tensor([[0., 0., 3.],
            [4., 0., 5.]])
    >>> s @ torch.ones(3, 1)
    tensor([[3.],
            [9.]])
    """

    is_sparse, is_sparse_csr, is_cuda, is_cpu, is_leaf = True, False, False, True, True
    layout = sparse_coo

    def __init__(self, indices: Any, values: Any, size: tuple[int, ...], coalesced: bool = False) -> None:
        self.at, self.entries, self.shape, self.coalesced = indices, values, Size(size), coalesced

    # ------------------------------------------------------------------ what it is

    @property
    def dtype(self) -> dtypes.dtype:
        return dtypes.of(self.entries.array)

    @property
    def device(self) -> devices.device:
        return devices.CPU

    @property
    def requires_grad(self) -> bool:
        return self.entries.requires_grad

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        return len(self.shape)

    ndim = property(dim)

    def sparse_dim(self) -> int:
        """How many axes the indices say."""
        return self.at.array.shape[0]

    def dense_dim(self) -> int:
        """How many axes each value has of its own."""
        return self.entries.array.ndim - 1

    def numel(self) -> int:
        return self.shape.numel()

    def _nnz(self) -> int:
        """How many entries are held."""
        return self.at.array.shape[1]

    def is_coalesced(self) -> bool:
        """Whether the entries are in order, each once."""
        return self.coalesced

    def _indices(self) -> Any:
        return self.at

    def _values(self) -> Any:
        return self.entries

    def indices(self) -> Any:
        """Where the entries are (axes × entries), once they are in order."""
        return self.in_order("indices").at

    def values(self) -> Any:
        """The entries, once they are in order."""
        return self.in_order("values").entries

    def in_order(self, what: str) -> SparseTensor:
        if not self.coalesced:
            raise RuntimeError(
                message(
                    f"Cannot get {what} on an uncoalesced tensor, please call .coalesce() first",
                    "several values may belong to one place",
                    f"s.coalesce().{what}()",
                )
            )
        return self

    # ------------------------------------------------------------------ in another form

    def coalesce(self) -> SparseTensor:
        """The same with its entries in order; values for one place are added up."""
        if self.coalesced:
            return self
        places, first = np.unique(flat(self.at.array, self.shape), return_inverse=True)
        values = zeros(len(places), *self.entries.shape[1:], dtype=self.dtype).index_add(
            0, wrap(first.reshape(-1)), self.entries
        )
        where = np.stack(np.unravel_index(places, self.shape[: self.sparse_dim()])).astype(np.int64)
        return SparseTensor(wrap(where), values, self.shape, True)

    def to_dense(self, dtype: Any = None, *, masked_grad: bool | None = None) -> Any:
        """The tensor with its zeros written out."""
        blank = zeros(*self.shape, dtype=self.dtype)
        dense = blank.index_put(tuple(self.at), self.entries, accumulate=True)
        return dense if dtype is None else cast(dense, dtype)

    def with_values(self, values: Any) -> SparseTensor:
        return SparseTensor(self.at, values, self.shape, self.coalesced)

    def to(self, *args: Any, **kwargs: Any) -> SparseTensor:
        """With values in another dtype."""
        return self.with_values(self.entries.to(*args, **kwargs))

    def float(self) -> SparseTensor:
        return self.to(dtypes.float32)

    def double(self) -> SparseTensor:
        return self.to(dtypes.float64)

    def cpu(self) -> SparseTensor:
        return self

    def cuda(self, device: Any = None) -> SparseTensor:
        devices.check("cuda" if device is None else device)
        return self

    def detach(self) -> SparseTensor:
        return self.with_values(self.entries.detach())

    def clone(self) -> SparseTensor:
        return SparseTensor(self.at.clone(), self.entries.clone(), self.shape, self.coalesced)

    def requires_grad_(self, requires_grad: bool = True) -> SparseTensor:
        """Ask for gradients with respect to the values."""
        self.entries.requires_grad_(requires_grad)
        return self

    def transpose(self, dim0: int, dim1: int) -> SparseTensor:
        order = list(range(self.dim()))
        order[dim0], order[dim1] = order[dim1], order[dim0]
        return SparseTensor(self.at[order], self.entries, tuple([self.shape[d] for d in order]))

    def t(self) -> SparseTensor:
        """The transposed matrix."""
        return self.transpose(0, 1)

    T = property(t)

    # ------------------------------------------------------------------ arithmetic

    def mm(self, other: Any) -> Any:
        """y[i, j] = Σₖ S[i, k] · other[k, j], the sum going over the entries held."""
        if isinstance(other, SparseTensor):
            return from_dense(self.mm(other.to_dense()))
        x = tensor_like(other, "mat2", "mm")
        if self.dim() != 2 or x.dim() not in (1, 2) or self.shape[1] != x.shape[0]:
            raise RuntimeError(
                message(
                    f"mat1 and mat2 shapes cannot be multiplied ({'x'.join(map(str, self.shape))} and {'x'.join(map(str, x.shape))})",
                    "the columns of the first meet the rows of the second",
                )
            )
        rows, columns = self.at
        terms = x[columns] * (self.entries.unsqueeze(1) if x.dim() == 2 else self.entries)
        return zeros(self.shape[0], *x.shape[1:], dtype=self.dtype).index_add(0, rows, terms)

    matmul = __matmul__ = mv = spmm = mm

    def __mul__(self, factor: Any) -> SparseTensor:
        """Every entry times a number."""
        if isinstance(factor, SparseTensor) or isinstance(factor, Value) and factor.array.size > 1:
            self.refuse("multiplied entry by entry")
        return self.with_values(self.entries * factor)

    __rmul__ = mul = __mul__

    def __truediv__(self, divisor: Any) -> SparseTensor:
        return self.with_values(self.entries / divisor)

    def __neg__(self) -> SparseTensor:
        return self.with_values(-self.entries)

    def __add__(self, other: Any) -> Any:
        """Entry by entry; with a dense tensor the sum is dense."""
        if isinstance(other, Value):
            return self.to_dense() + other
        joined = np.concatenate([self.at.array, other.at.array], 1)
        return SparseTensor(wrap(joined), cat([self.entries, other.entries]), self.shape).coalesce()

    __radd__ = add = __add__

    def sum(self, dim: Any = None) -> Any:
        """The sum of all entries; along a dim, as a dense tensor."""
        return self.entries.sum() if dim is None else self.to_dense().sum(dim)

    def refuse(self, what: str) -> NoReturn:
        raise NotImplementedError(
            message(
                f"a sparse tensor cannot be {what} here",
                "sparse tensors are made, transposed, added, scaled, and multiplied with dense matrices",
                "s.to_dense()",
            )
        )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(Value, name) and not hasattr(type(self.entries), name):
            raise AttributeError(f"'SparseTensor' object has no attribute '{name}'", name=name, obj=self)
        raise NotImplementedError(
            message(
                f"a sparse tensor has no '{name}' here",
                "sparse tensors are made, transposed, added, scaled, and multiplied with dense matrices",
                f"s.to_dense().{name}",
            )
        )

    def __repr__(self) -> str:
        lines = []
        for name, t in (("indices", self.at), ("values", self.entries)):
            entries = format_tensor(t.array, default_dtype=t.dtype.name)  # the dtype stands in the last line
            lines.append(f"{name}={entries}".replace("\n", "\n" + " " * (8 + len(name))))
        dtype = "" if self.dtype is dtypes.Defaults.dtype else f"dtype={self.dtype}, "
        grad = ", requires_grad=True" if self.requires_grad else ""
        lines.append(f"size={tuple(self.shape)}, nnz={self._nnz()}, {dtype}layout=torch.sparse_coo{grad})")
        return "tensor(" + ",\n       ".join(lines)


def flat(at: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The number of each place, counted through the axes that the indices say."""
    return np.ravel_multi_index(tuple(at), shape[: at.shape[0]]) if at.shape[1] else np.zeros(0, np.int64)


def sparse_coo_tensor(
    indices: Any,
    values: Any,
    size: Any = None,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    check_invariants: bool | None = None,
    is_coalesced: bool | None = None,
) -> SparseTensor:
    """A sparse tensor from the places of its entries (axes × entries) and the entries; places may repeat."""
    devices.check(device)
    at, entries = as_tensor(indices), as_tensor(values, dtype)
    where = at.array.astype(np.int64)
    if where.ndim != 2:
        raise RuntimeError(
            message(f"indices must be sparse_dim x nnz, but got: {list(where.shape)}", "a column of indices says one place")
        )
    if entries.array.ndim < 1 or entries.array.shape[0] != where.shape[1]:
        raise RuntimeError(
            message(
                f"indices and values must have same nnz, but got nnz from indices: {where.shape[1]}, "
                f"nnz from values: {entries.array.shape[0] if entries.array.ndim else 1}",
                "each column of indices is the place of one value",
            )
        )
    reached = where.max(1, initial=-1) + 1
    shape = (*reached.tolist(), *entries.array.shape[1:]) if size is None else sizes((size,))
    if len(shape) != where.shape[0] + entries.array.ndim - 1:
        raise RuntimeError(
            f"number of dimensions must be sparse_dim ({where.shape[0]}) + dense_dim ({entries.array.ndim - 1}), "
            f"but got {len(shape)}"
        )
    for d, n in enumerate(reached.tolist()):
        if n > shape[d] or where.shape[1] and where[d].min() < 0:
            odd = n - 1 if n > shape[d] else int(where[d].min())
            raise RuntimeError(f"size is inconsistent with indices: for dim {d}, size is {shape[d]} but found index {odd}")
    if requires_grad and not entries.requires_grad:
        entries = entries.detach().clone().requires_grad_()
    return SparseTensor(wrap(where), entries, shape, bool(is_coalesced))


def from_dense(input: Any, sparse_dim: Any = None, *, layout: Any = None, **blocks: Any) -> SparseTensor:
    """``x.to_sparse()``: the entries of a dense tensor that are not zero, and their places.

    >>> torch.eye(2).to_sparse().indices()
    tensor([[0, 1],
            [0, 1]])
    """
    if layout not in (None, sparse_coo) or blocks:
        refuse_layout(layout)
    if sparse_dim not in (None, input.array.ndim):
        raise NotImplementedError(message("to_sparse: all axes become sparse", f"sparse_dim={sparse_dim}", "x.to_sparse()"))
    places = np.nonzero(input.array)
    at = np.stack(places).astype(np.int64) if places else np.zeros((0, 1), np.int64)
    return SparseTensor(wrap(at), input[tuple([wrap(p) for p in places])], input.array.shape, True)


def refuse_layout(layout: Any) -> NoReturn:
    """Sparse layouts other than coordinates are not available."""
    raise NotImplementedError(
        message(
            f"{'a compressed sparse layout' if layout is None else layout} is not available",
            "of the sparse layouts there is the one of coordinates, torch.sparse_coo",
            "x.to_sparse(), torch.sparse_coo_tensor(indices, values, size)",
        )
    )
