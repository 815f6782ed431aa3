"""`grad`, `vjp`, `jvp`, `jacrev`, `hessian`, …: functions that give the derivatives of a function."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any
from weakref import WeakSet

import numpy as np

from ..base.errors import message
from ..base.modes import modes
from ..graph.value import Leaf, Value, wrap
from ..tensors import derivatives
from ..tensors.autograd import grad as gradients_at
from ..tensors.grad_mode import enable_grad
from .mapping import check_randomness
from .trees import leaves, rebuilt, structure

Function = Callable[..., Any]
Which = int | tuple[int, ...]


class Depth(threading.local):
    """How many transforms are at work around each other."""

    now = 0


depth = Depth()
private: WeakSet[Any] = WeakSet()  # the leaves that transforms make to differentiate at; nobody outside asks for their gradients


@contextmanager
def inside() -> Iterator[None]:
    depth.now += 1
    try:
        with enable_grad():
            yield
    finally:
        depth.now -= 1


class Point:
    """The arguments a derivative is taken at, as tensors whose gradients can be asked for.

    A result has a history where somebody needs it: within another transform, or if it depends on a tensor outside that
    has one itself, be it an argument or one that the function refers to.
    """

    def __init__(self, args: tuple[Any, ...], argnums: Which, name: str) -> None:
        self.argnums = argnums
        chosen = checked_argnums(argnums, len(args))
        self.recording = modes.grad
        self.trees = [args[i] for i in chosen]
        given = tensors_of(self.trees, name)
        self.nested = depth.now > 0 or any(x.node is not None for x in given)
        with enable_grad():
            self.xs = tuple([x.view_as(x) if x.node is not None else private_leaf(x) for x in given])
        fresh, self.args = iter(self.xs), list(args)
        for i, tree in zip(chosen, self.trees):
            self.args[i] = rebuilt(tree, fresh)

    def packed(self, found: Sequence[Any]) -> Any:
        """One result per tensor, nested as the arguments are."""
        each = iter(found)
        parts = [rebuilt(tree, each) for tree in self.trees]
        return parts[0] if isinstance(self.argnums, int) else tuple(parts)

    def needed(self, tensors: Iterable[Any]) -> bool:
        """Whether derivatives of these results need a history of their own."""
        return self.recording and (self.nested or any(leads_out(t) for t in tensors))

    def let_go(self, tree: Any) -> Any:
        """What the function returned, without history where nobody needs it."""
        kept = [t if not isinstance(t, Value) or self.needed([t]) else t.detach() for t in leaves(tree)]  # type: ignore[attr-defined]
        return rebuilt(tree, iter(kept))


def private_leaf(x: Any) -> Any:
    leaf = x.detach().requires_grad_()
    private.add(leaf.node)
    return leaf


def leads_out(t: Any) -> bool:
    """Whether a result's history leads to a tensor outside that requires gradients."""
    if not isinstance(t, Value) or t.node is None:
        return False
    seen, left = set(), [t.node]
    while left:
        node = left.pop()
        if node not in seen:
            if type(node) is Leaf and node not in private:
                return True
            seen.add(node)
            left += [edge for edge in node.edges if edge is not None]
    return False


def checked_argnums(argnums: Any, count: int) -> tuple[int, ...]:
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    chosen = (argnums,) if isinstance(argnums, int) else argnums
    if not chosen:
        raise RuntimeError("argnums must be non-empty")
    for i in chosen:
        if not isinstance(i, int):
            raise RuntimeError(f"argnum must be int, got: {type(i)}")
        if not -count <= i < count:
            raise RuntimeError(f"Got argnum={i}, but only {count} positional inputs")
    if len({i % count for i in chosen}) < len(chosen):
        raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    return tuple([i % count for i in chosen])


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


def with_aux(result: Any, has_aux: bool, name: str) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise RuntimeError(f"{name}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return result


def only_tensors(result: Any, name: str) -> list[Any]:
    found = leaves(result)
    for y in found:
        if not isinstance(y, Value):
            raise RuntimeError(f"{name}: expected f(*primals) to return only tensors, got unsupported type {type(y)}")
    return found


# ---------------------------------------------------------------------- gradients


def grad_and_value(func: Function, argnums: Which = 0, has_aux: bool = False) -> Function:
    """x ↦ (∂f/∂x, f(x)) for a function that gives one number.

    >>> torch.func.grad_and_value(lambda x: (x ** 2).sum())(torch.tensor([1.0, 2.0]))
    (tensor([2., 4.]), tensor(5.))
    """
    name = "grad_and_value(f)(*args)"

    @wraps(func)
    def both(*args: Any, **named: Any) -> Any:
        point = Point(args, argnums, "grad")
        with inside():
            y, aux = with_aux(func(*point.args, **named), has_aux, name)
            if not isinstance(y, Value):
                raise RuntimeError(f"{name}: Expected f(*args) to return a Tensor, got {type(y)}")
            if y.array.ndim:
                raise RuntimeError(
                    message(
                        f"{name}: Expected f(*args) to return a scalar Tensor, got tensor with {y.array.ndim} dims. "
                        "Maybe you wanted to use the vjp or jacrev APIs instead?",
                        f"its shape is {list(y.array.shape)}",
                    )
                )
            found = derivatives.gradients((y,), point.xs, (wrap(np.ones_like(y.array)),), point.needed([y]))
        value, aux = point.let_go(y), point.let_go(aux)
        return point.packed(found), ((value, aux) if has_aux else value)

    return both


def grad(func: Function, argnums: Which = 0, has_aux: bool = False) -> Function:
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


# ---------------------------------------------------------------------- products with the Jacobian


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """(f(x), v ↦ vᵀJ)

    >>> y, pull = torch.func.vjp(torch.sin, torch.tensor([0.0, 1.0]))
    >>> pull(torch.ones(2))
    (tensor([1.0000, 0.5403]),)
    """
    name = "vjp(f, *primals)"
    if not primals:
        raise RuntimeError(f"{name}: Expected primals to contain at least one Tensor.")
    point = Point(primals, tuple(range(len(primals))), "vjp")
    with inside():
        result, aux = with_aux(func(*point.args), has_aux, name)
    ys = tuple(only_tensors(result, name))
    needed = point.needed(ys)
    nesting = structure(result)

    def pull(*cotangents: Any) -> Any:
        given = cotangents[0] if len(cotangents) == 1 else cotangents
        if structure(given) != nesting:
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function. "
                f"cotangents: {structure(given)}, primal output: {nesting}"
            )
        vs = leaves(given)
        create = modes.grad and (needed or depth.now > 0 or any(v.node is not None for v in vs))
        return point.packed(derivatives.gradients(ys, point.xs, vs, create))

    value = point.let_go(result)
    return (value, pull, point.let_go(aux)) if has_aux else (value, pull)


def pushing(ys: Sequence[Any], xs: Sequence[Any]) -> Callable[[Sequence[Any], bool], list[Any]]:
    """t ↦ J t, as the derivative of u ↦ uᵀJ, which is linear in u."""
    with enable_grad():
        us = tuple([private_leaf(wrap(np.zeros_like(y.array))) for y in ys])
        rows = derivatives.gradients(tuple(ys), tuple(xs), us, True)

    def push(along: Sequence[Any], create: bool) -> list[Any]:
        linear = [(row, t) for row, t in zip(rows, along) if row.node is not None]
        found: Sequence[Any] = [None] * len(us)
        if linear:
            parts, ts = zip(*linear)
            found = gradients_at(parts, us, ts, retain_graph=True, create_graph=create, allow_unused=True)
        return [wrap(np.zeros_like(y.array)) if t is None else t for t, y in zip(found, ys)]

    return push


def jvp(func: Function, primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """(f(x), J t); with ``strict``, outputs that do not depend on x are an error.

    >>> torch.func.jvp(torch.sin, (torch.tensor([0.0, 1.0]),), (torch.ones(2),))
    (tensor([0.0000, 0.8415]), tensor([1.0000, 0.5403]))
    """
    name = "jvp(f, primals, tangents)"
    if not isinstance(primals, tuple):
        raise RuntimeError(f"{name}: Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    if structure(primals) != structure(tangents) or type(tangents) is not tuple:
        raise RuntimeError(
            f"{name}: Expected primals and tangents to have the same python structure. For example, if primals is a tuple of 3 "
            f"tensors, tangents also must be. Got primals with structure {structure(primals)} and tangents with structure "
            f"{structure(tangents)}"
        )
    if not leaves(primals):
        raise RuntimeError(f"{name}: Expected primals to contain at least one Tensor.")
    point, along = Point(primals, tuple(range(len(primals))), "jvp"), tensors_of(tangents, "jvp")
    check_tangents(point.xs, along)
    with inside():
        result, aux = with_aux(func(*point.args), has_aux, name)
        ys = only_tensors(result, name)
        if strict and any(y.node is None for y in ys):
            raise RuntimeError(
                "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not allowed "
                "with strict=True."
            )
        create = point.needed(ys) or point.recording and any(t.node is not None for t in along)
        slopes = pushing(ys, point.xs)(along, create)
    found = point.let_go(result), rebuilt(result, iter(slopes))
    return (*found, point.let_go(aux)) if has_aux else found


def check_tangents(xs: Sequence[Any], along: Sequence[Any]) -> None:
    for x, t in zip(xs, along):
        if x.array.shape != t.array.shape:
            raise RuntimeError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this is not "
                f"supported. Tensor is of size {list(x.array.shape)} while the given forward gradient is of size {list(t.array.shape)}."
            )


def linearize(func: Function, *primals: Any) -> tuple[Any, Function]:
    """(f(x), t ↦ J t): f is computed once, however many tangents follow.

    >>> y, push = torch.func.linearize(torch.sin, torch.tensor([0.0, 1.0]))
    >>> push(torch.ones(2))
    tensor([1.0000, 0.5403])
    """
    if not primals:
        raise RuntimeError("linearize(f, *primals): Expected primals to contain at least one Tensor.")
    point = Point(primals, tuple(range(len(primals))), "linearize")
    with inside():
        result = func(*point.args)
        ys = only_tensors(result, "linearize(f, *primals)")
        needed, push = point.needed(ys), pushing(ys, point.xs)
    nesting = structure(primals)

    def along(*tangents: Any) -> Any:
        if structure(tangents) != nesting:
            raise RuntimeError(f"Expected the tangents {structure(tangents)} to have the same argspec as the primals {nesting}")
        ts = tensors_of(tangents, "linearize")
        for i, (x, t) in enumerate(zip(point.xs, ts)):
            for what, there, here in (("shape", t.shape, x.shape), ("dtype", t.dtype, x.dtype)):
                if there != here:
                    raise RuntimeError(
                        f"tangent:{i} with {what} {there} in flattened pytree doesn't match the {what} {here} of the "
                        "corresponding primal."
                    )
        create = modes.grad and (needed or depth.now > 0 or any(t.node is not None for t in ts))
        return rebuilt(result, iter(push(ts, create)))

    return point.let_go(result), along


# ---------------------------------------------------------------------- matrices


def jacrev(
    func: Function, argnums: Which = 0, *, has_aux: bool = False, chunk_size: int | None = None, _preallocate_and_copy: bool = False
) -> Function:
    """x ↦ ∂f/∂x, of the shape of f(x) followed by that of x: one backward pass for the entries of f(x) together.

    ``chunk_size`` bounds how many entries are taken at a time.

    >>> torch.func.jacrev(torch.sin)(torch.zeros(2))
    tensor([[1., 0.],
            [0., 1.]])
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")
    return jacobian_of(func, argnums, has_aux, "vjp(f, *primals)", chunk_size)


def jacfwd(func: Function, argnums: Which = 0, has_aux: bool = False, *, randomness: str = "error") -> Function:
    """The same matrix as `jacrev`, found in the same way: the function is called once, so ``randomness`` is as in a call."""
    check_randomness(randomness)
    return jacobian_of(func, argnums, has_aux, "jvp(f, primals, tangents)")


def jacobian_of(func: Function, argnums: Which, has_aux: bool, name: str, most: int | None = None) -> Function:
    @wraps(func)
    def jacobian(*args: Any, **named: Any) -> Any:
        point = Point(args, argnums, "jacobian")
        with inside():
            result, aux = with_aux(func(*point.args, **named), has_aux, name)
            ys = only_tensors(result, name)
            create = point.needed(ys)
            tables = [point.packed(derivatives.rows_of(y, point.xs, create, False, most=most)) for y in ys]
        found = rebuilt(result, iter(tables))
        return (found, point.let_go(aux)) if has_aux else found

    return jacobian


def hessian(func: Function, argnums: Which = 0) -> Function:
    """x ↦ ∂²f/∂x²

    >>> torch.func.hessian(lambda x: (x ** 3).sum())(torch.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)
