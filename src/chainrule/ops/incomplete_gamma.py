"""Functions of two numbers around the gamma function: its incomplete integrals, and Hurwitz's zeta function."""

from __future__ import annotations

from typing import Any

from ..base.errors import message
from ..graph.op import Elementwise
from .kernels import incomplete_gamma as functions
from .scalar import exp, log
from .special import lgamma


def density(a: Any, x: Any) -> Any:
    """xᵃ⁻¹ e⁻ˣ / Γ(a), the derivative of P(a, x) by x"""
    return exp((a - 1) * log(x) - x - lgamma(a))


class NoDerivative(NotImplementedError):
    """A derivative that has no formula here."""


def no_derivative(name: str, which: str, instead: str) -> NoDerivative:
    return NoDerivative(
        message(
            f"the derivative for '{name}{which}' is not implemented.",
            "it has no closed form in functions that are known here",
            instead,
        )
    )


class Igamma(Elementwise):
    """y = P(a, x) = 1/Γ(a) · ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt"""

    symbol = "P"
    takes = "f"
    kernel = "igamma_cpu"
    domain = "a > 0.3, x > 0.3"
    compute = staticmethod(functions.gammainc)

    def forward(self, a: Any, x: Any) -> Any:
        return self(a, x)

    def pull_a(self, g: Any) -> Any:
        raise no_derivative("igamma", ": input", "a.detach(), if no gradient by a is needed")

    def d_x(self, a: Any, x: Any) -> Any:
        return density(a, x)


class Igammac(Elementwise):
    """y = Q(a, x) = 1 − P(a, x), exact where P is near 1 too"""

    symbol = "Q"
    takes = "f"
    kernel = "igammac_cpu"
    domain = "a > 0.3, x > 0.3"
    compute = staticmethod(functions.gammaincc)

    def forward(self, a: Any, x: Any) -> Any:
        return self(a, x)

    def pull_a(self, g: Any) -> Any:
        raise no_derivative("igammac", ": input", "a.detach(), if no gradient by a is needed")

    def d_x(self, a: Any, x: Any) -> Any:
        return -density(a, x)


class Zeta(Elementwise):
    """y = ζ(s, q) = Σ (q + k)⁻ˢ for k = 0, 1, 2, …"""

    fields = ("torch_name",)
    symbol = "ζ"
    floating = True
    takes = "bif"
    kernel = "zeta_cpu"
    domain = "s > 1.2, q > 0.3"
    compute = staticmethod(functions.zeta)

    def forward(self, s: Any, q: Any) -> Any:
        return self(s, q)

    def pull_s(self, g: Any) -> Any:
        raise no_derivative("zeta", "", "s.detach(), if no gradient by s is needed")

    def d_q(self, s: Any, q: Any) -> Any:
        return -s * self(s + 1, q)


igamma, igammac = Igamma(), Igammac()
zeta, zeta_at, zeta_of = (Zeta(f"SpecialZetaBackward{i}") for i in range(3))
