"""``torch.func``: functions that give functions. `grad`, `vjp`, `jvp`, `jacrev` and `hessian` differentiate one, `vmap` maps one.

Arguments and results are tensors, or dicts, lists and tuples of them. Transforms may stand in each other. A derivative has a
history only if one of the arguments it was taken at has, or if it is taken within another transform.

`vmap` calls the function once per entry of the batch and stacks what it returns: the same numbers as a batched call, and
no faster than a loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import numpy as np

from .base.errors import message
from .graph.value import Value, wrap
from .nn.module import Module
from .nn.utils.stateless import functional_call as functional_call
from .tensors import derivatives
from .tensors.grad_mode import enable_grad
from .tensors.joining import stack
from .tensors.random import default_generator

Function = Callable[..., Any]


# ---------------------------------------------------------------------- trees of tensors


def leaves(tree: Any) -> list[Any]:
    """The tensors in nested dicts, lists and tuples, in order."""
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, (list, tuple)):
        return [leaf for value in tree for leaf in leaves(value)]
    return [] if tree is None else [tree]


def rebuilt(tree: Any, found: Iterator[Any]) -> Any:
    """The same nesting with other leaves."""
    if isinstance(tree, dict):
        return type(tree)((key, rebuilt(value, found)) for key, value in tree.items())
    if isinstance(tree, (list, tuple)):
        parts = [rebuilt(value, found) for value in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return None if tree is None else next(found)


# ---------------------------------------------------------------------- taking derivatives


class Depth(threading.local):
    """How many transforms are at work around each other."""

    now = 0


depth = Depth()


@contextmanager
def inside() -> Iterator[None]:
    depth.now += 1
    try:
        with enable_grad():
            yield
    finally:
        depth.now -= 1


def tensors_of(tree: Any, at: str) -> list[Any]:
    found = leaves(tree)
    for leaf in found:
        if not isinstance(leaf, Value):
            raise ValueError(
                message(
                    f"Thing passed to transform API must be Tensor, got {type(leaf)}",
                    f"a derivative is taken at it ({at})",
                    f"torch.tensor({leaf!r})" if isinstance(leaf, float) else "argnums=…, which says at which arguments",
                )
            )
    return found


class Point:
    """The arguments a derivative is taken at, as tensors whose gradients can be asked for."""

    def __init__(self, args: tuple[Any, ...], argnums: int | tuple[int, ...], name: str) -> None:
        self.argnums = argnums
        chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        for i in chosen:
            if not -len(args) <= i < len(args):
                raise RuntimeError(f"Got argnum={i}, but only {len(args)} positional inputs")
        self.trees = [args[i] for i in chosen]
        given = tensors_of(self.trees, name)
        self.nested = depth.now > 0 or any(x.node is not None for x in given)
        with enable_grad():
            self.xs = tuple(x.view_as(x) if x.node is not None else x.detach().requires_grad_() for x in given)
        fresh, self.args = iter(self.xs), list(args)
        for i, tree in zip(chosen, self.trees):
            self.args[i] = rebuilt(tree, fresh)

    def packed(self, found: Sequence[Any]) -> Any:
        """One result per tensor, nested as the arguments are."""
        each = iter(found)
        parts = [rebuilt(tree, each) for tree in self.trees]
        return parts[0] if isinstance(self.argnums, int) else tuple(parts)

    def let_go(self, tree: Any) -> Any:
        """Without history, unless somebody needs it."""
        return tree if self.nested else rebuilt(tree, iter([leaf.detach() for leaf in leaves(tree)]))


def with_aux(result: Any, has_aux: bool) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise RuntimeError("Expected the function to return a tuple of (output, aux), as has_aux=True says")
    return result


def grad_and_value(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """x ↦ (∂f/∂x, f(x)) for a function that gives one number.

    >>> torch.func.grad_and_value(lambda x: (x ** 2).sum())(torch.tensor([1.0, 2.0]))
    (tensor([2., 4.]), tensor(5.))
    """

    @wraps(func)
    def both(*args: Any, **named: Any) -> Any:
        point = Point(args, argnums, "grad")
        with inside():
            y, aux = with_aux(func(*point.args, **named), has_aux)
            if not isinstance(y, Value):
                raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(y)}")
            if y.array.ndim:
                raise RuntimeError(
                    message(
                        "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                        f"{y.array.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?",
                        f"its shape is {list(y.array.shape)}",
                    )
                )
            found = derivatives.gradients((y,), point.xs, (wrap(np.ones_like(y.array)),), point.nested)
        value = point.let_go(y)
        return point.packed(found), ((value, aux) if has_aux else value)

    return both


def grad(func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Function:
    """x ↦ ∂f/∂x for a function that gives one number.

    >>> torch.func.grad(torch.func.grad(torch.sin))(torch.tensor(0.5))
    tensor(-0.4794)
    """
    both = grad_and_value(func, argnums, has_aux)

    @wraps(func)
    def gradient(*args: Any, **named: Any) -> Any:
        found, value = both(*args, **named)
        return (found, value[1]) if has_aux else found

    return gradient


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """(f(x), v ↦ vᵀJ)

    >>> y, pull = torch.func.vjp(torch.sin, torch.tensor([0.0, 1.0]))
    >>> pull(torch.ones(2))
    (tensor([1.0000, 0.5403]),)
    """
    point = Point(primals, tuple(range(len(primals))), "vjp")
    with inside():
        result, aux = with_aux(func(*point.args), has_aux)
    ys = tuple(leaves(result))

    def pull(*cotangents: Any) -> Any:
        given = leaves(cotangents)
        if len(given) != len(ys):
            raise RuntimeError(f"expected {len(ys)} cotangents, one for each output, and got {len(given)}")
        return point.packed(derivatives.gradients(ys, point.xs, given, point.nested or depth.now > 0))

    value = point.let_go(result)
    return (value, pull, aux) if has_aux else (value, pull)


def jvp(func: Function, primals: tuple[Any, ...], tangents: tuple[Any, ...], *, has_aux: bool = False) -> Any:
    """(f(x), J t)

    >>> torch.func.jvp(torch.sin, (torch.tensor([0.0, 1.0]),), (torch.ones(2),))
    (tensor([0.0000, 0.8415]), tensor([1.0000, 0.5403]))
    """
    point, along = Point(primals, tuple(range(len(primals))), "jvp"), leaves(tangents)
    if len(along) != len(point.xs):
        raise RuntimeError(f"expected {len(point.xs)} tangents, one for each primal, and got {len(along)}")
    kept: list[Any] = []

    def flat(*xs: Any) -> tuple[Any, ...]:
        each = iter(xs)
        result, aux = with_aux(func(*[rebuilt(tree, each) for tree in point.trees]), has_aux)
        kept[:] = [result, aux]
        return tuple(leaves(result))

    with inside():
        ys, slopes = derivatives.jvp(flat, point.xs, tuple(along), create_graph=point.nested)
    result, aux = kept
    found = rebuilt(result, iter(ys)), rebuilt(result, iter(slopes))
    return (*found, aux) if has_aux else found


def jacrev(func: Function, argnums: int | tuple[int, ...] = 0, *, has_aux: bool = False, **chunks: Any) -> Function:
    """x ↦ ∂f/∂x, of the shape of f(x) followed by that of x: a backward pass for each entry of f(x).

    >>> torch.func.jacrev(torch.sin)(torch.zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """

    @wraps(func)
    def jacobian(*args: Any, **named: Any) -> Any:
        point = Point(args, argnums, "jacrev")
        with inside():
            result, aux = with_aux(func(*point.args, **named), has_aux)
            tables = [point.packed(derivatives.rows_of(y, point.xs, point.nested, False)) for y in leaves(result)]
        found = rebuilt(result, iter(tables))
        return (found, aux) if has_aux else found

    return jacobian


def jacfwd(
    func: Function, argnums: int | tuple[int, ...] = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Function:
    """The same matrix as `jacrev`, and found in the same way."""
    return jacrev(func, argnums, has_aux=has_aux)


def hessian(func: Function, argnums: int | tuple[int, ...] = 0) -> Function:
    """x ↦ ∂²f/∂x²

    >>> torch.func.hessian(lambda x: (x ** 3).sum())(torch.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)


# ---------------------------------------------------------------------- mapping


def vmap(
    func: Function,
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Function:
    """The function for a whole batch: ``in_dims`` says which axis of each argument counts it (None: none), ``out_dims``
    where it goes in what is returned.

    >>> torch.func.vmap(torch.dot)(torch.ones(3, 2), torch.ones(3, 2))
    tensor([2., 2., 2.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    name = getattr(func, "__name__", repr(func))

    @wraps(func)
    def mapped(*args: Any, **named: Any) -> Any:
        dims = spread(in_dims, args, f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)")
        flat = leaves(args)
        count = batch_size(flat, dims, f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)")
        state: Any = default_generator.get_state() if randomness != "different" else None
        results = []
        for i in range(count):
            if randomness == "same":
                default_generator.set_state(state)
            entry = iter([x if d is None else x.select(d, i) for x, d in zip(flat, dims)])
            results.append(func(*rebuilt(args, entry), **named))
        if randomness == "error" and not np.array_equal(default_generator.get_state().array, state.array):
            raise RuntimeError(
                "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
                "randomness flags on vmap or perform the randomness operation out of vmap"
            )
        return stacked(results, out_dims, name)

    return mapped


def spread(dims: Any, tree: Any, where: str) -> list[Any]:
    """An axis for each tensor, from one for all, or one for each part."""
    if isinstance(dims, int) or dims is None:
        return [dims] * len(leaves(tree))
    parts = tree.values() if isinstance(tree, dict) else tree
    each = dims.values() if isinstance(dims, dict) else dims
    if not isinstance(tree, (dict, list, tuple)) or len(each) != len(parts):
        raise ValueError(f"{where}: in_dims is not compatible with the structure of inputs: {dims!r}")
    return [d for part, dim in zip(parts, each) for d in spread(dim, part, where)]


def batch_size(flat: list[Any], dims: list[Any], where: str) -> int:
    sizes = []
    for x, d in zip(flat, dims):
        if d is None:
            continue
        if not isinstance(x, Value):
            raise ValueError(
                f"{where}: Got in_dim={d} for an input but the input is of type {type(x)}. We cannot vmap over non-Tensor "
                "arguments, please use None as the respective in_dim"
            )
        n = x.array.ndim
        if not -n <= d < n:
            raise ValueError(
                f"{where}: Got in_dim={d} for some input, but that input is a Tensor of dimensionality {n} so expected "
                f"in_dim to satisfy -{n} <= in_dim < {n}."
            )
        sizes.append(x.array.shape[d])
    if not sizes:
        raise ValueError(f"{where}: at least one of the inputs must have an axis to map over, and in_dims names none")
    if len(set(sizes)) > 1:
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the mapped "
            "dimension"
        )
    return sizes[0]


def stacked(results: list[Any], out_dims: Any, name: str) -> Any:
    """What the calls returned, stacked leaf by leaf."""
    if not results:
        raise RuntimeError(f"vmap({name}): a batch of 0 shows nothing of what the function returns")
    columns = [leaves(result) for result in results]
    for leaf in columns[0]:
        if not isinstance(leaf, Value):
            raise ValueError(
                f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(leaf)}. Did you mean to set out_dims= "
                "to None for output?"
            )
    dims = spread(out_dims, results[0], f"vmap({name}, out_dims={out_dims})")
    made = [column[0] if d is None else stack(column, d) for column, d in zip(zip(*columns), dims)]
    return rebuilt(results[0], iter(made))


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters, and the buffers, of modules of one make, stacked along a new first axis."""
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    every = [dict(model.named_parameters()) for model in models]
    parameters = {
        name: stack([each[name].detach() for each in every]).requires_grad_(p.requires_grad)
        for name, p in every[0].items()
    }
    states = [dict(model.named_buffers()) for model in models]
    buffers = {name: stack([each[name] for each in states]) for name in states[0]}
    return parameters, buffers


__all__ = ["functional_call", "grad", "grad_and_value", "hessian", "jacfwd", "jacrev", "jvp", "stack_module_state", "vjp",
           "vmap"]  # fmt: skip
