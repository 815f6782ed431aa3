"""What is noted on disk beside machine code, so that the next process need not work out anew what it found.

Machine code is kept under a hash of its text. To write that text takes longer than to load the code, so a note is kept as
well, under a hash of what the text is made from: a function and what it closes over, or a step's program. It says where the
code is, and what else a caller has to know, as rows of integers:

    3f…9a            the name of the code
    0 1 1            rows of integers

What a text is made from includes this library's own files. A file counts as the same while its size and the time of its
last change are; Python goes by the same before it compiles a file again. Users' functions have no notes.
"""

from __future__ import annotations

import os
import sys
from functools import cache as once
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any

import numpy as np

from .._version import __version__
from . import cache, machine
from .elf import Loaded, Unsupported

ROOT = __name__.partition(".")[0]
FOLDERS = ("base", "graph", "native", "ops", "optim", "compiler")  # whose functions machine code is made of
PLAIN = (bool, int, float, str, bytes, type(None))
Rows = list[list[int]]


class Untold(TypeError):
    """There is something that may not be the same in another process, although it looks so."""


# ---------------------------------------------------------------------- notes


def recall(key: str | None) -> tuple[Rows, Loaded] | None:
    """The rows under a key, and the code that belongs to them, in memory."""
    noted = cache.read(key) if key is not None else None
    if noted is None:
        return None
    name, *rows = noted.decode().split("\n")
    code = cache.read(name)
    try:
        return None if code is None else ([[int(n) for n in row.split()] for row in rows], Loaded(code))
    except Unsupported:
        return None


def note(key: str | None, rows: Rows, code: str) -> None:
    """Keep rows under a key, with the name of the code that belongs to them."""
    if key is not None:
        cache.write(key, "\n".join([code, *[" ".join(map(str, row)) for row in rows]]).encode())


def key_of(*parts: Any) -> str | None:
    """The key of what is made from these parts; None where that can't be told."""
    files = stamp()
    if files is None:
        return None
    try:
        return cache.key(*map(told, parts), files, *here())
    except Untold:
        return None


@once
def here() -> tuple[str, ...]:
    """What all machine code depends on: the computer, and the versions of what makes it."""
    return machine.processor(), machine.version(), __version__, np.__version__, str(sys.implementation.cache_tag)


@once
def stamp() -> str | None:
    """This library's own files: names, sizes and times of change.

    None where they are not on disk, or were changed while this process ran, or code is not kept.
    """
    from . import LOADED

    if sys.platform != "linux":
        return None
    root = Path(__file__).parent.parent
    try:
        files = [path for folder in FOLDERS for path in files_below(str(root / folder))]
        found = [(path[len(str(root)) :], os.stat(path)) for path in sorted(files)]
    except OSError:
        return None
    if any(about.st_mtime_ns > LOADED for _, about in found):
        return None
    return "\n".join([f"{path} {about.st_size} {about.st_mtime_ns}" for path, about in found])


def files_below(folder: str) -> list[str]:
    """All files of source in a folder and those within it."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found.append(entry.path)
            elif entry.is_dir() and entry.name != "__pycache__":
                found += files_below(entry.path)
    return found


# ---------------------------------------------------------------------- telling


def told(x: Any, within: tuple[Any, ...] = ()) -> str:
    """All that a value is, in words that are the same in every process. ``within``: what it is a part of.

    >>> told((1, 2.0, "x", {"n": None}))
    "tuple(1, 2.0, 'x', dict(tuple('n', None)))"
    """
    if type(x) in PLAIN:
        return repr(x)
    if any(x is outer for outer in within):
        raise Untold("something that refers to itself")
    within = (*within, x)
    if isinstance(x, tuple | list):
        return f"{named(type(x))}({', '.join([told(e, within) for e in x])})"
    if type(x) is dict:
        return f"dict({', '.join([told(pair, within) for pair in x.items()])})"
    if isinstance(x, np.generic):
        return f"{x.dtype.str}({x.item()!r})"
    if isinstance(x, np.dtype):
        return f"dtype {x.str} {x.name}"
    if isinstance(x, np.ufunc):
        return f"ufunc {x.__name__}"
    if isinstance(x, type | BuiltinFunctionType):
        return named(x)
    if isinstance(x, FunctionType):
        return told_function(x, within)
    if hasattr(x, "attributes"):  # an op
        return f"{named(type(x))}{told(x.attributes(), within)}"
    raise Untold(f"{x!r} is not known to be the same elsewhere")


def named(x: Any) -> str:
    """A class or a function by its name: one of this library, of Python or of NumPy."""
    module = x.__module__ or ""
    if "<" in x.__qualname__ or module not in ("builtins", "math", "numpy") and not ours(module):
        raise Untold(f"a class or function of another library: {module}.{x.__qualname__}")
    return x.__qualname__ if module == "builtins" else f"{module}.{x.__qualname__}"


def ours(module: str) -> bool:
    root, _, rest = module.partition(".")
    return root == ROOT and rest.partition(".")[0] in FOLDERS


def told_function(f: Any, within: tuple[Any, ...]) -> str:
    """A function: where it stands, its instructions, and what it closes over."""
    if not ours(f.__module__):
        raise Untold(f"a function of another library: {f.__module__}.{f.__qualname__}")
    try:
        closed = [cell.cell_contents for cell in f.__closure__ or ()]
    except ValueError:
        raise Untold("a variable that is not set yet") from None
    code: CodeType = f.__code__
    where = f"{f.__module__}.{f.__qualname__} {code.co_firstlineno}"
    return f"function {where} {told_code(code)} {told((closed, f.__defaults__, f.__kwdefaults__), within)}"


def told_code(code: CodeType) -> str:
    """Instructions, and the names and constants that they refer to."""
    constants = [told_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {constants}"
