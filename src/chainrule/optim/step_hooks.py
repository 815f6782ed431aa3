"""Hooks around `step`: those of one optimizer, and those of every optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..base.errors import message
from ..tensors.tensor import RemovableHandle

if TYPE_CHECKING:
    from .optimizer import Optimizer

Hook = Callable[..., Any]

BEFORE: dict[int, Hook] = {}  # called before the step of whatever optimizer
AFTER: dict[int, Hook] = {}


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` before every step of every optimizer."""
    return RemovableHandle(BEFORE, hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` after every step of every optimizer.

    >>> seen = []
    >>> handle = torch.optim.optimizer.register_optimizer_step_post_hook(lambda optimizer, *_: seen.append(type(optimizer)))
    >>> w = torch.ones(1, requires_grad=True)
    >>> torch.optim.SGD([w]).step(); torch.optim.Adam([w]).step(); seen
    [<class 'chainrule.optim.sgd.SGD'>, <class 'chainrule.optim.adam.Adam'>]
    >>> handle.remove()
    """
    return RemovableHandle(AFTER, hook)


def with_hooks(optimizer: Optimizer, step: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The step with all hooks around it; one before it may give it other arguments, by returning (args, kwargs)."""
    args = (optimizer, *args)
    for hook in [*BEFORE.values(), *optimizer._hooks["before"].values()]:
        changed = hook(optimizer, args, named)
        if isinstance(changed, tuple) and len(changed) == 2:
            args, named = changed
        elif changed is not None:
            raise RuntimeError(
                message(
                    f"{type(optimizer).__name__}.step must return None or a tuple of (new_args, new_kwargs), but got {changed!r}",
                    "what a hook before the step returns is given to the step; args begin with the optimizer",
                    "return None where nothing is to change",
                )
            )
    optimizer._within = True
    try:
        result = step(*args, **named)
    finally:
        optimizer._within = False
    for hook in [*optimizer._hooks["after"].values(), *AFTER.values()]:
        hook(optimizer, args, named)
    return result
