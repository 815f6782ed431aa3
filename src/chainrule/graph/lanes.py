"""An elementwise op on a large array as machine code: its own formula and its own rules, read on the lanes of vectors.

What a rule says, ``g * (1 - y * y)``, becomes one loop over memory that makes no temporaries. An op whose formula can't
be read that way (an integer function, a dtype without lanes) is left to NumPy.

The numbers among an op's attributes become parameters of its loop, so that a bound or a slope that is another in each step
needs no new machine code. Where the formula asks what they are (``x ** n`` multiplies n times), there is a loop for each
of a few values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes
from ..native import KINDS, Kernel, halves, kernels, parameters
from ..native.loops import Buffer, Builder, Type, Value
from ..native.vecmath import Unlowered

STORED = {"f": "f32", "d": "f64", "?": "i8", **halves.STORED}  # what memory holds
DTYPES: dict[str, Any] = {"f32": np.dtype(np.float32), "f64": np.dtype(np.float64), "i1": np.dtype(bool)}
STEP = 1 << 14  # entries in a piece
MOST_VARIANTS = 8  # loops for one reading of an op that differ in an attribute only
Read = Callable[..., Any]  # (op, *operands) -> result


class Loop(NamedTuple):
    kernel: Kernel
    dtype: np.dtype
    scalars: tuple[bool, ...]  # which operands are numbers
    numbers: tuple[float, ...] = ()  # the op's own

    def run(self, arrays: list[Any], shape: tuple[int, ...]) -> np.ndarray:
        """Compute all entries; ``arrays`` are vectors of them, and 0-dim arrays."""
        result = np.empty(shape, self.dtype)
        self.into(arrays, result.reshape(-1))
        return result

    def into(self, arrays: list[Any], line: np.ndarray) -> None:
        operands = [float(one_number(a)) if s else halves.as_stored(a) for a, s in zip(arrays, self.scalars, strict=True)]
        self.kernel.share(-(-line.size // STEP), *operands, *self.numbers, halves.as_stored(line), line.size)


def one_number(a: Any) -> Any:
    """A line that is one number seen from many places, such as the gradient of a sum, as a 0-dim array; others as they are."""
    return a[:1].reshape(()) if a.ndim and not a.strides[0] else a


class Loops:
    """The loops of one reading of ops that differ in their numbers only: one for all of them, or some for each."""

    def __init__(self, common: Loop | None) -> None:
        self.common = common
        self.variants: dict[str, Loop | None] = {}


_loops: dict[Any, Loops] = {}


def loop(op: Any, rule: Any, arrays: list[Any], read: Read) -> Loop | None:
    """The machine code of one reading of an op for operands of these dtypes; None where there is none."""
    if op.lane is None or not kernels.ready():
        return None
    arrays = [one_number(a) for a in arrays]
    kinds = tuple([a.dtype.char if a.ndim else a.dtype.char + "0" for a in arrays])
    attributes = op.attributes()
    numbers = tuple([a for a in attributes if is_number(a)])
    others = tuple([float if is_number(a) else a for a in attributes]) if numbers else attributes
    key = (type(op), others, rule, kinds)
    loops = _loops.get(key)
    if loops is None:
        loops = _loops[key] = Loops(build(op, numbers, kinds, read))
    if loops.common is not None:
        return loops.common._replace(numbers=numbers) if numbers else loops.common
    if not numbers:
        return None
    these = repr(numbers)  # −0 is not 0, and NaN is NaN
    if these not in loops.variants and len(loops.variants) < MOST_VARIANTS:
        loops.variants[these] = build(op, (), kinds, read)
    return loops.variants.get(these)


def is_number(a: Any) -> bool:
    return isinstance(a, int | float | np.integer | np.floating) and not isinstance(a, bool)


def with_numbers(op: Any, symbols: list[Value]) -> Any:
    """The op with symbols in place of its numbers."""
    left = iter(symbols)
    return op if not symbols else type(op)(*[next(left) if is_number(a) else a for a in op.attributes()])


def build(op: Any, numbers: tuple[float, ...], kinds: tuple[str, ...], read: Read) -> Loop | None:
    """The loop of a reading, with ``numbers`` of the op as parameters; None where there is none."""
    floats = {k[0] for k in kinds if k[0] != "?"}
    if len(floats) != 1 or "?0" in kinds or not floats <= STORED.keys():
        return None
    char = floats.pop()
    half = char in halves.STORED
    if half and not halves.known(char):
        return None
    computed, width = KINDS["f" if half else char]

    def values(k: Builder, operands: list[Any], at: Any) -> list[Value]:
        """What the formula is read on: an entry of each operand, for each lane."""
        found = []
        for x in operands:
            value = x[at] if isinstance(x, Buffer) else k.spread(x, width)
            if value.type.kind == "i8":
                value = value != 0
            elif half and isinstance(x, Buffer):
                value = halves.read(k, value)
            found.append(value)
        return found

    try:
        trial = Builder()
        symbols = [Value(trial, "trial", Type("f64")) for _ in numbers]
        inputs = [Value(trial, "trial", Type("i1" if k == "?" else computed, width)) for k in kinds]
        kind = read(with_numbers(op, symbols), *inputs).type.kind
    except (Unlowered, TypeError, AttributeError):  # the formula asks for what lanes have not
        return None
    if kind not in DTYPES or half and kind == "f64" or numbers and kind not in ("i1", computed):
        return None

    def body(k: Builder, *operands: Any) -> None:
        *given, out, n, piece, _thread = operands
        inputs, symbols = given[: len(kinds)], given[len(kinds) :]
        for at in k.entries_of(piece, STEP, n, width):
            y = k.value(read(with_numbers(op, symbols), *values(k, inputs, at)), Type(kind, width))
            out[at] = k.to("i8", y) if kind == "i1" else halves.written(k, y, stored) if half else y

    stored = "i8" if kind == "i1" else STORED[char] if half else kind
    operands = [f"{STORED[k]}*: x{i}" if len(k) == 1 else f"{computed}: x{i}" for i, k in enumerate(kinds)]
    own = [f"f64: a{i}" for i in range(len(numbers))]
    name = f"{type(op).__name__}_{'_'.join(kinds)}".replace("?", "b")
    kernel = Kernel(body, parameters(*operands, *own, f"{stored}*: out", "i64: n"), name)
    result = DTYPES[kind] if kind == "i1" or not half else dtypes.by_name("float16" if char == "e" else "bfloat16").numpy
    return Loop(kernel, result, tuple(len(k) > 1 for k in kinds))
