"""Where an array's numbers begin, as a number: what machine code is given.

The public ways (`x.ctypes.data`, `x.__array_interface__`) take a microsecond, as long as many a kernel runs. The pointer is
the first field of NumPy's array object, behind the head that all Python objects have (its C interface, `PyArray_DATA`), so it is
read from there, where a trial shows that this is so: by machine code that is told where the array object is, or here.
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


FIELDS = reads_fields()
address = field if FIELDS else interface
word = id if FIELDS else interface  # of an array, among the words of a job: machine code looks up the pointer (`team`)
