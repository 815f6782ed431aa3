"""float16 and bfloat16, which are computed in float32: read and written by vectors, and whole arrays of them converted.

A bfloat16 is the upper half of a float32, and is kept as those bits: an i16.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from . import machine
from .aligned import empty
from .compiled import Kernel, parameters, ready
from .loops import Builder, Value

STORED = {"e": "f16", "E": "i16"}  # by NumPy's letter for the dtype: what memory holds
STEP, LEAST = 1 << 15, 1 << 12  # entries in a piece; entries from which it pays
NAN = 0x7FC0


def read(k: Builder, x: Value) -> Value:
    """What memory holds, as float32."""
    return k.to("f32", x) if x.type.kind == "f16" else k.bits("f32", k.to("i32", x) << 16)


def written(k: Builder, y: Value, kind: str) -> Value:
    """float32 as what memory holds, rounded to nearest, ties to even."""
    if kind == "f16":
        return k.to("f16", y)
    bits = k.bits("i32", y)
    upper = (bits + ((bits >> 16) & 1) + 0x7FFF) >> 16
    return k.to("i16", k.where(y == y, upper, NAN))


@cache
def known(char: str) -> bool:
    """Whether there is machine code for a dtype: of float16 only where the processor converts it."""
    return char == "E" or char == "e" and machine.converts_float16()


def as_stored(x: Any) -> Any:
    """An array as machine code takes it."""
    return x.view(np.int16) if x.dtype.char == "E" else x


def suits(x: np.ndarray, char: str) -> bool:
    return x.size >= LEAST and x.flags.c_contiguous and known(char) and ready()


def widened(x: np.ndarray) -> np.ndarray:
    """An array of halves that `suits` as float32."""
    y = empty(x.shape, np.dtype(np.float32))
    converter(x.dtype.char, True).share(-(-x.size // STEP), as_stored(x), y, x.size)
    return y


def narrowed(x: np.ndarray, half: np.dtype) -> np.ndarray:
    """An array of float32 that `suits` as halves."""
    y = empty(x.shape, half)
    converter(half.char, False).share(-(-x.size // STEP), as_stored(y), x, x.size)
    return y


@cache
def converter(char: str, widen: bool) -> Kernel:
    kind = STORED[char]

    def convert(k, half, single, n, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.entries_of(piece, STEP, n):
            if widen:
                single[i] = read(k, half[i])
            else:
                half[i] = written(k, single[i], kind)

    return Kernel(convert, parameters(f"{kind}*: half", "f32*: single", "i64: n"), f"{'widen' if widen else 'narrow'}_{kind}")
