"""Where readings are found: how ops are read on symbols whose own code can't be, or would say it in more steps.

    OPS[name](op, *symbols)             the result
    PULLS[name](op, node, g)            the gradients of the inputs; the node's saved arrays are symbols
    JOINTS[name].forward(op, *symbols)  of a joint op: its result, and what is kept
    JOINTS[name].pull(op, g, kept, needs)
    FUNCTIONS[name](**arguments)        of a function that is no op, such as argmax: its result
    UPDATES[rule](p, g, s, group, t)    of an optimizer's ``update``: what is taken from a parameter
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Reading(NamedTuple):
    forward: Callable[..., Any]
    pull: Callable[..., Any]


OPS: dict[str, Callable[..., Any]] = {}
PULLS: dict[str, Callable[..., Any]] = {}
JOINTS: dict[str, Reading] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {}
UPDATES: dict[Callable[..., Any], Callable[..., Any]] = {}


def op(*names: str) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        OPS.update(dict.fromkeys(names, function))
        return function

    return register


def pull(*names: str) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        PULLS.update(dict.fromkeys(names, function))
        return function

    return register


def joint(*names: str) -> Callable[[type], type]:
    def register(pair: Any) -> Any:
        for name in names:
            JOINTS[name] = Reading(pair.forward, pair.pull)
        return pair

    return register


def function(name: str) -> Callable[[Any], Any]:
    def register(reading: Any) -> Any:
        FUNCTIONS[name] = reading
        return reading

    return register


def update(rule: Callable[..., Any]) -> Callable[[Any], Any]:
    def register(reading: Any) -> Any:
        UPDATES[rule] = reading
        return reading

    return register
