"""The only two things in a graph: a `Value` (an array, and how it came to be) and a `Node` (one application of an op).

Edges point from a result to what it was computed from::

    Value ──node──▶ Node ──edges──▶ Node ──edges──▶ Leaf ┄┄▶ Value (weakly)

A node keeps the arrays its rules need, never the tensors around them, so that an intermediate result whose array no
rule needs is freed as soon as the program drops it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .op import Op

clock = count(1).__next__  # one tick per node: of two nodes the later one never feeds the earlier one

SMALL = 1 << 14  # bytes of a leaf, up to which a backward pass notes its entries
FREED: Any = ("freed",)  # what a node's `saved` becomes once a backward pass has used it


class Node:
    """One application of an op: what is needed to multiply its local gradients along the chain rule.

    ``edges``   the node that made each input, or None for an input without history
    ``saved``   the arrays (inputs…, output) that the rules name; None where no rule needs one
    ``guards``  version cell, version, cell, version …: an array overwritten since then is found here
    ``shapes``  the inputs' shapes, where a rule names them or an input was broadcast
    ``hooks``   functions shown the gradients here, which they may replace (`hooks.py`)

    A node at which somebody asks for gradients, by ``hooks`` or ``retained``, is of a class of its own (`titled`), so that
    a pass sees by the class of all others that nobody does.
    """

    __slots__ = ("op", "edges", "saved", "guards", "shapes", "seq", "hooks", "retained", "places", "__weakref__")

    op: Op
    edges: tuple[Node | None, ...]
    saved: tuple[Any, ...]
    guards: tuple[Any, ...]
    shapes: tuple[tuple[int, ...], ...] | None
    seq: int
    hooks: dict[int, Any] | None
    retained: weakref.ref | None  # the computed tensor whose `.grad` keeps what arrives here
    places: list[Any]  # where the program was, noted by anomaly detection, and not there without it

    def name(self) -> str:
        """PyTorch's name for this node, such as ``MulBackward0``."""
        return self.op.torch_name

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes one step towards the leaves, as (node, which of its outputs)."""
        return tuple(
            (titled(e.parent), e.index) if isinstance(e, Pick) else (None if e is None else titled(e), 0) for e in self.edges
        )

    @property
    def metadata(self) -> dict[str, Any]:
        """A place for remarks on this node; ``traceback_`` says where it was made, if anomaly detection was on."""
        found = remarks.setdefault(self, {})
        if "traceback_" not in found:
            try:
                places = NOTED(self)
            except AttributeError:  # nobody looked for an anomaly
                return found
            from .anomaly import lines

            found["traceback_"] = lines(places)
        return found

    @property
    def requires_grad(self) -> bool:
        return True

    def retain(self, tensor: weakref.ref | None) -> None:
        """Keep what arrives here in the ``.grad`` of a computed tensor."""
        self.retained = tensor
        if type(self) is Node:
            titled(self)

    def _sequence_nr(self) -> int:
        return self.seq

    def register_hook(self, hook: Callable) -> RemovableHandle:
        """Call ``hook(gradients of the inputs, gradients of the outputs)`` after this node's rule; it may return the former anew."""
        return self.add_hook(After(hook))

    def register_prehook(self, hook: Callable) -> RemovableHandle:
        """Call ``hook(gradients of the outputs)`` before this node's rule; it may return them anew."""
        return self.add_hook(Before(hook))

    def add_hook(self, hook: Callable | Before | After) -> RemovableHandle:
        if self.hooks is None:
            self.hooks = {}
            if type(self) is Node:
                titled(self)
        return RemovableHandle(self.hooks, hook)

    def __repr__(self) -> str:
        return f"<{self.name().rpartition('::')[2]} object at {id(self):#x}>"


NOTED: Callable[[Node], list[Any]] = Node.__dict__["places"].__get__  # past what subclasses say of attributes


class Before:
    """A hook that is shown the gradients of a node's outputs, before its rule."""

    __slots__ = ("function",)

    def __init__(self, function: Callable) -> None:
        self.function = function


class After(Before):
    """A hook that is shown the gradients of a node's inputs and outputs, after its rule."""

    __slots__ = ()


remarks: weakref.WeakKeyDictionary[Node, dict[str, Any]] = weakref.WeakKeyDictionary()


class Titled:
    """A node that a program looks at: its class has PyTorch's name, and what it keeps can be read as ``_saved_self``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_saved_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        from .kept import kept_as

        return kept_as(self, name.removeprefix("_saved_"))  # type: ignore[arg-type]

    def __dir__(self) -> list[str]:
        from .kept import names_kept

        return [*object.__dir__(self), *[f"_saved_{name}" for name in names_kept(self)]]  # type: ignore[arg-type]


@cache
def kind_titled(kind: type[Node], title: str) -> type[Node]:
    return type(title, (kind, Titled), {"__slots__": ()})


def titled(node: Node) -> Node:
    """The node itself, as a `Titled` one: ``type(y.grad_fn).__name__`` is ``'MulBackward0'``.

    It becomes one when a program first looks at it, so that nodes nobody looks at cost nothing more, neither to make nor
    to read (``__getattr__`` slows down every attribute). Leaves bear their name from the start.
    """
    kind = type(node)
    if kind is not Leaf and kind.__name__ != (title := node.name().rpartition("::")[2]):
        node.__class__ = kind_titled(kind, title)  # type: ignore[arg-type]
    return node


class OfPass(Before):
    """A hook of a tensor that is also told which backward pass it is: ``function(gradient, backward_pass)``."""

    __slots__ = ()


class RemovableHandle:
    """What registering a hook returns; ``remove()`` takes the hook away again."""

    def __init__(self, hooks: dict[int, Any], hook: Any) -> None:
        self.hooks, self.id = hooks, clock()
        hooks[self.id] = hook

    def remove(self) -> None:
        self.hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


class Leaf(Node):
    """Where a gradient ends up: the ``.grad`` of a tensor the program made and asked gradients for."""

    __slots__ = ("target", "after", "small", "seen", "was")
    target: weakref.ref[Value]
    after: dict[int, Callable] | None  # called once .grad has been updated
    small: bool  # whether each pass notes its entries
    seen: np.ndarray | None  # its array when a gradient last arrived,
    was: bytes  # and the entries of that (`spent.py`)

    def __init__(self, value: Value, shaped: bool = True) -> None:
        """``shaped``: whether the tensor has entries yet."""
        self.op = None  # type: ignore[assignment]
        self.edges, self.saved, self.guards = (), (), ()
        self.shapes = self.hooks = self.retained = self.after = None
        self.seq = clock()
        self.seen, self.was, self.small = None, b"", shaped and value.array.nbytes <= SMALL
        self.target = weakref.ref(value)

    @property
    def variable(self) -> Value | None:
        return self.target()

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self):#x}>"


Leaf.__name__ = Leaf.__qualname__ = "AccumulateGrad"  # PyTorch's name, which programs compare with


class Pick(Node):
    """One of the outputs of a node that has several; collects its gradient into the parent's slot."""

    __slots__ = ("parent", "index", "outputs")

    def __init__(self, parent: Node, index: int, outputs: int) -> None:
        self.op, self.edges, self.saved, self.guards, self.seq = parent.op, (parent,), (), (), clock()
        self.shapes = self.hooks = self.retained = None
        self.parent, self.index, self.outputs = parent, index, outputs


class Value:
    """An array and its history.

    ``array``    the entries
    ``node``     what computed it: None without history, a `Leaf` where a gradient was asked for
    ``version``  a cell counting in-place writes, shared by all that alias the same entries
    ``_grad``    the gradient accumulated by backward passes, for a leaf
    ``_base``    for a view, the tensor it looks into; ``_views`` are the ops that lead from there to here
    """

    array: np.ndarray
    version: list[int]
    node: Node | None = None
    _grad: Any = None
    _base: Any = None
    _views: tuple[Op, ...] = ()
    _viewers: list[weakref.ref] | None = None  # of a base: the views that look into it
    cut: tuple[str, Any, int] | None = None  # how and where a history was left behind: ("detach", code, offset)


Result: type[Any] = Value  # what ops make; the surface layer puts its Tensor here
new: Callable[[type], Any] = object.__new__


def results_are(kind: type[Any]) -> None:
    """Tell the graph which class ops shall make (called once, by the layer that defines it)."""
    global Result
    Result = kind


def wrap(array: Any, node: Node | None = None) -> Any:
    """A new value around an array, sharing its memory."""
    value = new(Result)
    value.array = array if type(array) is np.ndarray else np.asarray(array)
    value.version = [0]
    value.node = node  # also None: what is there is found quicker than what its class says
    return value
