"""The dtypes: their names, their NumPy counterparts, and which one results when two meet.

The promotion rule is PyTorch's (documentation, "Tensor Attributes: torch.dtype"): kinds are ordered
bool < integer < floating < complex; an operand of a lower kind never widens one of a higher kind, and among
operands of the same kind those with dimensions outrank 0-dim tensors, which outrank Python numbers.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .errors import DtypeError, message

KINDS = {"b": 0, "u": 1, "i": 1, "f": 2, "V": 2, "c": 3}  # NumPy's letter for a kind -> its rank; V: bfloat16


class dtype:  # noqa: N801  (torch's own spelling)
    """The type of a tensor's entries, such as ``torch.float32``.

    ``itemsize`` is in bytes; ``is_floating_point``, ``is_complex`` and ``is_signed`` say what kind it is.
    """

    __slots__ = ("name", "alias", "is_floating_point", "is_complex", "is_signed", "itemsize", "rank", "_numpy")

    def __init__(self, name: str, rank: int, itemsize: int, alias: str = "", signed: bool = True) -> None:
        self.name, self.alias, self.rank, self.itemsize = name, alias or name, rank, itemsize
        self.is_floating_point, self.is_complex, self.is_signed = rank == 2, rank == 3, signed
        self._numpy: np.dtype | None = None

    @property
    def numpy(self) -> np.dtype:
        """The NumPy dtype; bfloat16 loads ``ml_dtypes``, which gives it to NumPy."""
        if self._numpy is None:
            if self.name == "bfloat16":
                import ml_dtypes

                self._numpy = np.dtype(ml_dtypes.bfloat16)
                FROM_NUMPY[self._numpy] = self
            else:
                self._numpy = np.dtype(self.name)
        return self._numpy

    def to_real(self) -> dtype:
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    def to_complex(self) -> dtype:
        """The dtype for complex numbers of this precision; single precision is the least there is."""
        return self if self.rank == 3 else complex128 if self is float64 else complex64

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return (by_name, (self.name,))


bool_ = dtype("bool", 0, 1, signed=False)
uint8 = dtype("uint8", 1, 1, signed=False)
uint16 = dtype("uint16", 1, 2, signed=False)
uint32 = dtype("uint32", 1, 4, signed=False)
uint64 = dtype("uint64", 1, 8, signed=False)
int8 = dtype("int8", 1, 1)
int16 = dtype("int16", 1, 2, "short")
int32 = dtype("int32", 1, 4, "int")
int64 = dtype("int64", 1, 8, "long")
float16 = dtype("float16", 2, 2, "half")
bfloat16 = dtype("bfloat16", 2, 2)
float32 = dtype("float32", 2, 4, "float")
float64 = dtype("float64", 2, 8, "double")
complex64 = dtype("complex64", 3, 8, "cfloat")
complex128 = dtype("complex128", 3, 16, "cdouble")

ALL = (bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16, bfloat16, float32, float64,
       complex64, complex128)  # fmt: skip
NAMES = {d.name: d for d in ALL} | {d.alias: d for d in ALL}
FROM_NUMPY: dict[np.dtype, dtype] = {d.numpy: d for d in ALL if d is not bfloat16}

HALVES = (float16, bfloat16)  # computed in float32 and rounded once, as PyTorch does


class Defaults:
    """What ``set_default_dtype`` changes, for the whole process, as in PyTorch."""

    dtype = float32


def by_name(name: str) -> dtype:
    return NAMES[name]


def of(array: np.ndarray) -> dtype:
    """The dtype of an array.

    >>> of(np.zeros(3, np.float32))
    torch.float32
    """
    found = FROM_NUMPY.get(array.dtype)
    if found is not None:
        return found
    if array.dtype.name == "bfloat16":
        bfloat16.numpy  # noqa: B018  (registers itself)
        return bfloat16
    if not array.dtype.isnative and array.dtype.newbyteorder("=") in FROM_NUMPY:
        return FROM_NUMPY[array.dtype.newbyteorder("=")]
    raise TypeError(
        message(
            f"can't convert np.ndarray of type numpy.{array.dtype}. The only supported types are: float64, float32, "
            "float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool.",
            "a tensor holds numbers" if array.dtype == object else "",
            "array.astype(np.float32)",
        )
    )


def numpy_of(kind: dtype | np.dtype | type | None) -> np.dtype:
    """The NumPy dtype for whatever a caller may write: a chainrule dtype, NumPy's, ``float``, None (the default).

    >>> numpy_of(float32), numpy_of(int), numpy_of(None)
    (dtype('float32'), dtype('int64'), dtype('float32'))
    """
    if kind is None:
        return Defaults.dtype.numpy
    if isinstance(kind, dtype):
        return kind.numpy
    if kind is float:
        return Defaults.dtype.numpy if Defaults.dtype is float64 else np.dtype(np.float64)
    if kind is int or kind is bool or kind is complex or isinstance(kind, np.dtype):
        return np.dtype(kind)
    if isinstance(kind, type) and issubclass(kind, np.generic):
        return np.dtype(kind)
    raise TypeError(f"dtype must be a torch.dtype such as torch.float32, not {kind!r}")


def of_scalar(value: Any) -> dtype:
    """The dtype that a lone Python number gets.

    >>> of_scalar(True), of_scalar(2), of_scalar(2.5)
    (torch.bool, torch.int64, torch.float32)
    """
    if isinstance(value, (bool, np.bool_)):
        return bool_
    if isinstance(value, (int, np.integer)):
        return int64
    if isinstance(value, (float, np.floating)):
        return Defaults.dtype
    if isinstance(value, complex):
        return Defaults.dtype.to_complex()
    raise TypeError(f"expected a number, not {type(value).__name__}")


@cache
def promote(a: dtype, b: dtype) -> dtype:
    """The dtype of a result of two operands of equal standing (``torch.promote_types``).

    >>> promote(int64, float16), promote(uint8, int8), promote(float16, bfloat16)
    (torch.float16, torch.int16, torch.float32)
    """
    if a is b:
        return a
    low, high = sorted((a, b), key=lambda d: d.rank)
    if low.rank < high.rank and not (high.rank == 3 and low is float64):
        return high
    if bfloat16 in (a, b):
        return float32 if float16 in (a, b) else (b if a is bfloat16 else a)
    joint = np.promote_types(a.numpy, b.numpy)
    if joint.kind == "f" and a.rank == 1:
        raise DtypeError(
            f"Promotion for uint16, uint32, uint64 types is not supported, attempted to promote {a} and {b}"
        )
    return FROM_NUMPY[joint]


def result_type(dims: list[dtype], zero_dims: list[dtype], scalars: list[Any]) -> dtype:
    """The dtype of an operation on tensors with dimensions, 0-dim tensors, and Python numbers.

    >>> result_type([float32], [float64], [2]), result_type([int64], [], [0.5]), result_type([float32], [complex128], [])
    (torch.float32, torch.float32, torch.complex64)
    """
    result: dtype | None = None
    numbers = [of_scalar(s) for s in scalars]
    for group in (dims, zero_dims, numbers):
        best: dtype | None = None
        for d in group:
            best = d if best is None else promote(best, d)
        if best is None:
            continue
        if result is None:
            result = best
        elif best.rank > result.rank:
            result = result.to_complex() if result.rank == 2 else best  # the precision of the higher standing stays
    assert result is not None
    return result


def title(kind: dtype) -> str:
    """PyTorch's capitalised names for dtypes in messages: Float, Long, Byte …"""
    special = {"float32": "Float", "float64": "Double", "float16": "Half", "bfloat16": "BFloat16", "int64": "Long",
               "int32": "Int", "int16": "Short", "int8": "Char", "uint8": "Byte", "bool": "Bool",
               "complex64": "ComplexFloat", "complex128": "ComplexDouble"}  # fmt: skip
    return special.get(kind.name, kind.name)
