"""Adam (Kingma & Ba, 2015, arXiv:1412.6980) and AdamW (Loshchilov & Hutter, 2019, arXiv:1711.05101)."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops.choice import maximum
from ..ops.scalar import sqrt as root
from . import machine
from .optimizer import Group, Optimizer, number

if TYPE_CHECKING:
    from .telling import Reading, Terms


class Adam(Optimizer):
    """θ ← θ − lr · m̂ / (√v̂ + ε), with m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).

    ``amsgrad`` divides by the largest v so far (Reddi et al., 2018); ``weight_decay`` adds weight_decay·θ to g.

    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = torch.optim.Adam([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.9000, 1.9000], requires_grad=True)
    """

    decoupled = False  # whether weight decay shrinks θ directly (AdamW) or joins the gradient (Adam)

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        if not 0.0 <= lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not 0.0 <= eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for i, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        super().__init__(
            params,
            dict(
                lr=lr,
                betas=betas,
                eps=eps,
                weight_decay=weight_decay,
                amsgrad=amsgrad,
                maximize=maximize,
                foreach=foreach,
                capturable=capturable,
                differentiable=differentiable,
                fused=fused,
                decoupled_weight_decay=decoupled_weight_decay or self.decoupled,
            ),
        )

    def state_for(self, group: Group) -> tuple[str, ...]:
        return ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if group["amsgrad"] else ("exp_avg", "exp_avg_sq")

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        lr, (beta1, beta2) = number(group["lr"]), group["betas"]
        decay = group["weight_decay"]
        if decay and not group["decoupled_weight_decay"]:
            g = g + decay * p
        m, v = s["exp_avg"], s["exp_avg_sq"]
        m += (1 - beta1) * (g - m)
        v *= beta2
        v += (1 - beta2) * (g * g)
        if group["amsgrad"]:
            v = np.maximum(s["max_exp_avg_sq"], v, out=s["max_exp_avg_sq"])
        root = np.sqrt(v)
        root *= (1 - beta2**t) ** -0.5
        root += group["eps"]
        step = np.divide(m, root, root)
        step *= lr / (1 - beta1**t)
        if decay and group["decoupled_weight_decay"]:
            step += lr * decay * p
        return step

    def in_machine_code(self, group: Group, t: int) -> machine.Told | None:
        lr, (beta1, beta2), decay = number(group["lr"]), group["betas"], group["weight_decay"]
        if group["amsgrad"]:
            return None
        coupled, decoupled = (0.0, lr * decay) if group["decoupled_weight_decay"] else (decay, 0.0)
        size, root = lr / (1 - beta1**t), 1 / sqrt(1 - beta2**t)
        return machine.Told(machine.adam, (1 - beta1, beta2, 1 - beta2, size, root, group["eps"], coupled, decoupled))

    def terms(self, on: Reading) -> Terms:
        (beta1, beta2), decoupled = on["betas"], on.group["decoupled_weight_decay"]
        g = on.g
        if on.group["weight_decay"] and not decoupled:
            g = yield "g", g + on["weight_decay"] * on.p
        m = yield "m", beta1 * on.state["exp_avg"] + (1 - beta1) * g
        v = yield "v", beta2 * on.state["exp_avg_sq"] + (1 - beta2) * g**2
        if on.group["amsgrad"]:
            v = yield "v̄", maximum(on.state["max_exp_avg_sq"], v)
        m_hat = yield "m̂", m / (1 - beta1**on.t)
        v_hat = yield "v̂", v / (1 - beta2**on.t)
        step = on["lr"] * m_hat / (root(v_hat) + on["eps"])
        yield "Δ", step + on["lr"] * on["weight_decay"] * on.p if on.group["weight_decay"] and decoupled else step


class AdamW(Adam):
    """Adam whose weight decay shrinks θ by lr · weight_decay · θ, apart from the gradient's moments."""

    decoupled = True

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,  # programs ask for it by inspect.signature
    ) -> None:
        how = dict(maximize=maximize, foreach=foreach, capturable=capturable, differentiable=differentiable, fused=fused)
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, **how)  # type: ignore[arg-type]
