"""`DataLoader`: a dataset in batches, in the sampler's order.

A `TensorDataset` (or a `Subset` of one) with the default collation is already an array: a batch of it is one gather for
each tensor, not one item at a time. The work of workers is done in this process, where the data is (`workers.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from ..base.errors import message
from ..graph.value import wrap
from ..tensors import random
from . import workers
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
        check_workers(num_workers, timeout, prefetch_factor, persistent_workers)
        self.dataset, self.num_workers, self.collate_given = dataset, num_workers, collate_fn
        self.pin_memory, self.timeout, self.worker_init_fn = pin_memory, timeout, worker_init_fn
        self.generator, self.prefetch_factor = generator, prefetch_factor
        self.persistent_workers, self.multiprocessing_context = persistent_workers, multiprocessing_context
        self._persisting: list[workers.Worker] | None = None
        self.iterable = isinstance(dataset, IterableDataset)
        if self.iterable:
            check_order_is_its_own(shuffle, sampler, batch_sampler)
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
        gather = None if self.collate_given or self.batch_sampler is None else in_memory(self.dataset)
        crew = self._workers(idle=gather is not None and self.worker_init_fn is None)
        if self.iterable:
            return workers.streamed(crew, self._stream) if crew else self._stream()
        fetch, order = gather or self._fetch, self.sampler if self.batch_sampler is None else self.batch_sampler
        return workers.by_turns(crew, fetch, order) if crew else map(fetch, order)

    def _workers(self, idle: bool) -> list[workers.Worker]:
        """The workers of an epoch, who are new in each unless they persist; none if they have nothing to do."""
        if self._persisting is not None:
            return self._persisting
        seed = int(random.source(self.generator).random((), low=None, high=None))  # drawn even where nobody needs it
        made = [] if idle else workers.make(self.num_workers, seed, self.dataset, self.worker_init_fn)
        if self.persistent_workers:
            self._persisting = made
        return made

    def _fetch(self, batch: Any) -> Any:
        """One batch by its indices, or one item by its index where there are no batches."""
        if self.batch_sampler is None:
            return self.collate_fn(self.dataset[batch])
        if hasattr(self.dataset, "__getitems__"):
            return self.collate_fn(self.dataset.__getitems__(batch))
        return self.collate_fn([self.dataset[i] for i in batch])

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


def check_workers(num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool) -> None:
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


def check_order_is_its_own(shuffle: bool | None, sampler: Any, batch_sampler: Any) -> None:
    """A stream comes in its own order, so there is nothing to choose."""
    if shuffle:
        raise ValueError(
            f"DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle={shuffle}"
        )
    for option, given in (("sampler", sampler), ("batch_sampler", batch_sampler)):
        if given is not None:
            raise ValueError(
                f"DataLoader with IterableDataset: expected unspecified {option} option, but got {option}={given}"
            )


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
    found = rows_of(dataset)
    if found is None:
        return None
    tensors, places = found
    if places is None:
        return lambda batch: [wrap(t.array[batch]) for t in tensors]
    return lambda batch: [wrap(t.array[places[batch]]) for t in tensors]


def rows_of(dataset: Any) -> tuple[tuple[Any, ...], np.ndarray | None] | None:
    """The tensors whose rows are the items, and in which rows the items lie: None for their own."""
    if type(dataset) is Subset:
        inner = rows_of(dataset.dataset)
        if inner is None:
            return None
        places = np.asarray(dataset.indices)
        return inner[0], places if inner[1] is None else inner[1][places]
    if type(dataset) is not TensorDataset or any(t.node is not None for t in dataset.tensors):
        return None
    return dataset.tensors, None
