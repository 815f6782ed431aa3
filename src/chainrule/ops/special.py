"""Special functions: the error function and its relatives."""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

from .kernels import special as kernel
from .scalar import Primitive, exp


class Erf(Primitive):
    """y = 2/√π ∫₀ˣ e^(−t²) dt"""

    floating = True
    compute = staticmethod(kernel.erf)

    def d_x(self, x: Any) -> Any:
        return 2 / sqrt(pi) * exp(-x * x)


erf = Erf()
