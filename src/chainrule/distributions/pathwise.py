"""How a sample of a gamma or beta distribution moves with its parameter, the randomness held fixed.

A sample x with F(x; α) = u moves so that u stays: dx/dα = −(∂F/∂α) / (∂F/∂x) (implicit reparameterization, Figurnov et
al., 2018). With the unnormalised density q, q(t)(∂ log q/∂α − E[…]) integrated from the left end to x is ∂F/∂α up to the
normalisation, which cancels; as the integral over everything is 0, the side on which x has less left over is taken.

The integrals run over w in e⁻ʷ, where they are smooth, by Gauss–Legendre quadrature in float64.
"""

from __future__ import annotations

import numpy as np

from ..ops.kernels import special

NODES, WEIGHTS = np.polynomial.legendre.leggauss(96)


def integral(f: object, length: np.ndarray) -> np.ndarray:
    """∫₀ˡ f(w) dw for each l; f takes w of shape (nodes, …)."""
    half = length / 2
    w = half * (NODES.reshape(-1, *[1] * length.ndim) + 1)
    return half * np.tensordot(WEIGHTS, f(w), 1)  # type: ignore[operator]


def gamma(x: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """dx/dα for a sample x of density x^(α−1) e⁻ˣ / Γ(α)."""
    x, a = np.asarray(x, np.float64), np.asarray(alpha, np.float64)
    mean_log = special.digamma(a)

    def below(w: np.ndarray) -> np.ndarray:  # t = x e^(−w/α)
        return np.exp(-w - x * np.expm1(-w / a)) * (np.log(x) - w / a - mean_log)

    def above(w: np.ndarray) -> np.ndarray:  # t = x + w
        return np.exp(-w + (a - 1) * np.log1p(w / x)) * (np.log(x) + np.log1p(w / x) - mean_log)

    spread = 40 + 12 * np.sqrt(a)
    with np.errstate(all="ignore"):
        return np.where(x <= a, -(x / a) * integral(below, spread), integral(above, spread))


def beta(x: np.ndarray, alpha: np.ndarray, other: np.ndarray) -> np.ndarray:
    """dx/dα for a sample x of density x^(α−1) (1 − x)^(β−1) / B(α, β)."""
    x, a, b = (np.asarray(v, np.float64) for v in (x, alpha, other))
    mean_log = special.digamma(a) - special.digamma(a + b)
    rest = 1 - x

    def below(w: np.ndarray) -> np.ndarray:  # t = x e^(−w/α)
        left = -np.expm1(np.log(x) - w / a)
        return np.exp(-w + (b - 1) * (np.log(left) - np.log(rest))) * (np.log(x) - w / a - mean_log)

    def above(w: np.ndarray) -> np.ndarray:  # 1 − t = (1 − x) e^(−w/β)
        log_t = np.log1p(-rest * np.exp(-w / b))
        return np.exp(-w + (a - 1) * (log_t - np.log(x))) * (log_t - mean_log)

    spread_below, spread_above = 40 + 12 * np.sqrt(a), 40 + 12 * np.sqrt(b)
    with np.errstate(all="ignore"):
        return np.where(
            x <= a / (a + b), -(x / a) * integral(below, spread_below), (rest / b) * integral(above, spread_above)
        )
