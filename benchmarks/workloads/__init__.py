"""The training steps that are timed, each a function of the framework.

A workload takes a namespace that speaks PyTorch (chainrule or torch) and returns one training step, which returns its
loss, and the tensors that it trains. Frameworks of other dialects have their own (`in_jax`, `in_tinygrad`, `by_hand`).
What is random comes from NumPy, so that every framework starts from the same numbers and must end with the same loss.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Step = Callable[[], Any]  # one training step; returns the loss
Workload = Callable[..., tuple[Step, Sequence[Any]]]  # framework → step, trained tensors


class Pure(NamedTuple):
    """A training step as a pure function: (state, *data) → (state, loss)."""

    step: Callable[..., tuple[Any, Any]]
    state: Any
    data: Sequence[Any]
    carried: bool = True  # otherwise every step starts from the same state, and what it returns are gradients
    batches: Sequence[Any] | None = None  # of an epoch, the rows of the data that each minibatch takes


def uniform_array(*shape: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def integer_array(bound: int, *shape: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, bound, shape)


def uniform(torch: Any, *shape: int, seed: int) -> Any:
    """A float32 tensor of numbers from −1 to 1."""
    return torch.from_numpy(uniform_array(*shape, seed=seed))


def integers(torch: Any, bound: int, *shape: int, seed: int) -> Any:
    """An int64 tensor of numbers from 0 to bound − 1."""
    return torch.from_numpy(integer_array(bound, *shape, seed=seed))


def initial(shapes: Mapping[str, tuple[int, ...]], seed: int = 0) -> dict[str, np.ndarray]:
    """Weights from N(0, 1/fan_in), biases 0, scales 1, drawn in the order of the names."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, shape in shapes.items():
        if len(shape) > 1:
            found[name] = (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)
        else:
            found[name] = np.full(shape, 0.0 if "bias" in name else 1.0, np.float32)
    return found


def initialise(torch: Any, model: Any, seed: int = 0) -> Any:
    """The model with `initial` weights, the same under every framework."""
    parameters = dict(model.named_parameters())
    values = initial({name: tuple(parameter.shape) for name, parameter in parameters.items()}, seed)
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.from_numpy(values[name]))
    return model


def minibatches(rows: int, size: int, seed: int) -> list[np.ndarray]:
    """The rows of each minibatch of an epoch, in an order drawn once."""
    order = np.random.default_rng(seed).permutation(rows)
    return [order[i : i + size] for i in range(0, rows, size)]
