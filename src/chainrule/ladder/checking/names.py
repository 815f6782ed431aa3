"""Find the numbers that a plain function reads from around it, and lend it others for a while.

The documents write ``def forward(x): return w * x`` with ``w`` a global. Such a function is one of ``w`` all the same:
`replaced` puts another value where it looks, for the length of a ``with`` block, and then puts its own back.
"""

from __future__ import annotations

import dis
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

import chainrule as cr

__all__ = ["Place", "places_read", "replaced", "is_numeric"]


@dataclass(frozen=True, eq=False)
class Place:
    """Where a function finds a name that it does not bind itself: a file's globals, or an enclosing function's cell."""

    name: str
    scope: dict[str, Any] | CellType

    @property
    def key(self) -> tuple[str, int]:
        """What tells two places apart: functions share a global by name, a cell by identity."""
        return self.name, id(self.scope)

    def get(self) -> Any:
        return self.scope.cell_contents if isinstance(self.scope, CellType) else self.scope[self.name]

    def put(self, value: Any) -> None:
        if isinstance(self.scope, CellType):
            self.scope.cell_contents = value
        else:
            self.scope[self.name] = value


def places_read(functions: Iterable[Callable[..., Any]]) -> list[Place]:
    """The numbers, arrays and tensors that the functions, and the helpers they call from the same file, read.

    >>> w = 2.0
    >>> def forward(x):
    ...     return w * x
    >>> [place.name for place in places_read([forward])]
    ['w']
    """
    found: dict[tuple[str, int], Place] = {}
    seen: set[int] = set()
    queue = [plain for function in functions if (plain := _plain(function))]
    while queue:
        function = queue.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        for place in _outer_names(function):
            value = place.get()
            if is_numeric(value):
                found[place.key] = place
            elif isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                queue.append(value)
    return list(found.values())


@contextmanager
def replaced(values: Mapping[Place, Any]) -> Iterator[None]:
    """Put ``values`` where functions look for them; on leaving, put back what was there.

    >>> w = 2.0
    >>> def forward(x):
    ...     return w * x
    >>> with replaced({places_read([forward])[0]: 10.0}):
    ...     forward(5.0)
    50.0
    >>> forward(5.0)
    10.0
    """
    before = [(place, place.get()) for place in values]
    try:
        for place, value in values.items():
            place.put(value)
        yield
    finally:
        for place, value in before:
            place.put(value)


def is_numeric(value: object) -> bool:
    """Whether a value is a real number, or an array or tensor of them (a flag is none)."""
    if isinstance(value, (bool, np.bool_)):
        return False
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "iuf"
    return isinstance(value, (int, float, np.integer, np.floating, cr.Tensor))


def _plain(function: object) -> FunctionType | None:
    """The Python function behind a partial or a method; None for what has no readable body."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, MethodType):
        function = function.__func__
    return function if isinstance(function, FunctionType) else None


def _outer_names(function: FunctionType) -> Iterator[Place]:
    for name in dict.fromkeys(_globals_loaded(function.__code__)):
        if name in function.__globals__:
            yield Place(name, function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            cell.cell_contents  # noqa: B018 (raises while the enclosing function has not bound the name yet)
        except ValueError:
            continue
        yield Place(name, cell)


def _globals_loaded(code: CodeType) -> Iterator[str]:
    """Read off the instructions, since ``co_names`` also lists attributes: ``x.w`` reads no global ``w``."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_loaded(constant)
