"""Read the points at which a gradient is to be tried, and draw some nearby where only one is given.

A *point* is one value for each parameter, ``{"w": array(…), "b": array(…)}``, always in float64.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import chainrule as cr

from ...base.errors import message

__all__ = ["Point", "read_points", "nearby", "as_array", "plain", "spell"]

Point = dict[str, np.ndarray]

DRAWN = 3  # one point cannot tell a factor from a coincidence; four can


def read_points(at: Any, name: str) -> list[Point]:
    """The points that ``at`` lists: a list or tuple holds several, anything else is one.

    ``name`` is what the parameter is called where ``at`` is no dict.

    >>> read_points([0.0, 1.0], "w")
    [{'w': array(0.)}, {'w': array(1.)}]
    >>> read_points({"w": [0.0, 1.0], "b": 5.0}, "w")
    [{'w': array(0.), 'b': array(5.)}, {'w': array(1.), 'b': array(5.)}]
    """
    if isinstance(at, (list, tuple)):
        if not at:
            raise ValueError(message("at lists no point", instead="at=[0.0, 1.0, -2.0]"))
        return [point for one in at for point in read_points(one if isinstance(one, Mapping) else {name: one}, name)]
    if not isinstance(at, Mapping):
        return [{name: as_array(at, name)}]
    if not at:
        raise ValueError(message("at names no parameter", instead='at={"w": [0.0, 1.0, -2.0]}'))
    lengths = {key: len(value) for key, value in at.items() if isinstance(value, (list, tuple))}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            message(
                f"at lists {' and '.join(f'{n} values of {key}' for key, n in lengths.items())}",
                "a list holds one value for each point, so all lists are equally long",
                "a single vector is an array: np.array([1.0, 2.0])",
            )
        )
    count = next(iter(lengths.values()), 1)
    return [
        {key: as_array(value[i] if key in lengths else value, key) for key, value in at.items()} for i in range(count)
    ]


def nearby(point: Point) -> list[Point]:
    """The point and `DRAWN` more around it, about as far away as the point is from 0; the same ones each time."""
    random = np.random.default_rng(0)

    def moved(value: np.ndarray, reach: float) -> np.ndarray:
        offset = reach * (1 + np.abs(value)) * random.uniform(-1, 1, value.shape)
        return np.asarray(value + np.round(offset, 2))  # short decimals, since people read them

    return [point, *({name: moved(value, 0.5 * k) for name, value in point.items()} for k in range(1, DRAWN + 1))]


def as_array(value: Any, name: str) -> np.ndarray:
    """A number, list, array or tensor as a float64 array of its own."""
    try:
        array = plain(value)
    except ValueError as error:
        raise ValueError(message(f"{name} = {value!r} is no array of numbers", str(error))) from None
    if array.dtype.kind not in "iuf":
        raise TypeError(
            message(
                f"{name} holds {array.dtype} values, not real numbers", instead=f"{name}=np.array([…], dtype=float)"
            )
        )
    return array.astype(np.float64)


def plain(value: Any) -> np.ndarray:
    """What a number, list or tensor holds, as an array of the same dtype."""
    return value.detach().numpy() if isinstance(value, cr.Tensor) else np.asarray(value)


def spell(value: np.ndarray | float, most: int = 4) -> str:
    """A short spelling of an array.

    >>> spell(np.array([1.0, 2.5, 3.0, 4.0, 5.0, 6.0]))
    '[1, 2.5, 3, …, 6]'
    >>> spell(np.zeros((2, 2)))
    '[[0, 0], [0, 0]]'
    """
    array = np.asarray(value)
    if array.ndim == 0:
        return f"{float(array):.6g}"
    entries = [spell(entry, most) for entry in array]
    if len(entries) > most:
        entries = [*entries[: most - 1], "…", entries[-1]]
    return f"[{', '.join(entries)}]"
