"""`weight_norm` and `spectral_norm` as they were before parametrizations: weights computed anew before each forward pass."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...base.random import default_generator
from ...graph.value import wrap
from ...tensors.tensor import Tensor
from .. import functional as F
from ..module import Module
from ..parameter import Parameter
from .parametrizations import length, normalized


class Rule:
    """How a tensor is computed before each forward pass; registered as a hook of its module."""

    name: str

    def compute(self, module: Any) -> Tensor:
        raise NotImplementedError

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute(module))


def install(module: Module, rule: Rule) -> Module:
    """Have a rule compute its tensor from now on."""
    hooks = module._hooks
    if hooks is not None:
        for hook, _ in hooks.of["before"].values():
            if type(hook) is type(rule) and hook.name == rule.name:
                raise RuntimeError(
                    f"Cannot register two {type(rule).__name__.lower()} hooks on the same parameter {rule.name}"
                )
    module.register_forward_pre_hook(rule)
    return module


def uninstall(module: Module, kind: type[Rule], name: str) -> Any:
    """Take a rule away; the rule, for what is left to do."""
    table = {} if module._hooks is None else module._hooks.of["before"]
    for key, (hook, _) in list(table.items()):
        if isinstance(hook, kind) and hook.name == name:
            del table[key]
            return hook
    raise ValueError(f"{kind.__name__.lower()} of '{name}' not found in {module}")


class WeightNorm(Rule):
    """w = g · v / |v|"""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name, self.dim = name, dim

    def compute(self, module: Any) -> Tensor:
        g, v = getattr(module, f"{self.name}_g"), getattr(module, f"{self.name}_v")
        return v * (g / length(v, self.dim))


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """w = g · v / |v|, with parameters ``<name>_g`` and ``<name>_v``; superseded by `parametrizations.weight_norm`."""
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    rule = WeightNorm(name, dim)
    weight = getattr(module, name)
    install(module, rule)
    del module._parameters[name]
    module.register_parameter(f"{name}_g", Parameter(length(weight, dim).detach()))
    module.register_parameter(f"{name}_v", Parameter(weight.detach()))
    setattr(module, name, rule.compute(module))
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight an ordinary parameter again, with the value that it has."""
    rule = uninstall(module, WeightNorm, name)
    weight = rule.compute(module)
    delattr(module, name)
    del module._parameters[f"{name}_g"], module._parameters[f"{name}_v"]
    setattr(module, name, Parameter(weight.detach()))
    return module


class SpectralNorm(Rule):
    """w / σ(w), the largest singular value σ by power iteration"""

    def __init__(self, name: str, iterations: int, dim: int, eps: float) -> None:
        self.name, self.iterations, self.dim, self.eps = name, iterations, dim, eps

    def matrix(self, weight: Tensor) -> Tensor:
        if self.dim:
            weight = weight.permute(self.dim, *[d for d in range(weight.dim()) if d != self.dim])
        return weight.reshape(weight.size(0), -1)

    def compute(self, module: Any) -> Tensor:
        weight = getattr(module, f"{self.name}_orig")
        u, v = getattr(module, f"{self.name}_u"), getattr(module, f"{self.name}_v")
        matrix = self.matrix(weight)
        if module.training:
            for _ in range(self.iterations):
                v.array[...] = normalized(matrix.array.T @ u.array, self.eps)
                u.array[...] = normalized(matrix.array @ v.array, self.eps)
        return weight / (u.clone() @ (matrix @ v.clone()))


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """w / σ(w), σ being the largest singular value, with parameter ``<name>_orig`` and buffers ``<name>_u``, ``<name>_v``

    (Miyato et al., 2018.) Superseded by `parametrizations.spectral_norm`.
    """
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") else 0
    if n_power_iterations <= 0:
        raise ValueError(f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}")
    rule = SpectralNorm(name, n_power_iterations, dim, eps)
    weight = getattr(module, name)
    matrix = rule.matrix(weight.detach())
    install(module, rule)
    del module._parameters[name]
    module.register_parameter(f"{name}_orig", weight)
    setattr(module, name, weight.detach())
    for which, size in (("u", matrix.size(0)), ("v", matrix.size(1))):
        start = wrap(default_generator.normal((size,), np.dtype(matrix.array.dtype)))
        module.register_buffer(f"{name}_{which}", F.normalize(start, dim=0, eps=eps))
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Make the weight an ordinary parameter again, with the value that it has."""
    rule = uninstall(module, SpectralNorm, name)
    training, module.training = module.training, False
    weight = rule.compute(module)
    module.training = training
    delattr(module, name)
    for part in (f"{name}_orig", f"{name}_u", f"{name}_v"):
        delattr(module, part)
    module.register_parameter(name, Parameter(weight.detach()))
    return module
