"""Which two axes the loss surface is drawn over, where somebody has chosen: two entries of parameters, or random directions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.errors import did_you_mean, message

if TYPE_CHECKING:
    from .surface import Parameters

ENTRY = re.compile(r"(?P<name>.+?)\s*(?:\[(?P<index>\s*-?\d+\s*(?:,\s*-?\d+\s*)*)\])?")
MOST = 12  # names that an error lists
INSTEAD = 'surface=("w", "b"), ("fc.weight[3, 5]", "fc.bias[3]"), "random" or ("random", 7); for a script, --surface w b'


class AxesError(ValueError):
    """No surface can be drawn over what was asked for."""


class Axes(NamedTuple):
    """Two entries by name, or two random directions of a seed."""

    names: tuple[str, str] | None
    seed: int = 0


def axes_of(surface: Any) -> Axes | None:
    """What was asked for: nothing, ``("w", "b")``, ``"random"`` or ``("random", 7)``.

    >>> axes_of(("fc.weight[0, 1]", "fc.bias[0]")), axes_of("random"), axes_of(("random", 7))
    (Axes(names=('fc.weight[0, 1]', 'fc.bias[0]'), seed=0), Axes(names=None, seed=0), Axes(names=None, seed=7))
    """
    if surface is None:
        return None
    if isinstance(surface, str) and surface != "random":
        raise AxesError(message(f"surface={surface!r} is one name", "a surface is drawn over two axes", INSTEAD))
    asked = (surface, 0) if isinstance(surface, str) else surface
    if not isinstance(asked, (tuple, list)) or not all(isinstance(a, (str, int)) for a in asked):
        kind = type(surface).__name__
        raise TypeError(message(f"surface={surface!r} is a {kind}", "the two axes are given by their names", INSTEAD))
    if len(asked) != 2:
        raise AxesError(message(f"surface names {len(asked)} axes", "a surface is drawn over exactly two", INSTEAD))
    first, second = asked
    if first == "random" and (isinstance(second, int) or second.isdigit()):
        return Axes(None, int(second))
    if not (isinstance(first, str) and isinstance(second, str)):
        raise AxesError(message(f"surface={surface!r}: a number names no parameter", "a seed stands behind \"random\"", INSTEAD))
    return Axes((first, second))


def entries(axes: Axes, parameters: Parameters) -> tuple[int, int]:
    """The places of the two named entries among all entries, counted through."""
    assert axes.names is not None
    first, second = (entry(name, parameters) for name in axes.names)
    if first == second:
        raise AxesError(message(f"surface={axes.names!r} names the same entry twice", "a surface is drawn over two", INSTEAD))
    return first, second


def entry(asked: str, parameters: Parameters) -> int:
    """The place of one entry: ``w``, ``fc1.weight[3, 5]``."""
    known = parameters.places
    read = ENTRY.fullmatch(asked.strip())
    # A name may itself end in an index: `ws[0]`, a tensor in a list.
    name, index = (asked.strip(), None) if asked.strip() in known or read is None else (read["name"], read["index"])
    if name not in known:
        raise AxesError(
            message(
                f"the loss does not depend on a parameter called {name!r}.{did_you_mean(name, known)}",
                f"it was computed from {listed(parameters)}",
                INSTEAD,
            )
        )
    begin, shape = known[name]
    size = int(np.prod(shape))
    if index is None:
        if size != 1:
            example = ", ".join("0" for _ in shape)
            raise AxesError(
                message(
                    f"{name} has {size} entries, and a surface is drawn over two",
                    f"its shape is {list(shape)}",
                    f'one entry of it, such as "{name}[{example}]"; or surface="random" for directions through all of them',
                )
            )
        return begin
    at = tuple(int(i) for i in index.split(","))
    if len(at) != len(shape) or any(not -n <= i < n for i, n in zip(at, shape)):
        raise AxesError(
            message(
                f"{name} has no entry [{', '.join(map(str, at))}]",
                f"its shape is {list(shape)}",
                f'"{name}[{", ".join(str(n - 1) for n in shape)}]" is the last one' if shape else f'"{name}" alone: it is one number',
            )
        )
    return begin + int(np.ravel_multi_index([i % n for i, n in zip(at, shape)], shape))


def listed(parameters: Parameters) -> str:
    """All parameters with their shapes, the first ones of many."""
    said = [f"{name} {list(a.shape)}" if a.ndim else name for name, a in zip(parameters.names, parameters.arrays)]
    more = f" and {len(said) - MOST} more" if len(said) > MOST else ""
    return ", ".join(said[:MOST]) + more
