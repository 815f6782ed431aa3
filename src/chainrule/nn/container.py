"""Modules that hold modules: in a row, in a list, in a dictionary."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from ..ops.kernels.tiles import LEAST
from ..tensors.tensor import Tensor
from .entries import entries, place
from .module import Module, indented

PLAIN = Module.__call__  # while there are no hooks on all modules


class Members(Module):
    """What `Sequential` and `ModuleList` share: modules under the names "0", "1", …"""

    def __getitem__(self, idx: Any) -> Any:
        modules = list(self._modules.items())
        if isinstance(idx, slice):
            return self._some(modules[idx])
        return modules[place(idx, len(modules))][1]

    def _some(self, chosen: list[tuple[str, Any]]) -> Any:
        raise NotImplementedError

    def __setitem__(self, idx: Any, module: Module) -> None:
        setattr(self, list(self._modules)[place(idx, len(self))], module)

    def __delitem__(self, idx: Any) -> None:
        names = list(self._modules)
        for name in names[idx] if isinstance(idx, slice) else [names[place(idx, len(names))]]:
            delattr(self, name)
        self._renumber()

    def _renumber(self) -> None:
        left = list(self._modules.values())
        self.__dict__["_modules"] = {str(i): module for i, module in enumerate(left)}

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def append(self, module: Module) -> Any:
        """Add a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Put a module before place ``index``."""
        if not isinstance(module, Module):
            raise AssertionError(f"module should be of type: {Module}")
        n = len(self)
        if not -n <= index <= n:
            raise IndexError(f"Index out of range: {index}")
        modules = list(self._modules.values())
        modules.insert(index, module)
        self.__dict__["_modules"] = {str(i): m for i, m in enumerate(modules)}
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Add several modules at the end."""
        if not isinstance(modules, Iterable):
            raise TypeError(f"{type(self).__name__}.extend should be called with an iterable, but got {type(modules).__name__}")
        for module in list(modules):
            self.append(module)
        return self

    def pop(self, key: int | slice) -> Any:
        """Take a module out, and return it."""
        taken = self[key]
        del self[key]
        return taken


class Sequential(Members):
    """y = fₙ(… f₂(f₁(x))): each module's result is the next one's input.

    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> model(torch.zeros(4, 2)).shape
    torch.Size([4, 3])
    """

    def __init__(self, *args: Any) -> None:
        super().__init__()
        if len(args) == 1 and isinstance(args[0], OrderedDict):
            for name, module in args[0].items():
                self.add_module(name, module)
        else:
            for i, module in enumerate(args):
                self.add_module(str(i), module)

    _pools = False  # whether a max pooling was put into it

    def register_module(self, name: str, module: Module | None) -> None:
        super().register_module(name, module)
        if hasattr(type(module), "after_relu"):
            self.__dict__["_pools"] = True

    add_module = register_module

    def forward(self, input: Any) -> Any:
        if self._pools:
            return in_pairs(list(self._modules.values()), input)
        for module in self._modules.values():
            input = module(input)  # type: ignore[misc]
        return input

    def _some(self, chosen: list[tuple[str, Any]]) -> Sequential:
        return type(self)(OrderedDict(chosen))

    def __add__(self, other: Any) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return Sequential(*self, *other)

    def __iadd__(self, other: Any) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return self.extend(other)

    def __mul__(self, times: int) -> Sequential:
        check_times(times)
        return Sequential(*chain.from_iterable([list(self)] * times))

    __rmul__ = __mul__

    def __imul__(self, times: int) -> Sequential:
        check_times(times)
        return self.extend(list(self) * (times - 1))


def in_pairs(modules: list[Any], input: Any) -> Any:
    """The result of modules in a row, where ReLU and the max pooling behind it may be one op."""
    from .activation import ReLU

    done = False  # with what comes next
    for module, after in zip(modules, [*modules[1:], None]):
        if done:
            done = False
        elif type(module) is ReLU and joins(module, after, input):
            input, done = after.after_relu(input), True
        else:
            input = module(input)
    return input


def joins(relu: Any, pool: Any, x: Any) -> bool:
    """Whether nobody would notice, but for the time it takes: no hooks, no indices, nothing written in place, and x is large."""
    from .pooling import MaxPool1d, MaxPool2d, MaxPool3d

    return (
        type(pool) in (MaxPool1d, MaxPool2d, MaxPool3d)
        and not relu.inplace
        and not pool.return_indices
        and relu._hooks is None
        and pool._hooks is None
        and "forward" not in relu.__dict__
        and "forward" not in pool.__dict__
        and Module.__call__ is PLAIN
        and type(x) is Tensor
        and x.array.size >= LEAST
        and x.array.dtype.char in "fd"
    )


def check_times(times: Any) -> None:
    if not isinstance(times, int):
        raise TypeError(f"unsupported operand type(s) for *: {Sequential} and {type(times)}")
    if times <= 0:
        raise ValueError(f"Non-positive multiplication factor {times} for {Sequential}")


class ModuleList(Members):
    """A list of modules, all of them registered; call them as you like.

    >>> layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])
    >>> len(layers), len(list(layers.parameters()))
    (3, 6)
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def _some(self, chosen: list[tuple[str, Any]]) -> ModuleList:
        return type(self)([module for _, module in chosen])

    def insert(self, index: int, module: Module) -> None:
        """Put a module before place ``index``."""
        super().insert(index, module)

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList(chain(self, other))

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def __repr__(self) -> str:
        """Neighbours that print alike are shown once, with how many there are."""
        runs: list[tuple[int, int, str]] = []
        for i, text in enumerate(repr(module) for module in self):
            if runs and runs[-1][2] == text:
                runs[-1] = (runs[-1][0], i, text)
            else:
                runs.append((i, i, text))
        if not runs:
            return f"{self._get_name()}()"
        lines = [
            indented(f"({first}): {text}" if first == last else f"({first}-{last}): {last - first + 1} x {text}", 2)
            for first, last, text in runs
        ]
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


class ModuleDict(Module):
    """A dictionary of modules, all of them registered.

    >>> choices = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
    >>> choices["relu"](torch.tensor([-1., 1.]))
    tensor([0., 1.])
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        """Remove all."""
        self._modules.clear()

    def pop(self, key: str) -> Any:
        """Take a module out, and return it."""
        module = self[key]
        del self[key]
        return module

    def keys(self) -> Any:
        return self._modules.keys()

    def items(self) -> Any:
        return self._modules.items()

    def values(self) -> Any:
        return self._modules.values()

    def get(self, key: str, default: Any = None) -> Any:
        return self._modules.get(key, default)

    def update(self, modules: Any) -> None:
        """Add the modules of a mapping or of (name, module) pairs."""
        for key, module in entries(modules, "ModuleDict"):
            self[key] = module


class Container(Module):
    """Modules by name; what every `Module` does since long."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        warnings.warn(
            "`nn.Container` is deprecated. All of its functionality is now implemented in `nn.Module`. Subclass that instead.",
            FutureWarning,
            stacklevel=2,
        )
        for name, module in kwargs.items():
            self.add_module(name, module)
