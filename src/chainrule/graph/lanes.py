"""An elementwise op on a large array as machine code: its own formula and its own rules, read on the lanes of vectors.

What a rule says, ``g * (1 - y * y)``, becomes one loop over memory that makes no temporaries. An op whose formula can't
be read that way (an integer function, a dtype without lanes) is left to NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..native import Kernel, kernels
from ..native.loops import Buffer, Builder, Type, Value
from ..native.vecmath import Unlowered

KINDS = {"f": "f32", "d": "f64", "?": "i8"}  # what memory holds
DTYPES: dict[str, Any] = {"f32": np.dtype(np.float32), "f64": np.dtype(np.float64), "i1": np.dtype(bool)}
WIDTHS = {"f": 16, "d": 8}
STEP = 1 << 14  # entries in a piece


class Loop(NamedTuple):
    kernel: Kernel
    dtype: np.dtype
    scalars: tuple[bool, ...]  # which operands are numbers

    def run(self, arrays: list[Any], shape: tuple[int, ...]) -> np.ndarray:
        """Compute all entries; ``arrays`` are vectors of them, and 0-dim arrays."""
        result = np.empty(shape, self.dtype)
        self.into(arrays, result.reshape(-1))
        return result

    def into(self, arrays: list[Any], line: np.ndarray) -> None:
        operands = [one_number(a).item() if scalar else a for a, scalar in zip(arrays, self.scalars, strict=True)]
        self.kernel.share(-(-line.size // STEP), *operands, line, line.size)


def one_number(a: Any) -> Any:
    """A line that is one number seen from many places, such as the gradient of a sum, as a 0-dim array; others as they are."""
    return a[:1].reshape(()) if a.ndim and not a.strides[0] else a


_loops: dict[Any, Loop | None] = {}


def loop(op: Any, rule: Any, arrays: list[Any], read: Callable[..., Any]) -> Loop | None:
    """The machine code of one reading of an op for operands of these dtypes; None where there is none."""
    if op.lane is None or not kernels.ready():
        return None
    arrays = [one_number(a) for a in arrays]
    kinds = tuple(a.dtype.char if a.ndim else a.dtype.char + "0" for a in arrays)
    key = (type(op), op.attributes(), rule, kinds)
    try:
        return _loops[key]
    except KeyError:
        pass
    found = _loops[key] = build(f"{type(op).__name__}_{'_'.join(kinds)}".replace("?", "b"), kinds, read)
    return found


def build(name: str, kinds: tuple[str, ...], read: Callable[..., Any]) -> Loop | None:
    floats = {k[0] for k in kinds if k[0] in WIDTHS}
    if len(floats) != 1 or any(k not in KINDS and k[:-1] not in WIDTHS for k in kinds):
        return None
    width = WIDTHS[floats.pop()]
    parameters = {f"x{i}": KINDS[k] + "*" if len(k) == 1 else KINDS[k[0]] for i, k in enumerate(kinds)}

    def values(k: Builder, operands: list[Any], at: Any) -> list[Value]:
        """What the formula is read on: an entry of each operand, for each lane."""
        found = []
        for x in operands:
            value = x[at] if isinstance(x, Buffer) else k.spread(x, width)
            found.append(value != 0 if value.type.kind == "i8" else value)
        return found

    try:
        trial = Builder()
        result = read(*[Value(trial, "trial", Type("i1" if k == "?" else KINDS[k[0]], width)) for k in kinds])
        kind = result.type.kind
    except (Unlowered, TypeError, AttributeError):  # the formula asks for what lanes have not
        return None
    if kind not in DTYPES:
        return None

    def body(k: Builder, *operands: Any) -> None:
        *inputs, out, n, piece, _thread = operands
        start = piece * STEP
        for at in k.vectors(k.smaller(n, start + STEP), width, start=start):
            y = k.value(read(*values(k, inputs, at)), Type(kind, width))
            out[at] = k.to("i8", y) if kind == "i1" else y

    stored = "i8" if kind == "i1" else kind
    parameters |= {"out": stored + "*", "n": "i64", "piece": "i64", "thread": "i64"}
    return Loop(Kernel(body, parameters, name), DTYPES[kind], tuple(len(k) > 1 for k in kinds))
