"""The rules of SGD and of Adam as machine code, for large parameters: one loop over memory for all of a step.

Each says what the optimizer's own `update` says, which the tests hold them to.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from ..native import KINDS, Kernel, kernels, parameters

LEAST, STEP = 1 << 13, 1 << 14  # entries from which it pays to have it made, and of a piece


def run(rule: Any, x: np.ndarray, g: np.ndarray, state: list[np.ndarray], *numbers: float) -> bool:
    """Update the parameter x and the state, lines of memory that belong together, in place; False where that has to be done
    in NumPy.

    A gradient may be any array that a program assigned: one number seen from everywhere, every second entry of another,
    the parameter itself.
    """
    kind = x.dtype
    if kind.char not in KINDS or g.dtype != kind or g.size != x.size or not kernels.ready():
        return False
    if not (x.flags.carray and g.flags.c_contiguous) or np.may_share_memory(x, g):
        return False
    rule(kind.char).share(-(-x.size // STEP), x, g, *state, *numbers, x.size)
    return True


@cache
def adam(char: str) -> Kernel:
    """m += a (g − m), v = β₂ v + b g², x −= s m / (r √v + ε) + d x, where g has had c x added to it

    With one division for each entry this is as fast as memory; with √v / r it took 148 µs for 392,000 entries instead of 113.
    """
    kind, width = KINDS[char]

    def adam(k, x, g, m, v, a, beta2, b, s, r, eps, c, d, n, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.entries_of(piece, STEP, n, width):
            p = x[i]
            upstream = k.fma(p, c, g[i])
            mean = k.fma(upstream - m[i], a, m[i])
            square = k.fma(upstream * upstream, b, v[i] * beta2)
            m[i] = mean
            v[i] = square
            step = mean / k.fma(k.sqrt(square), r, eps) * s
            x[i] = p - k.fma(p, d, step)

    names = parameters(f"{kind}*: x g m v", f"{kind}: a beta2 b s r eps c d", "i64: n")
    return Kernel(adam, names, f"adam_{kind}")


@cache
def descent(char: str) -> Kernel:
    """x −= s (g + c x)"""
    kind, width = KINDS[char]

    def descent(k, x, g, s, c, n, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.entries_of(piece, STEP, n, width):
            p = x[i]
            x[i] = p - k.fma(p, c, g[i]) * s

    return Kernel(descent, parameters(f"{kind}*: x g", f"{kind}: s c", "i64: n"), f"descent_{kind}")


@cache
def momentum(char: str) -> Kernel:
    """b = μ b + a g, x −= s (b + ν g), where g has had c x added to it"""
    kind, width = KINDS[char]

    def momentum(k, x, g, b, mu, a, nu, s, t, c, n, piece, thread):  # type: ignore[no-untyped-def]
        for i in k.entries_of(piece, STEP, n, width):
            p = x[i]
            upstream = k.fma(p, c, g[i])
            velocity = k.fma(upstream, a, b[i] * mu)
            b[i] = velocity
            x[i] = p - k.fma(upstream, nu, velocity * t) * s

    names = parameters(f"{kind}*: x g b", f"{kind}: mu a nu s t c", "i64: n")
    return Kernel(momentum, names, f"momentum_{kind}")
