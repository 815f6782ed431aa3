"""How ops are read on lanes, and exp, log, tanh, erf, sin and cos on the lanes of float32 vectors: range reduction, then a
polynomial.

Errors are of one to two units in the last place, which the tests hold against float64. Coefficients are minimax fits on
the reduced ranges.
"""

from __future__ import annotations

from math import log as ln
from math import pi
from typing import Any

import numpy as np

from . import vecdouble, vecspecial
from .loops import WIDTH, Builder, Type, Value
from .machine import processor


class Unlowered(TypeError):
    """A formula asks for something that lanes have not."""


def lower(k: Builder, op: Any, inputs: tuple[Any, ...]) -> Any:
    """An op on lanes: what its ``lane`` names (a method of its own, or a function), or its formula, if NumPy computes that."""
    if op.lane and op.lane != "forward":
        kind = next(x.type for x in inputs if isinstance(x, Value))
        if (own := getattr(op, op.lane, None)) is not None:
            return own(*inputs)
        function = globals().get(op.lane) or getattr(vecspecial, op.lane, None)
        if function is None:
            return getattr(k, op.lane)(*inputs)
        if kind.kind != "f32" and op.lane not in ("sign", "relu"):
            function = getattr(vecdouble, op.lane, None) if kind.kind == "f64" else None
        if function is None:
            raise Unlowered(f"{op.lane} of {kind}")
        return function(k, *inputs)
    own = getattr(type(op).compute, "__wrapped__", type(op).compute)  # somebody may watch it
    if op.lane is None or not op.lane and own is not type(op).forward and not isinstance(own, np.ufunc):
        raise Unlowered(f"{op} is computed in a way of its own")
    if any(outer is op for outer in k.reading):
        raise Unlowered(f"{op} is its own formula")
    k.reading.append(op)
    try:
        return op.forward(*inputs)
    finally:
        k.reading.pop()


def power(k: Builder, x: Value, n: Any) -> Value:
    """xⁿ by squaring."""
    if isinstance(n, Value) or n != int(n) or not 0 < abs(n) <= 8:
        raise Unlowered(f"a power of {n}")
    y, square, rest = None, x, abs(int(n))
    while rest:
        if rest & 1:
            y = square if y is None else y * square
        rest >>= 1
        if rest:
            square = square * square
    assert y is not None
    return y if n > 0 else 1.0 / y


def ratio(k: Builder, a: Value, b: Value) -> Value:
    """a / b, for b = 0, b = ∞ and 2⁻¹²⁶ ≤ b ≤ 2¹²⁶, to one unit in the last place.

    The processor's own division takes a vector of 16 ten cycles. An estimate of 1/b, made better by Newton's method, and
    what a − b · q then leaves takes four.
    """
    if b.type != Type("f32", WIDTH) or " avx512f" not in processor():
        return a / b
    first = k.unary("estimate", b)
    inverse = k.fma(k.fma(-b, first, 1.0), first, first)
    q = a * inverse
    y = k.fma(k.fma(-b, q, a), inverse, q)
    return k.where(y == y, y, a * first)  # 0 and ∞ are only right at first


def polynomial(k: Builder, x: Value, coefficients: list[float]) -> Value:
    """c₀ + c₁x + c₂x² + …, from the inside out (Horner)."""
    y: Any = coefficients[-1]
    for c in reversed(coefficients[:-1]):
        y = k.fma(x, y, c)
    return y


LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440e-4  # their sum is ln 2; the first has few bits, so n · ln2_high is exact


def reduced(k: Builder, x: Value) -> tuple[Value, Value]:
    """eʳ, and bits of which the last nine are n's, where eˣ = 2ⁿ · eʳ with n = round(x / ln 2), |r| ≤ ln 2 / 2; for |x| < 10⁶"""
    shifted = k.fma(x, 1 / ln(2), WHOLE)
    n = shifted - WHOLE
    r = k.fma(n, -LN2_LOW, k.fma(n, -LN2_HIGH, x))
    p = polynomial(k, r, [1.0, 1.0, 0.5, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.9875691500e-4])
    return p, k.bits("i32", shifted)


WHOLE = 1.5 * 2.0**23  # what is added to this is rounded to a whole number, which the last bits of the sum then are


def two_to(k: Builder, n: Value) -> Value:
    """2ⁿ from bits whose last nine are n's, and 0 for n = −127"""
    return k.bits("f32", (n << 23) + (127 << 23))


def exp(k: Builder, x: Value) -> Value:
    """eˣ, for all x"""
    nothing = x < -104.0  # the usual −∞ of a mask: to compute with so small a number takes a processor a hundred cycles
    p, n = reduced(k, k.where(nothing, 0.0, at_most(k, x, 88.8)))
    half = n >> 1  # 2ⁿ as two factors, so that neither it nor the result's last bits are lost near the ends
    return k.where(nothing, 0.0, p * two_to(k, half) * two_to(k, n - half))


def decay(k: Builder, x: Value) -> Value:
    """eˣ for x ≤ 0, such as the shares of a softmax before they are added up: 0 for what is below the normal numbers"""
    p, n = reduced(k, k.where(x < -88.0, -88.0, x))
    return p * two_to(k, n)


def at_most(k: Builder, x: Value, limit: float) -> Value:
    """min(x, limit), in one instruction; NaN stays NaN"""
    return k.where(x > limit, limit, x)


def bounded_exp(k: Builder, x: Value) -> Value:
    """eˣ for |x| < 87, where 2ⁿ is one factor"""
    p, n = reduced(k, x)
    return p * two_to(k, n)


def sigmoid(k: Builder, x: Value) -> Value:
    """1 / (1 + e⁻ˣ)"""
    return 1.0 / (exp(k, -x) + 1.0)


def tanh(k: Builder, x: Value) -> Value:
    """x + x³ p(x²) near 0; elsewhere 1 − 2 / (e²ᵃ + 1) with a = |x|, with the sign of x"""
    a = k.abs(x)
    s = x * x
    near = polynomial(k, s, [-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3])
    near = x * k.fma(s, near, 1.0)  # keeps the sign of 0
    far = 1.0 - 2.0 / (bounded_exp(k, 2.0 * at_most(k, a, 10.0)) + 1.0)
    return k.where(a < 0.625, near, signed(k, far, x))


def signed(k: Builder, size: Value, x: Value) -> Value:
    """A number that is not negative, with the sign of x."""
    return k.bits("f32", k.bits("i32", size) | k.bits("i32", x) & -(1 << 31))


def log(k: Builder, x: Value) -> Value:
    """ln x = n ln 2 + ln(1 + m) with 1 + m = x / 2ⁿ in [√½, √2)"""
    tiny = x < 1.17549435e-38
    z = k.where(tiny, x * 8388608.0, x)
    bits = k.bits("i32", z)
    n = ((bits - 0x3F3504F3) >> 23)
    m = k.bits("f32", bits - (n << 23)) - 1.0
    n = k.to("f32", n) - k.where(tiny, k.spread(k.value(23.0, Type("f32")), x.type.lanes), 0.0)
    s = m * m
    p = polynomial(k, m, LOG)
    y = k.fma(n, LN2_LOW, p * m * s)
    y = k.fma(s, -0.5, y)
    y = k.fma(n, LN2_HIGH, m + y)
    y = k.where(x < float("inf"), y, x)
    y = k.where(x < 0.0, float("nan"), y)
    return k.where(x == 0.0, float("-inf"), y)


LOG = [
    3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1, 1.4249322787e-1, -1.2420140846e-1,
    1.1676998740e-1, -1.1514610310e-1, 7.0376836292e-2,
]  # fmt: skip


def log1p(k: Builder, x: Value) -> Value:
    """ln(1 + x) = ln u + (x − (u − 1)) / u with u = 1 + x rounded: the second term is what rounding took off"""
    u = 1.0 + x
    lost = k.where((u > 0.0) & (u < float("inf")), (x - (u - 1.0)) / u, 0.0)
    y = log(k, u) + lost
    return k.where(x == 0.0, x, y)  # keeps the sign of 0


def expm1(k: Builder, x: Value) -> Value:
    """eˣ − 1, for |x| < ½ by its series"""
    series = polynomial(k, x, [1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040, 1 / 40320, 1 / 362880])
    near = k.where(x == 0.0, x, k.fma(x * x, series, x))
    return k.where(k.abs(x) < 0.5, near, exp(k, x) - 1.0)


def sine(k: Builder, x: Value, ahead: int) -> Value:
    """sin(x + ahead · π/2) = ± sin r or ± cos r with x = n π/2 + r, |r| ≤ π/4; in float64 only where some |x| is large"""
    n = k.nearest(x * (2 / pi))
    rest = x
    for part in HALF_PI_PARTS:
        rest = k.fma(n, -part, rest)
    turns = k.variable(k.to("i32", k.where(k.abs(n) < 2.0**30, n, 0.0)), Type("i32", x.type.lanes))
    left = k.variable(rest, x.type)
    for _ in k.when(k.any(k.abs(x) > SMALL_ANGLES)):
        z = k.to("f64", x)
        n = k.nearest(z * (2 / pi))
        left.value = k.to("f32", k.fma(n, -HALF_PI_LOW, k.fma(n, -HALF_PI, z)))
        turns.value = k.to("i32", k.to("i64", k.where(k.abs(n) < 2.0**62, n, 0.0)))
    quadrant, r = turns.value + ahead, left.value
    s = r * r
    odd = k.fma(r * s, polynomial(k, s, [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4]), r)
    even = k.fma(s * s, polynomial(k, s, [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5]), k.fma(s, -0.5, 1.0))
    y = k.where((quadrant & 1) == 0, odd, even)
    return k.bits("f32", k.bits("i32", y) ^ ((quadrant & 2) << 30))


def sin(k: Builder, x: Value) -> Value:
    return k.where(x == 0.0, x, sine(k, x, 0))  # keeps the sign of 0


def cos(k: Builder, x: Value) -> Value:
    return sine(k, x, 1)


def sign(k: Builder, x: Value) -> Value:
    one = k.where(x > 0.0, k.spread(k.value(1.0, x.type._replace(lanes=1)), x.type.lanes), 0.0)
    return k.where(x < 0.0, -1.0, one)


def relu(k: Builder, x: Value) -> Value:
    """max(x, 0), where −0 and NaN stay what they are"""
    return k.where(x < 0.0, 0.0, x)


# Their sum is π/2; the first two have few bits.
HALF_PI_PARTS = (1.5703125, 4.837512969970703125e-4, 7.549790126404332e-08, -1.7151245100058819e-15)
SMALL_ANGLES = 4000.0  # n times those is exact up to here
HALF_PI, HALF_PI_LOW = 1.5707963267948966, 6.123233995736766e-17  # their sum is π/2


def erf(k: Builder, x: Value) -> Value:
    """x + x p(x²) near 0; elsewhere 1 − e⁻ᑫ with q(|x|) fitted to −ln erfc, with the sign of x"""
    near = k.fma(x, polynomial(k, x * x, ERF_NEAR), x)
    a = at_most(k, k.abs(x), 4.0)
    far = 1.0 - bounded_exp(k, polynomial(k, a, ERF_FAR))
    return k.where(a < 0.9, near, signed(k, far, x))


ERF_NEAR = [1.28379154e-1, -3.761252331e-1, 1.128214107e-1, -2.677891601e-2, 5.011971504e-3, -6.090398689e-4]
ERF_FAR = [
    -1.664471609e-4, -1.127797245, -6.369760791e-1, -1.041136829e-1, 2.231521532e-2, -3.065490932e-3, 1.98219726e-4,
]  # fmt: skip


def below(k: Builder, x: Value) -> Value:
    """Φ(−a) = e⁻ᑫ / 2 with a = |x|, q = a P(a) fitted to −ln 2Φ(−a)"""
    a = k.abs(x)
    return decay(k, polynomial(k, a, BELOW) * a) * 0.5


BELOW = [
    -0.797884762, -0.318307489, -0.0363457948, 0.00480157183, 1.94732747e-05, -0.000208034005, 5.87241921e-05,
    -8.89456896e-06, 7.47504259e-07, -2.72542628e-08,
]  # fmt: skip


def gelu(k: Builder, x: Value) -> Value:
    """x Φ(x) with Φ(x) = 1 − Φ(−x): no third of the time goes to an erf that is exact near 0, and for x < 0 nothing cancels"""
    share = k.once(below, x)
    return x * k.where(x < 0.0, share, 1.0 - share)


def gelu_slope(k: Builder, x: Value) -> Value:
    """Φ(x) + x φ(x), at −a the share Φ(−a) T(a), where T is fitted to 1 − a φ(a) / Φ(−a); at a what is left of 1"""
    a = at_most(k, k.abs(x), 14.0)  # Φ(−14) is 0 to float32
    share = k.fma(x, 0.0, k.once(below, x) * polynomial(k, a, SLOPE))  # of ∞ it is NaN, as ∞ · φ(∞) says
    return k.where(x < 0.0, share, 1.0 - share)


SLOPE = [
    1.0, -0.797885716, -0.636601567, -0.109103329, 0.0193664525, -0.000121981386, -0.00106859463, 0.000321877596,
    -4.49904219e-05, 2.57949478e-06,
]  # fmt: skip
