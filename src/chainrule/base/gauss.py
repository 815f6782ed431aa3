"""Normal numbers from uniform ones, as PyTorch makes them on the CPU.

Box and Muller (1958): with u and v uniform in [0, 1), both of these are standard normal, and independent::

    r = √(−2 · log(1 − u))        r · cos(2π v)        r · sin(2π v)

There are two ways of drawing n of them, and which one PyTorch takes is part of its stream:

* **one after the other** (fewer than 16, or into a target with gaps): v, then u, in float64; the sine is kept for
  the next draw;
* **in blocks of 16** (all others): the block's first eight uniforms are u, its last eight v, and cosines and sines
  go back to those places. Where n is no multiple of 16 the last 16 entries are drawn anew, so some are drawn twice.

In blocks of float32, PyTorch's logarithm, sine and cosine (on x86 with AVX2) are the polynomials of the Cephes
library (S. Moshier), in float32 with fused multiply-adds. A more accurate logarithm would differ from PyTorch's in
the last bit of every seventh number. So that is what is computed here, by float64 arithmetic rounded to float32
after each step: it gives the same bits on every processor.
"""

from __future__ import annotations

import math

import numpy as np

from .mersenne import Words
from .rounding import by_libm, fma32, fma64

BLOCK = 16
PART = 16384  # numbers computed at a time: the temporaries of a part stay in the cache; too short to share with threads
FEW = 64  # below this many, Python's own floats are faster than arrays

TURN = np.float32(2 * math.pi)
# log m = t - t²/2 + t³ · P(t) for t = m - 1 in [√½ - 1, √2 - 1]; log 2 in two parts, the first one exact in few bits
LOG_POLYNOMIAL = [
    float(np.float32(c))
    for c in (7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
              2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
]  # fmt: skip
LOG2_HIGH, LOG2_LOW = 0.693359375, np.float32(-2.12194440e-4)
ROOT_HALF = 0x3F3504F3  # the bits of float32(√½)
# cos x = 1 - x²/2 + x⁴ · P(x²), sin x = x + x³ · Q(x²) for |x| <= π/4; π/4 in three parts of few bits
COS_SIN_POLYNOMIALS = [
    np.array([[c], [s]], np.float32).astype(np.float64)
    for c, s in ((2.443315711809948e-5, -1.9515295891e-4), (-1.388731625493765e-3, 8.3321608736e-3),
                 (4.166664568298827e-2, -1.6666654611e-1))
]  # fmt: skip
EIGHTH_TURN = (0.78515625, 2.4187564849853515625e-4, float(np.float32(3.77489497744594108e-8)))
EIGHTHS = np.float32(4 / math.pi)


def log_float32(x: np.ndarray) -> np.ndarray:
    """log x in float32, for x in (0, 1] of shape (n,): x = 2ᵉ · m, log x = e · log 2 + log m."""
    bits = x.view(np.int32)
    e = (bits - ROOT_HALF) >> 23
    t = (bits - (e << 23)).view(np.float32) - np.float32(1)
    square, wide = (t * t).astype(np.float64), t.astype(np.float64)
    y = np.full(x.shape, LOG_POLYNOMIAL[0])
    single = np.empty_like(t)
    for coefficient in LOG_POLYNOMIAL[1:]:
        y *= wide
        y += coefficient
        single[...] = y  # round to float32
        y[...] = single
    single *= t
    y[...] = single
    y *= square
    y += e.astype(np.float32) * LOG2_LOW
    single[...] = y
    square *= -0.5
    square += single
    t += square.astype(np.float32)
    wide[...] = e
    wide *= LOG2_HIGH
    wide += t
    return wide.astype(np.float32)


def cos_sin_float32(angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """cos and sin of an angle in [0, 2π], float32 of shape (n,): first within an eighth of a turn, then turned back."""
    eighths = (angle * EIGHTHS).astype(np.int32)
    eighths += 1
    eighths &= -2  # the nearest quarter of a turn
    x = angle.astype(np.float64)
    turned = eighths.astype(np.float64)
    single = np.empty_like(angle)
    for part in EIGHTH_TURN:
        x -= turned * part
        single[...] = x
        x[...] = single
    square = single * single
    wide = square.astype(np.float64)
    both = np.empty((2, angle.size))
    both[...] = COS_SIN_POLYNOMIALS[0]
    singles = np.empty((2, angle.size), np.float32)
    for coefficients in COS_SIN_POLYNOMIALS[1:]:
        both *= wide
        both += coefficients
        singles[...] = both
        both[...] = singles
    singles *= square
    both[...] = singles
    both[0] *= wide
    both[0] -= square * np.float32(0.5)
    both[1] *= x
    both[1] += x
    singles[...] = both
    singles[0] += np.float32(1)
    swapped = (eighths & 2) != 0
    cos, sin = np.where(swapped, singles[::-1], singles)
    cos.view(np.int32)[...] ^= ((eighths + 2) & 4) << 29  # the sign bit: negative in the two quarters on the left
    sin.view(np.int32)[...] ^= (eighths & 4) << 29  # and in the two below
    return cos, sin


def box_muller_float32(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two float32 normals from each pair of float32 uniforms, all of shape (n,)."""
    radius = np.sqrt(log_float32(np.float32(1) - u) * np.float32(-2))
    cos, sin = cos_sin_float32(v * TURN)
    cos *= radius
    sin *= radius
    return cos, sin


def box_muller_float64(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two float64 normals from each pair of float64 uniforms, all of shape (n,)."""
    radius = np.sqrt(-2 * by_libm(math.log, 1 - u))
    angle = v * (2 * math.pi)
    return radius * np.cos(angle), radius * np.sin(angle)


def blocks_of(uniforms: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Normals in blocks of 16 from as many uniforms, both float32 or float64 of shape (16 n,)."""
    transform = box_muller_float64 if uniforms.dtype == np.float64 else box_muller_float32
    halves = uniforms.reshape(-1, 2, BLOCK // 2)
    normals = np.empty_like(halves)
    for half, values in enumerate(transform(halves[:, 0].reshape(-1), halves[:, 1].reshape(-1))):
        normals[:, half] = scaled(values, mean, std).reshape(-1, BLOCK // 2)
    return normals.reshape(-1)


def scaled(normals: np.ndarray, mean: float, std: float) -> np.ndarray:
    """``normals · std + mean`` in their own float32 or float64, rounded once."""
    if mean == 0:
        return normals * normals.dtype.type(std) + 0  # + 0 makes 0 of -0
    if normals.dtype == np.float32:
        return fma32(normals, np.float32(std), np.float32(mean))
    return fma64(normals, std, mean)


def in_blocks(words: Words, n: int, mean: float, std: float, dtype: np.dtype) -> np.ndarray:
    """Draw n >= 16 normals of a float dtype in blocks of 16, shape (n,); 16-bit floats are rounded from float32."""
    draw, whole = words.floats if dtype.itemsize < 8 else words.doubles, n - n % BLOCK
    normals = np.empty(n, np.float32 if dtype.itemsize < 8 else np.float64)
    draws = words.machine_for(whole) if normals.itemsize == 4 else None
    if draws is not None:
        made = draws.normals(words.take_own(whole), mean, std)
        if n == whole:
            return made.astype(dtype, copy=False)
        normals[:whole] = made
    for start in range(0, 0 if draws else whole, PART):
        stop = min(start + PART, whole)
        normals[start:stop] = blocks_of(draw(stop - start), mean, std)
    if n > whole:
        if dtype.itemsize > 2:
            draw(n - whole)  # PyTorch fills them in, and then draws the last 16 anew; but not so for 16-bit floats
        if draws is not None:
            normals[n - BLOCK :] = draws.normals(words.take_own(BLOCK), mean, std)
        else:
            normals[n - BLOCK :] = blocks_of(draw(BLOCK), mean, std)
    return normals.astype(dtype, copy=False)


def one_by_one(words: Words, n: int, waiting: float | None) -> tuple[np.ndarray, float | None]:
    """Draw n standard normals one after the other, float64 of shape (n,), and the one left over for the next draw."""
    if n == 0:
        return np.empty(0), waiting
    first = [] if waiting is None else [waiting]
    pairs = (n - len(first) + 1) // 2
    if pairs < FEW:
        normals = np.array(first + few(words, pairs))
    else:  # the last pair by `few`: half of it may become part of the generator's state
        normals = np.concatenate((first, many(words, pairs - 1), few(words, 1)))
    return normals[:n], float(normals[n]) if normals.size > n else None


def few(words: Words, pairs: int) -> list[float]:
    """Standard normals from a few pairs of uniforms, by the C library's functions, as PyTorch."""
    normals: list[float] = []
    for _ in range(pairs):
        angle, u = 2 * math.pi * words.double(), words.double()
        radius = math.sqrt(-2 * math.log1p(-u))
        normals += radius * math.cos(angle), radius * math.sin(angle)
    return normals


def many(words: Words, pairs: int) -> np.ndarray:
    """The same from many pairs, float64 of shape (2 pairs,)."""
    uniforms = words.doubles(2 * pairs)
    angle = uniforms[0::2] * (2 * math.pi)
    radius = np.sqrt(-2 * by_libm(math.log1p, -uniforms[1::2]))
    normals = np.empty(2 * pairs)
    np.multiply(radius, np.cos(angle), out=normals[0::2])
    np.multiply(radius, np.sin(angle), out=normals[1::2])
    return normals
