"""Methods that PyTorch has deprecated or removed, with what it says about them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import prod
from typing import Any, NoReturn

from ..base.errors import message
from .coerce import sizes

REMOVED = {
    "eig": "torch.linalg.eigvals(A) for the eigenvalues, torch.linalg.eig(A) for the vectors too (complex)",
    "symeig": "torch.linalg.eigvalsh(A, UPLO='U' if upper else 'L') for the eigenvalues, torch.linalg.eigh for the vectors too",
    "solve": "torch.linalg.solve(A, B) for torch.solve(B, A)",
    "lstsq": "torch.linalg.lstsq(A, B).solution for torch.lstsq(B, A)",
    "matrix_rank": "torch.linalg.matrix_rank(A)",
}


def removed(name: str) -> Callable[..., NoReturn]:
    """A function that PyTorch removed: an error with its successor.

    >>> removed("solve")(1, 2)
    Traceback (most recent call last):
        ...
    RuntimeError: This function was deprecated since version 1.9 and is now removed.
      instead: torch.linalg.solve(A, B) for torch.solve(B, A)
    """

    def function(*args: Any, **named: Any) -> NoReturn:
        raise RuntimeError(
            message("This function was deprecated since version 1.9 and is now removed.", instead=REMOVED[name])
        )

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Removed from PyTorch 1.13; instead: {REMOVED[name]}."
    return function


eig, symeig, solve, lstsq, matrix_rank = map(removed, REMOVED)


class Former:
    """The deprecated and the removed, by name."""

    eig, symeig, solve, lstsq = eig, symeig, solve, lstsq
    name = None

    def resize(self: Any, *size: Any) -> Any:
        """``view`` under a former name: the same entries in another shape."""
        warnings.warn("non-inplace resize is deprecated", UserWarning, stacklevel=2)
        return reshaped(self, sizes(size))

    def resize_as(self: Any, tensor: Any) -> Any:
        """`resize` to the shape of another tensor."""
        warnings.warn("non-inplace resize_as is deprecated", UserWarning, stacklevel=2)
        return reshaped(self, tensor.array.shape)

    def reinforce(self: Any, reward: Any) -> NoReturn:
        """Removed: `torch.distributions` gives the log-probability to multiply with the reward."""
        raise RuntimeError(
            message(
                "reinforce() was removed.",
                "a sample's log-probability says how the policy is to change",
                "m = torch.distributions.Categorical(probs); action = m.sample(); (-m.log_prob(action) * reward).backward()",
            )
        )

    @property
    def volatile(self: Any) -> bool:
        """False: `torch.no_grad` does what ``volatile=True`` did."""
        warnings.warn("volatile was removed (Variable.volatile is always False)", UserWarning, stacklevel=2)
        return False


def reshaped(x: Any, shape: tuple[int, ...]) -> Any:
    count = prod(shape)
    if x.array.size != count:
        raise RuntimeError(
            message(
                f"requested resize to {'x'.join(map(str, shape))} ({count} elements in total), but the given tensor has a size "
                f"of {'x'.join(map(str, x.array.shape))} ({x.array.size} elements). autograd's resize can only change the shape "
                "of a given tensor, while preserving the number of elements. ",
                instead="x.resize_(…) under torch.no_grad(), or x[:n]",
            )
        )
    return x.contiguous().view(shape)
