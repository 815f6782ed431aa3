"""The elementwise functions as methods of a tensor, and their in-place forms."""

from __future__ import annotations

from . import arithmetic as a
from . import logic as c
from . import pointwise as p
from .inplace import in_place


class Elementwise:
    """Every function that acts on one entry at a time, by name; ``f_`` writes the result of ``f`` into the tensor."""

    # arithmetic
    add, sub, mul, div, neg, pow = a.add, a.sub, a.mul, a.div, a.neg, a.pow
    add_, sub_, mul_, div_, neg_, pow_ = map(in_place, (a.add, a.sub, a.mul, a.div, a.neg, a.pow))

    # functions of one entry
    exp, log, sqrt, sin, cos, tanh = p.exp, p.log, p.sqrt, p.sin, p.cos, p.tanh
    exp_, log_, sqrt_, sin_, cos_, tanh_ = map(in_place, (p.exp, p.log, p.sqrt, p.sin, p.cos, p.tanh))
    abs, sign, reciprocal, square = p.abs, p.sign, p.reciprocal, p.square
    abs_, sign_, reciprocal_, square_ = map(in_place, (p.abs, p.sign, p.reciprocal, p.square))
    sigmoid, relu, clamp, clip = p.sigmoid, p.relu, p.clamp, p.clip
    sigmoid_, relu_, clamp_, clip_ = map(in_place, (p.sigmoid, p.relu, p.clamp, p.clip))
    isnan = p.isnan

    # comparisons, truth, bits, choice
    eq, ne, lt, le, gt, ge = c.eq, c.ne, c.lt, c.le, c.gt, c.ge
    logical_and, logical_or, logical_xor, logical_not = c.logical_and, c.logical_or, c.logical_xor, c.logical_not
    bitwise_and, bitwise_or, bitwise_xor, bitwise_not = c.bitwise_and, c.bitwise_or, c.bitwise_xor, c.bitwise_not
    maximum, minimum = c.maximum, c.minimum
    
    def where(self, condition, other):  # type: ignore[no-untyped-def]
        """This tensor's entries where the condition holds, else those of ``other``."""
        return c.where(condition, self, other)
