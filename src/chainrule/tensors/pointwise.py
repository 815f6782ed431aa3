"""Functions of one entry by PyTorch's names: exp, sin, round, clamp and their like."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..base import dtypes
from ..base.errors import message
from ..graph.apply import binary, careful, plain, unary
from ..graph.op import Op
from ..graph.promote import cast, known_as, widen
from ..graph.value import Value, wrap
from ..ops import activations, arithmetic, choice, division, logic, powers, scalar, special
from .coerce import number, tensor_like
from .inplace import into
from .return_types import return_type


def function_of(op: Op, name: str = "") -> Callable[..., Any]:
    """The function by PyTorch's name that belongs to an op of one input; the op's formula is its docstring."""
    name = name or type(op).__name__.lower()

    def function(input: Any, *, out: Any = None) -> Any:
        if not isinstance(input, Value):
            tensor_like(input, "input", name)
        y = unary(op, input)
        return y if out is None else into(out, y)

    return named(function, name, op.__doc__)


def named(function: Any, name: str, doc: str | None) -> Callable[..., Any]:
    """A function that was made from an op, under the name and with the formula it goes by."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


# One op for each setting of its numbers; programs use few.
made = lru_cache(maxsize=256, typed=True)(lambda kind, *numbers: kind(*numbers))

# ---------------------------------------------------------------------- elementary functions

exp, exp2, expm1 = function_of(scalar.exp), function_of(scalar.exp2), function_of(scalar.expm1)
log, log2, log10, log1p = map(function_of, (scalar.log, scalar.log2, scalar.log10, scalar.log1p))
sqrt, rsqrt = function_of(scalar.sqrt), function_of(powers.rsqrt)
reciprocal = function_of(arithmetic.reciprocal)


def square(input: Any, *, out: Any = None) -> Any:
    """y = input²

    >>> torch.square(torch.tensor([-3., 2.]))
    tensor([9., 4.])
    """
    y = unary(powers.square, input if tensor_like(input, "input", "square").array.dtype.kind != "b" else input * 1)
    return y if out is None else into(out, y)


sin, cos, tan = map(function_of, (scalar.sin, scalar.cos, scalar.tan))
asin, acos, atan = map(function_of, (scalar.asin, scalar.acos, scalar.atan))
sinh, cosh, tanh = map(function_of, (scalar.sinh, scalar.cosh, scalar.tanh))
asinh, acosh, atanh = map(function_of, (scalar.asinh, scalar.acosh, scalar.atanh))
arcsin, arccos, arctan, arcsinh, arccosh, arctanh = asin, acos, atan, asinh, acosh, atanh
deg2rad, rad2deg = function_of(arithmetic.deg2rad, "deg2rad"), function_of(arithmetic.rad2deg, "rad2deg")
sigmoid, relu = function_of(activations.sigmoid), function_of(activations.relu)


def hardshrink(input: Any, lambd: float = 0.5, *, out: Any = None) -> Any:
    """y = input where |input| > lambd, else 0

    >>> torch.hardshrink(torch.tensor([-1., 0.25]))
    tensor([-1.,  0.])
    """
    return into(out, unary(made(activations.HardShrink, lambd), tensor_like(input, "input", "hardshrink")))


# ---------------------------------------------------------------------- special functions

erf, erfc, erfinv = map(function_of, (special.erf, special.erfc, special.erfinv))
lgamma, digamma, i0, sinc = map(function_of, (special.lgamma, special.digamma, special.i0, special.sinc))


def polygamma(n: int, input: Any, *, out: Any = None) -> Any:
    """y = ψ⁽ⁿ⁾(input), the n-th derivative of the digamma function.

    >>> torch.polygamma(1, torch.tensor([1.]))
    tensor([1.6449])
    """
    if n < 0:
        raise RuntimeError(f"polygamma(n, x) does not support negative n: n = {n}")
    return into(out, unary(made(special.Polygamma, n), tensor_like(input, "input", "polygamma")))


def mvlgamma(input: Any, p: int, *, out: Any = None) -> Any:
    """y = ln Γₚ(input), the multivariate gamma function: p (p − 1)/4 · ln π + Σ ln Γ(input + (1 − j)/2), 1 ≤ j ≤ p.

    >>> torch.mvlgamma(torch.tensor([2.]), 2)
    tensor([0.4516])
    """
    tensor_like(input, "input", "mvlgamma")
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    total = lgamma(input)
    for j in range(2, p + 1):
        total = total + lgamma(input + (1 - j) / 2)
    return into(out, known_as(total + p * (p - 1) / 4 * float(np.log(np.pi)), "MvlgammaBackward0"))


def logit(input: Any, eps: float | None = None, *, out: Any = None) -> Any:
    """y = ln(input / (1 − input)), the inverse of the sigmoid; ``eps`` first keeps input within [eps, 1 − eps].

    >>> torch.logit(torch.tensor([0.5, 0.75]))
    tensor([0.0000, 1.0986])
    """
    return into(out, unary(made(special.Logit, eps), tensor_like(input, "input", "logit")))


# ---------------------------------------------------------------------- parts of a number

floor, ceil, trunc = map(function_of, (scalar.floor, scalar.ceil, scalar.trunc))
frac = function_of(division.frac)
fix = trunc


def abs(input: Any, *, out: Any = None) -> Any:
    """y = |input|, the distance from 0

    >>> torch.abs(torch.tensor([-1.5, 2.]))
    tensor([1.5000, 2.0000])
    """
    x = tensor_like(input, "input", "abs").array
    if x.dtype.kind == "c":
        from ..ops.complex import magnitude

        return into(out, plain(magnitude, input))
    return into(out, unary(arithmetic.absolute, input))


def sign(input: Any, *, out: Any = None) -> Any:
    """y = −1, 0 or 1 as the entry is negative, zero or positive.

    >>> torch.sign(torch.tensor([-3., 0., 2.]))
    tensor([-1.,  0.,  1.])
    """
    if tensor_like(input, "input", "sign").array.dtype.kind == "c":
        raise NotImplementedError(
            message(
                "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
                "a complex number has a direction, not a sign",
                "torch.sgn(x), which is x / |x|",
            )
        )
    return into(out, unary(scalar.sign, input))


def sgn(input: Any, *, out: Any = None) -> Any:
    """y = input / |input|, and 0 at 0: the sign of a real number, the direction of a complex one.

    >>> torch.sgn(torch.tensor([-3., 0., 2.]))
    tensor([-1.,  0.,  1.])
    """
    if tensor_like(input, "input", "sgn").array.dtype.kind == "c":
        from ..ops.complex import direction

        return into(out, plain(direction, input))
    return into(out, unary(scalar.sgn, input))


def round(input: Any, *, decimals: int = 0, out: Any = None) -> Any:
    """y = the nearest whole number (or multiple of 10⁻ᵈ, d being ``decimals``); halves go to the even neighbour.

    >>> torch.round(torch.tensor([0.5, 1.5, 2.5]))
    tensor([0., 2., 2.])
    """
    op = made(scalar.Round, decimals) if decimals else scalar.round_half_even
    if decimals and tensor_like(input, "input", "round").array.dtype.kind in "iu":
        raise NotImplementedError(
            message(
                f"\"round_cpu\" not implemented for '{dtypes.title(dtypes.of(input.array))}'",
                "integers have no decimals",
                "torch.round(x.double(), decimals=...)",
            )
        )
    return into(out, unary(op, tensor_like(input, "input", "round")))


Frexp = return_type("frexp", "mantissa", "exponent")


def frexp(input: Any) -> Any:
    """The mantissa and the exponent of each entry: input = mantissa · 2 ** exponent, ½ ≤ |mantissa| < 1.

    >>> torch.frexp(torch.tensor([6.])).exponent
    tensor([3], dtype=torch.int32)
    """
    x = tensor_like(input, "input", "frexp").array
    if x.dtype.kind not in "fV":
        raise RuntimeError(
            message(
                "torch.frexp() only supports floating-point dtypes", f"this tensor holds {dtypes.of(x)}", "x.float()"
            )
        )
    y = unary(arithmetic.mantissa, input)
    return Frexp(y, wrap(np.frexp(widen(x))[1].astype(np.int32)))


def nan_to_num(
    input: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None, *, out: Any = None
) -> Any:
    """y = input, with NaN replaced by ``nan`` (0), ±∞ by ``posinf`` and ``neginf`` (the largest and least numbers).

    >>> torch.nan_to_num(torch.tensor([float("nan"), 1.]))
    tensor([0., 1.])
    """
    from .dtype_info import finfo

    kind = dtypes.of(tensor_like(input, "input", "nan_to_num").array)
    if kind in dtypes.HALVES:  # whose largest number is not that of float32, in which they are computed
        posinf = finfo(kind).max if posinf is None else posinf
        neginf = finfo(kind).min if neginf is None else neginf
    op = choice.NanToNum(0.0 if nan is None else nan, posinf, neginf)
    return into(out, unary(op, tensor_like(input, "input", "nan_to_num")))


# ---------------------------------------------------------------------- kept within bounds


def clamp(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """y = input, but at least ``min`` and at most ``max``, each a number or a tensor.

    >>> torch.clamp(torch.tensor([-1., 0.5, 3.]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise RuntimeError(
            message("torch.clamp: At least one of 'min' or 'max' must not be None", "there is no bound to keep to")
        )
    tensor_like(input, "input", "clamp")
    if isinstance(min, Value) or isinstance(max, Value):
        if not (min is None or max is None or isinstance(min, Value) and isinstance(max, Value)):
            min, max = (number(b) if isinstance(b, Value) and b.array.ndim == 0 and b.node is None else b for b in (min, max))
            if not isinstance(min, Value) and not isinstance(max, Value):
                return clamp(input, min, max, out=out)
        for bound, name in ((min, "min"), (max, "max")):
            if bound is not None:
                tensor_like(bound, name, "clamp")
        if max is None:
            y = binary(choice.clamp_from, input, min)
        elif min is None:
            y = binary(choice.clamp_to, input, max)
        else:
            y = careful(choice.clamp_between, input, min, max)
    else:
        y = clamped(input, number(min), number(max))
    return y if out is None else into(out, y)


def clamped(input: Any, low: Any, high: Any, torch_name: str = "ClampBackward1") -> Any:
    """`clamp` by numbers, which may turn integers into floating-point numbers."""
    x = input.array
    if x.dtype.char not in "fd":
        bounds = [b for b in (low, high) if b is not None]
        input = cast(input, dtypes.result_type([dtypes.of(x)], [], bounds))
    return unary(made(choice.Clamp, low, high, torch_name), input)


def clip(input: Any, min: Any = None, max: Any = None, *, out: Any = None) -> Any:
    """Another name of :func:`clamp`."""
    return clamp(input, min, max, out=out)


def clamp_min(input: Any, min: Any, *, out: Any = None) -> Any:
    """y = max(input, min)

    >>> torch.clamp_min(torch.tensor([-1., 2.]), 0)
    tensor([0., 2.])
    """
    if isinstance(min, Value):
        return into(out, binary(choice.clamp_min, tensor_like(input, "input", "clamp_min"), min))
    return into(out, clamped(tensor_like(input, "input", "clamp_min"), number(min), None, "ClampMinBackward0"))


def clamp_max(input: Any, max: Any, *, out: Any = None) -> Any:
    """y = min(input, max)

    >>> torch.clamp_max(torch.tensor([-1., 2.]), 0)
    tensor([-1.,  0.])
    """
    if isinstance(max, Value):
        return into(out, binary(choice.clamp_max, tensor_like(input, "input", "clamp_max"), max))
    return into(out, clamped(tensor_like(input, "input", "clamp_max"), None, number(max), "ClampMaxBackward0"))


# ---------------------------------------------------------------------- questions about a number


def predicate(op: Op, name: str) -> Callable[..., Any]:
    """The function that asks a question about each entry; the answer has no history."""

    def function(input: Any) -> Any:
        tensor_like(input, "input", name)
        op.check_dtype(dtypes.of(input.array))  # type: ignore[attr-defined]
        return plain(op, input)

    return named(function, name, op.__doc__)


isnan, isinf = predicate(logic.isnan, "isnan"), predicate(logic.isinf, "isinf")
isfinite, isreal = predicate(logic.isfinite, "isfinite"), predicate(logic.isreal, "isreal")
isposinf, isneginf = predicate(logic.isposinf, "isposinf"), predicate(logic.isneginf, "isneginf")


def signbit(input: Any, *, out: Any = None) -> Any:
    """y = 1 where the entry is negative, −0 included.

    >>> torch.signbit(torch.tensor([-0., 1.]))
    tensor([ True, False])
    """
    if tensor_like(input, "input", "signbit").array.dtype.kind == "c":
        raise NotImplementedError(
            message("signbit is not implemented for complex tensors.", "their parts have signs, they have not")
        )
    return into(out, plain(logic.signbit, input))
