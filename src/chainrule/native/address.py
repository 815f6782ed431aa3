"""Where an array's numbers begin, as a number: what machine code is given.

The public ways (`x.ctypes.data`, `x.__array_interface__`) take a microsecond, as long as many a kernel runs. The pointer is
the first field of NumPy's array object, behind the head that all Python objects have (its C interface, `PyArray_DATA`), so it is
read from there, where a trial shows that this is so.
"""

from __future__ import annotations

from collections.abc import Callable
from ctypes import c_void_p

import numpy as np

HEAD = object.__basicsize__


def field(x: np.ndarray, pointer: Callable[[int], c_void_p] = c_void_p.from_address) -> int:
    return pointer(id(x) + HEAD).value or 0


def interface(x: np.ndarray) -> int:
    return x.__array_interface__["data"][0]  # type: ignore[no-any-return]


def reads_fields() -> bool:
    """Whether the field is where it is expected, in this Python and with this NumPy."""
    import sys

    some = np.arange(12.0).reshape(3, 4)
    return sys.implementation.name == "cpython" and all(field(x) == interface(x) for x in (some, some[1:, 2], some.T))


address = field if reads_fields() else interface
