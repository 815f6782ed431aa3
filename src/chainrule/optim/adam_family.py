"""Relatives of Adam: Adamax (Kingma & Ba, 2015, section 7), NAdam (Dozat, 2016), RAdam (Liu et al., 2020, arXiv:1908.03265)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops.choice import maximum
from ..ops.scalar import sqrt as root
from .optimizer import Group, Optimizer, check_betas, number, require_at_least

if TYPE_CHECKING:
    from .telling import Reading, Terms


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
        return number(group["lr"]) / (1 - beta1**t) * (m / u)

    def terms(self, on: Reading) -> Terms:
        beta1, beta2 = on["betas"]
        g = on.g
        if on.group["weight_decay"]:
            g = yield "g", g + on["weight_decay"] * on.p
        m = yield "m", beta1 * on.state["exp_avg"] + (1 - beta1) * g
        u = yield "u", maximum(beta2 * on.state["exp_inf"], abs(g) + on["eps"])
        m_hat = yield "m̂", m / (1 - beta1**on.t)
        yield "Δ", on["lr"] * m_hat / u


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
        lr, (beta1, beta2), decay = number(group["lr"]), group["betas"], group["weight_decay"]
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

    def terms(self, on: Reading) -> Terms:
        (beta1, beta2), decoupled = on["betas"], on.group["decoupled_weight_decay"]
        p, g = on.p, on.g
        if on.group["weight_decay"]:
            if decoupled:
                p = on["lr"] * on["weight_decay"] * p
            else:
                g = yield "g", g + on["weight_decay"] * p
        mu = yield "μₜ", beta1 * (1 - 0.5 * 0.96 ** (on.t * on["momentum_decay"]))
        after = yield "μₜ₊₁", beta1 * (1 - 0.5 * 0.96 ** ((on.t + 1) * on["momentum_decay"]))
        m = yield "m", beta1 * on.state["exp_avg"] + (1 - beta1) * g
        v = yield "v", beta2 * on.state["exp_avg_sq"] + (1 - beta2) * g**2
        product = on.state["mu_product"]
        m_hat = yield "m̂", after * m / (1 - product * after) + (1 - mu) * g / (1 - product)
        v_hat = yield "v̂", v / (1 - beta2**on.t)
        step = on["lr"] * m_hat / (root(v_hat) + on["eps"])
        yield "Δ", step + p if on.group["weight_decay"] and decoupled else step


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
        lr, (beta1, beta2), decay = number(group["lr"]), group["betas"], group["weight_decay"]
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
            rectified = ((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)) ** 0.5
            step *= rectified * (1 - beta2**t) ** 0.5 / (np.sqrt(v) + group["eps"])
        step = lr * step
        return step + lr * decay * p if decay and group["decoupled_weight_decay"] else step

    def terms(self, on: Reading) -> Terms:
        (beta1, beta2), decoupled = on["betas"], on.group["decoupled_weight_decay"]
        g = on.g
        if on.group["weight_decay"] and not decoupled:
            g = yield "g", g + on["weight_decay"] * on.p
        m = yield "m", beta1 * on.state["exp_avg"] + (1 - beta1) * g
        v = yield "v", beta2 * on.state["exp_avg_sq"] + (1 - beta2) * g**2
        step = yield "m̂", m / (1 - beta1**on.t)
        limit = yield "ρ∞", 2 / (1 - beta2) - 1
        rho = yield "ρₜ", limit - 2 * on.t * beta2**on.t / (1 - beta2**on.t)
        if self.tractable(on.group, on.count):
            v_hat = yield "v̂", v / (1 - beta2**on.t)
            r = yield "r", root((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
            step = r * step / (root(v_hat) + on["eps"] / root(1 - beta2**on.t))
        step = on["lr"] * step
        yield "Δ", step + on["lr"] * on["weight_decay"] * on.p if on.group["weight_decay"] and decoupled else step

    def tractable(self, group: Group, t: int) -> bool:
        """Whether the variance of v can be known at step ``t``: ρₜ > 5."""
        beta2 = group["betas"][1]
        return 2 / (1 - beta2) - 1 - 2 * t * beta2**t / (1 - beta2**t) > 5.0
