"""Arithmetic, entry by entry: + − × ÷, powers, and what is built from them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.op import Elementwise
from .logic import where
from .scalar import log, sign


class Add(Elementwise):
    """y = a + b"""

    symbol = "+"
    compute = np.add

    def forward(self, a: Any, b: Any) -> Any:
        return a + b

    def d_a(self) -> Any:
        return 1

    def d_b(self) -> Any:
        return 1


class Sub(Elementwise):
    """y = a − b"""

    symbol = "−"
    slow = "eEFD?"
    compute = np.subtract

    def forward(self, a: Any, b: Any) -> Any:
        return a - b

    def d_a(self) -> Any:
        return 1

    def d_b(self) -> Any:
        return -1

    def check_dtype(self, common: Any) -> None:
        if common.rank == 0:
            raise RuntimeError(
                message(
                    "Subtraction, the `-` operator, with two bool tensors is not supported.",
                    "the difference of two truth values has no agreed meaning",
                    "a ^ b (which differ), a & ~b (in a but not in b), or ~a",
                )
            )


class Rsub(Sub):
    """y = b − a, for a number minus a tensor."""

    torch_name = "RsubBackward1"

    def compute(self, a: Any, b: Any) -> Any:  # type: ignore[override]
        return np.subtract(b, a)

    def forward(self, a: Any, b: Any) -> Any:
        return b - a

    def d_a(self) -> Any:
        return -1

    def d_b(self) -> Any:
        return 1


class Mul(Elementwise):
    """y = a · b"""

    symbol = "·"
    compute = np.multiply

    def forward(self, a: Any, b: Any) -> Any:
        return a * b

    def d_a(self, b: Any) -> Any:
        return b

    def d_b(self, a: Any) -> Any:
        return a


class Div(Elementwise):
    """y = a / b"""

    symbol = "/"
    floating = True
    domain = "b > 0.5"
    compute = np.true_divide

    def forward(self, a: Any, b: Any) -> Any:
        return a / b

    def d_a(self, b: Any) -> Any:
        return 1 / b

    def d_b(self, b: Any, y: Any) -> Any:
        return -y / b


class Pow(Elementwise):
    """y = xᵖ for a fixed number p"""

    fields = ("exponent",)
    symbol = "^"
    domain = "x > 0.1"
    torch_name = "PowBackward0"

    def forward(self, x: Any) -> Any:
        p = self.exponent
        if p == 2:
            return x * x
        if p == 3:
            return x * x * x
        if p == 1:
            return x * 1
        if p == 0.5:
            return x**0.5
        return x**p

    def compute(self, x: Any) -> Any:
        p = self.exponent
        if p == 2:
            return np.square(x)
        if p == 0.5:
            return np.sqrt(x)
        if p == -1:
            return np.reciprocal(x)
        return self.forward(x)

    def d_x(self, x: Any) -> Any:
        p = self.exponent
        if p == 2:
            return x + x  # 2x, without the detour of turning the number 2 into an array
        if p == 0:
            return 0
        return p * x ** (p - 1)


class Power(Elementwise):
    """y = aᵇ"""

    domain = "a > 0.1"
    torch_name = "PowBackward1"
    compute = np.power

    def forward(self, a: Any, b: Any) -> Any:
        return a**b

    def d_a(self, a: Any, b: Any) -> Any:
        return where(b == 0, 0 * a, b * a ** (b - 1))

    def d_b(self, a: Any, y: Any) -> Any:
        return where((a == 0) & (y == 0), 0 * a, y * log(a))


class Neg(Elementwise):
    """y = −x"""

    symbol = "−"
    compute = np.negative

    def forward(self, x: Any) -> Any:
        return -x

    def d_x(self) -> Any:
        return -1

    def check_dtype(self, common: Any) -> None:
        if common.rank == 0:
            raise RuntimeError(
                "Negation, the `-` operator, on a bool tensor is not supported. "
                "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead."
            )


class Abs(Elementwise):
    """y = |x|, with derivative 0 at 0"""

    compute = np.absolute

    def forward(self, x: Any) -> Any:
        return abs(x)

    def d_x(self, x: Any) -> Any:
        return sign(x)


add, sub, rsub, mul, div, power, neg, absolute = Add(), Sub(), Rsub(), Mul(), Div(), Power(), Neg(), Abs()


class Reciprocal(Elementwise):
    """y = 1 / x"""

    floating = True
    domain = "x > 0.1"
    compute = np.reciprocal

    def forward(self, x: Any) -> Any:
        return 1 / x

    def d_x(self, y: Any) -> Any:
        return -(y * y)


class FloorDivide(Elementwise):
    """y = ⌊a / b⌋"""

    torch_name = "NotImplemented"
    differentiable = False
    domain = "b > 0.5"

    def forward(self, a: Any, b: Any) -> Any:
        if b.dtype.kind in "ui" and not b.all():
            raise RuntimeError("ZeroDivisionError")
        return np.floor_divide(a, b)


class TruncDivide(Elementwise):
    """y = a / b, rounded towards zero"""

    torch_name = "DivBackward1"
    domain = "b > 0.5"

    def forward(self, a: Any, b: Any) -> Any:
        if a.dtype.kind in "ui":
            if not b.all():
                raise RuntimeError("ZeroDivisionError")
            return (np.abs(a) // np.abs(b)) * np.sign(a) * np.sign(b)
        return np.trunc(a / b)

    def d_a(self) -> Any:
        return 0

    def d_b(self) -> Any:
        return 0


class Remainder(Elementwise):
    """y = a − b · ⌊a / b⌋, which has the sign of b"""

    domain = "b > 0.5"

    def forward(self, a: Any, b: Any) -> Any:
        if b.dtype.kind in "ui" and not b.all():
            raise RuntimeError("ZeroDivisionError")
        return np.remainder(a, b)

    def d_a(self) -> Any:
        return 1

    def d_b(self, a: Any, b: Any) -> Any:
        return -floor_divide(a, b)


reciprocal, floor_divide, trunc_divide, remainder = Reciprocal(), FloorDivide(), TruncDivide(), Remainder()
