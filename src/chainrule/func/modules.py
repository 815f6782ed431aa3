"""Modules as functions of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ..nn.module import Module
from ..nn.utils import stateless
from ..tensors.joining import stack


def functional_call(
    module: Module, parameter_and_buffer_dicts: Any, args: Any = None, kwargs: dict[str, Any] | None = None, *,
    tie_weights: bool = True, strict: bool = False,
) -> Any:  # fmt: skip
    """``module(*args, **kwargs)`` with the tensors of a dictionary (or several) in the place of its own.

    >>> layer = torch.nn.Linear(2, 1)
    >>> torch.func.functional_call(layer, {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}, torch.ones(1, 2))
    tensor([[2.]])
    """
    how: dict[str, Any] = {"tie_weights": tie_weights, "strict": strict}
    return stateless.functional_call(module, parameter_and_buffer_dicts, args, kwargs, **how)


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters, and the buffers, of modules of one make, stacked along a new first axis.

    >>> parameters, buffers = torch.func.stack_module_state([torch.nn.Linear(2, 1) for _ in range(3)])
    >>> parameters["weight"].shape
    torch.Size([3, 1, 2])
    """
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    every = [dict(model.named_parameters()) for model in models]
    parameters = {
        name: stack([each[name].detach() for each in every]).requires_grad_(p.requires_grad)
        for name, p in every[0].items()
    }
    states = [dict(model.named_buffers()) for model in models]
    buffers = {name: stack([each[name] for each in states]) for name in states[0]}
    return parameters, buffers


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """Let the batch norms of a module use the statistics of the batch alone, and keep none: they write into nothing."""
    for module in root.modules():
        if hasattr(module, "track_running_stats") and hasattr(module, "running_mean"):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root


REMOVABLE = ("mutations", "mutations_and_views")


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """The function itself, for what computes the same without writing in place is what a compiler asks for; here is none."""
    if remove not in REMOVABLE:
        raise RuntimeError(
            f"functionalize(f, remove='mutations'): received invalid argument for remove={remove}. "
            f"Valid options are: {', '.join(map(repr, REMOVABLE))}"
        )

    @wraps(func)
    def same(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return same


def debug_unwrap(tensor: Any, *, recurse: bool = True) -> Any:
    """The tensor that a transform has wrapped; here transforms wrap none."""
    return tensor
