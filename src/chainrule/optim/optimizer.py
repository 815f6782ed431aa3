"""`Optimizer`: parameter groups, state, and how an update rule is carried to many parameters.

A rule is elementwise mathematics: ``update(p, g, s, group, t)`` takes flat arrays (parameters, gradients, state by
name), advances the state in place, and returns the step to subtract. It never sees shapes. `packs.py` decides which
arrays it is given, for speed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import wraps
from typing import Any, ClassVar

import numpy as np

from ..base.errors import message
from ..base.layout import laid_out_like
from ..graph.value import Value, wrap
from ..native import aligned
from ..tensors.grad_mode import enable_grad
from ..tensors.tensor import RemovableHandle, Tensor
from .explained import Explained
from .machine import Told
from .packs import Pack, pack_up
from .state_hooks import StateHooks
from .state_hooks import required as required
from .step_hooks import AFTER, BEFORE, with_hooks
from .step_hooks import register_optimizer_step_post_hook as register_optimizer_step_post_hook
from .step_hooks import register_optimizer_step_pre_hook as register_optimizer_step_pre_hook

Group = dict[str, Any]


class Optimizer(StateHooks, Explained):
    """The base of all optimizers.

    ``params`` are tensors, named tensors, or groups ``{"params": …, "lr": …}``; ``defaults`` are the settings of
    groups that do not say otherwise.
    """

    state_names: ClassVar[tuple[str, ...]] = ()  # the arrays of state an update rule keeps for each parameter
    counts_steps: ClassVar[bool] = True  # whether the state holds the number of steps taken
    state_numbers: ClassVar[tuple[str, ...]] = ()  # and the numbers

    elementwise: ClassVar[bool] = True  # whether the rule may be given pieces of a parameter, and several at once

    _within = False  # a step is running, around which the hooks are called

    def __init_subclass__(cls, **how: Any) -> None:
        super().__init_subclass__(**how)
        if "step" in cls.__dict__:
            cls.step = hooked(cls.__dict__["step"])  # type: ignore[method-assign]

    def __init__(self, params: Any, defaults: Group) -> None:
        if defaults.get("differentiable"):
            raise NotImplementedError(
                message(
                    f"{type(self).__name__}(differentiable=True): a step that is part of the graph",
                    "steps are taken on the entries of the parameters, outside of any graph",
                    "write the update: g, = torch.autograd.grad(loss, w, create_graph=True); w = w - lr * g",
                )
            )
        self.defaults = defaults
        self.state: dict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self._packs: dict[int, tuple[tuple[int, ...], list[Pack]]] = {}  # by group: for which parameters, and how
        self._hooks: dict[str, dict[int, Any]] = {"before": {}, "after": {}}
        for group in as_groups(params):
            self.add_param_group(group)

    def add_param_group(self, param_group: Group) -> None:
        """Add parameters with settings of their own, for example layers unfrozen during training."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        group = dict(param_group)
        given = group["params"]
        if isinstance(given, (set, frozenset)):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets "
                "will change between runs. Please use a list instead."
            )
        tensors: list[Any] = [given] if isinstance(given, Value) else list(given)
        if tensors and isinstance(tensors[0], tuple):
            group["param_names"] = [name for name, _ in tensors]
            tensors = [t for _, t in tensors]
        for t in tensors:
            check_parameter(t)
        group["params"] = tensors
        for name, value in self.defaults.items():
            group.setdefault(name, value)
        if len(set(map(id, tensors))) != len(tensors):
            import warnings

            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error",
                UserWarning,
                stacklevel=3,
            )
        seen = {id(p) for g in self.param_groups for p in g["params"]}
        if any(id(t) in seen for t in tensors):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    # ------------------------------------------------------------------ one step

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient; ``closure`` recomputes the loss, which is returned."""
        hooks = self._hooks
        if (hooks["before"] or hooks["after"] or BEFORE or AFTER) and not self._within:
            return with_hooks(self, Optimizer.step, () if closure is None else (closure,), {})
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for group in self.param_groups:
            params = [p for p in group["params"] if p._grad is not None]
            if params:
                self.update_group(group, params)
        return loss

    def update(self, p: np.ndarray, g: np.ndarray, s: dict[str, np.ndarray], group: Group, t: int) -> np.ndarray:
        """The rule: advance the state ``s`` and return what to subtract from ``p`` at step ``t`` = 1, 2, …"""
        raise NotImplementedError

    def in_machine_code(self, group: Group, t: int) -> Told | None:
        """The rule as machine code, and the numbers it is told at step ``t``; None where there is none (`machine.py`)."""
        return None

    def state_for(self, group: Group) -> tuple[str, ...]:
        """Which state arrays the rule keeps with these settings."""
        return self.state_names

    def initial(self, name: str, p: np.ndarray, group: Group) -> Any:
        """The entries a state array starts with."""
        return 0

    def fresh(self, p: np.ndarray, group: Group) -> dict[str, np.ndarray]:
        """The state of a parameter before its first step."""
        found = {name: laid_out_like(p, lambda shape: aligned.empty(shape, p.dtype)) for name in self.state_for(group)}
        for name, array in found.items():
            array[...] = self.initial(name, p, group)
        return found

    def initial_number(self, name: str, group: Group) -> float:
        """What a number of the state starts at."""
        return 1.0

    def advance(self, numbers: dict[str, float], group: Group, t: int) -> dict[str, float]:
        """Advance the numbers of the state to step ``t``; returns those the rule is given at this step."""
        return numbers

    def show_state(self, p: Tensor, group: Group) -> None:
        """Make the state of a parameter visible before its first step."""
        state = {name: wrap(start) for name, start in self.fresh(p.array, group).items()}
        self.state[p] = {"step": wrap(np.array(0.0, np.float32)), **state}

    def update_group(self, group: Group, params: list[Tensor]) -> None:
        key = tuple(map(id, params))
        before, packs = self._packs.get(id(group), ((), []))
        if key != before or any([pack.stale(self, group) for pack in packs]):  # a list is quicker to make than a generator
            packs = pack_up(self, group, params)
            self._packs[id(group)] = key, packs
        for pack in packs:
            pack.step(self, group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients (or set them to zero)."""
        for group in self.param_groups:
            for p in group["params"]:
                if p._grad is not None:
                    if set_to_none:
                        p._grad = None
                    else:
                        p._grad.node = None
                        p._grad.array[...] = 0
                        p._grad.version[0] += 1

    # ------------------------------------------------------------------ state

    def state_dict(self) -> dict[str, Any]:
        """The state of every parameter, numbered in order, and the groups' settings."""
        self._with_hooks("saving")
        number = {id(p): i for i, p in enumerate(p for g in self.param_groups for p in g["params"])}
        groups = [
            {**{k: v for k, v in g.items() if k != "params"}, "params": [number[id(p)] for p in g["params"]]}
            for g in self.param_groups
        ]
        state = {number[id(p)] if isinstance(p, Value) else p: dict(s) for p, s in self.state.items()}
        return self._with_hooks("saved", {"state": state, "param_groups": groups})

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a state made by `state_dict`; the groups must hold as many parameters."""
        state_dict = self._with_hooks("loading", dict(state_dict))
        theirs = state_dict["param_groups"]
        if len(theirs) != len(self.param_groups):
            raise ValueError("loaded state dict has a different number of parameter groups")
        for mine, other in zip(self.param_groups, theirs):
            if len(mine["params"]) != len(other["params"]):
                raise ValueError(
                    message(
                        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
                        f"the state has {len(other['params'])} parameters where this optimizer has {len(mine['params'])}",
                    )
                )
        by_number = {
            n: p for mine, other in zip(self.param_groups, theirs) for p, n in zip(mine["params"], other["params"])
        }
        state: dict[Any, dict[str, Any]] = defaultdict(dict)
        for key, entries in state_dict["state"].items():
            p = by_number.get(key, key)
            state[p] = {name: fit(name, value, p) for name, value in entries.items()}
        self.state = state
        self.param_groups = [  # settings that the state does not know keep their defaults
            {**self.defaults, **deepcopy({k: v for k, v in other.items() if k != "params"}), "params": mine["params"]}
            for mine, other in zip(self.param_groups, theirs)
        ]
        self._packs.clear()
        self._with_hooks("loaded")

    def __getstate__(self) -> dict[str, Any]:
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._packs, self._hooks = {}, {"before": {}, "after": {}}

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before every step."""
        return RemovableHandle(self._hooks["before"], hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after every step."""
        return RemovableHandle(self._hooks["after"], hook)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines += ["", f"Parameter Group {i}"] if i else [f"Parameter Group {i}"]
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


def hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """A subclass's own ``step``, with the optimizer's hooks called around it."""

    @wraps(step)
    def wrapper(self: Optimizer, *args: Any, **named: Any) -> Any:
        return step(self, *args, **named) if self._within else with_hooks(self, step, args, named)

    return wrapper


def as_groups(params: Any) -> list[Group]:
    """What a caller passed as parameters, as a list of groups."""
    if isinstance(params, Value):
        raise TypeError(
            "params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
            + type_name(params)
        )
    if not isinstance(params, Iterable):
        raise TypeError(
            f"params argument given to the optimizer should be an iterable of Tensors or dicts, but got {type_name(params)}"
        )
    groups = list(params)
    if not groups:
        raise ValueError(
            message(
                "optimizer got an empty parameter list",
                "there is nothing to train: model.parameters() found no nn.Parameter (modules kept in a plain list are "
                "not found), or an iterator was already used up",
                "optim.SGD(model.parameters(), lr=0.01), with submodules in nn.ModuleList",
            )
        )
    return groups if isinstance(groups[0], dict) else [{"params": groups}]


def require_at_least(least: float, values: dict[str, Any]) -> None:
    """Refuse settings that are too small, by PyTorch's words: ``Invalid learning rate: -0.1``."""
    for name, value in values.items():
        if not value >= least:
            raise ValueError(f"Invalid {name}: {value}")


def number(setting: Any) -> Any:
    """A setting as a number; learning rates may be tensors."""
    return setting.array.item() if isinstance(setting, Value) else setting


def check_betas(betas: tuple[float, float]) -> None:
    for i, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {beta}")


def type_name(x: Any) -> str:
    return "torch.FloatTensor" if isinstance(x, Value) else type(x).__name__


def check_parameter(t: Any) -> None:
    if not isinstance(t, Value):
        raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type_name(t)}")
    if not t.is_leaf:  # type: ignore[attr-defined]
        raise ValueError(
            message(
                "can't optimize a non-leaf Tensor",
                f"it was computed, by {t.grad_fn.name()}, so gradients do not collect in it",  # type: ignore[attr-defined]
                "w = (…).detach().requires_grad_(), and optimize w",
            )
        )


def fit(name: str, value: Any, p: Any) -> Any:
    """A loaded state entry in the dtype of its parameter (step counts keep theirs)."""
    if isinstance(value, Value) and isinstance(p, Value):
        keep = name == "step" or value.array.dtype.kind not in "fcV"
        return wrap(np.array(value.array, dtype=None if keep else p.array.dtype))
    return deepcopy(value)
