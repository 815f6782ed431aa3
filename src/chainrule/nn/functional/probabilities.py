"""Losses between probabilities: binary cross-entropy and the Kullback–Leibler divergence."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...base import dtypes
from ...base.dtypes import title
from ...base.errors import DtypeError, message
from ...base.shapes import broadcast
from ...graph.apply import apply
from ...graph.promote import cast
from ...graph.value import Value
from ...ops import losses as op
from ...ops.shape import expand
from .legacy import REDUCTIONS, bad_reduction, reduction_of
from .regression import not_a_pair


def binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """mean of −(t ln p + (1 − t) ln(1 − p)), input p and target t being probabilities

    Shapes: input and target alike, ``weight`` broadcast to them. Logarithms count as −100 at least.

    >>> F.binary_cross_entropy(torch.tensor([0.5]), torch.tensor([1.]))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if not isinstance(input, Value) or not isinstance(target, Value) or reduction not in REDUCTIONS:
        raise not_a_pair("binary_cross_entropy", input, target, reduction)
    p, t = input.array, target.array
    if p.shape != t.shape:
        raise ValueError(
            message(
                f"Using a target size (torch.Size({list(t.shape)})) that is different to the input size "
                f"(torch.Size({list(p.shape)})) is deprecated. Please ensure they have the same size.",
                "each probability is compared with its own target",
                like(t.shape, p.shape),
            )
        )
    check_same_dtype(p, t)
    for name, x in (("input", p), ("target", t)):
        if x.size and not (x.min() >= 0 and x.max() <= 1):
            worst = x.max() if not x.max() <= 1 else x.min()
            raise RuntimeError(
                message(
                    f"all elements of {name} should be between 0 and 1",
                    f"found {worst:g}; probabilities are",
                    "torch.sigmoid(input), or better F.binary_cross_entropy_with_logits(input, target) for raw scores"
                    if name == "input"
                    else "",
                )
            )
    if weight is not None:
        weight = spread_over(weight, p)
    return apply(op.BinaryCrossEntropy(reduction), input, target, weight)


def like(given: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """How to bring a target to a shape with as many entries."""
    if np.prod(given) != np.prod(wanted):
        return ""
    return f"target.reshape({', '.join(map(str, wanted))}), or input.squeeze(-1)"


def check_same_dtype(x: np.ndarray, t: np.ndarray) -> None:
    """Refuse a target of another dtype than the input's."""
    if x.dtype != t.dtype:
        here, there = dtypes.of(x), dtypes.of(t)
        raise DtypeError(
            message(
                f"Found dtype {title(there)} but expected {title(here)}",
                f"the input holds {here}, the target {there}",
                f"target.to(torch.{here.name})",
            )
        )
    if x.dtype.kind not in "fV":
        raise NotImplementedError(f'"binary_cross_entropy" not implemented for \'{title(dtypes.of(x))}\'')


def spread_over(weight: Any, x: np.ndarray) -> Any:
    """Weights in the input's shape and dtype."""
    if broadcast(weight.array.shape, x.shape) != x.shape:
        shape = list(broadcast(weight.array.shape, x.shape))
        raise RuntimeError(f"output with shape {list(x.shape)} doesn't match the broadcast shape {shape}")
    return cast(weight if weight.array.shape == x.shape else expand(weight, x.shape), dtypes.of(x))


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", pos_weight: Any = None,
) -> Any:  # fmt: skip
    """mean of ln(1 + eˣ) − t·x: `binary_cross_entropy` of σ(x), from the score x itself, which cannot overflow

    Shapes: input and target alike; ``weight`` and ``pos_weight``, which multiplies the loss of targets t = 1, broadcast.

    >>> F.binary_cross_entropy_with_logits(torch.tensor([0.]), torch.tensor([1.]))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if not isinstance(input, Value) or not isinstance(target, Value) or reduction not in REDUCTIONS:
        raise not_a_pair("binary_cross_entropy_with_logits", input, target, reduction)
    x, t = input.array, target.array
    if x.shape != t.shape:
        raise ValueError(
            message(
                f"Target size (torch.Size({list(t.shape)})) must be the same as input size (torch.Size({list(x.shape)}))",
                "each score is compared with its own target",
                like(t.shape, x.shape),
            )
        )
    if x.dtype is not t.dtype and x.dtype != t.dtype:
        here, there = dtypes.of(x), dtypes.of(t)
        if there.rank < 2:
            raise DtypeError(
                message(
                    f"result type {title(here)} can't be cast to the desired output type {title(there)}",
                    f"the input holds {here}, the target {there}",
                    f"target.to(torch.{here.name})",
                )
            )
        common = dtypes.promote(here, there)
        input, target = cast(input, common), cast(target, common)
        x = input.array
    if weight is not None:
        weight = spread_over(weight, x)
    if pos_weight is not None:
        pos_weight = spread_over(pos_weight, x)
    return apply(op.BinaryCrossEntropyWithLogits(reduction), input, target, weight, pos_weight)


def kl_div(
    input: Any, target: Any, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
    log_target: bool = False,
) -> Any:  # fmt: skip
    """Σ t·(ln t − x), divided by the number of entries, or of samples with ``reduction="batchmean"``

    ``input`` x holds log-probabilities, ``target`` t probabilities (their logarithms with ``log_target``). Only
    "batchmean" gives the mean of the samples' divergences.

    >>> F.kl_div(torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[1., 0.]]), reduction="batchmean")
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math definition."
            "'mean' will be changed to behave the same as 'batchmean' in the next major release.",
            UserWarning,
            stacklevel=2,
        )
    by_samples = reduction == "batchmean"
    if not isinstance(input, Value) or not isinstance(target, Value):
        raise not_a_pair("kl_div", input, target, "mean")
    if not by_samples and reduction not in REDUCTIONS:
        raise bad_reduction(reduction)
    samples = input.array.shape[0] if input.array.ndim else 1
    full = broadcast(input.array.shape, target.array.shape)
    common = dtypes.promote(dtypes.of(input.array), dtypes.of(target.array))
    input, target = cast(expand(input, full), common), cast(expand(target, full), common)
    loss = apply(op.KlDiv("sum" if by_samples else reduction, log_target), input, target)
    return loss / samples if by_samples else loss
