"""Pruning: entries of a parameter held at zero by a mask.

``<method>(layer, "weight", amount)`` keeps the parameter as ``weight_orig`` and the mask as the buffer ``weight_mask``, and
computes ``weight = weight_orig · weight_mask`` before each forward pass. Pruning again takes from what is left.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...base.random import default_generator
from ...graph.value import wrap
from ...tensors.tensor import Tensor
from ..module import Module


class BasePruningMethod:
    """A way to choose what is pruned: ``compute_mask(t, default_mask)`` gives a mask of what stays.

    ``PRUNING_TYPE`` says what a repeated pruning looks at: all entries ("global"), those left ("unstructured"), or the slices
    left along ``dim`` ("structured").
    """

    PRUNING_TYPE = "unstructured"
    _tensor_name: str

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        raise NotImplementedError

    def apply_mask(self, module: Any) -> Tensor:
        """The parameter times its mask."""
        name = self._tensor_name
        return getattr(module, f"{name}_orig") * getattr(module, f"{name}_mask").to(getattr(module, f"{name}_orig").dtype)

    @classmethod
    def apply(cls, module: Module, name: str, *args: Any, importance_scores: Tensor | None = None, **kwargs: Any) -> Any:
        """Prune a parameter of a module in this way."""
        method: Any = cls(*args, **kwargs)
        method._tensor_name = name
        before = registered(module, name)
        if before is None:
            original = getattr(module, name)
            scores = original if importance_scores is None else importance_scores
            mask = original.new_ones(original.shape)
            module.register_parameter(f"{name}_orig", original)
            del module._parameters[name]
        else:
            scores = getattr(module, name) if importance_scores is None else importance_scores
            mask = getattr(module, f"{name}_mask").detach().clone()
            method = PruningContainer(*before.methods(), method)
            method._tensor_name = name
            forget(module, before)
        if scores.shape != mask.shape:
            raise AssertionError(f"importance_scores should have the same shape as parameter {name} of {module}")
        new = method.compute_mask(scores.detach(), mask)
        module.register_buffer(f"{name}_mask", new)
        setattr(module, name, method.apply_mask(module))
        module.register_forward_pre_hook(method)
        return method

    def methods(self) -> list[BasePruningMethod]:
        return [self]

    def prune(self, t: Tensor, default_mask: Tensor | None = None, importance_scores: Tensor | None = None) -> Tensor:
        """A tensor with what this way prunes set to zero."""
        scores = t if importance_scores is None else importance_scores
        mask = t.new_ones(t.shape) if default_mask is None else default_mask
        return t * self.compute_mask(scores.detach(), mask)

    def remove(self, module: Any) -> None:
        """Make what is left the parameter."""
        name = self._tensor_name
        value = self.apply_mask(module)
        delattr(module, name)
        original = module._parameters.pop(f"{name}_orig")
        original.data = value.detach()
        del module._buffers[f"{name}_mask"]
        setattr(module, name, original)


class PruningContainer(BasePruningMethod):
    """Several ways, one after the other, each on what the others have left."""

    def __init__(self, *methods: BasePruningMethod) -> None:
        self._pruning_methods = methods

    def methods(self) -> list[BasePruningMethod]:
        return list(self._pruning_methods)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self) -> Any:
        return iter(self._pruning_methods)

    def __getitem__(self, i: int) -> BasePruningMethod:
        return self._pruning_methods[i]

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        method = self._pruning_methods[-1]
        mask = default_mask.array
        if method.PRUNING_TYPE == "global":
            return wrap(mask * method.compute_mask(t, default_mask).array)
        if method.PRUNING_TYPE == "unstructured":
            left = np.flatnonzero(mask.reshape(-1) == 1)
            chosen = method.compute_mask(wrap(t.array.reshape(-1)[left]), wrap(np.ones(left.size, mask.dtype)))
            result = mask.copy().reshape(-1)
            result[left] = chosen.array
            return wrap(result.reshape(mask.shape))
        dim: int = method.dim  # type: ignore[attr-defined]
        others = tuple(d for d in range(mask.ndim) if d != dim % mask.ndim)
        left = np.flatnonzero(mask.sum(others) > 0)
        chosen = method.compute_mask(wrap(t.array.take(left, dim)), wrap(mask.take(left, dim)))
        result = mask.copy()
        result[along(dim % mask.ndim, left)] = chosen.array
        return wrap(result)


def along(dim: int, places: np.ndarray) -> tuple[Any, ...]:
    """The key of some slices along an axis."""
    return (*[slice(None)] * dim, places)


def registered(module: Module, name: str) -> Any:
    """The pruning of a parameter, or None."""
    hooks = module._hooks
    if hooks is not None:
        for hook, _ in hooks.of["before"].values():
            if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
                return hook
    return None


def forget(module: Module, method: BasePruningMethod) -> None:
    table = module._hooks.of["before"]  # type: ignore[union-attr]
    for key, (hook, _) in list(table.items()):
        if hook is method:
            del table[key]


def check_amount(amount: Any) -> None:
    if not isinstance(amount, (int, float, np.number)):
        raise TypeError(f"Invalid type for amount: {amount}. Must be int or float.")
    if (isinstance(amount, int) and amount < 0) or (not isinstance(amount, int) and not 0 <= amount <= 1):
        raise ValueError(f"amount={amount} should either be a float in the range [0, 1] or a non-negative integer")


def to_prune(amount: Any, size: int) -> int:
    """How many of ``size`` an amount, a number or a share, means."""
    if isinstance(amount, int):
        if amount > size:
            raise ValueError(f"amount={amount} should be smaller than the number of parameters to prune={size}")
        return amount
    return round(amount * size)


class Identity(BasePruningMethod):
    """Prunes nothing."""

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        return default_mask


class Amount(BasePruningMethod):
    """Prunes a number, or a share, of the entries."""

    def __init__(self, amount: Any) -> None:
        check_amount(amount)
        self.amount = amount

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        mask = default_mask.array.copy()
        count = to_prune(self.amount, t.numel())
        if count:
            mask.reshape(-1)[self.least(t.array.reshape(-1), count)] = 0
        return wrap(mask)

    def least(self, x: np.ndarray, count: int) -> np.ndarray:
        """Which entries to prune."""
        raise NotImplementedError


class RandomUnstructured(Amount):
    """Prunes entries at random."""

    def least(self, x: np.ndarray, count: int) -> np.ndarray:
        return smallest(-default_generator.uniform(x.shape, np.float32), count)


class L1Unstructured(Amount):
    """Prunes the entries nearest to zero."""

    def least(self, x: np.ndarray, count: int) -> np.ndarray:
        return smallest(np.abs(x), count)


def smallest(x: np.ndarray, count: int) -> np.ndarray:
    return np.argsort(x, kind="stable")[:count]


class Slices(BasePruningMethod):
    """Prunes whole slices along ``dim``: rows, channels …"""

    PRUNING_TYPE = "structured"

    def __init__(self, amount: Any, dim: int = -1) -> None:
        check_amount(amount)
        self.amount, self.dim = amount, dim

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        if t.dim() <= 1:
            raise ValueError(
                f"Structured pruning can only be applied to multidimensional tensors. Found tensor of shape {t.shape} with "
                f"{t.dim()} dims"
            )
        size = t.size(self.dim)
        count = to_prune(self.amount, size)
        mask = default_mask.array.copy()
        if count:
            mask[along(self.dim % t.dim(), self.least(t.array, count))] = 0
        return wrap(mask)

    def least(self, x: np.ndarray, count: int) -> np.ndarray:
        """Which slices to prune."""
        raise NotImplementedError


class RandomStructured(Slices):
    """Prunes slices at random."""

    def least(self, x: np.ndarray, count: int) -> np.ndarray:
        return smallest(default_generator.uniform((x.shape[self.dim],), np.float32), count)


class LnStructured(Slices):
    """Prunes the slices of least norm."""

    def __init__(self, amount: Any, n: Any, dim: int = -1) -> None:
        super().__init__(amount, dim)
        self.n = n

    def least(self, x: np.ndarray, count: int) -> np.ndarray:
        rows = np.moveaxis(x, self.dim, 0).reshape(x.shape[self.dim], -1)
        return smallest(np.linalg.norm(rows, float(self.n), axis=1), count)


class CustomFromMask(BasePruningMethod):
    """Prunes what a given mask does not keep."""

    PRUNING_TYPE = "global"

    def __init__(self, mask: Tensor) -> None:
        self.mask = mask

    def compute_mask(self, t: Tensor, default_mask: Tensor) -> Tensor:
        return wrap(default_mask.array * self.mask.array.astype(default_mask.array.dtype))


def identity(module: Module, name: str) -> Module:
    """Prune nothing, but as if something were."""
    Identity.apply(module, name)
    return module


def random_unstructured(module: Module, name: str, amount: Any) -> Module:
    """Prune a number, or a share, of a parameter's entries at random."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module: Module, name: str, amount: Any, importance_scores: Tensor | None = None) -> Module:
    """Prune the number, or share, of a parameter's entries that are nearest to zero.

    >>> layer = nn.utils.prune.l1_unstructured(nn.Linear(3, 2), "weight", amount=2)
    >>> int((layer.weight == 0).sum())
    2
    """
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module: Module, name: str, amount: Any, dim: int) -> Module:
    """Prune slices of a parameter at random."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(
    module: Module, name: str, amount: Any, n: Any, dim: int, importance_scores: Tensor | None = None
) -> Module:
    """Prune the slices of a parameter whose n-norms are least."""
    LnStructured.apply(module, name, amount, n, dim, importance_scores=importance_scores)
    return module


def custom_from_mask(module: Module, name: str, mask: Tensor) -> Module:
    """Prune by a given mask."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters: Iterable[tuple[Module, str]], pruning_method: type[BasePruningMethod], importance_scores: Any = None, **kwargs: Any
) -> None:
    """Prune several parameters together, so that what matters least goes, wherever it is."""
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    pairs = list(parameters)
    scores = importance_scores or {}
    flat = [scores.get(pair, getattr(*pair)).detach().array.reshape(-1) for pair in pairs]
    masks = [getattr(m, f"{n}_mask").array if hasattr(m, f"{n}_mask") else np.ones_like(getattr(m, n).detach().array)
             for m, n in pairs]  # fmt: skip
    method: Any = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. Found method '
            f"{pruning_method} of type {method.PRUNING_TYPE}"
        )
    container = PruningContainer(method)
    whole = container.compute_mask(wrap(np.concatenate(flat)), wrap(np.concatenate([m.reshape(-1) for m in masks])))
    start = 0
    for (module, name), mask in zip(pairs, masks):
        part = whole.array[start : start + mask.size].reshape(mask.shape)
        custom_from_mask(module, name, wrap(part.copy()))
        start += mask.size


def is_pruned(module: Module) -> bool:
    """Whether any parameter in a module is pruned."""
    for part in module.modules():
        hooks = part._hooks
        if hooks is not None and any(isinstance(h, BasePruningMethod) for h, _ in hooks.of["before"].values()):
            return True
    return False


def remove(module: Module, name: str) -> Module:
    """Make pruning permanent: what is left becomes the parameter."""
    method = registered(module, name)
    if method is None:
        raise ValueError(f"Parameter '{name}' of module {module} has to be pruned before pruning can be removed")
    method.remove(module)
    forget(module, method)
    return module
