"""exp, log, tanh and sigmoid on lanes of float64: range reduction, then a series or a fraction.

Errors are of a unit in the last place, of tanh of one and a half, which the tests hold against more digits. Series are as
long as the reduced range asks for: what is left out is below 2⁻⁵⁶ of the result.
"""

from __future__ import annotations

from math import factorial
from math import log as ln

from .loops import Builder, Type, Value

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # the first has 32 bits, so n · ln2_high is exact
EXP = [1 / factorial(i) for i in range(14)]
ARTANH = [2 / (2 * i + 3) for i in range(10)]
TANH_OVER = [675675.0, 45045.0, 594.0, 1.0]
TANH_UNDER = [2027025.0, 945945.0, 51975.0, 630.0, 1.0]
SMALLEST = 2.0**-1022  # of normal numbers


def exp(k: Builder, x: Value) -> Value:
    """eˣ = 2ⁿ · eʳ with n = round(x / ln 2), |r| ≤ ln 2 / 2, for all x"""
    from .vecmath import at_most, polynomial

    nothing = x < -746.0
    z = k.where(nothing, 0.0, at_most(k, x, 710.0))
    n = k.nearest(z * (1 / ln(2)))
    r = k.fma(n, -LN2_LOW, k.fma(n, -LN2_HIGH, z))
    p = polynomial(k, r, EXP)
    whole = k.to("i64", k.where(n == n, n, 0.0))
    half = whole >> 1  # 2ⁿ as two factors, so that neither it nor the result's last bits are lost near the ends
    scale = [k.bits("f64", (part + 1023) << 52) for part in (half, whole - half)]
    return k.where(nothing, 0.0, p * scale[0] * scale[1])


def decay(k: Builder, x: Value) -> Value:
    """eˣ, asked for where x ≤ 0"""
    return exp(k, x)


def log(k: Builder, x: Value) -> Value:
    """ln x = n ln 2 + ln(1 + m) with 1 + m = x / 2ⁿ in [√½, √2): m − m²/2 + s (m²/2 + Σ 2 s²ⁱ / (2i + 1)), s = m / (2 + m)"""
    from .vecmath import polynomial

    tiny = x < SMALLEST
    z = k.where(tiny, x * 2.0**54, x)
    bits = k.bits("i64", z)
    n = (bits - 0x3FE6A09E667F3BCD) >> 52
    m = k.bits("f64", bits - (n << 52)) - 1.0
    n = k.to("f64", n) - k.where(tiny, k.spread(k.value(54.0, Type("f64")), x.type.lanes), 0.0)
    s = m / (2.0 + m)
    t, half = s * s, 0.5 * m * m
    rest = half - k.fma(s, half + t * polynomial(k, t, ARTANH), n * LN2_LOW)
    y = k.fma(n, LN2_HIGH, m - rest)
    y = k.where(x < float("inf"), y, x)
    y = k.where(x < 0.0, float("nan"), y)
    return k.where(x == 0.0, float("-inf"), y)


def tanh(k: Builder, x: Value) -> Value:
    """Near 0 its continued fraction x / (1 + x²/(3 + x²/(5 + …))) as x − x³ P(x²) / Q(x²); elsewhere 1 − 2 / (e²ᵃ + 1), a = |x|"""
    from .vecmath import at_most, polynomial

    a = k.abs(x)
    s = x * x
    near = x - x * s * (polynomial(k, s, TANH_OVER) / polynomial(k, s, TANH_UNDER))
    far = 1.0 - 2.0 / (exp(k, 2.0 * at_most(k, a, 20.0)) + 1.0)
    far = k.bits("f64", k.bits("i64", far) | k.bits("i64", x) & -(1 << 63))
    return k.where(x == 0.0, x, k.where(a < 0.55, near, far))


def sigmoid(k: Builder, x: Value) -> Value:
    """1 / (1 + e⁻ˣ)"""
    return 1.0 / (exp(k, -x) + 1.0)
