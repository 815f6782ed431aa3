"""Relatives of Adam: Adamax (Kingma & Ba, 2015, section 7), NAdam (Dozat, 2016), RAdam (Liu et al., 2020, arXiv:1908.03265)."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from .optimizer import Group, Optimizer, check_betas, require_at_least


class Adamax(Optimizer):
    """θ ← θ − lr/(1−β₁ᵗ) · m / u, with m ← β₁m + (1−β₁)g and u ← max(β₂u, |g| + ε).

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adamax([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.9000], requires_grad=True)
    """

    state_names = ("exp_avg", "exp_inf")

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        require_at_least(0, {"learning rate": lr, "epsilon value": eps, "weight_decay value": weight_decay})
        check_betas(betas)
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                foreach=foreach,
                maximize=maximize,
                differentiable=differentiable,
                capturable=capturable,
            ),
        )

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        beta1, beta2 = group["betas"]
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        m, u = s["exp_avg"], s["exp_inf"]
        m += (1 - beta1) * (g - m)
        np.maximum(beta2 * u, np.abs(g) + group["eps"], out=u)
        return float(group["lr"]) / (1 - beta1**t) * (m / u)


class NAdam(Optimizer):
    """Adam with Nesterov's momentum: the step uses μₜ₊₁ m/(1−Πμ) + (1−μₜ) g/(1−Πμ) in place of m̂.

    μₜ = β₁ (1 − ½ · 0.96^(t · momentum_decay)); v as in Adam.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.NAdam([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.8944], requires_grad=True)
    """

    state_names = ("exp_avg", "exp_avg_sq")
    state_numbers = ("mu_product",)

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_at_least(
            0,
            {
                "learning rate": lr,
                "epsilon value": eps,
                "weight_decay value": weight_decay,
                "momentum_decay value": momentum_decay,
            },
        )
        check_betas(betas)
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                momentum_decay=momentum_decay,
                decoupled_weight_decay=decoupled_weight_decay,
                maximize=maximize,
                foreach=foreach,
                capturable=capturable,
                differentiable=differentiable,
            ),
        )

    def momentum(self, group: Group, t: int) -> float:
        return group["betas"][0] * (1.0 - 0.5 * 0.96 ** (t * group["momentum_decay"]))

    def advance(self, numbers: dict[str, float], group: Group, t: int) -> dict[str, float]:
        numbers["mu_product"] *= self.momentum(group, t)
        return numbers

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, Any], group: Group, t: int) -> np.ndarray:
        lr, (beta1, beta2), decay = float(group["lr"]), group["betas"], group["weight_decay"]
        shrink = 0.0
        if decay:
            if group["decoupled_weight_decay"]:
                shrink = lr * decay
            else:
                g = g + decay * p
        mu, after, product = self.momentum(group, t), self.momentum(group, t + 1), s["mu_product"]
        m, v = s["exp_avg"], s["exp_avg_sq"]
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * (g * g)
        root = np.sqrt(v / (1 - beta2**t)) + group["eps"]
        x = p * (1 - shrink) if shrink else p
        step = lr * (1 - mu) / (1 - product) * (g / root) + lr * after / (1 - product * after) * (m / root)
        return step + (p - x) if shrink else step


class RAdam(Optimizer):
    """Adam whose adaptive step waits until the variance of v is tractable: ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ) > 5.

    Before that, θ ← θ − lr · m̂; after it, Adam's step times √((ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ)).

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.RAdam([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.8000], requires_grad=True)
    """

    state_names = ("exp_avg", "exp_avg_sq")

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_at_least(0, {"learning rate": lr, "epsilon value": eps, "weight_decay value": weight_decay})
        check_betas(betas)
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                maximize=maximize,
                foreach=foreach,
                capturable=capturable,
                decoupled_weight_decay=decoupled_weight_decay,
                differentiable=differentiable,
            ),
        )

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        lr, (beta1, beta2), decay = float(group["lr"]), group["betas"], group["weight_decay"]
        if decay and not group["decoupled_weight_decay"]:
            g = g + decay * p
        m, v = s["exp_avg"], s["exp_avg_sq"]
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * (g * g)
        step = m / (1 - beta1**t)
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
        if rho > 5.0:
            rectified = sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
            step *= rectified * sqrt(1 - beta2**t) / (np.sqrt(v) + group["eps"])
        step = lr * step
        return step + lr * decay * p if decay and group["decoupled_weight_decay"] else step
