"""Entry by entry: one input, two, three; comparisons, bits, dtypes meeting."""

from ..draw import Draw, call
from .spec import Spec, forms, lines, methods


def one(d: Draw):
    return call(d.x(kind="any"))


def floats(d: Draw):
    return call(d.x(kind="inexact"))


def two(d: Draw):
    x = d.x(kind="any")
    return call(x, d.other(x))


def two_or_number(d: Draw):
    x = d.x(kind="any")
    return call(x, d.number(x.dtype) if d.flag(0.35) else d.other(x))


def alpha(d: Draw):
    args, _ = two_or_number(d)
    return call(*args, **d.some(0.3, alpha=lambda: d.number(args[0].dtype)))


def divided(d: Draw):
    args, _ = two_or_number(d)
    return call(*args, **d.some(0.4, rounding_mode=lambda: d.pick(None, "floor", "trunc", "floor", "trunc", "up")))


def powers(d: Draw):
    args, _ = two_or_number(d)
    return call(d.number(), args[0]) if d.flag(0.15) else call(*args)


def integers(d: Draw):
    x = d.x(kind=d.pick("int", "int", "bool", "any"))
    return call(x, d.number(x.dtype) if d.flag(0.3) else d.other(x, "int"))


def shifts(d: Draw):
    x = d.x(kind="int", values="small")
    return call(x, d.randint(0, 6) if d.flag(0.3) else d.x(d.partner(x.shape), dtype=x.dtype, values="bits"))


def both_float(d: Draw):
    x = d.x(kind="float")
    return call(x, d.other(x, "float"))


def three(d: Draw):
    x = d.x(kind="inexact" if d.flag(0.8) else "any")
    return call(x, d.other(x), d.other(x), **d.some(0.4, value=lambda: d.number(x.dtype)))


def limits(d: Draw):
    x = d.x(kind="any")
    bound = lambda: None if d.flag(0.2) else d.other(x) if d.flag(0.4) else d.number(x.dtype)  # noqa: E731
    if d.flag(0.3):
        low, high = d.number(x.dtype), d.number(x.dtype)
        return call(x, low, high)
    return call(x, bound(), bound()) if d.flag(0.7) else call(x, **d.some(0.6, min=bound, max=bound))


def limit(d: Draw):
    x = d.x(kind="any")
    return call(x, d.other(x) if d.flag(0.3) else d.number(x.dtype))


def rounded(d: Draw):
    return call(d.x(kind="any"), **d.some(0.3, decimals=lambda: d.randint(-2, 3)))


def lerped(d: Draw):
    x = d.x(kind="inexact")
    end = d.x(d.partner(x.shape), dtype=x.dtype if d.flag(0.95) else d.dtype("any"))
    return call(x, end, d.number() if d.flag(0.5) else d.x(d.partner(x.shape), dtype=x.dtype))


def nan_to_num(d: Draw):
    return call(d.x(kind="any", values=d.pick("edges", "edges", "normal")), **d.some(0.4, nan=d.number, posinf=d.number, neginf=d.number))


def logits(d: Draw):
    return call(d.x(kind="real", values=d.pick("unit", "unit", "edges", "normal")), **d.some(0.4, eps=lambda: d.pick(0.0, 0.1, 1e-6)))


def chosen(d: Draw):
    x = d.x(kind="any")
    mask = d.mask(d.partner(x.shape)) if d.flag(0.95) else d.x(d.partner(x.shape), kind="any")
    a = x if d.flag(0.8) else d.number()
    return call(mask, a, d.other(x) if d.flag(0.8) else d.number(x.dtype))


def chosen_method(d: Draw):
    (mask, a, b), _ = chosen(d)
    return call(a if hasattr(a, "shape") else d.x(kind="any"), mask, b)


def isclose(d: Draw):
    x = d.x(kind="any", values=d.pick("small", "edges", "normal"))
    y = d.x(d.partner(x.shape), dtype=x.dtype if d.flag(0.95) else d.dtype("any"), values=x.values)
    return call(x, y, **d.some(0.3, rtol=lambda: d.pick(0.0, 0.1, 1e-5), atol=lambda: d.pick(0.0, 1.0, 1e-8), equal_nan=d.flag))


def polygamma(d: Draw):
    return call(d.randint(0, 4), d.x(kind="float", values="positive"))


def polygamma_method(d: Draw):
    n, x = polygamma(d)[0]
    return call(x, n)


def mvlgamma(d: Draw):
    return call(d.x(kind="float", values="positive"), d.randint(1, 3))


def equal(d: Draw):
    x = d.x(kind="any", values="small")
    return call(x, x if d.flag() else d.other(x, values="small"))


def operands(d: Draw):
    """For the operators: tensors and numbers on either side."""
    x = d.x(kind="any")
    y = d.number(x.dtype) if d.flag(0.4) else d.other(x)
    return call(y, x) if d.flag(0.3) else call(x, y)


def bit_operands(d: Draw):
    x = d.x(kind=d.pick("int", "bool"))
    y = d.other(x, d.pick("int", "bool"), dtype=x.dtype if d.flag(0.6) else d.dtype(d.pick("int", "bool"))) if d.flag(0.7) else d.pick(True, 1, 3, 0)
    return call(x, y)


def into(operator):
    """An operator that writes in place."""

    def program(t, x, y):
        import operator as operators

        return getattr(operators, operator)(x, y)

    return program


def operator(name):
    def program(t, x, y):
        import operator as operators

        return getattr(operators, name)(x, y)

    return program


def unary_operator(name):
    def program(t, x):
        import operator as operators

        return getattr(operators, name)(x)

    return program


EXACT_ONE = "ceil fix floor frac neg negative positive sign signbit trunc"
ONE = (
    "abs absolute sgn acos acosh angle arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh deg2rad digamma erf erfc erfinv "
    "exp exp2 expm1 i0 lgamma log log10 log1p log2 rad2deg reciprocal rsqrt sigmoid sin sinc sinh sqrt square tan tanh"
)
ASKS = "isfinite isinf isnan isneginf isposinf isreal logical_not"
COMPARE = "eq ge greater greater_equal gt le less less_equal lt ne not_equal logical_and logical_or logical_xor"
TWO = "arctan2 atan2 copysign float_power fmod floor_divide hypot ldexp logaddexp logaddexp2 nextafter remainder xlogy heaviside"
EXTREMES = "maximum minimum fmax fmin"

ELEMENTWISE = {
    **forms(EXACT_ONE, one, exact=True),
    **forms(ONE, one),
    **forms("relu", one, out=False),
    **forms(ASKS, one, exact=True),
    **forms("conj conj_physical resolve_conj resolve_neg real imag view_as_real is_complex is_floating_point is_signed", one, out=False),
    **forms(COMPARE, two_or_number, exact=True),
    **forms(TWO, two_or_number),
    **forms(EXTREMES, two),
    **forms("add sub subtract rsub", alpha),
    **forms("mul multiply true_divide", two_or_number),
    **forms("div divide", divided),
    **forms("pow", two_or_number),
    "pow": Spec(powers),
    **forms("bitwise_and bitwise_or bitwise_xor", integers, exact=True),
    **forms("gcd lcm", integers, exact=True),
    **forms("bitwise_left_shift bitwise_right_shift", shifts, exact=True),
    **forms("bitwise_not", lambda d: call(d.x(kind=d.pick("int", "bool", "any"))), exact=True),
    **forms("addcmul addcdiv", three),
    **forms("clamp clip", limits),
    **forms("clamp_min clamp_max", limit),
    **forms("round", rounded),
    **forms("lerp", lerped),
    **forms("nan_to_num", nan_to_num),
    **forms("logit", logits),
    **lines("where", chosen, exact=True),
    **lines("Tensor.where", chosen_method, exact=True),
    **forms("isclose allclose", isclose, out=False, exact=True),
    **forms("equal", equal, out=False, exact=True),
    **lines("polygamma", polygamma),
    **methods("polygamma", polygamma_method),
    **forms("mvlgamma", mvlgamma),
    **forms("frexp", floats, out=False),
    **lines("complex polar", both_float),
    "view_as_complex": Spec(lambda d: call(d.x((*d.shape(0, 3), 2 if d.flag(0.95) else 3)))),
    **{
        f"operator.{name}": Spec(operands, operator(name), needs="add")
        for name in "add sub mul truediv floordiv mod pow eq ne lt le gt ge".split()
    },
    **{f"operator.{name}": Spec(bit_operands, operator(name), needs="add") for name in "and_ or_ xor".split()},
    **{f"operator.{name}": Spec(shifts, operator(name), needs="add") for name in "lshift rshift".split()},
    **{
        f"operator.{name}": Spec(two_or_number, into(name), writes=True, needs="add")
        for name in "iadd isub imul itruediv ifloordiv imod ipow".split()
    },
    **{f"operator.{name}": Spec(bit_operands, into(name), writes=True, needs="add") for name in "iand ior ixor".split()},
    **{f"operator.{name}": Spec(one, unary_operator(name), needs="add") for name in "neg pos abs invert".split()},
}
SPECIAL_ONE = (
    "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammaln i0 i0e i1 i1e log1p "
    "log_ndtr modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 ndtr ndtri psi "
    "scaled_modified_bessel_k0 scaled_modified_bessel_k1 sinc spherical_bessel_j0"
)
SPECIAL = {
    **lines([f"special.{name}" for name in SPECIAL_ONE.split()], lambda d: call(d.x(kind="real"))),
    **lines("special.xlogy special.xlog1py", two_or_number),
    **lines("special.logit", logits),
    **lines("special.polygamma", polygamma),
    **lines("special.multigammaln", mvlgamma),
    **lines("special.round", rounded),
    **lines(
        "special.zeta special.gammainc special.gammaincc",
        lambda d: (lambda x: call(x, d.x(d.partner(x.shape), dtype=x.dtype, values="positive", grad=0)))(
            d.x(kind="full", values="positive", grad=0)
        ),
    ),
    **forms(
        "igamma igammac",
        lambda d: (lambda x: call(x, d.x(d.partner(x.shape), dtype=x.dtype, values="positive")))(
            d.x(kind="full", values="positive", grad=0)
        ),
    ),
    **lines(
        [
            f"special.{p}"
            for p in "chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w "
            "hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p "
            "shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v "
            "shifted_chebyshev_polynomial_w".split()
        ],
        lambda d: call(d.x(kind="full", grad=0, values=d.pick("normal", "unit", "small")), d.randint(0, 8)),
    ),
}
