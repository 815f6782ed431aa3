"""Division with remainder: whole quotients, what is left over, and common divisors."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Elementwise
from .scalar import floor, trunc


class Division(Elementwise, abstract=True):
    """An op that integers cannot do with a divisor of 0."""

    takes = "if"
    domain = "b > 0.5"

    whole: Any  # the value, once no integer is divided by 0

    def checked(self, a: Any, b: Any) -> Any:
        """What subclasses compute."""
        if b.dtype.kind in "ui" and not b.all() and 0 not in a.shape:
            raise RuntimeError("ZeroDivisionError")
        return self.whole(a, b)


class FloorDivide(Division):
    """y = ⌊a / b⌋"""

    kernel = "div_floor_cpu"
    torch_name = "torch::autograd::NotImplemented"
    whole = np.floor_divide
    compute = Division.checked

    def forward(self, a: Any, b: Any) -> Any:
        return floor(a / b)

    def pull_a(self, g: Any) -> Any:
        raise RuntimeError("derivative for aten::floor_divide is not implemented")

    pull_b = pull_a


class DivFloor(FloorDivide):
    """y = ⌊a / b⌋, as ``div(a, b, rounding_mode="floor")``: flat between its jumps, so its derivative is 0"""

    torch_name = "DivBackward2"
    transparent = True

    def d_a(self) -> Any:
        return 0

    d_b = d_a


class DivTrunc(Division):
    """y = a / b without its fraction"""

    kernel = "div_trunc_cpu"
    torch_name = "DivBackward2"
    transparent = True
    compute = Division.checked

    def forward(self, a: Any, b: Any) -> Any:
        return trunc(a / b)

    def whole(self, a: Any, b: Any) -> Any:
        if a.dtype.kind in "ui":
            q = a // b  # one too small where it is negative and not whole
            return (q + ((a < 0) != (b < 0)) * (a != q * b)).astype(q.dtype)
        return np.trunc(a / b)

    def d_a(self) -> Any:
        return 0

    d_b = d_a


class Remainder(Division):
    """y = a − b · ⌊a / b⌋, which has the sign of b"""

    fields = ("torch_name",)
    compute = Division.checked

    def forward(self, a: Any, b: Any) -> Any:
        return a - b * floor(a / b)

    def whole(self, a: Any, b: Any) -> Any:
        if a.dtype.kind in "ui":
            return np.remainder(a, b)
        y = np.remainder(a, b)
        return y if y.all() else np.where(y == 0, np.copysign(y, a), y)  # NumPy gives 0 the sign of b

    def d_a(self) -> Any:
        return 1

    def d_b(self, a: Any, b: Any) -> Any:
        return -div_floor(a, b)


class FMod(Division):
    """y = a − b · trunc(a / b), which has the sign of a"""

    kernel = "fmod_cpu"
    fields = ("torch_name",)
    whole = np.fmod
    compute = Division.checked

    def forward(self, a: Any, b: Any) -> Any:
        return a - b * trunc(a / b)

    def d_a(self) -> Any:
        return 1

    def d_b(self, a: Any, b: Any) -> Any:
        return -div_trunc(a, b)


class Frac(Elementwise):
    """y = x − trunc x, the fraction of x with x's sign"""

    takes = "f"

    def forward(self, x: Any) -> Any:
        return x - trunc(x)

    def d_x(self) -> Any:
        return 1


class Common(Elementwise, abstract=True):
    """What two whole numbers have in common."""

    takes = "i"
    differentiable = False

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)


class Gcd(Common):
    """y = the greatest common divisor of a and b"""

    compute = np.gcd


class Lcm(Common):
    """y = the least common multiple of a and b"""

    compute = np.lcm


floor_divide, div_floor, div_trunc, frac, gcd, lcm = FloorDivide(), DivFloor(), DivTrunc(), Frac(), Gcd(), Lcm()
remainder, remainder_by_number = Remainder("RemainderBackward1"), Remainder("RemainderBackward0")
fmod, fmod_by_number = FMod("FmodBackward1"), FMod("FmodBackward0")
