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
    leading axis of gradients, which are sent through the graph together.

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
        if g is None:
            found.append(missing(t, len(found), allow_unused, materialize_grads))
        else:
            found.append(g if isinstance(g, Value) else wrap(own(g, t)))
    return tuple(found)


def missing(t: Tensor, place: int, unused: Any, zeros: bool, lead: tuple[int, ...] = ()) -> Any:
    """What stands for the gradient of an input that the outputs do not depend on; ``lead`` are axes in front."""
    if zeros:
        return wrap(np.zeros((*lead, *t.array.shape), t.array.dtype))
    if not unused:
        raise RuntimeError(
            message(
                f"The differentiated Tensor at index {place} appears to not have been used in the graph. "
                "Set allow_unused=True if this is the desired behavior.",
                f"no operation leads from this input, of shape {list(t.shape)}, to the outputs",
            )
        )
    return None


def own(g: Any, t: Tensor) -> np.ndarray:
    """A gradient as an array of its own: rules may hand out one array, or one number seen from many places, twice."""
    return np.array(g, dtype=t.array.dtype)


def batched(
    outputs: Tensors, inputs: tuple[Tensor, ...], gradients: Any, create: bool, unused: Any, zeros: bool
) -> tuple[Any, ...]:
    """`grad` for each entry along the leading axis of the gradients, stacked; where it can be, in one pass."""
    from .joining import stack

    rows = as_tuple(gradients)
    count = rows[0].shape[0]
    if not create and count > 1 and (together := in_one_pass(as_tuple(outputs), inputs, rows)) is not None:
        return tuple(
            [
                missing(t, i, unused, zeros, (count,)) if d is None else wrap(np.asarray(d, t.array.dtype))
                for i, (t, d) in enumerate(zip(inputs, together))
            ]
        )
    found = [
        grad(outputs, inputs, [g[i] for g in rows], True, create, allow_unused=unused, materialize_grads=zeros)
        for i in range(count)
    ]
    return tuple(None if column[0] is None else stack(list(column)) for column in zip(*found))


def in_one_pass(outputs: tuple[Any, ...], inputs: tuple[Any, ...], rows: tuple[Any, ...]) -> list[Any] | None:
    """The gradients of the inputs for all rows, None for those that none arrives at; None in all where that can't be."""
    from ..ops.rows import passes  # only a program that asks for many gradients loads it

    roots = seeds(outputs, [g[0] for g in rows], False)
    arrays = [np.asarray(g.array, d.dtype) for g, (_, d) in zip(rows, roots)]

    def upstream(i: int, j: int) -> list[tuple[Any, np.ndarray]]:
        return [(node, g[i:j]) for (node, _), g in zip(roots, arrays)]

    return passes.gradients(upstream, len(arrays[0]), [node_of(t) for t in inputs])
