"""`kernel`: a function on symbols as machine code that takes arrays.

The code is made when it is first called for, and kept on disk. Where it can't be made (llvmlite is not installed, or
``CHAINRULE_NATIVE=0``), `ready` is False, and callers do the same in NumPy.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from . import machine
from .program import Program
from .team import team

TYPES = {"i64": ctypes.c_int64, "i32": ctypes.c_int32, "f32": ctypes.c_float, "f64": ctypes.c_double}
WORDS = {"*": "Q", "i64": "q", "f64": "d", "f32": "f4x", "i32": "i4x"}  # as the words of a job
KINDS = {"f32": "f", "f64": "d", "i8": "bB?", "i32": "i", "i64": "lq"}
_making = threading.RLock()


def words(kinds: list[str]) -> str:
    return "=" + "".join(WORDS["*" if kind[-1] == "*" else kind] for kind in kinds)


@cache
def ready() -> bool:
    """Whether machine code can be made and run here."""
    return os.environ.get("CHAINRULE_NATIVE") != "0" and machine.installed() and sys.maxsize > 1 << 32


class Kernel:
    """Machine code made of one program."""

    def __init__(self, function: Callable[..., None], parameters: dict[str, str], name: str = "") -> None:
        self.function, self.parameters = function, parameters
        self.name = name or function.__name__
        self.__doc__ = function.__doc__
        self.call: Callable[..., Any] = self.make
        self.pointers = [kind.endswith("*") for kind in parameters.values()]
        self.keep: Any = None  # the memory that the code is in
        self.piece = 0  # where the code for one piece is
        self.in_pieces = list(parameters)[-2:] == ["piece", "thread"]
        self.words = struct.Struct(words(list(parameters.values())[:-2]))

    def program(self) -> Program:
        return Program(self.name, self.parameters, self.function)

    def text(self) -> str:
        """The program as LLVM IR."""
        from .llvm import module

        return module(self.program())

    def make(self, *args: Any) -> Any:
        """Make the code, then run it."""
        self.load()
        return self.call(*args)

    def load(self) -> None:
        from .load import load_all

        with _making:
            if self.keep is not None:
                return
            names = (self.name, f"{self.name}.piece") if self.in_pieces else (self.name,)
            addresses, self.keep = load_all(names, self.text())
            types: list[Any] = [ctypes.c_void_p if kind[-1] == "*" else TYPES[kind] for kind in self.parameters.values()]
            self.call, self.piece = ctypes.CFUNCTYPE(None, *types)(addresses[0]), addresses[-1]

    def share(self, pieces: int, *args: Any) -> None:
        """Run the code for every piece, on all cores; ``args`` are the parameters before ``piece`` and ``thread``."""
        if self.keep is None:
            self.load()
        self.words.pack_into(
            block := ctypes.create_string_buffer(self.words.size),
            0,
            *[a.__array_interface__["data"][0] if p else a for a, p in zip(args, self.pointers)],
        )
        team().share(self.piece, block, pieces)

    def __call__(self, *args: Any) -> None:
        """Run the code on arrays, which must be contiguous and of the kinds that the parameters name, and numbers."""
        self.call(*[a.__array_interface__["data"][0] if p else a for a, p in zip(args, self.pointers, strict=True)])

    def check(self, *args: Any) -> None:
        """Complain about an array that the code can't take."""
        for (name, kind), a in zip(self.parameters.items(), args, strict=True):
            if kind[-1] == "*" and (not isinstance(a, np.ndarray) or a.dtype.char not in KINDS[kind[:-1]]):
                raise TypeError(f"{self.name}: {name} must be an array of {kind[:-1]}, got {getattr(a, 'dtype', type(a))}")


def kernel(name: str = "", **parameters: str) -> Callable[[Callable[..., None]], Kernel]:
    """Declare a kernel: ``x="f32*"`` is an array parameter, ``n="i64"`` a number."""
    return lambda function: Kernel(function, parameters, name)
