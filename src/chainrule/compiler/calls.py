"""Calls of a step: what tells one kind from another, what was passed, and the form of what is given back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.value import Value, wrap
from .recording import Recording
from .sources import PLAIN


def shapes_of(args: Any, named: Any) -> Any:
    """What tells one kind of call from another: shapes and dtypes of tensors, everything else as it is."""
    return tuple([shape_of(a) for a in args]), tuple([(n, shape_of(a)) for n, a in named.items()]) if named else ()


def shape_of(a: Any) -> Any:
    if isinstance(a, Value):
        x = a.array
        return x.shape, x.dtype.char, x.strides, type(a.node)
    if isinstance(a, (tuple, list)):
        return tuple([shape_of(x) for x in a])
    if isinstance(a, dict):
        return tuple([(k, shape_of(x)) for k, x in a.items()])
    if isinstance(a, PLAIN):
        return type(a), repr(a) if isinstance(a, (float, complex)) else a
    return id(a)


def given(args: Any, named: Any) -> list[tuple[str, Any]]:
    """All tensors and other things passed, flat, with names."""
    found: list[tuple[str, Any]] = []

    def take(name: str, a: Any) -> None:
        if isinstance(a, (tuple, list)):
            for i, x in enumerate(a):
                take(f"{name}[{i}]", x)
        elif isinstance(a, dict):
            for k, x in a.items():
                take(f"{name}[{k!r}]", x)
        else:
            found.append((name, a))

    for i, a in enumerate(args):
        take(f"argument {i}", a)
    for name, a in named.items():
        take(name, a)
    return found


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
            self.leaves.append((result.array, result))
            return "tensor", len(self.leaves) - 1
        if isinstance(result, float) and id(result) in self.now.hosted:
            self.now.returned.add(id(result))
            self.leaves.append((self.now.hosted[id(result)], result))
            return "number", len(self.leaves) - 1
        if type(result) in (tuple, list):
            return type(result), [self.of(x) for x in result]
        if type(result) is dict:
            return dict, {k: self.of(x) for k, x in result.items()}
        if id(result) in self.known and not isinstance(result, PLAIN):
            return self.known[id(result)]
        if not isinstance(result, (*PLAIN, type(Ellipsis))):
            self.now.stop(f"gives a {type(result).__name__}, which is not made of tensors, numbers, tuples, lists and dicts")
        return "same", result

    def filled(self, values: list[np.ndarray], arguments: Any, held: Any) -> Any:
        """The same form around other values; ``held(t)`` is what stands now where the tensor t lived."""

        def fill(form: Any) -> Any:
            kind, x = form
            if kind == "tensor":
                t = wrap(values[x])
                node = self.leaves[x][1].node
                if node is not None:
                    t.node = node
                return t
            if kind == "number":
                return values[x].item()
            if kind == "argument":
                return given(*arguments)[x][1]
            if kind == "held":
                return held(x)
            if kind is dict:
                return {k: fill(v) for k, v in x.items()}
            return x if kind == "same" else kind(fill(v) for v in x)

        return fill(self.form)
