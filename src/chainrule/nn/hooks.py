"""The hooks of one module: functions called around ``forward``, around its backward pass, and around its state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ..graph.apply import apply
from ..graph.promote import Alias
from ..tensors.tensor import RemovableHandle, Tensor

KINDS = ("before", "after", "backward", "backward_pre", "saving", "saved", "loading", "loaded")


class Hooks:
    """Ordered hooks by kind; each entry is (function, options)."""

    def __init__(self) -> None:
        self.of: dict[str, OrderedDict[int, Any]] = {kind: OrderedDict() for kind in KINDS}

    def add(self, kind: str, hook: Callable[..., Any], prepend: bool = False, **how: Any) -> RemovableHandle:
        table = self.of[kind]
        handle = RemovableHandle(table, (hook, how))  # type: ignore[arg-type]
        if prepend:
            table.move_to_end(handle.id, last=False)
        return handle

    def call(self, module: Any, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """``forward`` with everything around it."""
        for hook, how in list(self.of["before"].values()):
            if how.get("with_kwargs"):
                changed = hook(module, inputs, named)
                if changed is not None:
                    inputs, named = changed
            else:
                changed = hook(module, inputs)
                if changed is not None:
                    inputs = changed if isinstance(changed, tuple) else (changed,)
        watch = BackwardWatch(module, self) if self.of["backward"] or self.of["backward_pre"] else None
        if watch:
            inputs = watch.at_inputs(inputs)
        try:
            output = module.forward(*inputs, **named)
        except BaseException:
            for hook, how in list(self.of["after"].values()):
                if how.get("always_call"):
                    hook(module, inputs, named, None) if how.get("with_kwargs") else hook(module, inputs, None)
            raise
        for hook, how in list(self.of["after"].values()):
            changed = hook(module, inputs, named, output) if how.get("with_kwargs") else hook(module, inputs, output)
            if changed is not None:
                output = changed
        return watch.at_output(output) if watch else output

    def saved(self, module: Any, state: Any, prefix: str) -> None:
        for hook, _ in list(self.of["saved"].values()):
            hook(module, state, prefix, {})

    def saving(self, module: Any, prefix: str, keep_vars: bool) -> None:
        for hook, _ in list(self.of["saving"].values()):
            hook(module, prefix, keep_vars)

    def loading(
        self, module: Any, state: dict[str, Any], prefix: str, metadata: dict[str, Any], strict: bool, errors: list[str]
    ) -> None:
        for hook, how in list(self.of["loading"].values()):
            given: tuple[Any, ...] = (state, prefix, metadata, strict, [], [], errors)
            hook(module, *given) if how.get("with_module", True) else hook(*given)

    def loaded(self, module: Any, result: Any) -> None:
        for hook, _ in list(self.of["loaded"].values()):
            hook(module, result)


class BackwardWatch:
    """Calls a module's backward hooks once the gradients at its outputs, then at its inputs, are known.

    Inputs and outputs pass through an alias each, whose gradient is exactly what enters or leaves the module.
    """

    def __init__(self, module: Any, hooks: Hooks) -> None:
        self.module, self.hooks = module, hooks
        self.grad_output: list[Tensor | None] = []
        self.grad_input: list[Tensor | None] = []
        self.waiting = 0

    def at_inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        self.grad_input = [None] * len(inputs)
        result = list(inputs)
        for i, x in enumerate(inputs):
            if isinstance(x, Tensor) and x.node is not None:
                result[i] = seen = apply(BackwardHook(), x)
                self.waiting += 1
                seen.register_hook(lambda g, i=i: self.input_arrived(i, g))
        return tuple(result)

    def at_output(self, output: Any) -> Any:
        several = isinstance(output, tuple)
        outputs = list(output) if several else [output]
        self.grad_output = [None] * len(outputs)
        for i, y in enumerate(outputs):
            if isinstance(y, Tensor) and y.node is not None:
                outputs[i] = seen = apply(BackwardHook(), y)
                seen.register_hook(lambda g, i=i: self.output_arrived(i, g))
        return tuple(outputs) if several else outputs[0]

    def output_arrived(self, i: int, g: Tensor) -> Tensor | None:
        self.grad_output[i] = g
        for hook, _ in list(self.hooks.of["backward_pre"].values()):
            changed = hook(self.module, tuple(self.grad_output))
            if changed is not None:
                self.grad_output = list(changed) if isinstance(changed, tuple) else [changed]
        if not self.waiting and all(d is not None for d in self.grad_output):
            self.run()
        return self.grad_output[i]

    def input_arrived(self, i: int, g: Tensor) -> Tensor | None:
        self.grad_input[i] = g
        self.waiting -= 1
        if self.waiting == 0:
            self.run()
        return self.grad_input[i]

    def run(self) -> None:
        for hook, _ in list(self.hooks.of["backward"].values()):
            changed = hook(self.module, tuple(self.grad_input), tuple(self.grad_output))
            if changed is not None:
                self.grad_input = list(changed) if isinstance(changed, tuple) else [changed]


class BackwardHook(Alias):
    """An alias that marks where a module begins or ends."""

    torch_name = "BackwardHookFunctionBackward"


class Hookable:
    """The methods of a module that register hooks."""

    _hooks: Any  # `Hooks`, or None before the first

    def _hook(self, kind: str, hook: Callable[..., Any], **how: Any) -> RemovableHandle:
        if self._hooks is None:
            self.__dict__["_hooks"] = Hooks()
        return self._hooks.add(kind, hook, **how)

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, inputs)`` before ``forward``; what it returns replaces the inputs."""
        return self._hook("before", hook, prepend=prepend, with_kwargs=with_kwargs)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Call ``hook(module, inputs, output)`` after ``forward``; what it returns replaces the output."""
        return self._hook("after", hook, prepend=prepend, with_kwargs=with_kwargs, always_call=always_call)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_input, grad_output)`` when the gradients of the inputs have been computed."""
        return self._hook("backward", hook, prepend=prepend)

    register_backward_hook = register_full_backward_hook

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Call ``hook(module, grad_output)`` before the gradients of this module are computed."""
        return self._hook("backward_pre", hook, prepend=prepend)

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before this module's part of a state is saved."""
        return self._hook("saving", hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, state, prefix, metadata)`` once this module's part of a state has been saved."""
        return self._hook("saved", hook)

    _register_state_dict_hook = register_state_dict_post_hook

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, state, prefix, metadata, strict, missing, unexpected, errors)`` before a state is loaded."""
        return self._hook("loading", hook)

    def _register_load_state_dict_pre_hook(self, hook: Callable[..., Any], with_module: bool = False) -> RemovableHandle:
        return self._hook("loading", hook, with_module=with_module)

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` once a state has been loaded."""
        return self._hook("loaded", hook)
