"""Orthogonal polynomials, entry by entry: the n-th polynomial of a family at x.

Each family is its recurrence pₖ₊₁ = (u x + v) pₖ − w pₖ₋₁ from p₀ = 1 and p₁ (Abramowitz and Stegun, 22.7). The
recurrence differentiated gives that of the derivatives, so one loop computes a polynomial and its derivatives of any
order, exact also at x = ±1, where the usual formulas for derivatives divide by 1 − x².
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..graph.op import Elementwise

Step = tuple[float, float, float]  # u, v, w


HIGHEST = 10_000  # degree; the recurrence takes a step for each, and beyond the answer is NaN


class Polynomial(Elementwise, abstract=True):
    """The ``order``-th derivative of pₙ at x; 0 for negative n, and n without its fraction."""

    fields = ("order",)
    floating = True
    takes = "bif"
    domain = "n > 0.1"
    first: ClassVar[tuple[float, float]]  # p₁ = u x + v

    def step(self, k: int) -> Step:
        """How pₖ₊₁ comes from pₖ and pₖ₋₁."""
        raise NotImplementedError

    def forward(self, x: Any, n: Any) -> Any:
        return self(x, n)

    def compute(self, x: Any, n: Any) -> Any:
        kind = np.result_type(x, n)
        x, n = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(n, np.float64))
        known = n < HIGHEST  # false for NaN and infinity, too
        y = self.at(x, np.trunc(np.where(known, n, -1.0)))
        return np.where(known, y, np.nan).astype(kind, copy=False)

    def at(self, x: np.ndarray, degrees: np.ndarray) -> np.ndarray:
        orders = range(self.order + 1)
        here = [np.full(x.shape, float(m == 0)) for m in orders]
        before = [np.zeros(x.shape) for _ in orders]
        y = np.where(degrees == 0, here[self.order], 0.0)
        for k in range(int(degrees.max(initial=0))):
            u, v, w = self.step(k) if k else (*self.first, 0.0)
            after = [
                (u * x + v) * here[m] - w * before[m] + (m * u * here[m - 1] if m else 0) for m in orders
            ]  # (u x + v) has the derivative u and none beyond: Leibniz's rule has two terms
            here, before = after, here
            y = np.where(degrees == k + 1, here[self.order], y)
        return y

    def d_x(self, x: Any, n: Any) -> Any:
        return type(self)(self.order + 1)(x, n)


# ---------------------------------------------------------------------- Chebyshev's


class ChebyshevPolynomialT(Polynomial):
    """y = Tₙ(x), with cos nθ = Tₙ(cos θ)"""

    symbol = "T"
    kernel = "chebyshev_polynomial_t_cpu"
    first = (1, 0)

    def step(self, k: int) -> Step:
        return 2, 0, 1


class ChebyshevPolynomialU(ChebyshevPolynomialT):
    """y = Uₙ(x), with sin (n + 1)θ = sin θ · Uₙ(cos θ)"""

    symbol = "U"
    kernel = "chebyshev_polynomial_u_cpu"
    first = (2, 0)


class ChebyshevPolynomialV(ChebyshevPolynomialT):
    """y = Vₙ(x), with cos (n + ½)θ = cos ½θ · Vₙ(cos θ)"""

    symbol = "V"
    kernel = "chebyshev_polynomial_v_cpu"
    first = (2, -1)


class ChebyshevPolynomialW(ChebyshevPolynomialT):
    """y = Wₙ(x), with sin (n + ½)θ = sin ½θ · Wₙ(cos θ)"""

    symbol = "W"
    kernel = "chebyshev_polynomial_w_cpu"
    first = (2, 1)


class ShiftedChebyshevPolynomialT(Polynomial):
    """y = Tₙ(2x − 1)"""

    symbol = "T*"
    kernel = "shifted_chebyshev_polynomial_t_cpu"
    first = (2, -1)

    def step(self, k: int) -> Step:
        return 4, -2, 1


class ShiftedChebyshevPolynomialU(ShiftedChebyshevPolynomialT):
    """y = Uₙ(2x − 1)"""

    symbol = "U*"
    kernel = "shifted_chebyshev_polynomial_u_cpu"
    first = (4, -2)


class ShiftedChebyshevPolynomialV(ShiftedChebyshevPolynomialT):
    """y = Vₙ(2x − 1)"""

    symbol = "V*"
    kernel = "shifted_chebyshev_polynomial_v_cpu"
    first = (4, -3)


class ShiftedChebyshevPolynomialW(ShiftedChebyshevPolynomialT):
    """y = Wₙ(2x − 1)"""

    symbol = "W*"
    kernel = "shifted_chebyshev_polynomial_w_cpu"
    first = (4, -1)


# ---------------------------------------------------------------------- Hermite's, Laguerre's, Legendre's


class HermitePolynomialH(Polynomial):
    """y = Hₙ(x), orthogonal under the weight e^(−x²)"""

    symbol = "H"
    kernel = "hermite_polynomial_h_cpu"
    first = (2, 0)

    def step(self, k: int) -> Step:
        return 2, 0, 2 * k


class HermitePolynomialHe(Polynomial):
    """y = Heₙ(x), orthogonal under the weight e^(−x²/2)"""

    symbol = "He"
    kernel = "hermite_polynomial_he_cpu"
    first = (1, 0)

    def step(self, k: int) -> Step:
        return 1, 0, k


class LaguerrePolynomialL(Polynomial):
    """y = Lₙ(x), orthogonal under the weight e⁻ˣ on x > 0"""

    symbol = "L"
    kernel = "laguerre_polynomial_l_cpu"
    first = (-1, 1)

    def step(self, k: int) -> Step:
        return -1 / (k + 1), (2 * k + 1) / (k + 1), k / (k + 1)


class LegendrePolynomialP(Polynomial):
    """y = Pₙ(x), orthogonal on −1 < x < 1"""

    symbol = "P"
    kernel = "legendre_polynomial_p_cpu"
    first = (1, 0)

    def step(self, k: int) -> Step:
        return (2 * k + 1) / (k + 1), 0, k / (k + 1)
