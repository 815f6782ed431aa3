"""The error for an attribute that a module does not have, which looks for near names only when it is read."""

from __future__ import annotations

from ..base.errors import did_you_mean


class MissingAttribute(AttributeError):
    """`hasattr`, `getattr` with a default and `copy.deepcopy` raise it often and never read it.

    >>> hasattr(nn.Linear(2, 1), "weigth")
    False
    >>> nn.Linear(2, 1).weigth
    Traceback (most recent call last):
    AttributeError: 'Linear' object has no attribute 'weigth'. Did you mean 'weight'?
    """

    def __str__(self) -> str:
        if self.args:  # the text was read, and added to
            return super().__str__()
        module, name, tables = self.obj, str(self.name), vars(self.obj)
        known = [*tables.get("_parameters", ()), *tables.get("_modules", ()), *tables, *dir(type(module))]
        near = did_you_mean(name, known)
        return f"'{type(module).__name__}' object has no attribute '{name}'" + (near and f".{near}")

    def __repr__(self) -> str:
        return f"AttributeError({str(self)!r})"

    def __reduce__(self) -> tuple[type[AttributeError], tuple[str]]:
        return AttributeError, (str(self),)


# Tracebacks call it what programs catch.
MissingAttribute.__module__, MissingAttribute.__qualname__ = "builtins", "AttributeError"
