"""RMSprop (Tieleman & Hinton, 2012, Coursera lecture 6.5; centred as in Graves, 2013, arXiv:1308.0850)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops.scalar import sqrt as root
from .optimizer import Group, Optimizer, number, require_at_least

if TYPE_CHECKING:
    from .telling import Reading, Terms


class RMSprop(Optimizer):
    """θ ← θ − lr · g / (√v + ε), with v ← αv + (1−α)g²; ``centered`` uses v − ḡ² in place of v.

    With ``momentum`` μ the step is lr · b, where b ← μb + g/(√v + ε).

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.RMSprop([w], lr=0.1, alpha=0.75)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_at_least(
            0,
            {
                "learning rate": lr,
                "epsilon value": eps,
                "momentum value": momentum,
                "weight_decay value": weight_decay,
                "alpha value": alpha,
            },
        )
        super().__init__(
            params,
            dict(
                lr=lr,
                momentum=momentum,
                alpha=alpha,
                eps=eps,
                centered=centered,
                weight_decay=weight_decay,
                capturable=capturable,
                foreach=foreach,
                maximize=maximize,
                differentiable=differentiable,
            ),
        )

    def state_for(self, group: Group) -> tuple[str, ...]:
        return (
            "square_avg",
            *(("momentum_buffer",) if group["momentum"] else ()),
            *(("grad_avg",) if group["centered"] else ()),
        )

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        alpha, v = group["alpha"], s["square_avg"]
        v *= alpha
        v += (1 - alpha) * (g * g)
        if group["centered"]:
            mean = s["grad_avg"]
            mean += (1 - alpha) * (g - mean)
            v = v - mean * mean
        step = g / (np.sqrt(v) + group["eps"])
        if group["momentum"]:
            b = s["momentum_buffer"]
            b *= group["momentum"]
            b += step
            step = b
        return step * number(group["lr"])

    def terms(self, on: Reading) -> Terms:
        g, alpha = on.g, on["alpha"]
        if on.group["weight_decay"]:
            g = yield "g", g + on["weight_decay"] * on.p
        v = yield "v", alpha * on.state["square_avg"] + (1 - alpha) * g**2
        if on.group["centered"]:
            mean = yield "ḡ", alpha * on.state["grad_avg"] + (1 - alpha) * g
            v = yield "v̂", v - mean**2
        step = yield "d", g / (root(v) + on["eps"])
        if on.group["momentum"]:
            step = yield "b", on["momentum"] * on.state["momentum_buffer"] + step
        yield "Δ", on["lr"] * step
