"""Loading a state into a module: everything is checked first, and only then anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..base.errors import did_you_mean, message
from ..tensors.grad_mode import no_grad
from ..tensors.tensor import Tensor
from .module import Module
from .parameter import Parameter, Uninitialized
from .stateful import IncompatibleKeys


def load(module: Module, state: Mapping[str, Any], strict: bool, assign: bool) -> IncompatibleKeys:
    """`Module.load_state_dict`."""
    if not isinstance(state, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state)}.")
    errors: list[str] = []
    state = prepared(module, state, strict, errors)
    own = slots(module)
    unexpected = [k for k in state if k not in own]
    missing = [k for k in own if k not in state]
    for key, (mine, _, _) in own.items():
        if key in state and mine is not None:
            errors += misfit(key, mine, state[key])
    result = IncompatibleKeys(missing, unexpected)
    watched = [part for part in module.modules() if part._hooks is not None and part._hooks.of["loaded"]]
    refuse(module, errors, result if strict and not watched else IncompatibleKeys([], []))
    for key, (mine, owner, name) in own.items():
        if key in state:
            put(mine, owner, name, state[key], assign)
    for part in watched:  # these may take keys off the two lists
        part._hooks.loaded(part, result)
    if strict:
        refuse(module, [], result)
    return result


def refuse(module: Module, errors: list[str], keys: IncompatibleKeys) -> None:
    """One error for everything that is wrong with a state."""
    missing, unexpected = keys
    found = []
    if missing:
        found.append(f"Missing key(s) in state_dict: {quoted(missing)}. ")
    if unexpected:
        near = "".join(did_you_mean(k, missing) for k in unexpected[:3])
        found.append(f"Unexpected key(s) in state_dict: {quoted(unexpected)}. {near}")
    if found or errors:
        raise RuntimeError(
            message(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join([*found, *errors]))
        )


def prepared(module: Module, state: Mapping[str, Any], strict: bool, errors: list[str]) -> dict[str, Any]:
    """A copy of the state that hooks, and modules whose state has changed since it was saved, have seen and may change."""
    metadata = getattr(state, "_metadata", {})
    state = dict(state)
    for path, part in module.named_modules(remove_duplicate=False):
        prefix, saved = f"{path}." if path else "", metadata.get(path, {})
        if part._hooks is not None:
            part._hooks.loading(part, state, prefix, saved, strict, errors)
        part._load_from_state_dict(state, prefix, saved, strict, [], [], errors)
        part._upgrade_state(state, prefix, saved.get("version"))
    return state


def misfit(key: str, mine: Any, given: Any) -> list[str]:
    """Why a value cannot take its place, if it cannot."""
    if not isinstance(given, Tensor):
        return [
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint but '
            f"received {type(given)}"
        ]
    if not isinstance(mine, Uninitialized) and given.shape != mine.shape:
        return [
            f"size mismatch for {key}: copying a param with shape {given.shape} from checkpoint, the shape in current model "
            f"is {mine.shape}."
        ]
    return []


def quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def slots(module: Module) -> dict[str, tuple[Any, Module, str]]:
    """Every key of a state: the tensor that holds it (None for extra state), and which attribute of which module it is."""
    found: dict[str, tuple[Any, Module, str]] = {}
    for path, part in module.named_modules(remove_duplicate=False):
        prefix = f"{path}." if path else ""
        for name, tensor in (*part._parameters.items(), *part._buffers.items()):
            if tensor is not None and name not in part._non_persistent_buffers_set:
                found[prefix + name] = (tensor, part, name)
        if type(part).set_extra_state is not Module.set_extra_state:
            found[f"{prefix}_extra_state"] = (None, part, "")
    return found


def put(mine: Any, owner: Module, name: str, given: Any, assign: bool) -> None:
    if mine is None:
        owner.set_extra_state(given)
    elif assign:
        is_parameter = isinstance(mine, Parameter)
        if is_parameter and not isinstance(given, Parameter):
            given = Parameter(given, mine.requires_grad)
        (owner._parameters if is_parameter else owner._buffers)[name] = given
    else:
        if isinstance(mine, Uninitialized):
            mine.materialize(given.shape)
        with no_grad():
            mine.array[...] = given.array
            mine.version[0] += 1
