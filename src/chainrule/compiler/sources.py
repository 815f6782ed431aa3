"""Where a step finds what it uses: the tensors behind its arrays, and the values that its code has decided by.

From the function, its arguments and all of the program's own functions that ran, everything that their names lead to is
looked through, the program's own classes and modules for the names that are used: tensors are *holders*, whose arrays are
looked up anew at each call; numbers, names and flags are *guards*, and a step is recorded again when one of them has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dis import get_instructions
from functools import cache
from itertools import chain
from operator import is_
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import numpy as np

from ..graph.value import Value
from ..nn.everywhere import plain_call
from ..nn.module import Module
from ..optim.optimizer import Optimizer

PLAIN = (int, float, str, bool, type(None), bytes, complex)
DEEP, MANY = 5, 2000
MOST = 1 << 12  # entries of one of NumPy's arrays that are looked at in each call
LIBRARIES = {*sys.stdlib_module_names, "chainrule", "torch", "numpy", "torchvision"}
SETTINGS = ("p", "dropout", "momentum")  # of the library's modules: those that programs change while they train
AROUND = ("before", "after", "backward", "backward_pre")  # the hooks that a call or its backward pass runs
OURS = f"{__name__.partition('.')[0]}."
DEFINED = (FunctionType, type, ModuleType, staticmethod, classmethod, property)
NOTHING = np.empty(0, np.float32)


class Guard(NamedTuple):
    """A value that the step has relied on: ``space[key]`` was ``value``."""

    space: Any
    key: Any
    value: Any
    name: str

    def holds(self) -> bool:
        try:
            now = self.space[self.key]
            if now is self.value:
                return True
        except (KeyError, IndexError, ValueError):
            return False
        return same(now, self.value)

    def now(self) -> Any:
        """What is there now; nothing if that is gone."""
        try:
            return self.space[self.key]
        except (KeyError, IndexError, ValueError):
            return None

    def read(self) -> Any:
        return self.space[self.key]


def same(a: Any, b: Any) -> bool:
    """Whether two values are one, equal numbers or names, or the same entries of a list."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, PLAIN):
        return bool(a == b)
    return isinstance(a, tuple) and len(a) == len(b) and all(map(same, a, b))


class Entries:
    """The entries of a list or a set, the keys of a dict, as they are now."""

    def __init__(self, container: Any) -> None:
        self.container = container

    def __getitem__(self, key: Any) -> tuple[Any, ...]:
        return tuple(self.container)


class Memory:
    """What lies in one of NumPy's arrays, as it is now."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __getitem__(self, key: Any) -> bytes:
        return self.array.tobytes()


class Cells:
    """The variables that a function has from outside, by name."""

    def __init__(self, function: FunctionType) -> None:
        self.cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))

    def __getitem__(self, name: str) -> Any:
        return self.cells[name].cell_contents

    def items(self) -> Iterator[tuple[str, Any]]:
        for name, cell in self.cells.items():
            try:
                yield name, cell.cell_contents
            except ValueError:  # not set yet
                continue


END = (object(),)  # behind both of two lists that are held against each other: then one that is longer differs


class Makeup:
    """What modules are made of: parameters, buffers, parts, hooks and settings, each still the object that it was."""

    key = None

    def __init__(self) -> None:
        self.tables: list[dict[Any, Any]] = []
        self.paths: list[str] = []
        self.value: tuple[Any, ...] = ()

    def add(self, module: Module, path: str) -> bool:
        """Whether its settings and hooks are looked at too: those of the program's own classes are other guards' business."""
        kind = type(module)
        whole = module._hooks is None and not own(kind) and not kind.__module__.startswith(__package__ or OURS)
        hooks = () if module._hooks is None else [module._hooks.of[kind] for kind in AROUND]
        tables = [module._parameters, module._buffers, module._modules, *hooks, *((module.__dict__,) if whole else ())]
        self.tables += tables
        self.paths += [path] * len(tables)
        self.value = self.now()
        return whole

    def now(self) -> tuple[Any, ...]:
        return tuple(chain.from_iterable(map(dict.values, self.tables)))

    def holds(self) -> bool:
        objects = chain.from_iterable(map(dict.values, self.tables))
        return all(map(is_, chain(objects, END), chain(self.value, END)))

    @property
    def name(self) -> str:
        """What has changed."""
        rest = iter(self.value)
        for path, table in zip(self.paths, self.tables):
            for key, now in table.items():
                if next(rest, None) is not now:
                    return f"{path}.{key}"
        return "what a module is made of"


class GradientOf:
    """Where the gradient of a leaf is found: whatever tensor that is by then."""

    def __init__(self, leaf: Value) -> None:
        self.leaf = leaf

    @property
    def array(self) -> np.ndarray:
        grad = self.leaf._grad
        return NOTHING if grad is None else grad.array

    @property
    def node(self) -> Any:
        grad = self.leaf._grad
        return None if grad is None else grad.node

    @property
    def version(self) -> list[int]:
        grad = self.leaf._grad
        return [0] if grad is None else grad.version


class Sources:
    """What a function's names lead to."""

    def __init__(self) -> None:
        self.holders: dict[int, tuple[Any, str]] = {}  # by the identity of an array
        self.guards: list[Any] = []
        self.makeup = Makeup()
        self.modules: list[Module] = []
        self.containers: set[int] = set()
        self.names: set[str] = set()  # that the functions look up anywhere
        self.seen: set[int] = set()
        self.alive: list[Any] = []

    def follow(self, function: Any, called: dict[CodeType, Any], args: Any = ()) -> None:
        self.guards.append(self.makeup)
        self.names = {n for code in [*called, getattr(function, "__code__", None)] if code is not None for n in used_names(code)}
        for name, value in args:
            self.look(value, name, 0)
        if isinstance(function, MethodType):
            self.look(function.__self__, "self", 0)
            function = function.__func__
        if isinstance(function, Module):
            self.look(function, "model", 0)
        if isinstance(function, FunctionType):
            self.space(Cells(function), Cells(function).items(), "", 0)
            self.space(function.__globals__, names_of(function.__code__, function.__globals__), "", 0)
        for code, spaces in called.items():
            self.space(spaces[0], names_of(code, spaces[0]), "", 0)
            for name, value in spaces[1].items():
                self.look(value, name, 0)

    def space(self, space: Any, items: Any, prefix: str, depth: int) -> None:
        for name, value in list(items):
            path = f"{prefix}{name}"
            if value is not space:
                if not any(g.key == name and g.space is space for g in self.guards):
                    self.guards.append(Guard(space, name, value, path))
            self.look(value, path, depth)

    def look(self, value: Any, path: str, depth: int) -> None:
        if isinstance(value, PLAIN) or depth > DEEP or id(value) in self.seen or len(self.seen) > MANY:
            return
        self.seen.add(id(value))
        self.alive.append(value)
        if isinstance(value, Value):
            self.hold(value, path)
        elif isinstance(value, Module):
            self.look_module(value, path, depth)
        elif isinstance(value, Optimizer):
            for g, group in enumerate(value.param_groups):
                for i, p in enumerate(group["params"]):
                    self.hold(p, f"{path}.{g}.{i}")
        elif isinstance(value, (list, tuple, set)):
            self.containers.add(id(value))
            if isinstance(value, (list, set)):
                self.guards.append(Guard(Entries(value), 0, tuple(value), f"the list {path}"))
            for i, v in enumerate(value):
                self.look(v, f"{path}[{i}]", depth + 1)
        elif isinstance(value, dict):
            self.containers.add(id(value))
            self.guards.append(Guard(Entries(value), 0, tuple(value), f"the keys of {path}"))
            self.space(value, [(k, v) for k, v in value.items() if isinstance(k, (str, int))], f"{path}.", depth + 1)
        elif isinstance(value, FunctionType):
            if programs_own(value.__module__ or ""):
                self.space(Cells(value), Cells(value).items(), f"{path}.", depth + 1)
        elif isinstance(value, (type, ModuleType)):
            if programs_own((value.__module__ if isinstance(value, type) else value.__name__) or ""):
                self.look_names(value, path, depth)
        elif isinstance(value, np.ndarray):
            if value.size <= MOST and not value.dtype.hasobject:
                self.guards.append(Guard(Memory(value), 0, value.tobytes(), f"the array {path}"))
        elif isinstance(value, MethodType):
            return
        elif own(type(value)) and hasattr(value, "__dict__"):
            self.containers.add(id(value.__dict__))
            self.space(value.__dict__, value.__dict__.items(), f"{path}.", depth + 1)
            self.look_classes(value, path, depth)

    def look_classes(self, value: Any, path: str, depth: int) -> None:
        """What an object has from its classes."""
        for kind in type(value).__mro__:
            if own(kind):
                self.look(kind, path, depth + 1)

    def look_names(self, where: Any, path: str, depth: int) -> None:
        """The variables of a class or a module that are used under their names."""
        items = [(n, v) for n, v in vars(where).items() if n in self.names and not isinstance(v, DEFINED)]
        self.space(vars(where), items, f"{path}.", depth + 1)

    def look_module(self, module: Module, path: str, depth: int) -> None:
        for name, part in module.named_modules():
            if id(part) in self.seen and part is not module:
                continue
            self.seen.add(id(part))
            self.modules.append(part)
            here = ".".join(x for x in (path, name) if x)
            settings = [] if self.makeup.add(part, here) else [n for n in ("_hooks", *SETTINGS) if n in part.__dict__]
            self.guards += [Guard(part.__dict__, n, part.__dict__[n], f"{here}.{n}") for n in settings]
            for n, t in [*part._parameters.items(), *part._buffers.items()]:
                if t is not None:
                    self.hold(t, f"{here}.{n}")
            if own(type(part)):
                items = [(n, v) for n, v in part.__dict__.items() if not n.startswith("_") and n != "training"]
                self.space(part.__dict__, items, f"{here}.", depth + 1)
                self.look_classes(part, here, depth)

    def held_now(self) -> dict[int, tuple[Any, str]]:
        """The holders by the arrays that they hold by now, and the gradients that have come since."""
        found = list(self.holders.values())
        self.holders = {}
        for t, path in found:
            if isinstance(t, Value):
                self.hold(t, path)
        return dict(self.holders)

    def hold(self, t: Value, path: str) -> None:
        self.holders.setdefault(id(t.array), (t, path))
        self.alive.append(t)
        if t._grad is not None:
            self.holders.setdefault(id(t._grad.array), (GradientOf(t), f"{path}.grad"))


def names_of(code: CodeType, space: Any) -> Iterator[tuple[str, Any]]:
    """The global names that a function's code, and the functions written within it, may use."""
    for name in global_names(code):
        if name in space:
            yield name, space[name]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_of(constant, space)


def used_names(code: CodeType) -> Iterator[str]:
    """All names, attributes too, that a function's code and the functions written within it look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from used_names(constant)


def hooked(modules: list[Module]) -> list[tuple[Any, str]]:
    """Hooks of the program's own, which are to see every call: (no line, why)."""
    if Module.__call__ is not plain_call:
        return [(None, "there are hooks on all modules, which are to see every call")]
    found = [(m, f) for m in modules if m._hooks is not None for kind in AROUND for f, _ in m._hooks.of[kind].values()]
    names = [(type(m).__name__, getattr(f, "__name__", type(f).__name__)) for m, f in found if not f.__module__.startswith(OURS)]
    return [(None, f"a {kind} in it has a hook, {name}, which is to see every call") for kind, name in names]


def stored(name: Any, called: dict[CodeType, Any]) -> Any:
    """The line at which one of the functions that ran sets a variable or an attribute of this name: (file, line)."""
    for code in called:
        for i in get_instructions(code):
            if i.opname in ("STORE_ATTR", "STORE_GLOBAL", "STORE_DEREF") and i.argval == name:
                lines = [n for start, end, n in code.co_lines() if start <= i.offset < end]
                return code.co_filename, lines[0] if lines else code.co_firstlineno
    return None


@cache
def global_names(code: CodeType) -> tuple[str, ...]:
    """The names that code looks up outside of itself; ``co_names`` holds those of attributes too."""
    return tuple(dict.fromkeys(i.argval for i in get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")))


def own(kind: type) -> bool:
    """Whether a class is the program's own."""
    return programs_own(kind.__module__)


@cache
def programs_own(module: str) -> bool:
    """Whether a module is the program's: neither Python's, NumPy's nor this library's."""
    root = module.partition(".")[0]
    return root not in LIBRARIES
