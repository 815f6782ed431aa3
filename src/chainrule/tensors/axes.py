"""Another order of axes, by PyTorch's names: views of the same entries."""

from __future__ import annotations

import warnings
from operator import index as as_int
from typing import Any

from ..base.errors import message
from ..base.shapes import Shape, axis
from ..graph.apply import look
from ..ops import shape as op
from .coerce import listed, sizes
from .shape import plan


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """Two axes exchanged.

    >>> torch.zeros(2, 3, 4).transpose(1, 2).shape
    torch.Size([2, 4, 3])
    """
    return look(transposing(input.array.ndim, dim0, dim1), input)


@plan
def transposing(ndim: int, dim0: int, dim1: int) -> Any:
    first, second = axis(as_int(dim0), ndim), axis(as_int(dim1), ndim)
    return op.Transpose(first, second) if ndim else op.Permute(())


def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """`transpose`, by NumPy's name."""
    return transpose(input, axis0, axis1)


swapdims = transpose


def t(input: Any) -> Any:
    """y[i, j] = x[j, i]; vectors and single numbers are their own transposes."""
    if input.array.ndim > 2:
        raise RuntimeError(
            message(
                f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D",
                "which two axes should change places is not clear",
                "x.mT (the last two), x.transpose(i, j), or x.permute(...)",
            )
        )
    return look(op.t, input)


def permute(input: Any, *dims: Any, **named: Any) -> Any:
    """The axes in another order: y's axis i is x's axis ``dims[i]``.

    >>> torch.zeros(2, 3, 4).permute(2, 0, 1).shape
    torch.Size([4, 2, 3])
    """
    return look(permuting(listed(dims, named, "dims", "permute") if named else sizes(dims), input.array.ndim), input)


@plan
def permuting(dims: Shape, ndim: int) -> op.Permute:
    if len(dims) != ndim:
        raise RuntimeError(
            message(
                "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
                f"ordering of dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(dims)}",
                "every axis is named once",
            )
        )
    order = tuple([axis(d, ndim) for d in dims])
    if len(set(order)) < ndim:
        raise RuntimeError(message("permute(): duplicate dims are not allowed.", f"dims = {list(dims)}"))
    return op.Permute(order)


DEPRECATED_T = (
    "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated. Consider `x.mT` to transpose "
    "batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the dimensions of a tensor."
)


def transposed(input: Any) -> Any:
    """``x.T``: all axes in reverse order."""
    if input.array.ndim != 2:
        warnings.warn(DEPRECATED_T, UserWarning, stacklevel=2)
    return look(reversing(input.array.ndim), input)


@plan
def reversing(ndim: int) -> op.Permute:
    return op.Permute(tuple(range(ndim - 1, -1, -1)))


def matrix_transposed(input: Any) -> Any:
    """``x.mT``: the last two axes exchanged."""
    n = input.array.ndim
    if n == 0:
        warnings.warn("Tensor.mT is deprecated on 0-D tensors. This function is the identity in these cases.", UserWarning, stacklevel=2)
        return input
    if n == 1:
        raise RuntimeError(
            message(
                f"tensor.mT is only supported on matrices or batches of matrices. Got {n}-D tensor.",
                "a vector has no second axis to exchange with",
                "x.unsqueeze(-1) for a column",
            )
        )
    return look(transposing(n, -2, -1), input)


def adjoint(input: Any) -> Any:
    """The conjugate of the transposed matrix (of each, where there are axes in front); for reals, ``x.mT``."""
    n = input.array.ndim
    if n == 1:
        raise RuntimeError("tensor.adjoint() is only supported on matrices or batches of matrices. Got 1-D tensor.")
    if not n:
        warnings.warn("adjoint() is deprecated on 0-D tensors. Consider using x.conj().", UserWarning, stacklevel=2)
    y = look(transposing(n, -2, -1), input) if n else input
    return y.conj() if y.array.dtype.kind == "c" else y


def hermitian(input: Any) -> Any:
    """``x.H``: the conjugate of the transposed matrix."""
    if input.array.ndim not in (0, 2):
        raise RuntimeError(
            message(
                f"tensor.H is only supported on matrices (2-D tensors). Got {input.array.ndim}-D tensor.",
                instead="x.mH, for matrices behind other axes" if input.array.ndim > 2 else "",
            )
        )
    return adjoint(input)


def matrix_hermitian(input: Any) -> Any:
    """``x.mH``: the conjugate of the transposed matrix, of each where there are axes in front."""
    if input.array.ndim == 1:
        raise RuntimeError("tensor.mH is only supported on matrices or batches of matrices. Got 1-D tensor.")
    return adjoint(input)


def movedim(input: Any, source: Any, destination: Any) -> Any:
    """The axes ``source`` moved to the places ``destination``, the others in their order.

    >>> torch.zeros(2, 3, 4).movedim(0, -1).shape
    torch.Size([3, 4, 2])
    """
    if isinstance(source, (tuple, list)) != isinstance(destination, (tuple, list)):
        raise TypeError(
            f"movedim() received an invalid combination of arguments - got ({type(source).__name__}, "
            f"{type(destination).__name__}): both are ints, or both tuples of ints"
        )
    given = [tuple(d) if isinstance(d, (tuple, list)) else (as_int(d),) for d in (source, destination)]
    return look(moving(input.array.ndim, *given), input)


@plan
def moving(ndim: int, source: Shape, destination: Shape) -> op.Permute:
    if len(source) != len(destination):
        raise RuntimeError(
            message(
                f"movedim: Invalid source or destination dims: source ({list(source)} dims) should contain the same number of "
                f"dims as destination ({list(destination)} dims)"
            )
        )
    out, to = [axis(d, ndim) for d in source], [axis(d, ndim) for d in destination]
    if not ndim:
        return op.Permute(())
    for name, dims, given in (("source", out, source), ("destination", to, destination)):
        if len(set(dims)) < len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(given)})")
    order = [d for d in range(ndim) if d not in out]
    for place, d in sorted(zip(to, out)):
        order.insert(place, d)
    return op.Permute(tuple(order))


moveaxis = movedim
