"""Epochs of minibatches as calls of machine code: the rows of a `DataLoader`, in the order that it would draw.

    batch i of an epoch = rows order[i·B : (i + 1)·B] of each of the dataset's arrays

A `TensorDataset`, or a `Subset` of one, in the loader's own batches needs no Python between two steps: the order is drawn as
the loader draws it, from the same generator, and the rows are copied to where the step reads them (`feeding`).
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from ..base.errors import message
from ..data.loader import DataLoader, rows_of
from ..data.sampler import BatchSampler, RandomSampler, SequentialSampler, SubsetRandomSampler, WeightedRandomSampler
from ..graph.value import Value, wrap
from .bounds import Limit
from .calls import given, shapes_of
from .feeding import Feed
from .plan import Plan

# Samplers that give the same indices whether or not a step is taken in between, as lists do.
SETTLED = (SequentialSampler, RandomSampler, SubsetRandomSampler, WeightedRandomSampler, list, tuple, range, np.ndarray)


def in_the_way(loader: Any) -> str:
    """Why the batches of a loader have to be made by Python; empty if they need not."""
    if type(loader) is not DataLoader:
        return f"a {type(loader).__name__} makes its batches itself: chainrule.utils.data.DataLoader's are rows of arrays"
    if loader.collate_given:
        return "its collate_fn is Python's"
    if type(loader.batch_sampler) is not BatchSampler:
        return "it makes no batches (batch_size=None)" if loader.batch_sampler is None else "its batch_sampler is Python's"
    if type(loader.batch_sampler.sampler) not in SETTLED:
        return f"its sampler, a {type(loader.batch_sampler.sampler).__name__}, is Python's"
    if loader.num_workers and loader.worker_init_fn is not None:
        return "its workers have a worker_init_fn"
    if rows_of(loader.dataset) is None:
        return f"its dataset, a {type(loader.dataset).__name__}, is no TensorDataset of tensors without a history"
    return ""


class Batches:
    """The batches of a loader that nothing stands in the way of, and for each size where a step is to find them."""

    def __init__(self, loader: DataLoader, arrange: Any = tuple) -> None:
        """``arrange(batch)`` gives what the step is called with."""
        self.arrange = arrange
        found = rows_of(loader.dataset)
        assert found is not None
        self.loader, self.sampler = loader, loader.batch_sampler.sampler
        self.size, self.places = loader.batch_sampler.batch_size, found[1]
        self.arrays = [np.ascontiguousarray(t.array) for t in found[0]]
        rows = len(self.sampler)
        self.whole, self.rest = divmod(rows, self.size)
        if loader.batch_sampler.drop_last:
            self.rest = 0
        self.looked_at: dict[Any, bool] = {}  # (column, …): whether its rows are all within limits
        self.rooms: dict[int, tuple[list[Value], Any, Any]] = {}

    def __len__(self) -> int:
        return self.whole + bool(self.rest)

    def room(self, size: int) -> tuple[list[Value], Any, Any]:
        """Tensors for the rows of a batch, the step's arguments with them, and what tells such a call from others.

        No arguments where they are not the rows themselves, in another shape perhaps, but computed from them.
        """
        if size not in self.rooms:
            first, second = ([wrap(np.zeros((size, *a.shape[1:]), a.dtype)) for a in self.arrays] for _ in range(2))
            args = self.arrange(first)
            for (_, a), (_, b) in zip(given(args, {}), given(self.arrange(second), {}), strict=True):
                if a is not b and not (isinstance(a, Value) and any(np.may_share_memory(a.array, t.array) for t in first)):
                    args = None
                    break
            self.rooms[size] = first, args, None if args is None else shapes_of(args, {})
        return self.rooms[size]

    def allowed(self, plan: Plan) -> bool:
        """Whether what a step looks rows and classes up by is such numbers, in all rows of the data."""
        return all(self.within(limit, plan) for limit in plan.limits)

    def within(self, limit: Limit, plan: Plan) -> bool:
        rooms = [room[0] for room in self.rooms.values()]
        column = next((k for room in rooms for k, t in enumerate(room) if np.may_share_memory(t.array, limit.data.array)), None)
        if column is None:
            return limit.holds()
        key = column, limit.low, limit.high, limit.ignored
        if key not in self.looked_at:
            self.looked_at[key] = limit.allows(self.arrays[column])
        return self.looked_at[key]

    def order(self) -> Order:
        """That of an epoch that begins."""
        return Order(self)

    def tensors(self, order: np.ndarray) -> list[Value]:
        """The batch of these rows."""
        return [wrap(a[order]) for a in self.arrays]

    def feeds(self, room: list[Value], order: np.ndarray) -> list[Feed]:
        return [Feed(t.array, a, order) for t, a in zip(room, self.arrays) if t.array.size]


class Order:
    """The rows of one epoch: batch by batch as long as Python takes the steps, or all that are left."""

    def __init__(self, batches: Batches) -> None:
        self.batches, self.done = batches, 0
        batches.loader._workers(idle=True)  # draws a number, as every epoch does
        self.turns = iter(batches.loader.batch_sampler)
        self.drawn: tuple[int, np.ndarray] | None = None  # from which batch on, and their rows

    @property
    def size(self) -> int:
        """Rows of the next batch."""
        return self.batches.size if self.done < self.batches.whole else self.batches.rest

    @property
    def alike(self) -> int:
        """How many batches of the next one's size follow each other."""
        return max(self.batches.whole - self.done, 1)

    def next(self) -> np.ndarray:
        """The rows of the next batch."""
        rows = self.rows(next(self.turns)) if self.drawn is None else self.left()[: self.size]
        self.done += 1
        return rows

    def left(self) -> np.ndarray:
        """The rows of all batches that are left, drawn by now."""
        if self.drawn is None:
            sampler = self.batches.sampler
            self.drawn = self.done, self.rows(list(chain.from_iterable(self.turns)) if self.done else all_of(sampler))
        first, rows = self.drawn
        return rows[(self.done - first) * self.batches.size :]

    def rows(self, indices: Any) -> np.ndarray:
        """Where the items lie among the rows of the arrays; machine code does not look whether they are there."""
        order = np.asarray(indices)
        if order.dtype.kind not in "iu" and order.size:
            what = f"the sampler gave {order.dtype} numbers"
            raise IndexError(message("only integers are valid indices", what, "integers from 0 on"))
        places, many = self.batches.places, len(self.batches.arrays[0])
        order = order.astype(np.int64, copy=False) if places is None else places[order]
        if order.size and not (order.min() >= 0 and order.max() < many):
            order = np.arange(many)[order]  # counts from the end, or raises the IndexError
        return order


def all_of(sampler: Any) -> Any:
    """All indices that a sampler gives, in order."""
    if type(sampler) is RandomSampler:
        return np.concatenate(list(sampler.parts()))
    return np.arange(len(sampler)) if type(sampler) is SequentialSampler else list(sampler)
