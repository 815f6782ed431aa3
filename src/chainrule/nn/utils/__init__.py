"""Helpers around modules: clipping gradients, parameters as one vector, sequences of different lengths, parameters made of
others."""

from __future__ import annotations

from typing import Any

from . import rnn as rnn
from .gradients import clip_grad_norm as clip_grad_norm
from .gradients import clip_grad_norm_ as clip_grad_norm_
from .gradients import clip_grad_value_ as clip_grad_value_
from .gradients import clip_grads_with_norm_ as clip_grads_with_norm_
from .gradients import get_total_norm as get_total_norm
from .vectors import parameters_to_vector as parameters_to_vector
from .vectors import vector_to_parameters as vector_to_parameters


def skip_init(module_cls: type, *args: Any, **kwargs: Any) -> Any:
    """A module made without drawing random numbers; its parameters hold nothing of meaning."""
    from ...base.random import default_generator

    before = default_generator.get_state_bytes()
    try:
        return module_cls(*args, **kwargs)
    finally:
        default_generator.set_state_bytes(before)


def __getattr__(name: str) -> Any:
    """What few programs need is read when first asked for."""
    from importlib import import_module

    if name in ("fusion", "memory_format", "parametrizations", "parametrize", "prune", "stateless"):
        return import_module(f"{__name__}.{name}")
    if name in ("clip_grad", "convert_parameters"):
        return import_module(f"{__name__}.{'gradients' if name == 'clip_grad' else 'vectors'}")
    if name.startswith(("fuse_", "convert_conv")):
        return getattr(import_module(f"{__name__}.{'fusion' if name[0] == 'f' else 'memory_format'}"), name)
    if name in ("weight_norm", "remove_weight_norm", "spectral_norm", "remove_spectral_norm"):
        return getattr(import_module(f"{__name__}.reparametrize"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
