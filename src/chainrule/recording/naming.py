"""What parameters are called: by their module's names, or by the variables that hold them."""

from __future__ import annotations

import gc
import os
import weakref
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from ..graph.value import Value
from ..nn.module import Module
from ..nn.parameter import Parameter

OURS = str(Path(__file__).parents[1]) + os.sep


def names_in(model: Module) -> dict[int, str]:
    """The names of a model's parameters, by the identity of the tensors."""
    return {id(p): name for name, p in model.named_parameters()}


def names_around(frame: FrameType | None) -> dict[int, str]:
    """The names by which the program that is running reaches its parameters, the nearest first.

    A module's parameters go by their names in it, ``0.weight``; where two modules have one of the same name,
    the variable comes first: ``critic.0.weight``.

    >>> def train():
    ...     w = torch.tensor(1., requires_grad=True)
    ...     return names_around(sys._getframe())[id(w)]
    >>> import sys; train()
    'w'
    """
    tensors: dict[int, str] = {}
    modules: dict[int, tuple[str, Module]] = {}
    while frame is not None:
        if not frame.f_code.co_filename.startswith(OURS):
            for name, value in [*frame.f_locals.items(), *frame.f_globals.items()]:
                if isinstance(value, Module):
                    modules.setdefault(id(value), (name, value))
                elif isinstance(value, Value):
                    tensors.setdefault(id(value), name)
        frame = frame.f_back
    parts = {id(part) for _, module in modules.values() for part in module.modules() if part is not module}
    found: dict[int, str] = {}
    for key, (variable, module) in modules.items():
        if key not in parts:
            for place, name in names_in(module).items():
                taken = name in found.values()
                found.setdefault(place, f"{variable}.{name}" if taken else name)
    return tensors | found


def names_by_owner(tensor: Any) -> dict[int, str]:
    """The names that a parameter and those beside it have in the outermost module that holds it, wherever that is.

    >>> model = torch.nn.Sequential(torch.nn.Linear(1, 1))
    >>> names_by_owner(model[0].bias)[id(model[0].weight)]
    '0.weight'
    """
    modules = [found for found in gc.get_objects() if issubclass(type(found), Module) and "_parameters" in vars(found)]
    owners = [names for names in map(names_in, modules) if id(tensor) in names]
    return max(owners, key=lambda names: (len(names), len(names[id(tensor)])), default={})


class Names:
    """Names that are kept as long as their tensors live: each has one, and no two the same."""

    def __init__(self, model: Module | None) -> None:
        self.model = model
        self.given: dict[int, tuple[weakref.ref, str]] = {}

    def of(self, tensor: Any, frame: FrameType | None) -> str:
        holder, name = self.given.get(id(tensor), (None, ""))
        if holder is not None and holder() is tensor:
            return name
        known = {} if self.model is None else names_in(self.model)
        if id(tensor) not in known:
            known = names_around(frame)
        if id(tensor) not in known and isinstance(tensor, Parameter):
            known = names_by_owner(tensor)
        self.given = {key: pair for key, pair in self.given.items() if pair[0]() is not None}
        name = unused(known.get(id(tensor), "parameter"), {name for _, name in self.given.values()})
        self.given[id(tensor)] = weakref.ref(tensor), name
        return name


def unused(plain: str, taken: set[str]) -> str:
    """A name that is not taken yet.

    >>> unused("w", {"w", "w (2)"})
    'w (3)'
    """
    others = (f"{plain} ({n})" for n in count(2))
    return plain if plain not in taken else next(name for name in others if name not in taken)
