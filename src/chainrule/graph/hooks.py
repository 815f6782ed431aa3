"""Hooks: functions of the program's own that are shown the gradients at a node, and may replace them.

In the order in which they run: those of the tensor (``hook(g)``), the keeping of its ``.grad`` (``retain_grad``), those
before the node's rule (`Before`: the gradients of its outputs), and those after it (`After`: those of its inputs too).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base.errors import message
from .value import After, Before, Node, OfPass, Value, wrap


def arriving(node: Node, g: Any, create: bool, backward_pass: Any = None) -> Any:
    """What a node's rule is given: what the hooks make of the gradient (or the list of them) that arrived."""
    several = type(g) is list
    values = [as_value(d) for d in (g if several else [g])]
    hooks = list((node.hooks or {}).values())
    for hook in hooks:
        if type(hook) is OfPass:
            hook.function(values[0], backward_pass)
        elif type(hook) is not Before and type(hook) is not After:  # the tensor's, and a tensor has a single gradient
            values[0] = checked(hook, hook(values[0]), values[0])
    if node.retained is not None:
        keep(node.retained(), values[0], create)
    for hook in hooks:
        if type(hook) is Before:
            values = replaced(hook.function, hook.function(tuple(values)), values)
    found = values if create else [None if v is None else v.array for v in values]
    return found if several else found[0]


def leaving(node: Node, g: Any, found: Sequence[Any], create: bool) -> Sequence[Any]:
    """The gradients of a node's inputs: what the hooks after its rule make of those that it ``found``."""
    hooks = [hook.function for hook in list((node.hooks or {}).values()) if type(hook) is After]
    if not hooks:
        return found
    outputs = tuple([as_value(d) for d in (g if type(g) is list else [g])])
    inputs = [None if edge is None else as_value(d) for d, edge in zip(found, node.edges)]
    for hook in hooks:
        inputs = replaced(hook, hook(tuple(inputs), outputs), inputs)
    return inputs if create else [None if v is None else v.array for v in inputs]


def as_value(d: Any) -> Any:
    return d if d is None or isinstance(d, Value) else wrap(np.asarray(d))


def keep(target: Any, g: Any, create: bool) -> None:
    """Add a gradient to the ``.grad`` of a computed tensor that asked for it."""
    if target is None:
        return
    before = target._grad
    if create:
        target._grad = g if before is None else before + g
    else:
        target._grad = wrap(np.array(g.array) if before is None else before.array + g.array)


def replaced(hook: Callable[..., Any], given: Any, values: list[Any]) -> list[Any]:
    """The gradients after a hook of a node, which gives None, or a tuple of as many as it was shown."""
    if given is None:
        return values
    several = given if isinstance(given, tuple) else (given,)
    if len(several) != len(values):
        raise RuntimeError(
            f"hook '{name_of(hook)}' has returned an incorrect number of values (got {len(several)}, but expected {len(values)})"
        )
    return [new if old is None else checked(hook, new, old) for new, old in zip(several, values)]


def checked(hook: Callable[..., Any], given: Any, value: Any) -> Any:
    """The gradient that a hook gave in place of ``value``, or ``value`` if it gave None."""
    if given is None:
        return value
    if not isinstance(given, Value):
        raise TypeError(
            message(
                f"expected Variable, but hook returned '{type(given).__name__}'",
                f"what the hook '{name_of(hook)}' returns takes the place of the gradient",
                "return a tensor, or None to keep the gradient as it is",
            )
        )
    here, there = value.array, given.array
    if there.shape != here.shape:
        raise RuntimeError(
            message(
                f"hook '{name_of(hook)}' has changed the size of value",
                f"the gradient has shape {list(here.shape)}, the hook returned {list(there.shape)}",
            )
        )
    if there.dtype != here.dtype:
        raise RuntimeError(f"hook '{name_of(hook)}' has changed the type of value (was {here.dtype} got {there.dtype})")
    return given


def name_of(hook: Callable[..., Any]) -> str:
    return getattr(hook, "__name__", type(hook).__name__)
