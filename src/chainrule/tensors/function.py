"""`Function`: an operation of your own, with a backward that you write."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from ..base.dtypes import of
from ..base.errors import GradientError, message
from ..base.modes import modes
from ..graph.anomaly import anomaly, note
from ..graph.kept import twice
from ..graph.op import Op
from ..graph.packing import Packed
from ..graph.promote import cast
from ..graph.stretched import unbroadcast
from ..graph.value import FREED, Node, Pick, Value, clock, wrap
from ..graph.watch import Watchers
from .grad_mode import no_grad
from .inplace import adopt, check_writable


class Context:
    """What ``forward`` leaves for ``backward``: the ``ctx`` of a `Function`."""

    def __init__(self, needs: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs
        self._saved: tuple[Any, ...] | None = ()
        self._dirty: tuple[Any, ...] = ()
        self._not_differentiable: tuple[Any, ...] = ()
        self._materialize = True

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
        if self._saved is None:
            raise GradientError(twice("this function"))
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

    by_rows = False
    inputs: Any  # type: ignore[misc]  # here each use has its own

    def __init__(
        self, function: type[Function], ctx: Context, inputs: list[Any], outputs: list[Any]
    ) -> None:
        self.function, self.ctx, self.count = function, ctx, len(inputs)
        self.inputs, self.outputs = inputs, outputs  # (shape, dtype) of each; None for what is no tensor
        self.torch_name = f"{function.__name__}Backward"

    def pull(self, node: Node, g: Any) -> list[Any]:
        many = g if type(g) is list else [g]
        create = any(isinstance(d, Value) for d in many)
        given = [as_gradient(d, like, self.ctx._materialize) for d, like in zip(many, self.outputs)]
        with_graph = modes.grad
        modes.grad = create
        self.ctx._saved = restored(node, len(self.outputs)) if node.saved else ()
        try:
            found = self.function.backward(self.ctx, *given)
        finally:
            modes.grad = with_graph
            self.ctx._saved = None
        return self.gradients(found if isinstance(found, tuple) else (found,), node, create)

    def gradients(self, found: tuple[Any, ...], node: Node, create: bool) -> list[Any]:
        """What ``backward`` returned, held against the inputs it belongs to."""
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
                raise RuntimeError(
                    message(
                        f"expected Variable or None (got {type(d).__name__})",
                        f"{self.torch_name} returned it as the gradient of argument {i}",
                        "return a tensor, or None for an argument that has no gradient",
                    )
                )
        fitted = [
            None if d is None or like is None else self.fit(d, like, i)
            for i, (d, like) in enumerate(zip(found, self.inputs))
        ]
        return [d if create or d is None else d.array for d in fitted]

    def fit(self, d: Any, like: tuple[Any, ...], place: int) -> Any:
        """A gradient that ``backward`` gave, in the dtype of its input and summed over what was stretched."""
        shape, kind = like
        found = d.array.shape
        if found != shape:
            if len(found) < len(shape) or any(n not in (1, m) for n, m in zip(reversed(shape), reversed(found))):
                raise RuntimeError(
                    message(
                        f"Function {self.torch_name} returned an invalid gradient at index {place} - got {list(found)} but "
                        f"expected shape compatible with {list(shape)}",
                        "the gradient of a tensor has an entry for each of its entries",
                    )
                )
            d = unbroadcast(d, shape)
        return d if d.array.dtype == kind else cast(d, of(np.empty(0, kind)))


def restored(node: Node, outputs: int) -> tuple[Any, ...]:
    """What ``save_for_backward`` was given, as it was then."""

    def tensor(kept: Any) -> Any:
        if kept is None:
            return None
        if kept.tensor is not None and kept.tensor.node is kept.node:
            return kept.tensor
        index = kept.output
        array = kept.array.open() if isinstance(kept.array, Packed) else kept.array
        made = wrap(array, kept.node if index is None else node if outputs == 1 else Pick(node, index, outputs))
        made.version = kept.version
        return made

    return tuple(tensor(kept) for kept in node.saved[0])


class Saved(NamedTuple):
    """A tensor that was saved for backward, and what could be changed about it since then.

    Of an output only its number is kept: the tensor would hold the node that holds it.
    """

    tensor: Any
    array: np.ndarray
    version: list[int]
    node: Node | None
    output: int | None = None


class FunctionNode(Node):
    """The node of one use of a `Function`; what its ``forward`` left in ``ctx`` can be read off it, as in PyTorch."""

    __slots__ = ()

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        if self.saved is FREED:
            raise GradientError(twice(self.name()))
        return restored(self, len(self.op.outputs)) if self.saved else ()

    def __getattr__(self, name: str) -> Any:
        if name == "op" or name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.op.ctx, name)

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}>"


def as_gradient(d: Any, like: Any, materialize: bool) -> Any:
    if d is None:
        return wrap(np.zeros(*like)) if materialize and like is not None else None
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
        if kwargs or cls.setup_context is not None:
            args = positional(cls, args, kwargs)
        needs = tuple(isinstance(a, Value) and a.node is not None for a in args)
        ctx = Context(needs)
        recording = modes.grad and any(needs)
        with no_grad():
            if cls.setup_context is not None:
                result = cls.forward(*args)
                cls.setup_context(ctx, args, result)
            else:
                result = cls.forward(ctx, *args)
        several = isinstance(result, tuple)
        outputs = list(result) if several else [result]
        outputs = [fresh(y, args, ctx) for y in outputs]
        if recording:
            attach(cls, ctx, args, outputs)
        return tuple(outputs) if several else outputs[0]

    vjp = backward


def positional(cls: type[Function], args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
    """All arguments of ``forward`` in order, those with a default included where ``setup_context`` will see them."""
    from inspect import signature

    if cls.setup_context is None:
        return signature(cls.forward).bind(None, *args, **named).args[1:]
    bound = signature(cls.forward).bind(*args, **named)
    bound.apply_defaults()
    return bound.args


def fresh(y: Any, args: tuple[Any, ...], ctx: Context) -> Any:
    """An output as a tensor of its own where ``forward`` returned one of its arguments."""
    if isinstance(y, Value) and any(y is a for a in args) and not any(y is d for d in ctx._dirty):
        alias = wrap(y.array)
        alias.version = y.version
        return alias
    return y


def attach(cls: type[Function], ctx: Context, args: tuple[Any, ...], outputs: list[Any]) -> None:
    """Give the outputs of a `Function` their node."""
    node = FunctionNode()
    node.edges = tuple(a.node if isinstance(a, Value) else None for a in args)
    node.op = FunctionOp(cls, ctx, [look(a) for a in args], [look(y) for y in outputs])
    saved = ctx._saved or ()
    guards: list[Any] = []
    for s in saved:
        if isinstance(s, Value):
            guards += (s.version, s.version[0])
    node.guards = tuple(guards)
    index = {id(y): i for i, y in enumerate(outputs) if isinstance(y, Value)}
    kept = tuple(
        None if s is None
        else Saved(None, s.array, s.version, None, index[id(s)]) if id(s) in index
        else Saved(s, s.array, s.version, s.node)
        for s in saved
    )  # fmt: skip
    node.saved, ctx._saved = (kept,) if kept else (), None
    node.seq, node.shapes, node.hooks, node.retained = clock(), None, None, None
    if Watchers.count:
        watched(node)
    for i, y in enumerate(outputs):
        differentiable = isinstance(y, Value) and y.array.dtype.kind in "fcV"
        if differentiable and not any(y is d for d in ctx._not_differentiable):
            made = Pick(node, i, len(outputs)) if len(outputs) > 1 else node
            if any(y is d for d in ctx._dirty):
                check_writable(y)
                adopt(y, made)
            else:
                y.node = made


def watched(node: FunctionNode) -> None:
    """Show a new node to those who watch; what it saved goes through the saved-tensor hooks."""
    if anomaly.on:
        note(node)
    if modes.packers and node.saved:
        pack, unpack = modes.packers[-1]
        node.saved = (
            tuple(
                kept and kept._replace(tensor=None, array=Packed(kept.array, kept.node, pack, unpack), version=[0])
                for kept in node.saved[0]
            ),
        )
        node.guards = ()


def look(x: Any) -> Any:
    """The shape and dtype of a tensor; None for anything else."""
    return (x.array.shape, x.array.dtype) if isinstance(x, Value) else None


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
        marked = tuple(
            NotTwice.apply(f, *gradients) if isinstance(f, Value) else f for f in (found if several else (found,))
        )
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
