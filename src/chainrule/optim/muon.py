"""Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon): steps that are orthogonal matrices."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.dtypes import bfloat16
from ..base.errors import message
from ..graph.expr import Apply, Expr, Named
from ..graph.value import Value
from ..tensors.tensor import Tensor
from .optimizer import Group
from .whole import WholeOptimizer

if TYPE_CHECKING:
    from .telling import Reading, Terms

Coefficients = tuple[float, float, float]


class Muon(WholeOptimizer):
    """θ ← θ − lr·λ·θ − lr · r · O, with O ≈ U Vᵀ for the momentum b = U Σ Vᵀ: every singular value becomes about 1

    b ← b + (1 − μ)(g − b), and with ``nesterov`` O is made of g + μ(b − g). It is for matrices, of shape (n, m), of hidden
    layers. r = √max(1, n/m), or for ``adjust_lr_fn="match_rms_adamw"`` 0.2 √max(n, m) (Liu et al., 2025, arXiv:2502.16982).

    >>> w = torch.tensor([[3.0, 0.0], [0.0, 1.0]], requires_grad=True)
    >>> optimizer = torch.optim.Muon([w], lr=0.1, weight_decay=0)
    >>> (w ** 2).sum().backward(); optimizer.step(); w
    tensor([[2.9250, 0.0000],
            [0.0000, 0.8867]], requires_grad=True)
    """

    counts_steps = False

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: Coefficients = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        if isinstance(lr, Value) and lr.array.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        for name, value in (("Learning rate", lr), ("momentum", momentum), ("weight decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"{name} should be >= 0 but is: {value}")
        if adjust_lr_fn not in (None, *RATES):
            raise ValueError(
                message(
                    f"Adjust learning rate function {adjust_lr_fn} is not supported", instead=" or ".join(map(repr, RATES))
                )
            )
        super().__init__(
            params,
            dict(
                lr=lr,
                weight_decay=weight_decay,
                momentum=momentum,
                nesterov=nesterov,
                ns_coefficients=ns_coefficients,
                eps=eps,
                ns_steps=ns_steps,
                adjust_lr_fn=adjust_lr_fn,
            ),
        )

    def add_param_group(self, param_group: Group) -> None:
        super().add_param_group(param_group)
        for p in self.param_groups[-1]["params"]:
            if p.ndim != 2:
                raise ValueError(
                    message(
                        f"Muon only supports 2D parameters whereas we found a parameter with size: {p.size()}",
                        "its steps are orthogonal matrices",
                        "Muon([p for p in model.parameters() if p.ndim == 2], …), and AdamW for the others",
                    )
                )

    def update_group(self, group: Group, params: list[Tensor]) -> None:
        if group["ns_steps"] >= 100:
            raise ValueError("Number of steps must be less than 100 for computational efficiency")
        if len(group["ns_coefficients"]) != 3:
            raise ValueError("Coefficients must be a tuple of exactly 3 values")
        super().update_group(group, params)

    def fresh(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        return {"momentum_buffer": np.zeros_like(p)}

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        b, lr, momentum = s["momentum_buffer"], float(group["lr"]), group["momentum"]
        b += (1 - momentum) * (g - b)
        o = orthogonal(g + momentum * (b - g) if group["nesterov"] else b, group)
        return lr * RATES[group["adjust_lr_fn"] or "original"](*p.shape) * o + lr * group["weight_decay"] * p

    def terms(self, on: Reading) -> Terms:
        b = yield "b", on.state["momentum_buffer"] + (1 - on["momentum"]) * (on.g - on.state["momentum_buffer"])
        if on.group["nesterov"]:
            b = yield "b̃", on.g + on["momentum"] * (b - on.g)
        o = yield "O", orthogonal(b, on.group)
        rate = RATES[on.group["adjust_lr_fn"] or "original"](*on.group["params"][0].shape)
        decay = on["lr"] * on["weight_decay"] * on.p if on.group["weight_decay"] else 0
        yield "Δ", on["lr"] * rate * o + decay


# How much larger a step an n × m matrix gets, by the name of the rule.
RATES = {
    "original": lambda n, m: sqrt(max(1, n / m)),
    "match_rms_adamw": lambda n, m: 0.2 * sqrt(max(n, m)),
}


def orthogonal(b: Any, group: Group) -> Any:
    """NSₖ: X ← a X + (b A + c A²) X with A = X Xᵀ, k times from X = b/‖b‖ (Newton and Schulz), rounded to bfloat16

    Each round moves every singular value s of X to a s + b s³ + c s⁵, which with the usual coefficients ends up near 1.
    """
    if isinstance(b, Expr):
        return Apply(Named(f"NS{str(group['ns_steps']).translate(SUBSCRIPTS)}", rf"\mathrm{{NS}}_{{{group['ns_steps']}}}"), b)
    first, second, third = map(np.float32, group["ns_coefficients"])
    x = rounded(b)
    upright = x.shape[0] > x.shape[1]
    x = x.T if upright else x
    length = max(float(rounded(np.sqrt((x * x).sum()))), group["eps"])
    x = rounded(x / np.float32(length))
    for _ in range(group["ns_steps"]):
        a = rounded(x @ x.T)
        x = rounded(first * x + rounded(second * a + third * (a @ a)) @ x)
    return (x.T if upright else x).astype(b.dtype)


SUBSCRIPTS = str.maketrans("0123456789-", "₀₁₂₃₄₅₆₇₈₉₋")


def rounded(x: Any) -> np.ndarray:
    """In float32, with the precision of bfloat16."""
    return np.asarray(x, np.float32).astype(bfloat16.numpy).astype(np.float32)
