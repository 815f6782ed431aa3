"""Run a model once on an input, for what can be seen while it runs, and leave everything as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import Value
from ..nn.module import Module
from ..tensors.grad_mode import enable_grad
from ..tensors.random import default_generator, randn
from .folding import Call, watched


def arguments(input: Any) -> tuple[Any, ...]:
    """What a module is called with: a tensor, a tuple of arguments, or a shape, which is filled with random numbers."""
    if isinstance(input, Value):
        return (input,)
    if isinstance(input, (tuple, list)) and input and all(isinstance(n, (int, np.integer)) for n in input):
        return (randn(*[int(n) for n in input]),)
    if isinstance(input, (tuple, list)) and any(isinstance(x, Value) for x in input):
        return tuple(input)
    raise TypeError(
        message(
            f"the input must be a tensor, a tuple of arguments, or a shape, but is {type(input).__name__}",
            "the model is run on it once",
            "input=x, input=(x, mask), or input=(32, 3)",
        )
    )


def run(model: Module, input: Any) -> tuple[Any, list[Call], tuple[Any, ...]]:
    """(output, the calls of its modules, the arguments); buffers and the random stream are put back afterwards."""
    stream = default_generator.get_state()
    buffers = [(b, b.array.copy()) for b in model.buffers()]
    try:
        given = arguments(input)
        with enable_grad(), watched(model) as calls:
            output = model(*given)
    finally:
        default_generator.set_state(stream)
        for b, array in buffers:
            if not np.array_equal(b.array, array):
                b.array[...] = array
    return output, calls, given


def tensors_in(thing: Any) -> Iterator[Any]:
    """All tensors in a tensor, tuple, list or dictionary."""
    if isinstance(thing, Value):
        yield thing
    elif isinstance(thing, dict):
        for each in thing.values():
            yield from tensors_in(each)
    elif isinstance(thing, (tuple, list)):
        for each in thing:
            yield from tensors_in(each)


def first_tensor(thing: Any) -> Any:
    """The first tensor in an output that has a history, or else the first."""
    found = list(tensors_in(thing))
    return next((t for t in found if t.node is not None), found[0] if found else None)
