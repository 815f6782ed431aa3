"""Stochastic gradient descent, with momentum (Sutskever et al., 2013, "On the importance of initialization and momentum")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..tensors.tensor import Tensor
from . import machine
from .optimizer import Group, Optimizer, number

if TYPE_CHECKING:
    from .telling import Reading, Terms


class SGD(Optimizer):
    """θ ← θ − lr · b, where b ← μ·b + (1 − dampening)·g and g = ∇L + weight_decay·θ.

    With ``nesterov`` the step is g + μ·b. Without momentum the step is g itself.

    >>> w = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = torch.optim.SGD([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.8000, 1.6000], requires_grad=True)
    """

    counts_steps = False

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            dict(
                lr=lr,
                momentum=momentum,
                dampening=dampening,
                weight_decay=weight_decay,
                nesterov=nesterov,
                maximize=maximize,
                foreach=foreach,
                differentiable=differentiable,
                fused=fused,
            ),
        )

    def state_for(self, group: Group) -> tuple[str, ...]:
        return ("momentum_buffer",) if group["momentum"] else ()

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        momentum = group["momentum"]
        if momentum:
            b = s["momentum_buffer"]
            if t == 1:
                b[...] = g
            else:
                b *= momentum
                b += (1 - group["dampening"]) * g
            g = g + momentum * b if group["nesterov"] else b
        return g * number(group["lr"])

    def in_machine_code(self, group: Group, t: int) -> machine.Told:
        mu, decay, lr = group["momentum"], group["weight_decay"], number(group["lr"])
        if not mu:
            return machine.Told(machine.descent, (lr, decay))
        keep, new = (0.0, 1.0) if t == 1 else (mu, 1 - group["dampening"])
        of_gradient, of_velocity = (1.0, mu) if group["nesterov"] else (0.0, 1.0)
        return machine.Told(machine.momentum, (keep, new, of_gradient, lr, of_velocity, decay))

    def terms(self, on: Reading) -> Terms:
        g = on.g
        if on.group["weight_decay"]:
            g = yield "g", g + on["weight_decay"] * on.p
        if on.group["momentum"]:
            b = on.state["momentum_buffer"]
            b = yield "b", g if on.count == 1 else on["momentum"] * b + (1 - on["dampening"]) * g
            g = (yield "d", g + on["momentum"] * b) if on.group["nesterov"] else b
        yield "Δ", on["lr"] * g

    def update_group(self, group: Group, params: list[Tensor]) -> None:
        """Without momentum or decay there is nothing to pack: one product and one difference for each small parameter."""
        plain = not (group["momentum"] or group["weight_decay"] or group["maximize"])
        for p in params:
            if not plain or p.array.size > 4096:
                super().update_group(group, params)
                return
        lr = number(group["lr"])
        for p in params:
            x, g = p.array, p._grad.array
            np.subtract(x, g * np.array(lr, g.dtype), x)
            p.version[0] += 1
