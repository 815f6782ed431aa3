"""`gradcheck`: derivatives from rules held against finite differences, entry by entry."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.errors import GradientError, message
from ..graph.value import Pick, Value, wrap
from .autograd import as_tuple, grad
from .derivatives import jvp
from .function import FunctionNode
from .grad_mode import enable_grad, no_grad
from .tensor import Tensor

Function = Callable[..., Any]


class GradcheckError(GradientError):
    """A derivative that disagrees with finite differences."""


@dataclass(frozen=True)
class Check:
    """What is checked, at which inputs, and how closely."""

    func: Function
    args: tuple[Any, ...]
    watched: list[Any]  # the inputs that ask for gradients
    eps: float
    atol: float
    rtol: float

    def close(self, a: Any, b: Any) -> bool:
        return np.allclose(a, b, self.rtol, self.atol, equal_nan=True)


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

    Inputs should be float64 with ``requires_grad=True``: single precision leaves too few digits. ``fast_mode`` compares
    uᵀJv for one random u and v instead. Also looked at: whether two backward passes agree within ``nondet_tol``, whether a
    custom function without an upstream gradient gives none, and, if asked for, J found by forward differentiation, the
    gradients of a batch, and their dtypes. (``masked`` matters to sparse tensors in PyTorch.)

    >>> x = torch.tensor([1., 2.], dtype=torch.float64, requires_grad=True)
    >>> torch.autograd.gradcheck(lambda x: x ** 3, (x,))
    True
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    args = as_tuple(inputs)
    check = Check(func, args, inputs_to_watch(args), eps, atol, rtol)
    try:
        with enable_grad():
            outputs = as_tuple(func(*args))
        for i, y in enumerate(outputs):
            if not isinstance(y, Value) or y.array.dtype.kind not in "fc":
                continue
            if y.node is None:
                expect_zero(check, i)
            elif check_backward_ad:
                (compare_fast if fast_mode else compare)(check, i, y)
                check_once_more(check, y, nondet_tol)
            if check_forward_ad:
                compare_forward(check, i)
            if check_batched_grad and y.node is not None:
                compare_batch(check, y)
            if check_undefined_grad:
                check_undefined(y)
            if check_grad_dtypes and y.node is not None:
                check_dtypes(check, y)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def inputs_to_watch(args: tuple[Any, ...]) -> list[Any]:
    watched = [a for a in args if isinstance(a, Value) and a.node is not None]
    if not watched:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for i, x in enumerate(args):
        if not isinstance(x, Value) or x.node is None:
            continue
        if x.array.dtype not in (np.float64, np.complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. "
                "This check will likely fail if all the inputs are not of double precision floating point or complex.",
                stacklevel=3,
            )
        if any(step == 0 and n > 1 for step, n in zip(x.array.strides, x.array.shape)):
            raise RuntimeError(
                message(
                    f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to "
                    "be able to compute the numerical gradients correctly. You should call .contiguous on the input before "
                    "passing it to gradcheck.",
                    "its entries are moved one by one, and here several are the same one",
                )
            )
    return watched


def compare(check: Check, i: int, y: Any) -> None:
    """Hold output i's Jacobian with respect to every input against differences; both parts of it, if it is complex."""
    numerical = [differences(check, x, i) for x in check.watched]
    for part in (1, 1j) if y.array.dtype.kind == "c" else (1,):
        for k, (rule, slopes) in enumerate(zip(by_rules(y, check.watched, part), numerical)):
            expected = sum(step * (d / part).real for step, d in slopes)
            if not check.close(rule, expected):
                raise GradcheckError(disagreement(i, k, rule, np.asarray(expected)))


def compare_fast(check: Check, i: int, y: Any) -> None:
    """Hold uᵀJv, for random u and v, against a difference along v; J is looked at as a whole if they disagree."""
    rng = np.random.default_rng(0)
    u = drawn(rng, y.array)
    found = grad(y, check.watched, wrap(u), retain_graph=True, allow_unused=True)
    for k, (x, d) in enumerate(zip(check.watched, found)):
        v = drawn(rng, x.array)
        by_rule = 0.0 if d is None else float(np.sum((np.conj(d.array) * v).real))
        expected = float(np.sum((np.conj(u) * along(check, x, v, i)).real))
        if not check.close(by_rule, expected):
            try:
                compare(check, i, y)
            except GradcheckError as slowly:
                text = f"\n\nThe above quantities are uᵀJv (fast mode). Entry by entry:\n\n{slowly}"
            else:
                text = "\n\nThe above quantities are uᵀJv (fast mode); entry by entry the Jacobians agree within the tolerances."
            raise GradcheckError(
                f"Jacobian mismatch for output {i} with respect to input {k},\nnumerical:{expected}\nanalytical:{by_rule}{text}"
            )


def compare_forward(check: Check, i: int) -> None:
    """Hold J v, as forward differentiation finds it, against a difference along v."""
    rng = np.random.default_rng(0)
    for k, x in enumerate(check.watched):
        place = next(j for j, a in enumerate(check.args) if a is x)
        v = drawn(rng, x.array)

        def of_one(moved: Any, place: int = place) -> Any:
            return as_tuple(check.func(*check.args[:place], moved, *check.args[place + 1 :]))[i]

        _, slope = jvp(of_one, x.detach(), wrap(v))
        if not check.close(slope.array, expected := along(check, x, v, i)):
            raise GradcheckError(
                f"Jacobian computed with forward mode mismatch for output {i} with respect to input {k},\n"
                f"numerical:{wrap(np.asarray(expected))}\nanalytical:{slope}\n"
            )


def compare_batch(check: Check, y: Any) -> None:
    """Whether a batch of upstream gradients gives what they give one by one."""
    rng = np.random.default_rng(0)
    rows = [drawn(rng, y.array) for _ in range(2)]
    at_once = grad(y, check.watched, wrap(np.stack(rows)), is_grads_batched=True, allow_unused=True)
    singly = [grad(y, check.watched, wrap(row), retain_graph=True, allow_unused=True) for row in rows]
    for k, (batch, *each) in enumerate(zip(at_once, *singly)):
        if batch is not None and not check.close(batch.array, np.stack([d.array for d in each])):
            raise GradcheckError(f"gradcheck or gradgradcheck failed while testing batched gradient computation of input {k}.")


def check_once_more(check: Check, y: Any, tolerance: float) -> None:
    """Whether another backward pass gives the same."""
    u = wrap(drawn(np.random.default_rng(0), y.array))
    first, second = (grad(y, check.watched, u, retain_graph=True, allow_unused=True) for _ in range(2))
    for a, b in zip(first, second):
        if a is not None and a.array.size and np.max(np.abs(a.array - b.array)) > tolerance:
            raise GradcheckError(
                message(
                    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
                    "different values, although analytical gradient matches numerical gradient.The tolerance for "
                    f"nondeterminism was {tolerance}.",
                    "the backward draws random numbers, or keeps something from one call to the next",
                    "gradcheck(…, nondet_tol=…), if it is meant to",
                )
            )


def check_undefined(y: Any) -> None:
    """Whether a custom function that is given no upstream gradient gives none, or zeros."""
    node = y.node
    node = node.parent if isinstance(node, Pick) else node
    if not isinstance(node, FunctionNode):
        return
    try:
        found = node.op.pull(node, [None] * len(node.op.outputs))
    except Exception as error:
        raise GradcheckError(
            message(
                "Expected backward function to handle undefined output grads.",
                f"{node.name()} was given None, since the loss may not depend on its output, and raised {error!r}",
                "leave out ctx.set_materialize_grads(False), or return None where the gradient is None",
            )
        ) from error
    if any(d is not None and np.any(np.asarray(d)) for d in found):
        raise GradcheckError(
            "Expected all input grads to be undefined or zero when all output grads are undefined or zero."
        )


def check_dtypes(check: Check, y: Any) -> None:
    found = grad(y, check.watched, wrap(np.ones_like(y.array)), retain_graph=True, allow_unused=True)
    for x, d in zip(check.watched, found):
        if d is not None and d.array.dtype != x.array.dtype:
            raise GradcheckError(f"Gradient has dtype mismatch: {d.dtype} for an input of {x.dtype}")


def expect_zero(check: Check, i: int) -> None:
    """Whether an output without history does not depend on the inputs."""
    for x in check.watched:
        if not all(check.close(d, 0) for _, d in differences(check, x, i)):
            raise GradcheckError(
                message(
                    "Numerical gradient for function expected to be zero",
                    f"output {i} has no history, and yet it changes when an input does",
                    "compute it without .detach(), .item(), .data or NumPy",
                )
            )


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


def differences(check: Check, x: Any, i: int) -> list[tuple[complex, np.ndarray]]:
    """∂output/∂x by central differences along the directions in which an entry can move; rows are entries of x."""
    entries, found, eps = x.array.flat, [], check.eps
    with no_grad():
        for step in (1, 1j) if x.array.dtype.kind == "c" else (1,):
            rows = []
            for j in range(x.array.size):
                before = entries[j]
                entries[j] = before + step * eps
                up = as_tuple(check.func(*check.args))[i].array.copy()
                entries[j] = before - step * eps
                down = as_tuple(check.func(*check.args))[i].array.copy()
                entries[j] = before
                rows.append((up - down).reshape(-1) / (2 * eps))
            found.append((step, np.array(rows)))
    return found


def along(check: Check, x: Any, v: np.ndarray, i: int) -> np.ndarray:
    """∂output/∂x · v by a central difference along v."""
    before, ends = x.array.copy(), []
    with no_grad():
        for sign in (1, -1):
            x.array[...] = before + sign * check.eps * v
            ends.append(as_tuple(check.func(*check.args))[i].array.copy())
        x.array[...] = before
    return (ends[0] - ends[1]) / (2 * check.eps)


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
