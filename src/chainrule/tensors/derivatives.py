"""Derivatives of functions: products with the Jacobian from either side, the Jacobian itself, the Hessian.

With f: ℝⁿ → ℝᵐ and J = ∂f/∂x (m × n): ``vjp`` gives vᵀJ in one backward pass; ``jvp`` gives J v by differentiating
u ↦ uᵀJ, which is linear in u ("double backward", https://j-towns.github.io/2017/06/12/A-new-trick.html);
``jacobian`` takes one backward pass for each of the m outputs; ``hessian`` is the Jacobian of the gradient.
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


def prepare(inputs: Any, create: bool) -> tuple[tuple[Any, ...], bool]:
    """The inputs as tensors that gradients can be taken at, and whether there was just one, not in a tuple."""
    alone = isinstance(inputs, Value)
    given = as_tuple(inputs)
    for i, x in enumerate(given):
        if not isinstance(x, Value):
            raise TypeError(f"The inputs given must be Tensors, but the one at index {i} is {type(x).__name__}")
    with enable_grad():
        xs = tuple(x.view_as(x) if create and x.requires_grad else x.detach().requires_grad_() for x in given)
    return xs, alone


def call(func: Function, inputs: tuple[Any, ...], name: str) -> tuple[tuple[Any, ...], bool]:
    with enable_grad():
        result = func(*inputs)
    alone = isinstance(result, Value)
    outputs = result if isinstance(result, tuple) else (result,)
    for i, y in enumerate(outputs):
        if not isinstance(y, Value):
            which = f"the one at index {i}" if isinstance(result, tuple) else "it"
            raise TypeError(
                f"The outputs of the user-provided function given to {name} must be either a Tensor or a tuple of Tensors, "
                f"but {which} is {type(y).__name__}"
            )
    return outputs, alone


def zero_like(x: Any) -> Any:
    return wrap(np.zeros_like(x.array))


def gradients(
    outputs: tuple[Any, ...], inputs: tuple[Any, ...], v: Any, create: bool, strict: bool = False
) -> list[Any]:
    """vᵀJ for each input, zeros where an output does not depend on it."""
    connected = [(y, d) for y, d in zip(outputs, v) if y.node is not None]
    if strict and len(connected) < len(outputs):
        raise RuntimeError(
            "The output of the user-provided function is independent of the inputs. This is not allowed in strict mode."
        )
    if not connected:
        return [zero_like(x) for x in inputs]
    ys, ds = zip(*connected)
    found = grad(ys, inputs, ds, retain_graph=True, create_graph=create, allow_unused=True)
    if strict and any(d is None for d in found):
        raise RuntimeError(
            f"The output is independent of input {[d is None for d in found].index(True)}. This is not allowed in strict mode."
        )
    return [zero_like(x) if d is None else d for d, x in zip(found, inputs)]


def varying(slopes: list[Any]) -> None:
    """Refuse, in strict mode, a gradient that is the same everywhere: the function is linear."""
    for i, d in enumerate(slopes):
        if d.node is None:
            raise RuntimeError(
                f"The jacobian of the user-provided function with respect to input {i} is independent of the input. This is "
                "not allowed in strict mode, and there is nothing to differentiate again"
            )


def direction(v: Any, like: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """The vector of a product, checked against the shapes it must have; 1 for a single number."""
    if v is None:
        if len(like) != 1 or like[0].array.size != 1:
            raise RuntimeError(f"The vector v can only be None if the {name} is a single Tensor with a single element.")
        return (wrap(np.ones_like(like[0].array)),)
    given = as_tuple(v)
    if len(given) != len(like):
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(given)}.")
    for d, x in zip(given, like):
        if d.shape != x.shape:
            raise RuntimeError(message(f"v has invalid size: should be {x.shape} but got {d.shape}."))
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
    xs, one_in = prepare(inputs, create_graph)
    ys, one_out = call(func, xs, "vjp")
    found = gradients(ys, xs, direction(v, ys, "user-provided function's output"), create_graph, strict)
    return pack(detached(list(ys), create_graph), one_out), pack(detached(found, create_graph), one_in)


def jvp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(f(x), J v): the derivative of f along v.

    >>> torch.autograd.functional.jvp(lambda x: x ** 2, torch.tensor([1., 2.]), torch.tensor([1., 1.]))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    xs, _ = prepare(inputs, create_graph)
    ys, one_out = call(func, xs, "jvp")
    along = direction(v, xs, "input to the user-provided function")
    us = tuple(zero_like(y).requires_grad_() for y in ys)
    rows = gradients(ys, xs, us, True, strict)
    linear = [(r, d) for r, d in zip(rows, along) if r.node is not None]
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
    found = [zero_like(y) if p is None else p for p, y in zip(products, ys)]
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

    >>> torch.autograd.functional.jacobian(lambda x: x ** 2, torch.tensor([1., 2.]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    if strategy not in ("reverse-mode", "forward-mode"):
        raise AssertionError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    xs, one_in = prepare(inputs, create_graph)
    ys, one_out = call(func, xs, "jacobian")
    table = [pack(rows_of(y, xs, create_graph, strict), one_in) for y in ys]
    return pack(table, one_out)


def rows_of(y: Any, xs: tuple[Any, ...], create: bool, strict: bool) -> list[Any]:
    """The Jacobians of one output: a backward pass for each of its entries."""
    from .joining import stack

    rows: list[list[Any]] = [[] for _ in xs]
    for i in range(y.array.size):
        unit = np.zeros(y.array.shape, y.array.dtype)
        unit.reshape(-1)[i] = 1
        for column, d in zip(rows, gradients((y,), xs, (wrap(unit),), create, strict)):
            column.append(d if create else d.detach())
    return [
        stack(column).reshape(y.shape + x.shape)
        if column
        else wrap(np.zeros(y.array.shape + x.array.shape, x.array.dtype))
        for column, x in zip(rows, xs)
    ]


def scalar(func: Function, name: str) -> Function:
    """``func``, required to give a single number."""

    def checked(*inputs: Any) -> Any:
        y = func(*inputs)
        if not isinstance(y, Value):
            raise RuntimeError(f"The function given to {name} should return a single Tensor")
        if y.array.size != 1:
            raise RuntimeError(
                f"The Tensor returned by the function given to {name} should contain a single element, its shape is {list(y.array.shape)}"
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
    single = isinstance(inputs, Value)

    def slope(*xs: Any) -> Any:
        y = scalar(func, "hessian")(*xs)
        found = gradients((y,), xs, (wrap(np.ones_like(y.array)),), True, strict)
        if strict:
            varying(found)
        return tuple(found)

    table = jacobian(slope, inputs if single else tuple(inputs), create_graph, strict)
    return table[0] if single else table


def vhp(
    func: Function, inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """(f(x), vᵀH), without forming the Hessian: a gradient of a gradient."""
    xs, one_in = prepare(inputs, create_graph)
    ys, _ = call(scalar(func, "vhp"), xs, "vhp")
    along = direction(v, xs, "input to the user-provided function")
    slopes = gradients(ys, xs, (wrap(np.ones_like(ys[0].array)),), True, strict)
    if strict:
        varying(slopes)
    found = gradients(tuple(slopes), xs, along, create_graph, strict)
    return detached(list(ys), create_graph)[0], pack(detached(found, create_graph), one_in)


hvp = vhp  # the Hessian is symmetric
