"""What the table says of a name, and how lines of it are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch

from ..draw import Draw

Recipe = Callable[[Draw], tuple[tuple, dict[str, Any]]]


@dataclass(frozen=True)
class Spec:
    draw: Recipe
    program: Callable[..., Any] | None = None  # (library, *args, **named) → result; default: the function of the name
    exact: bool = False  # nothing is rounded
    writes: bool = False  # the arguments are looked at afterwards too
    parameters: bool = False  # the program returns (result, tensors whose gradients are compared too)
    random: bool = False  # the state of the random stream is compared
    orders: int = 2  # of derivatives
    needs: str = ""  # the name that must exist, if it is not the spec's own


def exists(name: str) -> bool:
    found: Any = torch
    for part in name.split("."):
        found = getattr(found, part, None)
    return callable(found)


def lines(names: str | Iterable[str], draw: Recipe, **flags: Any) -> dict[str, Spec]:
    """A line for each name, all with one recipe."""
    return {name: Spec(draw, **flags) for name in (names.split() if isinstance(names, str) else names)}


def forms(names: str, draw: Recipe, out: bool = True, **flags: Any) -> dict[str, Spec]:
    """Lines for a function, the method, and the method that writes in place, where they exist."""
    table: dict[str, Spec] = {}
    for name in names.split():
        if exists(name):
            table[name] = Spec(with_out(draw) if out else draw, **flags)
        table |= methods(name, draw, **flags)
    return table


def methods(names: str, draw: Recipe, **flags: Any) -> dict[str, Spec]:
    table: dict[str, Spec] = {}
    for name in names.split():
        if exists(f"Tensor.{name}"):
            table[f"Tensor.{name}"] = Spec(draw, **flags)
        if exists(f"Tensor.{name}_"):
            table[f"Tensor.{name}_"] = Spec(draw, writes=True, **flags)
    return table


def with_out(draw: Recipe) -> Recipe:
    """The same with out=, seldom."""

    def drawn(d: Draw) -> tuple[tuple, dict[str, Any]]:
        args, named = draw(d)
        if d.flag(0.05) and args and hasattr(args[0], "shape"):
            shape = args[0].shape if d.flag(0.6) else d.pick((0,), d.shape())
            named = named | {"out": d.x(shape, kind="any", grad=0.05, values="small")}
        return args, named

    return drawn
