"""Functions of one or two numbers in terms of those that lanes have: exp, log, tanh, √, ⌊ ⌋ and comparisons."""

from __future__ import annotations

from math import log as ln
from typing import Any

import numpy as np

from ...graph.op import Elementwise
from ...ops.choice import maximum, minimum
from ...ops.logic import where
from ...ops.scalar import cos, exp, floor, log, sin, sqrt, tanh
from ..registry import op
from ..symbolic import Sym, mapped
from .constants import refuse

INFINITE = float("inf")

# ---------------------------------------------------------------------- near 0 and far from it


@op("Log1p")
def log1p(op: Any, x: Sym) -> Any:
    """ln(1 + x) = ln u · x / (u − 1) with u = 1 + x as rounded; x where u is 1, ∞ where it is."""
    u = x + 1
    return where(u == 1, x, where(u == INFINITE, u, log(u) * (x / (u - 1))))


@op("Expm1")
def expm1(op: Any, x: Sym) -> Any:
    """eˣ − 1 = tanh(x/2) · (eˣ + 1)"""
    return tanh(x * 0.5) * (exp(x) + 1)


@op("Sinh")
def sinh(op: Any, x: Sym) -> Any:
    """sinh x = (m + m / (m + 1)) / 2 with m = e^|x| − 1, with the sign of x"""
    m = expm1(None, abs(x))
    y = where(m == INFINITE, m, (m + m / (m + 1)) * 0.5)
    return where(x < 0, -y, y)


@op("Cosh")
def cosh(op: Any, x: Sym) -> Any:
    """cosh x = (eˣ + e⁻ˣ) / 2"""
    e = exp(abs(x))
    return (e + 1 / e) * 0.5


@op("Log2")
def log2(op: Any, x: Sym) -> Any:
    """log₂ x = ln x / ln 2"""
    return log(x) * (1 / ln(2))


@op("Log10")
def log10(op: Any, x: Sym) -> Any:
    """log₁₀ x = ln x / ln 10"""
    return log(x) * (1 / ln(10))


@op("Tan")
def tan(op: Any, x: Sym) -> Any:
    """tan x = sin x / cos x"""
    return sin(x) / cos(x)


@op("LogSigmoid")
def log_sigmoid(op: Any, x: Sym) -> Any:
    """ln σ(x) = min(x, 0) − ln(1 + e^−|x|)"""
    return minimum(x, 0.0) - log1p(None, exp(-abs(x)))


@op("LogAddExp")
def log_add_exp(op: Any, a: Any, b: Any) -> Any:
    """ln(eᵃ + eᵇ) = max(a, b) + ln(1 + e^−|a − b|); equal infinities stay"""
    far = where(a == b, 0.0, abs(a - b))
    return maximum(a, b) + log1p(None, exp(-far))


@op("Elu", "Celu")
def elu(op: Any, x: Sym) -> Any:
    """scale · x where x > 0, else scale · α · (e^(rate · x) − 1)"""
    return where(x > 0, op.scale * x, expm1(None, op.rate * x) * (op.scale * op.alpha))


# ---------------------------------------------------------------------- by their formulas


@op(
    "AddCDiv", "AddCMul", "Clamp", "ClampBetween", "HardTanh", "HardShrink", "Lerp", "LerpBy", "Mish", "Rsub", "Scale",
    "SoftShrink", "Softplus", "Threshold",
)  # fmt: skip
def by_formula(op: Any, *inputs: Any) -> Any:
    """What the op says of itself, where NumPy computes it in another way."""
    return op.forward(*inputs)


@op("Pow", "Square")
def power(op: Any, x: Sym) -> Any:
    """xⁿ by products, roots, or e^(n ln x)"""
    return raised(x, op.exponent)


def raised(x: Any, n: Any) -> Any:
    if not isinstance(n, (int, float)) or x.dtype.kind != "f":
        refuse(f"a power of {n}")
    if n < 0:
        return 1 / raised(x, -n)
    if n == 0:
        return where(x == x, 1.0, 1.0) if x.ndim else refuse("a power of 0")
    if n == int(n) and n <= 8:
        return repeated(x, int(n))
    if 2 * n == int(2 * n) and n < 8:
        return sqrt(x) if n == 0.5 else repeated(x, int(n)) * sqrt(x)
    if n == int(n):
        y = exp(log(abs(x)) * n)
        return where(x < 0, -y, y) if n % 2 else y
    return exp(log(x) * n)


def repeated(x: Any, n: int) -> Any:
    """xⁿ by squaring."""
    if n == 1:
        return x
    half = repeated(x, n // 2)
    return half * half * x if n % 2 else half * half


# ---------------------------------------------------------------------- whole numbers


class Nearest(Elementwise, abstract=True):
    """y = the whole number nearest to x; halves go to the even neighbour"""

    lane = "nearest"
    differentiable = False
    compute = np.rint


nearest = Nearest()


@op("Ceil")
def ceil(op: Any, x: Sym) -> Any:
    """⌈x⌉ = −⌊−x⌋"""
    return -floor(-x)


@op("Trunc")
def trunc(op: Any, x: Sym) -> Any:
    """⌊x⌋ from 0 on, ⌈x⌉ below"""
    return where(x < 0, -floor(-x), floor(x))


@op("Frac")
def frac(op: Any, x: Sym) -> Any:
    """x without its whole part"""
    return x - trunc(None, x)


@op("Round")
def round_(op: Any, x: Sym) -> Any:
    """x · 10ᵈ, rounded to a whole number, / 10ᵈ"""
    if x.dtype.kind != "f" or op.decimals:
        refuse("integers, or places behind the point")
    return mapped(x.program, nearest, x)


# ---------------------------------------------------------------------- questions


@op("IsNan")
def isnan(op: Any, x: Sym) -> Any:
    """x ≠ x"""
    return x != x


@op("IsInf")
def isinf(op: Any, x: Sym) -> Any:
    """|x| = ∞"""
    return abs(x) == INFINITE


@op("IsPosInf")
def isposinf(op: Any, x: Sym) -> Any:
    """x = ∞"""
    return x == INFINITE


@op("IsNegInf")
def isneginf(op: Any, x: Sym) -> Any:
    """x = −∞"""
    return x == -INFINITE


@op("IsFinite")
def isfinite(op: Any, x: Sym) -> Any:
    """x − x = 0"""
    return x - x == 0


def truth(x: Any) -> Any:
    return x if x.dtype.char == "?" else x != 0


@op("LogicalAnd")
def logical_and(op: Any, a: Sym, b: Sym) -> Any:
    return truth(a) & truth(b)


@op("LogicalOr")
def logical_or(op: Any, a: Sym, b: Sym) -> Any:
    return truth(a) | truth(b)


@op("LogicalXor")
def logical_xor(op: Any, a: Sym, b: Sym) -> Any:
    return truth(a) ^ truth(b)


@op("LogicalNot")
def logical_not(op: Any, x: Sym) -> Any:
    return ~truth(x)


@op("BitwiseAnd", "BitwiseOr", "BitwiseXor")
def bitwise(op: Any, a: Sym, b: Sym) -> Any:
    """Of truth values, what they are in logic."""
    if a.dtype.char != "?" or b.dtype.char != "?":
        refuse("the bits of integers")
    return {"BitwiseAnd": Sym.__and__, "BitwiseOr": Sym.__or__, "BitwiseXor": Sym.__xor__}[type(op).__name__](a, b)


@op("BitwiseNot")
def bitwise_not(op: Any, x: Sym) -> Any:
    if x.dtype.char != "?":
        refuse("the bits of integers")
    return ~x


@op("MaskedFill")
def masked_fill(op: Any, x: Sym, mask: Sym) -> Any:
    """the value where the mask holds, else x"""
    return where(mask, op.value, x)


@op("NanToNum")
def nan_to_num(op: Any, x: Sym) -> Any:
    """x, with NaN and ±∞ replaced by numbers"""
    most = np.finfo(x.dtype)
    high, low = (float(e if b is None else b) for e, b in ((most.max, op.posinf), (most.min, op.neginf)))
    y = where(x == INFINITE, high, where(x == -INFINITE, low, x))
    return where(x != x, float(op.nan or 0.0), y)
