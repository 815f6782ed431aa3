"""Hooks around the saving and the loading of an optimizer's state, and the mark for a setting that must be given."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..tensors.tensor import RemovableHandle

KINDS = ("saving", "saved", "loading", "loaded")


class StateHooks:
    """The methods of an optimizer that register hooks on its state."""

    _state_hooks: dict[str, Any] | None = None

    def _on_state(self, kind: str, hook: Callable[..., Any], prepend: bool) -> RemovableHandle:
        if self._state_hooks is None:
            self._state_hooks = {k: OrderedDict() for k in KINDS}
        handle = RemovableHandle(self._state_hooks[kind], hook)
        if prepend:
            self._state_hooks[kind].move_to_end(handle.id, last=False)
        return handle

    def _with_hooks(self, kind: str, state: Any = None) -> Any:
        """Call the hooks of a kind; each may return another state."""
        for hook in list((self._state_hooks or {}).get(kind, {}).values()):
            changed = hook(self) if state is None else hook(self, state)
            state = state if changed is None else changed
        return state

    def register_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before `state_dict`."""
        return self._on_state("saving", hook, prepend)

    def register_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after `state_dict`; what it returns is the state."""
        return self._on_state("saved", hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before `load_state_dict`; what it returns is loaded."""
        return self._on_state("loading", hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after `load_state_dict`."""
        return self._on_state("loaded", hook, prepend)


class Required:
    """Marks a setting without a default, in optimizers written when ``lr=required`` was how to say so."""

    def __repr__(self) -> str:
        return "<required parameter>"


required = Required()
