"""An elementwise op on a large array as machine code: its own formula and its own rules, read on the lanes of vectors.

What a rule says, ``g * (1 - y * y)``, becomes one loop over memory that makes no temporaries. An op whose formula can't
be read that way (an integer function, a dtype without lanes) is left to NumPy.

The numbers among an op's attributes become parameters of its loop, so that a bound or a slope that is another in each step
needs no new machine code. Where the formula asks what they are (``x ** n`` multiplies n times), there is a loop for each
of a few values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..base import dtypes
from ..native import KINDS, Kernel, halves, kernels, parameters
from ..native.aligned import empty
from ..native.loops import Builder, Type, Value
from ..native.passes import BEYOND
from ..native.vecmath import Unlowered

STORED = {"f": "f32", "d": "f64", "?": "i8", **halves.STORED}  # what memory holds
DTYPES: dict[str, Any] = {"f32": np.dtype(np.float32), "f64": np.dtype(np.float64), "i1": np.dtype(bool)}
STEP = 1 << 14  # entries in a piece
SOON = 256  # entries ahead of those that are computed, which are asked of memory: else a long formula and memory wait for each other;
# also those that will be written to, which a processor reads before it writes: 200,000 in 47 µs instead of 68
MOST_VARIANTS = 8  # loops for one reading of an op that differ in an attribute only
Read = Callable[..., Any]  # (op, *operands) -> result


class Loop(NamedTuple):
    """The machine code of one reading. ``places`` says how each operand lies: "=" entry by entry, "0" one number; and where
    the entries are taken row by row, "r" one row for all of them, "c" one number for each."""

    kernel: Kernel
    dtype: np.dtype
    places: str
    half: bool  # whether operands are float16 or bfloat16
    streaming: Kernel | None  # the same for a result that is too large for the caches; not where rows repeat
    numbers: tuple[float, ...] = ()  # the op's own

    def run(self, arrays: list[Any], shape: tuple[int, ...], row: int = 0) -> np.ndarray:
        """Compute all entries, ``row`` of them at a time if some operands repeat."""
        result = empty(shape, self.dtype)
        out, size = result, result.size
        if "0" in self.places:
            arrays = [float(a) if p == "0" else a for a, p in zip(arrays, self.places)]
        if self.half:
            arrays, out = [a if type(a) is float else halves.as_stored(a) for a in arrays], halves.as_stored(out)
        if row:
            each = max(STEP // row, 1)
            self.kernel.share(-(-size // (row * each)), *arrays, *self.numbers, out, size // row, row, each)
        else:
            kernel = self.streaming if self.streaming is not None and out.nbytes >= BEYOND else self.kernel
            kernel.share(-(-size // STEP), *arrays, *self.numbers, out, size)
        return result


class Loops:
    """The loops of one reading of ops that differ in their numbers only: one for all of them, or some for each."""

    def __init__(self, common: Loop | None) -> None:
        self.common = common
        self.variants: dict[str, Loop | None] = {}


_loops: dict[Any, Loops] = {}


def loop(op: Any, rule: Any, arrays: list[Any], read: Read, places: str = "") -> Loop | None:
    """The machine code of one reading of an op for operands of these dtypes; None where there is none."""
    if op.lane is None or not kernels.ready():
        return None
    places = places or "".join(["=" if a.ndim else "0" for a in arrays])
    attributes = others = op.attributes() if op.fields else ()
    numbers: tuple[float, ...] = ()
    if attributes and (numbers := tuple([a for a in attributes if is_number(a)])):
        others = tuple([float if is_number(a) else a for a in attributes])
    key = (type(op), others, rule, places, *[a.dtype for a in arrays])
    loops = _loops.get(key)
    if loops is None:
        loops = _loops[key] = Loops(build(op, numbers, chars_of(arrays), places, read))
    if loops.common is not None:
        return loops.common._replace(numbers=numbers) if numbers else loops.common
    if not numbers:
        return None
    these = repr(numbers)  # −0 is not 0, and NaN is NaN
    if these not in loops.variants and len(loops.variants) < MOST_VARIANTS:
        loops.variants[these] = build(op, (), chars_of(arrays), places, read)
    return loops.variants.get(these)


def chars_of(arrays: list[Any]) -> str:
    return "".join([a.dtype.char for a in arrays])


def is_number(a: Any) -> bool:
    return isinstance(a, int | float | np.integer | np.floating) and not isinstance(a, bool)


def with_numbers(op: Any, symbols: list[Value]) -> Any:
    """The op with symbols in place of its numbers."""
    left = iter(symbols)
    return op if not symbols else type(op)(*[next(left) if is_number(a) else a for a in op.attributes()])


def build(op: Any, numbers: tuple[float, ...], chars: str, places: str, read: Read) -> Loop | None:
    """The loop of a reading, with ``numbers`` of the op as parameters; None where there is none.

    ``chars`` are the operands' dtypes, ``places`` how they lie.
    """
    floats = set(chars) - {"?"}
    if len(floats) != 1 or ("?", "0") in zip(chars, places) or not floats <= STORED.keys():
        return None
    char = floats.pop()
    half = char in halves.STORED
    if half and not halves.known(char):
        return None
    computed, width = KINDS["f" if half else char]
    rows = "r" in places or "c" in places

    def entries(k: Builder, x: Any, place: str, spot: Spot) -> Value:
        """An operand's entries for the lanes at a spot, as the formula sees them."""
        value = x if place == "0" else x[spot.row] if place == "c" else x[spot.column if place == "r" else spot.entry]
        if half and place != "0" and value.type.kind != "i8":
            value = halves.read(k, value)
        if place in "0c":
            value = k.spread(value, width)
        return value != 0 if value.type.kind == "i8" else value

    try:
        trial = Builder()
        symbols = [Value(trial, "trial", Type("f64")) for _ in numbers]
        inputs = [Value(trial, "trial", Type("i1" if c == "?" else computed, width)) for c in chars]
        found = read(with_numbers(op, symbols), *inputs)
        kind, needed = found.type.kind, {id(found)} | trial.used()
    except (Unlowered, TypeError, AttributeError):  # the formula asks for what lanes have not
        return None
    if kind not in DTYPES or half and kind == "f64" or numbers and kind not in ("i1", computed):
        return None

    def body(k: Builder, *operands: Any, past: bool = False) -> None:
        given, symbols = operands[: len(chars)], operands[len(chars) : len(chars) + len(numbers)]
        out, *sizes = operands[len(chars) + len(numbers) :]
        for spot in (by_rows if rows else in_line)(k, width, *sizes):
            for x in [*[x for x, p, i in zip(given, places, inputs) if p == "=" and not rows and id(i) in needed], *[out] * (not past)]:
                k.prefetch(x, spot.entry.start + SOON)
            values = [entries(k, x, p, spot) for x, p in zip(given, places)]
            y = k.value(read(with_numbers(op, list(symbols)), *values), Type(kind, width))
            y = k.to("i8", y) if kind == "i1" else halves.written(k, y, stored) if half else y
            if past:
                k.stream(out, spot.entry, y)
            else:
                out[spot.entry] = y
        if past:
            k.settle()

    def streaming(k: Builder, *operands: Any) -> None:
        body(k, *operands, past=True)

    stored = "i8" if kind == "i1" else STORED[char] if half else kind
    operands = [f"{computed}: x{i}" if p == "0" else f"{STORED[c]}*: x{i}" for i, (c, p) in enumerate(zip(chars, places))]
    own = [f"f64: a{i}" for i in range(len(numbers))]
    sizes = "i64: rows row each" if rows else "i64: n"
    spelled = "_".join([c + p.strip("=") for c, p in zip(chars, places)]).replace("?", "b")
    told, name = parameters(*operands, *own, f"{stored}*: out", sizes), f"{type(op).__name__}_{spelled}"
    past = None if rows else Kernel(streaming, told, f"{name}_streaming")
    result = DTYPES[kind] if kind == "i1" or not half else dtypes.by_name("float16" if char == "e" else "bfloat16").numpy
    return Loop(Kernel(body, told, name), result, places, half, past)


class Spot(NamedTuple):
    """Where some lanes are: among all entries, within their row, and which row that is."""

    entry: Any
    column: Any = None
    row: Any = None


def in_line(k: Builder, width: int, n: Any, piece: Any, _thread: Any) -> Iterator[Spot]:
    for at in k.entries_of(piece, STEP, n, width):
        yield Spot(at)


def by_rows(k: Builder, width: int, rows: Any, row: Any, each: Any, piece: Any, _thread: Any) -> Iterator[Spot]:
    for i in k.rows_of(piece, each, rows):
        start = i * row
        for column in k.vectors(row, width):
            yield Spot(column + start, column, i)
