"""Batches from items: numbers and tensors are stacked, containers are joined entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from ..base.dtypes import float64
from ..base.errors import message
from ..graph.value import Value
from ..tensors.creation import as_tensor, tensor
from ..tensors.joining import stack


def default_collate(batch: Any) -> Any:
    """One batch from a list of items that look alike.

    >>> torch.utils.data.default_collate([(torch.tensor([1., 2.]), 0), (torch.tensor([3., 4.]), 1)])
    [tensor([[1., 2.],
            [3., 4.]]), tensor([0, 1])]
    """
    first = batch[0]
    if isinstance(first, Value):
        shapes = [list(x.array.shape) for x in batch]
        other = next((i for i, s in enumerate(shapes) if s != shapes[0]), None)
        if other is not None:
            raise RuntimeError(
                message(
                    f"stack expects each tensor to be equal size, but got {shapes[0]} at entry 0 and {shapes[other]} at entry {other}",
                    "the items of a batch are put one behind the other along a new axis",
                    "pad them in a collate_fn: torch.nn.utils.rnn.pad_sequence",
                )
            )
        return stack(list(batch))
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise TypeError(
                f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {first.dtype}"
            )
        return default_collate([as_tensor(x) for x in batch])
    if isinstance(first, np.generic):
        return as_tensor(np.stack(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        joined = {key: default_collate([d[key] for d in batch]) for key in first}
        return joined if type(first) is dict else rebuilt(first, joined)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(column) for column in zip(*batch)))
    if isinstance(first, Sequence):
        if any(len(x) != len(first) for x in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        return [default_collate(column) for column in zip(*batch)]
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {type(first)}"
    )


def rebuilt(like: Any, joined: dict[Any, Any]) -> Any:
    """A mapping of the same type, a ``defaultdict`` with the same default for example."""
    try:
        made = copy(like)
        made.update(joined)
        return made
    except (AttributeError, TypeError):  # a mapping that cannot be written to
        return joined


def default_convert(data: Any) -> Any:
    """NumPy arrays in nested containers as tensors; everything else as it is."""
    if isinstance(data, (np.ndarray, np.generic)) and np.asarray(data).dtype.kind not in "SUO":
        return as_tensor(data)
    if isinstance(data, Mapping):
        return {k: default_convert(v) for k, v in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(v) for v in data))
    if isinstance(data, (list, tuple)):
        return [default_convert(v) for v in data]
    return data
