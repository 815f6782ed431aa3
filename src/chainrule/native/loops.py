"""The loop-nest IR: a kernel is written once, as a Python function that is run on symbols and leaves a list of instructions.

    @kernel(x="f32*", y="f32*", n="i64")
    def double(k, x, y, n):
        for i in k.vectors(n):
            y[i] = x[i] * 2

A `for` over `Builder.range` or `Builder.vectors` runs its body once for each copy that is emitted, not once per entry.
Values are scalars or vectors of lanes; numbers and scalars spread over the lanes of the value they meet.

`llvm` turns the instructions into machine code, `interpret` into NumPy, one instruction at a time, and `show` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .accumulators import Extreme, Sum

WIDTH = 16  # lanes of a vector unless told otherwise: one AVX-512 register of float32; LLVM splits it where there are none
KINDS = {"f": ("f32", WIDTH), "d": ("f64", WIDTH // 2)}  # by NumPy's letter for the dtype: the kind, and how many fill a register

Number = int | float


class Type(NamedTuple):
    """A kind of number, f16 f32 f64 i1 i8 i16 i32 i64, and how many lanes of it."""

    kind: str
    lanes: int = 1

    def __str__(self) -> str:
        return self.kind if self.lanes == 1 else f"{self.kind}x{self.lanes}"


INDEX = Type("i64")
FEW = 4  # turns of a loop that are written out
BYTES = {"f16": 2, "f32": 4, "f64": 8, "i1": 1, "i8": 1, "i16": 2, "i32": 4, "i64": 8}


class Value:
    """The result of one instruction. Operators append the instruction that computes them."""

    __slots__ = ("args", "data", "k", "op", "type")

    def __init__(self, k: Builder, op: str, kind: Type, args: tuple[Any, ...] = (), data: Any = None) -> None:
        self.k, self.op, self.type, self.args, self.data = k, op, kind, args, data

    def __add__(self, other: Any) -> Any:
        return other.__radd__(self) if isinstance(other, Lanes) else self.k.binary("add", self, other)

    def __radd__(self, other: Any) -> Value:
        return self.k.binary("add", other, self)

    def __sub__(self, other: Any) -> Value:
        return self.k.binary("sub", self, other)

    def __rsub__(self, other: Any) -> Value:
        return self.k.binary("sub", other, self)

    def __mul__(self, other: Any) -> Value:
        return self.k.binary("mul", self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Value:
        return self.k.binary("div", self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.k.binary("div", other, self)

    def __floordiv__(self, other: Any) -> Value:
        """Of indices, which are never negative."""
        return self.k.binary("quotient", self, other)

    def __mod__(self, other: Any) -> Value:
        """Of indices, which are never negative."""
        return self.k.binary("remainder", self, other)

    def __and__(self, other: Any) -> Value:
        return self.k.binary("and", self, other)

    def __or__(self, other: Any) -> Value:
        return self.k.binary("or", self, other)

    def __xor__(self, other: Any) -> Value:
        return self.k.binary("xor", self, other)

    def __lshift__(self, other: Any) -> Value:
        return self.k.binary("shl", self, other)

    def __rshift__(self, other: Any) -> Value:
        return self.k.binary("ashr", self, other)

    def __pow__(self, n: Any) -> Value:
        """For whole exponents up to 8 and their inverses, by products."""
        from .vecmath import power

        return power(self.k, self, n)

    def __symbol__(self, op: Any, inputs: tuple[Any, ...]) -> Any:
        """An op read on lanes."""
        from .vecmath import lower

        return lower(self.k, op, inputs)

    def __neg__(self) -> Value:
        return self.k.emit("neg", self.type, self) if self.type.kind[0] == "f" else 0 - self

    def __lt__(self, other: Any) -> Value:
        return self.k.compare("lt", self, other)

    def __le__(self, other: Any) -> Value:
        return self.k.compare("le", self, other)

    def __gt__(self, other: Any) -> Value:
        return self.k.compare("gt", self, other)

    def __ge__(self, other: Any) -> Value:
        return self.k.compare("ge", self, other)

    def __eq__(self, other: Any) -> Value:  # type: ignore[override]
        return self.k.compare("eq", self, other)

    def __ne__(self, other: Any) -> Value:  # type: ignore[override]
        """True for NaN and itself, as everywhere."""
        return self.k.compare("ne", self, other)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError("whether it holds is not known while the loop is written")

    def __abs__(self) -> Value:
        return self.k.abs(self)

    def __invert__(self) -> Value:
        """Of truth values."""
        return self == 0


class Lanes:
    """An index for each lane, one after the other from ``start``; with a mask where fewer than all are left."""

    def __init__(self, start: Any, width: int, mask: Value | None = None) -> None:
        self.start, self.width, self.mask = start, width, mask

    def __add__(self, other: Any) -> Lanes:
        return Lanes(self.start + other, self.width, self.mask)

    __radd__ = __add__


class Buffer:
    """An array parameter: ``x[i]`` loads and ``x[i] = v`` stores, at an index or at `Lanes` of them."""

    def __init__(self, k: Builder, name: str, kind: str) -> None:
        self.k, self.name, self.kind = k, name, kind

    def __getitem__(self, i: Any) -> Value:
        if isinstance(i, Value) and i.type.lanes > 1:  # an address for each lane
            return self.k.emit("gather", Type(self.kind, i.type.lanes), i, data=self)
        where = i if isinstance(i, Lanes) else Lanes(i, 1)
        start = self.k.value(where.start, INDEX)
        args = (start,) if where.mask is None else (start, where.mask)
        return self.k.emit("load", Type(self.kind, where.width), *args, data=self)

    def __setitem__(self, i: Any, x: Any) -> None:
        where = i if isinstance(i, Lanes) else Lanes(i, 1)
        start, x = self.k.value(where.start, INDEX), self.k.value(x, Type(self.kind, where.width))
        args = (start, x) if where.mask is None else (start, x, where.mask)
        self.k.written.add(self.name)
        self.k.emit("store", x.type, *args, data=self)


class Variable:
    """A value that is set again and again, such as a running sum."""

    def __init__(self, k: Builder, kind: Type, name: str) -> None:
        self.k, self.type, self.name = k, kind, name

    @property
    def value(self) -> Value:
        return self.k.emit("get", self.type, data=self)

    @value.setter
    def value(self, x: Any) -> None:
        self.k.emit("set", self.type, self.k.value(x, self.type), data=self)


class Builder:
    """Collects the instructions of a kernel; ``blocks[-1]`` is where the next one goes."""

    def __init__(self) -> None:
        self.body: list[Value] = []
        self.blocks = [self.body]
        self.variables: list[Variable] = []
        self.copy = 0  # which copy of an unrolled body is being emitted
        self.eithers = 0  # arrays that are one of two
        self.written: set[str] = set()  # the arrays that are stored to
        self.reading: list[Any] = []  # the ops whose formulas are being read, outermost first
        self.known: dict[Any, tuple[Value, Value, list[Value]]] = {}  # what `once` has found, and what it was found of, and where

    # ------------------------------------------------------------------ values

    def emit(self, op: str, kind: Type, *args: Any, data: Any = None) -> Value:
        instruction = Value(self, op, kind, args, data)
        self.blocks[-1].append(instruction)
        return instruction

    def value(self, x: Any, kind: Type) -> Value:
        """A number as a constant, a scalar spread over lanes; one of f64 is rounded to what lanes of f32 it meets."""
        if isinstance(x, Variable):
            x = x.value
        if not isinstance(x, Value):
            return Value(self, "constant", kind, data=float(x) if kind.kind[0] == "f" else int(x))
        if x.type.lanes == 1 and kind.lanes > 1:
            if x.type.kind == "f64" and kind.kind == "f32":
                x = self.to("f32", x)
            return self.emit("spread", Type(x.type.kind, kind.lanes), x)
        return x

    def pair(self, a: Any, b: Any) -> tuple[Value, Value]:
        kinds = [x.type for x in (a, b) if isinstance(x, Value)]
        kind = max(kinds, key=lambda t: t.lanes)
        a, b = self.value(a, kind), self.value(b, kind)
        if a.type != b.type:
            raise TypeError(f"a {a.type} meets a {b.type}")
        return a, b

    def binary(self, op: str, a: Any, b: Any) -> Value:
        a, b = self.pair(a, b)
        return self.emit(op, a.type, a, b)

    def compare(self, op: str, a: Any, b: Any) -> Value:
        a, b = self.pair(a, b)
        return self.emit(op, Type("i1", a.type.lanes), a, b)

    def where(self, mask: Value, a: Any, b: Any) -> Value:
        a, b = self.pair(a, b)
        kind = Type(a.type.kind, mask.type.lanes)
        return self.emit("select", kind, mask, self.value(a, kind), self.value(b, kind))

    def lt(self, a: Any, b: Any) -> Value:
        return self.compare("lt", a, b)

    def le(self, a: Any, b: Any) -> Value:
        return self.compare("le", a, b)

    def gt(self, a: Any, b: Any) -> Value:
        return self.compare("gt", a, b)

    def ge(self, a: Any, b: Any) -> Value:
        return self.compare("ge", a, b)

    def eq(self, a: Any, b: Any) -> Value:
        return self.compare("eq", a, b)

    def ne(self, a: Any, b: Any) -> Value:
        return self.compare("ne", a, b)

    def fma(self, a: Any, b: Any, c: Any) -> Value:
        """a · b + c, rounded once."""
        kind = max((x.type for x in (a, b, c) if isinstance(x, Value)), key=lambda t: t.lanes)
        return self.emit("fma", kind, self.value(a, kind), self.value(b, kind), self.value(c, kind))

    def unary(self, op: str, x: Value) -> Value:
        return self.emit(op, x.type, x)

    def sqrt(self, x: Value) -> Value:
        return self.unary("sqrt", x)

    def floor(self, x: Value) -> Value:
        return self.unary("floor", x)

    def nearest(self, x: Value) -> Value:
        """The nearest whole number, ties to even."""
        return self.unary("nearest", x)

    def abs(self, x: Value) -> Value:
        return self.unary("abs", x)

    def minimum(self, a: Any, b: Any) -> Value:
        """NaN where either is."""
        return self.binary("minimum", a, b)

    def maximum(self, a: Any, b: Any) -> Value:
        """NaN where either is."""
        return self.binary("maximum", a, b)

    def either(self, condition: Value, x: Buffer, y: Buffer) -> Buffer:
        """The first array where a scalar condition holds, else the second; to be read."""
        self.eithers += 1
        found = Buffer(self, f"either{self.eithers}", x.kind)
        self.emit("either", INDEX, condition, data=(found, x, y))
        return found

    def smaller(self, a: Value, b: Value) -> Value:
        """Of two indices."""
        return self.where(a < b, a, b)

    def to(self, kind: str, x: Value) -> Value:
        """The same numbers as another kind; towards zero from a float to an int."""
        return self.emit("convert", Type(kind, x.type.lanes), x)

    def bits(self, kind: str, x: Value) -> Value:
        """The same bits as another kind."""
        return self.emit("bits", Type(kind, x.type.lanes), x)

    def lanes_to_one(self, op: str, x: Value) -> Value:
        """The ``sum`` or ``largest`` of the lanes, which is NaN if one of them is."""
        return self.emit(op, Type(x.type.kind), x)

    def any(self, mask: Value) -> Value:
        """Whether it holds in any lane."""
        return self.emit("any", Type("i1"), mask)

    def nth(self, n: Value, width: int = WIDTH) -> Value:
        """The mask of lane n alone, counted from 0; of none, if there is none such."""
        return self.emit("nth", Type("i1", width), n)

    def shuffle(self, a: Value, b: Value, picks: tuple[int, ...]) -> Value:
        """The lanes of a and then of b, counted through, that ``picks`` names."""
        return self.emit("shuffle", Type(a.type.kind, len(picks)), a, b, data=picks)

    def spread(self, x: Value, width: int = WIDTH) -> Value:
        return self.value(x, Type(x.type.kind, width))

    def prefetch(self, x: Buffer, i: Any) -> None:
        """Ask for the cache line of an entry that will be read soon; the entry need not exist."""
        self.emit("prefetch", INDEX, self.value(i, INDEX), data=x)

    def stream(self, x: Buffer, i: Lanes, value: Any) -> None:
        """``x[i] = value`` past the caches, for an array that begins at a line and is too large for them: a line that is written
        whole need not be read first. `settle` behind the last one."""
        x[i] = value
        if i.mask is None:
            self.blocks[-1][-1].op = "stream"

    def settle(self) -> None:
        """Wait until all threads see what was written past the caches."""
        self.emit("settle", INDEX)

    def flushing(self) -> Iterator[None]:
        """``for _ in k.flushing():`` lets its body take numbers below the normal ones for 0, where the processor can."""
        self.emit("tiny", INDEX, self.value(1, INDEX), data="are 0")
        yield
        self.emit("tiny", INDEX, data="count")

    def keep(self, x: Value, mask: Value | None) -> Value:
        """x with 0 in the lanes that a mask leaves out."""
        return x if mask is None else self.where(mask, x, 0)

    def once(self, function: Callable[[Builder, Value], Value], x: Value) -> Value:
        """What a function says of a value, computed once in a block for all the formulas that ask."""
        key = function, id(x), id(self.blocks[-1])
        if key not in self.known:
            self.known[key] = function(self, x), x, self.blocks[-1]
        return self.known[key][0]

    def used(self) -> set[int]:
        """The identities of all values that some instruction takes."""
        waiting, found = list(self.body), set[int]()
        for x in waiting:
            found.update(map(id, x.args))
            if x.op == "loop":
                waiting += x.data[2]
        return found

    # ------------------------------------------------------------------ variables and loops

    def variable(self, start: Any, kind: Type) -> Variable:
        variable = Variable(self, kind, f"v{len(self.variables)}")
        self.variables.append(variable)
        variable.value = start
        return variable

    def sum(self, ways: int = 4, width: int = WIDTH, kind: str = "f32") -> Sum:
        from .accumulators import Sum

        return Sum(self, ways, width, kind)

    def extreme(self, how: str = "largest", ways: int = 4, width: int = WIDTH, kind: str = "f32") -> Extreme:
        """The ``"largest"`` or the ``"smallest"`` of the vectors that it is given."""
        from .accumulators import Extreme

        return Extreme(self, how, ways, width, kind)

    def range(self, start: Any, stop: Any = None, step: int = 1) -> Iterator[Value]:
        """A loop over an index. Its body is run once, with a symbol for the index."""
        start, stop = (0, start) if stop is None else (start, stop)
        index, body = Value(self, "index", INDEX), list[Value]()
        self.emit("loop", INDEX, self.value(start, INDEX), self.value(stop, INDEX), data=(index, step, body))
        self.blocks.append(body)
        yield index
        self.blocks.pop()

    def turns(self, start: Any, stop: Any, step: int) -> Iterator[Value]:
        """The same; but a few turns whose number is known are written out."""
        if isinstance(start, int) and isinstance(stop, int) and stop - start <= FEW * step:
            return (self.value(n, INDEX) for n in range(start, stop, step))
        return self.range(start, stop, step)

    def vectors(self, stop: Any, width: int = WIDTH, unroll: int = 1, start: Any = 0) -> Iterator[Lanes]:
        """A loop over entries from ``start`` to ``stop``, ``width · unroll`` at a time, then the rest, with a mask.

        The body is run once for each copy that is emitted.
        """
        if not (isinstance(start, int) and isinstance(stop, int)):
            start, stop = self.value(start, INDEX), self.value(stop, INDEX)
        for ways in (unroll, 1) if unroll > 1 else (1,):
            whole = start + (stop - start) // (width * ways) * (width * ways)
            for i in self.turns(start, whole, width * ways):
                for self.copy in range(ways):
                    yield Lanes(i + self.copy * width if self.copy else i, width)
                self.copy = 0
            start = whole
        for i in self.turns(start, stop, width) if width > 1 else ():
            yield Lanes(i, width, self.emit("first", Type("i1", width), stop - i))

    def rows_of(self, piece: Value, each: Any, rows: Any) -> Iterator[Value]:
        """A loop over the rows of a piece, which has ``each`` of them; the last piece may have fewer."""
        return self.range(piece * each, self.smaller(rows, (piece + 1) * each))

    def entries_of(self, piece: Value, step: int, n: Any, width: int = WIDTH) -> Iterator[Lanes]:
        """A loop over the entries of a piece, which has ``step`` of all n; the last piece may have fewer."""
        start = piece * step
        return self.vectors(self.smaller(n, start + step), width, start=start)

    def when(self, condition: Value) -> Iterator[None]:
        """``for _ in k.when(c):`` runs its body where the scalar condition holds.

        A loop of one turn at most: of branches LLVM merges what they have in common, and small products with their tiles of
        several heights, merged, kept sums in memory and took twice as long.
        """
        yield from (None for _ in self.range(0, self.to("i64", condition)))
