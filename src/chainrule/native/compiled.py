"""`kernel`: a function on symbols as machine code that takes arrays.

The code is made when it is first called for, and kept on disk. Where it can't be made (llvmlite is not installed, or
``CHAINRULE_NATIVE=0``), `ready` is False, and callers do the same in NumPy.

Machine code reads and writes at the addresses it is given. So each array is looked at on every call: its dtype, that its
entries lie one behind the other, and that it may be written to if the program does. How long it is only the caller knows.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from . import machine
from .address import FIELDS, word
from .address import address as begin
from .program import Program
from .team import team

TYPES = {"i64": ctypes.c_int64, "i32": ctypes.c_int32, "f32": ctypes.c_float, "f64": ctypes.c_double}
WORDS = {"*": "Q", "i64": "q", "f64": "d", "f32": "f4x", "i32": "i4x"}  # as the words of a job
LETTERS = {"f16": "e", "f32": "f", "f64": "d", "i8": "B?b", "i16": "h", "i32": "i", "i64": "q"}
DTYPES = {kind: tuple(map(np.dtype, chars)) for kind, chars in LETTERS.items()}
IN_ORDER, WRITABLE = 0x001, 0x400  # of `ndarray.flags`: contiguous in C's order; may be written to
ndarray = np.ndarray
_making = threading.RLock()


def words(kinds: list[str]) -> str:
    return "=" + "".join(WORDS["*" if kind[-1] == "*" else kind] for kind in kinds)


@cache
def ready() -> bool:
    """Whether machine code can be made and run here."""
    return os.environ.get("CHAINRULE_NATIVE") != "0" and machine.installed() and sys.maxsize > 1 << 32


class Pointer(NamedTuple):
    """An array parameter: the dtypes that it may have, and what else the code relies on."""

    kernel: str
    name: str
    kind: str
    dtypes: tuple[np.dtype, ...]
    needs: int  # IN_ORDER unless the code is told the strides, WRITABLE if it stores there

    def refuse(self, a: Any) -> TypeError:
        if not isinstance(a, np.ndarray):
            found = f"got {type(a).__name__}"
        elif a.dtype not in self.dtypes:
            found = f"got {a.dtype}"
        elif self.needs & WRITABLE and not a.flags.writeable:
            found = "got one that may not be written to"
        else:
            found = f"got one of shape {a.shape} with strides {a.strides}"
        order = "" if not self.needs & IN_ORDER else " whose entries lie one behind the other"
        return TypeError(f"{self.kernel}: {self.name} must be an array of {self.kind}{order}, {found}")


def address(a: Any, to: Pointer) -> int:
    """Where an array begins in memory, if it is one that the code can take."""
    if isinstance(a, ndarray) and a.dtype in to.dtypes and a.flags.num & (needs := to.needs) == needs:
        return begin(a)
    raise to.refuse(a)


class Kernel:
    """Machine code made of one program; ``strided`` are the arrays whose entries need not lie one behind the other.

    ``passes`` of LLVM (`machine.optimized`): a kernel's loops are vectors already, so few of them are enough.
    """

    def __init__(
        self,
        function: Callable[..., None],
        parameters: dict[str, str],
        name: str = "",
        strided: tuple[str, ...] = (),
        passes: str = "few",
    ) -> None:
        self.function, self.parameters, self.strided, self.passes = function, parameters, strided, passes
        self.name = name or function.__name__
        self.__doc__ = function.__doc__
        self.call: Callable[..., Any]
        self.pointers: list[Pointer | None] = []  # for each parameter, None for a number
        self.arrays = sum([1 << i for i, kind in enumerate(parameters.values()) if kind[-1] == "*"]) if FIELDS else 0  # as bits
        if self.arrays >> 63:
            raise ValueError(f"{self.name}: an array may be one of the first 63 parameters, of which there are {len(parameters)}")
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

    def show(self, form: str = "program") -> str:
        """What the kernel became: its "program", one instruction a line; as "llvm"; as "assembly" for this processor."""
        forms = {
            "program": lambda: self.program().show(),
            "llvm": self.text,
            "assembly": lambda: machine.assembly(self.text(), self.passes),
        }
        if form not in forms:
            raise ValueError(f"a kernel can be shown as {', '.join(forms)}, not as {form!r}")
        return forms[form]()

    def load(self) -> None:
        from . import notes

        with _making:
            if self.keep is not None:
                return
            names = (self.name, f"{self.name}.piece") if self.in_pieces else (self.name,)
            key = notes.key_of("kernel", self.name, self.function, self.parameters, self.passes)
            if (found := notes.recall(key)) is not None:
                (written,), keep = found
                addresses = [keep.address(name) for name in names]
            else:
                addresses, keep, written = self.make(names, key)
            types: list[Any] = [ctypes.c_void_p if kind[-1] == "*" else TYPES[kind] for kind in self.parameters.values()]
            self.call, self.piece = ctypes.CFUNCTYPE(None, *types)(addresses[0]), addresses[-1]
            self.pointers = [self.pointer(name, kind, w) for (name, kind), w in zip(self.parameters.items(), written, strict=True)]
            self.keep = keep

    def make(self, names: tuple[str, ...], key: str | None) -> tuple[list[int], Any, list[int]]:
        """The addresses of the code, what keeps it in memory, and which parameters it writes to; noted under a key."""
        from .llvm import module
        from .load import load_all, name_of
        from .notes import note

        program = self.program()
        text = module(program)
        addresses, keep = load_all(names, text, self.passes)
        written = [int(name in program.builder.written) for name in self.parameters]
        note(key, [written], name_of(text, self.passes))
        return addresses, keep, written

    def pointer(self, name: str, kind: str, written: int) -> Pointer | None:
        """What is asked of the array that is this parameter; None of a number."""
        if kind[-1] != "*":
            return None
        order = 0 if name in self.strided else IN_ORDER
        writing = WRITABLE if written else 0
        return Pointer(self.name, name, kind[:-1], DTYPES[kind[:-1]], order | writing)

    def share(self, pieces: int, *args: Any) -> None:
        """Run the code for every piece, on all cores; ``args`` are the parameters before ``piece`` and ``thread``."""
        if self.keep is None:
            self.load()
        words: list[Any] = []
        for a, p in zip(args, self.pointers):  # `address`, in place: a call less for each of a step's hundreds of arrays
            if p is None:
                words.append(a)
            elif isinstance(a, ndarray) and a.dtype in p.dtypes and a.flags.num & p.needs == p.needs:
                words.append(word(a))
            else:
                raise p.refuse(a)
        team().share(self.piece, self.words.pack(*words), pieces, self.arrays)

    def __call__(self, *args: Any) -> None:
        """Run the code on arrays and numbers, in the order of the parameters."""
        if self.keep is None:
            self.load()
        self.call(*[a if p is None else address(a, p) for a, p in zip(args, self.pointers, strict=True)])


def parameters(*groups: str, pieces: bool = True) -> dict[str, str]:
    """The parameters of a kernel, in order: what kind, and which; then the piece and the thread, if it is done in pieces.

    >>> parameters("f32*: x y", "i64: n", pieces=False)
    {'x': 'f32*', 'y': 'f32*', 'n': 'i64'}
    """
    found: dict[str, str] = {}
    for group in (*groups, *["i64: piece thread"] * pieces):
        kind, _, names = group.partition(":")
        found |= dict.fromkeys(names.split(), kind)
    return found


def kernel(name: str = "", **parameters: str) -> Callable[[Callable[..., None]], Kernel]:
    """Declare a kernel: ``x="f32*"`` is an array parameter, ``n="i64"`` a number."""
    return lambda function: Kernel(function, parameters, name)
