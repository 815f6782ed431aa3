"""`GradientEdge`: a place in the graph, named without holding the tensor computed there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..base.errors import GradientError, message
from ..graph.value import Leaf, Node, Pick, Value, titled, wrap


class GradientEdge(NamedTuple):
    """The gradient of output number ``output_nr`` of ``node``: as good as that output for `grad` and `backward`.

    ``ownership_token`` stands in for the output: it has its shape, dtype and history, and no entries of its own.
    """

    node: Node
    output_nr: int
    ownership_token: Any = None


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """The place in the graph where a tensor was computed; what it holds can be freed.

    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> y = x * x
    >>> edge = torch.autograd.graph.get_gradient_edge(y)
    >>> torch.autograd.grad(y * 5, edge)
    (tensor(5.),)
    """
    node = tensor.node
    if node is None:
        from ..graph.cut import no_history

        raise GradientError(
            no_history("It is not possible to get the gradient edge for a Tensor that does not require gradients", tensor)
        )
    array = tensor.array
    stand_in = wrap(np.broadcast_to(np.zeros((), array.dtype), array.shape), node)
    if isinstance(node, Pick):
        return GradientEdge(titled(node.parent), node.index, stand_in)
    return GradientEdge(titled(node), 0, stand_in)


def at_edge(x: Any) -> Any:
    """The tensor that a gradient edge stands for, or what stands in for it; a tensor is itself."""
    if not isinstance(x, GradientEdge):
        return x
    if isinstance(x.ownership_token, Value):
        return x.ownership_token
    if type(x.node) is Leaf:
        leaf = x.node.target()
        if leaf is not None:
            return leaf
    raise RuntimeError(
        message(
            f"GradientEdge({x.node!r}, {x.output_nr}) does not say what its output looks like",
            "it was made by hand; the shape is taken from the tensor",
            "torch.autograd.graph.get_gradient_edge(tensor)",
        )
    )
