"""Derivatives asked for by name: ``grad`` and ``backward`` over several outputs and inputs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..base.errors import GradientError, message
from ..graph import backward as engine
from ..graph.value import Value, wrap
from .edges import GradientEdge, at_edge
from .tensor import Tensor, needs_history

Tensors = Tensor | GradientEdge | Sequence[Any]


def as_tuple(x: Any) -> tuple[Any, ...]:
    return (x,) if isinstance(x, (Value, GradientEdge)) or x is None else tuple(x)


def seeds(outputs: tuple[Tensor, ...], gradients: Any, create: bool) -> list[tuple[Any, Any]]:
    """The nodes a pass starts from, each with the gradient of its output."""
    given = as_tuple(gradients) if gradients is not None else (None,) * len(outputs)
    if len(given) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients")
    roots = []
    for i, (t, g) in enumerate(zip(map(at_edge, outputs), given)):
        if t.node is None:
            from ..graph.cut import no_history

            raise GradientError(no_history(f"element {i} of tensors does not require grad and does not have a grad_fn", t))
        roots.append((t.node, t.seed(g, create)))
    return roots


def backward(
    tensors: Tensors,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add ∂(Σ gradᵢ · tensorᵢ)/∂leaf to the ``.grad`` of every leaf.

    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> torch.autograd.backward([x * x, 2 * x]); x.grad
    tensor(8.)
    """
    outputs = as_tuple(tensors)
    only = None
    if inputs is not None:
        wanted = tuple(inputs.values()) if isinstance(inputs, dict) else as_tuple(inputs)
        if not wanted:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
        for t in wanted:
            if isinstance(t, Value) and not t.is_leaf:  # type: ignore[attr-defined]
                t.retain_grad()  # type: ignore[attr-defined]
        only = [node_of(at_edge(t)) for t in wanted]
    retain = create_graph if retain_graph is None else retain_graph
    engine.backward(seeds(outputs, grad_tensors, create_graph), retain=retain, create=create_graph, only=only)


def node_of(t: Any) -> Any:
    return needs_history(t)


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """∂(Σ grad_outputsᵢ · outputsᵢ)/∂input for each input, without touching any ``.grad``; a dict for a dict of inputs.

    An input that the outputs do not depend on is an error, unless ``allow_unused`` (its gradient is then None) or
    ``materialize_grads`` (zeros). ``create_graph`` makes the result differentiable; ``is_grads_batched`` takes a
    leading axis of gradients, one pass for each.

    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> (slope,) = torch.autograd.grad(x ** 3, x, create_graph=True)
    >>> torch.autograd.grad(slope, x)
    (tensor(18.),)
    """
    if isinstance(inputs, dict):
        how = retain_graph, create_graph, only_inputs, allow_unused, is_grads_batched, materialize_grads
        return dict(zip(inputs, grad(outputs, tuple(inputs.values()), grad_outputs, *how)))
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other "
            "parts of the graph, please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    wanted = tuple([at_edge(x) for x in as_tuple(inputs)])
    if is_grads_batched:
        return batched(outputs, wanted, grad_outputs, create_graph, allow_unused, materialize_grads)
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    nodes = [node_of(t) for t in wanted]
    retain = create_graph if retain_graph is None else retain_graph
    roots = seeds(as_tuple(outputs), grad_outputs, create_graph)
    caught = engine.backward(roots, retain=retain, create=create_graph, only=nodes, capture=True)
    found: list[Any] = []
    for t, node in zip(wanted, nodes):
        g = caught.get(node)
        if g is None and materialize_grads:
            found.append(wrap(np.zeros_like(t.array)))
        elif g is None and not allow_unused:
            raise RuntimeError(
                message(
                    f"The differentiated Tensor at index {len(found)} appears to not have been used in the graph. "
                    "Set allow_unused=True if this is the desired behavior.",
                    f"no operation leads from this input, of shape {list(t.shape)}, to the outputs",
                )
            )
        else:
            found.append(g if g is None or isinstance(g, Value) else wrap(own(g, t)))
    return tuple(found)


def own(g: Any, t: Tensor) -> np.ndarray:
    """A gradient as an array of its own: rules may hand out one array, or one number seen from many places, twice."""
    return np.array(g, dtype=t.array.dtype)


def batched(
    outputs: Tensors, inputs: tuple[Tensor, ...], gradients: Any, create: bool, unused: Any, zeros: bool
) -> tuple[Any, ...]:
    """`grad` once for each entry along the leading axis of the gradients, stacked."""
    from .joining import stack

    rows = as_tuple(gradients)
    found = [
        grad(outputs, inputs, [g[i] for g in rows], True, create, allow_unused=unused, materialize_grads=zeros)
        for i in range(rows[0].shape[0])
    ]
    return tuple(None if column[0] is None else stack(list(column)) for column in zip(*found))
