"""``torch.autograd.graph``: the graph itself: its nodes and places, and hooks on what it keeps and what flows through it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..base.errors import message
from ..base.modes import modes
from ..graph.value import Node as Node
from ..graph.value import OfPass, Value
from ..graph.watch import pop_packers, push_packers
from ..tensors.edges import GradientEdge as GradientEdge
from ..tensors.edges import get_gradient_edge as get_gradient_edge


class saved_tensors_hooks:  # noqa: N801
    """While the ``with`` block runs, what operations keep for the backward pass is given to ``pack_hook``.

    What it returns is kept instead, and ``unpack_hook`` makes a tensor of it again when the backward pass needs it. Of
    several hooks around each other the innermost are used.

    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> with torch.autograd.graph.saved_tensors_hooks(lambda t: t.half(), lambda t: t.float()):
    ...     y = (x * x).sum()
    >>> y.backward(); x.grad
    tensor([2., 4.])
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        if modes.no_packers:
            raise RuntimeError(modes.no_packers)
        push_packers(self.pack_hook, self.unpack_hook)

    def __exit__(self, *exc: Any) -> None:
        pop_packers()


class save_on_cpu:  # noqa: N801
    """Keep what operations save in the computer's main memory: here, where everything is."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        self.pin_memory, self.device_type = pin_memory, device_type

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        pass


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """Refuse saved-tensor hooks inside the ``with`` block, with this message."""
    if modes.packers:
        raise RuntimeError(error_message)
    before, modes.no_packers = modes.no_packers, error_message
    try:
        yield
    finally:
        modes.no_packers = before


class allow_mutation_on_saved_tensors:  # noqa: N801
    """Let tensors be written over although an operation kept them: inside the ``with`` block operations keep copies.

    >>> x = torch.ones(2, requires_grad=True)
    >>> with torch.autograd.graph.allow_mutation_on_saved_tensors():
    ...     y = x.clone()
    ...     z = (y ** 2).sum()
    ...     _ = y.sin_()
    >>> z.backward(); x.grad
    tensor([2., 2.])
    """

    open = threading.local()

    def __enter__(self) -> allow_mutation_on_saved_tensors:
        if getattr(self.open, "now", False):
            raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
        push_packers(lambda t: t.detach().clone(), lambda t: t)
        self.open.now = True
        return self

    def __exit__(self, *exc: Any) -> None:
        self.open.now = False
        pop_packers()


def increment_version(tensor: Any) -> None:
    """Count a write into a tensor, or several, that autograd could not see (through NumPy, or ``.data``)."""
    given = (tensor,) if isinstance(tensor, Value) else tensor
    if not isinstance(given, Iterable):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    for t in given:
        t.version[0] += 1


class Handles:
    """The handles of several hooks, as one."""

    def __init__(self, handles: Iterable[Any]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> Handles:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Any], fn: Callable[[Any], None], *, mode: str = "all"
) -> Handles:
    """Call ``fn`` once in each backward pass that computes gradients of ``tensors``.

    ``"all"``: with the list of their gradients, None for those that the pass does not reach, as soon as the last of
    them is computed. ``"any"``: with the first that is computed.

    >>> a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    >>> handle = torch.autograd.graph.register_multi_grad_hook((a, b), lambda gradients: print(gradients))
    >>> (a * b).sum().backward()
    [tensor([1., 1.]), tensor([1., 1.])]
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    for i, t in enumerate(tensors):
        if t.node is None:
            raise AssertionError(
                message("Expected gradient function to be set", f"tensor {i} does not require grad", "x.requires_grad_()")
            )
    together = Together([t.node for t in tensors], fn) if mode == "all" else First(fn)
    return Handles([t.register_hook(OfPass(together.at(i))) for i, t in enumerate(tensors)])


class First(threading.local):
    """Gives the first gradient of each backward pass to ``fn``."""

    def __init__(self, fn: Callable[[Any], None]) -> None:
        self.fn, self.last_pass = fn, None

    def at(self, place: int) -> Callable[[Any, Any], None]:
        def hook(g: Any, backward_pass: Any) -> None:
            if self.last_pass is not backward_pass[0]:
                self.last_pass = backward_pass[0]
                self.fn(g)

        return hook


class Together(threading.local):
    """Collects the gradients of one backward pass, and gives them to ``fn`` once all are there that will come."""

    def __init__(self, nodes: list[Node], fn: Callable[[list[Any]], None]) -> None:
        self.nodes, self.fn = nodes, fn
        self.this_pass: Any = None
        self.missing: set[int] = set()
        self.found: list[Any] = []

    def at(self, place: int) -> Callable[[Any, Any], None]:
        def hook(g: Any, backward_pass: Any) -> None:
            if self.this_pass is not backward_pass[0]:
                self.this_pass = backward_pass[0]
                self.found = [None] * len(self.nodes)
                visited = visits(*backward_pass[1:])
                self.missing = {i for i, node in enumerate(self.nodes) if node in visited}
            self.found[place] = g
            self.missing.discard(place)
            if not self.missing:
                found, self.this_pass, self.found = self.found, None, []
                self.fn(found)

        return hook


def visits(roots: list[tuple[Node, Any]], wanted: Any, leading: Any) -> set[Node]:
    """The nodes that a backward pass visits."""
    seen: set[Node] = set()
    stack = [node for node, _ in roots]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(edge for edge in node.edges if edge is not None)
    return seen if wanted is None else seen & (wanted | leading)


__all__ = ["GradientEdge", "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge",
           "increment_version", "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks"]  # fmt: skip
