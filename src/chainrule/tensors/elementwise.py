"""The elementwise functions as methods of a tensor, and their in-place forms."""

from __future__ import annotations

from typing import Any

from . import arithmetic as a
from . import complex as z
from . import logic as c
from . import pointwise as p
from .inplace import in_place
from .later import later


class Elementwise:
    """Every function that acts on one entry at a time, by name; ``f_`` writes the result of ``f`` into the tensor."""

    # arithmetic
    add, sub, mul, div, neg = a.add, a.sub, a.mul, a.div, a.neg
    add_, sub_, mul_, div_, neg_ = a.add_, a.sub_, a.mul_, a.div_, in_place(a.neg)
    subtract, multiply, divide, true_divide, negative = sub, mul, div, a.true_divide, neg
    subtract_, multiply_, divide_, true_divide_, negative_ = sub_, mul_, div_, in_place(a.true_divide), neg_
    positive, pow, float_power = a.positive, a.pow, a.float_power
    pow_, float_power_ = in_place(a.pow), a.float_power_
    floor_divide, remainder, fmod = a.floor_divide, a.remainder, a.fmod
    floor_divide_, remainder_, fmod_ = map(in_place, (a.floor_divide, a.remainder, a.fmod))
    hypot, atan2, arctan2, ldexp, copysign = a.hypot, a.atan2, a.atan2, a.ldexp, a.copysign
    hypot_, atan2_, ldexp_, copysign_ = map(in_place, (a.hypot, a.atan2, a.ldexp, a.copysign))
    arctan2_ = atan2_
    logaddexp, logaddexp2, xlogy, xlogy_ = a.logaddexp, a.logaddexp2, a.xlogy, in_place(a.xlogy)
    maximum, minimum, fmax, fmin = a.maximum, a.minimum, a.fmax, a.fmin
    nextafter, heaviside, gcd, lcm = a.nextafter, a.heaviside, a.gcd, a.lcm
    nextafter_, heaviside_, gcd_, lcm_ = map(in_place, (a.nextafter, a.heaviside, a.gcd, a.lcm))
    lerp, addcmul, addcdiv = a.lerp, a.addcmul, a.addcdiv
    lerp_, addcmul_, addcdiv_ = in_place(a.lerp), in_place(a.addcmul), in_place(a.addcdiv)

    # elementary functions
    exp, exp2, expm1, log, log2, log10, log1p = p.exp, p.exp2, p.expm1, p.log, p.log2, p.log10, p.log1p
    exp_, exp2_, expm1_ = map(in_place, (p.exp, p.exp2, p.expm1))
    log_, log2_, log10_, log1p_ = map(in_place, (p.log, p.log2, p.log10, p.log1p))
    sqrt, rsqrt, square, reciprocal = p.sqrt, p.rsqrt, p.square, p.reciprocal
    sqrt_, rsqrt_, square_, reciprocal_ = map(in_place, (p.sqrt, p.rsqrt, p.square, p.reciprocal))
    sin, cos, tan, asin, acos, atan = p.sin, p.cos, p.tan, p.asin, p.acos, p.atan
    sin_, cos_, tan_, asin_, acos_, atan_ = map(in_place, (p.sin, p.cos, p.tan, p.asin, p.acos, p.atan))
    sinh, cosh, tanh, asinh, acosh, atanh = p.sinh, p.cosh, p.tanh, p.asinh, p.acosh, p.atanh
    sinh_, cosh_, tanh_ = map(in_place, (p.sinh, p.cosh, p.tanh))
    asinh_, acosh_, atanh_ = map(in_place, (p.asinh, p.acosh, p.atanh))
    arcsin, arccos, arctan, arcsinh, arccosh, arctanh = p.asin, p.acos, p.atan, p.asinh, p.acosh, p.atanh
    arcsin_, arccos_, arctan_, arcsinh_, arccosh_, arctanh_ = asin_, acos_, atan_, asinh_, acosh_, atanh_
    deg2rad, rad2deg, sigmoid, relu, hardshrink = p.deg2rad, p.rad2deg, p.sigmoid, p.relu, p.hardshrink
    deg2rad_, rad2deg_, sigmoid_, relu_ = map(in_place, (p.deg2rad, p.rad2deg, p.sigmoid, p.relu))

    # special functions
    erf, erfc, erfinv, lgamma, digamma = p.erf, p.erfc, p.erfinv, p.lgamma, p.digamma
    erf_, erfc_, erfinv_, lgamma_, digamma_ = map(in_place, (p.erf, p.erfc, p.erfinv, p.lgamma, p.digamma))
    i0, sinc, logit, mvlgamma = p.i0, p.sinc, p.logit, p.mvlgamma
    i0_, sinc_, logit_, mvlgamma_ = in_place(p.i0), in_place(p.sinc), in_place(p.logit), in_place(p.mvlgamma)

    igamma, igammac = later("special", "igamma"), later("special", "igammac")
    igamma_, igammac_ = in_place(igamma), in_place(igammac)

    def polygamma(self, n: int) -> Any:
        """ψ⁽ⁿ⁾ of each entry."""
        return p.polygamma(n, self)

    polygamma_ = in_place(polygamma)

    # parts of a number, bounds
    floor, ceil, trunc, fix, frac, round = p.floor, p.ceil, p.trunc, p.trunc, p.frac, p.round
    floor_, ceil_, trunc_, frac_, round_ = map(in_place, (p.floor, p.ceil, p.trunc, p.frac, p.round))
    fix_ = trunc_
    abs, absolute, sign, sgn, frexp = p.abs, p.abs, p.sign, p.sgn, p.frexp
    abs_, sign_, sgn_ = map(in_place, (p.abs, p.sign, p.sgn))
    absolute_ = abs_
    clamp, clip, clamp_min, clamp_max, nan_to_num = p.clamp, p.clip, p.clamp_min, p.clamp_max, p.nan_to_num
    clamp_, clip_, clamp_min_, clamp_max_ = map(in_place, (p.clamp, p.clip, p.clamp_min, p.clamp_max))
    nan_to_num_ = in_place(p.nan_to_num)

    # complex numbers
    conj, conj_physical, angle = z.conj, z.conj_physical, z.angle
    conj_physical_ = z.conj_physical_
    resolve_conj, resolve_neg, is_conj, is_neg = z.resolve_conj, z.resolve_neg, z.is_conj, z.is_neg

    # comparisons, truth, bits, choice
    eq, ne, lt, le, gt, ge = c.eq, c.ne, c.lt, c.le, c.gt, c.ge
    eq_, ne_, lt_, le_, gt_, ge_ = map(in_place, (c.eq, c.ne, c.lt, c.le, c.gt, c.ge))
    not_equal, less, less_equal, greater, greater_equal = c.ne, c.lt, c.le, c.gt, c.ge
    not_equal_, less_, less_equal_, greater_, greater_equal_ = ne_, lt_, le_, gt_, ge_
    isnan, isinf, isfinite, isreal = p.isnan, p.isinf, p.isfinite, p.isreal
    isposinf, isneginf, signbit = p.isposinf, p.isneginf, p.signbit
    isclose, allclose, equal = c.isclose, c.allclose, c.equal
    logical_and, logical_or, logical_xor, logical_not = c.logical_and, c.logical_or, c.logical_xor, c.logical_not
    logical_and_, logical_or_ = in_place(c.logical_and), in_place(c.logical_or)
    logical_xor_, logical_not_ = in_place(c.logical_xor), in_place(c.logical_not)
    bitwise_and, bitwise_or, bitwise_xor, bitwise_not = c.bitwise_and, c.bitwise_or, c.bitwise_xor, c.bitwise_not
    bitwise_and_, bitwise_or_ = in_place(c.bitwise_and), in_place(c.bitwise_or)
    bitwise_xor_, bitwise_not_ = in_place(c.bitwise_xor), in_place(c.bitwise_not)
    bitwise_left_shift, bitwise_right_shift = c.bitwise_left_shift, c.bitwise_right_shift
    bitwise_left_shift_, bitwise_right_shift_ = in_place(c.bitwise_left_shift), in_place(c.bitwise_right_shift)

    def where(self, condition: Any, other: Any) -> Any:
        """This tensor's entries where the condition holds, else those of ``other``."""
        return c.where(condition, self, other)
