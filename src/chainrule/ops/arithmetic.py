"""Arithmetic, entry by entry: + − × ÷, and what takes three operands, a scale or a sign."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.op import Elementwise
from ..graph.promote import as_array
from ..graph.value import Value
from .logic import where
from .scalar import sign


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

    def check_operands(self, inputs: tuple[Any, ...]) -> None:
        bools = [isinstance(v, bool) or isinstance(v, Value) and v.array.dtype.kind == "b" for v in inputs]
        if all(bools):
            raise RuntimeError(
                message(
                    "Subtraction, the `-` operator, with two bool tensors is not supported. "
                    "Use the `^` or `logical_xor()` operator instead.",
                    "the difference of two truth values has no agreed meaning",
                    "a ^ b (which differ), or a & ~b (in a but not in b)",
                )
            )
        if any(bools):
            raise RuntimeError(
                message(
                    "Subtraction, the `-` operator, with a bool tensor is not supported. "
                    "If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
                    "a truth value is not a number",
                    "~mask, or mask.float() for the numbers 0 and 1",
                )
            )


class Rsub(Sub):
    """y = b − a, for a number minus a tensor."""

    slow = "eEFD?"
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


class Neg(Elementwise):
    """y = −x"""

    symbol = "−"
    slow = "eEFD?"
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

    lane = "abs"
    takes = "if"
    compute = np.absolute

    def forward(self, x: Any) -> Any:
        return abs(x)

    def d_x(self, x: Any) -> Any:
        return sign(x)


class Reciprocal(Elementwise):
    """y = 1 / x"""

    floating = True
    domain = "x > 0.1"
    compute = np.reciprocal

    def forward(self, x: Any) -> Any:
        return 1 / x

    def d_x(self, y: Any) -> Any:
        return -(y * y)


# ---------------------------------------------------------------------- three operands, a scale, a sign


class Lerp(Elementwise):
    """y = a + w · (b − a): from a at w = 0 to b at w = 1"""

    takes = "fc"
    kernel = "lerp_kernel_tensor"
    torch_name = "LerpBackward1"

    def forward(self, a: Any, b: Any, w: Any) -> Any:
        return a + w * (b - a)

    def compute(self, a: Any, b: Any, w: Any) -> Any:
        d = b - a
        return np.where(np.abs(w) < 0.5, a + w * d, b - d * (1 - w))  # b itself at w = 1, free of rounding

    def d_a(self, w: Any) -> Any:
        return 1 - w

    def d_b(self, w: Any) -> Any:
        return w

    def d_w(self, a: Any, b: Any) -> Any:
        return b - a


class LerpBy(Elementwise):
    """y = a + weight · (b − a), for a fixed weight"""

    fields = ("weight",)
    takes = "fc"
    kernel = "lerp_kernel_scalar"
    torch_name = "LerpBackward0"

    def forward(self, a: Any, b: Any) -> Any:
        w = self.weight
        return a + w * (b - a) if abs(w) < 0.5 else b - (1 - w) * (b - a)

    def d_a(self) -> Any:
        return 1 - self.weight

    def d_b(self) -> Any:
        return self.weight


class AddCMul(Elementwise):
    """y = x + value · a · b"""

    fields = ("value",)
    torch_name = "AddcmulBackward0"

    def forward(self, x: Any, a: Any, b: Any) -> Any:
        return x + self.value * a * b

    def compute(self, x: Any, a: Any, b: Any) -> Any:
        if self.value == 1:
            return x + a * b
        return x + a * b * (as_array(self.value, x.dtype) if x.dtype.kind in "ui" else self.value)

    def d_x(self) -> Any:
        return 1

    def d_a(self, b: Any) -> Any:
        return self.value * b

    def d_b(self, a: Any) -> Any:
        return self.value * a


class AddCDiv(Elementwise):
    """y = x + value · a / b"""

    fields = ("value",)
    takes = "fc"
    domain = "b > 0.5"
    torch_name = "AddcdivBackward0"

    def forward(self, x: Any, a: Any, b: Any) -> Any:
        return x + self.value * (a / b)

    def d_x(self) -> Any:
        return 1

    def d_a(self, b: Any) -> Any:
        return self.value / b

    def d_b(self, a: Any, b: Any) -> Any:
        return -self.value * (a / b) / b


class Scale(Elementwise):
    """y = factor · x, for a change of units"""

    fields = ("factor", "torch_name")
    floating = True
    takes = "bif"

    def forward(self, x: Any) -> Any:
        return x * self.factor

    def d_x(self) -> Any:
        return self.factor

    def check_dtype(self, common: Any) -> None:
        if common.rank == 3:
            raise RuntimeError(f"{self.torch_name.partition('B')[0].lower()} is not supported for complex tensors.")


class CopySign(Elementwise):
    """y = |a| with the sign of b"""

    floating = True
    takes = "bif"
    fields = ("torch_name",)
    compute = np.copysign

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)

    def d_a(self, a: Any, y: Any) -> Any:
        return where(a == 0, 0, y / a)

    def d_b(self) -> Any:
        return 0


class Mantissa(Elementwise):
    """y = x / 2ᵉ with e such that ½ ≤ |y| < 1"""

    takes = "f"
    torch_name = "FrexpBackward0"

    def forward(self, x: Any) -> Any:
        return self(x)

    def compute(self, x: Any) -> Any:
        return np.frexp(x)[0]

    def d_x(self, x: Any, y: Any) -> Any:
        return where((x == y) | (x != x), 1, y / x)  # x = y where e = 0, and for 0 and ∞


add, sub, rsub, mul, div, neg, absolute, reciprocal = Add(), Sub(), Rsub(), Mul(), Div(), Neg(), Abs(), Reciprocal()
lerp, mantissa = Lerp(), Mantissa()
copysign, copysign_of_number = CopySign("CopysignBackward0"), CopySign("CopysignBackward1")
deg2rad, rad2deg = Scale(pi / 180, "Deg2RadBackward0"), Scale(180 / pi, "Rad2DegBackward0")
