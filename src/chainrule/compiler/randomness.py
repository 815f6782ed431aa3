"""Random numbers while a step is recorded: what draws them, exchanged for what does the same and tells; and written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from ..base.random import Generator, default_generator
from ..native.aligned import looks_into
from ..nn.functional import dropouts
from .drawing import drawn
from .recording import Recording, line
from .within import inner

DRAWS = (
    "uniform", "normal", "log_normal", "exponential", "cauchy", "geometric", "randint", "random", "randperm", "bernoulli",
    "dropout", "multinomial", "gamma", "dirichlet", "poisson", "binomial",
)  # fmt: skip


def watched_randomness(now: Recording) -> Iterator[tuple[Any, str, Any]]:
    """(owner, name, what takes its place while recording)."""
    for name in ("noise", "keep"):
        yield dropouts, name, watched_draw(now, name, getattr(dropouts, name))
    for name in DRAWS:
        yield Generator, name, watched_draw(now, name, vars(Generator)[name])
    for name in ("manual_seed", "seed", "set_state_bytes"):
        yield Generator, name, watched_seed(now, vars(Generator)[name])


named_by = cache(signature)  # of what is exchanged each time that something is recorded


def watched_draw(now: Recording, name: str, original: Any) -> Any:
    """Random numbers: drawn ahead of the steps, unless others are drawn within an op, or depend on what was computed."""
    named = named_by(original)

    def draw(*args: Any, **options: Any) -> Any:
        if now.drawing:
            return original(*args, **options)
        now.drawing = True
        try:
            with inner(now):
                result = original(*args, **options)
        finally:
            now.drawing = False
        if looks_into(result):
            result = result.copy()  # so that what looks into it is known by it
        source = args[0] if isinstance(args[0], Generator) else default_generator
        now.generators[id(source)] = source
        if now.depth:
            now.in_turn = True
        else:
            write_down(now, name, original, named.bind(*args, **options).args, result)
        return result

    return draw


def watched_seed(now: Recording, original: Any) -> Any:
    def seed(self: Any, *args: Any) -> Any:
        now.stop("seeds a random generator")
        return original(self, *args)

    return seed


def write_down(now: Recording, name: str, draw: Callable[..., Any], given: tuple[Any, ...], result: Any) -> None:
    """``draw(*given)`` gave random numbers; where arrays are given, they depend on what was computed before."""
    with inner(now):
        now.program.line = line()
        arrays = [a for a in given if isinstance(a, np.ndarray)]
        if not arrays and result.flags.c_contiguous:
            now.know(result, drawn(now.program, name, lambda: draw(*given), given, result))
            return
        now.in_turn = True
        others = [None if isinstance(a, np.ndarray) else a for a in given]  # not the arrays: they would live on
        places = [isinstance(a, np.ndarray) for a in given]

        def again(*found: Any) -> tuple[Any, ...]:
            rest = iter(found)
            return (draw(*[next(rest) if p else o for p, o in zip(places, others)]),)

        now.done(f"draw {name}", again, arrays, [result], lasting=True)
