"""From the text of a module to the address of its function: by the cache, or by LLVM."""

from __future__ import annotations

import sys
from typing import Any

from .._version import __version__
from . import cache, machine
from .elf import Loaded, Unsupported


def load(name: str, text: str) -> tuple[int, Any]:
    """The address of a function, and what keeps it in memory."""
    (address,), keep = load_all((name,), text)
    return address, keep


def name_of(text: str, passes: str = "all") -> str:
    """Under which name the code of a text is kept."""
    return cache.key(text, passes, machine.processor(), machine.version(), __version__)


def load_all(names: tuple[str, ...], text: str, passes: str = "all") -> tuple[list[int], Any]:
    """The addresses of functions in one module, and what keeps them in memory."""
    if sys.platform == "linux":
        key = name_of(text, passes)
        code = cache.read(key)
        if code is None:
            code = machine.object_code(text, passes)
            cache.write(key, code)
        try:
            loaded = Loaded(code)
            return [loaded.address(name) for name in names], loaded
        except Unsupported:  # a processor whose relocations are not known here: LLVM knows them
            pass
    return by_llvm(names, text, passes)


def by_llvm(names: tuple[str, ...], text: str, passes: str) -> tuple[list[int], Any]:
    """Have LLVM put the code into memory, on systems whose object files are not ELF."""
    import llvmlite.binding as llvm

    module = machine.optimized(text, passes)
    engine = llvm.create_mcjit_compiler(module, machine.target())
    engine.finalize_object()
    return [engine.get_function_address(name) for name in names], engine
