"""Write a pickle in which some objects go by names and arguments of our choice."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any


class Named:
    """Stands for ``module.name`` in a pickle, whether or not it can be imported here."""

    __slots__ = ("full",)

    def __init__(self, full: str) -> None:
        self.full = full


class Outside:
    """Stands for something stored beside the pickle, found again by ``key``."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key


Way = Named | Outside | tuple[Named, tuple[Any, ...]]


# The pickler in Python, because the one in C insists that every name it writes can be imported in this process.
PythonPickler: Any = pickle._Pickler  # type: ignore[attr-defined]


class NamingPickler(PythonPickler):
    """``reducing(x)`` says how to write x: (`Named`, arguments), `Named`, `Outside`, or None for Python's own way.

    >>> import io, pickletools
    >>> file = io.BytesIO()
    >>> NamingPickler(file, 2, lambda x: Named("torch.float32") if x == "f32" else None).dump(["f32"])
    >>> b"ctorch\\nfloat32" in file.getvalue()
    True
    """

    def __init__(self, file: Any, protocol: int, reducing: Callable[[Any], Way | None]) -> None:
        super().__init__(file, protocol)
        self.reducing = reducing
        self.names: dict[str, Named] = {}

    def persistent_id(self, x: Any) -> Any:
        return x.key if type(x) is Outside else None

    def save(self, x: Any, save_persistent_id: bool = True) -> Any:
        """Write one object, and all in it."""
        way = x if type(x) is Named else self.reducing(x) if id(x) not in self.memo else None
        if way is None:
            return super().save(x, save_persistent_id)
        if isinstance(way, Named):
            return self.save_name(way)
        if isinstance(way, Outside):
            return self.save_pers(way.key)
        name, arguments = way
        self.save_name(name)
        self.save(arguments)
        self.write(pickle.REDUCE)
        return self.memoize(x)

    def save_name(self, x: Named) -> None:
        """GLOBAL: a module and a name in it."""
        x = self.names.setdefault(x.full, x)
        if id(x) in self.memo:
            self.write(self.get(self.memo[id(x)][0]))
            return
        module, _, name = x.full.rpartition(".")
        if self.proto >= 4:
            self.save(module)
            self.save(name)
            self.write(pickle.STACK_GLOBAL)
        else:
            self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        self.memoize(x)
