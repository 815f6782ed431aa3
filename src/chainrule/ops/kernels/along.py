"""The steps of pooling along one axis: the largest entry or the sum of each window, and their gradients sent back.

An upstream gradient goes to the winner alone, and *exactly* zero to the others: it is masked bit by bit, because
multiplying by 0 would make −0 of a negative number, and NaN of an infinite one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .lines import Line, first_taps, taps

WHOLE = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}  # integers of the same size


def best_along(x: np.ndarray, axis: int, line: Line, choice: np.ndarray | None, y: np.ndarray) -> None:
    """The largest entry of each window along one axis into ``y``, and which tap read it into ``choice``."""
    if choice is None:
        np.copyto(y, x[at(axis, taps(line)[0].entries)])
        return
    rest = taps(line)
    if line.full:
        first, second, *rest = rest  # type: ignore[assignment]
        a, b = x[at(axis, first.entries)], x[at(axis, second.entries)]
        np.maximum(a, b, out=y)
        np.not_equal(a, y, out=choice.view(bool) if choice.dtype == np.uint8 else choice)
    else:
        y.fill(lowest(y.dtype))
        choice[...] = np.reshape(first_taps(line), (-1, *[1] * (y.ndim - axis - 1)))
    for number, entries, places in rest:
        challenger, holder, held_by = x[at(axis, entries)], y[at(axis, places)], choice[at(axis, places)]
        wins = np.greater(challenger, holder)
        np.maximum(held_by, np.multiply(wins.view(np.uint8), choice.dtype.type(number)), out=held_by)
        np.maximum(challenger, holder, out=holder)


def rank_nan_highest(x: np.ndarray, lines: tuple[Line, ...], choices: list[np.ndarray | None]) -> None:
    """Choose again where there are NaNs: the last NaN of a window wins over everything."""
    for axis in reversed(range(len(lines))):
        line, choice = lines[axis], choices[axis]
        y = np.full((*x.shape[: axis + 1], line.out, *x.shape[axis + 2 :]), lowest(x.dtype), x.dtype)
        for number, entries, places in taps(line):
            challenger, holder = x[at(axis + 1, entries)], y[at(axis + 1, places)]
            wins = (challenger > holder) | np.isnan(challenger)
            np.copyto(holder, challenger, where=wins)
            if choice is not None:
                np.copyto(choice[at(axis + 1, places)], choice.dtype.type(number), where=wins)
        x = y


def send_back(g: np.ndarray, choice: np.ndarray | None, axis: int, line: Line, dx: np.ndarray) -> None:
    """Bring the gradient of each window back to the entries that its taps read; to the chosen one alone if there is one."""
    if not line.tiles:
        dx.fill(0)
    for number, entries, places in taps(line):
        target, upstream = dx[at(axis, entries)], g[at(axis, places)]
        if choice is None:
            if line.apart:
                np.copyto(target, upstream)
            else:
                target += upstream
            continue
        whole = WHOLE[g.dtype]
        chosen = choice[at(axis, places)]
        mask = np.negative(np.equal(chosen, choice.dtype.type(number)).view(np.int8))  # −1: all bits set
        if line.apart:
            np.bitwise_and(upstream.view(whole), mask, out=target.view(whole))
        else:
            target += np.bitwise_and(upstream.view(whole), mask).view(g.dtype)


def sum_along(x: np.ndarray, axis: int, line: Line, y: np.ndarray) -> None:
    """The sum of each window along one axis."""
    reads = taps(line)
    if line.full:
        np.copyto(y, x[at(axis, reads[0].entries)])
        reads = reads[1:]
    else:
        y.fill(0)
    for _, entries, places in reads:
        target = y[at(axis, places)]
        np.add(target, x[at(axis, entries)], out=target)


def lowest(dtype: np.dtype) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def last_nan_or_largest(x: np.ndarray, axis: int) -> np.ndarray:
    """The index of the first largest entry along an axis, or of the last NaN if there are any; the axis stays."""
    best = np.argmax(x, axis, keepdims=True)
    if x.dtype.kind == "f":
        nan = np.isnan(x)
        if nan.any():
            last = x.shape[axis] - 1 - np.argmax(np.flip(nan, axis), axis, keepdims=True)
            best = np.where(nan.any(axis, keepdims=True), last, best)
    return best


def at(axis: int, index: Any) -> tuple[Any, ...]:
    """The index of a part along one axis.

    >>> at(1, slice(0, 2))
    (slice(None, None, None), slice(0, 2, None))
    """
    return (*(slice(None),) * axis, index)
