"""What the hardware allows: multiply-adds a second and bytes moved a second, measured here by kernels of our own.

A row that states its cost is compared with them. The limit counts arithmetic that every framework must do and bytes that
must cross memory once; what a step needs besides, such as exponentials or the order of its additions, is not in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

VECTOR = 16  # float32 in a vector
CHAINS = 16  # multiply-adds on the way at once: two units, four cycles each, and some to spare
FLOPS_PER_TURN = 2 * VECTOR * CHAINS
COPIED = 1 << 26  # float32, 256 MiB
PIECE = 1 << 18  # of them at a time


@dataclass(frozen=True)
class Cost:
    """What a training step must do."""

    flops: float = 0.0  # a multiplication and an addition are two
    bytes: float = 0.0  # read and written


@dataclass(frozen=True)
class Limits:
    """Per second, in float32."""

    flops_of_a_core: float
    flops: float  # of all cores
    bytes: float  # of all cores; a copied byte is two, one read and one written

    def seconds(self, cost: Cost) -> float:
        """No step of this cost takes less."""
        return max(cost.flops / self.flops, cost.bytes / self.bytes)

    def as_dict(self) -> Mapping[str, float]:
        return asdict(self)


def multiply_adds(k: Any, x: Any, y: Any, n: Any, piece: Any, thread: Any) -> None:
    """n times: s = a · b + s, for as many independent sums as the units can take."""
    a, b = k.spread(x[0], VECTOR), k.spread(x[1], VECTOR)
    total = k.sum(ways=CHAINS)
    for _ in k.range(n):
        for k.copy in range(CHAINS):
            total.add_product(a, b)
        k.copy = 0
    y[piece * VECTOR] = total.total()


def copy(k: Any, x: Any, y: Any, piece: Any, thread: Any) -> None:
    for i in k.vectors((piece + 1) * PIECE, unroll=4, start=piece * PIECE):
        y[i] = x[i]


def best(call: Callable[[], Any], seconds: float) -> float:
    """The least time that the call takes."""
    call()
    found, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        found = min(found, time.perf_counter() - start)
    return found


def measured(seconds: float = 0.5) -> Limits | None:
    """The limits of this machine now; None where no machine code can be made."""
    from chainrule.base.threads import cores
    from chainrule.native import kernel, kernels

    if not kernels.ready():
        return None
    arithmetic = kernel(x="f32*", y="f32*", n="i64", piece="i64", thread="i64")(multiply_adds)
    memory = kernel(x="f32*", y="f32*", piece="i64", thread="i64")(copy)
    n, pieces = 200_000, 8 * cores()
    x, y = np.array([0.5, 0.25], np.float32), np.zeros(pieces * VECTOR, np.float32)
    alone = best(lambda: arithmetic(x, y, n, 0, 0), seconds)
    together = best(lambda: arithmetic.share(pieces, x, y, n), seconds) / pieces
    source, target = np.ones(COPIED, np.float32), np.zeros(COPIED, np.float32)
    copied = best(lambda: memory.share(COPIED // PIECE, source, target), seconds)
    per_run = n * FLOPS_PER_TURN
    return Limits(per_run / alone, per_run / together, 2 * source.nbytes / copied)
