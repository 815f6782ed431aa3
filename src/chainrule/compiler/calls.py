"""Calls of a step: what tells one kind from another, what was passed, and the form of what is given back."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np

from ..graph.value import Leaf, Value, wrap
from .recording import Recording
from .sources import PLAIN


def shapes_of(args: Any, named: Any) -> Any:
    """What tells one kind of call from another: shapes and dtypes of tensors, everything else as it is."""
    return tuple([shape_of(a) for a in args]), tuple([(n, shape_of(a)) for n, a in named.items()]) if named else ()


def shape_of(a: Any) -> Any:
    if isinstance(a, Value):
        x = a.array
        return x.shape, x.dtype.char, x.strides, history(a)
    if isinstance(a, (tuple, list)):
        return tuple([shape_of(x) for x in a])
    if isinstance(a, dict):
        return tuple([(k, shape_of(x)) for k, x in a.items()])
    if isinstance(a, PLAIN):
        return type(a), repr(a) if isinstance(a, (float, complex)) else a
    return id(a)


def history(t: Any) -> bool | None:
    """Whether a tensor is a leaf, if it has a history; else None."""
    node = t.node
    return None if node is None else type(node) is Leaf


def given(args: Any, named: Any) -> list[tuple[str, Any]]:
    """All tensors and other things passed, flat, with names."""
    top = [(f"argument {i}", a) for i, a in enumerate(args)] + list(named.items())
    return [found for name, a in top for found in within(name, a)]


def within(name: str, a: Any) -> list[tuple[str, Any]]:
    if isinstance(a, (tuple, list)):
        return [found for i, x in enumerate(a) for found in within(f"{name}[{i}]", x)]
    if isinstance(a, dict):
        return [found for k, x in a.items() for found in within(f"{name}[{k!r}]", x)]
    return [(name, a)]


def flat(args: Any, named: Any) -> list[Any]:
    """What `given` finds, without the names."""
    found: list[Any] = []
    for a in (*args, *named.values()) if named else args:
        if isinstance(a, (tuple, list, dict)):
            found += flat(a.values() if isinstance(a, dict) else a, None)
        else:
            found.append(a)
    return found


def leaves_of(form: Any, result: Any) -> dict[int, Any]:
    """The tensors and numbers of a result of this form, by their places among the leaves."""
    kind, x = form
    if kind in ("tensor", "number"):
        return {x: result}
    parts: list[Any] = []
    if isinstance(kind, type):
        parts = [(x[k], result[k]) for k in x] if issubclass(kind, dict) else list(zip(x, result))
    return {i: leaf for part, r in parts for i, leaf in leaves_of(part, r).items()}


class Form:
    """What a recorded call gave back, its arrays apart: what was passed, or lives outside, is given back itself."""

    def __init__(self, result: Any, now: Recording, args: Any, named: Any) -> None:
        self.now, self.leaves = now, []
        self.known = {id(a): ("argument", i) for i, (_, a) in reversed(list(enumerate(given(args, named))))}
        self.form = self.of(result)
        del self.now  # it keeps all that was computed

    leaves: list[tuple[Any, Any]]  # (an array, or the node of a number; the tensor or number)

    def of(self, result: Any) -> Any:
        if isinstance(result, Value):
            if id(result) in self.known:
                return self.known[id(result)]
            holder = self.now.holders.get(id(result.array))
            if holder is not None and holder[0] is result:
                return "held", result
            if any(np.may_share_memory(a, result.array) for a in self.now.first.values()):
                self.now.stop("gives a view of a tensor that lives outside")
            known = [i for i, (_, leaf) in enumerate(self.leaves) if leaf is result]
            if not known:
                self.leaves.append((result.array, result))
            return "tensor", known[0] if known else len(self.leaves) - 1
        if isinstance(result, float) and id(result) in self.now.hosted:
            self.now.returned.add(id(result))
            self.leaves.append((self.now.hosted[id(result)], result))
            return "number", len(self.leaves) - 1
        if type(result) in (tuple, list) or isinstance(result, tuple) and hasattr(result, "_make"):
            return type(result), [self.of(x) for x in result]
        if type(result) in (dict, OrderedDict):
            return type(result), {k: self.of(x) for k, x in result.items()}
        if id(result) in self.known and not isinstance(result, PLAIN):
            return self.known[id(result)]
        if not isinstance(result, (*PLAIN, type(Ellipsis))):
            self.now.stop(f"gives a {type(result).__name__}, which is not made of tensors, numbers, tuples, lists and dicts")
        return "same", result

    def filled(self, values: list[np.ndarray], arguments: Any, held: Any, nodes: Any = None) -> Any:
        """The same form around other values; ``held(t)`` is what stands now where the tensor t lived.

        ``nodes``: what computed them, by their places; without it they are as if gone back through already.
        """
        return self.fill(self.form, {}, values, arguments, held, nodes)

    def fill(self, form: Any, made: dict[int, Any], *sources: Any) -> Any:
        values, arguments, held, nodes = sources
        kind, x = form
        if kind == "tensor":
            if x not in made:
                made[x] = wrap(values[x], self.leaves[x][1].node if nodes is None else nodes.get(x))
            return made[x]
        if kind == "number":
            return values[x].item()
        if kind == "argument":
            return flat(*arguments)[x]
        if kind == "held":
            return held(x)
        if kind == "same":
            return x
        if issubclass(kind, dict):
            return kind((k, self.fill(v, made, *sources)) for k, v in x.items())
        return getattr(kind, "_make", kind)(self.fill(v, made, *sources) for v in x)

    def forget(self) -> None:
        """Let go of what was recorded: each call will have a history of its own."""
        self.leaves = [(None, None)] * len(self.leaves)
