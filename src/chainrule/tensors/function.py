"""`Function`: an operation of your own, with a backward that you write."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..base.errors import message
from ..base.modes import modes
from ..graph.op import Op
from ..graph.value import FREED, Node, Pick, Value, clock, wrap
from .grad_mode import no_grad
from .tensor import Tensor


class Context:
    """What ``forward`` leaves for ``backward``: the ``ctx`` of a `Function`."""

    def __init__(self, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self._saved: tuple[Any, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._not_differentiable: tuple[Any, ...] = ()
        self._materialize = True
        self._node: Node | None = None

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for ``backward``, where ``ctx.saved_tensors`` gives them back."""
        for t in tensors:
            if t is not None and not isinstance(t, Value):
                raise TypeError(
                    message(
                        f"save_for_backward can only save variables, but argument {tensors.index(t)} is of type {type(t).__name__}",
                        instead="ctx.name = value, for what is not a tensor",
                    )
                )
        self._saved = tensors

    save_for_forward = save_for_backward

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        if self._node is not None and self._node.saved is FREED:
            from ..graph.backward import twice

            raise RuntimeError(twice(self._node))
        return self._saved

    saved_variables = saved_tensors

    def mark_dirty(self, *tensors: Any) -> None:
        """Say which inputs ``forward`` wrote into."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say which outputs have no gradient."""
        self._not_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether missing gradients reach ``backward`` as zeros (default) or as None."""
        self._materialize = value


class FunctionOp(Op, abstract=True):
    """The op of one use of a `Function`: its pullback is the user's ``backward``."""

    def __init__(self, function: type[Function], ctx: Context, outputs: list[tuple[Any, ...]], count: int) -> None:
        self.function, self.ctx, self.count, self.outputs = function, ctx, count, outputs
        self.torch_name = f"{function.__name__}Backward"

    def pull(self, node: Node, g: Any) -> list[Any]:
        many = g if type(g) is list else [g]
        create = any(isinstance(d, Value) for d in many)
        given = [as_gradient(d, shape, kind, self.ctx._materialize) for d, (shape, kind) in zip(many, self.outputs)]
        self.ctx._node = None if node.saved is not FREED else node
        with_graph = modes.grad
        modes.grad = create
        try:
            found = self.function.backward(self.ctx, *given)
        finally:
            modes.grad = with_graph
        found = found if isinstance(found, tuple) else (found,)
        extra = found[self.count :]
        if len(found) < self.count or any(e is not None for e in extra):
            raise RuntimeError(
                message(
                    f"function {self.torch_name} returned an incorrect number of gradients (expected {self.count}, got {len(found)})",
                    "backward returns one gradient for each argument of forward after ctx",
                    "return None for an argument that has no gradient",
                )
            )
        for i, (d, edge) in enumerate(zip(found, node.edges)):
            if d is not None and edge is not None and not isinstance(d, Value):
                raise TypeError(f"{self.torch_name}: expected a tensor or None as gradient {i}, but got {type(d).__name__}")
        return [d if create or d is None else d.array for d in found[: self.count]]


def as_gradient(d: Any, shape: tuple[int, ...], kind: np.dtype, materialize: bool) -> Any:
    if d is None:
        return wrap(np.zeros(shape, kind)) if materialize else None
    return d if isinstance(d, Value) else wrap(d)


class Function:
    """An operation with its own forward and backward.

    >>> class Double(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         return 2 * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         return 2 * g
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> Double.apply(x).backward(); x.grad
    tensor(2.)
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(
            message(
                f"Legacy autograd function with non-static forward method is deprecated: {type(self).__name__} was instantiated",
                instead=f"{type(self).__name__}.apply(x), with @staticmethod forward(ctx, x) and backward(ctx, g)",
            )
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; the first argument is ``ctx``, unless ``setup_context`` is defined."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradient of each argument of ``forward``, given that of each output."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD."
        )

    setup_context: Any = None

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run ``forward`` and record its use."""
        needs = tuple(isinstance(a, Value) and a.node is not None for a in args)
        ctx = Context(needs)
        recording = modes.grad and any(needs)
        with no_grad():
            if cls.setup_context is not None:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args, **kwargs)
        several = isinstance(result, tuple)
        outputs = list(result) if several else [result]
        outputs = [fresh(y, args, ctx) for y in outputs]
        if recording:
            attach(cls, ctx, args, outputs)
        return tuple(outputs) if several else outputs[0]

    vjp = backward


def fresh(y: Any, args: tuple[Any, ...], ctx: Context) -> Any:
    """An output as a tensor of its own where ``forward`` returned one of its arguments."""
    if isinstance(y, Value) and any(y is a for a in args) and not any(y is d for d in ctx._dirty):
        alias = wrap(y.array)
        alias.version = y.version
        return alias
    return y


def attach(cls: type[Function], ctx: Context, args: tuple[Any, ...], outputs: list[Any]) -> None:
    """Give the outputs of a `Function` their node."""
    tensors = [y for y in outputs if isinstance(y, Tensor)]
    node = Node()
    node.edges = tuple(a.node if isinstance(a, Value) else None for a in args)
    node.op = FunctionOp(cls, ctx, [(y.array.shape, y.array.dtype) for y in tensors], len(args))
    node.saved = (ctx,)
    guards: list[Any] = []
    for s in ctx._saved:
        if isinstance(s, Value):
            guards += (s.version, s.version[0])
    node.guards = tuple(guards)
    node.shapes = tuple(y.array.shape for y in tensors)
    node.seq, node.hooks, node.retained = clock(), None, None
    for i, y in enumerate(tensors):
        if y.array.dtype.kind in "fcV" and not any(y is d for d in ctx._not_differentiable):
            y.node = Pick(node, i, len(tensors)) if len(tensors) > 1 else node


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a ``backward`` that cannot itself be differentiated; a second derivative through it is an error."""

    @wraps(backward)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        recorded = modes.grad and any(isinstance(g, Value) and g.node is not None for g in gradients)
        with no_grad():
            found = backward(ctx, *gradients)
        if not recorded:
            return found
        several = isinstance(found, tuple)
        marked = tuple(NotTwice.apply(f, *gradients) if isinstance(f, Value) else f for f in (found if several else (found,)))
        return marked if several else marked[0]

    return wrapper


class NotTwice(Function):
    """The identity, with an error in place of a derivative."""

    @staticmethod
    def forward(ctx: Any, x: Any, *depends: Any) -> Any:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise RuntimeError(
            message(
                "trying to differentiate twice a function that was marked with @once_differentiable",
                instead="write its backward in differentiable operations and remove the decorator",
            )
        )
