"""What this machine allows: multiply-adds a second, and bytes moved a second by arrays of several sizes, measured by small kernels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from . import amx, cutting
from .compiled import Kernel, parameters
from .loops import INDEX
from .tile_order import ORDER

VECTOR = 16  # float32 in a vector
CHAINS = 16  # multiply-adds on the way at once: two units, four cycles each, and some to spare
TURNS = 20_000
PIECE = 1 << 15  # float32 that are copied as one piece
SIZES = (1 << 19, 1 << 23, 1 << 26)  # bytes read and written: what caches of a core hold, those of all, and what none does


class Limits(NamedTuple):
    """Per second, in float32, by all cores; a byte counts when it is read and when it is written."""

    flops: float  # a multiplication and an addition are two
    products: float  # of matrix products, which tile registers do faster where there are any
    bytes: tuple[float, ...]  # for arrays of up to so many bytes (`SIZES`)

    def seconds(self, flops: float, moved: float, product: bool = False) -> float:
        """No kernel of so many operations on so many bytes takes less."""
        size = next((n for n, most in enumerate(SIZES) if moved <= most), len(SIZES) - 1)
        return max(flops / (self.products if product else self.flops), moved / self.bytes[size])


def multiply_adds(k: Any, x: Any, y: Any, n: Any, piece: Any, thread: Any) -> None:
    """n times: s = a · b + s, for as many independent sums as the units can take."""
    a, b = k.spread(x[0], VECTOR), k.spread(x[1], VECTOR)
    sums = [k.variable(c, b.type) for c in range(CHAINS)]  # from different numbers: of equal chains LLVM makes one
    for _ in k.range(n):
        for s in sums:
            s.value = k.fma(a, b, s.value)
    total = sums[0].value
    for s in sums[1:]:
        total = total + s.value
    y[piece * VECTOR] = k.lanes_to_one("sum", total)


def tile_products(k: Any, x: Any, y: Any, n: Any, piece: Any, thread: Any) -> None:
    """n times, on tile registers, the six products that a float32 takes, for four tiles of sums."""
    k.emit("tile", INDEX, data=("config",))
    for c in range(8):
        k.emit("tile", INDEX, data=("zero", c))
    for _ in k.range(n):
        for _ in ORDER:
            for c in range(4):
                k.emit("tile", INDEX, data=("product", c, 4 + c // 2, 6 + c % 2))
    k.emit("tile", INDEX, data=("release",))
    y[piece * VECTOR] = x[0]


def copy(k: Any, x: Any, y: Any, n: Any, piece: Any, thread: Any) -> None:
    start = piece * PIECE
    for i in k.vectors(k.smaller(n, start + PIECE), unroll=4, start=start):
        y[i] = x[i]


def update(k: Any, x: Any, y: Any, n: Any, piece: Any, thread: Any) -> None:
    start = piece * PIECE
    for i in k.vectors(k.smaller(n, start + PIECE), unroll=4, start=start):
        y[i] = y[i] + x[i]


def best(call: Callable[[], Any], seconds: float) -> float:
    """The least time that the call takes."""
    call()
    found, end = float("inf"), perf_counter() + seconds
    while perf_counter() < end:
        start = perf_counter()
        call()
        found = min(found, perf_counter() - start)
    return found


def kernel_of(function: Callable[..., None]) -> Kernel:
    return Kernel(function, parameters("f32*: x y", "i64: n"))


def operations(function: Callable[..., None], each: int, seconds: float, pieces: int) -> float:
    """Operations a second of a kernel that does ``each`` of them in a turn; on one core, or shared by all in pieces."""
    kernel, x, y = kernel_of(function), np.array([0.5, 0.25], np.float32), np.zeros(VECTOR * pieces, np.float32)
    alone = pieces == 1
    call = (lambda: kernel(x, y, TURNS, 0, 0)) if alone else (lambda: kernel.share(pieces, x, y, TURNS))
    return pieces * TURNS * each / best(call, seconds)


def vectors(seconds: float, pieces: int) -> float:
    return operations(multiply_adds, 2 * VECTOR * CHAINS, seconds, pieces)


def tiles(seconds: float, pieces: int) -> float:
    """As products of float32, of which one takes six."""
    return operations(tile_products, 4 * 2 * cutting.ROWS * cutting.LANES * cutting.PAIRS, seconds, pieces)


def copied(size: int, seconds: float) -> float:
    """Bytes read and written a second where a copy reads and writes ``size`` of them."""
    return moved(copy, 2, size, seconds)


def updated(size: int, seconds: float) -> float:
    """The same of an update in place, whose lines of the cache need not be fetched only to be written over."""
    return moved(update, 3, size, seconds)


def moved(function: Callable[..., None], times: int, size: int, seconds: float) -> float:
    kernel, n = kernel_of(function), size // (4 * times)
    x, y = np.ones(n, np.float32), np.zeros(n, np.float32)
    return size / best(lambda: kernel.share(-(-n // PIECE), x, y, n), seconds)


@cache
def measured(threads: int, seconds: float = 0.02) -> Limits:
    """The limits of this machine for as many threads as now share work; kept for the process."""
    many = 8 * threads
    flops = vectors(seconds, many)
    products = max(flops, tiles(seconds, many)) if amx.allowed() else flops
    return Limits(flops, products, tuple([updated(size, seconds) for size in SIZES]))
