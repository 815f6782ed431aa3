"""What is noted when an op is applied: the line, the first NaN, what activations feed a layer, the data that enters."""

from __future__ import annotations

import math
import weakref
from typing import Any

import numpy as np

from ..graph import apply as hot
from ..graph import promote
from ..graph.value import Pick, Value
from ..ops import linear
from .lines import NOWHERE, Line, here
from .record import Run, Trouble
from .swap import Swaps

LAYERS = ("Linear", "LinearNoBias", "MatMul", "AddProduct", "Mv", "Vm", "Dot", "Convolution")
SQUASHING = {"Sigmoid": (0.0, 1.0), "Tanh": (-1.0, 1.0)}
PASSING = (
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Permute",
    "Transpose",
    "T",
    "Contiguous",
    "Clone",
    "Alias",
    "ReshapeAlias",
)
MEANT = (
    "MaskedFill",
    "Where",
    "Fill",
    "Cast",
    "Tril",
    "Triu",
    "IndexPut",
    "IndexFill",
    "CopyInto",
    "Maximum",
    "Minimum",
)
REMEMBERED = 200_000  # lines of nodes


class Operations:
    """Watches every op that the program applies, not those that make up another."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.inside = 0
        self.lines: dict[int, Line] = {}
        self.last_number: Any = lambda: None  # the last single number with a history, while the program holds it

    def install(self, swaps: Swaps) -> None:
        for function in (
            hot.unary,
            hot.binary,
            hot.apply,
            hot.plain,
            hot.look,
            hot.joint,
            hot.plain_joint,
            promote.careful,
        ):
            swaps.around(function, self.applied)
        swaps.around(hot.look_each, self.applied)
        swaps.around(hot.join, lambda original, op, values, arrays: self.applied(original, op, values, arrays))
        swaps.around(linear.linear, lambda original, x, w, b: self.applied_linear(original, x, w, b))

    def applied(self, original: Any, op: Any, *inputs: Any) -> Any:
        if self.inside:
            return original(op, *inputs)
        self.inside += 1
        try:
            result = original(op, *inputs)
            self.note(op, inputs, result)
        finally:
            self.inside -= 1
        return result

    def applied_linear(self, original: Any, x: Any, w: Any, b: Any) -> Any:
        if self.inside:
            return original(x, w, b)
        self.inside += 1
        try:
            result = original(x, w, b)
            self.note(linear.WITH[2], (x, w, b), result)
        finally:
            self.inside -= 1
        return result

    # ------------------------------------------------------------------ notes

    def note(self, op: Any, inputs: tuple[Any, ...], result: Any) -> None:
        first = result[0] if isinstance(result, tuple) else result
        if not isinstance(first, Value):
            return
        line = None
        node = first.node
        if node is not None:
            line = here()
            if len(self.lines) > REMEMBERED:
                self.lines.clear()
            self.lines[node.seq] = line
            if first.array.size == 1:
                self.last_number = weakref.ref(first)
            if type(node) is Pick:
                self.lines[node.parent.seq] = line
        kind = type(op).__name__ if not hasattr(op, "op") else type(op.op).__name__
        if not finite(first.array):
            self.note_trouble(kind, inputs, first, line or here())
        if node is not None and kind in LAYERS:
            self.note_layer(inputs, line or NOWHERE)

    def note_trouble(self, kind: str, inputs: tuple[Any, ...], result: Value, line: Line) -> None:
        """Finite numbers went in and something else came out: remember the operands."""
        if kind in MEANT or len(self.run.troubles) >= 20:
            return
        arrays = [
            v.array if isinstance(v, Value) else np.asarray(v) for v in inputs if isinstance(v, (Value, float, int))
        ]
        if not all(finite(a) for a in arrays):
            return
        y = result.array
        bad = ~np.isfinite(y)
        place = tuple(int(i) for i in np.unravel_index(int(bad.argmax()), y.shape))
        what = "nan" if np.isnan(y[bad]).any() else "inf"
        operands = {"result": float(y[place]), "entries": int(bad.sum()), "of": int(y.size)}
        for number, a in enumerate(arrays):
            operands[f"operand {number + 1}"] = entry(a, place, y.shape)
        tick = 0 if result.node is None else result.node.seq
        self.run.troubles.append(Trouble(what, kind, line, tick, operands))

    def note_layer(self, inputs: tuple[Any, ...], line: Line) -> None:
        """What a layer with weights is given: the output of an activation, or data."""
        x, w = inputs[0], inputs[1] if len(inputs) > 1 else None
        if not isinstance(x, Value) or not isinstance(w, Value):
            return
        node = x.node
        if node is None:
            if x.array.dtype.kind == "f" and x.array.ndim >= 2:
                self.note_data(x.array, line)
            return
        while node.op is not None and (type(node.op).__name__ in PASSING or is_dropout(node)):
            node = next(e for e in node.edges if e is not None)
        if node.op is None:
            return
        kind = type(node.op).__name__
        if kind == "Relu":
            self.note_units(kind, x.array != 0, line, node)
        elif kind in SQUASHING:
            low, high = SQUASHING[kind]
            width = high - low
            edge = 0.01 * width
            self.note_units(kind, (x.array > low + edge) & (x.array < high - edge), line, node)

    def note_units(self, kind: str, alive: np.ndarray, line: Line, node: Any) -> None:
        """For each unit (the last axis), the share of samples in which it takes part."""
        share = alive.reshape(-1, alive.shape[-1]).mean(0) if alive.ndim < 4 else alive.mean((0, 2, 3))
        place = self.run.hidden.setdefault(
            Line(line.file, line.number * 1000 + self.rank(node)),
            {"kind": kind, "line": line, "shares": []},
        )
        if len(place["shares"]) < 4000:
            place["shares"].append(share)

    def rank(self, node: Any) -> int:
        """How many layers with weights lie below: tells apart the layers of a model that is called in one line."""
        depth = 0
        while node is not None and node.op is not None and depth < 900:
            if type(node.op).__name__ in LAYERS:
                depth += 1
            node = next((e for e in node.edges if e is not None), None)
        return depth

    def note_data(self, x: np.ndarray, line: Line) -> None:
        """Running moments of each feature of the data that enters at a line."""
        rows = x.reshape(-1, x.shape[-1]).astype(np.float64) if x.ndim < 4 else x.reshape(-1, 1).astype(np.float64)
        known = self.run.data.get(line)
        if known is None or known["sum"].shape != rows.shape[1:]:
            known = self.run.data[line] = {
                "count": 0, "sum": 0 * rows[0], "squares": 0 * rows[0], "low": rows[0], "high": rows[0],
                "shape": x.shape, "ndim": x.ndim, "seen": set(),
            }  # fmt: skip
        key = hash(x.reshape(-1)[:: x.size // 100_000 + 1].tobytes())
        if key in known["seen"] or len(known["seen"]) > 2000:
            return
        known["seen"].add(key)
        known["count"] += len(rows)
        known["sum"] = known["sum"] + rows.sum(0)
        known["squares"] = known["squares"] + (rows * rows).sum(0)
        known["low"], known["high"] = np.minimum(known["low"], rows.min(0)), np.maximum(known["high"], rows.max(0))


def finite(x: np.ndarray) -> bool:
    """Whether all entries are numbers."""
    if x.dtype.kind not in "fV" or not x.size:
        return True
    with np.errstate(all="ignore"):
        return math.isfinite(np.add.reduce(x, None)) or bool(np.isfinite(x).all())


def entry(a: np.ndarray, place: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    """The entry of an operand that met at a place of the result; the range of an operand of another shape."""
    try:
        return float(np.broadcast_to(a, shape)[place])
    except (ValueError, TypeError):
        return [float(a.min()), float(a.max())] if a.size and a.dtype.kind in "fiub" else list(a.shape)


def is_dropout(node: Any) -> bool:
    """A product with an array of zeros and one other number."""
    if type(node.op).__name__ != "Mul" or sum(e is not None for e in node.edges) != 1 or not node.saved:
        return False
    mask = next((s for s in node.saved[:2] if isinstance(s, np.ndarray)), None)
    return mask is not None and mask.ndim > 0 and len(np.unique(mask)) <= 2
