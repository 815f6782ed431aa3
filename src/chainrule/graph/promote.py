"""The careful path of an op: bring operands to one dtype, compute halves in float32, conjugate for complex numbers.

`Cast` and `Alias` are the two ops the grammar needs itself. `Halved` and `Conjugated` stand in for an op: the same op, its arrays
widened before and rounded after (PyTorch's "opmath"), or its pullback taken between two conjugations (PyTorch's
convention for complex gradients, documentation "Autograd mechanics": the gradient is the conjugate Wirtinger derivative).
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from ..base import dtypes
from ..base.dtypes import dtype
from ..native import halves
from . import apply as hot
from . import large
from .op import Elementwise, Joint, Op
from .value import Node, Value, wrap


class Cast(Op):
    """The same numbers in another dtype; the gradient goes back to the dtype it came from."""

    fields = ("to", "back")
    slow = ""
    torch_name = "ToCopyBackward0"

    def forward(self, x: Any) -> Any:
        if x.dtype.kind == "c" and 0 < self.to.rank < 3:
            x = x.real
        here, to = x.dtype, self.to.numpy
        if to.char == "f" and here.char in "eE":
            return widen(x)
        if here.char == "f" and to.char in "eE":
            return narrow(x, to)
        if to.char in "fdFD?lqi" and (
            here.kind in "bui" or here.kind == "f" and to.kind in "fc" and here.itemsize <= to.itemsize
        ):
            return x.astype(to, order_of(x))  # where nothing can overflow
        with np.errstate(invalid="ignore", over="ignore"):
            return x.astype(to, order_of(x))

    def pull_x(self, g: Any) -> Any:
        return casting(self.back, self.to)(g)


casting = lru_cache(maxsize=256)(Cast)


def order_of(x: Any) -> Literal["C", "K"]:
    """The order of a copy's axes: as in x, but NumPy would give an expanded axis, of stride 0, the innermost place."""
    return "C" if 0 in x.strides else "K"


def cast(value: Any, to: dtype) -> Any:
    """``value`` in another dtype, recorded where both dtypes can carry a gradient; itself where nothing changes."""
    here = dtypes.of(value.array)
    if here is to:
        return value
    if here.is_complex and 0 < to.rank < 3 and value.array.size:
        warnings.warn("Casting complex values to real discards the imaginary part", UserWarning, stacklevel=3)
    return hot.plain(casting(to, here), value)


class Alias(Op):
    """The same entries under a node of its own."""

    slow = ""
    view = True

    def forward(self, x: Any) -> Any:
        return x.view() if isinstance(x, np.ndarray) else x

    def pull_x(self, g: Any) -> Any:
        return g


alias: Any = Alias()


class StandIn:
    """An op seen through a change of how its arrays are computed; all else is the op's."""

    direct = None

    def __init__(self, op: Op) -> None:
        self.op = op

    def __getattr__(self, name: str) -> Any:
        return getattr(self.op, name)

    def __repr__(self) -> str:
        return repr(self.op)


class Halved(StandIn):
    """An op on float16 or bfloat16: computed in float32, rounded once."""

    by_rows = False

    def compute(self, *arrays: Any) -> Any:
        if isinstance(self.op, Elementwise) and (found := large.halves(self.op, arrays)) is not None:
            return found
        half = next(x.dtype for x in arrays if isinstance(x, np.ndarray) and x.dtype.char in "eE")
        result = self.op.compute(*[widen(x) for x in arrays])
        if isinstance(self.op, Joint):
            y, kept = result
            return (tuple(narrow(a, half) for a in y) if self.op.outputs != 1 else narrow(y, half)), kept
        return narrow(result, half)

    def pull(self, node: Node, g: Any) -> Any:
        upstream = g if type(g) is list else [g]  # of an op with several outputs, one for each, or None
        given = [d for d in upstream if d is not None]
        if any(isinstance(d, Value) for d in given):
            return self.op.pull(node, g)
        if isinstance(self.op, Elementwise) and (found := large.pull_halves(self.op, node, g)) is not None:
            return found
        wide = Node()
        wide.edges, wide.shapes, wide.saved = node.edges, node.shapes, tuple(widen(s) for s in node.saved)
        found = self.op.pull(wide, [widen(d) for d in upstream] if type(g) is list else widen(g))
        return [d if d is None else narrow(d, given[0].dtype) for d in found]


class Conjugated(StandIn):
    """An elementwise op on complex numbers: ∂L/∂x = conj(conj(g) · ∂y/∂x)."""

    def pull(self, node: Node, g: Any) -> Any:
        return [d if d is None else d.conj() for d in self.op.pull(node, g.conj())]


class Named(StandIn):
    """An op that is the last of several which PyTorch computes as one, by the name of that one."""

    def __init__(self, op: Op, torch_name: str) -> None:
        super().__init__(op)
        self.torch_name = torch_name


def known_as(value: Any, torch_name: str) -> Any:
    """A value that was just computed, its node known by this name: ``grad_fn`` then says which function was called."""
    node = value.node
    if node is not None and node.op is not None:
        node.op = Named(node.op, torch_name)  # type: ignore[assignment]
    return value


def widen(x: Any) -> Any:
    if not isinstance(x, np.ndarray) or x.dtype.char not in "eE":
        return x
    return halves.widened(x) if halves.suits(x, x.dtype.char) else x.astype(np.float32, order_of(x))


def narrow(x: Any, half: np.dtype) -> Any:
    if getattr(x, "dtype", None) == np.float32:
        if halves.suits(x, half.char):
            return halves.narrowed(x, half)
        if x.size > 1 and not any(x.strides):  # one number seen from many places
            return np.broadcast_to(x.reshape(-1)[:1].astype(half), x.shape)
        with np.errstate(over="ignore"):
            return np.asarray(x).astype(half)
    return x


halved = lru_cache(maxsize=1024)(Halved)
conjugated = lru_cache(maxsize=1024)(Conjugated)


def careful(op: Op, *inputs: Any) -> Any:
    """Apply an op whose inputs may differ in dtype, be numbers, halves, complex, or integers where reals are needed."""
    if isinstance(op, Elementwise):
        op.check_operands(inputs)
        operands, common = promoted(op, inputs)
        inputs = tuple(operands)
        op.check_dtype(common)
        if common.is_complex and op.differentiable:
            return hot.plain(conjugated(op), *inputs)  # type: ignore[arg-type]
    else:
        common = dtypes.of(next(v.array for v in inputs if isinstance(v, Value) and v.array.dtype.kind in "fcV"))
    stand_in: Any = halved(op) if common in dtypes.HALVES else op
    return (hot.plain_joint if isinstance(op, Joint) else hot.plain)(stand_in, *inputs)


def promoted(op: Elementwise, inputs: tuple[Any, ...]) -> tuple[list[Any], dtype]:
    """The inputs in their common dtype; Python numbers become arrays without history."""
    dims: list[dtype] = []
    zero_dims: list[dtype] = []
    numbers: list[Any] = []
    values = [wrap(v) if isinstance(v, np.ndarray) else v for v in inputs]
    for i, v in enumerate(values):
        if i in op.apart:
            continue
        if isinstance(v, Value):
            (dims if v.array.ndim else zero_dims).append(dtypes.of(v.array))
        else:
            numbers.append(v)
    common = dtypes.result_type(dims, zero_dims, numbers)
    if op.floating and common.rank < 2:
        common = dtypes.Defaults.dtype
    to = common.numpy
    return [
        v if i in op.apart else cast(v, common) if isinstance(v, Value) else as_array(v, to)
        for i, v in enumerate(values)
    ], common


def as_array(number: Any, to: np.dtype) -> np.ndarray:
    """A Python number as a 0-dim array of the given dtype; integers wrap as PyTorch's do."""
    if to.kind in "iu" and isinstance(number, (int, np.integer)):
        return np.array(number, np.int64 if number < 2**63 else np.uint64).astype(to)
    return np.array(number).astype(to)


hot.careful = careful
