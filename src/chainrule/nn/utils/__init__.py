"""Helpers around modules: clipping gradients, parameters as one vector, sequences of different lengths, parameters made of
others."""

from __future__ import annotations

from typing import Any

from . import parametrizations as parametrizations
from . import parametrize as parametrize
from . import prune as prune
from . import rnn as rnn
from . import stateless as stateless
from .gradients import clip_grad_norm as clip_grad_norm
from .gradients import clip_grad_norm_ as clip_grad_norm_
from .gradients import clip_grad_value_ as clip_grad_value_
from .gradients import clip_grads_with_norm_ as clip_grads_with_norm_
from .gradients import get_total_norm as get_total_norm
from .reparametrize import remove_spectral_norm as remove_spectral_norm
from .reparametrize import remove_weight_norm as remove_weight_norm
from .reparametrize import spectral_norm as spectral_norm
from .reparametrize import weight_norm as weight_norm
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
