"""What the normal distribution is made of: the scaled error function, ln Φ, Φ⁻¹, and the terms of an entropy."""

from __future__ import annotations

from math import pi
from math import sqrt as root
from typing import Any

from ..graph.op import Elementwise
from .kernels import normal as functions
from .logic import where
from .scalar import exp, log
from .special import Special


class Erfcx(Special):
    """y = e^(x²) · erfc x"""

    kernel = "erfcx_cpu"
    torch_name = "SpecialErfcxBackward0"
    compute = staticmethod(functions.erfcx)

    def d_x(self, x: Any, y: Any) -> Any:
        return 2 * x * y - 2 / root(pi)


class LogNdtr(Special):
    """y = ln Φ(x), Φ being the normal distribution function"""

    kernel = "log_ndtr_cpu"
    torch_name = "SpecialLogNdtrBackward0"
    compute = staticmethod(functions.log_ndtr)

    def d_x(self, x: Any) -> Any:
        return root(2 / pi) / erfcx(-x / root(2))


class Ndtri(Special):
    """y = Φ⁻¹(x), the number below which a normal variable stays with probability x"""

    kernel = "ndtri_cpu"
    torch_name = "SpecialNdtriBackward0"
    domain = "0.1 < x < 0.9"
    compute = staticmethod(functions.ndtri)

    def d_x(self, y: Any) -> Any:
        return exp(y * y / 2) * root(2 * pi)


class Entr(Elementwise):
    """y = −x ln x, and 0 at 0, −∞ for negative x"""

    floating = True
    takes = "bif"
    kernel = "entr_cpu"
    torch_name = "SpecialEntrBackward0"
    domain = "x > 0.1"

    def forward(self, x: Any) -> Any:
        return where(x > 0, -x * log(x), where(x == 0, 0, where(x < 0, -float("inf"), x)))

    def d_x(self, x: Any) -> Any:
        return -log(x) - 1


erfcx, log_ndtr, ndtri, entr = Erfcx(), LogNdtr(), Ndtri(), Entr()
