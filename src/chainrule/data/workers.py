"""The workers of a `DataLoader`, played in this process one after the other.

What a program can see of a worker is there: batch k comes from worker k mod n, whose random streams (chainrule's, Python's
and NumPy's) start at the seed and go on from batch to batch apart from everybody else's, `worker_init_fn` runs in it, and
`get_worker_info` says which one asks. So what is drawn for an item is what PyTorch's worker processes draw. The data are
where they are: a worker has no copy of the dataset, and nothing runs at the same time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np

from ..base.random import default_generator

Streams = tuple[bytes, Any, Any]


@dataclass(frozen=True)
class WorkerInfo:
    """Which worker asks, out of how many; the seed of its random streams; the dataset."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


asking: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """The worker that is fetching items at this moment; None outside of one.

    >>> class Parts(torch.utils.data.IterableDataset):
    ...     def __iter__(self):
    ...         me = torch.utils.data.get_worker_info()
    ...         return iter(range(me.id, 6, me.num_workers))
    >>> [x.tolist() for x in torch.utils.data.DataLoader(Parts(), batch_size=2, num_workers=2)]
    [[0, 2], [1, 3], [4], [5]]
    """
    return asking


def streams() -> Streams:
    """Where the random streams are that belong to the process."""
    return default_generator.get_state_bytes(), random.getstate(), np.random.get_state()


def go_to(places: Streams) -> None:
    default_generator.set_state_bytes(places[0])
    random.setstate(places[1])
    np.random.set_state(places[2])


class Worker:
    def __init__(self, info: WorkerInfo, init: Callable[[int], Any] | None) -> None:
        self.info, self.places = info, streams()
        with self.at_work():
            default_generator.manual_seed(info.seed)
            random.seed(info.seed)
            np.random.seed(np.random.SeedSequence([info.id, info.seed - info.id]).generate_state(4))
            if init is not None:
                init(info.id)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        global asking
        outside, asking_outside = streams(), asking
        go_to(self.places)
        asking = self.info
        try:
            yield
        finally:
            self.places, asking = streams(), asking_outside
            go_to(outside)


def make(count: int, seed: int, dataset: Any, init: Callable[[int], Any] | None) -> list[Worker]:
    return [Worker(WorkerInfo(i, count, seed + i, dataset), init) for i in range(count)]


def by_turns(workers: list[Worker], fetch: Callable[[Any], Any], batches: Any) -> Iterator[Any]:
    """Batch after batch, each fetched by the next worker."""
    for worker, batch in zip(cycle(workers), batches):
        with worker.at_work():
            fetched = fetch(batch)
        yield fetched


def streamed(workers: list[Worker], start: Callable[[], Iterator[Any]]) -> Iterator[Any]:
    """Each worker's own stream of batches, one of each in turn; who has come to the end is passed over."""
    flowing = []
    for worker in workers:
        with worker.at_work():
            flowing.append((worker, start()))
    while flowing:
        for entry in list(flowing):
            worker, batches = entry
            with worker.at_work():
                fetched = next(batches, flowing)
            if fetched is flowing:
                flowing.remove(entry)
            else:
                yield fetched
