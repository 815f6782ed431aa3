"""How ops are read on symbols whose own code can't be: those that work on memory, or through tables of entries.

A joint op's reading is a pair: ``forward(op, *inputs)`` gives its result and what is kept, ``pull(op, g, kept, needs)`` the
gradients. Tests hold each to the op itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .symbolic import Sym, Unreadable


class Reading(NamedTuple):
    forward: Callable[..., Any]
    pull: Callable[..., Any]


OPS: dict[str, Callable[..., Any]] = {}
JOINTS: dict[str, Reading] = {}


def joint(*names: str) -> Callable[[type], type]:
    def register(pair: Any) -> Any:
        for name in names:
            JOINTS[name] = Reading(pair.forward, pair.pull)
        return pair

    return register


def op(*names: str) -> Callable[[Any], Any]:
    def register(function: Any) -> Any:
        OPS.update(dict.fromkeys(names, function))
        return function

    return register


@op("Clone", "Contiguous")
def clone(op: Any, x: Sym) -> Sym:
    return Sym(x.program, x.node)


@op("Relu")
def relu(op: Any, x: Sym) -> Sym:
    return x.__symbol__(op, (x,))


def refuse(why: str) -> Any:
    raise Unreadable(why)
