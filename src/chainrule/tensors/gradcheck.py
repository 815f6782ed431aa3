"""`gradcheck`: derivatives from rules held against finite differences, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..base.errors import GradientError, message
from ..graph.value import Value, wrap
from .autograd import as_tuple, grad
from .grad_mode import enable_grad, no_grad
from .tensor import Tensor

Function = Callable[..., Any]


class GradcheckError(GradientError):
    """A derivative that disagrees with finite differences."""


def gradcheck(
    func: Function,
    inputs: Tensor | Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether every entry of the Jacobian agrees with (f(x + ε) − f(x − ε)) / 2ε.

    Inputs should be float64 with ``requires_grad=True``: single precision leaves too few digits.

    >>> x = torch.tensor([1., 2.], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(lambda x: x ** 3, (x,))
    True
    """
    args = as_tuple(inputs)
    watched = [a for a in args if isinstance(a, Value) and a.node is not None]
    if not watched:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True."
        )
    warn_single_precision(watched)
    try:
        with enable_grad():
            outputs = as_tuple(func(*args))
        for i, y in enumerate(outputs):
            if isinstance(y, Value) and y.array.dtype.kind in "fc":
                compare(func, args, watched, i, y, eps, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def warn_single_precision(watched: list[Any]) -> None:
    for i, x in enumerate(watched):
        if x.array.dtype != np.float64 and x.array.dtype != np.complex128:
            import warnings

            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. "
                "This check will likely fail if all the inputs are not of double precision floating point or complex.",
                stacklevel=3,
            )


def compare(
    func: Function, args: tuple[Any, ...], watched: list[Any], i: int, y: Any, eps: float, atol: float, rtol: float
) -> None:
    """Hold output i's Jacobian with respect to every input against differences; both parts of it, if it is complex."""
    numerical = [differences(func, args, x, i, eps) for x in watched]
    for part in (1, 1j) if y.array.dtype.kind == "c" else (1,):
        for k, (rule, slopes) in enumerate(zip(by_rules(y, watched, part), numerical)):
            expected = sum(step * (d / part).real for step, d in slopes)
            if not np.allclose(rule, expected, rtol, atol, equal_nan=True):
                raise GradcheckError(disagreement(i, k, rule, np.asarray(expected)))


def by_rules(y: Any, watched: list[Any], part: complex) -> list[np.ndarray]:
    """The gradients of the real (1) or imaginary (1j) part of every entry of y; rows are entries of an input."""
    tables = [np.zeros((x.array.size, y.array.size), x.array.dtype) for x in watched]
    for j in range(y.array.size if y.node is not None else 0):
        unit = np.zeros(y.array.shape, y.array.dtype)
        unit.reshape(-1)[j] = part
        found = grad(y, watched, wrap(unit), retain_graph=True, allow_unused=True)
        for table, d in zip(tables, found):
            if d is not None:
                table[:, j] = d.array.reshape(-1)
    return tables


def disagreement(i: int, k: int, rule: np.ndarray, numerical: np.ndarray) -> str:
    worst = np.unravel_index(np.nanargmax(np.abs(rule - numerical)), rule.shape)
    return message(
        f"Jacobian mismatch for output {i} with respect to input {k},\n"
        f"numerical:{wrap(numerical)}\nanalytical:{wrap(rule)}\n",
        f"the largest difference is at input entry {worst[0]}, output entry {worst[1]}: "
        f"{rule[worst]:.6g} by the rule, {numerical[worst]:.6g} by finite differences",
    )


def differences(func: Function, args: tuple[Any, ...], x: Any, i: int, eps: float) -> list[tuple[complex, np.ndarray]]:
    """∂output/∂x by central differences along the directions in which an entry can move; rows are entries of x."""
    entries, found = x.array.flat, []
    with no_grad():
        for step in (1, 1j) if x.array.dtype.kind == "c" else (1,):
            rows = []
            for j in range(x.array.size):
                before = entries[j]
                entries[j] = before + step * eps
                up = as_tuple(func(*args))[i].array.copy()
                entries[j] = before - step * eps
                down = as_tuple(func(*args))[i].array.copy()
                entries[j] = before
                rows.append((up - down).reshape(-1) / (2 * eps))
            found.append((step, np.array(rows)))
    return found


def gradgradcheck(func: Function, inputs: Any, grad_outputs: Any = None, **how: Any) -> bool:
    """`gradcheck` of the gradient: are second derivatives right?"""
    args = as_tuple(inputs)
    with enable_grad():
        outputs = [y for y in as_tuple(func(*args)) if y.node is not None]
    rng = np.random.default_rng(0)
    if grad_outputs is None:
        grad_outputs = [wrap(drawn(rng, y.array)) for y in outputs]
    vs = tuple(v.detach().requires_grad_() for v in as_tuple(grad_outputs))
    watched = [k for k, a in enumerate(args) if isinstance(a, Value) and a.node is not None]

    @enable_grad()
    def slope(*both: Any) -> Any:
        xs, gs = both[: len(args)], both[len(args) :]
        ys = [y for y in as_tuple(func(*xs)) if y.node is not None]
        found = grad(ys, [xs[k] for k in watched], gs, create_graph=True, allow_unused=True)
        return tuple(d for d in found if d is not None and d.node is not None)

    how.pop("gen_non_contig_grad_outputs", None)
    return gradcheck(slope, (*args, *vs), **how)


def drawn(rng: np.random.Generator, like: np.ndarray) -> np.ndarray:
    """Normal numbers in the shape and dtype of an array."""
    real, imaginary = rng.standard_normal((2, *like.shape))
    return (real + 1j * imaginary if like.dtype.kind == "c" else real).astype(like.dtype)
