"""The last layer of a classifier and its loss in one."""

from __future__ import annotations

from math import prod
from typing import Any

from ...base.errors import ShapeError, message
from ...tensors.coerce import tensor_like
from .affine import linear
from .classification import cross_entropy


def linear_cross_entropy(
    input: Any, linear_weight: Any, target: Any, *, linear_bias: Any = None, weight: Any = None, reduction: str = "mean",
    ignore_index: int | None = None, label_smoothing: float = 0.0, options: None = None,
) -> Any:  # fmt: skip
    """cross_entropy(x Wᵀ + b, target), see `cross_entropy`

    Shapes: input x (N, n) or (n,); linear_weight W (C, n), or (C, d₁, …, n) for the scores (N, C, d₁, …); linear_bias like W
    without its last axis; target as for those scores.

    >>> F.linear_cross_entropy(torch.ones(1, 3), torch.zeros(4, 3), torch.tensor([2]))
    tensor(1.3863)
    """
    for name, value in (("input", input), ("linear_weight", linear_weight), ("target", target)):
        tensor_like(value, name, "linear_cross_entropy")
    if options is not None:
        raise NotImplementedError(
            message(
                "linear_cross_entropy(options=…): the batch in pieces",
                "the scores of the whole batch are computed at once",
                "options=None, which gives the same loss and gradients",
            )
        )
    n, bias_shape = linear_weight.shape[-1:], linear_weight.shape[:-1]
    check_shapes(input, linear_weight, linear_bias)
    bias = None if linear_bias is None else linear_bias.reshape(-1)
    scores = linear(input, linear_weight.reshape(prod(bias_shape), *n), bias).reshape(*input.shape[:-1], *bias_shape)
    if ignore_index is not None and target.is_floating_point():
        raise RuntimeError(
            message("ignore_index cannot be specified when target contains probabilities", instead="ignore_index=None")
        )
    ignored = -100 if ignore_index is None else ignore_index
    return cross_entropy(scores, target, weight, None, ignored, None, reduction, label_smoothing)


def check_shapes(x: Any, weight: Any, bias: Any) -> None:
    """Refuse shapes that do not fit, in PyTorch's words."""
    said = ""
    if x.dim() not in (1, 2):
        said = f"expected input with dimensionality 1 or 2, got {x.dim()}"
    elif weight.dim() < 2:
        said = f"expected linear_weight with dimensionality at least 2, got {weight.dim()}"
    elif x.shape[-1] != weight.shape[-1]:
        said = (
            "expected equal input and linear_weight last dimensions (in_features), "
            f"got {x.shape[-1]} and {weight.shape[-1]}, respectively"
        )
    elif weight.dim() > 2 and x.dim() == 1:
        said = (
            f"K-dimensional loss defined by linear_weight shape {tuple(weight.shape)} requires batched input, "
            f"(N, {weight.shape[-1]}), got unbatched input with shape {tuple(x.shape)}"
        )
    elif bias is not None and bias.shape != weight.shape[:-1]:
        said = f"expected linear_bias shape {tuple(weight.shape[:-1])}, got {tuple(bias.shape)}"
    if said:
        raise ShapeError(message(said, "the scores are input @ linear_weight.T + linear_bias"))
