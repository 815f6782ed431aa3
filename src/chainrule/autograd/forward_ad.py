"""``torch.autograd.forward_ad``: tangents that travel with their tensors, ẏ = J ẋ.

A dual tensor is recorded like one that requires gradients, and its tangent noted. ``unpack_dual(y)`` then finds
ẏ = Σ (∂y/∂x) ẋ from the graph: u ↦ uᵀJ is a backward pass, it is linear in u, and its derivative along ẋ is J ẋ ("double
backward", https://j-towns.github.io/2017/06/12/A-new-trick.html). So every operation with a backward has a forward
derivative too, and one under ``no_grad`` has neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..base.errors import message
from ..graph.promote import alias
from ..graph.value import Leaf, Node, Value, clock, wrap
from ..tensors.autograd import grad
from ..tensors.grad_mode import enable_grad


class UnpackedDualTensor(NamedTuple):
    """A tensor and its tangent, None where it does not depend on a dual tensor."""

    primal: Any
    tangent: Any


levels: list[dict[Node, Any]] = []  # of each open level: the tangent that enters at a node


def enter_dual_level() -> int:
    """Begin a level of forward differentiation; there is one at a time."""
    if levels:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    levels.append({})
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """End the level, and forget its tangents."""
    if not levels:
        raise RuntimeError("Dual level must be a positive number.")
    levels.pop()


class dual_level:  # noqa: N801
    """The ``with`` block in which dual tensors exist.

    >>> fwAD = torch.autograd.forward_ad
    >>> with fwAD.dual_level():
    ...     x = fwAD.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 10.0]))
    ...     fwAD.unpack_dual(x ** 2).tangent
    tensor([ 2., 40.])
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exc: Any) -> None:
        exit_dual_level()


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Any:
    """A view of ``tensor`` that carries ``tangent``, of its shape."""
    if not levels:
        raise RuntimeError(
            message(
                "Trying to create a dual Tensor for forward AD but no level exists, make sure to enter_dual_level() first.",
                instead="with torch.autograd.forward_ad.dual_level(): …",
            )
        )
    for name, t in (("primal", tensor), ("tangent", tangent)):
        if not isinstance(t, Value):
            raise TypeError(f"Expected {name} to be a Tensor, but got {type(t).__name__}")
        if t.array.dtype.kind not in "fcV":
            raise ValueError(f"Expected {name} to be floating point or complex, but got: {t.dtype}")  # type: ignore[attr-defined]
    if tensor.array.shape != tangent.array.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
            f"supported. Tensor is of size {list(tensor.shape)} while the given forward gradient is of size {list(tangent.shape)}."
        )
    if tensor.node in levels[-1]:
        raise RuntimeError(
            "Making a dual Tensor based on a Tensor that already has a forward gradient at the same level 0 is not supported."
        )
    node = Node()
    node.op, node.edges, node.saved, node.guards, node.seq = alias, (tensor.node,), (), (), clock()
    node.shapes = node.hooks = node.retained = None
    dual = wrap(tensor.array, node)
    dual.version = tensor.version
    levels[-1][node] = tangent
    return dual


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """A tensor without its tangent, and the tangent."""
    if not isinstance(tensor, Value) or not levels:
        return UnpackedDualTensor(tensor, None)
    node, tangents = tensor.node, levels[-1]
    if node is None:
        return UnpackedDualTensor(tensor, None)
    entered = [n for n in nodes_before(node) if n in tangents]
    if not entered:
        return UnpackedDualTensor(tensor, None)
    tangent = product(tensor, entered, [tangents[n] for n in entered])
    return UnpackedDualTensor(*[settled(t) for t in (tensor, tangent)])


def nodes_before(node: Node | None) -> Iterator[Node]:
    """A node and all that it was computed from."""
    seen: set[Node | None] = {None}
    stack = [node]
    while stack:
        found = stack.pop()
        if found not in seen and found is not None:
            seen.add(found)
            yield found
            stack.extend(found.edges)


def settled(t: Any) -> Any:
    """A tensor without history, if that leads to dual tensors only: to none that requires gradients."""
    leaves = any(type(n) is Leaf for n in nodes_before(t.node))
    return t.view_as(t) if leaves else t.detach()


def product(y: Any, entered: list[Node], tangents: list[Any]) -> Any:
    """Σ (∂y/∂x) ẋ over the dual tensors x, each given by its node."""
    with enable_grad():
        xs = [wrap(t.array, n) for t, n in zip(tangents, entered)]
        u = wrap(np.zeros_like(y.array)).requires_grad_()
        rows = grad(y, xs, u, create_graph=True, allow_unused=True)
        linear = [(row, t) for row, t in zip(rows, tangents) if row is not None and row.node is not None]
        if linear:
            found = grad([r for r, _ in linear], u, [t for _, t in linear], create_graph=True, allow_unused=True)[0]
        else:
            found = None
        return wrap(np.zeros_like(y.array)) if found is None else found


__all__ = ["UnpackedDualTensor", "dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]
