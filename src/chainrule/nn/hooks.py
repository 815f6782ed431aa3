"""The hooks of one module: functions called around ``forward``, around its backward pass, and around its state."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.modes import modes
from ..graph.apply import plain
from ..graph.hooks import as_value
from ..graph.op import Op
from ..graph.promote import alias
from ..graph.value import Node, Pick, clock, wrap
from ..graph.watch import Watchers, completed
from ..tensors.tensor import RemovableHandle, Tensor
from .hook_tables import table

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

    Inputs and outputs pass through a `Border` each, whose gradients are exactly what leaves and enters the module.
    """

    def __init__(self, module: Any, hooks: Hooks) -> None:
        self.module, self.hooks = module, hooks
        self.inputs = 0  # how many arguments the module was given
        self.at_tensors: list[int] = []  # which of them are tensors
        self.open = False  # whether a gradient will arrive at the inputs
        self.silent = False  # an output that no gradient can be watched at
        self.grad_output: tuple[Tensor | None, ...] = ()

    def at_inputs(self, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        self.inputs = len(inputs)
        self.at_tensors = [i for i, x in enumerate(inputs) if isinstance(x, Tensor)]
        self.open = modes.grad and any(inputs[i].node is not None for i in self.at_tensors)
        if not self.open:
            return inputs
        passed = dict(zip(self.at_tensors, border([inputs[i] for i in self.at_tensors], self.input_gradients)))
        return tuple(passed.get(i, x) for i, x in enumerate(inputs))

    def at_output(self, output: Any) -> Any:
        outputs = output if isinstance(output, tuple) else (output,)
        if not all(isinstance(y, Tensor) for y in outputs):
            self.silent = True
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(output)}",
                stacklevel=4,
            )
            return output
        if not modes.grad or all(y.node is None for y in outputs):
            return output
        passed = border(outputs, self.output_gradients)
        return tuple(passed) if isinstance(output, tuple) else passed[0]

    def output_gradients(self, found: list[Tensor | None]) -> list[Tensor | None]:
        for hook, _ in list(self.hooks.of["backward_pre"].values()):
            found = changed(found, hook(self.module, tuple(found)), "pre hook returned an invalid number of grad_output")
        self.grad_output = tuple(found)
        if not self.open:
            self.call((None,) * self.inputs)
        return found

    def input_gradients(self, found: list[Tensor | None]) -> list[Tensor | None]:
        if self.silent:
            return found
        by_place = dict(zip(self.at_tensors, found))
        result = self.call(tuple(by_place.get(i) for i in range(self.inputs)))
        return [result[i] for i in self.at_tensors]

    def call(self, grad_input: Any) -> Any:
        for hook, _ in list(self.hooks.of["backward"].values()):
            given = hook(self.module, grad_input, self.grad_output)
            grad_input = changed(grad_input, given, "hook returned an invalid number of grad_input")
        return grad_input


def changed(before: Any, given: Any, what: str) -> Any:
    """The gradients after a hook: what it gave, if that is as many, or those before it if it gave None."""
    if given is None:
        return before
    several = given if isinstance(given, tuple) else (given,)
    if len(several) != len(before):
        raise RuntimeError(f"Backward {what}, got {len(several)}, but expected {len(before)}")
    return list(several) if isinstance(before, list) else several


class Border(Op, abstract=True):
    """Tensors pass unchanged; on the way back ``arrive`` is shown their gradients together, and may change them.

    At the inputs of a module what has no gradient is shown as zeros, at its outputs as None: PyTorch's custom.
    """

    by_rows = False
    torch_name = "BackwardHookFunctionBackward"

    def __init__(self, arrive: Callable[[list[Tensor | None]], list[Tensor | None]], zeros: list[Any] | None) -> None:
        self.arrive, self.zeros = arrive, zeros

    def pull(self, node: Node, g: Any) -> list[Any]:
        found = [as_value(d) for d in g]
        if self.zeros is not None:
            found = [wrap(np.zeros(*like)) if d is None else d for d, like in zip(found, self.zeros)]
        create = modes.grad
        return [d if d is None or create else d.array for d in self.arrive(found)]


def border(tensors: Any, arrive: Callable[..., Any]) -> list[Any]:
    """The tensors with a `Border` behind them; those without a history are themselves."""
    at_inputs = arrive.__name__ == "input_gradients"
    node = Node()
    node.op = Border(arrive, [(t.array.shape, t.array.dtype) for t in tensors] if at_inputs else None)
    node.edges, node.saved, node.guards, node.seq = tuple([t.node for t in tensors]), (), (), clock()
    node.shapes = node.hooks = node.retained = None
    if Watchers.count:
        completed(node)
    made = []
    for i, t in enumerate(tensors):
        if t.node is None:
            made.append(t)
            continue
        passed = plain(alias, t)
        passed.node = Pick(node, i, len(tensors))
        made.append(passed)
    return made


class Hookable:
    """The methods of a module that register hooks."""

    _hooks: Any  # `Hooks`, or None before the first

    _forward_pre_hooks, _forward_hooks = table("before"), table("after")
    _backward_pre_hooks, _backward_hooks = table("backward_pre"), table("backward")
    _state_dict_pre_hooks, _state_dict_hooks = table("saving"), table("saved")
    _load_state_dict_pre_hooks, _load_state_dict_post_hooks = table("loading"), table("loaded")

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
