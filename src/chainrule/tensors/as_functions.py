"""Methods of tensors under the names they also have as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.promote import known_as
from .coerce import tensor_like
from .inplace import into

# What PyTorch was built with. NumPy brings a LAPACK and Fourier transforms; MKL and OpenMP there are none.
has_lapack, has_spectral, has_mkl, has_openmp = True, True, False, False


def detach(input: Any) -> Any:
    """The same entries, in the same memory, without history."""
    return tensor_like(input, "input", "detach").detach()


def to_dlpack(x: Any) -> Any:
    """A capsule by which another library sees the same memory; most take the tensor itself: ``other.from_dlpack(x)``."""
    return tensor_like(x, "x", "to_dlpack").__dlpack__()


def fill(input: Any, value: Any) -> Any:
    """A tensor like the input, every entry of it ``value``.

    >>> torch.fill(torch.zeros(2), 3)
    tensor([3., 3.])
    """
    return known_as(tensor_like(input, "input", "fill").clone().fill_(value), "FillBackward0")


def is_same_size(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape.

    >>> torch.is_same_size(torch.ones(2), torch.ones(2, 1))
    False
    """
    return tensor_like(input, "input", "is_same_size").shape == tensor_like(other, "other", "is_same_size", 2).shape


def frobenius_norm(input: Any, dim: Any = (), keepdim: bool = False, *, out: Any = None) -> Any:
    """√Σ|x|² over ``dim``, all axes by default.

    >>> torch.frobenius_norm(torch.tensor([[3., 4.]]), ())
    tensor(5.)
    """
    return into(out, input.norm(2, list(range(input.array.ndim)) if dim == () else dim, keepdim))


def nuclear_norm(input: Any, dim: Any = (-2, -1), keepdim: bool = False, *, out: Any = None) -> Any:
    """The sum of the singular values.

    >>> torch.nuclear_norm(torch.tensor([[3., 0.], [0., 4.]]))
    tensor(7.)
    """
    from .matrix_norms import matrix_norm

    return into(out, matrix_norm(input, "nuc", dim, keepdim))


def empty_permuted(size: Any, physical_layout: Any, **options: Any) -> Any:
    """A tensor of this size whose axes lie in memory in the order ``physical_layout``, the last one closest together.

    >>> torch.empty_permuted((2, 3), (1, 0)).stride()
    (1, 2)
    """
    from .filled import empty

    order = list(physical_layout)
    if sorted(order) != list(range(len(size))):
        raise RuntimeError(
            f"Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = {len(size)} is "
            f"not equal to len(physical_layout) = {len(order)}"
            if len(order) != len(size)
            else f"Duplicate dim not allowed: {tuple(order)}"
        )
    return empty([size[d] for d in order], **options).permute([order.index(d) for d in range(len(order))])


def prelu(input: Any, weight: Any) -> Any:
    """y = input where it is positive, weight · input elsewhere; a weight for all entries, or one for each channel (axis 1).

    >>> torch.tensor([-2., 3.]).prelu(torch.tensor([0.5]))
    tensor([-1.,  3.])
    """
    from .logic import where

    x = tensor_like(input, "input", "prelu")
    if weight.array.size > 1 and x.array.ndim > 1:
        weight = weight.reshape([-1 if d == 1 else 1 for d in range(x.array.ndim)])
    return known_as(where(x > 0, x, weight * x), "PreluKernelBackward0")


def map2_(self: Any, x: Any, y: Any, function: Callable[[Any, Any, Any], Any]) -> Any:
    """Each entry replaced by ``function(entry, entry of x, entry of y)``, in place.

    >>> torch.ones(2).map2_(torch.ones(2), torch.ones(2), lambda a, b, c: a + b + c)
    tensor([3., 3.])
    """
    if self.node is not None:
        raise RuntimeError("Can't call map2_() on Variable that requires grad. Use var.detach().map2_() instead.")
    a, b, c = np.broadcast_arrays(self.array, x.array, y.array)
    self.array[...] = np.array([function(*e) for e in zip(a.flat, b.flat, c.flat)]).reshape(self.array.shape)
    return self
