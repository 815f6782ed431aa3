"""Bessel functions and Airy's. Their derivatives are Bessel functions again (Abramowitz and Stegun 9.1.27, 9.6.26)."""

from __future__ import annotations

from typing import Any

from .kernels import bessel as functions
from .logic import where
from .scalar import cos, sign, sin
from .special import Special

# ---------------------------------------------------------------------- the first and second kind


class BesselJ0(Special):
    """y = J₀(x), the mean of cos(x sin θ) over the circle"""

    symbol = "J₀"
    kernel = "bessel_j0_cpu"
    compute = staticmethod(functions.bessel_j0)

    def d_x(self, x: Any) -> Any:
        return -bessel_j1(x)


class BesselJ1(Special):
    """y = J₁(x), the mean of sin θ · sin(x sin θ) over the circle"""

    symbol = "J₁"
    kernel = "bessel_j1_cpu"
    compute = staticmethod(functions.bessel_j1)

    def d_x(self, x: Any, y: Any) -> Any:
        return bessel_j0(x) - where(x == 0, 0.5, y / where(x == 0, 1, x))


class BesselY0(Special):
    """y = Y₀(x), which with J₀ solves x y″ + y′ + x y = 0"""

    symbol = "Y₀"
    kernel = "bessel_y0_cpu"
    domain = "x > 0.3"
    compute = staticmethod(functions.bessel_y0)

    def d_x(self, x: Any) -> Any:
        return -bessel_y1(x)


class BesselY1(Special):
    """y = Y₁(x), which with J₁ solves x² y″ + x y′ + (x² − 1) y = 0"""

    symbol = "Y₁"
    kernel = "bessel_y1_cpu"
    domain = "x > 0.3"
    compute = staticmethod(functions.bessel_y1)

    def d_x(self, x: Any, y: Any) -> Any:
        return bessel_y0(x) - y / x


class SphericalBesselJ0(Special):
    """y = sin x / x, and 1 at 0"""

    kernel = "spherical_bessel_j0_cpu"

    compute = staticmethod(functions.spherical_j0)

    def forward(self, x: Any) -> Any:
        return where(x == 0, 1, sin(x) / x)

    def d_x(self, x: Any, y: Any) -> Any:
        near = (x < 1e-4) & (x > -1e-4)  # where cos x and y agree to the last digits
        return where(near, -x / 3, (cos(x) - y) / where(near, 1, x))


# ---------------------------------------------------------------------- modified


class I0E(Special):
    """y = e^(−|x|) I₀(x)"""

    kernel = "i0e_cpu"
    torch_name = "SpecialI0EBackward0"
    compute = staticmethod(functions.i0e)

    def d_x(self, x: Any, y: Any) -> Any:
        return i1e(x) - sign(x) * y


class I1E(Special):
    """y = e^(−|x|) I₁(x)"""

    kernel = "i1e_cpu"
    torch_name = "SpecialI1EBackward0"
    compute = staticmethod(functions.i1e)

    def d_x(self, x: Any, y: Any) -> Any:
        return i0e(x) - where(x == 0, 0.5, y * (sign(x) + 1 / where(x == 0, 1, x)))


class ModifiedBesselK0(Special):
    """y = K₀(x) = ∫₀^∞ e^(−x cosh t) dt"""

    symbol = "K₀"
    kernel = "modified_bessel_k0_cpu"
    domain = "x > 0.3"
    compute = staticmethod(functions.bessel_k0)

    def d_x(self, x: Any) -> Any:
        return -bessel_k1(x)


class ModifiedBesselK1(Special):
    """y = K₁(x) = ∫₀^∞ e^(−x cosh t) cosh t dt"""

    symbol = "K₁"
    kernel = "modified_bessel_k1_cpu"
    domain = "x > 0.3"
    compute = staticmethod(functions.bessel_k1)

    def d_x(self, x: Any, y: Any) -> Any:
        return -bessel_k0(x) - y / x


class ScaledModifiedBesselK0(Special):
    """y = eˣ K₀(x)"""

    kernel = "scaled_modified_bessel_k0_cpu"
    domain = "x > 0.3"
    compute = staticmethod(functions.bessel_k0e)

    def d_x(self, x: Any, y: Any) -> Any:
        return y - bessel_k1e(x)


class ScaledModifiedBesselK1(Special):
    """y = eˣ K₁(x)"""

    kernel = "scaled_modified_bessel_k1_cpu"
    domain = "x > 0.3"
    compute = staticmethod(functions.bessel_k1e)

    def d_x(self, x: Any, y: Any) -> Any:
        return y - bessel_k0e(x) - y / x


# ---------------------------------------------------------------------- Airy's function


class AiryAi(Special):
    """y = Ai(x), the solution of y″ = x y that vanishes at infinity"""

    symbol = "Ai"
    kernel = "airy_ai_cpu"
    compute = staticmethod(functions.airy_ai)

    def d_x(self, x: Any) -> Any:
        return airy_ai_prime(x)


class AiryAiPrime(Special):
    """y = Ai′(x)"""

    symbol = "Ai′"
    compute = staticmethod(functions.airy_ai_prime)

    def d_x(self, x: Any) -> Any:
        return x * airy_ai(x)


bessel_j0, bessel_j1, bessel_y0, bessel_y1 = BesselJ0(), BesselJ1(), BesselY0(), BesselY1()
spherical_bessel_j0, i0e, i1e = SphericalBesselJ0(), I0E(), I1E()
bessel_k0, bessel_k1 = ModifiedBesselK0(), ModifiedBesselK1()
bessel_k0e, bessel_k1e = ScaledModifiedBesselK0(), ScaledModifiedBesselK1()
airy_ai, airy_ai_prime = AiryAi(), AiryAiPrime()
