"""What calls from before ``reduction=`` and explicit dims still mean."""

from __future__ import annotations

import warnings
from typing import Any

from ...base.errors import did_you_mean, message

REDUCTIONS = ("mean", "sum", "none")


def reduction_of(size_average: bool | None, reduce: bool | None, warn: bool = True) -> str:
    """The ``reduction`` that the arguments ``size_average`` and ``reduce``, which it has replaced, ask for.

    >>> reduction_of(False, None, warn=False), reduction_of(True, False, warn=False)
    ('sum', 'none')
    """
    if reduce is False:
        found = "none"
    else:
        found = "sum" if size_average is False else "mean"
    if warn:
        warnings.warn(
            f"size_average and reduce args will be deprecated, please use reduction='{found}' instead.",
            UserWarning,
            stacklevel=3,
        )
    return found


def bad_reduction(reduction: Any) -> ValueError:
    """The error for a ``reduction`` that is none of the three."""
    return ValueError(
        message(
            f"{reduction} is not a valid value for reduction",
            "the losses of a batch are averaged, summed, or left as they are",
            "reduction='mean', 'sum' or 'none'." + did_you_mean(str(reduction), REDUCTIONS),
        )
    )


def reduced(loss: Any, reduction: str) -> Any:
    """The mean, the sum, or all of a tensor of losses."""
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    if reduction == "none":
        return loss
    raise bad_reduction(reduction)


def implicit_dim(name: str, ndim: int) -> int:
    """The axis that softmax and its like took before they were told one: 0 for 0, 1 and 3 axes, otherwise 1."""
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
        UserWarning,
        stacklevel=4,
    )
    return 0 if ndim in (0, 1, 3) else 1
