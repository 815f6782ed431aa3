"""``torch.testing``: assertions about tensors, for tests."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .base import dtypes
from .base.errors import message
from .graph.value import Value
from .tensors.creation import as_tensor

# How much results may differ, relatively and absolutely, by dtype; what is not here must be equal.
TOLERANCES = {
    dtypes.float16: (1e-3, 1e-5), dtypes.bfloat16: (1.6e-2, 1e-5), dtypes.float32: (1.3e-6, 1e-5),
    dtypes.float64: (1e-7, 1e-7), dtypes.complex64: (1.3e-6, 1e-5), dtypes.complex128: (1e-7, 1e-7),
}  # fmt: skip

Message = str | Callable[[str], str] | None


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """Raise AssertionError unless ``|actual − expected| ≤ atol + rtol · |expected|`` everywhere.

    The two are tensors, arrays, numbers, or sequences and mappings of them. Shapes and dtypes must be the same; without
    ``rtol`` and ``atol``, the dtype says how close the entries must be.

    >>> torch.testing.assert_close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.000001]))
    """
    if (rtol is None) != (atol is None):
        missing = "atol" if atol is None else "rtol"
        raise ValueError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.")
    pair = Pair(rtol, atol, equal_nan, check_dtype, check_stride, allow_subclasses)
    try:
        pair.compare(actual, expected)
    except Difference as difference:
        said = str(difference)
        raise AssertionError(msg(said) if callable(msg) else said if msg is None else msg) from None


class Difference(Exception):
    """What makes two things differ."""


class Pair:
    """Compares two things, and the things in them."""

    def __init__(
        self, rtol: float | None, atol: float | None, equal_nan: bool, check_dtype: bool, check_stride: bool, subclasses: bool
    ) -> None:
        self.rtol, self.atol, self.equal_nan = rtol, atol, equal_nan
        self.check_dtype, self.check_stride, self.subclasses = check_dtype, check_stride, subclasses

    def compare(self, actual: Any, expected: Any, path: str = "") -> None:
        try:
            self.compare_one(actual, expected, path)
        except Difference as difference:
            if path and "The failure occurred" not in str(difference):
                raise Difference(f"{difference}\n\nThe failure occurred for item {path}") from None
            raise

    def compare_one(self, actual: Any, expected: Any, path: str) -> None:
        if isinstance(actual, Mapping) and isinstance(expected, Mapping):
            self.keys(actual, expected)
            for key in expected:
                self.compare(actual[key], expected[key], f"{path}[{key!r}]")
        elif is_sequence(actual) and is_sequence(expected):
            if len(actual) != len(expected):
                raise Difference(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}")
            for i, (a, e) in enumerate(zip(actual, expected)):
                self.compare(a, e, f"{path}[{i}]")
        elif all(isinstance(v, Value) for v in (actual, expected)):
            if not self.subclasses and type(actual) is not type(expected):
                raise TypeError(f"{type(actual)} and {type(expected)} are not the same class of tensors")
            self.tensors(actual, expected)
        elif all(isinstance(v, (np.ndarray, np.generic)) for v in (actual, expected)):
            self.arrays(np.asarray(actual), np.asarray(expected))
        elif all(isinstance(v, (bool, int, float, complex)) for v in (actual, expected)):
            self.entries(np.asarray(actual), np.asarray(expected))
        elif actual is not None or expected is not None:
            raise TypeError(
                message(
                    f"No comparison pair was able to handle inputs of type {type(actual)} and {type(expected)}.",
                    "tensors, arrays, numbers, and sequences and mappings of them are compared, each with its like",
                    "torch.tensor(…) around the number, or x.item()",
                )
            )

    def keys(self, actual: Mapping[Any, Any], expected: Mapping[Any, Any]) -> None:
        missing, more = [k for k in expected if k not in actual], [k for k in actual if k not in expected]
        if missing or more:
            raise Difference(
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {sorted(missing)}\nAdditional keys in the actual mapping: {sorted(more)}"
            )

    def tensors(self, actual: Any, expected: Any) -> None:
        self.attribute("shape", actual.shape, expected.shape)
        if self.check_dtype:
            self.attribute("dtype", actual.dtype, expected.dtype)
        if self.check_stride:
            self.attribute("stride()", actual.stride(), expected.stride())
        self.entries(actual.array, expected.array)

    def arrays(self, actual: np.ndarray, expected: np.ndarray) -> None:
        self.attribute("shape", actual.shape, expected.shape)
        if self.check_dtype:
            self.attribute("dtype", actual.dtype, expected.dtype)
        self.entries(actual, expected)

    def attribute(self, name: str, actual: Any, expected: Any) -> None:
        if actual != expected:
            raise Difference(f"The values for attribute '{name}' do not match: {actual} != {expected}.")

    def entries(self, actual: np.ndarray, expected: np.ndarray) -> None:
        rtol, atol = self.tolerances(actual, expected)
        kind = dtypes.promote(dtypes.of(actual), dtypes.of(expected))
        exact = kind.rank < 2
        a, e = (v.astype(np.int64 if exact else kind.numpy) for v in (actual, expected))
        with np.errstate(all="ignore"):
            apart = abs(a - e)
            close = (a == e) | (np.isfinite(apart) & (apart <= atol + rtol * abs(e)))
            if self.equal_nan:
                close |= np.isnan(a) & np.isnan(e)
            relative = apart / abs(e).astype(np.float32) if exact else apart / abs(e)
            relative = relative.astype(np.float32) if exact else relative
        if close.all():
            return
        verb = "equal" if rtol == atol == 0 else "close"
        relative, apart = np.where(close, 0, relative), np.where(close, 0, apart)
        if actual.ndim == 0:
            raise Difference(
                f"Scalars are not {verb}!\n\nExpected {e.item()} but got {a.item()}.\n"
                f"Absolute difference: {apart.item()}{allowed(atol, verb)}\nRelative difference: {relative.item()}{allowed(rtol, verb)}"
            )
        wrong = int((~close).sum())
        raise Difference(
            f"Tensor-likes are not {verb}!\n\n"
            f"Mismatched elements: {wrong} / {a.size} ({wrong / a.size:.1%})\n"
            f"Greatest absolute difference: {greatest(apart)}{allowed(atol, verb)}\n"
            f"Greatest relative difference: {greatest(relative)}{allowed(rtol, verb)}"
        )

    def tolerances(self, actual: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
        if self.rtol is not None and self.atol is not None:
            return self.rtol, self.atol
        kinds = [TOLERANCES.get(dtypes.of(x), (0.0, 0.0)) for x in (actual, expected)]
        return max(k[0] for k in kinds), max(k[1] for k in kinds)


def is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def allowed(tolerance: float, verb: str) -> str:
    return f" (up to {tolerance} allowed)" if verb == "close" else ""


def greatest(values: np.ndarray) -> str:
    """The greatest value (or a NaN), and where it is."""
    with np.errstate(all="ignore"):
        at = np.unravel_index(np.argmax(np.where(np.isnan(values), math.inf, values)), values.shape)
    return f"{values[at].item()} at index {tuple(int(i) for i in at)}"


def assert_allclose(
    actual: Any, expected: Any, rtol: float | None = None, atol: float | None = None, equal_nan: bool = True, msg: str = ""
) -> None:
    """The former `assert_close`, which takes arrays and numbers for tensors and does not look at dtypes."""
    warnings.warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. "
        "Please use `torch.testing.assert_close()` instead.",
        FutureWarning,
        stacklevel=2,
    )
    a, b = as_tensor(actual), as_tensor(expected)
    assert_close(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan, check_dtype=False, msg=msg or None)


__all__ = ["assert_allclose", "assert_close"]
