"""Adding into an array at index arrays, where one entry may be named many times."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import addressed


def add_at(y: np.ndarray, key: tuple[Any, ...], x: Any) -> None:
    """``y[key] += x``, once for each time an entry is named.

    NumPy's ``add.at`` is quick only for vectors with one index array (5 to 20 times), so entries are numbered
    through, unless there are few; a few long rows are added one by one.
    """
    index = key[0]
    masks = [k.dtype.kind == "b" for k in key if type(k) is np.ndarray]
    if masks == [True]:
        y[key] += x  # a mask names no entry twice
    elif any(masks):
        np.add.at(y, key, x)
    elif len(masks) == 1 and type(x) is np.ndarray and addressed.add_rows(y, key[-1], x, len(key) - 1):
        pass
    elif len(key) == 1 and index.ndim == 1 and y.ndim > 1 and len(index) <= 64 and x.size >= 100 * len(index):
        for i, row in zip(index.tolist(), x):
            y[i] += row
    elif x.size < 32 or not y.flags.c_contiguous or y.dtype.char not in "fdl" or x.dtype != y.dtype:
        np.add.at(y, key, x)
    else:
        places = numbered(y.shape, key)
        np.add.at(y.reshape(-1), places.reshape(-1), np.broadcast_to(x, places.shape).reshape(-1))


def numbered(shape: tuple[int, ...], key: tuple[Any, ...]) -> np.ndarray:
    """The number of each entry of ``y[key]`` when the entries of y are counted through.

    >>> numbered((3, 2), (np.array([2, -1]),)).tolist()
    [[4, 5], [4, 5]]
    """
    steps = [1] * len(shape)
    for d in range(len(shape) - 1, 0, -1):
        steps[d - 1] = steps[d] * shape[d]
    picked = [d for d, k in enumerate(key) if type(k) is np.ndarray]
    spot: Any = 0
    for d in picked:
        n = shape[d]
        index = key[d]
        if index.size and (index.max() >= n or index.min() < -n):
            raise IndexError(f"index {index.max() if index.max() >= n else index.min()} is out of bounds for axis {d} with size {n}")
        spot = spot + np.where(index < 0, index + n, index) * steps[d]
    together = picked[-1] - picked[0] == len(picked) - 1
    first = picked[0] if together else 0  # where the axes of the index arrays stand in y[key]
    whole = [d for d in range(len(shape)) if d not in picked]
    before, after = whole[:first], whole[first:]
    places = spot.reshape((1,) * len(before) + spot.shape + (1,) * len(after))
    ndim = places.ndim
    for i, d in enumerate(before):
        places = places + (np.arange(shape[d]) * steps[d]).reshape((-1,) + (1,) * (ndim - i - 1))
    for i, d in enumerate(after):
        places = places + (np.arange(shape[d]) * steps[d]).reshape((-1,) + (1,) * (len(after) - i - 1))
    return places
