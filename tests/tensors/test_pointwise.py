"""Every elementwise function against PyTorch: values, gradients, dtypes, special values, errors, in-place forms."""

import operator
from math import inf, nan

import numpy as np
import pytest

import chainrule
import chainrule.nn.functional
from tests.architecture.tree import fresh

torch = pytest.importorskip("torch")

ONE = """
    abs absolute acos acosh angle arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh bitwise_not ceil
    clip conj conj_physical
    cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 fix floor frac i0 isfinite isinf isnan
    isneginf isposinf isreal lgamma log log10 log1p log2 logical_not logit nan_to_num neg negative positive rad2deg
    reciprocal relu round rsqrt sgn sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc
""".split()
ACTIVATIONS = """
    celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu sigmoid silu
    softplus softshrink softsign tanh tanhshrink
""".split()
TWO = """
    add arctan2 atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor copysign div divide eq
    equal float_power floor_divide fmax fmin fmod gcd ge greater greater_equal gt heaviside hypot isclose lcm ldexp le
    less less_equal logaddexp logaddexp2 logical_and logical_or logical_xor lt maximum minimum mul multiply ne nextafter
    not_equal pow remainder rsub sub subtract true_divide xlogy
""".split()
WITH_NUMBERS = {
    "clamp low": lambda t, x: t.clamp(x, 0.5),
    "clamp high": lambda t, x: t.clamp(x, max=0.5),
    "clamp both": lambda t, x: t.clamp(x, -0.5, 1.5),
    "clamp crossed": lambda t, x: t.clamp(x, 1.5, 0.5),
    "clamp_min": lambda t, x: t.clamp_min(x, 1),
    "clamp_max": lambda t, x: t.clamp_max(x, 1),
    "pow 0": lambda t, x: x**0,
    "pow 1": lambda t, x: x**1,
    "pow 2": lambda t, x: x**2,
    "pow 3": lambda t, x: x**3,
    "pow -1": lambda t, x: x**-1,
    "pow -2": lambda t, x: x**-2,
    "pow ½": lambda t, x: x**0.5,
    "pow 2.5": lambda t, x: x**2.5,
    "2 pow": lambda t, x: 2**x,
    "polygamma 0": lambda t, x: t.polygamma(0, x),
    "polygamma 1": lambda t, x: t.polygamma(1, x),
    "polygamma 2": lambda t, x: t.polygamma(2, x),
    "mvlgamma": lambda t, x: t.mvlgamma(x + 2, 2),
    "logit eps": lambda t, x: t.logit(x, 0.25),
    "nan_to_num": lambda t, x: t.nan_to_num(x, 1.0, 2.0, -3.0),
    "round 1": lambda t, x: t.round(x, decimals=1),
    "round -1": lambda t, x: t.round(x * 7, decimals=-1),
    "frexp": lambda t, x: t.frexp(x).mantissa,
    "add alpha": lambda t, x: t.add(x, x, alpha=3),
    "sub alpha": lambda t, x: t.sub(x, x, alpha=3),
    "rsub": lambda t, x: 2 - x,
    "reflected div": lambda t, x: 2 / x,
    "div floor": lambda t, x: t.div(x, 0.75, rounding_mode="floor"),
    "div trunc": lambda t, x: t.div(x, 0.75, rounding_mode="trunc"),
    "modulo": lambda t, x: x % 0.75,
    "fmod": lambda t, x: t.fmod(x, 0.75),
    "copysign": lambda t, x: t.copysign(x, -2.0),
    "xlogy": lambda t, x: t.xlogy(x, 2.0),
    "reflected xlogy": lambda t, x: t.xlogy(2.0, x),
    "float_power": lambda t, x: t.float_power(x, 3),
    "lerp": lambda t, x: t.lerp(x, x + 2, 0.25),
    "lerp back": lambda t, x: t.lerp(x, x + 2, 0.75),
    "lerp by tensor": lambda t, x: t.lerp(x, x + 2, x),
    "addcmul": lambda t, x: t.addcmul(x, x, x, value=0.5),
    "addcdiv": lambda t, x: t.addcdiv(x, x, x + 9, value=0.5),
    "where": lambda t, x: t.where(x > 0.5, x, 2.0),
    "ternary clamp": lambda t, x: t.clamp(x, x - 1, x * 0 + 0.75),
    "clamp tensor low": lambda t, x: t.clamp(x, x * 0 + 0.75),
    "clamp tensor high": lambda t, x: t.clamp(x, max=x * 0 + 0.75),
    "leaky_relu": lambda t, x: t.nn.functional.leaky_relu(x, 0.3),
    "leaky_relu steep": lambda t, x: t.nn.functional.leaky_relu(x, 1.5),
    "elu": lambda t, x: t.nn.functional.elu(x, 0.5),
    "celu": lambda t, x: t.celu(x, 0.5),
    "softplus": lambda t, x: t.nn.functional.softplus(x, 2, 1),
    "gelu tanh": lambda t, x: t.nn.functional.gelu(x, approximate="tanh"),
    "hardtanh": lambda t, x: t.nn.functional.hardtanh(x, -0.5, 0.25),
    "hardshrink": lambda t, x: t.hardshrink(x, 0.25),
    "softshrink": lambda t, x: t.nn.functional.softshrink(x, 0.25),
    "threshold": lambda t, x: t.threshold(x, 0.25, 7.0),
    "prelu": lambda t, x: t.prelu(x, t.tensor([0.2], dtype=x.dtype)),
}
SPECIAL = [0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 0.5, -0.5, 2.0, -2.0, 3.0, 1.5, 2.5, 0.25, 0.75, -0.75]
EXTREMES = (0.0, -0.0, 1.0, -1.0, 2.5, -2.5, inf, -inf, nan)
PAIRS = [(a, b) for a in EXTREMES for b in EXTREMES]
DTYPES = ["bool", "uint8", "int8", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64"]

# Special values at which PyTorch's results are not the mathematical ones, and not worth following.
UNLIKE = {
    "digamma": [-1.0, -2.0],  # ψ′ at a pole, from a sine of a rounded multiple of π
    "polygamma 0": [-1.0, -2.0],
    "polygamma 1": [-1.0, -2.0, inf],
    "polygamma 2": [inf],  # the limit is 0, PyTorch says NaN
    "F.gelu": [inf, -inf],
    "F.softsign": [inf, -inf],
}
LEAST = {"acosh": 1.0, "arccosh": 1.0}  # below, the value is NaN and PyTorch's slope a number
ROUGH = {
    "F.hardsigmoid": 1e-7,  # PyTorch's 1/6 is a float32 in float64, too
    "digamma": 1e-9,  # PyTorch's ψ′ is right to 1e-9
    "polygamma 0": 1e-9,
    "polygamma 1": 1e-9,
    "F.gelu": 1e-10,  # PyTorch loses the digits of 1 + erf x for negative x
}
NAMED_OTHERWISE = ["mvlgamma", "rsub"]  # one node where we have a sum; another number behind the name


def get(t, name):
    return getattr(t, name, None) or getattr(t.nn.functional, name)


def outcome(t, call, *arrays, dtype=None, gradients=True):
    """The value, gradients and node name of a call, or the class and first words of its error."""
    tensors = [t.tensor(a, dtype=dtype and getattr(t, dtype)) for a in arrays]
    try:
        for x in tensors:
            if gradients and (x.dtype.is_floating_point or x.dtype.is_complex):
                x.requires_grad_()
        y = call(*tensors)
        if not hasattr(y, "dtype"):
            return y, [], None
        if not y.requires_grad:
            return y.detach(), [], None
        name = y.grad_fn.name() if y.grad_fn is not None else None
        try:
            y.backward(t.full_like(y.detach(), -1))
        except RuntimeError as error:
            return y.detach(), [str(error).split("\n")[0]], name
        return y.detach(), [None if x.grad is None else x.grad + 0 for x in tensors], name
    except (RuntimeError, TypeError, NotImplementedError) as error:
        return type(error).__name__, str(error).split("\n")[0].split(".")[0][:60], None


def as_array(x):
    return np.asarray(x.tolist())


def compare(name, ours, theirs, rtol, atol=0.0, signed_zeros=True):
    if isinstance(theirs[0], str):
        assert ours[:2] == theirs[:2]
        return
    assert not isinstance(ours[0], str), ours
    if isinstance(theirs[0], bool):
        assert ours[0] == theirs[0]
        return
    assert str(ours[0].dtype) == str(theirs[0].dtype)
    for what, a, b in zip(["value", "gradient", "second gradient"], [ours[0], *ours[1]], [theirs[0], *theirs[1]]):
        if a is None or b is None or isinstance(b, str):
            assert a == b or (a is None and not b.any()) or (b is None and not a.any()), (name, what, a, b)
            continue
        assert str(a.dtype) == str(b.dtype), (name, what)
        x, y = as_array(a), as_array(b)
        np.testing.assert_allclose(x, y, rtol=rtol, atol=atol, err_msg=f"{name}: {what}")
        if signed_zeros and what == "value" and x.dtype.kind == "f":
            zero = (x == 0) & (y == 0)
            np.testing.assert_array_equal(np.signbit(x[zero]), np.signbit(y[zero]), err_msg=f"{name}: sign of zero")


CASES = {f"{n}": (lambda t, x, n=n: get(t, n)(x)) for n in ONE if n not in ("clip", "bitwise_not")}
CASES |= {f"F.{n}": (lambda t, x, n=n: getattr(t.nn.functional, n)(x)) for n in ACTIVATIONS}
CASES |= WITH_NUMBERS


@pytest.mark.parametrize("name", CASES)
def test_special_values(name):
    """±0, ±∞, NaN, kinks and bounds: value and gradient."""
    call = CASES[name]
    x = [v for v in SPECIAL if v not in UNLIKE.get(name, ()) and not v < LEAST.get(name, -inf)]
    ours = outcome(chainrule, lambda x: call(chainrule, x), x, dtype="float64")
    theirs = outcome(torch, lambda x: call(torch, x), x, dtype="float64")
    compare(name, ours, theirs, rtol=ROUGH.get(name, 1e-12))
    assert ours[2] == theirs[2] or name in NAMED_OTHERWISE


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values(name, dtype):
    """Many ordinary numbers, in float32 to its rounding."""
    call = CASES[name]
    x = np.random.default_rng(0).uniform(LEAST.get(name, -3), 3, 200).tolist()
    ours = outcome(chainrule, lambda x: call(chainrule, x), x, dtype=dtype)
    theirs = outcome(torch, lambda x: call(torch, x), x, dtype=dtype)
    tolerances = (5e-5, 2e-6) if dtype == "float32" else (ROUGH.get(name, 1e-11), 1e-13)
    compare(name, ours, theirs, *tolerances, signed_zeros=False)


@pytest.mark.parametrize("name", TWO)
def test_special_pairs(name):
    ours = outcome(chainrule, get(chainrule, name), *map(list, zip(*PAIRS)), dtype="float64")
    theirs = outcome(torch, get(torch, name), *map(list, zip(*PAIRS)), dtype="float64")
    compare(name, ours, theirs, rtol=1e-12, atol=1e-15)
    assert ours[2] == theirs[2] or name in NAMED_OTHERWISE


@pytest.mark.parametrize("name", [n for n in ONE if n != "clip"] + ACTIVATIONS)
def test_dtypes_of_one(name):
    """The result's dtype and value, or the error, for an input of each dtype."""
    for dtype in DTYPES:
        if dtype == "bool" and name in ("softsign", "tanhshrink"):
            continue  # PyTorch complains of a step inside
        data = [1, 0, 1] if dtype == "bool" else [1, 0, 3] if dtype != "complex64" else [1j, 0.5, 2 - 1j]
        ours, theirs = (outcome(t, get(t, name), data, dtype=dtype, gradients=False) for t in (chainrule, torch))
        rough = dtype in ("float16", "bfloat16")
        compare(f"{name} of {dtype}", ours, theirs, rtol=1e-2 if rough else 2e-6, atol=1e-2 if rough else 1e-6)


@pytest.mark.parametrize("name", TWO)
def test_dtypes_of_two(name):
    for left in DTYPES:
        for right in [*DTYPES, "number 2", "number 2.5"]:
            results = []
            if name == "ldexp" and (right == "bool" or "complex64" in (left, right)):
                continue  # PyTorch complains of a step inside
            for t in (chainrule, torch):
                a = t.tensor([1, 0, 1], dtype=getattr(t, left))
                numbers = {"number 2": 2, "number 2.5": 2.5}
                b = numbers[right] if right in numbers else t.tensor([1, 1, 1], dtype=getattr(t, right))
                try:
                    y = get(t, name)(a, b)
                    results.append((str(getattr(y, "dtype", y)), y.tolist() if hasattr(y, "tolist") else y))
                except (RuntimeError, TypeError) as error:
                    results.append((type(error).__name__, str(error).split("\n")[0].split(".")[0][:60]))
            (ours, a), (theirs, b) = results
            assert ours == theirs, (left, right, a, b)
            assert a == b or "float" in ours or "complex" in ours, (left, right)


IN_PLACE = [n for n in dir(chainrule.Tensor) if n.endswith("_") and not n.startswith("_") and hasattr(torch.Tensor, n)]


@pytest.mark.parametrize("name", [n for n in IN_PLACE if n[:-1] in ONE])
def test_in_place(name):
    results = []
    for t in (chainrule, torch):
        x = t.tensor([0.25, 0.5, 0.75])
        if name == "bitwise_not_":
            x = t.tensor([1, 2, 3])
        y = getattr(x, name)() if name != "clip_" else x.clip_(0.3, 0.6)
        assert y is x
        assert x._version == 1
        results.append(x)
    np.testing.assert_allclose(as_array(results[0]), as_array(results[1]), rtol=1e-5)


@pytest.mark.parametrize("name", [n for n in IN_PLACE if n[:-1] in TWO])
def test_in_place_of_two(name):
    whole = name[:-1] in ("gcd", "lcm") or name.startswith("bitwise")
    results = []
    for t in (chainrule, torch):
        x = t.tensor([6, 4, 9]) if whole else t.tensor([6.0, 4.0, 9.0], dtype=t.float64)
        y = getattr(x, name)(t.tensor([2, 4, 3], dtype=x.dtype))
        assert y is x
        results.append(x)
    np.testing.assert_allclose(as_array(results[0]), as_array(results[1]), rtol=1e-12)


def test_all_in_place_methods_are_there():
    more = "clamp clamp_min clamp_max lerp addcmul addcdiv polygamma mvlgamma".split()
    theirs = {n for n in dir(torch.Tensor) if n.endswith("_") and n[:-1] in {*ONE, *TWO, *more}}
    assert len(theirs) > 100
    assert not theirs - set(dir(chainrule.Tensor))


def test_in_place_functions():
    x = chainrule.tensor([0.0, 1.0])
    assert chainrule.exp_(x) is x
    assert x[0] == 1


OPERATORS = """
    add and_ eq floordiv ge gt iadd iand ifloordiv ilshift imod imul ior ipow irshift isub itruediv ixor le lshift lt
    mod mul ne or_ pow rshift sub truediv xor
""".split()


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("kind", ["tensor", "number", "reflected"])
def test_operators(name, kind):
    whole = any(word in name for word in ("and", "or", "shift")) and name != "floordiv" and name != "ifloordiv"
    results = []
    for t in (chainrule, torch):
        x = t.tensor([6, 4, 9]) if whole else t.tensor([6.0, 4.0, 9.0], dtype=t.float64)
        other = t.tensor([1, 4, 2], dtype=x.dtype) if kind == "tensor" else 2
        results.append(getattr(operator, name)(*((other, x) if kind == "reflected" else (x, other))))
    assert str(results[0].dtype) == str(results[1].dtype)
    np.testing.assert_allclose(as_array(results[0]), as_array(results[1]), rtol=1e-12)


@pytest.mark.parametrize("name", "add sub mul truediv floordiv mod pow and_ or_ xor lshift lt le gt ge eq ne".split())
@pytest.mark.parametrize("other", ["a", [1.0], None])
def test_foreign_operands(name, other):
    results = []
    for t in (chainrule, torch):
        try:
            results.append(getattr(operator, name)(t.ones(2), other))
        except TypeError as error:
            results.append(str(error))
    assert results[0] == results[1]


@pytest.mark.parametrize("name", ["exp", "add", "clamp", "where", "maximum", "round", "logical_not", "eq", "lerp"])
def test_out(name):
    arguments = {"add": 2, "maximum": 2, "eq": 2, "lerp": 2}
    for t in (chainrule, torch):
        x = t.tensor([0.5, 2.0])
        out = t.empty(0, dtype=t.bool if name in ("eq", "logical_not") else t.float32)
        if name == "where":
            y = t.where(x > 1, x, x * 2, out=out)
        elif name == "clamp":
            y = t.clamp(x, 0, 1, out=out)
        else:
            y = getattr(t, name)(*[x] * arguments.get(name, 1), *([0.5] if name == "lerp" else []), out=out)
        assert y is out
        assert out.shape == (2,)
        with pytest.raises(RuntimeError, match="don't support automatic differentiation"):
            t.exp(t.ones(2, requires_grad=True), out=t.empty(2))


ERRORS = {
    "no bounds": lambda t: t.clamp(t.ones(2)),
    "number for tensor": lambda t: t.exp(1.0),
    "second must be tensor": lambda t: t.maximum(t.ones(2), 1),
    "condition": lambda t: t.where(t.ones(2), 1.0, 2.0),
    "shapes": lambda t: t.ones(2, 3) == t.ones(4),
    "shapes of three": lambda t: t.addcmul(t.ones(2), t.ones(3), t.ones(2)),
    "integer by zero": lambda t: t.ones(2, dtype=t.int64) // 0,
    "remainder by zero": lambda t: t.ones(2, dtype=t.int64) % 0,
    "in-place dtype": lambda t: t.ones(2, dtype=t.int64).div_(2),
    "in-place exp": lambda t: t.ones(2, dtype=t.int64).exp_(),
    "in-place shape": lambda t: t.ones(2).add_(t.ones(3, 2)),
    "leaf": lambda t: t.ones(2, requires_grad=True).mul_(2),
    "alpha": lambda t: t.ones(2, dtype=t.int64).add(1, alpha=0.5),
    "integer power": lambda t: t.tensor([2]) ** -1,
    "rounding mode": lambda t: t.div(t.ones(1), 2, rounding_mode="up"),
    "lerp end": lambda t: t.lerp(t.ones(2), t.ones(2).double(), 0.5),
    "addcdiv": lambda t: t.addcdiv(t.tensor([1]), t.tensor([1]), t.tensor([1])),
    "heaviside": lambda t: t.heaviside(t.ones(1), t.ones(1).double()),
    "isclose": lambda t: t.isclose(t.ones(1), t.ones(1).double()),
    "polygamma": lambda t: t.polygamma(-1, t.ones(1)),
    "imag of real": lambda t: t.imag(t.ones(1)),
    "polar": lambda t: t.polar(t.ones(1), t.ones(1).double()),
    "view_as_complex": lambda t: t.view_as_complex(t.ones(3)),
    "view_as_real": lambda t: t.view_as_real(t.ones(3)),
    "sign of complex": lambda t: t.sign(t.tensor([1j])),
    "floor_divide backward": lambda t: (t.ones(1, requires_grad=True) // 2).sum().backward(),
    "heaviside backward": lambda t: t.heaviside(t.ones(1, requires_grad=True), t.ones(1)).sum().backward(),
    "frexp": lambda t: t.frexp(t.tensor([1])),
    "round decimals": lambda t: t.round(t.tensor([1]), decimals=1),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    """The same class, and PyTorch's first words."""
    with pytest.raises(Exception) as theirs:  # noqa: B017, PT011  (whatever PyTorch raises)
        ERRORS[name](torch)
    with pytest.raises(type(theirs.value)) as ours:
        ERRORS[name](chainrule)
    words = str(theirs.value).split("\n")[0].split(".")[0][:50]
    assert str(ours.value).startswith(words)


COMPLEX = """
    acos acosh asin asinh atan atanh cos cosh exp log sin sinh sqrt tan tanh reciprocal rsqrt sigmoid square abs angle
    sgn neg log2 log10 log1p expm1 exp2
""".split()


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_gradients(name):
    """PyTorch's convention: the gradient is the conjugate Wirtinger derivative."""
    data = [0.3 + 0.4j, -0.5 + 0.2j, 1.5 - 0.7j]
    results = []
    for t in (chainrule, torch):
        x = t.tensor(data, dtype=t.complex128, requires_grad=True)
        y = getattr(t, name)(x)
        y.backward(t.tensor([1.0, -2.0, 0.5]).to(y.dtype) * (1 if y.dtype == t.float64 else 1 + 2j))
        results.append((as_array(y.detach()), as_array(x.grad)))
    for a, b in zip(*results):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("name", ["conj", "real", "imag", "view_as_real"])
def test_parts_of_complex_numbers(name):
    results = []
    for t in (chainrule, torch):
        x = t.tensor([0.3 + 0.4j, -0.5 + 0.2j], dtype=t.complex128, requires_grad=True)
        y = getattr(t, name)(x)
        y.backward(y.detach() * 2)
        results.append((y.tolist(), x.grad.tolist()))
    assert results[0] == results[1]


@pytest.mark.parametrize("name", ["complex", "polar", "view_as_complex"])
def test_complex_numbers_from_parts(name):
    results = []
    for t in (chainrule, torch):
        a, b = (t.tensor([[0.5, 2.0]], dtype=t.float64, requires_grad=True) for _ in range(2))
        y = t.view_as_complex(a) if name == "view_as_complex" else getattr(t, name)(a, b)
        y.backward(t.tensor([1 + 2j], dtype=t.complex128).expand(y.shape))
        results.append((y.tolist(), a.grad.tolist(), None if b.grad is None else b.grad.tolist()))
    np.testing.assert_allclose(results[0][0], results[1][0])
    np.testing.assert_allclose(results[0][1], results[1][1])
    if results[1][2] is not None:
        np.testing.assert_allclose(results[0][2], results[1][2])


def test_comparisons_have_no_history():
    x = chainrule.tensor([1.0, 2.0], requires_grad=True)
    for y in (x > 1, x == x, chainrule.logical_and(x, x), chainrule.isnan(x), chainrule.signbit(x)):
        assert not y.requires_grad


def test_overflow_is_silent():
    """∞ and NaN are values, not warnings, to whoever runs with warnings as errors."""
    program = """
import chainrule as torch
x = torch.tensor([-1.0, 0.0, 1000.0], requires_grad=True)
for name in "exp log sqrt reciprocal sigmoid lgamma acosh erfinv digamma logit".split():
    getattr(torch, name)(x).sum().backward()
x / 0, x % 0, x**1000, torch.nn.functional.gelu(x), torch.nn.functional.mish(x * 1e30), (x * 1e30).half()
"""
    fresh("-W", "error", "-c", program)
