"""What can go wrong between a table and a trained model.

::

    ValueError
    ├── DataError          the table, or a column of it, cannot be learned from
    └── SettingError       an option has a value that means nothing
    OSError
    └── RunFolderError     the run folder cannot be made, written or read
    RuntimeError
    └── Diverged           the loss grew without bound; carries the largest stable learning rate
    ModuleNotFoundError
    └── MissingLibrary     an optional library is not installed; says which extra brings it
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING

from chainrule.base.errors import did_you_mean, message

if TYPE_CHECKING:
    from chainrule.train.run import Run


class DataError(ValueError):
    """The table, or a column of it, cannot be learned from."""


class SettingError(ValueError):
    """An option has a value that means nothing."""


class RunFolderError(OSError):
    """The run folder cannot be made, written or read."""


class Diverged(RuntimeError):
    """The loss grew without bound; ``run`` holds the last state in which everything was finite."""

    run: Run | None = None


class MissingLibrary(ModuleNotFoundError):
    """An optional library is not installed."""


def need(module: str, purpose: str, extra: str = "train") -> ModuleType:
    """Import an optional library, or say which extra brings it.

    >>> need("json", "settings").__name__
    'json'
    >>> need("no_such_library", "tables")
    Traceback (most recent call last):
        ...
    chainrule.train.errors.MissingLibrary: tables: this needs the package no_such_library
      why: it is not installed
      instead: pip install "chainrule[train]"
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise
        text = message(
            f"{purpose}: this needs the package {package}", "it is not installed", f'pip install "chainrule[{extra}]"'
        )
        raise MissingLibrary(text, name=error.name) from None


def option(name: str, value: object) -> str:
    """An option as Python and as the command line spell it.

    >>> option("batch_size", 32)
    'batch_size=32 (--batch-size 32)'
    >>> option("drop", ["id"])
    "drop=['id'] (--drop id)"
    """
    typed = value[0] if isinstance(value, list) else value
    return f"{name}={value!r} (--{name.replace('_', '-')} {typed})"


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names in a sentence, the tail of a long list counted.

    >>> listed(["a", "b", "c"], most=2)
    'a, b, … (1 more)'
    """
    known = list(names)
    shown = ", ".join(known[:most])
    return f"{shown}, … ({len(known) - most} more)" if len(known) > most else shown


def no_such_column(asked: str, columns: Iterable[str], role: str = "") -> DataError:
    """The error for a column that is not in the table, with the near misses.

    >>> print(no_such_column("pric", ["price", "size"], role="the target "))
    the target 'pric' is not a column of the table. Did you mean 'price'?
      why: its 2 columns are price, size
    """
    known = list(columns)
    near = did_you_mean(asked, known) or did_you_mean(asked.lower(), [name for name in known if name.islower()])
    return DataError(
        message(
            f"{role}{asked!r} is not a column of the table.{near}",
            f"its {len(known)} column{'s are' if len(known) != 1 else ' is'} {listed(known)}",
        )
    )
