"""Powers and what is measured by them, entry by entry: xᵖ, √, distances, and sums of exponentials."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Elementwise
from .choice import maximum
from .logic import where
from .scalar import LN2, exp, exp2, log, log1p, sqrt


class Pow(Elementwise):
    """y = xᵖ for a fixed number p"""

    lane = "forward"
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
            return x + x
        if p == 0:
            return 0
        if p == 0.5:
            return 0.5 / x**0.5
        return p * x ** (p - 1)


class Square(Pow):
    """y = x², by far the most frequent power"""

    torch_name = "PowBackward0"
    compute = np.square  # type: ignore[assignment]

    def d_x(self, x: Any) -> Any:
        return x + x  # 2x, without the detour of turning the number 2 into an array


class Power(Elementwise):
    """y = aᵇ"""

    symbol = "^"
    takes = "ifc"
    kernel = "pow"
    domain = "a > 0.1"
    fields = ("torch_name",)

    def compute(self, a: Any, b: Any) -> Any:
        if a.dtype.kind == "i" and np.any(b < 0):  # 1/a rounded towards 0: not 0 only where a is 1 or −1
            return np.where(b >= 0, a ** np.maximum(b, 0), np.where(a == 1, 1, np.where(a == -1, 1 - 2 * (b & 1), 0))).astype(a.dtype)
        return np.power(a, b)

    def forward(self, a: Any, b: Any) -> Any:
        return a**b

    def d_a(self, a: Any, b: Any) -> Any:
        return where(b == 0, 0, b * a ** (b - 1))

    def d_b(self, a: Any, y: Any) -> Any:
        return where((a == 0) & ((y == 0) | (y == 1)), 0, y * log(a))  # 0ᵇ is constantly 0 for b > 0


class Rsqrt(Elementwise):
    """y = 1 / √x"""

    floating = True
    domain = "x > 0.1"

    def forward(self, x: Any) -> Any:
        return 1 / sqrt(x)

    def d_x(self, y: Any) -> Any:
        return -(y * y * y) / 2


class Ldexp(Elementwise):
    """y = a · 2ᵇ"""

    floating = True

    def forward(self, a: Any, b: Any) -> Any:
        return a * exp2(b)

    def d_a(self, b: Any) -> Any:
        return exp2(b)

    def d_b(self, y: Any) -> Any:
        return y * LN2


class Hypot(Elementwise):
    """y = √(a² + b²), the hypotenuse over the legs a and b"""

    lane = None  # squares overflow, and ∞ wins over NaN
    takes = "f"
    domain = "a > 0.1, b > 0.1"
    compute = np.hypot  # neither overflows nor underflows in the squares

    def forward(self, a: Any, b: Any) -> Any:
        return sqrt(a * a + b * b)

    def d_a(self, a: Any, y: Any) -> Any:
        return a / y

    def d_b(self, b: Any, y: Any) -> Any:
        return b / y


class Atan2(Elementwise):
    """y = the angle of the point (b, a): arctan(a / b), in the right quadrant"""

    floating = True
    takes = "bif"
    domain = "b > 0.1"
    compute = np.arctan2

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where((a == 0) & (b == 0), 0, g * (b / (a * a + b * b)))

    def pull_b(self, g: Any, a: Any, b: Any) -> Any:
        return where((a == 0) & (b == 0), 0, g * (-a / (a * a + b * b)))


# ---------------------------------------------------------------------- sums of exponentials


class LogAddExp(Elementwise):
    """y = ln(eᵃ + eᵇ), without overflow"""

    takes = "fc"
    torch_name = "LogaddexpBackward0"
    lane = "from_the_larger"
    large = 1 << 12

    def forward(self, a: Any, b: Any) -> Any:
        return log(exp(a) + exp(b))

    def compute(self, a: Any, b: Any) -> Any:
        return self.forward(a, b) if a.dtype.kind == "c" else np.logaddexp(a, b)

    def from_the_larger(self, a: Any, b: Any) -> Any:
        return where(a == b, a + LN2, maximum(a, b) + log1p(exp(-abs(a - b))))

    def d_a(self, a: Any, b: Any) -> Any:
        return 1 / (1 + exp(b - a))

    def d_b(self, a: Any, b: Any) -> Any:
        return 1 / (1 + exp(a - b))


class LogAddExp2(Elementwise):
    """y = log₂(2ᵃ + 2ᵇ), without overflow"""

    takes = "f"
    torch_name = "Logaddexp2Backward0"
    compute = np.logaddexp2

    def forward(self, a: Any, b: Any) -> Any:
        return log(exp2(a) + exp2(b)) / LN2

    def d_a(self, a: Any, b: Any) -> Any:
        return 1 / (1 + exp2(b - a))

    def d_b(self, a: Any, b: Any) -> Any:
        return 1 / (1 + exp2(a - b))


class XLogY(Elementwise):
    """y = a · ln b, and 0 where a = 0 (unless b is NaN)"""

    floating = True
    takes = "bif"
    domain = "b > 0.1"
    fields = ("torch_name",)

    def forward(self, a: Any, b: Any) -> Any:
        return where((a == 0) & (b == b), 0, a * log(b))

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where((a == 0) & (b <= 0), 0, g * log(b))

    def d_b(self, a: Any, b: Any) -> Any:
        return a / b


class XLog1p(Elementwise):
    """y = a · ln(1 + b), and 0 where a = 0 (unless b is NaN)"""

    floating = True
    takes = "bif"
    kernel = "xlog1py_cpu"
    domain = "b > -0.9"
    fields = ("torch_name",)

    def forward(self, a: Any, b: Any) -> Any:
        return where((a == 0) & (b == b), 0, a * log1p(b))

    def pull_a(self, g: Any, a: Any, b: Any) -> Any:
        return where((a == 0) & (b <= -1), 0, g * log1p(b))

    def d_b(self, a: Any, b: Any) -> Any:
        return a / (b + 1)


power, power_of_number, square = Power("PowBackward1"), Power("PowBackward2"), Square(2)
rsqrt, ldexp, hypot, atan2 = Rsqrt(), Ldexp(), Hypot(), Atan2()
logaddexp, logaddexp2 = LogAddExp(), LogAddExp2()
xlogy, number_log, log_number = XLogY("XlogyBackward0"), XLogY("XlogyBackward1"), XLogY("XlogyBackward2")
xlog1py, number_log1p, log1p_number = (XLog1p(f"SpecialXlog1PyBackward{i}") for i in range(3))
