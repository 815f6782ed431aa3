"""Losses between numbers: squared, absolute, and what lies between the two; likelihoods of counts and of Gaussians."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from ...base import dtypes
from ...base.dtypes import title
from ...base.errors import message
from ...base.shapes import broadcast, in_brackets
from ...graph.apply import binary
from ...graph.promote import cast
from ...graph.value import Value
from ...ops import losses as op
from ...ops.shape import expand
from ...tensors.coerce import tensor_like, type_name
from ...tensors.grad_mode import no_grad
from .legacy import REDUCTIONS, bad_reduction, reduced, reduction_of


def mse_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    weight: Any = None,
) -> Any:  # fmt: skip
    """mean of (input − target)²

    Shapes: input and target alike; the loss is a single number, or of their shape for ``reduction="none"``. With
    ``weight``, of the same shape, the mean is Σ w·(input − target)² / Σ w.

    >>> F.mse_loss(torch.tensor([1., 2.]), torch.tensor([3., 2.]))
    tensor(2.)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    try:
        a, b = input.array, target.array
        loss = op.mse[reduction]
    except (AttributeError, KeyError):
        raise not_a_pair("mse_loss", input, target, reduction) from None
    if weight is not None:
        return weighted(binary(op.mse["none"], *alike(input, target, "mse")), weight, reduction)
    if a.shape != b.shape or a.dtype is not b.dtype or a.dtype.kind != "f":
        input, target = alike(input, target, "mse")
    return binary(loss, input, target)


def not_a_pair(function: str, input: Any, target: Any, reduction: str) -> Exception:
    """The error for a loss called with something that is not a tensor, or with an unknown ``reduction``."""
    for place, name, value in ((1, "input", input), (2, "target", target)):
        if not isinstance(value, Value):
            return TypeError(
                message(
                    f"{function}(): argument '{name}' (position {place}) must be Tensor, not {type_name(value)}",
                    instead="torch.tensor(…), torch.from_numpy(array)",
                )
            )
    return bad_reduction(reduction)


def alike(input: Any, target: Any, key: str, stacklevel: int = 3) -> tuple[Any, Any]:
    """Input and target in one shape (after a warning) and one dtype."""
    a, b = input.array, target.array
    if a.shape != b.shape:
        warnings.warn(different(a.shape, b.shape), UserWarning, stacklevel=stacklevel + 1)
        full = broadcast(a.shape, b.shape)
        input, target = expand(input, full), expand(target, full)
    if a.dtype != b.dtype:
        common = dtypes.result_type([dtypes.of(a), dtypes.of(b)], [], [])
        input, target = cast(input, common), cast(target, common)
    kind = dtypes.of(input.array)
    if kind.rank < 2:
        raise NotImplementedError(
            message(f'"{key}_cpu" not implemented for \'{title(kind)}\'', "a loss of integers has no derivative", "x.float()")
        )
    return input, target


def different(a: tuple[int, ...], b: tuple[int, ...]) -> str:
    """PyTorch's warning for a target of another shape, with what it leads to."""
    text = (
        f"Using a target size (torch.Size({list(b)})) that is different to the input size (torch.Size({list(a)})). This "
        "will likely lead to incorrect results due to broadcasting. Please ensure they have the same size."
    )
    if np.prod(a) != np.prod(b):
        return text
    from ...base.operands import names  # only once something has gone wrong

    input, target = names(a, b)
    known = (input, target) != ("a", "b")
    said = f": input `{input}` of shape {list(a)}, target `{target}` of shape {list(b)}" if known else ""
    return message(
        text,
        f"every prediction is compared with every target, not each with its own{said}",
        f"{in_brackets(target) if known else 'target'}.reshape({', '.join(map(str, a))})",
    )


def pair_loss(
    name: str, key: str, op: Any, input: Any, target: Any, size_average: bool | None, reduce: bool | None, reduction: str
) -> Any:
    """A loss of two tensors alike; ``op`` makes the op for a ``reduction``."""
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if not isinstance(input, Value) or not isinstance(target, Value) or reduction not in REDUCTIONS:
        raise not_a_pair(name, input, target, reduction)
    a, b = input.array, target.array
    if a.shape != b.shape or a.dtype is not b.dtype or a.dtype.kind != "f":
        input, target = alike(input, target, key, 4)
    return binary(op(reduction), input, target)


def l1_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    weight: Any = None,
) -> Any:  # fmt: skip
    """mean of |input − target|

    Shapes as in `mse_loss`.

    >>> F.l1_loss(torch.tensor([1., 2.]), torch.tensor([3., 2.]))
    tensor(1.)
    """
    if weight is not None:
        each = pair_loss("l1_loss", "l1", op.l1.get, input, target, None, None, "none")
        return weighted(each, weight, reduction)
    return pair_loss("l1_loss", "l1", op.l1.get, input, target, size_average, reduce, reduction)


def smooth_l1_loss(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    beta: float = 1.0,
) -> Any:  # fmt: skip
    """mean of d²/2β where |d| < β, else |d| − β/2, with d = input − target: squared when near, absolute when far

    >>> F.smooth_l1_loss(torch.tensor([0., 0.]), torch.tensor([1., 3.]), reduction="none")
    tensor([0.5000, 2.5000])
    """
    if beta < 0:
        raise RuntimeError(
            message("smooth_l1_loss does not support negative values for beta.", f"got beta={beta:g}", "beta=1.0")
        )
    made = op.l1.get if beta == 0 else lambda reduction: op.SmoothL1Loss(reduction, float(beta))
    return pair_loss("smooth_l1_loss", "smooth_l1", made, input, target, size_average, reduce, reduction)


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """mean of d²/2 where |d| ≤ δ, else δ·(|d| − δ/2), with d = input − target

    >>> F.huber_loss(torch.tensor([0., 0.]), torch.tensor([1., 3.]), reduction="none", delta=2.0)
    tensor([0.5000, 4.0000])
    """
    if delta <= 0:
        raise RuntimeError(
            message("huber_loss does not support non-positive values for delta.", f"got delta={delta:g}", "delta=1.0")
        )

    def made(reduction: str) -> Any:
        return op.HuberLoss(reduction, float(delta))

    if weight is not None:
        each = pair_loss("huber_loss", "huber", made, input, target, None, None, "none")
        return reduced(each * same_size(weight, each), reduction)
    return pair_loss("huber_loss", "huber", made, input, target, None, None, reduction)


def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: bool | None = None,
    eps: float = 1e-8, reduce: bool | None = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """mean of eˣ − t·x: the negative log-likelihood of a count t under the rate eˣ, less a constant

    Without ``log_input``, x is the rate itself: x − t·ln(x + eps). ``full`` adds Stirling's approximation of the
    constant, ln t! ≈ t ln t − t + ½ ln 2πt, for t > 1.

    >>> F.poisson_nll_loss(torch.tensor([0.]), torch.tensor([3.]))
    tensor(1.)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if reduction not in REDUCTIONS:
        raise not_a_pair("poisson_nll_loss", tensor_like(input), target, reduction)
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + stirling.masked_fill(target <= 1, 0)
    return reduced(loss, reduction)


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """mean of ½ (ln v + (input − target)² / v): the negative log-likelihood of a target, normal around the input

    ``var`` v is a number, of input's shape, or has one entry for each sample (its last axis 1 or left out); it counts
    as ``eps`` at least. ``full`` adds the constant ½ ln 2π.

    >>> F.gaussian_nll_loss(torch.zeros(2), torch.tensor([1., 3.]), torch.ones(2))
    tensor(2.5000)
    """
    if not isinstance(var, Value):
        if var < 0:
            raise ValueError(message("var has negative entry/entries", f"a variance is a mean of squares; got {var}", "var.exp()"))
        var = input * 0 + var if input.array.ndim == 0 else var * input.new_ones(input.shape)
    elif var.array.size and var.array.min() < 0:
        raise ValueError(
            message(
                "var has negative entry/entries",
                f"a variance is a mean of squares; the smallest is {var.array.min():g}",
                "F.softplus(var), or var.exp() of a predicted logarithm",
            )
        )
    shape = input.array.shape
    if var.array.shape != shape:
        if shape[:-1] == var.array.shape:
            var = var.unsqueeze(-1)
        elif not (shape[:-1] == var.array.shape[:-1] and var.array.shape[-1:] == (1,)):
            raise ValueError(
                message(
                    "var is of incorrect size",
                    f"the input has shape {list(shape)}, the variance {list(var.array.shape)}",
                    "one variance for each entry, or one for each sample",
                )
            )
    if reduction not in REDUCTIONS:
        raise ValueError(f"{reduction} is not valid\n  instead: reduction='mean', 'sum' or 'none'")
    safe = var.clone()
    with no_grad():
        safe.clamp_(min=eps)  # without changing the gradient, as PyTorch has it
    loss = 0.5 * (safe.log() + (input - target) ** 2 / safe)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return reduced(loss, reduction)


def same_size(weight: Any, loss: Any) -> Any:
    """The weights, if there is one for each loss."""
    if weight.array.shape != loss.array.shape:
        raise ValueError(
            message(
                "Weights and input must have the same size.",
                f"the weights have shape {list(weight.shape)}, the losses {list(loss.shape)}",
                f"weight.expand({', '.join(map(str, loss.shape))})",
            )
        )
    return weight


def weighted(loss: Any, weight: Any, reduction: str) -> Any:
    """w · loss, averaged as Σ w·loss / Σ w."""
    total = loss * same_size(weight, loss)
    return total.sum() / weight.sum() if reduction == "mean" else reduced(total, reduction)
