"""Rprop (Riedmiller & Braun, 1993) and averaged SGD (Polyak & Juditsky, 1992)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops.choice import maximum, minimum
from ..ops.logic import where
from ..ops.scalar import sign
from .optimizer import Group, Optimizer, number, require_at_least

if TYPE_CHECKING:
    from .telling import Reading, Terms


class Rprop(Optimizer):
    """Each entry has a step size of its own, which grows while its gradient keeps its sign and shrinks when it turns.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.Rprop([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.9000], requires_grad=True)
    """

    state_names = ("prev", "step_size")

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        require_at_least(0, {"learning rate": lr})
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(
            params,
            dict(
                lr=lr,
                etas=etas,
                step_sizes=step_sizes,
                foreach=foreach,
                maximize=maximize,
                differentiable=differentiable,
                capturable=capturable,
            ),
        )

    def initial(self, name: str, p: np.ndarray, group: Group) -> Any:
        return number(group["lr"]) if name == "step_size" else 0

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        (less, more), (low, high) = group["etas"], group["step_sizes"]
        size, before = s["step_size"], s["prev"]
        turned = np.sign(g * before)
        factor = np.where(
            turned > 0, np.array(more, g.dtype), np.where(turned < 0, np.array(less, g.dtype), np.array(1, g.dtype))
        )
        np.clip(size * factor, low, high, out=size)
        g = np.where(turned < 0, np.array(0, g.dtype), g)
        before[...] = g
        return np.sign(g) * size

    def terms(self, on: Reading) -> Terms:
        (less, more), before = on["etas"], on.state["prev"]
        low, high = on.group["step_sizes"]
        turned = yield "±", sign(on.g * before)
        factor = where(turned > 0, more, where(turned < 0, less, 1))
        size = yield "σ", minimum(maximum(on.state["step_size"] * factor, low), high)
        g = yield "g", where(turned < 0, 0, on.g)
        yield "Δ", sign(g) * size


class ASGD(Optimizer):
    """SGD that also keeps the average of the parameters, in ``state[p]["ax"]``.

    >>> w = torch.tensor([1.0], requires_grad=True)
    >>> optimizer = torch.optim.ASGD([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([0.8000], requires_grad=True)
    """

    state_names = ("ax",)
    state_numbers = ("eta", "mu")  # the rates of the next step

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        require_at_least(0, {"learning rate": lr, "weight_decay value": weight_decay})
        super().__init__(
            params,
            dict(
                lr=lr,
                lambd=lambd,
                alpha=alpha,
                t0=t0,
                weight_decay=weight_decay,
                foreach=foreach,
                maximize=maximize,
                differentiable=differentiable,
                capturable=capturable,
            ),
        )

    def initial_number(self, name: str, group: Group) -> float:
        return number(group["lr"]) if name == "eta" else 1.0

    def advance(self, numbers: dict[str, float], group: Group, t: int) -> dict[str, float]:
        """Step t uses η and μ as step t − 1 left them, and leaves η = lr/(1 + λ·lr·t)^α and μ = 1/max(1, t − t₀)."""
        used, lr = dict(numbers), number(group["lr"])
        numbers["eta"] = lr / (1 + group["lambd"] * lr * t) ** group["alpha"]
        numbers["mu"] = 1 / max(1, t - group["t0"])
        return used

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, Any], group: Group, t: int) -> np.ndarray:
        if group["weight_decay"]:
            g = g + group["weight_decay"] * p
        eta, mu = s["eta"], s["mu"]
        step = (group["lambd"] * eta) * p + eta * g
        average = s["ax"]
        average += mu * ((p - step) - average)
        return step

    def terms(self, on: Reading) -> Terms:
        g, eta = on.g, on.state["eta"]
        if on.group["weight_decay"]:
            g = yield "g", g + on["weight_decay"] * on.p
        step = yield "d", on["lambd"] * eta * on.p + eta * g
        yield "a", on.state["ax"] + on.state["mu"] * (on.p - step - on.state["ax"])
        yield "Δ", step
