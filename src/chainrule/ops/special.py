"""Special functions, entry by entry: the error, gamma and Bessel functions, and what is built from them."""

from __future__ import annotations

from math import pi
from math import sqrt as root
from typing import Any

import numpy as np

from ..graph.op import Elementwise
from .choice import maximum, minimum
from .kernels import activations
from .kernels import special as functions
from .logic import where
from .scalar import cos, exp, log, sin


class Special(Elementwise, abstract=True):
    """A function that stands for itself, computed by a kernel of that name."""

    floating = True
    takes = "bif"

    def forward(self, x: Any) -> Any:
        return self(x)


# ---------------------------------------------------------------------- the error function


class Erf(Special):
    """y = 2/√π · ∫₀ˣ e^(−t²) dt"""

    lane = "erf"
    large = 1 << 12
    kernel = "erf_vml_cpu"
    compute = staticmethod(activations.erf)

    def d_x(self, x: Any) -> Any:
        return exp(-x * x) * (2 / root(pi))


class Erfc(Special):
    """y = 1 − erf x, exact for large x too"""

    kernel = "erfc_vml_cpu"
    compute = staticmethod(functions.erfc)

    def d_x(self, x: Any) -> Any:
        return -exp(-x * x) * (2 / root(pi))


class Erfinv(Special):
    """y = the number with erf y = x"""

    lane = "erfinv"
    large = 1 << 12
    kernel = "erfinv_vml_cpu"
    domain = "-0.9 < x < 0.9"
    compute = staticmethod(functions.erfinv)

    def d_x(self, y: Any) -> Any:
        return exp(y * y) * (root(pi) / 2)


# ---------------------------------------------------------------------- the gamma function


class Lgamma(Special):
    """y = ln |Γ(x)|"""

    lane = "lgamma"
    large = 1 << 12
    kernel = "lgamma_vml_cpu"
    domain = "x > 0.3"
    compute = staticmethod(functions.lgamma)

    def d_x(self, x: Any) -> Any:
        return digamma(x)


class Digamma(Special):
    """y = ψ(x) = d/dx ln Γ(x)"""

    symbol = "ψ"
    lane = "digamma"
    large = 1 << 12
    kernel = "digamma"
    domain = "x > 0.3"
    compute = staticmethod(functions.digamma)

    def d_x(self, x: Any) -> Any:
        return Polygamma(1)(x)


class Polygamma(Special):
    """y = ψ⁽ⁿ⁾(x), the n-th derivative of the digamma function"""

    fields = ("n",)
    domain = "x > 0.3"
    kernel = "polygamma"

    def compute(self, x: Any) -> Any:
        return functions.polygamma(self.n, x) if self.n else functions.digamma(x)

    def d_x(self, x: Any) -> Any:
        return Polygamma(self.n + 1)(x)


# ---------------------------------------------------------------------- Bessel functions


class I0(Special):
    """y = I₀(x), the mean of e^(x cos θ) over the circle"""

    symbol = "I₀"
    kernel = "i0_vml_cpu"
    compute = staticmethod(functions.i0)

    def d_x(self, x: Any) -> Any:
        return i1(x)


class I1(Special):
    """y = I₁(x), the derivative of I₀"""

    symbol = "I₁"
    kernel = "i1_cpu"
    torch_name = "SpecialI1Backward0"
    compute = staticmethod(functions.i1)

    def d_x(self, x: Any, y: Any) -> Any:
        return i0(x) - where(x == 0, 0.5, y / where(x == 0, 1, x))


# ---------------------------------------------------------------------- made of elementary functions


class Sinc(Elementwise):
    """y = sin(πx) / (πx), and 1 at 0"""

    lane = None  # the slope is a small difference of two terms, which rounding once instead of twice upsets
    floating = True

    def forward(self, x: Any) -> Any:
        return where(x == 0, 1, sin(pi * x) / (pi * x))

    def d_x(self, x: Any) -> Any:
        return where(x == 0, 0, (cos(pi * x) * (pi * x) - sin(pi * x)) / (pi * x * x))


class Logit(Elementwise):
    """y = ln(x / (1 − x)), the inverse of the sigmoid; ``eps`` first keeps x within [eps, 1 − eps]"""

    fields = ("eps",)
    floating = True
    takes = "bif"
    domain = "0.1 < x < 0.9"

    def forward(self, x: Any) -> Any:
        if self.eps is not None:
            x = minimum(maximum(x, self.eps), 1 - self.eps)
        return log(x / (1 - x))

    def pull_x(self, g: Any, x: Any) -> Any:
        if self.eps is None:
            return where((x < 0) | (x > 1), np.nan, g / (x * (1 - x)))
        return where((x >= self.eps) & (x <= 1 - self.eps), g / (x * (1 - x)), 0)


erf, erfc, erfinv, lgamma, digamma = Erf(), Erfc(), Erfinv(), Lgamma(), Digamma()
i0, i1, sinc, logit = I0(), I1(), Sinc(), Logit(None)
