"""Two tensors exchange everything but their identity."""

from __future__ import annotations

from typing import Any

from ..base.errors import message
from ..tensors.storage import ENGINE
from ..tensors.tensor import Tensor


def swap_tensors(t1: Tensor, t2: Tensor) -> None:
    """Whoever holds ``t1`` now finds ``t2``'s entries, gradient, class and attributes in it, and the reverse.

    >>> a, b = torch.zeros(2), torch.ones(3)
    >>> torch.utils.swap_tensors(a, b); a
    tensor([1., 1., 1.])
    """
    for t in (t1, t2):
        if not t.is_leaf or t._base is not None:
            raise RuntimeError(
                message(
                    "Cannot swap a tensor that was computed or is a view",
                    "the graph it belongs to would find other entries in it",
                    "swap_tensors(a.detach().clone(), b)",
                )
            )
    wanted = t1.requires_grad, t2.requires_grad
    first, second = contents(t1), contents(t2)
    t1.__class__, t2.__class__ = t2.__class__, t1.__class__
    for t, found, asked in ((t1, second, wanted[1]), (t2, first, wanted[0])):
        t.node = None
        for name in [n for n in vars(t) if n not in ENGINE]:
            del vars(t)[name]
        for name, value in found.items():
            setattr(t, name, value)
        if asked:
            t.requires_grad_()


def contents(t: Any) -> dict[str, Any]:
    """The entries, the gradient, and the attributes that a program gave the tensor."""
    own = {name: value for name, value in vars(t).items() if name not in ENGINE}
    return {"array": t.array, "version": t.version, "_grad": t._grad, **own}
