"""The rules of SGD and of Adam as machine code: one loop over memory, for all parameters of a group, in each step.

Each says what the optimizer's own `update` says, which the tests hold them to. Parameters and gradients are read where they are,
of the state all entries lie in one line, parameter after parameter. A piece is some entries of one parameter:

    pieces: (count, 4), of each piece the parameter's number, its first entry there and in the state, and how many they are
    places: (parameters, 2), the addresses of each parameter and of its gradient
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_void_p
from functools import cache
from operator import is_
from typing import Any, NamedTuple

import numpy as np

from ..native import KINDS, Kernel, kernels, parameters
from ..native.address import FIELDS, HEAD, address
from ..native.aligned import Block
from ..native.loops import BYTES

LEAST, STEP = 1 << 13, 1 << 14  # entries from which it pays to have it made, and of a piece
IN_ORDER, ALIGNED, WRITABLE = 0x001, 0x100, 0x400  # of `ndarray.flags`
READABLE = IN_ORDER | ALIGNED
WHOLE = READABLE | WRITABLE
begins = c_void_p.from_address


class Told(NamedTuple):
    """A rule, and the numbers it is told."""

    rule: Callable[[str], Kernel]
    numbers: tuple[float, ...]


class Places:
    """Where parameters of these sizes and their gradients are in memory, found anew for each step."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes = np.array(sizes)
        starts = np.cumsum(self.sizes) - self.sizes
        cut = [(i, at, starts[i] + at, min(STEP, n - at)) for i, n in enumerate(sizes) for at in range(0, n, STEP)]
        self.pieces = np.array(cut, np.int64).reshape(-1, 4)
        self.places = np.empty((len(sizes), 2), np.int64)
        self.known: list[np.ndarray] = []  # the parameters that were found fit to be written to together,
        self.owners: set[int] = set()  # and what a gradient must not be: they, and what they look into

    def update(self, told: Told, xs: list[np.ndarray], gs: list[np.ndarray], state: list[np.ndarray]) -> bool:
        """Update the parameters and the state in place; False where that has to be done in NumPy.

        A gradient may be any array that a program assigned: one number seen from everywhere, every second entry of another,
        a parameter itself.
        """
        kind = xs[0].dtype
        if not self.fit(xs):
            return False
        for i, (x, g) in enumerate(zip(xs, gs)):
            if x.flags.num & WHOLE != WHOLE or x.size != g.size or (g.dtype is not kind and g.dtype != kind):
                return False
            if (base := g.base) is not None and type(base) is not Block or g.flags.num & READABLE != READABLE:
                gs[i] = g = np.array(g, order="C")
            if id(g) in self.owners:
                return False
        here: list[Any] = [begins(id(g) + HEAD).value for g in gs] if FIELDS else [*map(address, gs)]  # `address`, in place
        self.places[:, 1] = here
        told.rule(kind.char).share(len(self.pieces), xs[0], gs[0], *state, self.pieces, self.places, *told.numbers)
        return True

    def fit(self, xs: list[np.ndarray]) -> bool:
        """Whether machine code can write to parameters at once: no two of them have entries in common. Asked once of the same."""
        known = self.known
        if len(known) == len(xs) and all(map(is_, xs, known)):
            return True
        kind = xs[0].dtype
        if kind.char not in KINDS or not kernels.ready():
            return False
        here = np.array([address(x) for x in xs])
        order = np.argsort(here)
        if (here[order][:-1] + self.sizes[order][:-1] * kind.itemsize > here[order][1:]).any():
            return False
        self.places[:, 0] = here
        self.known, self.owners = xs, {id(y) for x in xs for y in (x, x.base)}
        return True


def entries(k: Any, kind: str, pieces: Any, places: Any, piece: Any, width: int) -> Any:
    """A loop over the entries of a piece: where they are in the parameter, in the gradient and in the state; the former as seen
    from the first of all."""
    number, start, in_state, n = (pieces[piece * 4 + i] for i in range(4))
    in_x, in_g = ((places[number * 2 + i] - places[i] >> BYTES[kind].bit_length() - 1) + start for i in range(2))
    for i in k.vectors(n, width):
        yield i + in_x, i + in_g, i + in_state


@cache
def adam(char: str) -> Kernel:
    """m += a (g − m), v = β₂ v + b g², x −= s m / (r √v + ε) + d x, where g has had c x added to it

    With one division for each entry this is as fast as memory; with √v / r it took 148 µs for 392,000 entries instead of 113.
    """
    kind, width = KINDS[char]

    def adam(k, x, g, m, v, pieces, places, a, beta2, b, s, r, eps, c, d, piece, thread):  # type: ignore[no-untyped-def]
        for i, j, q in entries(k, kind, pieces, places, piece, width):
            p = x[i]
            upstream = k.fma(p, c, g[j])
            mean = k.fma(upstream - m[q], a, m[q])
            square = k.fma(upstream * upstream, b, v[q] * beta2)
            m[q] = mean
            v[q] = square
            step = mean / k.fma(k.sqrt(square), r, eps) * s
            x[i] = p - k.fma(p, d, step)

    names = parameters(f"{kind}*: x g m v", "i64*: pieces places", f"{kind}: a beta2 b s r eps c d")
    return Kernel(adam, names, f"adam_{kind}")


@cache
def descent(char: str) -> Kernel:
    """x −= s (g + c x)"""
    kind, width = KINDS[char]

    def descent(k, x, g, pieces, places, s, c, piece, thread):  # type: ignore[no-untyped-def]
        for i, j, _ in entries(k, kind, pieces, places, piece, width):
            p = x[i]
            x[i] = p - k.fma(p, c, g[j]) * s

    return Kernel(descent, parameters(f"{kind}*: x g", "i64*: pieces places", f"{kind}: s c"), f"descent_{kind}")


@cache
def momentum(char: str) -> Kernel:
    """b = μ b + a g, x −= s (b + ν g), where g has had c x added to it"""
    kind, width = KINDS[char]

    def momentum(k, x, g, b, pieces, places, mu, a, nu, s, t, c, piece, thread):  # type: ignore[no-untyped-def]
        for i, j, q in entries(k, kind, pieces, places, piece, width):
            p = x[i]
            upstream = k.fma(p, c, g[j])
            velocity = k.fma(upstream, a, b[q] * mu)
            b[q] = velocity
            x[i] = p - k.fma(upstream, nu, velocity * t) * s

    names = parameters(f"{kind}*: x g b", "i64*: pieces places", f"{kind}: mu a nu s t c")
    return Kernel(momentum, names, f"momentum_{kind}")
