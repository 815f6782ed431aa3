"""Undoing broadcasting: a gradient is summed over the axes along which an input was stretched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import large
from .apply import FLOATS

ndarray, add_up = np.ndarray, np.add.reduce
# A few entries of a line are added one by one in half the time that NumPy takes to begin; it adds up to four in that order
# too. It begins with 0, so to it −0 and −0 are 0; here a square says that in a quarter of the time.
FEW: dict[tuple[int, ...], Callable[[Any], Any]] = {
    (2,): lambda x: (s := x[0] + x[1]) or s * s,
    (3,): lambda x: (s := x[0] + x[1] + x[2]) or s * s,
    (4,): lambda x: (s := x[0] + x[1] + x[2] + x[3]) or s * s,
}


def unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Sum a gradient over the axes along which the input was stretched.

    >>> unbroadcast(np.ones((3, 2)), (1, 2))
    array([[3., 3.]])
    """
    full = g.shape
    if full == shape:
        return g
    if not shape and type(g) is ndarray:
        few = FEW.get(full)
        return add_up(g, None) if few is None or g.dtype not in FLOATS else few(g)
    lead = len(full) - len(shape)
    over = tuple(i for i, n in enumerate(full) if i < lead or (n != 1 and shape[i - lead] == 1))
    if type(g) is ndarray:
        return (large.sum_ahead(g, lead) if len(over) == lead else add_up(g, over)).reshape(shape)
    return g.sum(over).reshape(shape) if over else g.reshape(shape)
