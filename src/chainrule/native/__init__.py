"""Machine code for loops: kernels written on symbols, made by LLVM on first use, kept on disk.

A kernel is a Python function that is run once, on symbols; what it does to them becomes the loop. Here y = 2 x, sixteen
entries at a time and the rest under a mask:

>>> from chainrule.native import kernel
>>> @kernel(x="f32*", y="f32*", n="i64")
... def double(k, x, y, n):
...     for i in k.vectors(n):
...         y[i] = x[i] * 2
>>> x, y = np.arange(5, dtype=np.float32), np.empty(5, np.float32)
>>> double(x, y, 5)
>>> y.tolist()
[0.0, 2.0, 4.0, 6.0, 8.0]

`show` says what it became: the instructions, LLVM's form of them, or the processor's.

>>> print(double.show())
double(x: f32*, y: f32*, n: i64)
    %0: i64 = sub n, 0
    %1: i64 = quotient %0, 16
    %2: i64 = mul %1, 16
    %3: i64 = add 0, %2
    for %4 in 0, %3 step 16:
        %5: f32x16 = load x %4
        %6: f32x16 = mul %5, 2
        store y ← %4, %6
    for %7 in %3, n step 16:
        %8: i64 = sub n, %7
        %9: i1x16 = first %8
        %10: f32x16 = load x %7, %9
        %11: f32x16 = mul %10, 2
        store y ← %7, %11, %9

`loops` is the instructions and the builder that collects them, `vecmath`, `vecspecial` and `vecdouble` exp and its kin on
lanes, `program` a kernel made of them, `llvm` the same as LLVM IR, `interpret` the same in NumPy; `machine` and `elf` bring
code into memory, `cache` keeps it and `notes` what it was made from, `compiled` is what one calls; `team` shares pieces
between threads, `gemm`, `blocked`, `multiply` and `lines` are matrix products.
"""

from time import time_ns

from . import compiled as kernels
from .compiled import Kernel, kernel, parameters
from .loops import KINDS

LOADED = time_ns()  # a file that was changed later is not what runs here

__all__ = ["KINDS", "Kernel", "kernel", "kernels", "parameters"]
