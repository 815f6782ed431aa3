"""All parameters as one vector, and back."""

from __future__ import annotations

from collections.abc import Iterable

from ...base.errors import message
from ...tensors.joining import cat
from ...tensors.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters one after the other.

    >>> nn.utils.parameters_to_vector([torch.zeros(2), torch.ones(1, 2)])
    tensor([0., 0., 1., 1.])
    """
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Make the parameters views of their part of a vector: the inverse of `parameters_to_vector`."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"expected torch.Tensor, but got: {type(vec).__name__}")
    start = 0
    for p in parameters:
        n = p.numel()
        part = vec[start : start + n]
        if part.numel() != n:
            raise RuntimeError(
                message(
                    f"shape '{list(p.shape)}' is invalid for input of size {part.numel()}",
                    f"the vector has {vec.numel()} entries, fewer than the parameters",
                )
            )
        p.data = part.reshape(p.shape).detach()
        start += n
