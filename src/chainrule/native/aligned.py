"""Memory for large arrays that begins where a line of the cache does.

A vector is as long as a line of the cache, 64 bytes. NumPy's arrays begin at any multiple of 16 bytes: then each vector lies across
two lines, and what is read or written takes twice as many. Products of large matrices took 10 to 15 % longer.

NumPy has no word for this. So an array is made that begins within a block of bytes, which it looks into.
"""

from __future__ import annotations

from ctypes import c_void_p
from math import prod
from typing import Any

import numpy as np

from .address import FIELDS, HEAD, address

LINE = 64  # bytes
LARGE = 1 << 16  # bytes from which it pays: small arrays are made six times quicker by NumPy alone
BYTE = np.dtype(np.uint8)
field_at = c_void_p.from_address


class Block(np.ndarray):
    """The bytes that an array of `empty` lies in.

    It has a class of its own so that views of the array refer to the array, as to one that owns its memory: NumPy looks for the
    owner among bases of the same class.
    """


def empty(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """`numpy.empty`, aligned if it is large.

    >>> from .address import address
    >>> address(empty((200, 100), np.dtype(np.float32))) % 64
    0
    """
    size = prod(shape) * dtype.itemsize
    if size < LARGE or dtype.hasobject:
        return np.empty(shape, dtype)
    block = Block(size + LINE, BYTE)
    begins: Any = field_at(id(block) + HEAD).value if FIELDS else address(block)  # `address`, in place: a step asks a hundred times
    return np.ndarray(shape, dtype, block, -begins % LINE)


def full(shape: tuple[int, ...], dtype: np.dtype, value: Any) -> np.ndarray:
    """`numpy.full`, aligned if it is large."""
    y = empty(shape, dtype)
    y[...] = value
    return y


def zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """`numpy.zeros`, aligned if it is large."""
    small = prod(shape) * dtype.itemsize < LARGE or dtype.hasobject
    return np.zeros(shape, dtype) if small else full(shape, dtype, 0)


def copy(x: np.ndarray, dtype: np.dtype | None = None) -> np.ndarray:
    """A copy of an array, perhaps in another dtype, aligned if it is large and its entries lie in order."""
    if x.nbytes < LARGE or x.dtype.hasobject or not x.flags.c_contiguous:
        return np.array(x, dtype)
    y = empty(x.shape, dtype or x.dtype)
    np.copyto(y, x, "unsafe")
    return y


def looks_into(x: np.ndarray) -> bool:
    """Whether an array is a part, or another view, of one that somebody else may hold.

    >>> x = empty((200, 100), np.dtype(np.float32))
    >>> looks_into(x), looks_into(x[1:]), looks_into(np.ones(3))
    (False, True, False)
    """
    return x.base is not None and type(x.base) is not Block


def owner(x: np.ndarray) -> np.ndarray:
    """The array that all views on the way to ``x`` began with.

    >>> x = empty((200, 100), np.dtype(np.float32))
    >>> owner(x[1:].T[:2]) is x, owner(x) is x
    (True, True)
    """
    while True:
        base = x.base
        if not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)  # as_strided puts an object of its own between the two arrays
        if not isinstance(base, np.ndarray) or type(base) is Block:
            return x
        x = base
