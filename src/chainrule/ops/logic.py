"""Comparisons, truth, and choosing between two values by a condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.op import Elementwise
from .kernels.bits import LARGE, masked, selected


class Comparison(Elementwise, abstract=True):
    """A truth value for each pair of entries; constant almost everywhere, so it carries no gradient."""

    differentiable = False
    slow = "eE"

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)


class Order(Comparison, abstract=True):
    """A comparison that needs an order of numbers, which complex ones have not."""

    takes = "bif"
    slow = "eEFD"


class Eq(Comparison):
    """y = 1 where a = b"""

    lane = "eq"
    symbol = "="
    compute = np.equal


class Ne(Comparison):
    """y = 1 where a ≠ b"""

    lane = "ne"
    symbol = "≠"
    compute = np.not_equal


class Lt(Order):
    """y = 1 where a < b"""

    lane = "lt"
    symbol = "<"
    compute = np.less


class Le(Order):
    """y = 1 where a ≤ b"""

    lane = "le"
    symbol = "≤"
    compute = np.less_equal


class Gt(Order):
    """y = 1 where a > b"""

    lane = "gt"
    symbol = ">"
    compute = np.greater


class Ge(Order):
    """y = 1 where a ≥ b"""

    lane = "ge"
    symbol = "≥"
    compute = np.greater_equal


class Where(Elementwise):
    """y = a where the condition holds, else b"""

    lane = "where"
    apart = (0,)

    def forward(self, condition: Any, a: Any, b: Any) -> Any:
        return self(condition, a, b)

    def compute(self, condition: Any, a: Any, b: Any) -> Any:
        if type(condition) is np.ndarray and condition.size > LARGE and condition.dtype.char == "?":
            if type(b) is int and b == 0:
                return masked(condition, a)
            if type(a) is int and a == 0:
                return masked(~condition, b)
            return selected(condition, a, b)
        return np.where(condition, a, b)

    def pull_a(self, g: Any, condition: Any) -> Any:
        return where(condition, g, 0)

    def pull_b(self, g: Any, condition: Any) -> Any:
        return where(condition, 0, g)


class Truth(Comparison, abstract=True):
    """A truth value for each pair of entries, where any number but 0 counts as true."""

    apart = (0, 1)


class LogicalAnd(Truth):
    """y = 1 where a ≠ 0 and b ≠ 0"""

    symbol = "∧"
    compute = np.logical_and


class LogicalOr(Truth):
    """y = 1 where a ≠ 0 or b ≠ 0"""

    symbol = "∨"
    compute = np.logical_or


class LogicalXor(Truth):
    """y = 1 where exactly one of a and b is not 0"""

    symbol = "⊻"
    compute = np.logical_xor


class LogicalNot(Elementwise):
    """y = 1 where x = 0"""

    symbol = "¬"
    differentiable = False
    compute = np.logical_not

    def forward(self, x: Any) -> Any:
        return self(x)


class Question(Elementwise, abstract=True):
    """A truth value for each entry."""

    differentiable = False

    def forward(self, x: Any) -> Any:
        return self(x)


class IsNan(Question):
    """y = 1 where x is not a number"""

    compute = np.isnan


class IsInf(Question):
    """y = 1 where x is ∞ or −∞"""

    compute = np.isinf


class IsFinite(Question):
    """y = 1 where x is neither infinite nor NaN"""

    compute = np.isfinite


class IsReal(Question):
    """y = 1 where x has no imaginary part"""

    def compute(self, x: Any) -> Any:
        return np.isreal(x)


class Infinity(Question, abstract=True):
    """A question about ∞, which complex numbers have only one of."""

    takes = "bif"

    def check_dtype(self, common: Any) -> None:
        if common.rank == 3:
            raise RuntimeError(f"{type(self).__name__.lower()} does not support complex inputs.")


class IsPosInf(Infinity):
    """y = 1 where x is ∞"""

    def compute(self, x: Any) -> Any:
        return x == np.inf


class IsNegInf(Infinity):
    """y = 1 where x is −∞"""

    def compute(self, x: Any) -> Any:
        return x == -np.inf


class SignBit(Question):
    """y = 1 where x is negative, −0 included"""

    takes = "bif"
    compute = np.signbit


class Bits(Elementwise, abstract=True):
    """An op on the bits of integers, or on truth values."""

    takes = "bi"
    differentiable = False

    def forward(self, a: Any, b: Any) -> Any:
        return self(a, b)


class BitwiseAnd(Bits):
    """y = the bits that a and b both have"""

    symbol, kernel = "&", "bitwise_and_cpu"
    compute = np.bitwise_and


class BitwiseOr(Bits):
    """y = the bits that a or b has"""

    symbol, kernel = "|", "bitwise_or_cpu"
    compute = np.bitwise_or


class BitwiseXor(Bits):
    """y = the bits that a and b do not share"""

    symbol, kernel = "^", "bitwise_xor_cpu"
    compute = np.bitwise_xor


class BitwiseNot(Elementwise):
    """y = the bits that x lacks; for truth values, the opposite"""

    symbol, kernel = "~", "bitwise_not_cpu"
    takes = "bi"
    differentiable = False
    compute = np.invert

    def forward(self, x: Any) -> Any:
        return ~x


class LeftShift(Bits):
    """y = a · 2ᵇ: the bits of a moved b places up"""

    symbol, kernel = "<<", "lshift_cpu"
    takes = "i"
    compute = np.left_shift


class RightShift(Bits):
    """y = ⌊a / 2ᵇ⌋: the bits of a moved b places down"""

    symbol, kernel = ">>", "rshift_cpu"
    takes = "i"
    compute = np.right_shift


eq, ne, lt, le, gt, ge, where = Eq(), Ne(), Lt(), Le(), Gt(), Ge(), Where()
logical_and, logical_or, logical_xor, logical_not = LogicalAnd(), LogicalOr(), LogicalXor(), LogicalNot()
bitwise_and, bitwise_or, bitwise_xor, bitwise_not = BitwiseAnd(), BitwiseOr(), BitwiseXor(), BitwiseNot()
left_shift, right_shift = LeftShift(), RightShift()
isnan, isinf, isfinite, isreal, signbit = IsNan(), IsInf(), IsFinite(), IsReal(), SignBit()
isposinf, isneginf = IsPosInf(), IsNegInf()
