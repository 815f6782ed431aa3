"""Losses that hold apart what does not belong together: by a margin, between scores, pairs or triplets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...base.dtypes import of, title
from ...base.errors import DtypeError, ShapeError, message
from ...graph.apply import apply
from ...graph.value import Value
from ...ops import losses, margins
from ...ops.shape import expand
from ...tensors.coerce import tensor_like
from .activations import logsigmoid
from .distances import pairwise_distance
from .legacy import REDUCTIONS, bad_reduction, reduced, reduction_of
from .regression import alike, not_a_pair

Flag = bool | None


def soft_margin_loss(
    input: Any, target: Any, size_average: Flag = None, reduce: Flag = None, reduction: str = "mean"
) -> Any:
    """mean of ln(1 + e^(−t·x)), the target t being ±1

    >>> F.soft_margin_loss(torch.tensor([0.]), torch.tensor([1.]))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if not isinstance(input, Value) or not isinstance(target, Value) or reduction not in REDUCTIONS:
        raise not_a_pair("soft_margin_loss", input, target, reduction)
    if input.array.shape != target.array.shape:
        full = np.broadcast_shapes(input.array.shape, target.array.shape)
        input, target = expand(input, full), expand(target, full)
    return apply(losses.SoftMarginLoss(reduction), *alike(input, target, "soft_margin"))


def hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, size_average: Flag = None, reduce: Flag = None, reduction: str = "mean"
) -> Any:
    """mean of x where t = 1, of max(0, margin − x) where t = −1, x being distances

    >>> F.hinge_embedding_loss(torch.tensor([0.3, 0.3]), torch.tensor([1., -1.]), reduction="none")
    tensor([0.3000, 0.7000])
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    near = input.masked_fill(target == -1, 0)
    far = (margin - input).clamp_min(0).masked_fill(target == 1, 0)
    return reduced(far + near, reduction)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Flag = None, reduce: Flag = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """mean of 1 − cos(x₁, x₂) where t = 1, of max(0, cos(x₁, x₂) − margin) where t = −1

    Shapes: x₁ and x₂ (N, D) or (D,), t (N,) or ().

    >>> F.cosine_embedding_loss(torch.tensor([[1., 0.]]), torch.tensor([[0., 1.]]), torch.tensor([1]))
    tensor(1.)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    dims = target.array.ndim
    if dims > 1:
        raise ShapeError(
            message(
                "0D or 1D target tensor expected, multi-target not supported",
                f"each pair of vectors has one target; got targets of shape {list(target.shape)}",
                "target.flatten()",
            )
        )
    if input1.array.ndim != dims + 1 or input2.array.ndim != dims + 1:
        raise ShapeError(
            f"{dims}D target tensor expects {dims + 1}D input tensors, but found inputs with sizes {list(input1.shape)} and "
            f"{list(input2.shape)}."
        )
    tiny = 1e-12  # where PyTorch keeps clear of dividing by zero
    product = (input1 * input2).sum(dims)
    size1, size2 = (input1 * input1).sum(dims) + tiny, (input2 * input2).sum(dims) + tiny
    cosine = product / (size1 * size2).sqrt()
    near = (1 - cosine).masked_fill(target != 1, 0)
    far = (cosine - margin).clamp_min(0).masked_fill(target != -1, 0)
    return reduced(near + far, reduction)


def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Flag = None, reduce: Flag = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """mean of max(0, −t·(x₁ − x₂) + margin): t = 1 says that x₁ should be the larger, t = −1 the smaller

    >>> F.margin_ranking_loss(torch.tensor([1.]), torch.tensor([3.]), torch.tensor([1.]))
    tensor(2.)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if not input1.array.ndim == input2.array.ndim == target.array.ndim:
        raise ShapeError(
            message(
                "margin_ranking_loss : All input tensors should have same dimension but got sizes: "
                f"input1: {input1.shape}, input2: {input2.shape}, target: {target.shape}",
                "each pair has one target",
                "target.unsqueeze(1)" if target.array.ndim < input1.array.ndim else "",
            )
        )
    return reduced((-target * (input1 - input2) + margin).clamp_min(0), reduction)


def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, size_average: Flag = None,
    reduce: Flag = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """mean over samples of Σ_{c ≠ t} w[t] · max(0, margin − x[t] + x[c])ᵖ / C

    Shapes: x (N, C) or (C,), t, of class indices, (N,) or (), w (C,).

    >>> F.multi_margin_loss(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([3]))
    tensor(0.3250)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if reduction not in REDUCTIONS:
        raise bad_reduction(reduction)
    if p not in (1, 2):
        raise ValueError(f"only p == 1 and p == 2 supported\n  got: p={p}")
    x, t = tensor_like(input).array, tensor_like(target, "target").array
    if x.ndim not in (1, 2) or not x.size:
        raise ShapeError(f"Expected non-empty vector or matrix with optional 0-dim batch size, but got: {list(x.shape)}")
    samples, classes = (1, x.shape[0]) if x.ndim == 1 else x.shape
    if t.size != samples or t.ndim > 1:
        raise ShapeError(
            message(
                "multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). "
                f"Expected target size [{samples}], but got {list(t.shape)}. Input has shape {list(x.shape)}.",
                "each sample has one class",
            )
        )
    labels("multi_margin_loss", t)
    if t.min() < 0 or t.max() >= classes:
        bad = t[(t < 0) | (t >= classes)].reshape(-1)[0]
        raise RuntimeError(message("target out of range", f"class {bad} among {classes} scores"))
    if weight is not None and weight.array.shape != (classes,):
        raise ShapeError(f"inconsistent weight size, expected {classes} but got {list(weight.shape)}")
    rows = input.reshape(samples, classes)
    # Of one sample without a batch, the sum is the loss itself, and like it has no axes.
    loss = margins.MultiMarginLoss(p, float(margin), "sum" if x.ndim == 1 else reduction)
    return loss(rows, target.reshape(samples), weight)


def labels(function: str, t: np.ndarray) -> None:
    """Refuse class labels that are no integers."""
    if t.dtype.char not in "lq":
        raise DtypeError(
            message(f"expected scalar type Long but found {title(of(t))}", f"{function} takes class indices", "target.long()")
        )


def multilabel_margin_loss(
    input: Any, target: Any, size_average: Flag = None, reduce: Flag = None, reduction: str = "mean"
) -> Any:
    """mean over samples of Σ max(0, 1 − x[t] + x[c]) / C over a sample's labels t and the classes c that are none

    Shapes: x and target (N, C) or (C,); a sample's labels stand first in its target, and the first −1 ends them.

    >>> F.multilabel_margin_loss(torch.tensor([[0.1, 0.2, 0.4, 0.8]]), torch.tensor([[3, 0, -1, 1]]))
    tensor(0.8500)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    if reduction not in REDUCTIONS:
        raise bad_reduction(reduction)
    x, t = tensor_like(input).array, tensor_like(target, "target").array
    if t.shape != x.shape or x.ndim > 2:
        raise ShapeError(
            message(
                f"inconsistent target size: {list(t.shape)} for input of size: {list(x.shape)}",
                "a target holds the labels of its sample, filled up with -1 to the number of classes",
            )
        )
    labels("multilabel_margin_loss", t)
    classes = x.shape[-1] if x.ndim else 1
    if t.size and (t.min() < -1 or t.max() >= classes):
        raise RuntimeError(message("argument #2 'target' is out of range", f"labels are 0 … {classes - 1}, or -1 for the end"))
    loss = margins.MultilabelMarginLoss("sum" if x.ndim < 2 else reduction)
    return loss(input.reshape(-1, classes), target.reshape(-1, classes))


def multilabel_soft_margin_loss(
    input: Any, target: Any, weight: Any = None, size_average: Flag = None, reduce: Flag = None, reduction: str = "mean"
) -> Any:
    """mean over samples of the mean over classes (the last axis) of −w·(t ln σ(x) + (1 − t) ln σ(−x))

    >>> F.multilabel_soft_margin_loss(torch.zeros(1, 3), torch.ones(1, 3))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return reduced(loss.sum(dim=-1) / input.size(-1), reduction)


def triplet_margin_loss(
    anchor: Any, positive: Any, negative: Any, margin: float = 1.0, p: float = 2, eps: float = 1e-6, swap: bool = False,
    size_average: Flag = None, reduce: Flag = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """mean of max(0, d(a, p) − d(a, n) + margin) with the distance d(x, y) = |x − y + eps|_p

    With ``swap``, d(a, n) is the smaller of d(a, n) and d(p, n).

    >>> F.triplet_margin_loss(torch.zeros(1, 2), torch.ones(1, 2), torch.ones(1, 2))
    tensor(1.)
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(size_average, reduce)

    def distance(x: Any, y: Any) -> Any:
        return pairwise_distance(x, y, p, eps)

    return triplets(anchor, positive, negative, distance, margin, swap, reduction)


def triplet_margin_with_distance_loss(
    anchor: Any, positive: Any, negative: Any, *, distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0, swap: bool = False, reduction: str = "mean",
) -> Any:  # fmt: skip
    """`triplet_margin_loss` with a distance of your own."""
    return triplets(anchor, positive, negative, distance_function or pairwise_distance, margin, swap, reduction)


def triplets(
    anchor: Any, positive: Any, negative: Any, distance: Callable[[Any, Any], Any], margin: float, swap: bool, reduction: str
) -> Any:
    """mean of max(0, d(a, p) − d(a, n) + margin)"""
    if margin <= 0:
        raise ValueError(message(f"margin must be greater than 0, got {margin}", "without it the loss is zero at once", "margin=1.0"))
    if reduction not in REDUCTIONS:
        raise bad_reduction(reduction)
    a, p, n = anchor.array.ndim, positive.array.ndim, negative.array.ndim
    if not a == p == n:
        raise ShapeError(
            message(
                "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: "
                f"anchor {a}D, positive {p}D, and negative {n}D inputs",
                "the three of a triplet stand in the same place of the three tensors",
            )
        )
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = far.minimum(distance(positive, negative))
    return reduced((near - far + margin).clamp_min(0), reduction)
