"""Hooks on all modules at once.

While there are hooks on all modules, `Module.__call__` is one that looks for them; without any it is the plain one, so
that calling a module costs nothing for the possibility.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..tensors.tensor import RemovableHandle
from .hooks import KINDS, Hooks
from .module import Module

ALL = Hooks()
REGISTRATIONS = ("buffer", "parameter", "module")
ALL.of.update({kind: type(ALL.of["before"])() for kind in REGISTRATIONS})
plain_call = Module.__call__
plain_registrations = {kind: getattr(Module, f"register_{kind}") for kind in REGISTRATIONS}


def watched_call(self: Module, *inputs: Any, **named: Any) -> Any:
    """`Module.__call__` with the hooks on all modules before the module's own."""
    if not any(ALL.of[kind] for kind in KINDS):
        Module.__call__ = plain_call  # type: ignore[method-assign]
        return plain_call(self, *inputs, **named)
    both = Hooks()
    for kind in KINDS:
        both.of[kind].update(ALL.of[kind])
        if self._hooks is not None:
            both.of[kind].update(self._hooks.of[kind])
    return both.call(self, inputs, named)


def on_all(kind: str, hook: Callable[..., Any], **how: Any) -> RemovableHandle:
    Module.__call__ = watched_call  # type: ignore[method-assign]
    return ALL.add(kind, hook, **how)


def register_module_forward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, inputs)`` before the ``forward`` of any module; what it returns replaces the inputs.

    >>> from chainrule.nn.modules.module import register_module_forward_pre_hook
    >>> handle = register_module_forward_pre_hook(lambda module, inputs: print(type(module).__name__))
    >>> y = nn.Sequential(nn.Linear(2, 2), nn.ReLU())(torch.zeros(2)); handle.remove()
    Sequential
    Linear
    ReLU
    """
    return on_all("before", hook)


def register_module_forward_hook(
    hook: Callable[..., Any], *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Call ``hook(module, inputs, output)`` after the ``forward`` of any module; what it returns replaces the output."""
    return on_all("after", hook, with_kwargs=with_kwargs, always_call=always_call)


def register_module_full_backward_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, grad_input, grad_output)`` when the gradients of any module's inputs have been computed."""
    return on_all("backward", hook)


register_module_backward_hook = register_module_full_backward_hook


def register_module_full_backward_pre_hook(hook: Callable[..., Any]) -> RemovableHandle:
    """Call ``hook(module, grad_output)`` before the gradients of any module are computed."""
    return on_all("backward_pre", hook)


# ---------------------------------------------------------------------- registrations


def registering(kind: str) -> Callable[[Callable[..., Any]], RemovableHandle]:
    """The function that calls hooks when any module is given a buffer, a parameter or a module."""
    plain = plain_registrations[kind]

    def watched(self: Module, name: str, value: Any, *args: Any, **named: Any) -> None:
        for hook, _ in list(ALL.of[kind].values()):
            changed = hook(self, name, value)
            value = value if changed is None else changed
        plain(self, name, value, *args, **named)
        if not ALL.of[kind]:
            setattr(Module, f"register_{kind}", plain)

    def register(hook: Callable[..., Any]) -> RemovableHandle:
        setattr(Module, f"register_{kind}", watched)
        return ALL.add(kind, hook)

    register.__name__ = register.__qualname__ = f"register_module_{kind}_registration_hook"
    register.__doc__ = f"Call ``hook(module, name, {kind})`` when any module is given a {kind}; what it returns is registered."
    return register


register_module_buffer_registration_hook = registering("buffer")
register_module_parameter_registration_hook = registering("parameter")
register_module_module_registration_hook = registering("module")
