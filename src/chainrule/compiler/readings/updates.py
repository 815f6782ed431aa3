"""Optimizers' rules that are written for arrays in memory, or that machine code does in another way."""

from __future__ import annotations

from typing import Any

from ...ops.choice import maximum, minimum
from ...ops.logic import where
from ...ops.scalar import sign, sqrt
from ...optim.adam import Adam
from ...optim.rprop import Rprop
from ..entrywise import quotient
from ..registry import update
from ..symbolic import Sym

MUCH = 1e-11  # an ε beside which the root of a number that float32 has no normal one for is less than its rounding


@update(Rprop.update)
def rprop(p: Sym, g: Sym, s: dict[str, Sym], group: Any, t: Any) -> Sym:
    """A step of a size of its own for each entry: η₊ times as large where g keeps its sign, η₋ times where it turned."""
    (less, more), (low, high) = group["etas"], group["step_sizes"]
    size, before = s["step_size"], s["prev"]
    turned = g * before
    factor = where(turned > 0, more, where(turned < 0, less, 1.0))
    size.into(minimum(maximum(size * factor, low), high))
    g = where(turned < 0, 0.0, g)
    before.into(g)
    return sign(g) * size


@update(Adam.update)
def adam(p: Sym, g: Sym, s: dict[str, Sym], group: Any, t: Any) -> Sym:
    """lr · m̂ / (√v̂ + ε), with one division by machine code instead of two by the processor's divider."""
    lr, (beta1, beta2), decay = group["lr"], group["betas"], group["weight_decay"]
    if decay and not group["decoupled_weight_decay"]:
        g = g + decay * p
    m, v = s["exp_avg"], s["exp_avg_sq"]
    m.into(m + (1 - beta1) * (g - m))
    v.into(v * beta2 + (1 - beta2) * (g * g))
    if group["amsgrad"]:
        s["max_exp_avg_sq"].into(v := maximum(s["max_exp_avg_sq"], v))
    root = sqrt(v) * (1 / (1 - beta2**t) ** 0.5) + group["eps"]
    step = (quotient(m, root) if group["eps"] > MUCH else m / root) * (lr / (1 - beta1**t))
    return step + lr * decay * p if decay and group["decoupled_weight_decay"] else step
