"""The training steps that are timed, each a function of the framework.

A workload takes a namespace that speaks PyTorch (chainrule or torch) and returns one training step, which returns its
loss, and the tensors that it trains. What is random comes from NumPy, so that every framework starts from the same
numbers and must end with the same loss.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Step = Callable[[], Any]  # one training step; returns the loss
Workload = Callable[[Any], tuple[Step, Sequence[Any]]]  # framework → step, trained tensors


def uniform(torch: Any, *shape: int, seed: int) -> Any:
    """A float32 tensor of numbers from −1 to 1."""
    return torch.from_numpy(np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32))


def integers(torch: Any, bound: int, *shape: int, seed: int) -> Any:
    """An int64 tensor of numbers from 0 to bound − 1."""
    return torch.from_numpy(np.random.default_rng(seed).integers(0, bound, shape))


def initialise(torch: Any, model: Any, seed: int = 0) -> Any:
    """The model with weights from N(0, 1/fan_in) and biases 0, the same under every framework."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            shape = tuple(parameter.shape)
            if len(shape) > 1:
                weight = rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
                parameter.copy_(torch.from_numpy(weight.astype(np.float32)))
            elif "bias" in name:
                parameter.zero_()
    return model
