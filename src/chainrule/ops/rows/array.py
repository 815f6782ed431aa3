"""`Rows`: many arrays of one shape, one behind the other along an axis in front that rules do not see.

Rules are written for one upstream gradient g. Read on `Rows` they give the gradients for all of them: g * y multiplies
each row by y, g.sum((0,)) sums over the first axis that is seen, and what meets the rows is broadcast behind the axis in
front. NumPy takes `Rows` for no array, so what can't be read raises an error and never computes something else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import prod
from typing import Any, NoReturn

import numpy as np

from ..kernels import product

ndarray = np.ndarray
ARRAYS: set[type] = {ndarray}  # what rules meet besides rows: arrays, and what stands for them while a program is recorded
WHOLE = slice(None)
BASIC = {int, slice, type(None), type(Ellipsis)}  # what a key of a view is made of
NUMBERS = (int, float, complex, np.generic)


class Unreadable(TypeError):
    """What can't be said of many gradients at once."""


class Rows:
    """
    >>> g = Rows(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
    >>> g.shape, (g * np.array([10.0, 20.0])).whole.tolist(), g.sum().whole.tolist()
    ((2,), [[10.0, 0.0], [0.0, 20.0], [10.0, 20.0]], [1.0, 1.0, 2.0])
    """

    __slots__ = ("whole",)
    __array_ufunc__ = None  # an array on the left leaves operators to the ones below

    def __init__(self, whole: ndarray) -> None:
        self.whole = whole

    # ------------------------------------------------------------------ what a row is

    @property
    def shape(self) -> tuple[int, ...]:
        return self.whole.shape[1:]

    @property
    def ndim(self) -> int:
        return self.whole.ndim - 1

    @property
    def size(self) -> int:
        return prod(self.whole.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        return self.whole.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise Unreadable("these are many arrays, not one")

    def __array_function__(
        self, function: Callable[..., Any], _: Any, args: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        if function is np.zeros_like and not named and len(args) == 1:
            return Rows(np.zeros_like(self.whole))
        raise Unreadable(f"np.{function.__name__}")

    def __bool__(self) -> bool:
        raise Unreadable("whether it holds depends on the row")

    __float__ = __int__ = __index__ = __bool__

    def __symbol__(self, op: Any, inputs: tuple[Any, ...]) -> Rows:
        """An op that a rule applies."""
        from .readings import reading

        return Rows(reading(op, inputs))

    # ------------------------------------------------------------------ operators

    def behind(self, ndim: int) -> ndarray:
        """The rows with axes of size 1 after the one in front, so that arrays of ``ndim`` axes broadcast behind it."""
        x = self.whole
        lack = ndim + 1 - x.ndim
        return x if lack <= 0 else x.reshape((x.shape[0], *(1,) * lack, *x.shape[1:]))

    def __neg__(self) -> Rows:
        return Rows(-self.whole)

    def __matmul__(self, other: Any) -> Rows:
        if type(other) not in ARRAYS or not other.ndim:
            raise Unreadable("a product with something else")
        x = self.whole
        if other.ndim <= 2:
            if other.ndim == 1 or x.ndim == 2:
                return Rows(x.dot(other))
            return Rows(dot(x.reshape(prod(x.shape[:-1]), x.shape[-1]), other).reshape(*x.shape[:-1], other.shape[1]))
        if x.ndim < 3:
            raise Unreadable("a vector and a stack of matrices")
        return Rows(matmul(self.behind(other.ndim), other))

    def __rmatmul__(self, other: Any) -> Rows:
        if type(other) not in ARRAYS or not other.ndim:
            raise Unreadable("a product with something else")
        x = self.whole
        if x.ndim == 2:
            if other.ndim > 2:
                raise Unreadable("a stack of matrices and a vector")
            return Rows(x.dot(other.T))
        if other.ndim == 1:
            return Rows(np.matmul(other, x))
        if other.ndim == x.ndim - 1 == 2:
            if x.shape[2] == 1:  # columns: one product of matrices
                return Rows(dot(x.reshape(x.shape[:2]), other.T)[..., None])
            if x.shape[1] == 1 == other.shape[1]:
                return Rows(other * x)
        return Rows(matmul(other, self.behind(other.ndim)))

    # ------------------------------------------------------------------ the same entries, seen otherwise

    def reshape(self, *shape: Any) -> Rows:
        if len(shape) == 1 and type(shape[0]) in (tuple, list):
            (shape,) = shape
        return Rows(self.whole.reshape((self.whole.shape[0], *shape)))

    def axis(self, d: int) -> int:
        """The place of an axis in `whole`."""
        n = self.whole.ndim - 1
        if not -n <= d < n:
            raise np.exceptions.AxisError(d, n)
        return d % n + 1

    def transpose(self, *order: Any) -> Rows:
        if len(order) == 1 and type(order[0]) in (tuple, list):
            (order,) = order
        return Rows(self.whole.transpose((0, *map(self.axis, order or range(self.ndim - 1, -1, -1)))))

    def swapaxes(self, a: int, b: int) -> Rows:
        return Rows(self.whole.swapaxes(self.axis(a), self.axis(b)))

    @property
    def T(self) -> Rows:
        return self.transpose()

    @property
    def mT(self) -> Rows:
        if self.whole.ndim < 3:
            raise Unreadable("a matrix transpose of fewer than two axes")
        return Rows(self.whole.mT)

    def __getitem__(self, key: Any) -> Rows:
        keys = key if type(key) is tuple else (key,)
        if not all([type(part) in BASIC for part in keys]):
            raise Unreadable("entries by index arrays")
        return Rows(self.whole[(WHOLE, *keys)])

    # ------------------------------------------------------------------ numbers

    @property
    def real(self) -> Rows:
        return Rows(self.whole.real)

    @property
    def imag(self) -> Rows:
        return Rows(self.whole.imag)

    def conj(self) -> Rows:
        return Rows(self.whole.conj()) if self.whole.dtype.kind == "c" else self

    def copy(self) -> Rows:
        return Rows(self.whole.copy())

    def astype(self, dtype: Any, *_: Any) -> Rows:
        return Rows(self.whole.astype(dtype))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Rows:
        over: Any
        if axis is None:
            over = tuple(range(1, self.whole.ndim))
        else:
            over = tuple(map(self.axis, axis)) if type(axis) in (tuple, list) else self.axis(axis)
        return Rows(np.add.reduce(self.whole, over, None, None, keepdims))


def dot(a: Any, b: Any) -> Any:
    """a b for two matrices."""
    return product.dot(a, b) if type(a) is ndarray else a @ b


def matmul(a: Any, b: Any) -> Any:
    """a b for matrices with leading axes."""
    return product.matmul(a, b) if type(a) is ndarray else a @ b


def arithmetic(name: str, f: Callable[[Any, Any], Any]) -> None:
    """Give `Rows` one of Python's operators, on either side."""

    def meet(self: Rows, other: Any) -> Rows:
        if type(other) in ARRAYS:
            return Rows(f(self.behind(other.ndim), other))
        if type(other) is Rows:
            return Rows(f(self.behind(other.ndim), other.behind(self.ndim)))
        if isinstance(other, NUMBERS):
            return Rows(f(self.whole, other))
        return NotImplemented

    def met(self: Rows, other: Any) -> Rows:
        if type(other) in ARRAYS:
            return Rows(f(other, self.behind(other.ndim)))
        if isinstance(other, NUMBERS):
            return Rows(f(other, self.whole))
        return NotImplemented

    setattr(Rows, f"__{name}__", meet)
    setattr(Rows, f"__r{name}__", met)


for name in ("add", "sub", "mul", "truediv"):
    arithmetic(name, getattr(operator, name))


def undecided(self: Rows, other: Any) -> NoReturn:
    raise Unreadable("what holds differs from row to row")


for name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Rows, f"__{name}__", undecided)
