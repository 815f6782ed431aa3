"""The primitives: functions of one number that NumPy computes itself; other elementwise ops are written with these."""

from __future__ import annotations

from math import log as ln
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.op import Elementwise
from ..graph.value import Value

LN2, LN10 = ln(2), ln(10)


class Primitive(Elementwise, abstract=True):
    """An elementwise function that stands for itself: its formula is its name, its value is NumPy's."""

    floating = True
    large = 1 << 15

    def forward(self, x: Any) -> Any:
        return self(x)


# ---------------------------------------------------------------------- exponentials and logarithms


class Exp(Primitive):
    """y = eˣ"""

    lane = "exp"
    compute = np.exp

    def d_x(self, y: Any) -> Any:
        return y


class Exp2(Primitive):
    """y = 2ˣ"""

    compute = np.exp2

    def d_x(self, y: Any) -> Any:
        return y * LN2


class Expm1(Primitive):
    """y = eˣ − 1, exact for small x too"""

    lane = "expm1"
    compute = np.expm1

    def d_x(self, y: Any) -> Any:
        return y + 1


class Log(Primitive):
    """y = ln x"""

    lane = "log"
    domain = "x > 0.1"
    compute = np.log

    def d_x(self, x: Any) -> Any:
        return 1 / x


class Log2(Primitive):
    """y = log₂ x"""

    domain = "x > 0.1"
    compute = np.log2

    def d_x(self, x: Any) -> Any:
        return 1 / (x * LN2)


class Log10(Primitive):
    """y = log₁₀ x"""

    domain = "x > 0.1"
    compute = np.log10

    def d_x(self, x: Any) -> Any:
        return 1 / (x * LN10)


class Log1p(Primitive):
    """y = ln(1 + x), exact for small x too"""

    domain = "x > -0.9"
    lane = "log1p"
    compute = np.log1p
    torch_name = "Log1PBackward0"

    def d_x(self, x: Any) -> Any:
        return 1 / (x + 1)


class Sqrt(Primitive):
    """y = √x"""

    lane = "sqrt"
    domain = "x > 0.1"
    compute = np.sqrt

    def d_x(self, y: Any) -> Any:
        return 1 / (2 * y)


# ---------------------------------------------------------------------- trigonometry


class Sin(Primitive):
    """y = sin x"""

    lane = "sin"
    compute = np.sin

    def d_x(self, x: Any) -> Any:
        return cos(x)


class Cos(Primitive):
    """y = cos x"""

    lane = "cos"
    compute = np.cos

    def d_x(self, x: Any) -> Any:
        return -sin(x)


class Tan(Primitive):
    """y = tan x"""

    domain = "-1.3 < x < 1.3"
    compute = np.tan

    def d_x(self, y: Any) -> Any:
        return 1 + y * y


class Asin(Primitive):
    """y = arcsin x"""

    domain = "-0.9 < x < 0.9"
    compute = np.arcsin

    def d_x(self, x: Any) -> Any:
        return 1 / sqrt(1 - x * x)


class Acos(Primitive):
    """y = arccos x"""

    domain = "-0.9 < x < 0.9"
    compute = np.arccos

    def d_x(self, x: Any) -> Any:
        return -1 / sqrt(1 - x * x)


class Atan(Primitive):
    """y = arctan x"""

    compute = np.arctan

    def d_x(self, x: Any) -> Any:
        return 1 / (x * x + 1)


# ---------------------------------------------------------------------- hyperbolic functions


class Sinh(Primitive):
    """y = sinh x"""

    compute = np.sinh

    def d_x(self, x: Any) -> Any:
        return cosh(x)


class Cosh(Primitive):
    """y = cosh x"""

    compute = np.cosh

    def d_x(self, x: Any) -> Any:
        return sinh(x)


class Tanh(Primitive):
    """y = tanh x"""

    lane = "tanh"
    compute = np.tanh

    def d_x(self, y: Any) -> Any:
        return 1 - y * y


class Asinh(Primitive):
    """y = arsinh x"""

    compute = np.arcsinh

    def d_x(self, x: Any) -> Any:
        return 1 / sqrt(x * x + 1)


class Acosh(Primitive):
    """y = arcosh x"""

    domain = "x > 1.1"
    compute = np.arccosh

    def d_x(self, x: Any) -> Any:
        if (x.array if isinstance(x, Value) else x).dtype.kind == "c":
            return 1 / (sqrt(x + 1) * sqrt(x - 1))  # √(x² − 1) has the wrong sign to the left
        return 1 / sqrt(x * x - 1)


class Atanh(Primitive):
    """y = artanh x"""

    domain = "-0.9 < x < 0.9"
    compute = np.arctanh

    def d_x(self, x: Any) -> Any:
        return 1 / (1 - x * x)


# ---------------------------------------------------------------------- steps: flat between jumps


class Step(Elementwise, abstract=True):
    """A function whose derivative is 0 wherever it has one."""

    takes = "if"

    def forward(self, x: Any) -> Any:
        return self(x)

    def d_x(self) -> Any:
        return 0

    def check_dtype(self, common: Any) -> None:
        if common.rank == 3 and type(self) in (Floor, Ceil, Trunc):
            name = type(self).__name__.lower()
            raise NotImplementedError(
                message(f"{name} is not supported for complex inputs", "complex numbers have no order")
            )
        super().check_dtype(common)


class Floor(Step):
    """y = ⌊x⌋, the greatest whole number that is not above x"""

    kernel = "floor_vml_cpu"
    compute = np.floor
    lane = "floor"


class Ceil(Step):
    """y = ⌈x⌉, the least whole number that is not below x"""

    kernel = "ceil_vml_cpu"
    compute = np.ceil


class Trunc(Step):
    """y = x without its fraction"""

    kernel = "trunc_vml_cpu"
    compute = np.trunc


class Round(Step):
    """y = x rounded to ``decimals`` places (−1: tens); halves go to the even neighbour"""

    fields = ("decimals",)
    kernel = "round_vml_cpu"

    @property
    def torch_name(self) -> str:  # type: ignore[override]
        return "RoundBackward1" if self.decimals else "RoundBackward0"

    def compute(self, x: Any) -> Any:
        d = self.decimals
        if not d:
            return np.rint(x) if x.dtype.kind == "f" else x.copy()
        scale = x.dtype.type(10.0 ** abs(d))
        return np.rint(x * scale) / scale if d > 0 else np.rint(x / scale) * scale


class Sign(Step):
    """y = −1, 0 or 1 as x is negative, zero (or NaN) or positive"""

    lane = "sign"
    takes = "bif"

    def compute(self, x: Any) -> Any:
        if x.dtype.kind == "b":
            return x.copy()
        if x.dtype.kind == "c":
            return np.sign(x)
        return np.subtract(x > 0, x < 0, dtype=x.dtype)  # unlike np.sign, 0 for NaN


class Sgn(Sign):
    """y = x / |x|, and 0 at 0, which for real x is its sign"""


exp, exp2, expm1, log, log2, log10, log1p = Exp(), Exp2(), Expm1(), Log(), Log2(), Log10(), Log1p()
sqrt, sin, cos, tan, asin, acos, atan = Sqrt(), Sin(), Cos(), Tan(), Asin(), Acos(), Atan()
sinh, cosh, tanh, asinh, acosh, atanh = Sinh(), Cosh(), Tanh(), Asinh(), Acosh(), Atanh()
floor, ceil, trunc, round_half_even, sign, sgn = Floor(), Ceil(), Trunc(), Round(0), Sign(), Sgn()
