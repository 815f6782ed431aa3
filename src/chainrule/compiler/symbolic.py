"""`Sym`: an array whose entries are not known yet. What is done with it is added to a program.

Ops read their formulas and rules on it as they do on arrays: operators, NumPy's functions and methods append nodes. What
it can't do raises an error, and the op is then called as it is (`recording`). It is a cell: ``x += y`` changes the node
that it holds, as an array would change its entries.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..graph.op import Elementwise
from ..ops import arithmetic, choice, logic, scalar
from ..ops.rows.array import ARRAYS, Rows
from .entrywise import As, same
from .fusion import lowers
from .operators import Operators
from .program import Input, Node, Program, dense, layout
from .registry import OPS


class Unreadable(TypeError):
    """Something that can't be said of an array whose entries are not known."""


class Sym(Operators):
    __slots__ = ("node", "program")

    __array_priority__ = 2000

    def __init__(self, program: Program, node: Node) -> None:
        self.program, self.node = program, node

    # ------------------------------------------------------------------ what is known

    @property
    def shape(self) -> tuple[int, ...]:
        return self.node.shape

    @property
    def ndim(self) -> int:
        return len(self.node.shape)

    @property
    def size(self) -> int:
        return self.node.size

    @property
    def dtype(self) -> Any:
        return self.node.dtype

    @property
    def strides(self) -> tuple[int, ...]:
        return tuple([s * self.dtype.itemsize for s in layout(self.node).strides])

    @property
    def flags(self) -> Any:
        return SimpleNamespace(c_contiguous=False, writeable=False)  # no code for entries in a row is of use here

    def __len__(self) -> int:
        return self.shape[0]

    def __bool__(self) -> bool:
        raise Unreadable("whether it holds depends on values")

    __float__ = __int__ = __index__ = __bool__

    def __iter__(self) -> Any:
        return (self[i] for i in range(self.shape[0]))

    def __symbol__(self, op: Any, inputs: tuple[Any, ...]) -> Any:
        """An op read on arrays that are not known yet."""
        if (rows := rows_among(inputs)) is not None:
            return rows.__symbol__(op, inputs)
        reading = OPS.get(type(op).__name__)
        if isinstance(op, Elementwise):
            return mapped(self.program, op, *inputs) if reading is None else self.spelled(op, reading, inputs)
        if reading is not None:
            return reading(op, *inputs)
        if op.view:
            return look(self, op.compute)
        return op.compute(*inputs)

    def spelled(self, op: Any, reading: Any, inputs: tuple[Any, ...]) -> Any:
        """An elementwise op as one value where lanes have it, else in terms of others if they have all of those."""
        nodes = self.program.nodes
        before = len(nodes)
        try:
            found = mapped(self.program, op, *inputs)
            if lowers(found.node):
                return found
        except Unreadable:
            found = None
        del nodes[before:]
        try:
            spelled = reading(op, *inputs)
        except Unreadable:
            if found is None:
                raise
            return mapped(self.program, op, *inputs)
        if found is None or all(lowers(n) for n in nodes[before:] if n.kind == "map"):
            return spelled
        del nodes[before:]
        return mapped(self.program, op, *inputs)

    # ------------------------------------------------------------------ the same entries, seen otherwise

    def reshape(self, *shape: Any) -> Sym:
        return look(self, lambda x: x.reshape(*shape))

    def transpose(self, *axes: Any) -> Sym:
        return look(self, lambda x: x.transpose(*axes))

    def swapaxes(self, a: int, b: int) -> Sym:
        return look(self, lambda x: x.swapaxes(a, b))

    def __getitem__(self, key: Any) -> Sym:
        return look(self, lambda x: x[key])

    @property
    def T(self) -> Sym:
        return look(self, lambda x: x.T)

    @property
    def mT(self) -> Sym:
        return look(self, lambda x: x.mT)

    def ravel(self) -> Sym:
        return self.reshape(-1)

    def conj(self) -> Sym:
        if self.dtype.kind == "c":
            raise Unreadable("complex numbers")
        return self

    def copy(self, order: str = "C") -> Sym:
        return Sym(self.program, self.node)

    def astype(self, dtype: Any, order: str = "K", copy: bool = True) -> Sym:
        return converted(self, np.dtype(dtype))

    # ------------------------------------------------------------------ numbers

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Sym:
        return reduced(self, "sum", axis, keepdims)

    def mean(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Sym:
        total = reduced(self, "sum", axis, keepdims)
        return total / (self.size // total.size)

    def max(self, axis: Any = None, out: Any = None, keepdims: bool = False) -> Sym:
        return reduced(self, "largest", axis, keepdims)

    def min(self, axis: Any = None, out: Any = None, keepdims: bool = False) -> Sym:
        return reduced(self, "smallest", axis, keepdims)

    def dot(self, other: Any) -> Sym:
        return product(self, other)

    def fill(self, value: Any) -> None:
        self.node = filled(self.program, self.shape, self.dtype, value).node

    def __setitem__(self, key: Any, value: Any) -> None:
        if key is not Ellipsis and key != slice(None) and key != ():
            raise Unreadable("a part of it is written to")
        new = value if isinstance(value, Sym) else constant(self.program, value, self.dtype)
        self.node = broadcast(converted(new, self.dtype), self.shape).node

    def mapped(self, op: Any, *inputs: Any) -> Any:
        rows = rows_among(inputs)
        return mapped(self.program, op, *inputs) if rows is None else rows.__symbol__(op, inputs)

    def product(self, a: Any, b: Any) -> Any:
        return b.__rmatmul__(a) if type(b) is Rows else product(a, b)

    def into(self, new: Any) -> Sym:
        """Hold other entries from now on."""
        if new.shape != self.shape:
            raise Unreadable(f"{new.shape} into {self.shape}")
        self.node = converted(new, self.dtype).node
        return self

    # ------------------------------------------------------------------ NumPy's functions

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if method == "reduce" and ufunc in REDUCTIONS:
            axis = inputs[1] if len(inputs) > 1 else options.get("axis", 0)
            keepdims = inputs[4] if len(inputs) > 4 else options.get("keepdims", False)
            return reduced(inputs[0], REDUCTIONS[ufunc], axis, keepdims)
        if method != "__call__" or options:
            raise Unreadable(f"{ufunc.__name__}.{method} with {list(options)}")
        if ufunc is np.matmul:
            found = product(*inputs)
        elif ufunc is np.square:
            found = inputs[0] * inputs[0]
        elif ufunc is np.reciprocal:
            found = 1 / inputs[0]
        else:
            op = ufuncs().get(ufunc)
            if op is None:
                raise Unreadable(ufunc.__name__)
            found = mapped(self.program, op, *inputs)
        if out is not None:
            if not isinstance(out[0], Sym):
                raise Unreadable(f"{ufunc.__name__} into an array that is known")
            return out[0].into(found)
        return found

    def __array_function__(self, function: Any, kinds: Any, args: Any, options: Any) -> Any:
        name = function.__name__
        if name == "where" and len(args) == 3:
            return mapped(self.program, logic.where, *args)
        if name in ("zeros_like", "ones_like") and isinstance(args[0], Sym):
            return filled(self.program, args[0].shape, args[0].dtype, float(name == "ones_like"))
        if name == "full_like":
            return filled(self.program, args[0].shape, args[0].dtype, args[1])
        if name == "concatenate":
            return joined(args[0], *args[1:], **options)
        if name == "broadcast_to":
            return broadcast(args[0], args[1])
        if name in ("reshape", "transpose", "swapaxes", "squeeze", "expand_dims", "moveaxis"):
            return look(args[0], lambda x: function(x, *args[1:], **options))
        if name == "shape":
            return args[0].shape
        if name == "copy":
            return args[0].copy()
        raise Unreadable(f"np.{name}")


ARRAYS.add(Sym)


def rows_among(inputs: tuple[Any, ...]) -> Rows | None:
    """Many gradients at once, where an operand is that."""
    return next((x for x in inputs if type(x) is Rows), None)


REDUCTIONS = {np.add: "sum", np.maximum: "largest", np.minimum: "smallest"}


@cache
def ufuncs() -> dict[Any, Elementwise]:
    """NumPy's functions as ops."""
    return {
        np.add: arithmetic.add, np.subtract: arithmetic.sub, np.multiply: arithmetic.mul, np.true_divide: arithmetic.div,
        np.negative: arithmetic.neg, np.absolute: arithmetic.absolute, np.sqrt: scalar.sqrt, np.exp: scalar.exp,
        np.log: scalar.log, np.tanh: scalar.tanh, np.sin: scalar.sin, np.cos: scalar.cos, np.sign: scalar.sign,
        np.maximum: choice.maximum, np.minimum: choice.minimum, np.less: logic.lt, np.less_equal: logic.le,
        np.greater: logic.gt, np.greater_equal: logic.ge, np.equal: logic.eq, np.not_equal: logic.ne,
    }  # fmt: skip


def constant(program: Program, value: Any, dtype: Any) -> Sym:
    dtype = np.dtype(dtype)
    number = dtype.type(value).item()
    return Sym(program, program.add("constant", (), (), dtype, number))


def fixed(program: Program, entries: np.ndarray) -> Sym:
    """An array that is the same in every step."""
    key = (entries.tobytes(), entries.shape, entries.dtype.char)
    found = program.fixed.get(key)
    if found is None:
        found = program.fixed[key] = program.add("input", (), entries.shape, entries.dtype, Input(entries))
        found.data.lasting = False
        program.inputs.append(found)
    return Sym(program, found)


def filled(program: Program, shape: tuple[int, ...], dtype: Any, value: Any) -> Sym:
    return broadcast(constant(program, value, dtype), shape)


def broadcast(x: Any, shape: Any) -> Sym:
    shape = tuple(shape)
    return x if x.shape == shape else look(x, lambda a: np.broadcast_to(a, shape))


def look(x: Sym, how: Callable[[np.ndarray], np.ndarray]) -> Sym:
    """What ``how`` makes of an array, seen in the same memory: found by doing it with an array of these strides.

    If it can't be done without a copy (a reshape of a transpose), the entries are laid out anew first.
    """
    here = layout(x.node)
    wide = 1 + here.offset + sum((n - 1) * s for n, s in zip(x.shape, here.strides) if s > 0)
    memory = np.empty(max(wide, here.base.size if here.base.kind != "input" else 1), x.dtype)
    item = x.dtype.itemsize
    if any(s < 0 for s in here.strides) or 0 in x.shape:
        raise Unreadable("backward strides, or no entries")
    dummy = np.ndarray(x.shape, x.dtype, memory, here.offset * item, [s * item for s in here.strides])
    seen = how(dummy)
    if not isinstance(seen, np.ndarray):  # a single entry was picked
        raise Unreadable("one number")
    address = memory.__array_interface__["data"][0]
    place = seen.__array_interface__["data"][0] - address
    if seen.size and not 0 <= place < memory.nbytes:
        return look(laid_out(x), how)
    strides = tuple([s // item for s in seen.strides])
    if any(s < 0 for s in strides) or 0 in seen.shape:
        raise Unreadable("backward strides, or no entries")
    return viewed(x.program, here.base, seen.shape, place // item, strides)


def viewed(program: Program, base: Node, shape: tuple[int, ...], offset: int, strides: tuple[int, ...]) -> Sym:
    whole = layout(base)
    if base.shape == shape and offset == 0 and all(s == t or n == 1 for s, t, n in zip(strides, whole.strides, shape)):
        return Sym(program, base)
    strides = tuple([d if n == 1 else s for s, d, n in zip(strides, dense(shape), shape)])
    return Sym(program, program.add("view", (base,), shape, base.dtype, (offset, strides)))


def laid_out(x: Sym) -> Sym:
    """The same entries in memory of their own, in C order."""
    if layout(x.node).base is x.node and layout(x.node).strides == dense(x.shape):
        raise Unreadable("this has no view")
    return Sym(x.program, x.program.add("map", (x.node,), x.shape, x.dtype, same))


def mapped(program: Program, op: Elementwise, *inputs: Any) -> Sym:
    """An elementwise op on values and numbers."""
    floats = [x.dtype for i, x in enumerate(inputs) if isinstance(x, Sym) and i not in op.apart]
    kinds = {d for d in floats if d.kind == "f"} or set(floats)
    if len(kinds) > 1:
        raise Unreadable(f"{op} of {sorted(map(str, kinds))}")
    common = kinds.pop() if kinds else np.dtype(np.float32)
    args: list[Node] = []
    for i, x in enumerate(inputs):
        if isinstance(x, Sym):
            args.append(x.node if i in op.apart or x.dtype == common else converted(x, common).node)
        elif hasattr(x, "as_number"):
            args.append(x.as_number(program, common))
        elif isinstance(x, (int, float, np.generic)) or isinstance(x, np.ndarray) and x.ndim == 0:
            args.append(constant(program, x, common).node)
        else:
            raise Unreadable(f"{op} of {type(x).__name__}")
    if op in (arithmetic.mul, arithmetic.div) and args[1].kind == "constant" and args[1].data == 1:
        if len(args[0].shape) >= len(args[1].shape):
            return Sym(program, args[0])
    shape = np.broadcast_shapes(*[a.shape for a in args])
    return Sym(program, program.add("map", tuple(args), shape, dtype_of(op, tuple(a.dtype for a in args)), op))


@cache
def dtype_of(op: Elementwise, dtypes: tuple[Any, ...]) -> Any:
    """What dtype an op gives for operands of these."""
    with np.errstate(all="ignore"):
        return np.asarray(op.compute(*[np.ones(1, d) for d in dtypes])).dtype


def converted(x: Sym, dtype: Any) -> Sym:
    if x.dtype == dtype:
        return x
    if x.node.kind == "constant":
        return constant(x.program, x.node.data, dtype)
    if dtype.char not in "fdl" or x.dtype.char not in "fd?":
        raise Unreadable(f"{x.dtype} as {dtype}")
    return Sym(x.program, x.program.add("map", (x.node,), x.shape, dtype, As(dtype.char)))


def reduced(x: Sym, how: str, axis: Any, keepdims: bool) -> Sym:
    axes = tuple(range(x.ndim)) if axis is None else tuple(a % x.ndim for a in ((axis,) if isinstance(axis, int) else axis))
    if not axes or x.dtype.char not in "fd":
        if not axes:
            return Sym(x.program, x.node)
        raise Unreadable(f"the {how} of {x.dtype}")
    shape = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    if all(x.shape[i] == 1 for i in axes):
        return x if keepdims else x.reshape(shape)
    found = Sym(x.program, x.program.add("reduce", (x.node,), shape, x.dtype, (how, axes)))
    return found.reshape(tuple(1 if i in axes else n for i, n in enumerate(x.shape))) if keepdims else found


def joined(parts: Any, axis: int = 0) -> Sym:
    """Values one after the other along an axis."""
    if not all(isinstance(x, Sym) and x.ndim and x.dtype == parts[0].dtype for x in parts):
        raise Unreadable("arrays that are known, or of several dtypes, among those joined")
    axis %= parts[0].ndim
    rest = {(*x.shape[:axis], *x.shape[axis + 1 :]) for x in parts}
    if len(rest) > 1:
        raise Unreadable("parts that do not fit")
    shape = list(parts[0].shape)
    shape[axis] = sum(x.shape[axis] for x in parts)
    program = parts[0].program
    return Sym(program, program.add("join", tuple(in_memory(x).node for x in parts), tuple(shape), parts[0].dtype, axis))


def product(a: Any, b: Any) -> Sym:
    """a @ b by NumPy's rules for vectors and leading axes."""
    if not isinstance(a, Sym) or not isinstance(b, Sym):
        raise Unreadable("a product with an array that is known")
    if a.dtype != b.dtype or a.dtype.char not in "fd":
        raise Unreadable(f"a product of {a.dtype} and {b.dtype}")
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim == b.ndim == 1:
        return reduced(a * b, "sum", None, False)
    if a.ndim == 1:
        return product(a.reshape(1, -1), b).reshape(*b.shape[:-2], b.shape[-1])
    if b.ndim == 1:
        return product(a, b.reshape(-1, 1)).reshape(a.shape[:-1])
    lead = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    if b.ndim == 2 and a.ndim > 2:
        flat = product(a.reshape(-1, a.shape[-1]), b)
        return flat.reshape(*a.shape[:-1], b.shape[-1])
    if not lead and 1 in (a.shape[0], b.shape[1]):
        return by_vector(a, b)
    a, b = readable(broadcast(a, (*lead, *a.shape[-2:]))), readable(broadcast(b, (*lead, *b.shape[-2:])))
    shape = (*lead, a.shape[-2], b.shape[-1])
    return Sym(a.program, a.program.add("dot", (a.node, b.node), shape, a.dtype))


def readable(x: Sym) -> Sym:
    """A matrix that lies in memory: neither one number nor one entry seen from all places."""
    if x.size > 1 and not any(layout(x.node).strides[-2:]):
        return Sym(x.program, x.program.add("map", (x.node,), x.shape, x.dtype, same))
    return in_memory(x)


def in_memory(x: Sym) -> Sym:
    """A value that lies in memory: one number seen from many places does not."""
    if layout(x.node).base.kind not in ("constant", "number"):
        return x
    return Sym(x.program, x.program.add("map", (x.node,), x.shape, x.dtype, same))


def by_vector(a: Sym, b: Sym) -> Sym:
    """A matrix times a vector, as a sum over entries in the order in which the matrix lies in memory."""
    if b.shape[1] != 1:
        return by_vector(b.T, a.T).T
    rows, columns = layout(a.node).strides
    if rows < columns and a.shape[0] > 1:
        return (a.T * b).sum(0).reshape(-1, 1)
    return (a * b.T).sum(1, keepdims=True)
