"""What Python's operators mean for symbols: elementwise ops and products."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from ..ops import arithmetic, logic
from .entrywise import BOTH, EITHER, NEITHER, ONE
from .registry import OPS


class Operators:
    """``mapped`` adds an elementwise op to the program, ``product`` a product of matrices; ``into`` changes what a symbol holds."""

    __slots__ = ()

    if TYPE_CHECKING:
        dtype: Any

        def mapped(self, op: Any, *inputs: Any) -> Any: ...

        def product(self, a: Any, b: Any) -> Any: ...

        def into(self, new: Any) -> Any: ...

    def __matmul__(self, other: Any) -> Any:
        return self.product(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self.product(other, self)

    def __add__(self, other: Any) -> Any:
        return self.mapped(arithmetic.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return self.mapped(arithmetic.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return self.mapped(arithmetic.sub, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self.mapped(arithmetic.sub, other, self)

    def __mul__(self, other: Any) -> Any:
        return self.mapped(arithmetic.mul, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self.mapped(arithmetic.mul, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self.mapped(arithmetic.div, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self.mapped(arithmetic.div, other, self)

    def __neg__(self) -> Any:
        return self.mapped(arithmetic.neg, self)

    def __abs__(self) -> Any:
        return self.mapped(arithmetic.absolute, self)

    def __pow__(self, n: Any) -> Any:
        if n == 2:
            return self * self
        return OPS["Pow"](SimpleNamespace(exponent=n), self)

    def __lt__(self, other: Any) -> Any:
        return self.mapped(logic.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return self.mapped(logic.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return self.mapped(logic.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return self.mapped(logic.ge, self, other)

    def __eq__(self, other: Any) -> Any:
        return self.mapped(logic.eq, self, other)

    def __ne__(self, other: Any) -> Any:
        return self.mapped(logic.ne, self, other)

    __hash__ = object.__hash__

    def __and__(self, other: Any) -> Any:
        return self.mapped(BOTH, self, other)

    def __or__(self, other: Any) -> Any:
        return self.mapped(EITHER, self, other)

    def __xor__(self, other: Any) -> Any:
        return self.mapped(ONE, self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Any:
        if self.dtype.char != "?":
            raise TypeError("the bits of integers")
        return self.mapped(NEITHER, self)

    def __iadd__(self, other: Any) -> Any:
        return self.into(self + other)

    def __isub__(self, other: Any) -> Any:
        return self.into(self - other)

    def __imul__(self, other: Any) -> Any:
        return self.into(self * other)

    def __itruediv__(self, other: Any) -> Any:
        return self.into(self / other)
