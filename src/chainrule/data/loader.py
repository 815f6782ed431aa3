"""`DataLoader`: a dataset in batches, in the sampler's order.

A `TensorDataset` (or a `Subset` of one) with the default collation is already an array: a batch of it is one gather for
each tensor, not one item at a time. Workers are accepted and the work is done in this process, where the data is; what
is drawn and delivered is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import wrap
from ..tensors import random
from .collate import default_collate, default_convert
from .dataset import Dataset, IterableDataset, Subset, TensorDataset
from .sampler import BatchSampler, RandomSampler, SequentialSampler

FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")


class DataLoader:
    """Batches of a dataset.

    >>> data = torch.utils.data.TensorDataset(torch.arange(5.))
    >>> [x.tolist() for (x,) in torch.utils.data.DataLoader(data, batch_size=2)]
    [[0.0, 1.0], [2.0, 3.0], [4.0]]
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Any = None,
        batch_sampler: Any = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Any = None,
        multiprocessing_context: Any = None,
        generator: Any = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor is not None:
            raise ValueError(
                "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
                "multiprocessing, otherwise set prefetch_factor to None."
            )
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        self.dataset, self.num_workers, self.collate_given = dataset, num_workers, collate_fn
        self.pin_memory, self.timeout, self.worker_init_fn = pin_memory, timeout, worker_init_fn
        self.generator, self.prefetch_factor = generator, prefetch_factor
        self.persistent_workers, self.multiprocessing_context = persistent_workers, multiprocessing_context
        self.iterable = isinstance(dataset, IterableDataset)
        if self.iterable:
            if shuffle:
                raise ValueError(
                    f"DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle={shuffle}"
                )
            for option, given in (("sampler", sampler), ("batch_sampler", batch_sampler)):
                if given is not None:
                    raise ValueError(
                        f"DataLoader with IterableDataset: expected unspecified {option} option, but got {option}={given}"
                    )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size, drop_last = None, False
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None and not self.iterable:
            if shuffle:
                check_not_empty(dataset)
                sampler = RandomSampler(dataset, generator=generator)  # type: ignore[arg-type]
            else:
                sampler = SequentialSampler(dataset)  # type: ignore[arg-type]
        if batch_size is not None and batch_sampler is None and not self.iterable:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        if self.iterable and batch_size is not None and (not isinstance(batch_size, int) or batch_size <= 0):
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        self.batch_size, self.drop_last, self.sampler, self.batch_sampler = (
            batch_size,
            drop_last,
            sampler,
            batch_sampler,
        )
        batching = batch_sampler is not None or self.iterable and batch_size is not None
        self.collate_fn = collate_fn or (default_collate if batching else default_convert)
        self.made = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FIXED and "made" in self.__dict__:
            raise ValueError(
                message(
                    f"{name} attribute should not be set after {type(self).__name__} is initialized",
                    "the order of the items was settled when it was made",
                    f"DataLoader(dataset, {name}=…)" if name != "dataset" else "DataLoader(dataset)",
                )
            )
        super().__setattr__(name, value)

    def __iter__(self) -> Iterator[Any]:
        random.source(self.generator).random((), low=None, high=None)  # PyTorch draws a seed for its workers here
        if self.iterable:
            return self._stream()
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[i]) for i in self.sampler)
        gather = None if self.collate_given else in_memory(self.dataset)
        if gather is not None:
            return map(gather, self.batch_sampler)
        if hasattr(self.dataset, "__getitems__"):
            return (self.collate_fn(self.dataset.__getitems__(batch)) for batch in self.batch_sampler)
        return (self.collate_fn([self.dataset[i] for i in batch]) for batch in self.batch_sampler)

    def _stream(self) -> Iterator[Any]:
        items = iter(self.dataset)
        if self.batch_size is None:
            yield from map(self.collate_fn, items)
            return
        while batch := list(islice(items, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield self.collate_fn(batch)

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        n = len(self.dataset)  # type: ignore[arg-type]
        if self.iterable and self.batch_size is not None:
            return n // self.batch_size if self.drop_last else -(-n // self.batch_size)
        return n


def check_not_empty(dataset: Any) -> None:
    if len(dataset) == 0:
        raise ValueError(
            message(
                "num_samples should be a positive integer value, but got num_samples=0",
                "the dataset is empty",
                "check the path or filter that made it",
            )
        )


def in_memory(dataset: Any) -> Callable[[list[int]], list[Any]] | None:
    """How to fetch a batch by one gather for each tensor, or None where the items have to be asked for one by one."""
    if type(dataset) is Subset:
        inner = in_memory(dataset.dataset)
        if inner is None:
            return None
        places = np.asarray(dataset.indices)
        return lambda batch: inner(places[batch])  # type: ignore[arg-type]
    if type(dataset) is not TensorDataset or any(t.node is not None for t in dataset.tensors):
        return None
    return lambda batch: [wrap(t.array[batch]) for t in dataset.tensors]


def get_worker_info() -> None:
    """None: all items are fetched in the main process."""
    return None
