"""Random draws as machine code: the words of the Mersenne Twister, and the numbers made of many of them.

What they are, and why, `base.mersenne`, `base.gauss` and `base.integers` say, which do the same in NumPy for fewer; the
results are equal bit for bit. So products that a compiler might fuse with the sum after them are kept apart here (`product`).

Shapes: words (n,) int32 or, in pairs, int64; what is drawn is (n,).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .compiled import Kernel, parameters, ready
from .loops import Builder, Type, Value

BLOCK, AHEAD = 624, 397  # words in a state; how far the twist looks ahead
MATRIX, UPPER, LOWER = 0x9908B0DF - (1 << 32), -(1 << 31), (1 << 31) - 1
MASK_B, MASK_C = 0x9D2C5680 - (1 << 32), 0xEFC60000 - (1 << 32)
STEP = 1 << 13  # entries in a piece; a multiple of the blocks of 16 that normal numbers are made in

__all__ = ["chosen", "doubles", "floats", "kept", "normals", "permutation", "ready", "remainders", "words"]


def twist(k: Any, state: Any, out: Any, blocks: Any) -> None:
    """x[k + 624] = x[k + 397] ^ twist(top bit of x[k], low 31 bits of x[k + 1]), then tempered."""

    def mixed(here: Value, after: Value, ahead: Value) -> Value:
        y = (here & UPPER) | (after & LOWER)
        return ahead ^ ((y >> 1) & LOWER) ^ ((-(y & 1)) & MATRIX)

    for block in k.range(blocks):
        for i in k.vectors(BLOCK - AHEAD):
            state[i] = mixed(state[i], state[i + 1], state[i + AHEAD])
        for i in k.vectors(BLOCK - 1, start=BLOCK - AHEAD):
            state[i] = mixed(state[i], state[i + 1], state[i + (AHEAD - BLOCK)])
        last = k.value(BLOCK - 1, Type("i64"))
        state[last] = mixed(state[last], state[k.value(0, Type("i64"))], state[k.value(AHEAD - 1, Type("i64"))])
        at = block * BLOCK
        for i in k.vectors(BLOCK):
            y = state[i]
            y = y ^ ((y >> 11) & 0x1FFFFF)
            y = y ^ ((y << 7) & MASK_B)
            y = y ^ ((y << 15) & MASK_C)
            out[i + at] = y ^ ((y >> 18) & 0x3FFF)


def product(k: Builder, a: Any, b: Any) -> Value:
    """a · b, rounded, whatever it is added to."""
    return k.fma(a, b, -0.0)


def unit(k: Builder, word: Value) -> Value:
    """A float32 in [0, 1): (word mod 2²⁴) / 2²⁴"""
    return product(k, k.to("f32", word & 0xFFFFFF), 2.0**-24)


def unit64(k: Builder, pair: Value) -> Value:
    """A float64 in [0, 1): (first · 2³² + second, mod 2⁵³) / 2⁵³, of a pair of words read as one little-endian number"""
    swapped = (pair << 32) | ((pair >> 32) & 0xFFFFFFFF)
    return product(k, k.to("f64", swapped & ((1 << 53) - 1)), 2.0**-53)


def to_floats(k, words, low, span, n, piece, thread):  # type: ignore[no-untyped-def]
    for i in k.entries_of(piece, STEP, n):
        words[i] = k.bits("i32", k.fma(unit(k, words[i]), k.spread(span), k.spread(low)))


def to_doubles(k, words, n, piece, thread):  # type: ignore[no-untyped-def]
    for i in k.entries_of(piece, STEP, n, 8):
        words[i] = k.bits("i64", unit64(k, words[i]))


def to_kept(k, words, out, p, value, n, piece, thread):  # type: ignore[no-untyped-def]
    share, number = k.spread(p, 16), k.spread(value, 16)
    for i in k.entries_of(piece, STEP, n, 16):
        out[i] = k.where(unit64(k, words[i]) < share, number, 0.0)


def to_remainders(k, words, out, count, low, n, piece, thread):  # type: ignore[no-untyped-def]
    """low + word mod count, by a quotient in float64 that is at most one off."""
    many, least = k.spread(k.to("f64", count), 8), k.spread(low, 8)
    inverse = k.spread(1.0 / k.to("f64", count), 8)
    for i in k.entries_of(piece, STEP, n, 8):
        word = k.to("f64", k.to("i64", words[i]) & 0xFFFFFFFF)
        rest = k.fma(-k.floor(word * inverse), many, word)
        rest = k.where(rest < 0.0, rest + many, rest)
        rest = k.where(rest >= many, rest - many, rest)
        out[i] = k.to("i64", rest) + least


def to_normals(k, words, mean, std, n, piece, thread):  # type: ignore[no-untyped-def]
    """The first eight of a block of 16 are u, the last eight v; cosines and sines go back to those places."""
    start = piece * STEP
    centre, spread = k.spread(mean, 8), k.spread(std, 8)
    for i in k.range(start, k.smaller(n, start + STEP), 16):
        for j in k.vectors(8, 8):
            u, v = unit(k, words[j + i]), unit(k, words[j + (i + 8)])
            radius = k.sqrt(product(k, log(k, 1.0 - u), -2.0))
            for place, y in zip((i, i + 8), cos_sin(k, product(k, v, TURN)), strict=True):
                words[j + place] = k.bits("i32", k.fma(product(k, y, radius), spread, centre))


def shuffled(k, words, out, n):  # type: ignore[no-untyped-def]
    """Exchange entries i and i + word mod (n − i), for i = 0 … n − 2."""
    for i in k.range(n - 1):
        partner = i + k.to("i64", words[i] % k.to("i32", n - i))
        here, there = out[i], out[partner]
        out[i] = there
        out[partner] = here


def search(k, shares, uniforms, out, rows, categories, n, steps, piece, thread):  # type: ignore[no-untyped-def]
    """The first category whose share reaches the uniform number, by halving."""
    for row in k.rows_of(piece, 1, rows):
        at, last = row * categories, row * n
        for i in k.range(n):
            u = uniforms[last + i]
            low, high = k.variable(0, Type("i64")), k.variable(categories, Type("i64"))
            for _ in k.range(steps):
                middle = (low.value + high.value) >> 1
                inside = k.smaller(middle, categories - 1)
                below = (shares[at + inside] < u) & (middle < high.value)
                low.value, high.value = k.where(below, middle + 1, low.value), k.where(below, high.value, middle)
            out[last + i] = low.value


TURN, EIGHTHS = float(np.float32(2 * np.pi)), float(np.float32(4 / np.pi))
LOG = [7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
       2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1]  # fmt: skip
COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]
SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
EIGHTH_TURN = (0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8)


def horner(k: Builder, x: Value, coefficients: list[float]) -> Value:
    y: Any = coefficients[0]
    for c in coefficients[1:]:
        y = k.fma(y, x, c)
    return y


def log(k: Builder, x: Value) -> Value:
    """`base.gauss.log_float32`."""
    bits = k.bits("i32", x)
    e = (bits - 0x3F3504F3) >> 23
    t = k.bits("f32", bits - (e << 23)) - 1.0
    exponent, square = k.to("f32", e), product(k, t, t)
    y = product(k, horner(k, t, LOG), t)
    y = k.fma(y, square, product(k, exponent, -2.12194440e-4))
    return k.fma(exponent, 0.693359375, t + k.fma(square, -0.5, y))


def cos_sin(k: Builder, angle: Value) -> tuple[Value, Value]:
    """`base.gauss.cos_sin_float32`."""
    eighths = (k.to("i32", product(k, angle, EIGHTHS)) + 1) & -2
    turned, x = k.to("f32", eighths), angle
    for part in EIGHTH_TURN:
        x = k.fma(turned, -part, x)
    square = product(k, x, x)
    cos = k.fma(product(k, horner(k, square, COS), square), square, product(k, square, -0.5)) + 1.0
    sin = k.fma(product(k, horner(k, square, SIN), square), x, x)
    swapped = (eighths & 2) != 0
    first, second = k.where(swapped, sin, cos), k.where(swapped, cos, sin)
    signs = ((eighths + 2) & 4) << 29, (eighths & 4) << 29
    return k.bits("f32", k.bits("i32", first) ^ signs[0]), k.bits("f32", k.bits("i32", second) ^ signs[1])


PROGRAMS: dict[str, tuple[Any, dict[str, str]]] = {
    "twist": (twist, parameters("i32*: state out", "i64: blocks", pieces=False)),
    "to_floats": (to_floats, parameters("i32*: words", "f32: low span", "i64: n")),
    "to_doubles": (to_doubles, parameters("i64*: words", "i64: n")),
    "to_kept": (to_kept, parameters("i64*: words", "f32*: out", "f64: p", "f32: value", "i64: n")),
    "to_remainders": (to_remainders, parameters("i32*: words", "i64*: out", "i64: count low n")),
    "to_normals": (to_normals, parameters("i32*: words", "f32: mean std", "i64: n")),
    "shuffled": (shuffled, parameters("i32*: words", "i64*: out", "i64: n", pieces=False)),
    "search": (search, parameters("f64*: shares uniforms", "i64*: out", "i64: rows categories n steps")),
}


@cache
def compiled(name: str) -> Kernel:
    function, kinds = PROGRAMS[name]
    return Kernel(function, kinds, f"draw_{name}")


def pieces(n: int) -> int:
    return -(-n // STEP)


def words(state: np.ndarray, out: np.ndarray) -> None:
    """Fill ``out`` with the next words, a whole number of blocks; ``state`` goes on to the last of them."""
    compiled("twist")(state.view(np.int32), out.view(np.int32), out.size // BLOCK)


def floats(words: np.ndarray, low: float, span: float) -> np.ndarray:
    """Each word as a float32 in [low, low + span), in the same memory."""
    compiled("to_floats").share(pieces(words.size), words.view(np.int32), low, span, words.size)
    return words.view(np.float32)


def doubles(words: np.ndarray) -> np.ndarray:
    """Each pair of words as a float64 in [0, 1), in the same memory."""
    compiled("to_doubles").share(pieces(words.size // 2), words.view(np.int64), words.size // 2)
    return words.view(np.float64)


def kept(words: np.ndarray, p: float, value: float) -> np.ndarray:
    """float32 ``value`` with probability p, else 0, for each pair of words."""
    out = np.empty(words.size // 2, np.float32)
    compiled("to_kept").share(pieces(out.size), words.view(np.int64), out, p, value, out.size)
    return out


def remainders(words: np.ndarray, count: int, low: int) -> np.ndarray:
    """int64 low + word mod count, for each word."""
    out = np.empty(words.size, np.int64)
    compiled("to_remainders").share(pieces(out.size), words.view(np.int32), out, count, low, out.size)
    return out


def normals(words: np.ndarray, mean: float, std: float) -> np.ndarray:
    """float32 normals in blocks of 16, of as many words, in the same memory."""
    compiled("to_normals").share(pieces(words.size), words.view(np.int32), mean, std, words.size)
    return words.view(np.float32)


def permutation(words: np.ndarray, n: int) -> np.ndarray:
    """0 … n − 1 in random order, int64, of n − 1 words."""
    order = np.arange(n)
    compiled("shuffled")(words.view(np.int32), order, n)
    return order


def chosen(shares: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Where uniform numbers (rows, n) fall among rising shares (rows, categories), float64 each."""
    (rows, categories), n = shares.shape, uniforms.shape[1]
    out = np.empty((rows, n), np.int64)
    compiled("search").share(rows, shares, uniforms, out, rows, categories, n, categories.bit_length())
    return out
