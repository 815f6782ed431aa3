"""Functions that PyTorch's tracers use for sizes which may be symbols; sizes are Python's numbers here, so they compute."""

from __future__ import annotations

from math import sqrt
from typing import Any


def sym_float(a: Any) -> float:
    """The number as a float."""
    return float(a)


def sym_int(a: Any) -> int:
    """The number without its fraction."""
    return int(a)


def sym_not(a: Any) -> bool:
    """Whether it is false."""
    return not a


def sym_max(a: Any, b: Any) -> Any:
    """The larger of two numbers; a float if one of them is."""
    return wider(max(a, b), a, b)


def sym_min(a: Any, b: Any) -> Any:
    """The smaller of two numbers; a float if one of them is."""
    return wider(min(a, b), a, b)


def wider(value: Any, *operands: Any) -> Any:
    return float(value) if any(isinstance(x, float) for x in operands) else value


def sym_sum(args: Any) -> Any:
    """The sum of some numbers."""
    return sum(args)


def sym_ite(b: Any, t: Any, f: Any) -> Any:
    """``t`` if b, else ``f``."""
    return t if b else f


def sym_sqrt(a: Any) -> float:
    """The square root."""
    return sqrt(a)
