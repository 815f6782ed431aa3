"""The inverse error function and the gamma function's logarithm and its derivative on lanes of float32.

What is lost by cancellation is won back by computing in float64 on the way.
"""

from __future__ import annotations

from math import log as ln
from math import pi
from typing import Any

from .loops import Builder, Value


def erfinv(k: Builder, x: Value) -> Value:
    """x · P(w) with w = −ln(1 − x²), or x · Q(√w) near ±1; P and Q are fitted to erf⁻¹(x) / x there"""
    from .vecmath import log, polynomial

    w = -log(k, (1.0 - x) * (1.0 + x))
    near = polynomial(k, w - 3.125, ERFINV_MIDDLE)
    far = polynomial(k, k.sqrt(w) - 3.35, ERFINV_TAILS)
    y = x * k.where(w < 6.25, near, far)
    return k.where(k.abs(x) == 1.0, x * float("inf"), y)


ERFINV_MIDDLE = [
    1.653654571, 0.2401581742, -6.033730032e-3, -7.406877193e-4, 1.867996466e-4, -1.389144994e-5, -1.391947677e-6,
    4.263091512e-7, -2.420937883e-8, -4.638598573e-9, 6.377886158e-10,
]  # fmt: skip
ERFINV_TAILS = [
    3.184461664, 1.00622933, 4.381290218e-3, -2.897187589e-3, 1.762722301e-3, -1.22909851e-3, 7.652193672e-4,
    -2.490580567e-4,
]  # fmt: skip


def log64(k: Builder, x: Value) -> Value:
    """ln x = n ln 2 + 2 artanh(s) with s = (m − 1) / (m + 1), m = x / 2ⁿ in [√½, √2); for normal x > 0 of float64"""
    from .vecmath import polynomial

    bits = k.bits("i64", x)
    n = (bits - 0x3FE6A09E667F3BCD) >> 52
    m = k.bits("f64", bits - (n << 52))
    s = (m - 1.0) / (m + 1.0)
    return k.fma(k.to("f64", n), ln(2), 2.0 * s * polynomial(k, s * s, [1 / (2 * i + 1) for i in range(11)]))


def turned(k: Builder, x: Value) -> tuple[Value, Value]:
    """sin πr and cos πr, with r = x less the nearest whole number."""
    from .vecmath import polynomial

    r = (x - k.nearest(x)) * pi
    s = r * r
    sine, cosine = [1.0], [1.0]
    for i in range(1, 9):
        sine.append(-sine[-1] / (2 * i * (2 * i + 1)))
        cosine.append(-cosine[-1] / (2 * i * (2 * i - 1)))
    return r * polynomial(k, s, sine), polynomial(k, s, cosine)


SHIFT = 7  # steps of Γ(x + 1) = x Γ(x), after which a few terms of the asymptotic series are enough


def lgamma(k: Builder, x: Value) -> Value:
    """ln Γ(x) = S(x + 7) − ln(x (x + 1) … (x + 6)) with Stirling's series S; left of ½ by Γ(x) Γ(1 − x) = π / sin πx"""
    from .vecmath import polynomial

    given = k.to("f64", x)
    left = given < 0.5
    z = k.where(left, 1.0 - given, given)
    product: Any = z
    for i in range(1, SHIFT):
        product = product * (z + float(i))
    w = z + float(SHIFT)
    u = 1.0 / w
    tail = u * polynomial(k, u * u, [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360])
    y = (w - 0.5) * (log64(k, w) - 1.0) + (ln(2 * pi) / 2 - 0.5 + tail) - log64(k, product)
    sine = k.abs(turned(k, given)[0])
    y = k.where(left, ln(pi) - log64(k, sine) - y, y)
    infinite = (k.abs(given) == float("inf")) | (left & (sine == 0.0))
    y = k.where(infinite, float("inf"), y)
    return k.to("f32", k.where(given == given, y, given))


def digamma(k: Builder, x: Value) -> Value:
    """ψ(x) = ln w − 1/(2w) − Σ B₂ₙ / (2n w²ⁿ) − Σ 1/(x + i), w = x + 7; left of ½ by ψ(x) = ψ(1 − x) − π / tan πx"""
    from .vecmath import polynomial

    given = k.to("f64", x)
    left = given < 0.5
    z = k.where(left, 1.0 - given, given)
    steps: Any = 1.0 / z
    for i in range(1, SHIFT):
        steps = steps + 1.0 / (z + float(i))
    w = z + float(SHIFT)
    u = 1.0 / w
    tail = polynomial(k, u * u, [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760])
    y = log64(k, w) - 0.5 * u - u * u * tail - steps
    sine, cosine = turned(k, given)
    y = k.where(left, y - pi * cosine / sine, y)
    y = k.where((given < 0.0) & (given == k.floor(given)), float("nan"), y)
    y = k.where(given == 0.0, -1.0 / given, y)
    y = k.where(given == float("inf"), given, y)
    return k.to("f32", k.where(given == given, y, given))
