"""What can be drawn: the sizes, dtypes and parameters that a draw accepts, and the error for each other one."""

from __future__ import annotations

import math
import warnings
from functools import cache
from typing import Any

import numpy as np

from .dtypes import numpy_of
from .errors import message

Shape = int | tuple[int, ...]

DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}  # whole numbers to 2^digits are exact
LIMITS: dict[str, tuple[float, float]] = {"bool": (0, 1)}  # the least and the greatest number of each real dtype
LIMITS |= {f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)}
LIMITS |= {f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)}
LIMITS |= {
    name: (-greatest, greatest)
    for name, greatest in (("float16", 65504.0), ("bfloat16", 3.3895313892515355e38),
                           ("float32", 3.4028234663852886e38), ("float64", 1.7976931348623157e308))
}  # fmt: skip
# A dtype's name in PyTorch's messages: its own, and the compiler's.
NAMES = {
    "bool": "Bool", "uint8": "Byte", "int8": "Char", "int16": "Short", "int32": "Int", "int64": "Long",
    "uint16": "UInt16", "uint32": "UInt32", "uint64": "UInt64", "float16": "Half", "bfloat16": "BFloat16",
    "float32": "Float", "float64": "Double", "complex64": "ComplexFloat", "complex128": "ComplexDouble",
}  # fmt: skip
COMPILER_NAMES = {
    "bool": "bool", "uint8": "unsigned char", "int8": "signed char", "int16": "short int", "int32": "int",
    "int64": "long int", "uint16": "short unsigned int", "uint32": "unsigned int", "uint64": "long unsigned int",
    "float16": "c10::Half", "bfloat16": "c10::BFloat16", "float32": "float", "float64": "double",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip
KINDS = {"b": "bool", "u": "uint8", "w": "unsigned integers", "i": "integers", "f": "floats", "c": "complex numbers"}


def size_of(shape: Shape) -> int:
    """How many numbers an array of that shape has."""
    lengths = (shape,) if isinstance(shape, int) else shape
    for length in lengths:
        if length < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {length}: {list(lengths)}")
    return math.prod(lengths)


def dtype_for(kernel: str, dtype: Any, kinds: str) -> np.dtype:
    """The NumPy dtype of a draw whose result may be of the given ``kinds``, letters of KINDS."""
    found = dtype if isinstance(dtype, np.dtype) else numpy_of(dtype)
    if found.kind in "fi" and found.kind in kinds:
        return found
    kind = {"V": "f", "u": "u" if found.itemsize == 1 else "w"}.get(found.kind, found.kind)
    if kind not in kinds:
        raise NotImplementedError(
            message(
                f"\"{kernel}\" not implemented for '{NAMES[found.name]}'",
                f"this draw gives {', '.join(KINDS[k] for k in kinds)}",
                "dtype=torch.float32" if "f" in kinds else "dtype=torch.int64",
            )
        )
    return found


def continuous(name: str, dtype: Any, names: dict[str, str]) -> np.dtype:
    """The same for the two distributions that PyTorch words differently."""
    found = dtype if isinstance(dtype, np.dtype) else numpy_of(dtype)
    if found.kind not in "fV":
        raise RuntimeError(
            message(
                f"{name} distribution is a continuous probability distribution. dtype must be a floating point but you "
                f"specified {names[found.name]}",
                "",
                "dtype=torch.float32",
            )
        )
    return found


def real_of(dtype: np.dtype) -> np.dtype:
    """The dtype of the real and imaginary parts, or the real dtype itself."""
    return np.dtype(f"f{dtype.itemsize // 2}") if dtype.kind == "c" else dtype


@cache
def limits(dtype: np.dtype) -> tuple[float, float]:
    """The least and the greatest number of a real dtype; kept, because NumPy takes microseconds to name a dtype."""
    return LIMITS[dtype.name]


def within(name: str, value: float, dtype: np.dtype) -> None:
    """Refuse a bound that the dtype cannot hold; nan is within nothing."""
    least, greatest = limits(dtype)
    if not least <= value <= greatest:
        raise RuntimeError(
            message(
                f"{name} is out of bounds for {COMPILER_NAMES[dtype.name]}",
                f"{value} is not in [{least:.6g}, {greatest:.6g}]",
                "a dtype that holds both bounds",
            )
        )


def check_uniform(low: float, high: float, dtype: np.dtype) -> None:
    """Refuse an interval that is reversed, not finite, or wider than the dtype's greatest number."""
    within("from", low, dtype)
    within("to", high, dtype)
    if low > high:
        raise RuntimeError(
            message(
                f"uniform_ expects to return a [from, to) range, but found from={low:g} > to={high:g}",
                "",
                f"uniform_({high:g}, {low:g})",
            )
        )
    if high - low > limits(dtype)[1]:
        raise RuntimeError(
            message(
                f"uniform_ expects to-from <= std::numeric_limits<{NAMES[dtype.name]}>::max(), but found to={high:g} "
                f"and from={low:g} which result in to-from to exceed the limit",
                f"a number is drawn as from + u (to - from), and to - from is not a {dtype.name}",
            )
        )


def check_positive(function: str, name: str, value: float) -> None:
    """Refuse a rate or a width that is not above 0; nan is not."""
    if not value > 0:
        raise RuntimeError(
            message(
                f"{function} expects {name} > 0.0, but found {name}={value:g}",
                "",
                f"{name}={-value:g}" if value < 0 else f"a {name} above 0",
            )
        )


def check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise RuntimeError(
            message(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}", "p is the probability of a 1")
        )


def integer_range(low: int | None, high: int | None, dtype: np.dtype) -> tuple[int, int]:
    """The range [low, high) of a draw of whole numbers, as the dtype can hold it.

    Without ``high``: up to the greatest of an integer dtype, or 2^digits of a float dtype, included. A float dtype
    has not all whole numbers beyond 2^digits; PyTorch warns, and moves bounds that it has not inwards.
    """
    low = 0 if low is None else low
    if high is None:
        within("from", low, dtype)
        return low, (1 << DIGITS[dtype.name] if dtype.kind in "fV" else int(limits(dtype)[1])) + 1
    if low >= high:
        raise RuntimeError(
            message(
                f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}",
                "numbers are drawn from low up to but not including high",
                f"{low}, {high + 1}" if low == high else f"{high}, {low}",
            )
        )
    within("from", low, dtype)
    within("to - 1", high - 1, dtype)
    return narrowed(low, high, dtype) if dtype.kind in "fV" else (low, high)


def narrowed(low: int, high: int, dtype: np.dtype) -> tuple[int, int]:
    """[low, high) with bounds that a float dtype has, and PyTorch's warning beyond 2^digits."""
    digits = DIGITS[dtype.name]
    for name, value in (("from", low), ("to - 1", high - 1)):
        if abs(value) > 1 << digits:
            warnings.warn(
                f"{name} is out of bounds [-(2^{digits}), 2^{digits}]. Due to precision limitations "
                f"{COMPILER_NAMES[dtype.name]} can support discrete uniform distribution only within this range.",
                stacklevel=4,
            )
    above, below = int(dtype.type(low + 1)), int(dtype.type(high - 1))
    if above < low:
        low = above + (1 << (abs(low + 1).bit_length() - digits))
    if below >= high:
        high = below - (1 << (abs(high - 1).bit_length() - digits))
    return low, high


def check_permutation(n: int, dtype: np.dtype) -> None:
    """Refuse a length that is negative, or whose last number the dtype cannot hold."""
    size_of(n)
    if dtype.kind in "fV":
        most = (1 << DIGITS[dtype.name]) + 1
        if n > most and dtype.name != "bfloat16":  # of bfloat16 PyTorch asks nothing
            limit = str(most) if dtype.name == "float16" else f"2^{DIGITS[dtype.name]}+1"
            raise RuntimeError(
                message(
                    f"n cannot be greater than {limit} for {NAMES[dtype.name]} type.",
                    f"{dtype.name} does not hold every number up to {n - 1}",
                    "torch.randperm(n)",
                )
            )
    elif n - 1 > limits(dtype)[1]:
        raise RuntimeError(
            message(
                f"value cannot be converted to type {dtype.name}_t without overflow",
                f"{dtype.name} does not hold {n - 1}",
                "torch.randperm(n)",
            )
        )


def entries(kernel: str, name: str, array: np.ndarray) -> np.dtype:
    """The dtype of the parameters of a draw for each entry, or the error for entries that it has no meaning for."""
    if kernel == "binomial_cpu" and array.dtype.kind not in "fV":
        found = NAMES[array.dtype.name]
        raise ValueError(message(f"binomial only supports floating-point dtypes for {name}, got: {found}"))
    dtype = dtype_for(kernel, array.dtype, "f")
    if kernel != "poisson_cpu" and dtype.itemsize == 2:
        raise NotImplementedError(
            message(f"\"{kernel}\" not implemented for '{NAMES[dtype.name]}'", "", f"{name}.float()")
        )
    least = array.min() if array.size else 0  # nan, where there is one
    if kernel == "poisson_cpu" and not least >= 0:
        raise RuntimeError(
            message("invalid Poisson rate, expected rate to be non-negative", f"a rate is a mean number, not {least}")
        )
    if name == "concentration" and not least >= 0:
        raise RuntimeError(message(f"expected every concentration to be non-negative, but got {least}"))
    if name != "prob" and array.size and not np.isfinite(array.max()):
        raise RuntimeError(message(f"expected a finite {name}, but got {array.max()}", "the draw would never end"))
    return dtype
