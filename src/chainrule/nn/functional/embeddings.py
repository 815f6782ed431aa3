"""Vectors looked up by number, and numbers as vectors of zeros and a one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...base import dtypes
from ...base.errors import DtypeError, message
from ...graph.apply import apply, joint
from ...graph.value import wrap
from ...ops import embedding as op
from ...tensors.coerce import tensor_like, type_name
from ...tensors.convert import TYPE_NAMES


def embedding(
    input: Any, weight: Any, padding_idx: int | None = None, max_norm: float | None = None, norm_type: float = 2.0,
    scale_grad_by_freq: bool = False, sparse: bool = False,
) -> Any:  # fmt: skip
    """y[…, :] = weight[input[…], :]

    Shapes: input (…) of integers, weight (count, dimension), y (…, dimension). No gradient flows to row ``padding_idx``;
    with ``max_norm``, rows that are looked up are first shortened, in place, to that length.

    >>> F.embedding(torch.tensor([1, 0]), torch.tensor([[1., 2.], [3., 4.]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    for place, name, value in ((2, "indices", input), (1, "weight", weight)):
        if not hasattr(value, "array"):
            raise TypeError(f"embedding(): argument '{name}' (position {place}) must be Tensor, not {type_name(value)}")
    i = input.array
    if weight.array.ndim != 2:
        raise RuntimeError(message("'weight' must be 2-D", f"its shape is {list(weight.array.shape)}: a row for each index"))
    check_indices(i, weight.array.shape[0])
    if padding_idx is None:
        padding_idx = -1
    else:
        count = weight.array.shape[0]
        if not -count <= padding_idx < count:
            raise AssertionError("Padding_idx must be within num_embeddings")
        padding_idx %= count
    if max_norm is not None:
        shorten(weight, i, max_norm, norm_type)
    return apply(op.lookup(padding_idx, scale_grad_by_freq), weight, input)


def check_indices(i: Any, count: int) -> None:
    """Refuse numbers that are not rows of the table."""
    if i.dtype.char not in "lqi":
        kind = dtypes.of(i)
        raise DtypeError(
            message(
                "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
                f"{TYPE_NAMES.get(kind, kind)} instead (while checking arguments for embedding)",
                "each entry is the number of a row",
                "x.long()",
            )
        )
    if i.size and (np.minimum.reduce(i, None) < 0 or np.maximum.reduce(i, None) >= count):
        place = np.argwhere((i < 0) | (i >= count))[0]
        bad, at = i[tuple(place)], f" at [{', '.join(map(str, place))}]" * bool(i.ndim)
        raise IndexError(
            message(
                "index out of range in self",
                f"the input holds {bad}{at}; the table has rows 0 … {count - 1}",
                f"nn.Embedding({int(i.max()) + 1}, …)" if i.max() >= count else "",
            )
        )


def shorten(weight: Any, i: np.ndarray, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are looked up, where they are longer than ``max_norm``, down to it; in place."""
    w = weight.array
    rows = np.unique(i)
    lengths = np.linalg.norm(w[rows], norm_type, axis=1, keepdims=True)
    scale = np.where(lengths > max_norm, max_norm / (lengths + 1e-7), 1).astype(w.dtype)
    w[rows] *= scale
    weight.version[0] += 1


def one_hot(tensor: Any, num_classes: int = -1) -> Any:
    """y[…, c] = 1 where tensor[…] = c, else 0; as many classes as the largest entry asks for, unless told.

    >>> F.one_hot(torch.tensor([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    i = tensor_like(tensor, "tensor", "one_hot").array
    if i.dtype.char not in "lq":
        raise DtypeError(
            message("one_hot is only applicable to index tensor of type LongTensor.", f"this one holds {tensor.dtype}", "x.long()")
        )
    if not i.size:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(np.zeros((*i.shape, num_classes), np.int64))
    low, high = int(i.min()), int(i.max())
    if low < 0:
        raise RuntimeError(message("Class values must be non-negative.", f"the smallest is {low}"))
    if num_classes == -1:
        num_classes = high + 1
    elif num_classes < 1:
        raise RuntimeError("num_classes should be positive")
    elif high >= num_classes:
        raise RuntimeError(
            message("Class values must be smaller than num_classes.", f"the largest is {high}, num_classes={num_classes}")
        )
    y = np.zeros((i.size, num_classes), np.int64)
    y[np.arange(i.size), i.reshape(-1)] = 1
    return wrap(y.reshape(*i.shape, num_classes))


def embedding_bag(
    input: Any, weight: Any, offsets: Any = None, max_norm: float | None = None, norm_type: float = 2,
    scale_grad_by_freq: bool = False, mode: str = "mean", sparse: bool = False, per_sample_weights: Any = None,
    include_last_offset: bool = False, padding_idx: int | None = None,
) -> Any:  # fmt: skip
    """The sum, mean or largest of the rows of each bag, without making the rows

    Shapes: input (B, N), each row a bag, or (N,) with ``offsets`` (B,), where each bag begins (with ``include_last_offset``
    also where the last one ends); weight (count, dimension); y (B, dimension). ``per_sample_weights``, of input's shape,
    multiply the rows of a sum; numbers equal to ``padding_idx`` do not count.

    >>> F.embedding_bag(torch.tensor([[0, 1]]), torch.tensor([[1., 2.], [3., 4.]]))
    tensor([[2., 3.]])
    """
    i = tensor_like(input, "input", "embedding_bag").array
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if per_sample_weights is not None:
        check_sample_weights(per_sample_weights, i, mode)
    bag, bags = bags_of(i, offsets, include_last_offset)
    flat = i.reshape(-1)
    count = weight.array.shape[0]
    wrong = (flat < 0) | (flat >= count)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise RuntimeError(f"Index {at} of input takes value {flat[at]} which is not in the valid range [0, {count})")
    scale = None if per_sample_weights is None else per_sample_weights.reshape(-1)
    if padding_idx is not None:
        kept = np.flatnonzero(flat != padding_idx % count)
        flat, bag = flat[kept], bag[kept]
        scale = scale if scale is None else scale[wrap(kept)]
    if max_norm is not None:
        shorten(weight, flat, max_norm, norm_type)
    made = op.EmbeddingBag(mode, bags, scale_grad_by_freq)
    return joint(made, weight, flat, bag) if scale is None else joint(made, weight, flat, bag, scale)


def check_sample_weights(weights: Any, i: np.ndarray, mode: str) -> None:
    if weights.array.shape != i.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({weights.shape}) is not None, then it must have the same shape as the input "
            f"({tuple(i.shape)})"
        )
    if mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' "
            f"(got mode='{mode}')."
        )


def bags_of(i: np.ndarray, offsets: Any, last: bool) -> tuple[np.ndarray, int]:
    """The bag of each entry, and how many bags there are."""
    if i.ndim == 2:
        if offsets is not None:
            raise ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. "
                f"However, found offsets of type {type(offsets)}"
            )
        return np.repeat(np.arange(i.shape[0]), i.shape[1]), i.shape[0]
    if i.ndim != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {i.ndim}")
    if offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    starts = offsets.array
    if starts.ndim != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    if starts.size and starts[0] != 0:
        raise RuntimeError(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got "
            f"{starts[0]}"
        )
    if starts.size and starts[-1] > i.size:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {i.size} but got offsets[-1] of {starts[-1]}"
        )
    ends = starts[1:] if last else np.append(starts[1:], i.size)
    starts = starts[: len(ends)]
    return np.repeat(np.arange(len(ends)), ends - starts), len(ends)
