"""Machine code for loops: kernels written on symbols, made by LLVM on first use, kept on disk.

`loops` is the instructions and the builder that collects them, `vecmath` exp and its kin on lanes, `program` a kernel made
of them, `llvm` the same as LLVM IR, `interpret` the same in NumPy; `machine` and `elf` bring code into memory, `cache` keeps
it, `compiled` is what one calls; `team` shares pieces between threads, `blas` matrix products too.
"""

from . import compiled as kernels
from .compiled import Kernel, kernel, parameters
from .loops import KINDS

__all__ = ["KINDS", "Kernel", "kernel", "kernels", "parameters"]
