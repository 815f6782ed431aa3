"""Making a case that differs small: each step tries a simpler case, and keeps it if it differs in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .case import Case, X


def shrink(case: Case, differs: Callable[[Case], bool], tries: int = 150) -> Case:
    """The smallest case found that still differs."""
    again = True
    while again and tries > 0:
        again = False
        for simpler in simpler_cases(case):
            tries -= 1
            if tries <= 0:
                break
            if differs(simpler):
                case, again = simpler, True
                break
    return case


def simpler_cases(case: Case) -> Iterator[Case]:
    for key in case.named:
        yield Case(case.name, case.args, {k: v for k, v in case.named.items() if k != key})
    if len(case.args) > 1:
        yield Case(case.name, case.args[:-1], case.named)
    for args in simpler_values(case.args):
        yield Case(case.name, args, case.named)
    for key, value in case.named.items():
        for simpler in simpler_values(value):
            yield Case(case.name, case.args, {**case.named, key: simpler})


def simpler_values(value: Any) -> Iterator[Any]:
    if isinstance(value, X):
        yield from simpler_tensors(value)
    elif isinstance(value, (tuple, list)):
        for i, part in enumerate(value):
            for simpler in simpler_values(part):
                yield type(value)([*value[:i], simpler, *value[i + 1 :]])


def simpler_tensors(x: X) -> Iterator[X]:
    if x.grad:
        yield replace(x, grad="")
    if x.grad in ("mid", "view"):
        yield replace(x, grad="leaf")
    if x.layout != "plain":
        yield replace(x, layout="plain")
    if x.dtype not in ("float32", "int64", "bool"):
        yield replace(x, dtype="float32")
    if isinstance(x.values, str) and x.values in ("normal", "unit", "finite", "edges", "wide", "apart", "positive", "large"):
        yield replace(x, values="small", seed=0)
    if isinstance(x.values, str) and len(x.shape) > 0:
        for i, n in enumerate(x.shape):
            if n > 1:
                yield replace(x, shape=(*x.shape[:i], n - 1, *x.shape[i + 1 :]))
        if len(x.shape) > 1:
            yield replace(x, shape=x.shape[1:])
    if x.seed:
        yield replace(x, seed=0)
