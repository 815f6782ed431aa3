"""Adagrad (Duchi, Hazan & Singer, 2011) and Adadelta (Zeiler, 2012, arXiv:1212.5701)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops.scalar import sqrt as root
from .optimizer import Group, Optimizer, number, require_at_least

if TYPE_CHECKING:
    from .telling import Reading, Terms


class Adagrad(Optimizer):
    """θ ← θ − lr/(1 + (t−1)·lr_decay) · g / (√Σg² + ε): directions often travelled get shorter steps.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adagrad([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.9000], requires_grad=True)
    """

    state_names = ("sum",)

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        require_at_least(
            0,
            {
                "learning rate": lr,
                "lr_decay value": lr_decay,
                "weight_decay value": weight_decay,
                "initial_accumulator_value value": initial_accumulator_value,
                "epsilon value": eps,
            },
        )
        super().__init__(
            params,
            dict(
                lr=lr,
                lr_decay=lr_decay,
                eps=eps,
                weight_decay=weight_decay,
                initial_accumulator_value=initial_accumulator_value,
                foreach=foreach,
                maximize=maximize,
                differentiable=differentiable,
                fused=fused,
            ),
        )
        for group in self.param_groups:  # PyTorch shows this state from the start
            for p in group["params"]:
                self.show_state(p, group)

    def initial(self, name: str, p: np.ndarray, group: Group) -> Any:
        return group["initial_accumulator_value"]

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        total = s["sum"]
        total += g * g
        lr = number(group["lr"]) / (1 + (t - 1) * group["lr_decay"])
        return lr * g / (np.sqrt(total) + group["eps"])

    def terms(self, on: Reading) -> Terms:
        g = on.g
        if on.group["weight_decay"]:
            g = yield "g", g + on["weight_decay"] * on.p
        total = yield "s", on.state["sum"] + g**2
        lr = on["lr"]
        if on.group["lr_decay"]:
            lr = yield "lrₜ", lr / (1 + (on.t - 1) * on["lr_decay"])
        yield "Δ", lr * g / (root(total) + on["eps"])


class Adadelta(Optimizer):
    """θ ← θ − lr · Δ, Δ = √(u + ε)/√(v + ε) · g, with v ← ρv + (1−ρ)g² and u ← ρu + (1−ρ)Δ².

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Adadelta([w], lr=1.0)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.9968], requires_grad=True)
    """

    state_names = ("square_avg", "acc_delta")

    def __init__(
        self,
        params: Any,
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_at_least(0, {"learning rate": lr, "epsilon value": eps, "weight_decay value": weight_decay})
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        super().__init__(
            params,
            dict(
                lr=lr,
                rho=rho,
                eps=eps,
                weight_decay=weight_decay,
                maximize=maximize,
                capturable=capturable,
                foreach=foreach,
                differentiable=differentiable,
            ),
        )

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        rho, eps = group["rho"], group["eps"]
        v, u = s["square_avg"], s["acc_delta"]
        v *= rho
        v += (1 - rho) * (g * g)
        delta = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u *= rho
        u += (1 - rho) * (delta * delta)
        return delta * number(group["lr"])

    def terms(self, on: Reading) -> Terms:
        g, rho, eps = on.g, on["rho"], on["eps"]
        if on.group["weight_decay"]:
            g = yield "g", g + on["weight_decay"] * on.p
        u = on.state["acc_delta"]
        v = yield "v", rho * on.state["square_avg"] + (1 - rho) * g**2
        d = yield "d", root(u + eps) / root(v + eps) * g
        yield "u", rho * u + (1 - rho) * d**2
        yield "Δ", on["lr"] * d
