"""``torch.random``: the default stream of random numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .base.device import check
from .base.device import device as named
from .tensors.random import Generator as Generator
from .tensors.random import default_generator as default_generator
from .tensors.random import get_rng_state as get_rng_state
from .tensors.random import initial_seed as initial_seed
from .tensors.random import manual_seed as manual_seed
from .tensors.random import seed as seed
from .tensors.random import set_rng_state as set_rng_state


@contextmanager
def fork_rng(devices: Iterable[Any] | None = None, enabled: bool = True, device_type: str = "cuda") -> Iterator[None]:
    """Draws within the block leave the stream behind it as it was before.

    >>> _ = torch.manual_seed(0)
    >>> with torch.random.fork_rng():
    ...     drawn = torch.rand(3)
    >>> torch.equal(torch.rand(3), drawn)
    True
    """
    for place in devices or ():
        check(named(device_type, place) if isinstance(place, int) else place)
    if not enabled:
        yield
        return
    before = default_generator.get_state()
    try:
        yield
    finally:
        default_generator.set_state(before)


__all__ = ["fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state"]
