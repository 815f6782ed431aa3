"""Derivatives of functions: products with the Jacobian from either side, the Jacobian itself, the Hessian.

With f: ℝⁿ → ℝᵐ and J = ∂f/∂x (m × n): ``vjp`` gives vᵀJ in one backward pass; ``jvp`` gives J v by differentiating
u ↦ uᵀJ, which is linear in u ("double backward", https://j-towns.github.io/2017/06/12/A-new-trick.html);
``jacobian`` sends the rows of the identity back through the graph, all m of them in one pass (`ops.rows`); ``hessian`` is
the Jacobian of the gradient. Where the rows are to be differentiated again, they are found one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import Value, wrap
from .autograd import as_tuple, grad
from .grad_mode import enable_grad

Function = Callable[..., Any]


def tensors_in(given: Any, what: str, name: str) -> tuple[Any, ...]:
    """A tensor, or a tuple of tensors, as a tuple."""
    wanted = f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but"
    if not isinstance(given, (Value, tuple)):
        raise TypeError(f"{wanted} the given {what} has type {type(given)}.")
    found = as_tuple(given)
    for i, x in enumerate(found):
        if not isinstance(x, Value):
            raise TypeError(f"{wanted} the value at index {i} has type {type(x)}.")
    return found


def prepare(inputs: Any, create: bool, name: str) -> tuple[tuple[Any, ...], bool]:
    """The inputs as tensors that gradients can be taken at, and whether there was just one, not in a tuple."""
    alone = isinstance(inputs, Value)
    given = tensors_in(inputs, "inputs", name)
    with enable_grad():
        xs = tuple(x.view_as(x) if create and x.requires_grad else x.detach().requires_grad_() for x in given)
    return xs, alone


def call(func: Function, inputs: tuple[Any, ...], name: str) -> tuple[tuple[Any, ...], bool]:
    with enable_grad():
        result = func(*inputs)
    return tensors_in(result, "outputs of the user-provided function", name), isinstance(result, Value)


def zero_like(x: Any) -> Any:
    return wrap(np.zeros_like(x.array))


def found_gradients(outputs: tuple[Any, ...], inputs: tuple[Any, ...], v: Any, create: bool) -> tuple[Any, ...]:
    """vᵀJ for each input, None where no output depends on it."""
    connected = [(y, d) for y, d in zip(outputs, v) if y.node is not None]
    if not connected:
        return (None,) * len(inputs)
    ys, ds = zip(*connected)
    return grad(ys, inputs, ds, retain_graph=True, create_graph=create, allow_unused=True)


def filled(found: tuple[Any, ...], like: tuple[Any, ...]) -> list[Any]:
    """Zeros in the place of None."""
    return [zero_like(x) if d is None else d for d, x in zip(found, like)]


def gradients(
    outputs: tuple[Any, ...], inputs: tuple[Any, ...], v: Any, create: bool, strict: bool = False, which: str = "The output"
) -> list[Any]:
    """vᵀJ for each input, zeros where an output does not depend on it; with ``strict`` that is an error."""
    found = found_gradients(outputs, inputs, v, create)
    if strict:
        check_dependence(found, create, which)
    return filled(found, inputs)


def check_outputs(outputs: tuple[Any, ...], strict: bool) -> None:
    """Refuse, in strict mode, outputs that no derivative can be taken of."""
    for i, y in enumerate(outputs):
        if strict and y.node is None:
            raise RuntimeError(
                f"Output {i} of the user-provided function does not require gradients. The outputs must be computed in a "
                "differentiable manner from the input when running in strict mode."
            )


def check_dependence(found: Any, create: bool, which: str = "The output") -> None:
    """Refuse derivatives that are missing, or, where they are to be differentiated again, the same everywhere."""
    for i, d in enumerate(found):
        if d is None:
            raise RuntimeError(
                f"{which} of the user-provided function is independent of input {i}. This is not allowed in strict mode."
            )
        if create and d.node is None:
            raise RuntimeError(
                f"The jacobian of the user-provided function is independent of input {i}. This is not allowed in strict mode "
                "when create_graph=True."
            )


def varying(slopes: list[Any]) -> None:
    """Refuse, in strict mode, a gradient that is the same everywhere: the function is linear."""
    for i, d in enumerate(slopes):
        if d.node is None:
            raise RuntimeError(
                "While computing the hessian, found that the jacobian of the user-provided function with respect to input "
                f"{i} is independent of the input. This is not allowed in strict mode. You should ensure that your function "
                "is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear "
                "function for example)."
            )


def direction(v: Any, like: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """The vector of a product, checked against the shapes it must have; 1 for a single number."""
    if v is None:
        if len(like) != 1 or like[0].array.size != 1:
            whose = "the user-provided function returns" if name == "vjp" else "the input to the user-provided function is"
            raise RuntimeError(f"The vector v can only be None if {whose} a single Tensor with a single element.")
        return (wrap(np.ones_like(like[0].array)),)
    given = tensors_in(v, "v", name)
    if len(given) != len(like):
        if len(like) == 1:
            raise RuntimeError("The given v should contain a single Tensor.")
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(given)}.")
    for i, (d, x) in enumerate(zip(given, like)):
        if d.shape != x.shape:
            place = f"Entry {i} in v" if len(like) > 1 else "v"
            raise RuntimeError(f"{place} has invalid size: should be {x.shape} but got {d.shape}.")
    return given


def pack(values: Any, alone: bool) -> Any:
    return values[0] if alone else tuple(values)


def detached(values: list[Any], create: bool) -> list[Any]:
    return values if create else [v.detach() for v in values]


def vjp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(f(x), vᵀJ): one backward pass.

    >>> torch.autograd.functional.vjp(lambda x: x ** 2, torch.tensor([1., 2.]), torch.tensor([1., 1.]))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    xs, one_in = prepare(inputs, create_graph, "vjp")
    ys, one_out = call(func, xs, "vjp")
    check_outputs(ys, strict)
    found = gradients(ys, xs, direction(v, ys, "vjp"), create_graph, strict)
    return pack(detached(list(ys), create_graph), one_out), pack(detached(found, create_graph), one_in)


def jvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(f(x), J v): the derivative of f along v.

    >>> torch.autograd.functional.jvp(lambda x: x ** 2, torch.tensor([1., 2.]), torch.tensor([1., 1.]))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    xs, _ = prepare(inputs, create_graph, "jvp")
    ys, one_out = call(func, xs, "jvp")
    check_outputs(ys, strict)
    along = direction(v, xs, "jvp")
    us = tuple(zero_like(y).requires_grad_() for y in ys)
    rows = found_gradients(ys, xs, us, True)
    if strict:
        check_dependence(rows, False)
    linear = [(r, d) for r, d in zip(rows, along) if r is not None and r.node is not None]
    if linear:
        products = grad(
            [r for r, _ in linear],
            us,
            [d for _, d in linear],
            retain_graph=True,
            create_graph=create_graph,
            allow_unused=True,
        )
    else:
        products = (None,) * len(us)
    if strict:
        check_dependence(products, create_graph)
    found = filled(products, ys)
    return pack(detached(list(ys), create_graph), one_out), pack(detached(found, create_graph), one_out)


def jacobian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """J[i, j] = ∂f(x)ᵢ/∂xⱼ, of shape ``output.shape + input.shape``; nested tuples for several inputs or outputs.

    The rows are found together, in one backward pass; ``vectorize`` and ``strategy``, which say how PyTorch goes about it,
    make no difference to the result. With ``strict``, outputs that do not depend on an input are an error.

    >>> torch.autograd.functional.jacobian(lambda x: x ** 2, torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    check_strategy(strategy)
    xs, one_in = prepare(inputs, create_graph, "jacobian")
    ys, one_out = call(func, xs, "jacobian")
    check_outputs(ys, strict)
    table = [pack(rows_of(y, xs, create_graph, strict, f"Output {i}"), one_in) for i, y in enumerate(ys)]
    return pack(table, one_out)


def check_strategy(strategy: str) -> None:
    if strategy not in ("reverse-mode", "forward-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )


def rows_of(
    y: Any, xs: tuple[Any, ...], create: bool, strict: bool, which: str = "The output", most: int | None = None
) -> list[Any]:
    """The Jacobians of one output: the rows of the identity sent back through the graph, at most ``most`` at a time."""
    if not create and y.node is not None and y.array.size > 1:
        found = rows_together(y, xs, most)
        if found is not None:
            if strict:
                check_dependence(found, False, which)
            return [wrap(np.zeros(y.array.shape + x.array.shape, x.array.dtype)) if d is None else d for d, x in zip(found, xs)]
    return rows_apart(y, xs, create, strict, which)


def rows_together(y: Any, xs: tuple[Any, ...], most: int | None) -> list[Any] | None:
    """The Jacobians found many rows at a time, None for those that are 0; None in all where that can't be."""
    from ..ops.rows import passes  # only a program that asks for a matrix loads it

    m, shape, dtype = y.array.size, y.array.shape, y.array.dtype

    def identity(i: int, j: int) -> list[tuple[Any, np.ndarray]]:
        return [(y.node, np.eye(j - i, m, i, dtype).reshape((j - i, *shape)))]

    found = passes.gradients(identity, m, [x.node for x in xs], most)
    if found is None:
        return None
    return [d if d is None else wrap(np.asarray(d.reshape(shape + x.array.shape), x.array.dtype)) for d, x in zip(found, xs)]


def rows_apart(y: Any, xs: tuple[Any, ...], create: bool, strict: bool, which: str) -> list[Any]:
    """The Jacobians of one output: a backward pass for each of its entries."""
    from .joining import stack

    rows: list[list[Any]] = [[] for _ in xs]
    for i in range(y.array.size):
        for column, d in zip(rows, gradients((y,), xs, (wrap(unit(i, y.array)),), create, strict, which)):
            column.append(d if create else d.detach())
    return [
        stack(column).reshape(y.shape + x.shape)
        if column
        else wrap(np.zeros(y.array.shape + x.array.shape, x.array.dtype))
        for column, x in zip(rows, xs)
    ]


def unit(i: int, like: np.ndarray) -> np.ndarray:
    """1 at the i-th entry, 0 elsewhere."""
    found = np.zeros(like.shape, like.dtype)
    found.reshape(-1)[i] = 1
    return found


def scalar(func: Function, name: str) -> Function:
    """``func``, required to give a single number."""

    def checked(*inputs: Any) -> Any:
        y = func(*inputs)
        if not isinstance(y, Value):
            raise RuntimeError(f"The function given to {name} should return a single Tensor")
        if y.array.size != 1:
            raise RuntimeError(
                message(
                    f"The Tensor returned by the function given to {name} should contain a single element",
                    f"its shape is {list(y.array.shape)}",
                )
            )
        return y

    return checked


def hessian(
    func: Function,
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """H[i, j] = ∂²f/∂xᵢ∂xⱼ for a function that gives a single number.

    >>> torch.autograd.functional.hessian(lambda x: (x ** 3).sum(), torch.tensor([1., 2.]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    check_strategy(outer_jacobian_strategy)
    single = isinstance(inputs, Value)

    def slope(*xs: Any) -> Any:
        y = scalar(func, "hessian")(*xs)
        check_outputs((y,), strict)
        found = gradients((y,), xs, (wrap(np.ones_like(y.array)),), True)
        if strict:
            varying(found)
        return tuple(found)

    table = jacobian(slope, inputs, create_graph, strict)
    return table[0] if single else table


def vhp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(f(x), vᵀH), without forming the Hessian: a gradient of a gradient."""
    xs, one_in = prepare(inputs, create_graph, "vhp")
    ys, _ = call(scalar(func, "vhp"), xs, "vhp")
    check_outputs(ys, strict)
    along = direction(v, xs, "vhp")
    known = found_gradients(ys, xs, (wrap(np.ones_like(ys[0].array)),), True)
    slopes = filled(known, xs)
    if strict:
        check_dependence(known, False)
        varying(slopes)
    found = gradients(tuple(slopes), xs, along, create_graph, strict)
    return detached(list(ys), create_graph)[0], pack(detached(found, create_graph), one_in)


hvp = vhp  # the Hessian is symmetric
