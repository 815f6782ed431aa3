"""A module's hooks by kind, as the attributes that programs look into: ``module._forward_hooks`` and its relatives."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any


class Table(MutableMapping[int, Any]):
    """The hooks of one kind on one module, by number."""

    def __init__(self, module: Any, kind: str) -> None:
        self.module, self.kind = module, kind

    @property
    def held(self) -> Any:
        hooks = self.module._hooks
        return {} if hooks is None else hooks.of[self.kind]

    def __getitem__(self, key: int) -> Any:
        return self.held[key][0]

    def __setitem__(self, key: int, hook: Any) -> None:
        self.module._hook(self.kind, hook)

    def __delitem__(self, key: int) -> None:
        del self.held[key]

    def __iter__(self) -> Iterator[int]:
        return iter(list(self.held))

    def __len__(self) -> int:
        return len(self.held)

    def __repr__(self) -> str:
        return f"OrderedDict({dict(self)})"


def table(kind: str) -> property:
    """The attribute that holds the hooks of a kind; assigning another mapping replaces them."""

    def replace(self: Any, hooks: Any) -> None:
        found = Table(self, kind)
        found.clear()
        found.update(hooks)

    return property(lambda self: Table(self, kind), replace)
