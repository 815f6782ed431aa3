"""What the tests of the kernels share: random arrays, and gradients checked along a random direction."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Arrays = Sequence[np.ndarray | None]


def draws(seed: int = 0) -> Callable[..., np.ndarray]:
    """A source of normal random arrays: draw(2, 3) has shape (2, 3)."""
    rng = np.random.default_rng(seed)
    return lambda *shape: rng.standard_normal(shape)


def assert_gradients(
    loss: Callable[..., float], inputs: Arrays, gradients: Arrays, seed: int = 0, step: float = 1e-6, close: float = 1e-7
) -> None:
    """Hold ∂L/∂x to (L(x + h·d) − L(x − h·d)) / 2h along a random direction d, for each input with a gradient."""
    rng = np.random.default_rng(seed)
    for place, (x, gradient) in enumerate(zip(inputs, gradients, strict=True)):
        if x is None or gradient is None:
            continue
        assert gradient.shape == x.shape, f"input {place}: the gradient has shape {gradient.shape}, not {x.shape}"
        direction = rng.standard_normal(x.shape)
        ahead, behind = ([*inputs[:place], x + s * step * direction, *inputs[place + 1 :]] for s in (1, -1))
        measured = (loss(*ahead) - loss(*behind)) / (2 * step)
        stated = float((gradient * direction).sum())
        assert abs(stated - measured) <= close * (1 + abs(measured)), f"input {place}: {stated} is not {measured}"


def close(ours: Any, reference: Any, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(np.asarray(ours), np.asarray(reference), rtol=tolerance, atol=tolerance)
