"""Adafactor (Shazeer & Stern, 2018, arXiv:1804.04235): Adam's division by √v̂, with v kept as its row and column means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.errors import message
from ..graph.expr import Apply, Expr, Named
from ..graph.value import Value
from ..ops.choice import maximum, minimum
from ..ops.reduce import Mean
from ..ops.scalar import sqrt
from .optimizer import Group
from .whole import WholeOptimizer, rms

if TYPE_CHECKING:
    from .telling import Reading, Terms


class Adafactor(WholeOptimizer):
    """θ ← θ − lr·λ·θ − α · U / max(1, RMS(U)/d), with U = g/√V and α = max(ε₂, RMS(θ)) · min(lr, 1/√t)

    Of a matrix of n × m entries the second moment is kept as n + m numbers: V = R C / mean(R), where R and C are running
    means of g² along its rows and columns, R ← R + t^τ · (mean g² − R). τ = ``beta2_decay`` < 0 makes them forget ever less.

    >>> w = torch.ones(2, 3, requires_grad=True)
    >>> optimizer = torch.optim.Adafactor([w], lr=0.1)
    >>> (w ** 2).sum().backward(); optimizer.step(); w[0]
    tensor([0.9000, 0.9000, 0.9000], grad_fn=<SelectBackward0>)
    >>> {name: tuple(value.shape) for name, value in optimizer.state[w].items()}
    {'step': (), 'row_var': (2, 1), 'col_var': (1, 3)}
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        if isinstance(lr, Value) and lr.array.size != 1:
            raise ValueError("Tensor lr must be 1-element")
        for name, value, fits, bound in (
            ("Learning rate", lr, lr >= 0, ">= 0"),
            ("beta2_decay", beta2_decay, beta2_decay <= 0, "<= 0"),
            ("epsilon1", eps[0], eps[0] is None or eps[0] >= 0, ">= 0"),
            ("epsilon2", eps[1], eps[1] >= 0, ">= 0"),
            ("Clipping threshold d", d, d >= 1, ">= 1"),
            ("weight_decay", weight_decay, weight_decay >= 0, ">= 0"),
        ):
            if not fits:
                raise ValueError(message(f"{name} should be {bound} but is: {value}", instead=HELP.get(name, "")))
        super().__init__(
            params,
            dict(
                lr=lr,
                beta2_decay=beta2_decay,
                eps=eps,
                d=d,
                weight_decay=weight_decay,
                foreach=foreach,
                maximize=maximize,
            ),
        )

    def fresh(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        if p.ndim < 2:
            return {"variance": np.zeros_like(p)}
        return {"row_var": np.zeros_like(p[..., :1]), "col_var": np.zeros_like(p[..., :1, :])}

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        lr, eps1, eps2 = float(group["lr"]), epsilon(group, p), group["eps"][1]
        share, squares = t ** group["beta2_decay"], g * g
        if "variance" in s:
            v = s["variance"]
            v += share * (squares - v)
        else:
            row, column = s["row_var"], s["col_var"]
            row += share * (squares.mean(-1, keepdims=True) - row)
            column += share * (squares.mean(-2, keepdims=True) - column)
            v = (row @ column) / np.maximum(row.mean(-2, keepdims=True), np.array(eps1, p.dtype))
        u = g / np.sqrt(np.maximum(v, np.array(eps1 * eps1, p.dtype)))
        rate = max(eps2, float(rms(p))) * min(lr, t**-0.5)
        step = rate / max(1.0, float(rms(u)) / group["d"]) * u
        return step + lr * group["weight_decay"] * p if group["weight_decay"] else step

    def terms(self, on: Reading) -> Terms:
        t, lowest = on.t, on["eps"][0]
        if lowest is None:
            lowest = epsilon(on.group, on.group["params"][0].array)
        share = yield "β̃", t ** on["beta2_decay"]
        if "variance" in on.state:
            v = yield "V", on.state["variance"] + share * (on.g**2 - on.state["variance"])
        else:
            before = on.state["row_var"], on.state["col_var"]
            row = yield "R", before[0] + share * (along_rows(on.g**2) - before[0])
            column = yield "C", before[1] + share * (along_columns(on.g**2) - before[1])
            v = yield "V", row @ column / maximum(along_columns(row), lowest)
        u = yield "U", on.g / sqrt(maximum(v, lowest**2))
        rate = yield "α", maximum(on["eps"][1], sqrt(mean(on.p**2))) * minimum(on["lr"], 1 / t**0.5)
        clipped = yield "Û", u / maximum(1.0, sqrt(mean(u**2)) / on["d"])
        decay = on["lr"] * on["weight_decay"] * on.p if on.group["weight_decay"] else 0
        yield "Δ", decay + rate * clipped


HELP = {
    "beta2_decay": "a negative power of the step, as -0.8: the share of the newest gradient is t ** beta2_decay",
    "Clipping threshold d": "1.0: steps whose root mean square exceeds d are made shorter",
}

mean = Mean(None, False)


def along_rows(x: Any) -> Any:
    """The mean of each row."""
    return Apply(Named("rowmean"), x) if isinstance(x, Expr) else x.mean(-1, keepdims=True)


def along_columns(x: Any) -> Any:
    """The mean of each column."""
    return Apply(Named("colmean"), x) if isinstance(x, Expr) else x.mean(-2, keepdims=True)


def epsilon(group: Group, p: np.ndarray) -> float:
    """ε₁, which is the dtype's own where it is not given."""
    given = group["eps"][0]
    return float(np.finfo(p.dtype).eps if p.dtype.kind == "f" else 2.0**-7) if given is None else given
